"""A creation that calls out between its look and its write finds what its repeat made meanwhile.

The other creations look and write in one turn: the store contract races them.
"""

from collections.abc import Callable
from typing import Any

import pytest

from telehealth_core.access.actor import GuardianBasis
from telehealth_core.billing.card import Card, CardDetails
from telehealth_core.registration.patient import Patient
from telehealth_core.shared.ids import CardId, DocumentId, PatientId
from telehealth_core.shared.refusal import IdReused
from telehealth_core.testing.doubles import MemoryDocuments, MemoryPayments
from unit.clinic import PHOTO, Clinic, child

Meanwhile = list[Callable[[], Any]]
"""What others do the next time that somebody calls out."""


class SlowPayments(MemoryPayments):
    """A processor that takes its time: others act before it answers."""

    meanwhile: Meanwhile

    def keep_card(self, customer: PatientId, token: str, key: Any) -> CardDetails:
        """Keep a card, once the others are done."""
        while self.meanwhile:
            self.meanwhile.pop()()
        return super().keep_card(customer, token, key)


class SlowDocuments(MemoryDocuments):
    """A store of documents that takes its time likewise."""

    meanwhile: Meanwhile

    def put(self, *row: Any) -> None:
        """Keep the bytes, once the others are done."""
        while self.meanwhile:
            self.meanwhile.pop()()
        super().put(*row)


def test_a_card_that_its_own_repeat_saved_meanwhile_is_found() -> None:
    """Both requests are answered with the one card; another patient's request is refused (F43)."""
    payments = SlowPayments()
    payments.meanwhile = []
    clinic = Clinic(ports={"payments": payments})
    one, other = clinic.patient(card=None), clinic.patient("Sam Example", card=None)
    id, save = CardId(clinic.new_id()), clinic.ask.billing.save_card
    first: list[Card] = []
    payments.meanwhile = [lambda: first.append(save(one, id, "tok_visa"))]
    assert [save(one, id, "tok_visa")] == first == list(clinic.ask.billing.cards(one))
    theirs = CardId(clinic.new_id())
    payments.meanwhile = [lambda: save(one, theirs, "tok_visa")]
    with pytest.raises(IdReused):
        save(other, theirs, "tok_visa")


def test_a_dependant_whom_its_own_repeat_added_meanwhile_is_found() -> None:
    """Both requests are answered with the one child; another child's request is refused (F09)."""
    documents = SlowDocuments()
    documents.meanwhile = []
    clinic = Clinic(ports={"documents": documents})
    guardian = clinic.patient()

    def add(id: PatientId, evidence: DocumentId, name: str = "Kim Example") -> Patient:
        return clinic.ask.family.add_dependant(
            guardian,
            id,
            child(name),
            basis=GuardianBasis.PARENTAL_RESPONSIBILITY,
            evidence=evidence,
            content=PHOTO,
        )

    id, evidence = PatientId(clinic.new_id()), DocumentId(clinic.new_id())
    first: list[Patient] = []
    documents.meanwhile = [lambda: first.append(add(id, evidence))]
    assert [add(id, evidence)] == first == list(clinic.ask.family.dependants(guardian))
    second, proof = PatientId(clinic.new_id()), DocumentId(clinic.new_id())
    documents.meanwhile = [lambda: add(second, proof)]
    with pytest.raises(IdReused):
        add(second, proof, "Lee Example")
