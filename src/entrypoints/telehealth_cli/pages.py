"""`telehealth docs`: renders the tables that carry the domain as pages that people read.

The tables are the truth and the pages follow: `render` tells what the pages have to say, `write`
has them say it, and a test compares the two.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import attrs

from telehealth_core.access import emergency as emergency_access
from telehealth_core.access import role_grant
from telehealth_core.access.actor import Relation, Role
from telehealth_core.access.policy import POLICY, Permit
from telehealth_core.billing import card
from telehealth_core.billing import life as charge
from telehealth_core.consultation import emergency, note
from telehealth_core.consultation import life as consultation
from telehealth_core.letters import letter
from telehealth_core.messaging import conversation
from telehealth_core.messaging.notice import NOTICES
from telehealth_core.partnership import partner, referral
from telehealth_core.practice import Settings
from telehealth_core.prescribing import prescription
from telehealth_core.reactions import EVENTS, REACTIONS, Reaction
from telehealth_core.records import conflict, quarantine
from telehealth_core.registration import consent, duplicate, identity_check, patient
from telehealth_core.scheduling import life, session, waitlist
from telehealth_core.shared import Event, Lifecycle, Refusal
from telehealth_core.treatment import medication, program
from telehealth_core.workforce import provider

FOLDER = Path("docs")
BEGIN, END = "<!-- generated: lifecycles -->", "<!-- end -->"
CAPABILITIES: Final = (
    "practice",
    "access",
    "registration",
    "workforce",
    "scheduling",
    "billing",
    "consultation",
    "records",
    "prescribing",
    "letters",
    "treatment",
    "partnership",
    "messaging",
)
"""In the order of the story that docs/domain.md tells."""

LIFECYCLES: Final[tuple[Lifecycle[Any], ...]] = (
    role_grant.LIFECYCLE,
    emergency_access.LIFECYCLE,
    patient.LIFECYCLE,
    identity_check.LIFECYCLE,
    duplicate.LIFECYCLE,
    consent.LIFECYCLE,
    provider.LIFECYCLE,
    session.LIFECYCLE,
    life.LIFECYCLE,
    card.LIFECYCLE,
    waitlist.LIFECYCLE,
    charge.LIFECYCLE,
    consultation.LIFECYCLE,
    note.LIFECYCLE,
    emergency.LIFECYCLE,
    conflict.LIFECYCLE,
    quarantine.LIFECYCLE,
    prescription.LIFECYCLE,
    letter.LIFECYCLE,
    program.LIFECYCLE,
    medication.LIFECYCLE,
    conversation.LIFECYCLE,
    partner.LIFECYCLE,
    referral.LIFECYCLE,
)

_HOME = "telehealth_core."
_EMPTY = "·"

K = TypeVar("K")
T = TypeVar("T")
_BASE: Final = {field.name for field in attrs.fields(Event)}


class Told(Protocol):
    """How one kind of problem is told over HTTP."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def title(self) -> str:
        """A few words that are the same for every problem of the kind."""


def refusals() -> dict[str, type[Refusal]]:
    """Every refusal of the core by its code."""
    found = (one for one in _kinds(Refusal) if one.__module__.startswith(_HOME))
    return {one.code: one for one in found}


def _kinds(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for one in kind.__subclasses__():
        yield one
        yield from _kinds(one)


@attrs.frozen(kw_only=True)
class Tables:
    """What the pages are rendered from.

    `problems` (every refusal) and `transport` (what only HTTP knows) are HTTP's, so whoever asks
    brings them.
    """

    problems: Mapping[str, Told]
    transport: Mapping[str, Told]
    lifecycles: Sequence[Lifecycle[Any]] = LIFECYCLES
    policy: Sequence[Permit] = POLICY
    events: Mapping[str, type[Event]] = attrs.field(factory=lambda: dict(EVENTS))
    reactions: Sequence[Reaction] = REACTIONS
    notices: Mapping[type[Event], tuple[str, str]] = attrs.field(factory=lambda: dict(NOTICES))
    refusals: Mapping[str, type[Refusal]] = attrs.field(factory=refusals)
    settings: type[Settings] = Settings


def render(tables: Tables, folder: Path = FOLDER) -> dict[Path, str]:
    """What each generated page has to say.

    Of `domain.md` only the part between the markers is generated; the rest is kept as it stands.
    """
    domain = folder / "domain.md"
    return {
        domain: _between_markers(domain.read_text("utf-8"), lifecycle_section(tables)),
        folder / "permissions.md": permissions_page(tables),
        folder / "events.md": events_page(tables),
        folder / "errors.md": errors_page(tables),
        folder / "settings.md": settings_page(tables),
    }


def stale(tables: Tables, folder: Path = FOLDER) -> tuple[Path, ...]:
    """The pages that do not say what the tables say."""
    pages = render(tables, folder).items()
    return tuple(path for path, text in pages if not _says(path, text))


def write(tables: Tables, folder: Path = FOLDER) -> tuple[Path, ...]:
    """Have every page say what the tables say; the pages that did not before."""
    changed = stale(tables, folder)
    pages = render(tables, folder)
    for path in changed:
        path.write_text(pages[path], "utf-8", newline="\n")
    return changed


def _says(path: Path, text: str) -> bool:
    return path.exists() and path.read_text("utf-8") == text


def _between_markers(page: str, generated: str) -> str:
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no part between {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{generated}{END}{after}"


def lifecycle_section(tables: Tables) -> str:
    """A state diagram for every kind of aggregate that has a life."""
    lines = [
        "<!-- `make docs` renders this part from the `LIFECYCLE` table of each aggregate. -->",
        "",
    ]
    for lifecycle in tables.lifecycles:
        lines += [f"### {_spaced(lifecycle.of)}", "", "```mermaid", *_diagram(lifecycle), "```", ""]
    return _page(lines)


def _diagram(lifecycle: Lifecycle[Any]) -> Iterator[str]:
    words: type[StrEnum] = type(lifecycle.initial)
    states = list(words)
    yield "stateDiagram-v2"
    for state in states:
        if "-" in state:
            yield f'    state "{state}" as {_name(state)}'
    yield f"    [*] --> {_name(lifecycle.initial)}"
    left = set()
    for start in states:
        for end in states:
            if verbs := _verbs(lifecycle, start, end):
                yield f"    {_name(start)} --> {_name(end)}: {', '.join(verbs)}"
                left |= {start} - {end}
    for state in states:
        if state not in left:
            yield f"    {_name(state)} --> [*]"


def _verbs(lifecycle: Lifecycle[Any], start: StrEnum, end: StrEnum) -> list[str]:
    return [
        verb
        for verb, (allowed, following) in lifecycle.transitions.items()
        if start in allowed and end == (start if following is None else following)
    ]


def _name(state: str) -> str:
    return state.replace("-", "_")


def permissions_page(tables: Tables) -> str:
    """Who may do what: a line for each action, a column for each role."""
    rows = [
        (
            f"`{action}`",
            *(_granted(permits, role) for role in Role),
            _with_purpose(permits),
            ", ".join(dict.fromkeys(id for permit in permits for id in permit.source.split())),
        )
        for action, permits in _grouped(tables.policy, lambda permit: permit.action)
    ]
    lines = [
        "# Permissions",
        "",
        _from("the `POLICY` table in `src/telehealth_core/access/policy.py`"),
        "",
        "What no line grants is refused.",
        "A cell names the relations in which a role may do the action:",
        "how the actor stands to the thing it touches, worked out from what is stored.",
        "Several relations in one cell: any of them is enough.",
        "`with a purpose` names the roles that have to say what they need it for (ACC-05).",
        "`source` names the feature (F, N) or the rule of law or practice that the line follows.",
        "",
        *_table(("relation", "means"), _meanings(Relation)),
        "",
        "A stranger, who stands in no relation but `member` to a thing, is told `unknown` and",
        "not `not-permitted`: that it exists is nobody else's business.",
        "",
        *_table(("action", *Role, "with a purpose", "source"), rows),
        "",
    ]
    return _page(lines)


def _granted(permits: Iterable[Permit], role: Role) -> str:
    relations = {permit.relation for permit in permits if permit.role is role}
    return ", ".join(one for one in Relation if one in relations) or _EMPTY


def _with_purpose(permits: Iterable[Permit]) -> str:
    roles = {permit.role for permit in permits if permit.needs_purpose}
    return ", ".join(one for one in Role if one in roles) or _EMPTY


def events_page(tables: Tables) -> str:
    """What happens, what it means, and what follows from it."""
    lines = [
        "# Events",
        "",
        _from(
            "the event classes of `telehealth_core`, the `REACTIONS` table in "
            "`src/telehealth_core/reactions.py` and the `NOTICES` table in "
            "`src/telehealth_core/messaging/notice.py`"
        ),
        "",
        "Every event carries its subject's id and version, who did it, and when: never PHI.",
        "A worker runs each reaction at least once, and every reaction is safe to repeat.",
        "From an event without a reaction nothing follows by itself;",
        "it stands in the audit trail all the same.",
        "",
    ]
    by_capability = _grouped(_in_order(tables.events.values()), _capability)
    for capability, kinds in by_capability:
        rows = [(f"`{one.__name__}`", _means(one), _follows(tables, one)) for one in kinds]
        lines += [f"## {capability.capitalize()}", ""]
        lines += [*_table(("event", "means", "what follows"), rows), ""]
    lines += ["## What the reactions do", ""]
    told = {reaction.name: reaction.use_case for reaction in tables.reactions}
    done = [(f"`{name}`", _does(use_case)) for name, use_case in told.items()]
    return _page([*lines, *_table(("reaction", "does"), done)])


def _in_order(kinds: Iterable[type[Event]]) -> list[type[Event]]:
    """By capability and module, and within one as they stand there."""
    own = (kind for kind in kinds if kind.__module__.startswith(_HOME))
    return sorted(own, key=lambda one: (CAPABILITIES.index(_capability(one)), one.__module__))


def _capability(kind: type[Event]) -> str:
    return kind.__module__.split(".")[1]


def _means(kind: type[Event]) -> str:
    more = [f"`{field.name}`" for field in attrs.fields(kind) if field.name not in _BASE]
    return _told(kind) + (f" Carries {', '.join(more)} too." if more else "")


def _follows(tables: Tables, kind: type[Event]) -> str:
    template = tables.notices.get(kind, ("",))[0]
    names = (
        f"`{one.name}`" + (f" with `{template}`" if template and "notify" in one.name else "")
        for one in tables.reactions
        if one.event is kind
    )
    return ", ".join(names) or _EMPTY


def _does(use_case: Callable[..., Any]) -> str:
    """What a reaction does: the use case's own words, up to those that say it is one."""
    said = re.split(r"[:;]\s(?:a\s)?reaction\b", _told(use_case))[0]
    return said if said.endswith(".") else f"{said}."


def errors_page(tables: Tables) -> str:
    """Every refusal as HTTP tells it."""
    order = sorted(tables.problems, key=lambda code: (tables.problems[code].status, code))
    lines = [
        "# Errors",
        "",
        _from(
            "the `PROBLEMS` table in `src/entrypoints/telehealth_http/problems.py` and the refusals"
            " of `telehealth_core`"
        ),
        "",
        "An answer is problem details (RFC 9457, `application/problem+json`):",
        "`type`, `title`, `status`, `detail`, and of ours `code` and, for `invalid`, `errors`.",
        "`code` is stable and meant for programs; `detail` is the sentence, for people.",
        "Words in braces are facts, and `detail` has the facts themselves in their place.",
        "Nothing was changed by whatever was refused.",
        "",
    ]
    for status, codes in _grouped(order, lambda code: tables.problems[code].status):
        rows = [
            (
                f"`{code}`",
                tables.problems[code].title,
                _sentence(tables.refusals[code]),
                _told(tables.refusals[code]),
            )
            for code in codes
        ]
        lines += [f"## Status {status}", ""]
        lines += [*_table(("code", "title", "sentence", "means"), rows), ""]
    others = [(f"`{code}`", str(one.status), one.title) for code, one in tables.transport.items()]
    lines += [
        "## Problems of HTTP itself",
        "",
        "These come from the `TRANSPORT` table of the same module; no rule of the core is behind",
        "them. `unexpected` brings a `reference` that the server's log has too.",
        "",
        *_table(("code", "status", "title"), others),
    ]
    return _page(lines)


def settings_page(tables: Tables) -> str:
    """Every parameter that an administrator can change, with its bounds and its choices."""
    numbers = [
        (
            f"`{name}`",
            str(default),
            f"{parameter.least} to {parameter.most}",
            parameter.says,
            parameter.source,
        )
        for name, (default, parameter) in tables.settings.parameters().items()
    ]
    lines = [
        "# Settings",
        "",
        _from("`Settings` in `src/telehealth_core/practice/settings.py`"),
        "",
        "Every rule of a practice runs by these, and its administrators may change each (F30).",
        "A name ends with its unit: minutes, hours, days, `bp` for hundredths of a percent;",
        "`most` is how many at most.",
        "Every change makes another version, and all versions are kept;",
        "a visit goes by the version it was booked under.",
        "",
        "## Numbers",
        "",
        *_table(("parameter", "usual", "from, to", "means", "source"), numbers),
        "",
        "## Texts and switches",
        "",
        *_table(("parameter", "means"), _words(tables.settings)),
        "",
    ]
    for field in attrs.fields(tables.settings):
        if isinstance(field.type, type) and issubclass(field.type, StrEnum):
            lines += [f"## {_spaced(field.type.__name__)}", "", f"{_told(field.type)}", ""]
            lines += [*_table((f"`{field.name}`", "means"), _meanings(field.type)), ""]
    return _page(lines)


def _sentence(refusal: type[Refusal]) -> str:
    """What the refusal says, without the form that its facts are written in."""
    return re.sub(r"\{(\w+):[^}]*\}", r"{\1}", refusal.says)


def _meanings(words: type[StrEnum]) -> Iterator[tuple[str, str]]:
    """The members of an enumeration, each with the sentence that stands below it."""
    for member, said in _said(words):
        if isinstance(member, ast.Assign):
            yield f"`{ast.literal_eval(member.value)}`", said


def _words(settings: type[Any]) -> Iterator[tuple[str, str]]:
    """The settings that are no numbers and no choices, each with the sentence below it."""
    for base in reversed(settings.__mro__[:-1]):
        for field, said in _said(base):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                yield f"`{field.target.id}`", said


def _said(words: type[Any]) -> Iterator[tuple[ast.stmt, str]]:
    """What a class body has a sentence below, with the sentence on one line."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(words))).body
    assert isinstance(body, ast.ClassDef), "asked of classes only"
    for thing, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(below, ast.Expr):
            yield thing, " ".join(str(ast.literal_eval(below.value)).split())


def _told(thing: Any) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def _spaced(name: str) -> str:
    """`IdentityCheck` as `Identity check`."""
    return re.sub(r"(?<=[a-z])([A-Z])", r" \1", name).capitalize()


def _from(tables: str) -> str:
    return f"*`make docs` renders this page from {tables}. Change those, never this.*"


def _grouped(things: Iterable[T], key: Callable[[T], K]) -> list[tuple[K, list[T]]]:
    groups: dict[K, list[T]] = {}
    for thing in things:
        groups.setdefault(key(thing), []).append(thing)
    return list(groups.items())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head))
    for row in rows:
        yield _row([cell.replace("|", "\\|") for cell in row])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"
