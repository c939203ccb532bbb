"""Requests: who asks, what they send, and under which id what they ask for is kept."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from functools import cache
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

import attrs
from litestar import Request, delete, get, post, put
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.dto import AbstractDTO, DTOFieldDefinition
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.params import QueryParameter, SkipValidation
from litestar.typing import FieldDefinition

from telehealth_core.access.actor import Actor, Purpose
from telehealth_core.access.policy import NotSignedIn
from telehealth_core.registration.document import IMAGE_BYTES_MOST
from telehealth_core.shared.ids import derived
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import zone as zone_named
from telehealth_core.telehealth import Telehealth
from telehealth_http.bodies import (
    NAME_MOST,
    BadBody,
    FieldError,
    Malformed,
    parsed,
    structured,
)

IMAGE_TYPES = ("image/jpeg", "image/png", "image/heic", "image/heif")
PUBLIC: Final[Sequence[Any]] = [{}]
"""The security of a route that is for everybody, as OpenAPI says it."""

A = TypeVar("A")
Handler = Callable[..., Any]
Decorator = Callable[[Handler], HTTPRouteHandler]

KEY_MOST = 200
TOKEN_MOST = 200
PURPOSE = "Purpose-Of-Use"
"""The header in which staff say what they open a record for."""
DATE_LENGTH = len("2026-11-21")
INSTANT = "An instant with its offset, or a date."
WITHIN = timedelta(days=7)
"""How far a list looks ahead unless the caller says."""


@attrs.frozen
class Caller:
    """Whoever asks, over which clinic, through which route, with which idempotency key."""

    clinic: Telehealth
    known: Actor | None
    token: str | None = attrs.field(repr=False)
    route: str
    key: str | None

    @property
    def actor(self) -> Actor:
        """Who asks.

        Raises: NotSignedIn where a route for everybody asks for somebody.
        """
        if self.known is None:
            raise NotSignedIn
        return self.known

    @property
    def new_id(self) -> UUID:
        """The id of what the caller asks to create: the same for every repeat with the same key."""
        return self.new_id_for(self.actor)

    def new_id_for(self, actor: Actor, person: str = "") -> UUID:
        """The id of what this actor asks to create; a visitor becomes an actor only by the body.

        All visitors of a practice are one actor, so `person` tells their keys apart.
        """
        named = "\n".join(filter(None, (self.route, self.key, person)))
        return uuid7() if self.key is None else derived(actor.id, named)


By = SkipValidation[Caller]


def uuid7() -> UUID:
    """A new id that sorts by time (RFC 9562)."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    high, low = random >> 68, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let nobody pass who is not signed in, except where a route says that it is for everybody; and
    no address that asks for something the route does not know: a misspelled filter would answer
    with everything. One guard, since the framework copies the connection for each.

    Raises: NotSignedIn, BadBody; Malformed for an address that no text of ours could hold.
    """
    if "\0" in connection.scope["path"] or b"%00" in connection.scope["query_string"]:
        raise Malformed
    if not handler.opt.get("everybody"):
        clinic, token = connection.app.state.clinic, bearer(connection)
        if token is None:
            raise NotSignedIn
        connection.scope["state"]["actor"] = await sync_to_thread(clinic.access.actor, token)
    unknown = sorted(set(connection.query_params) - _parameters_of(handler))
    if unknown:
        raise BadBody([FieldError(name[:NAME_MOST], "unknown parameter") for name in unknown])


@cache
def _parameters_of(handler: BaseRouteHandler) -> frozenset[str]:
    return frozenset(
        field.kwarg_definition.name or name
        for name, field in handler.parsed_fn_signature.parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter)
    )


def bearer(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """The token that the connection presents."""
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    usable = kind.lower() == "bearer" and token.isascii() and 0 < len(token) <= TOKEN_MOST
    return token if usable else None


def caller(request: Request[Any, Any, Any]) -> Caller:
    """Who asks, as the guard found out.

    Every request has an id of its own for the audit, and may say what it is for (ACC-05, AUD-02).

    Raises: Invalid for an unusable idempotency key or an unknown purpose.
    """
    key, known = request.headers.get("idempotency-key"), request.scope["state"].get("actor")
    if key is not None and not 1 <= len(key) <= KEY_MOST:
        raise Invalid("Idempotency-Key", f"between 1 and {KEY_MOST} characters")
    return Caller(
        request.app.state.clinic,
        known and attrs.evolve(known, purpose=_purpose(request), request=uuid7()),
        bearer(request),
        f"{request.method} {request.scope['path_template']}",
        key,
    )


def _purpose(request: Request[Any, Any, Any]) -> Purpose | None:
    """What the caller says the request is for. Raises: Invalid for an unknown purpose."""
    said = request.headers.get(PURPOSE)
    if said is None:
        return None
    if said not in set(Purpose):
        raise Invalid(PURPOSE, f"one of {', '.join(Purpose)}")
    return Purpose(said)


class StrictBody(AbstractDTO[Any]):
    """Has the framework read bodies our way: strict, whole, every error at once."""

    model_type = object

    def decode_bytes(self, value: bytes) -> Any:
        """The core's value that the body means. Raises: Malformed, BadBody."""
        handler = self.asgi_connection.route_handler
        assert isinstance(handler, HTTPRouteHandler)
        field = handler.parsed_data_field
        assert field is not None, "only asked where the handler takes a body"
        return parsed(value, field.annotation)

    def decode_builtins(self, value: dict[str, Any]) -> Any:
        """The parts of a form as they are; their handler reads them."""
        return value

    @classmethod
    def create_for_field_definition(cls, *_: Any, **__: Any) -> None:
        """Nothing to prepare: the annotation says everything."""

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,  # noqa: ARG003 - the annotation says everything
        schema_creator: Any,
    ) -> Any:
        """The schema of what the handler takes."""
        return schema_creator.for_field_definition(field_definition)

    @classmethod
    def generate_field_definitions(  # type: ignore[override]  # whatever it is asked about
        cls, *_: Any
    ) -> Iterator[DTOFieldDefinition]:
        """None: the converter knows the fields."""
        yield from ()

    @classmethod
    def detect_nested_field(cls, *_: Any) -> bool:
        """None: the converter knows the fields."""
        return False


@dataclass
class _TakesImage(Operation):
    """An operation whose body is a picture."""

    def __post_init__(self) -> None:
        picture = OpenAPIMediaType(schema=Schema(content_media_type="application/octet-stream"))
        self.request_body = RequestBody(content=dict.fromkeys(IMAGE_TYPES, picture), required=True)


async def _require_picture(
    connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
) -> None:
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in IMAGE_TYPES:
        raise HTTPException(status_code=415)


_STRICT: Final[Any] = {"dto": StrictBody, "return_dto": None}
_IMAGE: Final[Any] = {
    "guards": [_require_picture],
    "operation_class": _TakesImage,
    "request_max_body_size": IMAGE_BYTES_MOST,
}


def reads(path: str, **options: Any) -> Decorator:
    """A route that shows something."""
    return lambda work: get(path, **_said(work, options))(work)


def creates(path: str, **options: Any) -> Decorator:
    """A route that creates something from a body."""
    return lambda work: post(path, **_STRICT, **_said(work, options))(work)


def does(path: str, **options: Any) -> Decorator:
    """A route that has something happen."""
    return lambda work: post(path, status_code=200, **_STRICT, **_said(work, options))(work)


def replaces(path: str, **options: Any) -> Decorator:
    """A route that writes something in place of what was there."""
    return lambda work: put(path, **_STRICT, **_said(work, options))(work)


def ends(path: str, **options: Any) -> Decorator:
    """A route that ends something."""
    return lambda work: delete(path, **_said(work, options))(work)


def takes_image(path: str, **options: Any) -> Decorator:
    """A route that creates something from a picture, which is its whole body."""
    return lambda work: post(path, **_IMAGE, **_said(work, options))(work)


def _said(work: Handler, options: dict[str, Any]) -> dict[str, Any]:
    """What a route says of itself: the first sentence of its handler, and who may use it."""
    assert work.__doc__ is not None, "every route says what it is for"
    said = {
        "sync_to_thread": True,
        "summary": " ".join(work.__doc__.split()),
        "operation_id": work.__name__,
        **options,
    }
    return {**said, "security": PUBLIC} if options.get("everybody") else said


From = Annotated[str | None, QueryParameter(name="from", description=INSTANT)]
Until = Annotated[str | None, QueryParameter(name="until", description=INSTANT)]


def period(caller: Caller, start: str | None, end: str | None, zone: str = "") -> Interval:
    """The time that two parameters of an address mean, each an instant or a date in the zone.

    Without a zone, dates are those of the practice.

    Raises: BadBody, Invalid.
    """
    dates = any(one is not None and len(one) <= DATE_LENGTH for one in (start, end))
    zone = zone or (caller.clinic.practice.view(caller.actor).zone if dates else "UTC")
    now = caller.clinic.scheduling.clock()
    begins = now if start is None else _instant(start, zone, "from")
    ends = begins + WITHIN if end is None else _instant(end, zone, "until")
    if ends <= begins:
        raise Invalid("until", "after from")
    return Interval(begins, ends)


def _instant(value: str, zone: str, name: str) -> datetime:
    if len(value) <= DATE_LENGTH:
        day = structured(value, date, name)
        return datetime.combine(day, time_of_day(), zone_named(zone))
    # An address that says "+02:00" without quoting it arrives with a space.
    return structured(value.replace(" ", "+"), datetime, name)
