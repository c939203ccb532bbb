"""`telehealth keys`, and a start that looks at the ledger first."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import psycopg
import pytest

from telehealth_app.container import assembled, migrate
from telehealth_app.settings import Settings, SettingsError, from_environment
from telehealth_cli.main import main
from telehealth_core.access.keys import KeyRefused
from telehealth_core.shared import Erased
from telehealth_core.shared.ids import DocumentId, PatientId
from telehealth_core.testing.contracts import Store, StoreContract
from telehealth_postgres.wall import application_uri


@attrs.frozen
class Installation:
    """A program with one practice, as its operator has it."""

    settings: Settings
    patient: PatientId

    def say(self, *words: str) -> int:
        """Give a command; its exit status."""
        with pytest.raises(SystemExit) as ended:
            main(["keys", *words])
        return int(ended.value.code or 0)

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """What the database says."""
        with psycopg.connect(str(self.settings.owner_url), autocommit=True) as connection:
            found = connection.execute(query.encode())
            return found.fetchall() if found.description else []

    @property
    def masters(self) -> dict[str, Any]:
        """The file of master keys."""
        told: dict[str, Any] = json.loads((self.settings.keys / "master.json").read_text())
        return told


class _Beginning(StoreContract):
    def __init__(self, store: Store) -> None:
        self._store = store

    def store(self) -> Store:
        return self._store


@pytest.fixture
def installed(
    fresh_database: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """Yield a practice with two patients, one of whom has a document."""
    with fresh_database() as uri:
        monkeypatch.setenv("TELEHEALTH_HOME", str(tmp_path))
        monkeypatch.setenv("TELEHEALTH_DATABASE_URL", application_uri(uri))
        monkeypatch.setenv("TELEHEALTH_OWNER_URL", uri)
        settings = from_environment(os.environ)
        migrate(settings)
        with assembled(settings) as container:
            beginning = _Beginning(container.store())
            actor = beginning.opened()
            patient = beginning.patient_id(actor, "one")
            container.documents().put(actor.practice_id, patient, DocumentId(patient), b"picture")
        yield Installation(settings, patient)


def test_rotating_wraps_every_key_by_a_new_master_key(installed: Installation) -> None:
    """The new one wraps all; the former can be given up then, and not before."""
    former = installed.masters["current"]
    assert installed.say("retire-master", former) == 2
    assert installed.say("rotate") == 0
    master = installed.masters["current"]
    assert installed.sql("SELECT DISTINCT master FROM data_keys") == [(master,)]
    os.utime(installed.settings.keys / "master.json", (0, 0))
    assert installed.say("retire-master", former) == 0
    assert list(installed.masters["keys"]) == [master]
    with assembled(installed.settings) as container:
        assert container.clinic().practice.named("north").slug == "north"


def test_renewing_seals_everything_under_new_keys(installed: Installation) -> None:
    """Rows and documents alike, and the former versions are gone."""
    assert installed.say("renew", "north") == 0
    found = installed.sql("SELECT version, count(*) FROM data_keys GROUP BY 1 ORDER BY 1")
    assert dict(found)[2] >= 2
    assert installed.say("retire", "north") == 2, "others may not have heard of them"
    installed.sql("UPDATE data_keys SET made_at = made_at - interval '1 hour'")
    assert installed.say("retire", "north") == 0
    assert installed.sql(f"SELECT version FROM data_keys WHERE owner = '{installed.patient}'") == [
        (2,)
    ]
    assert installed.say("renew", "north", str(installed.patient)) == 0


def test_destroying_needs_to_be_meant(installed: Installation, capsys: Any) -> None:
    """Without `--for-good` nothing happens, nor to anybody unknown."""
    assert installed.say("destroy", "north", str(installed.patient)) == 2
    assert installed.say("destroy", "north", str(DocumentId(installed.patient))[::-1], "--for-good")
    assert installed.sql("SELECT count(*) FROM data_keys WHERE wrapped IS NULL") == [(0,)]


def test_a_destroyed_record_stays_destroyed_when_a_backup_is_started(
    installed: Installation,
) -> None:
    """The program replays the ledger before it serves a database of before (ENC-05)."""
    installed.sql("CREATE TABLE backup AS SELECT * FROM data_keys")
    assert installed.say("destroy", "north", str(installed.patient), "--for-good") == 0
    installed.sql("TRUNCATE data_keys")
    installed.sql("INSERT INTO data_keys SELECT * FROM backup")
    with assembled(installed.settings) as container:
        practice = container.clinic().practice.named("north")
        with pytest.raises(Erased):
            container.documents().get(practice.id, installed.patient, DocumentId(installed.patient))


def _ledger(folder: Path) -> None:
    (folder / "destroyed.jsonl").unlink()


def _master(folder: Path) -> None:
    (folder / "master.json").unlink()


@pytest.mark.parametrize("lost", [_ledger, _master])
def test_a_program_without_its_key_files_does_not_serve(
    installed: Installation, lost: Callable[[Path], None]
) -> None:
    """A database with keys and no ledger, or no master key that opens them, is not started."""
    lost(installed.settings.keys)
    before = sorted(installed.settings.keys.iterdir())
    with pytest.raises(KeyRefused), assembled(installed.settings):
        pass
    assert sorted(installed.settings.keys.iterdir()) == before, "nothing is made in its place"


def test_settings_name_the_folder_of_keys_and_the_key_service() -> None:
    """The folder is under the home unless it is named, for it belongs elsewhere than the data."""
    home = Path("/somewhere")
    plain = from_environment({"TELEHEALTH_HOME": str(home)})
    assert (plain.keys, plain.kms_key) == (home / "keys", None)
    named = from_environment({"TELEHEALTH_KEYS": "/apart", "TELEHEALTH_KMS_KEY": "alias/clinic"})
    assert (named.keys, named.kms_key) == (Path("/apart"), "alias/clinic")


def test_the_key_service_needs_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names a key of KMS without the library is told what to install."""
    monkeypatch.setitem(sys.modules, "telehealth_keys.kms", None)
    settings = from_environment({"TELEHEALTH_HOME": str(tmp_path), "TELEHEALTH_KMS_KEY": "alias/a"})
    with pytest.raises(SettingsError, match="extra kms"), assembled(settings):
        pass
