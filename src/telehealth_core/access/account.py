"""Accounts and sign-ins: one named account a person, one server-side session a sign-in (AUT-01,
AUT-08).
"""

import hashlib
import re
from datetime import datetime, timedelta
from typing import ClassVar, Self
from uuid import UUID

import attrs

from telehealth_core.access.actor import Actor, Role
from telehealth_core.access.role_grant import NotYoursToDecide
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
PRODUCT = "telehealth"
CONTEXT_LEAST = 4
"""Shorter names are too common to keep out of a sentence (AUT-05)."""
SIGN_IN_HOURS = 12
"""The longest a sign-in lasts (AUT-09)."""


class AccountOpened(Event):
    """Somebody can sign in from now on."""


class RolesGranted(Event):
    """An account has further roles, from the next request on."""


class RolesRevoked(Event):
    """An account has fewer roles, from the next request on."""


class AccountDisabled(Event):
    """Nobody signs in to the account any more, and nobody who was signed in still is."""


class AccountEnabled(Event):
    """Its owner can sign in again."""


class SignedIn(Event):
    """A session began."""


class ProvenAgain(Event):
    """Somebody who is signed in proved once more who they are."""


class SignedOut(Event):
    """A session was ended, by its owner or with the account."""


class EmailTaken(Refusal):
    """The practice already has an account with this address."""

    code: ClassVar[str] = "email-taken"
    says: ClassVar[str] = "There is already an account with this e-mail address."


class WrongCredentials(Refusal):
    """Address and password do not belong together, or were tried too often of late; which of it, is
    not told (AUT-06, AUT-07).
    """

    code: ClassVar[str] = "wrong-credentials"
    says: ClassVar[str] = (
        "E-mail address or password is wrong, or there were too many attempts: wait a while, or"
        " ask the practice."
    )


def check_password(password: str, *names: str) -> None:
    """Whether the password may be used at all: by its length, and by what it must not contain: our
    name, and the `names` of whoever it is for, as of the practice and the e-mail address (AUT-04,
    AUT-05).

    Raises: Invalid.
    """
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise Invalid(
            "password",
            f"between {PASSWORD_LEAST} and {PASSWORD_MOST} characters; a sentence is fine",
        )
    bare = _bare(password)
    for name in map(_bare, (PRODUCT, *(name.partition("@")[0] for name in names))):
        if len(name) >= CONTEXT_LEAST and name in bare:
            raise Invalid("password", "without the names of practice, product or address")


def _bare(text: str) -> str:
    """The letters and digits alone, whatever their case."""
    return re.sub(r"[\W_]", "", text).lower()


_STANDS_FOR = {
    Role.PATIENT: "patient_id",
    Role.PROVIDER: "provider_id",
    Role.PARTNER: "partner_id",
}


@attrs.frozen(kw_only=True)
class Account:
    """A person's way in: address, password hash, roles, and whom the account stands for.

    Without roles it lets somebody in and lets them do nothing.
    """

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
    disabled_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        if self.roles & {Role.VISITOR, Role.SYSTEM}:
            raise Invalid("roles", "some of patient, provider, liaison, partner, admin")
        for role, field in _STANDS_FOR.items():
            if (role in self.roles) != (getattr(self, field) is not None):
                raise Invalid(field, f"needed for the role {role}, and for that role only")

    def opened(self, *, by: UserId) -> AccountOpened:
        """The event that a new account begins with."""
        return AccountOpened(self.id, self.version, by, self.opened_at)

    def grant(
        self,
        roles: frozenset[Role],
        *,
        provider_id: ProviderId | None = None,
        partner_id: PartnerId | None = None,
        by: UserId,
        at: datetime,
    ) -> tuple[Self, RolesGranted]:
        """The account with further roles.

        Raises: Invalid where a role needs somebody to stand for.
        """
        granted = attrs.evolve(
            self,
            version=self.version + 1,
            roles=self.roles | roles,
            provider_id=self.provider_id or provider_id,
            partner_id=self.partner_id or partner_id,
        )
        return granted, RolesGranted(self.id, granted.version, by, at)

    def revoke(
        self, roles: frozenset[Role], *, by: UserId, at: datetime
    ) -> tuple[Self, RolesRevoked]:
        """The account without these roles (ACC-12). Whoever is a patient stays one.

        Raises: Invalid for the role of a patient; NotYoursToDecide on one's own account.
        """
        if Role.PATIENT in roles:
            raise Invalid("roles", "some of provider, liaison, partner, admin")
        self._require_other(by)
        revoked = attrs.evolve(
            self,
            version=self.version + 1,
            roles=self.roles - roles,
            provider_id=None if Role.PROVIDER in roles else self.provider_id,
            partner_id=None if Role.PARTNER in roles else self.partner_id,
        )
        return revoked, RolesRevoked(self.id, revoked.version, by, at)

    def disable(self, *, by: UserId, at: datetime) -> tuple[Self, AccountDisabled]:
        """The account of somebody who left (ACC-12); the caller ends its sessions.

        Raises: NotYoursToDecide on one's own account.
        """
        self._require_other(by)
        disabled = attrs.evolve(self, version=self.version + 1, disabled_at=at)
        return disabled, AccountDisabled(self.id, disabled.version, by, at)

    def enable(self, *, by: UserId, at: datetime) -> tuple[Self, AccountEnabled]:
        """The account of somebody who came back."""
        enabled = attrs.evolve(self, version=self.version + 1, disabled_at=None)
        return enabled, AccountEnabled(self.id, enabled.version, by, at)

    def _require_other(self, by: UserId) -> None:
        if by == self.id:
            raise NotYoursToDecide

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

    def end(self, *, by: UserId | None = None, at: datetime) -> tuple[Self, SignedOut]:
        """The session, over from now on: ended by its owner, unless told otherwise."""
        ended = attrs.evolve(self, version=self.version + 1, ends_at=min(self.ends_at, at))
        return ended, SignedOut(self.id, ended.version, by or self.user_id, at)
