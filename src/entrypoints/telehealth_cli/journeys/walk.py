"""A walk: requests made one after the other, each compared with what is expected, and told."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import httpx

Expected = int | tuple[int, str]
"""The status of the answer, and for a refusal its code."""
Holds = Callable[[Any], bool]
Show = Callable[[Any], str]

POLL_SECONDS = 0.1
_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{8}([0-9a-f]{4})\b")


class Stopped(Exception):
    """A step failed that the rest of the journey builds on; it was told already."""


@attrs.frozen
class Told:
    """One step as the listener hears it: who wanted what, the request, and what came of it."""

    number: int
    role: str
    what: str
    request: str
    outcome: str
    ok: bool


@attrs.define
class Walk:
    """Makes requests as people do, tells each, and counts how many went as expected.

    `base_url` is where the client asks; what else is reached there (the WebSocket) needs it too.
    """

    client: httpx.Client
    base_url: str
    tell: Callable[[Told], None]
    steps: int = 0
    ok: int = 0
    _quiet: bool = attrs.field(default=False, init=False)
    _asked: int = attrs.field(default=0, init=False)

    def step(
        self,
        role: str,
        what: str,
        method: str,
        path: str,
        *,
        token: str | None = None,
        expect: Expected = 200,
        holds: Holds | None = None,
        show: Show | None = None,
        **request: Any,
    ) -> Any:
        """Ask, compare, tell; the answer is JSON, or bytes where the server sends a file.

        `request` goes to the client as it is (`json`, `content`, `files`, `params`, `headers`). An
        expected answer that does not hold up is a failed step, and the journey goes on.
        Raises: Stopped for an answer of another kind than the one expected.
        """
        asked = f"{method} {path}"
        response = self._ask(role, what, (method, path), token, request)
        body, (status, code) = _body(response), _expected(expect)
        if response.status_code != status or code not in {None, _code(body)}:
            self._done(role, what, asked, f"{_words(response, body, None)}, not {expect}", ok=False)
            if code is None:
                raise Stopped
            return body
        try:
            held = holds is None or holds(body)
            outcome = _words(response, body, show)
        except (LookupError, TypeError, ValueError, AttributeError):
            self._done(role, what, asked, f"{status}, but in another shape", ok=False)
            raise Stopped from None
        self._done(role, what, asked, outcome if held else f"{outcome}: not expected", ok=held)
        return body

    def until(
        self,
        role: str,
        what: str,
        path: str,
        *,
        holds: Holds,
        show: Show,
        token: str | None = None,
        seconds: float = 15.0,
        **request: Any,
    ) -> Any:
        """Ask again and again until the answer holds up: one step, for what the worker does.

        Raises: Stopped if it does not within so many seconds.
        """
        began, asked = time.monotonic(), f"GET {path}"
        while True:
            response = self._ask(role, what, ("GET", path), token, request)
            body, waited = _body(response), time.monotonic() - began
            if response.status_code == 200 and holds(body):
                outcome = f"{_words(response, body, show)} (within {waited:.1f} s)"
                self._done(role, what, asked, outcome, ok=True)
                return body
            if waited >= seconds:
                words = _words(response, body, show if response.status_code == 200 else None)
                self._done(role, what, asked, f"still {words} after {waited:.0f} s", ok=False)
                raise Stopped
            time.sleep(POLL_SECONDS)

    def act(self, role: str, what: str, asked: str, do: Callable[[], str]) -> None:
        """Do something else than one request; `do` answers the outcome.

        Raises: Stopped if it fails.
        """
        try:
            outcome = do()
        except (OSError, ValueError, LookupError, EOFError) as error:
            self._done(role, what, asked, f"failed: {str(error) or type(error).__name__}", ok=False)
            raise Stopped from None
        self._done(role, what, asked, outcome, ok=True)

    @contextmanager
    def together(self, role: str, what: str, outcome: str) -> Iterator[None]:
        """Tell several requests, which were told one by one before, as one step; the outermost."""
        inside, failed = self._quiet, self.steps - self.ok
        self._quiet, self._asked = True, self._asked if inside else 0
        try:
            yield
        finally:
            self._quiet = inside
        if not inside and self.steps - self.ok == failed:
            self._done(role, what, f"{self._asked} requests", outcome, ok=True)

    def _ask(
        self,
        role: str,
        what: str,
        target: tuple[str, str],
        token: str | None,
        request: dict[str, Any],
    ) -> httpx.Response:
        signed = {"Authorization": f"Bearer {token}"} if token else {}
        headers = {**signed, **request.get("headers", {})}
        try:
            return self.client.request(*target, **{**request, "headers": headers})
        except httpx.HTTPError as error:
            outcome = f"no answer: {str(error) or type(error).__name__}"
            self._done(role, what, " ".join(target), outcome, ok=False)
            raise Stopped from None

    def _done(self, role: str, what: str, asked: str, outcome: str, *, ok: bool) -> None:
        self._asked += 1
        if self._quiet and ok:
            return
        self.steps += 1
        self.ok += ok
        self.tell(Told(self.steps, role, what, _ID.sub(r"…\1", asked), outcome, ok))


def _expected(expect: Expected) -> tuple[int, str | None]:
    return expect if isinstance(expect, tuple) else (expect, None)


def _body(response: httpx.Response) -> Any:
    """JSON as what it says, a file as bytes, nothing as None."""
    kind = response.headers.get("content-type", "")
    try:
        return response.json() if "json" in kind else response.content or None
    except ValueError:
        return response.content


def _code(body: Any) -> str | None:
    return body.get("code") if isinstance(body, dict) else None


def _words(response: httpx.Response, body: Any, show: Show | None) -> str:
    """The outcome for people: a refusal by its code and sentence, else what `show` makes of it."""
    status, code = response.status_code, _code(body)
    if status < 400:
        shown = show(body) if show else response.reason_phrase.lower()
        return f"{status} {shown}"
    if code is None:
        return f"{status} {response.reason_phrase.lower()}"
    rules = [f"{each['field']}: {each['rule']}" for each in body.get("errors", [])]
    days = [f"{each['day']} ({', '.join(each['rules'])})" for each in body.get("conflicts", [])]
    return f"{status} {code}: {'; '.join(rules or days) or body.get('detail', '')}"
