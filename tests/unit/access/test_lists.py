"""What a list shows can be read alone, and nothing readable is missing where the list is whole."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.actor import Actor, Purpose, Role
from telehealth_core.access.emergency import EmergencyReason
from telehealth_core.messaging.conversation import Channel
from telehealth_core.shared.ids import EmergencyAccessId, PatientId
from telehealth_core.shared.refusal import Refusal, Unknown
from unit.access.world import DAY, World
from unit.clinic import LAWS, provider_of

Shows = Callable[[Any, Any], tuple[Any, ...]]
Read = Callable[[Any, Any, Any], object]


@attrs.frozen
class Pair:
    """A list, how one of its things is read alone, and all of them there are where it is whole."""

    shows: Shows
    read: Read
    all: Callable[[World], list[Any]] | None = None


def rows(world: World, name: str) -> list[Any]:
    """Everything stored of a kind in the practice."""
    found = world.here.store.rows.get(name, {}).values()
    return [row for row in found if row.practice_id == world.here.id]


def own(world: World, name: str) -> list[Any]:
    """Everything stored of a kind for the world's patient."""
    return [row for row in rows(world, name) if row.patient_id == world.id]


PAIRS = {
    "patients": Pair(
        lambda ask, who: ask.registration.page(who, limit=200),
        lambda ask, who, one: ask.registration.view(who, one.id),
    ),
    "dependants": Pair(
        lambda ask, who: ask.family.dependants(who),
        lambda ask, who, one: ask.registration.view(who, one.id),
    ),
    "identity reviews": Pair(
        lambda ask, who: ask.identity.queue(who),
        lambda ask, who, one: ask.identity.view(who, one.patient_id),
    ),
    "dashboard": Pair(
        lambda ask, who: ask.diary.in_period(who, DAY),
        lambda ask, who, one: ask.scheduling.view(who, one.id),
        lambda world: rows(world, "appointments"),
    ),
    "followed": Pair(
        lambda ask, who: ask.follow_up.followed(who),
        lambda ask, who, one: ask.treatment.of_patient(who, one.patient_id),
    ),
    "emergencies": Pair(
        lambda ask, who: ask.emergency.unreviewed(who),
        lambda ask, who, one: ask.registration.view(who, one.patient_id),
    ),
}
OF_PATIENT = {
    "calendar": Pair(
        lambda ask, who: ask.diary.of_patient(who, who.about),
        lambda ask, who, one: ask.scheduling.view(who, one.id),
        lambda world: own(world, "appointments"),
    ),
    "letters": Pair(
        lambda ask, who: ask.letters.of_patient(who, who.about),
        lambda ask, who, one: ask.letters.pdf(who, one.id),
        lambda world: own(world, "letters"),
    ),
    "schedule": Pair(
        lambda ask, who: ask.diary.of_provider(who, who.treated_by, DAY),
        lambda ask, who, one: ask.scheduling.view(who, one.id),
    ),
}
ROLES = ("patient", "guardian", "provider", "helper", "liaison", "admin", "partner", "stranger")


@attrs.frozen
class About(Actor):
    """An actor who asks about one patient and one provider."""

    about: PatientId | None = attrs.field(default=None, eq=False)
    treated_by: Any = attrs.field(default=None, eq=False)


@pytest.fixture(scope="module")
def world() -> World:
    """One world for all: reading changes nothing of it."""
    return World()


@pytest.fixture(scope="module")
def people(world: World) -> dict[str, Actor]:
    """Somebody of every kind, as they stand to the world's patient."""
    here = world.here
    guardian = here.patient("Gale Example")
    here.dependant(guardian)
    return {
        "patient": world.patient,
        "guardian": guardian,
        "provider": world.provider,
        "helper": world.helper,
        "liaison": here.liaison,
        "admin": here.admin,
        "partner": world.partner,
        **{f"stranger {name}": actor for name, actor in world.outsiders.items()},
    }


def asking(world: World, actor: Actor) -> About:
    """The actor, asking about the world's patient with a purpose."""
    given = {field.name: getattr(actor, field.name) for field in attrs.fields(Actor)}
    return About(
        **{**given, "purpose": Purpose.OPERATIONS},
        about=world.id,
        treated_by=provider_of(world.provider),
    )


@pytest.mark.parametrize("name", [*PAIRS, *OF_PATIENT])
def test_what_a_list_shows_can_be_read_and_what_can_be_read_is_shown(
    world: World, people: dict[str, Actor], name: str
) -> None:
    """For every list and everybody: the list is neither wider nor, where it is whole, narrower than
    the single read (ACC-01, ACC-13).
    """
    pair, let_in = {**PAIRS, **OF_PATIENT}[name], 0
    for actor in people.values():
        who = asking(world, actor)
        try:
            listed = pair.shows(world.here.ask, who)
        except Refusal:
            continue
        let_in += 1
        for one in listed:
            pair.read(world.here.ask, who, one)
        if pair.all is not None and actor.practice_id == world.here.id:
            ids = {one.id for one in listed}
            assert {one.id for one in pair.all(world) if readable(world, who, pair, one)} == ids
    assert let_in


def readable(world: World, who: About, pair: Pair, one: Any) -> bool:
    """Whether the single read lets the actor pass."""
    try:
        pair.read(world.here.ask, who, one)
    except Refusal:
        return False
    return True


SINGLE: dict[str, Callable[[World, Actor, Any], object]] = {
    "patient": lambda w, who, one: w.here.ask.registration.view(who, one or w.id),
    "identity": lambda w, who, one: w.here.ask.identity.view(who, one or w.id),
    "appointment": lambda w, who, one: w.here.ask.scheduling.view(who, one or w.appointment.id),
    "calendar": lambda w, who, one: w.here.ask.diary.of_patient(who, one or w.id),
    "visit": lambda w, who, one: w.here.ask.consultation.view(who, one or w.appointment.id),
    "prescriptions": lambda w, who, one: w.here.ask.prescribing.of_patient(who, one or w.id),
    "letter": lambda w, who, one: w.here.ask.letters.pdf(who, one or w.letter.id),
    "letters": lambda w, who, one: w.here.ask.letters.of_patient(who, one or w.id),
    "programs": lambda w, who, one: w.here.ask.treatment.of_patient(who, one or w.id),
    "messages": lambda w, who, one: w.here.ask.messaging.read(who, one or w.id, Channel.CARE),
    "openings": lambda w, who, one: w.here.ask.oversight.opened_by(who, one or w.id),
    "charge": lambda w, who, one: w.here.ask.billing.charge(who, one or w.appointment.id),
    "referral": lambda w, who, one: w.here.ask.partnership.view_referral(who, one or w.referral.id),
    "emergency": lambda w, who, one: w.here.ask.emergency.open(
        w.here.fresh(who),
        EmergencyAccessId(w.here.new_id()),
        one or w.id,
        reason=EmergencyReason.URGENT_COVER,
        text="on call tonight",
    ),
}


@pytest.mark.parametrize("name", SINGLE)
def test_a_stranger_is_told_the_same_of_what_is_there_and_what_is_not(
    world: World, name: str
) -> None:
    """Nobody finds out by asking whether somebody is a patient here (ACC-02)."""
    for actor in world.outsiders.values():
        if name == "emergency" and Role.PROVIDER in actor.roles:
            continue
        told = []
        for id in (None, world.here.new_id()):
            with pytest.raises(Unknown) as refused:
                SINGLE[name](world, actor, id)
            told.append((refused.value.code, refused.value.kind))
        assert told[0] == told[1]


@LAWS
@given(
    name=st.sampled_from(sorted(SINGLE)),
    purpose=st.sampled_from(list(Purpose)),
    fresh=st.booleans(),
)
def test_a_purpose_opens_nothing_to_a_stranger(
    *, world: World, name: str, purpose: Purpose, fresh: bool
) -> None:
    """Saying what for is asked on top of standing so, never instead of it (ACC-05)."""
    for actor in world.outsiders.values():
        if name == "emergency" and Role.PROVIDER in actor.roles:
            continue
        stating = attrs.evolve(actor, purpose=purpose)
        with pytest.raises(Refusal):
            SINGLE[name](world, world.here.fresh(stating) if fresh else stating, None)
