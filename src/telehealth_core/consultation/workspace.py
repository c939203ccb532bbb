"""The workspace: all that a provider needs before and during a visit, in one place (F42)."""

import attrs

from telehealth_core.access.actor import GuardianBasis
from telehealth_core.consultation.admission import EmergencyNumbers
from telehealth_core.consultation.attendance import Whereabouts
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.emergency import Emergency
from telehealth_core.consultation.note import VisitNote
from telehealth_core.registration.consent import Consent
from telehealth_core.registration.patient import Patient
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.ids import PatientId
from telehealth_core.shared.phi import phi


@attrs.frozen(kw_only=True)
class GuardianContact:
    """Whom to ask about a child: of another patient's record a provider sees no more than this."""

    patient_id: PatientId
    name: str = phi()
    phone: str | None = phi()
    basis: GuardianBasis


@attrs.frozen(kw_only=True)
class Workspace:
    """One visit with everything that belongs to it.

    `age` is in completed years where the patient lives; `said` is what the patient's side
    said for this visit; `previous` are earlier visits with this practice, the latest
    first; `missing` is what the confirmation would still ask for.
    """

    appointment: Appointment
    visit: Consultation
    patient: Patient
    guardians: tuple[GuardianContact, ...]
    age: int = phi()
    consents: tuple[Consent, ...] = phi()
    previous: tuple[Appointment, ...] = phi()
    note: VisitNote | None = phi()
    emergencies: tuple[Emergency, ...] = phi()
    mode: Mode
    said: Whereabouts
    numbers: EmergencyNumbers
    missing: tuple[str, ...]
