"""Taking in one record of the outside system: merged where it belongs to something of ours, placed
where it is new, kept in quarantine where it cannot be placed (F55, F58).
"""

from datetime import datetime

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.mapping import (
    PATIENT_RULES,
    patient_fields,
    plain,
    profile_of,
    profile_with,
)
from telehealth_core.records.matching import certain, possible
from telehealth_core.records.merge import Fields, merge
from telehealth_core.records.ports import OutsideRow, RecordsWork
from telehealth_core.records.quarantine import Problem
from telehealth_core.records.use_cases.noting import NoPlace, linked, note, quarantine, release
from telehealth_core.records.use_cases.visits import Visits
from telehealth_core.registration.matching import match_keys
from telehealth_core.registration.patient import Patient
from telehealth_core.registration.use_cases import write_profile
from telehealth_core.shared.ids import PatientId, derived
from telehealth_core.shared.refusal import Invalid, Refusal, StaleVersion, Unavailable

CANDIDATES_MOST = 50


@attrs.frozen
class Hearing:
    """Takes in what the outside system says, one record at a time, each whole or not at all."""

    work: UnitOfWork[RecordsWork]
    clock: Clock
    visits: Visits

    def hear(
        self, actor: Actor, kind: RecordKind, said: OutsideRow, *, remember: bool = False
    ) -> None:
        """Take in one record; with `remember`, when it was heard is noted even if nothing is new.

        Raises: StaleVersion if something of it was changed at the same time.
        """
        row = attrs.evolve(said, fields=plain(said.fields))
        try:
            if kind is RecordKind.PATIENT:
                self._patient(actor, row, remember=remember)
            else:
                self.visits.hear(actor, row, remember=remember)
        except Invalid:
            self._quarantine(actor, kind, row, NoPlace(Problem.UNREADABLE))
        except NoPlace as problem:
            self._quarantine(actor, kind, row, problem)
        except (StaleVersion, Unavailable):
            raise
        except Refusal:
            self._quarantine(actor, kind, row, NoPlace(Problem.REFUSED))
        else:
            with self.work(actor) as work:
                release(work, actor, kind, row.outside_id, self.clock())

    def _quarantine(
        self, actor: Actor, kind: RecordKind, row: OutsideRow, problem: NoPlace
    ) -> None:
        with self.work(actor) as work:
            quarantine(work, actor, kind, row, problem, at=self.clock())

    def _patient(self, actor: Actor, row: OutsideRow, *, remember: bool) -> None:
        at = self.clock()
        with self.work(actor) as work:
            link = work.record_links.by_outside_id(RecordKind.PATIENT, row.outside_id)
            if link is None:
                patient, link = _place(work, actor, row, at)
            else:
                patient = work.patients.get(PatientId(link.subject))
            profile_with(patient.known, row.fields)
            ours = patient_fields(patient.known)
            merged = merge(link.last_agreed, ours, row.fields, PATIENT_RULES)
            if merged.take:
                profile = profile_with(patient.known, merged.take)
                write_profile(work, actor, patient, profile, at)
            note(work, actor, link, merged, row.fields, at=at, remember=remember)


def _place(
    work: RecordsWork, actor: Actor, row: OutsideRow, at: datetime
) -> tuple[Patient, RecordLink]:
    """Find who it is, or enrol them if it can be nobody here (VEN-06)."""
    zone = work.practices.get(actor.practice_id).zone
    keys = match_keys(actor.practice_id, profile_of(row.fields, zone), ())
    alike = work.patients.matching(keys, limit=CANDIDATES_MOST)
    patient = certain(alike, row.fields)
    if patient is None or work.record_links.find(RecordLink.id_of(patient.id)) is not None:
        maybe = possible(alike, row.fields)
        if maybe:
            raise NoPlace(Problem.POSSIBLE_MATCH, tuple(one.id for one in maybe))
        patient = enrolled(work, actor, row.outside_id, row.fields, at)
    link = linked(
        work,
        actor,
        RecordKind.PATIENT,
        row.outside_id,
        subject=patient.id,
        patient_id=patient.id,
        at=at,
    )
    return patient, link


def enrolled(
    work: RecordsWork, actor: Actor, outside_id: str, fields: Fields, at: datetime
) -> Patient:
    """Register somebody whom only the other side knew so far; who they are nobody has checked yet.

    Raises: Invalid.
    """
    patient, registered = Patient.register(
        by=actor.id,
        id=PatientId(derived(actor.practice_id, f"record/patient/{outside_id}")),
        practice_id=actor.practice_id,
        profile=profile_of(fields, work.practices.get(actor.practice_id).zone),
        registered_at=at,
    )
    work.patients.save(patient, registered)
    return patient
