"""What the journeys compute themselves; that they pass is seen against a real server."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_cli import pictures
from telehealth_cli.journeys import chapters, referral, uk, us
from telehealth_cli.journeys.meeting import address
from telehealth_core.billing.charge import Charge
from telehealth_core.billing.ledger import Extra, Pricing
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.registration.document import UnreadableImage
from telehealth_core.shared.ids import (
    AppointmentId,
    PatientId,
    PracticeId,
    ProgramId,
    ProviderId,
    UserId,
)
from telehealth_core.shared.money import Money
from telehealth_core.treatment.program import ProgramKind, TreatmentProgram
from telehealth_files import PillowImages

NOW = datetime(2026, 11, 23, 9, 2, 31, tzinfo=UTC)
INSTANTS = st.integers(0, 20 * 365 * 86_400).map(
    lambda seconds: (
        datetime(2020, 1, 1, tzinfo=UTC)
        + timedelta(seconds=seconds, microseconds=seconds % 1_000_000)
    )
)
ANY = PracticeId(UUID(int=7))


def test_the_sum_due_in_new_york_is_what_the_core_makes_of_it() -> None:
    """200.00 and 40.00 USD less 70 % leave 72.00 for the patient, and nothing is lost between."""
    who = PatientId(ANY)
    planned, _ = Charge.plan(
        AppointmentId(ANY),
        ANY,
        Money(**us.PRICE),
        patient_id=who,
        payer_id=who,
        card_id=None,
        by=UserId(ANY),
        at=NOW,
    )
    extra: dict[str, Any] = us.EXTRA
    corrected, _ = planned.correct(
        Pricing((Extra(extra["name"], Money(**extra["price"])),), us.INSURANCE_BP),
        reason="as in the journey",
        by=UserId(ANY),
        at=NOW,
    )
    assert corrected.due == Money(**us.DUE)
    assert str(corrected.total) == "240.00 USD"


def line(**other: Any) -> dict[str, Any]:
    """The report's line for a visit that went as it should."""
    sums = {"total": {"minor": 24_000, "currency": "USD"}, "due": us.DUE, "paid": us.DUE}
    fine = {"appointment_id": "a", "status": "paid", "reference": "r", "verified": True, **sums}
    return {**fine, **other}


@pytest.mark.parametrize(
    ("lines", "once"),
    [
        ([line(), line(appointment_id="b")], True),
        ([], False),
        ([line(), line()], False),
        ([line(verified=False)], False),
        ([line(verified=None)], False),
        ([line(reference="another")], False),
        ([line(paid={"minor": 14_400, "currency": "USD"})], False),
        ([line(status="collecting")], False),
    ],
)
def test_charged_once_means_once_and_verified(lines: list[dict[str, Any]], once: bool) -> None:
    """The report shows this visit's sum one time, as the processor has it."""
    assert us.charged_once(lines, "a", "r") is once


def test_the_report_is_told_in_words() -> None:
    """A newcomer reads what was paid of what."""
    assert us.report_words([line()], "a") == (
        "72.00 USD of 240.00 USD paid once, as the processor has it"
    )
    assert "NOT" in us.report_words([line(verified=False)], "a")


@given(INSTANTS)
def test_a_shift_begins_at_the_next_full_five_minutes(at: datetime) -> None:
    """The start lies ahead, at most five minutes, and on the clock's fives."""
    start = chapters.next_full(at)
    assert timedelta() < start - at <= timedelta(minutes=5)
    assert (start.minute % 5, start.second, start.microsecond) == (0, 0, 0)


@given(INSTANTS)
def test_the_picked_visit_can_be_joined_at_once(at: datetime) -> None:
    """Whatever the time of day, the soonest visit starts after its booking and is open already."""
    first = chapters.next_full(at)
    starts = [first + timedelta(minutes=chapters.START_EVERY_MINUTES) * step for step in range(20)]
    picked = chapters.soonest([{"start": chapters.instant(start)} for start in starts], at)
    assert picked is not None
    rules = Settings(charging=Charging.ON_COMPLETION, approval=Approval.LIAISON)
    ahead = datetime.fromisoformat(picked["start"]) - at
    assert timedelta(seconds=60) < ahead < timedelta(minutes=rules.join_early_minutes)


def test_no_time_is_picked_that_is_about_to_pass() -> None:
    """A time that passes while the visit is being booked is left to others."""
    assert chapters.soonest([{"start": chapters.instant(NOW + timedelta(seconds=30))}], NOW) is None


def test_the_partner_sees_what_the_core_computes() -> None:
    """Ten days of forty are a quarter, on the practice's own day."""
    on = date(2026, 11, 23)
    began = on - timedelta(days=referral.BEGAN_DAYS_AGO)
    assert referral.percent(began, on) == 25.0
    program = TreatmentProgram(
        id=ProgramId(ANY),
        practice_id=ANY,
        patient_id=PatientId(ANY),
        provider_id=ProviderId(ANY),
        kind=ProgramKind.PHP,
        starts_on=began,
        anticipated_discharge_on=on + timedelta(days=referral.LEFT_DAYS),
        entered_at=NOW,
    )
    assert program.entered(on).progress_bp(on) == 2_500


def test_the_client_finds_the_invitation_in_the_mail() -> None:
    """The code is read from the message as the mailbox writes it."""
    from telehealth_embedded.mailbox import TEMPLATES

    text = TEMPLATES["referral-invitation"].text.format(invitation="s3cret-Code_1")
    assert referral.invitation_in(text) == "s3cret-Code_1"


def test_a_record_is_complete_with_visit_prescription_and_letter() -> None:
    """The parent's last look fails if any of the three is missing."""
    record = {
        "appointments": [{"id": "a", "status": "fulfilled"}],
        "prescriptions": [{"status": "active"}],
        "letters": [
            {"kind": "referral", "status": "issued"},
            {"kind": "referral", "status": "recalled"},
            {"kind": "referral", "status": "superseded"},
        ],
    }
    assert uk.complete_record(record, "a")
    for name in record:
        assert not uk.complete_record({**record, name: []}, "a")
    assert not uk.complete_record(record, "b")


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("/v1/signalling", "ws://127.0.0.1:8000/v1/signalling"),
        ("wss://video.example/room", "wss://video.example/room"),
        ("https://video.example/room", "wss://video.example/room"),
    ],
)
def test_the_room_is_found_by_path_or_address(url: str, where: str) -> None:
    """The server may tell a path of its own or a whole address."""
    assert address("http://127.0.0.1:8000", url) == where


@pytest.mark.parametrize(
    ("draw", "begins"),
    [
        (pictures.id_card, b"\x00\x00\x00"),
        (pictures.id_card_again, b"\x89PNG"),
        (pictures.selfie, b"\xff\xd8\xff"),
        (pictures.certificate, b"\xff\xd8\xff"),
        (pictures.rash, b"\x89PNG"),
        (pictures.rash_close, b"\xff\xd8\xff"),
    ],
)
def test_every_picture_is_a_real_file_of_its_format(draw: Any, begins: bytes) -> None:
    """What the journeys upload is what phones send, and the image reader takes it."""
    picture = draw()
    assert picture.content.startswith(begins)
    assert PillowImages().clean(picture.content).width >= 480


def test_the_page_that_calls_itself_a_photo_is_none() -> None:
    """The refusal that the journey expects is the image reader's."""
    with pytest.raises(UnreadableImage):
        PillowImages().clean(pictures.not_a_picture().content)
