"""The unit of work on PostgreSQL: reads as they come, all saves together at the end."""

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
from telehealth_core.shared import Event, Refusal, StaleVersion, Unavailable, Unknown
from telehealth_core.shared.ids import PatientId
from telehealth_postgres import collections as of
from telehealth_postgres import tables
from telehealth_postgres.columns import to_json
from telehealth_postgres.events import entry_record, event_record
from telehealth_postgres.statements import NOTE, Statement, insert, update

Connection = psycopg.Connection[tuple[Any, ...]]


@attrs.frozen
class Saving:
    """One aggregate to be written, with what happened to it."""

    collection: of.PostgresCollection[Any]
    aggregate: Any
    statement: Statement
    given: Mapping[str, Any]

    @property
    def new(self) -> bool:
        """Whether there is no former version of it."""
        return bool(self.aggregate.version == 1)


class PostgresWork:
    """One actor's reads and saves; see `access.ports.Work`."""

    def __init__(self, connection: Connection, begun: Undertaking, clock: Clock) -> None:
        self._connection, self._begun, self._clock = connection, begun, clock
        self._actor = begun.actor
        self._savings: list[Saving] = []
        self._ran: list[psycopg.Cursor[tuple[Any, ...]]] = []
        self._notes: list[AuditEntry] = []
        self.practices = of.PostgresCollection[Practice](self, tables.PRACTICES, "practice")
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

    def refused(self, refusal: Refusal) -> None:
        """Leave an audit entry for a refusal, whatever else came of the work.

        Raises: Unavailable if that cannot be written: then not even the refusal is told (AUD-06).
        """
        try:
            self._note([self._begun.refused(refusal, at=self._clock())])
        except psycopg.DatabaseError:
            raise Unavailable("The audit") from None

    def rows(self, statement: Statement, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """What a query finds in the practice of the actor."""
        return self._run(statement, {"practice": self._actor.practice_id, **given}).fetchall()

    def stage(
        self, collection: of.PostgresCollection[Any], aggregate: Any, events: tuple[Event, ...]
    ) -> None:
        """Have this written on commit."""
        assert aggregate.practice_id == self._actor.practice_id, "a work writes its own practice"
        row, at = collection.shape.row(aggregate), self._clock()
        entries = [self._begun.done(aggregate, event, at=at) for event in events]
        given = {
            **{f"v_{name}": value for name, value in row.items()},
            "practice": aggregate.practice_id,
            "entries": to_json([entry_record(entry) for entry in entries]),
            "events": to_json([event_record(event) for event in events]),
        }
        make = insert if aggregate.version == 1 else update
        self._savings.append(Saving(collection, aggregate, make(collection.table), given))

    def commit(self) -> None:
        """Write everything staged, or nothing: one statement on its own, several in a transaction.

        Raises: IdReused, StaleVersion, TimeTaken, EmailTaken; Unavailable where the audit cannot be
            written (AUD-06).
        """
        try:
            if len(self._savings) + bool(self._notes) == 1:
                self._write_all()
            elif self._savings or self._notes:
                with self._connection.transaction():
                    self._write_all()
        except errors.ExclusionViolation:
            raise TimeTaken from None
        except errors.ForeignKeyViolation as problem:
            self._object()  # what refers to a row that was not written is not what is wrong
            raise Unknown(_referred(problem)) from None
        except (errors.DeadlockDetected, errors.SerializationFailure):
            raise Unavailable("The database") from None
        except psycopg.DatabaseError as problem:
            if problem.diag.table_name != tables.AUDIT.name:
                raise
            raise Unavailable("The audit") from None

    def _write_all(self) -> None:
        """Send everything at once, then see what was written: one round trip, however many."""
        with self._connection.pipeline():
            for saving in self._savings:
                self._ran.append(self._run(saving.statement, saving.given))
            if self._notes:
                self._note(self._notes)
        self._object()

    def _object(self) -> None:
        """Raise the objection to the first save that ran and wrote nothing, if any."""
        for saving, cursor in zip(self._savings, self._ran, strict=False):
            if cursor.description and cursor.fetchall() == [(0,)]:
                raise self._objection(saving)

    def _objection(self, saving: Saving) -> Exception:
        aggregate, collection = saving.aggregate, saving.collection
        if saving.new:
            return collection.objects(aggregate.id)
        return StaleVersion(collection.kind, aggregate.id)

    def _note(self, entries: Iterable[AuditEntry]) -> None:
        self._run(NOTE, {"entries": to_json([entry_record(entry) for entry in entries])})

    def _run(
        self, statement: Statement, given: Mapping[str, Any]
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        return self._connection.execute(statement.text.encode(), {**statement.fixed, **given})


def _referred(problem: errors.ForeignKeyViolation) -> str:
    """The kind of thing a row refers to that is not there, from `table_kind_id_fkey`."""
    column = str(problem.diag.constraint_name).removesuffix("_fkey").removesuffix("_id")
    return column.removeprefix(f"{problem.diag.table_name}_").replace("_", " ")
