"""A request sent twice under one id is the same request; other content needs another id."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from telehealth_core.access.actor import GuardianBasis
from telehealth_core.messaging.conversation import Channel
from telehealth_core.shared.ids import (
    DocumentId,
    MessageId,
    PartnerId,
    PatientId,
    ProgramId,
    ReferralId,
)
from telehealth_core.shared.refusal import IdReused
from telehealth_core.treatment.program import ProgramKind, TreatmentProgram
from unit.clinic import Clinic, child, profile, provider_of

ID = UUID(int=77)
Ask = Callable[[str], Any]


def posting(clinic: Clinic) -> Ask:
    """A message of these words."""
    patient = clinic.patient()
    return lambda word: clinic.ask.messaging.post(
        patient, MessageId(ID), patient.as_patient(), Channel.CARE, word
    )


def referring(clinic: Clinic) -> Ask:
    """A client referred for this reason."""
    partner = clinic.partner()
    return lambda word: clinic.ask.partnership.refer(partner, ReferralId(ID), profile(), word)


def adding_a_partner(clinic: Clinic) -> Ask:
    """A partner of this name."""
    return lambda word: clinic.ask.partnership.add_partner(clinic.liaison, PartnerId(ID), word)


def adding_a_dependant(clinic: Clinic) -> Ask:
    """A dependant of this given name."""
    guardian = clinic.patient()
    return lambda word: clinic.ask.family.add_dependant(
        guardian,
        PatientId(ID),
        child(f"{word} Example"),
        basis=GuardianBasis.COURT_ORDER,
        evidence=DocumentId(ID),
        content=b"image",
    )


@pytest.mark.parametrize("asking", [posting, referring, adding_a_partner])
def test_a_repeat_finds_the_first_and_other_content_is_refused(
    clinic: Clinic, asking: Callable[[Clinic], Ask]
) -> None:
    """However much later it comes, a repeat changes nothing."""
    ask = asking(clinic)
    first = ask("words")
    clinic.clock.forward(hours=1)
    before = clinic.rows()
    assert ask("words") == first
    with pytest.raises(IdReused):
        ask("other words")
    assert clinic.rows() == before


def test_a_dependants_id_is_used_once(clinic: Clinic) -> None:
    """Another child under the same id is refused and leaves the first as it was."""
    ask = adding_a_dependant(clinic)
    ask("Kim")
    before = clinic.rows()
    with pytest.raises(IdReused):
        ask("Lou")
    assert clinic.rows() == before


def starting(clinic: Clinic) -> Callable[[date | None], TreatmentProgram]:
    """A program up to this day."""
    patient, provider = clinic.patient(), clinic.provider()
    return lambda end: clinic.ask.treatment.start(
        clinic.liaison,
        ProgramId(ID),
        patient_id=patient.as_patient(),
        provider_id=provider_of(provider),
        kind=ProgramKind.IOP,
        starts_on=date(2026, 11, 1),
        anticipated_discharge_on=end,
    )


def test_a_date_named_otherwise_is_other_content(clinic: Clinic) -> None:
    """Dates are facts of the request, other than the instants at which it is made."""
    start = starting(clinic)
    first = start(date(2026, 12, 1))
    assert start(date(2026, 12, 1)) == first
    with pytest.raises(IdReused):
        start(date(2026, 12, 2))


def test_a_repeat_that_leaves_a_fact_out_is_other_content(clinic: Clinic) -> None:
    """Open-ended is not the same as up to a day."""
    start = starting(clinic)
    start(date(2026, 12, 1))
    with pytest.raises(IdReused):
        start(None)
