"""The OpenAPI document: every route with what it takes and gives; one JSON file and no pages."""

import re
from typing import Any

from litestar import Request, Router
from litestar.connection import ASGIConnection
from litestar.enums import MediaType
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.serialization import decode_json, encode_json

from telehealth_http.problems import MEDIA_TYPE

PATH = "/openapi.json"

_PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457); some problems tell more facts, each by its name.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "rule"],
                "properties": {"field": {"type": "string"}, "rule": {"type": "string"}},
            },
        },
    },
}
_LISTS = re.compile(rb"Items_telehealth_http\.\w+\.(\w+?)(?:Answer)?_")
"""What the framework calls a list of answers."""
_TELLS_PROBLEM = {
    "description": "What went wrong.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class Document(OpenAPIRenderPlugin):
    """The document as JSON, with our problems instead of the framework's errors."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type=MediaType.JSON)

    def render(
        self,
        request: Request[Any, Any, Any],  # noqa: ARG002 - the framework hands it to every page
        openapi_schema: dict[str, Any],
    ) -> bytes:
        """The document's bytes."""
        document = decode_json(encode_json(openapi_schema))
        document["components"]["schemas"]["Problem"] = _PROBLEM
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"].pop("400", None)
                operation["responses"]["default"] = _TELLS_PROBLEM
        return _LISTS.sub(rb"\1List", encode_json(document))


async def _only_the_document(
    connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
) -> None:
    """Nothing else is served here: the framework would add pages of its own."""
    if connection.scope["path"].rstrip("/") != PATH:
        raise NotFoundException


OPENAPI = OpenAPIConfig(
    title="telehealth-core",
    version="1",
    description=(
        "A telehealth practice over HTTP. What goes wrong is told as RFC 9457 problems. Every POST "
        "that creates something takes an `Idempotency-Key`: a repeat answers the same. Staff who "
        "open a patient's record say what for in `Purpose-Of-Use` (docs/permissions.md)."
    ),
    components=Components(
        security_schemes={"sign-in": SecurityScheme(type="http", scheme="bearer")}
    ),
    openapi_router=Router(
        PATH,
        route_handlers=[],
        include_in_schema=False,
        guards=[_only_the_document],
        opt={"everybody": True},
    ),
    render_plugins=[Document()],
    security=[{"sign-in": []}],
)
