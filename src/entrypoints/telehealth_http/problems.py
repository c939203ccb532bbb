"""Problems: how a refusal, or anything else that went wrong, is told over HTTP (RFC 9457).

An answer names the problem and what the caller can do about it. It never holds a stack trace, SQL,
or a value that the client sent.
"""

import logging
import secrets
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import attrs
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_http.bodies import BadBody, FieldError, Malformed

MEDIA_TYPE = "application/problem+json"
LOG = logging.getLogger("telehealth.http")


@attrs.frozen
class Told:
    """How one kind of problem is told."""

    status: int
    title: str


PROBLEMS: Mapping[str, Told] = {
    "not-signed-in": Told(401, "Not signed in"),
    "step-up-needed": Told(401, "Prove who you are"),
    "wrong-credentials": Told(401, "Wrong credentials"),
    "card-declined": Told(402, "Card declined"),
    "not-permitted": Told(403, "Not permitted"),
    "not-yours-to-decide": Told(403, "Not yours to decide"),
    "patient-not-active": Told(403, "Patient not active"),
    "not-verified": Told(403, "Identity not verified"),
    "reviewer-is-applicant": Told(403, "Reviewer is applicant"),
    "may-not-prescribe": Told(403, "May not prescribe"),
    "may-not-certify": Told(403, "May not certify"),
    "partner-suspended": Told(403, "Partner suspended"),
    "conversation-closed": Told(409, "Conversation closed"),
    "unknown": Told(404, "Unknown"),
    "id-reused": Told(409, "Id used before"),
    "stale-version": Told(409, "Changed meanwhile"),
    "time-taken": Told(409, "Time taken"),
    "illegal-transition": Told(409, "Not possible now"),
    "hold-expired": Told(409, "Hold expired"),
    "waiting-limit": Told(409, "Waits for too many"),
    "limits-reached": Told(409, "Limits reached"),
    "series-conflicts": Told(409, "Some visits cannot be booked"),
    "not-bookable": Told(409, "Not bookable"),
    "price-changed": Told(409, "Price changed"),
    "checks-failed": Told(409, "Checks failed"),
    "too-late": Told(409, "Too late"),
    "too-early": Told(409, "Too early"),
    "express-request-needed": Told(409, "Express request needed"),
    "card-needed": Told(409, "Card needed"),
    "card-expired": Told(409, "Card expired"),
    "card-in-use": Told(409, "Card in use"),
    "above-agreement": Told(409, "Above what was agreed"),
    "not-proposed": Told(409, "Not what is proposed"),
    "email-taken": Told(409, "E-mail address taken"),
    "consent-text-changed": Told(409, "Another text by now"),
    "checklist-unfinished": Told(409, "Checklist unfinished"),
    "guardianship-over": Told(409, "Guardianship over"),
    "too-young": Told(409, "Too young"),
    "evidence-missing": Told(409, "Evidence missing"),
    "profile-incomplete": Told(409, "Profile incomplete"),
    "not-licensed": Told(409, "Not licensed there"),
    "not-admitted": Told(409, "Not admitted"),
    "cannot-complete": Told(409, "Cannot be confirmed"),
    "identity-not-confirmed": Told(409, "Identity not confirmed"),
    "feedback-closed": Told(409, "Feedback closed"),
    "not-kept-apart": Told(409, "Not kept apart"),
    "prescription-refused": Told(409, "Cannot be prescribed so"),
    "already-claimed": Told(409, "Dispensed already"),
    "not-dispensable": Told(409, "Not dispensed today"),
    "erased": Told(410, "Erased"),
    "letter-recalled": Told(410, "Letter called back"),
    "invitation-expired": Told(410, "Invitation expired"),
    "invalid": Told(422, "Invalid"),
    "purpose-needed": Told(422, "Purpose needed"),
    "letter-refused": Told(422, "Cannot be issued so"),
    "unreadable-image": Told(422, "Unreadable image"),
    "key-refused": Told(500, "Sealed data cannot be opened"),
    "unavailable": Told(503, "Unavailable"),
    "throttled": Told(503, "Asked too often"),
}
"""Every refusal of the core by its code."""

TRANSPORT: Mapping[str, Told] = {
    "malformed": Told(400, "Malformed"),
    "not-found": Told(404, "Not found"),
    "method-not-allowed": Told(405, "Method not allowed"),
    "too-large": Told(413, "Too large"),
    "unsupported-media-type": Told(415, "Unsupported media type"),
    "unexpected": Told(500, "Unexpected"),
}
"""What only HTTP knows."""

_DETAILS = {
    400: "The request cannot be read.",
    404: "There is nothing at this address.",
    405: "This address does not know that method.",
    413: "The request is larger than what is taken here.",
    415: "This kind of content is not taken here.",
}
_CODES = {told.status: code for code, told in TRANSPORT.items()}
_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "5"}}


def problem(
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **facts: Any,
) -> Response[dict[str, Any]]:
    """The answer that tells this problem."""
    told = PROBLEMS.get(code) or TRANSPORT[code]
    content = {
        **facts,
        "type": f"/errors#{code}",
        "title": told.title,
        "status": told.status,
        "detail": detail,
        "code": code,
    }
    return Response(
        content,
        status_code=told.status,
        media_type=MEDIA_TYPE,
        headers={**_HEADERS.get(told.status, {}), **(headers or {})},
    )


def refused(_: Request[Any, Any, Any], refusal: Refusal) -> Response[dict[str, Any]]:
    """Tell what the rules forbid."""
    if isinstance(refusal, Invalid):
        return invalid([FieldError(refusal.field, refusal.rule)])
    facts = {name: fact for name, fact in refusal.facts().items() if name != "id"}
    return problem(refusal.code, str(refusal), **facts)


def bad_body(_: Request[Any, Any, Any], error: BadBody) -> Response[dict[str, Any]]:
    """Tell everything that is wrong with a body at once."""
    return invalid(error.errors)


def malformed(_: Request[Any, Any, Any], __: Malformed) -> Response[dict[str, Any]]:
    """Tell that a body is no JSON at all."""
    return problem("malformed", _DETAILS[400])


def invalid(errors: list[FieldError]) -> Response[dict[str, Any]]:
    """Tell which fields break which rules."""
    detail = "; ".join(f"{error.field}: {error.rule}" for error in errors[:3])
    return problem("invalid", detail, errors=errors)


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    """Tell what the framework refused in our words; its own quote what the client sent."""
    if isinstance(error, ValidationException):
        return invalid(_parameters(error))
    status = error.status_code
    code = _CODES.get(status)
    if code is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return unexpected(request, error)
    return problem(code, _DETAILS[status], headers=error.headers)


def unexpected(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """Tell that something broke, under a reference that the log has too; never what broke."""
    reference = secrets.token_hex(8)
    LOG.error("unexpected %s, reference %s\n%s", type(error).__name__, reference, _where(error))
    return problem(
        "unexpected",
        f"Something went wrong; it was noted under the reference {reference}.",
        reference=reference,
    )


def _parameters(error: ValidationException) -> list[FieldError]:
    """The parameters that cannot be used; the framework's messages quote them, so none is told."""
    extra = error.extra if isinstance(error.extra, list) else []
    keys = [str(one.get("key", "")) for one in extra if isinstance(one, dict)]
    return [FieldError(key or "body", "needed, and of another form") for key in keys] or [
        FieldError("body", "needed")
    ]


def _where(error: BaseException) -> str:
    """The places an exception came through, without its words: those may quote personal data."""
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        lines.append(f"  {type(cause).__name__}")
        frames = traceback.extract_tb(cause.__traceback__)
        lines.extend(f"    {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
        cause = cause.__cause__ or cause.__context__
    return "\n".join(lines)


HANDLERS: dict[Any, Any] = {
    Refusal: refused,
    BadBody: bad_body,
    Malformed: malformed,
    HTTPException: http_error,
    Exception: unexpected,
}
"""Who tells which exception."""
