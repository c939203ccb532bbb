"""What else the machine does: a turn that others disturbed says little."""

import os
import re
import resource
import time
from pathlib import Path

import attrs

_PROC = Path("/proc")


@attrs.frozen
class Moment:
    """What the processors had done at an instant, in ticks; all zero where nothing tells."""

    passed: int
    """Of all processors together, at work or idle."""
    used: int
    ours: int
    """Of this process and all that stem from it, those that have ended included."""

    @classmethod
    def now(cls) -> "Moment":
        """This instant."""
        if not (_PROC / "stat").exists():
            return cls(0, 0, 0)
        words = (_PROC / "stat").read_text().split("\n", 1)[0].split()
        ticks = [int(word) for word in words[1:9]]
        passed, idle = sum(ticks), ticks[3] + ticks[4]
        return cls(passed, passed - idle, _ours())

    def others_since(self, earlier: "Moment") -> float:
        """The share of the machine that others used since then."""
        passed = self.passed - earlier.passed
        others = (self.used - earlier.used) - (self.ours - earlier.ours)
        return max(0.0, others / passed) if passed else 0.0


def peak_mb() -> float:
    """The most memory that this process ever had, in MB."""
    if (status := _PROC / "self" / "status").exists():
        (most,) = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
        return int(most) / 2**10
    return (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    )  # bytes where there is no /proc


def others(seconds: float = 0.5) -> float:
    """The share of the machine that others use."""
    before = Moment.now()
    time.sleep(seconds)
    return Moment.now().others_since(before)


def _ours() -> int:
    parents, ticks = {}, {}
    for stat in _PROC.glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        pid = int(stat.parent.name)
        parents[pid], ticks[pid] = int(words[1]), sum(map(int, words[11:15]))
    ours = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(ticks[pid] for pid in ours)
