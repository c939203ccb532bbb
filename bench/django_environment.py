"""An environment of its own for django-appointment and its server, made when first asked for."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

PACKAGE = "django-appointment==3.12.0"
REQUIRED = (PACKAGE, "gunicorn==27.0.1", f"psycopg[binary]=={version('psycopg')}")
HOME = Path(__file__).parents[1] / "build" / "bench-django-appointment"


class NotInstalledError(Exception):
    """The environment could not be made; says what the installer said."""


def python_of_django() -> Path:
    """The Python that has django-appointment.

    Raises: NotInstalledError if that cannot be installed.
    """
    return python_with(REQUIRED, HOME)


def python_with(required: Sequence[str], home: Path) -> Path:
    """The Python of an environment in that folder that has all of these.

    An environment gets its place and name by one renaming once everything is in it: whoever is
    interrupted leaves none, and of two that make it at once either's will do.

    Raises: NotInstalledError if one of them cannot be installed; then there is no environment.
    """
    content = hashlib.sha256(repr((sys.version, sys.base_prefix, required)).encode())
    whole = home / content.hexdigest()[:12]
    if not whole.exists():
        print(f"installing {', '.join(required)} into build/ ...", file=sys.stderr, flush=True)
        home.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=home, prefix="unfinished-") as folder:
            made = Path(folder) / "environment"
            _make(made, required)
            try:
                made.rename(whole)
            except OSError:  # somebody else was faster
                if not whole.exists():
                    raise
    return whole / "bin" / "python"


def _make(folder: Path, required: Sequence[str]) -> None:
    """Make the environment; what lies on this program's own path is not taken for installed."""
    python = str(folder / "bin" / "python")
    pip = ["-m", "pip", "--python", python, "--disable-pip-version-check", "install", "-q"]
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for command in (["-m", "venv", "--without-pip", str(folder)], [*pip, *required]):
        done = subprocess.run(
            [sys.executable, *command], env=alone, check=False, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise NotInstalledError(done.stderr or done.stdout)
