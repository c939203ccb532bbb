"""One of each aggregate that has a life, and how to ask for each of its verbs."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import attrs

from telehealth_core.access.actor import Following, Role
from telehealth_core.access.emergency import EmergencyAccess, EmergencyReason, Verdict
from telehealth_core.access.role_grant import RoleGrant
from telehealth_core.billing.charge import Charge
from telehealth_core.billing.payment import PaymentOutcome
from telehealth_core.consultation.consultation import Consultation, Participant, Side
from telehealth_core.letters.letter import Letter, LetterKind
from telehealth_core.messaging.conversation import Channel, Conversation
from telehealth_core.partnership.partner import Partner
from telehealth_core.partnership.referral import Referral
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.prescribing.prescription import Item, Prescription
from telehealth_core.registration.document import DocumentKind
from telehealth_core.registration.identity_check import Evidence, IdentityCheck
from telehealth_core.registration.patient import Patient
from telehealth_core.scheduling.appointment import Appointment, CancellationReason
from telehealth_core.scheduling.session import Mode, Session
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    ConsultationId,
    DocumentId,
    EmergencyAccessId,
    IdentityCheckId,
    LetterId,
    MedicationId,
    PartnerId,
    PatientId,
    PracticeId,
    PrescriptionId,
    ProgramId,
    ProviderId,
    ReferralId,
    RoleGrantId,
    SessionId,
    UserId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.money import Money
from telehealth_core.treatment.medication import Medication, MedicationSource
from telehealth_core.treatment.program import Hold, ProgramKind, TreatmentProgram
from telehealth_core.workforce.provider import Licence, Profession, Provider, Service
from unit.clinic import profile
from unit.core import modules

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(days=1)
ID = UUID(int=7)
WHO = UserId(UUID(int=8))
BY = {"by": WHO, "at": AT}
PRACTICE, PATIENT, PROVIDER = PracticeId(ID), PatientId(ID), ProviderId(ID)
APPOINTMENT = AppointmentId(ID)
POUND = Money(100, "GBP")
RULES = Settings(charging=Charging.AT_BOOKING, approval=Approval.LIAISON)
SESSION = Session(
    id=SessionId(ID),
    practice_id=PRACTICE,
    provider_id=PROVIDER,
    during=Interval.lasting(LATER, 60),
    service="visit",
    visit_minutes=30,
    start_every_minutes=30,
    modes=frozenset(Mode),
    price=POUND,
)

Call = Callable[[Any], tuple[Any, Event]]


@attrs.frozen
class Life:
    """One aggregate that every transition of its kind can happen to but for its state, and how to
    ask for each.
    """

    example: Any
    calls: dict[str, Call]
    none_yet: frozenset[str] = frozenset()
    """Verbs of the table that no method and no use case has so far."""


def _appointment() -> Life:
    visit = Interval.lasting(LATER, 30)
    example = Appointment(
        id=APPOINTMENT,
        practice_id=PRACTICE,
        patient_id=PATIENT,
        provider_id=PROVIDER,
        session_id=SessionId(ID),
        during=visit,
        occupies=visit,
        mode=Mode.VIDEO,
        price=POUND,
        location="GB",
        held_until=AT + timedelta(minutes=10),
        held_by=WHO,
        settings_version=1,
    )
    return Life(
        example,
        {
            "describe": lambda it: it.describe(reason="a cough", **BY),
            "request": lambda it: it.request(POUND, **BY),
            "approve": lambda it: it.approve(**BY),
            "decline": lambda it: it.decline(**BY),
            "reschedule": lambda it: it.reschedule(SESSION, RULES, it.during.end, **BY),
            "expire": lambda it: attrs.evolve(it, held_until=AT).expire(**BY),
            "cancel": lambda it: it.cancel(CancellationReason.PATIENT, **BY),
            "arrive": lambda it: it.arrive(**BY),
            "fulfil": lambda it: it.fulfil(**BY),
        },
        frozenset({"miss"}),
    )


def _identity_check() -> Life:
    evidence = tuple(
        Evidence(kind, DocumentId(ID)) for kind in (DocumentKind.IDENTITY, DocumentKind.SELFIE)
    )
    decided = {"by": WHO, "applicant": None, "at": AT}
    example = IdentityCheck(
        id=IdentityCheckId(ID), practice_id=PRACTICE, patient_id=PATIENT, evidence=evidence
    )
    return Life(
        example,
        {
            "supply": lambda it: it.supply(evidence[0], **BY),
            "submit": lambda it: it.submit("here", **BY),
            "ask": lambda it: it.ask("a sharper photo", **BY),
            "approve": lambda it: it.approve("same face", valid_days=30, **decided),
            "reject": lambda it: it.reject("another face", **decided),
            "reopen": lambda it: it.reopen(**BY),
        },
        frozenset({"comment", "expire"}),
    )


def _charge() -> Life:
    example, _ = Charge.plan(
        APPOINTMENT,
        PRACTICE,
        POUND,
        patient_id=PATIENT,
        payer_id=PATIENT,
        card_id=None,
        by=WHO,
        at=AT,
    )

    def answered(declined: str | None) -> Call:
        return lambda it: it.settle(
            PaymentOutcome(key=it.payment_key, amount=it.due, reference="r", declined=declined),
            **BY,
        )

    return Life(
        example,
        {
            "correct": lambda it: it.correct(insurance_bp=1, extras=(), reason="a share", **BY),
            "release": lambda it: it.release(**BY),
            "order": lambda it: it.order(**BY),
            "settle": answered(None),
            "fail": answered("insufficient_funds"),
            "refund": lambda it: it.refund(**BY),
            "waive": lambda it: it.waive(**BY),
        },
    )


def _consultation() -> Life:
    one, other = UserId(UUID(int=1)), UserId(UUID(int=2))
    example = Consultation(
        id=ConsultationId(ID),
        practice_id=PRACTICE,
        appointment_id=APPOINTMENT,
        patient_id=PATIENT,
        provider_id=PROVIDER,
        participants=(Participant(one, Side.PATIENT), Participant(other, Side.PROVIDER)),
    )
    for who in (one, other):
        entered, _ = example.enter(who, f"of {who}", at=AT - timedelta(minutes=5))
        example = attrs.evolve(entered, version=example.version)
    return Life(
        example,
        {
            "admit": lambda it: it.admit(Participant(WHO, Side.PATIENT), at=AT),
            "enter": lambda it: it.enter(one, "another", at=AT),
            "leave": lambda it: it.leave(one, f"of {one}", at=AT),
            "empty": lambda it: it.leave(one, f"of {one}", at=AT)[0].leave(
                other, f"of {other}", at=AT
            ),
            "complete": lambda it: it.complete("notes", **BY),
        },
        frozenset({"cancel"}),
    )


def _patient() -> Life:
    example = Patient(id=PATIENT, practice_id=PRACTICE, profile=profile(), registered_at=AT)
    following = Following(PartnerId(ID), ID, AT, LATER)
    return Life(
        example,
        {
            "complete_profile": lambda it: it.complete_profile(profile(phone="12345"), **BY),
            "verify": lambda it: it.verify(until=None, **BY),
            "tie": lambda it: it.tie_partner(following, **BY),
        },
        frozenset({"suspend", "close"}),
    )


def _provider() -> Life:
    example = Provider(
        id=PROVIDER,
        practice_id=PRACTICE,
        name="Quinn Therapist",
        profession=Profession.THERAPIST,
        specialties=frozenset(),
        licences=(Licence(regulator="Register", number="1", expires_on=date(2030, 1, 1)),),
        services=(Service(code="visit", name="Visit", minutes=30, price=POUND),),
        added_at=AT,
    )
    return Life(
        example, {"activate": lambda it: it.activate(**BY)}, frozenset({"suspend", "leave"})
    )


def _session() -> Life:
    example = attrs.evolve(SESSION, modes=frozenset({Mode.VOICE}))
    return Life(
        example, {"publish": lambda it: it.publish(**BY), "close": lambda it: it.close(**BY)}
    )


def _prescription() -> Life:
    item = Item(medicine="Example", strength="5 mg", form="tablet", quantity="28", directions="one")
    example = Prescription(
        id=PrescriptionId(ID),
        practice_id=PRACTICE,
        patient_id=PATIENT,
        provider_id=PROVIDER,
        appointment_id=APPOINTMENT,
        items=(item,),
        drafted_at=AT,
    )
    return Life(
        example,
        {"sign": lambda it: it.sign(prescriber=True, **BY)},
        frozenset({"send", "dispense", "cancel", "expire"}),
    )


def _letter() -> Life:
    example = Letter(
        id=LetterId(ID),
        practice_id=PRACTICE,
        kind=LetterKind.REFERRAL,
        patient_id=PATIENT,
        provider_id=PROVIDER,
        appointment_id=APPOINTMENT,
        recipient="A clinic",
        text="Please see.",
        drafted_at=AT,
    )
    return Life(
        example,
        {"issue": lambda it: it.issue("0" * 64, **BY)},
        frozenset({"deliver", "supersede", "recall"}),
    )


def _referral() -> Life:
    example = Referral(
        id=ReferralId(ID),
        practice_id=PRACTICE,
        partner_id=PartnerId(ID),
        client=profile(),
        reason="needs care",
        drafted_at=AT,
        invited_at=AT,
    )
    return Life(
        example,
        {
            "accept": lambda it: it.accept("an invitation", **BY),
            "revise": lambda it: it.revise(profile("Jo Other"), "worse", **BY),
            "submit": lambda it: it.submit(**BY),
            "withdraw": lambda it: it.withdraw("moved away", **BY),
            "decline": lambda it: it.decline("full", **BY),
            "enrol": lambda it: it.enrol(PATIENT, **BY),
        },
    )


def _program() -> Life:
    example = TreatmentProgram(
        id=ProgramId(ID),
        practice_id=PRACTICE,
        patient_id=PATIENT,
        provider_id=PROVIDER,
        kind=ProgramKind.IOP,
        starts_on=AT.date(),
        holds=(Hold(AT.date()),),
        entered_at=AT,
    )
    return Life(
        example,
        {
            "revise": lambda it: it.revise(
                kind=ProgramKind.PHP, anticipated_discharge_on=None, reason="worse", **BY
            ),
            "start": lambda it: it.start(LATER.date(), "a place is free", **BY),
            "pause": lambda it: attrs.evolve(it, holds=()).pause(LATER.date(), "ill", **BY),
            "resume": lambda it: it.resume(
                LATER.date(), "well", anticipated_discharge_on=None, **BY
            ),
            "cancel": lambda it: it.cancel("moved", **BY),
            "discharge": lambda it: it.discharge(LATER.date(), "better", **BY),
        },
    )


def _medication() -> Life:
    example = Medication(
        id=MedicationId(ID),
        practice_id=PRACTICE,
        patient_id=PATIENT,
        medicine="Example",
        dose="5 mg",
        directions="one",
        source=MedicationSource.PROVIDER,
        since=AT.date(),
        listed_at=AT,
    )
    return Life(
        example,
        {
            "change": lambda it: it.change("10 mg", "two", "too little", **BY),
            "pause": lambda it: it.pause("a rash", **BY),
            "resume": lambda it: it.resume("it is gone", **BY),
            "stop": lambda it: it.stop(LATER.date(), "a rash", **BY),
            "retract": lambda it: it.retract("another patient's", **BY),
        },
    )


def _conversation() -> Life:
    example = Conversation.begin(PRACTICE, PATIENT, Channel.CARE)
    return Life(
        example,
        {
            "close": lambda it: it.close("moved", **BY),
            "reopen": lambda it: it.reopen("back", **BY),
        },
    )


def _partner() -> Life:
    example = Partner(id=PartnerId(ID), practice_id=PRACTICE, name="Charity", added_at=AT)
    return Life(
        example,
        {
            "suspend": lambda it: it.suspend("a complaint", **BY),
            "reinstate": lambda it: it.reinstate("settled", **BY),
        },
    )


def _role_grant() -> Life:
    example = RoleGrant(
        id=RoleGrantId(ID),
        practice_id=PRACTICE,
        account_id=UserId(UUID(int=9)),
        roles=frozenset({Role.LIAISON}),
        asked_by=UserId(UUID(int=10)),
        asked_at=AT,
    )
    return Life(
        example, {"confirm": lambda it: it.confirm(**BY), "refuse": lambda it: it.refuse(**BY)}
    )


def _emergency_access() -> Life:
    example, _ = EmergencyAccess.open(
        EmergencyAccessId(ID),
        PRACTICE,
        PATIENT,
        reason=EmergencyReason.MEDICAL_EMERGENCY,
        text="found unconscious",
        minutes=60,
        review_hours=72,
        by=UserId(UUID(int=9)),
        at=AT,
    )
    return Life(example, {"review": lambda it: it.review(Verdict.JUSTIFIED, "indeed", **BY)})


LIVES = {
    type(life.example).__name__: life
    for life in (
        _appointment(),
        _charge(),
        _consultation(),
        _conversation(),
        _emergency_access(),
        _identity_check(),
        _letter(),
        _medication(),
        _partner(),
        _patient(),
        _prescription(),
        _program(),
        _provider(),
        _referral(),
        _role_grant(),
        _session(),
    )
}
TABLES: dict[str, Lifecycle[Any]] = {
    table.of: table
    for module in modules()
    for table in vars(module).values()
    if isinstance(table, Lifecycle)
}


def states(of: str) -> list[StrEnum]:
    """Every state there is."""
    kind: type[StrEnum] = type(TABLES[of].initial)
    return list(kind)
