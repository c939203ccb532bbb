"""The notes of a visit: drafts, signatures, addenda, what is hidden, and what is kept apart
(SAF-03, IDV-04, CHD-06, ACC-08).
"""

from datetime import timedelta
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.actor import Actor
from telehealth_core.consultation.assurance import IdentityNotConfirmed
from telehealth_core.consultation.note import (
    Addendum,
    AddendumKind,
    NoteBody,
    NoteStatus,
    VisitNote,
)
from telehealth_core.consultation.psychotherapy import NotKeptApart, PsychotherapyNote
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.shared.ids import (
    AppointmentId,
    NoteId,
    PatientId,
    PracticeId,
    ProviderId,
    UserId,
)
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import IdReused, Invalid, Unknown
from unit.clinic import LAWS, MORNING, Clinic, provider_of

CORRECTION, LATE = AddendumKind.CORRECTION, AddendumKind.LATE_ENTRY
WHO = UserId(UUID(int=1))


class Visit:
    """A visit that is going on."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic, self.patient, self.provider = clinic, clinic.patient(), clinic.provider()
        self.id = self._begun(clinic.booked(self.patient, clinic.session(self.provider)))

    def _begun(self, booked: Appointment) -> AppointmentId:
        self.clinic.both_join(booked, self.patient, self.provider)
        self.clinic.clock.forward(minutes=1)
        return booked.id

    def signed(self) -> VisitNote:
        """Its note, written and signed."""
        self.clinic.ask.notes.write(self.provider, self.id, NoteBody(summary="a cough"))
        return self.clinic.ask.notes.sign(self.provider, self.id)


@pytest.fixture
def visit(clinic: Clinic) -> Visit:
    """A visit that is going on."""
    return Visit(clinic)


def test_a_draft_is_its_authors_alone_and_changes_until_it_is_signed(visit: Visit) -> None:
    """Nobody reads it before it is signed; then everybody concerned does, and it never changes."""
    ask = visit.clinic.ask.notes
    ask.write(visit.provider, visit.id, NoteBody(summary="a cough"))
    ask.write(visit.provider, visit.id, NoteBody(history="since Monday", plan="rest"))
    assert ask.read(visit.provider, visit.id).body == NoteBody(history="since Monday", plan="rest")
    with pytest.raises(Unknown):
        ask.read(visit.patient, visit.id)
    ask.sign(visit.provider, visit.id)
    note = ask.read(visit.patient, visit.id)
    assert (note.status, note.author, note.signed_at) == (
        NoteStatus.SIGNED,
        visit.provider.id,
        visit.clinic.clock(),
    )
    for change in (
        lambda: ask.write(visit.provider, visit.id, NoteBody(plan="more rest")),
        lambda: ask.sign(visit.provider, visit.id),
        lambda: visit.clinic.ask.consultation.complete(visit.provider, visit.id, "other words"),
    ):
        with pytest.raises(IllegalTransition):
            change()
    assert ask.read(visit.patient, visit.id) == note


def test_a_draft_is_signed_with_the_confirmation(visit: Visit) -> None:
    """Whoever confirms the visit need not sign twice."""
    visit.clinic.ask.notes.write(visit.provider, visit.id, NoteBody(assessment="a cold"))
    visit.clinic.ask.consultation.complete(visit.provider, visit.id)
    assert visit.clinic.ask.notes.read(visit.patient, visit.id).body.assessment == "a cold"


def test_a_visit_without_a_note_is_confirmed_as_well(visit: Visit) -> None:
    """There is nothing to sign then."""
    visit.clinic.ask.consultation.complete(visit.provider, visit.id)
    with pytest.raises(Unknown):
        visit.clinic.ask.notes.read(visit.provider, visit.id)


def test_a_note_is_not_signed_before_the_patient_is_identified(clinic: Clinic) -> None:
    """It might be written about somebody else (IDV-04)."""
    patient, provider = clinic.patient(), clinic.provider()
    booked = clinic.booked(patient, clinic.session(provider))
    ask = clinic.ask
    with pytest.raises(IllegalTransition):
        ask.notes.write(provider, booked.id, NoteBody(summary="early"))
    clinic.clock.now = MORNING
    room = clinic.join(provider, booked).room
    ask.consultation.entered(room, provider.id, "one")
    ask.notes.write(provider, booked.id, NoteBody(summary="a cough"))
    with pytest.raises(IdentityNotConfirmed):
        ask.notes.sign(provider, booked.id)


def test_what_comes_later_is_added_with_author_time_and_reason(visit: Visit) -> None:
    """A correction and a late entry stand beside what was signed, of which nothing changes; told
    twice they stand there once (SAF-03).
    """
    ask, first, second = visit.clinic.ask.notes, visit.clinic.new_id(), visit.clinic.new_id()
    wrong: dict[str, str] = {"reason": "wrong side", "text": "the left ear"}
    with pytest.raises(Unknown):
        ask.add(visit.provider, visit.id, first, kind=CORRECTION, **wrong)
    signed = visit.signed()
    visit.clinic.clock.forward(days=2)
    for _ in range(2):
        ask.add(visit.provider, visit.id, first, kind=CORRECTION, **wrong)
    note = ask.add(visit.provider, visit.id, second, kind=LATE, reason="forgot", text="no fever")
    assert [(one.kind, one.by, one.at, one.text) for one in note.addenda] == [
        (CORRECTION, visit.provider.id, visit.clinic.clock(), "the left ear"),
        (LATE, visit.provider.id, visit.clinic.clock(), "no fever"),
    ]
    assert attrs.evolve(note, addenda=(), version=signed.version) == signed
    with pytest.raises(IdReused):
        ask.add(visit.provider, visit.id, first, kind=LATE, **wrong)


def test_a_note_signed_long_after_the_visit_is_marked_as_late(visit: Visit) -> None:
    """More than a day later it is a late entry as a whole (SAF-03)."""
    assert not visit.signed().late
    other = Visit(Clinic())
    other.clinic.ask.notes.write(other.provider, other.id, NoteBody(summary="a cough"))
    assert not other.clinic.ask.notes.read(other.provider, other.id).late
    other.clinic.clock.now = MORNING + timedelta(hours=24, seconds=1)
    assert other.clinic.ask.notes.sign(other.provider, other.id).late


def childs_visit(clinic: Clinic) -> tuple[Actor, Actor, AppointmentId]:
    """A child's visit with a signed note."""
    guardian, provider = clinic.patient(), clinic.provider()
    kim = clinic.dependant(guardian)
    held = clinic.hold(guardian, clinic.session(provider), on_behalf_of=kim.id)
    clinic.request(guardian, held)
    clinic.drain()
    clinic.both_join(held, guardian, provider)
    clinic.clock.forward(minutes=1)
    clinic.ask.consultation.complete(provider, held.id, "confided in me")
    return guardian, provider, held.id


def test_a_hidden_note_does_not_exist_for_guardians(clinic: Clinic) -> None:
    """What a clinician keeps from guardians they cannot find, until it is shown again (CHD-06)."""
    guardian, provider, id = childs_visit(clinic)
    ask = clinic.ask.notes
    assert ask.read(guardian, id).body.summary == "confided in me"
    for _ in range(2):
        assert ask.hide(provider, id, hidden=True).hidden
    with pytest.raises(Unknown):
        ask.read(guardian, id)
    assert ask.read(provider, id).hidden
    ask.hide(provider, id, hidden=False)
    assert not ask.read(guardian, id).hidden


def test_a_note_says_something() -> None:
    """A note without any section is none."""
    with pytest.raises(Invalid):
        NoteBody()


BODIES = st.builds(NoteBody, summary=st.text("abc ", min_size=1).filter(str.strip))
STEPS = st.lists(st.tuples(st.sampled_from(["edit", "sign", "add", "hide"]), BODIES), max_size=8)


@LAWS
@given(BODIES, STEPS)
def test_whatever_is_asked_of_a_signed_note_its_words_stay(
    first: NoteBody, steps: list[tuple[str, NoteBody]]
) -> None:
    """From the signature on no sequence of requests changes what was signed; addenda only grow
    (SAF-03).
    """
    note, _ = VisitNote.draft(
        id=NoteId(UUID(int=1)),
        practice_id=PracticeId(UUID(int=2)),
        appointment_id=AppointmentId(UUID(int=3)),
        patient_id=PatientId(UUID(int=4)),
        provider_id=ProviderId(UUID(int=5)),
        author=WHO,
        body=first,
        visit_at=MORNING,
        drafted_at=MORNING,
    )
    body, added = first, 0
    for number, (verb, words) in enumerate(steps):
        draft = note.status is NoteStatus.DRAFT
        addendum = Addendum(id=UUID(int=number), kind=LATE, by=WHO, at=MORNING,
                            reason="late", text="more")  # fmt: skip
        before = note
        try:
            if verb == "edit":
                note, _ = note.edit(words, by=WHO, at=MORNING)
                body = words
            elif verb == "sign":
                note, _ = note.sign(by=WHO, at=MORNING)
            elif verb == "add":
                note, _ = note.add(addendum)
                added += 1
            else:
                note, _ = note.hide(hidden=True, by=WHO, at=MORNING)
        except IllegalTransition:
            assert (verb == "add") is draft
            assert note is before
        assert (note.body, len(note.addenda)) == (body, added)


def test_thoughts_apart_are_read_by_their_author_and_nobody_else() -> None:
    """Another clinician of the same patient, the patient, staff: for none of them there is such a
    note (ACC-08).
    """
    visit = Visit(Clinic(jurisdiction="us"))
    clinic, ask = visit.clinic, visit.clinic.ask.notes
    id = NoteId(clinic.new_id())
    note = ask.write_apart(visit.provider, id, visit.id, "what I make of it")
    assert ask.write_apart(visit.provider, id, visit.id, "what I make of it") == note
    assert ask.read_apart(visit.provider, id) == note
    assert ask.apart(visit.provider, visit.id) == (note,)
    with pytest.raises(IdReused):
        ask.write_apart(visit.provider, id, visit.id, "something else")
    other = clinic.provider("Robin Doctor")
    session = clinic.session(other, start=MORNING + timedelta(hours=2))
    clinic.booked(visit.patient, session)
    same = clinic.account(*visit.provider.roles, provider_id=provider_of(visit.provider))
    for nobody in (other, visit.patient, clinic.liaison, clinic.admin, same):
        with pytest.raises(Unknown):
            ask.read_apart(nobody, id)
    assert ask.apart(same, visit.id) == ()
    assert "what I make of it" not in repr(note)


def test_thoughts_apart_have_no_field_for_what_belongs_to_the_record() -> None:
    """Medicines, times, tests, diagnoses and plans are the record's (ACC-08)."""
    own = {"id", "practice_id", "version", "appointment_id", "patient_id", "provider_id", "author"}
    names = {field.name for field in attrs.fields(PsychotherapyNote)}
    assert names - own == {"text", "written_at"}


def test_where_the_law_knows_no_such_notes_none_is_kept(visit: Visit) -> None:
    """In the United Kingdom a patient may read whatever is written about them (ACC-08)."""
    with pytest.raises(NotKeptApart):
        visit.clinic.ask.notes.write_apart(
            visit.provider, NoteId(visit.clinic.new_id()), visit.id, "mine"
        )
