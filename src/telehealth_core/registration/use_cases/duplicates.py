"""What can be asked of duplicates: to look for them when a record changes, and to judge what was
found (IDV-03).
"""

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.access.use_cases.reading import shown
from telehealth_core.registration.duplicate import (
    DuplicateSuspicion,
    SuspicionStatus,
    suspicious,
)
from telehealth_core.registration.patient import Patient
from telehealth_core.registration.ports import RegistrationWork
from telehealth_core.registration.use_cases.standing import PAGE_MOST
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PatientId, SuspicionId

CANDIDATES_MOST = 20
"""How many records one is compared with: more with one telephone are a care home, no person."""


@attrs.frozen
class Duplicates:
    """Records that may be one person's: suspected, queued for staff, never merged."""

    work: UnitOfWork[RegistrationWork]
    clock: Clock

    def suspect(self, actor: Actor, happened: Event) -> None:
        """Compare a patient who registered or changed with those who share a key with them; a
        repeat finds what the first found.
        """
        with self.work(actor) as work:
            authorize(actor, Action.SUSPECT_DUPLICATES, relations(actor))
            patient = work.patients.get(PatientId(happened.subject))
            found = work.patients.matching(patient.match_keys, limit=CANDIDATES_MOST)
            for other in found:
                if other.id != patient.id:
                    self._suspect(work, actor, patient, other)

    def queue(self, actor: Actor, limit: int = PAGE_MOST) -> tuple[DuplicateSuspicion, ...]:
        """The suspicions that wait for somebody to look, the oldest first."""
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_DUPLICATES, relations(actor))
            found = work.suspicions.in_status(SuspicionStatus.OPEN, limit=min(limit, PAGE_MOST))
            return shown(work, Action.REVIEW_DUPLICATES, found)

    def dismiss(self, actor: Actor, id: SuspicionId, reason: str) -> DuplicateSuspicion:
        """Find that they are two persons.

        Raises: IllegalTransition, Invalid without a reason.
        """
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_DUPLICATES, relations(actor))
            dismissed, event = work.suspicions.get(id).dismiss(reason, by=actor.id, at=self.clock())
            work.suspicions.save(dismissed, event)
        return dismissed

    def confirm(self, actor: Actor, id: SuspicionId, reason: str) -> DuplicateSuspicion:
        """Find that they are one person; both records stay as they are.

        Raises: IllegalTransition, Invalid without a reason.
        """
        with self.work(actor) as work:
            authorize(actor, Action.REVIEW_DUPLICATES, relations(actor))
            confirmed, event = work.suspicions.get(id).confirm(reason, by=actor.id, at=self.clock())
            work.suspicions.save(confirmed, event)
        return confirmed

    def _suspect(
        self, work: RegistrationWork, actor: Actor, patient: Patient, other: Patient
    ) -> None:
        existing = work.suspicions.find(DuplicateSuspicion.id_of(patient.id, other.id))
        if existing is None:
            raised = DuplicateSuspicion.of(patient, other, by=actor.id, at=self.clock())
            if raised is not None:
                work.suspicions.save(*raised)
            return
        rules = suspicious(patient, other) - existing.rules
        if rules and existing.status is not SuspicionStatus.CONFIRMED:
            recurred, event = existing.recur(rules, by=actor.id, at=self.clock())
            work.suspicions.save(recurred, event)
