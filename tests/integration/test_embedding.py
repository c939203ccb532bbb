"""What whoever embeds the core gets: nothing but attrs comes along (N14)."""

import subprocess
import sys
from functools import cached_property
from pathlib import Path

import attr
import attrs
import pytest

from telehealth_core import Telehealth

SOURCE = Path(__file__).parents[2] / "src"

BARE = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import telehealth_core
"""
EVERYTHING = """
for module in pkgutil.walk_packages(telehealth_core.__path__, "telehealth_core."):
    importlib.import_module(module.name)
"""
LOADED = """
files = {name: str(getattr(one, "__file__", "")) for name, one in sys.modules.items()}
print(*sorted({name.partition(".")[0] for name in files if files[name].startswith(sys.argv[1])}))
"""
"""Every package that is loaded from the folder; whatever is not is the standard library's."""


@pytest.fixture
def least(tmp_path: Path) -> Path:
    """A folder with the core and attrs, and nothing else."""
    packages = (
        SOURCE / "telehealth_core",
        *(Path(str(one.__file__)).parent for one in (attr, attrs)),
    )
    for package in packages:
        (tmp_path / package.name).symlink_to(package)
    return tmp_path


def bare(program: str, path: Path) -> str:
    """What the program prints in an interpreter that finds the standard library and this folder."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", BARE + program, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_every_module_of_the_core_loads_with_attrs_alone(least: Path) -> None:
    """The test kit with its contracts too; nothing else that could be found is loaded (N14)."""
    assert bare(EVERYTHING + LOADED, least) == "attr attrs telehealth_core"


def test_a_package_too_many_is_noticed(least: Path) -> None:
    """The guard sees what it is there for."""
    (least / "another.py").write_text("")
    assert bare("import another" + LOADED, least).startswith("another ")


def test_a_capability_is_loaded_when_it_is_first_asked_for(least: Path) -> None:
    """The facade itself costs next to nothing, and what is used is there (N14)."""
    program = """
from telehealth_core import Ports, Telehealth
def loaded():
    every = ("registration", "scheduling", "messaging")
    return [one for one in every if f"telehealth_core.{one}.use_cases" in sys.modules]
print(loaded())
from telehealth_core.testing import memory_ports
clinic = Telehealth(memory_ports())
clinic.registration
print(loaded())
clinic.every()
print(loaded())
"""
    assert bare(program, least).splitlines() == [
        "[]",
        "['registration']",
        "['registration', 'scheduling', 'messaging']",
    ]


def test_every_event_is_known_wherever_reading_begins(least: Path) -> None:
    """Whoever reads the outbox knows each kind of event, whatever else was loaded."""
    program = f"""
from telehealth_core.reactions import EVENTS
from telehealth_core.shared import Event
known = set(EVENTS)
{EVERYTHING}
def kinds(of):
    for one in of.__subclasses__():
        yield one.__name__
        yield from kinds(one)
print(*sorted(set(kinds(Event)) - known))
"""
    assert bare(program, least) == ""


def test_the_types_of_every_group_are_checked() -> None:
    """`tests/typing` asks each property of the facade for what it promises (N14)."""
    page = (Path(__file__).parents[1] / "typing" / "facade.py").read_text("utf-8")
    groups = {name for name, one in vars(Telehealth).items() if isinstance(one, cached_property)}
    assert {name for name in groups if f"clinic.{name}." not in page} == set()
