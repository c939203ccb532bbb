"""What every store promises of prescriptions and letters, as tests: a part of the store's
contract.
"""

from datetime import date, timedelta
from typing import Any
from uuid import uuid5

import attrs

from telehealth_core.access.actor import Actor
from telehealth_core.letters.content import (
    Adjustment,
    Certificate,
    Disclosure,
    Fitness,
    LetterContent,
    LetterKind,
    Urgency,
)
from telehealth_core.letters.letter import Delivery, Letter
from telehealth_core.letters.life import RecallReason
from telehealth_core.prescribing.item import Item, Schedule
from telehealth_core.prescribing.pharmacy import Pharmacy
from telehealth_core.prescribing.prescription import Prescription, claim_hash
from telehealth_core.prescribing.script import (
    Asked,
    Circumstances,
    MedicationHistory,
    RecordException,
    Script,
)
from telehealth_core.prescribing.signature import Particulars
from telehealth_core.shared.ids import LetterId, PrescriptionId
from telehealth_core.testing.contracts.beginning import AT, StoreBeginning

TODAY = AT.date()
TOKEN = "a token that the pharmacy has"  # noqa: S105 - it opens nothing
ITEM = Item(
    medicine="Example",
    strength="5 mg",
    form="tablet",
    quantity=28,
    unit="tablets",
    days=28,
    directions="one",
    schedule=Schedule.FOUR,
)
SCRIPT = Script(
    items=(ITEM,),
    not_before=TODAY,
    history=MedicationHistory(
        allergies=Asked(entries=("penicillin",)), current_medicines=Asked(none_known=True)
    ),
    circumstances=Circumstances(
        record_exception=RecordException.CONTINUITY, examined_on=date(2026, 1, 2)
    ),
)
TOLD = Particulars(
    patient_name="Pat Example",
    patient_address="1 Road",
    patient_age=11,
    prescriber_name="Robin Doctor",
    prescriber_kind="doctor",
    prescriber_address="2 Road",
    registrations=("GMC 1",),
    dea_number=None,
    appropriate_date=TODAY,
)
NOTE = Certificate(
    unfit_from=TODAY,
    unfit_until=TODAY,
    fitness=Fitness.MAY_BE_FIT,
    adjustments=frozenset(Adjustment),
    effects="cannot stand",
)


class Caring(StoreBeginning):
    """The promises of prescriptions and letters beside all others."""

    def _care(self, actor: Actor, who: str) -> dict[str, Any]:
        """What ties something to a visit of one of the practice's patients."""
        visit = self.appointment(actor, "the visit")
        with self.work(actor) as work:
            if work.appointments.find(visit.id) is None:
                work.appointments.save(visit)
        return {
            "practice_id": actor.practice_id,
            "patient_id": self.patient_id(actor, who),
            "provider_id": self.provider(actor).id,
            "appointment_id": visit.id,
        }

    def _saved(self, actor: Actor, steps: list[Any], kind: str) -> Any:
        """Every version of one thing, saved in turn; the last of them."""
        for one in steps:
            with self.work(actor) as work:
                getattr(work, kind).save(one)
        return steps[-1]

    def _prescription(self, actor: Actor, name: str, until: date, *, review: bool) -> Any:
        """A prescription as it goes from draft to pharmacy."""
        by: dict[str, Any] = {"by": actor.id, "at": AT}
        id = PrescriptionId(uuid5(actor.practice_id, name))
        draft, _ = Prescription.draft(SCRIPT, by=actor.id, at=AT, id=id, **self._care(actor, "one"))
        ready = draft.completed(
            TOLD,
            valid_until=until,
            dispensable=2,
            warnings=frozenset({"same-surname"}),
            review_needed=review,
        )
        early = attrs.evolve(TOLD, appropriate_date=until)
        signed, _ = attrs.evolve(ready, particulars=early).sign(b"seal", **by)
        pharmacy = Pharmacy(name="Pharmacy", address="3 Road", contact="rx@example.org")
        sent, _ = signed.send(pharmacy, f"{TOKEN} {name}", **by)
        claimed, _ = sent.dispense(id, on=until, **by)
        return draft, signed, sent, claimed

    def test_a_prescription_comes_back_as_it_was_and_is_found_by_its_token(self) -> None:
        """With everything that was signed, sent and claimed."""
        actor = self.opened()
        steps = self._prescription(actor, "a", TODAY, review=True)
        last = self._saved(actor, list(steps), "prescriptions")
        with self.work(actor) as work:
            found = work.prescriptions.by_claim(claim_hash(f"{TOKEN} a"))
            assert work.prescriptions.by_claim(claim_hash("another")) is None
            assert work.prescriptions.of_patient(last.patient_id) == (last,)
        assert found == last
        assert found.content == last.content

    def test_prescriptions_that_lapsed_are_found(self) -> None:
        """Signed or sent, by last day, once that is over; not drafts, nor what is cancelled."""
        actor = self.opened()
        late = [
            self._saved(
                actor,
                list(self._prescription(actor, name, TODAY - timedelta(days=days), review=False)),
                "prescriptions",
            )
            for name, days in (("a", 1), ("b", 2), ("c", 0))
        ]
        gone, _ = late[0].cancel("a mistake", by=actor.id, at=AT)
        with self.work(actor) as work:
            assert work.prescriptions.lapsed(TODAY, limit=9) == (late[1], late[0])
            assert work.prescriptions.lapsed(TODAY, limit=1) == (late[1],)
            work.prescriptions.save(gone)
        with self.work(actor) as work:
            assert work.prescriptions.lapsed(TODAY, limit=9) == (late[1],)

    def test_prescriptions_by_exception_wait_until_somebody_looked(self) -> None:
        """Those that need it and have not had it."""
        actor = self.opened()
        waiting, plain = (
            self._saved(
                actor,
                list(self._prescription(actor, name, TODAY, review=review)),
                "prescriptions",
            )
            for name, review in (("a", True), ("b", False))
        )
        seen, _ = waiting.looked_at("sound", by=actor.id, at=AT)
        with self.work(actor) as work:
            assert work.prescriptions.to_review(limit=9) == (waiting,)
            work.prescriptions.save(seen)
        with self.work(actor) as work:
            assert work.prescriptions.to_review(limit=9) == ()
            assert work.prescriptions.get(plain.id) == plain

    def _letter(self, actor: Actor, name: str, **other: Any) -> list[Letter]:
        """A referral letter as it is issued and delivered, or with what is named instead."""
        usual: dict[str, Any] = {
            "kind": LetterKind.REFERRAL,
            "recipient": "A clinic",
            "text": "Please see.",
            "urgency": Urgency.ROUTINE,
            "disclosure": Disclosure.DIRECT_CARE,
        }
        issued_at = other.pop("issued_at", AT)
        draft = Letter.draft(
            LetterContent(**{**usual, **other}),
            id=LetterId(uuid5(actor.practice_id, name)),
            drafted_at=AT,
            **self._care(actor, "two"),
        )
        issued, _ = draft.issue("0" * 64, by=actor.id, at=issued_at)
        delivered, _ = issued.deliver(Delivery.POST, by=actor.id, at=AT)
        return [draft, issued, delivered]

    def test_a_letter_comes_back_as_it_was(self) -> None:
        """A sick note with its certificate, and what became of it."""
        actor = self.opened()
        note = self._letter(actor, "a", kind=LetterKind.SICK_NOTE, certificate=NOTE)
        last = self._saved(actor, note, "letters")
        gone, _ = last.recall(RecallReason.WRONG_PATIENT, "a slip", by=actor.id, at=AT)
        with self.work(actor) as work:
            assert work.letters.of_patient(last.patient_id) == (last,)
            work.letters.save(gone)
        with self.work(actor) as work:
            assert work.letters.get(last.id) == gone

    def test_referral_letters_that_nobody_answered_are_found(self) -> None:
        """By urgency, the oldest first, at that instant or before; not other kinds, nor what was
        acknowledged or is out no more.
        """
        actor = self.opened()
        hours = {"a": 5, "b": 3, "c": 1}
        routine = {
            name: self._saved(
                actor, self._letter(actor, name, issued_at=AT - timedelta(hours=ago)), "letters"
            )
            for name, ago in hours.items()
        }
        urgent = self._saved(
            actor,
            self._letter(actor, "d", urgency=Urgency.URGENT, issued_at=AT - timedelta(hours=1)),
            "letters",
        )
        old = {"issued_at": AT - timedelta(hours=9)}
        self._saved(actor, self._letter(actor, "e", kind=LetterKind.GP_LETTER, **old), "letters")
        answered = self._letter(actor, "f", **old)
        known, _ = answered[-1].acknowledge("a secretary", by=actor.id, at=AT)
        self._saved(actor, [*answered, known], "letters")
        gone = self._letter(actor, "g", **old)
        recalled, _ = gone[-1].recall(RecallReason.WRONG_CONTENT, "a slip", by=actor.id, at=AT)
        self._saved(actor, [*gone, recalled], "letters")
        bounds = {"routine_before": AT - timedelta(hours=3), "urgent_before": AT}
        with self.work(actor) as work:
            found = work.letters.unanswered(**bounds, limit=9)
            assert found == (routine["a"], routine["b"], urgent)
            assert work.letters.unanswered(**bounds, limit=1) == (routine["a"],)
