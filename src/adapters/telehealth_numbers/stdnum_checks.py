"""What python-stdnum knows of check digits."""

from stdnum import luhn
from stdnum.gb import nhs


class StdnumChecks:
    """Check digits of NHS numbers and of whatever follows Luhn; see `jurisdictions.ports`."""

    def nhs(self, digits: str, /) -> bool:
        """Whether the last of ten digits is the check digit of an NHS number."""
        return nhs.is_valid(digits)

    def luhn(self, digits: str, /) -> bool:
        """Whether the last digit is the Luhn check digit of those before it."""
        return luhn.is_valid(digits)
