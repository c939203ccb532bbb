"""An archive: one sealed file that holds a database's dump, files, and a manifest of them all.

Inside of the seal is a tar stream; its last member, the manifest, says what the archive is of and
holds the SHA-256 of everything before it. An archive appears whole or not at all.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import attrs

from telehealth_archive.sealing import ArchiveKeys, BrokenSeal, Opener, Sealer, WrongKey

MANIFEST = "manifest.json"
DUMP = "dump"
FILES = "files"
PART = 4 << 20
"""A dump of unknown length is kept in parts of so many bytes."""
_BLOCK = 1 << 20


class ArchiveError(Exception):
    """The archive cannot be written or read; the text names it and says what is wrong."""


@attrs.define
class _Watched:
    """A file that is digested while it is read."""

    file: IO[bytes]
    digest: Any = attrs.field(factory=hashlib.sha256)

    def read(self, size: int) -> bytes:
        """So many bytes."""
        content = self.file.read(size)
        self.digest.update(content)
        return content


@attrs.define
class Writer:
    """Adds to an archive that is being written."""

    _tar: tarfile.TarFile
    _digests: dict[str, str] = attrs.field(factory=dict)

    def dump(self, blocks: Iterable[bytes]) -> int:
        """Add the dump; how many bytes it has."""
        digest, size, waiting, number = hashlib.sha256(), 0, bytearray(), 0
        for block in blocks:
            digest.update(block)
            size += len(block)
            waiting += block
            while len(waiting) >= PART:
                number += 1
                self._add(f"{DUMP}/{number:08}", bytes(waiting[:PART]))
                del waiting[:PART]
        self._add(f"{DUMP}/{number + 1:08}", bytes(waiting))
        self._digests[DUMP] = digest.hexdigest()
        return size

    def file(self, name: str, path: Path) -> int:
        """Add a file as it is now, what is written to it meanwhile left out; how long it is."""
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            watched = _Watched(file)
            self._tar.addfile(_member(f"{FILES}/{name}", size), cast("IO[bytes]", watched))
        _forget(self._tar)
        self._digests[f"{FILES}/{name}"] = watched.digest.hexdigest()
        return size

    def manifest(self, facts: Mapping[str, Any]) -> None:
        """Say what all this is of; the last that is added."""
        told = {**facts, "digests": self._digests}
        self._add(MANIFEST, json.dumps(told, indent=1).encode())

    def _add(self, name: str, content: bytes) -> None:
        self._tar.addfile(_member(name, len(content)), io.BytesIO(content))


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


@contextmanager
def writing(target: Path, keys: ArchiveKeys) -> Iterator[Writer]:
    """Write an archive; whatever goes wrong, nothing of it stays.

    Raises: ArchiveError if there is something already, or the disk refuses.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        handle = _new(target, part)
        try:
            with os.fdopen(handle, "wb") as out:
                sealer = Sealer(out, keys)
                # as a stream: the archive may be longer than memory and the disk's cache
                with tarfile.open(
                    fileobj=cast("IO[bytes]", sealer), mode="w|", bufsize=_BLOCK
                ) as tar:
                    yield Writer(tar)
                sealer.finish()
                out.flush()
                os.fsync(out.fileno())
            part.rename(target)
            _sync(target.parent)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise ArchiveError(
            f"{target} was not written: {error.strerror}; nothing is left"
        ) from error


def _new(target: Path, part: Path) -> int:
    if target.exists():
        raise ArchiveError(f"{target} is there already and stays as it is; name another")
    try:
        return os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise ArchiveError(
            f"{part} is there: another backup is being written, or was killed; then remove it"
        ) from None


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


Blocks = Iterator[bytes]


@attrs.frozen
class Archive:
    """An archive that was found whole: every byte, and every digest of its manifest."""

    path: Path
    facts: Mapping[str, Any]
    _keys: ArchiveKeys = attrs.field(repr=False)

    @classmethod
    def verified(
        cls, path: Path, keys: ArchiveKeys, tell: Callable[[int], None] = lambda _: None
    ) -> "Archive":
        """Read all of it; `tell` hears how many bytes were read.

        Raises: ArchiveError if it cannot be read, is damaged, or was made with another key.
        """
        found: dict[str, Any] = {}
        manifest = b""
        with _readable(path), path.open("rb") as file:
            for name, blocks in _members(file, keys):
                key = DUMP if name.startswith(f"{DUMP}/") else name
                if key == MANIFEST:
                    manifest = b"".join(blocks)
                    continue
                digest = found.setdefault(key, hashlib.sha256())
                for block in blocks:
                    digest.update(block)
                tell(file.tell())
            facts = json.loads(manifest)
            if facts.pop("digests") != {name: one.hexdigest() for name, one in found.items()}:
                raise BrokenSeal("its manifest names other content")
        return cls(path, facts, keys)

    def unpacked(self, folder: Path) -> Blocks:
        """Give out the dump, and then put every file into the folder.

        Raises: ArchiveError if it changed since it was verified, or the disk refuses.
        """
        with _readable(self.path), self.path.open("rb") as file:
            for name, blocks in _members(file, self._keys):
                if name.startswith(f"{DUMP}/"):
                    yield from blocks
                elif name != MANIFEST:
                    _put(folder, name.removeprefix(f"{FILES}/"), blocks)


def _members(file: IO[bytes], keys: ArchiveKeys) -> Iterator[tuple[str, Blocks]]:
    opener = Opener(file, keys)
    with tarfile.open(fileobj=cast("IO[bytes]", opener), mode="r|", bufsize=_BLOCK) as tar:
        while (member := tar.next()) is not None:
            content = tar.extractfile(member)
            if content is None:
                raise BrokenSeal("it holds something that is no file")
            yield member.name, _blocks(content)
            _forget(tar)
    opener.drain()


def _blocks(content: IO[bytes]) -> Blocks:
    while block := content.read(_BLOCK):
        yield block


def _forget(tar: tarfile.TarFile) -> None:
    """Drop the list of members, which a stream does not need: there may be very many."""
    tar.members.clear()  # type: ignore[attr-defined]  # missing in the stubs


def _put(folder: Path, name: str, blocks: Blocks) -> None:
    path = folder / name
    if ".." in path.parts or not path.is_relative_to(folder):
        raise BrokenSeal("it names a file outside of its folder")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        for block in blocks:
            out.write(block)
        out.flush()
        os.fsync(out.fileno())


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Tell every way in which an archive can be wrong in the same words."""
    try:
        yield
    except WrongKey as error:
        raise ArchiveError(f"{path} cannot be opened: {error}") from None
    except (BrokenSeal, tarfile.TarError, ValueError, KeyError) as error:
        raise ArchiveError(f"{path} is damaged: {error}; nothing was restored") from None
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read or unpacked: {error.strerror}") from error
