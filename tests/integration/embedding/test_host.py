"""A sample product embeds the core with adapters of its own (N14)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from integration.embedding.host import BookedDocuments, Books, EmployerInvoices, Host
from telehealth_core.billing.card import CardDeclined
from telehealth_core.billing.ports import Payments
from telehealth_core.registration.ports import Documents
from telehealth_core.scheduling.life import AppointmentStatus
from telehealth_core.testing.contracts import DocumentsContract, PaymentsContract


class Kept:
    """Books of the test's own."""

    @pytest.fixture(autouse=True)
    def _books(self, tmp_path: Path) -> Iterator[None]:
        with Books(tmp_path / "books.sqlite") as self.books:
            yield


class TestEmployerInvoices(Kept, PaymentsContract):
    """The host's invoices keep every promise of a processor."""

    paying = "example-mills"
    declined_at_once = "no such employer"
    failing_later = None
    waiting = None

    def payments(self) -> Payments:
        """The host's."""
        return EmployerInvoices(self.books)


class TestBookedDocuments(Kept, DocumentsContract):
    """The host's documents keep every promise of a store."""

    def documents(self) -> Documents:
        """The host's."""
        return BookedDocuments(self.books)


class TestHost(Kept):
    """The product as a whole."""

    def test_an_employees_visit_ends_on_the_employers_invoice(self) -> None:
        """Registered, checked, booked, seen and invoiced once, and to nobody else (N14)."""
        host = Host(self.books)
        patient, provider = host.employee("sam@example.org", "example-mills"), host.provider()
        booked = host.book(patient, host.session(provider))
        assert host.invoices.invoice("example-mills") == 0
        host.visit(booked, patient, provider)
        host.later(host.clock() + timedelta(days=2))
        seen = host.ask.scheduling.view(patient, booked.id)
        assert seen.status is AppointmentStatus.FULFILLED
        assert host.invoices.invoice("example-mills") == 6_000
        assert host.invoices.invoice("example-rail") == 0

    def test_who_has_no_contract_is_told(self) -> None:
        """The host's refusal reaches whoever asked, as the core's does."""
        with pytest.raises(CardDeclined, match="no_contract"):
            Host(self.books).employee("sam@example.org", "example-bank")
