"""One place in a Bundle: its value, where it is, and typed ways further down."""

from collections.abc import Iterator
from typing import Any, NoReturn

import attrs


class BrokenBundle(Exception):
    """A file that cannot be taken: which, where in it, and what is wrong, without its values."""

    def __init__(self, source: str, where: str, problem: str) -> None:
        super().__init__(source, where, problem)
        self.source, self.where, self.problem = source, where, problem

    def __str__(self) -> str:
        return f"{self.source}: {self.where}: {self.problem}"


@attrs.frozen
class Element:
    """A JSON object of a Bundle, at a FHIRPath-like place such as `Bundle.entry[3].resource`."""

    source: str
    where: str
    fields: dict[str, Any] = attrs.field(repr=False)

    def broken(self, name: str | None, problem: str) -> NoReturn:
        """Refuse the file for this element, or for the named field of it."""
        where = self.where if name is None else f"{self.where}.{name}"
        raise BrokenBundle(self.source, where, problem)

    def text(self, name: str) -> str | None:
        """The string of that name, or None if there is none."""
        value = self.fields.get(name)
        if value is None and name not in self.fields:
            return None
        return self._as_text(name, value)

    def texts(self, name: str) -> tuple[str, ...]:
        """The strings of that name; one that has only extensions (`_name`) is left out."""
        values = self._list(name)
        bare = len(self._list(f"_{name}")) > 0
        return tuple(
            self._as_text(f"{name}[{index}]", value)
            for index, value in enumerate(values)
            if not (value is None and bare)
        )

    def flag(self, name: str) -> bool:
        """The boolean of that name; absent is false."""
        value = self.fields.get(name, False)
        if not isinstance(value, bool):
            self.broken(name, "true or false is needed here")
        return value

    def element(self, name: str) -> "Element | None":
        """The object of that name, or None if there is none."""
        if name not in self.fields:
            return None
        return self._as_element(name, self.fields[name])

    def elements(self, name: str) -> "Iterator[Element]":
        """The objects of that name, in order."""
        for index, value in enumerate(self._list(name)):
            yield self._as_element(f"{name}[{index}]", value)

    def _list(self, name: str) -> list[Any]:
        values = self.fields.get(name, [])
        if not isinstance(values, list):
            self.broken(name, "a list is needed here")
        return values

    def _as_text(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            self.broken(name, "a string is needed here")
        if not value.strip():
            self.broken(name, "a string is never empty")
        return value.strip()

    def _as_element(self, name: str, value: object) -> "Element":
        if not isinstance(value, dict):
            self.broken(name, "an object is needed here")
        return Element(self.source, f"{self.where}.{name}", value)
