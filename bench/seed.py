"""Fills a database with the clinic, through the store that the program itself uses."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

import psycopg

from plan import (
    LOCATION,
    PRACTICE,
    STARTS,
    VISIT_MINUTES,
    Plan,
    patient_actor,
    provider_id,
    session_id,
    token_of,
)
from telehealth_core.access.account import Account, SignIn
from telehealth_core.access.actor import Actor, Role
from telehealth_core.access.ports import Keys
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.registration.patient import Address, Patient, PatientStatus, Profile
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import OCCUPYING, AppointmentStatus
from telehealth_core.scheduling.session import Mode, Session, SessionStatus
from telehealth_core.shared.ids import AppointmentId, derived
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.workforce.provider import (
    Licence,
    Profession,
    Provider,
    ProviderStatus,
    Service,
)
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.wall import application_uri

T = TypeVar("T")

BATCH = 500
SERVICE = Service(code="visit", name="Visit", minutes=VISIT_MINUTES, price=Money(4_000, "GBP"))
SYSTEM = Actor.system(PRACTICE)

_LIVE = "{{}}.status IN ({})".format(", ".join(f"'{status}'" for status in sorted(OCCUPYING)))
DOUBLED = f"""
    SELECT count(*) FROM appointments AS later
     WHERE {_LIVE.format("later")} AND EXISTS (
           SELECT FROM appointments AS earlier
            WHERE earlier.practice_id = later.practice_id
              AND earlier.provider_id = later.provider_id
              AND earlier.during && later.during AND earlier.id < later.id
              AND {_LIVE.format("earlier")}
           )
"""
"""How many appointments take a time that another one of the same provider had already."""


def seed(uri: str, keys: Keys, plan: Plan) -> None:
    """Write the whole clinic into a migrated, empty database."""
    now = datetime.now(UTC)
    with PostgresStore.open(application_uri(uri), keys, connections=1) as store:
        _write(store, [_practice(now)], lambda work, one: work.practices.save(one))
        _write(store, _providers(plan, now), lambda work, one: work.providers.save(one))
        _write(store, _sessions(plan), lambda work, one: work.sessions.save(one))
        _write(store, range(plan.patients), lambda work, one: _patient(work, one, now))
        _write(store, _appointments(plan, now), lambda work, one: work.appointments.save(one))
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _write(store: PostgresStore, things: Iterable[T], save: Callable[[Any, T], None]) -> None:
    left = iter(things)
    while batch := list(islice(left, BATCH)):
        with store.work(SYSTEM) as work:
            for one in batch:
                save(work, one)


def _practice(now: datetime) -> Practice:
    """A practice that sees far ahead and lets an account keep as many times as any practice may."""
    return Practice(
        id=PRACTICE,
        slug="bench",
        name="Example Practice",
        address="1 Example Street, Exampleton",
        jurisdiction_code="uk",
        zone="Europe/London",
        settings=Settings(
            charging=Charging.ON_COMPLETION,
            approval=Approval.AUTOMATIC,
            horizon_days=366,
            holds_most=20,
            visits_ahead_most=400,
            visits_a_day_most=20,
        ),
        opened_at=now,
    )


def _providers(plan: Plan, now: datetime) -> Iterator[Provider]:
    licence = Licence(regulator="Example Register", number="1", expires_on=date(2100, 1, 1))
    for number in range(plan.providers):
        yield Provider(
            id=provider_id(number),
            practice_id=PRACTICE,
            status=ProviderStatus.ACTIVE,
            name=f"Provider {number}",
            profession=Profession.THERAPIST,
            specialties=frozenset({f"specialty-{number % 20}"}),
            languages=frozenset({"en"}),
            licences=(licence,),
            services=(SERVICE,),
            added_at=now,
        )


def _sessions(plan: Plan) -> Iterator[Session]:
    for day in range(plan.days):
        during = Interval.lasting(plan.start_of(day), STARTS * VISIT_MINUTES)
        for number in range(plan.providers):
            yield Session(
                id=session_id(number, day),
                practice_id=PRACTICE,
                status=SessionStatus.PUBLISHED,
                provider_id=provider_id(number),
                during=during,
                service=SERVICE.code,
                visit_minutes=VISIT_MINUTES,
                start_every_minutes=VISIT_MINUTES,
                modes=frozenset(Mode),
                price=SERVICE.price,
            )


def _patient(work: Any, number: int, now: datetime) -> None:
    """A verified patient with a finished profile, an account, and a sign-in that lasts."""
    actor = patient_actor(number)
    id, email = actor.as_patient(), f"patient-{number}@example.org"
    profile = Profile(
        given_name="Pat",
        family_name=f"Example {number}",
        birth_date=date(1980, 2, 29),
        address=Address(lines=("2 Example Street",), city="Exampleton", country="GB"),
        phone="+44 20 7946 0000",
        email=email,
        zone="Europe/London",
    )
    patient = Patient(
        id=id,
        practice_id=PRACTICE,
        status=PatientStatus.VERIFIED,
        profile=profile,
        verified_until=now + timedelta(days=365),
        registered_at=now,
    )
    account = Account(
        id=actor.id,
        practice_id=PRACTICE,
        email=email,
        password_hash="nobody signs in by password here",
        roles=frozenset({Role.PATIENT}),
        patient_id=id,
        opened_at=now,
    )
    work.patients.save(patient)
    work.accounts.save(account)
    work.sign_ins.save(SignIn.begin(token_of(id), account, at=now)[0])


def _appointments(plan: Plan, now: datetime) -> Iterator[Appointment]:
    for number, wish in enumerate(plan.booked_beforehand()):
        visit = Interval.lasting(wish.start, VISIT_MINUTES)
        yield Appointment(
            id=AppointmentId(derived(PRACTICE, f"appointment/{number}")),
            practice_id=PRACTICE,
            status=AppointmentStatus.BOOKED,
            patient_id=wish.patient.as_patient(),
            provider_id=provider_id(wish.provider_number),
            session_id=wish.session_id,
            during=visit,
            occupies=visit,
            mode=Mode.VIDEO,
            price=SERVICE.price,
            location=LOCATION,
            held_until=now,
            held_by=wish.patient.id,
            settings_version=1,
        )
