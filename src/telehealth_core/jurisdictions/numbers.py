"""Numbers that registers, post offices and states give, and how each is written.

A checker takes the text as it was typed and the name of its field, and refuses what cannot be such
a number. It never mends anything: where a letter stands in a digit's place it names the place and
what may have been meant. A refusal repeats nothing of the number but that one character.

Passing means that the number is well written, never that it belongs to anybody: a register number
still has to be looked up (PRO-01).
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from telehealth_core.shared.refusal import Invalid

CheckDigit = Callable[[str], bool]
"""Whether the check digit at the end of these digits is right."""
NumberRule = Callable[[str, str], None]
"""A checker of one kind of number: takes the text and the name of its field. Raises: Invalid."""

_MEANT: Final = {"I": "1", "O": "0", "S": "5", "1": "I", "0": "O", "5": "S"}
"""What is taken for one another in handwriting and print."""
_SYNTHETIC_FROM: Final = "9000000000"
_CHI_LAST: Final = "3112999999"


def nhs_number(
    text: str, field: str = "nhs_number", *, check_digit: CheckDigit, synthetic: bool
) -> None:
    """Refuse what cannot be an NHS number (IDV-11).

    Those from 9000000000 on are never given to anybody; `synthetic` says whether they may be used,
    as they are where nobody is real.

    Raises: Invalid.
    """
    _shaped(text, field, "9999999999", "[0-9]{10}", "ten digits without spaces")
    if len(set(text)) == 1:
        raise Invalid(field, "not one digit ten times over")
    if not check_digit(text):
        raise Invalid(field, "ten digits of which the last agrees with the others")
    if text <= _CHI_LAST and not _begins_with_a_date(text):
        raise Invalid(field, "a date as DDMMYY first, as in every number given in Scotland")
    if text >= _SYNTHETIC_FROM and not synthetic:
        raise Invalid(field, "below 9000000000; the others are for tests")


def _begins_with_a_date(digits: str) -> bool:
    """Whether the first six digits are a day of this century or, what is the same, of the last."""
    day, month, year = (int(digits[place : place + 2]) for place in (0, 2, 4))
    try:
        date(2000 + year, month, day)
    except ValueError:
        return False
    return True


def gmc(text: str, field: str = "number") -> None:
    """Refuse what cannot be a doctor's number at the General Medical Council (PRO-02).

    Raises: Invalid.
    """
    rule = "seven digits; a number that begins with A is an associate's"
    _shaped(text, field, "9999999", "[0-9]{7}", rule)


def gmc_associate(text: str, field: str = "number") -> None:
    """Refuse what cannot be an associate's number at the General Medical Council (PRO-02).

    Raises: Invalid.
    """
    _shaped(text, field, "A9999999", "A[0-9]{7}", "the letter A and seven digits")


def nmc(text: str, field: str = "number") -> None:
    """Refuse what cannot be a PIN of the Nursing and Midwifery Council (PRO-02).

    Raises: Invalid.
    """
    rule = "two digits, a capital letter, four digits and a capital letter"
    _shaped(text, field, "99A9999A", "[0-9]{2}[A-Z][0-9]{4}[A-Z]", rule)


def gphc(text: str, field: str = "number") -> None:
    """Refuse what cannot be a pharmacist's number at the General Pharmaceutical Council (PRO-02).

    Raises: Invalid.
    """
    _shaped(text, field, "9999999", "2[0-9]{6}", "seven digits, the first of them 2")


def npi(text: str, field: str = "npi", *, check_digit: CheckDigit) -> None:
    """Refuse what cannot be a National Provider Identifier (PRO-04).

    Raises: Invalid.
    """
    _shaped(text, field, "9999999999", "[12][0-9]{9}", "ten digits, the first of them 1 or 2")
    if not check_digit(f"80840{text}"):
        raise Invalid(field, "ten digits of which the last agrees with the others")


def dea(text: str, field: str = "number") -> None:
    """Refuse what cannot be a registration number of the Drug Enforcement Administration (PRO-04).

    Raises: Invalid.
    """
    rule = "a capital letter, another one or 9, and seven digits"
    _shaped(text, field, "A?9999999", "[A-Z][A-Z9][0-9]{7}", rule)
    first, second, third, fourth, fifth, sixth, last = map(int, text[2:])
    if (first + third + fifth + 2 * (second + fourth + sixth)) % 10 != last:
        raise Invalid(field, "seven digits of which the last agrees with the others")


_POSTCODE: Final = re.compile(
    r"""
    (   [A-PR-UWYZ] [0-9]{1,2}
    |   [A-PR-UWYZ] [A-HK-Y] [0-9]{1,2}
    |   [A-PR-UWYZ] [0-9] [A-HJKPSTUW]
    |   [A-PR-UWYZ] [A-HK-Y] [0-9] [ABEHMNPRVWXY]
    )
    [ ] [0-9] [ABD-HJLNP-UW-Z]{2}
    |   GIR [ ] 0AA
    |   BFPO [ ] [0-9]{1,4}
    """,
    re.VERBOSE,
)


def postcode(text: str, field: str = "postal_code") -> None:
    """Refuse what cannot be a postcode of the United Kingdom (BS 7666).

    Raises: Invalid.
    """
    if not _POSTCODE.fullmatch(text):
        raise Invalid(field, "a postcode in capitals with its space, as in SW1A 1AA")


_STATES: Final = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM"
    " NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR UM VI"
)
US_STATES: Final = frozenset(f"US-{code}" for code in _STATES.split())
"""The fifty states, the District of Columbia and six outlying areas (ISO 3166-2:US)."""


def us_state(text: str, field: str = "region") -> None:
    """Refuse what is no state, district or outlying area of the United States (PRO-04).

    Raises: Invalid.
    """
    if text not in US_STATES:
        raise Invalid(field, "a state, as in US-NY")


def _shaped(text: str, field: str, shape: str, pattern: str, rule: str) -> None:
    """Refuse what the pattern does not match; the shape has 9 for a digit and A for a letter.

    Raises: Invalid.
    """
    if not re.fullmatch(pattern, text):
        raise Invalid(field, "; ".join((rule, *_hints(text, shape))))


def _hints(text: str, shape: str) -> tuple[str, ...]:
    """For each place where one character looks like what belongs there: which, and what that is."""
    if len(text) != len(shape):
        return ()
    return tuple(
        f"character {place} is {found}, perhaps {_MEANT[found]} was meant"
        for place, (found, wanted) in enumerate(zip(text, shape, strict=True), start=1)
        if found in _MEANT and wanted == ("A" if found.isdigit() else "9")
    )
