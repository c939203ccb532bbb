"""Master keys in a file and in AWS KMS, and the ledger of destroyed keys."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from telehealth_core.access.keys import KeyRefused, WrappedKey
from telehealth_core.access.ports import Keys
from telehealth_core.shared.ids import PracticeId
from telehealth_core.shared.refusal import Unavailable
from telehealth_keys import FileLedger, LocalKeys
from telehealth_keys.kms import KmsKeys

KEY = bytes(range(32))
WHOSE = {"practice": "one", "owner": "patient", "version": "1"}


@pytest.fixture(params=["local", "kms"])
def masters(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Keys]:
    """Yield each keeper of master keys."""
    if request.param == "local":
        yield LocalKeys(tmp_path)
        return
    for name, value in (("ACCESS_KEY_ID", "a"), ("SECRET_ACCESS_KEY", "b")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    with mock_aws():
        made = boto3.client("kms").create_key()
        yield KmsKeys.named(made["KeyMetadata"]["KeyId"])


def test_a_wrapped_key_opens_for_what_it_was_wrapped_for(masters: Keys) -> None:
    """The key comes back, and what lies beside the data has none of its bytes (ENC-01)."""
    wrapped = masters.wrap(KEY, WHOSE)
    assert wrapped.master == masters.current()
    assert KEY not in wrapped.content
    assert masters.unwrap(wrapped, WHOSE) == KEY


@pytest.mark.parametrize("name", WHOSE)
def test_a_wrapped_key_opens_for_nothing_else(masters: Keys, name: str) -> None:
    """Whose it is, of which practice and which version: each is bound to it (ENC-02)."""
    wrapped = masters.wrap(KEY, WHOSE)
    with pytest.raises(KeyRefused):
        masters.unwrap(wrapped, {**WHOSE, name: "other"})


def test_a_wrapped_key_that_was_changed_does_not_open(masters: Keys) -> None:
    """One other bit, and there is no key."""
    wrapped = masters.wrap(KEY, WHOSE)
    content = wrapped.content[:-1] + bytes([wrapped.content[-1] ^ 1])
    with pytest.raises(KeyRefused):
        masters.unwrap(WrappedKey(wrapped.master, content), WHOSE)


def test_what_was_wrapped_before_a_rotation_opens_after_it(masters: Keys) -> None:
    """A new master key wraps from then on, and the former ones still unwrap (ENC-04)."""
    before = masters.wrap(KEY, WHOSE)
    master = masters.rotate()
    assert masters.current() == master
    assert masters.wrap(KEY, WHOSE).master == master
    assert masters.unwrap(before, WHOSE) == KEY


def test_the_present_master_key_is_not_retired(masters: Keys) -> None:
    """Nobody gives up what wraps now."""
    with pytest.raises(KeyRefused):
        masters.retire(masters.current())


def test_a_key_service_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage is told as one, and nothing of the request is in its words."""

    class Away:
        def encrypt(self, **_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://kms.example")

    away: Any = Away()
    with pytest.raises(Unavailable) as told:
        KmsKeys(away, "arn").wrap(KEY, WHOSE)
    assert "patient" not in str(told.value)


# --- the file ----------------------------------------------------------------------------------


def test_a_retired_master_key_opens_nothing(tmp_path: Path) -> None:
    """What it wrapped stays closed, and the text names the master key, not what it wrapped."""
    keys = LocalKeys(tmp_path)
    before = keys.wrap(KEY, WHOSE)
    keys.rotate()
    with pytest.raises(KeyRefused, match="just now"):
        keys.retire(before.master)
    os.utime(tmp_path / "master.json", (0, 0))
    keys.retire(before.master)
    with pytest.raises(KeyRefused, match=before.master):
        keys.unwrap(before, WHOSE)


def test_another_process_sees_a_rotation_at_once(tmp_path: Path) -> None:
    """Whoever read the file before looks again when it changed."""
    ours, theirs = LocalKeys(tmp_path), LocalKeys(tmp_path)
    first = ours.current()
    assert theirs.current() == first
    second = theirs.rotate()
    assert ours.current() == second != first


def test_only_the_owner_reads_master_keys(tmp_path: Path) -> None:
    """The file is 0600 in a folder of 0700; once others may read it, it is not used (ENC-09)."""
    folder = tmp_path / "keys"
    keys = LocalKeys(folder)
    keys.rotate()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    file = folder / "master.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "master.json"]
    file.chmod(0o640)
    with pytest.raises(KeyRefused, match="others"):
        LocalKeys(folder).current()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        json.dumps({"current": "a", "keys": {"a": "AAAA"}}),
        json.dumps({"current": "a", "keys": {"a": "A" * 43 + "="}}),
        json.dumps({"current": "b", "keys": {}}),
    ],
    ids=["empty", "nothing", "short", "placeholder", "no such key"],
)
def test_a_damaged_or_placeholder_key_file_is_refused(tmp_path: Path, content: str) -> None:
    """Nothing is sealed under a key that is none, and the file is not replaced (ENC-09)."""
    file = tmp_path / "master.json"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(KeyRefused):
        LocalKeys(tmp_path).wrap(KEY, WHOSE)
    assert file.read_text() == content


# --- the ledger --------------------------------------------------------------------------------

PRACTICE, AT = PracticeId(UUID(int=1)), datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_ledger_tells_what_was_added_in_order(tmp_path: Path) -> None:
    """Beginning it again loses nothing of it."""
    ledger = FileLedger(tmp_path)
    ledger.begin()
    noted = [(PRACTICE, UUID(int=number), AT) for number in (5, 3, 4)]
    for one in noted:
        ledger.add(*one)
    ledger.begin()
    assert FileLedger(tmp_path).all() == noted


def _removed(path: Path) -> None:
    path.unlink()


def _torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


@pytest.mark.parametrize("harm", [_removed, _torn])
def test_a_ledger_that_is_gone_or_torn_is_refused(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    """A restore that cannot know what was destroyed does not serve (ENC-05)."""
    ledger = FileLedger(tmp_path)
    ledger.begin()
    ledger.add(PRACTICE, UUID(int=5), AT)
    harm(tmp_path / "destroyed.jsonl")
    with pytest.raises(KeyRefused):
        ledger.all()


def test_only_the_owner_may_read_the_ledger(tmp_path: Path) -> None:
    """It names patients by their ids: 0600 from the beginning."""
    FileLedger(tmp_path).begin()
    assert stat.S_IMODE((tmp_path / "destroyed.jsonl").stat().st_mode) == 0o600
