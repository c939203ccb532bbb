"""The charge: what one visit costs one payer, from the quote to the payment (F44-F48, N05).

The sum is a ledger: a base line, extra services, and one insurance share; every correction is an
entry with actor, reason, before and after. The patient is never asked for more than they agreed to
without agreeing anew (PAY-06).
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

import attrs

from telehealth_core.billing.payment import PaymentOutcome
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    CardId,
    ChargeId,
    PatientId,
    PracticeId,
    UserId,
    derived,
)
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.money import Money
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_core.shared.text import line, prose


class ChargeStatus(StrEnum):
    """Where the money stands."""

    PLANNED = "planned"
    """Agreed, and not to be taken yet."""
    BILLABLE = "billable"
    """May be taken: the visit was completed, or booking is when the practice charges."""
    COLLECTING = "collecting"
    """An order is with the processor; its outcome may not be known."""
    PAID = "paid"
    FAILED = "failed"
    WAIVED = "waived"
    REFUNDED = "refunded"


_BEFORE_COLLECTION = frozenset({ChargeStatus.PLANNED, ChargeStatus.BILLABLE})

LIFECYCLE: Lifecycle[ChargeStatus] = Lifecycle(
    "Charge",
    ChargeStatus.PLANNED,
    {
        "correct": (_BEFORE_COLLECTION, None),
        "release": (frozenset({ChargeStatus.PLANNED}), ChargeStatus.BILLABLE),
        "order": (
            frozenset({ChargeStatus.BILLABLE, ChargeStatus.COLLECTING, ChargeStatus.FAILED}),
            ChargeStatus.COLLECTING,
        ),
        "settle": (frozenset({ChargeStatus.COLLECTING}), ChargeStatus.PAID),
        "fail": (frozenset({ChargeStatus.COLLECTING}), ChargeStatus.FAILED),
        "refund": (frozenset({ChargeStatus.PAID}), ChargeStatus.REFUNDED),
        "waive": (_BEFORE_COLLECTION | {ChargeStatus.FAILED}, ChargeStatus.WAIVED),
    },
)


@attrs.frozen
class ChargePlanned(Event):
    """Patient and practice agreed on a sum."""


@attrs.frozen
class ChargeCorrected(Event):
    """A liaison corrected the sum."""


@attrs.frozen
class ChargeReleased(Event):
    """The sum may be taken now."""


@attrs.frozen
class ChargeOrdered(Event):
    """The processor is being asked for the sum."""


@attrs.frozen
class ChargePaid(Event):
    """The processor took the sum."""


@attrs.frozen
class ChargeFailed(Event):
    """The processor declined."""


@attrs.frozen
class ChargeWaived(Event):
    """Nothing is to be taken after all."""


@attrs.frozen
class ChargeRefunded(Event):
    """What was taken was given back."""


@attrs.frozen
class AboveAgreement(Refusal):
    """The patient would pay more than they agreed to; they have to agree anew first (PAY-06)."""

    code: ClassVar[str] = "above-agreement"
    says: ClassVar[str] = (
        "The patient agreed to {agreed} and would owe {due}; they must agree to it first."
    )

    agreed: str
    due: str


@attrs.frozen
class Extra:
    """An additional service, not part of the initial price (F47)."""

    name: str = attrs.field(validator=line(120))
    price: Money


@attrs.frozen
class Correction:
    """One change of the sum: who, when, why, and what the patient owed before and after."""

    by: UserId
    at: datetime
    before: Money
    after: Money
    reason: str = phi(validator=prose(500))


@attrs.frozen(kw_only=True)
class Charge:
    """What one visit costs one payer.

    `agreed` is the most that the patient agreed to pay; `insurance_bp` the share, in basis points
    of base and extras, that an insurance covers. The insurance's share is rounded down, so the
    patient carries the odd unit.
    """

    id: ChargeId
    practice_id: PracticeId
    version: int = 1
    status: ChargeStatus = LIFECYCLE.initial
    appointment_id: AppointmentId
    patient_id: PatientId
    payer_id: PatientId
    card_id: CardId | None = None
    base: Money
    agreed: Money
    extras: tuple[Extra, ...] = ()
    insurance_bp: int = 0
    corrections: tuple[Correction, ...] = phi(default=())
    attempt: int = 0
    outcome: PaymentOutcome | None = None
    planned_at: datetime
    settled_at: datetime | None = None

    @staticmethod
    def id_of(appointment_id: AppointmentId) -> ChargeId:
        """A visit has one charge; its id follows from the appointment's."""
        return ChargeId(derived(appointment_id, "charge"))

    @classmethod
    def plan(
        cls,
        appointment_id: AppointmentId,
        practice_id: PracticeId,
        price: Money,
        *,
        patient_id: PatientId,
        payer_id: PatientId,
        card_id: CardId | None,
        by: UserId,
        at: datetime,
    ) -> tuple[Self, ChargePlanned]:
        """The sum that patient and practice agree on when the visit is requested: the price shown
        (PAY-01).
        """
        charge = cls(
            id=cls.id_of(appointment_id),
            practice_id=practice_id,
            appointment_id=appointment_id,
            patient_id=patient_id,
            payer_id=payer_id,
            card_id=card_id,
            base=price,
            agreed=price,
            planned_at=at,
        )
        return charge, ChargePlanned(charge.id, charge.version, by, at)

    @property
    def total(self) -> Money:
        """Base and extras, before any insurance."""
        return sum((extra.price for extra in self.extras), start=self.base)

    @property
    def insured(self) -> Money:
        """What the insurance covers, rounded down."""
        return self.total.share_down(self.insurance_bp)

    @property
    def due(self) -> Money:
        """What the patient owes: the total less what the insurance covers. Nothing is lost between
        the two.
        """
        return self.total - self.insured

    def correct(
        self, *, insurance_bp: int, extras: Iterable[Extra], reason: str, by: UserId, at: datetime
    ) -> tuple[Self, ChargeCorrected]:
        """The charge with this insurance share and these extra services instead of the former (F46,
        F47).

        Raises: AboveAgreement; IllegalTransition once it is being collected; Invalid.
        """
        LIFECYCLE.after("correct", self.status)
        added = tuple(extras)
        for extra in added:
            if extra.price.currency != self.base.currency or extra.price.minor <= 0:
                raise Invalid("extras", f"a price above nothing in {self.base.currency}")
        corrected = attrs.evolve(
            self, version=self.version + 1, insurance_bp=insurance_bp, extras=added
        )
        if self.agreed < corrected.due:
            raise AboveAgreement(str(self.agreed), str(corrected.due))
        entry = Correction(by, at, before=self.due, after=corrected.due, reason=reason)
        corrected = attrs.evolve(corrected, corrections=(*self.corrections, entry))
        return corrected, ChargeCorrected(self.id, corrected.version, by, at)

    def release(self, *, by: UserId, at: datetime) -> tuple[Self, ChargeReleased]:
        """The sum may be taken from now on.

        Raises: IllegalTransition.
        """
        return self._moved("release"), ChargeReleased(self.id, self.version + 1, by, at)

    def order(self, *, by: UserId, at: datetime) -> tuple[Self, ChargeOrdered]:
        """The charge with an order at the processor. While the outcome of one is not known, it
        stays the same order.

        Raises: IllegalTransition unless it may be taken.
        """
        fresh = self.status is not ChargeStatus.COLLECTING
        ordered = attrs.evolve(self._moved("order"), attempt=self.attempt + fresh, outcome=None)
        return ordered, ChargeOrdered(self.id, ordered.version, by, at)

    @property
    def payment_key(self) -> UUID:
        """The key of the present order: the same for every repeat of it, another for the next
        attempt.
        """
        return derived(self.id, f"payment/{self.attempt}")

    def settle(
        self, outcome: PaymentOutcome, *, by: UserId, at: datetime
    ) -> "tuple[Self, ChargePaid | ChargeFailed]":
        """The charge with the processor's answer to the present order.

        Raises: IllegalTransition unless an order is out.
        """
        assert outcome.key == self.payment_key, "an outcome settles the order it answers"
        settled = attrs.evolve(
            self._moved("settle" if outcome.paid else "fail"), outcome=outcome, settled_at=at
        )
        event = ChargePaid if outcome.paid else ChargeFailed
        return settled, event(self.id, settled.version, by, at)

    def waive(self, *, by: UserId, at: datetime) -> "tuple[Self, ChargeWaived | ChargeRefunded]":
        """Nothing is to be taken: the visit does not take place, or cost nothing.

        Raises: IllegalTransition once it is being collected.
        """
        return self._moved("waive"), ChargeWaived(self.id, self.version + 1, by, at)

    def refund(self, *, by: UserId, at: datetime) -> "tuple[Self, ChargeWaived | ChargeRefunded]":
        """The charge, given back in full.

        Raises: IllegalTransition unless paid.
        """
        return self._moved("refund"), ChargeRefunded(self.id, self.version + 1, by, at)

    @property
    def refund_key(self) -> UUID:
        """The key of the refund of the present order."""
        return derived(self.payment_key, "refund")

    @property
    def nothing_due(self) -> bool:
        """Whether the payer owes nothing any more: it is paid or waived."""
        return self.status in {ChargeStatus.PAID, ChargeStatus.WAIVED}

    @property
    def settled_without_payment(self) -> bool:
        """Whether nothing was taken, or nothing is left of what was taken, and nothing will be."""
        return self.status in {ChargeStatus.WAIVED, ChargeStatus.REFUNDED}

    def _moved(self, verb: str) -> Self:
        return attrs.evolve(
            self, version=self.version + 1, status=LIFECYCLE.after(verb, self.status)
        )
