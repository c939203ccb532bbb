"""Money: whole minor units of one currency. Nothing is ever rounded away: a share and its rest add
up again.
"""

import re
from typing import Self

import attrs

from telehealth_core.shared.refusal import Invalid

BASIS_POINTS = 10_000
"""A whole, in hundredths of a percent."""

_EXPONENTS = {"GBP": 2, "USD": 2, "EUR": 2, "JPY": 0}


@attrs.frozen
class Money:
    """An amount in minor units (pence, cents) of an ISO 4217 currency."""

    minor: int
    currency: str = attrs.field()

    @currency.validator
    def _currency(self, _: object, value: str) -> None:
        if not re.fullmatch(r"[A-Z]{3}", value):
            raise Invalid("currency", "an ISO 4217 code of three capitals, as in GBP")

    def __add__(self, other: Self) -> Self:
        self._same(other)
        return attrs.evolve(self, minor=self.minor + other.minor)

    def __sub__(self, other: Self) -> Self:
        self._same(other)
        return attrs.evolve(self, minor=self.minor - other.minor)

    def __le__(self, other: Self) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __lt__(self, other: Self) -> bool:
        self._same(other)
        return self.minor < other.minor

    def share_down(self, basis_points: int) -> Self:
        """That share of the amount, rounded towards zero, so that the rest (`self - share`) carries
        the odd unit.

        Raises: Invalid outside 0 to 10,000 basis points.
        """
        if not 0 <= basis_points <= BASIS_POINTS:
            raise Invalid("basis_points", f"a share lies between 0 and {BASIS_POINTS}")
        sign = -1 if self.minor < 0 else 1
        return attrs.evolve(self, minor=sign * (abs(self.minor) * basis_points // BASIS_POINTS))

    def __str__(self) -> str:
        exponent = _EXPONENTS.get(self.currency, 2)
        sign, digits = ("-" if self.minor < 0 else ""), f"{abs(self.minor):0{exponent + 1}d}"
        whole, rest = (digits[:-exponent], digits[-exponent:]) if exponent else (digits, "")
        return f"{sign}{whole}{'.' + rest if rest else ''} {self.currency}"

    def _same(self, other: Self) -> None:
        assert self.currency == other.currency, "amounts of two currencies are never mixed"
