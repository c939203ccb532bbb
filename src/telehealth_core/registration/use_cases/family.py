"""What can be asked of families: to add a dependant, decide about guardians, and take over one's
record when grown up.
"""

import attrs

from telehealth_core.access.account import Account, check_password
from telehealth_core.access.actor import (
    Actor,
    GuardianBasis,
    Guardianship,
    GuardianshipDecision,
    Relation,
    Role,
    relations,
)
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.access.use_cases import opened_before, save_new_account
from telehealth_core.jurisdictions.ages import Guardians
from telehealth_core.jurisdictions.pack import Jurisdiction
from telehealth_core.registration.document import Document, DocumentKind
from telehealth_core.registration.guardianship import (
    GuardianshipOver,
    TooYoung,
    begins_until,
    holds_until,
)
from telehealth_core.registration.patient import (
    Patient,
    PatientStatus,
    Profile,
)
from telehealth_core.registration.ports import RegistrationWork
from telehealth_core.registration.use_cases.enrolment import Registration
from telehealth_core.registration.use_cases.standing import (
    account_of,
    authorized_patient,
    standing,
)
from telehealth_core.shared.ids import DocumentId, PatientId
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown


@attrs.frozen
class Family:
    """Dependants and those who act for them."""

    work: UnitOfWork[RegistrationWork]
    clock: Clock
    registration: Registration

    def add_dependant(
        self,
        actor: Actor,
        id: PatientId,
        profile: Profile,
        *,
        basis: GuardianBasis,
        evidence: DocumentId,
        content: bytes,
    ) -> Patient:
        """Register a child in the care of the acting, verified patient, with the document that
        shows it (F09, CHD-02). From the age on at which somebody has to let guardians act, they
        act only once somebody did (CHD-04), and at the child's coming of age no longer (CHD-12).

        Raises: NotVerified, Invalid unless the dependant is a minor, UnreadableImage, IdReused.
        """
        at = self.clock()
        with self.work(actor) as work:
            guardian = authorized_patient(work, actor, Action.ADD_DEPENDANT, actor.as_patient(), at)
            guardian.require_verified(at)
            existing, pack = work.patients.find(id), _pack(work, actor)
        if profile.age(at) >= pack.adult_years:
            raise Invalid(
                "birth_date", f"a dependant is under {pack.adult_years}; adults register themselves"
            )
        child, registered = Patient.register(
            by=actor.id,
            id=id,
            practice_id=actor.practice_id,
            status=PatientStatus.VERIFIED,
            verified_until=profile.comes_of_age(),
            profile=profile,
            guardians=(
                Guardianship(
                    guardian.id, basis, evidence, since=at, until=begins_until(pack, profile, at)
                ),
            ),
            registered_at=at,
        )
        if existing is not None and not existing.same_dependant(child):
            raise IdReused("patient", id)
        document = self.registration.file_image(
            actor, id, DocumentKind.GUARDIANSHIP, evidence, content, at=at
        )
        if existing is not None:
            return existing
        with self.work(actor) as work:
            work.take_turns(id)
            first = work.patients.find(id)
            if first is not None and first.same_dependant(child):
                return first
            work.patients.save(child, registered)
            work.documents.save(document, document.filed(by=actor.id))
        return child

    def dependants(self, actor: Actor) -> tuple[Patient, ...]:
        """The patients whose live guardian the acting patient is (F09)."""
        at = self.clock()
        with self.work(actor) as work:
            guardian = authorized_patient(work, actor, Action.VIEW_PATIENT, actor.as_patient(), at)
            found = work.patients.dependants_of(guardian.id)
            own = tuple(
                child for child in found if Relation.GUARDIAN in relations(actor, child.ties, at=at)
            )
            for child in own:
                work.read(Action.VIEW_PATIENT, child.id, child.id)
        return own

    def guardianships(self, actor: Actor, patient_id: PatientId) -> tuple[Guardianship, ...]:
        """Everybody who acts or acted for the patient, with every decision about them."""
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.VIEW_GUARDIANSHIPS, patient_id, at)
            work.read(Action.VIEW_GUARDIANSHIPS, patient_id, patient_id)
        return patient.guardians

    def evidence(
        self, actor: Actor, patient_id: PatientId, guardian: PatientId
    ) -> tuple[Document, bytes]:
        """The document that shows a guardian's authority, for whoever decides about it (CHD-02)."""
        ties = self.guardianships(actor, patient_id)
        shows = next((tie.evidence for tie in ties if tie.guardian == guardian), None)
        if shows is None:
            raise Unknown("guardianship", guardian)
        with self.work(actor) as work:
            document = work.documents.get(DocumentId(shows))
        content = self.registration.documents.get(actor.practice_id, patient_id, document.id)
        return document, content

    def renew(
        self, actor: Actor, patient_id: PatientId, guardian: PatientId, reason: str
    ) -> Patient:
        """Let a guardian act on: a clinician's decision, or, where the patient is old enough to
        agree alone, the patient's own (CHD-04).

        Raises: GuardianshipOver, Unknown, Invalid without a reason.
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = work.patients.get(patient_id)
            pack = _pack(work, actor)
            band = patient.profile.band(pack, at) if patient.profile else pack.age_bands[0]
            own = band.guardians is Guardians.INVITED
            action = Action.INVITE_GUARDIAN if own else Action.RENEW_GUARDIANSHIP
            authorize(actor, action, standing(work, actor, patient, at), of="patient")
            if band.guardians is Guardians.NONE:
                raise GuardianshipOver
            until = holds_until(pack, patient.known, at)
            decision = GuardianshipDecision.RENEWED
            renewed, event = patient.decide_guardian(
                guardian, decision, reason=reason, by=actor.id, at=at, until=until
            )
            work.patients.save(renewed, event)
        return renewed

    def suspend(
        self, actor: Actor, patient_id: PatientId, guardian: PatientId, reason: str
    ) -> Patient:
        """Stop a guardian from the next request on, without a word to them (CHD-08)."""
        decision, action = GuardianshipDecision.SUSPENDED, Action.SUSPEND_GUARDIANSHIP
        return self._decide(actor, patient_id, guardian, decision, action, reason=reason)

    def resume(
        self, actor: Actor, patient_id: PatientId, guardian: PatientId, reason: str
    ) -> Patient:
        """Let a suspended guardian act again (CHD-08)."""
        decision, action = GuardianshipDecision.RESUMED, Action.SUSPEND_GUARDIANSHIP
        return self._decide(actor, patient_id, guardian, decision, action, reason=reason)

    def end(self, actor: Actor, patient_id: PatientId, guardian: PatientId, reason: str) -> Patient:
        """End a guardianship for good, as when its evidence shows no authority (CHD-02)."""
        decision, action = GuardianshipDecision.ENDED, Action.END_GUARDIANSHIP
        return self._decide(actor, patient_id, guardian, decision, action, reason=reason)

    def offer_record(
        self, actor: Actor, patient_id: PatientId, *, invitation: str, reason: str
    ) -> Patient:
        """Invite a patient without an account to take over their record, under a caller-minted
        secret; the reason says how staff made sure who it is (CHD-12).

        Raises: StepUpNeeded, TooYoung, IdReused if they have an account, Invalid.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.OFFER_RECORD, relations(actor))
            practice, patient = work.practices.get(actor.practice_id), work.patients.get(patient_id)
            actor.require_fresh(at, practice.settings.step_up_minutes)
            if work.accounts.of_patient(patient_id) is not None:
                raise IdReused("account", account_of(patient_id))
            years = practice.jurisdiction.own_account_years
            if patient.known.age(at) < years:
                raise TooYoung(years)
            offered, event = patient.offer_handover(invitation, reason=reason, by=actor.id, at=at)
            work.patients.save(offered, event)
        return offered

    def take_over(
        self, actor: Actor, patient_id: PatientId, *, invitation: str, email: str, password: str
    ) -> Patient:
        """Open an account of one's own on one's record; guardians act no longer, and the practice
        asks again who one is (CHD-12).

        Raises: Unknown for a false, used or outdated invitation; EmailTaken, Invalid, IdReused.
        """
        check_password(password, email)
        at, user = self.clock(), account_of(patient_id)
        account = Account(
            id=user,
            practice_id=actor.practice_id,
            email=email,
            password_hash=self.registration.passwords.hash(password),
            roles=frozenset({Role.PATIENT}),
            patient_id=patient_id,
            opened_at=at,
        )
        with self.work(actor) as work:
            authorize(actor, Action.TAKE_OVER_RECORD, relations(actor))
            existing, patient = work.accounts.find(user), work.patients.find(patient_id)
            if patient is None:
                raise Unknown("invitation")
            if opened_before(self.registration.passwords, existing, email, password):
                return patient
            taken, event = patient.take_over(invitation, by=user, at=at)
            work.patients.save(taken, event)
            save_new_account(work, account, by=user)
        return taken

    def _decide(
        self,
        actor: Actor,
        patient_id: PatientId,
        guardian: PatientId,
        decision: GuardianshipDecision,
        action: Action,
        *,
        reason: str,
    ) -> Patient:
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, action, patient_id, at)
            changed, event = patient.decide_guardian(
                guardian, decision, reason=reason, by=actor.id, at=at
            )
            work.patients.save(changed, event)
        return changed


def _pack(work: RegistrationWork, actor: Actor) -> Jurisdiction:
    return work.practices.get(actor.practice_id).jurisdiction
