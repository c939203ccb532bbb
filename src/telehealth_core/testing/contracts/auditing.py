"""What a store writes down: every change, read and refusal, or nothing is done at all."""

from datetime import timedelta
from typing import Any

import attrs

from telehealth_core.access.actor import (
    Actor,
    GuardianBasis,
    Guardianship,
    Purpose,
    Role,
    Ties,
    relations,
)
from telehealth_core.access.audit import AuditEntry, AuditOrder, Category
from telehealth_core.access.policy import Action, NotPermitted, PurposeNeeded, authorize
from telehealth_core.scheduling.appointment import TimeTaken
from telehealth_core.scheduling.life import CancellationReason
from telehealth_core.scheduling.limits import LimitsReached
from telehealth_core.shared.ids import PatientId, ProviderId, UserId
from telehealth_core.shared.interval import Interval
from telehealth_core.shared.refusal import StaleVersion, Unavailable, Unknown
from telehealth_core.testing.contracts.beginning import AT, StoreBeginning, named, refused


class Auditing(StoreBeginning):
    """Audit and messages go with what happened."""

    def test_an_exception_leaves_nothing(self) -> None:
        """Neither row nor audit nor message of a work that broke."""
        actor = self.opened()
        before = (self.audit(actor.practice_id), self.waiting(actor.practice_id))
        held = self.appointment(actor, "a")
        try:
            with self.work(actor) as work:
                work.read(Action.VIEW_PATIENT, held.patient_id, held.patient_id)
                work.appointments.save(held, held.held(by=actor.id, at=AT))
                self.fail()
        except ArithmeticError:
            pass
        with self.work(actor) as work:
            assert work.appointments.find(held.id) is None
        assert (self.audit(actor.practice_id), self.waiting(actor.practice_id)) == before

    def test_a_save_leaves_audit_and_message_together(self) -> None:
        """Each event is one audit entry with everything of AUD-02, and one message."""
        actor = self.opened()
        asking = attrs.evolve(actor, purpose=Purpose.LEGAL, request=named("request"))
        held = self.appointment(actor, "a")
        self.hold(asking, held)
        assert self.audit(actor.practice_id)[-1] == AuditEntry(
            practice_id=actor.practice_id,
            at=AT,
            actor=actor.id,
            roles=frozenset({Role.SYSTEM}),
            patient_id=held.patient_id,
            action="AppointmentHeld",
            kind="appointment",
            subject=held.id,
            category=Category.APPOINTMENT,
            purpose=Purpose.LEGAL,
            outcome="done",
            request=named("request"),
        )
        assert self.waiting(actor.practice_id)[-1] == "AppointmentHeld"

    def test_several_saves_and_reads_leave_an_entry_each(self) -> None:
        """A work that reads two records and changes one leaves three entries."""
        actor = self.opened()
        before, held = len(self.audit(actor.practice_id)), self.appointment(actor, "a")
        with self.work(actor) as work:
            for who in ("one", "two"):
                patient = self.patient_id(actor, who)
                work.read(Action.LIST_PATIENTS, patient, patient)
            work.appointments.save(held, held.held(by=actor.id, at=AT))
        left = self.audit(actor.practice_id)[before:]
        assert sorted((one.action, one.patient_id) for one in left) == sorted(
            [
                ("patient:list", self.patient_id(actor, "one")),
                ("patient:list", self.patient_id(actor, "two")),
                ("AppointmentHeld", held.patient_id),
            ]
        )

    def test_reads_leave_audit(self) -> None:
        """A noted read tells who acted for whom, and what for (N06)."""
        actor = self.opened()
        patient = self.patient_id(actor, "one")
        guardian = self.somebody(actor, Role.PATIENT, patient_id=PatientId(named("guardian")))
        with self.work(guardian) as work:
            work.read(Action.VIEW_PATIENT, patient, patient)
        read = self.audit(actor.practice_id)[-1]
        assert (read.action, read.outcome, read.patient_id) == ("patient:view", "read", patient)
        assert (read.kind, read.subject, read.acted_for) == ("patient", patient, patient)
        assert (read.category, read.purpose) == (Category.DEMOGRAPHICS, Purpose.PATIENT_REQUEST)

    def test_what_is_asked_of_the_policy_is_in_the_entry_of_its_refusal(self) -> None:
        """Refused by role, for want of a purpose, as a stranger, or by a rule later on: action and
        patient are told, as far as they were known.
        """
        actor = self.opened()
        patient = self.patient_id(actor, "one")
        basis = GuardianBasis.COURT_ORDER
        ties = Ties(patient, (Guardianship(PatientId(named("ward")), basis, named("e"), AT),))
        liaison = self.somebody(actor, Role.LIAISON)
        stranger = self.somebody(actor, Role.PROVIDER, provider_id=ProviderId(named("other")))
        with refused(NotPermitted), self.work(actor):
            authorize(actor, Action.PRESCRIBE, relations(actor))
        with refused(PurposeNeeded), self.work(liaison):
            authorize(liaison, Action.VIEW_PATIENT, relations(liaison, ties, at=AT), of="patient")
        with refused(Unknown), self.work(stranger):
            authorize(stranger, Action.VIEW_NOTES, relations(stranger, ties, at=AT), of="visit")
        with refused(LimitsReached), self.work(actor):
            authorize(actor, Action.CANCEL_APPOINTMENT, relations(actor, ties, at=AT))
            self.refuse()
        told = [
            (one.action, one.kind, one.patient_id, one.outcome)
            for one in self.audit(actor.practice_id)[-4:]
        ]
        assert told == [
            ("prescription:issue", "prescription", None, "not-permitted"),
            ("patient:view", "patient", patient, "purpose-needed"),
            ("notes:view", "visit", patient, "unknown"),
            ("appointment:cancel", "appointment", patient, "limits-reached"),
        ]

    def test_looking_for_what_is_not_there_leaves_what_was_looked_for(self) -> None:
        """An unknown id is written down with its kind, before anything was asked of the policy."""
        actor = self.opened()
        nobody = PatientId(named("nobody"))
        with refused(Unknown), self.work(actor) as work:
            work.patients.get(nobody)
        entry = self.audit(actor.practice_id)[-1]
        assert (entry.action, entry.kind, entry.subject) == ("find patient", "patient", nobody)

    def test_what_a_guard_of_the_store_refuses_leaves_audit(self) -> None:
        """Time taken and a stale version are refusals like any other, and leave nothing else."""
        actor = self.opened()
        held = self.appointment(actor, "a")
        self.hold(actor, held)
        with refused(TimeTaken):
            self.hold(actor, self.appointment(actor, "b", who="two"))
        changed, event = held.cancel(CancellationReason.PATIENT, by=actor.id, at=AT)
        stale = attrs.evolve(changed, version=7)
        with refused(StaleVersion), self.work(actor) as work:
            work.appointments.save(stale, event)
        entries = self.audit(actor.practice_id)[-3:]
        assert [one.outcome for one in entries] == ["done", "time-taken", "stale-version"]
        assert entries[-1].subject == held.id

    def test_without_audit_nothing_is_answered_and_nothing_done(self) -> None:
        """Where the audit cannot be written, neither a read nor a change nor a refusal goes through
        (AUD-06).
        """
        actor = self.opened()
        held, patient = self.appointment(actor, "a"), self.patient_id(actor, "one")
        with self.broken_audit():
            with refused(Unavailable):
                self.hold(actor, held)
            with refused(Unavailable), self.work(actor) as work:
                work.read(Action.VIEW_PATIENT, patient, patient)
            with refused(Unavailable), self.work(actor) as work:
                work.read(Action.VIEW_PATIENT, patient, patient)
                work.appointments.save(held, held.held(by=actor.id, at=AT))
            with refused(Unavailable), self.work(actor):
                self.refuse()
        with self.work(actor) as work:
            assert work.appointments.find(held.id) is None
        assert "AppointmentHeld" not in self.waiting(actor.practice_id)

    def test_a_patients_openings_are_the_reads_of_others(self) -> None:
        """The newest first, a page at a time, without one's own and without changes (AUD-10)."""
        actor = self.opened()
        patient, other = self.patient_id(actor, "one"), self.patient_id(actor, "two")
        own = self.somebody(actor, Role.PATIENT, patient_id=patient)
        readers = [self.somebody(actor, Role.PROVIDER, name=str(number)) for number in range(3)]
        for reader in (*readers, own):
            for record in (patient, other):
                with self.work(reader) as work:
                    work.read(Action.VIEW_PATIENT, record, record)
        with self.work(own) as work:
            found = work.audit.opened(patient, before=None, limit=2)
            more = work.audit.opened(patient, before=found[-1].id, limit=2)
        assert [one.actor for one in (*found, *more)] == [one.id for one in reversed(readers)]
        assert {one.patient_id for one in (*found, *more)} == {patient}

    def test_a_report_tells_a_period_in_the_order_asked_for(self) -> None:
        """By time, patient, user or action, page after page, each entry once (AUD-08)."""
        actor, elsewhere = self.opened(), self.opened("south")
        for number, who in enumerate(("two", "one", "two")):
            reader, patient = self.somebody(actor, name=str(number)), self.patient_id(actor, who)
            with self.work(reader) as work:
                work.read((Action.VIEW_PATIENT, Action.VIEW_LETTER)[number % 2], patient, patient)
        everything = self.audit(actor.practice_id)
        day = Interval(AT, AT + timedelta(days=1))
        for by in AuditOrder:
            found = self.pages(actor, day, by)
            key: Any = lambda one, by=by: getattr(one, by.value)  # noqa: E731
            expected = [one for one in everything if key(one) is not None]
            assert found == sorted(expected, key=key)
        assert self.pages(actor, Interval(AT - timedelta(days=1), AT), AuditOrder.TIME) == []
        assert {one.practice_id for one in self.pages(elsewhere, day, AuditOrder.TIME)} == {
            elsewhere.practice_id
        }

    def pages(self, actor: Actor, period: Interval, by: AuditOrder) -> list[AuditEntry]:
        """The whole report, two entries at a time."""
        found: list[AuditEntry] = []
        while True:
            with self.work(actor) as work:
                after = found[-1].id if found else None
                page = work.audit.report(period, by=by, after=after, limit=2)
            found.extend(page)
            if len(page) < 2:
                return found

    @staticmethod
    def somebody(actor: Actor, role: Role = Role.LIAISON, name: str = "", **who: Any) -> Actor:
        """An actor of that role in the practice."""
        id = UserId(named(f"{role} {name}"))
        return Actor(id, actor.practice_id, frozenset({role}), **who)

    @staticmethod
    def fail() -> None:
        """Break in the middle of a work."""
        raise ArithmeticError

    @staticmethod
    def refuse() -> None:
        """Refuse something in the middle of a work."""
        raise LimitsReached("holds")
