"""The store in memory: the same promises as a database, for tests and for looking at.

Saves take effect together on commit, with the same guards: new ids, versions, one account an
address, no two appointments of one provider or patient at once. Rows of other practices do not
exist for a work.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any, Generic, TypeVar
from uuid import UUID

import attrs

from telehealth_core.access.account import Account, EmailTaken, SignIn
from telehealth_core.access.actor import Actor
from telehealth_core.access.policy import Action, NotPermitted
from telehealth_core.billing.card import Card
from telehealth_core.billing.charge import Charge
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.letters.letter import Letter
from telehealth_core.messaging.conversation import Message
from telehealth_core.partnership.partner import Partner
from telehealth_core.partnership.referral import Referral
from telehealth_core.practice.practice import Practice
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.registration.document import Document
from telehealth_core.registration.identity_check import IdentityCheck, IdentityStatus
from telehealth_core.registration.patient import Patient
from telehealth_core.scheduling.appointment import (
    OCCUPYING,
    Appointment,
    AppointmentStatus,
    TimeTaken,
)
from telehealth_core.scheduling.session import Session, SessionStatus
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    ConversationId,
    PartnerId,
    PatientId,
    PracticeId,
    ProviderId,
    SessionId,
    SignInId,
    UserId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import IdReused, StaleVersion, Unknown
from telehealth_core.treatment.program import TreatmentProgram
from telehealth_core.workforce.provider import Provider, ProviderStatus

A = TypeVar("A")
Guard = Callable[["MemoryStore", Any], None]


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
        return account.actor()

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


class MemoryCollection(Generic[A]):
    """All aggregates of one kind in one practice."""

    def __init__(
        self, work: "MemoryWork", name: str, kind: str, guard: Guard | None = None
    ) -> None:
        self._work, self._name, self._kind, self._guard = work, name, kind, guard

    def get(self, id: UUID) -> A:
        """The aggregate. Raises: Unknown."""
        found = self.find(id)
        if found is None:
            raise Unknown(self._kind, id)
        return found

    def find(self, id: UUID) -> A | None:
        """The aggregate, or None."""
        found = self._work.store.rows.get(self._name, {}).get(id)
        mine = found is not None and found.practice_id == self._work.actor.practice_id
        return found if mine else None

    def save(self, aggregate: A, *events: Event) -> None:
        """Write on commit, with audit and outbox."""
        own: Any = aggregate
        assert own.practice_id == self._work.actor.practice_id, "a work writes its own practice"
        self._work.stage(lambda: self._write(aggregate), aggregate, events)

    def where(self, holds: Callable[[A], bool]) -> list[A]:
        """All of the practice for which it holds."""
        rows = self._work.store.rows.get(self._name, {}).values()
        return [
            row for row in rows if row.practice_id == self._work.actor.practice_id and holds(row)
        ]

    def _write(self, aggregate: Any) -> None:
        rows = self._work.store.rows.setdefault(self._name, {})
        existing = rows.get(aggregate.id)
        if aggregate.version == 1 and existing is not None:
            raise IdReused(self._kind, aggregate.id)
        if aggregate.version > 1 and (
            existing is None or existing.version != aggregate.version - 1
        ):
            raise StaleVersion(self._kind, aggregate.id)
        if self._guard is not None:
            self._guard(self._work.store, aggregate)
        rows[aggregate.id] = aggregate


class _Accounts(MemoryCollection[Account]):
    def by_email(self, email: str) -> Account | None:
        return next(iter(self.where(lambda one: one.email == email.strip().lower())), None)

    def of_patient(self, patient_id: PatientId) -> Account | None:
        return next(iter(self.where(lambda one: one.patient_id == patient_id)), None)


class _Patients(MemoryCollection[Patient]):
    def dependants_of(self, guardian: PatientId) -> tuple[Patient, ...]:
        return self._by_registration(
            lambda one: any(tie.guardian == guardian for tie in one.guardians)
        )

    def followed_by(self, partner_id: PartnerId) -> tuple[Patient, ...]:
        return self._by_registration(
            lambda one: any(tie.partner_id == partner_id for tie in one.partners)
        )

    def page(self, *, after: PatientId | None, limit: int) -> tuple[Patient, ...]:
        found = self.where(lambda one: after is None or one.id > after)
        return tuple(sorted(found, key=lambda one: one.id)[:limit])

    def _by_registration(self, holds: Callable[[Patient], bool]) -> tuple[Patient, ...]:
        return tuple(sorted(self.where(holds), key=lambda one: (one.registered_at, one.id)))


class _IdentityChecks(MemoryCollection[IdentityCheck]):
    def in_status(self, status: IdentityStatus, *, limit: int) -> tuple[IdentityCheck, ...]:
        return tuple(
            sorted(self.where(lambda one: one.status is status), key=lambda one: one.id)[:limit]
        )


class _Providers(MemoryCollection[Provider]):
    def active(
        self, *, specialty: str | None, language: str | None, limit: int
    ) -> tuple[Provider, ...]:
        found = self.where(
            lambda one: (
                one.status is ProviderStatus.ACTIVE
                and (specialty is None or specialty in one.specialties)
                and (language is None or language in one.languages)
            )
        )
        return tuple(sorted(found, key=lambda one: (one.name, one.id))[:limit])


class _Sessions(MemoryCollection[Session]):
    def of_series(self, series: SessionId) -> tuple[Session, ...]:
        found = self.where(lambda one: one.series == series)
        return tuple(sorted(found, key=lambda one: (one.during, one.id)))

    def published(self, provider_id: ProviderId, period: Interval) -> tuple[Session, ...]:
        found = self.where(
            lambda one: (
                one.provider_id == provider_id
                and one.status is SessionStatus.PUBLISHED
                and one.during.overlaps(period)
            )
        )
        return tuple(sorted(found, key=lambda one: (one.during, one.id)))


class _Appointments(MemoryCollection[Appointment]):
    def occupying(
        self, period: Interval, *, provider_id: ProviderId, patient_id: PatientId | None = None
    ) -> tuple[Appointment, ...]:
        found = self.where(
            lambda one: (
                one.status in OCCUPYING
                and (
                    (one.provider_id == provider_id and one.occupies.overlaps(period))
                    or (one.patient_id == patient_id and one.during.overlaps(period))
                )
            )
        )
        return _in_order(found)

    def live_holds(self, held_by: UserId, at: datetime) -> int:
        held = AppointmentStatus.HELD
        return len(
            self.where(
                lambda one: one.held_by == held_by and one.status is held and one.held_until > at
            )
        )

    def of_patient(self, patient_id: PatientId) -> tuple[Appointment, ...]:
        return tuple(reversed(_in_order(self.where(lambda one: one.patient_id == patient_id))))

    def of_provider(self, provider_id: ProviderId, period: Interval) -> tuple[Appointment, ...]:
        return _in_order(
            self.where(lambda one: one.provider_id == provider_id and one.during.overlaps(period))
        )

    def in_practice(
        self, period: Interval, *, status: AppointmentStatus | None, limit: int
    ) -> tuple[Appointment, ...]:
        found = self.where(
            lambda one: one.during.overlaps(period) and (status is None or one.status is status)
        )
        return _in_order(found)[:limit]


class _Cards(MemoryCollection[Card]):
    def of_patient(self, patient_id: PatientId) -> tuple[Card, ...]:
        found = self.where(lambda one: one.patient_id == patient_id)
        return tuple(sorted(found, key=lambda one: (one.saved_at, one.id), reverse=True))


class _Charges(MemoryCollection[Charge]):
    def planned_in(self, period: Interval, *, limit: int) -> tuple[Charge, ...]:
        found = self.where(lambda one: one.planned_at in period)
        return tuple(sorted(found, key=lambda one: (one.planned_at, one.id))[:limit])


class _Prescriptions(MemoryCollection[Prescription]):
    def of_patient(self, patient_id: PatientId) -> tuple[Prescription, ...]:
        found = self.where(lambda one: one.patient_id == patient_id)
        return tuple(sorted(found, key=lambda one: (one.drafted_at, one.id), reverse=True))


class _Letters(MemoryCollection[Letter]):
    def of_patient(self, patient_id: PatientId) -> tuple[Letter, ...]:
        found = self.where(lambda one: one.patient_id == patient_id)
        return tuple(sorted(found, key=lambda one: (one.drafted_at, one.id), reverse=True))


class _Programs(MemoryCollection[TreatmentProgram]):
    def of_patient(self, patient_id: PatientId) -> tuple[TreatmentProgram, ...]:
        found = self.where(lambda one: one.patient_id == patient_id)
        return tuple(sorted(found, key=lambda one: (one.entered_at, one.id), reverse=True))


class _Referrals(MemoryCollection[Referral]):
    def by_invitation(self, invitation: str) -> Referral | None:
        return next(iter(self.where(lambda one: one.invitation == invitation)), None)


class _Messages(MemoryCollection[Message]):
    def of_conversation(self, id: ConversationId, *, limit: int) -> tuple[Message, ...]:
        found = self.where(lambda one: one.conversation_id == id)
        return tuple(sorted(found, key=lambda one: (one.posted_at, one.id))[-limit:])


_TREATED = frozenset(
    {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED}
)


class _Care:
    def __init__(self, work: "MemoryWork") -> None:
        self._work = work

    def treats(self, provider_id: ProviderId, patient_id: PatientId) -> bool:
        booked = self._work.appointments.where(
            lambda one: (
                one.provider_id == provider_id
                and one.patient_id == patient_id
                and one.status in _TREATED
            )
        )
        in_program = self._work.programs.where(
            lambda one: one.provider_id == provider_id and one.patient_id == patient_id
        )
        return bool(booked or in_program)


class MemoryWork:
    """One actor's reads and saves; see `access.ports.Work`."""

    def __init__(self, store: MemoryStore, actor: Actor) -> None:
        self.store, self.actor = store, actor
        self._staged: list[Callable[[], None]] = []
        self._happened: list[tuple[Any, tuple[Event, ...]]] = []
        self._reads: list[AuditEntry] = []
        self.practices = MemoryCollection[Practice](self, "practices", "practice")
        self.accounts = _Accounts(self, "accounts", "account", _one_account_an_address)
        self.sign_ins = MemoryCollection[SignIn](self, "sign_ins", "sign-in")
        self.patients = _Patients(self, "patients", "patient")
        self.identity_checks = _IdentityChecks(self, "identity_checks", "identity check")
        self.documents = MemoryCollection[Document](self, "documents", "document")
        self.providers = _Providers(self, "providers", "provider")
        self.sessions = _Sessions(self, "sessions", "session")
        self.appointments = _Appointments(
            self, "appointments", "appointment", _nobody_twice_at_once
        )
        self.consultations = MemoryCollection[Consultation](self, "consultations", "consultation")
        self.cards = _Cards(self, "cards", "card")
        self.charges = _Charges(self, "charges", "charge")
        self.prescriptions = _Prescriptions(self, "prescriptions", "prescription")
        self.letters = _Letters(self, "letters", "letter")
        self.programs = _Programs(self, "programs", "program")
        self.partners = MemoryCollection[Partner](self, "partners", "partner")
        self.referrals = _Referrals(self, "referrals", "referral")
        self.messages = _Messages(self, "messages", "message")
        self.care = _Care(self)

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


def _one_account_an_address(store: MemoryStore, account: Account) -> None:
    for other in store.rows["accounts"].values():
        same = other.practice_id == account.practice_id and other.email == account.email
        if same and other.id != account.id:
            raise EmailTaken


def _nobody_twice_at_once(store: MemoryStore, wanted: Appointment) -> None:
    if wanted.status not in OCCUPYING:
        return
    for other in store.rows["appointments"].values():
        if (
            other.id == wanted.id
            or other.practice_id != wanted.practice_id
            or other.status not in OCCUPYING
        ):
            continue
        provider = other.provider_id == wanted.provider_id and other.occupies.overlaps(
            wanted.occupies
        )
        patient = other.patient_id == wanted.patient_id and other.during.overlaps(wanted.during)
        if provider or patient:
            raise TimeTaken


def _in_order(appointments: list[Appointment]) -> tuple[Appointment, ...]:
    return tuple(sorted(appointments, key=lambda one: (one.during, one.id)))
