"""What a store finds of an outside record system: links, conflicts, quarantine and cursors."""

from datetime import timedelta

import attrs

from telehealth_core.records.conflict import RecordConflict
from telehealth_core.records.cursor import RecordCursor
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.merge import Difference
from telehealth_core.records.quarantine import Problem, Quarantined
from telehealth_core.shared.ids import RecordConflictId
from telehealth_core.shared.refusal import IdReused
from telehealth_core.testing.contracts.beginning import AT, StoreBeginning, named, refused


class Syncing(StoreBeginning):
    """What is kept of the outside records is found."""

    def test_an_outside_record_is_linked_once_and_found_by_its_own_name(self) -> None:
        """In its own kind and practice alone; a second link to it is refused (F55)."""
        actor, there = self.opened(), self.opened("there")
        patient = self.patient_id(actor, "one")
        link = RecordLink(
            id=RecordLink.id_of(patient),
            practice_id=actor.practice_id,
            kind=RecordKind.PATIENT,
            subject=patient,
            patient_id=patient,
            outside_id="42",
            last_agreed={"phone": None, "email": "a@example.org"},
            seen_at=AT,
        )
        with self.work(actor) as work:
            work.record_links.save(link, link.linked(by=actor.id))
        with self.work(actor) as work:
            assert work.record_links.by_outside_id(RecordKind.PATIENT, "42") == link
            assert work.record_links.by_outside_id(RecordKind.PROVIDER, "42") is None
            assert work.record_links.by_outside_id(RecordKind.PATIENT, "43") is None
        with self.work(there) as work:
            assert work.record_links.by_outside_id(RecordKind.PATIENT, "42") is None
        other = attrs.evolve(link, id=RecordLink.id_of(named("two")), subject=named("two"))
        with refused(IdReused), self.work(actor) as work:
            work.record_links.save(other, other.linked(by=actor.id))

    def test_conflicts_are_found_in_order_and_by_what_they_are_about(self) -> None:
        """Open ones in the queue, all of them about one thing (F58)."""
        actor = self.opened()
        patient = self.patient_id(actor, "one")
        made = [
            RecordConflict(
                id=RecordConflictId(named(f"conflict {day}")),
                practice_id=actor.practice_id,
                kind=RecordKind.PATIENT,
                subject=subject,
                patient_id=patient,
                differences=(Difference("phone", None, "1", f"{day}"),),
                found_at=AT + timedelta(days=day),
            )
            for day, subject in enumerate((patient, named("visit"), patient))
        ]
        settled, event = made[0].settle(by=actor.id, at=AT)
        with self.work(actor) as work:
            for one in made[:1]:
                work.record_conflicts.save(one, one.found(by=actor.id))
            work.record_conflicts.save(settled, event)
            for one in made[1:]:
                work.record_conflicts.save(one, one.found(by=actor.id))
        with self.work(actor) as work:
            found = work.record_conflicts
            assert found.open(limit=9) == (made[1], made[2])
            assert found.open(limit=1) == (made[1],)
            assert found.open_about(patient) == made[2]
            assert found.open_about(named("nothing")) is None
            assert found.about(patient) == (settled, made[2])

    def test_what_waits_without_a_place_is_found_in_order(self) -> None:
        """Whole, the oldest first, and no more once it was dismissed (F58)."""
        actor = self.opened()
        made = [
            Quarantined(
                id=Quarantined.id_of(actor.practice_id, RecordKind.APPOINTMENT, f"{day}"),
                practice_id=actor.practice_id,
                kind=RecordKind.APPOINTMENT,
                outside_id=f"{day}",
                row={"start": None, "status": "scheduled"},
                patient="p",
                problem=Problem.UNKNOWN_PATIENT,
                candidates=(self.patient_id(actor, "one"),),
                heard_at=AT + timedelta(days=day),
            )
            for day in range(3)
        ]
        dismissed, event = made[1].dismiss("a test", by=actor.id, at=AT)
        with self.work(actor) as work:
            for one in made:
                work.quarantine.save(one, one.quarantined(by=actor.id))
            work.quarantine.save(dismissed, event)
        with self.work(actor) as work:
            assert work.quarantine.waiting(limit=9) == (made[0], made[2])
            assert work.quarantine.waiting(limit=1) == (made[0],)
            assert work.quarantine.get(dismissed.id) == dismissed

    def test_a_cursor_is_kept_as_it_stands(self) -> None:
        """With the other side's own word for how far it was read (F56)."""
        actor = self.opened()
        begun = RecordCursor.begin(actor.practice_id, RecordKind.PATIENT, AT)
        every = timedelta(minutes=15)
        read, event = begun.polled("page 2", every=every, more=False, by=actor.id, at=AT)
        with self.work(actor) as work:
            assert work.record_cursors.find(begun.id) is None
            work.record_cursors.save(read, event)
        with self.work(actor) as work:
            assert work.record_cursors.get(begun.id) == read
