"""What a signature covers: who prescribes what for whom, frozen as it was on that day (RXU-01,
RXU-04).
"""

import hashlib
import json
from datetime import date, datetime
from typing import Any

import attrs

from telehealth_core.practice.practice import Practice
from telehealth_core.registration.patient import Patient
from telehealth_core.shared.ids import ProviderId
from telehealth_core.workforce.licence import Licence
from telehealth_core.workforce.provider import Provider

DEA = "DEA"
"""The regulator of US registrations for controlled medicines, one for each state (RXS-01)."""
AGE_SHOWN_BELOW = 12
"""Years under which a prescription has to show the patient's age (RXU-01)."""


@attrs.frozen(kw_only=True, repr=False)
class Particulars:
    """Who is prescribed for and who prescribes, as it stands on the prescription.

    `appropriate_date` is the day it counts from: the day it is signed, or the later one before
    which it is not dispensed. What is not known is empty or None; a rule refuses that.
    """

    patient_name: str
    patient_address: str
    patient_age: int | None
    prescriber_name: str
    prescriber_kind: str
    prescriber_address: str
    registrations: tuple[str, ...]
    dea_number: str | None
    appropriate_date: date

    @classmethod
    def of(
        cls,
        practice: Practice,
        provider: Provider,
        patient: Patient,
        *,
        region: str | None,
        signed_on: date,
        not_before: date | None = None,
    ) -> "Particulars":
        """The particulars on the day of signing; the age is shown under twelve."""
        person, age = patient.known, patient.known.years(signed_on)
        registration = registration_for_controlled(provider, signed_on, region)
        return cls(
            patient_name=person.full_name,
            patient_address=person.address.on_one_line() if person.address else "",
            patient_age=age if age < AGE_SHOWN_BELOW else None,
            prescriber_name=provider.name,
            prescriber_kind=provider.profession.value.replace("-", " "),
            prescriber_address=f"{practice.name}, {practice.address}",
            registrations=tuple(f"{one.regulator} {one.number}" for one in practising(provider)),
            dea_number=None if registration is None else registration.number,
            appropriate_date=max(signed_on, not_before or signed_on),
        )


def practising(provider: Provider) -> tuple[Licence, ...]:
    """The licences that allow practice; a DEA registration by itself is none."""
    return tuple(one for one in provider.licences if one.regulator != DEA)


def registration_for_controlled(provider: Provider, on: date, region: str | None) -> Licence | None:
    """The DEA registration that is live on that day for that very state (RXS-01)."""
    return next(
        (
            one
            for one in provider.licences
            if one.regulator == DEA and one.region == region and one.stands(on)
        ),
        None,
    )


@attrs.frozen(kw_only=True)
class Signature:
    """Who signed what, and when: `sha256` is the digest of the signed bytes, `seal` what the
    signer's key made of it, both in hexadecimal (RXU-04).
    """

    by: ProviderId
    at: datetime
    sha256: str
    seal: str = attrs.field(repr=False)

    @property
    def digest(self) -> bytes:
        """The digest of the signed bytes."""
        return bytes.fromhex(self.sha256)


def canonical(**fields: Any) -> bytes:
    """The same bytes for the same facts, whatever their order: what a signature is made over."""
    plain = {name: _plain(value) for name, value in fields.items()}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(content: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(content).digest()


def _plain(value: Any) -> Any:
    """Numbers, words, lists and mappings only."""
    if attrs.has(type(value)):
        return {one.name: _plain(getattr(value, one.name)) for one in attrs.fields(type(value))}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)
