"""The rules of prescribing: each holds or is named, at its very boundary (RXC, RXU, RXS)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.prescribing import us
from telehealth_core.prescribing.facts import (
    Facts,
    MayNotPrescribe,
    PrescriptionRefused,
    require_lawful,
)
from telehealth_core.prescribing.item import Schedule, within
from telehealth_core.prescribing.law import LAWS
from telehealth_core.prescribing.life import PrescriptionStatus
from telehealth_core.prescribing.rules import CLASSES, warnings
from telehealth_core.prescribing.script import Asked, RecordException, Script
from telehealth_core.registration.patient import Address, Patient
from telehealth_core.shared.ids import AppointmentId, PatientId
from telehealth_core.shared.refusal import Invalid
from telehealth_core.workforce.licence import Condition, RegisterStatus
from telehealth_core.workforce.provider import Licence, Profession
from unit.clinic import LAWS as LAWFUL
from unit.clinic import profile
from unit.prescribing.scripts import (
    AT,
    DAY,
    HISTORY,
    but,
    draft_of,
    facts,
    item,
    licences,
    script,
    signed_before,
    visit,
)

CLASS = (None, *Schedule)
CHECKED = {"monitoring_checked_on": DAY}
LONDON, NEW_YORK = "uk", "us"


def broken(found: Facts, *, sending: bool = False) -> set[str]:
    """The names of the rules that do not hold."""
    law = LAWS[found.practice.jurisdiction_code]
    rules = (*law.signing, *law.sending) if sending else law.signing
    names = {rule.name for rule in rules if not rule.holds(found)}
    if not names:
        require_lawful(found, rules)
        return names
    with pytest.raises(PrescriptionRefused) as refused:
        require_lawful(found, rules)
    about_person = {rule.name for rule in rules if rule.about_person}
    assert isinstance(refused.value, MayNotPrescribe) == bool(names & about_person)
    assert set(refused.value.rules.split(", ")) == names
    return names


def controlled(schedule: Schedule, **other: Any) -> Script:
    """A script for something of that schedule, with the monitoring program asked."""
    return script(item(schedule=schedule, **other), circumstances=CHECKED)


@pytest.mark.parametrize("jurisdiction", LAWS)
def test_a_careful_prescription_breaks_no_rule(jurisdiction: str) -> None:
    """What is ordinary, asked for and written whole is lawful, and is refused by nothing."""
    found = facts(jurisdiction)
    assert broken(found) == set()
    ready = but(found, signature_stands=True, own_key=True)
    signed = but(found.prescription, valid_until=DAY)
    assert broken(but(ready, prescription=signed), sending=True) == set()


@pytest.mark.parametrize("jurisdiction", LAWS)
def test_a_refusal_names_every_rule_that_is_broken_and_every_rule_has_its_name_once(
    jurisdiction: str,
) -> None:
    """Whoever corrects a prescription sees all there is to correct."""
    law = LAWS[jurisdiction]
    rules = (*law.signing, *law.sending)
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.holds.__doc__ and rule.asks.endswith(".") for rule in rules)
    careless = facts(
        jurisdiction,
        Script(items=(item(schedule=Schedule.ONE),)),
        location=None,
        identity_confirmed=False,
        consultation=None,
    )
    assert {"identity-confirmed", "right-to-prescribe", "allergies-asked", "live-contact"} <= (
        broken(careless)
    )


# --- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", CLASS)
@pytest.mark.parametrize("profession", Profession)
@pytest.mark.parametrize("jurisdiction", LAWS)
def test_a_profession_prescribes_the_classes_of_its_right_and_no_other(
    jurisdiction: str, profession: Profession, schedule: Schedule | None
) -> None:
    """Every profession with every class of medicine, in both jurisdictions (RXC-01)."""
    found = facts(
        jurisdiction, script(item(schedule=schedule), circumstances=CHECKED), profession=profession
    )
    may = schedule in CLASSES[jurisdiction].get(profession, ())
    assert ("right-to-prescribe" not in broken(found)) == may
    assert schedule is not Schedule.ONE or not may


@pytest.mark.parametrize("jurisdiction", LAWS)
def test_without_the_recorded_right_nobody_prescribes(jurisdiction: str) -> None:
    """A profession alone is no right (RXC-01)."""
    found = facts(jurisdiction)
    provider = but(found.provider, prescriber=False)
    assert broken(but(found, provider=provider)) == {"right-to-prescribe"}


@pytest.mark.parametrize(("days", "may"), [(0, True), (-1, False)])
def test_a_registration_that_lapsed_yesterday_is_none(days: int, may: bool) -> None:
    """Its last day still counts (RXC-01)."""
    ends = licences(LONDON)[0]
    last = but(ends, expires_on=DAY + timedelta(days=days))
    assert (broken(facts(LONDON, licences=(last,))) == set()) == may


@pytest.mark.parametrize("condition", Condition)
def test_conditions_on_a_registration_switch_off_what_they_forbid(condition: Condition) -> None:
    """No prescribing at all, no controlled medicines, or no remote care (PRO-03)."""
    bound = but(
        licences(LONDON)[0], status=RegisterStatus.CONDITIONS, conditions=frozenset({condition})
    )
    ordinary = facts(LONDON, licences=(bound,))
    strict = facts(LONDON, controlled(Schedule.FOUR), licences=(bound,))
    stops = {Condition.NO_PRESCRIBING, Condition.NO_REMOTE_CARE}
    assert ("right-to-prescribe" in broken(ordinary)) == (condition in stops)
    assert ("right-to-prescribe" in broken(strict)) == (
        condition in stops | {Condition.NO_CONTROLLED_MEDICINES}
    )


@pytest.mark.parametrize("location", ["FR", "US-NY", None])
def test_nobody_prescribes_for_a_patient_who_is_elsewhere(location: str | None) -> None:
    """The right holds in the jurisdiction, and a place that nobody told is nowhere (RXC-01)."""
    assert broken(facts(LONDON, location=location)) == {"right-to-prescribe"}


def test_nobody_prescribes_for_themselves() -> None:
    """The clinician's linked patient is refused; a namesake is a warning (RXC-05)."""
    found = facts(LONDON)
    own = but(found, prescriber_as_patient=found.patient)
    assert broken(own) == {"not-for-oneself"}
    other = but(found.patient, id=PatientId(UUID(int=99)))
    assert broken(but(found, prescriber_as_patient=other)) == set()


# --- what was asked, and how --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        ("allergies", "allergies-asked"),
        ("current_medicines", "medicines-asked"),
        ("other_sources", "sources-asked"),
    ],
)
@pytest.mark.parametrize("jurisdiction", LAWS)
def test_every_question_of_the_history_is_asked_before_signing(
    jurisdiction: str, question: str, rule: str
) -> None:
    """Leaving out any one is refused by its name (RXC-03)."""
    history = but(HISTORY, **{question: None})
    assert broken(facts(jurisdiction, script(history=history))) == {rule}


def test_that_nothing_is_known_is_said_expressly() -> None:
    """An empty answer is no answer, and neither is both at once (RXC-03)."""
    for entries, none_known in (((), False), (("penicillin",), True), (("x",) * 51, False)):
        with pytest.raises(Invalid):
            Asked(entries=entries, none_known=none_known)


@pytest.mark.parametrize("jurisdiction", LAWS)
@pytest.mark.parametrize("mark", ["higher_risk", "misuse_liable"])
def test_no_listed_medicine_from_a_form_alone(jurisdiction: str, mark: str) -> None:
    """Without both in the visit together only what is not on the list is prescribed (RXC-04)."""
    where = "GB" if jurisdiction == LONDON else "US-NY"
    alone = {"consultation": visit(where, met=False)}
    marked: Any = {mark: True}
    listed = script(item(**marked))
    assert broken(facts(jurisdiction, listed, **alone)) == {"live-contact"}
    assert broken(facts(jurisdiction, script(), **alone)) == set()
    assert broken(facts(jurisdiction, listed)) == set()


def test_identity_is_confirmed_first() -> None:
    """A prescription for whoever it was is none (IDV-04)."""
    assert broken(facts(LONDON, identity_confirmed=False)) == {"identity-confirmed"}


# --- the United Kingdom -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "particular",
    [
        "patient_name",
        "patient_address",
        "prescriber_name",
        "prescriber_kind",
        "prescriber_address",
    ],
)
def test_a_british_prescription_names_everything_it_must(particular: str) -> None:
    """Removing each particular in turn is refused; its date it always has (RXU-01)."""
    found = facts(LONDON)
    told = but(found.particulars, **{particular: " "})
    assert broken(but(found, particulars=told)) == {"particulars"}
    assert found.particulars.appropriate_date == DAY


@pytest.mark.parametrize(
    ("birth_date", "shown"), [(date(2014, 11, 25), 11), (date(2014, 11, 24), None)]
)
def test_the_age_is_shown_under_twelve(birth_date: date, shown: int | None) -> None:
    """At eleven years and 364 days it must be there, at twelve it need not (RXU-01)."""
    found = facts(LONDON, birth_date=birth_date)
    assert found.particulars.patient_age == shown
    assert broken(found) == set()
    silent = but(found.particulars, patient_age=None)
    refused = {"particulars"} if shown is not None else set()
    assert broken(but(found, particulars=silent)) == refused


def test_an_address_that_is_not_known_is_refused() -> None:
    """A profile without an address makes no prescription (RXU-01, RXS-05)."""
    for jurisdiction, rule in ((LONDON, "particulars"), (NEW_YORK, "elements")):
        found = facts(jurisdiction)
        nowhere = but(found.patient, profile=profile(address=None))
        told = type(found.particulars).of(
            found.practice, found.provider, nowhere, region=None, signed_on=DAY
        )
        assert broken(but(found, patient=nowhere, particulars=told)) == {rule}


@pytest.mark.parametrize(
    ("schedule", "refused"),
    [
        (None, set()),
        (Schedule.ONE, {"right-to-prescribe", "schedule-1-on-paper"}),
        (Schedule.TWO, {"schedule-2-3-on-paper"}),
        (Schedule.THREE, {"schedule-2-3-on-paper"}),
        (Schedule.FOUR, set()),
        (Schedule.FIVE, set()),
    ],
)
def test_schedules_one_to_three_are_never_electronic_here(
    schedule: Schedule | None, refused: set[str]
) -> None:
    """A fixture of each schedule; two and three need the paper form (RXU-05)."""
    assert broken(facts(LONDON, script(item(schedule=schedule)))) == refused


@pytest.mark.parametrize("schedule", CLASS)
@pytest.mark.parametrize("days", [30, 31])
def test_more_than_thirty_days_of_schedule_two_to_four_need_a_reason(
    schedule: Schedule | None, days: int
) -> None:
    """Thirty days pass, thirty-one need a reason (RXU-07)."""
    long = script(item(schedule=schedule, days=days))
    needed = days > 30 and schedule in {Schedule.TWO, Schedule.THREE, Schedule.FOUR}
    assert ("thirty-days" in broken(facts(LONDON, long))) == needed
    reason = {"over_thirty_days": "abroad for six weeks"}
    excused = script(item(schedule=schedule, days=days), circumstances=reason)
    assert "thirty-days" not in broken(facts(LONDON, excused))


@pytest.mark.parametrize("liable", [{"misuse_liable": True}, {"schedule": Schedule.FIVE}])
def test_what_is_liable_to_misuse_needs_the_record_or_an_exception(liable: Any) -> None:
    """Without the record: one of two exceptions, for a few days, once; and then somebody looks at
    it (RXU-08).
    """
    by_exception = LAWS[LONDON].by_exception
    blind: dict[str, Any] = {"record_seen": False}
    blocked = facts(LONDON, script(item(**liable), circumstances=blind))
    assert broken(blocked) == {"record-seen"}
    for exception in RecordException:
        excepted = {**blind, "record_exception": exception}
        few = facts(LONDON, script(item(days=5, **liable), circumstances=excepted))
        many = facts(LONDON, script(item(days=6, **liable), circumstances=excepted))
        again = script(item(days=5, **liable), circumstances=excepted, dispensings=2)
        assert broken(few) == set()
        assert broken(many) == broken(facts(LONDON, again)) == {"record-seen"}
        assert by_exception(few)
    seen = facts(LONDON, script(item(**liable)))
    assert broken(seen) == set()
    assert not by_exception(seen)
    assert not by_exception(facts(LONDON, script(circumstances=blind)))


@pytest.mark.parametrize("shares", [True, False])
@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("reason", [None, "unsafe to wait"])
def test_whoever_keeps_it_from_their_gp_gets_no_listed_medicine_without_a_reason(
    shares: bool, listed: bool, reason: str | None
) -> None:
    """Refusal and listed medicine together need a reason (RXU-09)."""
    written = script(item(higher_risk=listed), circumstances={"without_gp": reason})
    refused = listed and not shares and reason is None
    found = facts(LONDON, written, shares_with_gp=shares)
    assert broken(found) == ({"gp-told"} if refused else set())


def test_an_original_is_sent_only_as_it_was_signed_with_the_prescribers_own_key() -> None:
    """A changed byte, or a key that others have, is no electronic original (RXU-04)."""
    found = facts(LONDON)
    ready = but(found, prescription=but(found.prescription, valid_until=DAY), own_key=True)
    assert broken(ready, sending=True) == {"signature-stands"}
    shared = but(ready, signature_stands=True, own_key=False)
    assert broken(shared, sending=True) == {"own-key"}
    american = facts(NEW_YORK, signature_stands=True)
    dated = but(american.prescription, valid_until=DAY)
    assert broken(but(american, prescription=dated), sending=True) == set()


@pytest.mark.parametrize(("ends", "refused"), [(0, set()), (-1, {"within-validity"})])
def test_nothing_is_sent_after_its_last_day(ends: int, refused: set[str]) -> None:
    """The last day itself still counts (RXU-02)."""
    found = facts(LONDON, signature_stands=True, own_key=True)
    dated = but(found.prescription, valid_until=DAY + timedelta(days=ends))
    assert broken(but(found, prescription=dated), sending=True) == refused
    assert broken(found, sending=True) == {"within-validity"}


# --- the United States --------------------------------------------------------------------------


def test_a_patient_who_moved_to_another_state_is_prescribed_nothing() -> None:
    """The state that the patient's body is in decides, and the reason is named (RXS-01)."""
    assert broken(facts(NEW_YORK, location="US-NJ")) == {"right-to-prescribe", "licensed-there"}
    assert "licensed-there" in broken(facts(NEW_YORK, location=None))


@pytest.mark.parametrize("schedule", [None, Schedule.TWO, Schedule.FIVE])
def test_what_is_controlled_needs_a_dea_registration_for_that_state(
    schedule: Schedule | None,
) -> None:
    """One of another state, or a lapsed one, is none; the licence alone is not enough (RXS-01)."""
    written = script(item(schedule=schedule), circumstances=CHECKED)
    licence, dea = licences(NEW_YORK)
    elsewhere = but(dea, region="US-NJ")
    lapsed = but(dea, expires_on=DAY - timedelta(days=1))
    for held in ((licence,), (licence, elsewhere), (licence, lapsed)):
        refused = {"dea-there", "elements", "right-to-prescribe"} if schedule else set()
        assert broken(facts(NEW_YORK, written, licences=held)) == refused
    last_day = but(dea, expires_on=DAY)
    assert broken(facts(NEW_YORK, written, licences=(licence, last_day))) == set()


def test_a_dea_registration_is_no_licence_to_practice() -> None:
    """Whoever has nothing else prescribes nothing (RXS-01)."""
    _, dea = licences(NEW_YORK)
    assert broken(facts(NEW_YORK, licences=(dea,))) == {"right-to-prescribe", "licensed-there"}


NOON = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
"""Noon of the last day of the temporary rule, in New York."""


@pytest.mark.parametrize(
    ("at", "examined", "lawful"),
    [
        (NOON, None, True),
        (NOON + timedelta(hours=11, minutes=59), None, True),
        (NOON + timedelta(hours=12), None, False),
        (NOON + timedelta(days=1), None, False),
        (NOON + timedelta(days=1), date(2020, 1, 1), True),
        (NOON + timedelta(days=1), date(2027, 1, 1), True),
        (NOON + timedelta(days=1), date(2027, 1, 2), False),
    ],
)
def test_a_controlled_medicine_from_afar_needs_a_path_that_is_law_that_day(
    at: datetime, examined: date | None, lawful: bool
) -> None:
    """The temporary rule ends with 2026 where the practice is; from then on only somebody examined
    in person, today at the latest, is prescribed any (RXS-02).
    """
    day = at.astimezone(UTC) - timedelta(hours=5)
    told = {"examined_on": examined, "monitoring_checked_on": day.date()}
    met = visit("US-NY")
    later = but(met, attendances=tuple(but(one, until=AT) for one in met.attendances))
    written = script(item(schedule=Schedule.TWO), circumstances=told)
    found = facts(NEW_YORK, written, at=at, consultation=later)
    assert (broken(found) == set()) == lawful
    assert broken(facts(NEW_YORK, script(), at=at, consultation=later)) == set()


@pytest.mark.parametrize(
    ("medicine", "schedule", "days", "lawful"),
    [
        ("Buprenorphine and naloxone", Schedule.THREE, 180, True),
        ("buprenorphine", Schedule.THREE, 181, False),
        ("buprenorphine", Schedule.TWO, 30, False),
        ("Diazepam", Schedule.THREE, 30, False),
    ],
)
def test_buprenorphine_has_a_path_of_its_own(
    medicine: str, schedule: Schedule, days: int, lawful: bool
) -> None:
    """After 2026, six months of it and of nothing else that is controlled (RXS-02)."""
    at = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
    told = {"monitoring_checked_on": at.date()}
    written = script(item(medicine, schedule=schedule, days=days), item(), circumstances=told)
    assert ("legal-path" not in broken(facts(NEW_YORK, written, at=at))) == lawful
    apart = facts(NEW_YORK, written, at=at, consultation=visit("US-NY", met=False))
    assert "legal-path" in broken(apart)


@LAWFUL
@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_the_table_of_paths_fails_closed(day: date) -> None:
    """On no day of no year is there a path but those of the table within their dates (RXS-02)."""
    live = {path.name for path in us.LEGAL_PATHS if path.live(day)}
    assert ("temporary-rule" in live) == (day.year == 2026)
    assert "examined-in-person" in live
    assert not live - {path.name for path in us.LEGAL_PATHS}


@pytest.mark.parametrize("schedule", CLASS)
@pytest.mark.parametrize("times", [None, 1, 2, 6, 7])
def test_refills_are_bounded_by_schedule(schedule: Schedule | None, times: int | None) -> None:
    """None of Schedule II, five of III and IV, any number of the others (RXS-04)."""
    most = {Schedule.TWO: 1, Schedule.THREE: 6, Schedule.FOUR: 6}.get(schedule or Schedule.ONE, 99)
    written = script(item(schedule=schedule), dispensings=times, circumstances=CHECKED)
    assert ("refills" in broken(facts(NEW_YORK, written))) == ((times or 1) > most)


def test_schedule_one_is_never_prescribed() -> None:
    """It has no accepted use."""
    assert "no-schedule-1" in broken(facts(NEW_YORK, controlled(Schedule.ONE)))


@pytest.mark.parametrize(
    ("before", "now", "dated", "lawful"),
    [
        ((), 90, False, True),
        ((), 91, False, False),
        ((30, 30), 30, True, True),
        ((30, 30), 31, True, False),
        ((30,), 30, False, False),
    ],
)
def test_a_series_of_schedule_two_covers_ninety_days(
    before: tuple[int, ...], now: int, dated: bool, lawful: bool
) -> None:
    """Together, and each later one says from when it may be filled (RXS-04)."""
    earlier = tuple(
        signed_before(script(item(schedule=Schedule.TWO, days=days)), AT) for days in before
    )
    start = DAY + timedelta(days=sum(before)) if dated else None
    written = but(controlled(Schedule.TWO, days=now), not_before=start)
    assert ("series" not in broken(facts(NEW_YORK, written, earlier=earlier))) == lawful
    gone = tuple(but(one, cancelled_because="mistake") for one in earlier)
    other = tuple(but(one, appointment_id=AppointmentId(UUID(int=77))) for one in earlier)
    unsigned = tuple(but(one, signature=None) for one in earlier)
    for not_counted in (gone, other, unsigned):
        found = facts(NEW_YORK, written, earlier=not_counted)
        assert ("series" in broken(found)) == (now > 90)


@pytest.mark.parametrize(
    "element",
    ["patient_name", "patient_address", "prescriber_name", "prescriber_address", "dea_number"],
)
def test_a_controlled_prescription_has_every_element(element: str) -> None:
    """Removing each in turn is refused; the DEA number only where something is controlled
    (RXS-05).
    """
    found = facts(NEW_YORK, controlled(Schedule.TWO))
    assert broken(found) == set()
    told = but(found.particulars, **{element: "" if element != "dea_number" else None})
    assert broken(but(found, particulars=told)) == {"elements"}
    plain = but(facts(NEW_YORK), particulars=told)
    assert broken(plain) == (set() if element == "dea_number" else {"elements"})


@pytest.mark.parametrize("element", ["medicine", "strength", "form", "unit", "directions"])
def test_an_item_without_one_of_its_words_is_no_item(element: str) -> None:
    """Medicine, strength, form, quantity and directions are always there (RXS-05, RXU-06)."""
    with pytest.raises(Invalid):
        item(**{element: " "})
    none: Any
    for none in ({"quantity": 0}, {"days": 0}):
        with pytest.raises(Invalid):
            item(**none)


@pytest.mark.parametrize("asked", [None, DAY - timedelta(days=1), DAY])
def test_the_monitoring_program_is_asked_that_day(asked: date | None) -> None:
    """Before anything controlled; a look of yesterday is none (RXS-06)."""
    told = {"monitoring_checked_on": asked}
    strict = script(item(schedule=Schedule.FOUR), circumstances=told)
    refused = set() if asked == DAY else {"monitoring-checked"}
    assert broken(facts(NEW_YORK, strict)) == refused
    assert broken(facts(NEW_YORK, script(circumstances=told))) == set()


@pytest.mark.parametrize("schedule", Schedule)
def test_what_is_controlled_is_never_transmitted(schedule: Schedule) -> None:
    """Whoever asks, whatever the schedule (RXS-03)."""
    found = facts(NEW_YORK, controlled(schedule), signature_stands=True, own_key=True)
    assert "controlled-stays" in broken(found, sending=True)
    assert "controlled-stays" not in broken(found)


# --- warnings -----------------------------------------------------------------------------------


def test_close_persons_are_a_warning_and_no_refusal() -> None:
    """The same surname, or the same address, is told (RXC-05)."""
    found = facts(LONDON)
    assert warnings(found) == frozenset()
    for name in ("Sam EXAMPLE", "Sam Example Example", "Dr. Sam A. Example"):
        alike = but(found, provider=but(found.provider, name=name))
        assert warnings(alike) == {"same-surname"}
        assert broken(alike) == set()
    married = but(found.provider, name="Sam Example Doctor")
    assert warnings(but(found, provider=married)) == frozenset()
    flatmate = Patient(
        id=PatientId(UUID(int=98)),
        practice_id=found.practice.id,
        profile=profile("Robin Doctor"),
        registered_at=AT,
    )
    assert warnings(but(found, prescriber_as_patient=flatmate)) == {"same-address"}
    elsewhere = Address(lines=("9 Example Street",), city="Exampleton", country="GB")
    moved = but(flatmate, profile=profile("Robin Doctor", address=elsewhere))
    unknown = but(flatmate, profile=None)
    for other in (moved, unknown):
        assert warnings(but(found, prescriber_as_patient=other)) == frozenset()


@pytest.mark.parametrize(
    ("medicine", "days", "status", "told"),
    [
        ("EXAMPLE ", 28, PrescriptionStatus.ACTIVE, True),
        ("EXAMPLE ", 29, PrescriptionStatus.DISPENSED, False),
        ("Another", 1, PrescriptionStatus.ACTIVE, False),
        ("Example", 1, PrescriptionStatus.CANCELLED, False),
    ],
)
def test_the_same_medicine_again_is_a_warning(
    medicine: str, days: int, status: PrescriptionStatus, told: bool
) -> None:
    """Signed within four weeks and not taken back (RXC-06)."""
    before = signed_before(script(item(medicine)), AT - timedelta(days=days), status=status)
    draft = draft_of(script(item(medicine)), number=10)
    found = facts(LONDON, earlier=(before, draft))
    assert warnings(found) == ({"prescribed-lately"} if told else frozenset())


def test_a_licence_of_a_stranger_state_does_not_count() -> None:
    """A doctor of two states prescribes in both and in no third (RXS-01)."""
    licence, dea = licences(NEW_YORK)
    second = Licence(regulator="NJ", number="2", region="US-NJ", expires_on=date(2030, 1, 1))
    held = (licence, dea, second)
    for location, lawful in (("US-NY", True), ("US-NJ", True), ("US-CT", False)):
        found = facts(NEW_YORK, licences=held, location=location)
        assert (broken(found) == set()) == lawful


def test_bounds_are_within_what_they_bound() -> None:
    """A year of days, ten thousand units, fifty known medicines: and no more (RXC-03)."""
    assert item(days=366, quantity=10_000).days == 366
    over: tuple[dict[str, Any], ...] = ({"days": 367}, {"quantity": 10_001})
    for beyond in over:
        with pytest.raises(Invalid, match="between"):
            item(**beyond)
    assert len(Asked(entries=("x",) * 50).entries) == 50
    with pytest.raises(Invalid, match="none_known"):
        Asked(entries=("x",) * 51)

    @attrs.frozen
    class Lasting:
        days: int = attrs.field(validator=within(1, 366))

    assert [Lasting(days).days for days in (1, 366)] == [1, 366]
    for days in (0, 367):
        with pytest.raises(Invalid, match="between 1 and 366"):
            Lasting(days)


def test_a_path_is_law_from_its_first_to_its_last_day() -> None:
    """Both included (RXS-02)."""
    path = us.LegalPath("example", DAY, DAY, us.LEGAL_PATHS[0].met)
    assert path.live(DAY)
    assert not path.live(DAY - timedelta(days=1))
    assert not path.live(DAY + timedelta(days=1))
