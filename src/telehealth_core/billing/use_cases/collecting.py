"""What the practice's machinery does about money: take it once, try again, give it back.

Whatever goes to the processor was written down before, under a key of its own, so that every step
can be repeated (N04).
"""

from contextlib import suppress
from datetime import timedelta

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.billing.charge import Charge, ChargeStatus
from telehealth_core.billing.payment import PaymentOrder, PaymentOutcome
from telehealth_core.billing.ports import BillingWork, Payments
from telehealth_core.practice.settings import Settings
from telehealth_core.practice.use_cases import settings_under
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import AppointmentId, CardId, ChargeId
from telehealth_core.shared.refusal import StaleVersion

TAKEN_UP_MOST = 200
_OPEN = frozenset({ChargeStatus.BILLABLE, ChargeStatus.COLLECTING})


@attrs.frozen
class Collecting:
    """The machinery that takes sums, and gives them back."""

    work: UnitOfWork[BillingWork]
    clock: Clock
    payments: Payments

    def release(self, actor: Actor, event: Event) -> None:
        """Let the sum of a completed visit be taken: reaction to AppointmentFulfilled, safe to
        repeat (F45).

        A visit that was paid at booking has nothing to release.
        """
        with self.work(actor) as work:
            authorize(actor, Action.COLLECT_CHARGE, relations(actor))
            charge = work.charges.find(Charge.id_of(AppointmentId(event.subject)))
            if charge is not None and charge.status is ChargeStatus.PLANNED:
                released, done = charge.release(by=actor.id, at=self.clock())
                work.charges.save(released, done)

    def collect(self, actor: Actor, event: Event) -> Charge:
        """Take what is due for a released charge: reaction to ChargeReleased and PaymentConfirmed,
        safe to repeat (PAY-05).

        The order is written down first, under its own key; then the processor is asked; then its
        answer is written. A crash between any two leads back here with the same key.

        Raises: Unavailable while the outcome is not known.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.COLLECT_CHARGE, relations(actor))
            charge = work.charges.get(ChargeId(event.subject))
            if charge.status not in _OPEN:
                return charge
            fresh = charge.status is ChargeStatus.BILLABLE
            if fresh and (charge.card_id is None or not charge.due.minor):
                free = not charge.due.minor
                ended, event_of = (charge.waive if free else charge.lack_card)(by=actor.id, at=at)
                work.charges.save(ended, event_of)
                return ended
            assert charge.card_id is not None, "what was ordered was ordered from a card"
            card = work.cards.get(charge.card_id)
            if fresh:
                again_at = at + _wait(_settings(work, charge))
                charge, ordered = charge.order(again_at=again_at, by=actor.id, at=at)
                work.charges.save(charge, ordered)
        order = PaymentOrder(
            key=charge.payment_key,
            customer=charge.payer_id,
            card_token=card.details.token,
            amount=charge.ordered or charge.due,
        )
        return self._note(actor, charge, self.payments.collect(order))

    def abandon(self, actor: Actor, event: Event) -> Charge:
        """End a payment that its payer did not confirm in time: reaction to ConfirmationLapsed,
        safe to repeat. If they were quicker after all, it is paid.

        Raises: Unavailable while the outcome is not known.
        """
        with self.work(actor) as work:
            authorize(actor, Action.COLLECT_CHARGE, relations(actor))
            charge = work.charges.get(ChargeId(event.subject))
        if not charge.awaits_payer:
            return charge
        return self._note(actor, charge, self.payments.abandon(charge.payment_key))

    def retry_due(self, actor: Actor) -> int:
        """Take up again what has waited long enough: a declined sum is tried once more, an order
        whose outcome is not known is asked about, one that its payer did not confirm is over. How
        many there were; asking again at the same instant finds none (F45).
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.COLLECT_CHARGE, relations(actor))
            waiting = work.charges.to_take_up(at, limit=TAKEN_UP_MOST)
        for one in waiting:
            with suppress(StaleVersion), self.work(actor) as work:
                if one.status is ChargeStatus.FAILED:
                    work.charges.save(*one.retry(by=actor.id, at=at))
                else:
                    again_at = at + _wait(_settings(work, one))
                    work.charges.save(*one.resume(again_at=again_at, by=actor.id, at=at))
        return len(waiting)

    def give_back(self, actor: Actor, event: Event) -> None:
        """Give back what is to be given back of a charge: reaction to ChargeCalledOff, ChargePaid
        and RefundOrdered, safe to repeat.

        The refund stands in the ledger first, under its own key; then the processor is asked; then
        it is noted as made (N04).

        Raises: Unavailable while the outcome is not known.
        """
        while True:
            with self.work(actor) as work:
                authorize(actor, Action.COLLECT_CHARGE, relations(actor))
                charge = work.charges.get(ChargeId(event.subject))
            number = charge.refunds_made
            if number == len(charge.refunds):
                return
            self.payments.refund(
                charge.payment_key, charge.refunds[number], charge.refund_key(number)
            )
            with self.work(actor) as work:
                work.charges.save(*charge.refund(by=actor.id, at=self.clock()))

    def forget_card(self, actor: Actor, event: Event) -> None:
        """Have the processor forget a card that its owner removed: reaction to CardRemoved, safe to
        repeat (F43).

        Raises: Unavailable.
        """
        with self.work(actor) as work:
            authorize(actor, Action.COLLECT_CHARGE, relations(actor))
            card = work.cards.get(CardId(event.subject))
        self.payments.forget_card(card.details.token)

    def _note(self, actor: Actor, charge: Charge, outcome: PaymentOutcome) -> Charge:
        """Write the processor's answer."""
        at = self.clock()
        if outcome.requires_action and charge.awaits_payer:
            return charge
        with self.work(actor) as work:
            settings = _settings(work, charge)
            later = at + _wait(settings)
            if outcome.requires_action:
                noted, asked = charge.await_payer(
                    outcome, until=charge.confirm_by or later, by=actor.id, at=at
                )
                work.charges.save(noted, asked)
                return noted
            again_at = later if charge.attempt < settings.collect_attempts_most else None
            settled, done = charge.settle(outcome, again_at=again_at, by=actor.id, at=at)
            work.charges.save(settled, done)
            if settled.status is ChargeStatus.FAILED and not settled.due.minor:
                settled, nothing = settled.waive(by=actor.id, at=at)
                work.charges.save(settled, nothing)
        return settled


def _settings(work: BillingWork, charge: Charge) -> Settings:
    """The rules under which the visit was booked."""
    practice = work.practices.get(charge.practice_id)
    return settings_under(work, practice, charge.settings_version)


def _wait(settings: Settings) -> timedelta:
    return timedelta(hours=settings.collect_retry_hours)
