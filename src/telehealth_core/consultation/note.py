"""The visit's note: structured, written by its provider, unchangeable once signed; whatever comes
later is an addendum (F37, IDV-04, CHD-06, SAF-03).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

import attrs

from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    NoteId,
    PatientId,
    PracticeId,
    ProviderId,
    UserId,
    derived,
)
from telehealth_core.shared.lifecycle import Lifecycle
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import IdReused, Invalid
from telehealth_core.shared.text import prose

LATE_AFTER = timedelta(hours=24)
"""A note signed, or added to, later than this after the visit began is marked as late."""


class NoteStatus(StrEnum):
    """Whether the note can still change."""

    DRAFT = "draft"
    SIGNED = "signed"


_S = NoteStatus
LIFECYCLE: Lifecycle[NoteStatus] = Lifecycle(
    "VisitNote",
    _S.DRAFT,
    {
        "edit": (frozenset({_S.DRAFT}), None),
        "sign": (frozenset({_S.DRAFT}), _S.SIGNED),
        "add": (frozenset({_S.SIGNED}), None),
        "hide": (frozenset({_S.DRAFT, _S.SIGNED}), None),
    },
)


class AddendumKind(StrEnum):
    """Why something was added."""

    CORRECTION = "correction"
    """What stands in the note is wrong; it stays readable beside what is right."""
    LATE_ENTRY = "late-entry"
    """What belongs to the visit and was not written then."""


class NoteDrafted(Event):
    """The provider began the visit's note."""


class NoteEdited(Event):
    """The provider changed the draft."""


class NoteSigned(Event):
    """The note is part of the record and never changes."""


class NoteAddedTo(Event):
    """Something was added to a signed note."""


class NoteHidden(Event):
    """The provider hid the note from the patient's guardians."""


class NoteShown(Event):
    """The provider shows the note to the patient's guardians again."""


def _section(most: int = 8_000) -> Any:
    return attrs.field(default=None, validator=attrs.validators.optional(prose(most)))


@attrs.frozen(kw_only=True, repr=False)
class NoteBody:
    """What a note says, in sections; every one is personal."""

    summary: str | None = _section(20_000)
    history: str | None = _section()
    findings: str | None = _section()
    assessment: str | None = _section()
    plan: str | None = _section()

    def __attrs_post_init__(self) -> None:
        if not any(attrs.astuple(self)):
            raise Invalid("body", "at least one section")


@attrs.frozen(kw_only=True)
class Addendum:
    """Something added to a signed note: by whom, when and why; the note itself stays (SAF-03)."""

    id: UUID
    kind: AddendumKind
    by: UserId
    at: datetime
    reason: str = phi(validator=prose(500))
    text: str = phi(validator=prose(8_000))


@attrs.frozen(kw_only=True)
class VisitNote:
    """The note of one visit, by its provider.

    A draft is its author's alone. `hidden` keeps it from the patient's guardians (CHD-06);
    `visit_at` is when the visit began.
    """

    id: NoteId
    practice_id: PracticeId
    version: int = 1
    status: NoteStatus = LIFECYCLE.initial
    appointment_id: AppointmentId
    patient_id: PatientId
    provider_id: ProviderId
    author: UserId
    body: NoteBody = phi()
    hidden: bool = False
    addenda: tuple[Addendum, ...] = phi(default=())
    visit_at: datetime
    drafted_at: datetime
    signed_at: datetime | None = None

    @staticmethod
    def id_of(appointment_id: AppointmentId) -> NoteId:
        """A visit has one note; its id follows from the appointment's."""
        return NoteId(derived(appointment_id, "note"))

    @classmethod
    def draft(cls, **fields: Any) -> tuple[Self, NoteDrafted]:
        """A new note; see the class for the fields."""
        note = cls(**fields)
        return note, NoteDrafted(note.id, note.version, note.author, note.drafted_at)

    @property
    def late(self) -> bool:
        """Whether it was signed long after the visit (SAF-03)."""
        return self.signed_at is not None and self.signed_at > self.visit_at + LATE_AFTER

    def edit(self, body: NoteBody, *, by: UserId, at: datetime) -> tuple[Self, NoteEdited]:
        """Write the draft anew.

        Raises: IllegalTransition once signed.
        """
        edited = self._after("edit", body=body)
        return edited, NoteEdited(self.id, edited.version, by, at)

    def sign(self, *, by: UserId, at: datetime) -> tuple[Self, NoteSigned]:
        """Make it part of the record; it never changes afterwards.

        Raises: IllegalTransition once signed.
        """
        signed = self._after("sign", signed_at=at)
        return signed, NoteSigned(self.id, signed.version, by, at)

    def added(self, addendum: Addendum) -> bool:
        """Whether this very addendum is there already.

        Raises: IdReused if its id names another one.
        """
        existing = next((one for one in self.addenda if one.id == addendum.id), None)
        if existing is not None and attrs.evolve(existing, at=addendum.at) != addendum:
            raise IdReused("addendum", addendum.id)
        return existing is not None

    def add(self, addendum: Addendum) -> tuple[Self, NoteAddedTo]:
        """Add to the signed note, of which nothing changes (SAF-03).

        Raises: IllegalTransition unless signed.
        """
        longer = self._after("add", addenda=(*self.addenda, addendum))
        return longer, NoteAddedTo(self.id, longer.version, addendum.by, addendum.at)

    def hide(
        self, *, hidden: bool, by: UserId, at: datetime
    ) -> tuple[Self, NoteHidden | NoteShown]:
        """Hide the note from the patient's guardians, or show it to them (CHD-06)."""
        changed = self._after("hide", hidden=hidden)
        happened = NoteHidden if hidden else NoteShown
        return changed, happened(self.id, changed.version, by, at)

    def _after(self, verb: str, **changes: Any) -> Self:
        status = LIFECYCLE.after(verb, self.status)
        return attrs.evolve(self, version=self.version + 1, status=status, **changes)
