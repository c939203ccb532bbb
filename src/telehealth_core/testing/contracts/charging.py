"""What a store finds of money."""

from datetime import timedelta

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.billing.card import Card, CardDetails
from telehealth_core.billing.charge import Charge
from telehealth_core.billing.life import ChargeStatus
from telehealth_core.scheduling.appointment import TimeTaken
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.shared.ids import (
    CardId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.contracts.beginning import AT, StoreBeginning, named, refused


class Collecting(StoreBeginning):
    """Charges and cards are found by what is left to do."""

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

    def test_a_visit_with_its_charge_at_a_time_that_is_taken_is_told_so(self) -> None:
        """Not that the charge's visit is unknown: what was in the way is what is told (N02)."""
        actor = self.opened()
        self.hold(actor, self.appointment(actor, "first"))
        late = self.appointment(actor, "late", who="two")
        charge, planned = Charge.plan(
            late.id,
            actor.practice_id,
            late.price,
            patient_id=late.patient_id,
            payer_id=late.patient_id,
            card_id=None,
            by=actor.id,
            at=AT,
        )
        with refused(TimeTaken), self.work(actor) as work:
            work.appointments.save(late, late.held(by=actor.id, at=AT))
            work.charges.save(charge, planned)
        with self.work(actor) as work:
            assert work.appointments.find(late.id) is None
            assert work.charges.find(charge.id) is None

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
