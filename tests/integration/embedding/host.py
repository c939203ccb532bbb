"""Another product that embeds the core: a health service for employees, whose employer is invoiced.

It brings what is its own, invoices and a store of documents in SQLite, and takes the rest from the
test kit. Nobody's card is charged: an employee names the account of their employer instead.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any
from uuid import UUID, uuid4

import attrs

from telehealth_core import Actor, Interval, Money, Ports, Role, Telehealth
from telehealth_core.access.actor import Purpose
from telehealth_core.billing.card import CardDeclined, CardDetails
from telehealth_core.billing.payment import PaymentOrder, PaymentOutcome
from telehealth_core.consultation.assurance import IdentityMethod
from telehealth_core.jurisdictions.pack import IDENTITY_CHECKLIST
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.reactions import reactions_to
from telehealth_core.registration.document import DocumentKind
from telehealth_core.registration.identity_decision import Finding
from telehealth_core.registration.patient import Address, Profile
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.session import Mode, Session
from telehealth_core.shared.ids import (
    AppointmentId,
    CardId,
    ConsentId,
    DocumentId,
    PatientId,
    PracticeId,
    ProviderId,
    SessionId,
    UserId,
)
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from telehealth_core.testing import FixedClock, MemoryStore, memory_ports
from telehealth_core.timers import TIMERS
from telehealth_core.workforce.provider import Licence, Profession, Provider, Service

TABLES = """
CREATE TABLE IF NOT EXISTS documents (
    practice TEXT, patient TEXT, id TEXT, content BLOB, PRIMARY KEY (practice, patient, id));
CREATE TABLE IF NOT EXISTS members (
    key TEXT PRIMARY KEY, customer TEXT, employer TEXT, token TEXT UNIQUE, left INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS invoiced (
    key TEXT PRIMARY KEY, employer TEXT, minor INTEGER, currency TEXT, declined TEXT);
CREATE TABLE IF NOT EXISTS credited (
    key TEXT PRIMARY KEY, invoiced TEXT, minor INTEGER, currency TEXT);
"""
EMPLOYERS = frozenset({"example-mills", "example-rail"})
PASSWORD = "a sentence that nobody guesses"
PICTURE = b"image of nobody"


class Books:
    """One SQLite file; one transaction at a time."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._lock = RLock()
        self._connection.executescript(TABLES)

    def __enter__(self) -> "Books":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A transaction."""
        with self._lock, self._connection:
            yield self._connection


@attrs.frozen
class BookedDocuments:
    """Documents in the books: implements `registration.ports.Documents`."""

    books: Books

    def put(
        self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId, content: bytes, /
    ) -> None:
        """Keep the bytes. Raises: IdReused."""
        row = (str(practice_id), str(patient_id), str(id), content)
        with self.books.open() as books:
            books.execute("INSERT OR IGNORE INTO documents VALUES (?, ?, ?, ?)", row)
        if self.get(practice_id, patient_id, id) != content:
            raise IdReused("document", id)

    def get(self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId, /) -> bytes:
        """The bytes. Raises: Unknown."""
        with self.books.open() as books:
            row = books.execute(
                "SELECT content FROM documents WHERE (practice, patient, id) = (?, ?, ?)",
                (str(practice_id), str(patient_id), str(id)),
            ).fetchone()
        if row is None:
            raise Unknown("document", id)
        return bytes(row[0])

    def delete(self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId, /) -> None:
        """Keep the bytes no longer."""
        with self.books.open() as books:
            books.execute(
                "DELETE FROM documents WHERE (practice, patient, id) = (?, ?, ?)",
                (str(practice_id), str(patient_id), str(id)),
            )


@attrs.frozen
class EmployerInvoices:
    """What an employer is invoiced for: implements `billing.ports.Payments`.

    The one-time token is the employer's name; a "card" is somebody's membership there.
    """

    books: Books
    moves_money: bool = attrs.field(default=True, init=False)

    def keep_card(self, customer: PatientId, token: str, key: UUID, /) -> CardDetails:
        """Make somebody a member. Raises: CardDeclined where the employer has no contract."""
        if token not in EMPLOYERS:
            raise CardDeclined("no_contract")
        row = (str(key), str(customer), token, f"member/{key}")
        with self.books.open() as books:
            books.execute(
                "INSERT OR IGNORE INTO members (key, customer, employer, token)"
                " VALUES (?, ?, ?, ?)",
                row,
            )
        return CardDetails(f"member/{key}", token, "0000", 2099, 12)

    def forget_card(self, token: str, /) -> None:
        """End a membership."""
        with self.books.open() as books:
            books.execute("UPDATE members SET left = 1 WHERE token = ?", (token,))

    def collect(self, order: PaymentOrder, /) -> PaymentOutcome:
        """Put the sum on the employer's invoice, once for its key."""
        with self.books.open() as books:
            member = books.execute(
                "SELECT employer FROM members WHERE (token, customer, left) = (?, ?, 0)",
                (order.card_token, str(order.customer)),
            ).fetchone()
            employer, declined = (member[0], None) if member else ("", "no_member")
            books.execute(
                "INSERT OR IGNORE INTO invoiced VALUES (?, ?, ?, ?, ?)",
                (str(order.key), employer, order.amount.minor, order.amount.currency, declined),
            )
        return self.abandon(order.key)

    def abandon(self, key: UUID, /) -> PaymentOutcome:
        """Nothing here waits for its payer: what became of the order. Raises: Unknown."""
        outcome = self.outcomes(frozenset({key})).get(key)
        if outcome is None:
            raise Unknown("order", key)
        return outcome

    def refund(self, order: UUID, amount: Money, key: UUID, /) -> None:
        """Credit the employer, once for each key. Raises: Unknown; Invalid above what was taken."""
        with self.books.open() as books:
            if str(key) in {row[0] for row in books.execute("SELECT key FROM credited")}:
                return
            (taken,) = books.execute(
                "SELECT coalesce(sum(minor), 0) FROM invoiced WHERE key = ? AND declined IS NULL",
                (str(order),),
            ).fetchone()
            (given,) = books.execute(
                "SELECT coalesce(sum(minor), 0) FROM credited WHERE invoiced = ?", (str(order),)
            ).fetchone()
            if amount.minor > taken - given:
                raise Invalid("amount", "not above what was invoiced")
            row = (str(key), str(order), amount.minor, amount.currency)
            books.execute("INSERT INTO credited VALUES (?, ?, ?, ?)", row)

    def outcomes(self, keys: frozenset[UUID], /) -> Mapping[UUID, PaymentOutcome]:
        """What became of these orders."""
        found = self._rows("SELECT key, minor, currency, declined FROM invoiced", keys)
        return {
            key: PaymentOutcome(
                key=key, amount=Money(minor, currency), reference=f"line/{key}", declined=declined
            )
            for key, (minor, currency, declined) in found
        }

    def refunds(self, keys: frozenset[UUID], /) -> Mapping[UUID, Money]:
        """What was credited under these keys."""
        found = self._rows("SELECT key, minor, currency FROM credited", keys)
        return {key: Money(minor, currency) for key, (minor, currency) in found}

    def invoice(self, employer: str) -> int:
        """What the employer owes, in minor units."""
        with self.books.open() as books:
            (owed,) = books.execute(
                "SELECT coalesce(sum(minor), 0) - coalesce((SELECT sum(credited.minor)"
                " FROM credited JOIN invoiced ON invoiced.key = credited.invoiced"
                " WHERE invoiced.employer = ?1), 0)"
                " FROM invoiced WHERE employer = ?1 AND declined IS NULL",
                (employer,),
            ).fetchone()
        return int(owed)

    def _rows(self, query: str, keys: Iterable[UUID]) -> Iterator[tuple[UUID, tuple[Any, ...]]]:
        with self.books.open() as books:
            for key in keys:
                for _, *facts in books.execute(f"{query} WHERE key = ?", (str(key),)):
                    yield key, tuple(facts)


class Host:
    """The product: one practice for the employees of many employers."""

    def __init__(self, books: Books) -> None:
        self.invoices, self.store, self.clock = EmployerInvoices(books), MemoryStore(), FixedClock()
        self.ports: Ports = memory_ports(
            store=self.store,
            clock=self.clock,
            payments=self.invoices,
            documents=BookedDocuments(books),
        )
        self.ask = Telehealth(self.ports)
        self.id = PracticeId(uuid4())
        self.system, self.visitor = Actor.system(self.id), Actor.visitor(self.id)
        rules = Settings(charging=Charging.ON_COMPLETION, approval=Approval.AUTOMATIC)
        self.practice = Practice(
            id=self.id,
            slug="works",
            name="Example Works Health",
            address="3 Example Yard, Exampleton",
            jurisdiction_code="uk",
            zone="Europe/London",
            settings=rules,
            opened_at=self.clock(),
        )
        self.ask.practice.open(self.system, self.practice)
        self.liaison = self.account("office@example.org", Role.LIAISON)

    def account(self, email: str, role: Role, provider_id: ProviderId | None = None) -> Actor:
        """Somebody who can sign in."""
        account = self.ask.access.open_account(
            self.system,
            UserId(uuid4()),
            email=email,
            password=PASSWORD,
            roles=frozenset({role}),
            provider_id=provider_id,
        )
        return attrs.evolve(account.actor(), purpose=Purpose.OPERATIONS)

    def employee(self, email: str, employer: str) -> Actor:
        """A patient whose identity was checked, and whose employer pays."""
        id = PatientId(uuid4())
        profile = Profile(
            given_name="Sam",
            family_name="Example",
            birth_date=date(1985, 5, 17),
            address=Address(lines=("9 Example Row",), city="Exampleton", country="GB"),
            phone="+44 20 7946 0001",
            email=email,
            zone="Europe/London",
        )
        self.ask.registration.register(
            self.visitor, id, email=email, password=PASSWORD, profile=profile
        )
        with self.store.work(self.system) as work:
            account = work.accounts.of_patient(id)
        assert account is not None
        actor = account.actor()
        for kind in (DocumentKind.IDENTITY, DocumentKind.SELFIE):
            self.ask.identity.supply(actor, id, kind, DocumentId(uuid4()), PICTURE)
        self.ask.identity.submit(actor, id)
        right = tuple(Finding(item.code, passed=True) for item in IDENTITY_CHECKLIST)
        self.ask.identity.approve(self.liaison, id, "same face", right)
        self.ask.billing.save_card(actor, CardId(uuid4()), employer)
        return actor

    def provider(self) -> Actor:
        """A therapist with one service."""
        id = ProviderId(uuid4())
        licence = Licence(regulator="Example Register", number="7", expires_on=date(2030, 1, 1))
        service = Service(code="talk", name="Talk", minutes=30, price=Money(6_000, "GBP"))
        provider = Provider(
            id=id,
            practice_id=self.id,
            name="Robin Therapist",
            profession=Profession.THERAPIST,
            specialties=frozenset({"general"}),
            languages=frozenset({"en"}),
            licences=(licence,),
            services=(service,),
            added_at=self.clock(),
        )
        self.ask.workforce.add(self.liaison, provider)
        return self.account("robin@example.org", Role.PROVIDER, id)

    def session(self, provider: Actor) -> Session:
        """A shift tomorrow."""
        assert provider.provider_id is not None
        start = self.clock() + timedelta(days=1)
        return self.ask.diary.add_session(
            self.liaison,
            SessionId(uuid4()),
            provider_id=provider.provider_id,
            during=Interval(start, start + timedelta(hours=3)),
            service="talk",
            modes=frozenset({Mode.VIDEO}),
            start_every_minutes=30,
        )

    def book(self, patient: Actor, session: Session) -> Appointment:
        """The session's first time, approved."""
        held = self.ask.scheduling.hold(
            patient,
            AppointmentId(uuid4()),
            patient_id=patient.as_patient(),
            session_id=session.id,
            start=session.during.start,
            mode=Mode.VIDEO,
            location="GB",
        ).appointment
        (card,) = self.ask.billing.cards(patient)
        requested = self.ask.scheduling.request(
            patient, held.id, agreed=held.price, card_id=card.id, starts_within_cooling_off=True
        )
        self.catch_up()
        return requested

    def visit(self, appointment: Appointment, patient: Actor, provider: Actor) -> None:
        """Both meet for twenty minutes, and the provider confirms it."""
        self.clock.now = appointment.during.start
        room, text = "", self.practice.settings.consent_text(ConsentPurpose.GP_SHARING, None)
        assert text is not None
        for who in (patient, provider):
            room = self.ask.consultation.join(who, appointment.id, "GB", private=True).room
        for who in (patient, provider):
            self.ask.consultation.entered(room, who.id, f"line of {who.id}")
        self.ask.consents.refuse(
            patient,
            ConsentId(uuid4()),
            patient.as_patient(),
            ConsentPurpose.GP_SHARING,
            text_hash=text.hash,
        )
        self.ask.consultation.confirm_identity(provider, appointment.id, IdentityMethod.PICTURE)
        self.clock.forward(minutes=20)
        for who in (patient, provider):
            self.ask.consultation.left(room, who.id, f"line of {who.id}")
        self.ask.consultation.complete(provider, appointment.id)
        self.catch_up()

    def catch_up(self) -> None:
        """Do what follows from what happened, and what is due by now."""
        while (taken := self.store.take_event()) is not None:
            practice_id, event = taken
            for reaction in reactions_to(type(event)):
                self.ask.react(reaction, event, Actor.system(practice_id))

    def later(self, at: datetime) -> None:
        """Let time pass, with every timer of each practice."""
        self.clock.now = at
        for practice in self.store.all():
            for timer in TIMERS:
                self.ask.tick(timer, Actor.system(practice.id))
        self.catch_up()
