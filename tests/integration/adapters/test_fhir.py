"""Reading FHIR R4 Bundles."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.registration.patient import Gender, MaritalStatus
from telehealth_core.shared.refusal import Invalid, Refusal
from telehealth_fhir import BrokenBundle, BundleContents, read_bundle

ROOT = Path(__file__).parents[3]
SAMPLES = sorted((ROOT.parent / "shared" / "samples" / "fhir-r4-synthea").glob("*.json"))
ZONE = "America/New_York"
SYNTHEA = "https://github.com/synthetichealth/synthea"
MARITAL = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"
PLACE = "Bundle.entry[1].resource"

ADA: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "1",
    "text": {"status": "generated", "div": "<div/>"},
    "extension": [{"url": "http://example.org/race", "valueString": "not taken"}],
    "identifier": [
        {"value": "without system"},
        {"system": "http://example.org/mrn", "value": "MRN-1"},
        {"system": SYNTHEA, "value": "S-1"},
    ],
    "name": [
        {"use": "maiden", "family": "Before", "given": ["Ada"]},
        {"use": "official", "family": "Example", "given": ["Ada", "Maria"], "prefix": ["Dr"]},
    ],
    "telecom": [
        {"system": "phone", "value": "555-0100", "use": "work"},
        {"system": "phone", "value": "555-0101", "use": "mobile"},
        {"system": "email", "value": "ada@example.org"},
        {"system": "fax", "value": "555-0102"},
    ],
    "gender": "female",
    "birthDate": "1984-07-02",
    "address": [
        {"use": "old", "line": ["1 Old Road"], "city": "Boston", "country": "US"},
        {
            "line": ["1 Main Street", "Apt 2"],
            "city": "Boston",
            "state": "Massachusetts",
            "postalCode": "02108",
            "country": "US",
        },
    ],
    "maritalStatus": {"coding": [{"system": MARITAL, "code": "M"}]},
    "multipleBirthBoolean": False,
    "communication": [
        {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "en-US"}]}},
        {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es"}]}, "preferred": True},
    ],
}
LEAST: dict[str, Any] = {
    "resourceType": "Patient",
    "identifier": [{"system": "http://example.org/mrn", "value": "MRN-2"}],
    "name": [{"family": "Example", "given": ["Bob"]}],
    "birthDate": "2019-09-26",
}


def bundle(*resources: object) -> str:
    """A file with an organization first and then these."""
    organization = {"resourceType": "Organization"}
    entries = [{"resource": resource} for resource in (organization, *resources)]
    return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries})


def read(text: str | bytes) -> BundleContents:
    """What the file holds."""
    return read_bundle(text, "file.json", zone=ZONE)


def broken(text: str | bytes) -> BrokenBundle:
    """Why the file is refused."""
    with pytest.raises(BrokenBundle) as refused:
        read(text)
    assert refused.value.source == "file.json"
    assert not isinstance(refused.value, Refusal)
    assert refused.value.__cause__ is None
    return refused.value


def test_a_patient_is_read_whole() -> None:
    """Every field that the core has is taken, the preferred one where there are several."""
    (patient,) = read(bundle(ADA)).patients
    profile = patient.profile
    assert (profile.given_name, profile.family_name) == ("Ada Maria", "Example")
    assert profile.birth_date == date(1984, 7, 2)
    assert profile.gender is Gender.FEMALE
    assert profile.address is not None
    assert profile.address.on_one_line() == (
        "1 Main Street, Apt 2, Boston, Massachusetts, 02108, US"
    )
    assert (profile.phone, profile.email) == ("555-0101", "ada@example.org")
    assert (profile.language, profile.zone) == ("es", ZONE)
    assert profile.marital_status is MaritalStatus.MARRIED
    assert (patient.identifier.system, patient.identifier.value) == (SYNTHEA, "S-1")
    assert [each.value for each in patient.identifiers] == ["MRN-1", "S-1"]


def test_what_is_left_out_is_counted() -> None:
    """Resources, elements and extensions that the core has no place for are told by name."""
    assert read(bundle(ADA, {"resourceType": "Claim"}, {"resourceType": "Claim"})) == (
        BundleContents(
            read(bundle(ADA)).patients,
            {
                "Organization": 1,
                "Claim": 2,
                "Patient.text": 1,
                "Patient.multipleBirthBoolean": 1,
                "Patient.extension(http://example.org/race)": 1,
                "Patient.identifier": 1,
                "Patient.name": 1,
                "Patient.name.prefix": 1,
                "Patient.address": 1,
                "Patient.telecom": 2,
                "Patient.communication": 1,
            },
        )
    )


def test_a_patient_needs_little() -> None:
    """Name, birth date and an identifier are enough; the rest stays open."""
    (patient,) = read(bundle(LEAST)).patients
    profile = patient.profile
    assert patient.identifier.value == "MRN-2"
    assert profile.gender is Gender.UNKNOWN
    assert (profile.address, profile.phone, profile.email) == (None, None, None)
    assert (profile.language, profile.marital_status) == (None, None)


def test_bundles_may_be_empty_or_bytes() -> None:
    """No entry is no error; UTF-8 bytes are read with and without a byte order mark."""
    assert read('{"resourceType": "Bundle"}').patients == ()
    text = bundle(ADA, LEAST)
    assert read(text) == read(text.encode()) == read(b"\xef\xbb\xbf" + text.encode())
    removed = {"resourceType": "Bundle", "entry": [{"request": {"method": "DELETE"}}]}
    assert read(json.dumps(removed)).not_understood == {"Bundle.entry without resource": 1}


def test_partial_addresses_and_unknown_codes_are_left_out() -> None:
    """What FHIR allows and the core cannot hold is counted rather than guessed."""
    other = LEAST | {
        "address": [
            {"city": "Boston", "country": "US"},
            {"line": ["1 Main Street"], "city": "Boston", "country": "United States"},
        ],
        "maritalStatus": {"text": "married"},
        "communication": [{"language": {"text": "English"}}],
        "telecom": [{"system": "phone"}],
    }
    contents = read(bundle(other))
    profile = contents.patients[0].profile
    assert (profile.address, profile.marital_status, profile.language) == (None, None, None)
    assert contents.not_understood == {
        "Organization": 1,
        "Patient.address": 2,
        "Patient.maritalStatus": 1,
        "Patient.communication": 1,
        "Patient.telecom": 1,
    }


def test_ranks_and_three_letter_countries_are_understood() -> None:
    """A telecom's rank goes before its use, and USA is US."""
    other = LEAST | {
        "address": [{"line": ["1 Main Street"], "city": "Boston", "country": "USA"}],
        "telecom": [
            {"system": "phone", "value": "555-0101", "use": "mobile", "rank": 2},
            {"system": "phone", "value": "555-0102", "use": "work", "rank": 1},
        ],
    }
    profile = read(bundle(other)).patients[0].profile
    assert profile.phone == "555-0102"
    assert profile.address is not None
    assert profile.address.country == "US"


def test_a_string_may_be_absent_with_a_reason() -> None:
    """A null beside an extension is FHIR's way to say that a string is missing."""
    name: dict[str, Any] = {
        "family": "Example",
        "given": [None, "Bob"],
        "_given": [{"extension": []}, None],
    }
    assert read(bundle(LEAST | {"name": [name]})).patients[0].profile.given_name == "Bob"


@pytest.mark.parametrize(
    ("text", "where", "problem"),
    [
        ('{"resourceType":\n "Bundle" 1}', "line 2 column 11", "not JSON"),
        ("", "line 1 column 1", "not JSON"),
        (b"\xff\xfe", "byte 0", "UTF-8"),
        ('{"resourceType": "Bundle", "total": NaN}', "file", "not JSON"),
        ('{"total": ' + "9" * 5000 + "}", "file", "not JSON"),
        ("[" * 100_000, "file", "not JSON"),
        ("[]", "file", "object"),
        ('{"resourceType": "Patient"}', "Bundle.resourceType", "only a Bundle"),
        ("{}", "Bundle.resourceType", "only a Bundle"),
        ('{"resourceType": "Bundle", "entry": {}}', "Bundle.entry", "list"),
        ('{"resourceType": "Bundle", "entry": [1]}', "Bundle.entry[0]", "object"),
        (bundle(None), PLACE, "object"),
        (bundle({}), f"{PLACE}.resourceType", "what it is"),
        (bundle(LEAST, LEAST), "Bundle.entry[2].resource.identifier", "same identifier"),
    ],
)
def test_broken_files_are_told_by_place(text: str | bytes, where: str, problem: str) -> None:
    """What is no JSON, no Bundle or no resource is refused where it goes wrong."""
    refused = broken(text)
    assert refused.where == where
    assert problem in refused.problem
    assert str(refused) == f"file.json: {where}: {refused.problem}"


def without(name: str) -> Callable[[dict[str, Any]], object]:
    """Take the element away."""
    return lambda patient: patient.pop(name)


def put(name: str, value: object) -> Callable[[dict[str, Any]], object]:
    """Replace the element."""
    return lambda patient: patient.update({name: value})


CANARY = "Canary"
BROKEN: list[tuple[Callable[[dict[str, Any]], object], str, str]] = [
    (without("name"), "name", "needed"),
    (put("name", [{"text": CANARY}]), "name", "needed"),
    (put("name", [{"family": CANARY, "given": []}]), "name", "needed"),
    (put("name", {"family": CANARY}), "name", "list"),
    (put("name", [{"family": 1, "given": [CANARY]}]), "name[0].family", "string"),
    (put("name", [{"family": "", "given": [CANARY]}]), "name[0].family", "empty"),
    (put("name", [{"family": CANARY, "given": [None]}]), "name[0].given[0]", "string"),
    (put("name", [{"family": CANARY, "given": ["x" * 81]}]), "name[0].given", "80"),
    (put("name", [{"family": "x" * 81, "given": [CANARY]}]), "name[0].family", "80"),
    (put("name", [{"use": CANARY, "family": "x", "given": ["x"]}]), "name[0].use", "code"),
    (without("birthDate"), "birthDate", "needed"),
    (put("birthDate", "1984"), "birthDate", "full date"),
    (put("birthDate", "1984-07"), "birthDate", "full date"),
    (put("birthDate", "19840702"), "birthDate", "full date"),
    (put("birthDate", "1984-02-30"), "birthDate", "no such day"),
    (put("birthDate", 1984), "birthDate", "string"),
    (put("birthDate", None), "birthDate", "string"),
    (put("gender", CANARY), "gender", "code"),
    (without("identifier"), "identifier", "needed"),
    (put("identifier", [{"value": CANARY}]), "identifier", "needed"),
    (
        put("identifier", [{"system": "s", "value": CANARY * 40}]),
        "identifier[0].value",
        "200",
    ),
    (put("telecom", [{"system": "email", "value": CANARY}]), "telecom[0].value", "e-mail"),
    (put("telecom", [{"system": "phone", "value": "1" * 41}]), "telecom[0].value", "40"),
    (put("telecom", [{"rank": CANARY}]), "telecom[0].rank", "number"),
    (
        put("address", [{"line": ["x"] * 5, "city": CANARY, "country": "US"}]),
        "address[0].line",
        "four lines",
    ),
    (
        put("address", [{"line": ["x"], "city": CANARY * 20, "country": "US"}]),
        "address[0].city",
        "80",
    ),
    (put("maritalStatus", {"coding": [{"system": MARITAL, "code": CANARY}]}),
     "maritalStatus.coding[0].code", "code"),
    (put("maritalStatus", CANARY), "maritalStatus", "object"),
    (put("communication", [{}]), "communication[0].language", "language"),
    (put("communication", [{"language": {}, "preferred": CANARY}]),
     "communication[0].preferred", "true or false"),
    (
        put("communication", [{"language": {"coding": [{"code": "x" * 36}]}}]),
        "communication[0].language.coding[0].code",
        "35",
    ),
    (put("extension", [{}]), "extension[0].url", "what it is"),
    (put("modifierExtension", [{"url": CANARY}]), "modifierExtension", "not understood"),
    (put("implicitRules", CANARY), "implicitRules", "not understood"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "where", "problem"), BROKEN)
def test_broken_patients_are_told_by_place(
    change: Callable[[dict[str, Any]], object], where: str, problem: str
) -> None:
    """One wrong value refuses the file: its place is told, and never the value."""
    patient = deepcopy(ADA)
    change(patient)
    refused = broken(bundle(patient))
    assert refused.where == f"{PLACE}.{where}"
    assert problem in refused.problem
    assert CANARY not in str(refused)


def test_an_unknown_zone_is_the_callers_mistake() -> None:
    """The zone is no part of the file."""
    with pytest.raises(Invalid):
        read_bundle(bundle(ADA), "file.json", zone="Mars/Olympus")


def test_huge_files_are_refused_unread() -> None:
    """Above 200 MB nothing is parsed."""
    assert "200 MB" in broken(b" " * 200_000_001).problem


def test_nothing_personal_is_shown() -> None:
    """The repr of what was read names nobody."""
    shown = repr(read(bundle(ADA)))
    for personal in ("Ada", "Example", "1984", "MRN-1", "S-1", "555"):
        assert personal not in shown


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(data=st.data())
def test_whatever_is_changed_is_read_or_refused(data: st.DataObject) -> None:
    """Any value in any place is taken or refused by place, never a crash."""
    patient = deepcopy(ADA)
    node: Any = patient
    while True:
        keys = sorted(node) if isinstance(node, dict) else range(len(node))
        chosen = data.draw(st.sampled_from(keys))
        if not isinstance(node[chosen], dict | list) or not node[chosen]:
            break
        if data.draw(st.booleans()):
            break
        node = node[chosen]
    node[chosen] = data.draw(json_values)
    text = bundle(patient)
    try:
        contents = read(text)
    except BrokenBundle:
        assert broken(text).where.startswith("Bundle.entry[1]")
    else:
        assert len(contents.patients) <= 1


@given(cut=st.integers(0, 1500))
def test_a_cut_file_is_refused(cut: int) -> None:
    """No part of a truncated file is taken."""
    whole = bundle(ADA)
    assert broken(whole[: min(cut, len(whole) - 1)]).where.startswith("line 1 column")


@pytest.mark.parametrize("sample", SAMPLES, ids=[path.stem.partition("_")[0] for path in SAMPLES])
def test_synthetic_records_are_read(sample: Path) -> None:
    """Each Synthea bundle holds one patient with address and phone, known by Synthea's number."""
    contents = read(sample.read_bytes())
    (patient,) = contents.patients
    assert patient.identifier.system == SYNTHEA
    assert patient.identifier.value in sample.stem
    assert patient.profile.family_name in sample.stem.replace("_", " ")
    assert patient.profile.missing() == ()
    assert patient.profile.address is not None
    assert patient.profile.address.region == "Massachusetts"
    assert patient.profile.language is not None
    assert patient.profile.marital_status is not None
    assert contents.not_understood["Observation"] > 0
