"""Small files that only their owner may read, and that are whole or not there."""

import os
import stat
import tempfile
from pathlib import Path

from telehealth_core.access.keys import KeyRefused

OWNER_ONLY = 0o600


def read(path: Path) -> bytes:
    """What the file holds. Raises: KeyRefused if others may read it; FileNotFoundError."""
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise KeyRefused(
                f"{path.name} may be read by others than its owner: chmod 600, and if others were"
                " let in, rotate the master key."
            )
        return file.read()


def write(path: Path, content: bytes, *, new: bool) -> bool:
    """Write the whole file and force it to the disk; tells whether it was written.

    `new` leaves a file that is there alone, otherwise it is replaced at one stroke.
    """
    handle, written = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if new:
            path.hardlink_to(written)
        else:
            Path(written).replace(path)
    except FileExistsError:
        return False
    finally:
        Path(written).unlink(missing_ok=True)
    sync_folder(path.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Force the folder's own entries to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
