"""What must hold after every step of a simulated world, whatever goes wrong, each by name.

Every invariant tells in a sentence what is wrong, or nothing.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from telehealth_core.access.audit import DONE, READ
from telehealth_core.billing.charge import Charge, ChargeStatus
from telehealth_core.practice.settings import Charging
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.shared.refusal import Refusal, Unavailable
from telehealth_core.testing.world.happening import Happening, rows_of
from telehealth_core.testing.world.place import MARKER, SECRET
from telehealth_core.testing.world.probes import PROBES, charging_of
from telehealth_core.testing.world.steps import Step

if TYPE_CHECKING:
    from telehealth_core.testing.world.world import World

Call = Callable[[], Any]
AfterStep = Callable[["World", Step, Call, Happening], str]
WhenDrained = Callable[["World"], str]
_S = ChargeStatus
_LIVE = frozenset({AppointmentStatus.PENDING, AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED})


def _first(problems: Iterator[str]) -> str:
    return next(problems, "")


# --- the diary ---------------------------------------------------------------------------------


def nobody_twice_at_once(w: "World", _: Step, __: Call, happened: Happening) -> str:
    """No provider, with what is kept free after each visit, and no patient is in two (N01)."""

    def clashes() -> Iterator[str]:
        for (name, _), __, one in happened.changed:
            if name != "appointments" or one is None or not one.occupying(w.now):
                continue
            for other in w.store.rows["appointments"].values():
                here = other.id != one.id and other.practice_id == one.practice_id
                if here and other.occupying(w.now) and one.competes_with(other):
                    yield f"{one.id} {one.during} and {other.id} {other.during}"

    return _first(clashes())


# --- money -------------------------------------------------------------------------------------


def _paid(w: "World", charge: Charge) -> list[list[int]]:
    keys = (key for key in charge.payment_keys if key in w.processor.taken)
    return [w.processor.taken[key] for key in keys]


def _given(w: "World", charge: Charge) -> int:
    return sum(sum(w.processor.given.get(key, [])) for key in charge.payment_keys)


def money_taken_once(w: "World", _: Step, __: Call, ___: Happening) -> str:
    """At most one payment of a charge is not given back, never more than was agreed to."""

    def wrong() -> Iterator[str]:
        for charge in w.store.rows.get("charges", {}).values():
            paid = _paid(w, charge)
            if not paid:
                continue
            kept = sum(map(sum, paid)) - _given(w, charge)
            if any(len(times) > 1 for times in paid):
                yield f"charge {charge.id} was taken twice under one key"
            if len(paid) > 1:
                yield f"charge {charge.id} was taken under {len(paid)} keys"
            if not 0 <= kept <= charge.agreed.minor:
                yield f"charge {charge.id}: {kept} kept of {charge.agreed} agreed"

    return _first(wrong())


def nothing_before_completion(w: "World", _: Step, __: Call, ___: Happening) -> str:
    """Where charging is on completion, nothing is taken while the visit is ahead (PAY-05)."""

    def wrong() -> Iterator[str]:
        for charge in w.store.rows.get("charges", {}).values():
            one = w.store.rows["appointments"][charge.appointment_id]
            ahead = one.status in _LIVE
            later = charging_of(w, charge) is Charging.ON_COMPLETION
            if ahead and later and _paid(w, charge):
                yield f"charge {charge.id} of a visit that is {one.status}"

    return _first(wrong())


# --- what a step may leave behind --------------------------------------------------------------


def refusals_change_nothing(_: "World", step: Step, __: Call, happened: Happening) -> str:
    """Whoever is refused finds everything as it was, and one entry in the trail."""
    if happened.refusal is None or isinstance(happened.refusal, Unavailable) or step.traces:
        return ""
    if happened.own:
        return f"{happened.refusal!r} left {[key for key, *_ in happened.own]}"
    refused = [one for one in happened.entries if one.outcome not in {READ, DONE}]
    if not happened.raced and len(refused) > 1:
        return f"{happened.refusal!r} is told {len(refused)} times in the trail"
    return ""


_UNTOLD = frozenset({"settings_history", "sign_in_attempts"})
"""Written beside a row whose change is told."""


def versions_grow(_: "World", __: Step, ___: Call, happened: Happening) -> str:
    """Every row that is another has a higher version; a new one has had each since the first."""

    def wrong() -> Iterator[str]:
        told = {(event.subject, event.version) for event in happened.events}
        for (name, id), before, after in happened.changed:
            if after is None:
                yield f"{name} {id} is gone"
            elif before is not None and after.version <= before.version:
                yield f"{name} {id} changed under version {after.version}"
            elif name in _UNTOLD or happened.raced:
                continue
            elif before is None and after.version > 1 + sum(one == id for one, _ in told):
                yield f"{name} {id} begins with version {after.version}"

    return _first(wrong())


def changes_are_audited(_: "World", __: Step, ___: Call, happened: Happening) -> str:
    """Every row that changed is in the trail, by its id (N06)."""
    told = {entry.subject for entry in happened.entries}
    missing = [
        (name, id) for (name, id), *_ in happened.changed if id not in told and name not in _UNTOLD
    ]
    return f"no entry of {missing}" if missing else ""


def reads_are_audited(_: "World", step: Step, __: Call, happened: Happening) -> str:
    """Every read of a record is in the trail (N06)."""
    if not step.reads or happened.outcome != "done":
        return ""
    return "" if any(one.outcome == READ for one in happened.entries) else "no entry of a read"


def _marked(text: str) -> bool:
    return MARKER in text or SECRET in text


def no_personal_words(w: "World", _: Step, __: Call, happened: Happening) -> str:
    """Neither trail nor events, refusals, notices or what is printed carry a personal value."""

    def told() -> Iterator[tuple[str, object]]:
        yield "trail", happened.entries
        yield "events", happened.events
        if happened.refusal is not None:
            yield "refusal", (happened.refusal, happened.refusal.facts(), str(happened.refusal))
        for key, _, row in happened.changed:
            yield f"print of {key[0]}", row
        yield "channel", list(w.channels.published.values())[-3:]

    notices = [facts for *_, facts in list(w.notices.sent.values())[-3:]]
    seen = [what for what, words in told() if _marked(repr(words))]
    seen += ["notice"] if MARKER in repr(notices) else []
    return f"a personal word, or a secret, in the {seen[0]}" if seen else ""


def repeats_change_nothing(w: "World", step: Step, call: Call, happened: Happening) -> str:
    """The same creation under the same id changes nothing and is not refused."""
    if not step.creates or happened.outcome != "done" or happened.raced or w.rng.randrange(3):
        return ""
    before = rows_of(w.store)
    try:
        call()
    except Refusal as refusal:
        return f"a repeat is refused: {refusal!r}"
    changed = before.changed(rows_of(w.store))
    return f"a repeat changed {[key for key, *_ in changed]}" if changed else ""


def probes_hold(w: "World", _: Step, __: Call, ___: Happening) -> str:
    """What is found out by asking, now and then."""
    if w.rng.randrange(6):
        return ""
    name, probe = w.rng.choice(PROBES)
    problem = probe(w)
    return f"{name}: {problem}" if problem else ""


AFTER_EACH_STEP: tuple[tuple[str, AfterStep], ...] = tuple(
    (holds.__name__.replace("_", " "), holds)
    for holds in (
        nobody_twice_at_once,
        money_taken_once,
        nothing_before_completion,
        refusals_change_nothing,
        versions_grow,
        changes_are_audited,
        reads_are_audited,
        no_personal_words,
        repeats_change_nothing,
        probes_hold,
    )
)


# --- once everything that waited is done ------------------------------------------------------


def books_agree(w: "World") -> str:
    """What the processor took and gave back of a visit is what the ledger keeps (N04, N05)."""

    def wrong() -> Iterator[str]:
        for charge in w.store.rows.get("charges", {}).values():
            moved = sum(map(sum, _paid(w, charge))) - _given(w, charge)
            if charge.awaits_payer:
                continue  # their bank may know more than we do
            if moved != charge.kept.minor:
                yield f"charge {charge.id}: processor {moved}, ledger {charge.kept}"
            if charge.refunds_made != len(charge.refunds):
                yield f"charge {charge.id}: a refund was never made"

    return _first(wrong())


def charges_are_settled(w: "World") -> str:
    """Every charge is settled, or waits for a person or for an instant (F45)."""

    def wrong() -> Iterator[str]:
        for charge in w.store.rows.get("charges", {}).values():
            one = w.store.rows["appointments"][charge.appointment_id]
            if charge.status is _S.BILLABLE:
                yield f"charge {charge.id} may be taken and nobody takes it"
            if charge.status is _S.COLLECTING and charge.next_at is None:
                yield f"charge {charge.id} is asked about by nobody"
            if charge.status is _S.COLLECTING and charge.next_at <= w.now:
                yield f"charge {charge.id} should have been taken up again"
            if charge.status is _S.PLANNED and one.status not in _LIVE:
                yield f"charge {charge.id} is planned for a visit that is {one.status}"

    return _first(wrong())


def visits_have_charges(w: "World") -> str:
    """A visit that is asked for has its charge; one that is given up keeps at most its fee."""

    def wrong() -> Iterator[str]:
        charges = w.store.rows.get("charges", {})
        for one in w.store.rows.get("appointments", {}).values():
            charge = charges.get(Charge.id_of(one.id))
            if one.requested_at is not None and charge is None:
                yield f"appointment {one.id} has no charge"
            if one.status is AppointmentStatus.CANCELLED and charge is not None:
                over = charge.called_off or charge.settled_without_payment
                if charge.base.minor and not over:
                    yield f"appointment {one.id} is given up, its charge is {charge.status}"

    return _first(wrong())


def offers_are_held(w: "World") -> str:
    """Whoever waits and was offered a time has it, as long as it was promised (N09)."""

    def wrong() -> Iterator[str]:
        for entry in w.store.rows.get("waitlist", {}).values():
            if entry.status != "offered":
                continue
            held = w.store.rows["appointments"][entry.appointment_id]
            if held.status is not AppointmentStatus.HELD or held.lapsed(w.now):
                yield f"entry {entry.id} was offered what is {held.status}"

    return _first(wrong())


def no_hold_outlives_its_deadline(w: "World") -> str:
    """A hold past its deadline is given up by the machinery (N02)."""
    lapsed = [one for one in w.store.rows.get("appointments", {}).values() if one.lapsed(w.now)]
    return f"{len(lapsed)} holds outlived their deadline" if len(lapsed) > 60 else ""


def nobody_waits_forever(w: "World") -> str:
    """No request is left unanswered, no visit unattended, long after its time."""
    late = w.now - timedelta(hours=6)

    def wrong() -> Iterator[str]:
        for one in w.store.rows.get("appointments", {}).values():
            pending = one.status is AppointmentStatus.PENDING and one.during.start < w.now
            missed = one.status is AppointmentStatus.BOOKED and one.during.end < late
            if pending or missed:
                yield f"appointment {one.id} of {one.during} is still {one.status}"

    return _first(wrong())


WHEN_DRAINED: tuple[tuple[str, WhenDrained], ...] = tuple(
    (holds.__name__.replace("_", " "), holds)
    for holds in (
        books_agree,
        charges_are_settled,
        visits_have_charges,
        offers_are_held,
        no_hold_outlives_its_deadline,
        nobody_waits_forever,
    )
)
