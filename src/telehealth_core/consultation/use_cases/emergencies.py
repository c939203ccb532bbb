"""What can be asked in an emergency: to raise it in one step, to leave quietly, to look after it
until it is closed (TEL-05, TEL-10).
"""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.consultation.emergency import Emergency, EmergencyKind
from telehealth_core.consultation.ports import ConsultationWork
from telehealth_core.consultation.use_cases.facts import said_for, visit_of, window_of
from telehealth_core.scheduling.use_cases import authorized_appointment
from telehealth_core.shared.ids import AppointmentId, EmergencyId
from telehealth_core.shared.repeat import repeat_of

QUEUED_MOST = 200
_GROWS = frozenset({"log", "closed_at", "location"})


@attrs.frozen
class Emergencies:
    """Patients of the practice who need help in, or out of, a visit."""

    work: UnitOfWork[ConsultationWork]
    clock: Clock

    def raise_emergency(
        self, actor: Actor, id: EmergencyId, appointment_id: AppointmentId, note: str | None = None
    ) -> Emergency:
        """Have staff look after the patient at once; nothing but the visit needs to be said
        (TEL-05).

        Raises: IdReused, Invalid, NotPermitted, Unknown.
        """
        with self.work(actor) as work:
            return _raised(
                work,
                actor,
                appointment_id,
                Action.RAISE_EMERGENCY,
                id=id,
                kind=EmergencyKind.RAISED,
                note=note,
                at=self.clock(),
            )

    def quiet_exit(self, actor: Actor, id: EmergencyId, appointment_id: AppointmentId) -> None:
        """Leave the call with the exit word: staff are told, and nothing is shown to whoever may be
        looking on (TEL-10).

        Raises: IdReused, NotPermitted, Unknown.
        """
        with self.work(actor) as work:
            _raised(
                work,
                actor,
                appointment_id,
                Action.EXIT_QUIETLY,
                id=id,
                kind=EmergencyKind.QUIET_EXIT,
                note=None,
                at=self.clock(),
            )

    def queue(self, actor: Actor) -> tuple[Emergency, ...]:
        """Every emergency that nobody has closed yet, the oldest first (TEL-05)."""
        with self.work(actor) as work:
            authorize(actor, Action.HANDLE_EMERGENCY, relations(actor))
            found = work.emergencies.open(limit=QUEUED_MOST)
            for one in found:
                work.read(Action.HANDLE_EMERGENCY, one.patient_id, one.id)
        return found

    def log(self, actor: Actor, id: EmergencyId, text: str) -> Emergency:
        """Add what was done or learned.

        Raises: IllegalTransition once closed; Invalid; Unknown.
        """
        with self.work(actor) as work:
            authorize(actor, Action.HANDLE_EMERGENCY, relations(actor), of="emergency")
            noted, event = work.emergencies.get(id).note(text, by=actor.id, at=self.clock())
            work.emergencies.save(noted, event)
        return noted

    def close(self, actor: Actor, id: EmergencyId, outcome: str) -> Emergency:
        """Say how it ended; it leaves the queue and stays on record.

        Raises: IllegalTransition once closed; Invalid; Unknown.
        """
        with self.work(actor) as work:
            authorize(actor, Action.HANDLE_EMERGENCY, relations(actor), of="emergency")
            closed, event = work.emergencies.get(id).close(outcome, by=actor.id, at=self.clock())
            work.emergencies.save(closed, event)
        return closed


def _raised(
    work: ConsultationWork,
    actor: Actor,
    appointment_id: AppointmentId,
    action: Action,
    *,
    id: EmergencyId,
    kind: EmergencyKind,
    note: str | None,
    at: datetime,
) -> Emergency:
    appointment = authorized_appointment(work, actor, action, appointment_id, at)
    window = window_of(work, work.practices.get(actor.practice_id), appointment)
    said = said_for(visit_of(work, appointment), window)
    wanted, event = Emergency.raise_it(
        note,
        id=id,
        practice_id=actor.practice_id,
        kind=kind,
        appointment_id=appointment.id,
        patient_id=appointment.patient_id,
        provider_id=appointment.provider_id,
        raised_by=actor.id,
        raised_at=at,
        location=said.location or appointment.location,
    )
    work.take_turns(id)
    first = repeat_of(wanted, work.emergencies.find(id), "emergency", but=_GROWS)
    if first is None:
        work.emergencies.save(wanted, event)
    return first or wanted
