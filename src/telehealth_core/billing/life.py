"""The life of a charge: its states, what may happen in each, what happened, and what is refused."""

from enum import StrEnum
from typing import ClassVar

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.refusal import Refusal


class ChargeStatus(StrEnum):
    """Where the money stands."""

    PLANNED = "planned"
    """Agreed, and not to be taken yet."""
    BILLABLE = "billable"
    """May be taken: the visit was completed, or booking is when the practice charges."""
    COLLECTING = "collecting"
    """An order is with the processor; its outcome may not be known, or wait for the payer."""
    PAID = "paid"
    FAILED = "failed"
    WAIVED = "waived"
    REFUNDED = "refunded"


_S = ChargeStatus
_BEFORE_COLLECTION = frozenset({_S.PLANNED, _S.BILLABLE})
_UNPAID = _BEFORE_COLLECTION | {_S.FAILED}

LIFECYCLE: Lifecycle[ChargeStatus] = Lifecycle(
    "Charge",
    _S.PLANNED,
    {
        "correct": (_BEFORE_COLLECTION, None),
        "propose_increase": (_BEFORE_COLLECTION | {_S.PAID}, None),
        "agree": (_BEFORE_COLLECTION | {_S.PAID}, None),
        "change_card": (_UNPAID, None),
        "release": (frozenset({_S.PLANNED}), _S.BILLABLE),
        "order": (frozenset({_S.BILLABLE, _S.COLLECTING}), _S.COLLECTING),
        "await_payer": (frozenset({_S.COLLECTING}), None),
        "confirm": (frozenset({_S.COLLECTING}), None),
        "resume": (frozenset({_S.COLLECTING}), None),
        "settle": (frozenset({_S.COLLECTING}), _S.PAID),
        "lack_card": (frozenset({ChargeStatus.BILLABLE}), ChargeStatus.FAILED),
        "fail": (frozenset({_S.COLLECTING}), _S.FAILED),
        "retry": (frozenset({_S.FAILED}), _S.BILLABLE),
        "waive": (_UNPAID, _S.WAIVED),
        "write_off": (frozenset({_S.FAILED}), _S.WAIVED),
        "bill_fee": (_UNPAID, _S.BILLABLE),
        "undo": (frozenset({_S.COLLECTING, _S.PAID}), None),
        "reimburse": (frozenset({_S.PAID}), None),
        "refund": (frozenset({_S.PAID}), None),
        "refund_rest": (frozenset({_S.PAID}), _S.REFUNDED),
    },
)


class ChargePlanned(Event):
    """Patient and practice agreed on a sum."""


class ChargeCorrected(Event):
    """A liaison corrected the sum."""


class IncreaseProposed(Event):
    """The practice asks the patient to agree to a higher sum."""


class IncreaseAgreed(Event):
    """The patient, or who pays, agreed to a higher sum."""


class ChargeCardChanged(Event):
    """Another card is to be used."""


class ChargeReleased(Event):
    """The sum may be taken now."""


class ChargeOrdered(Event):
    """The processor is being asked for the sum."""


class PaymentToConfirm(Event):
    """The payer has to confirm the payment with their bank."""


class PaymentConfirmed(Event):
    """The payer says that they confirmed the payment."""


class ConfirmationLapsed(Event):
    """The payer did not confirm the payment in time."""


class ChargePaid(Event):
    """The processor took the sum."""


class ChargeFailed(Event):
    """The processor declined."""


class ChargeWaived(Event):
    """Nothing is to be taken after all."""


class ChargeCalledOff(Event):
    """The visit will not be; what was taken for it beyond a fee goes back."""


class RefundOrdered(Event):
    """A part of what was taken is to be given back."""


class RefundMade(Event):
    """A part of what was taken was given back."""


class ChargeRefunded(Event):
    """Nothing is left of what was taken."""


@attrs.frozen
class AboveAgreement(Refusal):
    """The patient would pay more than they agreed to; they have to agree anew first (PAY-06)."""

    code: ClassVar[str] = "above-agreement"
    says: ClassVar[str] = (
        "The patient agreed to {agreed} and would owe {due}; propose it to them first."
    )

    agreed: str
    due: str


@attrs.frozen
class NotProposed(Refusal):
    """What the patient agrees to is not what the practice proposes (PAY-01, PAY-06)."""

    code: ClassVar[str] = "not-proposed"
    says: ClassVar[str] = "The practice proposes {due}."

    due: str
