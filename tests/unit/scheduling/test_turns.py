"""Turns: whoever claims time waits for all who claim the same at that moment (N01, N02, N09).

In memory a look and a write are one step anyway; that the turns keep two apart who are at it at
once is what the store's contract races.
"""

from datetime import time
from uuid import UUID

import pytest

from telehealth_core.scheduling.series import Rhythm, SeriesConflicts
from telehealth_core.scheduling.session import Mode
from telehealth_core.scheduling.use_cases import Wish
from telehealth_core.shared.ids import SeriesId, WaitlistEntryId
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.memory import MemoryWork
from unit.clinic import MORNING, Clinic, provider_of

DAY = Interval.lasting(MORNING, 24 * 60)


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[set[UUID]]:
    """For each work so far, the ids for which it waited its turn."""
    taken: list[set[UUID]] = []
    take = MemoryWork.take_turns

    def noting(work: MemoryWork, *ids: UUID) -> None:
        taken.append(set(ids))
        take(work, *ids)

    monkeypatch.setattr(MemoryWork, "take_turns", noting)
    return taken


def test_every_claim_waits_for_its_provider_and_its_patient(
    turns: list[set[UUID]], clinic: Clinic
) -> None:
    """And, where a request can come twice, for its own repeat; where holds are counted, for
    whoever picks.
    """
    patient, provider = clinic.patient(), clinic.provider()
    session, both = clinic.session(provider), {patient.as_patient(), provider_of(provider)}
    series, (one, two) = SeriesId(clinic.new_id()), (clinic.new_id(), clinic.new_id())
    turns.clear()
    held = clinic.hold(patient, session, id=one)
    clinic.book(patient, session, session.during.start + session.step, id=two)
    later = session.during.start + 2 * session.step
    clinic.request(patient, held)
    clinic.drain()
    clinic.ask.scheduling.reschedule(patient, held.id, session_id=session.id, start=later)
    wish = Wish(
        patient_id=patient.as_patient(),
        provider_id=provider_of(provider),
        service="visit",
        rhythm=Rhythm(first_day=MORNING.date(), starts=time(9), every_weeks=1, visits=2),
        mode=Mode.VIDEO,
        location=clinic.location,
        agreed=clinic.price,
    )
    (card,) = clinic.ask.billing.cards(patient)
    with pytest.raises(SeriesConflicts):
        clinic.ask.series.book(patient, series, wish, card_id=card.id)
    assert turns == [
        {one, *both, patient.id},
        {two, *both, clinic.liaison.id},
        both,
        {series, *both, patient.id},
    ]


def test_who_waits_is_counted_once_and_offered_one_time_at_a_time(
    turns: list[set[UUID]], clinic: Clinic
) -> None:
    """Joining waits for the patient's other entries, an offer for whoever claims that time."""
    patient, provider = clinic.patient(), clinic.provider()
    entry, provider_id = WaitlistEntryId(clinic.new_id()), provider_of(provider)
    turns.clear()
    clinic.ask.waitlist.join(
        patient,
        entry,
        patient_id=patient.as_patient(),
        provider_id=provider_id,
        location=clinic.location,
        period=DAY,
    )
    session = clinic.session(provider, hours=0.5)
    clinic.drain()
    assert turns == [
        {entry, patient.as_patient()},
        {session.id},
        {provider_id, patient.as_patient()},
    ]
