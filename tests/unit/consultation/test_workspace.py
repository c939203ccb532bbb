"""All that a provider needs before and during a visit, in one place (F42)."""

from datetime import timedelta

import pytest

from telehealth_core.access.policy import NotPermitted
from telehealth_core.consultation.attendance import Whereabouts
from telehealth_core.consultation.note import NoteBody
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.scheduling.pre_screening import Answer
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.ids import DocumentId, EmergencyId
from unit.clinic import MORNING, PHOTO, Clinic


def test_a_provider_sees_visit_and_patient_together(clinic: Clinic) -> None:
    """Reason, answers, photos, who the patient is, what they agreed to, earlier visits, whom to
    call, what is still missing; one read is noted (F42, TEL-04, TEL-10, N06).
    """
    patient, provider = clinic.patient(), clinic.provider()
    session, ask = clinic.session(provider), clinic.ask
    earlier = clinic.visited(clinic.booked(patient, session), patient, provider)
    held = clinic.hold(patient, session, MORNING + timedelta(hours=1))
    ask.scheduling.describe(patient, held.id, reason="a cough")
    ask.scheduling.pre_screen(patient, held.id, (Answer("Since when?", "Monday"),))
    ask.scheduling.attach(patient, held.id, DocumentId(clinic.new_id()), PHOTO)
    clinic.request(patient, held)
    clinic.drain()
    clinic.agree(patient, ConsentPurpose.MARKETING)
    clinic.clock.now = held.during.start
    noted = len(clinic.store.audit)
    before = ask.provider_desk.workspace(provider, held.id)
    (entry,) = clinic.store.audit[noted:]
    assert (entry.outcome, entry.patient_id) == ("read", patient.as_patient())
    assert before.missing == ("met", "identity-confirmed", "gp-sharing-answered")
    assert (before.said, before.note, before.emergencies) == (Whereabouts(), None, ())
    clinic.both_join(held, patient, provider)
    ask.notes.write(provider, held.id, NoteBody(summary="coughs"))
    raised = ask.emergencies.raise_emergency(provider, EmergencyId(clinic.new_id()), held.id)
    clinic.clock.forward(minutes=1)
    seen = ask.provider_desk.workspace(provider, held.id)
    assert seen.appointment.reason == "a cough"
    assert len(seen.appointment.attachments) == len(seen.appointment.pre_screening) == 1
    assert seen.patient.known.full_name == "Pat Example"
    assert (seen.age, seen.guardians) == (46, ())
    assert {one.purpose for one in seen.consents} == {
        ConsentPurpose.MARKETING,
        ConsentPurpose.GP_SHARING,
    }
    assert [one.id for one in seen.previous] == [earlier.id]
    assert seen.note is not None
    assert seen.note.body.summary == "coughs"
    assert seen.emergencies == (raised,)
    assert (seen.mode, seen.said, seen.missing) == (Mode.VIDEO, Whereabouts("GB", True), ())
    assert (seen.numbers.emergency, seen.numbers.crisis) == ("999", "111")


def test_a_childs_provider_sees_whom_to_ask_and_no_more_of_them(clinic: Clinic) -> None:
    """Of the guardian's own record there is nothing but name and telephone number (F42, ACC-03)."""
    guardian, provider = clinic.patient("Lee Parent"), clinic.provider()
    kim = clinic.dependant(guardian)
    held = clinic.hold(guardian, clinic.session(provider), on_behalf_of=kim.id)
    (told,) = clinic.ask.provider_desk.workspace(provider, held.id).guardians
    assert (told.patient_id, told.name) == (guardian.as_patient(), "Lee Parent")
    assert "Lee" not in repr(told)


def test_the_workspace_is_for_who_gives_the_care(clinic: Clinic) -> None:
    """The patient has their own pages, and the office reads no record."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    for other in (patient, clinic.liaison):
        with pytest.raises(NotPermitted):
            clinic.ask.provider_desk.workspace(other, booked.id)
