"""What jurisdictions need from outside."""

from typing import Protocol


class NumberChecks(Protocol):
    """Check digits that a library knows; both are asked about ASCII digits only.

    A number that passes is well written: whether it was ever given to anybody, only its register
    can tell.
    """

    def nhs(self, digits: str, /) -> bool:
        """Whether the last of ten digits is the check digit of an NHS number (modulus 11)."""

    def luhn(self, digits: str, /) -> bool:
        """Whether the last digit is the Luhn check digit of those before it."""
