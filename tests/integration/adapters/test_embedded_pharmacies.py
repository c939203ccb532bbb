"""What stands in for prescribers' keys and for pharmacies."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from telehealth_core.prescribing.pharmacy import Pharmacy, PrescriptionOrder
from telehealth_core.prescribing.ports import Pharmacies, Signatures
from telehealth_core.shared.ids import PracticeId, PrescriptionId, ProviderId
from telehealth_core.shared.refusal import Unavailable
from telehealth_embedded import EmbeddedPharmacies, EmbeddedSignatures

PRACTICE, KEY = PracticeId(UUID(int=1)), PrescriptionId(UUID(int=2))
ORDER = PrescriptionOrder(
    key=KEY,
    pharmacy=Pharmacy(name="Example", address="5 Example Street", contact="rx@example.org"),
    content=b"{}",
    seal=b"seal",
    claim_token="a token",
)


def test_a_seal_fits_its_prescriber_its_digest_and_nothing_else() -> None:
    """And says that the key is not the prescriber's own (RXU-04)."""
    seals: Signatures = EmbeddedSignatures(b"a secret for tests")
    one, other = ProviderId(UUID(int=1)), ProviderId(UUID(int=2))
    seal = seals.sign(one, b"digest")
    assert seals.verify(one, b"digest", seal)
    assert not seals.verify(other, b"digest", seal)
    assert not seals.verify(one, b"another", seal)
    assert not EmbeddedSignatures(b"another secret").verify(one, b"digest", seal)
    assert not seals.own_keys
    assert "secret" not in repr(seals)


def test_an_order_is_kept_once_and_withdrawn_beside_it(tmp_path: Path) -> None:
    """Only its owner reads it, and a repeat changes nothing."""
    pharmacies: Pharmacies = EmbeddedPharmacies(tmp_path)
    for _ in range(2):
        pharmacies.send(PRACTICE, ORDER)
        pharmacies.withdraw(PRACTICE, KEY)
    kept = tmp_path / str(PRACTICE) / f"{KEY}.json"
    assert json.loads(kept.read_text())["claim_token"] == "a token"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert sorted(one.suffix for one in kept.parent.iterdir()) == [".json", ".withdrawn"]


def test_a_disk_that_refuses_is_a_pharmacy_that_cannot_be_reached(tmp_path: Path) -> None:
    """Told as any outage."""
    (tmp_path / str(PRACTICE)).write_text("in the way")
    with pytest.raises(Unavailable):
        EmbeddedPharmacies(tmp_path).send(PRACTICE, ORDER)
