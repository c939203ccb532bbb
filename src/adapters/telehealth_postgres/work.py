"""The unit of work on PostgreSQL: one transaction, reads as they come, all saves together at the
end.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar
from uuid import UUID

import attrs
import psycopg
from psycopg import errors

from telehealth_core.access.account import EmailTaken
from telehealth_core.access.attempts import SignInAttempts
from telehealth_core.access.audit import AuditEntry, Undertaking
from telehealth_core.access.policy import Action
from telehealth_core.access.ports import Clock
from telehealth_core.consultation.note import VisitNote
from telehealth_core.messaging.conversation import Conversation
from telehealth_core.practice.practice import Practice
from telehealth_core.records.cursor import RecordCursor
from telehealth_core.registration.document import Document
from telehealth_core.scheduling.appointment import TimeTaken
from telehealth_core.shared import Event, Refusal, Unavailable, Unknown
from telehealth_core.shared.ids import PatientId, SessionId
from telehealth_postgres import collections as of
from telehealth_postgres import tables
from telehealth_postgres.collections.expected import bring as bring_expected
from telehealth_postgres.columns import json_text
from telehealth_postgres.events import entry_record, event_record
from telehealth_postgres.keyring import Keychain, KeyRing
from telehealth_postgres.pipeline import Connection
from telehealth_postgres.remembered import Remembered
from telehealth_postgres.statements import NOT_WRITTEN, NOTE, Statement
from telehealth_postgres.transaction import PracticeTransaction
from telehealth_postgres.turns import TAKE_TURNS, turns_of

C = TypeVar("C")


@attrs.frozen
class Saving:
    """One aggregate to be written, with what happened to it."""

    collection: of.PostgresCollection[Any]
    aggregate: Any
    statement: Statement
    given: Mapping[str, Any]
    """All that is given to the statement but the row."""

    def whole(self, keys: Keychain) -> dict[str, Any]:
        """All of it, the row sealed. Raises: Erased."""
        row = self.collection.shape.row(self.aggregate, keys)
        return {**self.given, **{f"v_{name}": value for name, value in row.items()}}


class Made(Generic[C]):
    """A collection of a work, made when it is first asked for: no work asks for many."""

    def __init__(self, kind: Callable[..., C], *given: Any) -> None:
        self._kind, self._given = kind, given

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, work: "PostgresWork", owner: type) -> C:
        made = self._kind(work, *self._given)
        work.__dict__[self._name] = made  # found before this is asked again
        return made


class PostgresWork:
    """One actor's reads and saves; see `access.ports.Work`."""

    practices = Made(of.RememberedCollection[Practice], tables.PRACTICES, "practice")
    settings_history = Made(of.PostgresSettingsHistory, tables.SETTINGS_HISTORY, "settings version")
    accounts = Made(of.PostgresAccounts, tables.ACCOUNTS, "account", EmailTaken)
    sign_ins = Made(of.PostgresSignIns, tables.SIGN_INS, "sign-in")
    sign_in_attempts = Made(
        of.PostgresCollection[SignInAttempts], tables.SIGN_IN_ATTEMPTS, "sign-in attempts"
    )
    role_grants = Made(of.PostgresRoleGrants, tables.ROLE_GRANTS, "role grant")
    emergency_accesses = Made(
        of.PostgresEmergencyAccesses, tables.EMERGENCY_ACCESSES, "emergency access"
    )
    patients = Made(of.PostgresPatients, tables.PATIENTS, "patient")
    identity_checks = Made(of.PostgresIdentityChecks, tables.IDENTITY_CHECKS, "identity check")
    consents = Made(of.PostgresConsents, tables.CONSENTS, "consent")
    assessments = Made(of.PostgresAssessments, tables.ASSESSMENTS, "assessment")
    suspicions = Made(of.PostgresSuspicions, tables.SUSPICIONS, "suspicion")
    documents = Made(of.PostgresCollection[Document], tables.DOCUMENTS, "document")
    providers = Made(of.PostgresProviders, tables.PROVIDERS, "provider")
    sessions = Made(of.PostgresSessions, tables.SESSIONS, "session")
    appointments = Made(of.PostgresAppointments, tables.APPOINTMENTS, "appointment", TimeTaken)
    waitlist = Made(of.PostgresWaitlist, tables.WAITLIST, "waitlist entry")
    consultations = Made(of.PostgresConsultations, tables.CONSULTATIONS, "consultation")
    notes = Made(of.PostgresCollection[VisitNote], tables.NOTES, "visit note")
    psychotherapy_notes = Made(
        of.PostgresPsychotherapyNotes, tables.PSYCHOTHERAPY_NOTES, "psychotherapy note"
    )
    feedback = Made(of.PostgresFeedback, tables.FEEDBACK, "feedback")
    emergencies = Made(of.PostgresEmergencies, tables.EMERGENCIES, "emergency")
    cards = Made(of.PostgresCards, tables.CARDS, "card")
    charges = Made(of.PostgresCharges, tables.CHARGES, "charge")
    record_links = Made(of.PostgresRecordLinks, tables.RECORD_LINKS, "record link")
    record_conflicts = Made(of.PostgresRecordConflicts, tables.RECORD_CONFLICTS, "record conflict")
    quarantine = Made(of.PostgresQuarantine, tables.QUARANTINE, "quarantined row")
    record_cursors = Made(
        of.PostgresCollection[RecordCursor], tables.RECORD_CURSORS, "record cursor"
    )
    prescriptions = Made(of.PostgresPrescriptions, tables.PRESCRIPTIONS, "prescription")
    letters = Made(of.PostgresLetters, tables.LETTERS, "letter")
    programs = Made(of.PostgresPrograms, tables.PROGRAMS, "program")
    partners = Made(of.PostgresPartners, tables.PARTNERS, "partner")
    referrals = Made(of.PostgresReferrals, tables.REFERRALS, "referral")
    medications = Made(of.PostgresMedications, tables.MEDICATIONS, "medication")
    questionnaires = Made(of.PostgresQuestionnaires, tables.QUESTIONNAIRES, "questionnaire")
    conversations = Made(of.PostgresCollection[Conversation], tables.CONVERSATIONS, "conversation")
    chat_grants = Made(of.PostgresChatGrants, tables.CHAT_GRANTS, "chat grant")
    messages = Made(of.PostgresMessages, tables.MESSAGES, "message")

    def __init__(
        self,
        connection: Connection,
        begun: Undertaking,
        clock: Clock,
        ring: KeyRing,
        remembered: Remembered,
    ) -> None:
        self._begun, self._clock, self.remembered = begun, clock, remembered
        self._actor = begun.actor
        self.practice_id = begun.actor.practice_id
        self._transaction = PracticeTransaction(connection, self.practice_id)
        self.keys = Keychain(ring, self.practice_id, self.rows)
        self._savings: list[Saving] = []
        self._notes: list[AuditEntry] = []
        self._turns: list[int] = []
        self.audit = of.PostgresTrail(self.rows, self._actor)
        self.care = of.PostgresCare(self.rows)

    def collections(self) -> Iterator[of.PostgresCollection[Any]]:
        """All there are."""
        for name, one in vars(PostgresWork).items():
            if isinstance(one, Made):
                yield getattr(self, name)

    def read(self, action: Action, patient_id: PatientId, subject: UUID) -> None:
        """Leave an audit entry for a read of a patient's record (N06)."""
        at = self._clock()
        self._notes.append(self._begun.read(action.value, patient_id, subject, at=at))

    def enter(self, entry: AuditEntry) -> None:
        """Leave an audit entry of what no aggregate tells."""
        self._notes.append(entry)

    def expect(self, session_id: SessionId, patient_id: PatientId) -> None:
        """Read both at once, and which versions of practice and provider are current."""
        bring_expected(self, session_id, patient_id)

    def take_turns(self, *ids: UUID) -> None:
        """Wait until no other work has any of these turns; sent with the next question."""
        assert not self._turns, "a work takes its turns at once"
        self._turns = turns_of(self.practice_id, *ids)
        self._transaction.ask(TAKE_TURNS, {"turns": self._turns})

    def refused(self, refusal: Refusal) -> None:
        """Undo the work and leave an audit entry for the refusal, which outlives it.

        Nothing is sent to be saved before the work is whole, so that mostly there is nothing to
        undo, and the entry travels with the end of what was read.

        Raises: Unavailable if that cannot be written: then not even the refusal is told (AUD-06).
        """
        try:
            if self.keys.written:
                self._transaction.rollback()
            entry = self._begun.refused(refusal, at=self._clock())
            self._note([entry])
            self._transaction.commit()
        except psycopg.DatabaseError:
            raise Unavailable("The audit") from None

    def leave(self) -> None:
        """Undo what was not committed."""
        self._transaction.rollback()

    def rows(self, statement: Statement, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """What a query finds in the practice of the actor."""
        given = {"practice": self.practice_id, **given}
        return self._transaction.ask(statement, given).rows()

    def search(self, statement: Statement, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The same of a question that stands by itself, and so takes one round trip."""
        given = {"practice": self.practice_id, **given}
        return self._transaction.search(statement, given)

    def stage(
        self, collection: of.PostgresCollection[Any], aggregate: Any, events: tuple[Event, ...]
    ) -> None:
        """Have this written on commit, and sealed then: a key that is made is locked for as short
        as can be.
        """
        assert aggregate.practice_id == self._actor.practice_id, "a work writes its own practice"
        at = self._clock()
        entries = [self._begun.done(aggregate, event, at=at) for event in events]
        given = {
            "practice": aggregate.practice_id,
            "entries": json_text([entry_record(entry) for entry in entries]),
            "events": json_text([event_record(event) for event in events]),
        }
        self._savings.append(Saving(collection, aggregate, collection.saving(aggregate), given))

    def commit(self) -> None:
        """Write everything staged, or nothing: one round trip, however much it is.

        Raises: IdReused, StaleVersion, TimeTaken, EmailTaken, Erased; Unavailable where the audit
            cannot be written (AUD-06).
        """
        try:
            for saving, given in [(one, one.whole(self.keys)) for one in self._savings]:
                self._transaction.ask(saving.statement, given)
            if self._notes:
                self._note(self._notes)
            self._transaction.commit()
        except psycopg.DatabaseError as problem:
            self._transaction.rollback()
            told = self._told(problem)
            if told is None:
                raise
            raise told from None

    def _told(self, problem: psycopg.DatabaseError) -> Refusal | None:
        """What the database's objection means, if it means anything to whoever asked."""
        match problem:
            case errors.ExclusionViolation():
                return TimeTaken()
            case errors.ForeignKeyViolation():
                return Unknown(_referred(problem))
            case (
                errors.DeadlockDetected()
                | errors.SerializationFailure()
                | errors.ReadOnlySqlTransaction()
            ):
                return Unavailable("The database")
        if problem.sqlstate == NOT_WRITTEN:
            return self._objection(UUID(problem.diag.message_detail))
        return Unavailable("The audit") if problem.diag.table_name == tables.AUDIT.name else None

    def _objection(self, id: UUID) -> Refusal:
        """Why the aggregate of that id was not written, and nothing else either."""
        objected = next(one for one in self._savings if one.aggregate.id == id)
        return objected.collection.objects(objected.aggregate)

    def _note(self, entries: Iterable[AuditEntry]) -> None:
        given = {"entries": json_text([entry_record(entry) for entry in entries])}
        self._transaction.ask(NOTE, given)


def _referred(problem: errors.ForeignKeyViolation) -> str:
    """The kind of thing a row refers to that is not there, from `table_kind_id_fkey`."""
    column = str(problem.diag.constraint_name).removesuffix("_fkey").removesuffix("_id")
    return column.removeprefix(f"{problem.diag.table_name}_").replace("_", " ")
