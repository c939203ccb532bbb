"""Rings the timers in `TIMERS`: each once in its period, however many workers there are."""

import logging
from datetime import timedelta

import attrs

from telehealth_core.access import Actor
from telehealth_core.shared import Refusal
from telehealth_core.shared.ids import PracticeId
from telehealth_core.telehealth import Telehealth
from telehealth_core.timers import TIMERS, Timer

LOG = logging.getLogger("telehealth.worker")


def cron(every: timedelta) -> str:
    """The schedule of a period, in UTC: minutes that divide an hour, or hours that divide a day."""
    minutes, rest = divmod(every.total_seconds(), 60)
    hours, odd = divmod(minutes, 60)
    assert not rest, "a timer rings at whole minutes"
    if hours:
        assert not odd, "above an hour, at whole hours"
        assert not 24 % hours, "as often each day"
        return f"0 */{hours:.0f} * * *" if hours < 24 else "0 0 * * *"
    assert minutes, "at least a minute apart"
    assert not 60 % minutes, "as often each hour"
    return f"*/{minutes:.0f} * * * *"


@attrs.frozen
class Ringing:
    """What a job of the queue does when a timer is due."""

    clinic: Telehealth

    def ring(self, name: str) -> None:
        """Ring this timer for every practice. Where it fails, it keeps no other practice from being
        rung for, and rings again when it is due next; a timer of another release is left alone.
        """
        for timer in TIMERS:
            if timer.name == name:
                for practice in self.clinic.practice.directory.all():
                    self._ring(timer, practice.id)

    def _ring(self, timer: Timer, practice_id: PracticeId) -> None:
        try:
            self.clinic.tick(timer, Actor.system(practice_id))
        except Exception as problem:  # noqa: BLE001 - whatever it is, it rings again
            code = problem.code if isinstance(problem, Refusal) else type(problem).__name__
            LOG.warning("timer %s failed: %s", timer.name, code)
