"""Every use case asks the policy before it changes anything: outsiders are refused everywhere."""

import inspect
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest

from telehealth_core.access.actor import Actor, GuardianBasis, Role
from telehealth_core.access.policy import NotPermitted
from telehealth_core.billing.charge import Charge, ChargeFailed, ChargePaid, ChargeReleased
from telehealth_core.letters.letter import LetterKind
from telehealth_core.messaging.conversation import Channel, MessagePosted
from telehealth_core.partnership.referral import ReferralAccepted
from telehealth_core.practice.practice import Approval
from telehealth_core.prescribing.prescription import Item
from telehealth_core.registration.document import DocumentKind
from telehealth_core.registration.identity_check import IdentityApproved, IdentityCheck
from telehealth_core.registration.patient import Identifier
from telehealth_core.scheduling.appointment import (
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentRequested,
    CancellationReason,
)
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    CardId,
    ConversationId,
    DocumentId,
    LetterId,
    MessageId,
    PartnerId,
    PatientId,
    PrescriptionId,
    ProgramId,
    ReferralId,
    SessionId,
    UserId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Invalid, Refusal, Unknown
from telehealth_core.treatment.program import ProgramKind
from unit.clinic import MORNING, PASSWORD, PHOTO, Clinic, child, profile, provider_of

DAY = Interval.lasting(MORNING - timedelta(hours=9), 24 * 60)
ITEM = Item(medicine="Example", strength="5 mg", form="tablet", quantity="28", directions="one")
PAGE: dict[str, Any] = {"kind": LetterKind.REFERRAL, "recipient": "A clinic", "text": "Please see."}


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
        self._write()
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
        self.referral = here.ask.partnership.refer(
            self.partner, ReferralId(here.new_id()), profile("Jo Example"), "needs care"
        )
        self.invited = here.ask.partnership.refer(
            self.partner, ReferralId(here.new_id()), profile("Jo Example"), "needs care"
        )
        here.ask.partnership.accept(here.liaison, self.invited.id, invitation="secret")
        here.ask.messaging.post(
            self.patient, MessageId(here.new_id()), self.id, Channel.CARE, "hello"
        )
        self.picture = here.store.rows["identity_checks"][IdentityCheck.id_of(self.id)].evidence[0]

    def told(self, kind: type[Event], subject: UUID, *more: Any) -> Any:
        """An event as a queue brings it."""
        return kind(subject, 9, self.here.system.id, self.here.clock(), *more)


Call = Callable[[World, Actor, UUID], Any]


@attrs.frozen
class Case:
    """One use case, called so that it would change or show something of the practice; `may` tells
    which outsiders it is open to, and `because` why.
    """

    call: Call
    may: frozenset[str] = frozenset()
    because: str = ""


STRANGERS = ("visitor", "patient", "provider", "partner", "foreign patient")
FOREIGN_STAFF = ("foreign liaison", "foreign admin")
ANYBODY = frozenset(STRANGERS)
PATIENTS = frozenset({"patient", "foreign patient"})
OPEN = "the policy opens it to everybody"
OWN = "it is about the caller's own things only"

CASES: dict[str, Case] = {
    "Access.open_account": Case(
        lambda w, actor, new: w.here.ask.access.open_account(
            actor,
            UserId(new),
            email="x@example.org",
            password=PASSWORD,
            roles=frozenset({Role.PARTNER}),
        )
    ),
    "PracticeOffice.open": Case(
        lambda w, actor, new: w.here.ask.practice.open(actor, w.here.practice)
    ),
    "PracticeOffice.view": Case(
        lambda w, actor, new: w.here.ask.practice.view(actor), ANYBODY, OPEN
    ),
    "PracticeOffice.change_settings": Case(
        lambda w, actor, new: w.here.ask.practice.change_settings(
            actor, w.here.practice.settings, replacing=1
        )
    ),
    "Registration.register": Case(
        lambda w, actor, new: w.here.ask.registration.register(
            actor, PatientId(new), email=f"{new}@example.org", password=PASSWORD
        ),
        frozenset({"visitor"}),
        "a visitor registers",
    ),
    "Registration.complete_profile": Case(
        lambda w, actor, new: w.here.ask.registration.complete_profile(
            actor, w.id, profile(phone="12345")
        )
    ),
    "Registration.supply_identity": Case(
        lambda w, actor, new: w.here.ask.registration.supply_identity(
            actor, w.id, DocumentKind.SELFIE, DocumentId(new), PHOTO
        )
    ),
    "Registration.submit_identity": Case(
        lambda w, actor, new: w.here.ask.registration.submit_identity(actor, w.id)
    ),
    "Registration.view_identity": Case(
        lambda w, actor, new: w.here.ask.registration.view_identity(actor, w.id)
    ),
    "Registration.identity_image": Case(
        lambda w, actor, new: w.here.ask.registration.identity_image(
            actor, w.id, w.picture.document_id
        )
    ),
    "Registration.review_queue": Case(
        lambda w, actor, new: w.here.ask.registration.review_queue(actor)
    ),
    "Registration.ask_for_more": Case(
        lambda w, actor, new: w.here.ask.registration.ask_for_more(actor, w.id, "more")
    ),
    "Registration.approve_identity": Case(
        lambda w, actor, new: w.here.ask.registration.approve_identity(actor, w.id, "same")
    ),
    "Registration.reject_identity": Case(
        lambda w, actor, new: w.here.ask.registration.reject_identity(actor, w.id, "other")
    ),
    "Registration.add_dependant": Case(
        lambda w, actor, new: w.here.ask.registration.add_dependant(
            actor,
            PatientId(new),
            child(),
            basis=GuardianBasis.COURT_ORDER,
            evidence=DocumentId(new),
            content=PHOTO,
        ),
        PATIENTS,
        OWN,
    ),
    "Registration.view": Case(lambda w, actor, new: w.here.ask.registration.view(actor, w.id)),
    "Registration.dependants": Case(
        lambda w, actor, new: w.here.ask.registration.dependants(actor), PATIENTS, OWN
    ),
    "Registration.page": Case(lambda w, actor, new: w.here.ask.registration.page(actor)),
    "Registration.enrol": Case(
        lambda w, actor, new: w.here.ask.registration.enrol(
            actor, Identifier(system="ehr", value=str(new)), profile(), ()
        )
    ),
    "Workforce.add": Case(
        lambda w, actor, new: w.here.ask.workforce.add(
            actor,
            attrs.evolve(
                w.here.store.rows["providers"][provider_of(w.provider)], id=new, version=1
            ),
        )
    ),
    "Workforce.find": Case(lambda w, actor, new: w.here.ask.workforce.find(actor), ANYBODY, OPEN),
    "Workforce.view": Case(
        lambda w, actor, new: w.here.ask.workforce.view(actor, provider_of(w.provider)),
        ANYBODY - {"foreign patient"},
        OPEN,
    ),
    "Billing.save_card": Case(
        lambda w, actor, new: w.here.ask.billing.save_card(actor, CardId(new), "tok_visa"),
        PATIENTS,
        OWN,
    ),
    "Billing.cards": Case(lambda w, actor, new: w.here.ask.billing.cards(actor), PATIENTS, OWN),
    "Billing.charge": Case(
        lambda w, actor, new: w.here.ask.billing.charge(actor, w.appointment.id)
    ),
    "Billing.correct": Case(
        lambda w, actor, new: w.here.ask.billing.correct(
            actor, w.appointment.id, insurance_bp=10_000, extras=(), reason="a gift"
        )
    ),
    "Billing.collect": Case(
        lambda w, actor, new: w.here.ask.billing.collect(
            actor, w.told(ChargeReleased, Charge.id_of(w.appointment.id))
        )
    ),
    "Billing.release": Case(
        lambda w, actor, new: w.here.ask.billing.release(
            actor, w.told(AppointmentFulfilled, w.appointment.id)
        )
    ),
    "Billing.undo": Case(
        lambda w, actor, new: w.here.ask.billing.undo(
            actor,
            w.told(AppointmentCancelled, w.appointment.id, CancellationReason.PATIENT),
        )
    ),
    "Billing.report": Case(lambda w, actor, new: w.here.ask.billing.report(actor, DAY)),
    "Scheduling.add_session": Case(
        lambda w, actor, new: w.here.ask.scheduling.add_session(
            actor,
            SessionId(new),
            provider_id=provider_of(w.provider),
            during=DAY,
            service="visit",
            modes=frozenset(Mode),
            start_every_minutes=30,
        )
    ),
    "Scheduling.open_times": Case(
        lambda w, actor, new: w.here.ask.scheduling.open_times(actor, provider_of(w.provider), DAY),
        ANYBODY,
        OPEN,
    ),
    "Scheduling.hold": Case(
        lambda w, actor, new: w.here.hold(
            actor,
            w.session,
            w.session.during.start + timedelta(hours=2),
            id=new,
            on_behalf_of=w.id,
        )
    ),
    "Scheduling.describe": Case(
        lambda w, actor, new: w.here.ask.scheduling.describe(actor, w.held.id, reason="mine")
    ),
    "Scheduling.attach": Case(
        lambda w, actor, new: w.here.ask.scheduling.attach(actor, w.held.id, DocumentId(new), PHOTO)
    ),
    "Scheduling.request": Case(
        lambda w, actor, new: w.here.ask.scheduling.request(
            actor, w.held.id, agreed=w.held.price, card_id=w.card.id
        )
    ),
    "Scheduling.decide_requested": Case(
        lambda w, actor, new: w.here.ask.scheduling.decide_requested(
            actor, w.told(AppointmentRequested, w.pending.id)
        )
    ),
    "Scheduling.decide_paid": Case(
        lambda w, actor, new: w.here.ask.scheduling.decide_paid(
            actor, w.told(ChargePaid, Charge.id_of(w.pending.id))
        )
    ),
    "Scheduling.give_up_unpaid": Case(
        lambda w, actor, new: w.here.ask.scheduling.give_up_unpaid(
            actor, w.told(ChargeFailed, Charge.id_of(w.pending.id))
        )
    ),
    "Scheduling.checks": Case(
        lambda w, actor, new: w.here.ask.scheduling.checks(actor, w.pending.id)
    ),
    "Scheduling.approve": Case(
        lambda w, actor, new: w.here.ask.scheduling.approve(actor, w.pending.id)
    ),
    "Scheduling.decline": Case(
        lambda w, actor, new: w.here.ask.scheduling.decline(actor, w.pending.id)
    ),
    "Scheduling.cancel": Case(
        lambda w, actor, new: w.here.ask.scheduling.cancel(actor, w.pending.id)
    ),
    "Scheduling.view": Case(
        lambda w, actor, new: w.here.ask.scheduling.view(actor, w.appointment.id)
    ),
    "Scheduling.calendar": Case(lambda w, actor, new: w.here.ask.scheduling.calendar(actor, w.id)),
    "Scheduling.schedule": Case(
        lambda w, actor, new: w.here.ask.scheduling.schedule(actor, provider_of(w.provider), DAY)
    ),
    "Scheduling.dashboard": Case(lambda w, actor, new: w.here.ask.scheduling.dashboard(actor, DAY)),
    "ConsultationRoom.join": Case(
        lambda w, actor, new: w.here.ask.consultation.join(actor, w.appointment.id, "GB")
    ),
    "ConsultationRoom.view": Case(
        lambda w, actor, new: w.here.ask.consultation.view(actor, w.appointment.id)
    ),
    "ConsultationRoom.complete": Case(
        lambda w, actor, new: w.here.ask.consultation.complete(actor, w.appointment.id)
    ),
    "Prescribing.draft": Case(
        lambda w, actor, new: w.here.ask.prescribing.draft(
            actor, PrescriptionId(new), w.appointment.id, (ITEM,)
        )
    ),
    "Prescribing.sign": Case(
        lambda w, actor, new: w.here.ask.prescribing.sign(actor, w.prescription.id)
    ),
    "Prescribing.of_patient": Case(
        lambda w, actor, new: w.here.ask.prescribing.of_patient(actor, w.id)
    ),
    "Correspondence.issue": Case(
        lambda w, actor, new: w.here.ask.letters.issue(
            actor, LetterId(new), w.appointment.id, **PAGE
        )
    ),
    "Correspondence.of_patient": Case(
        lambda w, actor, new: w.here.ask.letters.of_patient(actor, w.id)
    ),
    "Correspondence.pdf": Case(lambda w, actor, new: w.here.ask.letters.pdf(actor, w.letter.id)),
    "Treatment.start": Case(
        lambda w, actor, new: w.here.ask.treatment.start(
            actor,
            ProgramId(new),
            patient_id=w.id,
            provider_id=provider_of(w.provider),
            kind=ProgramKind.PHP,
            starts_on=date(2026, 11, 1),
            anticipated_discharge_on=None,
        )
    ),
    "Treatment.revise": Case(
        lambda w, actor, new: w.here.ask.treatment.revise(
            actor,
            w.program.id,
            kind=ProgramKind.PHP,
            anticipated_discharge_on=None,
            reason="worse",
        )
    ),
    "Treatment.discharge": Case(
        lambda w, actor, new: w.here.ask.treatment.discharge(
            actor, w.program.id, on=date(2026, 12, 1), reason="better"
        )
    ),
    "Treatment.of_patient": Case(
        lambda w, actor, new: w.here.ask.treatment.of_patient(actor, w.id)
    ),
    "Partnership.add_partner": Case(
        lambda w, actor, new: w.here.ask.partnership.add_partner(actor, PartnerId(new), "Charity")
    ),
    "Partnership.refer": Case(
        lambda w, actor, new: w.here.ask.partnership.refer(
            actor, ReferralId(new), profile(), "needs care"
        ),
        frozenset({"partner"}),
        OWN,
    ),
    "Partnership.view_referral": Case(
        lambda w, actor, new: w.here.ask.partnership.view_referral(actor, w.referral.id)
    ),
    "Partnership.accept": Case(
        lambda w, actor, new: w.here.ask.partnership.accept(actor, w.referral.id, invitation="mine")
    ),
    "Partnership.decline": Case(
        lambda w, actor, new: w.here.ask.partnership.decline(actor, w.referral.id)
    ),
    "Partnership.enrol": Case(
        lambda w, actor, new: w.here.ask.partnership.enrol(
            actor, PatientId(new), invitation="secret", password=PASSWORD, consent_days=None
        ),
        frozenset({"visitor"}),
        "whoever has the invitation is its client",
    ),
    "Partnership.followed": Case(
        lambda w, actor, new: w.here.ask.partnership.followed(actor), frozenset({"partner"}), OWN
    ),
    "Messaging.post": Case(
        lambda w, actor, new: w.here.ask.messaging.post(
            actor, MessageId(new), w.id, Channel.CARE, "let me in"
        )
    ),
    "Messaging.read": Case(
        lambda w, actor, new: w.here.ask.messaging.read(actor, w.id, Channel.CARE)
    ),
    "Messaging.listen": Case(
        lambda w, actor, new: w.here.ask.messaging.listen(actor, w.id, Channel.PARTNER)
    ),
    "Messaging.fan_out": Case(
        lambda w, actor, new: w.here.ask.messaging.fan_out(
            actor, w.told(MessagePosted, new, ConversationId(new))
        )
    ),
    "Messaging.notify": Case(
        lambda w, actor, new: w.here.ask.messaging.notify(
            actor, w.told(IdentityApproved, IdentityCheck.id_of(w.id))
        )
    ),
    "Messaging.invite": Case(
        lambda w, actor, new: w.here.ask.messaging.invite(
            actor, w.told(ReferralAccepted, w.invited.id)
        )
    ),
}

EXEMPT = {
    "Access.sign_in": "whoever asks is not known yet; address and password decide",
    "Access.sign_out": "ends the caller's own session and no other; see test_sign_in",
    "Access.actor": "finds out who asks",
    "PracticeOffice.named": "anybody may ask for a practice's address; shows no person",
    "Registration.newcomer": "a part of register and of enrol, which authorize; saves nothing",
    "Registration.save_newcomer": "a part of register and of enrol, which authorize",
    "Registration.file_image": "a part of use cases that authorize; saves no row",
    "ConsultationRoom.entered": "reported by the room's operator, no actor; runs as the machinery",
    "ConsultationRoom.left": "reported by the room's operator, no actor; runs as the machinery",
}
"""Public methods that ask no policy, and why."""

UNNOTED = {"Messaging.fan_out": "a reaction that reads nothing: it opens no unit of work"}
"""Use cases whose refusal leaves no audit entry, and why."""


def use_cases() -> set[str]:
    """Every public method of every capability that the facade offers."""
    return {
        f"{type(capability).__name__}.{name}"
        for capability in vars(Clinic().ask).values()
        for name, _ in inspect.getmembers(type(capability), inspect.isfunction)
        if not name.startswith("_")
    }


def test_every_use_case_is_tried_here_or_exempt_by_name() -> None:
    """A new use case that nobody tries as an outsider is missed."""
    assert set(CASES) | set(EXEMPT) == use_cases()
    assert not set(CASES) & set(EXEMPT)
    assert all(case.because for case in CASES.values() if case.may)


@pytest.fixture(scope="module")
def world() -> World:
    """One world for all: whoever is refused leaves it as it was."""
    return World()


def seen(world: World) -> tuple[Any, ...]:
    """All that an outsider could change: rows, and what was sent outside."""
    here = world.here
    return (
        here.rows(),
        dict(here.documents.kept),
        dict(here.payments.outcome_of),
        dict(here.payments.refunded),
        here.sent(),
        dict(here.channels.published),
    )


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("name", CASES)
def test_a_stranger_is_refused_and_changes_nothing(world: World, name: str, who: str) -> None:
    """Whoever the policy does not name is refused, everything stays as it was, and the
    attempt is noted (ACC-01, N06).
    """
    case, before = CASES[name], seen(world)
    actor, new = world.outsiders[who], world.here.new_id()
    if who in case.may:
        case.call(world, actor, new)
        return
    noted = len(world.here.store.audit)
    with pytest.raises(Refusal) as refused:
        case.call(world, actor, new)
    about_oneself = isinstance(refused.value, Invalid) and refused.value.field == "patient_id"
    assert isinstance(refused.value, NotPermitted | Unknown) or about_oneself
    assert seen(world) == before
    entries = world.here.store.audit[noted:]
    assert about_oneself or name in UNNOTED or [(one.actor, one.outcome) for one in entries] == [
        (actor.id, refused.value.code)
    ]


@pytest.mark.parametrize("who", FOREIGN_STAFF)
@pytest.mark.parametrize("name", CASES)
def test_staff_of_another_practice_change_nothing_here(world: World, name: str, who: str) -> None:
    """Roles count in one's own practice: elsewhere they reach no row and no vendor."""
    before = world.here.rows()
    shown: Any = None
    with suppress(Refusal):
        shown = CASES[name].call(world, world.outsiders[who], world.here.new_id())
    assert world.here.rows() == before
    ours = shown if isinstance(shown, tuple) else ()
    assert not [row for row in ours if getattr(row, "practice_id", None) == world.here.id]


def test_the_world_is_worth_guarding(world: World) -> None:
    """The people whom things concern are let through where strangers are not."""
    insiders = {
        "Registration.view": world.patient,
        "Scheduling.view": world.provider,
        "Scheduling.checks": world.here.liaison,
        "Correspondence.pdf": world.patient,
        "Partnership.view_referral": world.partner,
        "Messaging.read": world.here.liaison,
        "Treatment.of_patient": world.provider,
        "Prescribing.of_patient": world.patient,
        "Billing.charge": world.patient,
        "ConsultationRoom.view": world.provider,
    }
    for name, actor in insiders.items():
        CASES[name].call(world, actor, world.here.new_id())
