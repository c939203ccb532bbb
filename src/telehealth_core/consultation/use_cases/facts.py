"""What the visit's use cases look up before its rules decide: its gates, and what its episode asks
for.
"""

from datetime import datetime, timedelta

import attrs

from telehealth_core.consultation.admission import Facts, GateResult, gates
from telehealth_core.consultation.attendance import Side, Whereabouts
from telehealth_core.consultation.completion import Episode
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.ports import ConsultationWork
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.use_cases import settings_under
from telehealth_core.registration.consent import ConsentBasis, standing_consent
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.shared.interval import Interval


def visit_of(work: ConsultationWork, appointment: Appointment) -> Consultation:
    """The appointment's visit; an empty one before anybody was let in."""
    return work.consultations.find(Consultation.id_of(appointment.id)) or Consultation.plan(
        appointment.id,
        appointment.practice_id,
        patient_id=appointment.patient_id,
        provider_id=appointment.provider_id,
    )


def window_of(work: ConsultationWork, practice: Practice, appointment: Appointment) -> Interval:
    """When the visit's room is open, by the settings it was booked under (F30)."""
    settings = settings_under(work, practice, appointment.settings_version)
    return appointment.joinable(settings.join_early_minutes, settings.join_late_minutes)


def said_for(visit: Consultation, window: Interval) -> Whereabouts:
    """What the patient's side said last of where the patient is; what was said for another time
    than this does not count (TEL-01).
    """
    said = [
        (one.admitted_at, one.user_id, one.said)
        for one in visit.participants
        if one.side is Side.PATIENT and one.admitted_at is not None and one.admitted_at in window
    ]
    return max(said, key=lambda one: one[:2])[-1] if said else Whereabouts()


def gate_facts(
    work: ConsultationWork, appointment: Appointment, visit: Consultation, at: datetime
) -> Facts:
    """What the gates weigh, as far as it is known before somebody says more."""
    practice = work.practices.get(appointment.practice_id)
    window = window_of(work, practice, appointment)
    mode = visit.mode(appointment.mode)
    facts = Facts(
        practice=practice,
        appointment=appointment,
        provider=work.providers.get(appointment.provider_id),
        window=window,
        mode=mode,
        agreed_mode=mode,
        consented=True,
        said=Whereabouts(),
        at=at,
    )
    return with_whereabouts(work, facts, said_for(visit, window))


def with_whereabouts(work: ConsultationWork, facts: Facts, said: Whereabouts) -> Facts:
    """The facts once the patient's side said where the patient is."""
    consented = said.location is None or _consented(work, facts, said.location)
    return attrs.evolve(facts, said=said, consented=consented)


def _consented(work: ConsultationWork, facts: Facts, location: str) -> bool:
    """Whether the patient agreed to the words for where they are, where there are such (CON-04)."""
    text = facts.practice.settings.consent_text(ConsentPurpose.TELEHEALTH, location)
    if text is None or text.region is None:
        return True
    consents = work.consents.of_patient(facts.appointment.patient_id)
    given = standing_consent(
        consents, ConsentPurpose.TELEHEALTH, facts.at, text_hash=text.hash, region=text.region
    )
    return given is not None


def both_sides(facts: Facts) -> dict[Side, tuple[GateResult, ...]]:
    """Every gate of each side."""
    return {side: gates(side, facts) for side in Side}


def episode_of(
    work: ConsultationWork, appointment: Appointment, visit: Consultation, at: datetime
) -> Episode:
    """What consents and ages say of the visit. Its episode begins when its time was picked."""
    practice = work.practices.get(appointment.practice_id)
    patient = work.patients.get(appointment.patient_id)
    settings = settings_under(work, practice, appointment.settings_version)
    since = appointment.held_until - timedelta(minutes=settings.hold_minutes)
    answers = [one for one in work.consents.of_patient(patient.id) if since <= one.at]
    asked = any(one.purpose is ConsentPurpose.GP_SHARING for one in answers)
    agreed = any(one.basis is ConsentBasis.GUARDIAN and one.stands(at) for one in answers)
    pack = practice.jurisdiction
    return Episode(
        sharing_answered=asked or not pack.asks_gp_sharing,
        accompanied=patient.known.age(at) >= pack.consents_alone_from_years
        or agreed
        or visit.guardian_present
        or visit.assessment is not None
        or _booked_by_guardian(work, appointment, at),
    )


def _booked_by_guardian(work: ConsultationWork, appointment: Appointment, at: datetime) -> bool:
    """Whether a live guardian asked for the visit, which is a consent to it."""
    ties = work.patients.get(appointment.patient_id).guardians
    accounts = (work.accounts.of_patient(tie.guardian) for tie in ties if tie.live(at))
    return any(account is not None and account.id == appointment.held_by for account in accounts)
