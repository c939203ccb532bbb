"""Bodies: strict, whole, every error at once."""

from typing import Any

import pytest

from integration.http.clinic import PROFILE, PROVIDER, SLUG, Clinic, hold


def errors(answer: Any) -> dict[str, str]:
    """The rules told, by field."""
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "invalid"
    return {error["field"]: error["rule"] for error in answer.json()["errors"]}


def test_everything_that_is_wrong_is_told_at_once_with_its_path(clinic: Clinic) -> None:
    """A body with many mistakes is refused once, naming each by its whole path."""
    body = {
        "name": "",
        "profession": "wizard",
        "specialties": ["anxiety", 7],
        "licences": [{"regulator": "NYSED", "number": "", "expires_on": "2030-02-30"}],
        "services": [
            {"code": "a", "name": "A", "minutes": 3, "price": {"minor": "5", "currency": "usd"}},
            "nothing",
        ],
        "prescriber": "yes",
        "salary": 1,
    }
    assert errors(clinic.sign_in("admin").ask("POST", "/v1/providers", body)) == {
        "name": "between 1 and 120 characters",
        "profession": "one of doctor, nurse, pharmacist, physician-associate, physiotherapist, "
        "occupational-therapist, psychiatrist, psychologist, therapist",
        "specialties[1]": "a string",
        "licences[0].number": "between 1 and 40 characters",
        "licences[0].expires_on": "a date, as in 2026-11-21",
        "services[0].minutes": "between 5 and 480",
        "services[0].price.minor": "a whole number",
        "services[0].price.currency": "an ISO 4217 code of three capitals, as in GBP",
        "services[1]": "an object",
        "prescriber": "true or false",
        "salary": "unknown field",
    }


def test_every_missing_field_is_named(clinic: Clinic) -> None:
    """An empty object is answered with all that is needed."""
    answer = clinic.anybody.ask("POST", "/v1/sign-ins", {})
    assert errors(answer) == dict.fromkeys(("practice", "email", "password"), "needed")


def test_a_rule_that_the_core_checks_later_names_the_path_in_the_body(clinic: Clinic) -> None:
    """A birth date in the future breaks a rule of the patient, told where the client wrote it."""
    body = {
        "practice": SLUG,
        "email": "new@example.org",
        "password": "a sentence is fine",
        "profile": {**PROFILE, "birth_date": "2100-01-01"},
    }
    answer = clinic.anybody.ask("POST", "/v1/registrations", body)
    assert errors(answer) == {"profile.birth_date": "not in the future"}


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("start", "2026-11-23T10:00:00", "a time needs its offset from UTC"),
        ("start", "tomorrow", "an instant"),
        ("start", "9999-12-31T23:59:59Z", "between the years"),
        ("start", "0001-01-01T00:00:00+14:00", "between the years"),
        ("start", 1_700_000_000, "an instant"),
        ("session_id", "1", "a UUID"),
        ("session_id", "{01939f2e-7c3a-7000-8000-000000000000}", "a UUID"),
        ("session_id", 1, "a UUID"),
        ("mode", "VIDEO", "one of video, voice"),
        ("mode", None, "one of video, voice"),
        ("location", "", "where somebody is, as in GB or US-NY"),
        ("location", "U\0", "text without control characters"),
    ],
)
def test_no_value_is_guessed(clinic: Clinic, field: str, value: Any, rule: str) -> None:
    """What is not exactly of its type is refused, a time without offset among them."""
    provider, patient = clinic.provider(), clinic.patient()
    answer = patient.ask("POST", "/v1/appointments", {**hold(provider), field: value})
    told = errors(answer)
    assert list(told) == [field]
    assert told[field].startswith(rule)


@pytest.mark.parametrize("value", [True, 5.0, "5", None, 2**53, [5]])
def test_only_a_whole_number_is_a_whole_number(clinic: Clinic, value: Any) -> None:
    """Neither true nor 5.0 nor "5" is taken for a number, nor one that JSON readers garble."""
    body = {**PROVIDER, "services": [{**PROVIDER["services"][0], "minutes": value}]}
    answer = clinic.sign_in("admin").ask("POST", "/v1/providers", body)
    assert list(errors(answer)) == ["services[0].minutes"]


@pytest.mark.parametrize(
    "content", [b"{", b"\xff", b"{'a': 1}", b'{"minor": NaN}', b"[" * 100_000, b"{} {}"]
)
def test_what_is_no_json_is_malformed(clinic: Clinic, content: bytes) -> None:
    """Bytes that are no JSON are told apart from JSON that breaks a rule."""
    answer = clinic.anybody.ask("POST", "/v1/sign-ins", content=content)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("content", [b"[]", b'"text"', b"7", b"null"])
def test_a_body_that_is_no_object_is_invalid(clinic: Clinic, content: bytes) -> None:
    """JSON of another shape breaks the first of all rules."""
    answer = clinic.anybody.ask("POST", "/v1/sign-ins", content=content)
    assert errors(answer) == {"body": "an object"}


def test_no_problem_repeats_what_the_client_sent(clinic: Clinic) -> None:
    """What was wrong is named by field and rule; the value stays with the client."""
    canary = "canary-9e107d9d"
    body = {"practice": SLUG, "email": canary, "password": canary, "profile": {"zone": canary}}
    answers = [
        clinic.anybody.ask("POST", "/v1/registrations", body),
        clinic.anybody.ask("GET", f"/v1/practices/{canary}"),
        clinic.sign_in("admin").ask("GET", f"/v1/appointments?status={canary}"),
        clinic.sign_in("admin").ask("GET", f"/v1/appointments?from={canary}"),
        clinic.sign_in("admin").ask("GET", f"/v1/patients?limit={canary}"),
    ]
    assert all(answer.status_code in {404, 422} for answer in answers)
    assert not any(canary in answer.text for answer in answers)


def test_a_parameter_of_the_address_is_named(clinic: Clinic) -> None:
    """A parameter that cannot be used is told like a field."""
    admin = clinic.sign_in("admin")
    assert list(errors(admin.ask("GET", "/v1/appointments?status=gone"))) == ["status"]
    assert list(errors(admin.ask("GET", "/v1/patients?limit=0"))) == ["limit"]
    naive = admin.ask("GET", "/v1/appointments?from=2026-11-23T10:00:00")
    assert errors(naive)["from"].startswith("a time needs its offset")
    backwards = admin.ask("GET", "/v1/appointments?from=2026-11-23&until=2026-11-22")
    assert errors(backwards) == {"until": "after from"}


def test_larger_bodies_than_any_use_are_refused(clinic: Clinic) -> None:
    """JSON has one cap, pictures and forms have theirs."""
    patient = clinic.patient()
    too_large = [
        clinic.anybody.ask("POST", "/v1/sign-ins", content=b" " * 256_001),
        patient.picture(
            f"/v1/patients/{patient.who['patient_id']}/identity/images?kind=selfie",
            b"image" + b"\0" * 15_000_000,
        ),
        patient.ask("POST", "/v1/dependants", files={"evidence": ("a.jpg", b"\0" * 16_000_000)}),
    ]
    assert {(one.status_code, one.json()["code"]) for one in too_large} == {(413, "too-large")}


def test_a_picture_says_which_kind_it_is(clinic: Clinic) -> None:
    """Only the kinds of pictures that the core reads are taken."""
    patient = clinic.patient()
    answer = patient.ask(
        "POST",
        f"/v1/patients/{patient.who['patient_id']}/identity/images?kind=selfie",
        content=b"image",
        headers={"Content-Type": "image/svg+xml"},
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("parts", "status", "fields"),
    [
        ({}, 422, ["dependant", "evidence"]),
        ({"files": {"evidence": ("a.jpg", b"image")}}, 422, ["dependant"]),
        ({"files": {"x": ("a", b"b")}}, 422, ["dependant", "evidence", "x"]),
        (
            {"data": {"dependant": "{}"}, "files": {"evidence": ("a.jpg", b"image")}},
            422,
            ["basis", "profile"],
        ),
        ({"data": {"dependant": "{"}, "files": {"evidence": ("a.jpg", b"image")}}, 400, []),
    ],
)
def test_a_form_is_as_strict_as_json(
    clinic: Clinic, parts: dict[str, Any], status: int, fields: list[str]
) -> None:
    """A form names what is missing and refuses what is unknown."""
    answer = clinic.patient().ask("POST", "/v1/dependants", **parts)
    assert answer.status_code == status
    assert sorted(one["field"] for one in answer.json().get("errors", [])) == fields


@pytest.mark.parametrize("zone", ["Nowhere/City", "../../etc/passwd", "Europe", "A" * 300, ""])
def test_a_zone_that_is_none_is_invalid_wherever_it_is_named(clinic: Clinic, zone: str) -> None:
    """Neither a body nor an address can name a file, or anything else, for a time zone."""
    patient = clinic.patient()
    path = f"/v1/patients/{patient.who['patient_id']}/profile"
    answer = patient.ask("PUT", path, {**PROFILE, "zone": zone})
    assert errors(answer) == {"zone": "an IANA time zone, as in Europe/London"}
    times = f"/v1/providers/{patient.who['patient_id']}/open-times"
    if zone:
        assert list(errors(patient.ask("GET", times, params={"zone": zone}))) == ["zone"]
