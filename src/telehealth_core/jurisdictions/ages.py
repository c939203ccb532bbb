"""Ages: birthdays, and the bands of age in which somebody else acts or one acts alone (CHD-01)."""

from datetime import date
from enum import StrEnum

import attrs


class Guardians(StrEnum):
    """What lets guardians act for somebody of an age band."""

    ACT = "act"
    """That they are guardians."""
    RENEWED = "renewed"
    """A clinician's recorded decision (CHD-04)."""
    INVITED = "invited"
    """The patient's own consent (CHD-04)."""
    NONE = "none"
    """Nothing: the patient is of age (CHD-12)."""


class OwnConsent(StrEnum):
    """Whether somebody of an age band can agree to treatment alone."""

    NO = "no"
    IF_ASSESSED = "if-assessed"
    """If a clinician found them able to, for this one visit (Gillick, CHD-03)."""
    YES = "yes"


@attrs.frozen
class AgeBand:
    """The ages from `least` up to the next band's, and who decides at that age."""

    code: str
    least: int
    guardians: Guardians
    consents_alone: OwnConsent


def birthday(birth_date: date, years: int) -> date:
    """The day on which so many years are completed; born on 29 February, it is 1 March in other
    years (CHD-01).
    """
    year = birth_date.year + years
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def completed_years(birth_date: date, on: date) -> int:
    """How old somebody is on that local date; negative before birth (CHD-01)."""
    before_birthday = (on.month, on.day) < (birth_date.month, birth_date.day)
    return on.year - birth_date.year - before_birthday
