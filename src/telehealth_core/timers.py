"""Timers: what has to be done once its time has come, whether or not anybody asks. One table; the
worker runs each for every practice, again and again.

Every timer is a use case of the practice's own machinery (`Role.SYSTEM`) that does what is due,
some at a time, and nothing when asked again: any number of workers may run it.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs

from telehealth_core.billing.use_cases import Collecting
from telehealth_core.consultation.use_cases import ConsultationRoom
from telehealth_core.prescribing.use_cases import Dispensing
from telehealth_core.records.use_cases import Records
from telehealth_core.registration.use_cases import IdentityReview
from telehealth_core.scheduling.use_cases import Approving, Cancellation, Waitlist


@attrs.frozen
class Timer:
    """This use case, at least so often."""

    use_case: Callable[..., Any]
    every: timedelta

    @property
    def name(self) -> str:
        """Identifies the timer."""
        return self.use_case.__qualname__

    @property
    def capability(self) -> str:
        """The facade's class that has the use case."""
        return self.use_case.__qualname__.partition(".")[0]


TIMERS: tuple[Timer, ...] = (
    Timer(Waitlist.offer_again, timedelta(minutes=1)),
    Timer(Approving.expire_unanswered, timedelta(minutes=1)),
    Timer(Collecting.retry_due, timedelta(minutes=1)),
    Timer(Cancellation.sweep, timedelta(minutes=5)),
    Timer(ConsultationRoom.finish_ended, timedelta(minutes=5)),
    Timer(Records.poll_patients, timedelta(minutes=1)),
    Timer(Records.poll_appointments, timedelta(minutes=1)),
    Timer(Records.refresh_upcoming, timedelta(minutes=5)),
    Timer(IdentityReview.expire, timedelta(hours=1)),
    Timer(IdentityReview.purge_images, timedelta(hours=24)),
    Timer(Dispensing.expire_due, timedelta(hours=1)),
)
