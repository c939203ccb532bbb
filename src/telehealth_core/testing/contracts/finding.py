"""What a store finds: every query of the ports."""

from datetime import timedelta

import attrs

from telehealth_core.access.account import Account, EmailTaken, SignIn, sign_in_id
from telehealth_core.access.actor import Following, GuardianBasis, Guardianship, Role
from telehealth_core.registration.patient import Patient
from telehealth_core.scheduling.appointment import (
    AppointmentStatus,
    CancellationReason,
)
from telehealth_core.shared.ids import (
    PartnerId,
    PatientId,
    ProviderId,
    ReferralId,
    SessionId,
    UserId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.contracts.beginning import AT, StoreBeginning, named, practice, refused


class Finding(StoreBeginning):
    """Queries find what they say, in order, of one practice."""

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
