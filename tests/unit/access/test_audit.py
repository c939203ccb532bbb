"""Whoever changes, reads or is refused leaves an entry; patients and administrators are told."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest

from telehealth_core.access.actor import Actor, Purpose, Role
from telehealth_core.access.audit import (
    DONE,
    READ,
    AuditEntry,
    AuditOrder,
    Category,
    Opening,
    Side,
    category_of,
    kind_of,
    noted,
    undertaking,
)
from telehealth_core.access.policy import Action, NotSignedIn, PurposeNeeded
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import AppointmentId, PatientId, PracticeId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.phi import phi_fields
from telehealth_core.shared.refusal import Refusal, Unknown
from unit.access.cases import CASES
from unit.access.world import DAY, World
from unit.clinic import Clinic, profile
from unit.core import classes


def test_a_change_leaves_an_entry_for_each_event(clinic: Clinic) -> None:
    """What happened, to whose record, by whom."""
    patient = clinic.patient()
    held = clinic.hold(patient, clinic.session(clinic.provider()))
    entry = clinic.store.audit[-1]
    assert (entry.action, entry.actor, entry.subject) == ("AppointmentHeld", patient.id, held.id)
    assert (entry.patient_id, entry.practice_id) == (patient.patient_id, clinic.id)


def test_an_entry_of_a_change_says_what_is_asked_of_every_entry(clinic: Clinic) -> None:
    """Of a patient as of what belongs to one, whatever was asked of the policy before (AUD-02)."""
    patient = clinic.patient()
    kept = clinic.store.rows["patients"][patient.as_patient()]
    (card,) = clinic.store.rows["cards"].values()
    happened = Event(kept.id, 7, clinic.liaison.id, clinic.clock())
    about = AuditEntry(
        practice_id=clinic.id,
        at=clinic.clock(),
        actor=clinic.liaison.id,
        roles=frozenset({Role.LIAISON}),
        acted_for=kept.id,
        patient_id=kept.id,
        action="Event",
        kind="patient",
        subject=kept.id,
        category=Category.DEMOGRAPHICS,
        purpose=Purpose.OPERATIONS,
        outcome=DONE,
        request=None,
    )
    with undertaking(attrs.evolve(clinic.liaison, purpose=None)) as begun:
        noted(Action.VIEW_CARDS, "card", frozenset())
        assert begun.done(kept, happened, at=clinic.clock()) == about
        payment = attrs.evolve(about, kind="card", category=Category.PAYMENT)
        assert begun.done(card, happened, at=clinic.clock()) == payment
    provider = clinic.provider()
    with undertaking(provider) as begun:
        entry = begun.done(kept, happened, at=clinic.clock())
    assert (entry.acted_for, entry.purpose) == (None, Purpose.TREATMENT)


def test_reading_a_record_leaves_an_entry(clinic: Clinic) -> None:
    """Everything that AUD-02 asks for, and nothing of the profile that was read."""
    patient = clinic.patient()
    request = clinic.new_id()
    asking = attrs.evolve(clinic.liaison, purpose=Purpose.PAYMENT, request=request)
    clinic.ask.registration.view(asking, patient.as_patient())
    assert clinic.store.audit[-1] == AuditEntry(
        practice_id=clinic.id,
        at=clinic.clock(),
        actor=clinic.liaison.id,
        roles=frozenset({Role.LIAISON}),
        acted_for=patient.as_patient(),
        patient_id=patient.as_patient(),
        action=Action.VIEW_PATIENT.value,
        kind="patient",
        subject=patient.as_patient(),
        category=Category.DEMOGRAPHICS,
        purpose=Purpose.PAYMENT,
        outcome=READ,
        request=request,
    )


def test_a_guardians_entry_says_for_whom_they_acted(clinic: Clinic) -> None:
    """Acting for a child is told apart from acting for oneself (AUD-02)."""
    guardian = clinic.patient()
    child = clinic.dependant(guardian)
    told = {}
    for id in (guardian.as_patient(), child.id):
        clinic.ask.registration.view(guardian, id)
        told[id] = clinic.store.audit[-1].acted_for
    assert told == {guardian.as_patient(): None, child.id: child.id}


def test_a_refused_look_leaves_an_entry_without_an_answer(clinic: Clinic) -> None:
    """Who searched for what is not theirs is known."""
    stranger = clinic.patient("Lee Example")
    with pytest.raises(Refusal):
        clinic.ask.scheduling.view(stranger, AppointmentId(clinic.new_id()))
    entry = clinic.store.audit[-1]
    assert (entry.outcome, entry.actor) == ("unknown", stranger.id)


def test_a_refusal_by_role_leaves_an_entry(clinic: Clinic) -> None:
    """Trying what a role does not allow is worth knowing, too."""
    patient = clinic.patient()
    with pytest.raises(Refusal):
        clinic.ask.registration.page(patient)
    entry = clinic.store.audit[-1]
    assert (entry.action, entry.outcome) == ("patient:list", "not-permitted")


def test_a_rule_that_refuses_leaves_an_entry_of_whose_record_it_was(clinic: Clinic) -> None:
    """Not only the policy's refusals are known (N06): who, what, whose, and which rule."""
    patient = clinic.registering()
    with pytest.raises(Refusal):
        clinic.hold(patient, clinic.session(clinic.provider()))
    entry = clinic.store.audit[-1]
    assert (entry.action, entry.outcome) == ("appointment:hold", "not-verified")
    assert (entry.actor, entry.patient_id) == (patient.id, patient.as_patient())


def test_staff_say_what_they_open_a_record_for(clinic: Clinic) -> None:
    """Without a purpose nothing is shown, and the attempt is known; with one, it is in the entry
    (ACC-05).
    """
    patient = clinic.patient()
    silent = attrs.evolve(clinic.liaison, purpose=None)
    for read in (clinic.ask.registration.view, clinic.ask.identity.view):
        with pytest.raises(PurposeNeeded):
            read(silent, patient.as_patient())
        entry = clinic.store.audit[-1]
        assert (entry.outcome, entry.patient_id) == ("purpose-needed", patient.as_patient())
    clinic.ask.registration.view(attrs.evolve(silent, purpose=Purpose.LEGAL), patient.as_patient())
    assert clinic.store.audit[-1].purpose is Purpose.LEGAL


def test_whose_purpose_follows_from_who_they_are_need_not_say_it(clinic: Clinic) -> None:
    """The patient reads at their own request, whoever treats them to treat them, and so it is
    written down (ACC-05).
    """
    patient, provider = clinic.patient(), clinic.provider()
    clinic.booked(patient, clinic.session(provider))
    told = []
    for reader in (patient, provider):
        clinic.ask.registration.view(reader, patient.as_patient())
        told.append(clinic.store.audit[-1].purpose)
    assert told == [Purpose.PATIENT_REQUEST, Purpose.TREATMENT]


def test_a_list_of_twenty_names_twenty(clinic: Clinic) -> None:
    """Whoever lists patients leaves an entry for each whom the list shows (AUD-01)."""
    shown = {clinic.registering(f"Pat{number} Example").as_patient() for number in range(20)}
    noted = len(clinic.store.audit)
    clinic.ask.registration.page(clinic.liaison)
    entries = clinic.store.audit[noted:]
    assert len(entries) == 20
    assert {one.patient_id for one in entries} == shown


def readers(world: World) -> dict[str, Any]:
    """Somebody whom each use case that shows things lets pass."""
    return {
        "patient": world.patient,
        "provider": world.provider,
        "liaison": world.here.liaison,
        "admin": world.here.admin,
        "partner": world.partner,
    }


def patients_in(shown: Any) -> set[Any]:
    """Whose records an answer shows."""
    if isinstance(shown, tuple):
        return {one for part in shown for one in patients_in(part)}
    kind = type(shown).__name__
    if kind == "PaymentReport":
        return set()
    return {shown.id} if kind == "Patient" else {getattr(shown, "patient_id", None)} - {None}


READS = [
    name
    for name in CASES
    if name.split(".")[1]
    in {
        "view", "page", "dependants", "review_queue", "view_identity", "cards", "charge",
        "photo", "calendar", "schedule", "dashboard", "of_patient", "read", "followed",
        "unreviewed", "identity_image",
    }
    and name not in {"PracticeOffice.view", "Workforce.view"}
]  # fmt: skip


def test_there_are_reads_to_walk() -> None:
    """The walk below walks."""
    assert len(READS) > 12


@pytest.fixture(scope="module")
def world() -> World:
    """One world for all: reading changes nothing of it."""
    return World()


@pytest.mark.parametrize("name", READS)
def test_every_read_names_each_patient_it_shows(world: World, name: str) -> None:
    """Whatever an answer shows of a patient, its audit names them (AUD-01)."""
    seen = 0
    for actor in readers(world).values():
        noted = len(world.here.store.audit)
        try:
            answer = CASES[name].call(world, actor, world.here.new_id())
        except Refusal:
            continue
        entries = [one for one in world.here.store.audit[noted:] if one.outcome == READ]
        assert patients_in(answer) <= {one.patient_id for one in entries}
        assert {one.actor for one in entries} <= {actor.id}
        seen += 1
    assert seen


def test_the_audit_holds_no_personal_value(world: World) -> None:
    """Ids, codes and instants only: no canary of any record gets there (AUD-03)."""
    canaries = [value for value in attrs.asdict(profile()).values() if type(value) is str]
    told = repr(world.here.store.audit)
    words = {word for word in canaries if len(word) > 5}
    assert words
    assert not [
        word for word in (*words, "hello", "found unconscious", "Please see") if word in told
    ]
    assert not phi_fields(AuditEntry)


def test_every_action_and_aggregate_has_a_category() -> None:
    """What kind of data an entry is about is never left open (AUD-02)."""
    actions = {action.partition(":")[0] for action in Action}
    saved = {
        kind_of(cls)
        for cls in classes()
        if {"id", "practice_id", "version"} <= {field.name for field in attrs.fields(cls)}
    }
    assert {"appointment", "treatment-program", "account"} <= saved
    assert {one for one in actions | saved if category_of(one) is Category.OTHER} == set()
    assert category_of("sign-in attempts") is Category.ACCESS


def test_an_unheard_of_kind_is_other_unless_the_action_says(clinic: Clinic) -> None:
    """A refusal about a `room` in a visit is about the visit."""
    assert category_of("room") is Category.OTHER
    with undertaking(clinic.liaison) as begun:
        entering = ("room:enter", PatientId(UUID(int=1)), UUID(int=2))
        assert begun.read(*entering, at=clinic.clock()).category is Category.OTHER
        noted(Action.VIEW_CARDS, "card", frozenset())
        assert begun.read(*entering, at=clinic.clock()).category is Category.PAYMENT
    with pytest.raises(Unknown):
        clinic.ask.practice.open(
            clinic.system, attrs.evolve(clinic.practice, id=PracticeId(clinic.new_id()))
        )
    entry = clinic.store.audit[-1]
    assert (entry.category, entry.kind) == (Category.CONFIGURATION, "practice")
    assert isinstance(entry.subject, UUID)


def test_a_refusal_says_what_was_sought_or_that_something_was_asked() -> None:
    """Before any action was looked up and after, about a thing or none (AUD-02)."""
    at, id = DAY.start, UUID(int=2)
    with undertaking(Actor.visitor(PracticeId(UUID(int=1)))) as begun:
        sought = begun.refused(Unknown("waitlist entry", id), at=at)
        named = begun.refused(Unknown("document", "a word of somebody's"), at=at)
        asked = begun.refused(NotSignedIn(), at=at)
        noted(Action.SIGN_IN, "", frozenset())
        tried = begun.refused(NotSignedIn(), at=at)
        noted(Action.SIGN_IN, "identity check", frozenset())
        about = begun.refused(NotSignedIn(), at=at)
    said = (sought, named, asked, tried, about)
    assert [(one.action, one.kind, one.subject) for one in said] == [
        ("find waitlist entry", "waitlist-entry", id),
        ("find document", "document", None),
        ("ask", "", None),
        ("sign-in:begin", "sign-in", None),
        ("sign-in:begin", "identity-check", None),
    ]


# --- who is told -------------------------------------------------------------------------------


def test_a_patient_sees_who_opened_their_record(clinic: Clinic) -> None:
    """Role, side, time, category and purpose of everybody else's reads, the newest first; no name
    and no read of one's own (AUD-10, F37).
    """
    patient, provider = clinic.patient(), clinic.provider()
    clinic.booked(patient, clinic.session(provider))
    for reader in (clinic.liaison, patient, provider):
        clinic.clock.forward(minutes=1)
        clinic.ask.registration.view(reader, patient.as_patient())
    seen = clinic.ask.oversight.opened_by(patient, patient.as_patient())
    latest = [(one.role, one.side, one.category, one.purpose) for one in seen[:2]]
    assert latest == [
        (Role.PROVIDER, Side.PRACTICE, Category.DEMOGRAPHICS, Purpose.TREATMENT),
        (Role.LIAISON, Side.PRACTICE, Category.DEMOGRAPHICS, Purpose.OPERATIONS),
    ]
    assert seen[0].at == clinic.clock()
    (next_page,) = clinic.ask.oversight.opened_by(
        patient, patient.as_patient(), before=seen[0].id, limit=1
    )
    assert next_page == seen[1]


def test_partners_and_family_are_told_by_their_side() -> None:
    """A patient tells a guardian from the practice, and both from a partner (AUD-10)."""
    world = World()
    entry = world.here.store.audit[0]
    sides = {
        role: Side.PARTNER if role is Role.PARTNER else Side.FAMILY
        for role in (Role.PARTNER, Role.PATIENT)
    }
    for role in (Role.PROVIDER, Role.LIAISON, Role.ADMIN, Role.PARTNER, Role.PATIENT):
        opening = Opening.of(attrs.evolve(entry, roles=frozenset({role})))
        assert (opening.role, opening.side) == (role, sides.get(role, Side.PRACTICE))


def test_a_guardian_sees_who_opened_the_childs_record_and_nobody_else_does(clinic: Clinic) -> None:
    """It is part of the record: staff and strangers do not get it (AUD-10)."""
    guardian, stranger = clinic.patient(), clinic.patient("Lee Example")
    child = clinic.dependant(guardian)
    clinic.ask.registration.view(clinic.liaison, child.id)
    (seen,) = clinic.ask.oversight.opened_by(guardian, child.id)
    assert seen.role is Role.LIAISON
    for other in (stranger, clinic.liaison, clinic.admin, clinic.provider()):
        with pytest.raises(Refusal):
            clinic.ask.oversight.opened_by(other, child.id)


@pytest.mark.parametrize("by", AuditOrder)
def test_an_administrator_reports_a_period_in_the_order_asked_for(
    world: World, by: AuditOrder
) -> None:
    """All of the period, page after page, sorted by time, patient, user or action (AUD-08); the
    report itself is known, with everybody it names.
    """
    here, found = world.here, list[AuditEntry]()
    before = list(here.store.audit)
    while True:
        after = found[-1].id if found else None
        page = here.ask.oversight.report(here.admin, DAY, by=by, after=after, limit=50)
        found += [one for one in page if one.id <= len(before)]
        if len(page) < 50 or after == found[-1].id:
            break
    inside = [one for one in before if one.practice_id == here.id and one.at in DAY]
    wanted = [one for one in inside if getattr(one, by.value) is not None]
    if by is AuditOrder.TIME:
        assert found == wanted
    assert {one.id for one in found} == {one.id for one in wanted}
    keys = [(getattr(one, by.value), one.id) for one in found]
    assert keys == sorted(keys)
    entry = here.store.audit[-1]
    assert (entry.action, entry.actor) == (Action.REPORT_AUDIT.value, here.admin.id)


def test_a_page_of_openings_is_fifty_and_of_the_report_a_hundred(clinic: Clinic) -> None:
    """Unless asked otherwise (AUD-08, AUD-10)."""
    patient = clinic.patient()
    for _ in range(101):
        clinic.ask.registration.view(clinic.liaison, patient.as_patient())
    assert len(clinic.ask.oversight.opened_by(patient, patient.as_patient())) == 50
    today = Interval.lasting(clinic.clock(), 60)
    assert len(clinic.ask.oversight.report(clinic.admin, today)) == 100


def test_a_report_of_another_time_is_empty(world: World) -> None:
    """Nothing happened the year before."""
    long_ago = Interval(DAY.start - timedelta(days=400), DAY.start - timedelta(days=300))
    assert world.here.ask.oversight.report(world.here.admin, long_ago) == ()


def test_events_are_told_by_their_own_names(world: World) -> None:
    """A change's action is its event's name, as docs/events.md has it."""
    done = {one.action for one in world.here.store.audit if one.outcome == "done"}
    names = {kind.__name__ for kind in Event.__subclasses__()}
    assert done <= names
