"""What a store finds of visits: notes, feedback, emergencies, what is still open."""

from datetime import timedelta
from typing import Any
from uuid import uuid5

from telehealth_core.access.actor import Actor
from telehealth_core.consultation.attendance import Participant, Side, Whereabouts
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.emergency import Emergency, EmergencyKind
from telehealth_core.consultation.feedback import Feedback, Issue
from telehealth_core.consultation.note import NoteBody, VisitNote
from telehealth_core.consultation.psychotherapy import PsychotherapyNote
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    EmergencyId,
    FeedbackId,
    NoteId,
    ProviderId,
    UserId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.contracts.beginning import AT, StoreBeginning, named


def feedback(actor: Actor, of_visit: dict[str, Any], number: int) -> Feedback:
    """What somebody said of a visit's connection, so many minutes after `AT`."""
    given, _ = Feedback.give(
        id=FeedbackId(named(f"feedback {number}")),
        by=actor.id,
        side=Side.PATIENT,
        rating=number,
        issues=frozenset({Issue.ECHO, Issue.DELAY}),
        comment="It echoes.",
        given_at=AT + timedelta(minutes=number),
        **of_visit,
    )
    return given


def emergency(actor: Actor, of_visit: dict[str, Any], number: int) -> Emergency:
    """An emergency in a visit, so many minutes after `AT`."""
    raised, _ = Emergency.raise_it(
        "faints",
        id=EmergencyId(named(f"emergency {number}")),
        kind=EmergencyKind.RAISED,
        raised_by=actor.id,
        raised_at=AT + timedelta(minutes=number),
        **of_visit,
    )
    return raised


def thought(actor: Actor, of_visit: dict[str, Any], number: int) -> PsychotherapyNote:
    """A note apart from the record, so many minutes after `AT`."""
    return PsychotherapyNote(
        id=NoteId(named(f"thought {number}")),
        author=actor.id,
        text="Not at ease.",
        written_at=AT + timedelta(minutes=number),
        **of_visit,
    )


def note(actor: Actor, of_visit: dict[str, Any]) -> VisitNote:
    """The note of a visit."""
    drafted, _ = VisitNote.draft(
        id=VisitNote.id_of(of_visit["appointment_id"]),
        author=actor.id,
        body=NoteBody(summary="It itches.", plan="Scratch."),
        visit_at=AT,
        drafted_at=AT,
        **of_visit,
    )
    return drafted


class Visiting(StoreBeginning):
    """What belongs to a visit is found with it."""

    @staticmethod
    def claim(actor: Actor, name: str) -> AppointmentId:
        """The id of the appointment that goes by this name."""
        return AppointmentId(uuid5(actor.practice_id, name))

    def visit(
        self, actor: Actor, name: str, *, minute: int = 0, left: bool = False
    ) -> Consultation:
        """A visit of fifteen minutes that somebody attends, or attended."""
        booked = self.appointment(actor, name, minute=minute)
        self.hold(actor, booked)
        visit = Consultation.plan(
            booked.id,
            actor.practice_id,
            patient_id=booked.patient_id,
            provider_id=booked.provider_id,
        )
        someone = Participant(actor.id, Side.PATIENT, Whereabouts("GB", private=True))
        steps: list[tuple[Consultation, Event]] = [
            visit.admit(someone, window=booked.during, at=AT)
        ]
        steps.append(steps[-1][0].enter(actor.id, "one", at=AT))
        if left:
            steps.append(steps[-1][0].leave(actor.id, "one", at=AT + timedelta(minutes=1)))
        with self.work(actor) as work:
            for state, event in steps:
                work.consultations.save(state, event)
        with self.work(actor) as work:
            assert work.consultations.get(visit.id) == steps[-1][0]
        return steps[-1][0]

    def test_visits_are_found_by_what_is_left_to_do(self) -> None:
        """Rooms that closed with somebody in them, and visits that nobody confirmed, oldest first;
        a visit comes back with all that was heard of it.
        """
        actor = self.opened()
        for number, minute in enumerate((30, 0)):
            self.visit(actor, f"going on {number}", minute=minute)
            self.visit(actor, f"over {number}", minute=minute + 120, left=True)
        with self.work(actor) as work:
            overdue = work.consultations.overdue(AT + timedelta(minutes=15), limit=9)
            assert [one.appointment_id for one in overdue] == [self.claim(actor, "going on 1")]
            assert work.consultations.overdue(AT + timedelta(minutes=14), limit=9) == ()
            assert len(work.consultations.overdue(AT + timedelta(days=1), limit=9)) == 2
            for provider_id in (None, self.provider(actor).id):
                found = work.consultations.unconfirmed(provider_id=provider_id, limit=9)
                assert [one.appointment_id for one in found] == [
                    self.claim(actor, "over 1"),
                    self.claim(actor, "over 0"),
                ]
            nobody = ProviderId(named("nobody"))
            assert work.consultations.unconfirmed(provider_id=nobody, limit=9) == ()
            assert len(work.consultations.unconfirmed(provider_id=None, limit=1)) == 1

    def test_what_belongs_to_a_visit_is_found_in_order(self) -> None:
        """Notes apart by author, the newest first; feedback and emergencies, the oldest first."""
        actor = self.opened()
        visit = self.visit(actor, "a")
        of_visit = {
            "practice_id": actor.practice_id,
            "appointment_id": visit.appointment_id,
            "patient_id": visit.patient_id,
            "provider_id": visit.provider_id,
        }
        said = [feedback(actor, of_visit, number) for number in (2, 1)]
        alarms = [emergency(actor, of_visit, number) for number in (2, 1)]
        closed, event = alarms[0].close("well", by=actor.id, at=AT)
        thoughts = [thought(actor, of_visit, number) for number in (1, 2)]
        written = note(actor, of_visit)
        with self.work(actor) as work:
            for one in said:
                work.feedback.save(one)
            for alarm in alarms:
                work.emergencies.save(alarm)
            for apart in thoughts:
                work.psychotherapy_notes.save(apart, apart.written())
            work.notes.save(written)
        with self.work(actor) as work:
            work.emergencies.save(closed, event)
        with self.work(actor) as work:
            id = visit.appointment_id
            assert work.feedback.of_visit(id) == tuple(reversed(said))
            assert work.feedback.given_in(Interval.lasting(AT, 2), limit=9) == (said[1],)
            assert work.feedback.given_in(Interval.lasting(AT, 9), limit=1) == (said[1],)
            assert work.emergencies.open(limit=9) == (alarms[1],)
            assert work.emergencies.of_visit(id) == (alarms[1], closed)
            assert work.psychotherapy_notes.of_author(actor.id, id) == tuple(reversed(thoughts))
            other = UserId(named("somebody else"))
            assert work.psychotherapy_notes.of_author(other, id) == ()
            assert work.notes.get(written.id) == written
