"""What an actor can ask of the waitlist: to join and to leave, and what the machinery does with a
time that becomes free.
"""

from contextlib import suppress
from datetime import datetime
from itertools import islice

import attrs

from telehealth_core.access.actor import Actor, Role, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.access.use_cases.reading import shown
from telehealth_core.practice.practice import Practice
from telehealth_core.registration.use_cases import authorized_patient
from telehealth_core.scheduling.appointment import TimeTaken
from telehealth_core.scheduling.availability import Diary, NotBookable
from telehealth_core.scheduling.life import AppointmentStatus, CancellationReason
from telehealth_core.scheduling.limits import LimitsReached
from telehealth_core.scheduling.ports import SchedulingWork
from telehealth_core.scheduling.search import Offer
from telehealth_core.scheduling.session import Mode
from telehealth_core.scheduling.use_cases.claims import (
    beside,
    make_room,
    require_licensed,
    require_limits,
)
from telehealth_core.scheduling.use_cases.searching import all_open
from telehealth_core.scheduling.waitlist import (
    WaitingLimit,
    WaitlistEntry,
    WaitlistStatus,
    offer_id,
)
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    PatientId,
    ProviderId,
    SessionId,
    WaitlistEntryId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import IdReused, StaleVersion
from telehealth_core.shared.repeat import repeat_of
from telehealth_core.workforce.provider import NotLicensed

QUEUE_MOST = 500
_IN_THE_WAY = (TimeTaken, NotBookable, NotLicensed, LimitsReached, StaleVersion, IdReused)
BATCH = 20
"""Entries, and lapsed holds, that are looked at together."""
TRIES = 5
"""Times that are tried for one entry before the next one in order is asked."""


@attrs.frozen
class Waitlist:
    """Who waits for a time."""

    work: UnitOfWork[SchedulingWork]
    clock: Clock

    def join(
        self,
        actor: Actor,
        id: WaitlistEntryId,
        *,
        patient_id: PatientId,
        location: str,
        period: Interval,
        provider_id: ProviderId | None = None,
        specialty: str | None = None,
        service: str | None = None,
        mode: Mode | None = None,
    ) -> WaitlistEntry:
        """Wait for a visit, oneself or for whom one cares; staff for any patient (N09).

        Raises: NotVerified, WaitingLimit, Invalid, IdReused, Unknown, NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, Action.JOIN_WAITLIST, patient_id, at)
            patient.require_verified(at)
            if Role.PATIENT in actor.roles:
                work.patients.get(actor.as_patient()).require_verified(at)
            entry = WaitlistEntry(
                id=id,
                practice_id=actor.practice_id,
                patient_id=patient_id,
                provider_id=provider_id,
                specialty=specialty,
                service=service,
                mode=mode,
                location=location,
                period=period,
                joined_at=at,
                joined_by=actor.id,
            )
            own = frozenset({"appointment_id"})
            work.take_turns(id, patient_id)
            first = repeat_of(entry, work.waitlist.find(id), "waitlist entry", but=own)
            if first is not None:
                return first
            entry.require_ahead(at)
            _require_room(work, work.practices.get(actor.practice_id), entry)
            work.waitlist.save(entry, entry.joined())
        return entry

    def leave(self, actor: Actor, id: WaitlistEntryId) -> WaitlistEntry:
        """Wait no longer; a time that was offered is free again (N09).

        Raises: IllegalTransition, Unknown, NotPermitted.
        """
        at = self.clock()
        with self.work(actor) as work:
            entry = work.waitlist.get(id)
            ties = work.patients.get(entry.patient_id).ties
            standing = relations(actor, ties, at=at)
            authorize(actor, Action.LEAVE_WAITLIST, standing, of="waitlist entry")
            left, event = entry.leave(by=actor.id, at=at)
            work.waitlist.save(left, event)
            held = entry.appointment_id and work.appointments.get(entry.appointment_id)
            if held and held.status is AppointmentStatus.HELD:
                cancelled, gone = held.cancel(CancellationReason.PATIENT, by=actor.id, at=at)
                work.appointments.save(cancelled, gone)
        return left

    def of_patient(self, actor: Actor, patient_id: PatientId) -> tuple[WaitlistEntry, ...]:
        """All that a patient waits or waited for, the latest first (N09)."""
        with self.work(actor) as work:
            authorized_patient(work, actor, Action.VIEW_WAITLIST, patient_id, self.clock())
            work.read(Action.VIEW_WAITLIST, patient_id, patient_id)
            return work.waitlist.of_patient(patient_id)

    def queue(self, actor: Actor) -> tuple[WaitlistEntry, ...]:
        """Everybody who waits, in order, for staff (N09)."""
        with self.work(actor) as work:
            authorize(actor, Action.VIEW_WAITLIST, relations(actor))
            return shown(work, Action.VIEW_WAITLIST, work.waitlist.in_order(limit=QUEUE_MOST))

    # --- the machinery ------------------------------------------------------------------------

    def offer_freed(self, actor: Actor, event: Event) -> None:
        """Offer what a claim gave up to whoever waits first and can have it: reaction to
        AppointmentCancelled and AppointmentRescheduled, safe to repeat (N09).
        """
        with self.work(actor) as work:
            authorize(actor, Action.OFFER_TIME, relations(actor))
            appointment = work.appointments.get(AppointmentId(event.subject))
            entry = work.waitlist.of_appointment(appointment.id)
            given_up = appointment.status is AppointmentStatus.CANCELLED
            if entry is not None and entry.status is WaitlistStatus.OFFERED and given_up:
                lapsed, gone_by = entry.lapse(by=actor.id, at=self.clock())
                work.waitlist.save(lapsed, gone_by)
        self._offer_open(actor, appointment.provider_id)

    def offer_new(self, actor: Actor, event: Event) -> None:
        """Offer the times of a new shift to whoever waits: reaction to SessionAdded and
        SessionPublished, safe to repeat (N09).
        """
        with self.work(actor) as work:
            authorize(actor, Action.OFFER_TIME, relations(actor))
            session = work.sessions.get(SessionId(event.subject))
        self._offer_open(actor, session.provider_id)

    def note_taken(self, actor: Actor, event: Event) -> None:
        """The offer was taken: reaction to AppointmentRequested, safe to repeat (N09)."""
        with self.work(actor) as work:
            authorize(actor, Action.OFFER_TIME, relations(actor))
            entry = work.waitlist.of_appointment(AppointmentId(event.subject))
            if entry is not None and entry.status is WaitlistStatus.OFFERED:
                taken, done = entry.take(by=actor.id, at=self.clock())
                work.waitlist.save(taken, done)

    def offer_again(self, actor: Actor) -> int:
        """Give up the holds whose deadline has passed, offers among them, so that their times are
        offered to the next; the number of holds (N09). For the machinery, every minute or so.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.OFFER_TIME, relations(actor))
            lapsed = work.appointments.lapsed(at, limit=BATCH)
        for one in lapsed:
            with suppress(StaleVersion), self.work(actor) as work:
                expired, event = one.expire(by=actor.id, at=at)
                work.appointments.save(expired, event)
        return len(lapsed)

    def _offer_open(self, actor: Actor, provider_id: ProviderId) -> None:
        """Go through who waits for this provider, in order, and offer each what is open by then."""
        after: WaitlistEntry | None = None
        while page := self._fitting(actor, provider_id, after):
            for entry, offers in page:
                after = entry
                if any(self._offered(actor, entry, one) for one in offers):
                    break  # what is open is another now

    def _fitting(
        self, actor: Actor, provider_id: ProviderId, after: WaitlistEntry | None
    ) -> list[tuple[WaitlistEntry, tuple[Offer, ...]]]:
        """The next entries in order, each with the first open times that fit and were not offered
        to the patient before.
        """
        at = self.clock()
        with self.work(actor) as work:
            provider = work.providers.get(provider_id)
            entries = work.waitlist.waiting(provider, after=after, at=at, limit=BATCH)
            return [(one, self._open_for(work, actor, one, provider_id, at)) for one in entries]

    def _open_for(
        self,
        work: SchedulingWork,
        actor: Actor,
        entry: WaitlistEntry,
        provider_id: ProviderId,
        at: datetime,
    ) -> tuple[Offer, ...]:
        wishes = attrs.evolve(entry.wishes, providers=frozenset({provider_id}))
        return tuple(
            islice(
                (
                    one
                    for one in all_open(work, actor, wishes, at, page=BATCH)
                    if work.appointments.find(_offer_id(entry, one)) is None
                ),
                TRIES,
            )
        )

    def _offered(self, actor: Actor, entry: WaitlistEntry, offer: Offer) -> bool:
        """Hold the time for who waits, if they still can: who took it meanwhile keeps it."""
        at = self.clock()
        with suppress(*_IN_THE_WAY):
            with self.work(actor) as work:
                if not work.patients.get(entry.patient_id).is_verified(at):
                    return False
                practice = work.practices.get(actor.practice_id)
                settings = practice.settings
                session = work.sessions.get(offer.session.id)
                work.take_turns(session.provider_id, entry.patient_id)
                held, event = entry.hold(session, offer.visit, settings, by=actor.id, at=at)
                require_licensed(work, practice, held)
                others = beside(work, practice, held, at)
                require_limits(others.load, settings, held)
                make_room(work, actor, held, Diary(session, settings, (), at), others.claims)
                offered, told = entry.offer(held, by=actor.id, at=at)
                work.appointments.save(held, event)
                work.waitlist.save(offered, told)
            return True
        return False


def _offer_id(entry: WaitlistEntry, offer: Offer) -> AppointmentId:
    return offer_id(entry.patient_id, offer.session.provider_id, offer.visit.start)


def _require_room(work: SchedulingWork, practice: Practice, entry: WaitlistEntry) -> None:
    """Refuse one entry too many: a patient waits for as many times as an account may hold.

    Raises: WaitingLimit.
    """
    most = practice.settings.holds_most
    if sum(one.live for one in work.waitlist.of_patient(entry.patient_id)) >= most:
        raise WaitingLimit(most)
