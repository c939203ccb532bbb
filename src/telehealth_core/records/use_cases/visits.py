"""Taking in one appointment of the outside system: followed where it is ours, booked where it is
new and our rules allow (F55).
"""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.mapping import (
    APPOINTMENT_RULES,
    CANCELLED,
    appointment_fields,
    visit_of,
)
from telehealth_core.records.merge import Difference, Fields, Merge, merge
from telehealth_core.records.ports import OutsideRow, RecordsWork
from telehealth_core.records.quarantine import Problem
from telehealth_core.records.use_cases.noting import NoPlace, linked, note
from telehealth_core.scheduling.appointment import TimeTaken
from telehealth_core.scheduling.session import Session
from telehealth_core.scheduling.use_cases import FrontDesk, Scheduling
from telehealth_core.shared.ids import AppointmentId, PatientId, ProviderId, derived
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Refusal, StaleVersion, Unavailable


@attrs.frozen
class Visits:
    """Our appointments, as the outside system has them."""

    work: UnitOfWork[RecordsWork]
    clock: Clock
    scheduling: Scheduling
    desk: FrontDesk

    def hear(self, actor: Actor, row: OutsideRow, *, remember: bool) -> None:
        """Take in one appointment.

        Raises: Invalid, NoPlace, StaleVersion.
        """
        during, status = visit_of(row.fields)
        with self.work(actor) as work:
            link = work.record_links.by_outside_id(RecordKind.APPOINTMENT, row.outside_id)
            ours = work.appointments.find(AppointmentId(link.subject)) if link else None
        if link is None or ours is None:
            if status == CANCELLED or during.end <= self.clock():
                return
            link = self._placed(actor, row, during, link)
        self._follow(actor, link, row, during)
        with self.work(actor) as work:
            link = work.record_links.get(link.id)
            fields = appointment_fields(work.appointments.get(AppointmentId(link.subject)))
            merged = _refused(
                merge(link.last_agreed, fields, row.fields, APPOINTMENT_RULES), fields
            )
            note(work, actor, link, merged, row.fields, at=self.clock(), remember=remember)

    def _follow(self, actor: Actor, link: RecordLink, row: OutsideRow, during: Interval) -> None:
        """Move or give up our visit as they did theirs; what our rules refuse stays as it is."""
        id = AppointmentId(link.subject)
        with self.work(actor) as work:
            appointment = work.appointments.get(id)
            ours = appointment_fields(appointment)
            taken = merge(link.last_agreed, ours, row.fields, APPOINTMENT_RULES).take
            session = _session(work, appointment.provider_id, during)
        try:
            if taken.get("status") == CANCELLED:
                self.scheduling.cancel(actor, id)
            elif "start" in taken and session is not None:
                self.scheduling.reschedule(actor, id, session_id=session.id, start=during.start)
        except (StaleVersion, Unavailable):
            raise
        except Refusal:
            return

    def _placed(
        self, actor: Actor, row: OutsideRow, during: Interval, link: RecordLink | None
    ) -> RecordLink:
        """The link to a visit that stands here too from now on. It is made before the visit is
        booked, so that nobody tells the outside system of a visit that it told us of.
        """
        with self.work(actor) as work:
            patient = work.record_links.by_outside_id(RecordKind.PATIENT, row.patient or "")
            provider = work.record_links.by_outside_id(RecordKind.PROVIDER, row.provider or "")
            if patient is None:
                raise NoPlace(Problem.UNKNOWN_PATIENT)
            if provider is None:
                raise NoPlace(Problem.UNKNOWN_PROVIDER)
            about, whose = PatientId(patient.subject), ProviderId(provider.subject)
            ours = None if link else _unlinked(work, about, whose, during)
            session = _session(work, whose, during)
            location = _location(work, actor, about)
            id = derived(actor.practice_id, f"record/appointment/{row.outside_id}")
            subject = ours or AppointmentId(link.subject if link else id)
            if not ours and (session is None or location is None):
                raise NoPlace(Problem.NOT_BOOKABLE)
            made = link or linked(
                work,
                actor,
                RecordKind.APPOINTMENT,
                row.outside_id,
                subject=subject,
                patient_id=about,
                at=self.clock(),
            )
        if not ours and session is not None and location is not None:
            self._book(actor, subject, about, session, start=during.start, location=location)
        return made

    def _book(
        self,
        actor: Actor,
        id: AppointmentId,
        patient_id: PatientId,
        session: Session,
        *,
        start: datetime,
        location: str,
    ) -> None:
        try:
            self.desk.book(
                actor,
                id,
                patient_id=patient_id,
                session_id=session.id,
                start=start,
                mode=min(session.modes),
                location=location,
                agreed=session.price,
                starts_within_cooling_off=True,
            )
        except TimeTaken:
            raise NoPlace(Problem.TIME_TAKEN) from None
        except (StaleVersion, Unavailable):
            raise
        except Refusal:
            raise NoPlace(Problem.NOT_BOOKABLE) from None


def _unlinked(
    work: RecordsWork, patient_id: PatientId, provider_id: ProviderId, during: Interval
) -> AppointmentId | None:
    """The same visit, if it stands here already and is no other row's."""
    for one in work.appointments.occupying(during, provider_id=provider_id, patient_id=patient_id):
        same = (one.patient_id, one.provider_id, one.during) == (patient_id, provider_id, during)
        if same and work.record_links.find(RecordLink.id_of(one.id)) is None:
            return one.id
    return None


def _session(work: RecordsWork, provider_id: ProviderId, during: Interval) -> Session | None:
    found = work.sessions.published(provider_id, during)
    return next((one for one in found if one.visit_at(during.start) == during), None)


def _location(work: RecordsWork, actor: Actor, id: PatientId) -> str | None:
    """Where the patient is taken to be until they say so themselves, when they join."""
    pack = work.practices.get(actor.practice_id).jurisdiction
    address = work.patients.get(id).known.address
    region = address.region if address else None
    if pack.licence_region(pack.country) is None:
        return pack.country
    return f"{pack.country}-{region}" if region else None


def _refused(merged: Merge, ours: Fields) -> Merge:
    """What they say and our rules did not let happen is for a person, not taken for agreed."""
    refused = tuple(
        Difference(field, ours[field], ours[field], value) for field, value in merged.take.items()
    )
    agreed = {**merged.agreed, **{one.field: one.agreed for one in refused}}
    return attrs.evolve(merged, take={}, agreed=agreed, open=(*merged.open, *refused))
