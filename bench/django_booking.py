"""django-appointment beside the house: served by its own Python, and booked at over HTTP."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from pathlib import Path
from urllib.parse import urlencode

from psycopg.conninfo import conninfo_to_dict

from django_environment import python_of_django
from http_client import Asking, Manner
from plan import VISIT_MINUTES, Plan, Wish

DOUBLED = """
    WITH live AS (
        SELECT made.id, staff_member_id AS staff, date,
               tsrange(date + start_time, date + end_time) AS during
          FROM appointment_appointment AS made
          JOIN appointment_appointmentrequest AS asked ON asked.id = made.appointment_request_id
    )
    SELECT count(*) FROM live AS later
     WHERE EXISTS (
           SELECT FROM live AS earlier
            WHERE earlier.staff = later.staff AND earlier.date = later.date
              AND earlier.during && later.during AND earlier.id < later.id
           )
"""
"""How many appointments take a time that another one of the same staff member had already. None is
ever cancelled: whoever cancels deletes.
"""

_LOCATION = re.compile(rb"\r\nlocation: *([^\r]+)\r\n", re.IGNORECASE)
_THANKS = re.compile(rb"/thank-you/(\d+)/")
_CSRF = "c" * 32
"""What every client has as a cookie, and sends with its forms."""


@contextmanager
def served(uri: str, plan: Plan) -> Iterator[int]:
    """The same clinic at django-appointment, on this empty database; yields its port.

    Raises: NotInstalledError if it cannot be installed.
    """
    database = conninfo_to_dict(uri)
    given = {
        "database": {
            "NAME": database["dbname"],
            "USER": database["user"],
            "HOST": database["host"],
            "PORT": database.get("port", ""),
        },
        "providers": plan.providers,
        "patients": plan.patients,
        "booked": [
            (wish.provider_number, wish.patient_number, wish.start.isoformat())
            for wish in plan.booked_beforehand()
        ],
    }
    program = Path(__file__).parent / "django_clinic.py"
    with subprocess.Popen(
        [python_of_django(), "-E", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as clinic:  # it ends when its input does
        assert clinic.stdin is not None, "a pipe"
        assert clinic.stdout is not None, "a pipe"
        clinic.stdin.write(json.dumps(given) + "\n")
        clinic.stdin.flush()
        port = clinic.stdout.readline()
        if not port:
            raise RuntimeError("django-appointment did not start: see above")
        yield int(port)


def _ask(wish: Wish) -> Asking:
    """Send the form with the time, follow where that leads, and send the form with the client."""
    start = wish.start.astimezone(UTC)
    end = start + timedelta(minutes=VISIT_MINUTES)
    time = {
        "date": f"{start:%Y-%m-%d}",
        "start_time": f"{start:%H:%M}",
        "end_time": f"{end:%H:%M}",
        "service": "1",
        "staff_member": str(wish.provider_number + 1),
    }
    asked = yield _post("/request-submit/", wish, time)
    form = _LOCATION.search(asked)
    if form is None:
        return asked
    client = {
        "name": f"Pat Example-{wish.patient_number}",
        "phone_0": "GB",
        "phone_1": "2079460000",
        "address": "2 Example Street",
        "payment_type": "full",
    }
    return (yield _post(form[1].decode(), wish, client))


def _post(path: str, wish: Wish, fields: dict[str, str]) -> bytes:
    body = urlencode({"csrfmiddlewaretoken": _CSRF, **fields})
    return (
        f"POST {path} HTTP/1.1\r\nHost: bench.example\r\n"
        f"Cookie: csrftoken={_CSRF}; sessionid=sessionofpatient{wish.patient_number}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _made(answer: bytes) -> str | None:
    thanks = _LOCATION.search(answer)
    id = thanks and _THANKS.search(thanks[1])
    return id[1].decode() if id else None


DJANGO = Manner(_ask, _made)
"""How a signed-in client books there."""
