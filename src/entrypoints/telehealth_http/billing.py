"""Billing over HTTP: cards, what a visit costs, and the payment report."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, FromQuery, JSONBody

from telehealth_core.billing.card import Card
from telehealth_core.billing.charge import Charge, ChargeStatus
from telehealth_core.billing.ledger import Entry, Extra, LineKind
from telehealth_core.billing.report import Finding, Sums
from telehealth_core.shared.ids import AppointmentId, CardId, ChargeId
from telehealth_core.shared.money import Money
from telehealth_http.answers import IntervalAnswer, Items, MoneyAnswer, shown
from telehealth_http.bodies import NOTHING, Nothing, as_in
from telehealth_http.practice import notice
from telehealth_http.requests import By, From, Until, creates, does, ends, period, reads, replaces


@attrs.frozen(kw_only=True)
class CardBody:
    """A card that the client handed to the payment processor, under its one-time token."""

    token: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class CorrectionBody:
    """The insurance share, in basis points, and the extra services of a visit, and why."""

    insurance_bp: int = 0
    insurance_fixed: Money | None = None
    extras: tuple[Extra, ...]
    reason: str = as_in(Entry, "reason")


@attrs.frozen(kw_only=True)
class AgreementBody:
    """The sum that the payer agrees to."""

    due: Money


@attrs.frozen(kw_only=True)
class PaymentBody:
    """The card to pay from; `number` names a supplement."""

    card_id: CardId
    number: int = 0


@attrs.frozen(kw_only=True)
class ConfirmationBody:
    """Which charge of the visit was confirmed with the bank; `number` names a supplement."""

    number: int = 0


@attrs.frozen(kw_only=True)
class RefundBody:
    """What is given back, and why."""

    amount: Money
    reason: str = as_in(Entry, "reason")
    number: int = 0


@attrs.frozen(kw_only=True)
class WriteOffBody:
    """Why what was declined is given up."""

    reason: str = as_in(Entry, "reason")
    number: int = 0


@attrs.frozen(kw_only=True)
class CardAnswer:
    """What a person needs to recognise a card; never its number."""

    id: UUID
    brand: str
    last4: str
    expires_year: int
    expires_month: int
    notice: str | None


@attrs.frozen(kw_only=True)
class ExtraAnswer:
    """An additional service."""

    name: str
    price: MoneyAnswer


@attrs.frozen(kw_only=True)
class EntryAnswer:
    """One line of the ledger: what was owed, or for a refund kept, before and after it."""

    kind: LineKind
    amount: MoneyAnswer
    before: MoneyAnswer
    after: MoneyAnswer
    by: UUID
    at: datetime
    reason: str


@attrs.frozen(kw_only=True)
class OutcomeAnswer:
    """What the payment processor answered."""

    reference: str
    declined: str | None
    action: str | None


@attrs.frozen(kw_only=True)
class PricingAnswer:
    """What a sum is made of beyond its base."""

    extras: tuple[ExtraAnswer, ...]
    insurance_bp: int
    insurance_fixed: MoneyAnswer | None


@attrs.frozen(kw_only=True)
class ProposalAnswer:
    """A higher sum that the payer is asked to agree to."""

    due: MoneyAnswer
    pricing: PricingAnswer
    by: UUID
    at: datetime
    reason: str


@attrs.frozen(kw_only=True)
class ChargeAnswer:
    """What one visit costs and where the money stands."""

    appointment_id: UUID
    number: int
    supplements: int
    status: ChargeStatus
    card_id: UUID | None
    base: MoneyAnswer
    extras: tuple[ExtraAnswer, ...]
    insurance_bp: int
    insurance_fixed: MoneyAnswer | None
    total: MoneyAnswer
    insured: MoneyAnswer
    fee: MoneyAnswer
    due: MoneyAnswer
    agreed: MoneyAnswer
    paid: MoneyAnswer
    refunded: MoneyAnswer
    proposal: ProposalAnswer | None
    ledger: tuple[EntryAnswer, ...]
    outcome: OutcomeAnswer | None
    attempt: int
    next_at: datetime | None
    settled_at: datetime | None


@attrs.frozen(kw_only=True)
class ReportLineAnswer:
    """One charge of the report."""

    charge_id: UUID
    appointment_id: UUID
    patient_id: UUID
    number: int
    status: ChargeStatus
    total: MoneyAnswer
    insured: MoneyAnswer
    fee: MoneyAnswer
    due: MoneyAnswer
    paid: MoneyAnswer
    refunded: MoneyAnswer
    entries: int
    reference: str | None
    settled_at: datetime | None
    verified: bool | None
    finding: Finding | None


@attrs.frozen(kw_only=True)
class SumsAnswer:
    """Sums of one currency, in minor units."""

    total: int
    insured: int
    fee: int
    due: int
    paid: int
    refunded: int


@attrs.frozen(kw_only=True)
class ReportAnswer:
    """The charges of a period, and their sums by currency; `more` if there is another page after
    the last line.
    """

    period: IntervalAnswer
    lines: tuple[ReportLineAnswer, ...]
    more: bool
    sums: dict[str, SumsAnswer]


@attrs.frozen(kw_only=True)
class TotalsAnswer:
    """The sums of a whole period by currency."""

    period: IntervalAnswer
    sums: dict[str, SumsAnswer]


def _card(caller: By, card: Card) -> CardAnswer:
    return shown(CardAnswer, card.details, id=card.id, notice=notice(caller))


def _charge(charge: Charge) -> ChargeAnswer:
    ledger = tuple(shown(EntryAnswer, entry) for entry in charge.ledger.entries)
    return shown(ChargeAnswer, charge, ledger=ledger)


@creates("/v1/cards")
def save_card(caller: By, data: JSONBody[CardBody]) -> CardAnswer:
    """Keep a card for the caller's coming visits (F43)."""
    card = caller.clinic.billing.save_card(caller.actor, CardId(caller.new_id), data.token)
    return _card(caller, card)


@reads("/v1/cards")
def list_cards(caller: By) -> Items[CardAnswer]:
    """List the caller's cards: the default, then the newest first."""
    cards = caller.clinic.billing.cards(caller.actor)
    return Items(tuple(_card(caller, card) for card in cards))


@does("/v1/cards/{id:uuid}/preference")
def prefer_card(
    caller: By,
    id: FromPath[UUID],
    data: JSONBody[Nothing] = NOTHING,  # noqa: ARG001 - that it is empty is all it says
) -> CardAnswer:
    """Make one of the caller's cards the default (F43)."""
    return _card(caller, caller.clinic.billing.prefer_card(caller.actor, CardId(id)))


@ends("/v1/cards/{id:uuid}")
def remove_card(caller: By, id: FromPath[UUID]) -> None:
    """Keep one of the caller's cards no longer (F43)."""
    caller.clinic.billing.remove_card(caller.actor, CardId(id))


@reads("/v1/appointments/{id:uuid}/charge")
def view_charge(caller: By, id: FromPath[UUID], number: FromQuery[int] = 0) -> ChargeAnswer:
    """Show what the visit costs and where the money stands (F48)."""
    return _charge(caller.clinic.billing.charge(caller.actor, AppointmentId(id), number=number))


@replaces("/v1/appointments/{id:uuid}/charge/correction")
def correct_charge(caller: By, id: FromPath[UUID], data: JSONBody[CorrectionBody]) -> ChargeAnswer:
    """Set insurance share and extra services of a visit before its sum is taken (F46, F47)."""
    charge = caller.clinic.billing.correct(
        caller.actor,
        AppointmentId(id),
        insurance_bp=data.insurance_bp,
        insurance_fixed=data.insurance_fixed,
        extras=data.extras,
        reason=data.reason,
    )
    return _charge(charge)


@replaces("/v1/appointments/{id:uuid}/charge/proposal")
def propose_increase(
    caller: By, id: FromPath[UUID], data: JSONBody[CorrectionBody]
) -> ChargeAnswer:
    """Ask the payer to agree to more; it applies only once they do (PAY-06)."""
    charge = caller.clinic.billing.propose_increase(
        caller.actor,
        AppointmentId(id),
        insurance_bp=data.insurance_bp,
        insurance_fixed=data.insurance_fixed,
        extras=data.extras,
        reason=data.reason,
    )
    return _charge(charge)


@does("/v1/appointments/{id:uuid}/charge/agreement")
def agree_increase(caller: By, id: FromPath[UUID], data: JSONBody[AgreementBody]) -> ChargeAnswer:
    """Agree to the sum that the practice proposes (PAY-06)."""
    return _charge(caller.clinic.billing.agree(caller.actor, AppointmentId(id), data.due))


@does("/v1/appointments/{id:uuid}/charge/payment")
def pay_charge(caller: By, id: FromPath[UUID], data: JSONBody[PaymentBody]) -> ChargeAnswer:
    """Have another card used; what was declined is tried at once (F43, F45)."""
    charge = caller.clinic.billing.pay(
        caller.actor, AppointmentId(id), data.card_id, number=data.number
    )
    return _charge(charge)


@does("/v1/appointments/{id:uuid}/charge/confirmation")
def confirm_payment(
    caller: By, id: FromPath[UUID], data: JSONBody[ConfirmationBody]
) -> ChargeAnswer:
    """Tell that the payment was confirmed with the bank."""
    charge = caller.clinic.billing.confirm(caller.actor, AppointmentId(id), number=data.number)
    return _charge(charge)


@does("/v1/appointments/{id:uuid}/charge/refund")
def refund_charge(caller: By, id: FromPath[UUID], data: JSONBody[RefundBody]) -> ChargeAnswer:
    """Give back a part of what was paid, or all of it (F48)."""
    charge = caller.clinic.billing.refund(
        caller.actor, AppointmentId(id), data.amount, reason=data.reason, number=data.number
    )
    return _charge(charge)


@does("/v1/appointments/{id:uuid}/charge/write-off")
def write_off_charge(caller: By, id: FromPath[UUID], data: JSONBody[WriteOffBody]) -> ChargeAnswer:
    """Give up what was declined (F45)."""
    charge = caller.clinic.billing.write_off(
        caller.actor, AppointmentId(id), reason=data.reason, number=data.number
    )
    return _charge(charge)


@reads("/v1/arrears")
def list_arrears(caller: By) -> Items[ChargeAnswer]:
    """List what was declined for good and is still owed, the oldest first (F45)."""
    return Items(tuple(map(_charge, caller.clinic.billing.arrears(caller.actor))))


@reads("/v1/reports/payments")
def report_payments(
    caller: By, start: From = None, end: Until = None, after: FromQuery[UUID | None] = None
) -> ReportAnswer:
    """Report what was agreed, insured, taken and given back in a period, page by page (F48)."""
    last = None if after is None else ChargeId(after)
    report = caller.clinic.billing.report(caller.actor, period(caller, start, end), last)
    return shown(ReportAnswer, report, sums=_sums(report.sums()))


@reads("/v1/reports/payment-totals")
def total_payments(caller: By, start: From = None, end: Until = None) -> TotalsAnswer:
    """Sum up a whole period by currency (F48)."""
    during = period(caller, start, end)
    totals = caller.clinic.billing.totals(caller.actor, during)
    return TotalsAnswer(period=shown(IntervalAnswer, during), sums=_sums(totals))


def _sums(sums: Sums) -> dict[str, SumsAnswer]:
    return {currency: SumsAnswer(**each) for currency, each in sums.items()}


ROUTES = (
    save_card,
    list_cards,
    prefer_card,
    remove_card,
    view_charge,
    correct_charge,
    propose_increase,
    agree_increase,
    pay_charge,
    confirm_payment,
    refund_charge,
    write_off_charge,
    list_arrears,
    report_payments,
    total_payments,
)
