"""`docs/embedding.md` is true: its blocks are one program that runs (N14)."""

import re
from pathlib import Path
from typing import Any

import pytest

from telehealth_core.jurisdictions import JURISDICTIONS

PAGE = Path(__file__).parents[2] / "docs" / "embedding.md"


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run every block of the page in order; what it leaves."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    text = PAGE.read_text("utf-8")
    names: dict[str, Any] = {"__name__": "page"}
    for block in re.finditer(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        lines_before = text.count("\n", 0, block.start(1))
        exec(compile("\n" * lines_before + block[1], str(PAGE), "exec"), names)
    return names


@pytest.fixture(autouse=True)
def _packs_as_before() -> Any:
    before = dict(JURISDICTIONS)
    yield
    JURISDICTIONS.clear()
    JURISDICTIONS.update(before)


def test_the_page_runs_from_top_to_bottom(written: dict[str, Any]) -> None:
    """And what it begins has come to what it says."""
    assert written["clinic"].scheduling.view(written["patient"], written["held"].id).price.minor


def test_the_pages_adapter_keeps_its_contract(written: dict[str, Any]) -> None:
    """Every test of the contract, as pytest would run them."""
    contract = written["TestDrawer"]
    names = [name for name in dir(contract) if name.startswith("test_")]
    assert len(names) > 4
    for name in names:
        case = contract()
        case.setup_method()
        getattr(case, name)()


def test_every_contract_is_on_the_page() -> None:
    """The table names what the test kit ships, and nothing else."""
    from telehealth_core.testing import contracts

    named = set(re.findall(r"`(\w+Contract)`", PAGE.read_text("utf-8")))
    assert named == {name for name in contracts.__all__ if name.endswith("Contract")}
