"""What can be asked in an emergency: to read the record of somebody whom one does not treat; and
afterwards, to review it.
"""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.emergency import EmergencyAccess, EmergencyReason, Verdict
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import AccessWork, Clock, PracticeAccessWork, UnitOfWork
from telehealth_core.shared.ids import EmergencyAccessId, PatientId
from telehealth_core.shared.repeat import repeat_of

LIST_MOST = 200


def in_emergency(work: AccessWork, actor: Actor, patient_id: PatientId, at: datetime) -> bool:
    """Whether the actor's emergency access to the patient lasts; only providers ever have any."""
    return actor.provider_id is not None and work.emergency_accesses.live(actor.id, patient_id, at)


@attrs.frozen
class BreakGlass:
    """Reading in an emergency, and its review."""

    work: UnitOfWork[PracticeAccessWork]
    clock: Clock

    def open(
        self,
        actor: Actor,
        id: EmergencyAccessId,
        patient_id: PatientId,
        *,
        reason: EmergencyReason,
        text: str,
    ) -> EmergencyAccess:
        """Read a patient's record for some minutes, for a coded reason and in words; whoever looks
        after the practice is told at once (N08, ACC-06).

        Raises: StepUpNeeded, NotPermitted, Unknown, Invalid, IdReused.
        """
        at = self.clock()
        with self.work(actor) as work:
            ties = work.patients.get(patient_id).ties
            authorize(actor, Action.BREAK_GLASS, relations(actor, ties, at=at), of="patient")
            rules = work.practices.get(actor.practice_id).settings
            actor.require_fresh(at, rules.step_up_minutes)
            opened, event = EmergencyAccess.open(
                id,
                actor.practice_id,
                patient_id,
                reason=reason,
                text=text,
                minutes=rules.break_glass_minutes,
                review_hours=rules.break_glass_review_hours,
                by=actor.id,
                at=at,
            )
            work.take_turns(id)
            first = repeat_of(
                opened, work.emergency_accesses.find(id), "emergency access", but=_REVIEWED
            )
            if first is not None:
                return first
            work.emergency_accesses.save(opened, event)
        return opened

    def unreviewed(self, actor: Actor) -> tuple[EmergencyAccess, ...]:
        """What waits for its review, the most pressing first; each tells whether it is overdue
        (ACC-06).
        """
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_EMERGENCY, relations(actor))
            found = work.emergency_accesses.unreviewed(limit=LIST_MOST)
            for one in found:
                work.read(Action.REVIEW_EMERGENCY, one.patient_id, one.id)
        return found

    def review(
        self, actor: Actor, id: EmergencyAccessId, verdict: Verdict, finding: str
    ) -> EmergencyAccess:
        """Say, as somebody else, whether it was justified; that closes it (ACC-06).

        Raises: NotYoursToDecide, IllegalTransition, NotPermitted, Unknown, Invalid.
        """
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_EMERGENCY, relations(actor))
            reviewed, event = work.emergency_accesses.get(id).review(
                verdict, finding, by=actor.id, at=self.clock()
            )
            work.emergency_accesses.save(reviewed, event)
        return reviewed


_REVIEWED = frozenset({"reviewed_by", "verdict", "finding"})
