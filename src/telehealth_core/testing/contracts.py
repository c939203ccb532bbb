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
from telehealth_core.practice.ports import PracticeDirectory
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.registration.patient import Gender, Patient, Profile
from telehealth_core.scheduling.appointment import Appointment, TimeTaken
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason, Change
from telehealth_core.scheduling.limits import LimitsReached, Load
from telehealth_core.scheduling.pre_screening import Answer
from telehealth_core.scheduling.search import Place, Wishes, could_begin, unfulfilled
from telehealth_core.scheduling.session import Mode, Session, SessionStatus
from telehealth_core.scheduling.waitlist import WaitlistEntry
from telehealth_core.shared.ids import (
    AppointmentId,
    PartnerId,
    PatientId,
    PracticeId,
    ProviderId,
    ReferralId,
    SeriesId,
    SessionId,
    UserId,
    WaitlistEntryId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import IdReused, Refusal, StaleVersion, Unknown
from telehealth_core.testing.memory import AuditEntry
from telehealth_core.workforce.licence import Condition, RegisterStatus
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
        raise LimitsReached("holds")

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
        with refused(LimitsReached), self.work(actor) as work:
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
        """By patient, provider, practice, and occupied time."""
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

    def test_what_there_is_beside_a_claim_is_counted(self) -> None:
        """Live holds of the account, the patient's visits ahead and those of the day; never the
        claim itself.
        """
        actor = self.opened()
        first = self.appointment(actor, "first")
        for name, minute in (("first", 0), ("second", 60), ("third", 120)):
            self.hold(actor, self.appointment(actor, name, minute=minute))
        other = self.appointment(actor, "other", minute=300, who="two")
        self.hold(actor, other)
        booked = attrs.evolve(
            self.appointment(actor, "second", minute=60),
            version=2,
            status=AppointmentStatus.BOOKED,
        )
        with self.work(actor) as work:
            work.appointments.save(booked)
        later = AT + timedelta(minutes=90)
        with self.work(actor) as work:
            load = work.appointments.load
            assert load(first, day=self.day(), at=AT) == Load(holds=2, ahead=2, a_day=2)
            assert load(other, day=self.day(), at=AT) == Load(holds=2, ahead=0, a_day=0)
            assert load(first, day=self.day(), at=later) == Load(holds=0, ahead=0, a_day=1)
            tomorrow = Interval.lasting(self.day().end, 60)
            assert load(first, day=tomorrow, at=AT) == Load(holds=2, ahead=2, a_day=0)

    def test_appointments_are_listed_for_staff(self) -> None:
        """The newest requests and the period page by page, red flags, unanswered requests, series
        and sessions.
        """
        actor = self.opened()
        series = SeriesId(named("series"))
        rows = []
        for number, name in enumerate(("one", "two", "three")):
            held = self.appointment(actor, name, minute=60 * number)
            self.hold(actor, held)
            asked = attrs.evolve(
                held,
                version=2,
                status=AppointmentStatus.PENDING,
                requested_at=AT - timedelta(minutes=number // 2),
                series=series if number else None,
                flags_open=number != 1,
                red_flags=("Since when?",),
                history=(Change("request", actor.id, AT, "on the phone"),),
            )
            with self.work(actor) as work:
                work.appointments.save(asked)
            rows.append(asked)
        one, two, three = rows
        newest = tuple(sorted(rows, key=lambda row: (row.requested_at, row.id.bytes), reverse=True))
        with self.work(actor) as work:
            found = work.appointments
            assert found.get(one.id) == one
            assert found.newest(before=None, limit=10) == newest
            assert found.newest(before=newest[0], limit=1) == newest[1:2]
            page = found.in_practice(self.day(), status=None, limit=5, after=one)
            assert page == (two, three)
            assert found.flagged(limit=10) == (one, three)
            assert found.unanswered(two.during.start, limit=10) == (one, two)
            assert found.of_series(series) == (two, three)
            assert found.of_sessions(frozenset({one.session_id})) == (one, two, three)
            assert found.of_sessions(frozenset()) == ()

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

    def test_a_licence_is_due_by_its_last_day_or_by_the_last_look_at_it(self) -> None:
        """Both days count in, whoever added a provider has looked, and who left is not told
        (PRO-01, PRO-04).
        """
        one, day = self.opened(), timedelta(days=1)
        looked, lapses = AT.date(), date(2030, 1, 31)
        ours = self.provider(one)

        def due(expires_by: date, checked_by: date) -> bool:
            with self.work(one) as work:
                found = work.providers.due(expires_by=expires_by, checked_by=checked_by, limit=9)
            assert [row.id for row in found] in ([], [ours.id])
            return bool(found)

        assert not due(lapses - day, looked - day)
        assert due(lapses, looked - day)
        assert due(lapses - day, looked)
        (licence,) = ours.licences
        again = licence.checked(
            on=looked + day,
            status=RegisterStatus.CONDITIONS,
            conditions=frozenset({Condition.OTHER, Condition.NO_PRESCRIBING}),
        )
        checked, event = ours.check(again, by=one.id, at=AT)
        with self.work(one) as work:
            work.providers.save(checked, event)
        with self.work(one) as work:
            assert work.providers.get(ours.id) == checked
        assert not due(lapses - day, looked)
        assert due(lapses - day, looked + day)
        left, gone = checked.leave("retired", by=one.id, at=AT)
        with self.work(one) as work:
            work.providers.save(left, gone)
        assert not due(lapses, looked + day)

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

    def test_shifts_are_found_in_the_order_in_which_they_could_begin(self) -> None:
        """Running or to come, from any place on: whatever has room in the period, by its first
        start, whoever asks however often (F14).
        """
        actor = self.opened()
        self.activated(actor)
        many = [
            attrs.evolve(
                self.session(actor),
                id=SessionId(named(f"shift {number}")),
                during=Interval.lasting(AT + timedelta(minutes=start), minutes),
                start_every_minutes=every,
            )
            for number, (start, minutes, every) in enumerate(
                [(0, 60, 15), (0, 60, 15), (-30, 50, 20), (-30, 300, 25), (20, 15, 5), (45, 90, 10)]
            )
        ]
        closed = attrs.evolve(
            self.session(actor), id=SessionId(named("closed")), status=SessionStatus.CLOSED
        )
        with self.work(actor) as work:
            for one in (*many, closed):
                work.sessions.save(one, one.added(by=actor.id, at=AT))
        many.append(self.session(actor))
        places = [
            Place(AT + timedelta(minutes=minutes), id)
            for minutes in (-90, -10, 0, 15, 20, 60, 500)
            for id in (many[0].id, many[3].id, SessionId(UUID(int=0)))
        ]
        for after in places:
            until = max(after.start, AT) + timedelta(minutes=70)
            could = sorted((could_begin(one, after), one) for one in many)
            expected = [
                one.id for begin, one in could if begin.start < until and one.has_room(begin.start)
            ]
            wishes = Wishes(period=Interval(AT - timedelta(days=1), until))
            for limit in (3, 50):
                with self.work(actor) as work:
                    found = work.sessions.shifts(wishes, after, at=AT, limit=limit)
                assert [one.session.id for one in found] == expected[:limit], after

    def test_a_shift_comes_with_its_provider_and_what_is_taken_of_it(self) -> None:
        """A hold past its deadline takes nothing; the buffer after the last visit is looked at."""
        actor = self.opened()
        provider, session = self.activated(actor), self.session(actor)
        for name, minute, who in (("in", 60, "one"), ("after", 480, "two"), ("gone", 700, "two")):
            self.hold(actor, self.appointment(actor, name, minute=minute, who=who))
        wishes, begin = Wishes(period=self.day()), Place.before(AT)
        taken = [Interval.lasting(AT + timedelta(minutes=minute), 15) for minute in (60, 480)]
        for minutes, busy in ((0, taken), (10, [])):
            at = AT + timedelta(minutes=minutes)
            with self.work(actor) as work:
                (found,) = work.sessions.shifts(wishes, begin, at=at, limit=9)
            assert (found.session, found.provider) == (session, provider)
            assert sorted(found.busy) == busy

    def test_no_shift_is_left_out_that_fulfils_every_wish(self) -> None:
        """A store may leave out what does not fit, and must not what does; providers who give no
        visits have no shifts.
        """
        actor = self.opened()
        begin, day = Place.before(AT), self.day()
        with self.work(actor) as work:
            assert work.sessions.shifts(Wishes(period=day), begin, at=AT, limit=9) == ()
        provider = self.activated(actor)
        fitting: list[dict[str, Any]] = [
            {"specialty": "skin"},
            {"language": "en"},
            {"mode": Mode.VOICE},
            {"service": "gp"},
            {"price_most": 4900},
            {"providers": frozenset({provider.id})},
            {"location": "GB"},
            {"specialty": "skin", "price_most": 9900, "mode": Mode.VIDEO},
        ]
        others: list[dict[str, Any]] = [
            {"specialty": "cbt"},
            {"language": "fr"},
            {"gender": Gender.FEMALE},
            {"service": "other"},
            {"price_most": 4899},
            {"providers": frozenset({ProviderId(named("nobody"))})},
        ]
        for wished in fitting + others:
            wishes: Any = Wishes(period=day, **wished)
            with self.work(actor) as work:
                found = work.sessions.shifts(wishes, begin, at=AT, limit=9)
            fits = [one for one in found if not unfulfilled(wishes, one)]
            assert len(fits) == (wished in fitting), wished

    def test_who_waits_is_found_in_order(self) -> None:
        """For the provider or one of their specialties, in a period not over, page by page; and by
        offer and patient (N09).
        """
        actor = self.opened()
        provider = self.provider(actor)
        held = self.appointment(actor, "offer")
        self.hold(actor, held)
        plain = WaitlistEntry(
            id=WaitlistEntryId(named("first")),
            practice_id=actor.practice_id,
            patient_id=self.patient_id(actor, "one"),
            provider_id=provider.id,
            location="GB",
            period=self.day(),
            joined_at=AT,
            joined_by=actor.id,
        )
        late = AT + timedelta(minutes=1)
        others: dict[str, dict[str, Any]] = {
            "second": {"provider_id": None, "specialty": "skin", "joined_at": late},
            "other specialty": {"provider_id": None, "specialty": "cbt"},
            "over": {"period": Interval.lasting(AT - timedelta(days=2), 60)},
            "other": {"patient_id": self.patient_id(actor, "two")},
        }
        made = {
            name: attrs.evolve(plain, id=WaitlistEntryId(named(name)), **other)
            for name, other in others.items()
        }
        offered, told = made["other"].offer(held, by=actor.id, at=late)
        with self.work(actor) as work:
            for one in (plain, *made.values()):
                work.waitlist.save(one, one.joined())
            work.waitlist.save(offered, told)
        with self.work(actor) as work:
            found = work.waitlist
            both = (plain, made["second"])
            assert found.waiting(provider, after=None, at=AT, limit=9) == both
            assert found.waiting(provider, after=None, at=AT, limit=1) == both[:1]
            assert found.waiting(provider, after=plain, at=AT, limit=9) == both[1:]
            assert found.of_appointment(held.id) == offered
            assert found.of_appointment(AppointmentId(named("none"))) is None
            assert found.of_patient(offered.patient_id) == (offered,)
            assert len(found.in_order(limit=9)) == 5
            assert found.in_order(limit=9)[-1] == made["second"]

    def test_holds_past_their_deadline_are_found_until_given_up(self) -> None:
        """From the deadline on, the oldest first (N02)."""
        actor = self.opened()
        held = self.appointment(actor, "a")
        self.hold(actor, held)
        with self.work(actor) as work:
            before, after = (
                work.appointments.lapsed(AT + timedelta(minutes=minutes), limit=9)
                for minutes in (9, 10)
            )
        assert (before, after) == ((), (held,))
        expired, event = held.expire(by=actor.id, at=held.held_until)
        with self.work(actor) as work:
            work.appointments.save(expired, event)
        with self.work(actor) as work:
            assert work.appointments.lapsed(held.held_until, limit=9) == ()

    def activated(self, actor: Actor) -> Provider:
        """The practice's provider, who gives visits from now on."""
        active, event = self.provider(actor).activate(by=actor.id, at=AT)
        with self.work(actor) as work:
            work.providers.save(active, event)
        return active

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
