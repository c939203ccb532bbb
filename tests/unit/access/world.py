"""A practice in which everything there is to touch exists, and the outsiders who try."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from telehealth_core.access.actor import Role
from telehealth_core.access.emergency import EmergencyReason
from telehealth_core.consultation.note import NoteBody
from telehealth_core.consultation.psychotherapy import PsychotherapyNote
from telehealth_core.letters.content import Disclosure, LetterContent, LetterKind, Urgency
from telehealth_core.messaging.conversation import Channel
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.practice.settings import Approval
from telehealth_core.prescribing.item import Item
from telehealth_core.prescribing.pharmacy import Pharmacy
from telehealth_core.prescribing.script import Asked, MedicationHistory, Script
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.ports import OutsideRow
from telehealth_core.registration.duplicate import DuplicateSuspicion
from telehealth_core.registration.identity_check import IdentityCheck
from telehealth_core.registration.patient import Identifier
from telehealth_core.scheduling.recurrence import Recurrence, Weekday
from telehealth_core.scheduling.series import Rhythm
from telehealth_core.scheduling.session import Mode
from telehealth_core.scheduling.use_cases import Wish
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    DocumentId,
    EmergencyAccessId,
    EmergencyId,
    LetterId,
    MedicationId,
    MessageId,
    NoteId,
    PrescriptionId,
    ProgramId,
    QuestionnaireId,
    ReferralId,
    RoleGrantId,
    WaitlistEntryId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.doubles import MemoryRecords
from telehealth_core.treatment.program import ProgramKind
from telehealth_core.workforce.provider import Profession
from unit.clinic import MORNING, PHOTO, Clinic, profile, provider_of

DAY = Interval.lasting(MORNING - timedelta(hours=9), 24 * 60)
MORNINGS = Recurrence(
    weekdays=frozenset(Weekday),
    starts=time(8),
    ends=time(12),
    first_day=date(2026, 11, 25),
    last_day=date(2026, 11, 27),
)
ITEM = Item(
    medicine="Example",
    strength="5 mg",
    form="tablet",
    quantity=28,
    unit="tablets",
    days=28,
    directions="one",
)
_NONE = Asked(none_known=True)
SCRIPT = Script(
    items=(ITEM,),
    history=MedicationHistory(allergies=_NONE, current_medicines=_NONE, other_sources=_NONE),
)
PHARMACY = Pharmacy(name="Example Pharmacy", address="5 Example Street", contact="rx@example.org")
TOKEN = "a token that the pharmacy has"
LETTER = LetterContent(
    kind=LetterKind.REFERRAL,
    recipient="A clinic",
    text="Please see.",
    reason="a rash",
    urgency=Urgency.ROUTINE,
    disclosure=Disclosure.DIRECT_CARE,
)

SECRET = "an invitation"
"""What the invited client alone is sent."""


class World:
    """A practice in which everything there is to touch exists, and the outsiders who try."""

    def __init__(self) -> None:
        here = self.here = Clinic(approval=Approval.LIAISON)
        there = self.there = Clinic(beside=here)
        self.patient = here.patient()
        self.id = self.patient.as_patient()
        self.provider = here.provider(prescriber=True, profession=Profession.DOCTOR)
        self.session = here.session(self.provider)
        self.partner = here.partner()
        self.consent = here.agree(self.patient, ConsentPurpose.GP_SHARING)
        self.kim = here.dependant(self.patient).id
        self.grown, _ = here.ask.registration.enrol(
            here.liaison, Identifier(system="ehr", value="grown"), profile("Pat Example"), ()
        )
        here.ask.family.offer_record(
            here.fresh(here.liaison), self.grown.id, invitation=SECRET, reason="seen in person"
        )
        self.card = here.ask.billing.cards(self.patient)[0]
        self.appointment = here.booked(self.patient, self.session)
        begin = self.session.during.start
        self.pending = here.requested(self.patient, self.session, begin + timedelta(hours=1))
        here.both_join(self.appointment, self.patient, self.provider)
        here.clock.forward(minutes=5)
        self.held = here.hold(self.patient, self.session, begin + timedelta(minutes=90))
        self.photo = DocumentId(here.new_id())
        here.ask.scheduling.attach(self.patient, self.held.id, self.photo, PHOTO)
        self.waiting = here.ask.waitlist.join(
            self.patient,
            WaitlistEntryId(here.new_id()),
            patient_id=self.id,
            specialty="nobody's",
            location="GB",
            period=DAY,
        )
        self.wish = Wish(
            patient_id=self.id,
            provider_id=provider_of(self.provider),
            service="visit",
            rhythm=Rhythm(first_day=MORNING.date(), starts=time(11), every_weeks=1, visits=2),
            mode=Mode.VIDEO,
            location="GB",
            agreed=self.session.price,
        )
        self._write()
        self._oversee()
        here.drain()
        self._keep_outside()
        self.suspicion = DuplicateSuspicion.id_of(self.id, self.grown.id)
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
            self.provider, PrescriptionId(here.new_id()), self.appointment.id, SCRIPT
        )
        signer = here.fresh(self.provider)
        self.signed, self.sent = (
            here.ask.prescribing.sign(
                signer,
                here.ask.prescribing.draft(
                    signer, PrescriptionId(here.new_id()), self.appointment.id, SCRIPT
                ).id,
            )
            for _ in range(2)
        )
        here.ask.dispensing.send(self.patient, self.sent.id, PHARMACY, token=TOKEN)
        self.letter = here.ask.letters.issue(
            signer, LetterId(here.new_id()), self.appointment.id, LETTER
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
        here.ask.notes.write(self.provider, self.appointment.id, NoteBody(summary="a cough"))
        self.emergency = here.ask.emergencies.raise_emergency(
            self.provider, EmergencyId(here.new_id()), self.appointment.id
        )
        apart = PsychotherapyNote(
            id=NoteId(here.new_id()),
            practice_id=here.id,
            appointment_id=self.appointment.id,
            patient_id=self.id,
            provider_id=provider_of(self.provider),
            author=self.provider.id,
            text="thoughts",
            written_at=here.clock(),
        )
        here.store.rows["psychotherapy_notes"] = {apart.id: apart}
        self.apart = apart
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

    def _keep_outside(self) -> None:
        """A conflict and a row without a place, from an outside record system."""
        here, outside = self.here, self.here.ports.records
        assert isinstance(outside, MemoryRecords)
        outside.practices.add(here.id)
        self.link = here.ask.record_queue.link_provider(
            here.liaison, provider_of(self.provider), "d"
        )
        here.drain()
        row = here.store.rows["record_links"][RecordLink.id_of(self.id)].outside_id
        for id, fields in ((row, {"family_name": "Other"}), ("9", {"family_name": "Alone"})):
            said = OutsideRow(outside_id=id, fields=fields)
            outside.edit(here.id, RecordKind.PATIENT, said)
        here.ask.records.poll_patients(here.system)
        (self.conflict,) = here.ask.record_queue.conflicts(here.liaison)
        (self.quarantined,) = here.ask.record_queue.waiting(here.liaison)
        here.drain()

    def told(self, kind: type[Event], subject: UUID, *more: Any) -> Any:
        """An event as a queue brings it."""
        return kind(subject, 9, self.here.system.id, self.here.clock(), *more)
