"""The clinic that is booked at: who is in it, and which free time each client asks for next.

Every id follows from a number, so that each process knows the clinic without being told. All
times that visits can start at are walked in one order that meets each of them once and leaps from
provider to provider and day to day: its first part is booked beforehand, the rest is shared out
among the clients. So nearly every attempt is at a free time, as a patient's is who picks an offer.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from uuid import NAMESPACE_DNS, UUID

import attrs

from telehealth_core.access.actor import Actor, Role
from telehealth_core.shared.ids import (
    PatientId,
    PracticeId,
    ProviderId,
    SessionId,
    UserId,
    derived,
)

PRACTICE = PracticeId(derived(NAMESPACE_DNS, "bench.example"))
LOCATION = "GB"
VISIT_MINUTES = 15
STARTS = 40
"""How many visits a session has room for."""
FOUGHT_FOR = 8
"""How many times are kept for several clients to want at once."""
_LEAP = 1_299_709
"""A prime, and no divisor of the number of times: a walk in such steps meets every time once."""


@attrs.frozen
class Wish:
    """A booking that a client will ask for."""

    patient: Actor
    session_id: SessionId
    start: datetime
    provider_number: int
    patient_number: int


@attrs.frozen(kw_only=True)
class Plan:
    """How large the clinic is."""

    providers: int
    days: int
    patients: int
    existing: int
    """Appointments that are there before the first measured one."""
    first_day: datetime
    """When the first day's sessions begin."""

    @property
    def times(self) -> int:
        """How many visits there is room for."""
        return self.providers * self.days * STARTS

    def start_of(self, day: int) -> datetime:
        """When the sessions of a day begin."""
        return self.first_day + timedelta(days=day)

    def wishes(self, share: int, of: int) -> Iterator[Wish]:
        """What one client of several asks for, one after the other: free times, any patient."""
        chosen = random.Random(share)
        for position in range(self.existing + share, self.times - FOUGHT_FOR, of):
            yield self._wish(position, chosen.randrange(self.patients))
        raise RuntimeError("every time is booked; measure for a shorter time or in a larger clinic")

    def race(self, callers: int) -> Iterator[Wish]:
        """What so many patients want at once: a few free times, one after the other."""
        for time in range(FOUGHT_FOR):
            for caller in range(callers):
                yield self._wish(self.times - 1 - time, (time * callers + caller) % self.patients)

    def booked_beforehand(self) -> Iterator[Wish]:
        """The appointments that are there from the beginning."""
        for position in range(self.existing):
            yield self._wish(position, position % self.patients)

    def _place(self, position: int) -> tuple[int, int, int]:
        """Provider, day and place in the day of the time that the walk meets at this position."""
        rest, start = divmod(position * _LEAP % self.times, STARTS)
        return rest % self.providers, rest // self.providers, start

    def _wish(self, position: int, patient: int) -> Wish:
        provider, day, start = self._place(position)
        at = self.start_of(day) + timedelta(minutes=start * VISIT_MINUTES)
        return Wish(patient_actor(patient), session_id(provider, day), at, provider, patient)


@cache
def provider_id(number: int) -> ProviderId:
    """The id of a provider."""
    return ProviderId(derived(PRACTICE, f"provider/{number}"))


@cache
def session_id(provider: int, day: int) -> SessionId:
    """The id of a provider's session on a day."""
    return SessionId(derived(PRACTICE, f"session/{provider}/{day}"))


@cache
def patient_actor(number: int) -> Actor:
    """A patient with an account."""
    id = PatientId(derived(PRACTICE, f"patient/{number}"))
    return Actor(UserId(derived(id, "account")), PRACTICE, frozenset({Role.PATIENT}), id)


def token_of(patient: UUID) -> str:
    """What the patient presents to be known: there is a sign-in of it."""
    return f"token-of-{patient}"
