"""Contracts: what every implementation of a port promises, as tests that pytest runs.

Subclass one in a test module and bring what it asks for. `StoreContract` is about the units of
work; there is one for each outside power. The doubles in memory, the adapters beside the core and
yours pass the same (N14).
"""

from telehealth_core.testing.contracts.auditing import Auditing
from telehealth_core.testing.contracts.beginning import AT, Store, named, practice, refused
from telehealth_core.testing.contracts.booking import Booking
from telehealth_core.testing.contracts.caring import Caring
from telehealth_core.testing.contracts.charging import Collecting
from telehealth_core.testing.contracts.filing import DocumentsContract, ImagesContract
from telehealth_core.testing.contracts.finding import Finding
from telehealth_core.testing.contracts.following import Following
from telehealth_core.testing.contracts.keeping import Keeping
from telehealth_core.testing.contracts.overseeing import Overseeing
from telehealth_core.testing.contracts.paying import PaymentsContract
from telehealth_core.testing.contracts.proving import (
    LettersContract,
    NumberChecksContract,
    PasswordsContract,
    PharmaciesContract,
    SignaturesContract,
    VideoRoomsContract,
)
from telehealth_core.testing.contracts.racing import Racing
from telehealth_core.testing.contracts.registering import Registering
from telehealth_core.testing.contracts.syncing import Syncing
from telehealth_core.testing.contracts.telling import (
    AttachmentsContract,
    ChatChannelsContract,
    NoticesContract,
)
from telehealth_core.testing.contracts.visiting import Visiting
from telehealth_core.testing.contracts.waiting import Waiting


class StoreContract(
    Keeping,
    Auditing,
    Finding,
    Registering,
    Booking,
    Collecting,
    Overseeing,
    Caring,
    Visiting,
    Waiting,
    Following,
    Syncing,
    Racing,
):
    """Every promise of a store; a subclass brings `store` and the ways to look inside."""


__all__ = [
    "AT",
    "AttachmentsContract",
    "ChatChannelsContract",
    "DocumentsContract",
    "ImagesContract",
    "LettersContract",
    "NoticesContract",
    "NumberChecksContract",
    "PasswordsContract",
    "PaymentsContract",
    "PharmaciesContract",
    "SignaturesContract",
    "Store",
    "StoreContract",
    "VideoRoomsContract",
    "named",
    "practice",
    "refused",
]
