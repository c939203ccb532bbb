"""Every use case asks the policy before it changes anything: outsiders are refused everywhere."""

import inspect
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from telehealth_core.access.policy import NotPermitted
from telehealth_core.shared.refusal import Invalid, Refusal, Unknown
from unit.access.cases import CASES, FOREIGN_STAFF, STRANGERS
from unit.access.world import World
from unit.clinic import Clinic

EXEMPT = {
    "Access.sign_in": "whoever asks is not known yet; address and password decide",
    "Access.prove": "concerns the caller's own session; see test_sign_in",
    "Access.sign_out": "ends the caller's own session and no other; see test_sign_in",
    "Access.actor": "finds out who asks",
    "PracticeOffice.named": "anybody may ask for a practice's address; shows no person",
    "Registration.registered_before": "a part of register, which authorizes; saves nothing",
    "Registration.newcomer": "a part of register and of enrol, which authorize; saves nothing",
    "Registration.save_newcomer": "a part of register and of enrol, which authorize",
    "Registration.file_image": "a part of use cases that authorize; saves no row",
    "ConsultationRoom.entered": "reported by the room's operator, no actor; runs as the machinery",
    "ConsultationRoom.left": "reported by the room's operator, no actor; runs as the machinery",
    "ConsultationRoom.reconcile": "reported by the room's operator; runs as the machinery",
}
"""Public methods that ask no policy, and why."""

UNNOTED = {"Messaging.fan_out": "a reaction that reads nothing: it opens no unit of work"}
"""Use cases whose refusal leaves no audit entry, and why."""


def use_cases() -> set[str]:
    """Every public method of every capability that the facade offers."""
    return {
        f"{type(capability).__name__}.{name}"
        for capability in Clinic().ask.every()
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


GOLDEN = Path(__file__).with_name("strangers.txt")


def told(refusal: Refusal) -> str:
    """What a stranger learns from a refusal."""
    what = [refusal.facts().get(name) for name in ("action", "kind", "field")]
    return " ".join([refusal.code, *filter(None, what)])


def golden() -> dict[str, set[str]]:
    """What strangers are told by each use case, as the table that people read has it."""
    lines = (line.split("  ", 1) for line in GOLDEN.read_text().splitlines())
    return {name: set(answers.strip().split(", ")) for name, answers in lines}


def render() -> Iterator[str]:
    """The table anew: a line for each use case that is not open to all of them."""
    world = World()
    for name, case in CASES.items():
        answers = set()
        for who in (who for who in STRANGERS if who not in case.may):
            try:
                case.call(world, world.outsiders[who], world.here.new_id())
            except Refusal as refusal:
                answers.add(told(refusal))
        if answers:
            yield f"{name.ljust(36)}  {', '.join(sorted(answers))}\n"


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
    attempt is noted (ACC-01, N06). The answer is the one that people read in the table: a thing of
    somebody else's, and one that does not exist, as to a patient of another practice, are told
    alike (ACC-02). Write the table anew by running this module.
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
    assert told(refused.value) in golden()[name]
    assert seen(world) == before
    entries = world.here.store.audit[noted:]
    assert (
        about_oneself
        or name in UNNOTED
        or [(one.actor, one.outcome) for one in entries] == [(actor.id, refused.value.code)]
    )


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
        "Scheduling.photo": world.provider,
        "Approving.checks": world.here.liaison,
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


if __name__ == "__main__":
    sys.stdout.writelines(render())
