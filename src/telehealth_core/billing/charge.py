"""The charge: what one visit costs one payer, from the quote to the payment (F44-F48, N05).

Its sums are those of its ledger. The patient is never asked for more than they agreed to without
agreeing anew (PAY-06), and a visit that will not be shrinks to the fee that its rules name (N17).
"""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

import attrs

from telehealth_core.billing.ledger import Extra, Ledger, LineKind, Pricing, Proposal, none_of
from telehealth_core.billing.life import (
    LIFECYCLE,
    AboveAgreement,
    ChargeCalledOff,
    ChargeCardChanged,
    ChargeCorrected,
    ChargeFailed,
    ChargeOrdered,
    ChargePaid,
    ChargePlanned,
    ChargeRefunded,
    ChargeReleased,
    ChargeStatus,
    ChargeWaived,
    ConfirmationLapsed,
    IncreaseAgreed,
    IncreaseProposed,
    NotProposed,
    PaymentConfirmed,
    PaymentToConfirm,
    RefundMade,
    RefundOrdered,
)
from telehealth_core.billing.payment import PaymentOutcome
from telehealth_core.shared.ids import (
    AppointmentId,
    CardId,
    ChargeId,
    PatientId,
    PracticeId,
    UserId,
    derived,
)
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.money import Money
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid

__all__ = [
    "LIFECYCLE",
    "AboveAgreement",
    "Charge",
    "ChargeFailed",
    "ChargePaid",
    "ChargeReleased",
    "ChargeStatus",
    "ChargeWaived",
    "Extra",
]

CALLED_OFF = "called off"
"""Why the lines of a visit that will not be are taken back."""


@attrs.frozen(kw_only=True)
class Charge:
    """What one visit costs one payer.

    `agreed` is the most that the payer agreed to. `ordered` is the sum of the present order,
    `next_at` when the machinery takes the charge up again, `confirm_by` how long a payment may wait
    for its payer. A `number` above 0 is a supplement to a visit that was paid.
    """

    id: ChargeId
    practice_id: PracticeId
    version: int = 1
    status: ChargeStatus = LIFECYCLE.initial
    appointment_id: AppointmentId
    number: int = 0
    patient_id: PatientId
    payer_id: PatientId
    card_id: CardId | None = None
    settings_version: int
    base: Money
    agreed: Money
    extras: tuple[Extra, ...] = ()
    insurance_bp: int = 0
    insurance_fixed: Money | None = None
    ledger: Ledger = phi()
    proposal: Proposal | None = phi(default=None)
    supplements: int = 0
    attempt: int = 0
    ordered: Money | None = None
    outcome: PaymentOutcome | None = None
    refunds_made: int = 0
    next_at: datetime | None = None
    confirm_by: datetime | None = None
    planned_at: datetime
    settled_at: datetime | None = None

    @staticmethod
    def id_of(appointment_id: AppointmentId, number: int = 0) -> ChargeId:
        """A visit has one charge, and its supplements are numbered; ids follow from the
        appointment's.
        """
        return ChargeId(derived(appointment_id, f"charge/{number}" if number else "charge"))

    @classmethod
    def plan(
        cls,
        appointment_id: AppointmentId,
        practice_id: PracticeId,
        price: Money,
        *,
        patient_id: PatientId,
        payer_id: PatientId,
        card_id: CardId | None,
        settings_version: int = 1,
        confirm_by: datetime | None = None,
        by: UserId,
        at: datetime,
    ) -> tuple[Self, ChargePlanned]:
        """The sum that patient and practice agree on when the visit is requested: the price shown
        (PAY-01).
        """
        charge = cls(
            id=cls.id_of(appointment_id),
            practice_id=practice_id,
            appointment_id=appointment_id,
            patient_id=patient_id,
            payer_id=payer_id,
            card_id=card_id,
            settings_version=settings_version,
            base=price,
            agreed=price,
            ledger=Ledger.opened(price, reason="the price agreed on", by=by, at=at),
            confirm_by=confirm_by,
            planned_at=at,
        )
        return charge, ChargePlanned(charge.id, charge.version, by, at)

    # --- sums --------------------------------------------------------------------------------

    @property
    def pricing(self) -> Pricing:
        """What the sum is made of beyond its base."""
        return Pricing(self.extras, self.insurance_bp, self.insurance_fixed)

    @property
    def total(self) -> Money:
        """Base and extras, before any insurance."""
        return self.ledger.sum(LineKind.BASE, LineKind.EXTRA)

    @property
    def insured(self) -> Money:
        """What the insurance covers."""
        return none_of(self.base) - self.ledger.sum(LineKind.INSURANCE)

    @property
    def fee(self) -> Money:
        """What the visit costs although it did not take place."""
        return self.ledger.sum(LineKind.FEE)

    @property
    def due(self) -> Money:
        """What the patient owes by all lines, paid or not."""
        return self.ledger.owed

    @property
    def paid(self) -> Money:
        """What the processor took."""
        taken = self.outcome is not None and self.outcome.paid
        return self.outcome.amount if self.outcome and taken else none_of(self.base)

    @property
    def kept(self) -> Money:
        """What was taken, less every refund made or on its way."""
        return self.ledger.kept(self.paid)

    @property
    def refunds(self) -> tuple[Money, ...]:
        """Every refund in order, the first `refunds_made` of which were made."""
        return self.ledger.refunds

    @property
    def refunded(self) -> Money:
        """What was given back."""
        return sum(self.refunds[: self.refunds_made], start=none_of(self.base))

    # --- what it is made of ------------------------------------------------------------------

    def correct(
        self, pricing: Pricing, *, reason: str, by: UserId, at: datetime
    ) -> tuple[Self, ChargeCorrected]:
        """The charge with this insurance share and these extra services instead of the former (F46,
        F47).

        Raises: AboveAgreement; IllegalTransition once it is being collected or called off; Invalid.
        """
        self._require_open("correct")
        ledger = pricing.restated(self.ledger, self.pricing, reason=reason, by=by, at=at)
        if self.agreed < ledger.owed:
            raise AboveAgreement(str(self.agreed), str(ledger.owed))
        corrected = self._moved("correct", ledger=ledger, proposal=None, **pricing.parts())
        return corrected, ChargeCorrected(self.id, corrected.version, by, at)

    def propose_increase(
        self, pricing: Pricing, *, reason: str, by: UserId, at: datetime
    ) -> tuple[Self, IncreaseProposed]:
        """Ask the payer to agree to more; nothing is owed for it before they do (PAY-06).

        Raises: Invalid for what is no increase; IllegalTransition while it is being collected, or
            once it is settled without a payment.
        """
        self._require_open("propose_increase")
        due = pricing.restated(self.ledger, self.pricing, reason=reason, by=by, at=at).owed
        if due <= (self.due if self.status is ChargeStatus.PAID else self.agreed):
            raise Invalid("extras", "more than was agreed to already")
        proposal = Proposal(due, pricing, by, at, reason)
        proposed = self._moved("propose_increase", proposal=proposal)
        return proposed, IncreaseProposed(self.id, proposed.version, by, at)

    def agree(self, due: Money, *, by: UserId, at: datetime) -> tuple[Self, IncreaseAgreed]:
        """Agree to what the practice proposes: only then it applies. Where the visit was paid it
        becomes a supplement, a charge of its own (PAY-06).

        Raises: NotProposed; IllegalTransition.
        """
        self._require_open("agree")
        wanted = self.proposal
        if wanted is None or wanted.due != due:
            raise NotProposed(str(wanted.due if wanted else self.due))
        if self.status is ChargeStatus.PAID:
            agreed = self._moved("agree", proposal=None, supplements=self.supplements + 1)
        else:
            ledger = wanted.pricing.restated(
                self.ledger, self.pricing, reason=wanted.reason, by=by, at=at
            )
            agreed = self._moved(
                "agree", proposal=None, ledger=ledger, agreed=due, **wanted.pricing.parts()
            )
        return agreed, IncreaseAgreed(self.id, agreed.version, by, at)

    def supplement(self, due: Money, *, by: UserId, at: datetime) -> tuple[Self, ChargePlanned]:
        """The newest further charge of the same visit: what `due` is above this one."""
        charge, planned = self.plan(
            self.appointment_id,
            self.practice_id,
            due - self.due,
            patient_id=self.patient_id,
            payer_id=self.payer_id,
            card_id=self.card_id,
            settings_version=self.settings_version,
            by=by,
            at=at,
        )
        id = self.id_of(self.appointment_id, self.supplements)
        return (
            attrs.evolve(charge, id=id, number=self.supplements),
            attrs.evolve(planned, subject=id),
        )

    # --- taking it ---------------------------------------------------------------------------

    def release(self, *, by: UserId, at: datetime) -> tuple[Self, ChargeReleased]:
        """The sum may be taken from now on.

        Raises: IllegalTransition.
        """
        return self._moved("release"), ChargeReleased(self.id, self.version + 1, by, at)

    def change_card(
        self, card_id: CardId, *, by: UserId, at: datetime
    ) -> tuple[Self, ChargeCardChanged]:
        """Take it from another card.

        Raises: IllegalTransition once it is being collected.
        """
        changed = self._moved("change_card", card_id=card_id)
        return changed, ChargeCardChanged(self.id, changed.version, by, at)

    def order(
        self, *, again_at: datetime | None = None, by: UserId, at: datetime
    ) -> tuple[Self, ChargeOrdered]:
        """The charge with an order at the processor. While the outcome of one is not known, it
        stays the same order; it is asked about again at `again_at`.

        Raises: IllegalTransition unless it may be taken.
        """
        ordered = self._moved("order", next_at=again_at)
        if self.status is not ChargeStatus.COLLECTING:
            ordered = attrs.evolve(
                ordered, attempt=self.attempt + 1, ordered=self.due, outcome=None
            )
        return ordered, ChargeOrdered(self.id, ordered.version, by, at)

    @property
    def payment_key(self) -> UUID:
        """The key of the present order: the same for every repeat of it, another for the next
        attempt.
        """
        return derived(self.id, f"payment/{self.attempt}")

    @property
    def payment_keys(self) -> tuple[UUID, ...]:
        """The key of every order so far, in order."""
        return tuple(derived(self.id, f"payment/{1 + one}") for one in range(self.attempt))

    def await_payer(
        self, outcome: PaymentOutcome, *, until: datetime, by: UserId, at: datetime
    ) -> tuple[Self, PaymentToConfirm]:
        """The charge while its payer confirms the payment with their bank, until then at most.

        Raises: IllegalTransition unless an order is out.
        """
        assert outcome.key == self.payment_key, "an outcome belongs to the order it answers"
        waiting = self._moved("await_payer", outcome=outcome, next_at=until)
        return waiting, PaymentToConfirm(self.id, waiting.version, by, at)

    def confirm(self, *, by: UserId, at: datetime) -> tuple[Self, PaymentConfirmed]:
        """The charge whose payer says that they confirmed the payment: to be asked about.

        Raises: IllegalTransition unless an order is out.
        """
        return self._moved("confirm"), PaymentConfirmed(self.id, self.version + 1, by, at)

    @property
    def awaits_payer(self) -> bool:
        """Whether the payer has to confirm the payment."""
        collecting = self.status is ChargeStatus.COLLECTING
        return collecting and self.outcome is not None and self.outcome.requires_action

    def without_action(self) -> Self:
        """The charge without what its payer's client needs to confirm the payment."""
        outcome = self.outcome and attrs.evolve(self.outcome, action=None)
        return attrs.evolve(self, outcome=outcome)

    def resume(
        self, *, again_at: datetime, by: UserId, at: datetime
    ) -> "tuple[Self, ChargeReleased | ConfirmationLapsed]":
        """The charge, taken up again: an order whose outcome is not known is asked about, one that
        waits for its payer is over.

        Raises: IllegalTransition unless an order is out.
        """
        resumed = self._moved("resume", next_at=again_at)
        event = ConfirmationLapsed if self.awaits_payer else ChargeReleased
        return resumed, event(self.id, resumed.version, by, at)

    def settle(
        self,
        outcome: PaymentOutcome,
        *,
        again_at: datetime | None = None,
        by: UserId,
        at: datetime,
    ) -> "tuple[Self, ChargePaid | ChargeFailed]":
        """The charge with the processor's answer to the present order; a declined one is tried
        again at `again_at`, or never. What was taken beyond what is owed by now goes back.

        Raises: IllegalTransition unless an order is out.
        """
        assert outcome.key == self.payment_key, "an outcome settles the order it answers"
        settled = self._moved(
            "settle" if outcome.paid else "fail",
            outcome=outcome,
            settled_at=at,
            next_at=None if outcome.paid else again_at,
        )
        balanced = self.ledger.balanced(settled.paid, reason=CALLED_OFF, by=by, at=at)
        event = ChargePaid if outcome.paid else ChargeFailed
        return attrs.evolve(settled, ledger=balanced), event(self.id, settled.version, by, at)

    def lack_card(self, *, by: UserId, at: datetime) -> tuple[Self, ChargeFailed]:
        """There is no card to take the sum from: it is owed until its payer names one (F45).

        Raises: IllegalTransition unless it may be taken and was not ordered yet.
        """
        owed = self._moved("lack_card", settled_at=at, next_at=None)
        return owed, ChargeFailed(self.id, owed.version, by, at)

    def retry(self, *, by: UserId, at: datetime) -> tuple[Self, ChargeReleased]:
        """Take a declined sum once more.

        Raises: IllegalTransition unless failed.
        """
        retried = self._moved("retry", next_at=None)
        return retried, ChargeReleased(self.id, retried.version, by, at)

    @property
    def in_arrears(self) -> bool:
        """Whether it was declined for good: somebody has to look after it."""
        return self.status is ChargeStatus.FAILED and self.next_at is None

    # --- taking less, and giving back --------------------------------------------------------

    def call_off(
        self, fee: Money, *, by: UserId, at: datetime
    ) -> "tuple[Self, ChargeWaived | ChargeReleased | ChargeCalledOff]":
        """The visit will not be, or was unsuitable: its lines shrink to this fee, which may be
        nothing and is never more than was owed (N17).

        What is not paid is waived, or billable for the fee. What is paid beyond the fee goes back.
        While an outcome is not known, this is remembered and settled with it.

        Raises: IllegalTransition if nothing is to be taken anyway.
        """
        if self.status in LIFECYCLE.transitions["undo"][0]:
            return self.undo(fee, by=by, at=at)
        if min(fee, self.due).minor:
            return self.bill_fee(fee, by=by, at=at)
        return self.waive(by=by, at=at)

    def bill_fee(self, fee: Money, *, by: UserId, at: datetime) -> tuple[Self, ChargeReleased]:
        """The charge for a fee alone, to be taken now.

        Raises: IllegalTransition unless nothing was taken yet.
        """
        ledger = self._shrunk(fee, by, at)
        billed = self._moved("bill_fee", ledger=ledger, proposal=None, next_at=None)
        return billed, ChargeReleased(self.id, billed.version, by, at)

    def undo(self, fee: Money, *, by: UserId, at: datetime) -> tuple[Self, ChargeCalledOff]:
        """The charge of which only a fee is kept, whatever was taken or is being taken.

        Raises: IllegalTransition unless paid or being collected.
        """
        ledger = self._shrunk(fee, by, at).balanced(self.paid, reason=CALLED_OFF, by=by, at=at)
        undone = self._moved("undo", ledger=ledger, proposal=None)
        return undone, ChargeCalledOff(self.id, undone.version, by, at)

    def waive(self, *, by: UserId, at: datetime) -> tuple[Self, ChargeWaived]:
        """Nothing is to be taken: the visit does not take place, or costs nothing.

        Raises: IllegalTransition once it is being collected.
        """
        ledger = self._shrunk(none_of(self.base), by, at) if self.due.minor else self.ledger
        waived = self._moved("waive", ledger=ledger, proposal=None, next_at=None)
        return waived, ChargeWaived(self.id, waived.version, by, at)

    def write_off(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, ChargeWaived]:
        """Give up what was declined.

        Raises: IllegalTransition unless failed.
        """
        ledger = self.ledger.letting_off(self.due, reason=reason, by=by, at=at)
        written = self._moved("write_off", ledger=ledger, proposal=None, next_at=None)
        return written, ChargeWaived(self.id, written.version, by, at)

    def reimburse(
        self, amount: Money, *, reason: str, by: UserId, at: datetime
    ) -> tuple[Self, RefundOrdered]:
        """Give back a part of what was paid, or all of it.

        Raises: Invalid for more than is kept, or nothing; IllegalTransition unless paid.
        """
        LIFECYCLE.after("reimburse", self.status)
        if amount.currency != self.base.currency or not 0 < amount.minor <= self.kept.minor:
            raise Invalid("amount", f"above nothing, and at most {self.kept}")
        ledger = self.ledger.letting_off(amount, reason=reason, by=by, at=at)
        ledger = ledger.balanced(self.paid, reason=reason, by=by, at=at)
        reimbursed = self._moved("reimburse", ledger=ledger, proposal=None)
        return reimbursed, RefundOrdered(self.id, reimbursed.version, by, at)

    def refund(self, *, by: UserId, at: datetime) -> "tuple[Self, RefundMade | ChargeRefunded]":
        """The charge with its next refund made.

        Raises: IllegalTransition unless paid.
        """
        made = self.refunds_made + 1
        rest = made == len(self.refunds) and not self.kept.minor
        refunded = self._moved("refund_rest" if rest else "refund", refunds_made=made)
        event = ChargeRefunded if rest else RefundMade
        return refunded, event(self.id, refunded.version, by, at)

    def refund_key(self, number: int) -> UUID:
        """The key of the refund of that number, counted from 0."""
        return derived(self.id, f"refund/{number}")

    @property
    def refund_keys(self) -> tuple[UUID, ...]:
        """The key of every refund, made or not, in order."""
        return tuple(self.refund_key(number) for number in range(len(self.refunds)))

    # --- where it stands ---------------------------------------------------------------------

    @property
    def nothing_due(self) -> bool:
        """Whether the payer owes nothing any more: it is paid or waived."""
        return self.status in {ChargeStatus.PAID, ChargeStatus.WAIVED}

    @property
    def called_off(self) -> bool:
        """Whether its lines were taken back because the visit will not be."""
        return bool(self.base.minor) and not self.total.minor

    @property
    def settled_without_payment(self) -> bool:
        """Whether nothing was taken, or nothing is left of what was taken, and nothing will be."""
        return self.status in {ChargeStatus.WAIVED, ChargeStatus.REFUNDED}

    def _require_open(self, verb: str) -> None:
        LIFECYCLE.after(verb, self.status)
        if self.called_off:
            raise IllegalTransition(verb, CALLED_OFF)

    def _moved(self, verb: str, **changes: Any) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        return attrs.evolve(self, version=self.version + 1, status=status, **changes)

    def _shrunk(self, fee: Money, by: UserId, at: datetime) -> Ledger:
        return self.ledger.shrunk_to(min(fee, self.due), reason=CALLED_OFF, by=by, at=at)
