"""An emergency in a visit, and the quiet way out of one (TEL-05, TEL-10)."""

import pytest

from telehealth_core.access.policy import NotPermitted
from telehealth_core.consultation.emergency import EmergencyKind, EmergencyRaised, EmergencyStatus
from telehealth_core.shared.ids import EmergencyId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import IdReused
from unit.clinic import Clinic

RAISED, QUIET = EmergencyKind.RAISED, EmergencyKind.QUIET_EXIT


def test_help_is_asked_for_in_one_step_and_stays_before_staff_until_it_is_closed(
    clinic: Clinic,
) -> None:
    """The alarm is logged with its instant and where the patient is; repeated it is the same; it
    leaves the queue only with an outcome, and stays on record (TEL-05).
    """
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.both_join(booked, patient, provider)
    ask, id = clinic.ask.emergencies, EmergencyId(clinic.new_id())
    first = ask.raise_emergency(provider, id, booked.id, "faints")
    clinic.clock.forward(minutes=1)
    assert ask.raise_emergency(provider, id, booked.id, "faints") == first
    events = [one for _, one in clinic.store.outbox if isinstance(one, EmergencyRaised)]
    assert [(one.subject, one.kind) for one in events] == [(id, RAISED)]
    (waiting,) = ask.queue(clinic.liaison)
    assert (waiting.location, waiting.raised_by, waiting.raised_at) == (
        "GB",
        provider.id,
        booked.during.start,
    )
    ask.log(clinic.liaison, id, "called 999")
    closed = ask.close(clinic.admin, id, "taken to hospital")
    assert [entry.text for entry in closed.log] == ["faints", "called 999", "taken to hospital"]
    assert ask.queue(clinic.liaison) == ()
    assert clinic.store.rows["emergencies"][id].status is EmergencyStatus.CLOSED
    for late in (ask.log, ask.close):
        with pytest.raises(IllegalTransition):
            late(clinic.liaison, id, "too late")
    assert not [name for name in dir(ask) if "delete" in name or "remove" in name]


def test_nothing_needs_to_be_said_to_ask_for_help(clinic: Clinic) -> None:
    """Before anybody said where the patient is, the booked place stands."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    raised = clinic.ask.emergencies.raise_emergency(
        provider, EmergencyId(clinic.new_id()), booked.id
    )
    assert (raised.location, raised.log) == ("GB", ())


def test_the_exit_word_tells_staff_and_shows_nothing(clinic: Clinic) -> None:
    """Whoever looks on sees a call end; staff see who needs help; the patient's side can look at no
    queue (TEL-10).
    """
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.both_join(booked, patient, provider)
    ask, id = clinic.ask.emergencies, EmergencyId(clinic.new_id())
    notices = len(clinic.sent())
    ask.quiet_exit(patient, id, booked.id)
    clinic.drain()
    assert len(clinic.sent()) == notices
    (waiting,) = ask.queue(clinic.liaison)
    assert (waiting.kind, waiting.patient_id) == (QUIET, patient.as_patient())
    for nobody in (patient, provider):
        with pytest.raises(NotPermitted):
            ask.queue(nobody)
    with pytest.raises(IdReused):
        ask.raise_emergency(provider, id, booked.id)


def test_looking_at_the_queue_is_noted(clinic: Clinic) -> None:
    """Each patient in it was read about (N06)."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    clinic.ask.emergencies.raise_emergency(provider, EmergencyId(clinic.new_id()), booked.id)
    noted = len(clinic.store.audit)
    clinic.ask.emergencies.queue(clinic.liaison)
    (entry,) = clinic.store.audit[noted:]
    assert (entry.outcome, entry.patient_id) == ("read", patient.as_patient())
