"""Journeys through the clinic over HTTP, as an ordinary client makes them, each actor signed
in as themselves. `make demo` tells them, the end-to-end tests require them.
"""

from telehealth_cli.journeys.desk import day_at_the_desk
from telehealth_cli.journeys.oversight import who_did_what
from telehealth_cli.journeys.paying import confirmed_payment, declined_payment
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
    "confirmed_payment",
    "day_at_the_desk",
    "declined_payment",
    "partner",
    "uk_visit",
    "us_visit",
    "who_did_what",
]
