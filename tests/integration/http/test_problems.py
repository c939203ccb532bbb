"""How what goes wrong is told."""

import logging
from typing import Any

import pytest
from litestar.testing import TestClient

from integration.http.clinic import PASSWORD, SLUG, Clinic
from telehealth_core.shared.refusal import Refusal
from telehealth_core.telehealth import Telehealth
from telehealth_core.testing import PlainPasswords, memory_ports
from telehealth_http import create_app
from telehealth_http.problems import PROBLEMS, TRANSPORT

CANARY = "canary-d41d8cd9"


class Broken(PlainPasswords):
    """Fails with words that must not come out."""

    def hash(self, password: str) -> str:
        """Fail."""
        raise RuntimeError(f"SELECT {password} FROM {CANARY}")


def codes(kind: type[Refusal]) -> set[str]:
    """The codes of all refusals below this one that the core defines."""
    found: set[str] = set()
    for sub in kind.__subclasses__():
        if sub.__module__.startswith("telehealth_core."):
            found |= {sub.code} | codes(sub)
    return found


def test_every_refusal_of_the_core_is_told_and_nothing_else() -> None:
    """The table of problems has exactly the codes that the core refuses with."""
    assert set(PROBLEMS) == codes(Refusal)


def test_what_only_http_knows_has_codes_of_its_own() -> None:
    """No code means one thing in the core and another in HTTP."""
    assert not set(TRANSPORT) & set(PROBLEMS)


def test_every_problem_tells_type_title_status_detail_and_code(clinic: Clinic) -> None:
    """A refusal is told as RFC 9457 has it, with a code for programs."""
    answer = clinic.anybody.ask("GET", "/v1/practices/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/errors#unknown",
        "title": "Unknown",
        "status": 404,
        "detail": "There is no such practice.",
        "code": "unknown",
        "kind": "practice",
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "not-found"),
        ("GET", "/v1/patients/no-uuid", 404, "not-found"),
        ("GET", "/openapi.json/other", 404, "not-found"),
        ("GET", "/openapi.json/openapi.json", 404, "not-found"),
        ("DELETE", "/v1/me", 405, "method-not-allowed"),
        ("GET", "/v1/me", 401, "not-signed-in"),
        ("GET", "/v1/practices/a%00b", 400, "malformed"),
        ("GET", "/v1/practices/a?x=%00", 400, "malformed"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_too(
    clinic: Clinic, method: str, path: str, status: int, code: str
) -> None:
    """Unknown addresses, other methods and missing sign-ins are told like every refusal."""
    answer = clinic.anybody.ask(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_missing_sign_in_names_the_scheme(clinic: Clinic) -> None:
    """A 401 says how to sign in, as HTTP wants it."""
    assert clinic.anybody.ask("GET", "/v1/me").headers["www-authenticate"] == "Bearer"


def test_an_unexpected_exception_shows_a_reference_and_none_of_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A defect answers 500 with a reference that the log has; its text stays inside, and out of
    the log.
    """
    opened = Clinic.opened()
    opened.client.app.state.clinic = Telehealth(
        memory_ports(store=opened.store, passwords=Broken())
    )
    body = {"practice": SLUG, "email": "new@example.org", "password": PASSWORD}
    with opened.client, caplog.at_level(logging.DEBUG):
        answer = opened.anybody.ask("POST", "/v1/registrations", body)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (500, "unexpected")
    assert told["reference"] in caplog.text
    assert "RuntimeError" in caplog.text
    for text in (answer.text, caplog.text):
        assert CANARY not in text
        assert "SELECT" not in text


def test_what_is_not_ready_is_unavailable() -> None:
    """A server that misses what it stands on says so, without saying what broke."""

    def ready() -> None:
        raise OSError(CANARY)

    with TestClient(create_app(Telehealth(memory_ports()), ready=ready)) as client:
        assert client.get("/health").json() == {"status": "ok"}
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert CANARY not in answer.text


def test_a_server_that_is_ready_says_so(clinic: Clinic) -> None:
    """Whoever watches the server is answered."""
    assert clinic.anybody.get("/health/ready") == {"status": "ok"}


def test_the_access_log_has_routes_and_never_addresses(
    clinic: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    """One line a request, without query strings, bodies, tokens or what stands in an address."""
    with caplog.at_level(logging.INFO, logger="telehealth.access"):
        admin = clinic.sign_in("admin")
        admin.ask("GET", f"/v1/providers?specialty={CANARY}")
        admin.ask("GET", f"/v1/practices/{CANARY}")
        admin.ask("GET", f"/{CANARY}%0Aforged")
    lines = [one.getMessage() for one in caplog.records if one.name == "telehealth.access"]
    assert [line.rsplit(" ", 2)[0] for line in lines] == [
        "POST /v1/sign-ins 201",
        "GET /v1/providers 200",
        "GET /v1/practices/{slug} 404",
        "GET (no route) 404",
    ]
    secrets: tuple[Any, ...] = (CANARY, admin.token, PASSWORD, "forged")
    assert not any(str(secret) in caplog.text for secret in secrets)
