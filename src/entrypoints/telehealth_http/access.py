"""Access over HTTP: sign in and out, who am I, accounts for others."""

import secrets
from datetime import datetime
from typing import Annotated
from uuid import UUID

import attrs
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from telehealth_core.access.account import Account, check_password
from telehealth_core.access.actor import Role
from telehealth_core.access.role_grant import RoleGrant, RoleGrantStatus
from telehealth_core.access.use_cases.accounts import PAGE_MOST
from telehealth_core.shared.ids import PartnerId, ProviderId, RoleGrantId, UserId
from telehealth_http.answers import Items, listed, shown
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
class RolesBody:
    """Further roles for somebody's account, and whom they stand for."""

    account_id: UserId
    roles: frozenset[Role]
    provider_id: ProviderId | None = None
    partner_id: PartnerId | None = None


@attrs.frozen(kw_only=True)
class RevocationBody:
    """Roles to take away."""

    roles: frozenset[Role]


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
    disabled_at: datetime | None


@attrs.frozen(kw_only=True)
class OpenedAccountAnswer(AccountAnswer):
    """A new account, and the grant of those roles that a second administrator has to confirm."""

    role_grant_id: UUID | None


@attrs.frozen(kw_only=True)
class RoleGrantAnswer:
    """Roles for an account, asked for by one administrator and decided on by another."""

    id: UUID
    status: RoleGrantStatus
    account_id: UUID
    roles: tuple[Role, ...]
    provider_id: UUID | None
    partner_id: UUID | None
    asked_by: UUID
    asked_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None


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
def open_account(caller: By, data: JSONBody[AccountBody]) -> OpenedAccountAnswer:
    """Open an account for a provider, a partner's member or, by an admin, for staff, whose roles
    count once a second admin confirmed them (F11, F02, ACC-11).
    """
    account = caller.clinic.access.open_account(
        caller.actor,
        UserId(caller.new_id),
        email=data.email,
        password=data.password,
        roles=data.roles,
        provider_id=data.provider_id,
        partner_id=data.partner_id,
    )
    waits = bool(data.roles - account.roles)
    grant = RoleGrant.at_opening(account.id) if waits else None
    return shown(OpenedAccountAnswer, account, role_grant_id=grant)


@reads("/v1/accounts")
def list_accounts(
    caller: By,
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MOST)] = 50,
) -> Items[AccountAnswer]:
    """List the practice's accounts, a page at a time, for its administrators (F12)."""
    return listed(
        AccountAnswer,
        caller.clinic.accounts.page(
            caller.actor, after=UserId(after) if after else None, limit=limit
        ),
    )


@does("/v1/accounts/{id:uuid}/disabling")
def disable_account(caller: By, id: FromPath[UUID]) -> AccountAnswer:
    """Shut out somebody who left; every session of theirs is over at once (ACC-12)."""
    return shown(AccountAnswer, caller.clinic.accounts.disable(caller.actor, UserId(id)))


@does("/v1/accounts/{id:uuid}/enabling")
def enable_account(caller: By, id: FromPath[UUID]) -> AccountAnswer:
    """Let somebody sign in again who was shut out (ACC-12)."""
    return shown(AccountAnswer, caller.clinic.accounts.enable(caller.actor, UserId(id)))


@does("/v1/accounts/{id:uuid}/recovery")
def recover_account(caller: By, id: FromPath[UUID]) -> AccountAnswer:
    """Let somebody try again whose password was tried too often (AUT-06)."""
    return shown(AccountAnswer, caller.clinic.accounts.recover(caller.actor, UserId(id)))


@does("/v1/accounts/{id:uuid}/revocation")
def revoke_roles(caller: By, id: FromPath[UUID], data: JSONBody[RevocationBody]) -> AccountAnswer:
    """Take roles away, from the next request on (ACC-12)."""
    revoked = caller.clinic.accounts.revoke_roles(caller.actor, UserId(id), data.roles)
    return shown(AccountAnswer, revoked)


@creates("/v1/role-grants")
def ask_roles(caller: By, data: JSONBody[RolesBody]) -> RoleGrantAnswer:
    """Ask for further roles of somebody's account; a second administrator confirms (ACC-11)."""
    asked = caller.clinic.accounts.ask_roles(
        caller.actor,
        RoleGrantId(caller.new_id),
        data.account_id,
        data.roles,
        provider_id=data.provider_id,
        partner_id=data.partner_id,
    )
    return shown(RoleGrantAnswer, asked)


@reads("/v1/role-grants")
def list_role_grants(caller: By) -> Items[RoleGrantAnswer]:
    """List the roles that wait for a second administrator, the oldest first (ACC-11)."""
    return listed(RoleGrantAnswer, caller.clinic.accounts.pending_roles(caller.actor))


@does("/v1/role-grants/{id:uuid}/confirmation")
def confirm_roles(caller: By, id: FromPath[UUID]) -> RoleGrantAnswer:
    """Agree to what another administrator asked for (ACC-11)."""
    granted = caller.clinic.accounts.confirm_roles(caller.actor, RoleGrantId(id))
    return shown(RoleGrantAnswer, granted)


@does("/v1/role-grants/{id:uuid}/refusal")
def refuse_roles(caller: By, id: FromPath[UUID]) -> RoleGrantAnswer:
    """Decide against what was asked for, or take it back (ACC-11)."""
    refused = caller.clinic.accounts.refuse_roles(caller.actor, RoleGrantId(id))
    return shown(RoleGrantAnswer, refused)


ROUTES = (
    sign_in,
    prove,
    sign_out,
    me,
    open_account,
    list_accounts,
    disable_account,
    enable_account,
    recover_account,
    revoke_roles,
    ask_roles,
    list_role_grants,
    confirm_roles,
    refuse_roles,
)
