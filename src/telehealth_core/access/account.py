"""Accounts and sign-ins: one named account a person, one server-side session a sign-in (AUT-01,
AUT-08).
"""

import hashlib
from datetime import datetime, timedelta
from typing import ClassVar, Self
from uuid import UUID

import attrs

from telehealth_core.access.actor import Actor, Role
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    PartnerId,
    PatientId,
    PracticeId,
    ProviderId,
    SignInId,
    UserId,
)
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.shared.text import email as is_email

PASSWORD_LEAST = 15
"""Characters, while a password is the only factor (AUT-04)."""
PASSWORD_MOST = 128
SIGN_IN_HOURS = 12
"""The longest a sign-in lasts (AUT-09)."""


@attrs.frozen
class AccountOpened(Event):
    """Somebody can sign in from now on."""


@attrs.frozen
class SignedIn(Event):
    """A session began."""


@attrs.frozen
class ProvenAgain(Event):
    """Somebody who is signed in proved once more who they are."""


@attrs.frozen
class SignedOut(Event):
    """A session was ended by its owner."""


@attrs.frozen
class EmailTaken(Refusal):
    """The practice already has an account with this address."""

    code: ClassVar[str] = "email-taken"
    says: ClassVar[str] = "There is already an account with this e-mail address."


@attrs.frozen
class WrongCredentials(Refusal):
    """Address and password do not belong together; which of them is wrong is not told (AUT-07)."""

    code: ClassVar[str] = "wrong-credentials"
    says: ClassVar[str] = "E-mail address or password is wrong."


def check_password(password: str) -> None:
    """Whether the password may be used at all: its length, nothing else (AUT-04).

    Raises: Invalid.
    """
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise Invalid(
            "password",
            f"between {PASSWORD_LEAST} and {PASSWORD_MOST} characters; a sentence is fine",
        )


_STANDS_FOR = {
    Role.PATIENT: "patient_id",
    Role.PROVIDER: "provider_id",
    Role.PARTNER: "partner_id",
}


@attrs.frozen(kw_only=True)
class Account:
    """A person's way in: address, password hash, roles, and whom the account stands for."""

    id: UserId
    practice_id: PracticeId
    version: int = 1
    email: str = phi(converter=lambda value: value.strip().lower(), validator=is_email)
    password_hash: str = attrs.field(repr=False)
    roles: frozenset[Role]
    patient_id: PatientId | None = None
    provider_id: ProviderId | None = None
    partner_id: PartnerId | None = None
    opened_at: datetime

    def __attrs_post_init__(self) -> None:
        if not self.roles or self.roles & {Role.VISITOR, Role.SYSTEM}:
            raise Invalid("roles", "one or more of patient, provider, liaison, partner, admin")
        for role, field in _STANDS_FOR.items():
            if (role in self.roles) != (getattr(self, field) is not None):
                raise Invalid(field, f"needed for the role {role}, and for that role only")

    def opened(self, *, by: UserId) -> AccountOpened:
        """The event that a new account begins with."""
        return AccountOpened(self.id, self.version, by, self.opened_at)

    def actor(self, proven_at: datetime | None = None) -> Actor:
        """The account's owner as an actor, who proved then who they are."""
        return Actor(
            self.id,
            self.practice_id,
            self.roles,
            self.patient_id,
            self.provider_id,
            self.partner_id,
            proven_at,
        )


def sign_in_id(token: str) -> SignInId:
    """What is stored of a sign-in token: half of its SHA-256, never the token itself."""
    return SignInId(UUID(bytes=hashlib.sha256(token.encode()).digest()[:16]))


@attrs.frozen(kw_only=True)
class SignIn:
    """One server-side session, known by the digest of its token; ends by time or by its owner."""

    id: SignInId
    practice_id: PracticeId
    version: int = 1
    user_id: UserId
    began_at: datetime
    proven_at: datetime
    ends_at: datetime

    @classmethod
    def begin(cls, token: str, account: Account, *, at: datetime) -> tuple[Self, SignedIn]:
        """A new session for the account's owner."""
        begun = cls(
            id=sign_in_id(token),
            practice_id=account.practice_id,
            user_id=account.id,
            began_at=at,
            proven_at=at,
            ends_at=at + timedelta(hours=SIGN_IN_HOURS),
        )
        return begun, SignedIn(begun.id, begun.version, account.id, at)

    def prove(self, *, at: datetime) -> tuple[Self, ProvenAgain]:
        """The session, its owner's password given once more (AUT-11)."""
        proven = attrs.evolve(self, version=self.version + 1, proven_at=at)
        return proven, ProvenAgain(self.id, proven.version, self.user_id, at)

    def end(self, *, at: datetime) -> tuple[Self, SignedOut]:
        """The session, over from now on."""
        ended = attrs.evolve(self, version=self.version + 1, ends_at=min(self.ends_at, at))
        return ended, SignedOut(self.id, ended.version, self.user_id, at)
