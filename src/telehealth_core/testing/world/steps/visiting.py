"""Steps of visits, and of what clinicians write about them."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.consultation.assurance import IdentityMethod
from telehealth_core.consultation.completion import OutcomeKind
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.note import AddendumKind, NoteBody
from telehealth_core.practice.consent_text import ConsentPurpose
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.session import Mode
from telehealth_core.testing.world.place import MARKER
from telehealth_core.testing.world.steps.booking import patients_side
from telehealth_core.testing.world.steps.registering import agree
from telehealth_core.testing.world.steps.step import Call, Step, ask

if TYPE_CHECKING:
    from telehealth_core.testing.world.world import World

_S = AppointmentStatus


def _near(w: "World") -> Any:
    """A booked appointment whose room is, or may be, open."""
    soon = timedelta(minutes=15)
    return w.any(
        "appointments",
        lambda one: (
            one.status in {_S.BOOKED, _S.ARRIVED, _S.FULFILLED}
            and one.during.start - soon <= w.now < one.during.end + timedelta(hours=1)
        ),
    )


def author(w: "World", one: Any) -> Actor:
    """Who gives a visit, or wrote what came of it; now and then a stranger."""
    return w.of(provider_id=one.provider_id)


def _join(w: "World") -> Call:
    one = _near(w)
    who = author(w, one) if w.chance(50) else patients_side(w, one)
    return ask(
        w.ask.consultation.join,
        who,
        one.id,
        w.here.location if w.chance(97) else None,
        private=True,
        mode=one.mode,
    )


def _visit(w: "World") -> Consultation:
    found: Consultation = w.any("consultations", lambda one: bool(one.participants))
    return found


def _enter(w: "World") -> Call:
    visit = _visit(w)
    who = w.rng.choice(visit.participants).user_id
    early = w.now - timedelta(minutes=w.rng.randrange(5))
    return ask(w.ask.consultation.entered, visit.room, who, f"connection of {who}", early)


def _leave(w: "World") -> Call:
    visit = _visit(w)
    who = w.rng.choice(visit.participants).user_id
    return ask(w.ask.consultation.left, visit.room, who, f"connection of {who}")


def _reconcile(w: "World") -> Call:
    visit = _visit(w)
    kept = tuple(one for one in visit.attendances if w.chance(80))
    stays = tuple(attrs.evolve(one, until=one.until or w.now) for one in kept)
    return ask(w.ask.consultation.reconcile, visit.room, stays)


def _visit_goes_well(w: "World") -> Call:
    """Both come to the visit and talk; everything that has to be said is said."""
    one = w.any("appointments", lambda one: one.status is _S.BOOKED and one.during.end > w.now)
    provider, patient = author(w, one), patients_side(w, one)
    said = [
        agree(w, patient, one.patient_id, purpose)
        for purpose in (ConsentPurpose.TELEHEALTH, ConsentPurpose.GP_SHARING)
    ]
    return ask(_talk, w, one, provider, patient, said)


def _talk(w: "World", one: Any, provider: Actor, patient: Actor, said: list[Call]) -> str:
    visits, here = w.ask.consultation, w.here.location
    for answer in said:
        answer()
    w.clock.now = max(w.now, one.during.start)
    for who in (patient, provider):
        room = visits.join(who, one.id, here, private=True, mode=one.mode).room
        visits.entered(room, who.id, f"connection of {who.id}")
    visits.confirm_identity(provider, one.id, IdentityMethod.PICTURE)
    w.clock.forward(minutes=10)
    return "they talked"


def _confirm(w: "World") -> Call:
    one = _near(w)
    return ask(w.ask.consultation.confirm_identity, author(w, one), one.id, IdentityMethod.PICTURE)


def _complete(w: "World") -> Call:
    one = w.any("appointments", lambda one: one.status is _S.ARRIVED)
    notes = NoteBody(summary=MARKER) if w.chance(50) else None
    return ask(w.ask.consultation.complete, author(w, one), one.id, notes)


def _call_off(w: "World") -> Call:
    one = w.any("appointments", lambda one: one.status in {_S.BOOKED, _S.ARRIVED})
    kind = w.rng.choice(tuple(OutcomeKind))
    return ask(w.ask.consultation.call_off, author(w, one), one.id, kind, MARKER)


def _change_mode(w: "World") -> Call:
    one = _near(w)
    return ask(w.ask.consultation.change_mode, author(w, one), one.id, w.rng.choice(tuple(Mode)))


def _report_failure(w: "World") -> Call:
    one = _near(w)
    return ask(w.ask.consultation.report_failure, patients_side(w, one), one.id, MARKER)


def _view_visit(w: "World") -> Call:
    one = w.any("appointments", lambda one: one.status in {_S.ARRIVED, _S.FULFILLED})
    who = patients_side(w, one) if w.chance(60) else author(w, one)
    return ask(w.ask.consultation.view, who, one.id)


def visited(w: "World") -> Any:
    """An appointment that is, or was, a visit. Raises: NothingToAsk."""
    return w.any("appointments", lambda one: one.status in {_S.ARRIVED, _S.FULFILLED})


def _write_note(w: "World") -> Call:
    one = visited(w)
    return ask(w.ask.notes.write, author(w, one), one.id, NoteBody(summary=MARKER))


def _sign_note(w: "World") -> Call:
    one = visited(w)
    return ask(w.ask.notes.sign, author(w, one), one.id)


def _add_to_note(w: "World") -> Call:
    one = visited(w)
    return ask(
        w.ask.notes.add,
        author(w, one),
        one.id,
        w.new_id(),
        kind=AddendumKind.CORRECTION,
        reason=MARKER,
        text=MARKER,
    )


def _hide_note(w: "World") -> Call:
    one = visited(w)
    return ask(w.ask.notes.hide, author(w, one), one.id, hidden=w.chance(60))


def _read_note(w: "World") -> Call:
    note = w.any("notes")
    who = patients_side(w, note) if w.chance(60) else author(w, note)
    return ask(w.ask.notes.read, who, note.appointment_id)


def _write_apart(w: "World") -> Call:
    one = visited(w)
    return ask(w.ask.notes.write_apart, author(w, one), w.new_id(), one.id, MARKER)


def _rate(w: "World") -> Call:
    one = visited(w)
    who = patients_side(w, one) if w.chance(60) else author(w, one)
    return ask(w.ask.feedback.give, who, one.id, rating=w.rng.randrange(1, 6), comment=MARKER)


def _emergency(w: "World") -> Call:
    one = _near(w)
    return ask(w.ask.emergencies.raise_emergency, author(w, one), w.new_id(), one.id, MARKER)


def _close_emergency(w: "World") -> Call:
    return ask(w.ask.emergencies.close, w.staff(), w.any("emergencies").id, MARKER)


def _workspace(w: "World") -> Call:
    one = visited(w)
    return ask(w.ask.provider_desk.workspace, author(w, one), one.id)


VISITING = (
    Step("visit goes well", 30, _visit_goes_well, traces=True),
    Step("join", 60, _join, traces=True),
    Step("enter", 30, _enter),
    Step("leave", 5, _leave),
    Step("reconcile", 2, _reconcile),
    Step("confirm identity", 12, _confirm),
    Step("complete", 40, _complete),
    Step("call off", 2, _call_off),
    Step("change mode", 2, _change_mode),
    Step("report failure", 1, _report_failure),
    Step("view visit", 2, _view_visit, reads=True),
    Step("write note", 3, _write_note),
    Step("sign note", 2, _sign_note),
    Step("add to note", 2, _add_to_note, creates=True),
    Step("hide note", 1, _hide_note),
    Step("read note", 2, _read_note, reads=True),
    Step("write apart", 1, _write_apart, creates=True),
    Step("rate connection", 2, _rate),
    Step("raise emergency", 1, _emergency, creates=True),
    Step("close emergency", 1, _close_emergency),
    Step("workspace", 1, _workspace, reads=True),
)
