"""The collections: what the core's ports ask of each kind of aggregate, as one query each."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.range import TimestamptzRange
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.access.account import Account
from telehealth_core.billing.card import Card
from telehealth_core.billing.charge import Charge
from telehealth_core.letters.letter import Letter
from telehealth_core.messaging.conversation import Message
from telehealth_core.partnership.referral import Referral
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.registration.identity_check import IdentityCheck, IdentityStatus
from telehealth_core.registration.patient import Patient
from telehealth_core.scheduling.appointment import OCCUPYING, Appointment, AppointmentStatus
from telehealth_core.scheduling.session import Session
from telehealth_core.shared import Event, IdReused, Interval, Refusal, Unknown
from telehealth_core.shared.ids import (
    ConversationId,
    PartnerId,
    PatientId,
    ProviderId,
    SessionId,
    UserId,
)
from telehealth_core.treatment.program import TreatmentProgram
from telehealth_core.workforce.provider import Provider
from telehealth_postgres.columns import Shape
from telehealth_postgres.statements import Statement, by_id, practice_column
from telehealth_postgres.tables import (
    ACCOUNTS,
    APPOINTMENTS,
    CARDS,
    CHARGES,
    IDENTITY_CHECKS,
    LETTERS,
    MESSAGES,
    PATIENTS,
    PRESCRIPTIONS,
    PROGRAMS,
    PROVIDERS,
    REFERRALS,
    SESSIONS,
)

if TYPE_CHECKING:
    from telehealth_postgres.work import PostgresWork

A = TypeVar("A")

_PRACTICE: sa.BindParameter[UUID] = sa.bindparam("practice", type_=sa.Uuid())


def _given(name: str, kind: Any) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=kind)


def _all(table: sa.Table, *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(table).where(practice_column(table) == _PRACTICE, *where)


def _of_patient(table: sa.Table, since: str) -> Statement:
    mine = _all(table, table.c.patient_id == _given("patient_id", sa.Uuid()))
    return Statement.of(mine.order_by(table.c[since].desc(), table.c.id.desc()))


class PostgresCollection(Generic[A]):
    """All aggregates of one kind in the practice of the work's actor."""

    def __init__(
        self, work: "PostgresWork", table: sa.Table, kind: str, guard: type[Refusal] | None = None
    ) -> None:
        self.table, self.kind = table, kind
        self.shape: Shape[A] = table.info["shape"]
        self._work, self._guard = work, guard
        self._found: dict[UUID, A | None] = {}

    def get(self, id: UUID) -> A:
        """The aggregate of that id. Raises: Unknown."""
        found = self.find(id)
        if found is None:
            raise Unknown(self.kind, id)
        return found

    def find(self, id: UUID) -> A | None:
        """The aggregate of that id, or None; read once in a work, however often it is needed."""
        if id not in self._found:
            self._found[id] = self.first(by_id(self.table), id=id)
        return self._found[id]

    def save(self, aggregate: A, *events: Event) -> None:
        """Write row, audit and outbox together on commit."""
        self._work.stage(self, aggregate, events)

    def objects(self, id: UUID) -> Refusal:
        """Why a new row was not written: its id is known, or another guard objected."""
        if self._guard is None or self.first(by_id(self.table), id=id) is not None:
            return IdReused(self.kind, id)
        return self._guard()

    def several(self, statement: Statement, **given: Any) -> tuple[A, ...]:
        """The aggregates of every row found."""
        return tuple(map(self.shape.aggregate, self._work.rows(statement, given)))

    def first(self, statement: Statement, **given: Any) -> A | None:
        """The aggregate of the first row found."""
        return next(iter(self.several(statement, **given)), None)

    def scalar(self, statement: Statement, **given: Any) -> Any:
        """The one value found."""
        ((value,),) = self._work.rows(statement, given)
        return value


class PostgresAccounts(PostgresCollection[Account]):
    """Who can sign in."""

    _BY_EMAIL = Statement.of(_all(ACCOUNTS, ACCOUNTS.c.email == _given("email", sa.Text())))
    _OF_PATIENT = Statement.of(
        _all(ACCOUNTS, ACCOUNTS.c.patient_id == _given("patient_id", sa.Uuid()))
    )

    def by_email(self, email: str) -> Account | None:
        """The account with this address, whatever its case."""
        return self.first(self._BY_EMAIL, email=email.strip().lower())

    def of_patient(self, patient_id: PatientId) -> Account | None:
        """The account that stands for this patient."""
        return self.first(self._OF_PATIENT, patient_id=patient_id)


def _tied(column: sa.Column[Any]) -> Statement:
    found = _all(PATIENTS, column.contains(_given("tie", pg.JSONB())))
    return Statement.of(found.order_by(PATIENTS.c.registered_at, PATIENTS.c.id))


class PostgresPatients(PostgresCollection[Patient]):
    """The practice's patients."""

    _DEPENDANTS = _tied(PATIENTS.c.guardians)
    _FOLLOWED = _tied(PATIENTS.c.partners)
    _PAGE = Statement.of(
        _all(PATIENTS, PATIENTS.c.id > _given("after", sa.Uuid()))
        .order_by(PATIENTS.c.id)
        .limit(_given("limit", sa.Integer()))
    )

    def dependants_of(self, guardian: PatientId) -> tuple[Patient, ...]:
        """The patients with a guardianship of this guardian."""
        return self.several(self._DEPENDANTS, tie=f'[{{"guardian": "{guardian}"}}]')

    def followed_by(self, partner_id: PartnerId) -> tuple[Patient, ...]:
        """The patients tied to this partner."""
        return self.several(self._FOLLOWED, tie=f'[{{"partner_id": "{partner_id}"}}]')

    def page(self, *, after: PatientId | None, limit: int) -> tuple[Patient, ...]:
        """Patients in the order of their ids, after that one."""
        return self.several(self._PAGE, after=after or UUID(int=0), limit=limit)


class PostgresIdentityChecks(PostgresCollection[IdentityCheck]):
    """The practice's identity checks."""

    _IN_STATUS = Statement.of(
        _all(IDENTITY_CHECKS, IDENTITY_CHECKS.c.status == _given("status", sa.Text()))
        .order_by(IDENTITY_CHECKS.c.id)
        .limit(_given("limit", sa.Integer()))
    )

    def in_status(self, status: IdentityStatus, *, limit: int) -> tuple[IdentityCheck, ...]:
        """The reviewer's queue."""
        return self.several(self._IN_STATUS, status=status, limit=limit)


class PostgresProviders(PostgresCollection[Provider]):
    """The practice's providers."""

    _ACTIVE = Statement.of(
        _all(
            PROVIDERS,
            PROVIDERS.c.status == sa.literal_column("'active'"),
            PROVIDERS.c.specialties.contains(_given("specialties", pg.ARRAY(sa.Text()))),
            PROVIDERS.c.languages.contains(_given("languages", pg.ARRAY(sa.Text()))),
        )
        .order_by(PROVIDERS.c.name, PROVIDERS.c.id)
        .limit(_given("limit", sa.Integer()))
    )

    def active(
        self, *, specialty: str | None, language: str | None, limit: int
    ) -> tuple[Provider, ...]:
        """Providers who give visits; by name."""
        return self.several(
            self._ACTIVE,
            specialties=[specialty] if specialty else [],
            languages=[language] if language else [],
            limit=limit,
        )


class PostgresSessions(PostgresCollection[Session]):
    """Bookable shifts."""

    _PUBLISHED = Statement.of(
        _all(
            SESSIONS,
            SESSIONS.c.provider_id == _given("provider_id", sa.Uuid()),
            SESSIONS.c.status == sa.literal_column("'published'"),
            SESSIONS.c.during.overlaps(_given("period", pg.TSTZRANGE())),
        ).order_by(SESSIONS.c.during, SESSIONS.c.id)
    )

    _OF_SERIES = Statement.of(
        _all(SESSIONS, SESSIONS.c.series == _given("series", sa.Uuid())).order_by(
            SESSIONS.c.during, SESSIONS.c.id
        )
    )

    def of_series(self, series: SessionId) -> tuple[Session, ...]:
        """The sessions that were published together as this series, in order."""
        return self.several(self._OF_SERIES, series=series)

    def published(self, provider_id: ProviderId, period: Interval) -> tuple[Session, ...]:
        """The provider's published sessions that overlap the period."""
        return self.several(self._PUBLISHED, provider_id=provider_id, period=_range(period))


_TAKES_TIME = APPOINTMENTS.c.status.in_(
    [sa.literal_column(f"'{one}'") for one in sorted(OCCUPYING)]
)
_IN_PERIOD = APPOINTMENTS.c.during.overlaps(_given("period", pg.TSTZRANGE()))
_DIARY_ORDER = (APPOINTMENTS.c.during, APPOINTMENTS.c.id)


class PostgresAppointments(PostgresCollection[Appointment]):
    """Claims on time."""

    _OCCUPYING = Statement.of(
        _all(
            APPOINTMENTS,
            _TAKES_TIME,
            APPOINTMENTS.c.provider_id == _given("provider_id", sa.Uuid()),
            APPOINTMENTS.c.occupies.overlaps(_given("period", pg.TSTZRANGE())),
        )
        .union(
            _all(
                APPOINTMENTS,
                _TAKES_TIME,
                APPOINTMENTS.c.patient_id == _given("patient_id", sa.Uuid()),
                _IN_PERIOD,
            )
        )
        .order_by("during", "id")
    )
    _LIVE_HOLDS = Statement.of(
        sa.select(sa.func.count()).where(
            APPOINTMENTS.c.practice_id == _PRACTICE,
            APPOINTMENTS.c.held_by == _given("held_by", sa.Uuid()),
            APPOINTMENTS.c.status == sa.literal_column("'held'"),
            APPOINTMENTS.c.held_until > _given("at", sa.DateTime(timezone=True)),
        )
    )
    _OF_PATIENT = Statement.of(
        _all(APPOINTMENTS, APPOINTMENTS.c.patient_id == _given("patient_id", sa.Uuid())).order_by(
            APPOINTMENTS.c.during.desc(), APPOINTMENTS.c.id.desc()
        )
    )
    _OF_PROVIDER = Statement.of(
        _all(
            APPOINTMENTS, APPOINTMENTS.c.provider_id == _given("provider_id", sa.Uuid()), _IN_PERIOD
        ).order_by(*_DIARY_ORDER)
    )
    _IN_PRACTICE = Statement.of(
        _all(
            APPOINTMENTS,
            _IN_PERIOD,
            APPOINTMENTS.c.status == sa.any_(_given("states", pg.ARRAY(sa.Text()))),
        )
        .order_by(*_DIARY_ORDER)
        .limit(_given("limit", sa.Integer()))
    )

    def occupying(
        self, period: Interval, *, provider_id: ProviderId, patient_id: PatientId | None = None
    ) -> tuple[Appointment, ...]:
        """What overlaps the period in an occupying state, of the provider or the patient."""
        return self.several(
            self._OCCUPYING, period=_range(period), provider_id=provider_id, patient_id=patient_id
        )

    def live_holds(self, held_by: UserId, at: Any) -> int:
        """How many times this account keeps at that instant."""
        return int(self.scalar(self._LIVE_HOLDS, held_by=held_by, at=at))

    def of_patient(self, patient_id: PatientId) -> tuple[Appointment, ...]:
        """All claims for the patient, the latest visit first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)

    def of_provider(self, provider_id: ProviderId, period: Interval) -> tuple[Appointment, ...]:
        """The provider's claims that overlap the period, in order."""
        return self.several(self._OF_PROVIDER, provider_id=provider_id, period=_range(period))

    def in_practice(
        self, period: Interval, *, status: AppointmentStatus | None, limit: int
    ) -> tuple[Appointment, ...]:
        """The practice's claims that overlap the period, in order."""
        states = [status.value] if status else [one.value for one in AppointmentStatus]
        return self.several(self._IN_PRACTICE, period=_range(period), states=states, limit=limit)


class PostgresCards(PostgresCollection[Card]):
    """Cards on file."""

    _OF_PATIENT = _of_patient(CARDS, "saved_at")

    def of_patient(self, patient_id: PatientId) -> tuple[Card, ...]:
        """The patient's cards, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)


class PostgresCharges(PostgresCollection[Charge]):
    """The practice's charges."""

    _PLANNED_IN = Statement.of(
        _all(
            CHARGES,
            CHARGES.c.planned_at >= _given("start", sa.DateTime(timezone=True)),
            CHARGES.c.planned_at < _given("end", sa.DateTime(timezone=True)),
        )
        .order_by(CHARGES.c.planned_at, CHARGES.c.id)
        .limit(_given("limit", sa.Integer()))
    )

    def planned_in(self, period: Interval, *, limit: int) -> tuple[Charge, ...]:
        """Charges agreed on in the period, in order."""
        return self.several(self._PLANNED_IN, start=period.start, end=period.end, limit=limit)


class PostgresPrescriptions(PostgresCollection[Prescription]):
    """The practice's prescriptions."""

    _OF_PATIENT = _of_patient(PRESCRIPTIONS, "drafted_at")

    def of_patient(self, patient_id: PatientId) -> tuple[Prescription, ...]:
        """The patient's prescriptions, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)


class PostgresLetters(PostgresCollection[Letter]):
    """The practice's letters."""

    _OF_PATIENT = _of_patient(LETTERS, "drafted_at")

    def of_patient(self, patient_id: PatientId) -> tuple[Letter, ...]:
        """The patient's letters, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)


class PostgresPrograms(PostgresCollection[TreatmentProgram]):
    """The practice's treatment programs."""

    _OF_PATIENT = _of_patient(PROGRAMS, "entered_at")

    def of_patient(self, patient_id: PatientId) -> tuple[TreatmentProgram, ...]:
        """The patient's programs, the newest first."""
        return self.several(self._OF_PATIENT, patient_id=patient_id)


class PostgresReferrals(PostgresCollection[Referral]):
    """The practice's inbound referrals."""

    _BY_INVITATION = Statement.of(
        _all(REFERRALS, REFERRALS.c.invitation == _given("invitation", sa.Text()))
    )

    def by_invitation(self, invitation: str) -> Referral | None:
        """The referral whose invitation this is."""
        return self.first(self._BY_INVITATION, invitation=invitation)


class PostgresMessages(PostgresCollection[Message]):
    """The practice's messages."""

    _OF_CONVERSATION = Statement.of(
        _all(MESSAGES, MESSAGES.c.conversation_id == _given("conversation_id", sa.Uuid()))
        .order_by(MESSAGES.c.posted_at.desc(), MESSAGES.c.id.desc())
        .limit(_given("limit", sa.Integer()))
    )

    def of_conversation(self, id: ConversationId, *, limit: int) -> tuple[Message, ...]:
        """The newest messages of the conversation, oldest of them first."""
        return self.several(self._OF_CONVERSATION, conversation_id=id, limit=limit)[::-1]


class PostgresCare:
    """Who treats whom."""

    _TREATS = Statement.of(
        sa.select(
            sa.or_(
                sa.exists().where(
                    APPOINTMENTS.c.practice_id == _PRACTICE,
                    APPOINTMENTS.c.patient_id == _given("patient_id", sa.Uuid()),
                    APPOINTMENTS.c.provider_id == _given("provider_id", sa.Uuid()),
                    APPOINTMENTS.c.status.in_(
                        [
                            sa.literal_column(f"'{one}'")
                            for one in ("booked", "arrived", "fulfilled")
                        ]
                    ),
                ),
                sa.exists().where(
                    PROGRAMS.c.practice_id == _PRACTICE,
                    PROGRAMS.c.patient_id == _given("patient_id", sa.Uuid()),
                    PROGRAMS.c.provider_id == _given("provider_id", sa.Uuid()),
                ),
            )
        )
    )

    def __init__(
        self, rows: Callable[[Statement, Mapping[str, Any]], list[tuple[Any, ...]]]
    ) -> None:
        self._rows = rows

    def treats(self, provider_id: ProviderId, patient_id: PatientId) -> bool:
        """Whether this provider gives, or gave, this patient a visit, or leads their program."""
        ((found,),) = self._rows(
            self._TREATS, {"provider_id": provider_id, "patient_id": patient_id}
        )
        return bool(found)


def _range(interval: Interval) -> TimestamptzRange:
    return TimestamptzRange(interval.start, interval.end)
