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
from telehealth_core.billing.card import Card, CardDetails
from telehealth_core.billing.charge import Charge
from telehealth_core.billing.life import ChargeStatus
from telehealth_core.consultation.attendance import Participant, Side, Whereabouts
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.emergency import Emergency, EmergencyKind
from telehealth_core.consultation.feedback import Feedback, Issue
from telehealth_core.consultation.note import NoteBody, VisitNote
from telehealth_core.consultation.psychotherapy import PsychotherapyNote
from telehealth_core.practice.consent_text import CONSENT_TEXTS
from telehealth_core.practice.ports import PracticeDirectory
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.registration.assessment import CompetenceAssessment
from telehealth_core.registration.consent import Consent, ConsentBasis, ConsentChannel
from telehealth_core.registration.document import DocumentKind
from telehealth_core.registration.duplicate import DuplicateSuspicion, SuspicionStatus
from telehealth_core.registration.identity_check import IdentityCheck, IdentityStatus
from telehealth_core.registration.identity_decision import Evidence
from telehealth_core.registration.patient import Patient, Profile
from telehealth_core.scheduling.appointment import Answer, Appointment, TimeTaken
from telehealth_core.scheduling.availability import HoldLimit
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
from telehealth_core.scheduling.session import Mode, Session, SessionStatus
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    AssessmentId,
    CardId,
    ConsentId,
    DocumentId,
    EmergencyId,
    FeedbackId,
    NoteId,
    PartnerId,
    PatientId,
    PracticeId,
    ProviderId,
    ReferralId,
    SessionId,
    SuspicionId,
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


def feedback(actor: Actor, of_visit: dict[str, Any], number: int) -> Feedback:
    """What somebody said of a visit's connection, so many minutes after `AT`."""
    given, _ = Feedback.give(
        id=FeedbackId(named(f"feedback {number}")),
        by=actor.id,
        side=Side.PATIENT,
        rating=number,
        issues=frozenset({Issue.ECHO, Issue.DELAY}),
        comment="It echoes.",
        given_at=AT + timedelta(minutes=number),
        **of_visit,
    )
    return given


def emergency(actor: Actor, of_visit: dict[str, Any], number: int) -> Emergency:
    """An emergency in a visit, so many minutes after `AT`."""
    raised, _ = Emergency.raise_it(
        "faints",
        id=EmergencyId(named(f"emergency {number}")),
        kind=EmergencyKind.RAISED,
        raised_by=actor.id,
        raised_at=AT + timedelta(minutes=number),
        **of_visit,
    )
    return raised


def thought(actor: Actor, of_visit: dict[str, Any], number: int) -> PsychotherapyNote:
    """A note apart from the record, so many minutes after `AT`."""
    return PsychotherapyNote(
        id=NoteId(named(f"thought {number}")),
        author=actor.id,
        text="Not at ease.",
        written_at=AT + timedelta(minutes=number),
        **of_visit,
    )


def note(actor: Actor, of_visit: dict[str, Any]) -> VisitNote:
    """The note of a visit."""
    drafted, _ = VisitNote.draft(
        id=VisitNote.id_of(of_visit["appointment_id"]),
        author=actor.id,
        body=NoteBody(summary="It itches.", plan="Scratch."),
        visit_at=AT,
        drafted_at=AT,
        **of_visit,
    )
    return drafted


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
    def claim(actor: Actor, name: str) -> AppointmentId:
        """The id of the appointment that goes by this name."""
        return AppointmentId(uuid5(actor.practice_id, name))

    def visit(
        self, actor: Actor, name: str, *, minute: int = 0, left: bool = False
    ) -> Consultation:
        """A visit of fifteen minutes that somebody attends, or attended."""
        booked = self.appointment(actor, name, minute=minute)
        self.hold(actor, booked)
        visit = Consultation.plan(
            booked.id,
            actor.practice_id,
            patient_id=booked.patient_id,
            provider_id=booked.provider_id,
        )
        someone = Participant(actor.id, Side.PATIENT, Whereabouts("GB", private=True))
        steps: list[tuple[Consultation, Event]] = [
            visit.admit(someone, window=booked.during, at=AT)
        ]
        steps.append(steps[-1][0].enter(actor.id, "one", at=AT))
        if left:
            steps.append(steps[-1][0].leave(actor.id, "one", at=AT + timedelta(minutes=1)))
        with self.work(actor) as work:
            for state, event in steps:
                work.consultations.save(state, event)
        with self.work(actor) as work:
            assert work.consultations.get(visit.id) == steps[-1][0]
        return steps[-1][0]

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
        taken_back, withdrawn = first.withdraw(by=actor.id, at=AT + timedelta(days=9))
        with self.work(actor) as work:
            work.consents.save(taken_back, withdrawn)
        with self.work(actor) as work:
            found = work.consents.of_patient(self.patient_id(actor, "one"))
        assert found == (second, taken_back)

    def test_visits_are_found_by_what_is_left_to_do(self) -> None:
        """Rooms that closed with somebody in them, and visits that nobody confirmed, oldest first;
        a visit comes back with all that was heard of it.
        """
        actor = self.opened()
        for number, minute in enumerate((30, 0)):
            self.visit(actor, f"going on {number}", minute=minute)
            self.visit(actor, f"over {number}", minute=minute + 120, left=True)
        with self.work(actor) as work:
            overdue = work.consultations.overdue(AT + timedelta(minutes=15), limit=9)
            assert [one.appointment_id for one in overdue] == [self.claim(actor, "going on 1")]
            assert work.consultations.overdue(AT + timedelta(minutes=14), limit=9) == ()
            assert len(work.consultations.overdue(AT + timedelta(days=1), limit=9)) == 2
            for provider_id in (None, self.provider(actor).id):
                found = work.consultations.unconfirmed(provider_id=provider_id, limit=9)
                assert [one.appointment_id for one in found] == [
                    self.claim(actor, "over 1"),
                    self.claim(actor, "over 0"),
                ]
            nobody = ProviderId(named("nobody"))
            assert work.consultations.unconfirmed(provider_id=nobody, limit=9) == ()
            assert len(work.consultations.unconfirmed(provider_id=None, limit=1)) == 1

    def test_what_belongs_to_a_visit_is_found_in_order(self) -> None:
        """Notes apart by author, the newest first; feedback and emergencies, the oldest first."""
        actor = self.opened()
        visit = self.visit(actor, "a")
        of_visit = {
            "practice_id": actor.practice_id,
            "appointment_id": visit.appointment_id,
            "patient_id": visit.patient_id,
            "provider_id": visit.provider_id,
        }
        said = [feedback(actor, of_visit, number) for number in (2, 1)]
        alarms = [emergency(actor, of_visit, number) for number in (2, 1)]
        closed, event = alarms[0].close("well", by=actor.id, at=AT)
        thoughts = [thought(actor, of_visit, number) for number in (1, 2)]
        written = note(actor, of_visit)
        with self.work(actor) as work:
            for one in said:
                work.feedback.save(one)
            for alarm in alarms:
                work.emergencies.save(alarm)
            for apart in thoughts:
                work.psychotherapy_notes.save(apart, apart.written())
            work.notes.save(written)
        with self.work(actor) as work:
            work.emergencies.save(closed, event)
        with self.work(actor) as work:
            id = visit.appointment_id
            assert work.feedback.of_visit(id) == tuple(reversed(said))
            assert work.feedback.given_in(Interval.lasting(AT, 2), limit=9) == (said[1],)
            assert work.feedback.given_in(Interval.lasting(AT, 9), limit=1) == (said[1],)
            assert work.emergencies.open(limit=9) == (alarms[1],)
            assert work.emergencies.of_visit(id) == (alarms[1], closed)
            assert work.psychotherapy_notes.of_author(actor.id, id) == tuple(reversed(thoughts))
            other = UserId(named("somebody else"))
            assert work.psychotherapy_notes.of_author(other, id) == ()
            assert work.notes.get(written.id) == written

    def check(self, actor: Actor, who: str, **fields: Any) -> IdentityCheck:
        """A saved identity check of one of the patients."""
        id = self.patient_id(actor, who)
        begun = IdentityCheck.begin(actor.practice_id, id)
        check = attrs.evolve(begun, version=1, **fields)
        with self.work(actor) as work:
            work.identity_checks.save(check)
        return check

    def test_identity_checks_are_found_by_what_is_due(self) -> None:
        """The oldest submission first; what ran out; what was decided and still has pictures."""
        actor = self.opened()
        days = [AT + timedelta(days=number) for number in range(4)]
        picture = (Evidence(DocumentKind.SELFIE, DocumentId(named("selfie"))),)
        submitted, approved = IdentityStatus.SUBMITTED, IdentityStatus.APPROVED
        first = self.check(actor, "two", status=submitted, submitted_at=days[0], evidence=picture)
        second = self.check(actor, "one", status=submitted, submitted_at=days[1], evidence=picture)
        with self.work(actor) as work:
            assert work.identity_checks.in_status(submitted, limit=9) == (first, second)
            assert work.identity_checks.in_status(submitted, limit=1) == (first,)
            assert work.identity_checks.lapsed(days[3], limit=9) == ()
            assert work.identity_checks.with_images(days[3], limit=9) == ()
        dated = [
            attrs.evolve(
                check,
                version=2,
                status=approved,
                decided_at=days[number],
                expires_at=days[number + 1],
                evidence=(),
                former=picture if number else (),
            )
            for number, check in enumerate((first, second))
        ]
        with self.work(actor) as work:
            for check in dated:
                work.identity_checks.save(check)
        with self.work(actor) as work:
            assert work.identity_checks.lapsed(days[1], limit=9) == (dated[0],)
            assert work.identity_checks.lapsed(days[3], limit=9) == tuple(dated)
            assert work.identity_checks.with_images(days[1], limit=9) == ()
            assert work.identity_checks.with_images(days[3], limit=9) == (dated[1],)

    def test_patients_are_found_by_a_shared_key(self) -> None:
        """Whoever shares any of the keys, of the same practice only."""
        north, south = self.opened("north"), self.opened("south")
        one, two = (self.patient_id(north, who) for who in ("one", "two"))
        with self.work(north) as work:
            keys = work.patients.get(one).match_keys
            assert keys
            found = work.patients.matching(keys, limit=9)
            assert {patient.id for patient in found} == {one, two}
            assert len(work.patients.matching(keys, limit=1)) == 1
            assert work.patients.matching(frozenset({"same-phone:0"}), limit=9) == ()
            assert work.patients.matching(frozenset(), limit=9) == ()
        with self.work(south) as work:
            assert work.patients.matching(keys, limit=9) == ()

    def test_suspicions_and_assessments_are_found_again(self) -> None:
        """The oldest suspicion first, the newest assessment first."""
        actor = self.opened()
        one, two = (self.patient_id(actor, who) for who in ("one", "two"))
        held = self.appointment(actor, "a")
        self.hold(actor, held)
        with self.work(actor) as work:
            raised = DuplicateSuspicion.of(
                work.patients.get(one), work.patients.get(two), by=actor.id, at=AT
            )
            assert raised is not None
            suspicion, suspected = raised
            work.suspicions.save(suspicion, suspected)
        earlier = attrs.evolve(
            suspicion, id=SuspicionId(named("earlier")), raised_at=AT - timedelta(days=1)
        )
        made = []
        for day in range(2):
            assessment, assessed = CompetenceAssessment.record(
                by=actor.id,
                id=AssessmentId(named(f"assessment {day}")),
                practice_id=actor.practice_id,
                patient_id=one,
                appointment_id=held.id,
                provider_id=held.provider_id,
                competent=bool(day),
                reason="Understands.",
                at=AT + timedelta(days=day),
            )
            made.append(assessment)
            with self.work(actor) as work:
                work.assessments.save(assessment, assessed)
        with self.work(actor) as work:
            work.suspicions.save(earlier)
        with self.work(actor) as work:
            status = SuspicionStatus.OPEN
            assert work.suspicions.in_status(status, limit=9) == (earlier, suspicion)
            assert work.suspicions.in_status(status, limit=1) == (earlier,)
            assert work.suspicions.in_status(SuspicionStatus.CONFIRMED, limit=9) == ()
            assert work.assessments.of_patient(one) == tuple(reversed(made))
            assert work.assessments.of_patient(two) == ()

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

    def test_charges_and_cards_are_found_by_what_is_left_to_do(self) -> None:
        """In pages, by when the machinery takes them up, in arrears, and by the card they need."""
        actor, again = self.opened(), AT + timedelta(hours=1)
        patient_id = self.patient_id(actor, "one")
        cards = [self.card(actor, name, minutes) for name, minutes in (("old", 0), ("new", 1))]
        charges = [self.failed(actor, f"visit {one}", cards[0]) for one in range(3)]
        with self.work(actor) as work:
            work.charges.save(*charges[0].retry(by=actor.id, at=AT))
            found, whole = work.charges, Interval.lasting(AT, 10)
            first, second = found.planned_in(whole, limit=2)
            (third,) = found.planned_in(whole, after=second, limit=2)
            assert {first.id, second.id, third.id} == {one.id for one in charges}
            assert [first.id, second.id, third.id] == sorted(one.id for one in charges)
            assert found.planned_in(Interval.lasting(AT - timedelta(days=1), 10), limit=2) == ()
            assert len(found.in_arrears(limit=9)) == 3
            assert found.to_take_up(again, limit=9) == ()
            assert found.needing(cards[0].id)
            assert not found.needing(cards[1].id)
            assert work.cards.of_patient(patient_id) == (cards[1], cards[0])
            work.cards.save(*cards[1].remove(by=actor.id, at=AT))
        with self.work(actor) as work:
            assert len(work.charges.in_arrears(limit=9)) == 2
            assert work.cards.of_patient(patient_id) == (cards[0],)
            retried = work.charges.get(charges[0].id)
            ordered, event = retried.order(again_at=again, by=actor.id, at=AT)
            work.charges.save(ordered, event)
        with self.work(actor) as work:
            assert work.charges.to_take_up(again - timedelta(seconds=1), limit=9) == ()
            assert work.charges.to_take_up(again, limit=9) == (ordered,)

    def test_whom_nobody_attended_is_found_once_the_time_is_over(self) -> None:
        """Booked visits only, the oldest first."""
        actor = self.opened()
        held = self.appointment(actor, "a")
        self.hold(actor, held)
        pending, asked = held.request(held.price, by=actor.id, at=AT)
        booked, approved = pending.approve(by=actor.id, at=AT)
        with self.work(actor) as work:
            assert work.appointments.unattended(held.during.end, limit=9) == ()
            work.appointments.save(pending, asked)
            work.appointments.save(booked, approved)
        with self.work(actor) as work:
            before = booked.during.end - timedelta(seconds=1)
            assert work.appointments.unattended(before, limit=9) == ()
            assert work.appointments.unattended(booked.during.end, limit=9) == (booked,)

    def card(self, actor: Actor, name: str, minutes: int) -> Card:
        """A card of the first patient, kept some minutes after the beginning."""
        details = CardDetails(name, "visa", "4242", 2040, 12)
        at = AT + timedelta(minutes=minutes)
        card, saved = Card.save(
            CardId(named(name)),
            actor.practice_id,
            self.patient_id(actor, "one"),
            details,
            by=actor.id,
            at=at,
        )
        with self.work(actor) as work:
            work.cards.save(card, saved)
        return card

    def failed(self, actor: Actor, name: str, card: Card) -> Charge:
        """A charge of the first patient that was declined for good, with its proposal and lines."""
        held = attrs.evolve(self.appointment(actor, name), status=AppointmentStatus.CANCELLED)
        charge, planned = Charge.plan(
            held.id,
            actor.practice_id,
            held.price,
            patient_id=held.patient_id,
            payer_id=held.patient_id,
            card_id=card.id,
            by=actor.id,
            at=AT,
        )
        failed = attrs.evolve(charge, status=ChargeStatus.FAILED, attempt=1, settled_at=AT)
        with self.work(actor) as work:
            work.appointments.save(held, held.held(by=actor.id, at=AT))
            work.charges.save(failed, planned)
        return failed

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
