"""What can be asked of registration itself: to register, write a profile, see and manage patients,
enrol imported ones.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime

import attrs

from telehealth_core.access.account import Account, check_password
from telehealth_core.access.actor import Actor, Role, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, Passwords, UnitOfWork
from telehealth_core.access.use_cases import opened_before, save_new_account
from telehealth_core.registration.document import Document, DocumentKind
from telehealth_core.registration.guardianship import holds_until
from telehealth_core.registration.identity_check import REOPENED, IdentityCheck
from telehealth_core.registration.patient import Identifier, Patient, PatientRegistered, Profile
from telehealth_core.registration.ports import Documents, Images, RegistrationWork
from telehealth_core.registration.use_cases.standing import (
    PAGE_MOST,
    account_of,
    authorized_patient,
)
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import DocumentId, PatientId, PracticeId, derived


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
            work.take_turns(id)
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
        existing = work.accounts.find(account_of(id))
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
        at, user = self.clock(), account_of(id)
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
            return write_profile(work, actor, patient, profile, at)

    def suspend(self, actor: Actor, patient_id: PatientId, reason: str) -> Patient:
        """Keep a patient from doing what only verified patients do, until reinstated (F12)."""
        return self._manage(actor, patient_id, lambda one, **by: one.suspend(reason, **by))

    def reinstate(self, actor: Actor, patient_id: PatientId) -> Patient:
        """Let a suspended patient go on, as they were (F12)."""
        return self._manage(actor, patient_id, lambda one, **by: one.reinstate(**by))

    def close(self, actor: Actor, patient_id: PatientId, reason: str) -> Patient:
        """Close a patient's record, which stays for as long as records are kept (F12)."""
        return self._manage(actor, patient_id, lambda one, **by: one.close(reason, **by))

    def _manage(
        self,
        actor: Actor,
        patient_id: PatientId,
        verb: Callable[..., tuple[Patient, Event]],
    ) -> Patient:
        with self.work(actor) as work:
            authorize(actor, Action.MANAGE_PATIENT, relations(actor))
            changed, event = verb(work.patients.get(patient_id), by=actor.id, at=self.clock())
            work.patients.save(changed, event)
        return changed

    def view(self, actor: Actor, patient_id: PatientId) -> Patient:
        """One patient's profile and standing (F12, F42)."""
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.VIEW_PATIENT, patient_id, at)
            work.read(Action.VIEW_PATIENT, patient_id, patient_id)
        return patient

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


def write_profile(
    work: RegistrationWork, actor: Actor, patient: Patient, profile: Profile, at: datetime
) -> Patient:
    """Save the patient with this profile, whoever says so; another name or birth date asks again
    who they are (IDV-10).

    Raises: Invalid for an impossible birth date; IllegalTransition if suspended or closed.
    """
    pack = work.practices.get(actor.practice_id).jurisdiction
    changed, event = patient.complete_profile(
        profile, by=actor.id, at=at, guardians_until=holds_until(pack, profile, at)
    )
    work.patients.save(changed, event)
    check = work.identity_checks.find(IdentityCheck.id_of(patient.id))
    asks_again = changed.status is not patient.status
    if asks_again and check is not None and check.status in REOPENED:
        reopened, asked = check.reopen(by=actor.id, at=at)
        work.identity_checks.save(reopened, asked)
    return changed
