"""The pharmacy that the patient chose, what it is sent, and its claims (RXU-11)."""

from datetime import datetime
from uuid import UUID

import attrs

from telehealth_core.prescribing.item import Item
from telehealth_core.prescribing.signature import Particulars
from telehealth_core.shared.ids import PrescriptionId
from telehealth_core.shared.text import line


@attrs.frozen(kw_only=True, repr=False)
class Pharmacy:
    """Where the patient wants the medicine from; `contact` is how a prescription reaches it."""

    name: str = attrs.field(validator=line(120))
    address: str = attrs.field(validator=line(300))
    contact: str = attrs.field(validator=line(200))


@attrs.frozen(kw_only=True, repr=False)
class PrescriptionOrder:
    """What a pharmacy is sent: the signed bytes, their signature, and the token to claim with.

    `key` is the prescription's id: the same order sent twice is one order.
    """

    key: PrescriptionId
    pharmacy: Pharmacy
    content: bytes
    seal: bytes
    claim_token: str


@attrs.frozen
class Claim:
    """One dispensing that a pharmacy claimed; `id` recognises a repeat of the request."""

    id: UUID
    at: datetime


@attrs.frozen(kw_only=True, repr=False)
class PrescriptionCopy:
    """The patient's own copy: it says what was prescribed and cannot be used (RXU-04)."""

    stamp: str
    particulars: Particulars
    items: tuple[Item, ...]


STAMP = "Copy, not for dispensing"
