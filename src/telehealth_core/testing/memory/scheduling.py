"""Sessions and appointments in memory."""

from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import attrs

from telehealth_core.scheduling.appointment import Appointment, TimeTaken
from telehealth_core.scheduling.life import OCCUPYING, AppointmentStatus
from telehealth_core.scheduling.limits import Beside, Load
from telehealth_core.scheduling.search import Place, Shift, Wishes, could_begin, unfulfilled
from telehealth_core.scheduling.session import Session, SessionStatus
from telehealth_core.shared.ids import (
    PatientId,
    ProviderId,
    SeriesId,
    SessionId,
)
from telehealth_core.shared.interval import Interval
from telehealth_core.testing.memory.collection import MemoryCollection, Rows


class Sessions(MemoryCollection[Session]):
    """Bookable shifts."""

    def of_series(self, series: SessionId) -> tuple[Session, ...]:
        found = self.where(lambda one: one.series == series)
        return tuple(sorted(found, key=lambda one: (one.during, one.id)))

    def published(self, provider_id: ProviderId, period: Interval) -> tuple[Session, ...]:
        found = self.where(
            lambda one: (
                one.provider_id == provider_id
                and one.status is SessionStatus.PUBLISHED
                and one.during.overlaps(period)
            )
        )
        return tuple(sorted(found, key=lambda one: (one.during, one.id)))

    def shifts(
        self, wishes: Wishes, after: Place, *, at: datetime, limit: int
    ) -> tuple[Shift, ...]:
        until, providers = wishes.period.end, self._work.providers
        published = self.where(
            lambda one: (
                one.status is SessionStatus.PUBLISHED
                and one.during.start < until
                and after.start < one.during.end
            )
        )
        begins = ((could_begin(one, after), one) for one in published)
        could = sorted(
            (begin.start, one.id, one)
            for begin, one in begins
            if begin.start < until and one.has_room(begin.start) and self._has_gap(one, at)
        )
        shifts = (Shift(one, providers.get(one.provider_id), ()) for *_, one in could)
        fitting = (one for one in shifts if not unfulfilled(wishes, one))
        first = tuple(islice(fitting, limit))
        busy = self._busy({one.provider.id for one in first}, at)
        return tuple(
            attrs.evolve(
                one,
                busy=tuple(filter(one.session.reach.overlaps, busy[one.provider.id])),
            )
            for one in first
        )

    def _has_gap(self, session: Session, at: datetime) -> bool:
        claims = self._work.appointments.where(
            lambda one: one.session_id == session.id and one.status in OCCUPYING
        )
        gap = session.has_gap(one.occupies for one in claims)
        return gap or any(one.lapsed(at) for one in claims)

    def _busy(self, providers: set[ProviderId], at: datetime) -> dict[ProviderId, list[Interval]]:
        busy: dict[ProviderId, list[Interval]] = {id: [] for id in providers}
        for one in self._work.appointments.where(
            lambda one: one.provider_id in providers and one.occupying(at)
        ):
            busy[one.provider_id].append(one.occupies)
        return busy


class Appointments(MemoryCollection[Appointment]):
    """Claims on time."""

    def occupying(
        self, period: Interval, *, provider_id: ProviderId, patient_id: PatientId | None = None
    ) -> tuple[Appointment, ...]:
        found = self.where(
            lambda one: (
                one.status in OCCUPYING
                and (
                    (one.provider_id == provider_id and one.occupies.overlaps(period))
                    or (one.patient_id == patient_id and one.during.overlaps(period))
                )
            )
        )
        return _in_order(found)

    def beside(self, wanted: Appointment, *, day: Interval, at: datetime) -> Beside:
        competing = self.where(
            lambda one: (
                one.id != wanted.id and one.status in OCCUPYING and one.competes_with(wanted)
            )
        )
        return Beside(self._beside(wanted, day, at), _in_order(competing))

    def _beside(self, wanted: Appointment, day: Interval, at: datetime) -> Load:
        held = AppointmentStatus.HELD
        others = self.where(lambda one: one.id != wanted.id and one.occupying(at))
        own = [one for one in others if one.patient_id == wanted.patient_id]
        return Load(
            holds=sum(one.held_by == wanted.held_by and one.status is held for one in others),
            ahead=sum(one.during.end > at for one in own),
            a_day=sum(one.during.start in day for one in own),
        )

    def lapsed(self, at: datetime, *, limit: int) -> tuple[Appointment, ...]:
        found = self.where(lambda one: one.lapsed(at))
        return tuple(sorted(found, key=lambda one: (one.held_until, one.id))[:limit])

    def of_patient(self, patient_id: PatientId) -> tuple[Appointment, ...]:
        return tuple(reversed(_in_order(self.where(lambda one: one.patient_id == patient_id))))

    def of_provider(self, provider_id: ProviderId, period: Interval) -> tuple[Appointment, ...]:
        return _in_order(
            self.where(lambda one: one.provider_id == provider_id and one.during.overlaps(period))
        )

    def unattended(self, at: datetime, *, limit: int) -> tuple[Appointment, ...]:
        booked = AppointmentStatus.BOOKED
        found = self.where(lambda one: one.status is booked and one.during.end <= at)
        return tuple(sorted(found, key=lambda one: (one.during.end, one.id))[:limit])

    def in_practice(
        self,
        period: Interval,
        *,
        status: AppointmentStatus | None,
        limit: int,
        after: Appointment | None = None,
    ) -> tuple[Appointment, ...]:
        found = self.where(
            lambda one: (
                one.during.overlaps(period)
                and (status is None or one.status is status)
                and (after is None or _place(one) > _place(after))
            )
        )
        return _in_order(found)[:limit]

    def newest(self, *, before: Appointment | None, limit: int) -> tuple[Appointment, ...]:
        requested = self.where(lambda one: one.requested_at is not None)
        ordered = sorted(requested, key=_asked, reverse=True)
        return tuple(one for one in ordered if before is None or _asked(one) < _asked(before))[
            :limit
        ]

    def flagged(self, *, limit: int) -> tuple[Appointment, ...]:
        return _in_order(self.where(lambda one: one.flags_open))[:limit]

    def unanswered(self, at: datetime, *, limit: int) -> tuple[Appointment, ...]:
        pending = AppointmentStatus.PENDING
        return _in_order(self.where(lambda one: one.status is pending and one.during.start <= at))[
            :limit
        ]

    def of_series(self, series: SeriesId) -> tuple[Appointment, ...]:
        return _in_order(self.where(lambda one: one.series == series))

    def of_sessions(self, sessions: frozenset[SessionId]) -> tuple[Appointment, ...]:
        return _in_order(
            self.where(lambda one: one.session_id in sessions and one.status in OCCUPYING)
        )


def nobody_twice_at_once(rows: Rows, wanted: Appointment) -> None:
    """Refuse a claim on time that another has (N01). Raises: TimeTaken."""
    if wanted.status not in OCCUPYING:
        return
    for other in rows["appointments"].values():
        if (
            other.id == wanted.id
            or other.practice_id != wanted.practice_id
            or other.status not in OCCUPYING
        ):
            continue
        provider = other.provider_id == wanted.provider_id and other.occupies.overlaps(
            wanted.occupies
        )
        patient = other.patient_id == wanted.patient_id and other.during.overlaps(wanted.during)
        if provider or patient:
            raise TimeTaken


def _in_order(appointments: list[Appointment]) -> tuple[Appointment, ...]:
    return tuple(sorted(appointments, key=_place))


def _place(one: Appointment) -> tuple[Interval, UUID]:
    return one.during, one.id


def _asked(one: Appointment) -> tuple[Any, UUID]:
    return one.requested_at, one.id
