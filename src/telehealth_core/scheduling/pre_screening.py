"""Answers to the pre-screening form, and which of them a human has to see at once (F20, TEL-11).

There is no place for a diagnosis or a dose here, and none follows.
"""

import attrs

from telehealth_core.practice.pre_screening import Question
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import line, prose


@attrs.frozen(repr=False)
class Answer:
    """One answer of the pre-screening form (F20)."""

    question: str = attrs.field(validator=line(200))
    text: str = attrs.field(validator=prose(2000, least=0))


def red_flags(form: tuple[Question, ...], answers: tuple[Answer, ...]) -> tuple[str, ...]:
    """The questions whose answer the practice marked as a red flag, in the order of the answers.

    A practice without a form takes whatever is told.

    Raises: Invalid for an answer to what was not asked or asked once only, or that is none of the
        choices.
    """
    asked = {question.asks: question for question in form}
    if not asked:
        return ()
    if len({answer.question for answer in answers}) < len(answers):
        raise Invalid("pre_screening", "one answer to each question")
    flagged = []
    for answer in answers:
        question = asked.get(answer.question)
        if question is None:
            raise Invalid("pre_screening", "answers to the questions of the form")
        if question.choices and answer.text not in question.choices:
            raise Invalid("pre_screening", "one of the choices of each question")
        if answer.text in question.red_flags:
            flagged.append(answer.question)
    return tuple(flagged)
