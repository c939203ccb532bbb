"""What a store keeps: whole, once, of one practice, and nobody in two places at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import attrs

from telehealth_core.scheduling.appointment import TimeTaken
from telehealth_core.scheduling.life import CancellationReason
from telehealth_core.shared.ids import (
    PatientId,
    ProviderId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import IdReused, StaleVersion, Unknown
from telehealth_core.testing.contracts.beginning import AT, StoreBeginning, named, practice, refused


class Keeping(StoreBeginning):
    """Saves are kept whole or not at all, and guarded."""

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

    def test_a_practice_seen_lately_is_one_that_was_there(self) -> None:
        """It may be out of date, and whoever then gets it finds the one that is."""
        actor = self.opened()
        first = practice("north")
        with self.work(actor) as work:
            assert work.practices.lately(first.id) == first
        settings = attrs.evolve(first.settings, version=2, lead_minutes=90)
        changed, event = first.change_settings(settings, by=actor.id, at=AT)
        with self.work(actor) as work:
            work.practices.save(changed, event)
        with self.work(actor) as work:
            assert work.practices.lately(first.id) in (first, changed)
            assert work.practices.get(first.id) == changed
            assert work.practices.lately(first.id) == changed
        with refused(Unknown), self.work(actor) as work:
            work.practices.lately(practice("nowhere").id)

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
