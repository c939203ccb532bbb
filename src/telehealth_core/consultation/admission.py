"""Admission: the named gates between somebody and the visit's room, the same list for whoever asks
to be let in and for whoever waits for them (F19, F32, TEL-01 to TEL-04, TEL-07, TEL-10, CON-04).
"""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

import attrs

from telehealth_core.consultation.attendance import Side, Whereabouts
from telehealth_core.jurisdictions import JURISDICTIONS
from telehealth_core.practice.practice import Practice
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.approval import licensed
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.session import Mode
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Refusal
from telehealth_core.workforce.provider import Provider


@attrs.frozen
class EmergencyNumbers:
    """Whom to call where the patient is: for life and limb, and in a mental crisis (TEL-04)."""

    emergency: str
    crisis: str


@attrs.frozen
class NotAdmitted(Refusal):
    """At least one gate to the visit's room is shut; `gates` names every one that is.

    Whoever cannot be seen here may need help all the same, so the numbers to call are named
    (TEL-02, TEL-04).
    """

    code: ClassVar[str] = "not-admitted"
    says: ClassVar[str] = (
        "The visit cannot be joined now ({gates}); its room is open from "
        "{opens_at:%Y-%m-%d %H:%M} to {closes_at:%H:%M} UTC. "
        "In an emergency call {emergency_number}."
    )

    gates: str
    opens_at: datetime
    closes_at: datetime
    emergency_number: str
    crisis_number: str


@attrs.frozen(kw_only=True)
class Facts:
    """All that the gates weigh. `said` is what whoever is on the patient's side said for this
    visit; `mode` is how somebody would join, and `agreed_mode` how the visit is held.
    """

    practice: Practice
    appointment: Appointment
    provider: Provider
    window: Interval
    mode: Mode
    agreed_mode: Mode
    consented: bool
    said: Whereabouts
    at: datetime


@attrs.frozen
class GateResult:
    """One gate, open or shut, with what it asks."""

    name: str
    asks: str
    passed: bool


def _open(facts: Facts) -> bool:
    return facts.at in facts.window


def _booked(facts: Facts) -> bool:
    return facts.appointment.status in {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED}


def _location_said(facts: Facts) -> bool:
    return facts.said.location is not None


def _space_said(facts: Facts) -> bool:
    return facts.said.private is not None


def _licensed(facts: Facts) -> bool:
    """For the place where the patient is; until it is said, for the one that was booked."""
    where = facts.said.location or facts.appointment.location
    return licensed(facts.practice, facts.provider, where, facts.at)


def _consented(facts: Facts) -> bool:
    return facts.consented


def _as_agreed(facts: Facts) -> bool:
    return facts.mode is facts.agreed_mode


Gate = tuple[str, str, Callable[[Facts], bool]]

_BOTH: tuple[Gate, ...] = (
    ("open", "The room is open.", _open),
    ("booked", "The visit is booked and not over.", _booked),
    ("licensed", "The provider may treat, now, a patient who is there.", _licensed),
    ("mode", "Video or voice, as agreed.", _as_agreed),
)
GATES: dict[Side, tuple[Gate, ...]] = {
    Side.PATIENT: (
        *_BOTH,
        ("location-said", "The patient's side says where the patient is now.", _location_said),
        ("space-said", "The patient's side says whether they are safe and private.", _space_said),
        ("consented", "The patient agreed to be treated from afar, in today's words.", _consented),
    ),
    Side.PROVIDER: _BOTH,
}
"""What stands between each side and the room. Adding a gate is adding a line."""


def gates(side: Side, facts: Facts) -> tuple[GateResult, ...]:
    """Every gate of that side with its result."""
    return tuple(GateResult(name, asks, passes(facts)) for name, asks, passes in GATES[side])


def numbers_at(practice: Practice, location: str | None) -> EmergencyNumbers:
    """Whom to call where the patient is; in a country we have no pack for, and until a place is
    said, the practice's own numbers (TEL-04).
    """
    packs = JURISDICTIONS.values()
    own = practice.jurisdiction
    there = next((pack for pack in packs if location and pack.covers(location)), own)
    return EmergencyNumbers(there.emergency_number, there.crisis_number)


def require_admitted(side: Side, facts: Facts) -> None:
    """Refuse unless every gate of that side is open.

    Raises: NotAdmitted, naming every one that is shut.
    """
    shut = [gate.name for gate in gates(side, facts) if not gate.passed]
    if shut:
        numbers = numbers_at(facts.practice, facts.said.location)
        raise NotAdmitted(
            ", ".join(shut),
            facts.window.start,
            facts.window.end,
            numbers.emergency,
            numbers.crisis,
        )
