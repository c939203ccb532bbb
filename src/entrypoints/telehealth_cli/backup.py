"""`telehealth backup`, `restore` and `drill`: the way out of a disaster, and its rehearsal."""

import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
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
from telehealth_cli.journeys import NEW_YORK, Stopped, Walk, us_visit
from telehealth_cli.journeys.people import Someone

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
        console.print(f"  {name:<24}{words}", soft_wrap=True, markup=False)


@attrs.frozen
class _Rehearsal:
    """One drill: its folder, and the settings of the clinic that is lost and of the one restored."""

    folder: Path
    console: Console

    def settings(self, name: str) -> Settings:
        """The settings of one of the two clinics."""
        return Settings(
            home=self.folder / name, port=0, backup_key_file=self.folder / "key", secret="x" * 32
        )

    def run(self) -> int:
        """Serve, book, back up, restore, serve again, compare; 0 if both show the same."""
        key = self.folder / "key"
        key.touch(mode=0o600)
        key.write_text(secrets.token_hex(32))
        archive = self.folder / "backup"
        with assembled(self.settings("lost")) as container:
            seeding.seed(container.clinic(), datetime.now(UTC))
            with serving.served(container, demo=True) as url:
                token = self._visit(url)
                _drained(container.outbox().waiting)
                before = _shown(url, token)
                back_up(self.settings("lost"), archive, self.console)
        began = monotonic()
        restore(self.settings("restored"), archive, self.console)
        with assembled(self.settings("restored")) as container:  # noqa: SIM117 - read in order
            with serving.served(container, demo=True) as url:
                after = _shown(url, token)
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

    def _visit(self, url: str) -> str:
        """One patient from registration to payment over HTTP; the liaison's sign-in."""
        with httpx.Client(base_url=url, timeout=WAIT_SECONDS, trust_env=False) as client:
            walk = Walk(client, url, lambda _: None)
            us_visit(walk, NEW_YORK)
            if walk.ok != walk.steps:
                raise Stopped
            liaison = Someone.sign_in(walk, "liaison", NEW_YORK.slug, NEW_YORK.liaison)
            return liaison.token


def drill(console: Console) -> int:
    """Rehearse the loss of everything in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="telehealth-drill-") as folder:
        return _Rehearsal(Path(folder), console).run()


def _drained(waiting: Callable[[], tuple[int, int]]) -> None:
    """Wait until everything that happened was reacted to."""
    deadline = monotonic() + WAIT_SECONDS
    while waiting()[0]:
        if monotonic() > deadline:
            raise Stopped


def _shown(url: str, token: str) -> dict[str, Any]:
    """What the liaison is shown."""
    headers = {"Authorization": f"Bearer {token}", "Purpose-Of-Use": "operations"}
    with httpx.Client(
        base_url=url, headers=headers, timeout=WAIT_SECONDS, trust_env=False
    ) as client:
        return {path: client.get(path).raise_for_status().json() for path in COMPARED}
