"""Taking in one record of the outside system: merged where it belongs to something of ours, placed
where it is new, kept in quarantine where it cannot be placed (F55, F58).
"""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.records.conflict import ConflictStatus, RecordConflict, Side
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.mapping import (
    APPOINTMENT_RULES,
    CANCELLED,
    PATIENT_RULES,
    appointment_fields,
    during_of,
    patient_fields,
    profile_of,
    profile_with,
)
from telehealth_core.records.matching import certain, possible
from telehealth_core.records.merge import Difference, Fields, Merge, Rule, merge
from telehealth_core.records.ports import OutsideRow, RecordsWork
from telehealth_core.records.quarantine import Problem, Quarantined, QuarantineStatus
from telehealth_core.registration.patient import Patient
from telehealth_core.scheduling.appointment import TimeTaken
from telehealth_core.scheduling.session import Session
from telehealth_core.scheduling.use_cases import Scheduling
from telehealth_core.shared.ids import AppointmentId, PatientId, ProviderId, derived
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import Invalid, Refusal, Unavailable


@attrs.frozen
class _NoPlace(Exception):
    problem: Problem
    candidates: tuple[PatientId, ...] = ()


@attrs.frozen
class Hearing:
    """Takes in what the outside system says, one record at a time, each whole or not at all."""

    work: UnitOfWork[RecordsWork]
    clock: Clock
    scheduling: Scheduling

    def hear(
        self, actor: Actor, kind: RecordKind, row: OutsideRow, *, remember: bool = False
    ) -> None:
        """Take in one record; with `remember`, when it was heard is noted even if nothing is
        new.
        """
        try:
            if kind is RecordKind.PATIENT:
                self._patient(actor, row, remember=remember)
            else:
                self._appointment(actor, row, remember=remember)
        except Invalid:
            self._quarantine(actor, kind, row, _NoPlace(Problem.UNREADABLE))
        except _NoPlace as problem:
            self._quarantine(actor, kind, row, problem)
        else:
            self._release(actor, kind, row)

    # --- patients ----------------------------------------------------------------------------

    def _patient(self, actor: Actor, row: OutsideRow, *, remember: bool) -> None:
        at = self.clock()
        with self.work(actor) as work:
            link = work.record_links.by_outside_id(RecordKind.PATIENT, row.outside_id)
            if link is None:
                link = self._place_patient(work, actor, row, at)
                remember = True
            patient = work.patients.get(PatientId(link.subject))
            ours = patient_fields(patient.known)
            merged = merge(link.agreed, ours, row.fields, PATIENT_RULES)
            if merged.take:
                profile = profile_with(patient.known, merged.take)
                changed, event = patient.complete_profile(profile, by=actor.id, at=at)
                work.patients.save(changed, event)
            self._note(work, actor, link, merged, remember=remember)

    def _place_patient(
        self, work: RecordsWork, actor: Actor, row: OutsideRow, at: datetime
    ) -> RecordLink:
        profile = profile_of(row.fields, work.practices.get(actor.practice_id).zone)
        alike = work.patients.alike(profile)
        patient = certain(alike, row.fields)
        if patient is None:
            maybe = possible(alike, row.fields)
            if maybe:
                raise _NoPlace(Problem.POSSIBLE_MATCH, tuple(one.id for one in maybe))
            patient, registered = Patient.register(
                by=actor.id,
                id=PatientId(derived(actor.practice_id, f"record/patient/{row.outside_id}")),
                practice_id=actor.practice_id,
                profile=profile,
                registered_at=at,
            )
            work.patients.save(patient, registered)
        return linked(
            work,
            actor,
            RecordKind.PATIENT,
            row.outside_id,
            subject=patient.id,
            patient_id=patient.id,
            at=at,
        )

    # --- appointments ------------------------------------------------------------------------

    def _appointment(self, actor: Actor, row: OutsideRow, *, remember: bool) -> None:
        during = during_of(row.fields)
        with self.work(actor) as work:
            link = work.record_links.by_outside_id(RecordKind.APPOINTMENT, row.outside_id)
        if link is None:
            if row.fields.get("status") != CANCELLED and during.end > self.clock():
                self._place_appointment(actor, row, during)
            return
        id = AppointmentId(link.subject)
        self._follow(actor, id, link.agreed, row)
        with self.work(actor) as work:
            ours = appointment_fields(work.appointments.get(id))
            merged = merge(link.agreed, ours, row.fields, APPOINTMENT_RULES)
            self._note(work, actor, link, _only_agreed(merged, ours), remember=remember)

    def _follow(self, actor: Actor, id: AppointmentId, agreed: Fields, row: OutsideRow) -> None:
        """Move or give up our visit as they did theirs; what our rules refuse stays as it is, and
        in conflict.
        """
        with self.work(actor) as work:
            appointment = work.appointments.get(id)
            merged = merge(agreed, appointment_fields(appointment), row.fields, APPOINTMENT_RULES)
            session = self._session(work, appointment.provider_id, during_of(row.fields))
        try:
            if merged.take.get("status") == CANCELLED:
                self.scheduling.cancel(actor, id)
            elif "start" in merged.take and session is not None:
                start = during_of(row.fields).start
                self.scheduling.reschedule(actor, id, session_id=session.id, start=start)
        except Unavailable:
            raise
        except Refusal:
            return

    def _place_appointment(self, actor: Actor, row: OutsideRow, during: Interval) -> None:
        id = AppointmentId(derived(actor.practice_id, f"record/appointment/{row.outside_id}"))
        with self.work(actor) as work:
            patient = work.record_links.by_outside_id(RecordKind.PATIENT, row.patient or "")
            provider = work.record_links.by_outside_id(RecordKind.PROVIDER, row.provider or "")
            if patient is None:
                raise _NoPlace(Problem.UNKNOWN_PATIENT)
            if provider is None:
                raise _NoPlace(Problem.UNKNOWN_PROVIDER)
            session = self._session(work, ProviderId(provider.subject), during)
            location = self._location(work, actor, PatientId(patient.subject))
        if session is None or location is None:
            raise _NoPlace(Problem.NOT_BOOKABLE)
        self._book(
            actor, id, PatientId(patient.subject), session, start=during.start, location=location
        )
        with self.work(actor) as work:
            about = PatientId(patient.subject)
            link = linked(
                work,
                actor,
                RecordKind.APPOINTMENT,
                row.outside_id,
                subject=id,
                patient_id=about,
                at=self.clock(),
            )
            ours = appointment_fields(work.appointments.get(id))
            merged = merge({}, ours, row.fields, APPOINTMENT_RULES)
            self._note(work, actor, link, merged, remember=True)

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
            self.scheduling.book_for(
                actor,
                id,
                patient_id=patient_id,
                session_id=session.id,
                start=start,
                mode=min(session.modes),
                location=location,
            )
        except TimeTaken:
            raise _NoPlace(Problem.TIME_TAKEN) from None
        except Unavailable:
            raise
        except Refusal:
            raise _NoPlace(Problem.NOT_BOOKABLE) from None

    @staticmethod
    def _session(work: RecordsWork, provider_id: ProviderId, during: Interval) -> Session | None:
        found = work.sessions.published(provider_id, during)
        return next((one for one in found if one.visit_at(during.start) == during), None)

    @staticmethod
    def _location(work: RecordsWork, actor: Actor, id: PatientId) -> str | None:
        """Where the patient is taken to be until they say so themselves, when they join."""
        pack = work.practices.get(actor.practice_id).jurisdiction
        address = work.patients.get(id).known.address
        region = address.region if address else None
        if pack.licence_region(pack.country) is None:
            return pack.country
        return f"{pack.country}-{region}" if region else None

    # --- what stays --------------------------------------------------------------------------

    def _note(
        self, work: RecordsWork, actor: Actor, link: RecordLink, merged: Merge, *, remember: bool
    ) -> None:
        at = self.clock()
        standing = work.record_conflicts.open_about(link.subject)
        if merged.open:
            self._dispute(work, actor, link, standing, merged.open)
        if merged.decided:
            self._file(work, actor, link, merged.decided, at)
        news = dict(merged.agreed) != dict(link.agreed) or merged.take or link.vanished_at
        if news or (remember and at > link.seen_at):
            heard, event = link.pulled(merged, by=actor.id, at=at)
            work.record_links.save(heard, event)

    def _dispute(
        self,
        work: RecordsWork,
        actor: Actor,
        link: RecordLink,
        standing: RecordConflict | None,
        differences: tuple[Difference, ...],
    ) -> None:
        if standing is None:
            found = self._conflict(actor, link, "open", differences)
            work.record_conflicts.save(found, found.found(by=actor.id))
        elif standing.differences != differences:
            heard, event = standing.hear(differences, by=actor.id, at=self.clock())
            work.record_conflicts.save(heard, event)

    def _file(
        self,
        work: RecordsWork,
        actor: Actor,
        link: RecordLink,
        differences: tuple[Difference, ...],
        at: datetime,
    ) -> None:
        """Keep both versions of what a rule decided."""
        found = self._conflict(actor, link, "decided", differences)
        if work.record_conflicts.find(found.id) is None:
            kept = {one.field: _winner(link.kind, one) for one in differences}
            settled = attrs.evolve(found, status=ConflictStatus.RESOLVED, kept=kept, decided_at=at)
            work.record_conflicts.save(settled, settled.found(by=actor.id))

    def _conflict(
        self, actor: Actor, link: RecordLink, name: str, differences: tuple[Difference, ...]
    ) -> RecordConflict:
        assert link.patient_id is not None, "whatever is merged concerns a patient"
        return RecordConflict(
            id=RecordConflict.id_of(link.id, link.version, name),
            practice_id=actor.practice_id,
            kind=link.kind,
            subject=link.subject,
            patient_id=link.patient_id,
            differences=differences,
            found_at=self.clock(),
        )

    def _quarantine(
        self, actor: Actor, kind: RecordKind, row: OutsideRow, problem: _NoPlace
    ) -> None:
        at = self.clock()
        with self.work(actor) as work:
            id = Quarantined.id_of(actor.practice_id, kind, row.outside_id)
            known = work.quarantine.find(id)
            if known is None:
                waiting = Quarantined(
                    id=id,
                    practice_id=actor.practice_id,
                    kind=kind,
                    outside_id=row.outside_id,
                    row=dict(row.fields),
                    problem=problem.problem,
                    candidates=problem.candidates,
                    heard_at=at,
                )
                work.quarantine.save(waiting, waiting.quarantined(by=actor.id))
            elif (dict(known.row), known.problem) != (dict(row.fields), problem.problem):
                again, event = known.hear(
                    row.fields, problem.problem, problem.candidates, by=actor.id, at=at
                )
                work.quarantine.save(again, event)

    def _release(self, actor: Actor, kind: RecordKind, row: OutsideRow) -> None:
        with self.work(actor) as work:
            id = Quarantined.id_of(actor.practice_id, kind, row.outside_id)
            waiting = work.quarantine.find(id)
            if waiting is not None and waiting.status is QuarantineStatus.WAITING:
                released, event = waiting.release(by=actor.id, at=self.clock())
                work.quarantine.save(released, event)


def linked(
    work: RecordsWork,
    actor: Actor,
    kind: RecordKind,
    outside_id: str,
    *,
    subject: AppointmentId | PatientId | ProviderId,
    patient_id: PatientId | None,
    at: datetime,
) -> RecordLink:
    """Link something of ours to its counterpart, nothing agreed on yet."""
    link = RecordLink(
        id=RecordLink.id_of(subject),
        practice_id=actor.practice_id,
        kind=kind,
        subject=subject,
        patient_id=patient_id,
        outside_id=outside_id,
        seen_at=at,
    )
    work.record_links.save(link, link.linked(by=actor.id))
    return link


def _winner(kind: RecordKind, one: Difference) -> Side:
    rules = PATIENT_RULES if kind is RecordKind.PATIENT else APPOINTMENT_RULES
    return Side.OURS if rules[one.field] is Rule.OURS else Side.THEIRS


def _only_agreed(merged: Merge, ours: Fields) -> Merge:
    """What they say and our rules did not let happen is for a person, not taken for agreed."""
    refused = tuple(
        Difference(field, ours.get(field), ours.get(field), value)
        for field, value in merged.take.items()
    )
    agreed = {**merged.agreed, **{one.field: one.ours for one in refused}}
    return attrs.evolve(merged, take={}, agreed=agreed, open=(*merged.open, *refused))
