"""The way into a video or voice room."""

import attrs


@attrs.frozen
class Admission:
    """One participant's way in: an opaque room name, a short-lived token, and where signalling is
    reached.
    """

    room: str
    token: str = attrs.field(repr=False)
    url: str
