"""The store and its units of work in memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

import attrs

from telehealth_core.access.account import Account, SignIn
from telehealth_core.access.actor import Actor
from telehealth_core.access.policy import Action, NotPermitted
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.partnership.partner import Partner
from telehealth_core.practice.practice import Practice
from telehealth_core.records.cursor import RecordCursor
from telehealth_core.registration.document import Document
from telehealth_core.registration.patient import Patient
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    PatientId,
    PracticeId,
    SignInId,
    UserId,
)
from telehealth_core.shared.refusal import Unknown
from telehealth_core.testing.memory import (
    access,
    billing,
    messaging,
    partnership,
    practice,
    records,
    records_of_care,
    registration,
    scheduling,
    workforce,
)
from telehealth_core.testing.memory.collection import MemoryCollection


@attrs.frozen
class AuditEntry:
    """Who did, read or was refused what, without any personal value (N06)."""

    practice_id: PracticeId
    actor: UserId
    action: str
    outcome: str
    subject: UUID | None = None
    patient_id: PatientId | None = None


@attrs.define
class MemoryStore:
    """All rows of an installation, with its audit and its outbox."""

    rows: dict[str, dict[UUID, Any]] = attrs.field(factory=dict)
    audit: list[AuditEntry] = attrs.field(factory=list)
    outbox: list[tuple[PracticeId, Event]] = attrs.field(factory=list)
    _lock: Lock = attrs.field(factory=Lock, repr=False)

    @contextmanager
    def work(self, actor: Actor) -> Iterator["MemoryWork"]:
        """A unit of work for this actor."""
        work = MemoryWork(self, actor)
        try:
            yield work
        except (NotPermitted, Unknown) as refusal:
            action = refusal.action if isinstance(refusal, NotPermitted) else f"find {refusal.kind}"
            self.audit.append(AuditEntry(actor.practice_id, actor.id, action, refusal.code))
            raise
        with self._lock:
            work.commit()

    def actor(self, sign_in: SignInId, at: datetime) -> Actor | None:
        """Whose live session this is."""
        session: SignIn | None = self.rows.get("sign_ins", {}).get(sign_in)
        if session is None or not session.began_at <= at < session.ends_at:
            return None
        account: Account = self.rows["accounts"][session.user_id]
        return account.actor(session.proven_at)

    def by_slug(self, slug: str) -> Practice | None:
        """The practice of that short name."""
        return next((practice for practice in self.all() if practice.slug == slug), None)

    def all(self) -> tuple[Practice, ...]:
        """All practices, by name."""
        practices: list[Practice] = list(self.rows.get("practices", {}).values())
        return tuple(sorted(practices, key=lambda practice: practice.name))

    def take_event(self) -> tuple[PracticeId, Event] | None:
        """The oldest event that nobody took yet."""
        return self.outbox.pop(0) if self.outbox else None


class MemoryWork:
    """One actor's reads and saves; see `access.ports.Work`."""

    def __init__(self, store: MemoryStore, actor: Actor) -> None:
        self.store, self.actor = store, actor
        self._staged: list[Callable[[], None]] = []
        self._happened: list[tuple[Any, tuple[Event, ...]]] = []
        self._reads: list[AuditEntry] = []
        self.practices = MemoryCollection[Practice](self, "practices", "practice")
        self.settings_history = practice.SettingsHistory(
            self, "settings_history", "settings version"
        )
        self.accounts = access.Accounts(self, "accounts", "account", access.one_account_an_address)
        self.sign_ins = MemoryCollection[SignIn](self, "sign_ins", "sign-in")
        self.patients = registration.Patients(self, "patients", "patient")
        self.identity_checks = registration.IdentityChecks(
            self, "identity_checks", "identity check"
        )
        self.documents = MemoryCollection[Document](self, "documents", "document")
        self.providers = workforce.Providers(self, "providers", "provider")
        self.sessions = scheduling.Sessions(self, "sessions", "session")
        self.appointments = scheduling.Appointments(
            self, "appointments", "appointment", scheduling.nobody_twice_at_once
        )
        self.consultations = MemoryCollection[Consultation](self, "consultations", "consultation")
        self.cards = billing.Cards(self, "cards", "card")
        self.charges = billing.Charges(self, "charges", "charge")
        self.record_links = records.RecordLinks(
            self, "record_links", "record link", records.one_link_a_record
        )
        self.record_conflicts = records.RecordConflicts(self, "record_conflicts", "record conflict")
        self.quarantine = records.Quarantine(self, "quarantine", "quarantined row")
        self.record_cursors = MemoryCollection[RecordCursor](
            self, "record_cursors", "record cursor"
        )
        self.prescriptions = records_of_care.Prescriptions(self, "prescriptions", "prescription")
        self.letters = records_of_care.Letters(self, "letters", "letter")
        self.programs = records_of_care.Programs(self, "programs", "program")
        self.partners = MemoryCollection[Partner](self, "partners", "partner")
        self.referrals = partnership.Referrals(self, "referrals", "referral")
        self.messages = messaging.Messages(self, "messages", "message")
        self.care = registration.Care(self)

    def read(self, action: Action, patient_id: PatientId, subject: UUID) -> None:
        """Leave an audit entry for a read."""
        entry = AuditEntry(
            self.actor.practice_id, self.actor.id, action.value, "read", subject, patient_id
        )
        self._reads.append(entry)

    def stage(self, write: Callable[[], None], aggregate: Any, events: tuple[Event, ...]) -> None:
        """Have this written on commit."""
        self._staged.append(write)
        self._happened.append((aggregate, events))

    def commit(self) -> None:
        """Write everything staged, or nothing."""
        before = {name: dict(rows) for name, rows in self.store.rows.items()}
        try:
            for write in self._staged:
                write()
        except Exception:
            self.store.rows = before
            raise
        self.store.audit.extend(self._reads)
        for aggregate, events in self._happened:
            for event in events:
                self.store.outbox.append((aggregate.practice_id, event))
                self.store.audit.append(self._entry(aggregate, event))

    def _entry(self, aggregate: Any, event: Event) -> AuditEntry:
        patient = (
            aggregate.id
            if isinstance(aggregate, Patient)
            else getattr(aggregate, "patient_id", None)
        )
        return AuditEntry(
            aggregate.practice_id, self.actor.id, event.name, "done", event.subject, patient
        )
