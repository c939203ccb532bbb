"""The rules of letters: what must hold before one is issued, by jurisdiction."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

import attrs

from telehealth_core.letters.content import Certificate, Disclosure, Fitness, LetterKind
from telehealth_core.letters.content import RecipientKind as To
from telehealth_core.letters.letter import Letter
from telehealth_core.letters.life import LetterRefused, MayNotCertify
from telehealth_core.practice.practice import Practice
from telehealth_core.shared.calendar import last_day
from telehealth_core.workforce.provider import Profession, Provider

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
SELF_CERTIFIED_DAYS = 7
NOTE_MONTHS_MOST = 3
LONG_CONDITION_MONTHS = 6
_STATUTORY = re.compile(r"med\W?3|fit\W?note|statement of fitness", re.IGNORECASE)


@attrs.frozen(kw_only=True)
class Facts:
    """All that the rules weigh. `assessed`: patient and author met in the visit; `shares_with_gp`:
    the patient agreed that their general practitioner is told.
    """

    practice: Practice
    letter: Letter
    provider: Provider
    region: str | None
    assessed: bool
    identity_confirmed: bool
    shares_with_gp: bool
    at: datetime

    @property
    def day(self) -> date:
        """The date where the practice is."""
        return self.practice.day(self.at)

    @property
    def note(self) -> Certificate | None:
        """What is certified, if anything is."""
        return self.letter.certificate

    @property
    def referral(self) -> bool:
        """Whether it is a referral letter."""
        return self.letter.kind is LetterKind.REFERRAL


@attrs.frozen
class Rule:
    """One rule by its name; `about_person` where it is the author whom it stops."""

    name: str
    asks: str
    holds: Callable[[Facts], bool]
    about_person: bool = False


def _identity_confirmed(facts: Facts) -> bool:
    """Who the patient is was confirmed in this very visit (IDV-04)."""
    return facts.identity_confirmed


def _may_certify(facts: Facts) -> bool:
    """A sick note is issued by certain professions, whose register lets them (FIT-03, PRO-03)."""
    return facts.note is None or (
        facts.provider.profession in MAY_CERTIFY
        and facts.provider.may_certify(facts.day, facts.region, facts.practice.settings)
    )


def _assessed(facts: Facts) -> bool:
    """A sick note needs an assessment: both met in the visit (FIT-04)."""
    return facts.note is None or facts.assessed


def _begun(facts: Facts) -> bool:
    """Nobody certifies what has not begun where the practice is (FIT-06)."""
    return facts.note is None or facts.note.unfit_from <= facts.day


def _adjusted(facts: Facts) -> bool:
    """Whoever may be fit is so with at least one adjustment and for reasons that are told; whoever
    is not fit needs none (FIT-06).
    """
    if facts.note is None:
        return True
    if facts.note.fitness is Fitness.NOT_FIT:
        return not facts.note.adjustments
    return bool(facts.note.adjustments and facts.note.effects)


def _reason_given(facts: Facts) -> bool:
    """A referral letter says why (REF-01)."""
    return not facts.referral or facts.letter.reason is not None


def _urgency_given(facts: Facts) -> bool:
    """A referral letter says how soon (REF-01)."""
    return not facts.referral or facts.letter.urgency is not None


def _basis_given(facts: Facts) -> bool:
    """A referral letter says on what basis its recipient may know (REF-01)."""
    return not facts.referral or facts.letter.disclosure is not None


def _others_agreed_to(facts: Facts) -> bool:
    """Whoever does not treat the patient is told only what the patient agreed to (REF-02)."""
    treats = facts.letter.recipient_kind is To.TREATING
    return treats or facts.letter.disclosure is Disclosure.PATIENT_AGREED


def _gp_agreed(facts: Facts) -> bool:
    """The general practitioner is told only while the patient agrees (CON-02, CON-03, RXU-09)."""
    return facts.letter.kind is not LetterKind.GP_LETTER or facts.shares_with_gp


def _self_certification_shown(facts: Facts) -> bool:
    """For seven days or fewer the patient was shown that they need no note (FIT-02)."""
    return (
        facts.note is None
        or facts.note.days > SELF_CERTIFIED_DAYS
        or facts.note.self_certification_shown
    )


def _three_months(facts: Facts) -> bool:
    """In the first six months of a condition a note covers three months at most (FIT-05)."""
    if facts.note is None:
        return True
    since = min(facts.note.condition_since or facts.note.unfit_from, facts.note.unfit_from)
    long = facts.note.unfit_from > last_day(since, LONG_CONDITION_MONTHS)
    return long or facts.note.unfit_until <= last_day(facts.note.unfit_from, NOTE_MONTHS_MOST)


def _own_wording(facts: Facts) -> bool:
    """Without the entitlement nothing on a sick note reads like the statutory form (FIT-01)."""
    if facts.note is None or facts.practice.settings.statutory_notes:
        return True
    said = (facts.letter.text, facts.letter.recipient, facts.note.effects or "")
    return not any(_STATUTORY.search(one) for one in said)


GP_AGREED = Rule("gp-agreed", "The patient agrees that their GP is told.", _gp_agreed)
FOR_ALL = (
    Rule("identity-confirmed", "The patient's identity was confirmed.", _identity_confirmed),
    Rule("may-certify", "The author may issue sick notes.", _may_certify, about_person=True),
    Rule("assessed", "The patient was assessed.", _assessed),
    Rule("begun", "What is certified has begun.", _begun),
    Rule("adjusted", "Adjustments fit what is certified.", _adjusted),
    Rule("reason-given", "A referral has a reason.", _reason_given),
    Rule("urgency-given", "A referral has an urgency.", _urgency_given),
    Rule("basis-given", "A referral has a basis.", _basis_given),
    Rule("others-agreed-to", "The patient agreed to this recipient.", _others_agreed_to),
    GP_AGREED,
)
"""What must hold wherever the practice is."""
UK = (
    Rule(
        "self-certification-shown",
        "The patient was shown that a week needs no note.",
        _self_certification_shown,
    ),
    Rule("three-months", "A note covers three months at most.", _three_months),
    Rule("own-wording", "Nothing reads like the statutory form.", _own_wording),
)
RULES: Mapping[str, tuple[Rule, ...]] = {"uk": (*FOR_ALL, *UK), "us": FOR_ALL}
"""The rules by the jurisdiction's code. Adding a rule is adding a line."""


def require_allowed(facts: Facts, rules: tuple[Rule, ...]) -> None:
    """Refuse unless every rule holds.

    Raises: LetterRefused, naming every rule that does not; MayNotCertify if one of them is about
        the author.
    """
    broken = [rule for rule in rules if not rule.holds(facts)]
    names = ", ".join(rule.name for rule in broken)
    if any(rule.about_person for rule in broken):
        raise MayNotCertify(names)
    if broken:
        raise LetterRefused(names)
