"""The letter: a referral letter or a sick note that a clinician issues; issued, it never changes
(F36, MSG-08).
"""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Self

import attrs

from telehealth_core.letters.page import LetterPage
from telehealth_core.practice.practice import Practice
from telehealth_core.registration.patient import Patient
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    DocumentId,
    LetterId,
    PatientId,
    PracticeId,
    ProviderId,
    UserId,
    derived,
)
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.shared.text import prose
from telehealth_core.workforce.provider import Profession, Provider


class LetterKind(StrEnum):
    """What a letter is for."""

    REFERRAL = "referral"
    SICK_NOTE = "sick-note"


class LetterStatus(StrEnum):
    """Where the letter stands."""

    DRAFT = "draft"
    ISSUED = "issued"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"
    RECALLED = "recalled"


_S = LetterStatus
LIFECYCLE: Lifecycle[LetterStatus] = Lifecycle(
    "Letter",
    _S.DRAFT,
    {
        "issue": (frozenset({_S.DRAFT}), _S.ISSUED),
        "deliver": (frozenset({_S.ISSUED}), _S.DELIVERED),
        "supersede": (frozenset({_S.ISSUED, _S.DELIVERED}), _S.SUPERSEDED),
        "recall": (frozenset({_S.ISSUED, _S.DELIVERED}), _S.RECALLED),
    },
)

MAY_CERTIFY = frozenset(
    {
        Profession.DOCTOR,
        Profession.PSYCHIATRIST,
        Profession.NURSE,
        Profession.PHARMACIST,
        Profession.PHYSIOTHERAPIST,
        Profession.OCCUPATIONAL_THERAPIST,
    }
)
"""Who may issue a sick note (FIT-03)."""


@attrs.frozen
class LetterDrafted(Event):
    """A clinician wrote a letter."""


@attrs.frozen
class LetterIssued(Event):
    """A letter was issued; from now on nothing in it changes."""


@attrs.frozen
class MayNotCertify(Refusal):
    """Sick notes are issued by certain professions only (FIT-03)."""

    code: ClassVar[str] = "may-not-certify"
    says: ClassVar[str] = "A {profession} may not issue sick notes."

    profession: str


@attrs.frozen(kw_only=True)
class Letter:
    """One letter about a patient, addressed to somebody, as its author wrote it."""

    id: LetterId
    practice_id: PracticeId
    version: int = 1
    status: LetterStatus = LIFECYCLE.initial
    kind: LetterKind
    patient_id: PatientId
    provider_id: ProviderId
    appointment_id: AppointmentId
    recipient: str = phi(validator=prose(500))
    text: str = phi(validator=prose(10_000))
    unfit_from: date | None = None
    unfit_until: date | None = None
    drafted_at: datetime
    issued_at: datetime | None = None
    sha256: str | None = None

    def __attrs_post_init__(self) -> None:
        sick = self.kind is LetterKind.SICK_NOTE
        if (self.unfit_from is not None, self.unfit_until is not None) != (sick, sick):
            raise Invalid("unfit_from", "a sick note, and nothing else, says from when until when")
        if self.unfit_from and self.unfit_until:
            if self.unfit_until < self.unfit_from:
                raise Invalid("unfit_until", "not before unfit_from")
            if (self.unfit_until - self.unfit_from).days > 91:
                raise Invalid("unfit_until", "at most three months a note (FIT-05)")

    @property
    def document_id(self) -> DocumentId:
        """The document that its PDF is kept as: named after its bytes."""
        return DocumentId(derived(self.id, f"pdf/{self.sha256}"))

    def drafted(self, *, by: UserId) -> LetterDrafted:
        """The event that a new letter begins with."""
        return LetterDrafted(self.id, self.version, by, self.drafted_at)

    def issue(self, sha256: str, *, by: UserId, at: datetime) -> tuple[Self, LetterIssued]:
        """Issue the letter, sealed by its PDF's hash.

        Raises: IllegalTransition unless a draft.
        """
        status = LIFECYCLE.after("issue", self.status)
        issued = attrs.evolve(
            self, version=self.version + 1, status=status, issued_at=at, sha256=sha256
        )
        return issued, LetterIssued(self.id, issued.version, by, at)

    def require_issued(self) -> None:
        """Refuse to hand out a draft.

        Raises: Invalid.
        """
        if self.sha256 is None:
            raise Invalid("letter", "issued; this one is a draft")

    def require_allowed(self, practice: Practice, provider: Provider) -> None:
        """Refuse what this provider may not issue, or not yet.

        Raises: MayNotCertify for a sick note by another profession (FIT-03); Invalid if it begins
            after the day it is written on, where the practice is (FIT-06).
        """
        if self.kind is LetterKind.SICK_NOTE and provider.profession not in MAY_CERTIFY:
            raise MayNotCertify(provider.profession.value)
        if self.unfit_from is not None and self.unfit_from > practice.day(self.drafted_at):
            raise Invalid("unfit_from", "not in the future (FIT-06)")

    def page(
        self, practice: Practice, provider: Provider, patient: Patient, assessed_on: date
    ) -> LetterPage:
        """What stands on the letter."""
        person = patient.known
        sick = self.kind is LetterKind.SICK_NOTE
        title = practice.jurisdiction.sick_note_title if sick else "Referral letter"
        facts = [
            ("Patient", person.full_name),
            ("Date of birth", person.birth_date.isoformat()),
            ("Address", person.address.on_one_line() if person.address else ""),
            ("Assessed on", f"{assessed_on.isoformat()}, by remote consultation"),
        ]
        if self.unfit_from and self.unfit_until:
            facts.append(
                (
                    "Not fit for work",
                    f"{self.unfit_from.isoformat()} to {self.unfit_until.isoformat()}",
                )
            )
        licences = tuple(f"{one.regulator} {one.number}" for one in provider.licences)
        return LetterPage(
            language="en-US" if practice.jurisdiction.country == "US" else "en-GB",
            letterhead=(practice.name, practice.address),
            date=practice.day(self.drafted_at).isoformat(),
            recipient=tuple(self.recipient.splitlines()),
            title=title,
            facts=tuple(facts),
            paragraphs=tuple(part for part in self.text.split("\n") if part.strip()),
            signature=(
                provider.name,
                provider.profession.value.replace("-", " ").capitalize(),
                *licences,
            ),
            reference=str(self.id),
        )
