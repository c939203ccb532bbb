"""Prescriptions: amounts that rules can weigh and a signature that says whose it is, and back.

What was signed under 0001 has no seal: it stays as it is, and is signed anew before it is sent.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from telehealth_core.prescribing.item import Item, Schedule
from telehealth_core.prescribing.law import LAWS
from telehealth_core.registration.profile import Profile
from telehealth_postgres.columns import CONVERTER, to_json

Row = Mapping[str, Any]

ALL = """
    SELECT p.*, o.name AS practice_name, o.address AS practice_address, o.jurisdiction_code,
           d.name AS prescriber_name, d.profession, d.licences, t.profile
    FROM prescriptions p
    JOIN practices o ON o.id = p.practice_id
    JOIN providers d ON d.practice_id = p.practice_id AND d.id = p.provider_id
    JOIN patients t ON t.practice_id = p.practice_id AND t.id = p.patient_id
"""
UP = """
    UPDATE prescriptions SET items = CAST(:items AS jsonb), history = '{}', circumstances = '{}',
        warnings = '{}', review_needed = false, claims = '[]', hidden_from_guardians = false,
        signature = CAST(:signature AS jsonb), particulars = CAST(:particulars AS jsonb),
        valid_until = :valid_until, dispensable = :dispensable
    WHERE practice_id = :practice_id AND id = :id
"""
DOWN = """
    UPDATE prescriptions SET items = CAST(:items AS jsonb),
        signed_at = (signature ->> 'at')::timestamptz
    WHERE practice_id = :practice_id AND id = :id
"""
_DAYS = 28
"""How long an amount lasts where its directions do not say."""
_STRICTEST = Schedule.TWO
"""The schedule of what 0001 knew as controlled: of those that may be prescribed, the strictest."""


def up(row: Row) -> Iterable[Row]:
    """The prescription's new columns."""
    items = [_item(one) for one in row["items"]]
    key = {"practice_id": row["practice_id"], "id": row["id"], "items": to_json(items)}
    signed: dict[str, Any] = {
        "signature": None,
        "particulars": None,
        "valid_until": None,
        "dispensable": None,
    }
    if row["signed_at"] is not None:
        law, day = LAWS[row["jurisdiction_code"]], row["signed_at"].date()
        medicines = CONVERTER.structure(items, tuple[Item, ...])
        seal = {"by": row["provider_id"], "at": row["signed_at"], "sha256": "", "seal": ""}
        signed = {
            "signature": to_json(seal),
            "particulars": to_json(_particulars(row)),
            "valid_until": law.valid_until(medicines, day),
            "dispensable": law.unnumbered(medicines),
        }
    yield {**key, **signed}


def _item(one: Row) -> dict[str, Any]:
    """The item, its amount taken apart: `21 capsules` are 21 of them."""
    amount = re.fullmatch(r"\s*([1-9][0-9]{0,3})\s*(\D.*)?", one["quantity"])
    days = re.search(r"\b([1-9][0-9]?) days?\b", one["directions"])
    return {
        **{name: one[name] for name in ("medicine", "strength", "form", "directions")},
        "quantity": int(amount[1]) if amount else 1,
        "unit": ((amount[2] if amount else one["quantity"]) or one["form"]).strip()[:40],
        "days": int(days[1]) if days else _DAYS,
        "schedule": _STRICTEST if one["controlled"] else None,
    }


def _particulars(row: Row) -> dict[str, Any]:
    """Who prescribed for whom, as far as it is known by now."""
    profile = row["profile"] and CONVERTER.structure(row["profile"], Profile)
    address = profile and profile.address
    return {
        "patient_name": profile.full_name if profile else "",
        "patient_address": address.on_one_line() if address else "",
        "patient_age": None,
        "prescriber_name": row["prescriber_name"],
        "prescriber_kind": row["profession"].replace("-", " "),
        "prescriber_address": f"{row['practice_name']}, {row['practice_address']}",
        "registrations": [f"{one['regulator']} {one['number']}" for one in row["licences"]],
        "dea_number": None,
        "appropriate_date": row["signed_at"].date(),
    }


def down(row: Row) -> Iterable[Row]:
    """The prescription's former columns."""
    items = [
        {
            **{name: one[name] for name in ("medicine", "strength", "form", "directions")},
            "quantity": f"{one['quantity']} {one['unit']}",
            "controlled": one.get("schedule") is not None,
        }
        for one in row["items"]
    ]
    yield {"practice_id": row["practice_id"], "id": row["id"], "items": to_json(items)}
