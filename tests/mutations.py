"""What came of `make mutate`: how many mutants were noticed, and whether each that was not stands
explained in docs/mutation.md. Run in the project's folder.
"""

import ast
import difflib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LEAST = 0.90
"""Of the mutants of each capability that the types let pass."""
ROOT = Path("mutants/src/telehealth_core")
REFUSED_BY_TYPES, NOTICED = 37, {1, 3, 36, -24}
"""Exit codes of a mutant's tests: 36 and -24 are tests that no longer end."""


@cache
def functions(source: Path) -> dict[str, list[str]]:
    """The lines of each function and of each mutant of it, under one name."""
    text = source.read_text()
    lines = text.splitlines()
    return {
        node.name: [
            re.sub(r"__mutmut_\w+", "", line).strip()
            for line in lines[node.lineno - 1 : node.end_lineno]
        ]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and "__mutmut_" in node.name
    }


def results() -> Iterator[tuple[str, int | None, Path]]:
    """Each mutant that ran or should have, with its exit code and file; not those of bad type."""
    for meta in sorted(ROOT.rglob("*.meta")):
        codes: dict[str, int | None] = json.loads(meta.read_text())["exit_code_by_key"]
        for name, code in codes.items():
            if code != REFUSED_BY_TYPES:
                yield name, code, meta.with_suffix("")


def told(name: str, source: Path) -> str:
    """A mutant as one line: its function, and what of it was changed into what."""
    module, _, mangled = name.removeprefix("telehealth_core.").rpartition(".")
    function = mangled.rpartition("__mutmut_")[0]
    known = functions(source)
    changed = difflib.unified_diff(
        known[f"{function}__mutmut_orig"], known[mangled], lineterm="", n=0
    )
    lines = [line for line in changed if not line.startswith(("---", "+++", "@@"))]
    return f"{module}{re.sub('^x_?|ǁ', '.', function)}: {' '.join(lines)}".replace("..", ".")


def explained() -> list[re.Pattern[str]]:
    """The first cell of each line of the page's table: what a survivor's line has in it."""
    page = Path("docs/mutation.md").read_text()
    cells = re.findall(r"^\| `(.+?)` \|", page, re.MULTILINE)
    return [re.compile(cell.replace(r"\|", "|")) for cell in cells]


def main() -> int:
    """Print the scores; 1 if one is too low, a survivor is not explained, or not all ran."""
    of_each, noticed, alive, waiting = Counter[str](), Counter[str](), list[str](), 0
    for name, code, source in results():
        capability = name.split(".")[1]
        of_each[capability] += 1
        noticed[capability] += code in NOTICED
        waiting += code is None
        if code not in {None, *NOTICED}:
            alive.append(told(name, source))
    patterns = explained()
    unexplained = [one for one in alive if not any(each.search(one) for each in patterns)]
    for capability, count in sorted(of_each.items()):
        share = noticed[capability] / count
        print(f"{capability:12} {noticed[capability]} of {count} type-correct = {share:.1%}")
    print(f"{len(alive)} survived, {len(unexplained)} of them unexplained; {waiting} did not run")
    print(*unexplained, sep="\n")
    low = any(noticed[one] < LEAST * count for one, count in of_each.items())
    return int(low or bool(unexplained) or bool(waiting) or not of_each)


if __name__ == "__main__":
    sys.exit(main())
