"""Audit: who read, changed or was refused what, for which purpose, without any personal value
(N06, AUD-02, AUD-03).

Every unit of work is an undertaking of its actor. What the actor asks of the policy is noted to the
undertaking in progress, so that whatever comes of it can be told from actor, aggregate and event.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import attrs

from telehealth_core.access.actor import Actor, Purpose, Relation, Role
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PatientId, PracticeId, UserId
from telehealth_core.shared.refusal import Refusal, Unknown

READ, DONE = "read", "done"
"""The outcomes of what was let pass; a refusal's outcome is its code."""


class Category(StrEnum):
    """What kind of data an entry is about: fine enough to tell medication from demographics
    (AUD-02).
    """

    DEMOGRAPHICS = "demographics"
    IDENTITY = "identity"
    CONSENT = "consent"
    APPOINTMENT = "appointment"
    NOTE = "note"
    PSYCHOTHERAPY_NOTE = "psychotherapy-note"
    PRESCRIPTION = "prescription"
    MEDICATION = "medication"
    LETTER = "letter"
    PROGRAM = "program"
    QUESTIONNAIRE = "questionnaire"
    PAYMENT = "payment"
    MESSAGE = "message"
    REFERRAL = "referral"
    OUTSIDE_RECORD = "outside-record"
    CONFIGURATION = "configuration"
    ACCESS = "access"
    OTHER = "other"


_WORDS: Mapping[Category, str] = {
    Category.DEMOGRAPHICS: "patient profile dependant registration followed guardianship duplicate"
    " duplicate-suspicion competence competence-assessment record",
    Category.IDENTITY: "identity identity-check document",
    Category.CONSENT: "consent following",
    Category.APPOINTMENT: "appointment waitlist waitlist-entry",
    Category.NOTE: "visit consultation notes visit-note workspace emergency feedback quality",
    Category.PSYCHOTHERAPY_NOTE: "psychotherapy-note",
    Category.PRESCRIPTION: "prescription claim",
    Category.MEDICATION: "medication",
    Category.LETTER: "letter",
    Category.PROGRAM: "program program-history treatment-program",
    Category.QUESTIONNAIRE: "questionnaire questionnaire-answer questionnaire-score"
    " questionnaire-alarm",
    Category.PAYMENT: "card charge payment",
    Category.MESSAGE: "notice message conversation chat-grant care-chat partner-chat",
    Category.REFERRAL: "referral invitation",
    Category.OUTSIDE_RECORD: "outside-record record-link record-cursor record-conflict quarantined",
    Category.CONFIGURATION: "practice settings-version provider session partner",
    Category.ACCESS: "account staff-account sign-in sign-in-attempts role role-grant openings audit"
    " emergency-access",
}
"""Which things are of which category: what actions are about, and kinds of aggregates."""
_CATEGORIES = {word: category for category, words in _WORDS.items() for word in words.split()}


def category_of(kind: str) -> Category:
    """The category of a kind of thing: an aggregate's, or what an action is about."""
    return _CATEGORIES.get(kind.replace(" ", "-"), Category.OTHER)


def kind_of(aggregate: type) -> str:
    """`IdentityCheck` as `identity-check`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", aggregate.__name__).lower()


@attrs.frozen(kw_only=True)
class AuditEntry:
    """Who did, read or was refused what: ids, codes and instants, never a personal value."""

    id: int = attrs.field(default=0, eq=False)
    """Its place in the trail; the store's to give."""
    practice_id: PracticeId
    at: datetime
    actor: UserId
    roles: frozenset[Role]
    acted_for: PatientId | None = None
    """In whose place a guardian or staff acted."""
    patient_id: PatientId | None = None
    action: str
    kind: str
    subject: UUID | None = None
    category: Category
    purpose: Purpose
    outcome: str
    request: UUID | None = None


_IN_PLACE = frozenset({Role.PATIENT, Role.LIAISON, Role.ADMIN})
"""The roles of those who act in a patient's place; a provider acts in their own."""
_FAMILY = frozenset({Role.PATIENT, Role.PARTNER, Role.VISITOR})


def _acted_for(actor: Actor, patient_id: PatientId | None) -> PatientId | None:
    in_place = patient_id != actor.patient_id and actor.roles & _IN_PLACE
    return patient_id if in_place else None


def _purpose(actor: Actor, relations: frozenset[Relation]) -> Purpose:
    """What the actor acts for: what they say, or what follows from how they stand to the patient.

    A partner acts by the patient's leave, so at the patient's request.
    """
    if actor.purpose is not None:
        return actor.purpose
    if Relation.EMERGENCY in relations and Relation.TREATING not in relations:
        return Purpose.EMERGENCY
    if Role.PROVIDER in actor.roles:
        return Purpose.TREATMENT
    return Purpose.PATIENT_REQUEST if actor.roles & _FAMILY else Purpose.OPERATIONS


@attrs.define
class Undertaking:
    """What one actor goes about in one unit of work: what was last asked of the policy, about
    which kind of thing, of whose record.
    """

    actor: Actor
    action: str = ""
    kind: str = ""
    relations: frozenset[Relation] = frozenset()

    def read(
        self, action: str, patient_id: PatientId, subject: UUID, *, at: datetime
    ) -> AuditEntry:
        """The entry of a read of this patient's record."""
        about: dict[str, Any] = {
            "action": action,
            "kind": action.partition(":")[0],
            "subject": subject,
        }
        return self._entry(**about, patient_id=patient_id, outcome=READ, at=at)

    def done(self, aggregate: Any, event: Event, *, at: datetime) -> AuditEntry:
        """The entry of what happened to an aggregate."""
        kind = kind_of(type(aggregate))
        patient = aggregate.id if kind == "patient" else getattr(aggregate, "patient_id", None)
        about: dict[str, Any] = {"action": event.name, "kind": kind, "subject": event.subject}
        return self._entry(**about, patient_id=patient, outcome=DONE, at=at)

    def refused(self, refusal: Refusal, *, at: datetime) -> AuditEntry:
        """The entry of a refusal: what was tried and the code of what was in the way."""
        sought = refusal.kind if isinstance(refusal, Unknown) else ""
        subject = refusal.subject or getattr(refusal, "id", None)
        return self._entry(
            action=self.action or (f"find {sought}" if sought else "ask"),
            kind=(sought or self.kind or self.action.partition(":")[0]).replace(" ", "-"),
            subject=subject if isinstance(subject, UUID) else None,
            patient_id=getattr(self.relations, "patient_id", None),
            outcome=refusal.code,
            at=at,
        )

    def _entry(self, *, kind: str, patient_id: PatientId | None, **about: Any) -> AuditEntry:
        actor, category = self.actor, category_of(kind)
        if category is Category.OTHER:
            category = category_of(self.action.partition(":")[0])
        return AuditEntry(
            practice_id=actor.practice_id,
            actor=actor.id,
            roles=actor.roles,
            acted_for=_acted_for(actor, patient_id),
            patient_id=patient_id,
            kind=kind,
            category=category,
            purpose=_purpose(actor, self.relations),
            request=actor.request,
            **about,
        )


_PRESENT: ContextVar[Undertaking | None] = ContextVar("undertaking", default=None)


@contextmanager
def undertaking(actor: Actor) -> Iterator[Undertaking]:
    """What the actor goes about until the block ends: every store's unit of work opens one."""
    begun = Undertaking(actor)
    before = _PRESENT.set(begun)
    try:
        yield begun
    finally:
        _PRESENT.reset(before)


def noted(action: str, kind: str, relations: frozenset[Relation]) -> None:
    """Note to the undertaking in progress, if any, what is asked of the policy."""
    present = _PRESENT.get()
    if present is not None:
        present.action, present.kind, present.relations = action, kind, relations


class AuditOrder(StrEnum):
    """What a report is sorted by (AUD-08)."""

    TIME = "at"
    PATIENT = "patient_id"
    USER = "actor"
    ACTION = "action"


class Side(StrEnum):
    """Which organisation somebody who opened a record belongs to."""

    PRACTICE = "practice"
    PARTNER = "partner"
    FAMILY = "family"


_SIDES = {Role.PARTNER: Side.PARTNER, Role.PATIENT: Side.FAMILY}
_TOLD = (Role.PROVIDER, Role.LIAISON, Role.ADMIN, Role.PARTNER, Role.PATIENT, Role.SYSTEM)


@attrs.frozen(kw_only=True)
class Opening:
    """That a patient's record was opened, as the patient is told: by somebody of which role and
    side, when, which part, and what for (AUD-10). Names stay with the practice.
    """

    id: int
    at: datetime
    role: Role
    side: Side
    category: Category
    purpose: Purpose

    @classmethod
    def of(cls, entry: AuditEntry) -> "Opening":
        """What the patient is told of a read."""
        role = next(one for one in _TOLD if one in entry.roles)
        return cls(
            id=entry.id,
            at=entry.at,
            role=role,
            side=_SIDES.get(role, Side.PRACTICE),
            category=entry.category,
            purpose=entry.purpose,
        )
