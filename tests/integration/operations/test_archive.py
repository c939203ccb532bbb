"""Archives: whole or nothing, unreadable without their key, and every damage is noticed."""

import io
import resource
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telehealth_archive import Archive, ArchiveError, KeyFile, UnusableKey, writing
from telehealth_archive.sealing import CHUNK, MAGIC, BrokenSeal, Opener, Sealer

MARKER = b"a word from somebody's record"
DUMP = MARKER + secrets.token_bytes(3 * CHUNK)
FILE = secrets.token_bytes(CHUNK) + MARKER
HEADER, TAG = len(MAGIC) + 2 + 12 + 32 + 16, 16
FACTS = {"taken_at": "2026-11-23T10:00:00+00:00"}


def key_file(path: Path) -> Path:
    """A new key in a file that only its owner reads."""
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(32))
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a key, a file, and an archive of it."""
    folder = tmp_path_factory.mktemp("archives")
    key_file(folder / "key")
    (folder / "file").write_bytes(FILE)
    write(folder, folder / "archive")
    return folder


def keys(place: Path, name: str = "key") -> KeyFile:
    """The key of that file."""
    return KeyFile.read(place / name, apart_from=place / "data")


def write(place: Path, target: Path) -> None:
    """Write an archive of the dump and the file."""
    with writing(target, keys(place)) as archive:
        assert archive.dump(DUMP[at : at + 70_000] for at in range(0, len(DUMP), 70_000)) == len(
            DUMP
        )
        assert archive.file("documents/one", place / "file") == len(FILE)
        archive.manifest(FACTS)


def test_what_went_in_comes_out(place: Path, tmp_path: Path) -> None:
    """Dump, files and facts are those that were written."""
    archive = Archive.verified(place / "archive", keys(place))
    assert archive.facts == FACTS
    assert b"".join(archive.unpacked(tmp_path)) == DUMP
    assert (tmp_path / "documents" / "one").read_bytes() == FILE


def test_nothing_in_it_can_be_read(place: Path) -> None:
    """Neither the content of rows and files nor their names are there in clear (BCP-01)."""
    sealed = (place / "archive").read_bytes()
    assert MARKER not in sealed
    assert b"documents" not in sealed
    assert b"taken_at" not in sealed


def positions(size: int) -> list[int]:
    """Places all over a file: its header, both ends of every chunk, and others between."""
    edges = [at + step for at in range(HEADER, size, CHUNK + TAG) for step in (-1, 0)]
    header = [0, len(MAGIC) - 1, len(MAGIC), len(MAGIC) + 1, HEADER - TAG - 1]
    return [*header, *edges, size - 1, *range(0, size, size // 8)]


def test_a_changed_byte_is_noticed_wherever_it_is(place: Path, tmp_path: Path) -> None:
    """Of every sample of positions, none can be changed unseen; the file is named (BCP-02)."""
    whole = (place / "archive").read_bytes()
    damaged = tmp_path / "damaged"
    for at in positions(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1
        damaged.write_bytes(changed)
        with pytest.raises(ArchiveError, match=str(damaged)):
            Archive.verified(damaged, keys(place))


def test_a_cut_archive_is_noticed_wherever_it_ends(place: Path, tmp_path: Path) -> None:
    """An archive that ends early, also between two chunks, or goes on, is damaged."""
    whole = (place / "archive").read_bytes()
    edges = [HEADER + chunk * (CHUNK + TAG) for chunk in range(len(whole) // CHUNK)]
    ends = [0, 1, 30, len(whole) - 1, *(edge + step for edge in edges for step in (-1, 0, 1))]
    damaged = tmp_path / "damaged"
    for end in ends:
        damaged.write_bytes(whole[:end])
        with pytest.raises(ArchiveError, match=r"damaged|opened"):
            Archive.verified(damaged, keys(place))
    damaged.write_bytes(whole + b"\0")
    with pytest.raises(ArchiveError, match="damaged"):
        Archive.verified(damaged, keys(place))


def test_another_key_opens_nothing(place: Path) -> None:
    """Whoever has the archive and another key is told so."""
    key_file(place / "other")
    with pytest.raises(ArchiveError, match="another key"):
        Archive.verified(place / "archive", keys(place, "other"))


def test_an_archive_is_never_overwritten(place: Path) -> None:
    """What is there stays as it is."""
    before = (place / "archive").read_bytes()
    with pytest.raises(ArchiveError, match="there already"):
        write(place, place / "archive")
    assert (place / "archive").read_bytes() == before


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file grows beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_refuses_leaves_nothing_half(place: Path, tmp_path: Path) -> None:
    """The reason is told, and neither archive nor part of it stays."""
    target = tmp_path / "archive"
    with small_disk(2 * CHUNK), pytest.raises(ArchiveError, match="nothing is left"):
        write(place, target)
    assert list(tmp_path.iterdir()) == []


def test_what_breaks_off_leaves_nothing_half(place: Path, tmp_path: Path) -> None:
    """A dump that fails in the middle takes the archive with it."""

    def failing() -> Iterator[bytes]:
        yield DUMP
        raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        writing(tmp_path / "archive", keys(place)) as archive,
    ):
        archive.dump(failing())
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=20)
@given(st.lists(st.integers(0, 2 * CHUNK), max_size=3))
@example([CHUNK])
@example([2 * CHUNK, 0])
def test_a_sealed_stream_comes_back_whole(sizes: list[int]) -> None:
    """However it is cut into writes, at the edges of chunks too."""
    content, kept, out = secrets.token_bytes(sum(sizes)), KeyFile(bytes(32)), io.BytesIO()
    sealer, at = Sealer(out, kept), 0
    for size in sizes:
        sealer.write(content[at : at + size])
        at += size
    sealer.finish()
    out.seek(0)
    assert Opener(out, kept).read(len(content) + 1) == content


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 1), (0, 2), (0, 1, 1, 2), (0, 1, 2, 2)])
def test_chunks_keep_their_places(order: tuple[int, ...]) -> None:
    """Whole chunks of one stream in another order, left out or twice, are damage."""
    out, kept = io.BytesIO(), KeyFile(bytes(32))
    sealer = Sealer(out, kept)
    sealer.write(secrets.token_bytes(3 * CHUNK))
    sealer.finish()
    whole, step = out.getvalue(), CHUNK + TAG
    chunks = [whole[HEADER + at : HEADER + at + step] for at in range(0, 3 * step, step)]
    changed = whole[:HEADER] + b"".join(chunks[number] for number in order)
    with pytest.raises(BrokenSeal):
        Opener(io.BytesIO(changed), kept).drain()


def test_what_follows_the_content_is_looked_at_too(place: Path, tmp_path: Path) -> None:
    """A change behind the last member is damage, though nothing would be read from there."""
    with (place / "archive").open("rb") as file:
        content = Opener(file, keys(place)).read(20 * CHUNK)
    longer = io.BytesIO()
    sealer = Sealer(longer, keys(place))
    sealer.write(content + bytes(2 * CHUNK))
    sealer.finish()
    path = tmp_path / "longer"
    path.write_bytes(longer.getvalue())
    assert Archive.verified(path, keys(place)).facts == FACTS
    path.write_bytes(longer.getvalue()[:-1] + b"?")
    with pytest.raises(ArchiveError, match="damaged"):
        Archive.verified(path, keys(place))


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 33])
def test_a_key_file_holds_a_key_and_nothing_else(tmp_path: Path, text: str) -> None:
    """The message says what belongs there, and repeats nothing of it."""
    path = key_file(tmp_path / "key")
    path.write_text(text)
    with pytest.raises(UnusableKey, match="64 hexadecimal digits"):
        KeyFile.read(path, apart_from=tmp_path / "data")


def test_a_key_file_is_its_owners_alone_and_apart(tmp_path: Path) -> None:
    """One that others can read, that lies beside the data or is missing, is refused."""
    path = key_file(tmp_path / "key")
    path.chmod(0o640)
    with pytest.raises(UnusableKey, match="chmod 600"):
        KeyFile.read(path, apart_from=tmp_path / "data")
    with pytest.raises(UnusableKey, match="beside what it protects"):
        KeyFile.read(path, apart_from=tmp_path)
    with pytest.raises(UnusableKey, match="openssl rand"):
        KeyFile.read(tmp_path / "missing", apart_from=tmp_path / "data")
