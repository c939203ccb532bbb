"""The unit of work on PostgreSQL: one transaction, reads as they come, all saves together at the
end.
"""

from collections.abc import Iterable, Mapping
from typing import Any
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
from telehealth_core.shared.ids import PatientId
from telehealth_postgres import collections as of
from telehealth_postgres import tables
from telehealth_postgres.columns import to_json
from telehealth_postgres.events import entry_record, event_record
from telehealth_postgres.keyring import Keychain, KeyRing
from telehealth_postgres.remembered import Remembered
from telehealth_postgres.statements import NOT_WRITTEN, NOTE, Statement
from telehealth_postgres.transaction import Connection, PracticeTransaction
from telehealth_postgres.turns import TAKE_TURNS, turns_of


@attrs.frozen
class Saving:
    """One aggregate to be written, with what happened to it."""

    collection: of.PostgresCollection[Any]
    aggregate: Any
    statement: Statement
    given: Mapping[str, Any]


class PostgresWork:
    """One actor's reads and saves; see `access.ports.Work`."""

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
        self.practices = of.RememberedCollection[Practice](self, tables.PRACTICES, "practice")
        self.settings_history = of.PostgresSettingsHistory(
            self, tables.SETTINGS_HISTORY, "settings version"
        )
        self.accounts = of.PostgresAccounts(self, tables.ACCOUNTS, "account", EmailTaken)
        self.sign_ins = of.PostgresSignIns(self, tables.SIGN_INS, "sign-in")
        self.sign_in_attempts = of.PostgresCollection[SignInAttempts](
            self, tables.SIGN_IN_ATTEMPTS, "sign-in attempts"
        )
        self.role_grants = of.PostgresRoleGrants(self, tables.ROLE_GRANTS, "role grant")
        self.emergency_accesses = of.PostgresEmergencyAccesses(
            self, tables.EMERGENCY_ACCESSES, "emergency access"
        )
        self.audit = of.PostgresTrail(self.rows, self._actor)
        self.patients = of.PostgresPatients(self, tables.PATIENTS, "patient")
        self.identity_checks = of.PostgresIdentityChecks(
            self, tables.IDENTITY_CHECKS, "identity check"
        )
        self.consents = of.PostgresConsents(self, tables.CONSENTS, "consent")
        self.assessments = of.PostgresAssessments(self, tables.ASSESSMENTS, "assessment")
        self.suspicions = of.PostgresSuspicions(self, tables.SUSPICIONS, "suspicion")
        self.documents = of.PostgresCollection[Document](self, tables.DOCUMENTS, "document")
        self.care = of.PostgresCare(self.rows)
        self.providers = of.PostgresProviders(self, tables.PROVIDERS, "provider")
        self.sessions = of.PostgresSessions(self, tables.SESSIONS, "session")
        self.appointments = of.PostgresAppointments(
            self, tables.APPOINTMENTS, "appointment", TimeTaken
        )
        self.waitlist = of.PostgresWaitlist(self, tables.WAITLIST, "waitlist entry")
        self.consultations = of.PostgresConsultations(self, tables.CONSULTATIONS, "consultation")
        self.notes = of.PostgresCollection[VisitNote](self, tables.NOTES, "visit note")
        self.psychotherapy_notes = of.PostgresPsychotherapyNotes(
            self, tables.PSYCHOTHERAPY_NOTES, "psychotherapy note"
        )
        self.feedback = of.PostgresFeedback(self, tables.FEEDBACK, "feedback")
        self.emergencies = of.PostgresEmergencies(self, tables.EMERGENCIES, "emergency")
        self.cards = of.PostgresCards(self, tables.CARDS, "card")
        self.charges = of.PostgresCharges(self, tables.CHARGES, "charge")
        self.record_links = of.PostgresRecordLinks(self, tables.RECORD_LINKS, "record link")
        self.record_conflicts = of.PostgresRecordConflicts(
            self, tables.RECORD_CONFLICTS, "record conflict"
        )
        self.quarantine = of.PostgresQuarantine(self, tables.QUARANTINE, "quarantined row")
        self.record_cursors = of.PostgresCollection[RecordCursor](
            self, tables.RECORD_CURSORS, "record cursor"
        )
        self.prescriptions = of.PostgresPrescriptions(self, tables.PRESCRIPTIONS, "prescription")
        self.letters = of.PostgresLetters(self, tables.LETTERS, "letter")
        self.programs = of.PostgresPrograms(self, tables.PROGRAMS, "program")
        self.partners = of.PostgresPartners(self, tables.PARTNERS, "partner")
        self.referrals = of.PostgresReferrals(self, tables.REFERRALS, "referral")
        self.medications = of.PostgresMedications(self, tables.MEDICATIONS, "medication")
        self.questionnaires = of.PostgresQuestionnaires(
            self, tables.QUESTIONNAIRES, "questionnaire"
        )
        self.conversations = of.PostgresCollection[Conversation](
            self, tables.CONVERSATIONS, "conversation"
        )
        self.chat_grants = of.PostgresChatGrants(self, tables.CHAT_GRANTS, "chat grant")
        self.messages = of.PostgresMessages(self, tables.MESSAGES, "message")

    def read(self, action: Action, patient_id: PatientId, subject: UUID) -> None:
        """Leave an audit entry for a read of a patient's record (N06)."""
        at = self._clock()
        self._notes.append(self._begun.read(action.value, patient_id, subject, at=at))

    def enter(self, entry: AuditEntry) -> None:
        """Leave an audit entry of what no aggregate tells."""
        self._notes.append(entry)

    def take_turns(self, *ids: UUID) -> None:
        """Wait until no other work has any of these turns; sent with the next question."""
        assert not self._turns, "a work takes its turns at once"
        self._turns = turns_of(self.practice_id, *ids)
        self._transaction.ask(TAKE_TURNS, {"turns": self._turns})

    def refused(self, refusal: Refusal) -> None:
        """Undo the work and leave an audit entry for the refusal, which outlives it.

        Raises: Unavailable if that cannot be written: then not even the refusal is told (AUD-06).
        """
        try:
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
        return self._transaction.ask(statement, given).fetchall()

    def stage(
        self, collection: of.PostgresCollection[Any], aggregate: Any, events: tuple[Event, ...]
    ) -> None:
        """Have this written on commit."""
        assert aggregate.practice_id == self._actor.practice_id, "a work writes its own practice"
        row, at = collection.shape.row(aggregate, self.keys), self._clock()
        entries = [self._begun.done(aggregate, event, at=at) for event in events]
        given = {
            **{f"v_{name}": value for name, value in row.items()},
            "practice": aggregate.practice_id,
            "entries": to_json([entry_record(entry) for entry in entries]),
            "events": to_json([event_record(event) for event in events]),
        }
        self._savings.append(Saving(collection, aggregate, collection.saving(aggregate), given))

    def commit(self) -> None:
        """Write everything staged, or nothing: one round trip, however much it is.

        Raises: IdReused, StaleVersion, TimeTaken, EmailTaken; Unavailable where the audit cannot be
            written (AUD-06).
        """
        try:
            for saving in self._savings:
                self._transaction.ask(saving.statement, saving.given)
            if self._notes:
                self._note(self._notes)
            self._transaction.commit()
        except psycopg.DatabaseError as problem:
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
        self._transaction.rollback()
        objected = next(one for one in self._savings if one.aggregate.id == id)
        return objected.collection.objects(objected.aggregate)

    def _note(self, entries: Iterable[AuditEntry]) -> None:
        given = {"entries": to_json([entry_record(entry) for entry in entries])}
        self._transaction.ask(NOTE, given)


def _referred(problem: errors.ForeignKeyViolation) -> str:
    """The kind of thing a row refers to that is not there, from `table_kind_id_fkey`."""
    column = str(problem.diag.constraint_name).removesuffix("_fkey").removesuffix("_id")
    return column.removeprefix(f"{problem.diag.table_name}_").replace("_", " ")
