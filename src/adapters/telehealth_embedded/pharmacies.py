"""Pharmacies in a folder: what would have been brought to them lies there, one file for each order.

Nothing leaves the machine.
"""

import json
from base64 import b64encode
from pathlib import Path

import attrs

from telehealth_core.prescribing.pharmacy import PrescriptionOrder
from telehealth_core.shared.ids import PracticeId, PrescriptionId
from telehealth_core.shared.refusal import Unavailable


@attrs.frozen
class EmbeddedPharmacies:
    """Writes each order as `root/practice/key.json`, and beside it that it was withdrawn."""

    _root: Path

    def send(self, practice_id: PracticeId, order: PrescriptionOrder, /) -> None:
        """Keep the order once for each key.

        Raises: Unavailable if the disk refuses.
        """
        kept = {
            "pharmacy": attrs.asdict(order.pharmacy),
            "content": order.content.decode(),
            "seal": b64encode(order.seal).decode(),
            "claim_token": order.claim_token,
        }
        self._keep(self._path(practice_id, order.key, "json"), json.dumps(kept))

    def withdraw(self, practice_id: PracticeId, key: PrescriptionId, /) -> None:
        """Keep that the order must not be dispensed.

        Raises: Unavailable if the disk refuses.
        """
        self._keep(self._path(practice_id, key, "withdrawn"), "")

    def _path(self, practice_id: PracticeId, key: PrescriptionId, kind: str) -> Path:
        return self._root / str(practice_id) / f"{key}.{kind}"

    def _keep(self, path: Path, text: str) -> None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                part = path.with_suffix(f"{path.suffix}.part")
                part.touch(mode=0o600)
                part.write_text(text, "utf-8")
                part.replace(path)
        except OSError as error:
            raise Unavailable("The pharmacy") from error
