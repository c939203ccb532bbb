"""What can be asked of the identity check: to supply, submit and talk; to review and decide; to let
it run out and remove its pictures.
"""

from datetime import timedelta

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.access.use_cases.reading import shown
from telehealth_core.practice.practice import Practice
from telehealth_core.registration.document import Document, DocumentKind
from telehealth_core.registration.identity_check import (
    IdentityCheck,
    IdentityImagesPurged,
    IdentityStatus,
)
from telehealth_core.registration.identity_decision import (
    APPROVING,
    Decision,
    Evidence,
    Finding,
    IdentityVerdict,
)
from telehealth_core.registration.patient import Patient
from telehealth_core.registration.ports import RegistrationWork
from telehealth_core.registration.use_cases.enrolment import Registration
from telehealth_core.registration.use_cases.standing import PAGE_MOST, authorized_patient
from telehealth_core.shared.ids import DocumentId, IdentityCheckId, PatientId, UserId
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.repeat import repeat_of


@attrs.frozen
class IdentityReview:
    """How the practice finds out who a patient is."""

    work: UnitOfWork[RegistrationWork]
    clock: Clock
    registration: Registration

    def supply(
        self,
        actor: Actor,
        patient_id: PatientId,
        kind: DocumentKind,
        id: DocumentId,
        content: bytes,
    ) -> IdentityCheck:
        """Add a photo of an identity document or a selfie to the check; the picture is encoded anew
        (F03). Another picture after an approval asks again who the patient is (IDV-10).

        Raises: UnreadableImage, Invalid for another kind of document, IllegalTransition while under
            review.
        """
        if kind not in {DocumentKind.IDENTITY, DocumentKind.SELFIE}:
            raise Invalid("kind", "identity or selfie")
        at = self.clock()
        with self.work(actor) as work:
            authorized_patient(work, actor, Action.SUPPLY_IDENTITY, patient_id, at)
        document = self.registration.file_image(actor, patient_id, kind, id, content, at=at)
        with self.work(actor) as work:
            work.take_turns(id)
            check = self._check(work, actor, patient_id)
            if repeat_of(document, work.documents.find(id), "document") is not None:
                return check
            if check.standing(at) is IdentityStatus.APPROVED:
                reopened, asked = work.patients.get(patient_id).reopen(by=actor.id, at=at)
                work.patients.save(reopened, asked)
                check, again = check.reopen(by=actor.id, at=at)
                work.identity_checks.save(check, again)
            supplied, event = check.supply(Evidence(kind, id), by=actor.id, at=at)
            work.documents.save(document, document.filed(by=actor.id))
            work.identity_checks.save(supplied, event)
        return supplied

    def submit(self, actor: Actor, patient_id: PatientId, text: str | None = None) -> IdentityCheck:
        """Ask for a decision, or answer the reviewer and ask again (F06).

        Raises: EvidenceMissing, IllegalTransition, ProfileIncomplete.
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.SUPPLY_IDENTITY, patient_id, at)
            patient.require_profile()
            submitted, event = self._check(work, actor, patient_id).submit(text, by=actor.id, at=at)
            work.identity_checks.save(submitted, event)
        return submitted

    def view(self, actor: Actor, patient_id: PatientId) -> tuple[Patient, IdentityCheck]:
        """The check with its pictures and thread, beside the profile it has to match (F04, F06,
        F07).
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.VIEW_IDENTITY, patient_id, at)
            work.read(Action.VIEW_IDENTITY, patient_id, patient_id)
            return patient, self._check(work, actor, patient_id)

    def image(self, actor: Actor, patient_id: PatientId, id: DocumentId) -> tuple[Document, bytes]:
        """One picture of the check, for whoever may see the check."""
        _, check = self.view(actor, patient_id)
        check.require_evidence(id)
        with self.work(actor) as work:
            document = work.documents.get(id)
        return document, self.registration.documents.get(actor.practice_id, patient_id, id)

    def queue(self, actor: Actor, limit: int = PAGE_MOST) -> tuple[IdentityCheck, ...]:
        """The checks that wait for a decision, the oldest submission first."""
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_IDENTITY, relations(actor))
            found = work.identity_checks.in_status(
                IdentityStatus.SUBMITTED, limit=min(limit, PAGE_MOST)
            )
            return shown(work, Action.REVIEW_IDENTITY, found)

    def comment(self, actor: Actor, patient_id: PatientId, text: str) -> IdentityCheck:
        """Say something in the check's thread, as patient or as reviewer (F06).

        Raises: IllegalTransition once decided, Invalid.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorized_patient(work, actor, Action.COMMENT_IDENTITY, patient_id, at)
            commented, event = self._check(work, actor, patient_id).comment(
                text, by=actor.id, at=at
            )
            work.identity_checks.save(commented, event)
        return commented

    def ask_for_more(self, actor: Actor, patient_id: PatientId, text: str) -> IdentityCheck:
        """Send the check back to the patient with a comment (F06)."""
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_IDENTITY, relations(actor))
            check = self._check(work, actor, work.patients.get(patient_id).id)
            asked, event = check.ask(text, by=actor.id, at=self.clock())
            work.identity_checks.save(asked, event)
        return asked

    def approve(
        self,
        actor: Actor,
        patient_id: PatientId,
        reason: str,
        findings: tuple[Finding, ...],
        verdict: IdentityVerdict = IdentityVerdict.DOCUMENTS_MATCH,
    ) -> IdentityCheck:
        """Decide that the patient is who they say, everything on the list being so; from now on
        they can book (F05, IDV-02).

        Raises: ReviewerIsApplicant, ChecklistUnfinished, IllegalTransition, ProfileIncomplete.
        """
        if verdict not in APPROVING:
            raise Invalid("verdict", "one that lets the patient in")
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_IDENTITY, relations(actor))
            patient, practice = work.patients.get(patient_id), work.practices.get(actor.practice_id)
            check, days = self._check(work, actor, patient_id), _valid_days(practice)
            decision = Decision.of(
                check.evidence, verdict, reason, findings, valid_days=days, by=actor.id, at=at
            )
            checklist = practice.jurisdiction.identity_checklist
            approved, event = check.approve(
                decision, checklist, applicants=_applicants(work, patient)
            )
            verified, known = patient.verify(until=approved.expires_at, by=actor.id, at=at)
            work.identity_checks.save(approved, event)
            work.patients.save(verified, known)
        return approved

    def reject(
        self,
        actor: Actor,
        patient_id: PatientId,
        reason: str,
        findings: tuple[Finding, ...] = (),
        verdict: IdentityVerdict = IdentityVerdict.ANOTHER_PERSON,
    ) -> IdentityCheck:
        """Decide that the patient is not who they say.

        Raises: ReviewerIsApplicant, IllegalTransition.
        """
        if verdict in APPROVING:
            raise Invalid("verdict", "one that turns the patient away")
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_IDENTITY, relations(actor))
            patient, practice = work.patients.get(patient_id), work.practices.get(actor.practice_id)
            check, days = self._check(work, actor, patient_id), _valid_days(practice)
            at = self.clock()
            decision = Decision.of(
                check.evidence, verdict, reason, findings, valid_days=days, by=actor.id, at=at
            )
            rejected, event = check.reject(decision, applicants=_applicants(work, patient))
            work.identity_checks.save(rejected, event)
        return rejected

    def note_document(self, actor: Actor, patient_id: PatientId, digest: str) -> Patient:
        """Enter what is kept of the number of the patient's document, so that another record with
        the same one is found (IDV-03).
        """
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_IDENTITY, relations(actor))
            patient = work.patients.get(patient_id)
            noted, event = patient.note_document(digest, by=actor.id, at=self.clock())
            work.patients.save(noted, event)
        return noted

    def expire(self, actor: Actor, limit: int = PAGE_MOST) -> int:
        """Let approvals run out whose time is over, some at a time; tells how many (F07)."""
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.RETIRE_IDENTITY, relations(actor))
            lapsed = work.identity_checks.lapsed(at, limit=limit)
            for check in lapsed:
                work.identity_checks.save(*check.expire(by=actor.id, at=at))
        return len(lapsed)

    def purge_images(self, actor: Actor, limit: int = PAGE_MOST) -> int:
        """Take the pictures out of checks decided long enough ago, some at a time; tells how many
        (IDV-05). Their bytes are deleted as a reaction.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.RETIRE_IDENTITY, relations(actor))
            settings = work.practices.get(actor.practice_id).settings
            before = at - timedelta(days=settings.identity_images_days)
            found = work.identity_checks.with_images(before, limit=limit)
            for check in found:
                work.identity_checks.save(*check.purge(by=actor.id, at=at))
        return len(found)

    def delete_images(self, actor: Actor, happened: IdentityImagesPurged) -> None:
        """Delete the bytes of the pictures that were taken out of a check (IDV-05)."""
        with self.work(actor) as work:
            authorize(actor, Action.RETIRE_IDENTITY, relations(actor))
            check = work.identity_checks.get(IdentityCheckId(happened.subject))
        for gone in check.purged:
            self.registration.documents.delete(
                actor.practice_id, check.patient_id, gone.document_id
            )

    @staticmethod
    def _check(work: RegistrationWork, actor: Actor, patient_id: PatientId) -> IdentityCheck:
        found = work.identity_checks.find(IdentityCheck.id_of(patient_id))
        return found or IdentityCheck.begin(actor.practice_id, patient_id)


def _valid_days(practice: Practice) -> int:
    return practice.settings.identity_valid_days


def _applicants(work: RegistrationWork, patient: Patient) -> frozenset[UserId]:
    """Whoever's own matter it is: the patient's account and their guardians'."""
    whose = (patient.id, *(tie.guardian for tie in patient.guardians))
    accounts = (work.accounts.of_patient(one) for one in whose)
    return frozenset(account.id for account in accounts if account is not None)
