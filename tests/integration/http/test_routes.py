"""Every route: who may use it, what it refuses, what each answer carries."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any, get_origin, get_type_hints
from uuid import UUID

import attrs
import msgspec
import pytest
from litestar import Litestar
from litestar.concurrency import get_asyncio_executor
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from integration.http.clinic import Clinic
from telehealth_http import create_app
from telehealth_http.app import HEADERS

EVERYBODY = {
    "GET /health",
    "GET /health/ready",
    "GET /openapi.json",
    "GET /v1/practices/{slug:str}",
    "POST /v1/prescription-claims",
    "POST /v1/registrations",
    "POST /v1/registrations/invited",
    "POST /v1/registrations/taken-over",
    "POST /v1/sign-ins",
}
FRAMEWORK = {"/openapi.json/{path:str}", "/openapi.json/openapi.json"}
"""Pages of the framework's, which are never served."""


def handlers(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Every method, path and handler of the application."""
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path not in FRAMEWORK:
            for method, (handler, _) in route.route_handler_map.items():
                if method != "OPTIONS":
                    yield str(method), route.path, handler


ROUTES = sorted((method, path) for method, path, _ in handlers(Clinic.opened().app))


def somewhere(path: str) -> str:
    """An address of that route."""
    for name, value in (
        ("{id:uuid}", str(UUID(int=7))),
        ("{guardian:uuid}", str(UUID(int=9))),
        ("{document_id:uuid}", str(UUID(int=8))),
        ("{channel:str}", "care"),
        ("{slug:str}", "hudson"),
    ):
        path = path.replace(name, value)
    assert "{" not in path, path
    return path


@pytest.fixture(scope="module")
def shared() -> Iterator[Clinic]:
    """Yield one clinic for all walks over the routes: none of them changes anything."""
    opened = Clinic.opened()
    with opened.client:
        yield opened


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_who_is_not_signed_in_is_refused_except_where_everybody_is_welcome(
    shared: Clinic, method: str, path: str
) -> None:
    """No route can forget to ask who is there: those for everybody are listed here."""
    for headers in ({}, {"Authorization": "Bearer false"}, {"Authorization": "Basic YTpi"}):
        answer = shared.anybody.ask(method, somewhere(path), headers=headers)
        refused = answer.status_code == 401 and answer.json()["code"] == "not-signed-in"
        assert refused is (f"{method} {path}" not in EVERYBODY), answer.text


def test_an_ended_sign_in_is_refused(clinic: Clinic) -> None:
    """After signing out, and after its hours, a token opens nothing."""
    out, late = clinic.sign_in("admin"), clinic.sign_in("admin")
    assert out.ask("DELETE", "/v1/sign-ins/current").status_code == 204
    assert out.ask("GET", "/v1/me").status_code == 401
    assert late.ask("GET", "/v1/me").status_code == 200
    clinic.clock.forward(hours=12)
    assert late.ask("GET", "/v1/me").status_code == 401


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_answer_carries_the_security_headers(shared: Clinic, method: str, path: str) -> None:
    """Answers and refusals of every route say how they may be kept and shown."""
    for person in (shared.anybody, shared.sign_in("admin")):
        answer = person.ask(method, somewhere(path), json=[])
        _carries_the_headers(answer)


def test_errors_carry_the_security_headers_too(shared: Clinic) -> None:
    """Even what no route answers says so."""
    for method, path in (("GET", "/nowhere"), ("DELETE", "/health"), ("OPTIONS", "/v1/me")):
        _carries_the_headers(shared.anybody.ask(method, path))


def _carries_the_headers(answer: Any) -> None:
    for name, value in HEADERS:
        assert answer.headers.get_list(name.decode()) == [value.decode()]
    assert "server" not in answer.headers


JSON_ROUTES = sorted(
    (method, path)
    for method, path, handler in handlers(Clinic.opened().app)
    if handler.parsed_data_field is not None and path != "/v1/dependants"
)


def test_there_are_json_routes_to_walk() -> None:
    """The walk below walks."""
    assert len(JSON_ROUTES) > 25


@pytest.mark.parametrize(("method", "path"), JSON_ROUTES)
def test_unknown_fields_are_refused_on_every_route(shared: Clinic, method: str, path: str) -> None:
    """No body can smuggle in a field: whoever sends one is told, and nothing changes."""
    admin = shared.sign_in("admin")
    before = shared.rows()
    extra = {"practice_id": str(UUID(int=9)), "is_admin": True}
    answer = admin.ask(method, somewhere(path), extra)
    assert answer.status_code == 422, answer.text
    told = {one["field"]: one["rule"] for one in answer.json()["errors"]}
    assert {name: told.get(name) for name in extra} == dict.fromkeys(extra, "unknown field")
    assert shared.rows() == before


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_unknown_parameters_are_refused_on_every_route(
    shared: Clinic, method: str, path: str
) -> None:
    """A misspelled filter is told; it never answers with everything."""
    answer = shared.sign_in("admin").ask(method, f"{somewhere(path)}?speciality=anxiety")
    assert answer.status_code == 422, answer.text
    assert {"field": "speciality", "rule": "unknown parameter"} in answer.json()["errors"]


@pytest.mark.parametrize(("method", "path"), JSON_ROUTES)
def test_malformed_json_is_refused_on_every_route(shared: Clinic, method: str, path: str) -> None:
    """Bytes that are no JSON never reach a use case."""
    answer = shared.sign_in("admin").ask(method, somewhere(path), content=b'{"a":')
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_every_route_works_in_the_pool_of_threads() -> None:
    """No handler blocks the loop; only the health check, which does nothing, runs in it."""
    app = Clinic.opened().app
    for _, path, handler in handlers(app):
        if path not in {"/health", "/openapi.json"}:
            assert handler.sync_to_thread is True, path


def test_the_openapi_document_lists_every_route(clinic: Clinic) -> None:
    """The document has every route with a summary, body, answer and problems."""
    answer = clinic.anybody.ask("GET", "/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    listed = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            listed.add((method.upper(), path))
            assert operation["summary"].endswith("."), path
            assert "default" in operation["responses"], path
            assert "400" not in operation["responses"], path
            public = operation.get("security") == [{}]
            assert public is (f"{method.upper()} {path}" in _plain(EVERYBODY)), path
    assert listed == {
        (method, _plain_path(path)) for method, path in ROUTES if path != "/openapi.json"
    }
    assert "Problem" in document["components"]["schemas"]
    assert b"://" not in answer.content, "the document loads nothing from elsewhere"
    assert b"telehealth_http" not in answer.content, "schemas have names of their own"


def _plain(routes: set[str]) -> set[str]:
    return {_plain_path(route) for route in routes}


def _plain_path(path: str) -> str:
    return path.replace(":uuid}", "}").replace(":str}", "}")


def test_json_routes_show_their_bodies_in_the_document(clinic: Clinic) -> None:
    """Whoever reads the document knows what to send."""
    document = clinic.anybody.get("/openapi.json")
    for method, path in JSON_ROUTES:
        operation = document["paths"][_plain_path(path)][method.lower()]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        name = schema.get("$ref", "").rpartition("/")[2]
        assert name in document["components"]["schemas"], path
    photo = document["paths"]["/v1/appointments/{id}/photos"]["post"]["requestBody"]
    assert sorted(photo["content"]) == ["image/heic", "image/heif", "image/jpeg", "image/png"]


def test_answers_name_every_field_and_hold_no_aggregate() -> None:
    """What the core adds to an aggregate shows nowhere: only classes of HTTP's own are answered."""
    for _, path, handler in handlers(Clinic.opened().app):
        for kind in _classes(handler.parsed_fn_signature.return_type.annotation):
            assert not kind.__module__.startswith("telehealth_core"), (path, kind)


def _classes(annotation: Any) -> Iterator[type]:
    """Every attrs class that an annotation reaches."""
    kind = get_origin(annotation) or annotation
    if attrs.has(kind):
        yield kind
        for hint in get_type_hints(kind).values():
            yield from _classes(hint)
    for inner in getattr(annotation, "__args__", ()):
        yield from _classes(inner)


def test_the_walk_over_answers_sees_inner_classes() -> None:
    """The walk above reaches what is inside of lists and options."""

    @attrs.frozen
    class Inner:
        a: int

    @attrs.frozen
    class Outer:
        inner: tuple[Inner | None, ...]

    assert set(_classes(Outer)) == {Outer, Inner}
    assert msgspec.json.encode(Outer((Inner(1), None))) == b'{"inner":[{"a":1},null]}'


def test_handlers_work_in_as_many_threads_as_were_asked_for(clinic: Clinic) -> None:
    """The pool is sized on purpose, also where a server loads the application within its loop."""
    seen: set[str] = set()

    def ready() -> None:
        seen.add(threading.current_thread().name)

    async def load() -> Litestar:
        return create_app(clinic.clinic, ready=ready, threads=3)

    app = asyncio.run(load())
    executor = get_asyncio_executor()
    assert executor is not None
    assert executor._max_workers == 3
    with TestClient(app) as client:
        assert client.get("/health/ready").status_code == 200
    assert [name.startswith("http_") for name in seen] == [True]
