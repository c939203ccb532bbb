"""The ledger: every line of a charge, and who made it, when, why, from what sum to what sum (N05).

Lines are only ever added. What a patient owes, what an insurance covers, what was given back: each
is a sum of lines, so nothing is lost between the shares, and a report can be derived at any time.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import attrs

from telehealth_core.shared.ids import UserId
from telehealth_core.shared.money import BASIS_POINTS, Money
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import line, prose


class LineKind(StrEnum):
    """What a line is for."""

    BASE = "base"
    """The price of the visit."""
    EXTRA = "extra"
    """A service beyond it (F47)."""
    INSURANCE = "insurance"
    """What an insurance covers instead of the patient (F46)."""
    FEE = "fee"
    """What a late cancellation or a missed visit costs (N17)."""
    CORRECTION = "correction"
    """Let off by the practice: a part given back, or a debt written off."""
    REFUND = "refund"
    """Money on its way back to the payer."""


_OWED = frozenset(LineKind) - {LineKind.REFUND}


@attrs.frozen
class Extra:
    """An additional service, not part of the initial price (F47)."""

    name: str = attrs.field(validator=line(120))
    price: Money


@attrs.frozen
class Entry:
    """One line. `before` and `after` are what the patient owed; of a refund, what the practice
    kept. `after` is `before` and `amount` together.
    """

    kind: LineKind
    amount: Money
    before: Money
    after: Money
    by: UserId
    at: datetime
    reason: str = phi(validator=prose(500))


def none_of(money: Money) -> Money:
    """Nothing, in the same currency."""
    return attrs.evolve(money, minor=0)


@attrs.frozen
class Ledger:
    """The lines of one charge, in order."""

    entries: tuple[Entry, ...]

    @classmethod
    def opened(cls, price: Money, *, reason: str, by: UserId, at: datetime) -> "Ledger":
        """A ledger whose first line is the price that was agreed on."""
        return cls((Entry(LineKind.BASE, price, none_of(price), price, by, at, reason),))

    def sum(self, *kinds: LineKind) -> Money:
        """The lines of these kinds together."""
        nothing = none_of(self.entries[0].amount)
        return sum((one.amount for one in self.entries if one.kind in kinds), start=nothing)

    @property
    def owed(self) -> Money:
        """What the patient owes by all lines."""
        return self.sum(*_OWED)

    def adding(
        self, kind: LineKind, amount: Money, *, reason: str, by: UserId, at: datetime
    ) -> "Ledger":
        """The ledger with one more line of what is owed."""
        before = self.owed
        entry = Entry(kind, amount, before, before + amount, by, at, reason)
        return attrs.evolve(self, entries=(*self.entries, entry))

    def letting_off(self, amount: Money, *, reason: str, by: UserId, at: datetime) -> "Ledger":
        """The ledger with so much less owed, which the practice gives up."""
        return self.adding(
            LineKind.CORRECTION, none_of(amount) - amount, reason=reason, by=by, at=at
        )

    def kept(self, paid: Money) -> Money:
        """What is left of the sum that was paid after every refund."""
        return paid + self.sum(LineKind.REFUND)

    @property
    def refunds(self) -> tuple[Money, ...]:
        """Every refund, in order."""
        return tuple(
            none_of(one.amount) - one.amount for one in self.entries if one.kind is LineKind.REFUND
        )

    def balanced(self, paid: Money, *, reason: str, by: UserId, at: datetime) -> "Ledger":
        """The ledger in which what was paid beyond what is owed goes back."""
        kept, owed = self.kept(paid), self.owed
        if kept <= owed:
            return self
        entry = Entry(LineKind.REFUND, owed - kept, kept, owed, by, at, reason)
        return attrs.evolve(self, entries=(*self.entries, entry))

    def shrunk_to(self, fee: Money, *, reason: str, by: UserId, at: datetime) -> "Ledger":
        """The ledger with every line taken back and this fee instead."""
        ledger = self
        for kind in LineKind:
            rest = self.sum(kind)
            if kind in _OWED and rest.minor:
                ledger = ledger.adding(kind, none_of(fee) - rest, reason=reason, by=by, at=at)
        if fee.minor:
            ledger = ledger.adding(LineKind.FEE, fee, reason=reason, by=by, at=at)
        return ledger


@attrs.frozen
class Pricing:
    """What a sum is made of beyond its base: extra services, and what an insurance covers of all.

    That is `insurance_bp` basis points, rounded down so that the patient carries the odd unit, or
    the sum `insurance_fixed`, never more than there is to cover.
    """

    extras: tuple[Extra, ...] = ()
    insurance_bp: int = attrs.field(default=0)
    insurance_fixed: Money | None = None

    @insurance_bp.validator
    def _a_share(self, _: object, value: int) -> None:
        if not 0 <= value <= BASIS_POINTS:
            raise Invalid("insurance_bp", f"between 0 and {BASIS_POINTS}")

    def parts(self) -> dict[str, Any]:
        """Each part by its name."""
        return attrs.asdict(self, recurse=False)

    def insured(self, total: Money) -> Money:
        """What the insurance covers of this total."""
        if self.insurance_fixed is None:
            return total.share_down(self.insurance_bp)
        return min(self.insurance_fixed, total)

    def restated(
        self, ledger: Ledger, former: "Pricing", *, reason: str, by: UserId, at: datetime
    ) -> Ledger:
        """The ledger under this pricing instead of the former: extras that went and came, and the
        insurance share anew.

        Raises: Invalid for an extra that costs nothing, another currency, or two kinds of share.
        """
        self._check(ledger.entries[0].amount)
        gone = list(former.extras)
        added = [one for one in self.extras if not _took(gone, one)]
        nothing = none_of(ledger.entries[0].amount)
        changes = [nothing - one.price for one in gone] + [one.price for one in added]
        for amount in changes:
            ledger = ledger.adding(LineKind.EXTRA, amount, reason=reason, by=by, at=at)
        total = ledger.sum(LineKind.BASE, LineKind.EXTRA)
        share = nothing - self.insured(total) - ledger.sum(LineKind.INSURANCE)
        return ledger.adding(LineKind.INSURANCE, share, reason=reason, by=by, at=at)

    def _check(self, base: Money) -> None:
        for extra in self.extras:
            if extra.price.currency != base.currency or extra.price.minor <= 0:
                raise Invalid("extras", f"a price above nothing in {base.currency}")
        fixed = self.insurance_fixed
        if fixed is not None and (
            self.insurance_bp or fixed.currency != base.currency or fixed.minor < 0
        ):
            raise Invalid("insurance_fixed", f"a sum in {base.currency}, and no share beside it")


def _took(extras: list[Extra], wanted: Extra) -> bool:
    if wanted in extras:
        extras.remove(wanted)
        return True
    return False


@attrs.frozen
class Proposal:
    """A higher sum that the practice asks the payer to agree to, and what it is made of."""

    due: Money
    pricing: Pricing
    by: UserId
    at: datetime
    reason: str = phi(validator=prose(500))
