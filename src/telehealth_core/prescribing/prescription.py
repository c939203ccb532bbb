"""The prescription: what a provider orders for a patient; immutable once signed (F35, RXC-02)."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    PatientId,
    PracticeId,
    PrescriptionId,
    ProviderId,
    UserId,
)
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.shared.text import line


class PrescriptionStatus(StrEnum):
    """Where the prescription stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    SENT = "sent"
    DISPENSED = "dispensed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


_S = PrescriptionStatus
LIFECYCLE: Lifecycle[PrescriptionStatus] = Lifecycle(
    "Prescription",
    _S.DRAFT,
    {
        "sign": (frozenset({_S.DRAFT}), _S.ACTIVE),
        "send": (frozenset({_S.ACTIVE}), _S.SENT),
        "dispense": (frozenset({_S.SENT}), _S.DISPENSED),
        "cancel": (frozenset({_S.DRAFT, _S.ACTIVE, _S.SENT}), _S.CANCELLED),
        "expire": (frozenset({_S.ACTIVE, _S.SENT}), _S.EXPIRED),
    },
)


@attrs.frozen
class PrescriptionDrafted(Event):
    """A provider began a prescription."""


@attrs.frozen
class PrescriptionSigned(Event):
    """A provider signed; from now on nothing in it changes."""


@attrs.frozen
class NotPrescriber(Refusal):
    """The provider holds no prescribing right (RXC-01)."""

    code: ClassVar[str] = "not-prescriber"
    says: ClassVar[str] = "This provider may not prescribe."


@attrs.frozen
class ItemsNotAllowed(Refusal):
    """Controlled medicines are not prescribed electronically here (RXU-05, RXS-03)."""

    code: ClassVar[str] = "controlled-medicine"
    says: ClassVar[str] = "Controlled medicines cannot be prescribed here; use the paper form."


@attrs.frozen(kw_only=True, repr=False)
class Item:
    """One medicine of a prescription."""

    medicine: str = attrs.field(validator=line(200))
    strength: str = attrs.field(validator=line(80))
    form: str = attrs.field(validator=line(80))
    quantity: str = attrs.field(validator=line(80))
    directions: str = attrs.field(validator=line(300))
    controlled: bool = False


@attrs.frozen(kw_only=True)
class Prescription:
    """What a provider orders for a patient after a visit."""

    id: PrescriptionId
    practice_id: PracticeId
    version: int = 1
    status: PrescriptionStatus = LIFECYCLE.initial
    patient_id: PatientId
    provider_id: ProviderId
    appointment_id: AppointmentId
    items: tuple[Item, ...] = phi()
    drafted_at: datetime
    signed_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        if not 1 <= len(self.items) <= 20:
            raise Invalid("items", "one to twenty")

    def drafted(self, *, by: UserId) -> PrescriptionDrafted:
        """The event that a new prescription begins with."""
        return PrescriptionDrafted(self.id, self.version, by, self.drafted_at)

    def sign(
        self, *, prescriber: bool, by: UserId, at: datetime
    ) -> tuple[Self, PrescriptionSigned]:
        """Sign it (RXC-01, RXC-02).

        Raises: NotPrescriber, ItemsNotAllowed, IllegalTransition.
        """
        status = LIFECYCLE.after("sign", self.status)
        if not prescriber:
            raise NotPrescriber
        if any(item.controlled for item in self.items):
            raise ItemsNotAllowed
        signed = attrs.evolve(self, version=self.version + 1, status=status, signed_at=at)
        return signed, PrescriptionSigned(self.id, signed.version, by, at)
