"""What can be asked of messaging: to write and read in a patient's conversations, and to send
notices.
"""

from datetime import timedelta

import attrs

from telehealth_core.access.actor import Actor, Role, relations
from telehealth_core.access.policy import Action, authorize
from telehealth_core.access.ports import Clock, Notices, UnitOfWork
from telehealth_core.billing.charge import Charge
from telehealth_core.messaging.conversation import (
    READ,
    WRITE,
    Channel,
    Message,
    MessagePosted,
    conversation_of,
)
from telehealth_core.messaging.notice import ALERTS, NOTICES, is_hidden, worth_telling
from telehealth_core.messaging.ports import ChatChannels, MessagingWork
from telehealth_core.registration.patient import Patient
from telehealth_core.registration.use_cases import authorized_patient
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import EventId, MessageId, PatientId, ReferralId, derived
from telehealth_core.shared.repeat import repeat_of

LISTEN_MINUTES = 30
MESSAGES_MOST = 200


@attrs.frozen
class Messaging:
    """The conversations of the practice's patients, and the notices sent to them."""

    work: UnitOfWork[MessagingWork]
    clock: Clock
    channels: ChatChannels
    notices: Notices

    def post(
        self, actor: Actor, id: MessageId, patient_id: PatientId, channel: Channel, text: str
    ) -> Message:
        """Write in one of a patient's conversations (F54, MSG-06).

        Raises: NotPermitted, Unknown, Invalid, IdReused.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorized_patient(work, actor, WRITE[channel], patient_id, at)
            message, event = Message.post(
                id, actor.practice_id, patient_id, channel, text, by=actor.id, at=at
            )
            first = repeat_of(message, work.messages.find(id), "message")
            if first is not None:
                return first
            work.messages.save(message, event)
        return message

    def read(self, actor: Actor, patient_id: PatientId, channel: Channel) -> tuple[Message, ...]:
        """The newest messages of a patient's conversation, oldest first; membership is asked afresh
        each time.
        """
        with self.work(actor) as work:
            authorized_patient(work, actor, READ[channel], patient_id, self.clock())
            conversation = conversation_of(patient_id, channel)
            work.read(READ[channel], patient_id, conversation)
            return work.messages.of_conversation(conversation, limit=MESSAGES_MOST)

    def listen(self, actor: Actor, patient_id: PatientId, channel: Channel) -> str:
        """A token to be told in real time that there is something new in this one conversation
        (F53).
        """
        at = self.clock()
        with self.work(actor) as work:
            authorized_patient(work, actor, READ[channel], patient_id, at)
        conversation = str(conversation_of(patient_id, channel))
        return self.channels.grant(
            actor.id, frozenset({conversation}), at + timedelta(minutes=LISTEN_MINUTES)
        )

    def fan_out(self, actor: Actor, event: MessagePosted) -> None:
        """Tell whoever listens that there is something new: reaction to MessagePosted; carries a
        pointer, no text.
        """
        authorize(actor, Action.NOTIFY, relations(actor))
        self.channels.publish(str(event.conversation), {"message": str(event.subject)}, event.id)

    def notify(self, actor: Actor, event: Event) -> None:
        """Send the patient, or their guardian, the notice that this event leads to: a reaction,
        safe to repeat.
        """
        template, collection = NOTICES[type(event)]
        with self.work(actor) as work:
            authorize(actor, Action.NOTIFY, relations(actor))
            if not worth_telling(event):
                return
            subject = getattr(work, collection).get(event.subject)
            whose = subject.payer_id if isinstance(subject, Charge) else subject.patient_id
            hidden = is_hidden(subject)
            email = self._address(work, work.patients.get(whose), hidden=hidden)
        if email is not None:
            self.notices.send(actor.practice_id, email, template, {}, event.id)

    def alert(self, actor: Actor, event: Event) -> None:
        """Tell the practice's administrators that something needs their look: a reaction, safe to
        repeat (ACC-06).
        """
        with self.work(actor) as work:
            authorize(actor, Action.NOTIFY, relations(actor))
            told = work.accounts.with_role(Role.ADMIN)
        for account in told:
            key = EventId(derived(event.id, str(account.id)))
            self.notices.send(actor.practice_id, account.email, ALERTS[type(event)], {}, key)

    def invite(self, actor: Actor, event: Event) -> None:
        """Send the referred client their invitation: reaction to ReferralAccepted, safe to repeat
        (F50).
        """
        with self.work(actor) as work:
            authorize(actor, Action.NOTIFY, relations(actor))
            referral = work.referrals.get(ReferralId(event.subject))
        if referral.invitation is not None and referral.client.email is not None:
            facts = {"invitation": referral.invitation}
            self.notices.send(
                actor.practice_id, referral.client.email, "referral-invitation", facts, event.id
            )

    def _address(self, work: MessagingWork, patient: Patient, *, hidden: bool) -> str | None:
        """The patient's, or a guardian's unless it is about what is hidden from them (CHD-06)."""
        guardians = () if hidden else patient.guardians
        people = (patient.id, *(tie.guardian for tie in guardians if tie.live(self.clock())))
        accounts = (work.accounts.of_patient(person) for person in people)
        return next((account.email for account in accounts if account is not None), None)
