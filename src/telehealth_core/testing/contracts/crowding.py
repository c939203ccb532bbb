"""What tests of races begin with: a practice with a crowd, and a way to ask for much at once."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid5

import attrs

from telehealth_core.access.actor import Actor, Purpose, Role
from telehealth_core.access.audit import DONE
from telehealth_core.billing.card import Card, CardDetails
from telehealth_core.billing.charge import Charge
from telehealth_core.practice.settings import Approval, Charging, Settings
from telehealth_core.registration.patient import Patient, PatientStatus
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.scheduling.session import Mode, Session, SessionAdded
from telehealth_core.scheduling.waitlist import WaitlistEntry
from telehealth_core.shared.ids import (
    AppointmentId,
    CardId,
    PatientId,
    ProviderId,
    SessionId,
    UserId,
    WaitlistEntryId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Refusal
from telehealth_core.telehealth import Telehealth
from telehealth_core.testing.contracts.beginning import AT, StoreBeginning, practice, profile
from telehealth_core.testing.doubles import FixedClock, memory_ports
from telehealth_core.workforce.provider import ProviderStatus

CALLERS = 50
WANTED = AT + timedelta(days=1)
"""When the visit begins that everybody wants."""
VISIT = Interval.lasting(WANTED, 15)
ALWAYS = Interval(AT - timedelta(days=1), AT + timedelta(days=365))
DONE_AT_ONCE = "done"
Call = Callable[[], Any]


def at_once(calls: Sequence[Call]) -> list[Any]:
    """What comes of calls that all begin together: answers and refusals, each in its place."""
    begin = Barrier(len(calls))

    def made(call: Call) -> Any:
        begin.wait(timeout=60)
        try:
            return call()
        except Refusal as refusal:
            return refusal

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # so that threads of one process overtake each other
    try:
        with ThreadPoolExecutor(len(calls)) as callers:
            return list(callers.map(made, calls))
    finally:
        sys.setswitchinterval(before)


def told(answers: Sequence[Any]) -> Counter[str]:
    """How often each code was told; what was answered is `done`."""
    return Counter(one.code if isinstance(one, Refusal) else DONE_AT_ONCE for one in answers)


@attrs.frozen
class Kept:
    """All that there is of a practice's diary, money, outbox and audit."""

    appointments: frozenset[Appointment]
    charges: frozenset[Charge]
    events: Counter[str]
    audited: int

    @property
    def holding(self) -> list[Appointment]:
        """The claims that take the time that everybody wants."""
        return [
            one for one in self.appointments if one.occupying(AT) and one.during.overlaps(VISIT)
        ]


@attrs.frozen
class Crowd:
    """A practice of so many providers, patients and members of staff; everybody has a card, and
    each provider a shift in which the wanted time lies, this week and the next.
    """

    ask: Telehealth
    system: Actor
    patients: tuple[Actor, ...]
    staff: tuple[Actor, ...]
    sessions: tuple[Session, ...]

    def id(self, name: str) -> Any:
        """The id that goes by this name in the practice."""
        return uuid5(self.system.practice_id, name)

    def card(self, patient: Actor) -> CardId:
        """The card of this patient."""
        return CardId(uuid5(patient.as_patient(), "card"))

    def added(self, number: int) -> SessionAdded:
        """That this shift was added."""
        return self.sessions[number].added(by=self.system.id, at=AT)


class Crowding(StoreBeginning):
    """A crowd, and what there is of it; `audit` and `waiting` tell of all of it."""

    def crowd(self, *, patients: int = CALLERS, providers: int = 1, **rules: Any) -> Crowd:
        """A practice with a crowd in it, as few rules as there can be, and staff who approve."""
        loose = {"holds_most": 20, "visits_a_day_most": 20, "visits_ahead_most": 400}
        settings = Settings(
            charging=Charging.ON_COMPLETION, approval=Approval.LIAISON, **{**loose, **rules}
        )
        own = attrs.evolve(practice("crowded"), settings=settings)
        system = Actor.system(own.id)
        with self.work(system) as work:
            work.practices.save(own, own.opened(by=system.id))
        store = self.store()
        ports = memory_ports(
            work=store.work, signed_in=store, directory=store, clock=FixedClock(AT)
        )
        made = Crowd(
            ask=Telehealth(ports),
            system=system,
            patients=tuple(self._patient(system, number) for number in range(patients)),
            staff=tuple(self._liaison(system, number) for number in range(CALLERS)),
            sessions=tuple(
                attrs.evolve(
                    self.session(system),
                    id=SessionId(uuid5(system.practice_id, f"shift {number}")),
                    provider_id=ProviderId(uuid5(system.practice_id, f"provider {number}")),
                    during=Interval.lasting(WANTED, 15 * CALLERS),
                )
                for number in range(providers)
            ),
        )
        self._open(made)
        return made

    def kept(self, crowd: Crowd) -> Kept:
        """All that there is now."""
        id = crowd.system.practice_id
        with self.work(crowd.system) as work:
            return Kept(
                frozenset(work.appointments.in_practice(ALWAYS, status=None, limit=9_999)),
                frozenset(work.charges.planned_in(ALWAYS, limit=9_999)),
                Counter(self.waiting(id)),
                sum(entry.outcome == DONE for entry in self.audit(id)),
            )

    def booked(self, crowd: Crowd, number: int, *, patient: int, days: int) -> Appointment:
        """A visit that was booked so many days after the wanted time."""
        session = crowd.sessions[number]
        held, event = Appointment.hold(
            session,
            practice("crowded").settings,
            id=AppointmentId(crowd.id(f"booked {patient} {days}")),
            patient_id=crowd.patients[patient].as_patient(),
            start=WANTED,
            mode=Mode.VIDEO,
            location="GB",
            by=crowd.patients[patient].id,
            at=AT,
        )
        later = Interval.lasting(WANTED + timedelta(days=days), 15)
        one = attrs.evolve(held, during=later, occupies=later, status=AppointmentStatus.BOOKED)
        with self.work(crowd.system) as work:
            work.appointments.save(one, event)
        return one

    def entry(self, crowd: Crowd, number: int, *, patient: int, session: int) -> None:
        """Somebody waits for the wanted time with the provider of that shift."""
        entry = WaitlistEntry(
            id=WaitlistEntryId(crowd.id(f"entry {number}")),
            practice_id=crowd.system.practice_id,
            patient_id=crowd.patients[patient].as_patient(),
            provider_id=crowd.sessions[session].provider_id,
            location="GB",
            period=VISIT,
            joined_at=AT + timedelta(seconds=number),
            joined_by=crowd.system.id,
        )
        with self.work(crowd.system) as work:
            work.waitlist.save(entry, entry.joined())

    def _open(self, crowd: Crowd) -> None:
        by, week = crowd.system.id, timedelta(days=7)
        with self.work(crowd.system) as work:
            for one in crowd.sessions:
                active = ProviderStatus.ACTIVE
                provider = attrs.evolve(
                    self.provider(crowd.system), id=one.provider_id, status=active
                )
                work.providers.save(provider, provider.added(by=by))
        with self.work(crowd.system) as work:
            for one in crowd.sessions:
                later = Interval(one.during.start + week, one.during.end + week)
                again = attrs.evolve(one, id=SessionId(uuid5(one.id, "next week")), during=later)
                for session in (one, again):
                    work.sessions.save(session, session.added(by=by, at=AT))
            for actor in crowd.patients:
                self._registered(work, actor, crowd.card(actor))

    @staticmethod
    def _registered(work: Any, actor: Actor, card: CardId) -> None:
        patient, registered = Patient.register(
            by=actor.id,
            id=actor.as_patient(),
            practice_id=actor.practice_id,
            profile=profile(),
            registered_at=AT,
        )
        work.patients.save(attrs.evolve(patient, status=PatientStatus.VERIFIED), registered)
        details = CardDetails(f"tok-{card}", "visa", "4242", 2030, 12)
        kept, saved = Card.save(
            card, actor.practice_id, actor.as_patient(), details, by=actor.id, at=AT
        )
        work.cards.save(kept, saved)

    @staticmethod
    def _patient(system: Actor, number: int) -> Actor:
        patient = PatientId(uuid5(system.practice_id, f"patient {number}"))
        account = UserId(uuid5(patient, "account"))
        return Actor(account, system.practice_id, frozenset({Role.PATIENT}), patient_id=patient)

    @staticmethod
    def _liaison(system: Actor, number: int) -> Actor:
        account = UserId(uuid5(system.practice_id, f"liaison {number}"))
        return Actor(
            account,
            system.practice_id,
            frozenset({Role.LIAISON}),
            purpose=Purpose.OPERATIONS,
        )
