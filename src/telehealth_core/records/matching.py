"""Matching: whether somebody outside is somebody we know (VEN-06: by three attributes at least)."""

from collections.abc import Iterable

from telehealth_core.records.mapping import patient_fields
from telehealth_core.records.merge import Fields
from telehealth_core.registration.patient import Patient

ATTRIBUTES: tuple[tuple[str, ...], ...] = (
    ("given_name", "family_name"),
    ("birth_date",),
    ("phone",),
    ("email",),
    ("address_lines", "postal_code"),
)
"""What is compared; each counts once, and only if both sides say it."""

CERTAIN = 3
POSSIBLE = 2


def agreeing(patient: Patient, fields: Fields) -> int:
    """How many attributes are the same on both sides, whatever the case of letters and the
    blanks.
    """
    if patient.profile is None:
        return 0
    ours = patient_fields(patient.profile)
    return sum(_same(ours, fields, names) for names in ATTRIBUTES)


def certain(patients: Iterable[Patient], fields: Fields) -> Patient | None:
    """The one patient who is certainly meant; None if there is none, or more than one."""
    found = [one for one in patients if agreeing(one, fields) >= CERTAIN]
    return found[0] if len(found) == 1 else None


def possible(patients: Iterable[Patient], fields: Fields) -> tuple[Patient, ...]:
    """Those who may be meant: a person decides (VEN-06)."""
    return tuple(one for one in patients if agreeing(one, fields) >= POSSIBLE)


def _same(ours: Fields, theirs: Fields, names: tuple[str, ...]) -> bool:
    return all(
        _plain(ours.get(name)) is not None and _plain(ours.get(name)) == _plain(theirs.get(name))
        for name in names
    )


def _plain(value: str | None) -> str | None:
    return None if value is None else "".join(value.casefold().split()) or None
