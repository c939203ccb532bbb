"""Membership of conversations: derived from relations for every role, revoked with them (F53, F54,
MSG-06).
"""

from datetime import datetime
from itertools import product

import attrs
import pytest

from telehealth_core.access.account import AccountDisabled
from telehealth_core.access.actor import Actor, Relation, Role
from telehealth_core.access.policy import permitted
from telehealth_core.messaging.conversation import READ, WRITE, Channel, ConversationIsClosed
from telehealth_core.messaging.use_cases import LISTEN
from telehealth_core.partnership.partner import PartnerSuspended
from telehealth_core.reactions import REACTIONS
from telehealth_core.registration.patient import PartnerTied
from telehealth_core.shared.ids import MessageId, PatientId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Invalid, Unavailable, Unknown
from telehealth_core.testing.doubles import MemoryChannels
from unit.clinic import Clinic
from unit.partnership.test_following import CHAT, EVERYTHING, PROGRAM, Followed

CARE, PARTNER = Channel.CARE, Channel.PARTNER
IN_BOTH = {
    (Role.PATIENT, Relation.SELF),
    (Role.PATIENT, Relation.GUARDIAN),
    (Role.LIAISON, Relation.PRACTICE),
}
INSIDE = {
    CARE: IN_BOTH | {(Role.PROVIDER, Relation.TREATING)},
    PARTNER: IN_BOTH | {(Role.PARTNER, Relation.FOLLOWS_CHAT)},
}


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize(("role", "relation"), list(product(Role, Relation)))
def test_nobody_else_ever(clinic: Clinic, role: Role, relation: Relation, channel: Channel) -> None:
    """Patient or guardian, liaison, and either who treats or who follows with leave to write: no
    other role in any other relation, to write or to read (F54, MSG-06).
    """
    actor = attrs.evolve(clinic.liaison, roles=frozenset({role}))
    inside = (role, relation) in INSIDE[channel]
    for table in (READ, WRITE):
        assert permitted(actor, table[channel], frozenset({relation})) is inside


@pytest.fixture
def followed() -> Followed:
    """A patient whom the partner may follow in everything."""
    followed = Followed()
    followed.let(EVERYTHING)
    followed.clinic.drain()
    return followed


def listening(followed: Followed) -> set[Actor]:
    """Who may listen to the partner's side at this instant."""
    grants = followed.clinic.store.rows.get("chat_grants", {}).values()
    at = followed.clinic.clock()
    return {one.user_id for one in grants if one.until > at and one.channel is PARTNER}


def listen(followed: Followed, who: Actor, channel: Channel = PARTNER) -> str:
    """Ask to be told."""
    return followed.clinic.ask.messaging.listen(who, followed.id, channel)


ENDINGS = {
    "the patient ends it": lambda it: it.end(),
    "the patient narrows it": lambda it: it.let({PROGRAM}),
    "the partner is suspended": lambda it: it.clinic.ask.partnership.suspend_partner(
        it.clinic.liaison, it.organisation, "a complaint"
    ),
    "the account is disabled": lambda it: it.clinic.ask.accounts.disable(
        it.clinic.admin, it.partner.id
    ),
    "the role is revoked": lambda it: it.clinic.ask.accounts.revoke_roles(
        it.clinic.admin, it.partner.id, frozenset({Role.PARTNER})
    ),
}


@pytest.mark.parametrize("how", ENDINGS)
def test_listening_ends_with_the_relation_and_others_go_on(followed: Followed, how: str) -> None:
    """Whatever ends it, the token is revoked, once; patient and liaison are told further (F54)."""
    clinic = followed.clinic
    token = listen(followed, followed.partner)
    for who in (followed.patient, clinic.liaison):
        listen(followed, who)
    ENDINGS[how](followed)
    clinic.drain(times=3)
    assert clinic.channels.revoked == [token]
    assert listening(followed) == {followed.patient.id, clinic.liaison.id}
    (over,) = (one for one in clinic.store.rows["chat_grants"].values() if one.revoked)
    assert (over.user_id, over.until) == (followed.partner.id, clinic.clock())


def test_renewing_with_leave_to_write_dismisses_nobody(followed: Followed) -> None:
    """Whoever still is a member is told further (F54)."""
    listen(followed, followed.partner)
    followed.let({CHAT}, days=5)
    followed.clinic.drain()
    assert followed.clinic.channels.revoked == []
    assert listening(followed) == {followed.partner.id}


def test_nobody_listens_longer_than_consent_lasts(followed: Followed) -> None:
    """Half an hour, or until the consent is over, whichever is sooner (F54, ACC-14)."""
    clinic, minute = followed.clinic, LISTEN / 30

    def until() -> datetime:
        latest: datetime = max(one.until for one in clinic.store.rows["chat_grants"].values())
        return latest

    listen(followed, followed.partner)
    assert until() == clinic.clock() + LISTEN
    (tie,) = clinic.person(followed.patient).partners
    clinic.clock.now = tie.until - minute
    listen(followed, followed.partner)
    assert until() == tie.until
    clinic.clock.forward(minutes=1)
    assert listening(followed) == set()
    with pytest.raises(Unknown):
        listen(followed, followed.partner)


def test_a_provider_whose_visit_is_cancelled_is_dismissed(clinic: Clinic) -> None:
    """What made them treat the patient is gone, and with it the conversation (F54)."""
    patient, provider = clinic.patient(), clinic.provider()
    visit = clinic.booked(patient, clinic.session(provider))
    token = clinic.ask.messaging.listen(provider, patient.as_patient(), CARE)
    clinic.ask.messaging.listen(patient, patient.as_patient(), CARE)
    clinic.ask.scheduling.cancel(patient, visit.id)
    clinic.drain(times=2)
    assert clinic.channels.revoked == [token]
    with pytest.raises(Unknown):
        clinic.ask.messaging.read(provider, patient.as_patient(), CARE)


class Slow(MemoryChannels):
    """A vendor during whose answer something happens."""

    meanwhile = staticmethod(lambda: None)

    def grant(self, *asked: object) -> str:
        """The token, after whatever happened."""
        self.meanwhile()
        return super().grant(*asked)  # type: ignore[arg-type]


def test_who_ceases_to_be_a_member_while_the_vendor_answers_is_told_no_token() -> None:
    """The relation is asked again before a grant is kept (F54)."""
    followed = Followed()
    followed.let(EVERYTHING)
    slow = Slow()
    messaging = attrs.evolve(followed.clinic.ask.messaging, channels=slow)
    slow.meanwhile = followed.end
    with pytest.raises(Unknown):
        messaging.listen(followed.partner, followed.id, PARTNER)
    assert "chat_grants" not in followed.clinic.store.rows


class Away(MemoryChannels):
    """A vendor that does not answer at first."""

    def revoke(self, token: str) -> None:
        """Answer only the second time. Raises: Unavailable."""
        if token not in self.published:
            self.published[token] = ("", {})  # type: ignore[index]
            raise Unavailable("chat")
        super().revoke(token)


def test_a_dismissal_that_the_vendor_missed_is_repeated() -> None:
    """As long as it was not revoked outside, the grant stands and is dismissed again (F54)."""
    followed = Followed()
    followed.let(EVERYTHING)
    followed.clinic.drain()
    followed.clinic.ask.messaging = attrs.evolve(
        followed.clinic.ask.messaging, channels=(away := Away())
    )
    token = listen(followed, followed.partner)
    followed.end()
    followed.clinic.drain()
    assert away.revoked == [token]
    assert listening(followed) == set()


def test_everything_that_ends_a_relation_dismisses() -> None:
    """The table names each of them (F54)."""
    named = {one.event for one in REACTIONS if one.name == "Messaging.dismiss_strangers"}
    assert named >= {PartnerTied, PartnerSuspended, AccountDisabled}


# --- history and closing ---------------------------------------------------------------------


def test_history_is_hidden_after_removal(followed: Followed) -> None:
    """Not even what was written while a member is read; let in again, all of it is (MSG-06)."""
    clinic, ask = followed.clinic, followed.clinic.ask.messaging
    followed.say(followed.partner)
    followed.end()
    for call in (lambda: ask.read(followed.partner, followed.id, PARTNER),
                 lambda: followed.say(followed.partner)):  # fmt: skip
        with pytest.raises(Unknown):
            call()
    assert len(ask.read(clinic.liaison, followed.id, PARTNER)) == 2
    followed.let({CHAT})
    assert len(ask.read(followed.partner, followed.id, PARTNER)) == 2


def test_a_guardian_is_in_a_childs_conversations_and_in_no_other(clinic: Clinic) -> None:
    """They act in the child's place (F54, F10)."""
    guardian, ask = clinic.patient(), clinic.ask.messaging
    child = clinic.dependant(guardian).id
    for channel in Channel:
        ask.post(guardian, MessageId(clinic.new_id()), child, channel, "hello")
        assert len(ask.read(clinic.liaison, child, channel)) == 1
        with pytest.raises(Unknown):
            ask.read(clinic.patient("Lee Example", card=None), child, channel)


def test_a_closed_conversation_is_read_and_not_written(followed: Followed) -> None:
    """Members still read it; the office opens it again, each with a reason (F54)."""
    clinic, ask = followed.clinic, followed.clinic.ask.messaging
    closed = ask.close(clinic.liaison, followed.id, PARTNER, "the program is over")
    assert (closed.status, closed.reason) == ("closed", "the program is over")
    before = clinic.rows()
    for who in (followed.patient, followed.partner, clinic.liaison):
        with pytest.raises(ConversationIsClosed):
            followed.say(who)
        assert len(ask.read(who, followed.id, PARTNER)) == 1
    with pytest.raises(IllegalTransition):
        ask.close(clinic.liaison, followed.id, PARTNER, "again")
    assert clinic.rows() == before
    ask.post(followed.patient, MessageId(clinic.new_id()), followed.id, CARE, "still here")
    with pytest.raises(Invalid):
        ask.reopen(clinic.admin, followed.id, PARTNER, "")
    assert ask.reopen(clinic.admin, followed.id, PARTNER, "goes on").status == "open"
    followed.say(followed.partner)
    assert "goes on" not in repr(clinic.store.rows["conversations"])


def test_what_was_written_before_the_closing_is_found_when_it_is_sent_again(
    followed: Followed,
) -> None:
    """A repeat is no new message; one that nobody has begun cannot be closed."""
    clinic, ask = followed.clinic, followed.clinic.ask.messaging
    id = MessageId(clinic.new_id())
    first = ask.post(followed.patient, id, followed.id, PARTNER, "once")
    ask.close(clinic.liaison, followed.id, PARTNER, "over")
    assert ask.post(followed.patient, id, followed.id, PARTNER, "once") == first
    with pytest.raises(Unknown):
        ask.close(clinic.liaison, PatientId(clinic.new_id()), CARE, "nothing there")


def test_each_grant_is_one_of_its_own_and_all_of_them_end(followed: Followed) -> None:
    """Two windows listen with two tokens; after the end both are revoked, and a partner who is let
    in again at the same instant listens with a third (F53, F54).
    """
    tokens = [listen(followed, followed.partner) for _ in range(2)]
    followed.end()
    followed.clinic.drain()
    assert sorted(followed.clinic.channels.revoked) == sorted(tokens)
    followed.let({CHAT})
    assert listen(followed, followed.partner) not in tokens
    assert listening(followed) == {followed.partner.id}
