"""`telehealth import`: registers the patients of files from another system, or changes nothing."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

import attrs
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from telehealth_core.access.actor import Actor
from telehealth_core.registration.patient import Identifier, Patient, Profile
from telehealth_core.shared.ids import PatientId, derived
from telehealth_core.shared.refusal import Invalid
from telehealth_core.telehealth import Telehealth

NOT_UNDERSTOOD_MOST = 40
"""Lines of the report; the rest is summed up."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FIELDS: Final[Mapping[str, str]] = {
    "name": "given_name",
    "birth date": "birth_date",
    "address": "address",
    "phone": "phone",
    "e-mail": "email",
    "language": "language",
    "marital status": "marital_status",
}
"""What the report calls each field of a profile."""


class ReadPatient(Protocol):
    """A patient as another system knows them; `identifier` is the one to recognise them by."""

    @property
    def identifier(self) -> Identifier:
        """The one to recognise the patient by."""

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """Every number that other systems know them by."""

    @property
    def profile(self) -> Profile:
        """Who they are."""


class BundleContents(Protocol):
    """What a file holds for us, and a count of what was not understood."""

    @property
    def patients(self) -> Sequence[ReadPatient]:
        """The patients, in the order of the file."""

    @property
    def not_understood(self) -> Mapping[str, int]:
        """How often which kind of thing was left out."""


class Read(Protocol):
    """Reads a whole file."""

    def __call__(self, text: bytes, source: str, /, *, zone: str) -> BundleContents:
        """What the file holds; `source` names it in errors, patients live in `zone`."""


@runtime_checkable
class Broken(Protocol):
    """What `Read` raises for a file that cannot be taken: which, where in it, and what is wrong,
    without any value of it.
    """

    source: str
    where: str
    problem: str


class BrokenFile(Exception):
    """A file that cannot be taken: `source: where: problem`, without any value of it."""


@attrs.frozen
class Content:
    """A file that was read to its end."""

    source: str
    contents: BundleContents = attrs.field(repr=False)


def import_files(
    clinic: Telehealth,
    actor: Actor,
    files: Sequence[Path],
    read: Read,
    console: Console,
) -> int:
    """Register the patients of these files, and of the `*.json` files in these folders; 0 if done.

    All files are read before anything is written: a broken one changes nothing, and is told with
    the place where it breaks.
    """
    try:
        with _progress(console) as progress:
            reader = _Reader(clinic, actor, read)
            contents = [
                reader.content(path)
                for path in progress.track(_files_in(files), description="Reading")
            ]
            new = [_register(clinic, actor, content, progress) for content in contents]
    except BrokenFile as error:
        console.print(Text(printable(str(error))), soft_wrap=True)
        console.print("Nothing was imported.", soft_wrap=True)
        return 1
    for content, registered in zip(contents, new, strict=True):
        known = len(content.contents.patients) - registered
        words = f"{content.source}: {registered} registered, {known} already known"
        console.print(Text(printable(words)), soft_wrap=True)
    if sum(new) < sum(len(content.contents.patients) for content in contents):
        console.print("Who is already known keeps what the practice has on record.")
    _report(console, contents)
    return 0


@attrs.frozen
class _Reader:
    """Reads files for one practice, and takes none that registration would refuse."""

    clinic: Telehealth
    actor: Actor
    read: Read

    def content(self, path: Path) -> Content:
        """The file, read to its end.

        Raises: BrokenFile.
        """
        source, zone = label(path), self.clinic.practice.view(self.actor).zone
        try:
            content = Content(source, self.read(path.read_bytes(), source, zone=zone))
        except OSError as error:
            raise BrokenFile(f"{source}: file: {error.strerror or 'it cannot be read'}") from None
        except Exception as error:
            if isinstance(error, Broken):
                told = f"{error.source}: {error.where}: {error.problem}"
                raise BrokenFile(told) from None
            raise
        for number, patient in enumerate(content.contents.patients, start=1):
            try:
                self._try(patient)
            except Invalid as refusal:
                where = f"patient {number}: {refusal.field}"
                raise BrokenFile(f"{source}: {where}: {refusal.rule}") from None
        return content

    def _try(self, patient: ReadPatient) -> None:
        """Register the patient without saving.

        Raises: Invalid.
        """
        Patient.register(
            by=self.actor.id,
            id=PatientId(derived(self.actor.practice_id, "not saved")),
            practice_id=self.actor.practice_id,
            profile=patient.profile,
            identifiers=patient.identifiers,
            registered_at=self.clinic.registration.clock(),
        )


def _files_in(paths: Iterable[Path]) -> list[Path]:
    """The files meant, each once.

    Raises: BrokenFile for a folder without any.
    """
    files: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not inside:
            raise BrokenFile(f"{path}: folder: there is no *.json file in it")
        files.update(dict.fromkeys(inside))
    return list(files)


def label(path: Path) -> str:
    """What a file is called in the report. Synthea writes the patient's name into the file's name;
    what is told instead still finds the file.
    """
    found = _UUID.search(path.name)
    return path.name if found is None else f"*{found[0]}{path.suffix}"


def _register(clinic: Telehealth, actor: Actor, content: Content, progress: Progress) -> int:
    """How many of the file's patients were new."""
    new = 0
    for patient in progress.track(content.contents.patients, description="Registering"):
        _, was_new = clinic.registration.enrol(
            actor, patient.identifier, patient.profile, patient.identifiers
        )
        new += was_new
    return new


def _report(console: Console, contents: Sequence[Content]) -> None:
    """Count what was understood and what was not; values are never told."""
    patients = [patient for content in contents for patient in content.contents.patients]
    understood = {
        name: sum(getattr(patient.profile, field) is not None for patient in patients)
        for name, field in _FIELDS.items()
    }
    understood["identifier"] = sum(len(patient.identifiers) for patient in patients)
    _table(console, f"Understood, of {len(patients)} patients", understood)
    left: Counter[str] = Counter()
    for content in contents:
        left.update(content.contents.not_understood)
    told = dict(left.most_common(NOT_UNDERSTOOD_MOST))
    if rest := left.total() - sum(told.values()):
        told[f"{len(left) - len(told)} more kinds"] = rest
    if told:
        _table(console, "Not understood, left out", told)


def _table(console: Console, title: str, counts: Mapping[str, int]) -> None:
    console.print()
    console.print(Text(title, style="bold"))
    width = max(len(f"{count:,}") for count in counts.values())
    for name, count in counts.items():
        console.print(Text(f"  {count:>{width},}  {printable(name)}"), soft_wrap=True)


def printable(text: str) -> str:
    """The text without what could steer a terminal: file contents name elements and extensions."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
