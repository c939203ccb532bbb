"""What a store finds of registration: consents, identity checks, shared keys, suspicions."""

from datetime import timedelta
from typing import Any
from uuid import uuid5

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.practice.consent_text import CONSENT_TEXTS
from telehealth_core.registration.assessment import CompetenceAssessment
from telehealth_core.registration.consent import Consent, ConsentBasis, ConsentChannel
from telehealth_core.registration.document import DocumentKind
from telehealth_core.registration.duplicate import DuplicateSuspicion, SuspicionStatus
from telehealth_core.registration.identity_check import IdentityCheck, IdentityStatus
from telehealth_core.registration.identity_decision import Evidence
from telehealth_core.shared.ids import (
    AssessmentId,
    ConsentId,
    DocumentId,
    SuspicionId,
)
from telehealth_core.testing.contracts.beginning import AT, StoreBeginning, named


class Registering(StoreBeginning):
    """The records around who a patient is are found."""

    def test_consents_are_told_the_newest_first(self) -> None:
        """Every answer of one patient, and what became of it."""
        actor = self.opened()
        answers = []
        for day, (who, given) in enumerate((("one", True), ("one", False), ("two", True))):
            consent, event = Consent.answer(
                CONSENT_TEXTS[day],
                given=given,
                by=actor.id,
                at=AT + timedelta(days=day),
                id=ConsentId(uuid5(actor.practice_id, f"consent {day}")),
                practice_id=actor.practice_id,
                patient_id=self.patient_id(actor, who),
                basis=ConsentBasis.OWN,
                channel=ConsentChannel.PAPER,
                explanation=None if given else "What follows.",
            )
            with self.work(actor) as work:
                work.consents.save(consent, event)
            answers.append(consent)
        first, second, _ = answers
        taken_back, withdrawn = first.withdraw(by=actor.id, at=AT + timedelta(days=9))
        with self.work(actor) as work:
            work.consents.save(taken_back, withdrawn)
        with self.work(actor) as work:
            found = work.consents.of_patient(self.patient_id(actor, "one"))
        assert found == (second, taken_back)

    def check(self, actor: Actor, who: str, **fields: Any) -> IdentityCheck:
        """A saved identity check of one of the patients."""
        id = self.patient_id(actor, who)
        begun = IdentityCheck.begin(actor.practice_id, id)
        check = attrs.evolve(begun, version=1, **fields)
        with self.work(actor) as work:
            work.identity_checks.save(check)
        return check

    def test_identity_checks_are_found_by_what_is_due(self) -> None:
        """The oldest submission first; what ran out; what was decided and still has pictures."""
        actor = self.opened()
        days = [AT + timedelta(days=number) for number in range(4)]
        picture = (Evidence(DocumentKind.SELFIE, DocumentId(named("selfie"))),)
        submitted, approved = IdentityStatus.SUBMITTED, IdentityStatus.APPROVED
        first = self.check(actor, "two", status=submitted, submitted_at=days[0], evidence=picture)
        second = self.check(actor, "one", status=submitted, submitted_at=days[1], evidence=picture)
        with self.work(actor) as work:
            assert work.identity_checks.in_status(submitted, limit=9) == (first, second)
            assert work.identity_checks.in_status(submitted, limit=1) == (first,)
            assert work.identity_checks.lapsed(days[3], limit=9) == ()
            assert work.identity_checks.with_images(days[3], limit=9) == ()
        dated = [
            attrs.evolve(
                check,
                version=2,
                status=approved,
                decided_at=days[number],
                expires_at=days[number + 1],
                evidence=(),
                former=picture if number else (),
            )
            for number, check in enumerate((first, second))
        ]
        with self.work(actor) as work:
            for check in dated:
                work.identity_checks.save(check)
        with self.work(actor) as work:
            assert work.identity_checks.lapsed(days[1], limit=9) == (dated[0],)
            assert work.identity_checks.lapsed(days[3], limit=9) == tuple(dated)
            assert work.identity_checks.with_images(days[1], limit=9) == ()
            assert work.identity_checks.with_images(days[3], limit=9) == (dated[1],)

    def test_patients_are_found_by_a_shared_key(self) -> None:
        """Whoever shares any of the keys, of the same practice only."""
        north, south = self.opened("north"), self.opened("south")
        one, two = (self.patient_id(north, who) for who in ("one", "two"))
        with self.work(north) as work:
            keys = work.patients.get(one).match_keys
            assert keys
            found = work.patients.matching(keys, limit=9)
            assert {patient.id for patient in found} == {one, two}
            assert len(work.patients.matching(keys, limit=1)) == 1
            assert work.patients.matching(frozenset({"same-phone:0"}), limit=9) == ()
            assert work.patients.matching(frozenset(), limit=9) == ()
        with self.work(south) as work:
            assert work.patients.matching(keys, limit=9) == ()

    def test_suspicions_and_assessments_are_found_again(self) -> None:
        """The oldest suspicion first, the newest assessment first."""
        actor = self.opened()
        one, two = (self.patient_id(actor, who) for who in ("one", "two"))
        held = self.appointment(actor, "a")
        self.hold(actor, held)
        with self.work(actor) as work:
            raised = DuplicateSuspicion.of(
                work.patients.get(one), work.patients.get(two), by=actor.id, at=AT
            )
            assert raised is not None
            suspicion, suspected = raised
            work.suspicions.save(suspicion, suspected)
        earlier = attrs.evolve(
            suspicion, id=SuspicionId(named("earlier")), raised_at=AT - timedelta(days=1)
        )
        made = []
        for day in range(2):
            assessment, assessed = CompetenceAssessment.record(
                by=actor.id,
                id=AssessmentId(named(f"assessment {day}")),
                practice_id=actor.practice_id,
                patient_id=one,
                appointment_id=held.id,
                provider_id=held.provider_id,
                competent=bool(day),
                reason="Understands.",
                at=AT + timedelta(days=day),
            )
            made.append(assessment)
            with self.work(actor) as work:
                work.assessments.save(assessment, assessed)
        with self.work(actor) as work:
            work.suspicions.save(earlier)
        with self.work(actor) as work:
            status = SuspicionStatus.OPEN
            assert work.suspicions.in_status(status, limit=9) == (earlier, suspicion)
            assert work.suspicions.in_status(status, limit=1) == (earlier,)
            assert work.suspicions.in_status(SuspicionStatus.CONFIRMED, limit=9) == ()
            assert work.assessments.of_patient(one) == tuple(reversed(made))
            assert work.assessments.of_patient(two) == ()
