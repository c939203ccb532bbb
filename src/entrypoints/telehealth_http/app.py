"""The application: every route over one clinic, with the same strictness, answers and headers."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from litestar import Litestar, get
from litestar.concurrency import set_asyncio_executor
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.types import Message, Receive, Scope, Send

from telehealth_core.telehealth import Telehealth
from telehealth_http import access, billing, consultation, practice, registration, scheduling, workforce
from telehealth_http.problems import HANDLERS
from telehealth_http.signalling import signal as signalling_route
from telehealth_http.requests import caller, reads, require_sign_in

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


class Application(Litestar):
    """Litestar with our headers on every answer and one line in the access log for each request."""

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        began = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name for name, _ in HEADERS}
                others = [one for one in message["headers"] if one[0].lower() not in names]
                message["headers"] = [*others, *HEADERS]
                # The route and not the address: that may hold what is nobody's business.
                ACCESS.info(
                    "%s %s %s %.1f ms",
                    scope["method"],
                    scope.get("path_template") or "(no route)",
                    message["status"],
                    (time.perf_counter() - began) * 1_000,
                )
            await send(message)

        await super().__call__(scope, receive, send_with_headers)


@get("/health", sync_to_thread=False, everybody=True)
def health() -> dict[str, str]:
    """Tell that the server answers."""
    return {"status": "ok"}


@reads("/health/ready", everybody=True)
def health_ready(ready: Callable[[], None]) -> dict[str, str]:
    """Tell that the server and what it stands on answer."""
    ready()
    return {"status": "ok"}


def _nothing_to_ask() -> None:
    """Ready at once: for a clinic that stands on nothing outside."""


def create_app(
    clinic: Telehealth,
    *,
    signalling: Any = None,
    mailbox: Any = None,
    ready: Callable[[], None] = _nothing_to_ask,
    threads: int = 16,
) -> Litestar:
    """The HTTP application of one clinic.

    `threads` is how many requests work at once: as many as the database pool has connections.
    """
    set_asyncio_executor(ThreadPoolExecutor(threads, thread_name_prefix="http"))
    return Application(
        [health, *access.ROUTES, *practice.ROUTES, *registration.ROUTES, *billing.ROUTES, *workforce.ROUTES, *scheduling.ROUTES, *consultation.ROUTES, *([] if signalling is None else [signalling_route])],
        debug=False,
        dependencies={"caller": Provide(caller, sync_to_thread=False)},
        exception_handlers=HANDLERS,
        guards=[require_sign_in],
        logging_config=None,
        openapi_config=OpenAPIConfig("telehealth-core", "1", use_handler_docstrings=True),
        request_max_body_size=BODY_MOST,
        state=State({"clinic": clinic, "signalling": signalling}),
    )
