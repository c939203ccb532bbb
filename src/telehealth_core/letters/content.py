"""The content of a letter: what its author writes, to whom, and on what basis (REF-01, REF-02)."""

from datetime import date
from enum import StrEnum

import attrs

from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import prose


class LetterKind(StrEnum):
    """What a letter is for."""

    REFERRAL = "referral"
    SICK_NOTE = "sick-note"
    GP_LETTER = "gp-letter"
    """Tells the patient's general practitioner what was done here (RXU-09)."""


class RecipientKind(StrEnum):
    """What the recipient is to the patient; whoever does not treat them gets little (REF-02)."""

    TREATING = "treating"
    PARTNER = "partner"
    EMPLOYER = "employer"
    INSURER = "insurer"


class Urgency(StrEnum):
    """How soon a referral letter has to be answered (REF-01)."""

    ROUTINE = "routine"
    URGENT = "urgent"


class Disclosure(StrEnum):
    """On what basis the recipient may know (REF-01)."""

    DIRECT_CARE = "direct-care"
    """Whoever treats the patient has to know it."""
    PATIENT_AGREED = "patient-agreed"
    """The patient agreed that this recipient is told."""


class Fitness(StrEnum):
    """What a sick note says of its patient (FIT-06)."""

    NOT_FIT = "not-fit"
    MAY_BE_FIT = "may-be-fit"


class Adjustment(StrEnum):
    """With what help somebody may be fit for work: the four there are (FIT-06)."""

    PHASED_RETURN = "phased-return"
    ALTERED_HOURS = "altered-hours"
    AMENDED_DUTIES = "amended-duties"
    WORKPLACE_ADAPTATIONS = "workplace-adaptations"


@attrs.frozen(kw_only=True, repr=False)
class Certificate:
    """What a sick note certifies, both days included.

    `effects` is what the condition keeps the patient from doing at work, `condition_since` when it
    began if before the note. `self_certification_shown` says that the patient was shown that the
    first seven days need no note (FIT-02).
    """

    unfit_from: date
    unfit_until: date
    fitness: Fitness = Fitness.NOT_FIT
    adjustments: frozenset[Adjustment] = frozenset()
    effects: str | None = attrs.field(
        default=None, validator=attrs.validators.optional(prose(1000))
    )
    condition_since: date | None = None
    self_certification_shown: bool = False

    def __attrs_post_init__(self) -> None:
        if self.unfit_until < self.unfit_from:
            raise Invalid("unfit_until", "not before unfit_from")

    @property
    def days(self) -> int:
        """How many days it covers."""
        return (self.unfit_until - self.unfit_from).days + 1


@attrs.frozen(kw_only=True, repr=False)
class LetterContent:
    """Everything that an author writes; `certificate` for a sick note and nothing else."""

    kind: LetterKind
    recipient: str = attrs.field(validator=prose(500))
    recipient_kind: RecipientKind = RecipientKind.TREATING
    text: str = attrs.field(validator=prose(10_000))
    reason: str | None = attrs.field(default=None, validator=attrs.validators.optional(prose(2000)))
    urgency: Urgency | None = None
    disclosure: Disclosure | None = None
    certificate: Certificate | None = None

    def __attrs_post_init__(self) -> None:
        if (self.certificate is not None) != (self.kind is LetterKind.SICK_NOTE):
            raise Invalid("certificate", "for a sick note, and for nothing else")
