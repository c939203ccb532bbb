"""Check digits of identification numbers, by python-stdnum."""

from telehealth_numbers.stdnum_checks import StdnumChecks

__all__ = ["StdnumChecks"]
