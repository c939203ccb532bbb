"""The permission cube: every action, role and relation against a golden table that people read."""

import re
import sys
from itertools import product
from pathlib import Path
from uuid import UUID

import attrs
import pytest

from telehealth_core.access.actor import STAFF, Actor, Relation, Role
from telehealth_core.access.policy import (
    POLICY,
    Action,
    NotPermitted,
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
    are granted in the cells.
    """
    rows = [["action", *Role]]
    for action in sorted(Action):
        granted = {
            role: "+".join(
                relation
                for relation in Relation
                if any((one.action, one.role, one.relation) == (action, role, relation)
                       for one in POLICY)
            )
            for role in Role
        }  # fmt: skip
        rows.append([action, *(granted[role] or "." for role in Role)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
             for row in rows)  # fmt: skip
    return "".join(f"{line.rstrip()}\n" for line in lines)


def golden() -> dict[tuple[Action, Role], set[Relation]]:
    """What the table that people read says."""
    head, *rows = (line.split() for line in GOLDEN.read_text().splitlines())
    return {
        (Action(row[0]), Role(role)): {Relation(one) for one in cell.split("+") if one != "."}
        for row in rows
        for role, cell in zip(head[1:], row[1:], strict=True)
    }


def test_the_policy_is_the_one_that_people_read() -> None:
    """A change of the policy shows in the table's diff: write it anew by running this module."""
    assert GOLDEN.read_text() == render()


@pytest.mark.parametrize("role", Role)
def test_every_cell_of_the_cube_is_as_the_table_says(role: Role) -> None:
    """Each action is let pass in exactly the relations of the table, and refused in every other."""
    actor = Actor(UserId(UUID(int=1)), PracticeId(UUID(int=2)), frozenset({role}))
    table = golden()
    for action, relation in product(Action, Relation):
        standing = frozenset({relation})
        if relation in table[action, role]:
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
    Role.PROVIDER: {Relation.TREATING, Relation.MEMBER},
    Role.PARTNER: {
        Relation.FOLLOWING,
        Relation.FOLLOWS_DETAILS,
        Relation.FOLLOWS_PROGRAM,
        Relation.FOLLOWS_SCORES,
        Relation.FOLLOWS_CHAT,
        Relation.MEMBER,
    },
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
