"""Patients and their identity checks in memory, and who treats whom."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from telehealth_core.partnership.partner import PartnerStatus
from telehealth_core.registration.assessment import CompetenceAssessment
from telehealth_core.registration.consent import Consent
from telehealth_core.registration.duplicate import DuplicateSuspicion, SuspicionStatus
from telehealth_core.registration.identity_check import DECIDED, IdentityCheck, IdentityStatus
from telehealth_core.registration.patient import Patient
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.shared.ids import (
    PartnerId,
    PatientId,
    ProviderId,
)
from telehealth_core.testing.memory.collection import MemoryCollection, OfPatient

if TYPE_CHECKING:
    from telehealth_core.testing.memory.store import MemoryWork


class Patients(MemoryCollection[Patient]):
    """Patients."""

    def dependants_of(self, guardian: PatientId) -> tuple[Patient, ...]:
        return self._by_registration(
            lambda one: any(tie.guardian == guardian for tie in one.guardians)
        )

    def followed_by(self, partner_id: PartnerId) -> tuple[Patient, ...]:
        return self._by_registration(
            lambda one: any(tie.partner_id == partner_id for tie in one.partners)
        )

    def page(self, *, after: PatientId | None, limit: int) -> tuple[Patient, ...]:
        found = self.where(lambda one: after is None or one.id > after)
        return tuple(sorted(found, key=lambda one: one.id)[:limit])

    def matching(self, keys: frozenset[str], *, limit: int) -> tuple[Patient, ...]:
        return self._by_registration(lambda one: bool(one.match_keys & keys))[:limit]

    def _by_registration(self, holds: Callable[[Patient], bool]) -> tuple[Patient, ...]:
        return tuple(sorted(self.where(holds), key=lambda one: (one.registered_at, one.id)))


class IdentityChecks(MemoryCollection[IdentityCheck]):
    """Identity checks."""

    def in_status(self, status: IdentityStatus, *, limit: int) -> tuple[IdentityCheck, ...]:
        found = self.where(lambda one: one.status is status)
        return tuple(sorted(found, key=lambda one: (one.submitted_at or _NEVER, one.id))[:limit])

    def lapsed(self, at: datetime, *, limit: int) -> tuple[IdentityCheck, ...]:
        approved = IdentityStatus.APPROVED
        found = self.where(lambda one: one.status is approved and (one.expires_at or _NEVER) <= at)
        return tuple(sorted(found, key=lambda one: (one.expires_at, one.id))[:limit])

    def with_images(self, decided_before: datetime, *, limit: int) -> tuple[IdentityCheck, ...]:
        found = self.where(
            lambda one: (
                one.status in DECIDED
                and bool(one.evidence or one.former)
                and (one.decided_at or _NEVER) < decided_before
            )
        )
        return tuple(sorted(found, key=lambda one: (one.decided_at, one.id))[:limit])


class Consents(OfPatient[Consent]):
    """What patients agreed to and refused."""

    since = "at"


class Assessments(OfPatient[CompetenceAssessment]):
    """What clinicians found of young patients."""

    since = "at"


class DuplicateSuspicions(MemoryCollection[DuplicateSuspicion]):
    """Records that may be one person's."""

    def in_status(self, status: SuspicionStatus, *, limit: int) -> tuple[DuplicateSuspicion, ...]:
        found = self.where(lambda one: one.status is status)
        return tuple(sorted(found, key=lambda one: (one.raised_at, one.id))[:limit])


_NEVER = datetime.max.replace(tzinfo=UTC)

_TREATED = frozenset(
    {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED}
)


class Care:
    """Who treats whom, and who may follow at all."""

    def __init__(self, work: "MemoryWork") -> None:
        self._work = work

    def treats(self, provider_id: ProviderId, patient_id: PatientId) -> bool:
        booked = self._work.appointments.where(
            lambda one: (
                one.provider_id == provider_id
                and one.patient_id == patient_id
                and one.status in _TREATED
            )
        )
        in_program = self._work.programs.where(
            lambda one: one.provider_id == provider_id and one.patient_id == patient_id
        )
        return bool(booked or in_program)

    def may_follow(self, partner_id: PartnerId) -> bool:
        partner = self._work.partners.find(partner_id)
        return partner is not None and partner.status is PartnerStatus.ACTIVE
