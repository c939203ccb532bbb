"""What a step of a simulated world is: somebody asks for something."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import attrs

if TYPE_CHECKING:
    from telehealth_core.testing.world.world import World

Call = Callable[[], Any]
Ask = Callable[["World"], Call]
P = ParamSpec("P")
R = TypeVar("R")


def ask(use_case: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Callable[[], R]:
    """A call that can be made again, word for word; one that cannot be made is found by types."""
    return partial(use_case, *args, **kwargs)


class NothingToAsk(Exception):
    """There is nothing yet that this step could be about."""


@attrs.frozen
class Step:
    """One kind of step and how often it is taken, by weight.

    `creates` says that it is asked under a caller-minted id, so that a repeat changes nothing;
    `reads` that it opens a record; `traces` that a refusal of it may leave something behind;
    `faults` whether things go wrong around it.
    """

    name: str
    weight: int
    ask: Ask
    creates: bool = False
    reads: bool = False
    traces: bool = False
    faults: bool = True
