"""What people can ask of billing: to keep cards, correct sums and agree to them, pay, report."""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.access.use_cases.reading import shown
from telehealth_core.billing.card import Card, CardInUse, CardStatus, default_first
from telehealth_core.billing.charge import Charge, ChargeStatus
from telehealth_core.billing.ledger import Extra, Pricing, none_of
from telehealth_core.billing.ports import BillingWork, Payments
from telehealth_core.billing.report import PaymentReport, ReportLine, Sums, added, verify
from telehealth_core.registration.use_cases import authorized_patient
from telehealth_core.shared.ids import AppointmentId, CardId, ChargeId, UserId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money

PAGE = 1_000
LIST_MOST = 500


def call_off(work: BillingWork, id: AppointmentId, fee: Money, *, by: UserId, at: datetime) -> None:
    """Shrink what a visit costs to this fee, in the unit of work that ends the visit: it will not
    be, or was unsuitable (N17). A visit without a charge has nothing to shrink.
    """
    first = work.charges.find(Charge.id_of(id))
    if first is None:
        return
    further = [
        work.charges.get(Charge.id_of(id, number + 1)) for number in range(first.supplements)
    ]
    for charge in (first, *further):
        if not charge.settled_without_payment:
            owed = none_of(fee) if charge.number else fee
            called_off, event = charge.call_off(owed, by=by, at=at)
            work.charges.save(called_off, event)


@attrs.frozen
class Billing:
    """The money of visits."""

    work: UnitOfWork[BillingWork]
    clock: Clock
    payments: Payments

    def save_card(self, actor: Actor, id: CardId, token: str) -> Card:
        """Keep a card for the acting patient's coming visits (F43); asking again with the same id
        finds the first.

        Raises: CardDeclined, NotVerified, Unavailable.
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.SAVE_CARD, actor.as_patient(), at)
            patient.require_verified(at)
            existing = work.cards.find(id)
        if existing is not None and existing.patient_id == patient.id:
            return existing
        details = self.payments.keep_card(patient.id, token, id)
        with self.work(actor) as work:
            work.take_turns(id)
            kept = work.cards.find(id)
            if kept is not None and kept.patient_id == patient.id:
                return kept
            card, event = Card.save(id, actor.practice_id, patient.id, details, by=actor.id, at=at)
            work.cards.save(card, event)
        return card

    def cards(self, actor: Actor) -> tuple[Card, ...]:
        """The acting patient's cards: the default, then the newest first (F43)."""
        with self.work(actor) as work:
            patient = authorized_patient(
                work, actor, Action.VIEW_CARDS, actor.as_patient(), self.clock()
            )
            work.read(Action.VIEW_CARDS, patient.id, patient.id)
            return default_first(work.cards.of_patient(patient.id))

    def prefer_card(self, actor: Actor, id: CardId) -> Card:
        """Make one of the acting patient's cards the default (F43).

        Raises: Unknown, IllegalTransition.
        """
        at = self.clock()
        with self.work(actor) as work:
            card = self._card(work, actor, id)
            preferred, event = card.prefer(by=actor.id, at=at)
            work.cards.save(preferred, event)
        return preferred

    def remove_card(self, actor: Actor, id: CardId) -> Card:
        """Keep one of the acting patient's cards no longer; removing it again changes nothing
        (F43).

        Raises: CardInUse while a charge needs it; Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            card = self._card(work, actor, id)
            if card.status is CardStatus.REMOVED:
                return card
            if work.charges.needing(id):
                raise CardInUse
            removed, event = card.remove(by=actor.id, at=at)
            work.cards.save(removed, event)
        return removed

    def charge(self, actor: Actor, appointment_id: AppointmentId, *, number: int = 0) -> Charge:
        """What the visit costs and where the money stands (F48). How to confirm a payment is for
        its payer only.

        Raises: Unknown, NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            charge = work.charges.get(Charge.id_of(appointment_id, number))
            patient = work.patients.get(charge.patient_id)
            authorize(actor, Action.VIEW_CHARGE, relations(actor, patient.ties, at=at), of="charge")
            work.read(Action.VIEW_CHARGE, patient.id, charge.id)
        return charge if actor.patient_id == charge.payer_id else charge.without_action()

    def correct(
        self,
        actor: Actor,
        appointment_id: AppointmentId,
        *,
        insurance_bp: int = 0,
        insurance_fixed: Money | None = None,
        extras: tuple[Extra, ...],
        reason: str,
    ) -> Charge:
        """Set the insurance share and the extra services of a visit before its sum is taken (F46,
        F47).

        Raises: AboveAgreement, IllegalTransition, Invalid, NotPermitted.
        """
        with self.work(actor) as work:
            authorize(actor, Action.CORRECT_CHARGE, relations(actor), of="charge")
            charge = work.charges.get(Charge.id_of(appointment_id))
            corrected, event = charge.correct(
                Pricing(extras, insurance_bp, insurance_fixed),
                reason=reason,
                by=actor.id,
                at=self.clock(),
            )
            work.charges.save(corrected, event)
        return corrected

    def propose_increase(
        self,
        actor: Actor,
        appointment_id: AppointmentId,
        *,
        insurance_bp: int = 0,
        insurance_fixed: Money | None = None,
        extras: tuple[Extra, ...],
        reason: str,
    ) -> Charge:
        """Ask who pays to agree to more than they did; it applies only once they do (PAY-06).

        Raises: IllegalTransition, Invalid, NotPermitted.
        """
        with self.work(actor) as work:
            authorize(actor, Action.CORRECT_CHARGE, relations(actor), of="charge")
            charge = work.charges.get(Charge.id_of(appointment_id))
            proposed, event = charge.propose_increase(
                Pricing(extras, insurance_bp, insurance_fixed),
                reason=reason,
                by=actor.id,
                at=self.clock(),
            )
            work.charges.save(proposed, event)
        return proposed

    def agree(self, actor: Actor, appointment_id: AppointmentId, due: Money) -> Charge:
        """Agree, as who pays, to the sum that the practice proposes (PAY-06). Of a visit that was
        paid it makes a supplement, which may be taken at once.

        Raises: NotProposed, IllegalTransition, NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            charge = _own(work, actor, Action.AGREE_CHARGE, Charge.id_of(appointment_id), at)
            agreed, event = charge.agree(due, by=actor.id, at=at)
            work.charges.save(agreed, event)
            if agreed.supplements > charge.supplements:
                supplement, planned = agreed.supplement(due, by=actor.id, at=at)
                work.charges.save(supplement, planned)
                work.charges.save(*supplement.release(by=actor.id, at=at))
        return agreed

    def pay(
        self, actor: Actor, appointment_id: AppointmentId, card_id: CardId, *, number: int = 0
    ) -> Charge:
        """Have another card used, as who pays; what was declined is tried at once (F43, F45).

        Raises: CardExpired, IllegalTransition, NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            charge = _own(work, actor, Action.PAY_CHARGE, Charge.id_of(appointment_id, number), at)
            work.cards.get(card_id).require_usable(charge.payer_id, at)
            charge, event = charge.change_card(card_id, by=actor.id, at=at)
            work.charges.save(charge, event)
            if charge.status is ChargeStatus.FAILED:
                charge, released = charge.retry(by=actor.id, at=at)
                work.charges.save(charge, released)
        return charge

    def confirm(self, actor: Actor, appointment_id: AppointmentId, *, number: int = 0) -> Charge:
        """Tell, as who pays, that the payment was confirmed with the bank; the processor is asked
        what became of it.

        Raises: IllegalTransition, NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            charge = _own(work, actor, Action.PAY_CHARGE, Charge.id_of(appointment_id, number), at)
            confirmed, event = charge.confirm(by=actor.id, at=at)
            work.charges.save(confirmed, event)
        return confirmed

    def refund(
        self,
        actor: Actor,
        appointment_id: AppointmentId,
        amount: Money,
        *,
        reason: str,
        number: int = 0,
    ) -> Charge:
        """Give back a part of what was paid, or all of it (F46, F48).

        Raises: Invalid, IllegalTransition, NotPermitted, Unknown.
        """
        with self.work(actor) as work:
            authorize(actor, Action.REFUND_CHARGE, relations(actor), of="charge")
            charge = work.charges.get(Charge.id_of(appointment_id, number))
            reimbursed, event = charge.reimburse(
                amount, reason=reason, by=actor.id, at=self.clock()
            )
            work.charges.save(reimbursed, event)
        return reimbursed

    def write_off(
        self, actor: Actor, appointment_id: AppointmentId, *, reason: str, number: int = 0
    ) -> Charge:
        """Give up what was declined (F45).

        Raises: IllegalTransition, Invalid, NotPermitted, Unknown.
        """
        with self.work(actor) as work:
            authorize(actor, Action.WRITE_OFF_CHARGE, relations(actor), of="charge")
            charge = work.charges.get(Charge.id_of(appointment_id, number))
            written_off, event = charge.write_off(reason, by=actor.id, at=self.clock())
            work.charges.save(written_off, event)
        return written_off

    def arrears(self, actor: Actor) -> tuple[Charge, ...]:
        """What was declined for good and is still owed, the oldest first (F45)."""
        with self.work(actor) as work:
            authorize(actor, Action.REPORT_PAYMENTS, relations(actor))
            return shown(work, Action.REPORT_PAYMENTS, work.charges.in_arrears(limit=LIST_MOST))

    def report(
        self, actor: Actor, period: Interval, after: ChargeId | None = None
    ) -> PaymentReport:
        """What was agreed, insured, taken and given back in the period, each payment checked at the
        processor (F48). A long report comes in pages: `after` is the last charge of the page
        before.

        Raises: Unknown, Unavailable.
        """
        with self.work(actor) as work:
            authorize(actor, Action.REPORT_PAYMENTS, relations(actor))
            last = None if after is None else work.charges.get(after)
            charges = work.charges.planned_in(period, after=last, limit=PAGE + 1)
            page = shown(work, Action.REPORT_PAYMENTS, charges[:PAGE])
        outcomes = self.payments.outcomes(
            frozenset(key for charge in page for key in charge.payment_keys)
        )
        refunds = self.payments.refunds(
            frozenset(key for charge in page for key in charge.refund_keys)
        )
        lines = tuple(ReportLine.of(charge, verify(charge, outcomes, refunds)) for charge in page)
        return PaymentReport(period, lines, more=len(charges) > PAGE)

    def totals(self, actor: Actor, period: Interval) -> Sums:
        """The sums of the whole period by currency, however many charges there are (F48, N05)."""
        with self.work(actor) as work:
            authorize(actor, Action.REPORT_PAYMENTS, relations(actor))
            sums: Sums = {}
            last: Charge | None = None
            while charges := work.charges.planned_in(period, after=last, limit=PAGE):
                sums, last = added(sums, charges), charges[-1]
        return sums

    def _card(self, work: BillingWork, actor: Actor, id: CardId) -> Card:
        patient = authorized_patient(
            work, actor, Action.MANAGE_CARD, actor.as_patient(), self.clock()
        )
        card = work.cards.get(id)
        card.require_owner(patient.id)
        return card


def _own(work: BillingWork, actor: Actor, action: Action, id: ChargeId, at: datetime) -> Charge:
    """The charge, if the actor is who pays it."""
    charge = work.charges.get(id)
    payer = work.patients.get(charge.payer_id)
    authorize(actor, action, relations(actor, payer.ties, at=at), of="charge")
    return charge
