"""Where a simulated world takes place: practices, the people who work there, and a processor that
remembers what it moved.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

import attrs

from telehealth_core.access.actor import Actor, Role
from telehealth_core.billing.payment import PaymentOrder, PaymentOutcome
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.pre_screening import Question
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.registration.patient import Address, Profile
from telehealth_core.shared.ids import PartnerId, PracticeId, ProviderId, UserId
from telehealth_core.shared.money import Money
from telehealth_core.testing.doubles import MemoryPayments
from telehealth_core.workforce.provider import Licence, Profession, Provider, Service

if TYPE_CHECKING:
    from telehealth_core.testing.world.world import World

MARKER = "Xyzzy"
"""Stands in every personal value of a world: where it must not be, it is found."""
SECRET = "Plugh"  # noqa: S105 - of a world that is nowhere
"""Stands in every secret: only whom it is for is sent it."""
PASSWORD = "a sentence that nobody guesses"  # noqa: S105 - of a world that is nowhere
PHOTO = b"image of nobody"
PROVIDERS = 2


@attrs.frozen
class Place:
    """One practice, and what is usual there."""

    id: PracticeId
    zone: str
    country: str
    location: str
    currency: str

    @property
    def visitor(self) -> Actor:
        """Whoever is not signed in."""
        return Actor.visitor(self.id)

    @property
    def system(self) -> Actor:
        """The practice's machinery."""
        return Actor.system(self.id)

    def money(self, minor: int) -> Money:
        """A sum in the practice's currency."""
        return Money(minor, self.currency)


class Processor(MemoryPayments):
    """A processor that writes down each time it takes money and each time it gives some back."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: dict[Any, list[int]] = {}
        self.given: dict[Any, list[int]] = {}

    def collect(self, order: PaymentOrder) -> PaymentOutcome:
        """Take the sum once for each key."""
        outcome = super().collect(order)
        self._note(order.key)
        return outcome

    def authenticate(self, key: Any, *, declined: str | None = None) -> None:
        """The payer confirms, or fails to."""
        super().authenticate(key, declined=declined)
        self._note(key)

    def refund(self, order: Any, amount: Money, key: Any) -> None:
        """Give back once for each key."""
        known = key in self.refunded
        super().refund(order, amount, key)
        if not known:
            self.given.setdefault(order, []).append(amount.minor)

    def _note(self, key: Any) -> None:
        outcome = self.outcome_of[key]
        if outcome.paid and key not in self.taken:
            self.taken[key] = [outcome.amount.minor]


_ZONES = {
    "uk": ("Europe/London", "GB", "GB", "GBP"),
    "us": ("America/New_York", "US", "US-NY", "USD"),
}
_FORM = (Question(asks="Any pain?", choices=("no", "yes"), red_flags=frozenset({"yes"})),)


def opened(world: "World", code: str) -> Place:
    """A practice of that jurisdiction with its staff, providers and a partner."""
    place = Place(PracticeId(world.new_id()), *_ZONES[code])
    uk, ask = code == "uk", world.ask
    practice = Practice(
        id=place.id,
        slug=f"practice-{code}",
        name="Example Practice",
        address="2 Example Street, Exampleton",
        jurisdiction_code=code,
        zone=place.zone,
        settings=Settings(
            charging=Charging.AT_BOOKING if uk else Charging.ON_COMPLETION,
            approval=Approval.AUTOMATIC if uk else Approval.LIAISON,
            late_cancel_fee_bp=5_000,
            noshow_fee_bp=10_000,
            buffer_minutes=10,
            collect_retry_hours=24,
            pre_screening=_FORM,
        ),
        opened_at=world.now,
    )
    ask.practice.open(place.system, practice)
    for role in (Role.ADMIN, Role.ADMIN, Role.LIAISON, Role.LIAISON):
        account(world, place, role)
    staff = world.an_account(place, Role.LIAISON)
    for number in range(PROVIDERS):
        id = ProviderId(world.new_id())
        doctor = number == 0
        ask.workforce.add(staff, _provider(world, place, id, doctor=doctor))
        account(world, place, Role.PROVIDER, provider_id=id)
    partner = PartnerId(world.new_id())
    ask.partnership.add_partner(staff, partner, "Example Charity")
    account(world, place, Role.PARTNER, partner_id=partner)
    return place


def account(world: "World", place: Place, role: Role, **standing: Any) -> None:
    """Give somebody an account of this role."""
    id = UserId(world.new_id())
    world.ask.access.open_account(
        place.system,
        id,
        email=f"{MARKER.lower()}-{id.hex[:12]}@example.org",
        password=PASSWORD,
        roles=frozenset({role}),
        **standing,
    )


def _provider(world: "World", place: Place, id: ProviderId, *, doctor: bool) -> Provider:
    region = None if place.country == "GB" else place.location
    licence = Licence(
        regulator="Example Register", number="1", region=region, expires_on=date(2030, 1, 1)
    )
    service = Service(code="visit", name="Visit", minutes=30, price=place.money(6_000))
    return Provider(
        id=id,
        practice_id=place.id,
        name="Quinn Example",
        profession=Profession.DOCTOR if doctor else Profession.THERAPIST,
        specialties=frozenset({"general"}),
        languages=frozenset({"en"}),
        licences=(licence,),
        services=(service,),
        prescriber=doctor,
        added_at=world.now,
    )


def profile(world: "World", place: Place, *, child: bool = False) -> Profile:
    """The profile of somebody, every word of which is marked."""
    number = world.rng.randrange(40)
    return Profile(
        given_name=f"{MARKER} {number}",
        family_name=f"{MARKER}son",
        birth_date=date(2014 + number % 8, 5, 1) if child else date(1950 + number, 2, 28),
        address=Address(lines=(f"1 {MARKER} Street",), city=MARKER, country=place.country),
        phone="+44 20 7946 0000",
        email=None if child else f"{MARKER.lower()}{number}@example.org",
        zone=place.zone,
    )
