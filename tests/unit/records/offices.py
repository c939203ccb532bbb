"""A practice with an outside record system beside it, edited there as its own users would."""

from datetime import timedelta
from typing import Any

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.records.conflict import RecordConflict
from telehealth_core.records.cursor import RecordCursor
from telehealth_core.records.link import RecordKind, RecordLink
from telehealth_core.records.mapping import patient_fields
from telehealth_core.records.ports import OutsideRow
from telehealth_core.records.quarantine import Quarantined
from telehealth_core.registration.patient import Patient, Profile
from telehealth_core.scheduling.appointment import Appointment
from telehealth_core.testing.doubles import MemoryRecords
from unit.clinic import MORNING, Clinic, provider_of

PATIENT, APPOINTMENT, PROVIDER = RecordKind
HALF_HOUR = timedelta(minutes=30)


class Office(Clinic):
    """A clinic whose practice keeps records outside too."""

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.outside.practices.add(self.id)

    @property
    def outside(self) -> MemoryRecords:
        """The record system's double."""
        assert isinstance(self.ports.records, MemoryRecords)
        return self.ports.records

    def edit(
        self,
        kind: RecordKind,
        outside_id: str,
        *,
        patient: str | None = None,
        provider: str | None = None,
        **fields: str | None,
    ) -> None:
        """Somebody outside changes these fields of a row, or writes a new one."""
        row = OutsideRow(outside_id=outside_id, fields=fields, patient=patient, provider=provider)
        before = self.outside.rows.get((self.id, kind, outside_id))
        if before is not None:
            row = attrs.evolve(
                row, patient=patient or before.patient, provider=provider or before.provider
            )
        self.outside.edit(self.id, kind, row)

    def writes(self, outside_id: str, who: Profile, **other: str | None) -> None:
        """Somebody outside writes a patient down."""
        self.edit(PATIENT, outside_id, **{**patient_fields(who), **other})

    def schedules(
        self, outside_id: str, *, start: Any = MORNING, minutes: int = 30, **other: Any
    ) -> None:
        """Somebody outside makes an appointment of patient `p` with provider `d`."""
        usual = {
            "patient": "p",
            "provider": "d",
            "start": start.isoformat(),
            "end": (start + timedelta(minutes=minutes)).isoformat(),
            "status": "scheduled",
        }
        self.edit(APPOINTMENT, outside_id, **{**usual, **other})

    def said(self, kind: RecordKind, outside_id: str) -> dict[str, str | None]:
        """What stands outside."""
        return dict(self.outside.rows[self.id, kind, outside_id].fields)

    def settle(self, times: int = 1) -> None:
        """Let what follows follow, and a quarter of an hour pass before each poll."""
        for _ in range(times):
            self.drain()
            self.clock.forward(minutes=15)
            self.ask.records.poll_patients(self.system)
            self.ask.records.poll_appointments(self.system)
            self.drain()

    def link(self, subject: Any) -> RecordLink | None:
        """The link of this patient, appointment or provider."""
        found: RecordLink | None = self.store.rows.get("record_links", {}).get(
            RecordLink.id_of(subject)
        )
        return found

    def outside_id(self, subject: Any) -> str:
        """By what the outside system knows it."""
        link = self.link(subject)
        assert link is not None
        return link.outside_id

    def cursor(self, kind: RecordKind) -> RecordCursor:
        """How far that kind was read."""
        found: RecordCursor = self.store.rows["record_cursors"][RecordCursor.id_of(self.id, kind)]
        return found

    def everybody(self) -> list[Patient]:
        """All patients."""
        return list(self.store.rows.get("patients", {}).values())

    def patient_of(self, outside_id: str) -> Patient:
        """Who this outside row is."""
        links = self.store.rows["record_links"].values()
        subject = next(one.subject for one in links if one.outside_id == outside_id)
        found: Patient = self.store.rows["patients"][subject]
        return found

    def visit_of(self, outside_id: str) -> Appointment | None:
        """Which visit this outside row is."""
        links = self.store.rows["record_links"].values()
        subject = next((one.subject for one in links if one.outside_id == outside_id), None)
        found: Appointment | None = self.store.rows.get("appointments", {}).get(subject or self.id)
        return found

    def conflicts(self) -> tuple[RecordConflict, ...]:
        """What waits for a decision."""
        return self.ask.record_queue.conflicts(self.liaison)

    def history(self) -> list[RecordConflict]:
        """Every conflict ever."""
        return list(self.store.rows.get("record_conflicts", {}).values())

    def waiting(self) -> tuple[Quarantined, ...]:
        """What has no place."""
        return self.ask.record_queue.waiting(self.liaison)

    def known(self, name: str = "Pat Example") -> Actor:
        """A verified patient whom the outside system was told of."""
        actor = self.patient(name)
        self.drain()
        assert self.link(actor.as_patient()) is not None
        return actor

    def rename(self, patient: Actor, **fields: Any) -> None:
        """The patient changes their profile."""
        known = self.person(patient).known
        self.ask.registration.complete_profile(
            patient, patient.as_patient(), attrs.evolve(known, **fields)
        )

    def diary(self) -> tuple[Actor, Actor]:
        """A patient `p` and a provider `d`, both linked, with a published shift."""
        patient, provider = self.patient(), self.provider()
        self.session(provider)
        self.drain()
        rows = self.outside.rows
        old = self.outside_id(patient.as_patient())
        link = self.link(patient.as_patient())
        assert link is not None
        rows[self.id, PATIENT, "p"] = attrs.evolve(
            rows.pop((self.id, PATIENT, old)), outside_id="p"
        )
        self.store.rows["record_links"][link.id] = attrs.evolve(link, outside_id="p")
        self.outside.log[:] = [(self.id, PATIENT, "p")]
        self.ask.record_queue.link_provider(self.liaison, provider_of(provider), "d")
        self.drain()
        return patient, provider
