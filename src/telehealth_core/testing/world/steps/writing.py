"""Steps of clinicians who write, of whoever reads it, and of those who write to each other."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from telehealth_core.access.actor import Role
from telehealth_core.access.emergency import EmergencyReason, Verdict
from telehealth_core.letters.content import Disclosure, LetterContent, LetterKind, Urgency
from telehealth_core.letters.letter import Delivery
from telehealth_core.letters.life import RecallReason
from telehealth_core.messaging.conversation import Channel
from telehealth_core.prescribing.item import Item
from telehealth_core.prescribing.life import PrescriptionStatus
from telehealth_core.prescribing.pharmacy import Pharmacy
from telehealth_core.prescribing.script import Asked, MedicationHistory, Script
from telehealth_core.testing.world.place import MARKER, SECRET
from telehealth_core.testing.world.steps.booking import patients_side
from telehealth_core.testing.world.steps.step import Call, NothingToAsk, Step, ask
from telehealth_core.testing.world.steps.visiting import author, visited
from telehealth_core.treatment.program import ProgramKind

if TYPE_CHECKING:
    from telehealth_core.testing.world.world import World

_NONE = Asked(none_known=True)
_ITEM = Item(
    medicine=MARKER,
    strength="5 mg",
    form="tablet",
    quantity=28,
    unit="tablets",
    days=28,
    directions=MARKER,
)
_SCRIPT = Script(
    items=(_ITEM,),
    history=MedicationHistory(allergies=_NONE, current_medicines=_NONE, other_sources=_NONE),
)
_LETTER = LetterContent(
    kind=LetterKind.REFERRAL,
    recipient=MARKER,
    text=MARKER,
    reason=MARKER,
    urgency=Urgency.ROUTINE,
    disclosure=Disclosure.DIRECT_CARE,
)
_PHARMACY = Pharmacy(name="Example Pharmacy", address="5 Example Street", contact="rx@example.org")


def _draft(w: "World") -> Call:
    one = visited(w)
    return ask(w.ask.prescribing.draft, author(w, one), w.new_id(), one.id, _SCRIPT)


def _prescription(w: "World", *statuses: PrescriptionStatus) -> Any:
    return w.any("prescriptions", lambda one: one.status in statuses or w.chance(3))


def _sign(w: "World") -> Call:
    one = _prescription(w, PrescriptionStatus.DRAFT)
    return ask(w.ask.prescribing.sign, author(w, one), one.id)


def _send(w: "World") -> Call:
    one = _prescription(w, PrescriptionStatus.ACTIVE)
    token = f"{SECRET} {w.new_id()}"
    return ask(w.ask.dispensing.send, patients_side(w, one), one.id, _PHARMACY, token=token)


def _cancel_prescription(w: "World") -> Call:
    one = _prescription(w, PrescriptionStatus.ACTIVE, PrescriptionStatus.SENT)
    return ask(w.ask.prescribing.cancel, author(w, one), one.id, MARKER)


def _hide_prescription(w: "World") -> Call:
    one = w.any("prescriptions")
    return ask(w.ask.prescribing.hide, author(w, one), one.id, hidden=w.chance(60))


def _prescriptions(w: "World") -> Call:
    one = w.any("prescriptions")
    return ask(w.ask.prescribing.of_patient, patients_side(w, one), one.patient_id)


def _issue_letter(w: "World") -> Call:
    one = visited(w)
    return ask(w.ask.letters.issue, author(w, one), w.new_id(), one.id, _LETTER)


def _letter_goes_on(w: "World") -> Call:
    one = w.any("letters")
    if w.chance(20):
        return ask(w.ask.letters.hide, author(w, one), one.id, hidden=w.chance(60))
    if w.chance(20):
        reason = w.rng.choice(tuple(RecallReason))
        return ask(w.ask.letters.recall, author(w, one), one.id, reason, MARKER)
    if w.chance(30):
        return ask(w.ask.posting.acknowledge, w.staff(), one.id, MARKER)
    return ask(w.ask.posting.deliver, w.staff(), one.id, Delivery.POST)


def _letters(w: "World") -> Call:
    one = w.any("letters")
    return ask(w.ask.letters.of_patient, patients_side(w, one), one.patient_id)


def _start_program(w: "World") -> Call:
    one = visited(w)
    return ask(
        w.ask.treatment.start,
        author(w, one),
        w.new_id(),
        patient_id=one.patient_id,
        provider_id=one.provider_id,
        kind=w.rng.choice(tuple(ProgramKind)),
        starts_on=w.now.date(),
        anticipated_discharge_on=None,
    )


def _discharge(w: "World") -> Call:
    one = w.any("programs")
    on = w.now.date() + timedelta(days=w.rng.randrange(-1, 3))
    return ask(w.ask.treatment.discharge, author(w, one), one.id, on=on, reason=MARKER)


def _programs(w: "World") -> Call:
    one = w.any("programs")
    return ask(w.ask.treatment.of_patient, patients_side(w, one), one.patient_id)


def _break_glass(w: "World") -> Call:
    actor = w.of(provider_id=w.any("providers").id)
    reason = EmergencyReason.MEDICAL_EMERGENCY
    patient = w.any("patients").id
    return ask(
        w.ask.emergency.open,
        actor,
        w.new_id(),
        patient,
        reason=reason,
        text=f"{MARKER} is unconscious",
    )


def _review_glass(w: "World") -> Call:
    one, admin = w.any("emergency_accesses"), w.staff(Role.ADMIN)
    return ask(w.ask.emergency.review, admin, one.id, Verdict.JUSTIFIED, MARKER)


def _write_message(w: "World") -> Call:
    patient = w.any("patients")
    channel = w.rng.choice(tuple(Channel))
    who = w.of(patient_id=patient.id) if w.chance(60) else w.staff()
    return ask(w.ask.messaging.post, who, w.new_id(), patient.id, channel, MARKER)


def _read_messages(w: "World") -> Call:
    if not w.all("messages"):
        raise NothingToAsk
    one = w.any("messages")
    who = w.of(patient_id=one.patient_id) if w.chance(60) else w.staff()
    return ask(w.ask.messaging.read, who, one.patient_id, w.rng.choice(tuple(Channel)))


WRITING = (
    Step("draft prescription", 4, _draft, creates=True),
    Step("sign prescription", 4, _sign),
    Step("send prescription", 3, _send),
    Step("cancel prescription", 1, _cancel_prescription),
    Step("hide prescription", 1, _hide_prescription),
    Step("view prescriptions", 2, _prescriptions),
    Step("issue letter", 3, _issue_letter, creates=True),
    Step("letter goes on", 3, _letter_goes_on),
    Step("view letters", 2, _letters),
    Step("start program", 2, _start_program, creates=True),
    Step("discharge", 1, _discharge),
    Step("view programs", 1, _programs),
    Step("break glass", 1, _break_glass, creates=True),
    Step("review broken glass", 1, _review_glass),
    Step("write message", 3, _write_message, creates=True),
    Step("read messages", 2, _read_messages),
)
