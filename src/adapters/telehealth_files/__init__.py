"""Files: keeps the bytes of documents in a folder, and cleans the pictures that people send."""

from telehealth_files.documents import FolderDocuments
from telehealth_files.images import PillowImages

__all__ = ["FolderDocuments", "PillowImages"]
