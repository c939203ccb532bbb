"""What whatever proves something promises: passwords, check digits, seals, rooms, letters; and
pharmacies, which act on it.
"""

from datetime import timedelta

import attrs

from telehealth_core.access.ports import Passwords
from telehealth_core.consultation.ports import VideoRooms
from telehealth_core.jurisdictions.ports import NumberChecks
from telehealth_core.letters.page import LetterPage
from telehealth_core.letters.ports import Letters
from telehealth_core.prescribing.pharmacy import Pharmacy, PrescriptionOrder
from telehealth_core.prescribing.ports import Pharmacies, Signatures
from telehealth_core.shared.ids import PracticeId, PrescriptionId, ProviderId
from telehealth_core.testing.contracts.beginning import AT, named

PAGE = LetterPage(
    language="en-GB",
    letterhead=("Example Practice", "1 Road"),
    date="2026-11-23",
    recipient=("Example Clinic",),
    title="Referral letter",
    facts=(("Patient", "Pat Example"),),
    paragraphs=("Please see #this [patient] at $once$.",),
    signature=("Provider",),
    reference="Letter 1",
)


class PasswordsContract:
    """A hash belongs to its password and to no other. A subclass brings `passwords`."""

    def passwords(self) -> Passwords:
        """What hashes."""
        raise NotImplementedError

    def test_a_hash_fits_its_password_alone(self) -> None:
        """Whatever its letters; no hash and a broken one fit nothing (AUT-07, ENC-08)."""
        for password in ("a sentence that nobody guesses", "pässword", " blank ", "x" * 128):
            hashed = self.passwords().hash(password)
            assert self.passwords().verify(hashed, password)
            for other in (f"{password}.", password[1:], password.swapcase(), ""):
                assert not self.passwords().verify(hashed, other)
            assert not self.passwords().verify(None, password)
            assert not self.passwords().verify("no hash", password)

    def test_every_hash_is_salted(self) -> None:
        """Two of one password differ, and neither tells it (ENC-08)."""
        one, other = (self.passwords().hash("a sentence") for _ in range(2))
        assert one != other
        assert "a sentence" not in one


class NumberChecksContract:
    """Check digits are what their definitions say. A subclass brings `numbers`."""

    def numbers(self) -> NumberChecks:
        """What checks."""
        raise NotImplementedError

    def test_one_wrong_digit_is_noticed(self) -> None:
        """At any place, in NHS numbers and whatever follows Luhn (RXU-01)."""
        for check, good in (
            (self.numbers().nhs, "9434765919"),
            (self.numbers().luhn, "79927398713"),
        ):
            assert check(good)
            for place, digit in enumerate(good):
                wrong = str((int(digit) + 1) % 10)
                assert not check(f"{good[:place]}{wrong}{good[place + 1 :]}")

    def test_a_number_of_another_length_is_no_nhs_number(self) -> None:
        """Ten digits, no more and no fewer."""
        for digits in ("", "943476591", "94347659190"):
            assert not self.numbers().nhs(digits)


class SignaturesContract:
    """A seal fits its prescriber and its digest. A subclass brings `signatures`."""

    def signatures(self) -> Signatures:
        """What seals."""
        raise NotImplementedError

    def test_a_seal_fits_its_prescriber_and_its_digest_alone(self) -> None:
        """And nothing that resembles it (RXU-04)."""
        one, other = ProviderId(named("one")), ProviderId(named("other"))
        digest, another = b"\x01" * 32, b"\x02" * 32
        seal = self.signatures().sign(one, digest)
        assert self.signatures().verify(one, digest, seal)
        assert not self.signatures().verify(other, digest, seal)
        assert not self.signatures().verify(one, another, seal)
        for false in (b"", seal[:-1], seal + b"\x00", bytes(len(seal))):
            assert not self.signatures().verify(one, digest, false)

    def test_it_says_whose_the_keys_are(self) -> None:
        """Only an own key makes an advanced electronic signature (RXU-04)."""
        assert self.signatures().own_keys in {True, False}


class PharmaciesContract:
    """An order is brought once, and can be withdrawn. A subclass brings `pharmacies`, `brought` and
    `withdrawn`.
    """

    def pharmacies(self) -> Pharmacies:
        """What brings, the same within a test."""
        raise NotImplementedError

    def brought(self, key: PrescriptionId) -> list[bytes]:
        """What pharmacies got under this key: the content of each order."""
        raise NotImplementedError

    def withdrawn(self, key: PrescriptionId) -> bool:
        """Whether they know that it must not be dispensed."""
        raise NotImplementedError

    def test_an_order_is_brought_once(self) -> None:
        """The same key again is the same order; until it is withdrawn, it may be dispensed
        (RXU-11).
        """
        house, key = PracticeId(named("house")), PrescriptionId(named("prescription"))
        order = PrescriptionOrder(
            key=key,
            pharmacy=Pharmacy(name="Example", address="5 Road", contact="rx@example.org"),
            content=b'{"items": []}',
            seal=b"\x00seal\xff",
            claim_token="a token",  # noqa: S106 - of a test
        )
        for _ in range(2):
            self.pharmacies().send(house, order)
        assert self.brought(key) == [order.content]
        assert not self.withdrawn(key)
        for _ in range(2):
            self.pharmacies().withdraw(house, key)
        assert self.withdrawn(key)

    def test_what_was_never_sent_can_be_withdrawn(self) -> None:
        """It is no error, and brings nothing (RXU-11)."""
        house, key = PracticeId(named("house")), PrescriptionId(named("never sent"))
        self.pharmacies().withdraw(house, key)
        assert self.brought(key) == []


class VideoRoomsContract:
    """Each participant gets a way in of their own. A subclass brings `rooms`; its clock stands at
    `AT`.
    """

    def rooms(self) -> VideoRooms:
        """Where the rooms are, the same within a test."""
        raise NotImplementedError

    def test_each_has_a_way_into_the_same_room(self) -> None:
        """Under tokens of their own that no log shows, however often they ask (TEL-07, VEN-04)."""
        until = AT + timedelta(minutes=30)
        one, other, again = (
            self.rooms().admit("a room", who, until=until) for who in ("one", "other", "one")
        )
        assert one.room == other.room == again.room == "a room"
        assert one.url == other.url == again.url != ""
        assert one.token != other.token
        assert one.token not in repr(one)

    def test_rooms_are_apart(self) -> None:
        """A way into one is none into another (TEL-07)."""
        until = AT + timedelta(minutes=30)
        one, other = (self.rooms().admit(room, "one", until=until) for room in ("a", "b"))
        assert (one.room, other.room) == ("a", "b")
        assert one.token != other.token


class LettersContract:
    """A page is always the same bytes. A subclass brings `letters`."""

    def letters(self) -> Letters:
        """What sets them."""
        raise NotImplementedError

    def test_the_same_page_gives_the_same_bytes(self) -> None:
        """So that their hash proves them; another word gives others (MSG-08)."""
        first, again = (self.letters().render(PAGE) for _ in range(2))
        assert first == again
        for other in (
            attrs.evolve(PAGE, title="Sick note"),
            attrs.evolve(PAGE, paragraphs=("Another text.",)),
            attrs.evolve(PAGE, facts=(("Patient", "Lee Example"),)),
        ):
            assert self.letters().render(other) != first
