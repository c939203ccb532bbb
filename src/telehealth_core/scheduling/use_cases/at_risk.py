"""Visits at risk: those ahead for which the provider could not be booked any more."""

from datetime import timedelta

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.access.use_cases.reading import shown
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.approval import licensed
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.shared.ids import ProviderId
from telehealth_core.shared.interval import Interval

AHEAD = timedelta(days=367)
"""Further than any practice lets book."""
_PROMISED = frozenset({AppointmentStatus.PENDING, AppointmentStatus.BOOKED})


@attrs.frozen
class VisitsAtRisk:
    """What staff have to find another provider or another time for."""

    work: UnitOfWork[SchedulingWork]
    clock: Clock

    def of_provider(self, actor: Actor, provider_id: ProviderId) -> tuple[Appointment, ...]:
        """The visits ahead that the provider may not give as things stand, in order: suspended,
        gone, or without a licence that is live and lately looked up on the day (PRO-01, PRO-04).

        Raises: NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.LIST_APPOINTMENTS, relations(actor))
            practice = work.practices.get(actor.practice_id)
            provider = work.providers.get(provider_id)
            ahead = work.appointments.of_provider(provider_id, Interval(at, at + AHEAD))
            found = tuple(
                one
                for one in ahead
                if one.status in _PROMISED
                and not licensed(practice, provider, one.location, one.during.start)
            )
            return shown(work, Action.LIST_APPOINTMENTS, found)
