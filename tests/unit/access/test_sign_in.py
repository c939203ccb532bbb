"""Signing in and out, and who may open accounts for whom."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest

from telehealth_core.access.account import (
    PASSWORD_LEAST,
    PASSWORD_MOST,
    SIGN_IN_HOURS,
    EmailTaken,
    WrongCredentials,
    check_password,
    sign_in_id,
)
from telehealth_core.access.actor import Actor, Role, StepUpNeeded
from telehealth_core.access.attempts import ATTEMPTS_MOST, FREE_ATTEMPTS, SignInAttempts
from telehealth_core.access.audit import Category
from telehealth_core.access.policy import NotPermitted, NotSignedIn
from telehealth_core.access.role_grant import NotYoursToDecide
from telehealth_core.shared.ids import PartnerId, PatientId, PracticeId, ProviderId, UserId
from telehealth_core.shared.refusal import IdReused, Invalid
from telehealth_core.telehealth import Telehealth
from telehealth_core.testing.doubles import PlainPasswords
from telehealth_core.testing.memory import MemoryStore, MemoryWork
from unit.clinic import MORNING, PASSWORD, Clinic


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
    assert clinic.store.rows["sign_ins"][sign_in_id("one")].version == 2


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


@pytest.mark.parametrize(
    "password",
    [
        "Telehealth-2026-!!!",
        "te le he al th 1234567",
        "EXAMPLE practice 2026",
        "examplepractice1",
        "new.person is my name",
    ],
)
def test_a_password_has_no_name_of_product_practice_or_owner_in_it(
    clinic: Clinic, password: str
) -> None:
    """However they are written: they are the first that anybody tries (AUT-05)."""
    with pytest.raises(Invalid, match="names"):
        clinic.ask.access.open_account(
            clinic.admin,
            UserId(clinic.new_id()),
            email="new-person@example.org",
            password=password,
            roles=frozenset({Role.LIAISON}),
        )
    with pytest.raises(Invalid, match="names"):
        clinic.ask.registration.register(
            clinic.visitor, PatientId(clinic.new_id()), email="newperson@e.org", password=password
        )


def test_a_short_name_may_be_part_of_a_sentence() -> None:
    """Whoever is called Ann can use a word with those letters in it, and Anna cannot (AUT-05)."""
    check_password("a planned sentence", "ann@example.org")
    with pytest.raises(Invalid, match="names"):
        check_password("a bandanna and a hat", "anna@example.org")


def test_attempts_are_slowed_down_more_and_more(clinic: Clinic) -> None:
    """The first few may follow each other at once, then each waits twice as long as the one before,
    up to a quarter of an hour (AUT-06).
    """
    attempts = SignInAttempts.none(clinic.id, clinic.admin.id, clinic.clock())
    delays = []
    for _ in range(ATTEMPTS_MOST):
        attempts = attempts.tried(at=clinic.clock())
        delays.append(attempts.delay.total_seconds())
    assert delays[: FREE_ATTEMPTS + 3] == [0] * (FREE_ATTEMPTS - 1) + [1, 2, 4, 8]
    assert delays == sorted(delays)
    assert delays[-1] == 15 * 60
    assert not attempts.allows(clinic.clock() + timedelta(days=365))


def attempt(clinic: Clinic, address: str, password: str) -> bool:
    """Whether these let somebody in."""
    try:
        clinic.ask.access.sign_in(clinic.id, address, password, token=str(clinic.new_id()))
    except WrongCredentials:
        return False
    return True


def test_the_right_password_waits_too_after_wrong_ones(clinic: Clinic) -> None:
    """Whoever guessed right is told nothing until the delay is over; then success counts anew
    (AUT-06).
    """
    address = account_of(clinic, clinic.liaison)
    for _ in range(FREE_ATTEMPTS):
        assert not attempt(clinic, address, "another sentence entirely")
    assert not attempt(clinic, address, PASSWORD)
    clinic.clock.forward(seconds=1)
    assert attempt(clinic, address, PASSWORD)
    assert all(attempt(clinic, address, PASSWORD) for _ in range(FREE_ATTEMPTS + 1))


def test_after_a_hundred_attempts_an_administrator_has_to_help(clinic: Clinic) -> None:
    """The right password is refused as well, whatever the time, until somebody recovers the
    account; others sign in meanwhile (AUT-06).
    """
    address = account_of(clinic, clinic.liaison)
    for _ in range(ATTEMPTS_MOST):
        assert not attempt(clinic, address, "another sentence entirely")
        clinic.clock.forward(minutes=15)
    clinic.clock.forward(days=9)
    assert not attempt(clinic, address, PASSWORD)
    assert attempt(clinic, account_of(clinic, clinic.admin), PASSWORD)
    with pytest.raises(NotYoursToDecide):
        clinic.ask.accounts.recover(clinic.admin, clinic.admin.id)
    for _ in range(2):
        clinic.ask.accounts.recover(clinic.admin, clinic.liaison.id)
    assert attempt(clinic, address, PASSWORD)


def test_letting_somebody_try_again_is_told(clinic: Clinic) -> None:
    """By whom, and about whose account (AUD-01)."""
    assert not attempt(clinic, account_of(clinic, clinic.liaison), "another sentence entirely")
    clinic.drain()
    clinic.ask.accounts.recover(clinic.admin, clinic.liaison.id)
    ((_, event),) = clinic.store.outbox
    assert (event.name, event.by) == ("SignInRecovered", clinic.admin.id)
    assert event.subject == SignInAttempts.id_of(clinic.liaison.id)


def test_a_stolen_session_cannot_guess_the_password_at_will(clinic: Clinic) -> None:
    """Proofs count like sign-ins (AUT-06, AUT-11)."""
    address = account_of(clinic, clinic.liaison)
    clinic.ask.access.sign_in(clinic.id, address, PASSWORD, token="one")
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(WrongCredentials):
            clinic.ask.access.prove(clinic.liaison, "one", "another sentence entirely")
    with pytest.raises(WrongCredentials):
        clinic.ask.access.prove(clinic.liaison, "one", PASSWORD)
    clinic.clock.forward(seconds=1)
    clinic.ask.access.prove(clinic.liaison, "one", PASSWORD)


def test_failed_sign_ins_are_known_by_account_and_never_by_address(clinic: Clinic) -> None:
    """The audit names the account where there is one, and not what was typed (AUD-01, AUD-03)."""
    address = account_of(clinic, clinic.liaison)
    for typed, subject in ((address, clinic.liaison.id), ("nobody@example.org", None)):
        assert not attempt(clinic, typed, "another sentence entirely")
        entry = clinic.store.audit[-1]
        assert (entry.action, entry.outcome) == ("sign-in:begin", "wrong-credentials")
        assert (entry.subject, entry.category) == (subject, Category.ACCESS)
        assert "@" not in repr(entry)


class Racing(PlainPasswords):
    """Compares passwords only after others tried theirs."""

    def __init__(self, others: list[Callable[[], object]]) -> None:
        self.others = others

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Let another one try first."""
        if self.others:
            self.others.pop()()
        return super().verify(password_hash, password)


def test_attempts_at_the_same_time_are_all_counted(clinic: Clinic) -> None:
    """Each is counted before its password is looked at, and whoever is right while others guess is
    let in (AUT-06).
    """
    address = account_of(clinic, clinic.liaison)
    others: list[Callable[[], object]] = []
    racing = Telehealth(attrs.evolve(clinic.ports, passwords=Racing(others)))
    others.append(lambda: attempt(clinic, address, "another sentence entirely"))
    actor, _ = racing.access.sign_in(clinic.id, address, PASSWORD, token="one")
    assert actor == clinic.liaison
    counted = clinic.store.rows["sign_in_attempts"][SignInAttempts.id_of(clinic.liaison.id)]
    assert (counted.count, counted.version) == (0, 3)


def test_the_very_first_attempts_are_counted_too(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that find no count yet do not both begin one (AUT-06)."""
    address, others = account_of(clinic, clinic.liaison), [attempt]
    none = SignInAttempts.none

    def overtaken(*whose: Any) -> SignInAttempts:
        while others:
            others.pop()(clinic, address, "another sentence entirely")
        return none(*whose)

    monkeypatch.setattr(SignInAttempts, "none", overtaken)
    assert attempt(clinic, address, PASSWORD)
    counted = clinic.store.rows["sign_in_attempts"][SignInAttempts.id_of(clinic.liaison.id)]
    assert (counted.count, counted.version) == (0, 3)


class Crowded(MemoryStore):
    """A store in which somebody else always counted an attempt just before."""

    crowded = False

    @contextmanager
    def work(self, actor: Actor) -> Iterator[MemoryWork]:
        """A unit of work that comes too late to count anything."""
        with super().work(actor) as work:
            yield work
            counts = self.rows.get("sign_in_attempts", {}) if self.crowded else {}
            for id, count in counts.items():
                counts[id] = attrs.evolve(count, version=count.version + 1)


def test_where_no_attempt_can_be_counted_none_is_looked_at() -> None:
    """Whoever floods an account with attempts learns nothing from any of them (AUT-06)."""
    store = Crowded()
    clinic = Clinic(ports={"store": store})
    address = account_of(clinic, clinic.liaison)
    assert attempt(clinic, address, PASSWORD)
    store.crowded = True
    assert not attempt(clinic, address, PASSWORD)


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


def test_whoever_signs_in_or_proves_it_again_has_just_proved_who_they_are(clinic: Clinic) -> None:
    """A session begins with a proof, and a failed one is known by its account (AUT-11, AUD-01)."""
    address = account_of(clinic, clinic.liaison)
    actor, _ = clinic.ask.access.sign_in(clinic.id, address, PASSWORD, token="one")
    assert actor.proven_at == clinic.clock()
    clinic.clock.forward(minutes=5)
    with pytest.raises(WrongCredentials):
        clinic.ask.access.prove(actor, "one", "another sentence entirely")
    assert clinic.store.audit[-1].subject == clinic.liaison.id
    assert clinic.ask.access.prove(actor, "one", PASSWORD).proven_at == clinic.clock()


def test_a_session_that_ended_this_instant_is_not_ended_again(clinic: Clinic) -> None:
    """Its end is told once (AUD-01)."""
    address = account_of(clinic, clinic.liaison)
    actor, ends_at = clinic.ask.access.sign_in(clinic.id, address, PASSWORD, token="one")
    clinic.clock.now = ends_at
    told = len(clinic.store.outbox)
    clinic.ask.access.sign_out(actor, "one")
    assert len(clinic.store.outbox) == told


def test_the_wait_counts_from_the_last_attempt_and_an_administrator_ends_it() -> None:
    """What is counted is how often, and when last (AUT-06)."""
    attempts = SignInAttempts.none(PracticeId(UUID(int=1)), UserId(UUID(int=2)), MORNING)
    for number in range(FREE_ATTEMPTS + 1):
        attempts = attempts.tried(at=MORNING + timedelta(minutes=number))
    assert attempts.last_at == MORNING + timedelta(minutes=FREE_ATTEMPTS)
    recovered, _ = attempts.recover(by=UserId(UUID(int=3)), at=attempts.last_at)
    assert recovered.count == 0
    assert recovered.allows(attempts.last_at)
