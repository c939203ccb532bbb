"""The application: every route over one clinic, with the same strictness, answers and headers."""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
from litestar import Litestar
from litestar.concurrency import set_asyncio_executor
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import Message

from telehealth_core.shared.refusal import Unavailable
from telehealth_core.telehealth import Telehealth
from telehealth_http import (
    access,
    approval,
    before_visit,
    billing,
    consents,
    consultation,
    desk,
    duplicates,
    emergencies,
    family,
    feedback,
    identity,
    letters,
    medications,
    messaging,
    notes,
    oversight,
    partnership,
    practice,
    prescribing,
    questionnaires,
    records,
    registration,
    scheduling,
    search,
    series,
    sessions,
    treatment,
    waitlist,
    workforce,
)
from telehealth_http.messaging import Mailbox, mailbox_route
from telehealth_http.openapi import OPENAPI
from telehealth_http.problems import HANDLERS
from telehealth_http.requests import (
    admit,
    caller,
    reads,
)
from telehealth_http.signalling import Signalling, signal

BODY_MOST = 256_000
"""The largest JSON body taken, in bytes."""

ACCESS = logging.getLogger("telehealth.access")

HEADERS = (
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
    ),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
"""What every answer carries, refusals and errors included (API-07, ENC-10)."""
_OURS = frozenset(name for name, _ in HEADERS)

CAPABILITIES = (
    access,
    oversight,
    practice,
    registration,
    identity,
    family,
    duplicates,
    consents,
    workforce,
    sessions,
    scheduling,
    before_visit,
    search,
    waitlist,
    approval,
    desk,
    series,
    consultation,
    notes,
    feedback,
    emergencies,
    billing,
    records,
    prescribing,
    letters,
    medications,
    questionnaires,
    treatment,
    partnership,
    messaging,
)


class Application(Litestar):
    """Litestar with our headers on every answer and one line in the access log for each request."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        began = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                theirs = [one for one in message["headers"] if one[0].lower() not in _OURS]
                message["headers"] = [*theirs, *HEADERS]
                _log(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await super().__call__(scope, receive, send_with_headers)


def _log(scope: Any, status: int, seconds: float) -> None:
    """One line a request. The route and not the address: an address may hold personal data."""
    route = scope.get("path_template") or "(no route)"
    ACCESS.info("%s %s %d %.1f ms", scope["method"], route, status, seconds * 1_000)


@attrs.frozen
class Health:
    """That the server answers."""

    status: str = "ok"


@reads("/health", everybody=True, sync_to_thread=False)
def health() -> Health:
    """Tell that the server answers."""
    return Health()


def _ready_route(ready: Callable[[], None]) -> Any:
    @reads("/health/ready", everybody=True)
    def health_ready() -> Health:
        """Tell that the server and what it stands on answer."""
        try:
            ready()
        except Exception as error:
            raise Unavailable("What this server stands on") from error
        return Health()

    return health_ready


def _ready_at_once() -> None:
    """Nothing to ask: for a clinic that stands on nothing outside."""


def create_app(
    clinic: Telehealth,
    *,
    signalling: Signalling | None = None,
    mailbox: Mailbox | None = None,
    ready: Callable[[], None] = _ready_at_once,
    threads: int = 16,
) -> Litestar:
    """The HTTP application of one clinic.

    `threads` is how many requests work at once: as many as the database pool has connections.
    Without `signalling` and `mailbox` their routes do not exist. `ready` raises what is missing.
    """
    _work_in(threads)
    routes: list[Any] = [health, _ready_route(ready)]
    for capability in CAPABILITIES:
        routes.extend(_routes(capability))
    if signalling is not None:
        routes.append(signal)
    if mailbox is not None:
        routes.append(mailbox_route(mailbox))
    return Application(
        routes,
        debug=False,
        dependencies={"caller": Provide(caller, sync_to_thread=False)},
        exception_handlers=HANDLERS,
        guards=[admit],
        logging_config=None,
        openapi_config=OPENAPI,
        request_max_body_size=BODY_MOST,
        state=State({"clinic": clinic, "signalling": signalling}),
    )


def _routes(capability: Any) -> Sequence[Any]:
    routes: Sequence[Any] = capability.ROUTES
    return routes


def _work_in(threads: int) -> None:
    """Have every application of this process run its handlers in so many threads.

    The framework wants to be told outside of a running loop, and servers may load an application
    from within one; so it is told from a thread of its own.
    """
    executor = ThreadPoolExecutor(threads, thread_name_prefix="http")
    executor.submit(set_asyncio_executor, executor).result()
