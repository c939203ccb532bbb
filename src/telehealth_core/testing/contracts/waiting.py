"""What a store finds of those who wait, and of holds that ran out."""

from datetime import timedelta
from typing import Any

import attrs

from telehealth_core.scheduling.waitlist import WaitlistEntry
from telehealth_core.shared.ids import (
    AppointmentId,
    WaitlistEntryId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.contracts.beginning import AT, StoreBeginning, named


class Waiting(StoreBeginning):
    """The waitlist is found in order."""

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
