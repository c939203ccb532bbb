"""What staff can ask at the front desk: to book for a patient, to amend any visit, to see to red
flags.
"""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.registration.use_cases import authorized_patient
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.availability import Diary
from telehealth_core.scheduling.override import Override
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.scheduling.session import Mode
from telehealth_core.scheduling.use_cases.claims import (
    authorized_appointment,
    beside,
    make_room,
    repeated,
    require_licensed,
    require_limits,
)
from telehealth_core.scheduling.use_cases.placing import bill_for, place
from telehealth_core.shared.ids import AppointmentId, CardId, PatientId, SessionId
from telehealth_core.shared.money import Money


@attrs.frozen
class FrontDesk:
    """The practice's staff, acting for its patients."""

    work: UnitOfWork[SchedulingWork]
    clock: Clock

    def book(
        self,
        actor: Actor,
        id: AppointmentId,
        *,
        patient_id: PatientId,
        session_id: SessionId,
        start: datetime,
        mode: Mode,
        location: str,
        agreed: Money,
        card_id: CardId | None = None,
        override: Override | None = None,
        starts_within_cooling_off: bool = False,
    ) -> Appointment:
        """Book a visit for a patient at the price they agreed to: held, requested and approved in
        one; booking again with the same id finds the first (F22).

        Where the practice charges at booking, the visit stays pending until it is paid.

        Raises: TimeTaken; NotBookable; LimitsReached; NotVerified; NotLicensed; CardNeeded;
            PriceChanged; ChecksFailed; IdReused; Invalid; Unknown; NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            work.expect(session_id, patient_id)
            patient = authorized_patient(work, actor, Action.BOOK_FOR_PATIENT, patient_id, at)
            if override is not None:
                authorize(actor, Action.OVERRIDE_RULES, relations(actor))
            session, practice = work.sessions.get(session_id), work.practices.get(actor.practice_id)
            settings = practice.settings
            work.take_turns(id, session.provider_id, patient_id, actor.id)
            claim = Appointment.hold(
                session,
                settings,
                id=id,
                patient_id=patient_id,
                start=start,
                mode=mode,
                location=location,
                by=actor.id,
                at=at,
                vouched=True,
                override=override,
            )
            wanted = claim[0]
            others = beside(work, practice, wanted, at)
            existing = work.appointments.find(id)
            if existing is not None:
                return repeated(existing, wanted)
            patient.require_verified(at)
            require_licensed(work, practice, wanted)
            require_limits(others.load, settings, wanted)
            make_room(work, actor, wanted, Diary(session, settings, (), at), others.claims)
            bill = bill_for(work, patient, agreed, card_id, settings=settings, at=at)
            bill = attrs.evolve(bill, starts_within_cooling_off=starts_within_cooling_off)
            return place(work, actor, claim, bill, settings=settings, at=at)

    def amend(
        self,
        actor: Actor,
        id: AppointmentId,
        *,
        mode: Mode,
        location: str,
        description: str | None,
        because: str,
    ) -> Appointment:
        """Change how, or where, a visit takes place, or what it is about (F24).

        Raises: NotLicensed, TooLate, Invalid, IllegalTransition, Unknown, NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.AMEND_APPOINTMENT, id, at)
            amended, event = appointment.amend(
                work.sessions.get(appointment.session_id),
                mode=mode,
                location=location,
                description=description,
                because=because,
                by=actor.id,
                at=at,
            )
            require_licensed(work, work.practices.get(actor.practice_id), amended)
            work.appointments.save(amended, event)
        return amended

    def review(self, actor: Actor, id: AppointmentId, note: str) -> Appointment:
        """A human saw the red flags of an appointment; the note tells what came of it (TEL-11).

        Raises: Invalid if there is nothing to review; Unknown, NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.REVIEW_RED_FLAG, id, at)
            reviewed, event = appointment.review(note, by=actor.id, at=at)
            work.appointments.save(reviewed, event)
        return reviewed
