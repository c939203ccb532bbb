"""Attempts to sign in: counted for each account, slowed down, and stopped at a hundred (AUT-06)."""

from datetime import datetime, timedelta
from typing import Self

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PracticeId, SignInAttemptsId, UserId, derived

ATTEMPTS_MOST = 100
"""So many attempts without success, and the account waits for an administrator."""
FREE_ATTEMPTS = 5
"""So many may follow each other at once."""
DELAY_MOST = timedelta(minutes=15)


class SignInRecovered(Event):
    """An administrator let somebody try again."""


@attrs.frozen(kw_only=True)
class SignInAttempts:
    """How often somebody tried to sign in to an account since it last succeeded."""

    id: SignInAttemptsId
    practice_id: PracticeId
    version: int = 1
    user_id: UserId
    count: int = 0
    last_at: datetime

    @classmethod
    def none(cls, practice_id: PracticeId, user_id: UserId, at: datetime) -> Self:
        """No attempt yet; the first one makes the first version."""
        id = cls.id_of(user_id)
        return cls(id=id, practice_id=practice_id, version=0, user_id=user_id, last_at=at)

    @staticmethod
    def id_of(user_id: UserId) -> SignInAttemptsId:
        """An account has one count; the id follows."""
        return SignInAttemptsId(derived(user_id, "sign-in attempts"))

    @property
    def delay(self) -> timedelta:
        """How long after the last attempt the next may be: a second after the free ones, then twice
        as long each time.
        """
        if self.count < FREE_ATTEMPTS:
            return timedelta()
        return min(DELAY_MOST, timedelta(seconds=2 ** min(self.count - FREE_ATTEMPTS, 10)))

    def allows(self, at: datetime) -> bool:
        """Whether a password is looked at now at all."""
        return self.count < ATTEMPTS_MOST and at - self.last_at >= self.delay

    def tried(self, *, at: datetime) -> Self:
        """One attempt more, counted before its password is looked at, so that none goes uncounted
        however many come at once.
        """
        return attrs.evolve(self, version=self.version + 1, count=self.count + 1, last_at=at)

    def succeeded(self) -> Self:
        """Nothing to count any more."""
        return attrs.evolve(self, version=self.version + 1, count=0)

    def recover(self, *, by: UserId, at: datetime) -> tuple[Self, SignInRecovered]:
        """Let somebody try again, as an administrator who knows them."""
        recovered = attrs.evolve(self, version=self.version + 1, count=0)
        return recovered, SignInRecovered(self.id, recovered.version, by, at)
