"""A clinic in memory behind HTTP, with somebody of every role, for the tests beside this file."""

from typing import Any, Self
from uuid import UUID, uuid4

import attrs
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from telehealth_core.access.actor import Actor, Role
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.reactions import reactions_to
from telehealth_core.shared.ids import PracticeId, UserId
from telehealth_core.telehealth import Ports, Telehealth
from telehealth_core.testing import FixedClock, MemoryStore, memory_ports
from telehealth_embedded.video import EmbeddedRooms
from telehealth_embedded.video import Signalling as Introductions
from telehealth_http import create_app
from telehealth_http.signalling import Signalling

PASSWORD = "a sentence is fine"
SLUG = "hudson"
OTHER_SLUG = "elsewhere"
PRICE = {"minor": 20_000, "currency": "USD"}
PROFILE: dict[str, Any] = {
    "given_name": "Pat",
    "family_name": "Example",
    "birth_date": "1990-02-28",
    "address": {"lines": ["1 Example Street"], "city": "Albany", "country": "US"},
    "phone": "+1 555 0100",
    "zone": "America/New_York",
}
PROVIDER: dict[str, Any] = {
    "name": "Quinn Therapist",
    "profession": "therapist",
    "specialties": ["anxiety"],
    "languages": ["en"],
    "licences": [
        {"regulator": "NYSED", "number": "000001", "region": "US-NY", "expires_on": "2030-12-31"}
    ],
    "services": [{"code": "therapy", "name": "Therapy", "minutes": 60, "price": PRICE}],
    "prescriber": True,
}


@attrs.frozen
class Person:
    """Somebody who asks, with their sign-in where they have one."""

    client: TestClient[Litestar]
    token: str | None = None
    who: dict[str, Any] = attrs.field(factory=dict)

    def ask(self, method: str, path: str, json: Any = None, **options: Any) -> Response:
        """The answer to one request."""
        headers = dict(options.pop("headers", {}))
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if {"liaison", "admin"} & set(self.who.get("roles", ())):
            headers.setdefault("Purpose-Of-Use", "operations")
        if "key" in options:
            headers["Idempotency-Key"] = options.pop("key")
        return self.client.request(method, path, json=json, headers=headers, **options)

    def get(self, path: str, **params: str) -> Any:
        """What is shown there."""
        return self._well(self.ask("GET", path, params=params), 200)

    def post(self, path: str, json: Any = None, *, status: int = 201, **options: Any) -> Any:
        """What the request created or had happen."""
        return self._well(self.ask("POST", path, json, **options), status)

    def put(self, path: str, json: Any) -> Any:
        """What is there now."""
        return self._well(self.ask("PUT", path, json), 200)

    def picture(self, path: str, content: bytes = b"image", **options: Any) -> Response:
        """The answer to a picture."""
        return self.ask(
            "POST", path, content=content, headers={"Content-Type": "image/jpeg"}, **options
        )

    @staticmethod
    def _well(answer: Response, status: int) -> Any:
        assert answer.status_code == status, answer.text
        return answer.json()


@attrs.frozen
class Clinic:
    """Two practices of one installation; the second is there to be kept apart."""

    store: MemoryStore
    ports: Ports
    clinic: Telehealth
    app: Litestar
    client: TestClient[Litestar]
    people: dict[str, Person] = attrs.field(factory=dict)

    @classmethod
    def opened(cls, **other: Any) -> Self:
        """A clinic where nobody but an administrator of each practice has an account."""
        store, clock = MemoryStore(), FixedClock()
        rooms = EmbeddedRooms(b"a secret for tests only", clock, "/v1/signalling")
        ports = memory_ports(store=store, clock=clock, **{"rooms": rooms, **other})
        clinic = Telehealth(ports)
        app = create_app(clinic, signalling=Signalling(rooms.verify, Introductions()), threads=4)
        opened = cls(store, ports, clinic, app, TestClient(app, raise_server_exceptions=False))
        for slug in (SLUG, OTHER_SLUG):
            opened._open(slug)
        return opened

    def _open(self, slug: str) -> None:
        id = PracticeId(uuid4())
        practice = Practice(
            id=id,
            slug=slug,
            name=slug.capitalize(),
            address="1 Example Street",
            jurisdiction_code="us",
            zone="America/New_York",
            settings=Settings(charging=Charging.ON_COMPLETION, approval=Approval.LIAISON),
            opened_at=self.clock(),
        )
        self.clinic.practice.open(Actor.system(id), practice)
        for name in ("admin", "second-admin"):
            self.clinic.access.open_account(
                Actor.system(id),
                UserId(uuid4()),
                email=f"{name}@example.org",
                password=PASSWORD,
                roles=frozenset({Role.ADMIN}),
            )

    @property
    def clock(self) -> FixedClock:
        """The clinic's clock."""
        assert isinstance(self.ports.clock, FixedClock)
        return self.ports.clock

    @property
    def anybody(self) -> Person:
        """Somebody who has not signed in."""
        return Person(self.client)

    def sign_in(self, name: str, slug: str = SLUG) -> Person:
        """The person of that name, signed in."""
        body = {"practice": slug, "email": f"{name}@example.org", "password": PASSWORD}
        who = self.anybody.post("/v1/sign-ins", body)
        return Person(self.client, who.pop("token"), who)

    def staff(self, name: str, slug: str = SLUG, **more: Any) -> Person:
        """Somebody with an account that an administrator opened, and a second one confirmed where
        that is needed, signed in.
        """
        body = {"email": f"{name}@example.org", "password": PASSWORD, "roles": [name], **more}
        opened = self.sign_in("admin", slug).post("/v1/accounts", body)
        if opened["role_grant_id"] is not None:
            path = f"/v1/role-grants/{opened['role_grant_id']}/confirmation"
            self.sign_in("second-admin", slug).post(path, status=200)
        return self.sign_in(name, slug)

    def patient(self, name: str = "patient", slug: str = SLUG) -> Person:
        """A registered patient with a whole profile, signed in."""
        body = {
            "practice": slug,
            "email": f"{name}@example.org",
            "password": PASSWORD,
            "profile": PROFILE,
        }
        self.anybody.post("/v1/registrations", body)
        return self.sign_in(name, slug)

    def verified_patient(
        self, name: str = "patient", slug: str = SLUG, *, by: Person | None = None
    ) -> Person:
        """A patient whose identity a liaison approved."""
        patient = self.patient(name, slug)
        identity = f"/v1/patients/{patient.who['patient_id']}/identity"
        for kind in ("identity", "selfie"):
            assert patient.picture(f"{identity}/images?kind={kind}").status_code == 201
        patient.post(f"{identity}/submission", status=200)
        reviewer = by or self.sign_in("admin", slug)
        reviewer.post(f"{identity}/approval", {"reason": "matches"}, status=200)
        return patient

    def provider(self, slug: str = SLUG) -> Person:
        """A provider with a shift from an hour from now on, signed in."""
        admin = self.sign_in("admin", slug)
        provider = admin.post("/v1/providers", PROVIDER)
        session = admin.post(
            "/v1/sessions",
            {
                "provider_id": provider["id"],
                "during": {"start": "2026-11-23T10:00:00Z", "end": "2026-11-23T18:00:00Z"},
                "service": "therapy",
                "modes": ["video"],
                "start_every_minutes": 60,
            },
        )
        signed_in = self.staff("provider", slug, provider_id=provider["id"])
        signed_in.who["session_id"] = session["id"]
        return signed_in

    def booked(self, patient: Person, provider: Person, hour: int = 10) -> dict[str, Any]:
        """An approved appointment of the two."""
        card = patient.post("/v1/cards", {"token": "tok_visa"})
        held = patient.post("/v1/appointments", hold(provider, hour))
        path = f"/v1/appointments/{held['id']}"
        patient.post(f"{path}/request", {"agreed": PRICE, "card_id": card["id"]}, status=200)
        booked: dict[str, Any] = self.sign_in("admin").post(f"{path}/approval", {}, status=200)
        return booked

    def meet(self, patient: Person, provider: Person, appointment: dict[str, Any]) -> str:
        """Have both attend the visit for some minutes; tells the visit's path."""
        path = f"/v1/appointments/{appointment['id']}"
        room = f"{path}/visit/join"
        theirs = patient.post(room, {"location": "US-NY"}, status=200)
        ours = provider.post(room, status=200)
        for admission, person in ((theirs, patient), (ours, provider)):
            self._attends(admission["room"], person, "in")
        self.clock.forward(minutes=30)
        for admission, person in ((theirs, patient), (ours, provider)):
            self._attends(admission["room"], person, "out")
        return path

    def _attends(self, room: str, person: Person, way: str) -> None:
        user, visit = UserId(UUID(person.who["user_id"])), self.clinic.consultation
        {"in": visit.entered, "out": visit.left}[way](room, user, f"connection of {user}")

    def drain(self) -> None:
        """Run every reaction to everything that happened."""
        while (taken := self.store.take_event()) is not None:
            practice_id, event = taken
            for reaction in reactions_to(type(event)):
                self.clinic.react(reaction, event, Actor.system(practice_id))

    def rows(self) -> dict[str, dict[Any, Any]]:
        """A copy of everything stored, to see that nothing changed."""
        signing_in = {"sign_ins", "sign_in_attempts"}
        return {
            name: dict(rows) for name, rows in self.store.rows.items() if name not in signing_in
        }


def hold(provider: Person, hour: int = 10) -> dict[str, Any]:
    """What a patient sends to pick a time of this provider."""
    return {
        "session_id": provider.who["session_id"],
        "start": f"2026-11-23T{hour}:00:00Z",
        "mode": "video",
        "location": "US-NY",
    }
