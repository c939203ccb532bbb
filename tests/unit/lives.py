"""One of each aggregate that has a life, and how to ask for each of its verbs."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import attrs

from telehealth_core.access.actor import (
    Following,
    GuardianBasis,
    Guardianship,
    GuardianshipDecision,
    Role,
)
from telehealth_core.access.emergency import EmergencyAccess, EmergencyReason, Verdict
from telehealth_core.access.role_grant import RoleGrant
from telehealth_core.billing.card import Card, CardDetails
from telehealth_core.billing.charge import Charge
from telehealth_core.billing.ledger import Extra, Pricing, Proposal
from telehealth_core.billing.payment import PaymentOutcome
from telehealth_core.consultation.assurance import IdentityMethod
from telehealth_core.consultation.attendance import Attendance, Participant, Side
from telehealth_core.consultation.completion import Episode, Outcome, OutcomeKind
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.emergency import Emergency, EmergencyKind
from telehealth_core.consultation.note import Addendum, AddendumKind, NoteBody, VisitNote
from telehealth_core.jurisdictions.pack import IDENTITY_CHECKLIST
from telehealth_core.letters.letter import Delivery, Letter, LetterKind
from telehealth_core.letters.life import RecallReason
from telehealth_core.messaging.conversation import Channel, Conversation
from telehealth_core.partnership.partner import Partner
from telehealth_core.partnership.referral import Referral
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.prescribing.item import Item
from telehealth_core.prescribing.pharmacy import Pharmacy
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.prescribing.script import Script
from telehealth_core.prescribing.signature import Particulars
from telehealth_core.records.conflict import RecordConflict
from telehealth_core.records.conflict import Side as Keeps
from telehealth_core.records.link import RecordKind
from telehealth_core.records.merge import Difference
from telehealth_core.records.quarantine import Problem, Quarantined
from telehealth_core.registration.consent import Consent, ConsentBasis, ConsentChannel
from telehealth_core.registration.document import DocumentKind
from telehealth_core.registration.duplicate import DuplicateSuspicion
from telehealth_core.registration.guardianship import offered
from telehealth_core.registration.identity_check import IdentityCheck
from telehealth_core.registration.identity_decision import (
    Decision,
    Evidence,
    Finding,
    IdentityVerdict,
)
from telehealth_core.registration.matching import DuplicateRule
from telehealth_core.registration.patient import Patient
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import CancellationReason, DeclineCode, Declined
from telehealth_core.scheduling.session import Mode, Session
from telehealth_core.scheduling.waitlist import WaitlistEntry
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    CardId,
    ConsentId,
    ConsultationId,
    DocumentId,
    EmergencyAccessId,
    EmergencyId,
    IdentityCheckId,
    LetterId,
    MedicationId,
    NoteId,
    PartnerId,
    PatientId,
    PracticeId,
    PrescriptionId,
    ProgramId,
    ProviderId,
    QuarantineId,
    RecordConflictId,
    ReferralId,
    RoleGrantId,
    SessionId,
    SuspicionId,
    UserId,
    WaitlistEntryId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.money import Money
from telehealth_core.treatment.medication import Medication, MedicationSource
from telehealth_core.treatment.program import Hold, ProgramKind, TreatmentProgram
from telehealth_core.workforce.provider import (
    Licence,
    Profession,
    Provider,
    ProviderDetails,
    Service,
)
from unit.clinic import profile
from unit.core import modules

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(days=1)
ID = UUID(int=7)
WHO = UserId(UUID(int=8))
BY: dict[str, Any] = {"by": WHO, "at": AT}
PRACTICE, PATIENT, PROVIDER = PracticeId(ID), PatientId(ID), ProviderId(ID)
APPOINTMENT = AppointmentId(ID)
OVER = Interval.lasting(AT - timedelta(hours=1), 30)
POUND = Money(100, "GBP")
MORE = Pricing((Extra("more time", POUND),))
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
            "pre_screen": lambda it: it.pre_screen((), (), **BY),
            "review": lambda it: attrs.evolve(it, flags_open=True).review("called", **BY),
            "amend": lambda it: it.amend(
                SESSION, mode=Mode.VOICE, location="GB", description=None, because="asked", **BY
            ),
            "hide": lambda it: it.hide(**BY),
            "unhide": lambda it: it.unhide(**BY),
            "request": lambda it: it.request(POUND, **BY),
            "approve": lambda it: it.approve(**BY),
            "decline": lambda it: it.decline(Declined(DeclineCode.OTHER), **BY),
            "reschedule": lambda it: it.reschedule(SESSION, RULES, it.during.end, **BY),
            "expire": lambda it: attrs.evolve(it, held_until=AT, during=OVER).expire(**BY),
            "cancel": lambda it: it.cancel(CancellationReason.PATIENT, **BY),
            "arrive": lambda it: it.arrive(**BY),
            "fulfil": lambda it: it.fulfil(**BY),
            "miss": lambda it: it.miss(AT, **BY),
        },
    )


def _identity_check() -> Life:
    evidence = tuple(
        Evidence(kind, DocumentId(ID)) for kind in (DocumentKind.IDENTITY, DocumentKind.SELFIE)
    )
    found = tuple(Finding(item.code, passed=True) for item in IDENTITY_CHECKLIST)

    def decided(verdict: IdentityVerdict) -> Decision:
        return Decision.of(evidence, verdict, "so it is", found, valid_days=30, **BY)

    yes, no = decided(IdentityVerdict.DOCUMENTS_MATCH), decided(IdentityVerdict.ANOTHER_PERSON)
    nobody: frozenset[UserId] = frozenset()
    example = IdentityCheck(
        id=IdentityCheckId(ID), practice_id=PRACTICE, patient_id=PATIENT, evidence=evidence
    )
    return Life(
        example,
        {
            "supply": lambda it: it.supply(evidence[0], **BY),
            "submit": lambda it: it.submit("here", **BY),
            "ask": lambda it: it.ask("a sharper photo", **BY),
            "comment": lambda it: it.comment("a word", **BY),
            "approve": lambda it: it.approve(yes, IDENTITY_CHECKLIST, applicants=nobody),
            "reject": lambda it: it.reject(no, applicants=nobody),
            "reopen": lambda it: it.reopen(**BY),
            "expire": lambda it: it.expire(**BY),
            "purge": lambda it: it.purge(**BY),
        },
    )


def _card() -> Life:
    details = CardDetails("token", "visa", "4242", 2040, 12)
    example, _ = Card.save(CardId(ID), PRACTICE, PATIENT, details, **BY)
    return Life(
        example, {"prefer": lambda it: it.prefer(**BY), "remove": lambda it: it.remove(**BY)}
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

    proposal = Proposal(POUND + POUND, MORE, WHO, AT, "longer")
    example = attrs.evolve(example, proposal=proposal, next_at=AT)

    def answer(it: Charge, declined: str | None = None) -> PaymentOutcome:
        return PaymentOutcome(key=it.payment_key, amount=it.due, reference="r", declined=declined)

    def taken(it: Any, back: int = 0) -> Any:
        kept = it.ledger
        if back:
            kept = kept.letting_off(Money(back, "GBP"), reason="a favor", **BY)
        return attrs.evolve(
            it, outcome=answer(it), ledger=kept.balanced(POUND, reason="a favor", **BY)
        )

    return Life(
        example,
        {
            "correct": lambda it: it.correct(Pricing((), 1), reason="a share", **BY),
            "propose_increase": lambda it: it.propose_increase(MORE, reason="an hour", **BY),
            "agree": lambda it: it.agree(POUND + POUND, **BY),
            "change_card": lambda it: it.change_card(CardId(ID), **BY),
            "release": lambda it: it.release(**BY),
            "order": lambda it: it.order(again_at=LATER, **BY),
            "await_payer": lambda it: it.await_payer(answer(it), until=LATER, **BY),
            "confirm": lambda it: it.confirm(**BY),
            "resume": lambda it: it.resume(again_at=LATER, **BY),
            "settle": lambda it: it.settle(answer(it), **BY),
            "fail": lambda it: it.settle(answer(it, "insufficient_funds"), again_at=LATER, **BY),
            "lack_card": lambda it: it.lack_card(**BY),
            "retry": lambda it: it.retry(**BY),
            "waive": lambda it: it.waive(**BY),
            "write_off": lambda it: it.write_off("unknown address", **BY),
            "bill_fee": lambda it: it.bill_fee(POUND, **BY),
            "undo": lambda it: it.undo(POUND, **BY),
            "reimburse": lambda it: taken(it).reimburse(POUND, reason="a favor", **BY),
            "refund": lambda it: taken(it, back=40).refund(**BY),
            "refund_rest": lambda it: taken(it, back=100).refund(**BY),
        },
    )


def _consultation() -> Life:
    one, other = WHO, UserId(UUID(int=2))
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
    known, _ = example.confirm_identity(IdentityMethod.KNOWN, by=WHO, at=AT)
    example = attrs.evolve(known, version=example.version)
    stays = (Attendance("final", one, since=AT),)
    failed = Outcome(OutcomeKind.TECHNICAL_FAILURE, WHO, AT)
    return Life(
        example,
        {
            "admit": lambda it: it.admit(Participant(WHO, Side.PATIENT), at=AT),
            "enter": lambda it: it.enter(one, "another", at=AT),
            "leave": lambda it: it.leave(one, f"of {one}", at=AT),
            "empty": lambda it: it.leave(other, f"of {other}", at=AT)[0].leave(
                one, f"of {one}", at=AT
            ),
            "confirm_identity": lambda it: it.confirm_identity(IdentityMethod.KNOWN, **BY),
            "change_mode": lambda it: it.change_mode(Mode.VOICE, **BY),
            "report_failure": lambda it: it.report_failure(None, side=Side.PATIENT, **BY),
            "reconcile": lambda it: it.reconcile(stays, **BY),
            "complete": lambda it: it.complete(Episode(True, True), **BY),
            "cancel": lambda it: it.cancel(failed),
        },
    )


def _visit_note() -> Life:
    example = VisitNote(
        id=NoteId(ID),
        practice_id=PRACTICE,
        appointment_id=APPOINTMENT,
        patient_id=PATIENT,
        provider_id=PROVIDER,
        author=WHO,
        body=NoteBody(summary="a cough"),
        visit_at=AT,
        drafted_at=AT,
    )
    addendum = Addendum(
        id=ID, kind=AddendumKind.CORRECTION, by=WHO, at=AT, reason="a slip", text="a cold"
    )
    return Life(
        example,
        {
            "edit": lambda it: it.edit(NoteBody(plan="rest"), **BY),
            "sign": lambda it: it.sign(**BY),
            "add": lambda it: it.add(addendum),
            "hide": lambda it: it.hide(hidden=True, **BY),
        },
    )


def _emergency() -> Life:
    example, _ = Emergency.raise_it(
        "faints",
        id=EmergencyId(ID),
        practice_id=PRACTICE,
        kind=EmergencyKind.RAISED,
        appointment_id=APPOINTMENT,
        patient_id=PATIENT,
        provider_id=PROVIDER,
        raised_by=WHO,
        raised_at=AT,
    )
    return Life(
        example,
        {
            "log": lambda it: it.note("called 999", **BY),
            "close": lambda it: it.close("safe", **BY),
        },
    )


def _patient() -> Life:
    guardian = Guardianship(PATIENT, GuardianBasis.COURT_ORDER, ID, AT)
    example = Patient(
        id=PATIENT,
        practice_id=PRACTICE,
        profile=profile(),
        guardians=(guardian,),
        handover=offered("a secret", reason="seen in person", **BY),
        registered_at=AT,
    )
    following = Following(PartnerId(ID), ID, AT, LATER)
    ended = GuardianshipDecision.ENDED
    return Life(
        example,
        {
            "complete_profile": lambda it: it.complete_profile(profile(phone="12345"), **BY),
            "verify": lambda it: it.verify(until=None, **BY),
            "reopen": lambda it: it.reopen(**BY),
            "note_document": lambda it: it.note_document("0" * 64, **BY),
            "tie": lambda it: it.tie_partner(following, **BY),
            "untie": lambda it: it.untie_partners(**BY),
            "decide_guardian": lambda it: it.decide_guardian(PATIENT, ended, reason="no", **BY),
            "offer_handover": lambda it: it.offer_handover("another", reason="known", **BY),
            "take_over": lambda it: it.take_over("a secret", **BY),
            "suspend": lambda it: it.suspend("a dispute", **BY),
            "readmit": lambda it: it.reinstate(**BY),
            "reinstate": lambda it: attrs.evolve(it, verified_until=LATER).reinstate(**BY),
            "close": lambda it: it.close("moved away", **BY),
        },
    )


def _suspicion() -> Life:
    rules = frozenset({DuplicateRule.PHONE})
    example = DuplicateSuspicion(
        id=SuspicionId(ID),
        practice_id=PRACTICE,
        patient_id=PATIENT,
        other_id=PATIENT,
        rules=rules,
        raised_at=AT,
    )
    return Life(
        example,
        {
            "recur": lambda it: it.recur(rules, **BY),
            "dismiss": lambda it: it.dismiss("two brothers", **BY),
            "confirm": lambda it: it.confirm("the same", **BY),
        },
    )


def _consent() -> Life:
    example = Consent(
        id=ConsentId(ID),
        practice_id=PRACTICE,
        patient_id=PATIENT,
        given_by=WHO,
        basis=ConsentBasis.OWN,
        purpose=ConsentPurpose.GP_SHARING,
        text_hash="0" * 64,
        channel=ConsentChannel.ONLINE,
        given=True,
        at=AT,
    )
    return Life(example, {"withdraw": lambda it: it.withdraw(**BY)})


def _provider() -> Life:
    licences = (
        Licence(regulator="Register", number="1", expires_on=date(2030, 1, 1)),
        Licence(regulator="Another", number="1", expires_on=date(2030, 1, 1)),
    )
    example = Provider(
        id=PROVIDER,
        practice_id=PRACTICE,
        name="Quinn Therapist",
        profession=Profession.THERAPIST,
        specialties=frozenset(),
        licences=licences,
        services=(Service(code="visit", name="Visit", minutes=30, price=POUND),),
        added_at=AT,
    )
    details = ProviderDetails(
        name="Quinn Example",
        gender=None,
        specialties=frozenset(),
        languages=frozenset(),
        services=example.services,
        prescriber=False,
    )
    return Life(
        example,
        {
            "activate": lambda it: it.activate(**BY),
            "revise": lambda it: it.revise(details, **BY),
            "license": lambda it: it.license(licences[0], **BY),
            "check": lambda it: it.check(licences[0], **BY),
            "strike": lambda it: it.strike("Another", None, **BY),
            "suspend": lambda it: it.suspend("a complaint", **BY),
            "reinstate": lambda it: it.reinstate("nothing in it", **BY),
            "leave": lambda it: it.leave("retired", **BY),
        },
    )


def _session() -> Life:
    example = attrs.evolve(SESSION, modes=frozenset({Mode.VOICE}))
    return Life(
        example,
        {
            "publish": lambda it: it.publish(**BY),
            "revise": lambda it: it.revise(modes=frozenset(Mode), price=POUND, **BY),
            "close": lambda it: it.close(**BY),
        },
    )


def _waitlist_entry() -> Life:
    example = WaitlistEntry(
        id=WaitlistEntryId(ID),
        practice_id=PRACTICE,
        patient_id=PATIENT,
        provider_id=PROVIDER,
        location="GB",
        period=Interval.lasting(LATER, 60),
        joined_at=AT,
        joined_by=WHO,
    )
    held, _ = example.hold(SESSION, SESSION.visit_at(LATER), RULES, by=WHO, at=AT)
    return Life(
        example,
        {
            "offer": lambda it: it.offer(held, **BY),
            "take": lambda it: it.take(**BY),
            "lapse": lambda it: it.lapse(**BY),
            "leave": lambda it: it.leave(**BY),
        },
    )


def _prescription() -> Life:
    item = Item(
        medicine="Example",
        strength="5 mg",
        form="tablet",
        quantity=28,
        unit="tablets",
        days=28,
        directions="one",
    )
    written = Script(items=(item,))
    draft, _ = Prescription.draft(
        written,
        by=WHO,
        at=AT,
        id=PrescriptionId(ID),
        practice_id=PRACTICE,
        patient_id=PATIENT,
        provider_id=PROVIDER,
        appointment_id=APPOINTMENT,
    )
    told = Particulars(
        patient_name="Pat Example",
        patient_address="1 Example Street",
        patient_age=None,
        prescriber_name="Robin Doctor",
        prescriber_kind="doctor",
        prescriber_address="2 Example Street",
        registrations=(),
        dea_number=None,
        appropriate_date=AT.date(),
    )
    example = draft.completed(
        told,
        valid_until=LATER.date(),
        dispensable=1,
        warnings=frozenset(),
        review_needed=True,
    )
    pharmacy = Pharmacy(name="Example", address="5 Example Street", contact="rx@example.org")

    def dispensed(times: int) -> Call:
        return lambda it: attrs.evolve(it, dispensable=times).dispense(ID, on=AT.date(), **BY)

    return Life(
        example,
        {
            "edit": lambda it: it.edit(Script(items=(item, item)), **BY),
            "sign": lambda it: it.sign(b"seal", **BY),
            "send": lambda it: it.send(pharmacy, "a token of some length", **BY),
            "transmit": lambda it: it.transmit(**BY),
            "claim": dispensed(2),
            "dispense": dispensed(1),
            "cancel": lambda it: it.cancel("a mistake", **BY),
            "reissue": lambda it: it.reissue(PrescriptionId(ID), "a mistake", **BY),
            "expire": lambda it: it.expire(**BY),
            "hide": lambda it: it.hide(hidden=True, **BY),
            "review": lambda it: it.looked_at("sound", **BY),
        },
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
        {
            "issue": lambda it: it.issue("0" * 64, **BY),
            "deliver": lambda it: it.deliver(Delivery.POST, **BY),
            "acknowledge": lambda it: it.acknowledge("a secretary", **BY),
            "supersede": lambda it: it.supersede(LetterId(ID), **BY),
            "recall": lambda it: it.recall(RecallReason.WRONG_CONTENT, "a slip", **BY),
            "hide": lambda it: it.hide(hidden=True, **BY),
        },
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


def _record_conflict() -> Life:
    difference = Difference("phone", None, "1", "2")
    example = RecordConflict(
        id=RecordConflictId(ID),
        practice_id=PRACTICE,
        kind=RecordKind.PATIENT,
        subject=PATIENT,
        patient_id=PATIENT,
        differences=(difference,),
        found_at=AT,
    )
    return Life(
        example,
        {
            "hear": lambda it: it.hear((attrs.evolve(difference, theirs="3"),), **BY),
            "settle": lambda it: it.settle(**BY),
            "resolve": lambda it: it.resolve({"phone": Keeps.OURS}, "called", **BY),
        },
    )


def _quarantined() -> Life:
    example = Quarantined(
        id=QuarantineId(ID),
        practice_id=PRACTICE,
        kind=RecordKind.PATIENT,
        outside_id="1",
        row={"phone": "1"},
        problem=Problem.UNREADABLE,
        heard_at=AT,
    )
    return Life(
        example,
        {
            "hear": lambda it: it.hear(attrs.evolve(example, row={}), by=WHO),
            "retry": lambda it: it.retry(**BY),
            "release": lambda it: it.release(**BY),
            "dismiss": lambda it: it.dismiss("a test", **BY),
        },
    )


LIVES = {
    type(life.example).__name__: life
    for life in (
        _appointment(),
        _card(),
        _charge(),
        _consent(),
        _consultation(),
        _conversation(),
        _emergency_access(),
        _emergency(),
        _identity_check(),
        _letter(),
        _medication(),
        _partner(),
        _patient(),
        _prescription(),
        _program(),
        _provider(),
        _quarantined(),
        _record_conflict(),
        _referral(),
        _role_grant(),
        _session(),
        _waitlist_entry(),
        _visit_note(),
        _suspicion(),
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
