"""Whole files: a Bundle is read to its end before anything of it is handed on."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, NoReturn

import attrs

from telehealth_core.shared.text import zone as zone_of
from telehealth_fhir.element import BrokenBundle, Element
from telehealth_fhir.patient import ReadPatient, read_patient

BYTES_MOST = 200_000_000


@attrs.frozen
class BundleContents:
    """What a Bundle holds for us.

    `not_understood` counts what was left out: resource types, and for patients the elements
    (`Patient.photo`) and extensions (`Patient.extension(url)`).
    """

    patients: tuple[ReadPatient, ...]
    not_understood: Mapping[str, int]


def read_bundle(text: str | bytes, source: str, *, zone: str) -> BundleContents:
    """The patients of a FHIR R4 Bundle, who are taken to live in that time zone.

    `source` names the file in errors; it should name nobody.
    Raises: BrokenBundle for anything that cannot be taken as it is; Invalid for an unknown zone.
    """
    zone_of(zone)
    bundle = _parsed(text, source)
    if bundle.fields.get("resourceType") != "Bundle":
        bundle.broken("resourceType", "only a Bundle can be read")
    patients: list[ReadPatient] = []
    left: Counter[str] = Counter()
    for entry in bundle.elements("entry"):
        resource = entry.element("resource")
        kind = resource.text("resourceType") if resource is not None else None
        if resource is None:
            left["Bundle.entry without resource"] += 1
        elif kind is None:
            resource.broken("resourceType", "every resource says what it is")
        elif kind == "Patient":
            patients.append(_another(read_patient(resource, zone, left), patients, resource))
        else:
            left[kind] += 1
    return BundleContents(tuple(patients), left)


def _another(patient: ReadPatient, before: list[ReadPatient], resource: Element) -> ReadPatient:
    if any(patient.identifier == other.identifier for other in before):
        resource.broken("identifier", "an earlier entry of the file has the same identifier")
    return patient


def _parsed(text: str | bytes, source: str) -> Element:
    """The file's outermost object.

    Raises: BrokenBundle.
    """
    if len(text) > BYTES_MOST:
        raise BrokenBundle(source, "file", f"larger than {BYTES_MOST // 1_000_000} MB")
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8-sig")
        value = json.loads(decoded, parse_constant=_no_constant, parse_float=str)
    except UnicodeDecodeError as error:
        raise BrokenBundle(source, f"byte {error.start}", "this is not UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise BrokenBundle(source, where, f"this is not JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise BrokenBundle(source, "file", "this is not JSON as FHIR has it") from None
    if not isinstance(value, dict):
        raise BrokenBundle(source, "file", "an object is needed here")
    fields: dict[str, Any] = value
    return Element(source, "Bundle", fields)


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
