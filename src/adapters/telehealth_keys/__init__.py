"""Master keys, kept apart from the data: in a file of the owner's, or in AWS KMS; and the ledger of
destroyed keys.
"""

from telehealth_keys.ledger import FileLedger
from telehealth_keys.local import LocalKeys

__all__ = ["FileLedger", "LocalKeys"]
