"""Steps that nobody asks for: the worker, the timers, and the time."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.testing.world.faults import Fault
from telehealth_core.testing.world.steps.step import Call, NothingToAsk, Step, ask
from telehealth_core.timers import TIMERS

if TYPE_CHECKING:
    from telehealth_core.testing.world.world import World


def _deliver(w: "World") -> Call:
    return w.relay.deliver


def _ring(w: "World") -> Call:
    timer = w.rng.choice(TIMERS)
    if w.faults.late():
        raise NothingToAsk
    return ask(_rung, w, timer, w.here.system)


def _rung(w: "World", timer: Any, system: Any) -> str:
    w.ask.tick(timer, system)
    if w.faults.strikes(Fault.EAGER_TIMER):
        w.ask.tick(timer, system)
    return str(timer.name)


def _minutes(w: "World") -> Call:
    return ask(w.clock.forward, minutes=w.rng.randrange(1, 8))


def _to_next_visit(w: "World") -> Call:
    ahead = [
        one.during.start
        for one in w.all("appointments", lambda one: one.status is AppointmentStatus.BOOKED)
        if one.during.start > w.now
    ]
    if not ahead:
        raise NothingToAsk
    return ask(_jump, w, min(ahead) - w.now)


def _past_a_hold(w: "World") -> Call:
    held = w.all("appointments", lambda one: one.status is AppointmentStatus.HELD)
    ahead = [one.held_until for one in held if one.held_until > w.now]
    if not ahead:
        raise NothingToAsk
    return ask(_jump, w, min(ahead) - w.now)


def _hours(w: "World") -> Call:
    return ask(_jump, w, timedelta(hours=w.rng.choice((1, 3, 26))))


def _jump(w: "World", by: timedelta) -> str:
    w.faults.seen[Fault.CLOCK_JUMP] += 1
    w.clock.now += by
    return str(by)


MACHINERY = (
    Step("deliver", 120, _deliver),
    Step("ring", 20, _ring),
    Step("minutes pass", 9, _minutes),
    Step("to the next visit", 16, _to_next_visit),
    Step("past a hold", 2, _past_a_hold),
    Step("hours pass", 1, _hours),
)
