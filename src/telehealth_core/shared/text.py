"""Rules about values that every capability shares: length of text, a usable zone, a plausible
address.
"""

import re
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from telehealth_core.shared.refusal import Invalid

_CONTROL, _CONTROL_BUT_SPACE = (
    re.compile(r"[\x00-\x1f]"),
    re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]"),
)


def line(most: int, *, least: int = 1) -> Any:
    """An attrs validator: one line of text between `least` and `most` characters, without control
    characters.
    """

    def check(_: object, attribute: Any, value: str) -> None:
        if not least <= len(value.strip()) or len(value) > most:
            raise Invalid(attribute.name, f"between {least} and {most} characters")
        if _CONTROL.search(value):
            raise Invalid(attribute.name, "one line without control characters")

    return check


def prose(most: int, *, least: int = 1) -> Any:
    """An attrs validator: text of several lines between `least` and `most` characters."""

    def check(_: object, attribute: Any, value: str) -> None:
        if not least <= len(value.strip()) or len(value) > most:
            raise Invalid(attribute.name, f"between {least} and {most} characters")
        if _CONTROL_BUT_SPACE.search(value):
            raise Invalid(attribute.name, "text without control characters")

    return check


def email(_: object, attribute: Any, value: str) -> None:
    """An attrs validator: something that can be written to; whether it can be reached only a
    message shows.
    """
    if len(value) > 254 or not re.fullmatch(r"[^@\s<>\"(),;:\\]+@[^@\s.]+(\.[^@\s.]+)+", value):
        raise Invalid(attribute.name, "an e-mail address, as in name@example.org")


def zone(name: str, field: str = "zone") -> tzinfo:
    """The IANA time zone of that name.

    Raises: Invalid if there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(field, "an IANA time zone, as in Europe/London") from None


def is_zone(_: object, attribute: Any, value: str) -> None:
    """An attrs validator: the name of an IANA time zone."""
    zone(value, attribute.name)


def place(_: object, attribute: Any, value: str) -> None:
    """An attrs validator: a country or one of its regions (ISO 3166), as in GB or US-NY."""
    if not re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", value):
        raise Invalid(attribute.name, "where somebody is, as in GB or US-NY")
