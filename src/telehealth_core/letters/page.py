"""What stands on a letter, whatever its layout."""

from collections.abc import Iterator, Mapping
from datetime import date

import attrs

from telehealth_core.letters.content import Certificate, Fitness, LetterKind, RecipientKind
from telehealth_core.letters.letter import Letter
from telehealth_core.practice.practice import Practice
from telehealth_core.registration.patient import Patient
from telehealth_core.workforce.provider import Provider


@attrs.frozen(kw_only=True)
class LetterPage:
    """The content of one letter: plain text only; layout is the renderer's.

    `letterhead` is name and address of the practice; `facts` are labelled lines (patient, born,
    assessed on); `paragraphs` the text; `signature` name, profession and registration of the
    author; `reference` identifies the letter.
    """

    language: str
    letterhead: tuple[str, ...]
    date: str
    recipient: tuple[str, ...]
    title: str
    facts: tuple[tuple[str, str], ...]
    paragraphs: tuple[str, ...]
    signature: tuple[str, ...]
    reference: str


_LITTLE = frozenset({"Patient", "Assessed on"})
_MUCH = _LITTLE | {"Date of birth", "Address", "Phone", "Reason", "Urgency"}
SHOWN: Mapping[RecipientKind, frozenset[str]] = {
    RecipientKind.TREATING: _MUCH,
    RecipientKind.PARTNER: _LITTLE,
    RecipientKind.EMPLOYER: _LITTLE,
    RecipientKind.INSURER: _LITTLE,
}
"""Which facts about a patient each kind of recipient gets: the least for whoever does not treat
them (REF-02).
"""
_FITNESS = {Fitness.NOT_FIT: "Not fit for work", Fitness.MAY_BE_FIT: "May be fit for work"}


def title_of(letter: Letter, practice: Practice) -> str:
    """What the letter calls itself: a sick note only what the practice is entitled to (FIT-01)."""
    pack = practice.jurisdiction
    if letter.kind is LetterKind.SICK_NOTE:
        entitled = practice.settings.statutory_notes and pack.statutory_note_title
        return entitled or pack.sick_note_title
    return "Referral letter" if letter.kind is LetterKind.REFERRAL else "Letter to your practice"


def page_of(
    letter: Letter, practice: Practice, provider: Provider, patient: Patient, assessed_on: date
) -> LetterPage:
    """The page of a letter, with as much about the patient as its recipient may know."""
    shown = SHOWN[letter.recipient_kind]
    about = tuple(
        (label, said) for label, said in _about(letter, patient, assessed_on) if label in shown
    )
    licences = tuple(f"{one.regulator} {one.number}" for one in provider.licences)
    return LetterPage(
        language="en-US" if practice.jurisdiction.country == "US" else "en-GB",
        letterhead=(practice.name, practice.address),
        date=practice.day(letter.drafted_at).isoformat(),
        recipient=tuple(letter.recipient.splitlines()),
        title=title_of(letter, practice),
        facts=(*about, *(_certified(letter.certificate) if letter.certificate else ())),
        paragraphs=tuple(part for part in letter.text.split("\n") if part.strip()),
        signature=(
            provider.name,
            provider.profession.value.replace("-", " ").capitalize(),
            *licences,
        ),
        reference=str(letter.id),
    )


def _about(letter: Letter, patient: Patient, assessed_on: date) -> Iterator[tuple[str, str]]:
    person = patient.known
    yield "Patient", person.full_name
    yield "Date of birth", person.birth_date.isoformat()
    yield "Address", person.address.on_one_line() if person.address else ""
    yield "Phone", person.phone or ""
    yield "Assessed on", f"{assessed_on.isoformat()}, by remote consultation"
    if letter.reason:
        yield "Reason", letter.reason
    if letter.urgency:
        yield "Urgency", letter.urgency.value


def _certified(certificate: Certificate) -> Iterator[tuple[str, str]]:
    """What a sick note certifies (FIT-06)."""
    days = f"{certificate.unfit_from.isoformat()} to {certificate.unfit_until.isoformat()}"
    yield _FITNESS[certificate.fitness], days
    if certificate.adjustments:
        words = sorted(one.value.replace("-", " ") for one in certificate.adjustments)
        yield "With", ", ".join(words)
    if certificate.effects:
        yield "Effects at work", certificate.effects
