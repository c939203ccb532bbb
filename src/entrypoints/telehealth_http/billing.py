"""Billing over HTTP: cards, what a visit costs, and the payment report."""

from datetime import datetime
from uuid import UUID

import attrs
from litestar.params import FromPath, JSONBody

from telehealth_core.billing.card import Card
from telehealth_core.billing.charge import Charge, ChargeStatus
from telehealth_core.billing.ledger import Entry, Extra, LineKind
from telehealth_core.shared.ids import AppointmentId, CardId
from telehealth_http.answers import IntervalAnswer, Items, MoneyAnswer, shown
from telehealth_http.bodies import as_in
from telehealth_http.practice import notice
from telehealth_http.requests import By, From, Until, creates, period, reads, replaces


@attrs.frozen(kw_only=True)
class CardBody:
    """A card that the client handed to the payment processor, under its one-time token."""

    token: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class CorrectionBody:
    """The insurance share, in basis points, and the extra services of a visit, and why."""

    insurance_bp: int
    extras: tuple[Extra, ...]
    reason: str = as_in(Entry, "reason")


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


@attrs.frozen(kw_only=True)
class ChargeAnswer:
    """What one visit costs and where the money stands."""

    appointment_id: UUID
    status: ChargeStatus
    base: MoneyAnswer
    extras: tuple[ExtraAnswer, ...]
    insurance_bp: int
    total: MoneyAnswer
    insured: MoneyAnswer
    due: MoneyAnswer
    agreed: MoneyAnswer
    ledger: tuple[EntryAnswer, ...]
    outcome: OutcomeAnswer | None
    settled_at: datetime | None


@attrs.frozen(kw_only=True)
class ReportLineAnswer:
    """One charge of the report."""

    charge_id: UUID
    appointment_id: UUID
    patient_id: UUID
    status: ChargeStatus
    total: MoneyAnswer
    insured: MoneyAnswer
    due: MoneyAnswer
    paid: MoneyAnswer
    corrections: int
    reference: str | None
    settled_at: datetime | None
    verified: bool | None


@attrs.frozen(kw_only=True)
class SumsAnswer:
    """Sums of one currency, in minor units."""

    total: int
    insured: int
    due: int
    paid: int


@attrs.frozen(kw_only=True)
class ReportAnswer:
    """The charges of a period, and their sums by currency."""

    period: IntervalAnswer
    lines: tuple[ReportLineAnswer, ...]
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
    """List the caller's cards, the newest first."""
    cards = caller.clinic.billing.cards(caller.actor)
    return Items(tuple(_card(caller, card) for card in cards))


@reads("/v1/appointments/{id:uuid}/charge")
def view_charge(caller: By, id: FromPath[UUID]) -> ChargeAnswer:
    """Show what the visit costs and where the money stands (F48)."""
    return _charge(caller.clinic.billing.charge(caller.actor, AppointmentId(id)))


@replaces("/v1/appointments/{id:uuid}/charge/correction")
def correct_charge(caller: By, id: FromPath[UUID], data: JSONBody[CorrectionBody]) -> ChargeAnswer:
    """Set insurance share and extra services of a visit before its sum is taken (F46, F47)."""
    charge = caller.clinic.billing.correct(
        caller.actor,
        AppointmentId(id),
        insurance_bp=data.insurance_bp,
        extras=data.extras,
        reason=data.reason,
    )
    return _charge(charge)


@reads("/v1/reports/payments")
def report_payments(caller: By, start: From = None, end: Until = None) -> ReportAnswer:
    """Report what was agreed, insured, taken and is open in a period (F48)."""
    report = caller.clinic.billing.report(caller.actor, period(caller, start, end))
    sums = {currency: SumsAnswer(**each) for currency, each in report.sums().items()}
    return shown(ReportAnswer, report, sums=sums)


ROUTES = (save_card, list_cards, view_charge, correct_charge, report_payments)
