"""What access needs from outside, and the shape of every unit of work."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from telehealth_core.access.account import Account, SignIn
from telehealth_core.access.actor import Actor, Role, Ties
from telehealth_core.access.attempts import SignInAttempts
from telehealth_core.access.audit import AuditEntry, AuditOrder
from telehealth_core.access.emergency import EmergencyAccess
from telehealth_core.access.policy import Action
from telehealth_core.access.role_grant import RoleGrant
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    EmergencyAccessId,
    EventId,
    PatientId,
    PracticeId,
    RoleGrantId,
    SignInAttemptsId,
    SignInId,
    UserId,
)
from telehealth_core.shared.interval import Interval

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
    leaves an audit entry where it was a refusal. What the audit cannot take is not done and not
    answered (AUD-06). Rows of other practices do not exist for it.
    """

    def read(self, action: Action, patient_id: PatientId, subject: UUID, /) -> None:
        """Leave an audit entry: the actor read this of that patient's record (N06)."""

    def take_turns(self, *ids: UUID) -> None:
        """Wait until no other work of the practice has taken any of these, and keep them to the end
        of this one. What is read from then on stands until this work is written, as far as all who
        change it take the same turn. Once in a work, so that nobody waits for each other.
        """


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

    def with_role(self, role: Role, /) -> tuple[Account, ...]:
        """The accounts of that role that are not disabled, in the order of their ids."""

    def page(self, *, after: UserId | None, limit: int) -> tuple[Account, ...]:
        """All accounts in the order of their ids, after that one."""


class SignIns(Collection[SignInId, SignIn], Protocol):
    """Server-side sessions."""

    def live_of(self, user_id: UserId, at: datetime, /) -> tuple[SignIn, ...]:
        """The account's sessions that have not ended, in the order of their ids."""


class RoleGrants(Collection[RoleGrantId, RoleGrant], Protocol):
    """Roles that wait for a second administrator, or did."""

    def pending(self, *, limit: int) -> tuple[RoleGrant, ...]:
        """Those that wait, the oldest first."""


class EmergencyAccesses(Collection[EmergencyAccessId, EmergencyAccess], Protocol):
    """Who broke the glass to whose record."""

    def live(self, user_id: UserId, patient_id: PatientId, at: datetime, /) -> bool:
        """Whether this user's access to this patient lasts at that instant."""

    def unreviewed(self, *, limit: int) -> tuple[EmergencyAccess, ...]:
        """Those that wait for their review, by when it is due."""


class AuditTrail(Protocol):
    """What the practice's audit tells; nothing in it is ever changed."""

    def opened(
        self, patient_id: PatientId, /, *, before: int | None, limit: int
    ) -> tuple[AuditEntry, ...]:
        """The reads of this patient's record by others, the newest first, before that place."""

    def report(
        self, period: Interval, /, *, by: AuditOrder, after: int | None, limit: int
    ) -> tuple[AuditEntry, ...]:
        """The entries of the period in this order, after the entry of that place; by patient, only
        those that name one.
        """


class AccessWork(Work, Protocol):
    """What access reads and saves."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def sign_ins(self) -> SignIns: ...
    @property
    def sign_in_attempts(self) -> "Collection[SignInAttemptsId, SignInAttempts]": ...
    @property
    def role_grants(self) -> RoleGrants: ...
    @property
    def emergency_accesses(self) -> EmergencyAccesses: ...
    @property
    def audit(self) -> AuditTrail: ...


class Rules(Protocol):
    """The parameters of a practice that access runs by."""

    @property
    def step_up_minutes(self) -> int: ...
    @property
    def break_glass_minutes(self) -> int: ...
    @property
    def break_glass_review_hours(self) -> int: ...


class House(Protocol):
    """What access needs to know of a practice."""

    @property
    def name(self) -> str: ...
    @property
    def settings(self) -> Rules: ...


class Houses(Protocol):
    """The practice of the work's actor."""

    def get(self, id: PracticeId, /) -> House:
        """The practice. Raises: Unknown."""


class Person(Protocol):
    """What access needs to know of a patient."""

    @property
    def ties(self) -> Ties: ...


class People(Protocol):
    """The practice's patients."""

    def get(self, id: PatientId, /) -> Person:
        """The patient. Raises: Unknown."""


class PracticeAccessWork(AccessWork, Protocol):
    """What access reads besides of the practice and its patients."""

    @property
    def practices(self) -> Houses: ...
    @property
    def patients(self) -> People: ...


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
