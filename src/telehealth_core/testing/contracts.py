"""The store's contract: what every implementation of the units of work promises, as tests.

Subclass `StoreContract` in a test module, say how to make an empty store, and pytest runs it. The
memory store and PostgreSQL pass the same; so can yours.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid5

import attrs

from telehealth_core.access.account import Account, EmailTaken, SignIn, sign_in_id
from telehealth_core.access.actor import Actor, Following, GuardianBasis, Guardianship, Role
from telehealth_core.access.policy import Action, NotPermitted, authorize
from telehealth_core.access.ports import SignedInActors
from telehealth_core.practice.consent_text import CONSENT_TEXTS
from telehealth_core.practice.ports import PracticeDirectory
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.registration.consent import Consent, ConsentBasis, ConsentChannel
from telehealth_core.registration.patient import Patient, Profile
from telehealth_core.scheduling.appointment import Answer, Appointment, TimeTaken
from telehealth_core.scheduling.availability import HoldLimit
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
from telehealth_core.scheduling.session import Mode, Session, SessionStatus
from telehealth_core.shared.ids import (
    AppointmentId,
    ConsentId,
    PartnerId,
    PatientId,
    PracticeId,
    ProviderId,
    ReferralId,
    SessionId,
    UserId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import IdReused, Refusal, StaleVersion, Unknown
from telehealth_core.testing.memory import AuditEntry
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


class StoreContract:
    """Every promise of a store; a subclass brings `store` and the three ways to look inside."""

    def store(self) -> Store:
        """An empty store, the same one within a test."""
        raise NotImplementedError

    def audit(self, practice_id: PracticeId) -> list[AuditEntry]:
        """The practice's audit entries, the oldest first."""
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
    def fail() -> None:
        """Fail in the middle of a work."""
        raise HoldLimit(0)

    # --- promises -----------------------------------------------------------------------------

    def test_what_was_saved_is_found_as_it_was(self) -> None:
        """Every field comes back as it was written."""
        actor = self.opened()
        wanted = self.appointment(actor, "a")
        self.hold(actor, wanted)
        with self.work(actor) as work:
            assert work.appointments.get(wanted.id) == wanted
            assert work.providers.get(wanted.provider_id) == self.provider(actor)
            assert work.sessions.get(wanted.session_id) == self.session(actor)
            assert work.practices.get(actor.practice_id) == practice("north")

    def test_an_unknown_id_is_refused_or_none(self) -> None:
        """`get` refuses what `find` answers with None."""
        actor = self.opened()
        with self.work(actor) as work:
            assert work.patients.find(PatientId(named("nobody"))) is None
        with refused(Unknown), self.work(actor) as work:
            work.patients.get(PatientId(named("nobody")))

    def test_a_known_id_cannot_be_saved_anew(self) -> None:
        """A new row with a known id is refused, and the first stays."""
        actor = self.opened()
        first = self.appointment(actor, "a")
        self.hold(actor, first)
        with refused(IdReused):
            self.hold(actor, self.appointment(actor, "a", minute=60))
        with self.work(actor) as work:
            assert work.appointments.get(first.id) == first

    def test_a_stale_version_is_refused(self) -> None:
        """Of two changes of one version, the second is refused."""
        actor = self.opened()
        held = self.appointment(actor, "a")
        self.hold(actor, held)
        for attempt in range(2):
            changed, event = held.cancel(CancellationReason.PATIENT, by=actor.id, at=AT)
            if attempt == 0:
                with self.work(actor) as work:
                    work.appointments.save(changed, event)
                continue
            with refused(StaleVersion), self.work(actor) as work:
                work.appointments.save(changed, event)

    def test_an_exception_leaves_nothing(self) -> None:
        """Neither row nor audit nor message of a work that failed."""
        actor = self.opened()
        before = (self.audit(actor.practice_id), self.waiting(actor.practice_id))
        held = self.appointment(actor, "a")
        with refused(HoldLimit), self.work(actor) as work:
            work.appointments.save(held, held.held(by=actor.id, at=AT))
            self.fail()
        with self.work(actor) as work:
            assert work.appointments.find(held.id) is None
        assert (self.audit(actor.practice_id), self.waiting(actor.practice_id)) == before

    def test_several_saves_are_kept_whole(self) -> None:
        """If the last of several saves is refused, the first is not there either."""
        actor = self.opened()
        self.hold(actor, self.appointment(actor, "taken", minute=30))
        first, second = (
            self.appointment(actor, "first", who="two"),
            self.appointment(actor, "second", minute=30, who="two"),
        )
        with refused(TimeTaken), self.work(actor) as work:
            work.appointments.save(first, first.held(by=actor.id, at=AT))
            work.appointments.save(second, second.held(by=actor.id, at=AT))
        with self.work(actor) as work:
            assert work.appointments.find(first.id) is None

    def test_a_save_leaves_audit_and_message_together(self) -> None:
        """Each event is one audit entry that names actor, subject and patient, and one message."""
        actor = self.opened()
        held = self.appointment(actor, "a")
        self.hold(actor, held)
        entry = self.audit(actor.practice_id)[-1]
        assert entry == AuditEntry(
            actor.practice_id, actor.id, "AppointmentHeld", "done", held.id, held.patient_id
        )
        assert self.waiting(actor.practice_id)[-1] == "AppointmentHeld"

    def test_reads_and_refusals_leave_audit(self) -> None:
        """A noted read and a refusal of access are both written down."""
        actor = self.opened()
        patient = self.patient_id(actor, "one")
        with self.work(actor) as work:
            work.read(Action.VIEW_PATIENT, patient, patient)
        with refused(NotPermitted), self.work(actor):
            authorize(actor, Action.PRESCRIBE)
        read, denied = self.audit(actor.practice_id)[-2:]
        assert (read.action, read.outcome, read.patient_id) == ("patient:view", "read", patient)
        assert (denied.action, denied.outcome) == ("prescription:issue", "not-permitted")

    def test_rows_of_another_practice_do_not_exist(self) -> None:
        """An actor of one practice finds nothing of another, by id or by list."""
        north, south = self.opened("north"), self.opened("south")
        held = self.appointment(north, "a")
        self.hold(north, held)
        with self.work(south) as work:
            assert work.appointments.find(held.id) is None
            assert work.appointments.of_patient(held.patient_id) == ()
            assert work.practices.find(north.practice_id) is None
            page = work.patients.page(after=None, limit=100)
            assert {patient.practice_id for patient in page} == {south.practice_id}

    def test_nobody_is_in_two_places_at_once(self) -> None:
        """Overlapping time of the provider or of the patient is refused; touching time is not."""
        actor = self.opened()
        self.hold(actor, self.appointment(actor, "a"))
        with refused(TimeTaken):
            self.hold(actor, self.appointment(actor, "b", minute=10, who="two"))
        elsewhere = attrs.evolve(self.provider(actor), id=ProviderId(named("elsewhere")))
        with self.work(actor) as work:
            work.providers.save(elsewhere, elsewhere.added(by=actor.id))
        with refused(TimeTaken):
            other = self.appointment(actor, "c", minute=5)
            self.hold(actor, attrs.evolve(other, provider_id=elsewhere.id))
        self.hold(actor, self.appointment(actor, "d", minute=15))

    def test_time_given_up_is_free(self) -> None:
        """Occupancy follows from status alone."""
        actor = self.opened()
        held = self.appointment(actor, "a")
        self.hold(actor, held)
        cancelled, event = held.cancel(CancellationReason.PATIENT, by=actor.id, at=AT)
        with self.work(actor) as work:
            work.appointments.save(cancelled, event)
        self.hold(actor, self.appointment(actor, "b", who="two"))

    def test_moving_frees_the_old_time_with_the_new(self) -> None:
        """A visit can move into its own shadow, not into somebody else's time, and leaves none."""
        actor = self.opened()
        mine, other = (
            self.appointment(actor, "a"),
            self.appointment(actor, "b", minute=30, who="two"),
        )
        for one in (mine, other):
            self.hold(actor, one)
        for minute, fits in ((10, True), (20, False), (60, True)):
            visit = Interval.lasting(AT + timedelta(minutes=minute), 15)
            moved = attrs.evolve(mine, version=mine.version + 1, during=visit, occupies=visit)
            if not fits:
                with refused(TimeTaken), self.work(actor) as work:
                    work.appointments.save(moved)
                continue
            with self.work(actor) as work:
                work.appointments.save(moved)
            mine = moved
        self.hold(actor, self.appointment(actor, "c", who="two"))

    def test_of_many_at_once_one_wins(self) -> None:
        """Twenty callers want one time: one has it, the others are told so, no row is orphaned."""
        actor = self.opened()

        def attempt(number: int) -> bool:
            who = "one" if number % 2 else "two"
            try:
                self.hold(actor, self.appointment(actor, f"try {number}", who=who))
            except TimeTaken:
                return False
            return True

        with ThreadPoolExecutor(10) as callers:
            won = sum(callers.map(attempt, range(20)))
        assert won == 1
        with self.work(actor) as work:
            assert len(work.appointments.in_practice(self.day(), status=None, limit=50)) == 1
        assert self.waiting(actor.practice_id).count("AppointmentHeld") == 1

    def test_appointments_are_found_by_every_way(self) -> None:
        """By patient, provider, practice, occupied time and live holds."""
        actor = self.opened()
        early = self.appointment(actor, "early")
        late = self.appointment(actor, "late", minute=120, who="two")
        for one in (late, early):
            self.hold(actor, one)
        gone = self.appointment(actor, "gone", minute=240)
        self.hold(actor, gone)
        cancelled, event = gone.cancel(CancellationReason.PATIENT, by=actor.id, at=AT)
        with self.work(actor) as work:
            work.appointments.save(cancelled, event)
        with self.work(actor) as work:
            found = work.appointments
            provider = early.provider_id
            assert found.of_patient(early.patient_id) == (cancelled, early)
            assert found.of_provider(provider, self.day()) == (early, late, cancelled)
            assert found.occupying(self.day(), provider_id=provider) == (early, late)
            hour = Interval.lasting(AT, 60)
            mine = found.occupying(
                hour, provider_id=ProviderId(named("nobody")), patient_id=early.patient_id
            )
            assert mine == (early,)
            held = AppointmentStatus.HELD
            assert found.in_practice(self.day(), status=held, limit=1) == (early,)
            assert found.live_holds(actor.id, AT) == 2
            assert found.live_holds(actor.id, AT + timedelta(minutes=10)) == 0

    def test_accounts_are_found_by_address_and_patient(self) -> None:
        """One account an address, whatever its case; live sessions lead to their owner."""
        actor = self.opened()
        account = Account(
            id=UserId(named("account")),
            practice_id=actor.practice_id,
            email="Pat@Example.org",
            password_hash="hash",  # noqa: S106 - no password
            roles=frozenset({Role.PATIENT}),
            patient_id=self.patient_id(actor, "one"),
            opened_at=AT,
        )
        session, began = SignIn.begin("token", account, at=AT)
        with self.work(actor) as work:
            work.accounts.save(account, account.opened(by=actor.id))
        with self.work(actor) as work:
            work.sign_ins.save(session, began)
        with self.work(actor) as work:
            assert work.accounts.by_email("pat@example.ORG") == account
            assert work.accounts.of_patient(self.patient_id(actor, "one")) == account
            assert work.accounts.of_patient(self.patient_id(actor, "two")) is None
        other = attrs.evolve(
            account,
            id=UserId(named("other")),
            patient_id=None,
            roles=frozenset({Role.LIAISON}),
        )
        with refused(EmailTaken), self.work(actor) as work:
            work.accounts.save(other, other.opened(by=actor.id))
        store = self.store()
        assert store.actor(sign_in_id("token"), AT) == account.actor()
        assert store.actor(sign_in_id("token"), session.ends_at) is None
        assert store.actor(sign_in_id("false"), AT) is None

    def test_patients_are_found_by_their_ties(self) -> None:
        """Dependants by guardian, followed patients by partner."""
        actor = self.opened()
        guardian, partner = self.patient_id(actor, "one"), PartnerId(named("partner"))
        tie = Guardianship(guardian, GuardianBasis.COURT_ORDER, named("order"), AT)
        following = Following(partner, ReferralId(named("ref")), AT, AT + timedelta(days=1))
        child, registered = Patient.register(
            by=actor.id,
            id=PatientId(named("child")),
            practice_id=actor.practice_id,
            guardians=(tie,),
            partners=(following,),
            registered_at=AT,
        )
        with self.work(actor) as work:
            work.patients.save(child, registered)
        with self.work(actor) as work:
            assert work.patients.dependants_of(guardian) == (child,)
            assert work.patients.dependants_of(child.id) == ()
            assert work.patients.followed_by(partner) == (child,)
            assert work.patients.followed_by(PartnerId(named("none"))) == ()

    def test_consents_are_told_the_newest_first(self) -> None:
        """Every answer of one patient, and what became of it."""
        actor = self.opened()
        answers = []
        for day, (who, given) in enumerate((("one", True), ("one", False), ("two", True))):
            consent, event = Consent.answer(
                CONSENT_TEXTS[day],
                given=given,
                by=actor.id,
                at=AT + timedelta(days=day),
                id=ConsentId(uuid5(actor.practice_id, f"consent {day}")),
                practice_id=actor.practice_id,
                patient_id=self.patient_id(actor, who),
                basis=ConsentBasis.OWN,
                channel=ConsentChannel.PAPER,
                explanation=None if given else "What follows.",
            )
            with self.work(actor) as work:
                work.consents.save(consent, event)
            answers.append(consent)
        first, second, _ = answers
        taken_back, event = first.withdraw(by=actor.id, at=AT + timedelta(days=9))
        with self.work(actor) as work:
            work.consents.save(taken_back, event)
        with self.work(actor) as work:
            found = work.consents.of_patient(self.patient_id(actor, "one"))
        assert found == (second, taken_back)

    def test_providers_are_found_by_what_they_offer(self) -> None:
        """Only active ones, with the specialty and the language asked for."""
        actor = self.opened()
        active, event = self.provider(actor).activate(by=actor.id, at=AT)
        with self.work(actor) as work:
            assert work.providers.active(specialty=None, language=None, limit=9) == ()
            work.providers.save(active, event)
        with self.work(actor) as work:
            found = work.providers
            assert found.active(specialty="skin", language="en", limit=9) == (active,)
            assert found.active(specialty="cbt", language=None, limit=9) == ()
            assert found.active(specialty=None, language="fr", limit=9) == ()

    def test_sessions_are_found_by_provider_and_series(self) -> None:
        """Published ones that overlap a period, and all that were published together."""
        actor, series = self.opened(), SessionId(named("series"))
        alone = self.session(actor)
        later = [
            attrs.evolve(
                alone,
                id=SessionId(named(f"session {day}")),
                during=Interval.lasting(AT + timedelta(days=day), 480),
                series=series,
            )
            for day in (2, 1)
        ]
        with self.work(actor) as work:
            for one in later:
                work.sessions.save(one, one.added(by=actor.id, at=AT))
        with self.work(actor) as work:
            found, provider = work.sessions, alone.provider_id
            assert found.of_series(series) == tuple(reversed(later))
            assert found.of_series(SessionId(named("none"))) == ()
            assert found.published(provider, self.day()) == (alone,)
            assert len(found.published(provider, Interval.lasting(AT, 5 * 24 * 60))) == 3

    def test_who_is_treated_by_whom(self) -> None:
        """A hold does not make a provider treat a patient; an approved visit does."""
        actor = self.opened()
        held = self.appointment(actor, "a")
        self.hold(actor, held)
        with self.work(actor) as work:
            assert not work.care.treats(held.provider_id, held.patient_id)
        pending, asked = held.request(held.price, by=actor.id, at=AT)
        booked, approved = pending.approve(by=actor.id, at=AT)
        with self.work(actor) as work:
            work.appointments.save(pending, asked)
            work.appointments.save(booked, approved)
        with self.work(actor) as work:
            assert work.care.treats(held.provider_id, held.patient_id)
            assert not work.care.treats(held.provider_id, self.patient_id(actor, "two"))

    def test_practices_are_found_by_anybody(self) -> None:
        """By short name, and all of them by name."""
        self.opened("south")
        self.opened("north")
        store = self.store()
        assert store.by_slug("south") == practice("south")
        assert store.by_slug("west") is None
        assert [one.slug for one in store.all()] == ["north", "south"]

    @staticmethod
    def day() -> Interval:
        """The day of the session."""
        return Interval.lasting(AT, 24 * 60)


def profile() -> Profile:
    """A patient's profile."""
    return Profile(
        given_name="Pat",
        family_name="Example",
        birth_date=date(1990, 2, 28),
        zone="Europe/London",
        phone="+44 20 7946 0000",
    )
