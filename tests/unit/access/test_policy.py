"""The permission cube: every action, role and relation against a golden table that people read."""

import re
import sys
from itertools import product
from pathlib import Path
from uuid import UUID

import attrs
import pytest

from telehealth_core.access.actor import STAFF, Actor, Purpose, Relation, Role
from telehealth_core.access.policy import (
    POLICY,
    Action,
    NotPermitted,
    PurposeNeeded,
    authorize,
    permitted,
)
from telehealth_core.messaging.conversation import READ, WRITE, Channel
from telehealth_core.shared.ids import PracticeId, UserId
from telehealth_core.shared.refusal import Refusal, Unknown
from unit.clinic import Clinic

GOLDEN = Path(__file__).with_name("policy.txt")
MEMBER = frozenset({Relation.MEMBER})


def render() -> str:
    """The policy as a table: a line for each action, a column for each role, the relations that
    are granted in the cells; `?` where a purpose is asked for.
    """
    cells = {(one.action, one.role, one.relation): one for one in POLICY}
    rows = [["action", *Role]]
    for action in sorted(Action):
        granted = {
            role: "+".join(
                f"{relation}{'?' * cells[action, role, relation].needs_purpose}"
                for relation in Relation
                if (action, role, relation) in cells
            )
            for role in Role
        }
        rows.append([action, *(granted[role] or "." for role in Role)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
             for row in rows)  # fmt: skip
    return "".join(f"{line.rstrip()}\n" for line in lines)


def golden() -> dict[tuple[Action, Role], dict[Relation, bool]]:
    """What the table that people read says: which relations, and whether a purpose is asked for."""
    head, *rows = (line.split() for line in GOLDEN.read_text().splitlines())
    return {
        (Action(row[0]), Role(role)): {
            Relation(one.rstrip("?")): one.endswith("?") for one in cell.split("+") if one != "."
        }
        for row in rows
        for role, cell in zip(head[1:], row[1:], strict=True)
    }


def test_the_policy_is_the_one_that_people_read() -> None:
    """A change of the policy shows in the table's diff: write it anew by running this module."""
    assert GOLDEN.read_text() == render()


@pytest.mark.parametrize("role", Role)
def test_every_cell_of_the_cube_is_as_the_table_says(role: Role) -> None:
    """Each action is let pass in exactly the relations of the table, with a purpose where it says
    so, and refused in every other (ACC-01, ACC-05).
    """
    actor = Actor(UserId(UUID(int=1)), PracticeId(UUID(int=2)), frozenset({role}))
    table = golden()
    stating = attrs.evolve(actor, purpose=Purpose.LEGAL)
    for action, relation in product(Action, Relation):
        standing = frozenset({relation})
        if relation in table[action, role]:
            authorize(stating, action, standing, of="thing")
            if table[action, role][relation]:
                with pytest.raises(PurposeNeeded):
                    authorize(actor, action, standing, of="thing")
            else:
                authorize(actor, action, standing, of="thing")
        else:
            with pytest.raises(Refusal) as refused:
                authorize(actor, action, standing, of="thing")
            assert isinstance(refused.value, Unknown if standing == MEMBER else NotPermitted)


def test_roles_and_relations_only_ever_add() -> None:
    """Somebody of two roles, or in two relations, may do what either may, and nothing more."""
    for action, one, other in product(Action, Role, Role):
        actor = Actor(UserId(UUID(int=1)), PracticeId(UUID(int=2)), frozenset({one, other}))
        for relation in Relation:
            alone = any(
                permitted(attrs.evolve(actor, roles=frozenset({role})), action, frozenset({who}))
                for role in (one, other)
                for who in {relation, Relation.MEMBER}
            )
            assert permitted(actor, action, frozenset({relation, Relation.MEMBER})) == alone


def test_nobody_without_a_role_or_relation_may_do_anything() -> None:
    """The policy denies by default."""
    nobody = Actor(UserId(UUID(int=1)), PracticeId(UUID(int=2)), frozenset())
    everybody = attrs.evolve(nobody, roles=frozenset(Role))
    for action in Action:
        assert not permitted(nobody, action, frozenset(Relation))
        assert not permitted(everybody, action, frozenset())


def test_a_stranger_learns_nothing_and_a_member_learns_that_it_is_not_theirs_to_do(
    clinic: Clinic,
) -> None:
    """Whoever stands in no relation to a thing is told the same as if there were none (ACC-02)."""
    with pytest.raises(Unknown):
        authorize(clinic.visitor, Action.VIEW_PATIENT, MEMBER, of="patient")
    with pytest.raises(NotPermitted):
        authorize(clinic.liaison, Action.PRESCRIBE, frozenset({Relation.PRACTICE}), of="patient")
    with pytest.raises(NotPermitted):
        authorize(clinic.visitor, Action.MANAGE_PRACTICE, MEMBER)


POSSIBLE = {
    Role.PATIENT: {Relation.SELF, Relation.GUARDIAN, Relation.MEMBER},
    Role.PARTNER: {
        Relation.FOLLOWING,
        Relation.FOLLOWS_DETAILS,
        Relation.FOLLOWS_PROGRAM,
        Relation.FOLLOWS_SCORES,
        Relation.FOLLOWS_CHAT,
        Relation.MEMBER,
    },
    Role.PROVIDER: {Relation.TREATING, Relation.EMERGENCY, Relation.MEMBER},
    Role.VISITOR: {Relation.MEMBER},
    **{role: {Relation.PRACTICE, Relation.MEMBER} for role in STAFF},
}


def test_the_policy_grants_only_relations_in_which_a_role_can_stand() -> None:
    """A permit that can never apply, or applies beyond its role, is a slip."""
    assert all(permit.relation in POSSIBLE[permit.role] for permit in POLICY)


def test_every_permit_has_its_source_and_is_written_once() -> None:
    """Each line cites the feature or rule that asks for it."""
    cells = [(permit.action, permit.role, permit.relation) for permit in POLICY]
    assert len(set(cells)) == len(cells)
    cited = re.compile(r"([FN]\d\d|[A-Z]{3}-\d\d)( ([FN]\d\d|[A-Z]{3}-\d\d))*")
    assert all(cited.fullmatch(permit.source) for permit in POLICY)
    assert {permit.action for permit in POLICY} == set(Action)


CLINICAL = {Action.PRESCRIBE, Action.WRITE_LETTER, Action.COMPLETE_VISIT, Action.MANAGE_PROGRAM}
RECORD = {Action.VIEW_PRESCRIPTION, Action.VIEW_LETTER}


def test_clinical_acts_are_the_treating_providers_alone() -> None:
    """Nobody else prescribes, certifies, confirms a visit or changes a program (F35, F45)."""
    who = {(permit.role, permit.relation) for permit in POLICY if permit.action in CLINICAL}
    assert who == {(Role.PROVIDER, Relation.TREATING)}


def test_the_back_office_does_not_read_records() -> None:
    """Staff care for accounts and appointments, not for clinical notes (F37)."""
    assert not {permit.role for permit in POLICY if permit.action in RECORD} & STAFF


EMERGENCY_READS = {
    Action.VIEW_PATIENT,
    Action.VIEW_NOTES,
    Action.VIEW_APPOINTMENT,
    Action.LIST_APPOINTMENTS,
    Action.VIEW_VISIT,
    Action.VIEW_PRESCRIPTION,
    Action.VIEW_LETTER,
    Action.VIEW_PROGRAM,
    Action.VIEW_PROGRAM_HISTORY,
    Action.VIEW_MEDICATIONS,
}


def test_an_emergency_opens_the_record_and_nothing_else() -> None:
    """Reading what care needs, by providers; no psychotherapy notes, no conversation, no writing
    (N08, ACC-06, ACC-07).
    """
    granted = [permit for permit in POLICY if permit.relation is Relation.EMERGENCY]
    assert {permit.role for permit in granted} == {Role.PROVIDER}
    assert {permit.action for permit in granted} == EMERGENCY_READS


def test_a_purpose_is_asked_of_staff_alone(clinic: Clinic) -> None:
    """Who treats, the patient's side and the machinery need not say what for; whoever also treats
    the patient need not either (ACC-05).
    """
    asked = {(permit.role, permit.relation) for permit in POLICY if permit.needs_purpose}
    assert asked == {(Role.LIAISON, Relation.PRACTICE), (Role.ADMIN, Relation.PRACTICE)}
    both = attrs.evolve(
        clinic.liaison, roles=frozenset({Role.LIAISON, Role.PROVIDER}), purpose=None
    )
    authorize(both, Action.VIEW_VISIT, frozenset({Relation.PRACTICE, Relation.TREATING}))
    with pytest.raises(PurposeNeeded):
        authorize(both, Action.VIEW_VISIT, frozenset({Relation.PRACTICE}))


def test_provider_and_partner_never_share_a_channel() -> None:
    """Providers are in the care conversation, partners in the partner's, patients and liaison in
    both, nobody else in any (F54).
    """
    for channel in Channel:
        other = Role.PROVIDER if channel is Channel.CARE else Role.PARTNER
        for action in (READ[channel], WRITE[channel]):
            inside = {permit.role for permit in POLICY if permit.action is action}
            assert inside == {Role.PATIENT, Role.LIAISON, other}


if __name__ == "__main__":
    sys.stdout.write(render())
