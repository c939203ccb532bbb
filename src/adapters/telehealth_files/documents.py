"""A folder as document store, for installations on one machine."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import attrs

from telehealth_core.access.keys import KeyRefused
from telehealth_core.access.ports import Seals
from telehealth_core.shared.ids import DocumentId, PatientId, PracticeId
from telehealth_core.shared.refusal import IdReused, Unavailable, Unknown

_SYSTEM = "The document store"
_SEALED = ".sealed"
"""Marks a folder in which nothing is plain any more."""


@attrs.frozen
class FolderDocuments:
    """Keeps each document as one file, `root/practice/patient/document`, for its owner only.

    Its content is sealed under the patient's key, for this document alone (UPL-05): moved to
    another name or patient it does not open, and without the key nobody reads it (N07). A file
    appears whole or not at all and never changes its content: it is written under another name,
    forced to the disk, and then linked to its own (the file system must know hard links).
    """

    root: Path
    seals: Seals

    def put(
        self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId, content: bytes, /
    ) -> None:
        """Keep these bytes under this id; when it returns they are safe.

        Raises: IdReused if the id already names other bytes; Erased if the patient's key is
            destroyed; Unavailable if the disk refuses.
        """
        path = self._path(practice_id, patient_id, id)
        try:
            self._make(path.parent)
            kept = not path.exists() and _link(path, self._sealed(path, content))
            if not kept and self._opened(path) != content:
                raise IdReused("document", id)
            _sync_folder(path.parent)
        except OSError as error:
            raise Unavailable(_SYSTEM) from error

    def get(self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId, /) -> bytes:
        """The bytes kept under this id.

        Raises: Unknown if there are none; Erased if the patient's key is destroyed; KeyRefused if
            the file was changed; Unavailable if the disk cannot be read.
        """
        try:
            return self._opened(self._path(practice_id, patient_id, id))
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

    def seal_former(self) -> int:
        """Seal what a release before sealing left plain; tells how many. Nothing is looked at again
        in a folder once all of it is sealed.
        """
        mark, plain = self.root / _SEALED, 0
        if not mark.exists():
            for path in self.root.glob("*/*/[!.]*"):
                plain += self._seal_plain(path)
            mark.touch(mode=0o600)
        return plain

    def reseal(self, practice_id: PracticeId, patient_id: PatientId, /) -> int:
        """Seal the patient's documents anew that lie under former versions of the key (ENC-04)."""
        former = list(self._former(practice_id, patient_id))
        for path in former:
            _replace(path, self._sealed(path, self._opened(path)))
        return len(former)

    def any_former(self, practice_id: PracticeId, patient_id: PatientId, /) -> bool:
        """Whether any of the patient's documents lies under a former version of the key."""
        return any(self._former(practice_id, patient_id))

    def _former(self, practice_id: PracticeId, patient_id: PatientId) -> Iterator[Path]:
        for path in (self.root / str(practice_id) / str(patient_id)).glob("[!.]*"):
            if self.seals.former(practice_id, patient_id, path.read_bytes()):
                yield path

    def _seal_plain(self, path: Path) -> bool:
        """Seal the file if it is plain; one that opens was sealed before this was interrupted."""
        content = path.read_bytes()
        try:
            self.seals.open(*_whose(path), content)
        except KeyRefused:
            _replace(path, self._sealed(path, content))
            return True
        return False

    def _sealed(self, path: Path, content: bytes) -> bytes:
        return self.seals.seal(*_whose(path), content)

    def _opened(self, path: Path) -> bytes:
        return self.seals.open(*_whose(path), path.read_bytes())

    def _path(self, practice_id: PracticeId, patient_id: PatientId, id: DocumentId) -> Path:
        return self.root / str(practice_id) / str(patient_id) / str(id)

    def _make(self, folder: Path) -> None:
        """Make the folder and those above it up to the root, each safely on the disk."""
        for place in (self.root, folder.parent, folder):
            if not place.is_dir():
                place.mkdir(mode=0o700, parents=place == self.root, exist_ok=True)
                _sync_folder(place.parent)


def _whose(path: Path) -> tuple[PracticeId, PatientId, str]:
    """Whose document it is, and the name that it is sealed by."""
    *_, practice, patient, document = path.parts
    return PracticeId(UUID(practice)), PatientId(UUID(patient)), f"document/{document}"


def _replace(path: Path, content: bytes) -> None:
    """Put other content in the file's place at one stroke."""
    written = path.with_name(f".{path.name}.part")
    handle = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    written.replace(path)
    _sync_folder(path.parent)


def _link(path: Path, content: bytes) -> bool:
    """Write the file unless there is one; says whether it was written."""
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
