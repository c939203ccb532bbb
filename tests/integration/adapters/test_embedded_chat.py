"""Chat fan-out without a vendor."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.policy import NotSignedIn
from telehealth_core.messaging.ports import ChatChannels
from telehealth_core.shared.ids import EventId, UserId
from telehealth_embedded import EmbeddedChannels

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
SECRET = b"a secret of enough bytes"
USER = UserId(UUID(int=1))


def key(number: int) -> EventId:
    """The key of a message."""
    return EventId(UUID(int=number))


class Hand:
    """A clock that is set by hand, and a reader that keeps what it was told."""

    def __init__(self) -> None:
        self.now = NOW
        self.told: list[tuple[str, Mapping[str, str]]] = []

    def clock(self) -> datetime:
        """Tell the time that was set."""
        return self.now

    def listen(self, channel: str, message: Mapping[str, str]) -> None:
        """Keep what was told."""
        self.told.append((channel, message))


@pytest.fixture
def hand() -> Hand:
    """A clock and a reader."""
    return Hand()


@pytest.fixture
def channels(hand: Hand) -> EmbeddedChannels:
    """Channels on that clock."""
    return EmbeddedChannels(SECRET, hand.clock)


def test_who_was_granted_hears(channels: EmbeddedChannels, hand: Hand) -> None:
    """A listener hears exactly the channels of its grant."""
    port: ChatChannels = channels
    channels.subscribe(port.grant(USER, frozenset({"a", "b"}), SOON), hand.listen)
    for number, channel in enumerate(["a", "b", "c"]):
        port.publish(channel, {"message": channel}, key(number))
    assert hand.told == [("a", {"message": "a"}), ("b", {"message": "b"})]


def test_everybody_who_listens_hears(channels: EmbeddedChannels) -> None:
    """All subscribers are told, also when one of them fails."""
    ears = [Hand(), Hand()]

    def broken(_: str, __: Mapping[str, str]) -> None:
        raise ConnectionResetError

    token = channels.grant(USER, frozenset({"a"}), SOON)
    for listener in (ears[0].listen, broken, ears[1].listen):
        channels.subscribe(token, listener)
    channels.publish("a", {}, key(1))
    assert [len(ear.told) for ear in ears] == [1, 1]


def test_a_repeat_is_not_told_again(channels: EmbeddedChannels, hand: Hand) -> None:
    """The same key is the same message; another channel's message is another."""
    channels.subscribe(channels.grant(USER, frozenset({"a", "b"}), SOON), hand.listen)
    for channel in ("a", "a", "b"):
        channels.publish(channel, {}, key(1))
    assert [channel for channel, _ in hand.told] == ["a", "b"]


@given(numbers=st.lists(st.integers(0, 12), max_size=40))
def test_memory_is_bounded(numbers: list[int]) -> None:
    """A key is recognised while it is among the last that were told, and memory never grows."""
    hand = Hand()
    channels = EmbeddedChannels(SECRET, hand.clock, 5)
    channels.subscribe(channels.grant(USER, frozenset({"a"}), SOON), hand.listen)
    told: list[int] = []
    for number in numbers:
        channels.publish("a", {"number": str(number)}, key(number))
        if number not in told[-5:]:
            told.append(number)
    assert [int(message["number"]) for _, message in hand.told] == told
    assert len(channels._told) <= 5


def test_a_grant_ends_on_time(channels: EmbeddedChannels, hand: Hand) -> None:
    """From its last instant on nothing is heard, and nobody can subscribe."""
    token = channels.grant(USER, frozenset({"a"}), SOON)
    channels.subscribe(token, hand.listen)
    hand.now = SOON
    channels.publish("a", {}, key(1))
    assert hand.told == []
    with pytest.raises(NotSignedIn):
        channels.subscribe(token, hand.listen)


def test_revoking_ends_what_was_granted(channels: EmbeddedChannels, hand: Hand) -> None:
    """A revoked token's listeners hear no more, and others of the same user still do."""
    other = Hand()
    token, kept = (channels.grant(USER, frozenset({"a"}), SOON) for _ in range(2))
    channels.subscribe(token, hand.listen)
    channels.subscribe(kept, other.listen)
    for _ in range(2):
        channels.revoke(token)
    channels.publish("a", {}, key(1))
    assert (len(hand.told), len(other.told)) == (0, 1)
    with pytest.raises(NotSignedIn):
        channels.subscribe(token, hand.listen)


def test_revoked_grants_are_forgotten_when_they_would_have_ended(
    channels: EmbeddedChannels, hand: Hand
) -> None:
    """The list of revoked grants does not grow for ever."""
    channels.revoke(channels.grant(USER, frozenset(), SOON))
    hand.now = SOON
    channels.revoke(channels.grant(USER, frozenset(), SOON + timedelta(minutes=5)))
    assert len(channels._revoked) == 1


def test_false_tokens_give_nothing(channels: EmbeddedChannels, hand: Hand) -> None:
    """A token of another secret cannot listen, and revoking it is no error."""
    false = EmbeddedChannels(b"another secret of enough bytes", hand.clock)
    for token in ("", "a.b", false.grant(USER, frozenset({"a"}), SOON)):
        with pytest.raises(NotSignedIn):
            channels.subscribe(token, hand.listen)
        channels.revoke(token)


def test_unsubscribing_ends_one_subscription(channels: EmbeddedChannels, hand: Hand) -> None:
    """Each subscription ends by itself, and ending it twice is no error."""
    token = channels.grant(USER, frozenset({"a"}), SOON)
    ends = [channels.subscribe(token, hand.listen) for _ in range(2)]
    ends[0]()
    ends[0]()
    channels.publish("a", {}, key(1))
    assert len(hand.told) == 1


def test_many_threads_tell_each_message_once(channels: EmbeddedChannels, hand: Hand) -> None:
    """Messages published twice at the same time are told once."""
    channels.subscribe(channels.grant(USER, frozenset({"a"}), SOON), hand.listen)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: channels.publish("a", {}, key(number // 2)), range(400)))
    assert len(hand.told) == 200


def test_neither_secret_nor_token_is_shown(channels: EmbeddedChannels) -> None:
    """The repr tells nothing that opens a channel."""
    assert "secret" not in repr(channels)
