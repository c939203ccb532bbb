"""The prescription: what a provider orders for a patient; immutable once signed (F35, RXC-02)."""

import hashlib
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

import attrs

from telehealth_core.prescribing.item import Item
from telehealth_core.prescribing.life import (
    LIFECYCLE,
    AlreadyClaimed,
    NotDispensable,
    PrescriptionCancelled,
    PrescriptionClaimed,
    PrescriptionDispensed,
    PrescriptionDrafted,
    PrescriptionEdited,
    PrescriptionExpired,
    PrescriptionFlagged,
    PrescriptionHidden,
    PrescriptionReissued,
    PrescriptionReviewed,
    PrescriptionSent,
    PrescriptionSigned,
    PrescriptionStatus,
    PrescriptionTransmitted,
)
from telehealth_core.prescribing.pharmacy import (
    STAMP,
    Claim,
    Pharmacy,
    PrescriptionCopy,
    PrescriptionOrder,
)
from telehealth_core.prescribing.script import Circumstances, MedicationHistory, Script
from telehealth_core.prescribing.signature import Particulars, Signature, canonical, digest_of
from telehealth_core.shared.ids import (
    AppointmentId,
    PatientId,
    PracticeId,
    PrescriptionId,
    ProviderId,
    UserId,
)
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.phi import phi
from telehealth_core.shared.refusal import Invalid
from telehealth_core.shared.text import prose

__all__ = ["LIFECYCLE", "Prescription", "PrescriptionStatus", "Review", "claim_hash"]

TOKEN_LEAST = 16


@attrs.frozen(kw_only=True)
class Review:
    """What came of looking at a prescription made by way of exception."""

    outcome: str = phi(validator=prose(1000))
    by: UserId
    at: datetime


@attrs.frozen(kw_only=True)
class Prescription:
    """What a provider orders for a patient after a visit.

    Signing adds the `particulars`, the last day `valid_until`, how often it is `dispensable` in
    all, and the `signature` over all of that. `replaces` and `replaced_by` link a reissue with what
    it was made of. Hiding it from guardians changes nothing that was signed.
    """

    id: PrescriptionId
    practice_id: PracticeId
    version: int = 1
    status: PrescriptionStatus = LIFECYCLE.initial
    patient_id: PatientId
    provider_id: ProviderId
    appointment_id: AppointmentId
    items: tuple[Item, ...] = phi()
    dispensings: int | None = 1
    not_before: date | None = None
    history: MedicationHistory = phi(default=MedicationHistory())
    circumstances: Circumstances = phi(default=Circumstances())
    drafted_at: datetime
    particulars: Particulars | None = phi(default=None)
    warnings: frozenset[str] = frozenset()
    valid_until: date | None = None
    dispensable: int | None = None
    signature: Signature | None = None
    review_needed: bool = False
    review: Review | None = phi(default=None)
    pharmacy: Pharmacy | None = phi(default=None)
    claim_token: str | None = phi(default=None)
    claim_sha256: str | None = None
    sent_at: datetime | None = None
    transmitted_at: datetime | None = None
    claims: tuple[Claim, ...] = ()
    cancelled_because: str | None = phi(
        default=None, validator=attrs.validators.optional(prose(500))
    )
    replaces: PrescriptionId | None = None
    replaced_by: PrescriptionId | None = None
    hidden_from_guardians: bool = False

    @classmethod
    def draft(
        cls, script: Script, *, by: UserId, at: datetime, **fields: Any
    ) -> tuple[Self, PrescriptionDrafted]:
        """A new prescription as its author wrote it; see the class for the other fields."""
        drafted = cls(drafted_at=at, **_written(script), **fields)
        return drafted, PrescriptionDrafted(drafted.id, drafted.version, by, at)

    @property
    def script(self) -> Script:
        """What its author wrote."""
        return Script(**{one.name: getattr(self, one.name) for one in attrs.fields(Script)})

    @property
    def signed_at(self) -> datetime | None:
        """When it was signed."""
        return None if self.signature is None else self.signature.at

    @property
    def content(self) -> bytes:
        """What is signed: the same bytes as long as nothing in it changed (RXU-04)."""
        assert self.particulars is not None, "only what is complete is signed"
        return canonical(
            id=self.id,
            practice=self.practice_id,
            patient=self.patient_id,
            provider=self.provider_id,
            appointment=self.appointment_id,
            items=self.items,
            dispensable=self.dispensable,
            valid_until=self.valid_until,
            particulars=self.particulars,
        )

    def require(self, verb: str) -> None:
        """Refuse what cannot happen to it now.

        Raises: IllegalTransition.
        """
        LIFECYCLE.after(verb, self.status)

    def order(self) -> PrescriptionOrder:
        """What its pharmacy is sent."""
        assert self.pharmacy is not None, "only what is sent has an order"
        assert self.claim_token is not None, "only what is sent has an order"
        assert self.signature is not None, "only what is signed is sent"
        return PrescriptionOrder(
            key=self.id,
            pharmacy=self.pharmacy,
            content=self.content,
            seal=bytes.fromhex(self.signature.seal),
            claim_token=self.claim_token,
        )

    def edit(self, script: Script, *, by: UserId, at: datetime) -> tuple[Self, PrescriptionEdited]:
        """Write a draft anew.

        Raises: IllegalTransition once signed (RXC-02).
        """
        self.require("edit")
        edited = attrs.evolve(self, version=self.version + 1, **_written(script))
        return edited, PrescriptionEdited(self.id, edited.version, by, at)

    def completed(
        self,
        particulars: Particulars,
        *,
        valid_until: date,
        dispensable: int,
        warnings: frozenset[str],
        review_needed: bool,
    ) -> Self:
        """The draft with everything that is signed beside what its author wrote; not saved before
        it is signed.
        """
        return attrs.evolve(
            self,
            particulars=particulars,
            valid_until=valid_until,
            dispensable=dispensable,
            warnings=warnings,
            review_needed=review_needed,
        )

    def sign(self, seal: bytes, *, by: UserId, at: datetime) -> tuple[Self, PrescriptionSigned]:
        """Put the provider's signature to the completed draft (RXC-02, RXU-04).

        Raises: IllegalTransition.
        """
        status = LIFECYCLE.after("sign", self.status)
        signature = Signature(
            by=self.provider_id, at=at, sha256=digest_of(self.content).hex(), seal=seal.hex()
        )
        signed = attrs.evolve(self, version=self.version + 1, status=status, signature=signature)
        return signed, PrescriptionSigned(self.id, signed.version, by, at)

    def send(
        self, pharmacy: Pharmacy, token: str, *, by: UserId, at: datetime
    ) -> tuple[Self, PrescriptionSent]:
        """Have it brought to the pharmacy that the patient chose, who claims it by the token.

        Raises: IllegalTransition unless signed and not sent yet; Invalid for a short token.
        """
        status = LIFECYCLE.after("send", self.status)
        if len(token) < TOKEN_LEAST:
            raise Invalid("token", f"at least {TOKEN_LEAST} characters")
        sent = attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            pharmacy=pharmacy,
            claim_token=token,
            claim_sha256=claim_hash(token),
            sent_at=at,
        )
        return sent, PrescriptionSent(self.id, sent.version, by, at)

    def transmit(self, *, by: UserId, at: datetime) -> tuple[Self, PrescriptionTransmitted]:
        """Note that the pharmacy's system took it.

        Raises: IllegalTransition.
        """
        self.require("transmit")
        told = attrs.evolve(self, version=self.version + 1, transmitted_at=at)
        return told, PrescriptionTransmitted(self.id, told.version, by, at)

    def flagged(self, *, by: UserId, at: datetime) -> tuple[PrescriptionFlagged, ...]:
        """What else its signing is: something to look at, where an exception was made (RXU-08)."""
        flag = PrescriptionFlagged(self.id, self.version, by, at)
        return (flag,) if self.review_needed else ()

    def dispense(
        self, claim: UUID, *, on: date, by: UserId, at: datetime
    ) -> tuple[Self, PrescriptionClaimed | PrescriptionDispensed]:
        """Dispense once; the last time that may be ends it (RXU-03, RXU-11).

        Raises: NotDispensable before its first and after its last day; IllegalTransition unless
            sent.
        """
        last = len(self.claims) + 1 >= (self.dispensable or 1)
        status = LIFECYCLE.after("dispense" if last else "claim", self.status)
        self._require_day(on)
        claims = (*self.claims, Claim(claim, at))
        changed = attrs.evolve(self, version=self.version + 1, status=status, claims=claims)
        kind = PrescriptionDispensed if last else PrescriptionClaimed
        return changed, kind(self.id, changed.version, by, at)

    def cancel(
        self, reason: str, *, by: UserId, at: datetime
    ) -> tuple[Self, PrescriptionCancelled]:
        """Take it back.

        Raises: IllegalTransition once dispensed, cancelled or expired; Invalid without a reason.
        """
        status = LIFECYCLE.after("cancel", self.status)
        changed = attrs.evolve(
            self, version=self.version + 1, status=status, cancelled_because=reason
        )
        return changed, PrescriptionCancelled(self.id, changed.version, by, at)

    def reissue(
        self, id: PrescriptionId, reason: str, *, by: UserId, at: datetime
    ) -> tuple[Self, PrescriptionReissued]:
        """Take it back in favor of another one, the only way to change what is signed (RXC-02).

        Raises: IllegalTransition unless signed and not dispensed; Invalid without a reason.
        """
        status = LIFECYCLE.after("reissue", self.status)
        changed = attrs.evolve(
            self,
            version=self.version + 1,
            status=status,
            cancelled_because=reason,
            replaced_by=id,
        )
        return changed, PrescriptionReissued(self.id, changed.version, by, at)

    def expire(self, *, by: UserId, at: datetime) -> tuple[Self, PrescriptionExpired]:
        """Note that its last day passed.

        Raises: IllegalTransition unless signed and not over.
        """
        status = LIFECYCLE.after("expire", self.status)
        changed = attrs.evolve(self, version=self.version + 1, status=status)
        return changed, PrescriptionExpired(self.id, changed.version, by, at)

    def hide(self, *, hidden: bool, by: UserId, at: datetime) -> tuple[Self, PrescriptionHidden]:
        """Hide it from guardians, or show it to them again (CHD-06)."""
        self.require("hide")
        changed = attrs.evolve(self, version=self.version + 1, hidden_from_guardians=hidden)
        return changed, PrescriptionHidden(self.id, changed.version, by, at)

    def looked_at(
        self, outcome: str, *, by: UserId, at: datetime
    ) -> tuple[Self, PrescriptionReviewed]:
        """Note what came of looking at what was prescribed by way of exception (RXU-08).

        Raises: IllegalTransition for a draft; Invalid where nothing waits.
        """
        self.require("review")
        if not self.review_needed or self.review is not None:
            raise Invalid("review", "waiting; this prescription has none to do")
        review = Review(outcome=outcome, by=by, at=at)
        changed = attrs.evolve(self, version=self.version + 1, review=review)
        return changed, PrescriptionReviewed(self.id, changed.version, by, at)

    def copy(self) -> PrescriptionCopy:
        """What the patient may have: marked, and without the signature (RXU-04).

        Raises: IllegalTransition for a draft.
        """
        if self.particulars is None:
            raise IllegalTransition("copy", self.status.value)
        return PrescriptionCopy(stamp=STAMP, particulars=self.particulars, items=self.items)

    def require_unclaimed(self) -> None:
        """Tell whoever comes too late that everything on it was dispensed (RXU-11).

        Raises: AlreadyClaimed.
        """
        if self.status is PrescriptionStatus.DISPENSED:
            raise AlreadyClaimed

    def _require_day(self, on: date) -> None:
        assert self.particulars is not None, "what was sent was signed"
        assert self.valid_until is not None, "what was sent was signed"
        first = self.particulars.appropriate_date
        if not first <= on <= self.valid_until:
            raise NotDispensable(first, self.valid_until)


def claim_hash(token: str) -> str:
    """What a token is found by."""
    return hashlib.sha256(token.encode()).hexdigest()


def _written(script: Script) -> dict[str, Any]:
    return {one.name: getattr(script, one.name) for one in attrs.fields(Script)}
