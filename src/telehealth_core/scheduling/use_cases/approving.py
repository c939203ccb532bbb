"""What decides on a request: the checks, a liaison, or the checks alone."""

from contextlib import suppress

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.billing.charge import Charge
from telehealth_core.billing.ledger import none_of
from telehealth_core.billing.use_cases import call_off
from telehealth_core.practice.settings import Approval
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.approval import CheckResult, check, require_passed
from telehealth_core.scheduling.life import AppointmentStatus, Declined
from telehealth_core.scheduling.override import Override
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.scheduling.use_cases.claims import (
    authorized_appointment,
    facts_of,
    settings_of,
)
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import AppointmentId, ChargeId
from telehealth_core.shared.refusal import StaleVersion

BATCH = 100


@attrs.frozen
class Approving:
    """The decision on what was requested."""

    work: UnitOfWork[SchedulingWork]
    clock: Clock

    def decide_requested(self, actor: Actor, event: Event) -> None:
        """Approve by the checks alone where the practice says so: reaction to AppointmentRequested
        (F25).
        """
        self._decide(actor, AppointmentId(event.subject))

    def decide_paid(self, actor: Actor, event: Event) -> None:
        """Approve what was paid, or costs nothing, by the checks alone where the practice says so:
        reaction to ChargePaid and ChargeWaived (F44).
        """
        with self.work(actor) as work:
            authorize(actor, Action.APPROVE_BY_CHECKS, relations(actor))
            charge = work.charges.get(ChargeId(event.subject))
        self._decide(actor, charge.appointment_id)

    def checks(self, actor: Actor, id: AppointmentId) -> tuple[CheckResult, ...]:
        """The checks that decide on a request, each passed or not, under the settings it was
        booked under (F25, F30).
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.APPROVE_APPOINTMENT, id, at)
            charge = work.charges.get(Charge.id_of(id))
            work.read(Action.APPROVE_APPOINTMENT, appointment.patient_id, id)
            return check(facts_of(work, appointment, charge, at))

    def approve(
        self, actor: Actor, id: AppointmentId, *, override: Override | None = None
    ) -> Appointment:
        """Accept a request; every check must pass but for soft ones that the override sets aside
        (F25).

        Raises: ChecksFailed, IllegalTransition, TooLate.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.APPROVE_APPOINTMENT, id, at)
            if override is not None:
                authorize(actor, Action.OVERRIDE_RULES, relations(actor))
            approved, event = appointment.approve(by=actor.id, at=at, override=override)
            charge = work.charges.get(Charge.id_of(id))
            require_passed(check(facts_of(work, approved, charge, at)))
            work.appointments.save(approved, event)
        return approved

    def decline(self, actor: Actor, id: AppointmentId, because: Declined) -> Appointment:
        """Refuse a request and say why; the time is free again and nothing is charged (F25)."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.APPROVE_APPOINTMENT, id, at)
            declined, event = appointment.decline(because, by=actor.id, at=at)
            work.appointments.save(declined, event)
            call_off(work, id, none_of(appointment.price), by=actor.id, at=at)
        return declined

    def expire_unanswered(self, actor: Actor) -> tuple[AppointmentId, ...]:
        """Give up the requests on which nobody decided before their visit was to begin; each on
        its own, so that one changed meanwhile keeps none of the others (F25).

        For the machinery, every few minutes; safe to repeat.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.EXPIRE_REQUESTS, relations(actor))
            waiting = work.appointments.unanswered(at, limit=BATCH)
        given_up = []
        for one in waiting:
            expired, event = one.expire(by=actor.id, at=at)
            with suppress(StaleVersion):
                with self.work(actor) as work:
                    work.appointments.save(expired, event)
                    call_off(work, one.id, none_of(one.price), by=actor.id, at=at)
                given_up.append(one.id)
        return tuple(given_up)

    def _decide(self, actor: Actor, id: AppointmentId) -> None:
        """Approve a pending request if nothing is to be paid first and every check passes; else
        leave it to a person. Whom staff vouch for needs no second one.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.APPROVE_BY_CHECKS, relations(actor))
            appointment = work.appointments.get(id)
            if appointment.status is not AppointmentStatus.PENDING:
                return
            by_liaison = settings_of(work, appointment).approval is Approval.LIAISON
            if by_liaison and appointment.vouched_by is None:
                return
            charge = work.charges.get(Charge.id_of(id))
            results = check(facts_of(work, appointment, charge, at))
            if all(result.passed for result in results):
                approved, done = appointment.approve(by=actor.id, at=at)
                work.appointments.save(approved, done)
