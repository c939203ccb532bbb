"""Backups as files: everything in one archive, sealed with a key that is kept apart (BCP-01)."""

from telehealth_archive.archive import Archive, ArchiveError, Writer, writing
from telehealth_archive.keyfile import KeyFile, UnusableKey
from telehealth_archive.sealing import ArchiveKeys

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveKeys",
    "KeyFile",
    "UnusableKey",
    "Writer",
    "writing",
]
