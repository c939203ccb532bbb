"""Steps of patients, families, and those who verify them."""

from typing import TYPE_CHECKING, Any

from telehealth_core.access.actor import Actor, GuardianBasis, Guardianship
from telehealth_core.jurisdictions.pack import IDENTITY_CHECKLIST
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.registration.document import DocumentKind
from telehealth_core.registration.identity_check import IdentityCheck, IdentityStatus
from telehealth_core.registration.identity_decision import Finding
from telehealth_core.registration.patient import PatientStatus
from telehealth_core.testing.world.place import MARKER, PASSWORD, PHOTO, profile
from telehealth_core.testing.world.steps.step import Call, Step, ask

if TYPE_CHECKING:
    from telehealth_core.testing.world.world import World

ALL_SO = tuple(Finding(item.code, passed=True) for item in IDENTITY_CHECKLIST)
_PEOPLE_MOST = 9
"""So many patients register with each practice; then they come back instead."""


def verified(w: "World") -> Any:
    """A verified patient, mostly; now and then any. Raises: NothingToAsk."""
    if w.chance(12):
        return w.any("patients")
    return w.any("patients", lambda one: one.status is PatientStatus.VERIFIED)


def _patient(w: "World") -> Any:
    return w.any("patients")


def _for(w: "World", patient: Any) -> Actor:
    """Who acts for the patient: themselves, or a guardian."""
    guardians = [one.guardian for one in patient.guardians if not one.ended]
    return w.of(patient_id=w.rng.choice(guardians) if guardians else patient.id)


def _register(w: "World") -> Call:
    id = w.new_id()
    if len(w.all("patients")) >= _PEOPLE_MOST and not w.chance(5):
        return ask(w.ask.registration.view, w.staff(), _patient(w).id)
    return ask(
        w.ask.registration.register,
        w.here.visitor,
        id,
        email=f"{MARKER.lower()}-{id.hex[:12]}@example.org",
        password=PASSWORD,
        profile=profile(w, w.here),
    )


def _complete_profile(w: "World") -> Call:
    patient = _patient(w)
    adult = not patient.guardians
    return ask(
        w.ask.registration.complete_profile,
        _for(w, patient),
        patient.id,
        profile(w, w.here, child=not adult),
    )


def _supply(w: "World") -> Call:
    patient = w.any("patients", lambda one: one.status is PatientStatus.REGISTERING)
    check = w.store.rows.get("identity_checks", {}).get(IdentityCheck.id_of(patient.id))
    there = {one.kind for one in check.evidence} if check else set()
    missing = [one for one in (DocumentKind.IDENTITY, DocumentKind.SELFIE) if one not in there]
    kind = w.rng.choice(missing or [DocumentKind.SELFIE])
    return ask(w.ask.identity.supply, _for(w, patient), patient.id, kind, w.new_id(), PHOTO)


def _submit(w: "World") -> Call:
    patient = w.any("patients", lambda one: one.status is PatientStatus.REGISTERING)
    return ask(w.ask.identity.submit, _for(w, patient), patient.id, MARKER)


def _submitted(w: "World") -> Any:
    return w.any("identity_checks", lambda one: one.status is IdentityStatus.SUBMITTED).patient_id


def _decide_identity(w: "World") -> Call:
    decide: Any = w.rng.choice((w.ask.identity.approve,) * 8 + (w.ask.identity.reject,))
    return ask(decide, w.staff(), _submitted(w), MARKER, ALL_SO)


def _ask_for_more(w: "World") -> Call:
    return ask(w.ask.identity.ask_for_more, w.staff(), _submitted(w), MARKER)


def _comment(w: "World") -> Call:
    patient = _patient(w)
    who = _for(w, patient) if w.chance(50) else w.staff()
    return ask(w.ask.identity.comment, who, patient.id, MARKER)


def _view_identity(w: "World") -> Call:
    return ask(w.ask.identity.view, w.staff(), _patient(w).id)


def _view_patient(w: "World") -> Call:
    patient = _patient(w)
    return ask(w.ask.registration.view, _for(w, patient), patient.id)


def _add_dependant(w: "World") -> Call:
    if len(w.all("patients", lambda one: bool(one.guardians))) >= _PEOPLE_MOST // 2:
        return ask(w.ask.family.dependants, w.of(patient_id=_patient(w).id))
    return ask(
        w.ask.family.add_dependant,
        w.of(patient_id=verified(w).id),
        w.new_id(),
        profile(w, w.here, child=True),
        basis=GuardianBasis.PARENTAL_RESPONSIBILITY,
        evidence=w.new_id(),
        content=PHOTO,
    )


def _guardianship(w: "World") -> tuple[Any, Guardianship]:
    child = w.any("patients", lambda one: bool(one.guardians))
    return child, w.rng.choice(child.guardians)


def _decide_guardianship(w: "World") -> Call:
    child, tie = _guardianship(w)
    family = w.ask.family
    decide: Any = w.rng.choice((family.renew, family.suspend, family.resume, family.resume))
    if w.chance(4):
        decide = family.end
    provider = w.any("providers").id
    who = w.of(provider_id=provider) if w.chance(40) else w.staff()
    return ask(decide, who, child.id, tie.guardian, MARKER)


def _evidence(w: "World") -> Call:
    child, tie = _guardianship(w)
    return ask(w.ask.family.evidence, w.staff(), child.id, tie.guardian)


def _answer_consent(w: "World") -> Call:
    patient = _patient(w)
    purpose = w.rng.choice(tuple(ConsentPurpose))
    return agree(w, _for(w, patient), patient.id, purpose)


def agree(w: "World", who: Actor, patient_id: Any, purpose: ConsentPurpose) -> Call:
    """Say yes, mostly, to the text of today, mostly."""
    region = w.here.location if purpose is ConsentPurpose.TELEHEALTH else None
    practice = w.store.rows["practices"][w.here.id]
    text = practice.settings.consent_text(purpose, region)
    answer: Any = w.ask.consents.give if w.chance(85) else w.ask.consents.refuse
    digest = text.hash if text and w.chance(95) else "0" * 64
    return ask(answer, who, w.new_id(), patient_id, purpose, text_hash=digest, region=region)


def _withdraw_consent(w: "World") -> Call:
    consent = w.any("consents")
    patient = w.store.rows["patients"][consent.patient_id]
    return ask(w.ask.consents.withdraw, _for(w, patient), consent.id)


def _view_consents(w: "World") -> Call:
    patient = _patient(w)
    return ask(w.ask.consents.of_patient, _for(w, patient), patient.id)


def _stand(w: "World") -> Call:
    patient, office = _patient(w), w.ask.registration
    if patient.status is PatientStatus.SUSPENDED:
        return ask(office.reinstate, w.staff(), patient.id)
    if w.chance(60):
        return ask(office.page, w.staff())
    verb: Any = office.close if w.chance(10) else office.suspend
    return ask(verb, w.staff(), patient.id, MARKER)


def _decide_duplicate(w: "World") -> Call:
    decide: Any = w.rng.choice((w.ask.duplicates.dismiss, w.ask.duplicates.confirm))
    return ask(decide, w.staff(), w.any("suspicions").id, MARKER)


REGISTERING = (
    Step("register", 6, _register, creates=True),
    Step("complete profile", 2, _complete_profile),
    Step("supply picture", 12, _supply, creates=True),
    Step("submit identity", 8, _submit),
    Step("decide identity", 10, _decide_identity),
    Step("ask for more", 1, _ask_for_more),
    Step("comment", 1, _comment),
    Step("view identity", 1, _view_identity, reads=True),
    Step("view patient", 3, _view_patient, reads=True),
    Step("add dependant", 3, _add_dependant),
    Step("decide guardianship", 2, _decide_guardianship),
    Step("evidence", 1, _evidence, reads=True),
    Step("answer consent", 10, _answer_consent, creates=True),
    Step("withdraw consent", 1, _withdraw_consent),
    Step("view consents", 1, _view_consents, reads=True),
    Step("suspend or reinstate", 2, _stand),
    Step("decide duplicate", 1, _decide_duplicate),
)
