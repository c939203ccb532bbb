"""The OpenAPI document: every route with what it takes and gives; one JSON file, no pages."""

from litestar import Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

OPENAPI = OpenAPIConfig(
    title="telehealth-core",
    version="1",
    description=(
        "A telehealth practice over HTTP. Errors are RFC 9457 problems; every POST that creates "
        "something takes an `Idempotency-Key`."
    ),
    components=Components(
        security_schemes={"sign-in": SecurityScheme(type="http", scheme="bearer")}
    ),
    openapi_router=Router("/", route_handlers=[], include_in_schema=False, opt={"everybody": True}),
    render_plugins=[JsonRenderPlugin(path="/openapi.json", media_type="application/json")],
    security=[{"sign-in": []}],
    use_handler_docstrings=True,
)
