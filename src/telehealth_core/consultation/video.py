"""The way into a video or voice room."""

import attrs

from telehealth_core.consultation.admission import EmergencyNumbers, GateResult
from telehealth_core.scheduling.session import Mode


@attrs.frozen
class Admission:
    """One participant's way in: an opaque room name, a short-lived token, and where signalling is
    reached.
    """

    room: str
    token: str = attrs.field(repr=False)
    url: str


@attrs.frozen
class Admitted:
    """What somebody who is let in is told: the way in, video or voice, what the other side still
    has before it, and whom to call in an emergency.
    """

    way_in: Admission
    mode: Mode
    other_side: tuple[GateResult, ...]
    numbers: EmergencyNumbers

    @property
    def room(self) -> str:
        """The room's opaque name."""
        return self.way_in.room

    @property
    def token(self) -> str:
        """The short-lived token."""
        return self.way_in.token

    @property
    def url(self) -> str:
        """Where signalling is reached."""
        return self.way_in.url


@attrs.frozen
class WaitingRoom:
    """What both sides have before them, for whoever waits, and whom to call in an emergency."""

    mode: Mode
    patient: tuple[GateResult, ...]
    provider: tuple[GateResult, ...]
    numbers: EmergencyNumbers
