"""Backing up and restoring: the database, and the folders beside it, in one sealed archive.

The files come after the snapshot of the database. A file is kept before the row that names it, and
an order is written down before the processor is asked: so whatever the rows of the snapshot name is
there, and what the files know beyond them does no harm. Only the audit's checkpoints come before
it, for they must not know of entries that the snapshot lacks (decision 0017).
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Protocol
from uuid import UUID

import attrs

from telehealth_app.container import RESTORING, Container, assembled, migrate, owned
from telehealth_app.settings import Settings, SettingsError
from telehealth_core.access.audit_chain import examine, inserted
from telehealth_core.shared import Erased, Refusal
from telehealth_core.shared.ids import DocumentId, PatientId, PracticeId

BEFORE = ("audit/checkpoints",)
"""What knows no more than the rows: it is copied before their snapshot is taken."""
AFTER = ("documents", "mail", "pharmacies", "payments.jsonl")
"""What knows at least what the rows know: it is copied once their snapshot is taken."""
KEPT = (*BEFORE, *AFTER)
"""All that lies under the home beside the database and belongs to it. No key is among it."""
SAMPLE = 20

Tell = Callable[[str, int, int | None], None]
"""Hears which step is being done, how far it is, and how far it goes, in bytes, if that is known"""


class NotEmpty(SettingsError):
    """There is something already where a backup was to be restored."""


class NotRestored(SettingsError):
    """What was restored is not what was backed up; nothing of it was left."""


class Writer(Protocol):
    """An archive that is being written."""

    def dump(self, blocks: Iterable[bytes], /) -> int:
        """Add the database's dump."""

    def file(self, name: str, path: Path, /) -> int:
        """Add a file."""

    def manifest(self, facts: Mapping[str, Any], /) -> None:
        """Say what all this is of."""


class Archive(Protocol):
    """An archive that was found whole."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What it says of itself."""

    def unpacked(self, folder: Path, /) -> Iterator[bytes]:
        """Its dump, and then every file into the folder."""


@attrs.frozen(kw_only=True)
class Report:
    """What was done, of which instant, and how long each step took."""

    recovery_point: datetime
    rows: int
    tables: int
    files: int
    bytes: int
    seconds: Mapping[str, float]
    found: Mapping[str, str] = attrs.field(factory=dict)
    """What each check found, after a restore."""


@attrs.frozen
class Restored:
    """A restored clinic, as its checks see it."""

    container: Container
    owner_uri: str = attrs.field(repr=False)


@attrs.define
class _Steps:
    """Which step is being done, told to whoever watches, and how long each took."""

    tell: Tell
    seconds: dict[str, float] = attrs.field(factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.tell(name, 0, None)
        began = monotonic()
        yield
        self.seconds[name] = monotonic() - began


def back_up(settings: Settings, target: Path, tell: Tell) -> Report:
    """Write everything into one archive, while the clinic is served or not (BCP-01).

    Raises: SettingsError, ServerError, ArchiveError; then there is no archive.
    """
    keys, steps = _keys(settings), _Steps(tell)
    with owned(settings) as uri, Container.writing()(target, keys) as archive:
        with steps.step("checkpoints"):
            files = _files(archive, settings.home, BEFORE, tell)
        with Container.backup().snapshot(uri) as snapshot:
            with steps.step("database"):
                dump = archive.dump(_watched(snapshot.blocks(), "database", tell))
            with steps.step("files"):
                files += _files(archive, settings.home, AFTER, tell)
        archive.manifest(
            {
                "taken_at": snapshot.taken_at.isoformat(),
                "revision": snapshot.revision,
                "postgresql": snapshot.server,
                "roles": snapshot.roles,
                "rows": snapshot.rows,
            }
        )
    return Report(
        recovery_point=snapshot.taken_at.astimezone(UTC),
        rows=sum(snapshot.rows.values()),
        tables=len(snapshot.rows),
        files=len(files),
        bytes=dump + sum(files),
        seconds=steps.seconds,
    )


def restore(settings: Settings, source: Path, tell: Tell) -> Report:
    """Put an archive into an empty environment, and prove that all of it is there (BCP-02).

    Raises: SettingsError, ServerError, ArchiveError; then the environment is as empty as before.
    """
    keys, steps = _keys(settings), _Steps(tell)
    size = source.stat().st_size if source.exists() else None
    with steps.step("verify the archive"):
        archive: Archive = Container.archive().verified(
            source, keys, lambda done: tell("verify the archive", done, size)
        )
    database = Container.backup()
    with owned(settings) as uri:
        _refuse_unless_empty(settings, database.counted(uri))
        _refuse_unless_known(str(archive.facts["revision"]))
        (settings.home / RESTORING).touch()
        try:
            report = _restored(settings, uri, archive, steps)
        except BaseException:
            database.emptied(uri)
            for name in (*KEPT, RESTORING):
                _removed(settings.home / name)
            raise
        (settings.home / RESTORING).unlink()
    return report


def _restored(settings: Settings, uri: str, archive: Archive, steps: _Steps) -> Report:
    facts, database = archive.facts, Container.backup()
    with tempfile.TemporaryDirectory(prefix="restoring-", dir=settings.home) as folder:
        with steps.step("database and files"):
            blocks = archive.unpacked(Path(folder))
            watched = _watched(blocks, "database and files", steps.tell)
            database.restore(uri, facts["roles"], watched)
        with steps.step("count"):
            if (rows := database.counted(uri)) != facts["rows"]:
                raise NotRestored("The restored tables hold other numbers of rows; nothing is left")
        files = [one for one in Path(folder).rglob("*") if one.is_file()]
        number, size = len(files), sum(one.stat().st_size for one in files)
        for name in KEPT:
            if (Path(folder) / name).exists():
                _removed(settings.home / name)
                (settings.home / name).parent.mkdir(mode=0o700, exist_ok=True)
                (Path(folder) / name).rename(settings.home / name)
    with steps.step("migrate"):
        migrate(settings)
    return Report(
        recovery_point=datetime.fromisoformat(facts["taken_at"]).astimezone(UTC),
        rows=sum(rows.values()),
        tables=len(rows),
        files=number,
        bytes=size,
        found=_found(settings, uri, steps),
        seconds=steps.seconds,
    )


def _found(settings: Settings, uri: str, steps: _Steps) -> dict[str, str]:
    """What the checks of a restored clinic found; it is put together, and not served yet."""
    found = {}
    with assembled(settings, proving=True) as container:
        for check in BEFORE_SERVING:
            name = check.__name__.replace("_", " ")
            with steps.step(name):
                found[name] = _checked(name, check, Restored(container, uri))
    return found


def _checked(name: str, check: "Check", restored: Restored) -> str:
    """What the check found. Whatever it stumbles over is told by its kind only: other words may
    quote a record.
    """
    try:
        return check(restored)
    except (Refusal, NotRestored):
        raise
    except Exception as problem:  # noqa: BLE001 - whatever it is, nothing is served
        kind = type(problem).__name__
        raise NotRestored(f"The {name} cannot be read ({kind}); nothing is left") from None


def chain_of_the_audit(restored: Restored) -> str:
    """Every practice's audit is as it was sealed, up to its last checkpoint (AUD-04)."""
    chain, checkpoints = restored.container.audit_chain(), restored.container.checkpoints()
    practices = {practice.id for practice in restored.container.store().all()}
    number = 0
    for id in practices.union(checkpoints.practices()):
        with chain.reading(id) as reading:
            seen = examine(reading.links(), checkpoints.of(id))
            _, late = inserted(reading.unsealed(), seen.newest)
        if seen.finding or late:
            raise NotRestored(
                "The audit in this backup is not as it was sealed, or the key of its checkpoints"
                " (TELEHEALTH_AUDIT_KEY, or audit/key in the home) is another; nothing is left"
            )
        number += seen.sealed
    return f"{number} entries of the audit are in their chains"


def sample_of_records(restored: Restored) -> str:
    """Rows of every kind are read and opened as the use cases do (BCP-02)."""
    number = Container.opened()(restored.owner_uri, restored.container.store())
    return f"{number} rows were read and opened"


def sample_of_documents(restored: Restored) -> str:
    """Documents are read and opened through the document store."""
    root, documents = restored.container.home() / "documents", restored.container.ports().documents
    paths = sorted(root.glob("*/*/*"))[:SAMPLE]
    for path in paths:
        practice, patient, id = (UUID(part) for part in path.relative_to(root).parts)
        with suppress(Erased):  # as it should be
            documents.get(PracticeId(practice), PatientId(patient), DocumentId(id))
    return f"{len(paths)} documents were read and opened"


Check = Callable[[Restored], str]
BEFORE_SERVING: tuple[Check, ...] = (chain_of_the_audit, sample_of_records, sample_of_documents)
"""What a restored clinic must pass before it is served, in order; each raises or says what it
found.
"""


def _keys(settings: Settings) -> Any:
    """Whoever keeps the key of archives: a file for now."""
    if settings.backup_key_file is None:
        raise SettingsError(
            "name the file with the key of backups: --key-file FILE or"
            " TELEHEALTH_BACKUP_KEY_FILE; a key is made by: openssl rand -hex 32 > FILE"
        )
    return Container.key_file().read(settings.backup_key_file, apart_from=settings.home)


def _watched(blocks: Iterable[bytes], step: str, tell: Tell) -> Iterator[bytes]:
    done = 0
    for block in blocks:
        done += len(block)
        tell(step, done, None)
        yield block


def _files(archive: Writer, home: Path, names: Iterable[str], tell: Tell) -> list[int]:
    """Add every file that belongs to the database; how long each is. What is half written is not
    part of anything yet.
    """
    sizes = []
    for name in names:
        place = home / name
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file() and path.suffix != ".part":
                sizes.append(archive.file(path.relative_to(home).as_posix(), path))
                tell("files", sum(sizes), None)
    return sizes


def _refuse_unless_empty(settings: Settings, rows: Mapping[str, int]) -> None:
    if rows:
        raise NotEmpty("The database has tables already; restore into an empty one")
    for name in KEPT:
        place = settings.home / name
        if place.is_file() or (place.is_dir() and any(place.iterdir())):
            raise NotEmpty(f"{place} holds something already; restore into an empty home")


def _refuse_unless_known(revision: str) -> None:
    if not Container.knows()(revision):
        raise NotRestored(
            f"The backup is of a later release (its tables are {revision}); install that release"
        )


def _removed(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
