"""What can be asked of a visit: to join it, follow who attends, say what became of it."""

from datetime import datetime
from uuid import UUID

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize, permitted
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.access.use_cases import in_emergency
from telehealth_core.consultation.admission import numbers_at, require_admitted
from telehealth_core.consultation.assurance import IdentityMethod
from telehealth_core.consultation.attendance import (
    Attendance,
    Participant,
    Side,
    Whereabouts,
    believed,
)
from telehealth_core.consultation.completion import Outcome, OutcomeKind
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.life import ConsultationStatus
from telehealth_core.consultation.note import NoteBody
from telehealth_core.consultation.ports import ConsultationWork, VideoRooms
from telehealth_core.consultation.use_cases.facts import (
    both_sides,
    episode_of,
    gate_facts,
    visit_of,
    with_whereabouts,
)
from telehealth_core.consultation.use_cases.notes import sign_on_completion
from telehealth_core.consultation.video import Admitted, WaitingRoom
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
from telehealth_core.scheduling.session import Mode
from telehealth_core.scheduling.use_cases import authorized_appointment
from telehealth_core.scheduling.use_cases.ending import give_up
from telehealth_core.shared.ids import AppointmentId, ConsultationId, PracticeId, UserId
from telehealth_core.shared.refusal import Invalid, Unknown

LISTED_MOST = 500
CLOSED_AT_ONCE = 100

_REASONS = {
    OutcomeKind.UNSUITABLE: CancellationReason.UNSUITABLE,
    OutcomeKind.TECHNICAL_FAILURE: CancellationReason.TECHNICAL,
}


def practice_of_room(room: str) -> tuple[PracticeId, ConsultationId]:
    """Practice and visit that an outside system's room name means.

    Raises: Unknown.
    """
    try:
        practice, _, consultation = room.partition("-")
        return PracticeId(UUID(practice)), ConsultationId(UUID(consultation))
    except ValueError:
        raise Unknown("room") from None


@attrs.frozen
class ConsultationRoom:
    """The visits of the practice."""

    work: UnitOfWork[ConsultationWork]
    clock: Clock
    rooms: VideoRooms

    def join(
        self,
        actor: Actor,
        id: AppointmentId,
        location: str | None = None,
        *,
        private: bool | None = None,
        mode: Mode | None = None,
    ) -> Admitted:
        """Let a patient, a guardian or the provider into the visit's room (F32, TEL-07).

        Whoever is on the patient's side says each time where the patient is now, and whether they
        are safe and private there (TEL-01, TEL-10). The answer tells what the other side still has
        before it.

        Raises: NotAdmitted, naming every gate that is shut; Unknown, NotPermitted, Unavailable.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.JOIN_VISIT, id, at)
            visit = visit_of(work, appointment)
            someone = _participant(actor, appointment, Whereabouts(location, private))
            facts = gate_facts(work, appointment, visit, at)
            if someone.side is Side.PATIENT:
                facts = with_whereabouts(work, facts, someone.said)
            facts = attrs.evolve(facts, mode=mode or facts.mode)
            require_admitted(someone.side, facts)
            admitted, event = visit.admit(someone, window=facts.window, at=at)
            work.consultations.save(admitted, event)
        way_in = self.rooms.admit(admitted.room, str(actor.id), until=facts.window.end)
        other = Side.PATIENT if someone.side is Side.PROVIDER else Side.PROVIDER
        numbers = numbers_at(facts.practice, facts.said.location)
        return Admitted(way_in, facts.agreed_mode, both_sides(facts)[other], numbers)

    def waiting_room(self, actor: Actor, id: AppointmentId) -> WaitingRoom:
        """What both sides still have before them, for whoever waits."""
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.JOIN_VISIT, id, at)
            facts = gate_facts(work, appointment, visit_of(work, appointment), at)
        sides = both_sides(facts)
        numbers = numbers_at(facts.practice, facts.said.location)
        return WaitingRoom(facts.mode, sides[Side.PATIENT], sides[Side.PROVIDER], numbers)

    def entered(
        self, room: str, identity: UserId, connection: str, at: datetime | None = None
    ) -> Consultation:
        """Note that somebody is in the room, as the room's operator reports (F33); `at` is when, by
        the operator's clock. May be told twice.

        Raises: Unknown for somebody who was not let in.
        """
        practice_id, id = practice_of_room(room)
        actor, received = Actor.system(practice_id), self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.RECORD_ATTENDANCE, relations(actor))
            visit = _attended_by(work, id, identity)
            since = believed(at, received)
            entered, event = visit.enter(identity, connection, at=since, received=received)
            work.consultations.save(entered, event)
            if visit.side_of(identity) is Side.PATIENT:
                _arrive(work, visit, identity, received)
        return entered

    def left(
        self, room: str, identity: UserId, connection: str, at: datetime | None = None
    ) -> Consultation:
        """Note that somebody left the room, as the room's operator reports (F33); `at` is when, by
        the operator's clock. May be told twice.

        Raises: Unknown for somebody who was not let in.
        """
        practice_id, id = practice_of_room(room)
        actor, received = Actor.system(practice_id), self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.RECORD_ATTENDANCE, relations(actor))
            visit = _attended_by(work, id, identity)
            until = believed(at, received)
            left, event = visit.leave(identity, connection, at=until, received=received)
            work.consultations.save(left, event)
        return left

    def reconcile(self, room: str, stays: tuple[Attendance, ...]) -> Consultation:
        """Let the operator's final list of connections count instead of what was heard, after
        completion too; what the visit costs stays as it was (F33). The same list again changes
        nothing.

        Raises: Unknown.
        """
        practice_id, id = practice_of_room(room)
        actor, at = Actor.system(practice_id), self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.RECORD_ATTENDANCE, relations(actor))
            visit = work.consultations.get(id)
            if not stays or visit.reconciled(stays):
                return visit
            if visit.status is ConsultationStatus.PLANNED:
                visit = _first_seen(work, visit, stays, at)
            listed, event = visit.reconcile(stays, by=actor.id, at=at)
            work.consultations.save(listed, event)
            came = (one.user_id for one in stays if visit.side_of(one.user_id) is Side.PATIENT)
            _arrive(work, visit, next(came, None), at)
        return listed

    def view(self, actor: Actor, id: AppointmentId) -> Consultation:
        """The visit of an appointment: who attended when, and what became of it; each sees of it
        what their part needs (F33, F37, ACC-03).
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.VIEW_VISIT, id, at)
            work.read(Action.VIEW_VISIT, appointment.patient_id, id)
            ties = work.patients.get(appointment.patient_id).ties
            visit = visit_of(work, appointment)
            emergency = in_emergency(work, actor, ties.patient_id, at)
        provider = appointment.provider_id
        standing = relations(actor, ties, provider_id=provider, at=at, emergency=emergency)
        return visit if permitted(actor, Action.VIEW_NOTES, standing) else visit.without_words()

    def change_mode(self, actor: Actor, id: AppointmentId, mode: Mode) -> Consultation:
        """Go on by voice instead of video, or the other way round (F19, TEL-06); the mode it has
        already changes nothing.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.JOIN_VISIT, id, at)
            visit = work.consultations.get(Consultation.id_of(id))
            if visit.mode(appointment.mode) is mode:
                return visit
            changed, event = visit.change_mode(mode, by=actor.id, at=at)
            work.consultations.save(changed, event)
        return changed

    def confirm_identity(
        self, actor: Actor, id: AppointmentId, method: IdentityMethod
    ) -> Consultation:
        """Confirm that the patient in the visit is who they should be (IDV-04)."""
        at = self.clock()
        with self.work(actor) as work:
            authorized_appointment(work, actor, Action.COMPLETE_VISIT, id, at)
            visit = work.consultations.get(Consultation.id_of(id))
            confirmed, event = visit.confirm_identity(method, by=actor.id, at=at)
            work.consultations.save(confirmed, event)
        return confirmed

    def report_failure(
        self, actor: Actor, id: AppointmentId, text: str | None = None
    ) -> Consultation:
        """Say that the connection fails, or failed; the provider or staff decide what follows.

        Raises: Unknown for somebody who was not let in.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorized_appointment(work, actor, Action.JOIN_VISIT, id, at)
            visit = _attended_by(work, Consultation.id_of(id), actor.id)
            side = visit.side_of(actor.id) or Side.PATIENT
            reported, event = visit.report_failure(text, side=side, by=actor.id, at=at)
            work.consultations.save(reported, event)
        return reported

    def complete(
        self, actor: Actor, id: AppointmentId, notes: str | NoteBody | None = None
    ) -> Consultation:
        """Confirm that the visit took place; only now may a charge on completion be taken (F45,
        PAY-05). `notes` become the visit's note, which is signed with the confirmation, as is a
        draft of it.

        Raises: CannotComplete, naming all that is missing; IllegalTransition, NotPermitted,
            Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.COMPLETE_VISIT, id, at)
            visit = visit_of(work, appointment)
            episode = episode_of(work, appointment, visit, at)
            completed, confirmed = visit.complete(episode, by=actor.id, at=at)
            fulfilled, took_place = appointment.fulfil(by=actor.id, at=at)
            work.consultations.save(completed, confirmed)
            work.appointments.save(fulfilled, took_place)
            sign_on_completion(work, actor, appointment, notes, at)
        return completed

    def call_off(
        self, actor: Actor, id: AppointmentId, kind: OutcomeKind, text: str | None = None
    ) -> Consultation:
        """End a visit that was unsuitable from afar, or that the connection did not carry: nothing
        is charged and the patient is told (TEL-09).

        The appointment is cancelled in FHIR's words, with the reason: it is not fulfilled, for what
        it was made for did not happen. What makes it unsuitable is for its provider to say; that
        the connection failed, for staff as well.

        Raises: Invalid, IllegalTransition, NotPermitted, Unknown.
        """
        at = self.clock()
        failed = kind is OutcomeKind.TECHNICAL_FAILURE
        action = Action.FAIL_VISIT if failed else Action.COMPLETE_VISIT
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, action, id, at)
            if kind is OutcomeKind.TOOK_PLACE:
                raise Invalid(
                    "kind", f"{OutcomeKind.UNSUITABLE} or {OutcomeKind.TECHNICAL_FAILURE}"
                )
            ended, event = visit_of(work, appointment).cancel(Outcome(kind, actor.id, at, text))
            work.consultations.save(ended, event)
            give_up(work, appointment, _REASONS[kind], by=actor.id, at=at)
        return ended

    def finish_ended(self, actor: Actor) -> int:
        """Finish the visits whose rooms have closed while somebody was not seen to leave; how many
        there were. Asking again finds none.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.RECORD_ATTENDANCE, relations(actor))
            overdue = work.consultations.overdue(at, limit=CLOSED_AT_ONCE)
            for visit in overdue:
                closed, event = visit.close_room(by=actor.id, at=at)
                work.consultations.save(closed, event)
        return len(overdue)

    def unconfirmed(self, actor: Actor) -> tuple[Consultation, ...]:
        """Finished visits that nobody has confirmed yet, the oldest first: a provider's own, or for
        staff everybody's.
        """
        own = relations(actor, provider_id=actor.provider_id)
        staff = permitted(actor, Action.LIST_UNCONFIRMED, relations(actor))
        with self.work(actor) as work:
            authorize(actor, Action.LIST_UNCONFIRMED, own)
            found = work.consultations.unconfirmed(
                provider_id=None if staff else actor.provider_id, limit=LISTED_MOST
            )
        return tuple(one.without_words() for one in found)


def _participant(actor: Actor, appointment: Appointment, said: Whereabouts) -> Participant:
    if actor.provider_id == appointment.provider_id:
        return Participant(actor.id, Side.PROVIDER)
    guardian = actor.patient_id != appointment.patient_id
    return Participant(actor.id, Side.PATIENT, said, guardian)


def _attended_by(work: ConsultationWork, id: ConsultationId, identity: UserId) -> Consultation:
    visit = work.consultations.get(id)
    if visit.side_of(identity) is None:
        raise Unknown("participant")
    return visit


def _first_seen(
    work: ConsultationWork, visit: Consultation, stays: tuple[Attendance, ...], at: datetime
) -> Consultation:
    """The visit with the first connection of a list, none of which was heard of before."""
    first = stays[0]
    seen, event = visit.enter(first.user_id, first.connection, at=first.since or at, received=at)
    work.consultations.save(seen, event)
    return seen


def _arrive(work: ConsultationWork, visit: Consultation, who: UserId | None, at: datetime) -> None:
    """Note on the appointment that somebody of the patient's side came."""
    appointment = work.appointments.get(visit.appointment_id)
    if who is not None and appointment.status is AppointmentStatus.BOOKED:
        arrived, came = appointment.arrive(by=who, at=at)
        work.appointments.save(arrived, came)
