"""Hashing and comparing passwords."""

import time
import unicodedata
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telehealth_core.access.ports import Passwords
from telehealth_passwords import Argon2Passwords

cheap: Passwords = Argon2Passwords(passes=1, memory_kib=8, lanes=1)
anything = st.text(st.characters(), max_size=128)


@settings(deadline=None)
@given(password=anything, other=anything)
def test_a_hash_matches_its_password_only(password: str, other: str) -> None:
    """Any text can be a password; another text does not match, lone surrogates included."""
    hashed = cheap.hash(password)
    assert cheap.verify(hashed, password)
    same = unicodedata.normalize("NFKC", password) == unicodedata.normalize("NFKC", other)
    assert cheap.verify(hashed, other) is same


def test_letters_match_however_they_are_composed() -> None:
    """An accent typed separately is the same letter."""
    assert cheap.verify(cheap.hash("caf\N{LATIN SMALL LETTER E WITH ACUTE}"), "cafe\u0301")


def test_hashes_are_salted() -> None:
    """The same password has another hash every time."""
    assert cheap.hash("correct horse battery") != cheap.hash("correct horse battery")


def test_the_usual_parameters_are_those_of_owasp() -> None:
    """argon2id with 19 MiB, two passes and one lane."""
    assert Argon2Passwords().hash("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_hash_with_older_parameters_still_matches() -> None:
    """Parameters can be raised without locking anybody out."""
    assert Argon2Passwords(passes=2, memory_kib=16).verify(cheap.hash("older"), "older")


@pytest.mark.parametrize("damaged", ["", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$AAAA", "ż"])
def test_a_damaged_hash_never_matches(damaged: str) -> None:
    """What is no hash is a wrong password, not a crash."""
    assert cheap.verify(damaged, "password") is False


@given(password=anything)
def test_no_hash_never_matches(password: str) -> None:
    """Nobody signs in to an account that does not exist."""
    assert cheap.verify(None, password) is False


@pytest.mark.slow
def test_no_hash_takes_as_long_as_a_wrong_password() -> None:
    """The time does not tell whether there is an account (AUT-07)."""
    passwords = Argon2Passwords()
    hashed = passwords.hash("a sentence is fine")

    def took(password_hash: str | None) -> float:
        began = time.perf_counter()
        passwords.verify(password_hash, "another sentence")
        return time.perf_counter() - began

    without, wrong = (median(took(each) for _ in range(9)) for each in (None, hashed))
    assert 0.4 < without / wrong < 2.5


def test_neither_hasher_nor_decoy_is_shown() -> None:
    """The repr has the parameters only."""
    assert repr(Argon2Passwords(1, 8, 1)) == "Argon2Passwords(passes=1, memory_kib=8, lanes=1)"
