"""A folder as document store, for installations on one machine."""

import os
import tempfile
from pathlib import Path

import attrs

from telehealth_core.shared.ids import DocumentId, PatientId, PracticeId
from telehealth_core.shared.refusal import IdReused, Unavailable, Unknown

_SYSTEM = "The document store"


@attrs.frozen
class FolderDocuments:
    """Keeps each document as one file, `root/practice/patient/document`, for its owner only.

    A file appears whole or not at all and is never replaced: it is written under another name,
    forced to the disk, and then linked to its own (the file system must know hard links).
    """

    root: Path

    def put(
        self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId, content: bytes, /
    ) -> None:
        """Keep these bytes under this id; when it returns they are safe.

        Raises: IdReused if the id already names other bytes; Unavailable if the disk refuses.
        """
        path = self._path(practice_id, patient_id, id)
        try:
            self._make(path.parent)
            if not _link(path, content) and path.read_bytes() != content:
                raise IdReused("document", id)
            _sync_folder(path.parent)
        except OSError as error:
            raise Unavailable(_SYSTEM) from error

    def get(self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId, /) -> bytes:
        """The bytes kept under this id.

        Raises: Unknown if there are none; Unavailable if the disk cannot be read.
        """
        try:
            return self._path(practice_id, patient_id, id).read_bytes()
        except FileNotFoundError:
            raise Unknown("document", id) from None
        except OSError as error:
            raise Unavailable(_SYSTEM) from error

    def delete(self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId, /) -> None:
        """Remove the file, so that a lost power does not bring it back; once more is no error.

        Raises: Unavailable if the disk refuses.
        """
        path = self._path(practice_id, patient_id, id)
        try:
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                _sync_folder(path.parent)
        except OSError as error:
            raise Unavailable(_SYSTEM) from error

    def _path(self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId) -> Path:
        return self.root / str(practice_id) / str(patient_id) / str(id)

    def _make(self, folder: Path) -> None:
        """Make the folder and those above it up to the root, each safely on the disk."""
        for place in (self.root, folder.parent, folder):
            if not place.is_dir():
                place.mkdir(mode=0o700, parents=place == self.root, exist_ok=True)
                _sync_folder(place.parent)


def _link(path: Path, content: bytes) -> bool:
    """Write the file unless there is one; says whether it was written."""
    if path.exists():
        return False
    handle, written = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(written)
    except FileExistsError:
        return False
    finally:
        Path(written).unlink()
    return True


def _sync_folder(folder: Path) -> None:
    """Force the folder's own entries to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
