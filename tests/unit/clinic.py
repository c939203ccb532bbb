"""A practice in memory with people in it, in the field's words: what the unit tests begin with."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

import attrs
from hypothesis import settings

from telehealth_core.access.actor import STAFF, Actor, GuardianBasis, Purpose, Role
from telehealth_core.billing.charge import Charge
from telehealth_core.consultation.assurance import IdentityMethod
from telehealth_core.consultation.consultation import Consultation
from telehealth_core.consultation.video import Admitted
from telehealth_core.jurisdictions.pack import IDENTITY_CHECKLIST
from telehealth_core.practice.consent_text import ConsentPurpose, ConsentText
from telehealth_core.practice.practice import Practice
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.reactions import reactions_to
from telehealth_core.registration.consent import Consent
from telehealth_core.registration.document import DocumentKind
from telehealth_core.registration.identity_decision import Finding
from telehealth_core.registration.patient import Address, Patient, Profile
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus, DeclineCode, Declined
from telehealth_core.scheduling.override import Override
from telehealth_core.scheduling.session import Mode, Session
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    CardId,
    ConsentId,
    DocumentId,
    PartnerId,
    PatientId,
    PracticeId,
    ProviderId,
    SessionId,
    UserId,
    derived,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.money import Money
from telehealth_core.shared.refusal import Unavailable
from telehealth_core.telehealth import Ports, Telehealth
from telehealth_core.testing.doubles import (
    FixedClock,
    MemoryChannels,
    MemoryDocuments,
    MemoryNotices,
    MemoryPayments,
    memory_ports,
)
from telehealth_core.testing.memory import MemoryStore, MemoryWork
from telehealth_core.workforce.provider import Licence, Profession, Provider, Service

LAWS = settings(max_examples=40, deadline=None)
"""How hard a law is tried."""
SCENARIOS = settings(max_examples=20, deadline=None)
"""How hard a law is tried that needs a whole clinic."""

PASSWORD = "a sentence that nobody guesses"
MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""When the usual session begins: the day after a `FixedClock` starts."""
PHOTO = b"image of nobody"
ALL_SO = tuple(Finding(item.code, passed=True) for item in IDENTITY_CHECKLIST)
"""What a reviewer finds who finds everything right."""


def profile(name: str = "Pat Example", **other: Any) -> Profile:
    """A finished profile."""
    given, _, family = name.partition(" ")
    usual: dict[str, Any] = {
        "given_name": given,
        "family_name": family,
        "birth_date": date(1980, 2, 29),
        "address": Address(lines=("1 Example Street",), city="Exampleton", country="GB"),
        "phone": "+44 20 7946 0000",
        "email": f"{given.lower()}@example.org",
        "zone": "Europe/London",
    }
    return Profile(**{**usual, **other})


def child(name: str = "Kim Example") -> Profile:
    """The profile of somebody who is seven."""
    return profile(name, birth_date=date(2019, 5, 1), email=None)


def provider_of(actor: Actor) -> ProviderId:
    """The provider whom this account stands for."""
    assert actor.provider_id is not None
    return actor.provider_id


UNTOLD = {
    "SettingsVersion": "the practice's event tells it",
    "SignInAttempts": "a count of tries; what came of each try is told by its own events",
}
"""What is saved without an event, and why."""


@attrs.define(slots=False)
class Watched(MemoryStore):
    """A store that looks at every save: whoever reacts, and whoever audits, relies on its events
    (AUD-01).
    """

    @contextmanager
    def work(self, actor: Actor) -> Iterator[MemoryWork]:
        """A unit of work whose saves are looked at once it is done."""
        saved: list[tuple[Any, tuple[Event, ...]]] = []
        with super().work(actor) as work:

            def stage(
                write: Callable[[Any], None], aggregate: Any, events: tuple[Event, ...]
            ) -> None:
                saved.append((aggregate, events))
                MemoryWork.stage(work, write, aggregate, events)

            work.stage = stage  # type: ignore[method-assign]  # a look at what passes
            yield work
        for_others = actor.roles & {Role.VISITOR, Role.SYSTEM}
        for aggregate, events in saved:
            kind = type(aggregate).__name__
            assert events or kind in UNTOLD, f"{kind} is saved and nothing says why"
            for event in events:
                about = (event.subject, event.version)
                assert about == (aggregate.id, aggregate.version), f"{event.name} is of another"
                assert event.at <= self.clock(), f"{event.name} does not say when"
                assert for_others or event.by == actor.id, f"{event.name} does not say by whom"


class Clinic:
    """One practice over memory ports: its staff, and short ways to whatever a test begins with."""

    def __init__(
        self,
        *,
        jurisdiction: str = "uk",
        charging: Charging = Charging.ON_COMPLETION,
        approval: Approval = Approval.AUTOMATIC,
        beside: "Clinic | None" = None,
        ports: dict[str, Any] | None = None,
        **parameters: Any,
    ) -> None:
        own = {"store": Watched(), **(ports or {})}
        self.ports: Ports = beside.ports if beside else memory_ports(**own)
        assert isinstance(self.ports.directory, MemoryStore)
        assert isinstance(self.ports.clock, FixedClock)
        self.store, self.clock, self.ask = (
            self.ports.directory,
            self.ports.clock,
            Telehealth(self.ports),
        )
        self.happened: list[Event] = []
        self._minted = 0
        slug = f"practice-{len(self.store.all())}"
        self.id = PracticeId(uuid5(NAMESPACE_DNS, slug))
        self.visitor, self.system = Actor.visitor(self.id), Actor.system(self.id)
        self.practice = Practice(
            id=self.id,
            slug=slug,
            name="Example Practice",
            address="2 Example Street, Exampleton",
            jurisdiction_code=jurisdiction,
            zone="Europe/London" if jurisdiction == "uk" else "America/New_York",
            settings=Settings(charging=charging, approval=approval, **parameters),
            opened_at=self.clock(),
        )
        self.ask.practice.open(self.system, self.practice)
        self.location = "GB" if jurisdiction == "uk" else "US-NY"
        self.price = Money(6_000, self.practice.jurisdiction.currency)
        self.admin, self.liaison = self.account(Role.ADMIN), self.account(Role.LIAISON)

    # --- people ------------------------------------------------------------------------------

    def new_id(self) -> UUID:
        """An id that nothing has yet."""
        self._minted += 1
        return derived(self.id, f"minted/{self._minted}")

    def account(self, *roles: Role, **standing: Any) -> Actor:
        """Somebody with an account of these roles; staff say that they act for operations."""
        account = self.ask.access.open_account(
            self.system,
            UserId(self.new_id()),
            email=f"user-{self._minted}@example.org",
            password=PASSWORD,
            roles=frozenset(roles),
            **standing,
        )
        staff = bool(account.roles & STAFF)
        return attrs.evolve(account.actor(), purpose=Purpose.OPERATIONS if staff else None)

    def fresh(self, actor: Actor) -> Actor:
        """The same person, who has just proved who they are."""
        return attrs.evolve(actor, proven_at=self.clock())

    def registering(self, name: str = "Pat Example", **other: Any) -> Actor:
        """A patient with an account and a profile, whose identity nobody has checked yet."""
        id = PatientId(self.new_id())
        self.ask.registration.register(
            self.visitor,
            id,
            email=f"patient-{self._minted}@example.org",
            password=PASSWORD,
            profile=profile(name, **other),
        )
        actor: Actor = self.store.rows["accounts"][derived(id, "account")].actor()
        return actor

    def submit(self, patient: Actor, on_behalf_of: PatientId | None = None) -> None:
        """Supply both pictures and ask for a decision."""
        id = on_behalf_of or patient.as_patient()
        for kind in (DocumentKind.IDENTITY, DocumentKind.SELFIE):
            picture = DocumentId(self.new_id())
            self.ask.identity.supply(patient, id, kind, picture, PHOTO)
        self.ask.identity.submit(patient, id)

    def patient(self, name: str = "Pat Example", *, card: str | None = "tok_visa") -> Actor:
        """A verified patient, with a card on file unless told otherwise."""
        actor = self.registering(name)
        self.submit(actor)
        self.ask.identity.approve(self.liaison, actor.as_patient(), "same face", ALL_SO)
        if card is not None:
            self.ask.billing.save_card(actor, CardId(self.new_id()), card)
        return actor

    def dependant(self, guardian: Actor, name: str = "Kim Example") -> Patient:
        """A child in this patient's care."""
        return self.ask.family.add_dependant(
            guardian,
            PatientId(self.new_id()),
            child(name),
            basis=GuardianBasis.PARENTAL_RESPONSIBILITY,
            evidence=DocumentId(self.new_id()),
            content=PHOTO,
        )

    def text(self, purpose: ConsentPurpose, region: str | None = None) -> ConsentText:
        """What the practice asks its patients for this purpose."""
        settings = self.ask.practice.view(self.admin).settings
        found = settings.consent_text(purpose, region)
        assert found is not None
        return found

    def agree(
        self,
        actor: Actor,
        purpose: ConsentPurpose,
        on_behalf_of: PatientId | None = None,
        *,
        region: str | None = None,
    ) -> Consent:
        """Agree to the practice's text for this purpose."""
        return self.ask.consents.give(
            actor,
            ConsentId(self.new_id()),
            on_behalf_of or actor.as_patient(),
            purpose,
            text_hash=self.text(purpose, region).hash,
            region=region,
        )

    def refuse(self, actor: Actor, purpose: ConsentPurpose) -> Consent:
        """Say no to the practice's text for this purpose."""
        return self.ask.consents.refuse(
            actor,
            ConsentId(self.new_id()),
            actor.as_patient(),
            purpose,
            text_hash=self.text(purpose).hash,
        )

    def provider(
        self,
        name: str = "Quinn Therapist",
        *,
        profession: Profession = Profession.THERAPIST,
        prescriber: bool = False,
        minutes: int = 30,
        price: Money | None = None,
        licences: tuple[Licence, ...] | None = None,
    ) -> Actor:
        """A licensed provider with one service, `visit`, and an account."""
        region = None if self.location == "GB" else self.location
        usual = Licence(
            regulator="Example Register", number="1", region=region, expires_on=date(2030, 1, 1)
        )
        service = Service(code="visit", name="Visit", minutes=minutes, price=price or self.price)
        provider = Provider(
            id=ProviderId(self.new_id()),
            practice_id=self.id,
            name=name,
            profession=profession,
            specialties=frozenset({"general"}),
            languages=frozenset({"en"}),
            licences=(usual,) if licences is None else licences,
            services=(service,),
            prescriber=prescriber,
            added_at=self.clock(),
        )
        self.ask.workforce.add(self.liaison, provider)
        return self.account(Role.PROVIDER, provider_id=provider.id)

    def partner(self, name: str = "Example Charity") -> Actor:
        """A member of a partner organisation."""
        id = PartnerId(self.new_id())
        self.ask.partnership.add_partner(self.liaison, id, name)
        return self.account(Role.PARTNER, partner_id=id)

    # --- the diary ---------------------------------------------------------------------------

    def session(
        self,
        provider: Actor,
        *,
        start: datetime = MORNING,
        hours: float = 3,
        every: int = 30,
        modes: Iterable[Mode] = (Mode.VIDEO, Mode.VOICE),
    ) -> Session:
        """A published shift, three hours of the next morning unless told otherwise."""
        return self.ask.diary.add_session(
            self.liaison,
            SessionId(self.new_id()),
            provider_id=provider_of(provider),
            during=Interval(start, start + timedelta(hours=hours)),
            service="visit",
            modes=frozenset(modes),
            start_every_minutes=every,
        )

    def hold(
        self,
        patient: Actor,
        session: Session,
        start: datetime | None = None,
        *,
        id: UUID | None = None,
        on_behalf_of: PatientId | None = None,
        location: str | None = None,
        mode: Mode = Mode.VIDEO,
    ) -> Appointment:
        """Pick a time: the session's first unless told otherwise."""
        return self.ask.scheduling.hold(
            patient,
            AppointmentId(id or self.new_id()),
            patient_id=on_behalf_of or patient.as_patient(),
            session_id=session.id,
            start=start or session.during.start,
            mode=mode,
            location=location or self.location,
        ).appointment

    def request(self, patient: Actor, held: Appointment) -> Appointment:
        """Ask for the visit at its price, with the newest card if the patient has any."""
        cards = self.ask.billing.cards(patient)
        return self.ask.scheduling.request(
            patient,
            held.id,
            agreed=held.price,
            card_id=cards[0].id if cards else None,
            starts_within_cooling_off=True,
        )

    def decline(self, requested: Appointment, text: str | None = None) -> Appointment:
        """Have a liaison refuse the request, for a reason nobody needs to know."""
        because = Declined(DeclineCode.OTHER, text)
        return self.ask.approval.decline(self.liaison, requested.id, because)

    def book(
        self,
        patient: Actor,
        session: Session,
        start: datetime | None = None,
        *,
        id: UUID | None = None,
        card: bool = True,
        override: Override | None = None,
    ) -> Appointment:
        """Have a liaison book for the patient, with the newest card if the patient has any."""
        cards = self.ask.billing.cards(patient) if card else ()
        return self.ask.desk.book(
            self.liaison,
            AppointmentId(id or self.new_id()),
            patient_id=patient.as_patient(),
            session_id=session.id,
            start=start or session.during.start,
            mode=Mode.VIDEO,
            location=self.location,
            agreed=session.price,
            card_id=cards[0].id if cards else None,
            override=override,
            starts_within_cooling_off=True,
        )

    def requested(
        self, patient: Actor, session: Session, start: datetime | None = None
    ) -> Appointment:
        """A time that was held and asked for, with nothing of what follows done yet."""
        return self.request(patient, self.hold(patient, session, start))

    def booked(
        self, patient: Actor, session: Session, start: datetime | None = None
    ) -> Appointment:
        """An approved appointment."""
        requested = self.requested(patient, session, start)
        self.drain()
        if self.now(requested).status is AppointmentStatus.PENDING:
            self.ask.approval.approve(self.liaison, requested.id)
            self.drain()
        assert self.now(requested).status is AppointmentStatus.BOOKED
        return self.now(requested)

    def both_join(self, appointment: Appointment, patient: Actor, provider: Actor) -> Consultation:
        """Go to the visit's start and let both into the room, seen to enter; the provider sees who
        the patient is and asks about their GP.
        """
        self.clock.now = appointment.during.start
        self.join(patient, appointment)
        room = self.join(provider, appointment).room
        self.ask.consultation.entered(room, patient.id, "patient's connection")
        self.ask.consultation.entered(room, provider.id, "provider's connection")
        self.agree(patient, ConsentPurpose.GP_SHARING, appointment.patient_id)
        return self.ask.consultation.confirm_identity(
            provider, appointment.id, IdentityMethod.PICTURE
        )

    def join(self, actor: Actor, appointment: Appointment, location: str | None = None) -> Admitted:
        """Be let into the visit's room; a patient is at the clinic's usual place, by themselves."""
        return self.ask.consultation.join(
            actor, appointment.id, location or self.location, private=True
        )

    def visited(self, appointment: Appointment, patient: Actor, provider: Actor) -> Appointment:
        """The appointment after a visit of ten minutes that the provider confirmed."""
        room = self.both_join(appointment, patient, provider).room
        self.clock.forward(minutes=10)
        self.ask.consultation.left(room, patient.id, "patient's connection")
        self.ask.consultation.left(room, provider.id, "provider's connection")
        self.ask.consultation.complete(provider, appointment.id)
        return self.now(appointment)

    # --- what stands, and what follows -------------------------------------------------------

    def now(self, appointment: Appointment) -> Appointment:
        """The appointment as it stands."""
        found: Appointment = self.store.rows["appointments"][appointment.id]
        return found

    def charge(self, appointment: Appointment) -> Charge | None:
        """The charge of the appointment as it stands."""
        found: Charge | None = self.store.rows.get("charges", {}).get(Charge.id_of(appointment.id))
        return found

    def person(self, patient: Actor) -> Patient:
        """The patient as they stand."""
        found: Patient = self.store.rows["patients"][patient.as_patient()]
        return found

    def drain(self, times: int = 1) -> None:
        """Run whatever follows from what happened, each reaction so many times; one that finds an
        outside system away is run again later, as the worker does.
        """
        for _ in range(1_000):
            taken = self.store.take_event()
            if taken is None:
                return
            practice_id, event = taken
            if event not in self.happened:
                self.happened.append(event)
            try:
                for reaction in reactions_to(type(event)):
                    for _ in range(times):
                        self.ask.react(reaction, event, Actor.system(practice_id))
            except Unavailable:
                self.store.outbox.append(taken)
        raise AssertionError("the outbox does not drain")

    @property
    def payments(self) -> MemoryPayments:
        """The processor's double."""
        assert isinstance(self.ports.payments, MemoryPayments)
        return self.ports.payments

    @property
    def documents(self) -> MemoryDocuments:
        """The document store's double."""
        assert isinstance(self.ports.documents, MemoryDocuments)
        return self.ports.documents

    @property
    def channels(self) -> MemoryChannels:
        """The chat vendor's double."""
        assert isinstance(self.ports.channels, MemoryChannels)
        return self.ports.channels

    def sent(self) -> list[tuple[str, str, Mapping[str, str]]]:
        """Every notice so far: address, template, facts."""
        assert isinstance(self.ports.notices, MemoryNotices)
        return list(self.ports.notices.sent.values())

    def rows(self, practice_id: PracticeId | None = None) -> dict[tuple[str, UUID], Any]:
        """Everything stored for the practice, to compare with later."""
        wanted = practice_id or self.id
        return {
            (name, id): row
            for name, rows in self.store.rows.items()
            for id, row in rows.items()
            if row.practice_id == wanted
        }
