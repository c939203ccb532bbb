"""Timers: each is a use case of the machinery, run for a practice, and does nothing twice."""

import inspect

import pytest

from telehealth_core.telehealth import Telehealth
from telehealth_core.timers import TIMERS, Timer
from unit.clinic import Clinic

EACH = pytest.mark.parametrize("timer", TIMERS, ids=lambda timer: timer.name)


@EACH
def test_a_timer_is_a_use_case_that_the_facade_offers(timer: Timer) -> None:
    """It asks for nothing but the actor, and rings again and again."""
    offered = {type(one).__name__ for one in Clinic().ask.every()}
    assert timer.capability in offered
    needed = [
        name
        for name, one in inspect.signature(timer.use_case).parameters.items()
        if one.default is inspect.Parameter.empty
    ]
    assert needed == ["self", "actor"]
    assert timer.every.total_seconds() >= 60


@EACH
def test_ringing_where_nothing_is_due_changes_nothing(timer: Timer) -> None:
    """A practice in which time stands still stays as it is, however often it rings."""
    clinic = Clinic()
    clinic.booked(clinic.patient(), clinic.session(clinic.provider()))
    clinic.drain()
    before, ask = clinic.rows(), Telehealth(clinic.ports)
    for _ in range(2):
        ask.tick(timer, clinic.system)
    clinic.drain()
    assert clinic.rows() == before
