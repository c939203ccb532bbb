"""What can be asked of messaging: to write and read in a patient's conversations, and to send
notices.
"""

from datetime import datetime, timedelta

import attrs

from telehealth_core.access.actor import Actor, Role, relations
from telehealth_core.access.policy import Action, authorize, permitted
from telehealth_core.access.ports import Clock, Notices, UnitOfWork
from telehealth_core.billing.charge import Charge
from telehealth_core.messaging.conversation import (
    READ,
    WRITE,
    Channel,
    ChatGrant,
    Conversation,
    Message,
    MessagePosted,
    conversation_of,
)
from telehealth_core.messaging.notice import ALERTS, NOTICES, is_hidden, worth_telling
from telehealth_core.messaging.ports import ChatChannels, MessagingWork
from telehealth_core.registration.patient import Patient
from telehealth_core.registration.use_cases import authorized_patient, standing
from telehealth_core.shared.event import Event
from telehealth_core.shared.ids import (
    AppointmentId,
    ChatGrantId,
    EventId,
    MessageId,
    PartnerId,
    PatientId,
    QuestionnaireId,
    ReferralId,
    UserId,
    derived,
)
from telehealth_core.shared.refusal import IdReused
from telehealth_core.shared.repeat import repeat_of
from telehealth_core.treatment.questionnaire import AlarmingAnswer

LISTEN = timedelta(minutes=30)
"""How long a listener is told before asking again."""
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

        Raises: NotPermitted, Unknown, ConversationIsClosed, Invalid, IdReused.
        """
        try:
            return self._post(actor, id, patient_id, channel, text)
        except IdReused as clash:
            if clash.id != conversation_of(patient_id, channel):
                raise
            # somebody else wrote the first word meanwhile, so the conversation is there
            return self._post(actor, id, patient_id, channel, text)

    def _post(
        self, actor: Actor, id: MessageId, patient_id: PatientId, channel: Channel, text: str
    ) -> Message:
        at = self.clock()
        with self.work(actor) as work:
            authorized_patient(work, actor, WRITE[channel], patient_id, at)
            message, event = Message.post(
                id, actor.practice_id, patient_id, channel, text, by=actor.id, at=at
            )
            work.take_turns(id)
            first = repeat_of(message, work.messages.find(id), "message")
            if first is not None:
                return first
            known = work.conversations.find(message.conversation_id)
            conversation = known or Conversation.begin(actor.practice_id, patient_id, channel)
            conversation.require_open()
            if known is None:
                work.conversations.save(conversation, conversation.opened(by=actor.id, at=at))
            work.messages.save(message, event)
        return message

    def close(
        self, actor: Actor, patient_id: PatientId, channel: Channel, reason: str
    ) -> Conversation:
        """Let nobody write in a conversation any more, with the reason; its members still read it.

        Raises: NotPermitted, Unknown, IllegalTransition, Invalid.
        """
        with self.work(actor) as work:
            authorize(actor, Action.CLOSE_CONVERSATION, relations(actor))
            closed, event = work.conversations.get(conversation_of(patient_id, channel)).close(
                reason, by=actor.id, at=self.clock()
            )
            work.conversations.save(closed, event)
        return closed

    def reopen(
        self, actor: Actor, patient_id: PatientId, channel: Channel, reason: str
    ) -> Conversation:
        """Let the members of a closed conversation write again, with the reason.

        Raises: NotPermitted, Unknown, IllegalTransition, Invalid.
        """
        with self.work(actor) as work:
            authorize(actor, Action.CLOSE_CONVERSATION, relations(actor))
            opened, event = work.conversations.get(conversation_of(patient_id, channel)).reopen(
                reason, by=actor.id, at=self.clock()
            )
            work.conversations.save(opened, event)
        return opened

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
        (F53): for half an hour, and no longer than the relation lasts that it comes from.

        Raises: NotPermitted, Unknown; Unavailable while the vendor does not answer.
        """
        at = self.clock()
        with self.work(actor) as work:
            patient = authorized_patient(work, actor, READ[channel], patient_id, at)
        conversation = conversation_of(patient_id, channel)
        until = min((at + LISTEN, *patient.ties.ends_of(actor, at)))
        token = self.channels.grant(actor.id, frozenset({str(conversation)}), until)
        grant = ChatGrant(
            id=ChatGrantId(derived(actor.id, f"{conversation}/{token}")),
            practice_id=actor.practice_id,
            conversation_id=conversation,
            patient_id=patient_id,
            channel=channel,
            user_id=actor.id,
            token=token,
            until=until,
        )
        with self.work(actor) as work:
            # Whoever ceased to be a member meanwhile is not told the token.
            authorized_patient(work, actor, READ[channel], patient_id, self.clock())
            work.chat_grants.save(grant, grant.admitted(at=at))
        return token

    def dismiss_strangers(self, actor: Actor, event: Event) -> None:
        """End the listening of whoever is no member any more: reaction to whatever ends a relation,
        safe to repeat (F54).

        Raises: Unavailable while the vendor does not answer.
        """
        at = self.clock()
        with self.work(actor) as work:
            authorize(actor, Action.NOTIFY, relations(actor))
            gone = [one for one in self._affected(work, event, at) if self._stranger(work, one, at)]
        for grant in gone:
            self.channels.revoke(grant.token)
            over, dismissed = grant.revoke(by=actor.id, at=at)
            with self.work(actor) as work:
                work.chat_grants.save(over, dismissed)

    @staticmethod
    def _affected(work: MessagingWork, event: Event, at: datetime) -> tuple[ChatGrant, ...]:
        """The live grants around the patient, of the partner's members, or of the account, that the
        event is about.
        """
        partner = work.partners.find(PartnerId(event.subject))
        if partner is not None:
            members = work.accounts.with_role(Role.PARTNER)
            own = (one.id for one in members if one.partner_id == partner.id)
            return tuple(grant for id in own for grant in work.chat_grants.live_of(id, at))
        appointment = work.appointments.find(AppointmentId(event.subject))
        patient_id = appointment.patient_id if appointment else PatientId(event.subject)
        if work.patients.find(patient_id) is not None:
            return work.chat_grants.live(patient_id, at)
        return work.chat_grants.live_of(UserId(event.subject), at)

    @staticmethod
    def _stranger(work: MessagingWork, grant: ChatGrant, at: datetime) -> bool:
        account, patient = work.accounts.get(grant.user_id), work.patients.get(grant.patient_id)
        member = account.actor()
        return account.disabled_at is not None or not permitted(
            member, READ[grant.channel], standing(work, member, patient, at)
        )

    def call_for_help(self, actor: Actor, event: AlarmingAnswer) -> None:
        """Tell the liaisons, and whoever leads a program of the patient, that an answer waits for a
        human, unless one has seen it: reaction to AlarmingAnswer, safe to repeat (TEL-11).
        """
        with self.work(actor) as work:
            authorize(actor, Action.NOTIFY, relations(actor))
            given = work.questionnaires.get(QuestionnaireId(event.subject))
            if given.seen_at is not None:
                return
            leading = {one.provider_id for one in work.programs.of_patient(given.patient_id)}
            leads = work.accounts.with_role(Role.PROVIDER)
            told = {one.id: one for one in work.accounts.with_role(Role.LIAISON)}
            told |= {one.id: one for one in leads if one.provider_id in leading}
        for account in told.values():
            key = EventId(derived(event.id, str(account.id)))
            self.notices.send(actor.practice_id, account.email, "alarming-answer", {}, key)

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
