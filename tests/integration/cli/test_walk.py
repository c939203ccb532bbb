"""Walking: comparing answers with what is expected, waiting, counting, telling."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from telehealth_cli.journeys.walk import Stopped, Told, Walk

PROBLEM = "application/problem+json"
TAKEN = {"code": "time-taken", "detail": "This time was just taken. Pick another one."}


class Scripted(httpx.BaseTransport):
    """A server that answers from a list, the last answer again and again."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.asked = list(answers), list[httpx.Request]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer the next in the list."""
        self.asked.append(request)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=answer.read(), request=request
        )


Begin = Callable[..., tuple[Walk, list[Told], Scripted]]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Begin a walk past a server that answers so; gives what is told and asked as well."""
    with clients() as client_for:

        def started(*answers: httpx.Response | Exception) -> tuple[Walk, list[Told], Scripted]:
            told: list[Told] = []
            server = Scripted(*answers)
            return Walk(client_for(server), "http://clinic.example", told.append), told, server

        yield started


@contextmanager
def clients() -> Iterator[Callable[[Scripted], httpx.Client]]:
    """Make clients, and close them at the end."""
    made: list[httpx.Client] = []

    def client(server: Scripted) -> httpx.Client:
        made.append(httpx.Client(transport=server, base_url="http://clinic.example"))
        return made[-1]

    yield client
    for one in made:
        one.close()


def says(status: int, body: Any, kind: str = "application/json") -> httpx.Response:
    """An answer in JSON."""
    return httpx.Response(status, json=body, headers={"Content-Type": kind})


def test_a_step_as_expected_is_told_and_counted(begin: Begin) -> None:
    """The listener hears role, request with short ids, and outcome; the caller has the answer."""
    walk, told, server = begin(says(201, {"status": "held"}))
    answer = walk.step(
        "patient",
        "picks a time",
        "POST",
        "/v1/sessions/0191f2a0-0000-7000-8000-00000000abcd/holds",
        token="secret",
        expect=201,
        show=lambda it: it["status"],
    )
    assert answer == {"status": "held"}
    assert told == [
        Told(1, "patient", "picks a time", "POST /v1/sessions/…abcd/holds", "201 held", ok=True)
    ]
    assert (walk.steps, walk.ok) == (1, 1)
    assert server.asked[0].headers["Authorization"] == "Bearer secret"


def test_an_expected_refusal_is_a_success_in_its_own_words(begin: Begin) -> None:
    """A refusal that should come counts as ok and is told by code and sentence."""
    walk, told, _ = begin(says(409, TAKEN, PROBLEM))
    walk.step("patient", "wants it too", "POST", "/v1/x", expect=(409, "time-taken"))
    assert told[0].ok
    assert told[0].outcome == "409 time-taken: This time was just taken. Pick another one."


def test_a_refusal_of_a_field_names_field_and_rule(begin: Begin) -> None:
    """Where the server lists fields, the listener hears them."""
    errors = [{"field": "profile.color", "rule": "unknown field"}, {"field": "email", "rule": "x"}]
    problem = {"code": "invalid", "detail": "…", "errors": errors}
    walk, told, _ = begin(says(422, problem, PROBLEM))
    walk.step("visitor", "registers", "POST", "/v1/x", expect=(422, "invalid"))
    assert told[0].outcome == "422 invalid: profile.color: unknown field; email: x"


def test_a_success_where_a_refusal_was_due_fails_and_the_journey_goes_on(begin: Begin) -> None:
    """What was not refused is a failed step, but nothing later depends on it."""
    walk, told, _ = begin(says(201, {}))
    walk.step("patient", "wants it too", "POST", "/v1/x", expect=(409, "time-taken"))
    assert not told[0].ok
    assert (walk.steps, walk.ok) == (1, 0)


def test_another_refusal_than_the_one_due_fails(begin: Begin) -> None:
    """The same status with another code is not what was expected."""
    walk, _, _ = begin(says(409, TAKEN, PROBLEM))
    walk.step("patient", "wants it too", "POST", "/v1/x", expect=(409, "stale-version"))
    assert (walk.steps, walk.ok) == (1, 0)


@pytest.mark.parametrize(
    "answer",
    [
        says(403, {"code": "not-permitted", "detail": "No."}, PROBLEM),
        httpx.Response(500, content=b"oops"),
        httpx.ConnectError("refused"),
        says(201, {"other": "shape"}),
        says(201, ["another", "shape"]),
        httpx.Response(201, content=b"{", headers={"Content-Type": "application/json"}),
    ],
    ids=["refused", "broken", "unreachable", "other fields", "a list", "half"],
)
def test_a_step_that_others_build_on_stops_the_journey(
    begin: Begin, answer: httpx.Response | Exception
) -> None:
    """Whatever goes wrong is told as a failed step, once, before the journey ends."""
    walk, told, _ = begin(answer)
    with pytest.raises(Stopped):
        walk.step("patient", "asks", "POST", "/v1/x", expect=201, show=lambda it: it["status"])
    assert [one.ok for one in told] == [False]
    assert (walk.steps, walk.ok) == (1, 0)


def test_an_answer_that_does_not_hold_up_fails(begin: Begin) -> None:
    """The right status with the wrong sum is a failed step."""
    walk, told, _ = begin(says(200, {"due": 7_300}))
    walk.step("patient", "looks", "GET", "/v1/x", holds=lambda it: it["due"] == 7_200)
    assert not told[0].ok


def test_a_file_comes_as_bytes(begin: Begin) -> None:
    """What is not JSON is handed on as it is."""
    pdf = httpx.Response(200, content=b"%PDF-1.7", headers={"Content-Type": "application/pdf"})
    walk, _, _ = begin(pdf)
    assert walk.step("parent", "downloads", "GET", "/v1/x") == b"%PDF-1.7"


def test_waiting_ends_with_the_answer_that_holds_up(begin: Begin) -> None:
    """What the worker does is one step, however often it was looked for."""
    walk, told, server = begin(
        says(404, {"code": "unknown", "detail": "…"}, PROBLEM),
        says(200, {"status": "pending"}),
        says(200, {"status": "paid"}),
    )
    answer = walk.until(
        "patient",
        "waits",
        "/v1/x",
        holds=lambda it: it["status"] == "paid",
        show=lambda it: it["status"],
    )
    assert answer == {"status": "paid"}
    assert len(server.asked) == 3
    assert [one.ok for one in told] == [True]


def test_waiting_is_bounded(begin: Begin) -> None:
    """What never comes is a failed step that says what there was instead."""
    walk, told, _ = begin(says(200, {"status": "pending"}))
    with pytest.raises(Stopped):
        walk.until(
            "patient",
            "waits",
            "/v1/x",
            holds=lambda it: it["status"] == "paid",
            show=lambda it: it["status"],
            seconds=0.0,
        )
    assert "still 200 pending" in told[0].outcome


def test_several_requests_can_be_one_step(begin: Begin) -> None:
    """What was told before is told in one line the next time."""
    walk, told, _ = begin(says(200, {}))
    with walk.together("second patient", "registers in the same way", "verified"):
        walk.step("second patient", "a", "GET", "/v1/a")
        walk.step("second patient", "b", "GET", "/v1/b")
    assert [(one.what, one.request, one.outcome) for one in told] == [
        ("registers in the same way", "2 requests", "verified")
    ]
    assert (walk.steps, walk.ok) == (1, 1)


def test_one_step_can_hold_another_of_its_kind(begin: Begin) -> None:
    """Only the outermost is told, with all its requests."""
    walk, told, _ = begin(says(200, {}))
    with walk.together("other patient", "begins a program as well", "done"):
        walk.step("other patient", "a", "GET", "/v1/a")
        with walk.together("other patient", "registers in the same way", "verified"):
            walk.step("other patient", "b", "GET", "/v1/b")
        walk.step("other patient", "c", "GET", "/v1/c")
    assert [(one.what, one.request) for one in told] == [("begins a program as well", "3 requests")]


def test_the_request_that_fails_among_several_is_told_itself(begin: Begin) -> None:
    """One step that hides several never hides which of them failed."""
    walk, told, _ = begin(says(200, {}), says(404, {"code": "unknown", "detail": "…"}, PROBLEM))

    def both() -> None:
        with walk.together("second patient", "registers", "verified"):
            walk.step("second patient", "a", "GET", "/v1/a")
            walk.step("second patient", "b", "GET", "/v1/b")

    with pytest.raises(Stopped):
        both()
    assert [(one.what, one.ok) for one in told] == [("b", False)]


def test_what_is_no_request_can_fail_as_well(begin: Begin) -> None:
    """A meeting that does not come about ends the journey like a refused request."""
    walk, told, _ = begin(says(200, {}))

    def fails() -> str:
        raise TimeoutError

    with pytest.raises(Stopped):
        walk.act("both", "meet", "WEBSOCKET", fails)
    assert told[0].outcome == "failed: TimeoutError"
