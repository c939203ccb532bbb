"""How an actor stands to a letter, and the facts that its rules weigh."""

from datetime import datetime

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.consultation import Consultation
from telehealth_core.letters.letter import Letter
from telehealth_core.letters.ports import LettersWork
from telehealth_core.letters.rules import Facts
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.prescribing.facts import location_in, region_of
from telehealth_core.registration.consent import standing_consent
from telehealth_core.shared.ids import LetterId


def authorized_letter(
    work: LettersWork, actor: Actor, action: Action, id: LetterId, at: datetime
) -> Letter:
    """The letter, if the actor stands so to its patient and author that the policy lets the action
    pass; to a guardian from whom it is hidden there is none (CHD-06).

    Raises: Unknown, NotPermitted.
    """
    letter = work.letters.get(id)
    standing = relations(
        actor,
        work.patients.get(letter.patient_id).ties,
        provider_id=letter.provider_id,
        at=at,
        hidden=letter.hidden_from_guardians,
    )
    authorize(actor, action, standing, of="letter")
    return letter


def facts_of(work: LettersWork, letter: Letter, at: datetime) -> Facts:
    """All that the rules weigh, as it stands now."""
    practice = work.practices.get(letter.practice_id)
    visit = work.consultations.find(Consultation.id_of(letter.appointment_id))
    answers = work.consents.of_patient(letter.patient_id)
    return Facts(
        practice=practice,
        letter=letter,
        provider=work.providers.get(letter.provider_id),
        region=region_of(practice, location_in(visit)),
        assessed=visit is not None and bool(visit.counted(at)),
        identity_confirmed=visit is not None and visit.identity is not None,
        shares_with_gp=standing_consent(answers, ConsentPurpose.GP_SHARING, at) is not None,
        at=at,
    )
