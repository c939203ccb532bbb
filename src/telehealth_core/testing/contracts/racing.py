"""What a store promises to those who ask at once: of everybody who wants one time, one has it."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle, islice
from typing import Any

import attrs

from telehealth_core.access.actor import Role
from telehealth_core.scheduling.appointment import TimeTaken
from telehealth_core.scheduling.availability import NO_CLASH
from telehealth_core.scheduling.life import (
    DeclineCode,
    Declined,
)
from telehealth_core.scheduling.limits import LimitsReached
from telehealth_core.scheduling.series import Rhythm, SeriesConflicts
from telehealth_core.scheduling.session import Mode
from telehealth_core.scheduling.use_cases import Wish
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Refusal, StaleVersion
from telehealth_core.testing.contracts.beginning import AT
from telehealth_core.testing.contracts.crowding import (
    ALWAYS,
    CALLERS,
    DONE_AT_ONCE,
    WANTED,
    Call,
    Crowd,
    Crowding,
    Kept,
    at_once,
    told,
)

Ask = Callable[["Racing", Crowd, int, int, int], Call]
"""A call for the wanted time: by the caller of this number, for this patient, in that shift."""


@attrs.frozen
class Way:
    """One way to the wanted time, and the events that follow where it is had."""

    ask: Ask
    events: Counter[str]
    answers: bool = True
    """Whether who has it is told so; what machinery does has no answer."""


def _hold(
    _: "Racing", crowd: Crowd, caller: int, patient: int, session: int, start: datetime = WANTED
) -> Call:
    actor = crowd.patients[patient]
    return lambda: (
        crowd.ask.scheduling.hold(
            actor,
            crowd.id(f"held {caller}"),
            patient_id=actor.as_patient(),
            session_id=crowd.sessions[session].id,
            start=start,
            mode=Mode.VIDEO,
            location="GB",
        ).appointment
    )


def _staff(
    _: "Racing", crowd: Crowd, caller: int, patient: int, session: int, start: datetime = WANTED
) -> Call:
    shift, for_whom = crowd.sessions[session], crowd.patients[patient].as_patient()
    return lambda: crowd.ask.desk.book(
        crowd.staff[caller],
        crowd.id(f"at the desk {caller}"),
        patient_id=for_whom,
        session_id=shift.id,
        start=start,
        mode=Mode.VIDEO,
        location="GB",
        agreed=shift.price,
        starts_within_cooling_off=True,
    )


def _series(_: "Racing", crowd: Crowd, caller: int, patient: int, session: int) -> Call:
    shift, actor = crowd.sessions[session], crowd.patients[patient]
    wish = Wish(
        patient_id=actor.as_patient(),
        provider_id=shift.provider_id,
        service=shift.service,
        rhythm=Rhythm(first_day=WANTED.date(), starts=WANTED.time(), every_weeks=1, visits=2),
        mode=Mode.VIDEO,
        location="GB",
        agreed=shift.price,
        starts_within_cooling_off=True,
    )
    id = crowd.id(f"series {caller}")
    return lambda: crowd.ask.series.book(actor, id, wish, card_id=crowd.card(actor))


def _move(test: "Racing", crowd: Crowd, caller: int, patient: int, session: int) -> Call:
    booked = test.booked(crowd, session, patient=patient, days=caller + 10)
    actor, shift = crowd.patients[patient], crowd.sessions[session]
    return lambda: crowd.ask.scheduling.reschedule(
        actor, booked.id, session_id=shift.id, start=WANTED
    )


def _offer(test: "Racing", crowd: Crowd, caller: int, patient: int, session: int) -> Call:
    if caller < WAITING:
        test.entry(crowd, caller, patient=patient, session=session)
    return lambda: crowd.ask.waitlist.offer_new(crowd.system, crowd.added(session))


def _join(_: "Racing", crowd: Crowd, caller: int, patient: int, session: int) -> Call:
    actor = crowd.patients[patient]
    return lambda: crowd.ask.waitlist.join(
        actor,
        crowd.id(f"waits {caller}"),
        patient_id=actor.as_patient(),
        location="GB",
        period=ALWAYS,
        provider_id=crowd.sessions[session].provider_id,
    )


def _shift(_: "Racing", crowd: Crowd, caller: int, __: int, session: int) -> Call:
    return lambda: crowd.ask.diary.add_session(
        crowd.staff[caller],
        crowd.id(f"shift of {caller}"),
        provider_id=crowd.sessions[session].provider_id,
        during=Interval.lasting(WANTED, 60),
        service="gp",
        modes=frozenset(Mode),
        start_every_minutes=15,
    )


def _card(_: "Racing", crowd: Crowd, caller: int, patient: int, __: int) -> Call:
    actor = crowd.patients[patient]
    return lambda: crowd.ask.billing.save_card(actor, crowd.id(f"card {caller}"), "tok_visa")


def _partner(_: "Racing", crowd: Crowd, caller: int, _patient: int, _session: int) -> Call:
    id = crowd.id(f"partner {caller}")
    return lambda: crowd.ask.partnership.add_partner(crowd.staff[caller], id, "Example Charity")


def _account(_: "Racing", crowd: Crowd, caller: int, _patient: int, _session: int) -> Call:
    return lambda: crowd.ask.access.open_account(
        crowd.system,
        crowd.id(f"account {caller}"),
        email=f"office-{caller}@example.org",
        password="a sentence that nobody guesses",  # noqa: S106 - of a practice that is nowhere
        roles=frozenset({Role.LIAISON}),
    )


WAITING = 10
"""Of so many callers at most somebody waits; each worker looks at all who do."""
_PLACED = ("AppointmentHeld", "AppointmentRequested", "ChargePlanned")
HOLD = Way(_hold, Counter(["AppointmentHeld"]))
STAFF = Way(_staff, Counter([*_PLACED, "AppointmentApproved"]))
SERIES = Way(_series, Counter([*_PLACED, *_PLACED]))
MOVE = Way(_move, Counter(["AppointmentRescheduled"]))
OFFER = Way(_offer, Counter(["AppointmentHeld", "TimeOffered"]), answers=False)
JOIN = Way(_join, Counter(["WaitlistJoined"]))
SHIFT = Way(_shift, Counter(["SessionAdded"]))
CARD = Way(_card, Counter(["CardSaved"]))
PARTNER = Way(_partner, Counter(["PartnerAdded"]))
ACCOUNT = Way(_account, Counter(["AccountOpened"]))
EVERY = (HOLD, STAFF, SERIES, MOVE, OFFER)


class Racing(Crowding):
    """Fifty callers at once. A subclass brings `store`, `audit` and `waiting`."""

    # --- one time of one provider, each caller with a patient of their own ----------------------

    def test_a_provider_is_held_once(self) -> None:
        """Fifty patients pick one time (N01, N02)."""
        self.for_one_provider(HOLD)

    def test_a_provider_is_booked_by_staff_once(self) -> None:
        """Fifty members of staff book one time for fifty patients (N01, F22)."""
        self.for_one_provider(STAFF)

    def test_a_provider_is_booked_by_series_once(self) -> None:
        """Fifty series begin at one time: one is there whole, and nothing of the others (N10)."""
        self.for_one_provider(SERIES)

    def test_a_provider_is_moved_to_once(self) -> None:
        """Fifty visits move to one time: one is there, the others stay where they are (F26)."""
        self.for_one_provider(MOVE)

    def test_a_time_is_offered_once(self) -> None:
        """Fifty workers offer one time to fifty who wait (N09)."""
        self.for_one_provider(OFFER)

    def test_a_provider_is_had_once_whichever_way(self) -> None:
        """Holds, staff, series, moves and offers race each other for one time (N01)."""
        self.for_one_provider(*EVERY)

    # --- one patient, each caller with a provider of their own -----------------------------------

    def test_a_patient_holds_once(self) -> None:
        """One patient picks one time with fifty providers (N01, N02)."""
        self.for_one_patient(HOLD)

    def test_a_patient_is_booked_by_staff_once(self) -> None:
        """Fifty members of staff book one patient at one time with fifty providers (N01, F22)."""
        self.for_one_patient(STAFF)

    def test_a_patient_is_booked_by_series_once(self) -> None:
        """Fifty series of one patient begin at one time (N10)."""
        self.for_one_patient(SERIES)

    def test_a_patient_is_moved_once(self) -> None:
        """Fifty visits of one patient move to one time (F26)."""
        self.for_one_patient(MOVE)

    def test_a_patient_is_offered_once(self) -> None:
        """Fifty workers offer one patient one time with fifty providers (N09)."""
        self.for_one_patient(OFFER)

    def test_a_patient_is_had_once_whichever_way(self) -> None:
        """Holds, staff, series, moves and offers race each other for one patient's time (N01)."""
        self.for_one_patient(*EVERY)

    # --- what stands in the way ------------------------------------------------------------------

    def test_a_hold_that_ran_out_gives_way_once(self) -> None:
        """Fifty patients want a time that a lapsed hold still marks: it gives way to one (N02)."""
        crowd = self.crowd(patients=CALLERS + 1)
        late = _hold(self, crowd, CALLERS, CALLERS, 0)()
        gone = attrs.evolve(late, version=2, held_until=AT)
        with self.work(crowd.system) as work:
            work.appointments.save(gone)
        before = self.kept(crowd)
        answers = at_once([_hold(self, crowd, one, one, 0) for one in range(CALLERS)])
        after = self.kept(crowd)
        assert told(answers) == {DONE_AT_ONCE: 1, TimeTaken.code: CALLERS - 1}
        assert after.events - before.events == Counter(["AppointmentHeld", "AppointmentCancelled"])
        assert len(after.holding) == 1

    def test_an_account_holds_no_more_than_it_may(self) -> None:
        """One account asks for fifty times at once and has as many as the limit says (API-03)."""
        crowd = self.crowd(patients=1, providers=CALLERS, holds_most=3)
        calls = [_hold(self, crowd, one, 0, one, _apart(one)) for one in range(CALLERS)]
        before, answers = self.kept(crowd), at_once(calls)
        after = self.kept(crowd)
        assert told(answers) == {DONE_AT_ONCE: 3, LimitsReached.code: CALLERS - 3}
        assert after.events - before.events == Counter({"AppointmentHeld": 3})

    def test_a_patient_has_no_more_visits_than_allowed(self) -> None:
        """Fifty members of staff book one patient on one day, up to the day's limit (F25)."""
        crowd = self.crowd(patients=1, providers=CALLERS, visits_a_day_most=2)
        calls = [_staff(self, crowd, one, 0, one, _apart(one)) for one in range(CALLERS)]
        before, answers = self.kept(crowd), at_once(calls)
        after = self.kept(crowd)
        assert told(answers) == {DONE_AT_ONCE: 2, LimitsReached.code: CALLERS - 2}
        assert len(after.charges) - len(before.charges) == 2

    # --- one appointment ------------------------------------------------------------------------

    def test_an_appointment_is_requested_once(self) -> None:
        """Of fifty requests of one hold, one takes effect and plans one charge (F15)."""
        crowd, held = self._held()
        self._one_takes_effect(
            crowd,
            [self._request(crowd, held) for _ in range(CALLERS)],
            Counter(["AppointmentRequested", "ChargePlanned"]),
        )

    def test_an_appointment_is_approved_once(self) -> None:
        """Of fifty approvals of one request, one takes effect (F25)."""
        crowd, held = self._held()
        self._request(crowd, held)()
        approve = crowd.ask.approval.approve
        calls = [partial(approve, by, held.id) for by in crowd.staff]
        self._one_takes_effect(crowd, calls, Counter(["AppointmentApproved"]))

    def test_an_appointment_is_cancelled_once(self) -> None:
        """Of fifty cancellations of a request, one takes effect and calls its charge off (N17)."""
        crowd, held = self._held()
        self._request(crowd, held)()
        cancel = crowd.ask.scheduling.cancel
        calls = [partial(cancel, by, held.id) for by in crowd.staff]
        self._one_takes_effect(crowd, calls, Counter(["AppointmentCancelled", "ChargeWaived"]))

    def test_a_request_is_approved_or_declined(self) -> None:
        """Those who approve race those who decline: it ends in one of the two, with its charge
        (F25).
        """
        crowd, held = self._held()
        self._request(crowd, held)()
        ask, no = crowd.ask.approval, Declined(DeclineCode.OTHER, "Not today.")
        calls = [
            partial(ask.decline, by, held.id, no)
            if number % 2
            else partial(ask.approve, by, held.id)
            for number, by in enumerate(crowd.staff)
        ]
        approved = Counter(["AppointmentApproved"])
        declined = Counter(["AppointmentCancelled", "ChargeWaived"])
        self._one_takes_effect(crowd, calls, approved, declined)

    # --- one request, sent fifty times ------------------------------------------------------------

    def test_a_request_that_races_itself_finds_the_first(self) -> None:
        """The same id and content from fifty callers at once: all are answered with the one thing
        that was made (N02).
        """
        crowd = self.crowd(providers=3)
        for number, way in enumerate((HOLD, STAFF, SERIES, JOIN, SHIFT, CARD, PARTNER, ACCOUNT)):
            calls = [way.ask(self, crowd, number, number, number % 3)] * CALLERS
            before, answers = self.kept(crowd), at_once(calls)
            after = self.kept(crowd)
            assert told(answers) == {DONE_AT_ONCE: CALLERS}
            assert all(one == answers[0] for one in answers)
            assert after.events - before.events == way.events

    # --- how a race is run ------------------------------------------------------------------------

    def for_one_provider(self, *ways: Way) -> None:
        """Everybody wants one provider."""
        crowd = self.crowd()
        self._race(crowd, ways, lambda way, caller: way.ask(self, crowd, caller, caller, 0))

    def for_one_patient(self, *ways: Way) -> None:
        """Everybody wants one patient."""
        crowd = self.crowd(patients=1, providers=CALLERS)
        self._race(crowd, ways, lambda way, caller: way.ask(self, crowd, caller, 0, caller))

    def _race(self, crowd: Crowd, ways: tuple[Way, ...], ask: Callable[[Way, int], Call]) -> None:
        mixed = list(islice(cycle(ways), CALLERS))
        calls = [ask(way, caller) for caller, way in enumerate(mixed)]
        before, answers = self.kept(crowd), at_once(calls)
        after = self.kept(crowd)
        (won,) = after.holding
        claimants = [
            (way, answer) for way, answer in zip(mixed, answers, strict=True) if way.answers
        ]
        winners = [way for way, answer in claimants if not isinstance(answer, Refusal)]
        assert len(winners) <= 1, f"{len(winners)} were told that they have {won.during}"
        for way, answer in claimants:
            assert way in winners or _taken(answer), answer
        (way,) = winners or [OFFER]
        _nothing_else(before, after, way.events)

    def _one_takes_effect(self, crowd: Crowd, calls: Sequence[Call], *either: Counter[str]) -> None:
        before, answers = self.kept(crowd), at_once(calls)
        after = self.kept(crowd)
        late = {DONE_AT_ONCE, StaleVersion.code, IllegalTransition.code}
        assert told(answers)[DONE_AT_ONCE] == 1, told(answers)
        assert set(told(answers)) <= late, told(answers)
        gained = after.events - before.events
        assert gained in either, gained
        assert after.audited - before.audited == gained.total()
        assert len(after.charges) == 1

    def _held(self) -> tuple[Crowd, Any]:
        crowd = self.crowd(patients=1)
        return crowd, _hold(self, crowd, 0, 0, 0)()

    @staticmethod
    def _request(crowd: Crowd, held: Any) -> Call:
        actor = crowd.patients[0]
        return lambda: crowd.ask.scheduling.request(
            actor,
            held.id,
            agreed=held.price,
            card_id=crowd.card(actor),
            starts_within_cooling_off=True,
        )


def _apart(caller: int) -> datetime:
    """A time that nobody else asks for, on the same day."""
    return WANTED + timedelta(minutes=15 * caller)


def _taken(answer: Any) -> bool:
    """Whether somebody was told that the time is somebody else's: of a series, day by day."""
    if isinstance(answer, SeriesConflicts):
        return all(one.rules == (NO_CLASH,) for one in answer.conflicts)
    return isinstance(answer, TimeTaken)


def _nothing_else(before: Kept, after: Kept, events: Counter[str]) -> None:
    """What follows from one winner is there, and of all others nothing but their refusals."""
    assert after.events - before.events == events, after.events - before.events
    assert not before.events - after.events
    assert after.audited - before.audited == events.total()
    assert len(after.appointments) - len(before.appointments) == events["AppointmentHeld"]
    assert len(after.charges) - len(before.charges) == events["ChargePlanned"]
