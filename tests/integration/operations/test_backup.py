"""Backup and restore of the whole program: everything comes back, or nothing is touched."""

import os
import secrets
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import psycopg
import pytest
from rich.console import Console

from booking import hold
from integration.operations.conftest import Make
from plan import PRACTICE, Plan, patient_actor
from seed import seed
from telehealth_app import backups
from telehealth_app.backups import NotEmpty, NotRestored, Report
from telehealth_app.container import ArchiveError, ServerError, assembled, migrate
from telehealth_app.settings import Settings, SettingsError
from telehealth_cli.backup import drill
from telehealth_core.access.keys import KeyRefused
from telehealth_core.scheduling.appointment import TimeTaken
from telehealth_core.shared import Unavailable
from telehealth_core.shared.ids import DocumentId
from telehealth_keys import LocalKeys
from telehealth_postgres import backup, migrations
from telehealth_postgres.tables import METADATA
from telehealth_postgres.wall import application_uri

MARKER = "Canary-of-a-patient"
ONE = UUID(int=1)
FILES = ("mail/practice/one.eml", "pharmacies/practice/one.json", "payments.jsonl")


def quiet(*_: Any) -> None:
    """Hear how far it is, and say nothing."""


def ask(uri: str, query: str, *given: Any) -> list[tuple[Any, ...]]:
    """What the database says."""
    with psycopg.connect(uri, autocommit=True) as connection:
        found = connection.execute(query.encode(), given)
        return found.fetchall() if found.description else []


def tables(uri: str) -> list[str]:
    """The tables there are, but for the queue's."""
    query = (
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        " AND NOT starts_with(tablename, 'procrastinate_')"
    )
    return [name for (name,) in ask(uri, query)]


def content(uri: str) -> dict[str, str]:
    """A digest of every table's rows."""
    query = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} AS t"
    return {name: ask(uri, query.format(name))[0][0] for name in tables(uri)}


@attrs.frozen
class Place:
    """A home with its settings, and where archives go."""

    folder: Path
    make: Make
    key: Path

    def settings(self, name: str, uri: str | None = None) -> Settings:
        """A program of its own on this database, or on an empty one."""
        owner = uri or self.make()
        return Settings(
            home=self.folder / name,
            database_url=application_uri(owner),
            owner_url=owner,
            port=0,
            connections=4,
            secret="s" * 32,
            audit_key="a" * 32,
            backup_key_file=self.key,
            keys_folder=self.key.parent / "masters",
        )

    @property
    def archive(self) -> Path:
        """Where this test's archive is."""
        return self.folder / "archive"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a key of backups."""
    path: Path = tmp_path_factory.mktemp("keys") / "key"
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(32))
    return path


@pytest.fixture
def place(tmp_path: Path, empty_database: Make, key: Path) -> Place:
    """Return a place for whatever a test restores."""
    return Place(tmp_path, empty_database, key)


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Return a small clinic, open from tomorrow on."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(hour=8, minute=0, second=0)
    return Plan(
        providers=4, days=3, patients=40, existing=30, first_day=tomorrow.replace(microsecond=0)
    )


@pytest.fixture(scope="module")
def clinic(
    tmp_path_factory: pytest.TempPathFactory, empty_database: Make, plan: Plan, key: Path
) -> Settings:
    """Return the settings of a clinic in use, with files of every kind; it stays as it is."""
    settings = Place(tmp_path_factory.mktemp("clinic"), empty_database, key).settings("home")
    migrate(settings)
    with assembled(settings) as container:
        seed(str(settings.owner_url), LocalKeys(settings.keys), plan)
        patient = patient_actor(0).as_patient()
        container.ports().documents.put(PRACTICE, patient, DocumentId(ONE), MARKER.encode())
        for wish in islice(plan.wishes(0, 1), 5):
            hold(container.clinic(), wish)
        container.sealing().finish()
    for name in FILES:
        (settings.home / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.home / name).write_text(MARKER)
    (settings.home / "mail" / "practice" / ".two.part").write_text("half")
    return settings


@pytest.fixture
def copied(place: Place, clinic: Settings) -> Settings:
    """Return a clinic like it, to be changed."""
    return place.settings("copied", place.make(clinic.owner_url))


@pytest.fixture(scope="module")
def backed_up(clinic: Settings, key: Path) -> tuple[Path, Report]:
    """Return an archive of the clinic, and what was told of it."""
    archive = key.parent / "archive"
    return archive, backups.back_up(clinic, archive, quiet)


def test_every_table_comes_back(fresh_database: Any, empty_database: Make) -> None:
    """A row in every table there is, and all of them are in the restored database as they were, but
    for those of the queue: what it lost, the outbox hands over anew.
    """
    with fresh_database() as uri:
        _fill(uri)
        assert min(backup.counted(uri).values()) == 1
        other = empty_database()
        with backup.snapshot(uri) as snapshot:
            backup.restore(other, snapshot.roles, snapshot.blocks())
        assert set(tables(other)) >= set(METADATA.tables)
        assert content(other) == content(uri)
        assert backup.counted(other) == snapshot.rows
        queued = "SELECT count(*) FROM procrastinate_workers"
        assert (ask(uri, queued), ask(other, queued)) == ([(1,)], [(0,)])


def _fill(uri: str) -> None:
    """One row in every empty table; every id is the same, so that each reference finds its row."""
    values = {
        "uuid": f"'{ONE}'",
        "jsonb": "'{}'",
        "boolean": "true",
        "bytea": "'\\x00ff'",
        "tstzmultirange": "'{}'",
        "tstzrange": "'[2026-01-01 00:00Z, 2026-01-01 01:00Z)'",
        "timestamp with time zone": "'2026-01-01 00:00Z'",
        "date": "'2026-01-01'",
        "text[]": "'{}'",
        "bigint": "1",
        "integer": "1",
    }
    columns = """
        SELECT a.attname, format_type(a.atttypid, a.atttypmod),
               (SELECT substring(pg_get_constraintdef(c.oid) FROM '''([^'']+)''')
                  FROM pg_constraint AS c
                 WHERE c.conrelid = a.attrelid AND c.contype = 'c' AND c.conkey = ARRAY[a.attnum]
                 LIMIT 1)
          FROM pg_attribute AS a
         WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped
           AND NOT a.atthasdef AND a.attidentity = ''
    """
    with psycopg.connect(uri) as connection:
        connection.execute("SET session_replication_role = replica")  # in any order
        connection.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        for name in tables(uri):
            if ask(uri, f"SELECT count(*) FROM {name}") != [(0,)]:
                continue
            needed = connection.execute(columns.encode(), [name]).fetchall()
            if name == "data_keys":  # either both or neither
                needed += [("master", "text", None), ("wrapped", "bytea", None)]
            names = ", ".join(f'"{column}"' for column, _, _ in needed)
            row = ", ".join(
                f"'{word}'" if word and kind == "text" else values.get(kind, "'x'")
                for _, kind, word in needed
            )
            connection.execute(f"INSERT INTO {name} ({names}) VALUES ({row})".encode())


def test_a_backup_during_bookings_is_one_instant(
    place: Place, plan: Plan, copied: Settings
) -> None:
    """Of what is booked while the dump is taken, each visit is wholly in it or not at all, and
    whatever was answered before it began is in it (BCP-01).
    """
    answered: list[UUID] = []
    enough, stop = threading.Event(), threading.Event()

    def book(share: int) -> None:
        for wish in plan.wishes(share, 2):
            if stop.is_set() or len(answered) > 300:
                return
            with suppress(TimeTaken):  # the patient is somewhere else then
                answered.append(hold(container.clinic(), wish))
            if len(answered) >= 10:
                enough.set()

    already = held(str(copied.owner_url))
    with assembled(copied) as container:
        threads = [threading.Thread(target=book, args=(share,)) for share in range(2)]
        for thread in threads:
            thread.start()
        assert enough.wait(30)
        before = set(answered)
        report = backups.back_up(copied, place.archive, quiet)
        stop.set()
        for thread in threads:
            thread.join()
    restored = place.settings("restored")
    assert backups.restore(restored, place.archive, quiet).rows == report.rows
    uri = str(restored.owner_url)
    there = held(uri)
    assert before <= there - already <= set(answered)
    for kept in ("audit WHERE kind = 'appointment'", "outbox WHERE name = 'AppointmentHeld'"):
        assert {id for (id,) in ask(uri, f"SELECT subject FROM {kept}")} == there


def held(uri: str) -> set[UUID]:
    """The visits that are held."""
    return {id for (id,) in ask(uri, "SELECT id FROM appointments WHERE status = 'held'")}


def test_a_restored_clinic_is_the_one_backed_up(
    place: Place, clinic: Settings, backed_up: tuple[Path, Report]
) -> None:
    """Rows, documents and other files are as they were; the report tells what was proved."""
    archive, report = backed_up
    restored = place.settings("restored")
    found = backups.restore(restored, archive, quiet)
    kept = {"audit", "documents", "mail", "pharmacies", "payments.jsonl"}
    number = len(kept) + 1  # and the mark that all documents are sealed
    assert (found.rows, found.tables, found.files) == (report.rows, report.tables, number)
    assert found.found["chain of the audit"].startswith(str(sealed(clinic)))
    assert found.recovery_point == report.recovery_point
    assert found.found["sample of documents"].startswith("1 document")
    assert content(str(restored.owner_url)) == content(str(clinic.owner_url))
    before, after = files(clinic.home), files(restored.home)
    assert after == {name: text for name, text in before.items() if not name.endswith(".part")}
    assert {name.split("/")[0] for name in after} == kept


def sealed(clinic: Settings) -> int:
    """How many audit entries are in the chain; there are some."""
    ((number,),) = ask(str(clinic.owner_url), "SELECT count(*) FROM audit")
    assert number > 0
    return int(number)


def test_an_audit_that_was_changed_is_not_restored(place: Place, copied: Settings) -> None:
    """Who changes an entry in the database does not get it past a restore (AUD-04)."""
    with assembled(copied) as container:
        container.sealing().finish()
    change = "UPDATE audit SET actor = gen_random_uuid() WHERE id = (SELECT min(id) FROM audit)"
    ask(str(copied.owner_url), change)
    backups.back_up(copied, place.archive, quiet)
    _refused(place, NotRestored, "not as it was sealed")


def test_checkpoints_of_another_key_are_not_believed(
    place: Place, backed_up: tuple[Path, Report]
) -> None:
    """The key of the checkpoints is not in the backup, and is needed to restore it."""
    settings = attrs.evolve(place.settings("other"), audit_key="b" * 32)
    with pytest.raises(NotRestored, match="chain of the audit"):
        backups.restore(settings, backed_up[0], quiet)
    assert tables(str(settings.owner_url)) == []


def files(home: Path) -> dict[str, bytes]:
    """Every file of a home, by its name."""
    return {
        one.relative_to(home).as_posix(): one.read_bytes()
        for one in home.rglob("*")
        if one.is_file()
    }


def test_an_archive_shows_nothing_of_anybody(backed_up: tuple[Path, Report]) -> None:
    """Neither rows nor documents are there in clear, nor any key (BCP-01, ENC-01)."""
    archive, _ = backed_up
    sealed = archive.read_bytes()
    for canary in (MARKER, "Exampleton", "patients", "Example Practice", "documents"):
        assert canary.encode() not in sealed
    assert (archive.stat().st_mode & 0o777) == 0o600


@pytest.mark.parametrize("what", ["database", "home"])
def test_nothing_is_restored_over_something(
    place: Place, clinic: Settings, backed_up: tuple[Path, Report], what: str
) -> None:
    """An environment in use is refused, and stays as it is."""
    settings = place.settings("other", clinic.owner_url if what == "database" else None)
    settings = attrs.evolve(settings, home=clinic.home) if what == "home" else settings
    before, uri = files(settings.home), str(settings.owner_url)
    rows = content(uri)
    with pytest.raises(NotEmpty, match="empty"):
        backups.restore(settings, backed_up[0], quiet)
    assert files(settings.home) == before
    assert content(uri) == rows


def _damage(archive: Path) -> None:
    whole = bytearray(archive.read_bytes())
    whole[len(whole) // 2] ^= 1
    archive.write_bytes(whole)


def _cut(archive: Path) -> None:
    os.truncate(archive, archive.stat().st_size - 100)


def _remove(archive: Path) -> None:
    archive.unlink()


@pytest.mark.parametrize("spoil", [_damage, _cut, _remove])
def test_a_spoilt_archive_leaves_the_place_empty(
    place: Place, backed_up: tuple[Path, Report], spoil: Callable[[Path], None]
) -> None:
    """It fails loudly before anything is touched, and names the archive (BCP-02)."""
    shutil.copy(backed_up[0], place.archive)
    spoil(place.archive)
    settings = place.settings("other")
    with pytest.raises(ArchiveError, match=str(place.archive)):
        backups.restore(settings, place.archive, quiet)
    assert tables(str(settings.owner_url)) == []
    assert not settings.home.exists()


def test_other_counts_leave_the_place_empty(
    place: Place, clinic: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If fewer rows came than were backed up, nothing of them stays."""
    with monkeypatch.context() as patched:
        counted = backup.rows
        patched.setattr(
            backup, "rows", lambda connection: {**counted(connection), "public.patients": 41}
        )
        backups.back_up(clinic, place.archive, quiet)
    _refused(place, NotRestored, "numbers of rows")


def _refused(place: Place, problem: type[Exception], words: str) -> None:
    """Restoring this test's archive ends so, and leaves nothing."""
    settings = place.settings("other")
    with pytest.raises(problem, match=words):
        backups.restore(settings, place.archive, quiet)
    assert tables(str(settings.owner_url)) == []
    assert files(settings.home) == {}


def test_a_check_that_fails_leaves_the_place_empty(
    place: Place, backed_up: tuple[Path, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be read after a restore is not left to be served."""

    def fails(_: Any) -> str:
        raise Unavailable("A key")

    shutil.copy(backed_up[0], place.archive)
    monkeypatch.setattr(backups, "BEFORE_SERVING", (*backups.BEFORE_SERVING, fails))
    _refused(place, Unavailable, "A key")


def test_what_is_not_proved_is_not_served(
    place: Place, backed_up: tuple[Path, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the last check of a restore has passed, nothing starts on it; afterwards it does."""
    settings = place.settings("restored")

    def starts(_: Any) -> str:
        with pytest.raises(ServerError, match="restore again"), assembled(settings):
            pass
        return "nothing"

    monkeypatch.setattr(backups, "BEFORE_SERVING", (starts,))
    assert backups.restore(settings, backed_up[0], quiet).found == {"starts": "nothing"}
    with assembled(settings) as container:
        assert container.store().all()


def test_a_row_that_cannot_be_read_is_found(place: Place, copied: Settings) -> None:
    """The sample reads rows as the use cases do; one that is no patient any more stops it."""
    first = min(patient_actor(number).as_patient() for number in range(40))
    ask(str(copied.owner_url), "UPDATE patients SET profile = '[]' WHERE id = %s", first)
    backups.back_up(copied, place.archive, quiet)
    _refused(place, KeyRefused, "Something sealed")


def test_a_backup_of_a_later_release_is_refused(place: Place, copied: Settings) -> None:
    """A release that does not know the tables says so."""
    ask(str(copied.owner_url), "UPDATE alembic_version SET version_num = '9999'")
    backups.back_up(copied, place.archive, quiet)
    _refused(place, NotRestored, "9999")


def test_an_older_backup_is_brought_to_this_release(fresh_database: Any, place: Place) -> None:
    """A backup taken before an upgrade serves after it."""
    with fresh_database() as uri:
        migrations.downgrade(uri, "0001")
        old = place.settings("old", uri)
        backups.back_up(old, place.archive, quiet)
    settings = place.settings("new")
    backups.restore(settings, place.archive, quiet)
    assert set(tables(str(settings.owner_url))) >= set(METADATA.tables)


def test_whoever_does_not_see_every_row_cannot_back_up(place: Place, copied: Settings) -> None:
    """A role that row-level security hides rows from is refused, rather than believed."""
    uri = str(copied.owner_url)
    role = f"hidden_from_{secrets.token_hex(4)}"
    ask(uri, f"CREATE ROLE {role} LOGIN")
    ask(uri, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    theirs = uri.replace("telehealth@", f"{role}@")
    assert theirs != uri
    with pytest.raises(ServerError, match="Row-level security"):
        backups.back_up(attrs.evolve(copied, owner_url=theirs), place.archive, quiet)
    ask(uri, f"DROP OWNED BY {role}")
    ask(uri, f"DROP ROLE {role}")
    assert not place.archive.exists()


def test_roles_that_are_granted_something_come_along(place: Place, copied: Settings) -> None:
    """Where a role is missing it is made, without a password, and has what it was granted."""
    uri, role = str(copied.owner_url), f"granted_{secrets.token_hex(4)}"
    ask(uri, f"CREATE ROLE {role} LOGIN")
    ask(uri, f"GRANT SELECT ON patients TO {role}")
    backups.back_up(copied, place.archive, quiet)
    ask(uri, f"DROP OWNED BY {role}")
    ask(uri, f"DROP ROLE {role}")
    restored = str(place.settings("restored").owner_url)
    backups.restore(place.settings("restored", restored), place.archive, quiet)
    granted = "SELECT has_table_privilege(%s, 'patients', 'SELECT'), rolcanlogin FROM pg_roles"
    assert ask(restored, f"{granted} WHERE rolname = %s", role, role) == [(True, True)]
    ask(restored, f"DROP OWNED BY {role}")
    ask(restored, f"DROP ROLE {role}")


def test_without_a_key_there_is_no_backup(place: Place, clinic: Settings) -> None:
    """The message names the setting and how a key is made."""
    without = attrs.evolve(clinic, backup_key_file=None)
    with pytest.raises(SettingsError, match=r"TELEHEALTH_BACKUP_KEY_FILE.*openssl"):
        backups.back_up(without, place.archive, quiet)


@pytest.mark.slow
def test_the_drill_ends_well() -> None:
    """Served, booked, backed up, lost, restored and served again, with servers of its own."""
    told = StringIO()
    assert drill(Console(file=told, width=200)) == 0, told.getvalue()
    assert "are as before" in told.getvalue()
