"""What a store finds for the diary: shifts, claims beside a claim, lists for staff."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.registration.patient import Gender
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason, Change
from telehealth_core.scheduling.limits import Beside, Load
from telehealth_core.scheduling.search import Place, Wishes, could_begin, unfulfilled
from telehealth_core.scheduling.session import Mode, SessionStatus
from telehealth_core.shared.ids import (
    AppointmentId,
    PatientId,
    ProviderId,
    SeriesId,
    SessionId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.contracts.beginning import AT, StoreBeginning, named
from telehealth_core.workforce.licence import Condition, RegisterStatus
from telehealth_core.workforce.provider import Provider


class Booking(StoreBeginning):
    """The diary's queries find what they say."""

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

            def load(wanted: Appointment, day: Interval, at: datetime) -> Load:
                found: Beside = work.appointments.beside(wanted, day=day, at=at)
                return found.load

            assert load(first, self.day(), AT) == Load(holds=2, ahead=2, a_day=2)
            assert load(other, self.day(), AT) == Load(holds=2, ahead=0, a_day=0)
            assert load(first, self.day(), later) == Load(holds=0, ahead=0, a_day=1)
            tomorrow = Interval.lasting(self.day().end, 60)
            assert load(first, tomorrow, AT) == Load(holds=2, ahead=2, a_day=0)

    def test_what_competes_with_a_claim_is_beside_it(self) -> None:
        """Of its provider by what both occupy, of its patient by the visits; never the claim
        itself, lapsed holds too, nothing that was given up.
        """
        actor = self.opened()
        wanted = self.appointment(actor, "wanted", minute=60)
        self.hold(actor, wanted)
        for name, minute in (("before", 0), ("after", 120)):
            self.hold(actor, self.appointment(actor, name, minute=minute))
        visit = Interval.lasting(wanted.during.start + timedelta(minutes=5), 10)
        near = attrs.evolve(wanted, id=AppointmentId(named("near")), during=visit, occupies=visit)
        elsewhere = ProviderId(named("elsewhere"))
        own = attrs.evolve(near, provider_id=elsewhere)
        stranger = attrs.evolve(own, patient_id=PatientId(named("stranger")))
        with self.work(actor) as work:

            def beside(one: Appointment, at: datetime = AT) -> tuple[Appointment, ...]:
                found: Beside = work.appointments.beside(one, day=self.day(), at=at)
                return found.claims

            assert beside(wanted) == ()
            assert work.appointments.find(wanted.id) == wanted
            assert beside(near) == beside(own) == (wanted,)
            assert work.appointments.find(near.id) is None
            assert beside(stranger) == ()
            assert beside(near, wanted.held_until) == (wanted,), "lapsed"
            whole = attrs.evolve(near, during=self.day(), occupies=self.day())
            assert [one.during.start for one in beside(whole)] == sorted(
                one.during.start for one in beside(whole)
            )
            assert len(beside(whole)) == 3
        gone, event = wanted.cancel(CancellationReason.PATIENT, by=actor.id, at=AT)
        with self.work(actor) as work:
            work.appointments.save(gone, event)
        with self.work(actor) as work:
            assert work.appointments.beside(near, day=self.day(), at=AT).claims == ()

    def test_what_is_expected_is_found_as_ever(self) -> None:
        """To tell what will be asked for changes no answer: what is there, what is not, and what
        another work has changed since it was read here before.
        """
        actor = self.opened()
        session, patient = self.session(actor), self.patient_id(actor, "one")
        with self.work(actor) as work:
            plain = (
                work.sessions.get(session.id),
                work.patients.get(patient),
                work.providers.get(session.provider_id),
                work.practices.get(actor.practice_id),
            )
        active, event = plain[2].activate(by=actor.id, at=AT)
        with self.work(actor) as work:
            work.providers.save(active, event)
        for _ in range(2):
            with self.work(actor) as work:
                work.expect(session.id, patient)
                assert work.sessions.get(session.id) == plain[0]
                assert work.patients.get(patient) == plain[1]
                assert work.providers.get(session.provider_id) == active
                assert work.practices.get(actor.practice_id) == plain[3]
        nothing = SessionId(named("no session")), PatientId(named("nobody"))
        with self.work(actor) as work:
            work.expect(*nothing)
            assert work.sessions.find(nothing[0]) is None
            assert work.patients.find(nothing[1]) is None
        with self.work(actor) as work:
            work.expect(session.id, nothing[1])
            assert work.patients.find(nothing[1]) is None
            assert work.sessions.find(session.id) == plain[0]

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

    def activated(self, actor: Actor) -> Provider:
        """The practice's provider, who gives visits from now on."""
        active, event = self.provider(actor).activate(by=actor.id, at=AT)
        with self.work(actor) as work:
            work.providers.save(active, event)
        return active

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
