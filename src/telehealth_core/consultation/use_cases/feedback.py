"""What can be asked of feedback: to say how good a connection was, to read it, to sum it up."""

from datetime import timedelta

import attrs

from telehealth_core.access.actor import STAFF, Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.consultation.attendance import Side
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.feedback import Feedback, Issue, QualitySummary
from telehealth_core.consultation.ports import ConsultationWork
from telehealth_core.scheduling.use_cases import authorized_appointment
from telehealth_core.shared.ids import AppointmentId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Invalid, Unknown

SUMMED_MOST = 10_000
PERIOD_MOST = timedelta(days=366)


@attrs.frozen
class ConnectionFeedback:
    """How good the connections of the practice's visits were (F34)."""

    work: UnitOfWork[ConsultationWork]
    clock: Clock

    def give(
        self,
        actor: Actor,
        id: AppointmentId,
        *,
        rating: int,
        issues: frozenset[Issue] = frozenset(),
        comment: str | None = None,
    ) -> Feedback:
        """Say how good the connection was; said again within a day, the later words count (F34).

        Raises: FeedbackClosed; Unknown for somebody who was not let in; Invalid.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.RATE_VISIT, id, at)
            side = work.consultations.get(Consultation.id_of(id)).side_of(actor.id)
            if side is None:
                raise Unknown("participant")
            before = work.feedback.find(Feedback.id_of(id, actor.id))
            if before is not None:
                changed, anew = before.change(rating, issues, comment, at=at)
                work.feedback.save(changed, anew)
                return changed
            given, event = Feedback.give(
                id=Feedback.id_of(id, actor.id),
                practice_id=actor.practice_id,
                appointment_id=id,
                patient_id=appointment.patient_id,
                provider_id=appointment.provider_id,
                by=actor.id,
                side=side,
                rating=rating,
                issues=issues,
                comment=comment,
                given_at=at,
            )
            work.feedback.save(given, event)
        return given

    def of_visit(self, actor: Actor, id: AppointmentId) -> tuple[Feedback, ...]:
        """What was said of one visit's connection. Staff see all of it; the provider not the words
        of the patient's side; whoever is on the patient's side what they said themselves.
        """
        at = self.clock()
        with self.work(actor) as work:
            appointment = authorized_appointment(work, actor, Action.VIEW_FEEDBACK, id, at)
            work.read(Action.VIEW_FEEDBACK, appointment.patient_id, id)
            found = work.feedback.of_visit(id)
        if actor.roles & STAFF:
            return found
        if actor.provider_id == appointment.provider_id:
            return tuple(
                one.without_comment() if one.side is Side.PATIENT else one for one in found
            )
        return tuple(one for one in found if one.by == actor.id)

    def summary(self, actor: Actor, period: Interval) -> QualitySummary:
        """How good the connections were in the period: ratings of each side, and issues.

        Raises: Invalid for a period of more than a year.
        """
        if period.end - period.start > PERIOD_MOST:
            raise Invalid("until", f"at most {PERIOD_MOST.days} days after the start")
        with self.work(actor) as work:
            authorize(actor, Action.REPORT_QUALITY, relations(actor))
            found = work.feedback.given_in(period, limit=SUMMED_MOST + 1)
        return QualitySummary.of(period, found[:SUMMED_MOST], complete=len(found) <= SUMMED_MOST)
