"""The pre-screening form: what a practice asks before a visit (F20).

It sorts nothing and judges nothing: an answer that the practice marked as a red flag reaches a
human, and the patient is told whom to call (TEL-11).
"""

from typing import Any

import attrs

from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import line

QUESTIONS_MOST = 40


@attrs.frozen(kw_only=True)
class Question:
    """One question of the form. Without `choices` it is answered in free words; `red_flags` are the
    choices that a human has to see at once.
    """

    asks: str = attrs.field(validator=line(200))
    choices: tuple[str, ...] = attrs.field(default=())
    red_flags: frozenset[str] = frozenset()

    @choices.validator
    def _choices(self, attribute: Any, value: tuple[str, ...]) -> None:
        if len(value) > 20 or len(set(value)) < len(value):
            raise Invalid(attribute.name, "at most twenty, each once")
        for one in value:
            line(200)(self, attribute, one)

    def __attrs_post_init__(self) -> None:
        if not self.red_flags <= set(self.choices):
            raise Invalid("red_flags", "only what is among the choices")


def one_form(_: object, attribute: Any, value: tuple[Question, ...]) -> None:
    """An attrs validator: a form in which no question stands twice."""
    if len(value) > QUESTIONS_MOST or len({one.asks for one in value}) < len(value):
        raise Invalid(attribute.name, f"at most {QUESTIONS_MOST} questions, each once")
