"""Matching: whether somebody outside is somebody we know (VEN-06: by three attributes at least)."""

from collections.abc import Iterable

from telehealth_core.records.mapping import patient_fields
from telehealth_core.records.merge import Fields
from telehealth_core.registration.patient import Patient

NAME, BIRTH_DATE = ("given_name", "family_name"), ("birth_date",)
ATTRIBUTES: tuple[tuple[str, ...], ...] = (
    NAME,
    BIRTH_DATE,
    ("phone",),
    ("email",),
    ("address_lines", "postal_code"),
)
"""What is compared; each counts once, and only if both sides say it."""

CERTAIN = 3
POSSIBLE = 2


def agreeing(patient: Patient, fields: Fields) -> frozenset[tuple[str, ...]]:
    """The attributes that are the same on both sides, whatever the case of letters and the
    blanks.
    """
    ours = {} if patient.profile is None else patient_fields(patient.profile)
    return frozenset(names for names in ATTRIBUTES if _same(ours, fields, names))


def certain(patients: Iterable[Patient], fields: Fields) -> Patient | None:
    """The one patient who is certainly meant; None if there is none, or more than one. A family has
    address, phone and email in common: name and birth date have to be among the three.
    """
    found = [one for one in patients if _certain(agreeing(one, fields))]
    return found[0] if len(found) == 1 else None


def possible(patients: Iterable[Patient], fields: Fields) -> tuple[Patient, ...]:
    """Those who may be meant: a person decides (VEN-06)."""
    return tuple(one for one in patients if len(agreeing(one, fields)) >= POSSIBLE)


def _certain(same: frozenset[tuple[str, ...]]) -> bool:
    return len(same) >= CERTAIN and {NAME, BIRTH_DATE} <= same


def _same(ours: Fields, theirs: Fields, names: tuple[str, ...]) -> bool:
    pairs = [(_plain(ours.get(name)), _plain(theirs.get(name))) for name in names]
    return any(one for one, _ in pairs) and all(one == other for one, other in pairs)


def _plain(value: str | None) -> str | None:
    return None if value is None else "".join(value.casefold().split()) or None
