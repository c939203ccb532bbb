"""Any sequence of joining, freeing, letting lapse and taking: order and occupancy hold (N09)."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from telehealth_core.scheduling.appointment import Appointment, TimeTaken
from telehealth_core.scheduling.availability import NotBookable
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.limits import LimitsReached
from telehealth_core.scheduling.waitlist import WaitlistEntry, WaitlistStatus, offer_id
from telehealth_core.shared.ids import AppointmentId, WaitlistEntryId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Refusal
from unit.clinic import Clinic, provider_of

PEOPLE, TIMES = 3, 4
HALF = timedelta(minutes=30)
WAITING, OFFERED = WaitlistStatus.WAITING, WaitlistStatus.OFFERED


class Waiting(RuleBasedStateMachine):
    """A few patients, one provider with four times; whatever follows from an act has happened,
    once or twice, before the next.
    """

    @initialize(repeats=st.integers(1, 2))
    def open(self, repeats: int) -> None:
        """Everybody is verified, and the shift begins in a day."""
        self.clinic = Clinic(holds_most=6, visits_a_day_most=20, offer_minutes=30)
        self.repeats = repeats
        self.provider = self.clinic.provider()
        self.patients = [self.clinic.patient() for _ in range(PEOPLE)]
        begin = self.clinic.clock() + timedelta(days=1)
        self.session = self.clinic.session(self.provider, start=begin, hours=TIMES / 2)
        self.clinic.drain()

    @property
    def entries(self) -> list[WaitlistEntry]:
        """Every entry, in order."""
        rows: list[WaitlistEntry] = list(self.clinic.store.rows.get("waitlist", {}).values())
        return sorted(rows, key=lambda one: (one.joined_at, one.id))

    @property
    def appointments(self) -> dict[AppointmentId, Appointment]:
        """Every claim."""
        rows: dict[Any, Appointment] = self.clinic.store.rows.get("appointments", {})
        return rows

    def follow(self) -> None:
        """Let happen what follows, and see that nobody was passed over."""
        before = {one.id for one in self.entries if one.status is OFFERED}
        self.clinic.drain(self.repeats)
        for number, one in enumerate(self.entries):
            if one.status is OFFERED and one.id not in before:
                offer = self.offer_of(one)
                assert not any(self.could_have(other, offer) for other in self.entries[:number])

    def offer_of(self, entry: WaitlistEntry) -> Appointment:
        """The hold that the entry has or had."""
        assert entry.appointment_id is not None
        return self.appointments[entry.appointment_id]

    def could_have(self, entry: WaitlistEntry, offer: Appointment) -> bool:
        """Whether who still waits could have had that time instead."""
        start = offer.during.start
        elsewhere = any(
            one.patient_id == entry.patient_id
            and one.occupying(self.clinic.clock())
            and one.during.overlaps(offer.during)
            for one in self.appointments.values()
        )
        offered = offer_id(entry.patient_id, offer.provider_id, start) in self.appointments
        return entry.status is WAITING and start in entry.period and not elsewhere and not offered

    @rule(who=st.integers(0, PEOPLE - 1), first=st.integers(0, 3), times=st.integers(1, TIMES))
    def join(self, who: int, first: int, times: int) -> None:
        """Wait for any of some of the times."""
        patient, begin = self.patients[who], self.session.during.start + first * HALF
        if sum(one.live and one.patient_id == patient.patient_id for one in self.entries) == 6:
            return
        self.clinic.ask.waitlist.join(
            patient,
            WaitlistEntryId(self.clinic.new_id()),
            patient_id=patient.as_patient(),
            provider_id=provider_of(self.provider),
            location="GB",
            period=Interval(begin, begin + times * HALF),
        )
        self.follow()

    @rule(who=st.integers(0, PEOPLE - 1), time=st.integers(0, TIMES - 1))
    def hold(self, who: int, time: int) -> None:
        """Pick a time if it is open."""
        start = self.session.during.start + time * HALF
        with suppress(TimeTaken, LimitsReached, NotBookable):
            self.clinic.hold(self.patients[who], self.session, start)
        self.follow()

    @rule(number=st.integers(0, 9))
    def give_up(self, number: int) -> None:
        """Staff cancel a claim that stands."""
        live = [one for one in self.appointments.values() if one.occupying(self.clinic.clock())]
        if live:
            self.clinic.ask.scheduling.cancel(self.clinic.liaison, live[number % len(live)].id)
            self.follow()

    @rule(number=st.integers(0, 9))
    def take(self, number: int) -> None:
        """Who was offered a time requests it, while it is kept."""
        offered = [one for one in self.entries if one.status is OFFERED]
        if not offered:
            return
        entry = offered[number % len(offered)]
        who = next(one for one in self.patients if one.patient_id == entry.patient_id)
        if self.offer_of(entry).lapsed(self.clinic.clock()):
            with pytest.raises(Refusal):
                self.clinic.request(who, self.offer_of(entry))
            return
        self.clinic.request(who, self.offer_of(entry))
        self.follow()
        taken: WaitlistEntry = self.clinic.store.rows["waitlist"][entry.id]
        assert taken.status is WaitlistStatus.TAKEN

    @rule(number=st.integers(0, 9))
    def leave(self, number: int) -> None:
        """Somebody waits no longer."""
        live = [one for one in self.entries if one.live]
        if live:
            self.clinic.ask.waitlist.leave(self.clinic.liaison, live[number % len(live)].id)
            self.follow()

    @rule(minutes=st.sampled_from([5, 31]))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.clinic.clock.forward(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        """The machinery looks for holds that ran out, until there is none."""
        while self.clinic.ask.waitlist.offer_again(self.clinic.system):
            self.follow()
        assert not any(one.lapsed(self.clinic.clock()) for one in self.appointments.values())

    @precondition(lambda self: hasattr(self, "clinic"))
    @invariant()
    def nobody_is_in_two_places(self) -> None:
        """No two claims that take their time overlap, offers included (N01)."""
        now = self.clinic.clock()
        alive = [one for one in self.appointments.values() if one.occupying(now)]
        for number, one in enumerate(alive):
            assert not any(one.competes_with(other) for other in alive[:number])

    @precondition(lambda self: hasattr(self, "clinic"))
    @invariant()
    def an_offer_is_a_hold_of_the_patient_until_the_deadline(self) -> None:
        """Offered means held for that patient; once it lapsed it is swept, and then lapsed too."""
        for entry in self.entries:
            if entry.status is OFFERED:
                held = self.offer_of(entry)
                assert held.status is AppointmentStatus.HELD
                assert (held.patient_id, held.held_until) == (
                    entry.patient_id,
                    entry.offered_until,
                )
            elif entry.status is WaitlistStatus.LAPSED:
                assert self.offer_of(entry).status is AppointmentStatus.CANCELLED

    @precondition(lambda self: hasattr(self, "clinic"))
    @invariant()
    def no_time_is_offered_twice_to_anybody(self) -> None:
        """However often one joins, and however often it becomes free (N09)."""
        offers = [one.appointment_id for one in self.entries if one.appointment_id]
        assert len(offers) == len(set(offers))


TestWaiting = Waiting.TestCase
TestWaiting.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
