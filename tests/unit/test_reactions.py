"""What follows from what happened: one table, every line of which can be run and repeated."""

import pytest

from telehealth_core.access.actor import Actor
from telehealth_core.messaging.notice import NOTICES
from telehealth_core.practice.settings import Approval, Charging
from telehealth_core.reactions import EVENTS, REACTIONS, Reaction, reactions_to
from telehealth_core.shared.refusal import Refusal, Unavailable
from unit.clinic import MORNING, Clinic


@pytest.mark.parametrize("reaction", REACTIONS, ids=lambda one: f"{one.event.__name__}-{one.name}")
def test_a_reaction_names_a_use_case_that_the_facade_offers(reaction: Reaction) -> None:
    """The worker finds class and method by the table's words."""
    offered = {type(one).__name__: type(one) for one in Clinic().ask.every()}
    name = reaction.name.rpartition(".")[2]
    assert getattr(offered[reaction.capability], name) is reaction.use_case
    assert EVENTS[reaction.event.__name__] is reaction.event


def test_a_reaction_to_an_event_is_written_once() -> None:
    """Event and reaction together identify what was run already."""
    pairs = [(one.event, one.name) for one in REACTIONS]
    assert len(set(pairs)) == len(pairs)
    for kind in EVENTS.values():
        assert reactions_to(kind) == tuple(one for one in REACTIONS if one.event is kind)
    assert all(reactions_to(kind) for kind in NOTICES)


def busy_day(charging: Charging, approval: Approval) -> Clinic:
    """A practice in which bookings were made, paid, missed out on and given up."""
    clinic = Clinic(charging=charging, approval=approval)
    provider, patient = clinic.provider(), clinic.patient()
    session = clinic.session(provider)
    starts = [visit.start for visit in session.visits(MORNING)]
    booked = clinic.booked(patient, session, starts[0])
    clinic.requested(clinic.patient("Lee Example", card="tok_fails_later"), session, starts[1])
    given_up = clinic.requested(patient, session, starts[2])
    clinic.ask.scheduling.cancel(patient, given_up.id)
    clinic.drain()
    clinic.visited(booked, patient, provider)
    clinic.drain()
    return clinic


@pytest.mark.parametrize("approval", Approval)
@pytest.mark.parametrize("charging", Charging)
def test_a_day_replayed_from_its_events_changes_nothing(
    charging: Charging, approval: Approval
) -> None:
    """Late, doubled, out of order: once everything has settled, no event changes anything more
    (F62).
    """
    clinic = busy_day(charging, approval)
    before = (clinic.rows(), dict(clinic.payments.outcome_of), clinic.sent())
    for event in [*reversed(clinic.happened), *clinic.happened]:
        for reaction in reactions_to(type(event)):
            clinic.ask.react(reaction, event, clinic.system)
    assert not clinic.store.outbox
    after = (clinic.rows(), dict(clinic.payments.outcome_of), clinic.sent())
    assert after == before


def test_nobody_but_the_machinery_runs_reactions() -> None:
    """A reaction asked for by a person, whoever it is, is refused and changes nothing."""
    clinic = busy_day(Charging.AT_BOOKING, Approval.AUTOMATIC)
    people: list[Actor] = [clinic.visitor, clinic.patient(), clinic.provider(), clinic.partner()]
    before = clinic.rows()
    for event in clinic.happened:
        for reaction in reactions_to(type(event)):
            for actor in people:
                with pytest.raises(Refusal) as refused:
                    clinic.ask.react(reaction, event, actor)
                assert not isinstance(refused.value, Unavailable)
    assert clinic.rows() == before
