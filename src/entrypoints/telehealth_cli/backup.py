"""`telehealth backup`, `restore` and `drill`: the way out of a disaster, and its rehearsal."""

import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import attrs
import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from telehealth_app import backups, serving
from telehealth_app.backups import Report, Tell
from telehealth_app.container import assembled
from telehealth_app.settings import Settings
from telehealth_cli import seeding
from telehealth_cli.journeys import NEW_YORK
from telehealth_cli.journeys.people import PASSWORD

WAIT_SECONDS = 30.0
COMPARED = ("/v1/patients", "/v1/providers", "/v1/dashboard/newest", "/v1/identity-reviews")
"""What a liaison is shown before and after."""


def back_up(settings: Settings, target: Path, console: Console) -> int:
    """Write a backup and tell what is in it."""
    with _progress(console) as tell:
        report = backups.back_up(settings, target.absolute(), tell)
    _tell(console, f"{target} is complete ({target.stat().st_size:,} bytes, sealed)", report)
    return 0


def restore(settings: Settings, source: Path, console: Console) -> int:
    """Restore a backup and tell what was found."""
    with _progress(console) as tell:
        report = backups.restore(settings, source.absolute(), tell)
    _tell(console, f"{source} is restored and may be served", report)
    return 0


@contextmanager
def _progress(console: Console) -> Iterator[Tell]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, Any] = {}

        def tell(step: str, done: int, most: int | None) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=most)
            progress.update(tasks[step], completed=done, total=most)

        yield tell


def _tell(console: Console, heading: str, report: Report) -> None:
    console.print(heading, soft_wrap=True, markup=False)
    point = f"{report.recovery_point:%Y-%m-%d %H:%M:%S} UTC"
    lines = {
        "recovery point": f"{point}: what was committed later is not in it",
        "rows": f"{report.rows:,} in {report.tables} tables",
        "files": f"{report.files:,}",
        **report.found,
    }
    lines |= {f"{name} took": f"{seconds:.1f} s" for name, seconds in report.seconds.items()}
    for name, words in lines.items():
        console.print(f"  {name:<30}{words}", soft_wrap=True, markup=False)


@attrs.frozen
class _Rehearsal:
    """One drill: the folder where a clinic is lost, and another restored."""

    folder: Path
    console: Console
    secret: str = attrs.field(factory=lambda: secrets.token_hex(32), repr=False)

    def settings(self, name: str) -> Settings:
        """The settings of one of the two clinics."""
        return Settings(
            home=self.folder / name,
            port=0,
            backup_key_file=self.folder / "key",
            keys_folder=self.folder / "keys",
            secret=self.secret,
            audit_key=self.secret,
        )

    def run(self) -> int:
        """Serve, book, back up, restore, serve again, compare; 0 if both show the same."""
        key = self.folder / "key"
        key.touch(mode=0o600)
        key.write_text(secrets.token_hex(32))
        archive = self.folder / "backup"
        lost, restored = self.settings("lost"), self.settings("restored")
        with assembled(lost) as container:
            seeding.seed(container.clinic(), datetime.now(UTC))
            with serving.served(container, demo=False) as url, _asking(url) as client:
                liaison = _signed_in(client, "liaison")
                _book(client)
                if not _drained(container.outbox().waiting):
                    self.console.print("drill: the clinic did not come to rest")
                    return 1
                before = _shown(client, liaison)
                container.sealing().finish()
                back_up(lost, archive, self.console)
        began = monotonic()
        restore(restored, archive, self.console)
        with assembled(restored) as container, serving.served(container, demo=False) as url:
            with _asking(url) as client:
                after = _shown(client, liaison)
            seconds = monotonic() - began
        if before != after:
            different = [path for path in COMPARED if before[path] != after[path]]
            self.console.print(f"drill: {', '.join(different)} show other than before the loss")
            return 1
        shown = sum(len(one["items"]) for one in after.values())
        self.console.print(
            f"drill: served again {seconds:.1f} s after the loss, and {shown} entries of"
            f" {len(COMPARED)} lists are as before"
        )
        return 0


def _signed_in(client: httpx.Client, who: str) -> dict[str, str]:
    """The headers of somebody whom the demo practice begins with."""
    slug = NEW_YORK.slug
    body = {"practice": slug, "email": f"{who}@{slug}.example", "password": PASSWORD}
    signed_in = client.post("/v1/sign-ins", json=body).raise_for_status().json()
    return {"Authorization": f"Bearer {signed_in['token']}", "Purpose-Of-Use": "operations"}


def _book(client: httpx.Client) -> None:
    """Book the first free visit for the demo practice's patient."""
    patient = _signed_in(client, "patient")
    first = client.get("/v1/open-times", headers=patient, params={"limit": 1, "mode": "video"})
    (time,) = first.raise_for_status().json()["items"]
    wish = {"session_id": time["session_id"], "start": time["start"], "mode": "video"}
    hold = client.post("/v1/appointments", headers=patient, json={**wish, "location": "US-NY"})
    (card, *_) = client.get("/v1/cards", headers=patient).raise_for_status().json()["items"]
    client.post(
        f"/v1/appointments/{hold.raise_for_status().json()['id']}/request",
        headers=patient,
        json={"agreed": time["price"], "card_id": card["id"]},
    ).raise_for_status()


def drill(console: Console) -> int:
    """Rehearse the loss of everything in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="telehealth-drill-") as folder:
        return _Rehearsal(Path(folder), console).run()


def _drained(waiting: Callable[[], tuple[int, int]]) -> bool:
    """Wait until everything that happened was reacted to; whether it was."""
    deadline = monotonic() + WAIT_SECONDS
    while waiting()[0] and monotonic() < deadline:
        sleep(0.02)
    return waiting() == (0, 0)


def _shown(client: httpx.Client, liaison: dict[str, str]) -> dict[str, Any]:
    """What the liaison is shown."""
    return {path: client.get(path, headers=liaison).raise_for_status().json() for path in COMPARED}


def _asking(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=WAIT_SECONDS, trust_env=False)
