"""Every kind of step that actors and machinery of a simulated world take. Adding one is adding a
line to the table of its module.
"""

from typing import TYPE_CHECKING

from telehealth_core.access.actor import Role
from telehealth_core.registration.document import DocumentKind
from telehealth_core.testing.world.place import MARKER, PASSWORD, PHOTO, profile
from telehealth_core.testing.world.steps.booking import BOOKING
from telehealth_core.testing.world.steps.machinery import MACHINERY
from telehealth_core.testing.world.steps.office import OFFICE
from telehealth_core.testing.world.steps.paying import PAYING
from telehealth_core.testing.world.steps.registering import ALL_SO, REGISTERING
from telehealth_core.testing.world.steps.step import NothingToAsk, Step
from telehealth_core.testing.world.steps.visiting import VISITING
from telehealth_core.testing.world.steps.writing import WRITING

if TYPE_CHECKING:
    from telehealth_core.testing.world.world import World

__all__ = ["STEPS", "NothingToAsk", "Step", "begin"]

STEPS: tuple[Step, ...] = (
    *REGISTERING,
    *BOOKING,
    *VISITING,
    *WRITING,
    *PAYING,
    *OFFICE,
    *MACHINERY,
)
FIRST_PATIENTS = 4


def begin(world: "World") -> None:
    """A few verified patients with cards, so that the story begins with care."""
    ask, place = world.ask, world.here
    for _ in range(FIRST_PATIENTS):
        id = world.new_id()
        email = f"{MARKER.lower()}-{id.hex[:12]}@example.org"
        ask.registration.register(
            place.visitor, id, email=email, password=PASSWORD, profile=profile(world, place)
        )
        rows = world.store.rows["accounts"].values()
        patient = next(one for one in rows if one.patient_id == id).actor()
        for kind in (DocumentKind.IDENTITY, DocumentKind.SELFIE):
            ask.identity.supply(patient, id, kind, world.new_id(), PHOTO)
        ask.identity.submit(patient, id)
        staff = world.an_account(place, Role.LIAISON)
        ask.identity.approve(staff, id, MARKER, ALL_SO)
        ask.billing.save_card(patient, world.new_id(), "tok_visa")
