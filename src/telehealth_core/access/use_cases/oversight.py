"""What the audit tells whom: a patient, who opened their record; an administrator, everything."""

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.audit import AuditEntry, AuditOrder, Opening
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, PracticeAccessWork, UnitOfWork
from telehealth_core.shared.ids import PatientId
from telehealth_core.shared.interval import Interval

PAGE_MOST = 200


@attrs.frozen
class Oversight:
    """Who did, read or was refused what."""

    work: UnitOfWork[PracticeAccessWork]
    clock: Clock

    def opened_by(
        self,
        actor: Actor,
        patient_id: PatientId,
        *,
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[Opening, ...]:
        """Who else opened a patient's record, the newest first, a page at a time (AUD-10, F37).

        Raises: Unknown to whoever is neither the patient nor their guardian; NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            ties = work.patients.get(patient_id).ties
            authorize(actor, Action.VIEW_OPENINGS, relations(actor, ties, at=at), of="patient")
            work.read(Action.VIEW_OPENINGS, patient_id, patient_id)
            found = work.audit.opened(patient_id, before=before, limit=min(limit, PAGE_MOST))
        return tuple(map(Opening.of, found))

    def report(
        self,
        actor: Actor,
        period: Interval,
        *,
        by: AuditOrder = AuditOrder.TIME,
        after: int | None = None,
        limit: int = 100,
    ) -> tuple[AuditEntry, ...]:
        """The audit of a period, by time, patient, user or action, a page at a time (AUD-08)."""
        with self.work(actor) as work:
            authorize(actor, Action.REPORT_AUDIT, relations(actor))
            found = work.audit.report(period, by=by, after=after, limit=min(limit, PAGE_MOST))
            for patient_id in {one.patient_id for one in found if one.patient_id is not None}:
                work.read(Action.REPORT_AUDIT, patient_id, patient_id)
        return found
