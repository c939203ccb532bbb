"""What can be asked of registration: to register, supply and review identity, add dependants, enrol
imported patients.
"""

import hashlib
from datetime import datetime

import attrs

from telehealth_core.access.account import Account, check_password
from telehealth_core.access.actor import (
    Actor,
    GuardianBasis,
    Guardianship,
    Relation,
    Role,
    relations,
)
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, Passwords, UnitOfWork
from telehealth_core.access.use_cases import in_emergency, opened_before, save_new_account
from telehealth_core.registration.document import Document, DocumentKind
from telehealth_core.registration.identity_check import Evidence, IdentityCheck, IdentityStatus
from telehealth_core.registration.patient import (
    ADULT_YEARS,
    Identifier,
    Patient,
    PatientRegistered,
    PatientStatus,
    Profile,
)
from telehealth_core.registration.ports import Documents, Images, RegistrationWork
from telehealth_core.shared.ids import DocumentId, PatientId, PracticeId, UserId, derived
from telehealth_core.shared.refusal import IdReused, Invalid
from telehealth_core.shared.repeat import repeat_of

PAGE_MOST = 200


def standing(
    work: RegistrationWork, actor: Actor, patient: Patient, at: datetime
) -> frozenset[Relation]:
    """How the actor stands to a patient as a whole: a provider treats whom they have treated, and
    else may read for a while whose glass they broke; whoever is with a partner that is suspended
    follows nobody (F02).
    """
    if actor.partner_id is not None and not work.care.may_follow(actor.partner_id):
        actor = attrs.evolve(actor, partner_id=None)
    provider = actor.provider_id
    treating = provider if provider is not None and work.care.treats(provider, patient.id) else None
    emergency = treating is None and in_emergency(work, actor, patient.id, at)
    return relations(actor, patient.ties, provider_id=treating, at=at, emergency=emergency)


def authorized_patient(
    work: RegistrationWork,
    actor: Actor,
    action: Action,
    id: PatientId,
    at: datetime,
    *,
    of: str = "patient",
) -> Patient:
    """The patient, if the actor stands so to them that the policy lets the action pass. `of` names
    what was asked for, where that was something of the patient's.

    Raises: Unknown, NotPermitted.
    """
    patient = work.patients.get(id)
    authorize(actor, action, standing(work, actor, patient, at), of=of)
    return patient


def _account_of(id: PatientId) -> UserId:
    return UserId(derived(id, "account"))


@attrs.frozen
class Registration:
    """The way from a stranger to a patient whom the practice knows."""

    work: UnitOfWork[RegistrationWork]
    clock: Clock
    passwords: Passwords
    images: Images
    documents: Documents

    def register(
        self,
        actor: Actor,
        id: PatientId,
        *,
        email: str,
        password: str,
        profile: Profile | None = None,
    ) -> Patient:
        """Open an account and a patient for a visitor (F03). The account's id follows from the
        patient's.

        Raises: EmailTaken, Invalid, IdReused.
        """
        with self.work(actor) as work:
            authorize(actor, Action.REGISTER, relations(actor))
            first = self.registered_before(work, id, email, password)
            if first is not None:
                return first
            check_password(password, work.practices.get(actor.practice_id).name)
            account, patient, registered = self.newcomer(
                actor.practice_id, id, email=email, password=password, profile=profile
            )
            self.save_newcomer(work, account, patient, registered)
        return patient

    def registered_before(
        self, work: RegistrationWork, id: PatientId, email: str | None, password: str
    ) -> Patient | None:
        """The patient of an earlier, identical registration; None if the id is new.

        Raises: IdReused if the id is somebody else's.
        """
        existing = work.accounts.find(_account_of(id))
        first = opened_before(self.passwords, existing, email, password)
        return work.patients.get(id) if first else None

    def newcomer(
        self,
        practice_id: PracticeId,
        id: PatientId,
        *,
        email: str,
        password: str,
        profile: Profile | None,
    ) -> tuple[Account, Patient, PatientRegistered]:
        """A person's account and patient before they are saved; the account's id follows from the
        patient's.

        Raises: Invalid.
        """
        check_password(password, email)
        at, user = self.clock(), _account_of(id)
        account = Account(
            id=user,
            practice_id=practice_id,
            email=email,
            password_hash=self.passwords.hash(password),
            roles=frozenset({Role.PATIENT}),
            patient_id=id,
            opened_at=at,
        )
        patient, registered = Patient.register(
            by=user, id=id, practice_id=practice_id, profile=profile, registered_at=at
        )
        return account, patient, registered

    @staticmethod
    def save_newcomer(
        work: RegistrationWork, account: Account, patient: Patient, registered: PatientRegistered
    ) -> None:
        """Save a newcomer whose address nobody else has.

        Raises: EmailTaken, IdReused.
        """
        work.patients.save(patient, registered)
        save_new_account(work, account, by=account.id)

    def complete_profile(self, actor: Actor, patient_id: PatientId, profile: Profile) -> Patient:
        """Write the patient's profile (F08); changing name or birth date reopens verification
        (IDV-10).
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.EDIT_PROFILE, patient_id, at)
            changed, event = patient.complete_profile(profile, by=actor.id, at=at)
            work.patients.save(changed, event)
            check = work.identity_checks.find(IdentityCheck.id_of(patient_id))
            if check is not None and changed.status is not patient.status:
                reopened, asked = check.reopen(by=actor.id, at=at)
                work.identity_checks.save(reopened, asked)
        return changed

    def supply_identity(
        self,
        actor: Actor,
        patient_id: PatientId,
        kind: DocumentKind,
        id: DocumentId,
        content: bytes,
    ) -> IdentityCheck:
        """Add a photo of an identity document or a selfie to the check; the picture is encoded anew
        (F03).

        Raises: UnreadableImage, Invalid for another kind of document, IllegalTransition while under
            review.
        """
        if kind not in {DocumentKind.IDENTITY, DocumentKind.SELFIE}:
            raise Invalid("kind", "identity or selfie")
        at = self.clock()
        with self.work(actor) as work:
            authorized_patient(work, actor, Action.SUPPLY_IDENTITY, patient_id, at)
        document = self.file_image(actor, patient_id, kind, id, content, at=at)
        with self.work(actor) as work:
            check = self._check(work, actor, patient_id)
            if repeat_of(document, work.documents.find(id), "document") is not None:
                return check
            supplied, event = check.supply(Evidence(kind, id), by=actor.id, at=at)
            work.documents.save(document, document.filed(by=actor.id))
            work.identity_checks.save(supplied, event)
        return supplied

    def submit_identity(
        self, actor: Actor, patient_id: PatientId, text: str | None = None
    ) -> IdentityCheck:
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

    def view_identity(self, actor: Actor, patient_id: PatientId) -> tuple[Patient, IdentityCheck]:
        """The check with its pictures and thread, beside the profile it has to match (F04, F06,
        F07).
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.VIEW_IDENTITY, patient_id, at)
            work.read(Action.VIEW_IDENTITY, patient_id, patient_id)
            return patient, self._check(work, actor, patient_id)

    def identity_image(
        self, actor: Actor, patient_id: PatientId, id: DocumentId
    ) -> tuple[Document, bytes]:
        """One picture of the check, for whoever may see the check."""
        _, check = self.view_identity(actor, patient_id)
        check.require_evidence(id)
        with self.work(actor) as work:
            document = work.documents.get(id)
        return document, self.documents.get(actor.practice_id, patient_id, id)

    def review_queue(self, actor: Actor, limit: int = PAGE_MOST) -> tuple[IdentityCheck, ...]:
        """The checks that wait for a decision."""
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_IDENTITY, relations(actor))
            found = work.identity_checks.in_status(
                IdentityStatus.SUBMITTED, limit=min(limit, PAGE_MOST)
            )
            for check in found:
                work.read(Action.REVIEW_IDENTITY, check.patient_id, check.id)
        return found

    def ask_for_more(self, actor: Actor, patient_id: PatientId, text: str) -> IdentityCheck:
        """Send the check back to the patient with a comment (F06)."""
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_IDENTITY, relations(actor))
            check = self._check(work, actor, work.patients.get(patient_id).id)
            asked, event = check.ask(text, by=actor.id, at=self.clock())
            work.identity_checks.save(asked, event)
        return asked

    def approve_identity(self, actor: Actor, patient_id: PatientId, reason: str) -> IdentityCheck:
        """Decide that the patient is who they say; from now on they can book (F05).

        Raises: ReviewerIsApplicant, IllegalTransition, ProfileIncomplete.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_IDENTITY, relations(actor))
            patient, practice = work.patients.get(patient_id), work.practices.get(actor.practice_id)
            check, applicant = self._check(work, actor, patient_id), self._applicant(work, patient)
            days = practice.settings.identity_valid_days
            approved, event = check.approve(
                reason, valid_days=days, by=actor.id, applicant=applicant, at=at
            )
            verified, known = patient.verify(until=approved.expires_at, by=actor.id, at=at)
            work.identity_checks.save(approved, event)
            work.patients.save(verified, known)
        return approved

    def reject_identity(self, actor: Actor, patient_id: PatientId, reason: str) -> IdentityCheck:
        """Decide that the patient is not who they say.

        Raises: ReviewerIsApplicant, IllegalTransition.
        """
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_IDENTITY, relations(actor))
            patient = work.patients.get(patient_id)
            check, applicant = self._check(work, actor, patient_id), self._applicant(work, patient)
            rejected, event = check.reject(
                reason, by=actor.id, applicant=applicant, at=self.clock()
            )
            work.identity_checks.save(rejected, event)
        return rejected

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
        shows it (F09, CHD-02). Both end with the child's coming of age (CHD-12).

        Raises: NotVerified, Invalid unless the dependant is a minor, UnreadableImage, IdReused.
        """
        at = self.clock()
        with self.work(actor) as work:
            guardian = authorized_patient(work, actor, Action.ADD_DEPENDANT, actor.as_patient(), at)
            guardian.require_verified(at)
            existing = work.patients.find(id)
        if profile.age(at) >= ADULT_YEARS:
            raise Invalid(
                "birth_date", f"a dependant is under {ADULT_YEARS}; adults register themselves"
            )
        child, registered = Patient.register(
            by=actor.id,
            id=id,
            practice_id=actor.practice_id,
            status=PatientStatus.VERIFIED,
            verified_until=profile.comes_of_age(),
            profile=profile,
            guardians=(
                Guardianship(guardian.id, basis, evidence, since=at, until=profile.comes_of_age()),
            ),
            registered_at=at,
        )
        if existing is not None and not existing.same_dependant(child):
            raise IdReused("patient", id)
        document = self.file_image(actor, id, DocumentKind.GUARDIANSHIP, evidence, content, at=at)
        if existing is not None:
            return existing
        with self.work(actor) as work:
            work.patients.save(child, registered)
            work.documents.save(document, document.filed(by=actor.id))
        return child

    def view(self, actor: Actor, patient_id: PatientId) -> Patient:
        """One patient's profile and standing (F12, F42)."""
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.VIEW_PATIENT, patient_id, at)
            work.read(Action.VIEW_PATIENT, patient_id, patient_id)
        return patient

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

    def page(
        self, actor: Actor, *, after: PatientId | None = None, limit: int = 50
    ) -> tuple[Patient, ...]:
        """The practice's patients, a page at a time, for staff (F12)."""
        with self.work(actor) as work:
            authorize(actor, Action.LIST_PATIENTS, relations(actor))
            found = work.patients.page(after=after, limit=min(limit, PAGE_MOST))
            for patient in found:
                work.read(Action.LIST_PATIENTS, patient.id, patient.id)
        return found

    def enrol(
        self,
        actor: Actor,
        identifier: Identifier,
        profile: Profile,
        identifiers: tuple[Identifier, ...],
    ) -> tuple[Patient, bool]:
        """Register a patient whom another system knows by this identifier; true if that was new
        (F12).

        The patient's id follows from practice and identifier, so enrolling twice finds the first;
        what the practice has written meanwhile is not overwritten.
        """
        id = PatientId(derived(actor.practice_id, f"{identifier.system}|{identifier.value}"))
        with self.work(actor) as work:
            authorize(actor, Action.IMPORT_PATIENT, relations(actor))
            existing = work.patients.find(id)
            if existing is not None:
                return existing, False
            patient, event = Patient.register(
                by=actor.id,
                id=id,
                practice_id=actor.practice_id,
                profile=profile,
                identifiers=identifiers,
                registered_at=self.clock(),
            )
            work.patients.save(patient, event)
        return patient, True

    def file_image(
        self,
        actor: Actor,
        patient_id: PatientId,
        kind: DocumentKind,
        id: DocumentId,
        content: bytes,
        *,
        at: datetime,
    ) -> Document:
        """Clean a picture and keep its bytes; the caller authorized it and saves the row.

        Raises: UnreadableImage; IdReused if the id is another picture's.
        """
        clean = self.images.clean(content)
        self.documents.put(actor.practice_id, patient_id, id, clean.content)
        return Document(
            id=id,
            practice_id=actor.practice_id,
            patient_id=patient_id,
            kind=kind,
            media_type=clean.media_type,
            size_bytes=len(clean.content),
            sha256=hashlib.sha256(clean.content).hexdigest(),
            filed_at=at,
        )

    @staticmethod
    def _check(work: RegistrationWork, actor: Actor, patient_id: PatientId) -> IdentityCheck:
        found = work.identity_checks.find(IdentityCheck.id_of(patient_id))
        return found or IdentityCheck.begin(actor.practice_id, patient_id)

    @staticmethod
    def _applicant(work: RegistrationWork, patient: Patient) -> UserId | None:
        account = work.accounts.of_patient(patient.id)
        return account.id if account else None
