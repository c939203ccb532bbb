"""`telehealth keys`: what an operator does with keys, while everything goes on being served."""

import argparse
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from telehealth_app.container import Container, assembled
from telehealth_app.settings import Settings, SettingsError
from telehealth_core.shared import Erased
from telehealth_core.shared.ids import PatientId, PracticeId

Say = Callable[[str], None]


def add_to(commands: Any, say: Say) -> None:
    """Add `keys` and its own commands to the command line."""
    keys = commands.add_parser("keys", help="Master keys and data keys: rotate, renew, destroy.")
    kinds = keys.add_subparsers(required=True, metavar="WHAT")

    def command(does: Callable[..., str]) -> argparse.ArgumentParser:
        name = does.__name__.removeprefix("_").replace("_", "-")
        added: argparse.ArgumentParser = kinds.add_parser(name, help=does.__doc__)
        added.set_defaults(command=lambda settings, given: _run(does, settings, given, say))
        return added

    command(_rotate)
    command(_retire_master).add_argument("master", help="the id of a former master key")
    for renewing in (command(_renew), command(_retire)):
        renewing.add_argument("practice", metavar="SLUG")
        renewing.add_argument("owner", nargs="?", type=_id, help="one patient; or else everybody")
    destroying = command(_destroy)
    destroying.add_argument("practice", metavar="SLUG")
    destroying.add_argument("patient", type=_id, metavar="PATIENT")
    destroying.add_argument(
        "--for-good", action="store_true", required=True, help="yes, nobody can undo it"
    )


def _run(does: Callable[..., str], settings: Settings, given: argparse.Namespace, say: Say) -> int:
    with assembled(settings) as container:
        say(does(container, given))
    return 0


def _rotate(container: Container, _: argparse.Namespace) -> str:
    """Make a new master key and wrap every data key by it."""
    master = container.keys().rotate()
    rewrapped = container.key_office().rewrap()
    return f"{master} wraps from now on; {rewrapped} data keys were wrapped by it"


def _retire_master(container: Container, given: argparse.Namespace) -> str:
    """Forget a former master key: backups from before cannot be opened any more."""
    container.key_office().retire_master(given.master)
    return f"{given.master} is gone"


def _renew(container: Container, given: argparse.Namespace) -> str:
    """Seal under new data keys from now on, and seal anew what was sealed."""
    office, practice_id = container.key_office(), _practice(container, given)
    owners = _owners(container, given)
    for owner in owners:
        with suppress(Erased):
            office.renew(practice_id, owner)
    return f"{len(owners)} keys are new; {_resealed(container, given)}; retire the former later"


def _retire(container: Container, given: argparse.Namespace) -> str:
    """Give up former data keys, some minutes after new ones were made."""
    office, practice_id = container.key_office(), _practice(container, given)
    resealed = _resealed(container, given)
    retired = 0
    for owner in _owners(container, given):
        with suppress(Erased):
            retired += office.retire(practice_id, owner)
    return f"{resealed}; {retired} former keys are gone"


def _resealed(container: Container, given: argparse.Namespace) -> str:
    office, documents = container.key_office(), container.documents()
    practice_id, rows, files = _practice(container, given), 0, 0
    for owner in _owners(container, given):
        with suppress(Erased):
            rows += office.reseal(practice_id, owner)
            files += documents.reseal(practice_id, PatientId(owner))
    return f"{rows} rows and {files} documents were sealed anew"


def _owners(container: Container, given: argparse.Namespace) -> list[UUID]:
    if given.owner:
        return [given.owner]
    return container.key_office().owners(_practice(container, given))


def _destroy(container: Container, given: argparse.Namespace) -> str:
    """Destroy a patient's keys: rows, documents and backups can never be read again."""
    container.key_office().destroy(_practice(container, given), PatientId(given.patient))
    return "the keys are destroyed; other processes forget theirs within a minute"


def _practice(container: Container, given: argparse.Namespace) -> PracticeId:
    return container.clinic().practice.named(given.practice).id


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise SettingsError(
            "a patient is named by their id, as in the URL of their record"
        ) from None
