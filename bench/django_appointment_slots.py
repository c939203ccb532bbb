"""A month of open times by django-appointment, with SQLite in memory: run by its own Python.

Takes `{first_day, days, taken, rounds}` as JSON, and answers the times found and how long each
round took.
"""

import json
import logging
import sys
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from importlib import import_module
from typing import Any

QUARTER = timedelta(minutes=15)
QUARTERS = 32
NINE, FIVE = time_of_day(9), time_of_day(17)


def main() -> None:
    """Set the package up, and time what it is asked."""
    asked = json.loads(sys.stdin.read())
    _set_up()
    first = date.fromisoformat(asked["first_day"])
    staff, service = _people(first, asked["taken"])
    slots = import_module("appointment.services").get_available_slots_for_staff
    days = [first + timedelta(days=number) for number in range(asked["days"])]

    def everything() -> list[datetime]:
        return [
            slot for day in days for slot in slots(day, staff, (day.weekday() + 1) % 7, service)
        ]

    seconds = []
    for _ in range(asked["rounds"]):
        began = time.process_time()
        everything()
        seconds.append(time.process_time() - began)
    found = [one.replace(tzinfo=UTC).isoformat() for one in everything()]
    print(json.dumps({"found": found, "seconds": seconds}))


def _set_up() -> None:
    logging.disable(logging.CRITICAL)
    import_module("django.conf").settings.configure(
        SECRET_KEY="of a benchmark",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.messages",
            "django.contrib.sessions",
            "appointment",
        ],
        USE_TZ=True,
        TIME_ZONE="UTC",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    import_module("django").setup()
    import_module("django.core.management").call_command("migrate", verbosity=0, run_syncdb=True)


def _people(first: date, taken: list[int]) -> tuple[Any, Any]:
    """Somebody who works every day from nine to five, and whose quarters of these numbers are
    taken.
    """
    models: Any = import_module("appointment.models")
    user: Any = import_module("django.contrib.auth").get_user_model()
    works = user.objects.create_user("works", "works@example.org", "secret")
    comes = user.objects.create_user("comes", "comes@example.org", "secret")
    service = models.Service.objects.create(name="Visit", duration=QUARTER, price=0)
    staff = models.StaffMember.objects.create(
        user=works,
        slot_duration=15,
        lead_time=NINE,
        finish_time=FIVE,
        appointment_buffer_time=0,
        work_on_saturday=True,
        work_on_sunday=True,
    )
    staff.services_offered.add(service)
    for day in range(7):
        hours = {"start_time": NINE, "end_time": FIVE}
        models.WorkingHours.objects.get_or_create(
            staff_member=staff, day_of_week=day, defaults=hours
        )
    for number in taken:
        day, quarter = divmod(number, QUARTERS)
        starts = datetime.combine(first, NINE, UTC) + timedelta(days=day) + quarter * QUARTER
        request = models.AppointmentRequest.objects.create(
            date=starts.date(),
            start_time=starts.time(),
            end_time=(starts + QUARTER).time(),
            service=service,
            staff_member=staff,
        )
        models.Appointment.objects.create(
            client=comes, appointment_request=request, phone="", address=""
        )
    return staff, service


if __name__ == "__main__":
    main()
