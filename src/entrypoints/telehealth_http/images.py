"""Pictures over HTTP: a raw body of one of the kinds that the core takes."""

from typing import Any

from litestar import post
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.params import RawBody as Image

from telehealth_core.registration.document import IMAGE_BYTES_MOST
from telehealth_http.requests import Handler

MEDIA_TYPES = ("image/jpeg", "image/png", "image/heic", "image/heif")

__all__ = ["MEDIA_TYPES", "Image", "image_route"]


class _TakesImage(Operation):
    """An operation whose body is a picture."""

    def __post_init__(self) -> None:
        picture = OpenAPIMediaType(schema=Schema(content_media_type="application/octet-stream"))
        self.request_body = RequestBody(
            content=dict.fromkeys(MEDIA_TYPES, picture), required=True
        )


async def _require_picture(
    connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
) -> None:
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in MEDIA_TYPES:
        raise HTTPException(status_code=415)


def image_route(path: str) -> Handler:
    """A route that takes a picture as its whole body."""
    return post(
        path,
        sync_to_thread=True,
        guards=[_require_picture],
        operation_class=_TakesImage,
        request_max_body_size=IMAGE_BYTES_MOST,
    )
