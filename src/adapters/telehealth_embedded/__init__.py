"""What stands in when no account is configured: payments, video signalling, chat, a mailbox,
prescribers' seals and pharmacies.

Everything here works on one machine without any outside system, and says so: no money moves and
no message leaves the house.
"""

from telehealth_embedded.chat import EmbeddedChannels
from telehealth_embedded.mailbox import TEMPLATES, EmbeddedMailbox, Mail, Template
from telehealth_embedded.payments import BrokenJournal, EmbeddedPayments
from telehealth_embedded.pharmacies import EmbeddedPharmacies
from telehealth_embedded.records import NoRecords
from telehealth_embedded.seals import EmbeddedSignatures
from telehealth_embedded.video import EmbeddedRooms, Signalling

__all__ = [
    "TEMPLATES",
    "BrokenJournal",
    "EmbeddedChannels",
    "EmbeddedMailbox",
    "EmbeddedPayments",
    "EmbeddedPharmacies",
    "EmbeddedRooms",
    "EmbeddedSignatures",
    "Mail",
    "NoRecords",
    "Signalling",
    "Template",
]
