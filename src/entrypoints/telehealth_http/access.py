"""Access over HTTP: sign in and out, who am I, accounts for others."""

import secrets
from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import JSONBody

from telehealth_core.access.account import Account, check_password
from telehealth_core.access.actor import Role
from telehealth_core.shared.ids import PartnerId, ProviderId, UserId
from telehealth_http.answers import shown
from telehealth_http.bodies import as_in, ruled
from telehealth_http.requests import By, creates, does, ends, reads


@attrs.frozen(kw_only=True)
class SignInBody:
    """Who signs in, and where."""

    practice: str
    email: str
    password: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class ProofBody:
    """The password, once more."""

    password: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class AccountBody:
    """An account for a provider, a partner's member, or staff."""

    email: str = as_in(Account, "email")
    password: str = ruled(check_password, repr=False)
    roles: frozenset[Role]
    provider_id: ProviderId | None = None
    partner_id: PartnerId | None = None


@attrs.frozen(kw_only=True)
class MeAnswer:
    """Who is signed in."""

    user_id: UUID
    practice_id: UUID
    roles: tuple[Role, ...]
    patient_id: UUID | None
    provider_id: UUID | None
    partner_id: UUID | None


@attrs.frozen(kw_only=True)
class SignInAnswer(MeAnswer):
    """Who signed in, with the token to present from now on."""

    token: str = attrs.field(repr=False)
    until: datetime


@attrs.frozen(kw_only=True)
class AccountAnswer:
    """An account."""

    id: UUID
    email: str
    roles: tuple[Role, ...]
    patient_id: UUID | None
    provider_id: UUID | None
    partner_id: UUID | None
    opened_at: datetime


@creates("/v1/sign-ins", everybody=True)
def sign_in(caller: By, data: JSONBody[SignInBody]) -> SignInAnswer:
    """Sign in with e-mail address and password; the token is told once, here."""
    practice, token = caller.clinic.practice.named(data.practice), secrets.token_urlsafe(32)
    actor, until = caller.clinic.access.sign_in(practice.id, data.email, data.password, token=token)
    return shown(SignInAnswer, actor, user_id=actor.id, token=token, until=until)


@does("/v1/sign-ins/current/proof")
def prove(caller: By, data: JSONBody[ProofBody]) -> MeAnswer:
    """Prove once more who one is, before signing and the like (AUT-11)."""
    assert caller.token is not None, "the guard saw a token"
    actor = caller.clinic.access.prove(caller.actor, caller.token, data.password)
    return shown(MeAnswer, actor, user_id=actor.id)


@ends("/v1/sign-ins/current")
def sign_out(caller: By) -> None:
    """End the sign-in of the token presented."""
    assert caller.token is not None, "the guard saw a token"
    caller.clinic.access.sign_out(caller.actor, caller.token)


@reads("/v1/me")
def me(caller: By) -> MeAnswer:
    """Tell who is signed in."""
    return shown(MeAnswer, caller.actor, user_id=caller.actor.id)


@creates("/v1/accounts")
def open_account(caller: By, data: JSONBody[AccountBody]) -> AccountAnswer:
    """Open an account for a provider, a partner's member or, by an admin, for staff (F11, F02)."""
    account = caller.clinic.access.open_account(
        caller.actor,
        UserId(caller.new_id),
        email=data.email,
        password=data.password,
        roles=data.roles,
        provider_id=data.provider_id,
        partner_id=data.partner_id,
    )
    return shown(AccountAnswer, account)


ROUTES = (sign_in, prove, sign_out, me, open_account)
