"""Questionnaires: instruments with a score, and how the score goes over time (F41, F51).

An instrument is data: how many answers, in which range, what their sum is called, and which answer
a human has to see at once. Its wording is not here: clinics use the wording they hold a licence
for.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Self

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    PatientId,
    PracticeId,
    ProgramId,
    QuestionnaireId,
    UserId,
)
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid


@attrs.frozen
class Instrument:
    """One questionnaire: `items` answers from 0 to `most`, whose sum is the score. `bands` names
    the least score of each band, ascending; an answer above 0 to one of the `alarming` items
    (counted from 1) is for a human to see at once (TEL-11).
    """

    code: str
    items: int
    most: int
    bands: tuple[tuple[int, str], ...]
    alarming: frozenset[int] = frozenset()

    def band(self, score: int) -> str:
        """What a score of this height is called."""
        return next(name for least, name in reversed(self.bands) if score >= least)


INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType(
    {
        one.code: one
        for one in (
            Instrument(
                "phq-9",
                9,
                3,
                (
                    (0, "minimal"),
                    (5, "mild"),
                    (10, "moderate"),
                    (15, "moderately severe"),
                    (20, "severe"),
                ),
                frozenset({9}),
            ),
            Instrument(
                "gad-7",
                7,
                3,
                ((0, "minimal"), (5, "mild"), (10, "moderate"), (15, "severe")),
            ),
        )
    }
)
"""The instruments, by code: for depression and for anxiety, both free to use."""


@attrs.frozen
class QuestionnaireAnswered(Event):
    """A patient answered a questionnaire."""


@attrs.frozen
class AlarmingAnswer(Event):
    """A patient gave an answer that a human has to see at once; it says nothing about what it
    was.
    """


@attrs.frozen
class AlarmSeen(Event):
    """Somebody who treats the patient has seen an alarming answer."""


@attrs.frozen(kw_only=True)
class Questionnaire:
    """One patient's answers to one instrument on one occasion, never changed once given."""

    id: QuestionnaireId
    practice_id: PracticeId
    version: int = 1
    patient_id: PatientId
    program_id: ProgramId | None = None
    instrument: str
    answers: tuple[int, ...] = phi()
    score: int = phi()
    answered_at: datetime
    alarm: bool = False
    seen_by: UserId | None = None
    seen_at: datetime | None = None

    @classmethod
    def answer(cls, *, instrument: str, answers: tuple[int, ...], **fields: object) -> Self:
        """Answers to an instrument, checked against it.

        Raises: Invalid.
        """
        known = INSTRUMENTS.get(instrument)
        if known is None:
            raise Invalid("instrument", f"one of {', '.join(INSTRUMENTS)}")
        if len(answers) != known.items or not all(0 <= one <= known.most for one in answers):
            raise Invalid("answers", f"{known.items} numbers from 0 to {known.most}")
        alarm = any(answers[item - 1] for item in known.alarming)
        values: dict[str, object] = {**fields, "alarm": alarm, "score": sum(answers)}
        return cls(instrument=instrument, answers=answers, **values)  # type: ignore[arg-type]

    @property
    def band(self) -> str:
        """What a score of this height is called; a measure, no diagnosis (TEL-11)."""
        return INSTRUMENTS[self.instrument].band(self.score)

    def answered(self, *, by: UserId) -> tuple[Event, ...]:
        """The events that it begins with."""
        given = QuestionnaireAnswered(self.id, self.version, by, self.answered_at)
        alarm = AlarmingAnswer(self.id, self.version, by, self.answered_at)
        return (given, alarm) if self.alarm else (given,)

    def see(self, *, by: UserId, at: datetime) -> tuple[Self, AlarmSeen]:
        """Somebody has seen the alarming answer; the first who did counts.

        Raises: Invalid where there is none.
        """
        if not self.alarm:
            raise Invalid("alarm", "there is none")
        seen = attrs.evolve(
            self,
            version=self.version + 1,
            seen_by=self.seen_by or by,
            seen_at=self.seen_at or at,
        )
        return seen, AlarmSeen(self.id, seen.version, by, at)

    def without_answers(self) -> Self:
        """The score, and that there is an alarm: for the office that looks after it (ACC-03)."""
        return attrs.evolve(self, answers=())

    def score_alone(self) -> Self:
        """The score and no more, for those who follow the patient: an alarm would tell them one of
        the answers (ACC-03).
        """
        return attrs.evolve(self, answers=(), alarm=False, seen_by=None, seen_at=None)
