"""Any sequence of referring, following, suspending and writing: partners see, write and listen as a
naive model says, and nobody else ever does.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from telehealth_core.access.actor import Actor, FollowScope
from telehealth_core.messaging.conversation import Channel, ConversationIsClosed
from telehealth_core.partnership.partner import PartnerIsSuspended
from telehealth_core.partnership.referral import InvitationExpired
from telehealth_core.shared.ids import MessageId, PatientId, ReferralId
from telehealth_core.shared.lifecycle import IllegalTransition
from telehealth_core.shared.refusal import Refusal, Unknown
from unit.clinic import PASSWORD, Clinic, profile

DETAILS, PROGRAM, SCORES, CHAT = FollowScope
PARTNERS = 2
WHICH = st.integers(0, 3)
WHOM = st.integers(0, PARTNERS - 1)
DAYS = st.integers(1, 20)
SCOPE = st.frozensets(st.sampled_from(FollowScope), min_size=1)
AFTER = {
    ("submit", "draft"): "submitted",
    ("withdraw", "draft"): "withdrawn",
    ("withdraw", "submitted"): "withdrawn",
    ("withdraw", "accepted"): "withdrawn",
    ("revise", "draft"): "draft",
    ("accept", "submitted"): "accepted",
    ("decline", "submitted"): "declined",
}
OFFICE = {"accept", "decline"}
NOBODY = PatientId(UUID(int=0))


@attrs.define
class Client:
    """A line in a partner's notebook."""

    id: ReferralId
    partner: int
    status: str
    invited_at: datetime | None = None
    patient: PatientId = NOBODY
    scope: frozenset[FollowScope] = frozenset()
    until: datetime | None = None
    """What the client agreed to last, and until when."""
    said: int = 0
    closed: bool = False

    @property
    def secret(self) -> str:
        """What only the client is sent."""
        return f"an invitation for {self.id}"


class Network(RuleBasedStateMachine):
    """Two partners, their clients, and an office."""

    @initialize()
    def open(self) -> None:
        """Nobody was referred yet."""
        self.clinic = Clinic()
        self.partners = [self.clinic.partner(f"Charity {one}") for one in range(PARTNERS)]
        self.suspended = [False] * PARTNERS
        self.clients: list[Client] = []
        self.listeners: dict[str, tuple[Client, datetime]] = {}
        self.strangers = [self.clinic.provider(), self.clinic.patient(card=None)]
        for whom in range(PARTNERS):
            self.refer(whom, sent=True)
            self.move("accept", whom, whom)
            self.enrol(whom, 20, frozenset(FollowScope))
        self.refer(0, sent=False)

    @property
    def at(self) -> datetime:
        """Now."""
        return self.clinic.clock()

    def sees(self, client: Client, partner: int) -> frozenset[FollowScope]:
        """How far this partner sees this client now, by the notebook."""
        lasts = client.until is not None and self.at < client.until
        own = client.partner == partner and not self.suspended[partner]
        return client.scope if own and lasts else frozenset()

    def done(self, call: Callable[[], Any], expected: type[Refusal] | None) -> Any:
        """The answer, or the refusal that was expected, which changes nothing; then what follows
        has happened.
        """
        before = self.clinic.rows()
        if expected is not None:
            with pytest.raises(expected):
                call()
            assert self.clinic.rows() == before
            return None
        answer = call()
        self.clinic.drain()
        return answer

    def patients(self) -> list[Client]:
        """Those who registered."""
        return [one for one in self.clients if one.status == "enrolled"]

    def chosen(self, which: int) -> Client:
        """One of those who registered."""
        return self.patients()[which % len(self.patients())]

    def account(self, client: Client) -> Actor:
        """The client, signed in."""
        accounts = self.clinic.store.rows["accounts"].values()
        actor: Actor = next(one for one in accounts if one.patient_id == client.patient).actor()
        return actor

    @rule(whom=WHOM, sent=st.booleans())
    def refer(self, whom: int, *, sent: bool) -> None:
        """Write down a client, or send them at once."""
        ask, id = self.clinic.ask.partnership, ReferralId(self.clinic.new_id())
        number = len(self.clients)
        client = profile(f"Jo{number} Client")
        verb = ask.refer if sent else ask.draft
        self.done(
            lambda: verb(self.partners[whom], id, client, "needs care"),
            PartnerIsSuspended if self.suspended[whom] else None,
        )
        if not self.suspended[whom]:
            self.clients.append(Client(id, whom, "submitted" if sent else "draft"))

    @rule(verb=st.sampled_from(sorted({verb for verb, _ in AFTER})), which=WHICH, whom=WHOM)
    def move(self, verb: str, which: int, whom: int) -> None:
        """A partner, or the office, moves a referral; another partner finds none."""
        client = self.clients[which % len(self.clients)]
        ask, who = self.clinic.ask.partnership, self.partners[whom]
        calls: dict[str, Callable[[], Any]] = {
            "submit": lambda: ask.submit(who, client.id),
            "withdraw": lambda: ask.withdraw(who, client.id, "never mind"),
            "revise": lambda: ask.revise(who, client.id, profile("Al Client"), "more care"),
            "accept": lambda: ask.accept(self.clinic.liaison, client.id, invitation=client.secret),
            "decline": lambda: ask.decline(self.clinic.liaison, client.id, "full"),
        }
        after = AFTER.get((verb, client.status))
        expected: type[Refusal] | None = None if after else IllegalTransition
        if verb not in OFFICE:
            expected = PartnerIsSuspended if self.suspended[whom] else expected
            expected = expected if client.partner == whom else Unknown
        if verb == "revise" and expected is None:
            # A name of its own, so that no two clients have one address.
            name = f"Al{self.clients.index(client)} Client"
            calls["revise"] = lambda: ask.revise(who, client.id, profile(name), "more care")
        self.done(calls[verb], expected)
        if expected is None and after:
            client.status = after
            client.invited_at = self.at if verb == "accept" else client.invited_at

    @rule(which=WHICH, days=st.none() | DAYS, scope=SCOPE)
    def enrol(self, which: int, days: int | None, scope: frozenset[FollowScope]) -> None:
        """The invited client registers."""
        client = self.clients[which % len(self.clients)]
        id = PatientId(self.clinic.new_id())
        expected: type[Refusal] | None = Unknown
        if client.status == "accepted" and client.invited_at:
            over = self.at >= client.invited_at + timedelta(days=30)
            expected = InvitationExpired if over else None
        self.done(
            lambda: self.clinic.ask.partnership.enrol(
                self.clinic.visitor, id, invitation=client.secret, password=PASSWORD,
                consent_days=days, consent_scope=scope,
            ),
            expected,
        )  # fmt: skip
        if expected is None:
            client.status, client.patient = "enrolled", id
            if days is not None:
                client.scope, client.until = scope, self.at + timedelta(days=days)

    @rule(which=WHICH, whom=WHOM, days=DAYS, scope=SCOPE)
    def let(self, which: int, whom: int, days: int, scope: frozenset[FollowScope]) -> None:
        """A patient lets a partner follow, which only works for the one that referred them."""
        client = self.chosen(which)
        own = client.partner == whom
        self.done(
            lambda: self.clinic.ask.follow_up.let(
                self.account(client), client.patient, self.partners[whom].as_partner(),
                days=days, scope=scope,
            ),
            None if own else Unknown,
        )  # fmt: skip
        if own:
            client.scope, client.until = scope, self.at + timedelta(days=days)

    @rule(which=WHICH)
    def end(self, which: int) -> None:
        """A patient ends it."""
        client = self.chosen(which)
        lasts = client.until is not None and self.at < client.until
        organisation = self.partners[client.partner].as_partner()
        self.done(
            lambda: self.clinic.ask.follow_up.end(
                self.account(client), client.patient, organisation
            ),
            None if lasts else Unknown,
        )
        client.until = self.at if lasts else client.until

    @rule(whom=WHOM)
    def turn(self, whom: int) -> None:
        """The office suspends a partner, or reinstates it; what it already is, it cannot become."""
        ask = self.clinic.ask.partnership
        verbs = [ask.suspend_partner, ask.reinstate_partner]
        verbs = verbs[::-1] if self.suspended[whom] else verbs
        id = self.partners[whom].as_partner()
        self.done(lambda: verbs[1](self.clinic.liaison, id, "no"), IllegalTransition)
        self.done(lambda: verbs[0](self.clinic.liaison, id, "so be it"), None)
        self.suspended[whom] = not self.suspended[whom]

    @rule(which=WHICH, whom=WHOM)
    def write(self, which: int, whom: int) -> None:
        """A partner writes; the patient always may, as long as nobody closed the conversation."""
        client = self.chosen(which)
        allowed = CHAT in self.sees(client, whom)
        for who, member in ((self.partners[whom], allowed), (self.account(client), True)):
            expected: type[Refusal] | None = ConversationIsClosed if client.closed else None
            id = MessageId(self.clinic.new_id())
            self.done(
                lambda who=who, message=id: self.clinic.ask.messaging.post(  # type: ignore[misc]
                    who, message, client.patient, Channel.PARTNER, "hello"
                ),
                expected if member else Refusal,
            )
            client.said += member and not client.closed

    @rule(which=WHICH)
    def shut(self, which: int) -> None:
        """The office closes a conversation, or opens it again."""
        client = self.chosen(which)
        ask = self.clinic.ask.messaging
        verb = ask.reopen if client.closed else ask.close
        self.done(
            lambda: verb(self.clinic.liaison, client.patient, Channel.PARTNER, "so be it"),
            None if client.said else Unknown,
        )
        client.closed = client.closed is not bool(client.said)

    @rule(which=WHICH, whom=WHOM)
    def listen(self, which: int, whom: int) -> None:
        """A partner asks to be told."""
        client = self.chosen(which)
        allowed = CHAT in self.sees(client, whom)
        token = self.done(
            lambda: self.clinic.ask.messaging.listen(
                self.partners[whom], client.patient, Channel.PARTNER
            ),
            None if allowed else Refusal,
        )
        if token is not None and client.until is not None:
            until = min(self.at + timedelta(minutes=30), client.until)
            self.listeners[token] = (client, until)

    @rule(minutes=st.sampled_from([1, 10, 60, 24 * 60, 12 * 24 * 60]))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.clinic.clock.forward(minutes=minutes)

    @invariant()
    def partners_see_what_the_notebook_says(self) -> None:
        """Each partner, each patient, each way of looking; strangers nothing at all (F51, F54)."""
        ask = self.clinic.ask
        ways: dict[FollowScope, Callable[[Actor, Any], Any]] = {
            PROGRAM: ask.treatment.of_patient,
            SCORES: ask.questionnaires.of_patient,
            CHAT: lambda who, of: ask.messaging.read(who, of, Channel.PARTNER),
        }
        for client in self.patients():
            for number, partner in enumerate(self.partners):
                seen = self.sees(client, number)
                for scope, way in ways.items():
                    self.looks(way, partner, client, allowed=scope in seen)
            for stranger in self.strangers:
                for way in ways.values():
                    self.looks(way, stranger, client, allowed=False)
            said = ask.messaging.read(self.clinic.liaison, client.patient, Channel.PARTNER)
            assert len(said) == client.said

    @staticmethod
    def looks(
        way: Callable[[Actor, Any], Any], who: Actor, client: Client, *, allowed: bool
    ) -> None:
        """Look, and be refused or not."""
        try:
            way(who, client.patient)
        except Refusal:
            assert not allowed
        else:
            assert allowed

    @invariant()
    def partners_list_their_own(self) -> None:
        """Referrals and followed patients (F49, F51)."""
        ask = self.clinic.ask
        for number, partner in enumerate(self.partners):
            if self.suspended[number]:
                for call in (ask.follow_up.followed, ask.partnership.referrals):
                    with pytest.raises(PartnerIsSuspended):
                        call(partner)
                continue
            own = {one.id: one.status for one in self.clients if one.partner == number}
            assert {one.id: one.status for one in ask.partnership.referrals(partner)} == own
            followed = {one.patient_id: one for one in ask.follow_up.followed(partner)}
            seen = {one.patient: one for one in self.patients() if self.sees(one, number)}
            assert set(followed) == set(seen)
            for id, one in followed.items():
                assert (one.scope, one.until) == (seen[id].scope, seen[id].until)
                assert (one.patient is not None) is (DETAILS in one.scope)

    @invariant()
    def only_members_listen(self) -> None:
        """Whoever may not read is told no more; nobody who may is dismissed (F54)."""
        grants = self.clinic.store.rows.get("chat_grants", {}).values()
        alive = {one.token for one in grants if one.until > self.at}
        self.listeners = {
            token: (client, until)
            for token, (client, until) in self.listeners.items()
            if until > self.at and CHAT in self.sees(client, client.partner)
        }
        assert alive == set(self.listeners)


TestNetwork = Network.TestCase
TestNetwork.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
