"""What access needs from outside, and the shape of every unit of work."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from telehealth_core.access.account import Account, SignIn
from telehealth_core.access.actor import Actor
from telehealth_core.access.policy import Action
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import EventId, PatientId, PracticeId, SignInId, UserId

Clock = Callable[[], datetime]
"""Tells the present instant, aware, in UTC."""

Id_contra = TypeVar("Id_contra", bound=UUID, contravariant=True)
A = TypeVar("A")


class Collection(Protocol[Id_contra, A]):
    """All aggregates of one kind in the practice of the work's actor."""

    def get(self, id: Id_contra, /) -> A:
        """The aggregate of that id.

        Raises: Unknown if the practice has none.
        """

    def find(self, id: Id_contra, /) -> A | None:
        """The aggregate of that id, or None."""

    def save(self, aggregate: A, /, *events: Event) -> None:
        """Write row, audit entries and outbox messages together when the work commits.

        Version 1 is new; a higher version replaces the one before it. Raises (here or on commit):
        IdReused, StaleVersion, or what a guard of the store refuses (TimeTaken, EmailTaken).
        """


class Work(Protocol):
    """One actor's reads and saves, kept whole or not at all.

    `with self.work(actor) as work:` opens it; a clean exit commits, any exception rolls back and
    leaves an audit entry where it was a refusal of access. Rows of other practices do not exist for
    it.
    """

    def read(self, action: Action, patient_id: PatientId, subject: UUID, /) -> None:
        """Leave an audit entry: the actor read this of that patient's record (N06)."""


W_co = TypeVar("W_co", bound=Work, covariant=True)


class UnitOfWork(Protocol[W_co]):
    """Opens units of work."""

    def __call__(self, actor: Actor, /) -> AbstractContextManager[W_co]:
        """A work for this actor, in this actor's practice."""


class Accounts(Collection[UserId, Account], Protocol):
    """Who can sign in."""

    def by_email(self, email: str, /) -> Account | None:
        """The practice's account with this address, whatever its case."""

    def of_patient(self, patient_id: PatientId, /) -> Account | None:
        """The account that stands for this patient."""


class SignIns(Collection[SignInId, SignIn], Protocol):
    """Server-side sessions."""


class AccessWork(Work, Protocol):
    """What access reads and saves."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def sign_ins(self) -> SignIns: ...


class SignedInActors(Protocol):
    """Finds who presents a token: asked on every request, before there is an actor."""

    def actor(self, sign_in: SignInId, at: datetime, /) -> Actor | None:
        """Whose live session this is, or None."""


class Passwords(Protocol):
    """Hashes and compares passwords (argon2id, ENC-08)."""

    def hash(self, password: str, /) -> str:
        """A salted hash that `verify` understands."""

    def verify(self, password_hash: str | None, password: str, /) -> bool:
        """Whether they belong together; takes as long for None, which never matches (AUT-07)."""


class Notices(Protocol):
    """Sends neutral messages to people: a template and its facts, never PHI (MSG-01)."""

    def send(
        self,
        practice_id: PracticeId,
        email: str,
        template: str,
        facts: Mapping[str, str],
        key: EventId,
        /,
    ) -> None:
        """Send once for each `key`; a repeat with the same key is the same message."""
