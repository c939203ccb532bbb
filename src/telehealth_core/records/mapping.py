"""Mapping: what is shared of a patient and of an appointment, field by field, and whose word counts
(F55, F58).
"""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

import attrs

from telehealth_core.records.link import RecordKind
from telehealth_core.records.merge import Fields, Rule
from telehealth_core.registration.patient import Address, Gender, Profile
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.shared.interval import Interval, instant
from telehealth_core.shared.refusal import Invalid

PATIENT_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        # who somebody is was checked by a person, and only a person changes it (IDV-10)
        "given_name": Rule.ASK_ALWAYS,
        "family_name": Rule.ASK_ALWAYS,
        "birth_date": Rule.ASK_ALWAYS,
        "gender": Rule.ASK,
        # the front desk hears of a move before we do
        "phone": Rule.THEIRS,
        "email": Rule.THEIRS,
        "address_lines": Rule.THEIRS,
        "city": Rule.THEIRS,
        "region": Rule.THEIRS,
        "postal_code": Rule.THEIRS,
        "country": Rule.THEIRS,
    }
)
APPOINTMENT_RULES: Mapping[str, Rule] = MappingProxyType(
    {"start": Rule.OURS, "end": Rule.OURS, "status": Rule.OURS}
)
"""Until the provider confirms, the booking is ours: it holds the time and the agreement on the
price.
"""
RULES: Mapping[RecordKind, Mapping[str, Rule]] = MappingProxyType(
    {RecordKind.PATIENT: PATIENT_RULES, RecordKind.APPOINTMENT: APPOINTMENT_RULES}
)

_ADDRESS = ("address_lines", "city", "region", "postal_code", "country")

SCHEDULED, CANCELLED, CAME, MISSED = "scheduled", "cancelled", "came", "missed"
_STATUS = {
    AppointmentStatus.HELD: SCHEDULED,
    AppointmentStatus.PENDING: SCHEDULED,
    AppointmentStatus.BOOKED: SCHEDULED,
    AppointmentStatus.ARRIVED: CAME,
    AppointmentStatus.FULFILLED: CAME,
    AppointmentStatus.CANCELLED: CANCELLED,
    AppointmentStatus.NOSHOW: MISSED,
}


def patient_fields(profile: Profile) -> dict[str, str | None]:
    """What a profile says, field by field."""
    address = profile.address
    return {
        "given_name": profile.given_name,
        "family_name": profile.family_name,
        "birth_date": profile.birth_date.isoformat(),
        "gender": profile.gender.value,
        "phone": profile.phone,
        "email": profile.email,
        "address_lines": "\n".join(address.lines) if address else None,
        "city": address.city if address else None,
        "region": address.region if address else None,
        "postal_code": address.postal_code if address else None,
        "country": address.country if address else None,
    }


def profile_with(profile: Profile, fields: Fields) -> Profile:
    """The profile, with these fields as the other side says.

    Raises: Invalid, naming the field that says nothing a profile can hold.
    """
    merged = {**patient_fields(profile), **fields}
    return attrs.evolve(
        profile,
        given_name=_needed(merged, "given_name"),
        family_name=_needed(merged, "family_name"),
        birth_date=_date(_needed(merged, "birth_date")),
        gender=_gender(merged["gender"]),
        phone=merged["phone"],
        email=merged["email"],
        address=_address(merged),
    )


def profile_of(fields: Fields, zone: str) -> Profile:
    """The profile of somebody whom only the other side knows so far.

    Raises: Invalid.
    """
    return Profile(
        given_name=_needed(fields, "given_name"),
        family_name=_needed(fields, "family_name"),
        birth_date=_date(_needed(fields, "birth_date")),
        gender=_gender(fields.get("gender")),
        phone=fields.get("phone"),
        email=fields.get("email"),
        address=_address(fields),
        zone=zone,
    )


def appointment_fields(appointment: Appointment) -> dict[str, str | None]:
    """What an appointment says, field by field; instants in UTC."""
    return {
        "start": appointment.during.start.isoformat(),
        "end": appointment.during.end.isoformat(),
        "status": _STATUS[appointment.status],
    }


def plain(fields: Fields) -> dict[str, str | None]:
    """What the other side says, without outer blanks, empty values and other ways to write an
    instant.
    """
    return {name: _instant(name, (value or "").strip() or None) for name, value in fields.items()}


def visit_of(fields: Fields) -> tuple[Interval, str]:
    """When the other side says the visit is, and how it stands.

    Raises: Invalid.
    """
    start, end, status = (_needed(fields, name) for name in APPOINTMENT_RULES)
    if status not in _STATUS.values():
        raise Invalid("status", f"one of {', '.join(sorted(set(_STATUS.values())))}")
    try:
        return Interval(datetime.fromisoformat(start), datetime.fromisoformat(end)), status
    except ValueError:
        raise Invalid("start", "an instant with its offset from UTC") from None


def _instant(name: str, value: str | None) -> str | None:
    if value is None or name not in {"start", "end"}:
        return value
    try:
        return instant(datetime.fromisoformat(value), name).isoformat()
    except (ValueError, Invalid):
        return value


def _address(fields: Fields) -> Address | None:
    if all(fields.get(name) is None for name in _ADDRESS):
        return None
    return Address(
        lines=tuple(_needed(fields, "address_lines").split("\n")),
        city=_needed(fields, "city"),
        region=fields.get("region"),
        postal_code=fields.get("postal_code"),
        country=_needed(fields, "country"),
    )


def _gender(value: str | None) -> Gender:
    try:
        return Gender.UNKNOWN if value is None else Gender(value)
    except ValueError:
        raise Invalid("gender", f"one of {', '.join(Gender)}") from None


def _date(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Invalid("birth_date", "a date, as in 1980-02-29") from None


def _needed(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if value is None:
        raise Invalid(name, "needed")
    return value
