"""What access needs from outside, and the shape of every unit of work."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from telehealth_core.access.account import Account, SignIn
from telehealth_core.access.actor import Actor, Role, Ties
from telehealth_core.access.attempts import SignInAttempts
from telehealth_core.access.audit import AuditEntry, AuditOrder
from telehealth_core.access.emergency import EmergencyAccess
from telehealth_core.access.keys import WrappedKey
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


class Keys(Protocol):
    """Master keys, kept apart from the data and never handed out (F59, ENC-01). They wrap the keys
    that the data is sealed under; `whose` names what a key is for, and a key wrapped for one thing
    opens for no other.
    """

    def current(self) -> str:
        """The id of the master key that wraps at present."""

    def wrap(self, key: bytes, whose: Mapping[str, str], /) -> WrappedKey:
        """The key, so that only the present master key opens it. Raises: Unavailable."""

    def unwrap(self, wrapped: WrappedKey, whose: Mapping[str, str], /) -> bytes:
        """The key again.

        Raises: KeyRefused where the master key is gone, or another thing's key is shown;
            Unavailable.
        """

    def rotate(self) -> str:
        """Wrap by a new master key from now on; those of before still unwrap (ENC-04).

        Raises: KeyRefused where somebody else decides that; Unavailable.
        """

    def retire(self, master: str, /) -> None:
        """Forget a former master key, for good; what it wrapped opens no more.

        Raises: KeyRefused for the present one.
        """


class DestroyedKeys(Protocol):
    """The ledger of destroyed keys, outside of the database: only ever added to, and read before a
    database serves, for it may be a backup that still has them (ENC-05).
    """

    def add(self, practice_id: PracticeId, owner: UUID, at: datetime, /) -> None:
        """Note that this owner's keys are destroyed; when it returns, that is safe."""

    def all(self) -> Sequence[tuple[PracticeId, UUID, datetime]]:
        """Everything noted, in order.

        Raises: KeyRefused where the ledger is gone or damaged.
        """


class Seals(Protocol):
    """Seals what lies outside of the store under a patient's own key (UPL-05, N07)."""

    def seal(
        self, practice_id: PracticeId, patient_id: PatientId, name: str, content: bytes, /
    ) -> bytes:
        """The content, sealed for this patient and this name. Raises: Erased, Unavailable."""

    def open(
        self, practice_id: PracticeId, patient_id: PatientId, name: str, sealed: bytes, /
    ) -> bytes:
        """The content again. Raises: Erased, KeyRefused, Unavailable."""

    def former(self, practice_id: PracticeId, patient_id: PatientId, sealed: bytes, /) -> bool:
        """Whether it was sealed under a version of the key that is not the present one.

        Raises: Erased, Unavailable.
        """


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
