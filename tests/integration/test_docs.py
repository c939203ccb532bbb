"""The pages under docs/ say what the tables say, lead somewhere, and cite what exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from telehealth_cli import pages
from telehealth_core.access.actor import Relation, Role
from telehealth_core.access.policy import Action, Permit
from telehealth_core.practice.settings import Parameter, Settings
from telehealth_core.scheduling.life import (
    AppointmentFulfilled,
    AppointmentStatus,
)
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_http.problems import PROBLEMS, TRANSPORT, Told
from unit.core import modules

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TABLES = pages.Tables(problems=PROBLEMS, transport=TRANSPORT)

FEATURES = {"F": 68, "N": 18}
"""Features by number, each up to so many."""
RULES = {
    "ACC": 16,
    "ACX": 3,
    "API": 14,
    "AUD": 10,
    "AUT": 14,
    "BCP": 6,
    "CHD": 13,
    "CON": 10,
    "DIS": 3,
    "DSR": 10,
    "ENC": 12,
    "EVD": 3,
    "FIT": 7,
    "IDV": 12,
    "LOG": 4,
    "MSG": 8,
    "PAY": 9,
    "PRO": 5,
    "REF": 2,
    "RES": 2,
    "RET": 3,
    "RXC": 6,
    "RXS": 6,
    "RXU": 12,
    "SAF": 7,
    "TEL": 12,
    "UPL": 6,
    "VEN": 6,
}
"""Rules of law and good practice by prefix, each up to so many."""
NO_IDS = {"AES-256", "SHA-256", "UTF-8"}
CITED = re.compile(r"(?<![\w-])(?:[FN]\d{1,3}|[A-Z]{3}-\d{1,3})(?![\w-])")

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def exists(cited: str) -> bool:
    """Whether there is a feature or a rule of this id, written as it is written."""
    prefix, number = cited[:1], cited[1:]
    if "-" in cited:
        prefix, _, number = cited.partition("-")
    most = {**FEATURES, **RULES}.get(prefix, 0)
    return len(number) == 2 and 1 <= int(number) <= most


def cited_in(source: str) -> Iterator[str]:
    """The ids in the docstrings of a module, those below constants and members included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield from (one for one in CITED.findall(str(node.value.value)) if one not in NO_IDS)


def dead_links(page: Path) -> list[str]:
    """The relative links of a page that lead to no file, or to no heading of one."""
    return [
        link
        for link in LINK.findall(CODE.sub("", page.read_text("utf-8")))
        if not re.match(r"[a-z]+:", link) and not _leads_somewhere(page, link)
    ]


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, heading = link.partition("#")
    target = page.parent / path if path else page
    if not target.exists():
        return False
    return not heading or heading in _headings(target)


def _headings(page: Path) -> set[str]:
    found = HEADING.findall(CODE.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", one).lower().replace(" ", "-") for one in found}


def text(tables: pages.Tables, name: str) -> str:
    """What one page has to say."""
    return pages.render(tables, DOCS)[DOCS / name]


def test_every_generated_page_says_what_the_tables_say() -> None:
    """Where this fails, `make docs` renders the pages anew."""
    assert pages.stale(TABLES, DOCS) == ()


def test_a_stale_page_is_noticed_and_written_anew(tmp_path: Path) -> None:
    """A page that was changed by hand is found, rendered, and then found good."""
    for page in pages.render(TABLES, DOCS):
        (tmp_path / page.name).write_text(page.read_text("utf-8"), "utf-8")
    assert pages.stale(TABLES, tmp_path) == ()
    changed = tmp_path / "errors.md"
    changed.write_text(changed.read_text("utf-8") + "by hand\n", "utf-8")
    assert pages.stale(TABLES, tmp_path) == (changed,)
    assert pages.write(TABLES, tmp_path) == (changed,)
    assert pages.stale(TABLES, tmp_path) == ()


def test_a_missing_page_is_written(tmp_path: Path) -> None:
    """Only `domain.md` must be there before, for most of it is written by people."""
    (tmp_path / "domain.md").write_text(f"{pages.BEGIN}\n{pages.END}\n", "utf-8")
    assert {page.name for page in pages.write(TABLES, tmp_path)} == {
        "domain.md",
        "errors.md",
        "events.md",
        "permissions.md",
        "settings.md",
    }


def test_a_page_without_its_markers_is_refused(tmp_path: Path) -> None:
    """What people wrote is never overwritten for want of a marker."""
    (tmp_path / "domain.md").write_text("# The domain\n", "utf-8")
    with pytest.raises(ValueError, match="no part between"):
        pages.render(TABLES, tmp_path)


def test_another_lifecycle_gives_another_page() -> None:
    """A verb that the table gains is an arrow of the diagram."""
    booked = AppointmentStatus.BOOKED
    life = Lifecycle("Appointment", booked, {"vanish": (frozenset({booked}), booked)})
    assert "vanish" not in text(TABLES, "domain.md")
    changed = text(attrs.evolve(TABLES, lifecycles=(life,)), "domain.md")
    assert "    booked --> booked: vanish\n" in changed


def test_what_people_wrote_around_the_diagrams_is_kept() -> None:
    """Only the part between the markers follows the tables."""
    ours, without = (
        text(TABLES, "domain.md"),
        text(attrs.evolve(TABLES, lifecycles=()), "domain.md"),
    )
    assert ours != without
    assert ours.partition(pages.BEGIN)[0] == without.partition(pages.BEGIN)[0]
    assert ours.rpartition(pages.END)[2] == without.rpartition(pages.END)[2]


def test_another_permit_gives_another_page() -> None:
    """A permit that the policy gains is a relation in a cell."""
    more = Permit(Action.PRESCRIBE, Role.ADMIN, Relation.FOLLOWING, "F35")
    changed = text(attrs.evolve(TABLES, policy=(*TABLES.policy, more)), "permissions.md")
    line = next(line for line in changed.splitlines() if "prescription:issue" in line)
    assert "following" in line
    assert changed != text(TABLES, "permissions.md")


def test_another_reaction_gives_another_page() -> None:
    """An event that nothing follows from any more says so."""
    fewer = tuple(one for one in TABLES.reactions if one.event is not AppointmentFulfilled)
    line = "| `AppointmentFulfilled` |"
    with_it, without = (
        next(row for row in text(tables, "events.md").splitlines() if row.startswith(line))
        for tables in (TABLES, attrs.evolve(TABLES, reactions=fewer))
    )
    assert "`Collecting.release`" in with_it
    assert "`Collecting.release`" not in without


def test_another_status_gives_another_page() -> None:
    """A refusal told under another status moves."""
    moved = {**PROBLEMS, "time-taken": Told(418, "Taken")}
    changed = text(attrs.evolve(TABLES, problems=moved), "errors.md")
    assert "## Status 418\n" in changed
    assert changed != text(TABLES, "errors.md")


def test_another_parameter_gives_another_page() -> None:
    """A parameter that the settings gain, and a choice, are lines of the table (F30, N15)."""

    @attrs.frozen(kw_only=True)
    class More(Settings):
        """Settings with one parameter more."""

        patience_days: int = attrs.field(
            default=3, metadata={"parameter": Parameter("How long.", "F30", 1, 9)}
        )

    line = "| `patience_days` | 3 | 1 to 9 | How long. | F30 |\n"
    assert line not in text(TABLES, "settings.md")
    assert line in text(attrs.evolve(TABLES, settings=More), "settings.md")
    assert "| `at-booking` | As the last step of booking (F44). |" in text(TABLES, "settings.md")


def test_every_parameter_is_on_the_page_of_settings() -> None:
    """Whatever an administrator can change is told there (F30)."""
    page = text(TABLES, "settings.md")
    for field in attrs.fields(Settings):
        assert field.name == "version" or f"| `{field.name}` |" in page


def test_no_lifecycle_is_left_out() -> None:
    """Every lifecycle of the core has its diagram."""
    found = {
        value.of
        for module in modules()
        for value in vars(module).values()
        if isinstance(value, Lifecycle)
    }
    assert found == {lifecycle.of for lifecycle in TABLES.lifecycles}


def test_every_refusal_is_told_and_every_problem_has_a_refusal() -> None:
    """HTTP knows each code of the core, and no other."""
    assert set(TABLES.refusals) == set(PROBLEMS)


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_every_link_leads_somewhere(page: Path) -> None:
    """A relative link names a file that is there, and a heading that is in it."""
    assert dead_links(page) == []


def test_a_dead_link_is_noticed(tmp_path: Path) -> None:
    """Of good and bad links, the bad ones are found; code is no link."""
    page = tmp_path / "page.md"
    page.write_text(
        "# A heading, here\n[a](page.md) [b](#a-heading-here) [c](https://example.org/x)\n"
        "[d](gone.md) [e](page.md#gone) `[f](g)`\n```\n[h](i)\n```\n",
        "utf-8",
    )
    assert dead_links(page) == ["gone.md", "page.md#gone"]


@pytest.mark.parametrize("folder", ["src", "tests"])
def test_every_id_cited_in_a_docstring_exists(folder: str) -> None:
    """Code cites features and rules that there are, in their own form."""
    false = {
        (str(path.relative_to(ROOT)), cited)
        for path in sorted((ROOT / folder).rglob("*.py"))
        for cited in cited_in(path.read_text("utf-8"))
        if not exists(cited)
    }
    assert false == set()


def test_every_permit_names_a_source_that_exists() -> None:
    """The policy cites as carefully as docstrings do."""
    assert [
        one for permit in TABLES.policy for one in permit.source.split() if not exists(one)
    ] == []


def test_a_false_id_is_noticed() -> None:
    """The false ids in docstrings are found; other strings cite nothing."""
    source = '"""F01, N18, IDV-12 and SHA-256; F69, F1, N19, IDV-13, ABC-01."""\nx = "F99"\n'
    assert [one for one in cited_in(source) if not exists(one)] == [
        "F69",
        "F1",
        "N19",
        "IDV-13",
        "ABC-01",
    ]
