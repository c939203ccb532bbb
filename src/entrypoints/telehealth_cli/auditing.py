"""`telehealth audit verify`: whether the audit is what was sealed, practice by practice."""

import argparse
from collections.abc import Iterable, Mapping

from rich.console import Console

from telehealth_app.container import Container, ForgedCheckpoint
from telehealth_core.access.audit_chain import Finding, examine, inserted
from telehealth_core.shared.ids import PracticeId


def arguments(parser: argparse.ArgumentParser) -> None:
    """What can be asked of the audit."""
    asked = parser.add_subparsers(required=True, metavar="verify")
    asked.add_parser("verify", help="find the first bad entry of each practice, if there is one")


def verify(container: Container, console: Console) -> int:
    """Examine the audit of every practice; 1 where anything was tampered with."""
    names = {practice.id: practice.slug for practice in container.store().all()}
    practices = sorted({*names, *container.checkpoints().practices()})
    bad = [id for id in practices if not _whole(container, id, names, console)]
    return 1 if bad else 0


def _whole(
    container: Container, id: PracticeId, names: Mapping[PracticeId, str], console: Console
) -> bool:
    name = names.get(id, str(id))
    marks = container.checkpoints().of(id)
    try:
        with container.audit_chain().reading(id) as reading:
            seen = examine(reading.links(), marks)
            waiting, late = inserted(reading.unsealed(), seen.newest)
    except ForgedCheckpoint as forged:
        _say(console, f"{name}: {forged}", bad=True)
        return False
    counted = f"{seen.sealed} sealed, {waiting} to be sealed, {seen.checkpoints} checkpoints"
    findings = [one for one in (seen.finding, late) if one is not None]
    _say(console, f"{name}: {counted}{'' if findings else '; all is well'}", bad=bool(findings))
    _tell(console, name, findings)
    return not findings


def _tell(console: Console, name: str, findings: Iterable[Finding]) -> None:
    for found in findings:
        entry = "" if found.entry_id is None else f"entry {found.entry_id}"
        place = "" if found.position is None else f"place {found.position}"
        where = ", ".join(filter(None, (entry, place)))
        _say(console, f"{name}: {where} {found.problem.value}", bad=True)


def _say(console: Console, text: str, *, bad: bool) -> None:
    console.print(text, style="red" if bad else None, markup=False, soft_wrap=True)
