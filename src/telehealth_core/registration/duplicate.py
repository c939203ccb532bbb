"""Duplicate suspicion: two records that may be one person's, for staff to look at; never merged by
itself (IDV-03).
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

import attrs

from telehealth_core.access.actor import Guardianship
from telehealth_core.registration.matching import DuplicateRule, shared_rules
from telehealth_core.registration.patient import Patient
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PatientId, PracticeId, SuspicionId, UserId, derived
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.text import prose


class SuspicionStatus(StrEnum):
    """What staff found."""

    OPEN = "open"
    DISMISSED = "dismissed"
    """Two persons."""
    CONFIRMED = "confirmed"
    """One person; what follows is for people to do, and both records stay as they are."""


LIFECYCLE: Lifecycle[SuspicionStatus] = Lifecycle(
    "DuplicateSuspicion",
    SuspicionStatus.OPEN,
    {
        "recur": (
            frozenset({SuspicionStatus.OPEN, SuspicionStatus.DISMISSED}),
            SuspicionStatus.OPEN,
        ),
        "dismiss": (frozenset({SuspicionStatus.OPEN}), SuspicionStatus.DISMISSED),
        "confirm": (frozenset({SuspicionStatus.OPEN}), SuspicionStatus.CONFIRMED),
    },
)


class DuplicateSuspected(Event):
    """Two records may be one person's."""


class DuplicateDismissed(Event):
    """Staff found that two records are two persons'."""


class DuplicateConfirmed(Event):
    """Staff found that two records are one person's."""


@attrs.frozen(kw_only=True)
class DuplicateSuspicion:
    """Two patients of whom the newer may be the earlier, and by which rules."""

    id: SuspicionId
    practice_id: PracticeId
    version: int = 1
    status: SuspicionStatus = LIFECYCLE.initial
    patient_id: PatientId
    other_id: PatientId
    rules: frozenset[DuplicateRule]
    raised_at: datetime
    decided_by: UserId | None = None
    decided_at: datetime | None = None
    reason: str | None = phi(default=None, validator=attrs.validators.optional(prose(2000)))

    @staticmethod
    def id_of(one: PatientId, other: PatientId) -> SuspicionId:
        """Two patients have one suspicion, whoever is looked at first; the id follows."""
        first, second = sorted((one, other))
        return SuspicionId(derived(first, f"duplicate/{second}"))

    @classmethod
    def of(
        cls, patient: Patient, other: Patient, *, by: UserId, at: datetime
    ) -> "tuple[Self, DuplicateSuspected] | None":
        """The suspicion that one is the other; None if no rule says so."""
        rules = suspicious(patient, other)
        if not rules:
            return None
        raised = cls(
            id=cls.id_of(patient.id, other.id),
            practice_id=patient.practice_id,
            patient_id=patient.id,
            other_id=other.id,
            rules=rules,
            raised_at=at,
        )
        return raised, DuplicateSuspected(raised.id, raised.version, by, at)

    def recur(
        self, rules: frozenset[DuplicateRule], *, by: UserId, at: datetime
    ) -> tuple[Self, DuplicateSuspected]:
        """The suspicion, open again because more rules say so.

        Raises: IllegalTransition once confirmed.
        """
        changed = self._after("recur", rules=self.rules | rules, raised_at=at)
        return changed, DuplicateSuspected(self.id, changed.version, by, at)

    def dismiss(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, DuplicateDismissed]:
        """Find that they are two persons, with the reason.

        Raises: IllegalTransition; Invalid.
        """
        changed = self._after("dismiss", decided_by=by, decided_at=at, reason=reason)
        return changed, DuplicateDismissed(self.id, changed.version, by, at)

    def confirm(self, reason: str, *, by: UserId, at: datetime) -> tuple[Self, DuplicateConfirmed]:
        """Find that they are one person, with the reason; neither record is touched.

        Raises: IllegalTransition; Invalid.
        """
        changed = self._after("confirm", decided_by=by, decided_at=at, reason=reason)
        return changed, DuplicateConfirmed(self.id, changed.version, by, at)

    def _after(self, verb: str, **changes: Any) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        return attrs.evolve(self, version=self.version + 1, status=status, **changes)


def suspicious(one: Patient, other: Patient) -> frozenset[DuplicateRule]:
    """By which rules two records may be one person's. A family shares its telephone: between
    guardian and dependant, and between siblings, that says nothing.
    """
    rules = shared_rules(one.match_keys, other.match_keys)
    return rules - {DuplicateRule.PHONE} if _family(one) & _family(other) else rules


def _family(patient: Patient) -> frozenset[PatientId]:
    ties: tuple[Guardianship, ...] = patient.guardians
    return frozenset({patient.id, *(tie.guardian for tie in ties)})
