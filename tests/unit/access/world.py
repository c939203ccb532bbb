"""A practice in which everything there is to touch exists, and the outsiders who try."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from telehealth_core.access.actor import Role
from telehealth_core.access.emergency import EmergencyReason
from telehealth_core.letters.letter import LetterKind
from telehealth_core.messaging.conversation import Channel
from telehealth_core.practice.settings import Approval
from telehealth_core.prescribing.prescription import Item
from telehealth_core.registration.identity_check import IdentityCheck
from telehealth_core.scheduling.recurrence import Recurrence, Weekday
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    DocumentId,
    EmergencyAccessId,
    LetterId,
    MedicationId,
    MessageId,
    PrescriptionId,
    ProgramId,
    QuestionnaireId,
    ReferralId,
    RoleGrantId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.treatment.program import ProgramKind
from unit.clinic import MORNING, PHOTO, Clinic, profile, provider_of

DAY = Interval.lasting(MORNING - timedelta(hours=9), 24 * 60)
MORNINGS = Recurrence(
    weekdays=frozenset(Weekday),
    starts=time(8),
    ends=time(12),
    first_day=date(2026, 11, 25),
    last_day=date(2026, 11, 27),
)
ITEM = Item(medicine="Example", strength="5 mg", form="tablet", quantity="28", directions="one")
PAGE: dict[str, Any] = {"kind": LetterKind.REFERRAL, "recipient": "A clinic", "text": "Please see."}

SECRET = "an invitation"
"""What the invited client alone is sent."""


class World:
    """A practice in which everything there is to touch exists, and the outsiders who try."""

    def __init__(self) -> None:
        here = self.here = Clinic(approval=Approval.LIAISON)
        there = self.there = Clinic(beside=here)
        self.patient = here.patient()
        self.id = self.patient.as_patient()
        self.provider = here.provider(prescriber=True)
        self.session = here.session(self.provider)
        self.partner = here.partner()
        self.card = here.ask.billing.cards(self.patient)[0]
        self.appointment = here.booked(self.patient, self.session)
        begin = self.session.during.start
        self.pending = here.requested(self.patient, self.session, begin + timedelta(hours=1))
        here.both_join(self.appointment, self.patient, self.provider)
        here.clock.forward(minutes=5)
        self.held = here.hold(self.patient, self.session, begin + timedelta(minutes=90))
        self.photo = DocumentId(here.new_id())
        here.ask.scheduling.attach(self.patient, self.held.id, self.photo, PHOTO)
        self._write()
        self._oversee()
        here.drain()
        self.outsiders = {
            "visitor": here.visitor,
            "patient": here.patient("Lee Example", card=None),
            "provider": here.provider("Robin Therapist"),
            "partner": here.partner("Another Charity"),
            "foreign patient": there.patient(card=None),
            "foreign liaison": there.liaison,
            "foreign admin": there.admin,
        }
        here.drain()

    def _write(self) -> None:
        here = self.here
        self.prescription = here.ask.prescribing.draft(
            self.provider, PrescriptionId(here.new_id()), self.appointment.id, (ITEM,)
        )
        self.letter = here.ask.letters.issue(
            self.provider, LetterId(here.new_id()), self.appointment.id, **PAGE
        )
        self.program = here.ask.treatment.start(
            self.provider,
            ProgramId(here.new_id()),
            patient_id=self.id,
            provider_id=provider_of(self.provider),
            kind=ProgramKind.IOP,
            starts_on=date(2026, 11, 1),
            anticipated_discharge_on=None,
        )
        self.medication = here.ask.medications.put(
            self.provider,
            MedicationId(here.new_id()),
            self.id,
            medicine="Example",
            dose="5 mg",
            directions="one",
            since=date(2026, 11, 1),
        )
        self.questionnaire = here.ask.questionnaires.answer(
            self.provider,
            QuestionnaireId(here.new_id()),
            self.id,
            instrument="phq-9",
            answers=(0,) * 8 + (1,),
        ).questionnaire
        self.referral = here.ask.partnership.refer(
            self.partner, ReferralId(here.new_id()), profile("Jo Example"), "needs care"
        )
        self.invited = here.ask.partnership.refer(
            self.partner, ReferralId(here.new_id()), profile("Jo Example"), "needs care"
        )
        here.ask.partnership.accept(here.liaison, self.invited.id, invitation=SECRET)
        here.ask.messaging.post(
            self.patient, MessageId(here.new_id()), self.id, Channel.CARE, "hello"
        )
        self.picture = here.store.rows["identity_checks"][IdentityCheck.id_of(self.id)].evidence[0]

    def _oversee(self) -> None:
        here = self.here
        self.other_admin, self.bystander = here.account(Role.ADMIN), here.patient("Ash Example")
        self.helper = here.provider("Sam Therapist")
        here.submit(here.registering("Val Example"))
        self.grant = here.ask.accounts.ask_roles(
            here.admin, RoleGrantId(here.new_id()), here.liaison.id, frozenset({Role.ADMIN})
        )
        self.glass = here.ask.emergency.open(
            here.fresh(self.helper),
            EmergencyAccessId(here.new_id()),
            self.id,
            reason=EmergencyReason.MEDICAL_EMERGENCY,
            text="found unconscious",
        )

    def told(self, kind: type[Event], subject: UUID, *more: Any) -> Any:
        """An event as a queue brings it."""
        return kind(subject, 9, self.here.system.id, self.here.clock(), *more)
