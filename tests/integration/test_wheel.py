"""The built wheel: the core alone needs attrs and nothing else."""

import email
import subprocess
import sys
import zipfile
from pathlib import Path

import attr
import attrs
import pytest
from hatchling.builders.wheel import WheelBuilder

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(PROJECT)).build(directory=str(folder), versions=["standard"])
    return Path(built)


def test_the_core_depends_on_attrs_alone(wheel: Path) -> None:
    """Everything else is an extra."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    needed = [one for one in metadata.get_all("Requires-Dist", []) if "extra ==" not in one]
    assert [one.split(">")[0] for one in needed] == ["attrs"]


def test_the_core_runs_with_attrs_alone(wheel: Path, tmp_path: Path) -> None:
    """The facade works in a Python that has nothing but the wheel and attrs."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    for package in (attr, attrs):
        source = Path(str(package.__file__)).parent
        (tmp_path / source.name).symlink_to(source)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "import telehealth_core; from telehealth_core.testing import memory_ports;"
        "telehealth_core.Telehealth(memory_ports());"
        "outside = {'sqlalchemy', 'cattrs', 'litestar', 'psycopg'} & set(sys.modules);"
        "assert not outside, outside; print(telehealth_core.__file__)"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(str(tmp_path))


def test_every_import_package_is_in_the_wheel(wheel: Path) -> None:
    """Core, adapters and entrypoints are top-level packages, with their data files."""
    sources = PROJECT / "src"
    packages = {
        folder.name
        for parent in (sources, sources / "adapters", sources / "entrypoints")
        for folder in parent.glob("telehealth_*")
    }
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert packages <= {name.split("/")[0] for name in names}
    assert "telehealth_core/py.typed" in names
    assert any(name.startswith("telehealth_letters/") and name.endswith(".typ") for name in names)
    assert any("/migrations/versions/0001" in name for name in names)
