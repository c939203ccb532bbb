"""What can be asked of consent: to agree, to refuse, to take it back, to see the answers."""

from collections.abc import Mapping
from typing import Any

import attrs

from telehealth_core.access.actor import Actor, Relation
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.practice.consent_text import ConsentPurpose, ConsentText
from telehealth_core.registration.assessment import CompetenceAssessment
from telehealth_core.registration.consent import (
    Consent,
    ConsentBasis,
    ConsentChannel,
    ConsentTextChanged,
)
from telehealth_core.registration.ports import RegistrationWork
from telehealth_core.registration.use_cases.standing import authorized_patient, standing
from telehealth_core.shared.ids import AppointmentId, AssessmentId, ConsentId, PatientId
from telehealth_core.shared.repeat import repeat_of

_BASES = (
    (Relation.SELF, ConsentBasis.OWN),
    (Relation.GUARDIAN, ConsentBasis.GUARDIAN),
    (Relation.TREATING, ConsentBasis.CLINICIAN_RECORDED),
)


@attrs.frozen
class Consenting:
    """What patients agree to, and what they do not."""

    work: UnitOfWork[RegistrationWork]
    clock: Clock

    def give(
        self,
        actor: Actor,
        id: ConsentId,
        patient_id: PatientId,
        purpose: ConsentPurpose,
        *,
        text_hash: str,
        region: str | None = None,
        channel: ConsentChannel = ConsentChannel.ONLINE,
    ) -> Consent:
        """Agree to the practice's text for this purpose, as it was shown (CON-01); `region` is
        where the patient is (CON-04).

        Raises: ConsentTextChanged, IdReused.
        """
        shown = {"text_hash": text_hash, "region": region}
        return self._answer(actor, id, patient_id, purpose, shown, given=True, channel=channel)

    def refuse(
        self,
        actor: Actor,
        id: ConsentId,
        patient_id: PatientId,
        purpose: ConsentPurpose,
        *,
        text_hash: str,
        region: str | None = None,
        channel: ConsentChannel = ConsentChannel.ONLINE,
        explanation: str | None = None,
    ) -> Consent:
        """Say no to the practice's text; a clinician who records it says what they explained
        (CON-03).

        Raises: ConsentTextChanged, IdReused, Invalid.
        """
        shown = {"text_hash": text_hash, "region": region}
        said: dict[str, Any] = {"given": False, "channel": channel, "explanation": explanation}
        return self._answer(actor, id, patient_id, purpose, shown, **said)

    def withdraw(self, actor: Actor, id: ConsentId) -> Consent:
        """Take a yes back, at once and without a reason (CON-02); twice is no error. Partners who
        follow by it see nothing from the next request on (F51).
        """
        at = self.clock()
        with self.work(actor) as work:
            consent = work.consents.get(id)
            patient = work.patients.get(consent.patient_id)
            authorize(
                actor, Action.ANSWER_CONSENT, standing(work, actor, patient, at), of="consent"
            )
            if consent.withdrawn_at is not None:
                return consent
            withdrawn, event = consent.withdraw(by=actor.id, at=at)
            work.consents.save(withdrawn, event)
            if consent.purpose is ConsentPurpose.PARTNER_FOLLOWING and patient.partners:
                work.patients.save(*patient.untie_partners(by=actor.id, at=at))
        return withdrawn

    def of_patient(self, actor: Actor, patient_id: PatientId) -> tuple[Consent, ...]:
        """Every answer for the patient, the newest first: given, refused and withdrawn."""
        at = self.clock()
        with self.work(actor) as work:
            authorized_patient(work, actor, Action.VIEW_CONSENTS, patient_id, at)
            work.read(Action.VIEW_CONSENTS, patient_id, patient_id)
            return work.consents.of_patient(patient_id)

    def assess(
        self,
        actor: Actor,
        id: AssessmentId,
        patient_id: PatientId,
        appointment_id: AppointmentId,
        *,
        competent: bool,
        reason: str,
    ) -> CompetenceAssessment:
        """Record whether a young patient can agree to this one visit's treatment alone (CHD-03).

        Raises: Invalid without a reason, IdReused.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorized_patient(work, actor, Action.ASSESS_COMPETENCE, patient_id, at)
            found, event = CompetenceAssessment.record(
                by=actor.id,
                id=id,
                practice_id=actor.practice_id,
                patient_id=patient_id,
                appointment_id=appointment_id,
                provider_id=actor.as_provider(),
                competent=competent,
                reason=reason,
                at=at,
            )
            work.take_turns(id)
            existing = repeat_of(found, work.assessments.find(id), "assessment")
            if existing is not None:
                return existing
            work.assessments.save(found, event)
        return found

    def assessments(self, actor: Actor, patient_id: PatientId) -> tuple[CompetenceAssessment, ...]:
        """What clinicians found of a young patient, the newest first; for clinicians (CHD-03)."""
        at = self.clock()
        with self.work(actor) as work:
            authorized_patient(work, actor, Action.ASSESS_COMPETENCE, patient_id, at)
            work.read(Action.ASSESS_COMPETENCE, patient_id, patient_id)
            return work.assessments.of_patient(patient_id)

    def _answer(
        self,
        actor: Actor,
        id: ConsentId,
        patient_id: PatientId,
        purpose: ConsentPurpose,
        shown: Mapping[str, str | None],
        **said: Any,
    ) -> Consent:
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.ANSWER_CONSENT, patient_id, at)
            standing_so = standing(work, actor, patient, at)
            consent, event = Consent.answer(
                _text_shown(work, actor, purpose, **shown),
                by=actor.id,
                at=at,
                id=id,
                practice_id=actor.practice_id,
                patient_id=patient_id,
                basis=next(basis for relation, basis in _BASES if relation in standing_so),
                **said,
            )
            work.take_turns(id)
            existing = repeat_of(consent, work.consents.find(id), "consent")
            if existing is not None:
                return existing
            work.consents.save(consent, event)
        return consent


def _text_shown(
    work: RegistrationWork,
    actor: Actor,
    purpose: ConsentPurpose,
    *,
    text_hash: str | None,
    region: str | None,
) -> ConsentText:
    text = work.practices.get(actor.practice_id).settings.consent_text(purpose, region)
    if text is None or text.hash != text_hash:
        raise ConsentTextChanged(purpose)
    return text
