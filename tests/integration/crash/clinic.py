"""A practice that is booked at while its processes are killed, and what must hold afterwards."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, UUID

import attrs
import psycopg

from telehealth_app.container import Container
from telehealth_core.access.account import Account, SignIn
from telehealth_core.access.actor import Actor, Role
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.reactions import EVENTS, reactions_to
from telehealth_core.registration.patient import Address, Patient, PatientStatus, Profile
from telehealth_core.scheduling.life import OCCUPYING
from telehealth_core.scheduling.session import Mode, Session, SessionStatus
from telehealth_core.shared.ids import (
    CardId,
    PatientId,
    PracticeId,
    ProviderId,
    SessionId,
    UserId,
    derived,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.workforce.provider import (
    Licence,
    Profession,
    Provider,
    ProviderStatus,
    Service,
)

PRACTICE = PracticeId(derived(NAMESPACE_DNS, "crash.example"))
LIAISON = Actor(
    UserId(derived(PRACTICE, "liaison")), PRACTICE, frozenset({Role.LIAISON, Role.SYSTEM})
)
TOKEN = "the liaison's"
SERVICE = Service(code="visit", name="Visit", minutes=15, price=Money(4_000, "GBP"))
PROVIDERS, DAYS, STARTS, PATIENTS = 4, 10, 36, 30


@attrs.frozen
class Wish:
    """A booking to be asked for, and under which name."""

    patient: int
    session: SessionId
    start: datetime

    def body(self) -> dict[str, Any]:
        """What a liaison sends."""
        return {
            "patient_id": str(patient_id(self.patient)),
            "session_id": str(self.session),
            "start": self.start.isoformat(),
            "mode": "video",
            "location": "GB",
            "agreed": {"minor": SERVICE.price.minor, "currency": SERVICE.price.currency},
            "card_id": str(card_id(self.patient)),
            "starts_within_cooling_off": True,
        }


def patient_id(number: int) -> PatientId:
    """The id of a patient."""
    return PatientId(derived(PRACTICE, f"patient/{number}"))


def card_id(number: int) -> CardId:
    """The id of a patient's card."""
    return CardId(derived(PRACTICE, f"card/{number}"))


def wishes(first: datetime) -> Iterator[Wish]:
    """Every time there is, leaping from provider to provider, each with a patient."""
    times = PROVIDERS * DAYS * STARTS
    for position in range(times):
        number, start = divmod(position * 1_009 % times, STARTS)
        day, provider = divmod(number, PROVIDERS)
        yield Wish(
            position % PATIENTS,
            SessionId(derived(PRACTICE, f"session/{provider}/{day}")),
            first + timedelta(days=day, minutes=15 * start),
        )


def seed(container: Container) -> datetime:
    """Open the practice with everybody in it; when the first session begins."""
    now = datetime.now(UTC)
    first = datetime.combine(now.date() + timedelta(days=3), time(8), UTC)
    work = container.store().work
    with work(Actor.system(PRACTICE)) as opening:
        opening.practices.save(_practice(now))
    with work(Actor.system(PRACTICE)) as filling:
        for one in _providers(now):
            filling.providers.save(one)
    with work(Actor.system(PRACTICE)) as filling:
        for session in _sessions(first):
            filling.sessions.save(session)
        for number in range(PATIENTS):
            _patient(filling, number, now)
        account = _account("liaison", Role.LIAISON, now)
        filling.accounts.save(account)
        filling.sign_ins.save(SignIn.begin(TOKEN, account, at=now)[0])
    for number in range(PATIENTS):
        id = patient_id(number)
        patient = Actor(UserId(derived(id, "account")), PRACTICE, frozenset({Role.PATIENT}), id)
        container.clinic().billing.save_card(patient, card_id(number), "tok_visa")
    return first


def _practice(now: datetime) -> Practice:
    return Practice(
        id=PRACTICE,
        slug="crash",
        name="Example Practice",
        address="1 Example Street, Exampleton",
        jurisdiction_code="uk",
        zone="Europe/London",
        settings=Settings(
            charging=Charging.AT_BOOKING,
            approval=Approval.AUTOMATIC,
            holds_most=20,
            visits_ahead_most=400,
            visits_a_day_most=20,
        ),
        opened_at=now,
    )


def _providers(now: datetime) -> Iterator[Provider]:
    for number in range(PROVIDERS):
        licence = Licence(
            regulator="Example Register", number=str(number), expires_on=date(2100, 1, 1)
        )
        yield Provider(
            id=ProviderId(derived(PRACTICE, f"provider/{number}")),
            practice_id=PRACTICE,
            status=ProviderStatus.ACTIVE,
            name=f"Provider {number}",
            profession=Profession.THERAPIST,
            specialties=frozenset({"anxiety"}),
            languages=frozenset({"en"}),
            licences=(licence,),
            services=(SERVICE,),
            added_at=now,
        )


def _sessions(first: datetime) -> Iterator[Session]:
    for day in range(DAYS):
        for number in range(PROVIDERS):
            yield Session(
                id=SessionId(derived(PRACTICE, f"session/{number}/{day}")),
                practice_id=PRACTICE,
                status=SessionStatus.PUBLISHED,
                provider_id=ProviderId(derived(PRACTICE, f"provider/{number}")),
                during=Interval.lasting(first + timedelta(days=day), STARTS * 15),
                service=SERVICE.code,
                visit_minutes=15,
                start_every_minutes=15,
                modes=frozenset(Mode),
                price=SERVICE.price,
            )


def _account(who: str, role: Role, now: datetime, **more: Any) -> Account:
    return Account(
        id=more.pop("id", LIAISON.id),
        practice_id=PRACTICE,
        email=f"{who}@example.org",
        password_hash="nobody signs in by password here",
        roles=frozenset({role}),
        opened_at=now,
        **more,
    )


def _patient(work: Any, number: int, now: datetime) -> None:
    id, email = patient_id(number), f"patient-{number}@example.org"
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
    work.patients.save(patient)
    user = UserId(derived(id, "account"))
    work.accounts.save(_account(f"patient-{number}", Role.PATIENT, now, id=user, patient_id=id))


# --- what must hold -----------------------------------------------------------------------------


def ask(uri: str, query: str, *given: Any) -> list[tuple[Any, ...]]:
    """What the database says."""
    with psycopg.connect(uri, autocommit=True) as connection:
        found = connection.execute(query.encode(), given)
        return found.fetchall() if found.description else []


def finish(container: Container, uri: str) -> None:
    """Have everything done that waits, as one worker does when those before it are long lost."""
    worker = container.worker()

    async def rescued() -> None:
        async with worker.app().open_async() as app:
            await worker.rescue(app)

    ask(uri, "UPDATE procrastinate_workers SET last_heartbeat = 'epoch'")
    asyncio.run(rescued())
    while container.outbox().waiting()[0]:
        ask(uri, "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
        worker.drain()
    assert container.outbox().waiting() == (0, 0)


def all_or_nothing(uri: str, answered: set[UUID]) -> None:
    """Every answered booking is there; none is half there; nobody is in two places (N01, N06).

    All of it as of one instant, for a worker may be at work.
    """
    with psycopg.connect(uri) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        _all_or_nothing(connection, answered)


def _all_or_nothing(connection: psycopg.Connection[Any], answered: set[UUID]) -> None:
    def look(query: str, *given: Any) -> list[tuple[Any, ...]]:
        return connection.execute(query.encode(), given).fetchall()

    there = {id for (id,) in look("SELECT id FROM appointments")}
    assert not answered - there, "a booking was answered and is gone"
    charged = {id for (id,) in look("SELECT appointment_id FROM charges")}
    assert charged == there, "each visit has its charge"
    events = look("SELECT subject, name, count(*) FROM outbox GROUP BY 1, 2")
    noted = look(
        "SELECT subject, action, count(*) FROM audit WHERE outcome = 'done' GROUP BY 1, 2",
    )
    of_visits = {one for one in events if one[0] in there}
    assert of_visits == {one for one in noted if one[0] in there}
    assert {subject for subject, name, _ in of_visits if name == "AppointmentRequested"} == there
    assert {many for *_, many in of_visits} <= {1}
    for who in ("provider_id", "patient_id"):
        overlaps = look(
            f"SELECT a.id FROM appointments a JOIN appointments b ON a.id < b.id"
            f" AND a.{who} = b.{who} AND a.during && b.during"
            " WHERE a.status = ANY(%s) AND b.status = ANY(%s)",
            list(OCCUPYING),
            list(OCCUPYING),
        )
        assert overlaps == [], who


def all_followed(uri: str, home: Path) -> int:
    """Nothing waits, was given up, or happened twice; how many visits there are.

    Each is booked, paid for once, and told once; every reaction to every event is noted once.
    """
    assert ask(uri, "SELECT id, name, problem FROM outbox WHERE done_at IS NULL") == []
    visits = ask(
        uri,
        "SELECT a.id, a.status, c.id, c.status, c.attempt FROM appointments a"
        " LEFT JOIN charges c ON c.appointment_id = a.id",
    )
    assert {(status, paid, attempt) for _, status, _, paid, attempt in visits} == {
        ("booked", "paid", 1)
    }
    journal = [json.loads(line) for line in (home / "payments.jsonl").read_text().splitlines()]
    orders = Counter(entry["key"] for entry in journal if entry["kind"] == "outcome")
    assert len(orders) == orders.total() == len(visits)
    events = ask(uri, "SELECT event_id, name FROM outbox")
    assert len({event for event, _ in events}) == len(events)
    follow = {
        (event, reaction.name) for event, name in events for reaction in reactions_to(EVENTS[name])
    }
    assert set(ask(uri, "SELECT event_id, reaction FROM reactions_done")) == follow
    told = {path.stem for path in (home / "mail").rglob("*.eml")}
    assert told == {str(event) for event, name in events if name == "AppointmentApproved"}
    assert len(told) == len(visits)
    return len(visits)
