"""What can be asked of billing: to keep cards, correct sums, take what is due once, report it."""

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.billing.card import Card
from telehealth_core.billing.charge import Charge, ChargeStatus, Extra
from telehealth_core.billing.payment import PaymentOrder
from telehealth_core.billing.ports import BillingWork, Payments
from telehealth_core.billing.report import PaymentReport, ReportLine
from telehealth_core.registration.use_cases import authorized_patient
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import AppointmentId, CardId, ChargeId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Unavailable

REPORT_MOST = 1_000


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
            card, event = Card.save(id, actor.practice_id, patient.id, details, by=actor.id, at=at)
            work.cards.save(card, event)
        return card

    def cards(self, actor: Actor) -> tuple[Card, ...]:
        """The acting patient's cards, the newest first."""
        with self.work(actor) as work:
            patient = authorized_patient(
                work, actor, Action.VIEW_CARDS, actor.as_patient(), self.clock()
            )
            work.read(Action.VIEW_CARDS, patient.id, patient.id)
            return work.cards.of_patient(patient.id)

    def charge(self, actor: Actor, appointment_id: AppointmentId) -> Charge:
        """What the visit costs and where the money stands (F48).

        Raises: Unknown, NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            charge = work.charges.get(Charge.id_of(appointment_id))
            patient = work.patients.get(charge.patient_id)
            authorize(actor, Action.VIEW_CHARGE, relations(actor, patient.ties, at=at), of="charge")
            work.read(Action.VIEW_CHARGE, patient.id, charge.id)
        return charge

    def correct(
        self,
        actor: Actor,
        appointment_id: AppointmentId,
        *,
        insurance_bp: int,
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
                insurance_bp=insurance_bp,
                extras=extras,
                reason=reason,
                by=actor.id,
                at=self.clock(),
            )
            work.charges.save(corrected, event)
        return corrected

    def collect(self, actor: Actor, event: Event) -> Charge:
        """Take what is due for a released charge: reaction to ChargeReleased, safe to repeat
        (PAY-05).

        The order is written down first, under its own key; then the processor is asked; then its
        answer is written. A crash between any two leads back here with the same key.

        Raises: Unavailable while the outcome is not known.
        """
        with self.work(actor) as work:
            authorize(actor, Action.COLLECT_CHARGE, relations(actor))
            charge = work.charges.get(ChargeId(event.subject))
            if charge.status not in {ChargeStatus.BILLABLE, ChargeStatus.COLLECTING}:
                return charge
            if charge.card_id is None or charge.due.minor == 0:
                waived, nothing = charge.waive(by=actor.id, at=self.clock())
                work.charges.save(waived, nothing)
                return waived
            card = work.cards.get(charge.card_id)
            if charge.status is ChargeStatus.BILLABLE:
                charge, ordered = charge.order(by=actor.id, at=self.clock())
                work.charges.save(charge, ordered)
        order = PaymentOrder(
            key=charge.payment_key,
            customer=charge.payer_id,
            card_token=card.details.token,
            amount=charge.due,
        )
        outcome = self.payments.collect(order)
        with self.work(actor) as work:
            settled, done = charge.settle(outcome, by=actor.id, at=self.clock())
            work.charges.save(settled, done)
        return settled

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

    def undo(self, actor: Actor, event: Event) -> None:
        """Take nothing, or give back what was taken, for a visit that will not be: reaction to
        AppointmentCancelled.

        Raises: Unavailable while the outcome of an order is not known.
        """
        with self.work(actor) as work:
            authorize(actor, Action.COLLECT_CHARGE, relations(actor))
            charge = work.charges.find(Charge.id_of(AppointmentId(event.subject)))
        if charge is None or charge.settled_without_payment:
            return
        if charge.status is ChargeStatus.COLLECTING:
            raise Unavailable("payments")
        if charge.status is ChargeStatus.PAID:
            self.payments.refund(charge.payment_key, charge.due, charge.refund_key)
            undone, done = charge.refund(by=actor.id, at=self.clock())
        else:
            undone, done = charge.waive(by=actor.id, at=self.clock())
        with self.work(actor) as work:
            work.charges.save(undone, done)

    def report(self, actor: Actor, period: Interval) -> PaymentReport:
        """What was agreed, insured, taken and is open in the period, each payment checked at the
        processor (F48).
        """
        with self.work(actor) as work:
            authorize(actor, Action.REPORT_PAYMENTS, relations(actor))
            charges = work.charges.planned_in(period, limit=REPORT_MOST)
            for charge in charges:
                work.read(Action.REPORT_PAYMENTS, charge.patient_id, charge.id)
        orders = {charge.outcome.key: charge.outcome for charge in charges if charge.outcome}
        seen = self.payments.outcomes(frozenset(orders))
        verified = {key: seen.get(key) == outcome for key, outcome in orders.items()}
        return PaymentReport(
            period,
            tuple(
                ReportLine.of(
                    charge, verified=verified[charge.outcome.key] if charge.outcome else None
                )
                for charge in charges
            ),
        )
