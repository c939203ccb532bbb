"""Ids that follow from others never change: rows, repeats and vendors' keys are found by them."""

from collections.abc import Callable
from uuid import UUID

import attrs
import pytest

from telehealth_core.access.actor import Actor
from telehealth_core.access.attempts import SignInAttempts
from telehealth_core.access.role_grant import RoleGrant
from telehealth_core.billing.charge import Charge
from telehealth_core.scheduling.waitlist import offer_id
from telehealth_core.shared.ids import AppointmentId, PatientId, PracticeId, ProviderId, UserId
from unit.lives import AT, LIVES

CAUSE = UUID(int=1)
CHARGE: Charge = attrs.evolve(LIVES["Charge"].example, attempt=2)
IDS: dict[str, Callable[[], UUID]] = {
    "visitor": lambda: Actor.visitor(PracticeId(CAUSE)).id,
    "system": lambda: Actor.system(PracticeId(CAUSE)).id,
    "sign-in attempts": lambda: SignInAttempts.id_of(UserId(CAUSE)),
    "roles at opening": lambda: RoleGrant.at_opening(UserId(CAUSE)),
    "charge": lambda: Charge.id_of(AppointmentId(CAUSE)),
    "first supplement": lambda: Charge.id_of(AppointmentId(CAUSE), 1),
    "payment": lambda: CHARGE.payment_key,
    "first payment": lambda: CHARGE.payment_keys[0],
    "refund": lambda: CHARGE.refund_key(0),
    "offer": lambda: offer_id(PatientId(CAUSE), ProviderId(CAUSE), AT),
}
ALWAYS = {
    "visitor": "3146068f-f500-5450-83a3-b99f4e7d50cf",
    "system": "8a58b0c7-67ec-5164-887b-3c0ff6f94875",
    "sign-in attempts": "90293c88-c50a-50a7-963d-21614f411719",
    "roles at opening": "df114c1d-d809-5d6b-8b4f-f6030d9a15db",
    "charge": "5e48b0c6-07c5-5c9c-9dc9-c77e592c4037",
    "first supplement": "48c263b7-6a90-54b8-84df-718732689c3f",
    "payment": "ef7e8130-f74b-57ec-a062-997c7d6d7933",
    "first payment": "313f0d45-b315-5595-8854-6d6dfe0efad0",
    "refund": "f52e023a-d2c9-5049-a894-b0aa50a5fca6",
    "offer": "4379e332-0813-5041-a5c5-7794d00164bc",
}


@pytest.mark.parametrize("name", IDS)
def test_what_follows_from_a_cause_has_the_id_that_it_always_had(name: str) -> None:
    """Another name for the same thing would make a second one of it (decision 0004)."""
    assert str(IDS[name]()) == ALWAYS[name]
