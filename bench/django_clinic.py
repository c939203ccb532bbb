"""The clinic at django-appointment, filled and served: run by a Python that has it.

Takes a JSON object on one line of its input: where its database is, how large the clinic is, and
what is booked there already. Answers a line with its port, and serves until the input ends.
"""

import json
import logging
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from importlib import import_module
from threading import Thread
from typing import Any

THREADS = 16
BATCH = 1_000
VISIT = timedelta(minutes=15)
OPENS, CLOSES = time_of_day(8), time_of_day(18)


def main() -> None:
    """Fill the database, and serve."""
    given = json.loads(sys.stdin.readline())
    _set_up(given["database"])
    service, staff = _staff(given["providers"])
    patients = _users("patient", given["patients"])
    _sign_in(patients)
    _book(service, staff, patients, given["booked"])
    connections: Any = import_module("django.db").connections
    connections["default"].cursor().execute("VACUUM ANALYZE")
    connections.close_all()
    import_module("gunicorn.arbiter").Arbiter(_Site()).run()


def _set_up(database: dict[str, str]) -> None:
    """A project much as `startproject` makes it, with connections that last and without a log; mail
    is written and thrown away.
    """
    logging.disable(logging.CRITICAL)
    engine = {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None}
    middleware = (
        "middleware.security.SecurityMiddleware",
        "contrib.sessions.middleware.SessionMiddleware",
        "middleware.common.CommonMiddleware",
        "middleware.csrf.CsrfViewMiddleware",
        "contrib.auth.middleware.AuthenticationMiddleware",
        "contrib.messages.middleware.MessageMiddleware",
        "middleware.clickjacking.XFrameOptionsMiddleware",
    )
    apps = ("auth", "contenttypes", "messages", "sessions")
    import_module("django.conf").settings.configure(
        SECRET_KEY="of a benchmark",
        ALLOWED_HOSTS=["bench.example"],
        DATABASES={"default": {**engine, **database}},
        INSTALLED_APPS=[*(f"django.contrib.{app}" for app in apps), "appointment"],
        MIDDLEWARE=[f"django.{one}" for one in middleware],
        ROOT_URLCONF="django_urls",
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ],
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        USE_TZ=True,
        TIME_ZONE="UTC",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    import_module("django").setup()
    command: Any = import_module("django.core.management").call_command
    command("migrate", verbosity=0)
    command("migrate", verbosity=0, run_syncdb=True)  # it comes without migrations of its own


def _staff(number: int) -> tuple[Any, list[Any]]:
    """The service, and so many who give it from eight to six on every day of the week."""
    models: Any = import_module("appointment.models")
    service = models.Service.objects.create(name="Visit", duration=VISIT, price=40, currency="GBP")
    works = {"lead_time": OPENS, "finish_time": CLOSES, "slot_duration": 15}
    weekend = {"work_on_saturday": True, "work_on_sunday": True}
    staff = models.StaffMember.objects.bulk_create(
        models.StaffMember(user=user, **works, **weekend) for user in _users("provider", number)
    )
    service.staffmember_set.add(*staff)
    models.WorkingHours.objects.bulk_create(
        models.WorkingHours(staff_member=one, day_of_week=day, start_time=OPENS, end_time=CLOSES)
        for one in staff
        for day in range(7)
    )
    return service, staff


def _users(kind: str, number: int) -> list[Any]:
    user: Any = import_module("django.contrib.auth").get_user_model()
    made: list[Any] = user.objects.bulk_create(
        user(
            username=f"{kind}-{one}",
            email=f"{kind}-{one}@example.org",
            first_name="Pat",
            last_name=f"Example-{one}",
            password="nobody signs in by password here",
        )
        for one in range(number)
    )
    return made


def _sign_in(patients: list[Any]) -> None:
    """A session for each, with what signing in leaves in it, under a key that its client knows."""
    auth: Any = import_module("django.contrib.auth")
    store: Any = import_module("django.contrib.sessions.backends.db").SessionStore
    session = store.get_model_class()
    until = datetime.now(UTC) + timedelta(days=14)

    def kept(patient: Any) -> str:
        said = {
            auth.SESSION_KEY: str(patient.pk),
            auth.BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            auth.HASH_SESSION_KEY: patient.get_session_auth_hash(),
        }
        return str(store().encode(said))

    session.objects.bulk_create(
        session(
            session_key=f"sessionofpatient{number}", session_data=kept(patient), expire_date=until
        )
        for number, patient in enumerate(patients)
    )


def _book(service: Any, staff: list[Any], patients: list[Any], booked: list[Any]) -> None:
    """Write the appointments that are there from the beginning: provider, patient, start."""
    models: Any = import_module("appointment.models")
    starts = [datetime.fromisoformat(start).astimezone(UTC) for _, _, start in booked]
    requests = models.AppointmentRequest.objects.bulk_create(
        (
            models.AppointmentRequest(
                date=start.date(),
                start_time=start.time(),
                end_time=(start + VISIT).time(),
                service=service,
                staff_member=staff[provider],
                id_request=f"request-{number}",
            )
            for number, (start, (provider, _, _)) in enumerate(zip(starts, booked, strict=True))
        ),
        batch_size=BATCH,
    )
    models.Appointment.objects.bulk_create(
        (
            models.Appointment(
                client=patients[patient],
                appointment_request=request,
                amount_to_pay=40,
                id_request=f"appointment-{request.id}",
                phone="+442079460000",
                address="2 Example Street",
            )
            for request, (_, patient, _) in zip(requests, booked, strict=True)
        ),
        batch_size=BATCH,
    )


class _Site:
    """What gunicorn serves, and how: in one worker, like the house, with as many threads."""

    def __init__(self) -> None:
        self.cfg: Any = import_module("gunicorn.config").Config()
        for name, value in {
            "bind": "127.0.0.1:0",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": 60,
            "loglevel": "critical",
            "control_socket_disable": True,
            "when_ready": _ready,
        }.items():
            self.cfg.set(name, value)

    def wsgi(self) -> Any:
        return import_module("django.core.wsgi").get_wsgi_application()


def _ready(arbiter: Any) -> None:
    """Tell the port, and end when the input does."""

    def stop_with_parent() -> None:
        sys.stdin.read()
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=stop_with_parent, daemon=True).start()
    print(arbiter.LISTENERS[0].sock.getsockname()[1], flush=True)


if __name__ == "__main__":
    main()
