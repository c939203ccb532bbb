"""Signing in and out, and who may open accounts for whom."""

import pytest

from telehealth_core.access.account import (
    PASSWORD_LEAST,
    PASSWORD_MOST,
    SIGN_IN_HOURS,
    EmailTaken,
    WrongCredentials,
    check_password,
)
from telehealth_core.access.actor import Actor, Role, StepUpNeeded
from telehealth_core.access.policy import NotPermitted, NotSignedIn
from telehealth_core.shared.ids import PartnerId, ProviderId, UserId
from telehealth_core.shared.refusal import IdReused, Invalid
from unit.clinic import PASSWORD, Clinic


def account_of(clinic: Clinic, actor: Actor) -> str:
    """The address that this actor signs in with."""
    address: str = clinic.store.rows["accounts"][actor.id].email
    return address


def test_whoever_signs_in_is_known_by_their_token_until_the_session_ends(clinic: Clinic) -> None:
    """A session lasts its hours and not an instant longer (AUT-09)."""
    patient = clinic.patient()
    address = account_of(clinic, patient)
    actor, until = clinic.ask.access.sign_in(clinic.id, address, PASSWORD, token="one")
    assert actor == patient == clinic.ask.access.actor("one")
    assert until == clinic.clock.forward(hours=SIGN_IN_HOURS)
    with pytest.raises(NotSignedIn):
        clinic.ask.access.actor("one")


def test_who_signs_needs_a_fresh_proof_of_who_they_are(clinic: Clinic) -> None:
    """A proof counts for some minutes; the password, given again, makes a new one (AUT-11)."""
    address = account_of(clinic, clinic.liaison)
    clinic.ask.access.sign_in(clinic.id, address, PASSWORD, token="one")
    clinic.clock.forward(minutes=5)
    clinic.ask.access.actor("one").require_fresh(clinic.clock(), 5)
    clinic.clock.forward(minutes=1)
    stale = clinic.ask.access.actor("one")
    with pytest.raises(StepUpNeeded):
        stale.require_fresh(clinic.clock(), 5)
    with pytest.raises(WrongCredentials):
        clinic.ask.access.prove(stale, "one", "another sentence entirely")
    clinic.ask.access.prove(stale, "one", PASSWORD).require_fresh(clinic.clock(), 5)
    clinic.ask.access.actor("one").require_fresh(clinic.clock(), 5)


def test_nobody_proves_anything_in_the_session_of_somebody_else(clinic: Clinic) -> None:
    """Neither another's session nor an ended one can be proven in."""
    clinic.ask.access.sign_in(clinic.id, account_of(clinic, clinic.liaison), PASSWORD, token="one")
    with pytest.raises(NotSignedIn):
        clinic.ask.access.prove(clinic.admin, "one", PASSWORD)
    clinic.ask.access.sign_out(clinic.liaison, "one")
    with pytest.raises(NotSignedIn):
        clinic.ask.access.prove(clinic.liaison, "one", PASSWORD)


def test_an_address_is_the_same_however_it_is_written(clinic: Clinic) -> None:
    """Case and blanks around do not matter."""
    address = account_of(clinic, clinic.liaison)
    actor, _ = clinic.ask.access.sign_in(clinic.id, f" {address.upper()} ", PASSWORD, token="one")
    assert actor == clinic.liaison


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(clinic: Clinic) -> None:
    """Nobody learns from a refusal who has an account (AUT-07)."""
    told = []
    for address, password in (
        (account_of(clinic, clinic.liaison), "another sentence entirely"),
        ("nobody@example.org", PASSWORD),
    ):
        with pytest.raises(WrongCredentials) as refused:
            clinic.ask.access.sign_in(clinic.id, address, password, token="one")
        told.append((str(refused.value), refused.value.facts()))
    assert told[0] == told[1]
    with pytest.raises(NotSignedIn):
        clinic.ask.access.actor("one")


def test_an_account_opens_its_own_practice_only(clinic: Clinic) -> None:
    """The same address is nobody in the practice next door."""
    other = Clinic(beside=clinic)
    patient = clinic.patient()
    with pytest.raises(WrongCredentials):
        clinic.ask.access.sign_in(other.id, account_of(clinic, patient), PASSWORD, token="one")


def test_signing_out_ends_the_session_and_twice_is_no_error(clinic: Clinic) -> None:
    """After signing out the token is nobody's; other sessions stay."""
    address = account_of(clinic, clinic.liaison)
    for token in ("one", "two"):
        clinic.ask.access.sign_in(clinic.id, address, PASSWORD, token=token)
    for _ in range(2):
        clinic.ask.access.sign_out(clinic.liaison, "one")
    with pytest.raises(NotSignedIn):
        clinic.ask.access.actor("one")
    assert clinic.ask.access.actor("two") == clinic.liaison


def test_nobody_ends_the_session_of_somebody_else(clinic: Clinic) -> None:
    """A token in the wrong hands of another signed-in user does nothing."""
    clinic.ask.access.sign_in(clinic.id, account_of(clinic, clinic.liaison), PASSWORD, token="one")
    clinic.ask.access.sign_out(clinic.admin, "one")
    assert clinic.ask.access.actor("one") == clinic.liaison


@pytest.mark.parametrize(
    ("length", "fine"),
    [(PASSWORD_LEAST - 1, False), (PASSWORD_LEAST, True), (PASSWORD_MOST, True),
     (PASSWORD_MOST + 1, False)],
)  # fmt: skip
def test_a_password_has_15_to_128_characters(length: int, fine: bool) -> None:
    """Its length is the only rule, and any character counts (AUT-04)."""
    assert (PASSWORD_LEAST, PASSWORD_MOST) == (15, 128)
    if fine:
        check_password("é" * length)
    else:
        with pytest.raises(Invalid):
            check_password("é" * length)


def opened(clinic: Clinic, by: Actor, *roles: Role, email: str = "new@example.org") -> None:
    """Have this actor open an account."""
    clinic.ask.access.open_account(
        by,
        UserId(clinic.new_id()),
        email=email,
        password=PASSWORD,
        roles=frozenset(roles),
        provider_id=ProviderId(clinic.new_id()) if Role.PROVIDER in roles else None,
        partner_id=PartnerId(clinic.new_id()) if Role.PARTNER in roles else None,
    )


@pytest.mark.parametrize("roles", [(), (Role.SYSTEM,), (Role.ADMIN, Role.VISITOR), (Role.PATIENT,)])
def test_an_account_is_of_people_and_stands_for_whom_its_roles_need(
    clinic: Clinic, roles: tuple[Role, ...]
) -> None:
    """Nobody signs in as the machinery or as nobody, and patients register."""
    with pytest.raises(Invalid):
        opened(clinic, clinic.admin, *roles)
    for field in ("provider_id", "partner_id"):
        with pytest.raises(Invalid, match=field):
            clinic.account(Role.LIAISON, **{field: clinic.new_id()})


@pytest.mark.parametrize("role", [Role.LIAISON, Role.ADMIN, Role.SYSTEM, Role.PATIENT])
def test_only_an_admin_opens_accounts_of_staff(clinic: Clinic, role: Role) -> None:
    """A liaison opens accounts of providers and partners, never of more (AUT-01)."""
    opened(clinic, clinic.liaison, Role.PROVIDER)
    opened(clinic, clinic.liaison, Role.PARTNER, email="other@example.org")
    with pytest.raises(NotPermitted):
        opened(clinic, clinic.liaison, Role.PROVIDER, role, email="third@example.org")


def test_one_address_has_one_account_of_a_practice(clinic: Clinic) -> None:
    """A second account under the same address is refused, elsewhere it is fine."""
    opened(clinic, clinic.admin, Role.LIAISON)
    with pytest.raises(EmailTaken):
        opened(clinic, clinic.admin, Role.LIAISON, email=" NEW@example.org")
    other = Clinic(beside=clinic)
    opened(other, other.admin, Role.LIAISON)


def test_an_accounts_id_is_used_once(clinic: Clinic) -> None:
    """A repeated id is told, whatever the address."""
    with pytest.raises(IdReused):
        clinic.ask.access.open_account(
            clinic.admin,
            clinic.liaison.id,
            email="new@example.org",
            password=PASSWORD,
            roles=frozenset({Role.LIAISON}),
        )
