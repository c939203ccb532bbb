"""The dependency rule holds, and each of its guards is seen to refuse what it is there for."""

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("src", "src/adapters", "src/entrypoints")
KIT = {"hypothesis", "pytest"}  # what the test kit may import on top, for it is for tests


@attrs.frozen
class Plant:
    """An import that one contract forbids, put into a new module of a package."""

    contract: str
    into: str
    line: str


PLANTS = [
    Plant("architecture", "src/telehealth_core/shared", "import telehealth_app"),
    Plant("architecture", "src/adapters/telehealth_files", "import telehealth_app"),
    Plant("vendors", "src/telehealth_core/shared", "import sqlalchemy"),
    Plant("vendors", "src/telehealth_core/billing", "from psycopg.rows import dict_row"),
    Plant("vendors", "src/telehealth_core/scheduling", "import socket"),
    Plant("capabilities", "src/telehealth_core/shared", "import telehealth_core.access"),
    Plant("capabilities", "src/telehealth_core/billing", "import telehealth_core.scheduling"),
    Plant("capabilities", "src/telehealth_core", "import attrs"),
    Plant("use-cases", "src/telehealth_core/access", "import telehealth_core.access.use_cases"),
    Plant(
        "use-cases",
        "src/telehealth_core/scheduling",
        "import telehealth_core.scheduling.use_cases.booking",
    ),
    Plant("ports", "src/telehealth_core/access", "import telehealth_core.access.ports"),
    Plant("ports", "src/telehealth_core/scheduling", "import telehealth_core.scheduling.ports"),
    Plant("adapters", "src/adapters/telehealth_files", "import telehealth_letters"),
    Plant("container", "src/entrypoints/telehealth_http", "import telehealth_postgres"),
    Plant("container", "src/entrypoints/telehealth_cli", "import telehealth_postgres"),
    Plant("container", "src/entrypoints/telehealth_app", "import telehealth_files"),
    Plant("entrypoints", "src/entrypoints/telehealth_http", "import telehealth_app"),
    Plant("entrypoints", "src/entrypoints/telehealth_worker", "import telehealth_http"),
    Plant("app", "src/entrypoints/telehealth_cli", "import telehealth_http"),
]

BANS = [
    ("from datetime import datetime\n\nNOW = datetime.now()", "TID251"),
    ("from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)", "TID251"),
    ("from datetime import date\n\nTODAY = date.today()", "TID251"),
    ("import time\n\nNOW = time.time()", "TID251"),
    ("from uuid import uuid4\n\nID = uuid4()", "TID251"),
    ("import random\n\nCHANCE = random.random()", "TID251"),
    ("from secrets import token_hex\n\nTOKEN = token_hex()", "TID251"),
    ("import os\n\nSETTING = os.environ['SETTING']", "TID251"),
    ("print('seen')", "T201"),
]


def test_the_tree_keeps_every_contract(tree: Path) -> None:
    """Nothing imports what it must not."""
    assert broken(tree) == set()


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.contract}:{plant.line}")
def test_a_contract_refuses_what_it_is_there_for(tree: Path, plant: Plant) -> None:
    """A planted import breaks the contract that forbids it, and no other."""
    (tree / plant.into / "planted.py").write_text(f"{plant.line}\n")
    assert broken(tree) == {plant.contract}


def test_every_contract_was_seen_to_fail() -> None:
    """No contract is trusted without a plant that breaks it."""
    assert {plant.contract for plant in PLANTS} == set(contracts().values())


def test_every_package_is_under_contract() -> None:
    """A new adapter or entrypoint cannot stay outside of the contracts."""
    packages = {
        init.parent.name for source in SOURCES for init in ROOT.glob(f"{source}/*/__init__.py")
    }
    assert packages == set(settings()["root_packages"])
    adapters = {init.parent.name for init in ROOT.glob("src/adapters/*/__init__.py")}
    for contract in settings()["contracts"]:
        if contract["id"] == "adapters":
            assert set(contract["modules"]) == adapters
        if contract["id"] == "container":
            assert set(contract["protected_modules"]) == adapters


def test_the_core_needs_nothing_but_python_and_attrs() -> None:
    """Whoever embeds the core installs one package with it."""
    core = ROOT / "src/telehealth_core"
    allowed = sys.stdlib_module_names | {"attrs", "telehealth_core"}
    for module in core.rglob("*.py"):
        more = KIT if module.is_relative_to(core / "testing") else set[str]()
        assert set(imported(module)) <= allowed | more, module


@pytest.mark.parametrize(("code", "rule"), BANS, ids=[code.splitlines()[-1] for code, _ in BANS])
def test_the_core_asks_neither_clock_nor_chance(tree: Path, code: str, rule: str) -> None:
    """Time, ids and chance come in from outside, and nothing is printed."""
    assert rule in refused(tree, "src/telehealth_core/shared", code)


@pytest.mark.parametrize("code", [code for code, rule in BANS if rule == "TID251"])
def test_the_bans_are_the_cores_own(tree: Path, code: str) -> None:
    """An adapter may ask the clock: that is what adapters are for."""
    assert "TID251" not in refused(tree, "src/adapters/telehealth_files", code)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Copy the sources and their rules to a place where they may be broken."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def settings() -> dict[str, Any]:
    """Return what the project tells import-linter."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    linter: dict[str, Any] = project["tool"]["importlinter"]
    return linter


def contracts() -> dict[str, str]:
    """Return the id of each contract by its name."""
    return {contract["name"]: contract["id"] for contract in settings()["contracts"]}


def broken(tree: Path) -> set[str]:
    """Return the ids of the contracts that a tree breaks."""
    check = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    )
    places = os.pathsep.join(str(tree / source) for source in SOURCES)
    done = subprocess.run(
        [sys.executable, "-c", check],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": places, "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = dict(
        line.strip().rsplit(" ", 1)
        for line in done.stdout.splitlines()
        if line.endswith((" KEPT", " BROKEN"))
    )
    assert verdicts.keys() == contracts().keys(), done.stdout + done.stderr
    found = {contracts()[name] for name, verdict in verdicts.items() if verdict == "BROKEN"}
    assert done.returncode == bool(found)
    return found


def refused(tree: Path, folder: str, code: str) -> set[str]:
    """Return the rules that refuse a new module in a folder."""
    (tree / folder / "planted.py").write_text(f'"""Planted."""\n\n{code}\n')
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=json", folder],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    findings = json.loads(done.stdout)
    return {find["code"] for find in findings if Path(find["filename"]).name == "planted.py"}


def imported(module: Path) -> Iterator[str]:
    """Yield the top-level names that a module imports."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
