"""The store and its units of work in memory."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from threading import RLock
from typing import Any
from uuid import UUID

import attrs

from telehealth_core.access.account import Account
from telehealth_core.access.actor import Actor
from telehealth_core.access.attempts import SignInAttempts
from telehealth_core.access.audit import AuditEntry, Undertaking, undertaking
from telehealth_core.access.policy import Action
from telehealth_core.access.ports import Clock
from telehealth_core.consultation.note import VisitNote
from telehealth_core.messaging.conversation import Conversation
from telehealth_core.practice.practice import Practice
from telehealth_core.records.cursor import RecordCursor
from telehealth_core.registration.document import Document
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    PatientId,
    PracticeId,
    SignInId,
)
from telehealth_core.shared.refusal import Refusal
from telehealth_core.testing.memory import (
    access,
    billing,
    consultation,
    messaging,
    partnership,
    practice,
    records,
    records_of_care,
    registration,
    scheduling,
    waitlist,
    workforce,
)
from telehealth_core.testing.memory.collection import MemoryCollection, Rows


def _standing_still() -> datetime:
    """A clock for whoever brings none."""
    return datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@attrs.define
class MemoryStore:
    """All rows of an installation, with its audit and its outbox."""

    rows: dict[str, dict[UUID, Any]] = attrs.field(factory=dict)
    audit: list[AuditEntry] = attrs.field(factory=list)
    outbox: list[tuple[PracticeId, Event]] = attrs.field(factory=list)
    clock: Clock = attrs.field(default=_standing_still)
    _lock: Any = attrs.field(factory=RLock, repr=False, eq=False)
    _turns: dict[UUID, Any] = attrs.field(factory=dict, repr=False, eq=False)

    @contextmanager
    def work(self, actor: Actor) -> Iterator["MemoryWork"]:
        """A unit of work for this actor."""
        with undertaking(actor) as begun:
            try:
                with ExitStack() as turns:
                    work = MemoryWork(self, actor, begun, turns)
                    yield work
                    with self._lock:
                        work.commit()
            except Refusal as refusal:
                self.note([begun.refused(refusal, at=self.clock())])
                raise

    def note(self, entries: list[AuditEntry]) -> None:
        """Write down what happened, each entry at its place in the trail."""
        with self._lock:
            for entry in entries:
                self.audit.append(attrs.evolve(entry, id=len(self.audit) + 1))

    def turn(self, id: UUID) -> Any:
        """What one thread at a time can have."""
        with self._lock:
            return self._turns.setdefault(id, RLock())

    def actor(self, sign_in: SignInId, at: datetime) -> Actor | None:
        """Whose live session this is."""
        session: Any = self.rows.get("sign_ins", {}).get(sign_in)
        if session is None or not session.began_at <= at < session.ends_at:
            return None
        account: Account = self.rows["accounts"][session.user_id]
        return account.actor(session.proven_at) if account.disabled_at is None else None

    def by_slug(self, slug: str) -> Practice | None:
        """The practice of that short name."""
        return next((practice for practice in self.all() if practice.slug == slug), None)

    def all(self) -> tuple[Practice, ...]:
        """All practices, by name."""
        practices: list[Practice] = list(self.rows.get("practices", {}).values())
        return tuple(sorted(practices, key=lambda practice: practice.name))

    def take_event(self) -> tuple[PracticeId, Event] | None:
        """The oldest event that nobody took yet."""
        with self._lock:
            return self.outbox.pop(0) if self.outbox else None


class MemoryWork:
    """One actor's reads and saves; see `access.ports.Work`."""

    def __init__(
        self, store: MemoryStore, actor: Actor, begun: Undertaking, turns: ExitStack
    ) -> None:
        self.store, self.actor, self._begun, self._turns = store, actor, begun, turns
        self._staged: list[Callable[[Rows], None]] = []
        self._in_turn = False
        self._happened: list[tuple[PracticeId, Event]] = []
        self._entries: list[AuditEntry] = []
        self.audit = access.Trail(self)
        self.practices = practice.Practices(self, "practices", "practice")
        self.settings_history = practice.SettingsHistory(
            self, "settings_history", "settings version"
        )
        self.accounts = access.Accounts(self, "accounts", "account", access.one_account_an_address)
        self.sign_ins = access.SignIns(self, "sign_ins", "sign-in")
        self.sign_in_attempts = MemoryCollection[SignInAttempts](
            self, "sign_in_attempts", "sign-in attempts"
        )
        self.role_grants = access.RoleGrants(self, "role_grants", "role grant")
        self.emergency_accesses = access.EmergencyAccesses(
            self, "emergency_accesses", "emergency access"
        )
        self.patients = registration.Patients(self, "patients", "patient")
        self.identity_checks = registration.IdentityChecks(
            self, "identity_checks", "identity check"
        )
        self.consents = registration.Consents(self, "consents", "consent")
        self.assessments = registration.Assessments(self, "assessments", "assessment")
        self.suspicions = registration.DuplicateSuspicions(self, "suspicions", "suspicion")
        self.documents = MemoryCollection[Document](self, "documents", "document")
        self.providers = workforce.Providers(self, "providers", "provider")
        self.sessions = scheduling.Sessions(self, "sessions", "session")
        self.appointments = scheduling.Appointments(
            self, "appointments", "appointment", scheduling.nobody_twice_at_once
        )
        self.waitlist = waitlist.WaitlistEntries(self, "waitlist", "waitlist entry")
        self.consultations = consultation.Consultations(self, "consultations", "consultation")
        self.notes = MemoryCollection[VisitNote](self, "notes", "visit note")
        self.psychotherapy_notes = consultation.PsychotherapyNotes(
            self, "psychotherapy_notes", "psychotherapy note"
        )
        self.feedback = consultation.FeedbackGivenSoFar(self, "feedback", "feedback")
        self.emergencies = consultation.EmergencyLog(self, "emergencies", "emergency")
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
        self.partners = partnership.Partners(self, "partners", "partner")
        self.referrals = partnership.Referrals(self, "referrals", "referral")
        self.medications = records_of_care.Medications(self, "medications", "medication")
        self.questionnaires = records_of_care.Questionnaires(
            self, "questionnaires", "questionnaire"
        )
        self.conversations = MemoryCollection[Conversation](self, "conversations", "conversation")
        self.chat_grants = messaging.ChatGrants(self, "chat_grants", "chat grant")
        self.messages = messaging.Messages(self, "messages", "message")
        self.care = registration.Care(self)

    def read(self, action: Action, patient_id: PatientId, subject: UUID) -> None:
        """Leave an audit entry for a read."""
        at = self.store.clock()
        self._entries.append(self._begun.read(action.value, patient_id, subject, at=at))

    def expect(self, session_id: UUID, patient_id: UUID) -> None:
        """Nothing is far away."""

    def take_turns(self, *ids: UUID) -> None:
        """Wait until no other thread's work has taken any of these, and keep all of them."""
        assert not self._in_turn, "a work takes its turns at once"
        self._in_turn = True
        for id in sorted(set(ids)):
            self._turns.enter_context(self.store.turn(id))

    def stage(
        self, write: Callable[[Rows], None], aggregate: Any, events: tuple[Event, ...]
    ) -> None:
        """Have this written on commit."""
        self._staged.append(write)
        for event in events:
            self._happened.append((aggregate.practice_id, event))
            self._entries.append(self._begun.done(aggregate, event, at=self.store.clock()))

    def commit(self) -> None:
        """Write everything staged, or nothing: nobody reads what is not committed."""
        rows = {name: dict(kept) for name, kept in self.store.rows.items()}
        for write in self._staged:
            write(rows)
        self.store.note(self._entries)
        self.store.rows = rows
        self.store.outbox.extend(self._happened)
