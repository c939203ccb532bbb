"""What decides on a request: the checks, a liaison, or the checks alone."""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.billing.charge import Charge
from telehealth_core.billing.ledger import none_of
from telehealth_core.billing.use_cases import call_off
from telehealth_core.practice.settings import Approval
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.approval import CheckResult, Facts, check, require_passed
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.scheduling.use_cases.claims import authorized_appointment, competing
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import AppointmentId, ChargeId


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
            charge = work.charges.get(ChargeId(event.subject))
        self._decide(actor, charge.appointment_id)

    def checks(self, actor: Actor, id: AppointmentId) -> tuple[CheckResult, ...]:
        """The checks that decide on a request, each passed or not (F25)."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.APPROVE_APPOINTMENT, id, at)
            return check(self._facts(work, appointment, at))

    def approve(self, actor: Actor, id: AppointmentId) -> Appointment:
        """Accept a request; every check must pass (F25).

        Raises: ChecksFailed, IllegalTransition, TooLate.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.APPROVE_APPOINTMENT, id, at)
            approved, event = appointment.approve(by=actor.id, at=at)
            require_passed(check(self._facts(work, appointment, at)))
            work.appointments.save(approved, event)
        return approved

    def decline(self, actor: Actor, id: AppointmentId) -> Appointment:
        """Refuse a request; the time is free again and nothing is charged (F25)."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.APPROVE_APPOINTMENT, id, at)
            declined, event = appointment.decline(by=actor.id, at=at)
            work.appointments.save(declined, event)
            call_off(work, id, none_of(appointment.price), by=actor.id, at=at)
        return declined

    def _decide(self, actor: Actor, id: AppointmentId) -> None:
        """Approve a pending request if nothing is to be paid first and every check passes; else
        leave it to a person.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.APPROVE_BY_CHECKS, relations(actor))
            appointment = work.appointments.get(id)
            approval = work.practices.get(actor.practice_id).settings.approval
            waits = appointment.status is AppointmentStatus.PENDING
            if not waits or approval is Approval.LIAISON:
                return
            if all(result.passed for result in check(self._facts(work, appointment, at))):
                approved, done = appointment.approve(by=actor.id, at=at)
                work.appointments.save(approved, done)

    def _facts(self, work: SchedulingWork, appointment: Appointment, at: datetime) -> Facts:
        charge = work.charges.get(Charge.id_of(appointment.id))
        return Facts(
            practice=work.practices.get(appointment.practice_id),
            appointment=appointment,
            session=work.sessions.get(appointment.session_id),
            provider=work.providers.get(appointment.provider_id),
            patient=work.patients.get(appointment.patient_id),
            charge=charge,
            card=work.cards.find(charge.card_id) if charge.card_id else None,
            elsewhere=tuple(
                one.during for one in competing(work, appointment) if one.occupying(at)
            ),
            at=at,
        )
