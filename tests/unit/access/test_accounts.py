"""Roles need two administrators, and whoever leaves is out at once."""

import attrs
import pytest

from telehealth_core.access.account import Account
from telehealth_core.access.actor import Actor, Role
from telehealth_core.access.policy import NotPermitted, NotSignedIn
from telehealth_core.access.role_grant import NotYoursToDecide, RoleGrant, RoleGrantStatus
from telehealth_core.shared.ids import PartnerId, ProviderId, RoleGrantId, UserId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import IdReused, Invalid
from unit.clinic import PASSWORD, Clinic, provider_of


def signed_in(clinic: Clinic, id: UserId, token: str) -> Actor:
    """The owner of that account, signed in anew."""
    address = clinic.store.rows["accounts"][id].email
    actor, _ = clinic.ask.access.sign_in(clinic.id, address, PASSWORD, token=token)
    return actor


def asked(clinic: Clinic, account_id: UserId, *roles: Role, **who: object) -> RoleGrant:
    """What the clinic's administrator asks for."""
    return clinic.ask.accounts.ask_roles(
        clinic.admin,
        RoleGrantId(clinic.new_id()),
        account_id,
        frozenset(roles),
        **who,  # type: ignore[arg-type]  # ids by their names
    )


def staff_account(clinic: Clinic, *roles: Role, id: UserId | None = None) -> Account:
    """An account that the clinic's administrator opens for staff."""
    return clinic.ask.access.open_account(
        clinic.admin,
        id or UserId(clinic.new_id()),
        email="new@example.org",
        password=PASSWORD,
        roles=frozenset(roles),
    )


def test_a_staff_account_does_nothing_until_a_second_administrator_confirms(
    clinic: Clinic,
) -> None:
    """What one administrator opened stays without its role; from the second's word on, the next
    request has it (ACC-11, ACC-12).
    """
    second = clinic.account(Role.ADMIN)
    account = staff_account(clinic, Role.LIAISON)
    signed_in(clinic, account.id, "one")
    with pytest.raises(NotPermitted):
        clinic.ask.registration.page(clinic.ask.access.actor("one"))
    (pending,) = clinic.ask.accounts.pending_roles(second)
    assert (pending.account_id, pending.roles) == (account.id, frozenset({Role.LIAISON}))
    with pytest.raises(NotYoursToDecide):
        clinic.ask.accounts.confirm_roles(clinic.admin, pending.id)
    granted = clinic.ask.accounts.confirm_roles(second, pending.id)
    assert (granted.status, granted.decided_by) == (RoleGrantStatus.GRANTED, second.id)
    clinic.ask.registration.page(clinic.ask.access.actor("one"))
    assert clinic.ask.accounts.pending_roles(second) == ()


def test_administrators_are_told_of_what_waits_for_them(clinic: Clinic) -> None:
    """A neutral notice to each of them, once however often it is tried (ACC-11)."""
    clinic.account(Role.ADMIN)
    staff_account(clinic, Role.LIAISON)
    clinic.drain(times=2)
    told = [(template, dict(facts)) for _, template, facts in clinic.sent()]
    assert told == [("role-asked", {})] * 2


def test_opening_a_staff_account_twice_is_opening_it_once(clinic: Clinic) -> None:
    """A repeat finds the first, before and after the confirmation; other roles are another request
    (ACC-11).
    """
    second, id = clinic.account(Role.ADMIN), UserId(clinic.new_id())
    first = staff_account(clinic, Role.LIAISON, id=id)
    assert staff_account(clinic, Role.LIAISON, id=id) == first
    clinic.ask.accounts.confirm_roles(second, RoleGrant.at_opening(id))
    assert staff_account(clinic, Role.LIAISON, id=id).roles == {Role.LIAISON}
    with pytest.raises(IdReused):
        staff_account(clinic, Role.ADMIN, id=id)


def test_the_first_accounts_of_a_practice_wait_for_nobody(clinic: Clinic) -> None:
    """The machinery opens them with their roles: there is nobody to confirm yet (ACC-11)."""
    assert clinic.store.rows["accounts"][clinic.admin.id].roles == {Role.ADMIN}
    assert not clinic.store.rows.get("role_grants")


def test_nobody_raises_themselves(clinic: Clinic) -> None:
    """Neither by asking, nor by confirming, nor by refusing what is for oneself (ACC-11)."""
    second = clinic.account(Role.ADMIN)
    with pytest.raises(NotYoursToDecide):
        asked(clinic, clinic.admin.id, Role.LIAISON)
    grant = asked(clinic, second.id, Role.LIAISON)
    for decide in (clinic.ask.accounts.confirm_roles, clinic.ask.accounts.refuse_roles):
        with pytest.raises(NotYoursToDecide):
            decide(second, grant.id)
    assert clinic.store.audit[-1].outcome == "not-yours-to-decide"
    assert clinic.store.rows["accounts"][second.id].roles == {Role.ADMIN}


def test_who_asked_may_take_it_back_and_then_it_is_decided(clinic: Clinic) -> None:
    """A grant is decided once (ACC-11)."""
    second = clinic.account(Role.ADMIN)
    grant = asked(clinic, clinic.liaison.id, Role.ADMIN)
    refused = clinic.ask.accounts.refuse_roles(clinic.admin, grant.id)
    assert refused.status is RoleGrantStatus.REFUSED
    with pytest.raises(IllegalTransition):
        clinic.ask.accounts.confirm_roles(second, grant.id)
    assert clinic.store.rows["accounts"][clinic.liaison.id].roles == {Role.LIAISON}


def test_a_role_that_stands_for_somebody_says_for_whom(clinic: Clinic) -> None:
    """A provider's role names the provider, and goes with it (ACC-11)."""
    second, provider = clinic.account(Role.ADMIN), clinic.provider()
    partner_id = clinic.partner().partner_id
    nameless = asked(clinic, clinic.liaison.id, Role.PROVIDER)
    with pytest.raises(Invalid, match="provider_id"):
        clinic.ask.accounts.confirm_roles(second, nameless.id)
    grant = asked(
        clinic,
        clinic.liaison.id,
        Role.PROVIDER,
        Role.PARTNER,
        provider_id=ProviderId(provider_of(provider)),
        partner_id=partner_id,
    )
    clinic.ask.accounts.confirm_roles(second, grant.id)
    account = clinic.store.rows["accounts"][clinic.liaison.id]
    assert (account.provider_id, account.partner_id) == (provider.provider_id, partner_id)
    fewer = clinic.ask.accounts.revoke_roles(
        second, clinic.liaison.id, frozenset({Role.PROVIDER, Role.PARTNER})
    )
    assert (fewer.roles, fewer.provider_id, fewer.partner_id) == (
        frozenset({Role.LIAISON}),
        None,
        None,
    )


@pytest.mark.parametrize("gone", [Role.PROVIDER, Role.PARTNER, Role.LIAISON])
def test_whoever_loses_a_role_keeps_what_the_others_stand_for(clinic: Clinic, gone: Role) -> None:
    """Provider and partner stay who they were in every role that was not taken (ACC-12)."""
    provider, partner = clinic.provider(), clinic.partner()
    stands = {"provider_id": provider.provider_id, "partner_id": partner.partner_id}
    both = clinic.account(Role.PROVIDER, Role.PARTNER, Role.LIAISON, **stands)
    fewer = clinic.ask.accounts.revoke_roles(clinic.admin, both.id, frozenset({gone}))
    lost = {Role.PROVIDER: "provider_id", Role.PARTNER: "partner_id"}.get(gone)
    expected = {field: None if field == lost else id for field, id in stands.items()}
    assert {field: getattr(fewer, field) for field in stands} == expected


@pytest.mark.parametrize("role", [Role.VISITOR, Role.SYSTEM])
def test_no_account_is_of_nobody_or_of_the_machinery(clinic: Clinic, role: Role) -> None:
    """Whatever somebody asks for, no row says so (AUT-01)."""
    account = clinic.store.rows["accounts"][clinic.liaison.id]
    with pytest.raises(Invalid, match="roles"):
        attrs.evolve(account, roles=frozenset({role}))


@pytest.mark.parametrize("role", [Role.VISITOR, Role.SYSTEM, Role.PATIENT, None])
def test_only_roles_of_people_who_work_here_are_granted(clinic: Clinic, role: Role | None) -> None:
    """Patients register; nobody is the machinery (ACC-11)."""
    with pytest.raises(Invalid):
        asked(clinic, clinic.liaison.id, *([role] if role else []))


def test_asking_twice_is_asking_once(clinic: Clinic) -> None:
    """The same id with the same content finds the first, also after the decision."""
    id, second = RoleGrantId(clinic.new_id()), clinic.account(Role.ADMIN)

    def ask(role: Role) -> RoleGrant:
        return clinic.ask.accounts.ask_roles(clinic.admin, id, clinic.liaison.id, frozenset({role}))

    first = ask(Role.ADMIN)
    assert ask(Role.ADMIN) == first
    granted = clinic.ask.accounts.confirm_roles(second, id)
    assert ask(Role.ADMIN) == granted
    with pytest.raises(IdReused):
        ask(Role.PARTNER)


def test_a_role_taken_away_is_gone_with_the_next_request(clinic: Clinic) -> None:
    """An open session does not keep it (ACC-12)."""
    signed_in(clinic, clinic.liaison.id, "one")
    roles = frozenset({Role.LIAISON})
    for _ in range(2):
        clinic.ask.accounts.revoke_roles(clinic.admin, clinic.liaison.id, roles)
    with pytest.raises(NotPermitted):
        clinic.ask.registration.page(clinic.ask.access.actor("one"))
    with pytest.raises(NotYoursToDecide):
        clinic.ask.accounts.revoke_roles(clinic.admin, clinic.admin.id, frozenset({Role.ADMIN}))
    patient = clinic.patient()
    with pytest.raises(Invalid):
        clinic.ask.accounts.revoke_roles(clinic.admin, patient.id, frozenset({Role.PATIENT}))


def test_whoever_left_is_out_at_once(clinic: Clinic) -> None:
    """Every session ends, none can begin, and coming back revives none of them (ACC-12)."""
    for token in ("one", "two"):
        signed_in(clinic, clinic.liaison.id, token)
    for _ in range(2):
        clinic.ask.accounts.disable(clinic.admin, clinic.liaison.id)
    for token in ("one", "two"):
        with pytest.raises(NotSignedIn):
            clinic.ask.access.actor(token)
    with pytest.raises(Exception, match="wrong"):
        signed_in(clinic, clinic.liaison.id, "three")
    for _ in range(2):
        clinic.ask.accounts.enable(clinic.admin, clinic.liaison.id)
    with pytest.raises(NotSignedIn):
        clinic.ask.access.actor("one")
    assert signed_in(clinic, clinic.liaison.id, "three") == clinic.liaison


def test_nobody_shuts_themselves_out(clinic: Clinic) -> None:
    """The last administrator cannot lock the practice by mistake (ACC-12)."""
    with pytest.raises(NotYoursToDecide):
        clinic.ask.accounts.disable(clinic.admin, clinic.admin.id)


def test_administrators_page_through_all_accounts(clinic: Clinic) -> None:
    """Patients' accounts too, and each patient shown is in the audit (F12, AUD-01)."""
    patient, provider = clinic.patient(), clinic.provider()
    noted = len(clinic.store.audit)
    first = clinic.ask.accounts.page(clinic.admin, limit=2)
    rest = clinic.ask.accounts.page(clinic.admin, after=first[-1].id)
    found = [one.id for one in (*first, *rest)]
    assert found == sorted([patient.id, provider.id, clinic.admin.id, clinic.liaison.id])
    read = [one.patient_id for one in clinic.store.audit[noted:]]
    assert read == [patient.as_patient()]
    with pytest.raises(NotPermitted):
        clinic.ask.accounts.page(clinic.liaison)


def test_a_partners_account_needs_no_second_administrator(clinic: Clinic) -> None:
    """A liaison opens it, and its member signs in (F02, ACC-11)."""
    partner = clinic.partner()
    account = clinic.ask.access.open_account(
        clinic.liaison,
        UserId(clinic.new_id()),
        email="member@example.org",
        password=PASSWORD,
        roles=frozenset({Role.PARTNER}),
        partner_id=PartnerId(partner.as_partner()),
    )
    assert account.roles == {Role.PARTNER}


def test_a_page_of_accounts_is_fifty_unless_asked_otherwise(clinic: Clinic) -> None:
    """More are on the next page (F12)."""
    for _ in range(51):
        clinic.account(Role.LIAISON)
    assert len(clinic.ask.accounts.page(clinic.admin)) == 50
    assert len(clinic.ask.accounts.page(clinic.admin, limit=53)) == 53
