"""What a store finds of treatment, partners and conversations."""

from datetime import date, timedelta

import attrs

from telehealth_core.access.account import Account
from telehealth_core.access.actor import Actor, Role
from telehealth_core.messaging.conversation import Channel, ChatGrant, Conversation
from telehealth_core.partnership.partner import Partner
from telehealth_core.partnership.referral import Referral, ReferralStatus
from telehealth_core.shared.ids import (
    ChatGrantId,
    MedicationId,
    PartnerId,
    ProgramId,
    QuestionnaireId,
    ReferralId,
    UserId,
)
from telehealth_core.shared.refusal import Invalid
from telehealth_core.testing.contracts.beginning import AT, StoreBeginning, named, profile, refused
from telehealth_core.treatment.medication import Medication, MedicationSource
from telehealth_core.treatment.program import ProgramKind, TreatmentProgram
from telehealth_core.treatment.questionnaire import Questionnaire

DAY = date(2026, 11, 23)


class Following(StoreBeginning):
    """Queries find what they say, in order, of one practice; values come back as they went."""

    def test_a_program_comes_back_with_its_holds_and_reasons(self) -> None:
        """The whole course, the newest program first."""
        actor = self.opened()
        program = TreatmentProgram(
            id=ProgramId(named("program")),
            practice_id=actor.practice_id,
            patient_id=self.patient_id(actor, "one"),
            provider_id=self.provider(actor).id,
            kind=ProgramKind.IOP,
            starts_on=DAY,
            entered_at=AT,
        )
        later = attrs.evolve(
            program, id=ProgramId(named("later")), entered_at=AT + timedelta(hours=1)
        )
        with self.work(actor) as work:
            for one in (program, later):
                work.programs.save(one, *one.begun(by=actor.id))
        started, began = program.start(DAY, "begins", by=actor.id, at=AT)
        held, paused = started.pause(DAY + timedelta(days=3), "away", by=actor.id, at=AT)
        with self.work(actor) as work:
            work.programs.save(started, began)
            work.programs.save(held, paused)
        with self.work(actor) as work:
            assert work.programs.of_patient(program.patient_id) == (later, held)
            assert work.programs.of_patient(self.patient_id(actor, "two")) == ()

    def test_a_medication_list_is_found_by_patient(self) -> None:
        """The newest first, with every change."""
        actor = self.opened()
        one, two = (self._medication(actor, name, hour) for hour, name in enumerate(("a", "b")))
        with self.work(actor) as work:
            for each in (two, one):
                work.medications.save(each, each.listed(by=actor.id))
        stopped, event = one.stop(DAY, "well", by=actor.id, at=AT)
        with self.work(actor) as work:
            work.medications.save(stopped, event)
        with self.work(actor) as work:
            assert work.medications.of_patient(one.patient_id) == (two, stopped)
            assert work.medications.of_patient(self.patient_id(actor, "two")) == ()
        with self.work(self.opened("south")) as work:
            assert work.medications.of_patient(one.patient_id) == ()

    def _medication(self, actor: Actor, name: str, hour: int) -> Medication:
        return Medication(
            id=MedicationId(named(name)),
            practice_id=actor.practice_id,
            patient_id=self.patient_id(actor, "one"),
            medicine=name,
            dose="1 mg",
            directions="one",
            source=MedicationSource.PATIENT,
            since=DAY,
            listed_at=AT + timedelta(hours=hour),
        )

    def test_alarming_answers_wait_until_somebody_has_seen_them(self) -> None:
        """The oldest first, as many as asked for; calm and seen ones are not among them."""
        actor = self.opened()
        late, early, seen = (
            self._answered(actor, name, hour, 1)
            for name, hour in (("late", 3), ("early", 1), ("seen", 0))
        )
        calm = self._answered(actor, "calm", 2, 0)
        with self.work(actor) as work:
            for one in (late, early, seen, calm):
                work.questionnaires.save(one, *one.answered(by=actor.id))
        over, event = seen.see(by=actor.id, at=AT)
        with self.work(actor) as work:
            work.questionnaires.save(over, event)
        with self.work(actor) as work:
            found = work.questionnaires
            assert found.alarming(limit=9) == (early, late)
            assert found.alarming(limit=1) == (early,)
            assert found.of_patient(late.patient_id) == (late, calm, early, over)
        with self.work(self.opened("south")) as work:
            assert work.questionnaires.alarming(limit=9) == ()

    def _answered(self, actor: Actor, name: str, hour: int, last: int) -> Questionnaire:
        return Questionnaire.answer(
            id=QuestionnaireId(named(name)),
            practice_id=actor.practice_id,
            patient_id=self.patient_id(actor, "one"),
            instrument="phq-9",
            answers=(3,) * 8 + (last,),
            answered_at=AT + timedelta(hours=hour),
        )

    def _partner(self, actor: Actor, name: str) -> Partner:
        partner = Partner(
            id=PartnerId(named(name)), practice_id=actor.practice_id, name=name, added_at=AT
        )
        with self.work(actor) as work:
            work.partners.save(partner, partner.added(by=actor.id))
        return partner

    def test_partners_are_told_by_name_and_follow_while_active(self) -> None:
        """A suspended one may not follow, nor may one that does not exist."""
        actor = self.opened()
        west, east = self._partner(actor, "West"), self._partner(actor, "East")
        suspended, event = west.suspend("a complaint", by=actor.id, at=AT)
        with self.work(actor) as work:
            assert work.partners.all() == (east, west)
            assert work.care.may_follow(west.id)
            work.partners.save(suspended, event)
        with self.work(actor) as work:
            assert work.partners.all() == (east, suspended)
            assert not work.care.may_follow(west.id)
            assert work.care.may_follow(east.id)
            assert not work.care.may_follow(PartnerId(named("none")))
        with self.work(self.opened("south")) as work:
            assert not work.care.may_follow(east.id)

    def test_referrals_are_found_by_partner_state_and_enrolment(self) -> None:
        """The partner's newest first, the practice's oldest first, as many as asked for."""
        actor = self.opened()
        partner, other = self._partner(actor, "West"), self._partner(actor, "East")
        one, two = (self._referral(actor, partner, name, at) for at, name in enumerate("ab"))
        theirs = self._referral(actor, other, "c", 2)
        with self.work(actor) as work:
            found = work.referrals
            assert found.of_partner(partner.id, limit=9) == (two, one)
            assert found.of_partner(partner.id, limit=1) == (two,)
            assert found.in_status(ReferralStatus.DRAFT, limit=2) == (one, two)
            assert found.in_status(ReferralStatus.DRAFT, limit=9)[-1] == theirs
            assert found.in_status(ReferralStatus.SUBMITTED, limit=9) == ()
        patient = self.patient_id(actor, "one")
        sent, submitted = one.submit(by=actor.id, at=AT)
        accepted, agreed = sent.accept("a secret of the client", by=actor.id, at=AT)
        with self.work(actor) as work:
            work.referrals.save(sent, submitted)
            work.referrals.save(accepted, agreed)
        with self.work(actor) as work:
            assert work.referrals.by_invitation("a secret of the client") == accepted
            assert work.referrals.enrolled(partner.id, patient) is None
        enrolled, used = accepted.enrol(patient, by=actor.id, at=AT)
        with self.work(actor) as work:
            work.referrals.save(enrolled, used)
        with self.work(actor) as work:
            assert work.referrals.enrolled(partner.id, patient) == enrolled
            assert work.referrals.enrolled(other.id, patient) is None
            assert work.referrals.by_invitation("a secret of the client") is None
            assert work.referrals.in_status(ReferralStatus.ENROLLED, limit=9) == (enrolled,)

    def _referral(self, actor: Actor, partner: Partner, name: str, minute: int) -> Referral:
        with refused(Invalid):
            self._of(actor, partner, name, minute, None)
        referral = self._of(actor, partner, name, minute, "client@example.org")
        with self.work(actor) as work:
            work.referrals.save(referral, referral.drafted(by=actor.id))
        return referral

    @staticmethod
    def _of(actor: Actor, partner: Partner, name: str, minute: int, email: str | None) -> Referral:
        return Referral(
            id=ReferralId(named(name)),
            practice_id=actor.practice_id,
            partner_id=partner.id,
            client=attrs.evolve(profile(), email=email),
            reason="needs care",
            drafted_at=AT + timedelta(minutes=minute),
        )

    def test_grants_to_listen_are_found_while_they_last(self) -> None:
        """By patient and by user, until the instant they end or are revoked."""
        actor = self.opened()
        users = [self._account(actor, name) for name in ("ann", "bob")]
        grants = sorted(
            (self._grant(actor, user, who) for user in users for who in ("one", "two")),
            key=lambda grant: grant.id,
        )
        with self.work(actor) as work:
            for grant in grants:
                work.chat_grants.save(grant, grant.admitted(at=AT))
        patient, at = self.patient_id(actor, "one"), AT + timedelta(minutes=1)
        mine = tuple(one for one in grants if one.user_id == users[0])
        about = tuple(one for one in grants if one.patient_id == patient)
        with self.work(actor) as work:
            found = work.chat_grants
            assert found.live(patient, at) == about
            assert found.live_of(users[0], at) == mine
            assert found.live(patient, about[0].until) == ()
            assert found.live_of(users[0], mine[0].until) == ()
        over, event = mine[0].revoke(by=actor.id, at=at)
        with self.work(actor) as work:
            work.chat_grants.save(over, event)
        with self.work(actor) as work:
            assert work.chat_grants.live_of(users[0], at) == mine[1:]
            assert over not in work.chat_grants.live(over.patient_id, at)
        with self.work(self.opened("south")) as work:
            assert work.chat_grants.live(patient, at) == ()

    def _account(self, actor: Actor, name: str) -> UserId:
        account = Account(
            id=UserId(named(name)),
            practice_id=actor.practice_id,
            email=f"{name}@example.org",
            password_hash="hash",  # noqa: S106 - no password
            roles=frozenset({Role.LIAISON}),
            opened_at=AT,
        )
        with self.work(actor) as work:
            work.accounts.save(account, account.opened(by=actor.id))
        return account.id

    def _grant(self, actor: Actor, user: UserId, who: str) -> ChatGrant:
        patient = self.patient_id(actor, who)
        conversation = Conversation.begin(actor.practice_id, patient, Channel.CARE)
        with self.work(actor) as work:
            if work.conversations.find(conversation.id) is None:
                work.conversations.save(conversation, conversation.opened(by=actor.id, at=AT))
        return ChatGrant(
            id=ChatGrantId(named(f"{user} {who}")),
            practice_id=actor.practice_id,
            conversation_id=conversation.id,
            patient_id=patient,
            channel=Channel.CARE,
            user_id=user,
            token="token",  # noqa: S106 - no password
            until=AT + timedelta(minutes=30),
        )
