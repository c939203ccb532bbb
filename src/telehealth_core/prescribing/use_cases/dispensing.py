"""What becomes of a signed prescription: sent to the pharmacy that the patient chose, claimed
there, over after its last day.
"""

from uuid import UUID

import attrs

from telehealth_core.access.actor import Actor, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, UnitOfWork
from telehealth_core.prescribing.facts import require_lawful
from telehealth_core.prescribing.law import LAWS
from telehealth_core.prescribing.life import PrescriptionStatus
from telehealth_core.prescribing.pharmacy import Pharmacy
from telehealth_core.prescribing.ports import Pharmacies, PrescribingWork, Signatures
from telehealth_core.prescribing.prescription import Prescription, claim_hash
from telehealth_core.prescribing.signature import digest_of
from telehealth_core.prescribing.use_cases.standing import authorized_prescription, facts_of
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import PrescriptionId
from telehealth_core.shared.refusal import Unknown

EXPIRED_AT_ONCE = 100


@attrs.frozen
class Dispensing:
    """The way of prescriptions to pharmacies."""

    work: UnitOfWork[PrescribingWork]
    clock: Clock
    signatures: Signatures
    pharmacies: Pharmacies

    def send(
        self, actor: Actor, id: PrescriptionId, pharmacy: Pharmacy, *, token: str
    ) -> Prescription:
        """Have a signed prescription brought to the pharmacy that the patient chose, if every rule
        still allows it (F35, RXU-04, RXU-05, RXS-03). Whoever presents the token claims it.

        Sent to the same pharmacy again, the first time counts.

        Raises: PrescriptionRefused, MayNotPrescribe, IllegalTransition, Invalid, NotPermitted,
            Unknown.
        """
        at = self.clock()
        with self.work(actor) as work:
            found = authorized_prescription(work, actor, Action.SEND_PRESCRIPTION, id, at)
        if found.status is PrescriptionStatus.SENT and found.pharmacy == pharmacy:
            return found
        found.require("send")
        stands = self._stands(found)
        with self.work(actor) as work:
            facts = facts_of(
                work, found, at, signature_stands=stands, own_key=self.signatures.own_keys
            )
            law = LAWS[facts.practice.jurisdiction_code]
            require_lawful(facts, (*law.signing, *law.sending))
            sent, event = found.send(pharmacy, token, by=actor.id, at=at)
            work.prescriptions.save(sent, event)
        return sent

    def transmit(self, actor: Actor, event: Event) -> None:
        """Bring it to the pharmacy: reaction to PrescriptionSent, safe to repeat.

        Raises: Unavailable.
        """
        with self.work(actor) as work:
            authorize(actor, Action.DISPATCH_PRESCRIPTION, relations(actor))
            sent = work.prescriptions.get(PrescriptionId(event.subject))
        if sent.status is not PrescriptionStatus.SENT or sent.transmitted_at is not None:
            return
        self.pharmacies.send(actor.practice_id, sent.order())
        with self.work(actor) as work:
            told, happened = sent.transmit(by=actor.id, at=self.clock())
            work.prescriptions.save(told, happened)

    def withdraw(self, actor: Actor, event: Event) -> None:
        """Tell the pharmacy that it must not be dispensed: reaction to PrescriptionCancelled
        and PrescriptionReissued, safe to repeat.

        Raises: Unavailable.
        """
        with self.work(actor) as work:
            authorize(actor, Action.DISPATCH_PRESCRIPTION, relations(actor))
            cancelled = work.prescriptions.get(PrescriptionId(event.subject))
        if cancelled.sent_at is not None:
            self.pharmacies.withdraw(actor.practice_id, cancelled.id)

    def claim(self, actor: Actor, id: UUID, token: str) -> Prescription:
        """Dispense once, as the pharmacy that holds the token: whoever comes too late is told that
        it was claimed (RXU-03, RXU-11). The same claim again is the same claim.

        Raises: AlreadyClaimed, NotDispensable, IllegalTransition; Unknown for a wrong token;
            StaleVersion for the later of two at once.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.CLAIM_PRESCRIPTION, relations(actor))
            found = work.prescriptions.by_claim(claim_hash(token))
            if found is None:
                raise Unknown("prescription")
            if any(one.id == id for one in found.claims):
                return found
            found.require_unclaimed()
            on = work.practices.get(actor.practice_id).day(at)
            changed, event = found.dispense(id, on=on, by=actor.id, at=at)
            work.prescriptions.save(changed, event)
        return changed

    def expire_due(self, actor: Actor) -> tuple[Prescription, ...]:
        """Note of every prescription whose last day passed that it is over (RXU-02): asked by the
        machinery from time to time.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.DISPATCH_PRESCRIPTION, relations(actor))
            today = work.practices.get(actor.practice_id).day(at)
            ended = [
                one.expire(by=actor.id, at=at)
                for one in work.prescriptions.lapsed(today, limit=EXPIRED_AT_ONCE)
            ]
            for expired, event in ended:
                work.prescriptions.save(expired, event)
        return tuple(expired for expired, _ in ended)

    def _stands(self, found: Prescription) -> bool:
        """Whether the signature belongs to what is stored now, byte for byte."""
        signature = found.signature
        assert signature is not None, "what can be sent was signed"
        digest = digest_of(found.content)
        return digest == signature.digest and self.signatures.verify(
            signature.by, digest, bytes.fromhex(signature.seal)
        )
