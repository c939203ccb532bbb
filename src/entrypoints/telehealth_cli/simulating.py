"""`telehealth simulate`: tells seeded stories of a simulated world, and replays the one that broke
something.
"""

from collections import Counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from telehealth_core.testing.world import Broken, Fault, World

HELD, BROKE = 0, 1


def simulate(console: Console, *, seed: int, steps: int, runs: int) -> int:
    """So many stories of so many steps, from this seed on; the first that breaks something is told
    with the command that replays it.
    """
    faults: Counter[Fault] = Counter()
    done: Counter[bool] = Counter()
    for one in range(seed, seed + runs):
        try:
            world = _told(console, one, steps)
        except Broken as broken:
            console.print(Text(str(broken), style="red"), soft_wrap=True)
            return BROKE
        faults += world.faults.seen
        for (_, outcome), times in world.outcomes.items():
            done[outcome == "done"] += times
    stories = "1 story" if runs == 1 else f"{runs} stories"
    console.print(
        f"{stories} of {steps} steps from seed {seed}: {done[True]} steps done, "
        f"{done[False]} refused or cut short, {sum(faults.values())} things went wrong, "
        "and everything that must hold held",
        soft_wrap=True,
    )
    for fault, times in faults.most_common():
        console.print(f"{times:>8}  {fault}", soft_wrap=True)
    return HELD


def _told(console: Console, seed: int, steps: int) -> World:
    """One story, while whoever watches sees how far it is."""
    columns = (TextColumn("seed"), TextColumn(str(seed)), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        story = progress.add_task("steps", total=steps)
        return World(seed).run(steps, tell=lambda number: progress.update(story, completed=number))
