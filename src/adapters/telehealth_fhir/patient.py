"""A FHIR Patient in the core's words."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final

import attrs

from telehealth_core.registration.patient import (
    Address,
    Gender,
    Identifier,
    MaritalStatus,
    Profile,
)
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid
from telehealth_fhir.element import BrokenBundle, Element

SYNTHEA: Final = "https://github.com/synthetichealth/synthea"
MARITAL: Final = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"
NULL_FLAVOR: Final = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
LANGUAGES: Final = "urn:ietf:bcp:47"

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_ALPHA_3: Final = {"GBR": "GB", "USA": "US"}
_ADDRESS_FIELDS: Final = {"lines": "line", "region": "state", "postal_code": "postalCode"}
"""Where FHIR keeps what the core calls so."""

_NAME_USES: Final = ("official", "usual", None, "temp", "nickname", "anonymous", "maiden", "old")
_ADDRESS_USES: Final = ("home", None, "temp", "work", "billing", "old")
_TELECOM_USES: Final = ("mobile", "home", None, "temp", "work", "old")
"""The uses of each, the one to be preferred first."""

_READ: Final = frozenset(
    {"resourceType", "id", "identifier", "name", "birthDate", "gender", "address", "telecom"}
    | {"communication", "maritalStatus", "extension"}
)
_READ_OF: Final[Mapping[str, frozenset[str]]] = {
    "identifier": frozenset({"system", "value", "use"}),
    "name": frozenset({"family", "given", "use", "text"}),
    "address": frozenset({"line", "city", "state", "postalCode", "country", "use", "text"}),
    "telecom": frozenset({"system", "value", "use", "rank"}),
    "communication": frozenset({"language", "preferred"}),
}


@attrs.frozen
class ReadPatient:
    """A patient as another system knows them; `identifier` is the one to recognise them by."""

    identifier: Identifier = phi()
    identifiers: tuple[Identifier, ...] = phi()
    profile: Profile = phi()


@attrs.frozen
class _Taken:
    """A value for the core, and the place it was taken from."""

    value: str = attrs.field(repr=False)
    where: str


def read_patient(patient: Element, zone: str, left: Counter[str]) -> ReadPatient:
    """The patient at this place; what is not taken is counted in `left`.

    Raises: BrokenBundle.
    """
    for name in ("modifierExtension", "implicitRules"):
        if name in patient.fields:
            patient.broken(name, "it changes what the resource means and is not understood")
    _count_left(patient, left)
    identifiers = _identifiers(patient, left)
    taken = {
        **_names(patient, left),
        **_telecoms(patient, left),
        **_language(patient, left),
    }
    try:
        profile = Profile(
            **{field: each.value for field, each in taken.items()},
            birth_date=_birth_date(patient),
            gender=_gender(patient),
            address=_address(patient, left),
            zone=zone,
            marital_status=_marital_status(patient, left),
        )
    except Invalid as refusal:
        raise BrokenBundle(patient.source, taken[refusal.field].where, refusal.rule) from None
    first = next((each for each in identifiers if each.system == SYNTHEA), identifiers[0])
    return ReadPatient(first, identifiers, profile)


def _count_left(patient: Element, left: Counter[str]) -> None:
    """Count the elements and extensions that nothing here reads."""
    left.update(f"Patient.{name}" for name in patient.fields if name not in _READ)
    _count_extensions(patient, "Patient", left)
    for name, read in _READ_OF.items():
        for element in patient.elements(name):
            unread = element.fields.keys() - read - {"extension"}
            left.update(f"Patient.{name}.{each}" for each in sorted(unread))
            _count_extensions(element, f"Patient.{name}", left)


def _count_extensions(element: Element, place: str, left: Counter[str]) -> None:
    for extension in element.elements("extension"):
        url = extension.text("url")
        if url is None:
            extension.broken("url", "every extension says what it is")
        left[f"{place}.extension({url})"] += 1


def _identifiers(patient: Element, left: Counter[str]) -> tuple[Identifier, ...]:
    found: list[Identifier] = []
    for element in patient.elements("identifier"):
        system, value = element.text("system"), element.text("value")
        if system is None or value is None:
            left["Patient.identifier"] += 1
            continue
        try:
            found.append(Identifier(system=system, value=value))
        except Invalid as refusal:
            element.broken(refusal.field, refusal.rule)
    if not found:
        patient.broken("identifier", "one with system and value is needed")
    return tuple(found)


def _names(patient: Element, left: Counter[str]) -> dict[str, _Taken]:
    name = _preferred(patient, "name", _NAME_USES, left, _is_whole_name)
    if name is None:
        patient.broken("name", "a given and a family name are needed")
    return {
        "given_name": _Taken(" ".join(name.texts("given")), f"{name.where}.given"),
        "family_name": _Taken(name.text("family") or "", f"{name.where}.family"),
    }


def _is_whole_name(name: Element) -> bool:
    return bool(name.texts("given")) and name.text("family") is not None


def _telecoms(patient: Element, left: Counter[str]) -> dict[str, _Taken]:
    """The preferred phone number and e-mail address."""
    found: dict[str, _Taken] = {}
    for telecom in sorted(patient.elements("telecom"), key=_telecom_order):
        kind, value = telecom.text("system"), telecom.text("value")
        if kind in {"phone", "email"} and kind not in found and value is not None:
            found[kind] = _Taken(value, f"{telecom.where}.value")
        else:
            left["Patient.telecom"] += 1
    return found


def _telecom_order(telecom: Element) -> tuple[bool, float, int]:
    rank = telecom.fields.get("rank", float("inf"))
    if isinstance(rank, bool) or not isinstance(rank, int | float) or rank < 1:
        telecom.broken("rank", "a whole number from 1 is needed here")
    use = _use_order(telecom, _TELECOM_USES)
    return telecom.text("use") == "old", rank, use


def _language(patient: Element, left: Counter[str]) -> dict[str, _Taken]:
    """The preferred language, or else the first, as a BCP 47 code."""
    found: dict[str, _Taken] = {}
    ordered = sorted(patient.elements("communication"), key=lambda each: not each.flag("preferred"))
    for communication in ordered:
        language = communication.element("language")
        if language is None:
            communication.broken("language", "every communication names its language")
        coding = _coding(language, {LANGUAGES, None})
        if coding is not None and not found:
            found["language"] = _Taken(coding.text("code") or "", f"{coding.where}.code")
        else:
            left["Patient.communication"] += 1
    return found


def _birth_date(patient: Element) -> date:
    written = patient.text("birthDate")
    if written is None:
        patient.broken("birthDate", "a birth date is needed")
    if not _DATE.fullmatch(written):
        patient.broken("birthDate", "a full date is needed, as in 1984-07-02")
    try:
        return date.fromisoformat(written)
    except ValueError:
        patient.broken("birthDate", "there is no such day")


def _gender(patient: Element) -> Gender:
    code = patient.text("gender")
    if code is None:
        return Gender.UNKNOWN
    if code not in set(Gender):
        patient.broken("gender", "not a code that FHIR has for it")
    return Gender(code)


def _address(patient: Element, left: Counter[str]) -> Address | None:
    """The preferred address that a letter would reach; a partial one is left out."""
    address = _preferred(patient, "address", _ADDRESS_USES, left, _is_postal)
    if address is None:
        return None
    try:
        return Address(
            lines=address.texts("line"),
            city=address.text("city") or "",
            region=address.text("state"),
            postal_code=address.text("postalCode"),
            country=_country(address) or "",
        )
    except Invalid as refusal:
        address.broken(_ADDRESS_FIELDS.get(refusal.field, refusal.field), refusal.rule)


def _is_postal(address: Element) -> bool:
    return bool(
        address.texts("line") and address.text("city") is not None and _country(address) is not None
    )


def _country(address: Element) -> str | None:
    """The country's two letters (ISO 3166), where it is told by a code we know."""
    written = (address.text("country") or "").upper()
    code = _ALPHA_3.get(written, written)
    return code if _COUNTRY.fullmatch(code) else None


def _marital_status(patient: Element, left: Counter[str]) -> MaritalStatus | None:
    concept = patient.element("maritalStatus")
    if concept is None:
        return None
    coding = _coding(concept, {MARITAL, NULL_FLAVOR})
    if coding is None:
        left["Patient.maritalStatus"] += 1
        return None
    code = coding.text("code")
    if code not in set(MaritalStatus):
        coding.broken("code", "not a code that FHIR has for it")
    return MaritalStatus(code)


def _coding(concept: Element, systems: set[str | None]) -> Element | None:
    """The concept's first code of one of these systems."""
    codings = (each for each in concept.elements("coding") if each.text("code") is not None)
    return next((each for each in codings if each.text("system") in systems), None)


def _preferred(
    patient: Element,
    name: str,
    uses: Sequence[str | None],
    left: Counter[str],
    fits: Callable[[Element], bool],
) -> Element | None:
    """The fitting element of that name whose use comes first; the others are left out."""
    ordered = sorted(patient.elements(name), key=lambda each: _use_order(each, uses))
    fitting = [each for each in ordered if fits(each)]
    not_taken = len(ordered) - bool(fitting)
    if not_taken:
        left[f"Patient.{name}"] += not_taken
    return fitting[0] if fitting else None


def _use_order(element: Element, uses: Sequence[str | None]) -> int:
    use = element.text("use")
    if use not in uses:
        element.broken("use", "not a code that FHIR has for it")
    return uses.index(use)
