"""Three journeys through the clinic over HTTP, as an ordinary client makes them, each actor signed
in as themselves. `make demo` tells them, the end-to-end tests require them.
"""

from telehealth_cli.journeys.people import LONDON, NEW_YORK, Staff
from telehealth_cli.journeys.referral import partner
from telehealth_cli.journeys.uk import uk_visit
from telehealth_cli.journeys.us import us_visit
from telehealth_cli.journeys.walk import Stopped, Told, Walk

__all__ = [
    "LONDON",
    "NEW_YORK",
    "Staff",
    "Stopped",
    "Told",
    "Walk",
    "partner",
    "uk_visit",
    "us_visit",
]
