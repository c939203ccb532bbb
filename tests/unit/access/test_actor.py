"""How somebody stands to a thing follows from what is stored and from the time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.actor import (
    STAFF,
    Actor,
    Following,
    FollowScope,
    GuardianBasis,
    Guardianship,
    Relation,
    Role,
    Ties,
    relations,
)
from telehealth_core.shared.ids import PartnerId, PatientId, PracticeId, ProviderId, UserId
from telehealth_core.shared.refusal import Invalid
from unit.clinic import LAWS

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FEW = st.integers(0, 2).map(lambda number: UUID(int=number))
MAYBE = st.none() | FEW
HOURS = st.integers(-2, 2).map(lambda hours: AT + timedelta(hours=hours))


@LAWS
@given(
    patient=MAYBE,
    provider=MAYBE,
    partner=MAYBE,
    subject=FEW,
    treated_by=MAYBE,
    spans=st.lists(st.tuples(FEW, HOURS, HOURS), max_size=3),
)
def test_relations_are_computed_from_ties_that_are_live(
    *,
    patient: UUID | None,
    provider: UUID | None,
    partner: UUID | None,
    subject: UUID,
    treated_by: UUID | None,
    spans: list[tuple[UUID, datetime, datetime]],
) -> None:
    """Each relation holds exactly when a live tie, or the thing itself, names whom the account
    stands for.
    """
    actor = Actor(
        UserId(UUID(int=9)),
        PracticeId(UUID(int=9)),
        frozenset({Role.PATIENT}),
        PatientId(patient) if patient is not None else None,
        ProviderId(provider) if provider is not None else None,
        PartnerId(partner) if partner is not None else None,
    )
    basis = GuardianBasis.LEGAL_GUARDIAN
    ties = Ties(
        PatientId(subject),
        tuple(Guardianship(PatientId(who), basis, who, a, b) for who, a, b in spans),
        tuple(Following(PartnerId(who), who, a, b) for who, a, b in spans),
    )
    live = {who for who, since, until in spans if since <= AT < until}
    found = relations(
        actor, ties, provider_id=None if treated_by is None else ProviderId(treated_by), at=AT
    )
    expected = {
        Relation.MEMBER: True,
        Relation.PRACTICE: False,
        Relation.SELF: patient == subject,
        Relation.GUARDIAN: patient in live,
        Relation.FOLLOWING: partner in live,
        Relation.FOLLOWS_DETAILS: partner in live,
        Relation.FOLLOWS_PROGRAM: partner in live,
        Relation.FOLLOWS_SCORES: partner in live,
        Relation.FOLLOWS_CHAT: partner in live,
        Relation.TREATING: treated_by is not None and provider == treated_by,
    }
    assert found == {relation for relation, holds in expected.items() if holds}


@pytest.mark.parametrize("role", Role)
def test_staff_and_nobody_else_stand_in_relation_practice(role: Role) -> None:
    """Liaison, admin and the practice's machinery belong to all of it."""
    actor = Actor(UserId(UUID(int=1)), PracticeId(UUID(int=2)), frozenset({role}))
    assert (Relation.PRACTICE in relations(actor)) == (role in STAFF)


def test_a_guardianship_without_an_end_lasts() -> None:
    """Without a date to end on, authority holds from its first instant on."""
    tie = Guardianship(PatientId(UUID(int=1)), GuardianBasis.COURT_ORDER, UUID(int=2), AT)
    assert not tie.live(AT - timedelta(microseconds=1))
    assert tie.live(AT)
    assert tie.live(AT + timedelta(days=9_000))


def test_a_partner_that_is_given_leave_twice_has_both() -> None:
    """Each leave opens its own part of the record (F50)."""
    patient, partner = PatientId(UUID(int=1)), PartnerId(UUID(int=4))
    leaves = tuple(
        Following(partner, UUID(int=5), AT, AT + timedelta(days=1), frozenset({scope}))
        for scope in (FollowScope.DETAILS, FollowScope.PROGRAM)
    )
    actor = attrs.evolve(Actor.visitor(PracticeId(UUID(int=9))), partner_id=partner)
    found = relations(actor, Ties(patient, partners=leaves), at=AT)
    assert {Relation.FOLLOWS_DETAILS, Relation.FOLLOWS_PROGRAM} <= found


def test_the_ends_of_somebodys_ties_are_those_of_their_own() -> None:
    """Live ones that have an end, as guardian or as partner; nobody else's (CHD-04)."""
    child, parent, other = (PatientId(UUID(int=number)) for number in (1, 2, 3))
    soon, later = AT + timedelta(days=1), AT + timedelta(days=2)
    basis = GuardianBasis.LEGAL_GUARDIAN

    def tie(guardian: PatientId, until: datetime | None) -> Guardianship:
        return Guardianship(guardian, basis, child, AT, until)

    ties = Ties(child, (tie(parent, soon), tie(other, later), tie(other, None), tie(parent, AT)))
    practice = PracticeId(UUID(int=9))
    guardian = Actor(UserId(UUID(int=8)), practice, frozenset({Role.PATIENT}), parent)
    assert ties.ends_of(guardian, AT) == (soon,)
    assert ties.ends_of(attrs.evolve(guardian, patient_id=other), AT) == (later,)
    assert ties.ends_of(Actor.visitor(practice), AT) == ()


def test_an_account_that_stands_for_no_patient_cannot_act_as_one() -> None:
    """The refusal says which fact is missing."""
    visitor = Actor.visitor(PracticeId(UUID(int=2)))
    with pytest.raises(Invalid, match="patient_id"):
        visitor.as_patient()


def test_an_account_that_stands_for_no_partner_cannot_act_as_one() -> None:
    """The refusal says which fact is missing."""
    with pytest.raises(Invalid, match="partner_id"):
        Actor.visitor(PracticeId(UUID(int=2))).as_partner()


def test_an_account_that_stands_for_no_provider_cannot_act_as_one() -> None:
    """The refusal says which fact is missing."""
    with pytest.raises(Invalid, match="provider_id"):
        Actor.visitor(PracticeId(UUID(int=2))).as_provider()


def test_an_emergency_and_the_patient_are_remembered_with_the_relations() -> None:
    """What the audit needs goes with how somebody stands, and changes nothing of it (N08)."""
    actor, patient = Actor.visitor(PracticeId(UUID(int=2))), PatientId(UUID(int=3))
    standing = relations(actor, Ties(patient), at=AT, emergency=True)
    assert standing == frozenset({Relation.MEMBER, Relation.EMERGENCY})
    assert getattr(standing, "patient_id", None) == patient
    assert getattr(relations(actor), "patient_id", patient) is None


def test_visitor_and_machinery_of_a_practice_are_always_the_same() -> None:
    """Their ids follow from the practice, and differ from each other."""
    practice = PracticeId(UUID(int=2))
    assert Actor.visitor(practice) == Actor.visitor(practice)
    assert Actor.visitor(practice).id != Actor.system(practice).id
