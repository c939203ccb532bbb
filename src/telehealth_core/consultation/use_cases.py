"""What can be asked of a visit: to join it, follow who attends, confirm that it took place."""

from uuid import UUID

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize, permitted
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.access.use_cases import in_emergency
from telehealth_core.consultation.consultation import Consultation, NotOpen, Participant, Side
from telehealth_core.consultation.ports import ConsultationWork, VideoRooms
from telehealth_core.consultation.video import Admission
from telehealth_core.scheduling.appointment import Appointment, AppointmentStatus
from telehealth_core.scheduling.approval import licensed
from telehealth_core.scheduling.use_cases import authorized_appointment
from telehealth_core.shared.ids import AppointmentId, ConsultationId, PracticeId, UserId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Invalid, Unknown
from telehealth_core.workforce.provider import NotLicensed


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

    def join(self, actor: Actor, id: AppointmentId, location: str | None = None) -> Admission:
        """Let a patient, a guardian or the provider into the visit's room (F32, TEL-01, TEL-02,
        TEL-07).

        Whoever is on the patient's side says where the patient is now; the provider must be
        licensed for it.

        Raises: NotOpen, NotLicensed, Invalid, IllegalTransition, Unknown, Unavailable.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.JOIN_VISIT, id, at)
            practice, provider = (
                work.practices.get(actor.practice_id),
                work.providers.get(appointment.provider_id),
            )
            settings = practice.settings
            if appointment.status not in {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED}:
                raise IllegalTransition("join", appointment.status.value)
            window = appointment.joinable(settings.join_early_minutes, settings.join_late_minutes)
            if at not in window:
                raise NotOpen(window.start, window.end)
            side = Side.PROVIDER if actor.provider_id == appointment.provider_id else Side.PATIENT
            if side is Side.PATIENT:
                if location is None:
                    raise Invalid("location", "where the patient is now, as in US-NY or GB")
                if not licensed(practice, provider, location, at):
                    raise NotLicensed(location)
            visit = self._visit(work, appointment)
            admitted, event = visit.admit(Participant(actor.id, side, location), at=at)
            work.consultations.save(admitted, event)
        return self.rooms.admit(admitted.room, str(actor.id), until=window.end)

    def entered(self, room: str, identity: UserId, connection: str) -> Consultation:
        """Note that somebody is in the room, as the room's operator reports (F33). May be told
        twice.

        Raises: Unknown for somebody who was not let in.
        """
        practice_id, id = practice_of_room(room)
        actor, at = Actor.system(practice_id), self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.RECORD_ATTENDANCE, relations(actor))
            visit = work.consultations.get(id)
            side = visit.side_of(identity)
            if side is None:
                raise Unknown("participant")
            entered, event = visit.enter(identity, connection, at=at)
            work.consultations.save(entered, event)
            appointment = work.appointments.get(visit.appointment_id)
            if side is Side.PATIENT and appointment.status is AppointmentStatus.BOOKED:
                arrived, came = appointment.arrive(by=identity, at=at)
                work.appointments.save(arrived, came)
        return entered

    def left(self, room: str, identity: UserId, connection: str) -> Consultation:
        """Note that somebody left the room, as the room's operator reports (F33). May be told
        twice.
        """
        practice_id, id = practice_of_room(room)
        actor = Actor.system(practice_id)
        with self.work(actor) as work:
            authorize(actor, Action.RECORD_ATTENDANCE, relations(actor))
            visit = work.consultations.get(id)
            if visit.side_of(identity) is None:
                raise Unknown("participant")
            left, event = visit.leave(identity, connection, at=self.clock())
            work.consultations.save(left, event)
        return left

    def view(self, actor: Actor, id: AppointmentId) -> Consultation:
        """The visit of an appointment: who attended when, and whether it was confirmed.

        The provider's notes are for those only who may read the patient's record (F37, ACC-03).
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.VIEW_VISIT, id, at)
            work.read(Action.VIEW_VISIT, appointment.patient_id, id)
            visit = self._visit(work, appointment)
            ties = work.patients.get(appointment.patient_id).ties
            provider = appointment.provider_id
            emergency = in_emergency(work, actor, ties.patient_id, at)
            standing = relations(actor, ties, provider_id=provider, at=at, emergency=emergency)
        return visit if permitted(actor, Action.VIEW_NOTES, standing) else visit.without_notes()

    def complete(self, actor: Actor, id: AppointmentId, notes: str | None = None) -> Consultation:
        """Confirm that the visit took place; only now may a charge on completion be taken (F45,
        PAY-05).

        Raises: NobodyMet, IllegalTransition, NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.COMPLETE_VISIT, id, at)
            completed, confirmed = self._visit(work, appointment).complete(
                notes, by=actor.id, at=at
            )
            fulfilled, took_place = appointment.fulfil(by=actor.id, at=at)
            work.consultations.save(completed, confirmed)
            work.appointments.save(fulfilled, took_place)
        return completed

    @staticmethod
    def _visit(work: ConsultationWork, appointment: Appointment) -> Consultation:
        return work.consultations.find(Consultation.id_of(appointment.id)) or Consultation.plan(
            appointment.id,
            appointment.practice_id,
            patient_id=appointment.patient_id,
            provider_id=appointment.provider_id,
        )
