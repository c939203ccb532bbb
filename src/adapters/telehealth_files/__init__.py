"""Files: keeps the bytes of documents and the audit's checkpoints in folders, and cleans the
pictures that people send.
"""

from telehealth_files.checkpoints import FolderCheckpoints, ForgedCheckpoint
from telehealth_files.documents import FolderDocuments
from telehealth_files.images import PillowImages

__all__ = ["FolderCheckpoints", "FolderDocuments", "ForgedCheckpoint", "PillowImages"]
