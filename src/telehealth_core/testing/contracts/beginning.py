"""What tests of a store begin with: a practice with a provider, two patients and a session."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid5

from telehealth_core.access.actor import Actor
from telehealth_core.access.audit import AuditEntry
from telehealth_core.access.ports import SignedInActors
from telehealth_core.practice.ports import PracticeDirectory
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.registration.patient import Patient, Profile
from telehealth_core.scheduling.appointment import (
    Answer,
    Appointment,
)
from telehealth_core.scheduling.session import Mode, Session, SessionStatus
from telehealth_core.shared.ids import (
    AppointmentId,
    PatientId,
    PracticeId,
    ProviderId,
    SessionId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Refusal
from telehealth_core.workforce.provider import Licence, Profession, Provider, Service

NAMES = UUID("0a6d1c54-64a4-5d5f-8a65-4f4f2a3b9d10")
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Store(SignedInActors, PracticeDirectory, Protocol):
    """What is under test."""

    def work(self, actor: Actor, /) -> Any:
        """A unit of work."""


@contextmanager
def refused(kind: type[Refusal]) -> Iterator[None]:
    """What is inside must be refused so."""
    try:
        yield
    except kind:
        return
    raise AssertionError(f"{kind.__name__} was expected")


def named(name: str) -> UUID:
    """The id that goes by this name in these tests."""
    return uuid5(NAMES, name)


def practice(name: str) -> Practice:
    """A practice."""
    return Practice(
        id=PracticeId(named(name)),
        slug=name,
        name=name,
        address="1 Road",
        jurisdiction_code="uk",
        zone="Europe/London",
        settings=Settings(charging=Charging.AT_BOOKING, approval=Approval.AUTOMATIC),
        opened_at=AT,
    )


def profile() -> Profile:
    """A patient's profile."""
    return Profile(
        given_name="Pat",
        family_name="Example",
        birth_date=date(1990, 2, 28),
        zone="Europe/London",
        phone="+44 20 7946 0000",
    )


class StoreBeginning:
    """What the tests begin with; a subclass brings `store` and the three ways to look inside."""

    def store(self) -> Store:
        """An empty store, the same one within a test."""
        raise NotImplementedError

    def audit(self, practice_id: PracticeId) -> list[AuditEntry]:
        """The practice's audit entries, the oldest first."""
        raise NotImplementedError

    def broken_audit(self) -> AbstractContextManager[None]:
        """As long as this lasts, the store cannot write to its audit."""
        raise NotImplementedError

    def waiting(self, practice_id: PracticeId) -> list[str]:
        """The names of the practice's events in the outbox, the oldest first."""
        raise NotImplementedError

    # --- what the tests are about -------------------------------------------------------------

    def opened(self, name: str = "north") -> Actor:
        """A practice with one provider, two patients and a session; its machinery as actor."""
        own = practice(name)
        actor = Actor.system(own.id)
        with self.work(actor) as work:
            work.practices.save(own, own.opened(by=actor.id))
        provider = self.provider(actor)
        with self.work(actor) as work:
            work.providers.save(provider, provider.added(by=actor.id))
        for who in ("one", "two"):
            patient, registered = Patient.register(
                by=actor.id,
                id=self.patient_id(actor, who),
                practice_id=own.id,
                profile=profile(),
                registered_at=AT,
            )
            with self.work(actor) as work:
                work.patients.save(patient, registered)
        session = self.session(actor)
        with self.work(actor) as work:
            work.sessions.save(session, session.added(by=actor.id, at=AT))
        return actor

    def work(self, actor: Actor) -> Any:
        """A unit of work on the store under test."""
        return self.store().work(actor)

    @staticmethod
    def patient_id(actor: Actor, who: str) -> PatientId:
        """One of the practice's patients."""
        return PatientId(uuid5(actor.practice_id, f"patient {who}"))

    @staticmethod
    def provider(actor: Actor) -> Provider:
        """The practice's provider."""
        return Provider(
            id=ProviderId(uuid5(actor.practice_id, "provider")),
            practice_id=actor.practice_id,
            name="Provider",
            profession=Profession.DOCTOR,
            specialties=frozenset({"general-practice", "skin"}),
            languages=frozenset({"en"}),
            licences=(Licence(regulator="GMC", number="1", expires_on=date(2030, 1, 31)),),
            services=(Service(code="gp", name="GP visit", minutes=15, price=Money(4900, "GBP")),),
            added_at=AT,
        )

    def session(self, actor: Actor) -> Session:
        """The provider's session: eight hours from `AT` on."""
        return Session(
            id=SessionId(uuid5(actor.practice_id, "session")),
            practice_id=actor.practice_id,
            status=SessionStatus.PUBLISHED,
            provider_id=self.provider(actor).id,
            during=Interval.lasting(AT, 480),
            service="gp",
            visit_minutes=15,
            start_every_minutes=15,
            modes=frozenset(Mode),
            price=Money(4900, "GBP"),
        )

    def appointment(
        self, actor: Actor, name: str, *, minute: int = 0, who: str = "one"
    ) -> Appointment:
        """A hold of fifteen minutes, so many minutes after `AT`."""
        visit = Interval.lasting(AT + timedelta(minutes=minute), 15)
        return Appointment(
            id=AppointmentId(uuid5(actor.practice_id, name)),
            practice_id=actor.practice_id,
            patient_id=self.patient_id(actor, who),
            provider_id=self.provider(actor).id,
            session_id=self.session(actor).id,
            during=visit,
            occupies=visit,
            mode=Mode.VIDEO,
            price=Money(4900, "GBP"),
            location="GB",
            held_until=AT + timedelta(minutes=10),
            held_by=actor.id,
            reason="It itches.",
            pre_screening=(Answer("Since when?", "Monday"),),
            settings_version=1,
        )

    def hold(self, actor: Actor, appointment: Appointment) -> None:
        """Save a new hold."""
        with self.work(actor) as work:
            work.appointments.save(appointment, appointment.held(by=actor.id, at=AT))

    @staticmethod
    def day() -> Interval:
        """The day of the session."""
        return Interval.lasting(AT, 24 * 60)
