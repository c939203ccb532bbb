"""The rules of prescribing in the United Kingdom: Human Medicines Regulations 2012, Misuse of Drugs
Regulations 2001, and what the regulators of doctors and pharmacies expect.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from telehealth_core.prescribing.facts import Facts, Rule
from telehealth_core.prescribing.item import Item, Schedule
from telehealth_core.prescribing.signature import AGE_SHOWN_BELOW
from telehealth_core.shared.calendar import last_day

MONTHS = 6
CONTROLLED_DAYS = 28
"""How long a prescription of Schedule 2, 3 or 4 counts, its first day included: the stricter way
to read it (RXU-02).
"""
SUPPLY_DAYS_MOST = 30
EXCEPTION_DAYS_MOST = 5
"""The "limited quantity" of an exception: as many days as an emergency supply of a controlled
medicine may have.
"""
_TWENTY_EIGHT_DAYS = frozenset({Schedule.TWO, Schedule.THREE, Schedule.FOUR})


def valid_until(items: Iterable[Item], first: date) -> date:
    """Its last day, counted from the appropriate date as the first (RXU-02)."""
    if any(item.schedule in _TWENTY_EIGHT_DAYS for item in items):
        return first + timedelta(days=CONTROLLED_DAYS - 1)
    return last_day(first, MONTHS)


def unnumbered(items: Iterable[Item]) -> int:
    """How often "repeatable" without a number is: twice in all, and six times where everything on
    it is an oral contraceptive (RXU-03).
    """
    return 6 if all(item.oral_contraceptive for item in items) else 2


def _particulars(facts: Facts) -> bool:
    """It names its date, the practitioner's address and kind, the patient's name and address, and
    the age of a patient under twelve (RXU-01).
    """
    told = facts.particulars
    young = facts.patient.known.years(facts.day) < AGE_SHOWN_BELOW
    named = (
        told.patient_name,
        told.patient_address,
        told.prescriber_name,
        told.prescriber_kind,
        told.prescriber_address,
    )
    return all(one.strip() for one in named) and (told.patient_age is not None or not young)


def _schedule_one_on_paper(facts: Facts) -> bool:
    """Schedule 1 is never prescribed electronically (RXU-05)."""
    return all(item.schedule is not Schedule.ONE for item in facts.items)


def _schedule_two_three_on_paper(facts: Facts) -> bool:
    """Schedules 2 and 3 go electronically through the national service only, to which there is no
    connection: use the paper form (RXU-05).
    """
    return all(item.schedule not in {Schedule.TWO, Schedule.THREE} for item in facts.items)


def _thirty_days(facts: Facts) -> bool:
    """More than thirty days of Schedule 2, 3 or 4 need a reason (RXU-07)."""
    long = any(
        item.schedule in _TWENTY_EIGHT_DAYS and item.days > SUPPLY_DAYS_MOST for item in facts.items
    )
    return not long or facts.prescription.circumstances.over_thirty_days is not None


def _record_seen(facts: Facts) -> bool:
    """What is controlled or liable to misuse needs the patient's record; without it, one of the two
    exceptions and a few days' supply (RXU-08).
    """
    told = facts.prescription.circumstances
    liable = [item for item in facts.items if item.liable]
    limited = all(item.days <= EXCEPTION_DAYS_MOST for item in liable)
    once = facts.prescription.dispensings == 1
    excepted = told.record_exception is not None and limited and once
    return not liable or told.record_seen or excepted


def by_exception(facts: Facts) -> bool:
    """Whether it stands on an exception, so that somebody has to look at it (RXU-08)."""
    liable = any(item.liable for item in facts.items)
    return liable and not facts.prescription.circumstances.record_seen


def _gp_told(facts: Facts) -> bool:
    """A medicine on the list for a patient who does not want their general practitioner to be told
    needs a reason (RXU-09).
    """
    reason = facts.prescription.circumstances.without_gp
    listed = any(item.listed for item in facts.items)
    return not listed or facts.shares_with_gp or reason is not None


RULES = (
    Rule("particulars", "It names everything that it must name.", _particulars),
    Rule("schedule-1-on-paper", "Schedule 1 is never electronic.", _schedule_one_on_paper),
    Rule(
        "schedule-2-3-on-paper",
        "Schedules 2 and 3 need the paper form.",
        _schedule_two_three_on_paper,
    ),
    Rule("thirty-days", "Over thirty days' supply has a reason.", _thirty_days),
    Rule("record-seen", "The patient's record was at hand.", _record_seen),
    Rule("gp-told", "The general practitioner is told, or there is a reason.", _gp_told),
)


def _own_key(facts: Facts) -> bool:
    """An electronic original bears an advanced electronic signature: made with a key that is the
    prescriber's alone (RXU-04).
    """
    return facts.own_key


TO_SEND = (Rule("own-key", "Signed with a key that is the prescriber's alone.", _own_key),)
