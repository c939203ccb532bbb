"""`telehealth`: serve, work, jobs, migrate, backup, restore, drill, check, demo, import,
open-practice, audit, simulate, keys, docs.
"""

import argparse
import getpass
import logging
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from uuid import uuid5

import attrs
from rich.console import Console

from telehealth_app import serving
from telehealth_app.container import (
    ArchiveError,
    Container,
    ServerError,
    UnusableKey,
    assembled,
    migrate,
    owned,
)
from telehealth_app.settings import Settings, SettingsError, from_environment
from telehealth_cli import auditing, backup, jobs, keys, pages, seeding
from telehealth_cli.demo import run as run_demo
from telehealth_cli.importing import import_files
from telehealth_cli.journeys.people import PASSWORD
from telehealth_cli.simulating import simulate
from telehealth_core.access import Actor, Role
from telehealth_core.practice import Approval, Charging, Practice
from telehealth_core.practice import Settings as Rules
from telehealth_core.shared import Refusal
from telehealth_core.shared.ids import PracticeId, UserId

CONSOLE = Console(highlight=False)


def main(words: Sequence[str] | None = None) -> None:
    """Run one command; problems that a person can solve are told in one sentence."""
    given = _arguments(words)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    signal.signal(signal.SIGTERM, _stop)
    try:
        status = given.command(from_environment(os.environ), given)
    except (SettingsError, ServerError, ArchiveError, UnusableKey, Refusal) as problem:
        _say(f"telehealth: {problem}", style="red", markup=False)
        status = 2
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


def _say(text: str, *, style: str | None = None, markup: bool = True) -> None:
    CONSOLE.print(text, style=style, markup=markup, soft_wrap=True)


def _stop(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="telehealth", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, does: Callable[[Settings, argparse.Namespace], int]
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=(does.__doc__ or "").split("\n")[0])
        added.set_defaults(command=does)
        return added

    serve = command("serve", _serve)
    serve.add_argument("--no-worker", action="store_true", help="the worker runs elsewhere")
    serve.add_argument(
        "--demo",
        action=argparse.BooleanOptionalAction,
        help="have the demo practices; the default on a database of its own, and only there",
    )
    command("work", _work)
    jobs.arguments(command("jobs", _jobs))
    command("migrate", _migrate)
    for does, place in ((_backup, "TARGET"), (_restore, "SOURCE")):
        moving = command(does.__name__.removeprefix("_"), does)
        moving.add_argument("place", type=Path, metavar=place, help="the archive, one file")
        moving.add_argument("--key-file", type=Path, help="or TELEHEALTH_BACKUP_KEY_FILE")
    command("drill", _drill)
    command("check", _check)
    auditing.arguments(command("audit", _audit))
    command("demo", _demo)
    importing = command("import", _import)
    importing.add_argument("files", nargs="+", type=Path, metavar="FILE", help="bundle or folder")
    importing.add_argument(
        "--practice", required=True, metavar="SLUG", help="who they register with"
    )
    simulating = command("simulate", _simulate)
    simulating.add_argument("--seed", type=int, default=0, help="which story; the first of several")
    simulating.add_argument("--steps", type=int, default=1_000, help="how long each story is")
    simulating.add_argument("--runs", type=int, default=1, help="how many stories, seed by seed")
    keys.add_to(commands, lambda text: _say(text, markup=False))
    command("docs", _docs)
    opening = command("open-practice", _open_practice)
    opening.add_argument("slug")
    opening.add_argument("name")
    opening.add_argument("--address", required=True)
    opening.add_argument("--jurisdiction", required=True, choices=["uk", "us"])
    opening.add_argument("--zone", required=True, help="IANA time zone, as in Europe/London")
    opening.add_argument(
        "--admin",
        required=True,
        action="append",
        metavar="EMAIL",
        help="an administrator; name two, for one alone can give nobody else a role",
    )
    return parser.parse_args(words)


def _serve(settings: Settings, given: argparse.Namespace) -> int:
    """Serve web and worker until Ctrl-C or a polite kill; both end it in good order."""
    demo = settings.embedded_database if given.demo is None else given.demo
    if demo and not settings.loopback:
        raise SettingsError(
            "demo accounts have a published password: listen on 127.0.0.1, or start with --no-demo"
        )
    with serving.listen(settings) as listener, assembled(settings) as container:
        if demo:
            seeding.seed(container.clinic(), datetime.now(UTC))
        _greet(serving.address(listener), settings, demo=demo)
        web = serving.server(serving.web_app(container, demo=demo))
        worker = nullcontext() if given.no_worker else serving.working(container)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with worker, suppress(KeyboardInterrupt):  # how serving ends
            web.run(sockets=[listener])
    return 0


def _greet(url: str, settings: Settings, *, demo: bool) -> None:
    _say(f"\n[bold]telehealth[/] serves on [bold]{url}[/]  (Ctrl-C stops everything)")
    _say(f"  interface   {url}/openapi.json")
    _say(f"  data        {(settings.database_url and 'as configured') or settings.home}")
    if not demo:
        return
    _say("  payments    embedded: no money moves")
    _say(f"  mail        {url}/embedded/mail?practice=SLUG&address=EMAIL  (none leaves)")
    _say(f"\n  demo sign-ins, all with the password [bold]{PASSWORD}[/]:")
    for practice in seeding.DEMO_PRACTICES:
        _say(f"  [bold]{practice.practice.slug}[/]")
        for role, email in practice.people():
            _say(f"    {role:<10}{email}", markup=False)
    _say("\n  `make demo` walks through it all.\n")


def _work(settings: Settings, _: argparse.Namespace) -> int:
    """Run a worker on its own until Ctrl-C."""
    with assembled(settings) as container:
        _say("telehealth works (Ctrl-C stops it)")
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())  # what was begun is finished
        with serving.sealing(container):
            container.worker().run(stop)
    return 0


def _check(settings: Settings, _: argparse.Namespace) -> int:
    """See that each session's free time is what its visits leave of it; ends with 1 if not."""
    with owned(settings) as uri:
        wrong = list(Container.wrong_sessions()(uri))
    for one in wrong:
        _say(f"practice {one.practice_id}: the free time of session {one.session_id} is wrong")
    _say(f"{len(wrong)} sessions are wrong" if wrong else "every session's free time is right")
    return 1 if wrong else 0


def _audit(settings: Settings, _: argparse.Namespace) -> int:
    """Examine the audit; ends with 1 where it was tampered with."""
    with assembled(settings) as container:
        return auditing.verify(container, CONSOLE)


def _jobs(settings: Settings, given: argparse.Namespace) -> int:
    """List what waits or was given up, or try it again."""
    with assembled(settings) as container:
        return jobs.run(container.outbox(), given, CONSOLE)


def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    """Bring the database to this release and stop."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    migrate(settings)
    _say("the database has every table of this release")
    return 0


def _backup(settings: Settings, given: argparse.Namespace) -> int:
    """Write database and files into one sealed archive."""
    return backup.back_up(_with_key(settings, given), given.place, CONSOLE)


def _restore(settings: Settings, given: argparse.Namespace) -> int:
    """Put an archive into an empty database and home."""
    return backup.restore(_with_key(settings, given), given.place, CONSOLE)


def _with_key(settings: Settings, given: argparse.Namespace) -> Settings:
    return attrs.evolve(settings, backup_key_file=given.key_file or settings.backup_key_file)


def _drill(_: Settings, __: argparse.Namespace) -> int:
    """Rehearse losing everything: serve, book, back up, restore, serve, compare."""
    return backup.drill(CONSOLE)


def _demo(settings: Settings, _: argparse.Namespace) -> int:
    """Walk every journey through a freshly started server."""
    with tempfile.TemporaryDirectory(prefix="telehealth-demo-") as home:
        fresh = attrs.evolve(settings, home=Path(home), database_url=None, port=0)
        with assembled(fresh) as container:
            seeding.seed(container.clinic(), datetime.now(UTC))
            with serving.served(container, demo=True) as url:
                return run_demo(url, CONSOLE)


def _import(settings: Settings, given: argparse.Namespace) -> int:
    """Register the patients of FHIR R4 bundles in a practice."""
    with assembled(settings) as container:
        clinic = container.clinic()
        practice = clinic.practice.named(given.practice)
        actor = Actor.system(practice.id)
        return import_files(clinic, actor, given.files, container.read_bundle(), CONSOLE)


def _simulate(_: Settings, given: argparse.Namespace) -> int:
    """Tell a story of random actors and failing systems; fails if anything broke."""
    return simulate(CONSOLE, seed=given.seed, steps=given.steps, runs=given.runs)


def _docs(_: Settings, __: argparse.Namespace) -> int:
    """Render the generated pages of docs/ anew."""
    tables = pages.Tables(problems=Container.problems(), transport=Container.transport())
    for path in pages.write(tables):
        _say(f"rendered {path}", markup=False)
    return 0


def _open_practice(settings: Settings, given: argparse.Namespace) -> int:
    """Open a practice with its first admins, whose passwords are asked for."""
    passwords = {email: getpass.getpass(f"Password of {email}: ") for email in given.admin}
    with assembled(settings) as container:
        _opened(container, given, passwords)
    _say(f"{given.slug} is open; {' and '.join(given.admin)} can sign in")
    return 0


def _opened(container: Container, given: argparse.Namespace, passwords: dict[str, str]) -> None:
    id = PracticeId(uuid5(seeding.NAMESPACE, given.slug))
    system, uk = Actor.system(id), given.jurisdiction == "uk"
    practice = Practice(
        id=id,
        slug=given.slug,
        name=given.name,
        address=given.address,
        jurisdiction_code=given.jurisdiction,
        zone=given.zone,
        settings=Rules(
            charging=Charging.AT_BOOKING if uk else Charging.ON_COMPLETION,
            approval=Approval.AUTOMATIC if uk else Approval.LIAISON,
        ),
        opened_at=datetime.now(UTC),
    )
    clinic = container.clinic()
    clinic.practice.open(system, practice)
    for number, (email, password) in enumerate(passwords.items()):
        clinic.access.open_account(
            system,
            UserId(uuid5(id, f"admin {email}" if number else "first admin")),
            email=email,
            password=password,
            roles=frozenset({Role.ADMIN}),
        )


if __name__ == "__main__":
    main()
