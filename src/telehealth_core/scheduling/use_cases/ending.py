"""What an actor can ask about a visit that will not be: what that costs, and who did not come."""

from contextlib import suppress
from datetime import datetime, timedelta

import attrs

from telehealth_core.access.actor import Actor, Relation, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.billing.use_cases import call_off
from telehealth_core.practice.settings import Settings
from telehealth_core.practice.use_cases import settings_under
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.cancellation import Cost, Facts, Terms, cost
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.scheduling.use_cases.claims import authorized_appointment
from telehealth_core.shared.ids import AppointmentId, UserId
from telehealth_core.shared.refusal import StaleVersion

MISSED_MOST = 200


def rules_of(work: SchedulingWork, appointment: Appointment) -> Settings:
    """The settings under which the appointment was booked (F30)."""
    practice = work.practices.get(appointment.practice_id)
    return settings_under(work, practice, appointment.settings_version)


def terms_of(work: SchedulingWork, appointment: Appointment) -> Terms:
    """What giving the appointment up costs."""
    return Terms.of(
        rules_of(work, appointment),
        appointment.price,
        appointment.during.start,
        appointment.withdraw_until,
        appointment.free_until,
    )


def free_until_after_moving(
    work: SchedulingWork, appointment: Appointment, actor: Actor, at: datetime
) -> datetime | None:
    """Until when giving up stays free after a move by this actor: a patient's side that moves an
    accepted visit when giving up costs already does not make it free again (N17).
    """
    ties = work.patients.get(appointment.patient_id).ties
    theirs = relations(actor, ties, at=at) & {Relation.SELF, Relation.GUARDIAN}
    free_until = terms_of(work, appointment).free_until
    late = appointment.status is AppointmentStatus.BOOKED and at > free_until
    return free_until if theirs and late else None


def cost_of(
    work: SchedulingWork, appointment: Appointment, reason: CancellationReason, at: datetime
) -> Cost:
    """What giving the appointment up costs for that reason at that instant."""
    accepted = appointment.status in {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED}
    return cost(Facts(terms_of(work, appointment), reason, accepted, at))


def give_up(
    work: SchedulingWork,
    appointment: Appointment,
    reason: CancellationReason,
    *,
    by: UserId,
    at: datetime,
) -> Appointment:
    """Cancel the appointment and shrink what it costs to the fee, in one unit of work (N17)."""
    fee = cost_of(work, appointment, reason, at).fee
    cancelled, event = appointment.cancel(reason, by=by, at=at)
    work.appointments.save(cancelled, event)
    call_off(work, appointment.id, fee, by=by, at=at)
    return cancelled


@attrs.frozen
class Cancellation:
    """Visits that will not be."""

    work: UnitOfWork[SchedulingWork]
    clock: Clock

    def terms(self, actor: Actor, id: AppointmentId) -> tuple[Terms, Cost]:
        """What giving up the appointment costs, from the hold on, and what it would cost the
        patient now (N17, PAY-04).

        Raises: Unknown, NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.VIEW_APPOINTMENT, id, at)
            now = cost_of(work, appointment, CancellationReason.PATIENT, at)
            return terms_of(work, appointment), now

    def miss(self, actor: Actor, id: AppointmentId) -> Appointment:
        """Note that the patient did not come; the visit costs its no-show fee (N17).

        Raises: TooEarly, IllegalTransition once the patient was in the room, Unknown, NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.MISS_APPOINTMENT, id, at)
            return self._missed(work, appointment, actor.id, at)

    def sweep(self, actor: Actor) -> int:
        """Note every booked visit to which nobody came before its room closed; how many there were.
        Asking again finds none (N17).
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.MISS_APPOINTMENT, relations(actor))
            ended = work.appointments.unattended(at, limit=MISSED_MOST)
            missed = [one for one in ended if _closed(one, rules_of(work, one), at)]
        for one in missed:
            with suppress(StaleVersion), self.work(actor) as work:
                self._missed(work, one, actor.id, at)
        return len(missed)

    @staticmethod
    def _missed(
        work: SchedulingWork, appointment: Appointment, by: UserId, at: datetime
    ) -> Appointment:
        terms = terms_of(work, appointment)
        missed, event = appointment.miss(terms.noshow_from, by=by, at=at)
        work.appointments.save(missed, event)
        call_off(work, appointment.id, terms.noshow_fee, by=by, at=at)
        return missed


def _closed(appointment: Appointment, rules: Settings, at: datetime) -> bool:
    late = timedelta(minutes=max(rules.join_late_minutes, rules.noshow_after_minutes))
    return at >= appointment.during.end + late
