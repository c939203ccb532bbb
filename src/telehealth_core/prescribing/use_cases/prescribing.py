"""What can be asked of a prescription by whoever writes it, and by whoever may read it."""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor, Relation, relations
from telehealth_core.access.policy import Action, authorize, permitted
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.prescribing.facts import require_lawful
from telehealth_core.prescribing.law import LAWS
from telehealth_core.prescribing.life import PrescriptionStatus
from telehealth_core.prescribing.pharmacy import PrescriptionCopy
from telehealth_core.prescribing.ports import PrescribingWork, Signatures
from telehealth_core.prescribing.prescription import Prescription
from telehealth_core.prescribing.rules import warnings
from telehealth_core.prescribing.script import RecordException, Script
from telehealth_core.prescribing.signature import digest_of
from telehealth_core.prescribing.use_cases.standing import authorized_prescription, facts_of
from telehealth_core.registration.use_cases import authorized_patient, standing
from telehealth_core.scheduling.use_cases import authorized_appointment
from telehealth_core.shared.ids import AppointmentId, PatientId, PrescriptionId, ProviderId
from telehealth_core.shared.repeat import repeat_of

REVIEWS_MOST = 100
_LATER = frozenset(
    one.name for one in attrs.fields(Prescription) if one.default is not attrs.NOTHING
) - frozenset({"dispensings", "not_before", "replaces"})
"""Fields that follow in a prescription's course, so that a repeated draft is recognised."""


@attrs.frozen
class ToReview:
    """A prescription made by way of exception, for whoever has it looked at: never what is in it
    (RXU-08).
    """

    prescription_id: PrescriptionId
    patient_id: PatientId
    provider_id: ProviderId
    signed_at: datetime | None
    exception: RecordException | None


@attrs.frozen
class Prescribing:
    """The prescriptions of the practice, as prescribers write them."""

    work: UnitOfWork[PrescribingWork]
    clock: Clock
    signatures: Signatures

    def draft(
        self, actor: Actor, id: PrescriptionId, appointment_id: AppointmentId, script: Script
    ) -> Prescription:
        """Begin a prescription for the patient of an appointment (F35).

        Raises: NotPermitted, Unknown, Invalid, IllegalTransition before the visit, IdReused.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.PRESCRIBE, appointment_id, at)
            appointment.require_begun()
            prescription, event = Prescription.draft(
                script,
                by=actor.id,
                at=at,
                id=id,
                practice_id=actor.practice_id,
                patient_id=appointment.patient_id,
                provider_id=appointment.provider_id,
                appointment_id=appointment_id,
            )
            work.take_turns(id)
            existing = work.prescriptions.find(id)
            first = repeat_of(prescription, existing, "prescription", but=_LATER)
            if first is not None:
                return first
            work.prescriptions.save(prescription, event)
        return prescription

    def edit(self, actor: Actor, id: PrescriptionId, script: Script) -> Prescription:
        """Write a draft anew; what is signed is reissued instead (RXC-02).

        Raises: IllegalTransition, NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            draft = authorized_prescription(work, actor, Action.PRESCRIBE, id, at)
            edited, event = draft.edit(script, by=actor.id, at=at)
            work.prescriptions.save(edited, event)
        return edited

    def sign(self, actor: Actor, id: PrescriptionId) -> Prescription:
        """Sign a draft that every rule of the practice's jurisdiction allows; nothing in it changes
        afterwards (RXC-01, RXC-02, RXU-04). What is worth a warning stands on it.

        Raises: StepUpNeeded, PrescriptionRefused, MayNotPrescribe, IllegalTransition, NotPermitted,
            Unknown, Unavailable.
        """
        at = self.clock()
        with self.work(actor) as work:
            draft = authorized_prescription(work, actor, Action.PRESCRIBE, id, at)
            draft.require("sign")
            facts = facts_of(work, draft, at)
            actor.require_fresh(at, facts.practice.settings.step_up_minutes)
            law = LAWS[facts.practice.jurisdiction_code]
            require_lawful(facts, law.signing)
            first = facts.particulars.appropriate_date
            completed = draft.completed(
                facts.particulars,
                valid_until=law.valid_until(draft.items, first),
                dispensable=draft.dispensings or law.unnumbered(draft.items),
                warnings=warnings(facts),
                review_needed=law.by_exception(facts),
            )
        seal = self.signatures.sign(draft.provider_id, digest_of(completed.content))
        with self.work(actor) as work:
            signed, event = completed.sign(seal, by=actor.id, at=at)
            work.prescriptions.save(signed, event, *signed.flagged(by=actor.id, at=at))
        return signed

    def cancel(self, actor: Actor, id: PrescriptionId, reason: str) -> Prescription:
        """Take a prescription back; a pharmacy that has it is told (RXC-02).

        Raises: IllegalTransition, Invalid, NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            former = authorized_prescription(work, actor, Action.PRESCRIBE, id, at)
            cancelled, event = former.cancel(reason, by=actor.id, at=at)
            work.prescriptions.save(cancelled, event)
        return cancelled

    def reissue(
        self, actor: Actor, id: PrescriptionId, former_id: PrescriptionId, reason: str
    ) -> Prescription:
        """Take a signed prescription back and begin another one from it, each linked to the other:
        the only way to change what is signed (RXC-02).

        Raises: IllegalTransition, Invalid, NotPermitted, Unknown, IdReused.
        """
        at = self.clock()
        with self.work(actor) as work:
            former = authorized_prescription(work, actor, Action.PRESCRIBE, former_id, at)
            draft, drafted = Prescription.draft(
                former.script,
                by=actor.id,
                at=at,
                id=id,
                practice_id=actor.practice_id,
                patient_id=former.patient_id,
                provider_id=former.provider_id,
                appointment_id=former.appointment_id,
                replaces=former.id,
            )
            work.take_turns(id)
            existing = work.prescriptions.find(id)
            first = repeat_of(draft, existing, "prescription", but=_LATER)
            if first is not None:
                return first
            replaced, cancelled = former.reissue(id, reason, by=actor.id, at=at)
            work.prescriptions.save(draft, drafted)
            work.prescriptions.save(replaced, cancelled)
        return draft

    def hide(self, actor: Actor, id: PrescriptionId, *, hidden: bool) -> Prescription:
        """Hide a prescription from the patient's guardians, or show it to them again (CHD-06).

        Raises: NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            former = authorized_prescription(work, actor, Action.PRESCRIBE, id, at)
            changed, event = former.hide(hidden=hidden, by=actor.id, at=at)
            work.prescriptions.save(changed, event)
        return changed

    def of_patient(self, actor: Actor, patient_id: PatientId) -> tuple[Prescription, ...]:
        """A patient's prescriptions, the newest first (F37): drafts for prescribers only, and for
        guardians nothing that is hidden from them (CHD-06).
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.VIEW_PRESCRIPTION, patient_id, at)
            work.read(Action.VIEW_PRESCRIPTION, patient_id, patient_id)
            open_to = standing(work, actor, patient, at)
            sees_hidden = permitted(actor, Action.VIEW_PRESCRIPTION, open_to - {Relation.GUARDIAN})
            sees_drafts = permitted(actor, Action.PRESCRIBE, open_to)
            return tuple(
                one
                for one in work.prescriptions.of_patient(patient_id)
                if (sees_hidden or not one.hidden_from_guardians)
                and (sees_drafts or one.status is not PrescriptionStatus.DRAFT)
            )

    def copy(self, actor: Actor, id: PrescriptionId) -> PrescriptionCopy:
        """The patient's own copy, marked as such and without the signature (RXU-04).

        Raises: IllegalTransition for a draft; NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            found = authorized_prescription(work, actor, Action.VIEW_PRESCRIPTION, id, at)
            work.read(Action.VIEW_PRESCRIPTION, found.patient_id, id)
            return found.copy()

    def to_review(self, actor: Actor) -> tuple[ToReview, ...]:
        """What was prescribed by way of exception and nobody looked at yet, the oldest first
        (RXU-08).
        """
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_PRESCRIPTION, relations(actor))
            found = work.prescriptions.to_review(limit=REVIEWS_MOST)
        return tuple(
            ToReview(
                one.id,
                one.patient_id,
                one.provider_id,
                one.signed_at,
                one.circumstances.record_exception,
            )
            for one in found
        )

    def review(self, actor: Actor, id: PrescriptionId, outcome: str) -> Prescription:
        """Note what came of looking at a prescription made by way of exception (RXU-08).

        Raises: Invalid where nothing waits; NotPermitted, Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            found = authorized_prescription(work, actor, Action.REVIEW_PRESCRIPTION, id, at)
            reviewed, event = found.looked_at(outcome, by=actor.id, at=at)
            work.prescriptions.save(reviewed, event)
        return reviewed
