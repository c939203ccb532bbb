"""Serving: web and worker of one assembled program, from one process."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import uvicorn

from telehealth_app.container import Container
from telehealth_app.settings import Settings, SettingsError


def listen(settings: Settings) -> socket.socket:
    """The socket to serve on; port 0 takes a free one.

    Raises: SettingsError if the port is somebody else's.
    """
    try:
        return socket.create_server((settings.host, settings.port), reuse_port=False)
    except OSError as problem:
        raise SettingsError(
            f"cannot listen on {settings.host}:{settings.port} ({problem.strerror});"
            " name another port: TELEHEALTH_PORT=8001"
        ) from None


def address(listener: socket.socket) -> str:
    """Where the socket is reached, as a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server(app: Any) -> uvicorn.Server:
    """An HTTP server for the app; it logs no request lines, since paths name records."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            ws_max_size=64 * 1024,
            timeout_graceful_shutdown=10,
        )
    )


@contextmanager
def working(container: Container) -> Iterator[None]:
    """The worker at work in a thread of its own; it finishes what it began on leaving."""
    stop = Event()
    thread = Thread(target=container.worker().run, args=(stop,), name="worker")
    thread.start()
    try:
        with sealing(container):
            yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def sealing(container: Container) -> Iterator[None]:
    """The audit sealed from a thread of its own; wherever a worker works."""
    stop = Event()
    thread = Thread(target=container.sealing().run, args=(stop,), name="sealing")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def served(container: Container, *, demo: bool) -> Iterator[str]:
    """Web and worker in threads, on a free port or the settings'; yields the address.

    For the demo and for tests, which go on in the main thread.
    """
    with listen(container.settings()) as listener, working(container):
        web = server(web_app(container, demo=demo))
        thread = Thread(target=web.run, kwargs={"sockets": [listener]}, name="web")
        thread.start()
        try:
            while not web.started and thread.is_alive():
                thread.join(0.01)
            yield address(listener)
        finally:
            web.should_exit = True
            thread.join()


def web_app(container: Container, *, demo: bool) -> Any:
    """The HTTP app; a demo shows the mail that the embedded mailbox keeps."""
    return container.web(mailbox=container.mailbox() if demo else None)
