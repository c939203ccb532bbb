"""Doubles of the outside powers, in memory: they keep every promise of their ports and nothing
more.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import attrs

from telehealth_core.access.keys import KeyRefused
from telehealth_core.billing.card import CardDeclined, CardDetails
from telehealth_core.billing.payment import PaymentOrder, PaymentOutcome
from telehealth_core.consultation.video import Admission
from telehealth_core.letters.page import LetterPage
from telehealth_core.prescribing.pharmacy import PrescriptionOrder
from telehealth_core.records.link import RecordKind
from telehealth_core.records.ports import Changes, OutsideRow
from telehealth_core.registration.document import CleanImage, UnreadableImage
from telehealth_core.shared.ids import (
    DocumentId,
    EventId,
    PatientId,
    PracticeId,
    PrescriptionId,
    ProviderId,
    UserId,
)
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Erased, IdReused, Unavailable, Unknown
from telehealth_core.telehealth import Ports
from telehealth_core.testing.memory import MemoryStore


@attrs.define
class FixedClock:
    """A clock that stands still until it is moved."""

    now: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The instant it stands at."""
        return self.now

    def forward(self, **by: float) -> datetime:
        """Move on by that many minutes, hours, days."""
        self.now += timedelta(**by)
        return self.now


class PlainPasswords:
    """Hashes nothing: for tests that are not about passwords."""

    def hash(self, password: str) -> str:
        """The password, marked."""
        return f"plain:{password}"

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether they belong together."""
        return password_hash == f"plain:{password}"


class PlainNumbers:
    """Works check digits out as their definitions say."""

    def nhs(self, digits: str) -> bool:
        """Ten digits, weighted from ten down to one, add up to a multiple of eleven."""
        weighted = (int(digit) * (10 - place) for place, digit in enumerate(digits))
        return len(digits) == 10 and sum(weighted) % 11 == 0

    def luhn(self, digits: str) -> bool:
        """Every second digit from the right is doubled; the digits of all add up to a ten."""
        doubled = (
            int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))
        )
        return bool(digits) and sum(map(int, "".join(map(str, doubled)))) % 10 == 0


class AnyImages:
    """Takes any bytes that begin with `image` for a picture."""

    def clean(self, content: bytes) -> CleanImage:
        """The same bytes. Raises: UnreadableImage."""
        if not content.startswith(b"image"):
            raise UnreadableImage("not a picture")
        return CleanImage(content=content, media_type="image/jpeg", width=1, height=1)


@attrs.define
class MemoryDocuments:
    """Keeps bytes in memory."""

    kept: dict[tuple[UUID, UUID, UUID], bytes] = attrs.field(factory=dict)

    def put(
        self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId, content: bytes
    ) -> None:
        """Keep the bytes. Raises: IdReused for other bytes under a known id."""
        if self.kept.setdefault((practice_id, patient_id, id), content) != content:
            raise IdReused("document", id)

    def get(self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId) -> bytes:
        """The bytes. Raises: Unknown."""
        try:
            return self.kept[practice_id, patient_id, id]
        except KeyError:
            raise Unknown("document", id) from None

    def delete(self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId) -> None:
        """Keep the bytes no longer."""
        self.kept.pop((practice_id, patient_id, id), None)


class PlainSeals:
    """Seals that anybody opens, but at their own place only; `destroyed` has whose open no more."""

    def __init__(self) -> None:
        self.destroyed: set[PatientId] = set()
        self.version = 1

    def seal(
        self, practice_id: PracticeId, patient_id: PatientId, name: str, content: bytes, /
    ) -> bytes:
        """The content backwards, behind what names its place."""
        self._require(patient_id)
        return self._header(practice_id, patient_id, name, self.version) + content[::-1]

    def open(
        self, practice_id: PracticeId, patient_id: PatientId, name: str, sealed: bytes, /
    ) -> bytes:
        """The content again."""
        self._require(patient_id)
        header = self._header(practice_id, patient_id, name, sealed[0] if sealed else 0)
        if not sealed.startswith(header):
            raise KeyRefused("What is sealed was changed, or lies where it was not put.")
        return sealed[len(header) :][::-1]

    def former(self, practice_id: PracticeId, patient_id: PatientId, sealed: bytes, /) -> bool:
        """Whether it was sealed under another version."""
        self._require(patient_id)
        return sealed[0] != self.version

    def _require(self, patient_id: PatientId) -> None:
        if patient_id in self.destroyed:
            raise Erased

    def _header(self, *place: UUID | str | int) -> bytes:
        return bytes([int(str(place[-1]))]) + hashlib.sha256(repr(place).encode()).digest()


class PlainLetters:
    """Sets letters as plain text."""

    def render(self, page: LetterPage) -> bytes:
        """The page's words."""
        return repr(page).encode()


@attrs.define
class MemoryAttachments:
    """Remembers what was sent as an attachment, and to whom."""

    sent: dict[EventId, tuple[str, bytes]] = attrs.field(factory=dict)

    def attach(self, practice_id: PracticeId, email: str, content: bytes, key: EventId) -> None:
        """Remember it once for each key."""
        self.sent.setdefault(key, (email, content))


@attrs.define
class MemorySignatures:
    """A key for each prescriber, made of the prescriber's id: keeps the promises, hides nothing."""

    own_keys: bool = True

    def sign(self, provider_id: ProviderId, digest: bytes) -> bytes:
        """The seal."""
        return hashlib.sha256(provider_id.bytes + digest).digest()

    def verify(self, provider_id: ProviderId, digest: bytes, seal: bytes) -> bool:
        """Whether they belong together."""
        return seal == self.sign(provider_id, digest)


@attrs.define
class MemoryPharmacies:
    """Remembers what was brought, and what was withdrawn."""

    brought: dict[PrescriptionId, PrescriptionOrder] = attrs.field(factory=dict)
    withdrawn: set[PrescriptionId] = attrs.field(factory=set)

    def send(self, practice_id: PracticeId, order: PrescriptionOrder) -> None:
        """Remember it once for each key."""
        self.brought.setdefault(order.key, order)

    def withdraw(self, practice_id: PracticeId, key: PrescriptionId) -> None:
        """Remember that it was withdrawn."""
        self.withdrawn.add(key)


@attrs.define
class MemoryPayments:
    """A processor without money: `tok_declined` is refused, the card of `tok_fails_later` fails
    when charged, that of `tok_authenticate` waits until `authenticate` is called.
    """

    outcome_of: dict[UUID, PaymentOutcome] = attrs.field(factory=dict)
    refunded: dict[UUID, Money] = attrs.field(factory=dict)
    forgotten: set[str] = attrs.field(factory=set)
    moves_money: bool = False

    def keep_card(self, customer: PatientId, token: str, key: UUID) -> CardDetails:
        """Keep a card. Raises: CardDeclined."""
        if token == "tok_declined":  # noqa: S105 - a test token's name
            raise CardDeclined("card_declined")
        return CardDetails(f"{token}/{key}", "visa", "4242", 2040, 12)

    def forget_card(self, token: str) -> None:
        """Keep it no longer."""
        self.forgotten.add(token)

    def collect(self, order: PaymentOrder) -> PaymentOutcome:
        """Take the sum once for each key."""
        token = order.card_token
        declined = "insufficient_funds" if token.startswith("tok_fails_later") else None
        if token in self.forgotten:
            declined = "unknown_card"
        action = f"confirm/{order.key}" if token.startswith("tok_authenticate") else None
        fresh = PaymentOutcome(
            key=order.key,
            amount=order.amount,
            reference=f"ref-{order.key}",
            declined=declined,
            action=action,
        )
        return self.outcome_of.setdefault(order.key, fresh)

    def authenticate(self, key: UUID, *, declined: str | None = None) -> None:
        """The payer confirms the payment with their bank, or fails to."""
        waiting = self.outcome_of[key]
        assert waiting.requires_action, "only what waits for its payer is confirmed"
        self.outcome_of[key] = attrs.evolve(waiting, action=None, declined=declined)

    def abandon(self, key: UUID) -> PaymentOutcome:
        """Wait for the payer no longer."""
        if self.outcome_of[key].requires_action:
            self.authenticate(key, declined="not_confirmed")
        return self.outcome_of[key]

    def refund(self, order: UUID, amount: Money, key: UUID) -> None:
        """Give back once for each key."""
        assert self.outcome_of[order].paid, "only what was taken is given back"
        self.refunded.setdefault(key, amount)

    def outcomes(self, keys: frozenset[UUID]) -> Mapping[UUID, PaymentOutcome]:
        """The processor's own view."""
        return {key: self.outcome_of[key] for key in keys if key in self.outcome_of}

    def refunds(self, keys: frozenset[UUID]) -> Mapping[UUID, Money]:
        """The processor's own view of refunds."""
        return {key: self.refunded[key] for key in keys if key in self.refunded}


class MemoryRooms:
    """Rooms nobody can enter: hands out tokens that say what they are."""

    def admit(self, room: str, identity: str, *, until: datetime) -> Admission:
        """A way in."""
        return Admission(room, f"{room}/{identity}/{until.isoformat()}", "memory:")


@attrs.define
class MemoryRecords:
    """An outside record system in memory, connected once told so. It numbers what it makes, tells
    every row changed since a position, and can be edited as its own users would.
    """

    rows: dict[tuple[PracticeId, RecordKind, str], OutsideRow] = attrs.field(factory=dict)
    log: list[tuple[PracticeId, RecordKind, str]] = attrs.field(factory=list)
    made: dict[UUID, str] = attrs.field(factory=dict)
    practices: set[PracticeId] = attrs.field(factory=set)
    faults: list[Unavailable] = attrs.field(factory=list)
    """What the next calls are answered with, one each, before anything is done."""
    lost: int = 0
    """How many of the next writes are done, and their answer lost."""
    asked: int = 0
    """How many calls there were."""
    page: int = 1_000
    """How many changes it tells at once."""
    rewrites: dict[str, Callable[[str], str]] = attrs.field(factory=dict)
    """How it writes the values of some fields its own way."""

    def _fault(self) -> None:
        self.asked += 1
        if self.faults:
            raise self.faults.pop(0)

    def vanish(self, practice_id: PracticeId, kind: RecordKind, outside_id: str) -> None:
        """Have somebody outside delete a row."""
        del self.rows[practice_id, kind, outside_id]

    def connected(self, practice_id: PracticeId) -> bool:
        """Whether this practice was connected."""
        return practice_id in self.practices

    def changed(
        self, practice_id: PracticeId, kind: RecordKind, position: str | None, at: datetime
    ) -> Changes:
        """Every row changed since the position, as it is now."""
        self._fault()
        since = int(position or 0)
        until = min(since + self.page, len(self.log))
        seen = dict.fromkeys(one for one in self.log[since:until] if one[:2] == (practice_id, kind))
        rows = tuple(self.rows[one] for one in seen if one in self.rows)
        return Changes(rows=rows, position=str(until), more=until < len(self.log))

    def read(self, practice_id: PracticeId, kind: RecordKind, outside_id: str) -> OutsideRow | None:
        """The row as it is now."""
        self._fault()
        return self.rows.get((practice_id, kind, outside_id))

    def write(
        self, practice_id: PracticeId, kind: RecordKind, row: OutsideRow, key: UUID
    ) -> OutsideRow:
        """Write these fields; make a row once for each key."""
        self._fault()
        fields = {
            name: self.rewrites[name](value) if value and name in self.rewrites else value
            for name, value in row.fields.items()
        }
        id = row.outside_id or self.made.setdefault(key, str(1000 + len(self.made)))
        written = self.edit(practice_id, kind, attrs.evolve(row, outside_id=id, fields=fields))
        if self.lost:
            self.lost -= 1
            raise Unavailable("The outside record system")
        return written

    def edit(self, practice_id: PracticeId, kind: RecordKind, row: OutsideRow) -> OutsideRow:
        """Change a row as somebody outside would: the fields named, the rest stays."""
        where = (practice_id, kind, row.outside_id)
        before = self.rows.get(where)
        fields = {**(before.fields if before else {}), **row.fields}
        self.rows[where] = attrs.evolve(row, fields=fields)
        self.log.append(where)
        return self.rows[where]


@attrs.define
class MemoryChannels:
    """Remembers what was published, and which tokens were revoked; `heard` has what each live grant
    lets its user hear.
    """

    published: dict[EventId, tuple[str, Mapping[str, str]]] = attrs.field(factory=dict)
    heard: dict[str, list[tuple[str, Mapping[str, str]]]] = attrs.field(factory=dict)
    granted: dict[str, frozenset[str]] = attrs.field(factory=dict)
    revoked: list[str] = attrs.field(factory=list)

    def publish(self, channel: str, message: Mapping[str, str], key: EventId) -> None:
        """Remember it once for each key."""
        if key not in self.published:
            self.published[key] = (channel, message)
            for token, channels in self.granted.items():
                if channel in channels:
                    self.heard[token].append((channel, message))

    def grant(self, user: UserId, channels: frozenset[str], until: datetime) -> str:
        """A token that says what it grants, and which one it is."""
        number = len(self.heard) + 1
        token = f"{user}/{','.join(sorted(channels))}/{until.isoformat()}/{number}"
        self.granted[token] = channels
        self.heard.setdefault(token, [])
        return token

    def revoke(self, token: str) -> None:
        """Let it hear no more."""
        self.granted.pop(token, None)
        self.revoked.append(token)


@attrs.define
class MemoryNotices:
    """Remembers what was sent."""

    sent: dict[EventId, tuple[str, str, Mapping[str, str]]] = attrs.field(factory=dict)

    def send(
        self,
        practice_id: PracticeId,
        email: str,
        template: str,
        facts: Mapping[str, str],
        key: EventId,
    ) -> None:
        """Remember it once for each key."""
        self.sent.setdefault(key, (email, template, facts))


def memory_ports(**other: Any) -> Ports:
    """Every port in memory; name those you bring yourself. `directory` is the `MemoryStore`."""
    store = other.pop("store", None) or MemoryStore()
    ports = Ports(
        work=store.work,
        clock=FixedClock(),
        signed_in=store,
        directory=store,
        passwords=PlainPasswords(),
        numbers=PlainNumbers(),
        images=AnyImages(),
        documents=MemoryDocuments(),
        signatures=MemorySignatures(),
        pharmacies=MemoryPharmacies(),
        letters=PlainLetters(),
        attachments=MemoryAttachments(),
        payments=MemoryPayments(),
        rooms=MemoryRooms(),
        records=MemoryRecords(),
        channels=MemoryChannels(),
        notices=MemoryNotices(),
    )
    brought = attrs.evolve(ports, **other)
    store.clock = brought.clock
    return brought
