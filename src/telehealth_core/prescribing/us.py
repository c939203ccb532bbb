"""The rules of prescribing in the United States: 21 CFR 1306 and 1307, and the states' licences."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

import attrs

from telehealth_core.prescribing.facts import Facts, Rule
from telehealth_core.prescribing.item import Item, Schedule
from telehealth_core.prescribing.signature import registration_for_controlled
from telehealth_core.shared.calendar import last_day

REFILLS_MOST = 5
SERIES_DAYS_MOST = 90
BUPRENORPHINE_DAYS_MOST = 180
_REFILLABLE = frozenset({Schedule.THREE, Schedule.FOUR})


def valid_until(items: Iterable[Item], first: date) -> date:
    """Its last day: ninety days for Schedule II, six months for III and IV (RXS-04), a year for
    everything else. A day shorter than federal law, and state law may be stricter still.
    """
    schedules = {item.schedule for item in items}
    if Schedule.TWO in schedules:
        return first + timedelta(days=SERIES_DAYS_MOST - 1)
    return last_day(first, 6 if schedules & _REFILLABLE else 12)


def unnumbered(_: Iterable[Item]) -> int:
    """Refills that nobody numbered are none."""
    return 1


def _licensed_there(facts: Facts) -> bool:
    """A live licence of the very state that the patient is in (RXS-01)."""
    return facts.region is not None and facts.provider.licensed(facts.day, facts.region)


def _dea_there(facts: Facts) -> bool:
    """What is controlled needs a live DEA registration for that state too (RXS-01)."""
    found = registration_for_controlled(facts.provider, facts.day, facts.region)
    return not facts.controlled or (facts.region is not None and found is not None)


def _examined(facts: Facts) -> bool:
    """The prescriber examined the patient in person, some day up to now."""
    examined = facts.prescription.circumstances.examined_on
    return examined is not None and examined <= facts.day


def _seen_live(facts: Facts) -> bool:
    """Prescriber and patient saw or heard each other."""
    return facts.live_contact


def _buprenorphine(facts: Facts) -> bool:
    """Nothing controlled but buprenorphine of Schedule III, for six months at most, in live
    contact.
    """
    return facts.live_contact and all(
        item.schedule is Schedule.THREE
        and "buprenorphine" in item.medicine.casefold()
        and item.days <= BUPRENORPHINE_DAYS_MOST
        for item in facts.items
        if item.controlled
    )


@attrs.frozen
class LegalPath:
    """One way in which the law lets a controlled medicine be prescribed from afar, from one day to
    another, both included; None is without end.
    """

    name: str
    since: date | None
    until: date | None
    met: Callable[[Facts], bool]

    def live(self, on: date) -> bool:
        """Whether it is law on that day."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


LEGAL_PATHS = (
    LegalPath("examined-in-person", None, None, _examined),
    LegalPath("temporary-rule", date(2026, 1, 1), date(2026, 12, 31), _seen_live),
    LegalPath("buprenorphine-rule", date(2025, 12, 31), None, _buprenorphine),
)
"""Every path there is, with its dates (21 CFR 1307.41, 90 FR 61301). What is not here is forbidden:
a later rule, such as a special registration, is a later line.
"""


def _legal_path(facts: Facts) -> bool:
    """A controlled medicine from afar needs one path that is law today and whose conditions are met
    (RXS-02).
    """
    paths = (path for path in LEGAL_PATHS if path.live(facts.day))
    return not facts.controlled or any(path.met(facts) for path in paths)


def _no_schedule_one(facts: Facts) -> bool:
    """Schedule I has no accepted medical use and is never prescribed (21 USC 812, 829)."""
    return all(item.schedule is not Schedule.ONE for item in facts.items)


def _refills(facts: Facts) -> bool:
    """Schedule II is never refilled, III and IV five times at most (RXS-04)."""
    refills = (facts.prescription.dispensings or 1) - 1
    schedules = {item.schedule for item in facts.items}
    most = 0 if Schedule.TWO in schedules else REFILLS_MOST
    return refills <= most or not schedules & {Schedule.TWO, *_REFILLABLE}


def _series(facts: Facts) -> bool:
    """Several prescriptions of one Schedule II medicine cover ninety days together at most, and
    each after the first says when it may first be filled (RXS-04).
    """
    for item in facts.items:
        if item.schedule is Schedule.TWO:
            before = [
                other.days
                for one in facts.earlier
                if one.appointment_id == facts.prescription.appointment_id
                and one.signed_at is not None
                and one.cancelled_because is None
                for other in one.items
                if other.same_medicine(item)
            ]
            dated = facts.prescription.not_before is not None
            if item.days + sum(before) > SERIES_DAYS_MOST or (before and not dated):
                return False
    return True


def _elements(facts: Facts) -> bool:
    """It names the patient with address and the prescriber with address, and for what is controlled
    the DEA number; date, medicine, strength, form, quantity and directions it always has (RXS-05).
    """
    told = facts.particulars
    named = (
        told.patient_name,
        told.patient_address,
        told.prescriber_name,
        told.prescriber_address,
        (told.dea_number or "") if facts.controlled else "not needed",
    )
    return all(one.strip() for one in named)


def _monitoring_checked(facts: Facts) -> bool:
    """Before something controlled the state's monitoring program is asked, that same day. Which
    states require it is not settled, so every state counts as one that does (RXS-06).
    """
    return not facts.controlled or (
        facts.prescription.circumstances.monitoring_checked_on == facts.day
    )


RULES = (
    Rule("licensed-there", "Licensed in the state the patient is in.", _licensed_there),
    Rule("dea-there", "DEA-registered in that state for what is controlled.", _dea_there),
    Rule("legal-path", "A legal path for a controlled medicine from afar.", _legal_path),
    Rule("no-schedule-1", "Schedule I is never prescribed.", _no_schedule_one),
    Rule("refills", "No more refills than the schedule allows.", _refills),
    Rule("series", "Ninety days of Schedule II at most.", _series),
    Rule("elements", "It names everything that it must name.", _elements),
    Rule("monitoring-checked", "The monitoring program was asked.", _monitoring_checked),
)


def _controlled_stays(facts: Facts) -> bool:
    """What is controlled is recorded here and never transmitted, whoever asks (RXS-03)."""
    return not facts.controlled


TO_SEND = (
    Rule("controlled-stays", "Controlled medicines are never transmitted.", _controlled_stays),
)
