"""The two demo practices: staff, clinicians with two weeks of sessions, and one verified patient.

Everything has an id that follows from its name, so that seeding again adds only what is missing.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from secrets import token_urlsafe
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import attrs

from telehealth_cli.journeys.people import PASSWORD
from telehealth_cli.pictures import id_card, selfie
from telehealth_core.access import Actor, EmailTaken, Role, WrongCredentials
from telehealth_core.practice import Approval, Charging, Practice, Settings
from telehealth_core.registration import Address, DocumentKind, Finding, Profile
from telehealth_core.scheduling import Mode
from telehealth_core.shared import IdReused, Interval, Money
from telehealth_core.shared.ids import (
    CardId,
    DocumentId,
    PatientId,
    PracticeId,
    ProviderId,
    SessionId,
    UserId,
)
from telehealth_core.telehealth import Telehealth
from telehealth_core.workforce import Licence, Profession, Provider, ProviderStatus, Service

DAYS = 14
LOOK_UP_AFTER = timedelta(days=180)
NAMESPACE = UUID("6f1d0a52-7d4c-5c0e-9a55-0c1f5b7c2f11")


@attrs.frozen(kw_only=True)
class Clinician:
    """One demo clinician."""

    key: str
    name: str
    profession: Profession
    specialties: frozenset[str]
    languages: frozenset[str]
    licence: Licence
    service: Service
    prescriber: bool


@attrs.frozen(kw_only=True)
class DemoPractice:
    """One demo practice with the people it begins with."""

    practice: Practice
    clinicians: tuple[Clinician, ...]
    patient: Profile

    def id(self, name: str) -> UUID:
        """The id of what goes by this name in the practice."""
        return uuid5(self.practice.id, name)

    def email(self, who: str) -> str:
        """The sign-in of one of its people."""
        return f"{who}@{self.practice.slug}.example"

    def people(self) -> Iterator[tuple[str, str]]:
        """Who can sign in: role and address."""
        yield "admin", self.email("admin")
        yield "liaison", self.email("liaison")
        yield "provider", self.email(self.clinicians[0].key)
        yield "patient", self.email("patient")


_ONE_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_LAST_DAY = date(2035, 12, 31)


def _therapist(key: str, name: str, specialties: set[str], languages: set[str]) -> Clinician:
    return Clinician(
        key=key,
        name=name,
        profession=Profession.THERAPIST,
        specialties=frozenset(specialties),
        languages=frozenset(languages),
        licence=Licence(
            regulator="NY licence", number=f"DEMO-{key}", region="US-NY", expires_on=_LAST_DAY
        ),
        service=Service(
            code="therapy-50", name="Therapy, 50 minutes", minutes=50, price=Money(20_000, "USD")
        ),
        prescriber=False,
    )


def _gp(key: str, name: str, number: str, specialties: set[str]) -> Clinician:
    return Clinician(
        key=key,
        name=name,
        profession=Profession.DOCTOR,
        specialties=frozenset(specialties),
        languages=frozenset({"en"}),
        licence=Licence(regulator="GMC", number=number, expires_on=_LAST_DAY),
        service=Service(
            code="gp-15", name="GP visit, 15 minutes", minutes=15, price=Money(4_900, "GBP")
        ),
        prescriber=True,
    )


HUDSON = DemoPractice(
    practice=Practice(
        id=PracticeId(uuid5(NAMESPACE, "hudson-therapy")),
        slug="hudson-therapy",
        name="Hudson Therapy (demo)",
        address="1 Demo Plaza, New York, NY 10001",
        jurisdiction_code="us",
        zone="America/New_York",
        settings=Settings(
            charging=Charging.ON_COMPLETION, approval=Approval.LIAISON, buffer_minutes=10
        ),
        opened_at=_ONE_DAY,
    ),
    clinicians=(
        _therapist("therapist", "Demo Therapist One", {"anxiety", "cbt"}, {"en", "es"}),
        _therapist("therapist2", "Demo Therapist Two", {"trauma", "emdr"}, {"en"}),
        _therapist("therapist3", "Demo Therapist Three", {"couples", "depression"}, {"en", "zh"}),
    ),
    patient=Profile(
        given_name="Demo",
        family_name="Patient",
        birth_date=date(1990, 5, 17),
        address=Address(
            lines=("2 Demo Street",), city="Albany", region="NY", postal_code="12207", country="US"
        ),
        phone="+1 518 555 0100",
        zone="America/New_York",
        language="en",
    ),
)

THAMES = DemoPractice(
    practice=Practice(
        id=PracticeId(uuid5(NAMESPACE, "thames-gp")),
        slug="thames-gp",
        name="Thames GP (demo)",
        address="1 Demo Embankment, London SE1 1AA",
        jurisdiction_code="uk",
        zone="Europe/London",
        settings=Settings(charging=Charging.AT_BOOKING, approval=Approval.AUTOMATIC),
        opened_at=_ONE_DAY,
    ),
    clinicians=(
        _gp("doctor", "Demo Doctor One", "0000001", {"general-practice", "children"}),
        _gp("doctor2", "Demo Doctor Two", "0000002", {"general-practice", "skin"}),
    ),
    patient=Profile(
        given_name="Demo",
        family_name="Parent",
        birth_date=date(1988, 3, 2),
        address=Address(lines=("2 Demo Lane",), city="London", postal_code="SE1 2BB", country="GB"),
        phone="+44 20 7946 0000",
        zone="Europe/London",
        language="en",
    ),
)

DEMO_PRACTICES = (HUDSON, THAMES)


def once(step: Callable[..., Any], *given: Any, **named: Any) -> None:
    """Do what has not been done before."""
    with suppress(IdReused, EmailTaken):
        step(*given, **named)


def seed(clinic: Telehealth, now: datetime) -> None:
    """Have both demo practices with all their people, and sessions from today on."""
    for demo in DEMO_PRACTICES:
        system = Actor.system(demo.practice.id)
        clinic.practice.open(system, demo.practice)
        if not _complete(clinic, demo):
            _staff(clinic, demo, system)
            _patient(clinic, demo)
        for clinician in demo.clinicians:
            _look_up(clinic, demo, system, clinician, now)
            _sessions(clinic, demo, system, clinician, now)


def _complete(clinic: Telehealth, demo: DemoPractice) -> bool:
    """Whether seeding went through before: its last step saves the patient's card."""
    try:
        actor, _ = clinic.access.sign_in(
            demo.practice.id, demo.email("patient"), PASSWORD, token=token_urlsafe()
        )
    except WrongCredentials:
        return False
    return bool(clinic.billing.cards(actor))


def _staff(clinic: Telehealth, demo: DemoPractice, system: Actor) -> None:
    def account(who: str, role: Role, **more: Any) -> None:
        once(
            clinic.access.open_account,
            system,
            UserId(demo.id(f"account/{who}")),
            email=demo.email(who),
            password=PASSWORD,
            roles=frozenset({role}),
            **more,
        )

    account("admin", Role.ADMIN)
    account("second-admin", Role.ADMIN)
    account("liaison", Role.LIAISON)
    for clinician in demo.clinicians:
        provider = Provider(
            id=ProviderId(demo.id(f"provider/{clinician.key}")),
            practice_id=demo.practice.id,
            name=clinician.name,
            profession=clinician.profession,
            specialties=clinician.specialties,
            languages=clinician.languages,
            licences=(clinician.licence,),
            services=(clinician.service,),
            prescriber=clinician.prescriber,
            added_at=_ONE_DAY,
        )
        once(clinic.workforce.add, system, provider)
        account(clinician.key, Role.PROVIDER, provider_id=provider.id)


def _patient(clinic: Telehealth, demo: DemoPractice) -> None:
    id = PatientId(demo.id("patient"))
    visitor, email = Actor.visitor(demo.practice.id), demo.email("patient")
    profile = attrs.evolve(demo.patient, email=email)
    once(clinic.registration.register, visitor, id, email=email, password=PASSWORD, profile=profile)
    liaison, _ = clinic.access.sign_in(
        demo.practice.id, demo.email("liaison"), PASSWORD, token=token_urlsafe()
    )
    patient, _ = clinic.access.sign_in(demo.practice.id, email, PASSWORD, token=token_urlsafe())
    if not clinic.registration.view(patient, id).verified_until:
        images = ((DocumentKind.IDENTITY, id_card()), (DocumentKind.SELFIE, selfie()))
        for kind, image in images:
            document = DocumentId(demo.id(f"patient/{kind}"))
            once(clinic.identity.supply, patient, id, kind, document, image.content)
        clinic.identity.submit(patient, id)
        checklist = demo.practice.jurisdiction.identity_checklist
        found = tuple(Finding(item.code, passed=True) for item in checklist)
        clinic.identity.approve(liaison, id, "Demo patient.", found)
    clinic.billing.save_card(patient, CardId(demo.id("patient/card")), "tok_visa")


def _look_up(
    clinic: Telehealth, demo: DemoPractice, system: Actor, clinician: Clinician, now: datetime
) -> None:
    """Note that the registers say what they said, before the last look wears out (PRO-01)."""
    today = demo.practice.day(now)
    provider = clinic.workforce.file(system, ProviderId(demo.id(f"provider/{clinician.key}")))
    for licence in provider.licences if provider.status is not ProviderStatus.LEFT else ():
        if today - provider.checked_on(licence) > LOOK_UP_AFTER:
            clinic.workforce.check(
                system,
                provider.id,
                regulator=licence.regulator,
                region=licence.region,
                status=licence.status,
                conditions=licence.conditions,
            )


def _sessions(
    clinic: Telehealth, demo: DemoPractice, system: Actor, clinician: Clinician, now: datetime
) -> None:
    zone = ZoneInfo(demo.practice.zone)
    today = now.astimezone(zone).date()
    for day in (today + timedelta(days=number) for number in range(DAYS)):
        during = Interval(
            datetime.combine(day, time(9), zone), datetime.combine(day, time(17), zone)
        )
        once(
            clinic.diary.add_session,
            system,
            SessionId(demo.id(f"session/{clinician.key}/{day}")),
            provider_id=ProviderId(demo.id(f"provider/{clinician.key}")),
            during=during,
            service=clinician.service.code,
            modes=frozenset(Mode),
            start_every_minutes=30,
        )
