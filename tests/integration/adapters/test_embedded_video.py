"""Video rooms and signalling without a vendor."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth_core.access.policy import NotSignedIn
from telehealth_core.consultation.ports import VideoRooms
from telehealth_core.shared.ids import UserId
from telehealth_core.shared.refusal import Invalid, Unknown
from telehealth_embedded import EmbeddedChannels, EmbeddedRooms, Signalling

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
SECRET = b"a secret of enough bytes"
URL = "/signalling"


def rooms_at(now: datetime, secret: bytes = SECRET) -> EmbeddedRooms:
    """Rooms at that instant."""
    return EmbeddedRooms(secret, lambda: now, URL)


class Phone:
    """One participant's end: keeps what it was sent."""

    def __init__(self) -> None:
        self.heard: list[dict[str, str]] = []

    def hear(self, text: str) -> None:
        """Keep what was sent."""
        self.heard.append(json.loads(text))

    def news(self) -> list[dict[str, str]]:
        """What was sent since last asked."""
        heard, self.heard = self.heard, []
        return heard


# --- admission -------------------------------------------------------------------------------


@given(room=st.text(), identity=st.text(), seconds=st.integers(1, 86_400))
def test_a_token_lets_in_whom_it_was_made_for(room: str, identity: str, seconds: int) -> None:
    """Room and identity come back from a token that is still good."""
    rooms: VideoRooms = rooms_at(NOW)
    admission = rooms.admit(room, identity, until=NOW + timedelta(seconds=seconds))
    assert (admission.room, admission.url) == (room, URL)
    assert rooms_at(NOW).verify(admission.token) == (room, identity)


def test_a_token_ends_on_time() -> None:
    """It is good up to, but not at, its last instant."""
    token = rooms_at(NOW).admit("room", "ada", until=SOON).token
    assert rooms_at(SOON - timedelta(microseconds=1)).verify(token)
    with pytest.raises(NotSignedIn):
        rooms_at(SOON).verify(token)


@given(data=st.data())
def test_a_changed_token_is_false(data: st.DataObject) -> None:
    """No character of a token can be exchanged for one that means something else."""
    token = rooms_at(NOW).admit("room", "ada", until=SOON).token
    at = data.draw(st.integers(0, len(token) - 1))
    changed = token[:at] + data.draw(st.sampled_from("Az09-_.!")) + token[at + 1 :]
    try:
        assert rooms_at(NOW).verify(changed) == ("room", "ada")
    except NotSignedIn:
        assert changed != token


@given(token=st.text(st.characters()))
def test_rubbish_is_no_token(token: str) -> None:
    """Any text is refused without a crash."""
    with pytest.raises(NotSignedIn):
        rooms_at(NOW).verify(token)


def test_tokens_of_others_are_false() -> None:
    """Another secret's token is false here, and so is one made for chat."""
    chat = EmbeddedChannels(SECRET, lambda: NOW)
    user = UserId(UUID(int=1))
    for token in (
        rooms_at(NOW, b"another secret of enough bytes").admit("room", "ada", until=SOON).token,
        chat.grant(user, frozenset(), SOON),
    ):
        with pytest.raises(NotSignedIn):
            rooms_at(NOW).verify(token)


def test_weak_secrets_and_naive_times_are_refused() -> None:
    """A short secret is a mistake of set-up, a time without offset one of the caller."""
    with pytest.raises(ValueError, match="16 bytes"):
        rooms_at(NOW, b"short")
    with pytest.raises(Invalid):
        rooms_at(NOW).admit("room", "ada", until=datetime(2026, 11, 21))  # noqa: DTZ001


def test_neither_secret_nor_token_is_shown() -> None:
    """No repr tells what opens a room."""
    rooms = rooms_at(NOW)
    admission = rooms.admit("room", "ada", until=SOON)
    assert "secret" not in repr(rooms)
    assert admission.token not in repr(admission)


# --- signalling ------------------------------------------------------------------------------


def test_two_are_introduced_and_talk() -> None:
    """The first hears of the second, and each hears what the other says."""
    signalling, ada, bob = Signalling(), Phone(), Phone()
    signalling.join("room", "ada", ada.hear)
    signalling.join("room", "bob", bob.hear)
    assert ada.news() == [{"type": "peer-joined", "identity": "bob"}]
    signalling.relay("room", "ada", "offer")
    signalling.relay("room", "bob", "answer")
    assert bob.news() == [{"type": "signal", "from": "ada", "message": "offer"}]
    assert ada.news() == [{"type": "signal", "from": "bob", "message": "answer"}]
    signalling.leave("room", "bob")
    signalling.leave("room", "bob")
    assert ada.news() == [{"type": "peer-left", "identity": "bob"}]


def test_rooms_hear_nothing_of_each_other() -> None:
    """What is said in one room stays there."""
    signalling, ada, bob = Signalling(), Phone(), Phone()
    signalling.join("one", "ada", ada.hear)
    signalling.join("other", "bob", bob.hear)
    signalling.relay("one", "ada", "hello")
    assert (ada.news(), bob.news()) == ([], [])


def test_a_second_connection_replaces_the_first() -> None:
    """The first is told so, its late leaving changes nothing, and the peer starts anew."""
    signalling, peer, old, new = Signalling(), Phone(), Phone(), Phone()
    signalling.join("room", "bob", peer.hear)
    leave_old = signalling.join("room", "ada", old.hear)
    peer.news()
    leave_new = signalling.join("room", "ada", new.hear)
    assert old.news() == [{"type": "replaced"}]
    assert [each["type"] for each in peer.news()] == ["peer-left", "peer-joined"]
    leave_old()
    signalling.relay("room", "bob", "hello")
    assert (len(new.news()), old.news(), peer.news()) == (1, [], [])
    leave_new()
    assert peer.news() == [{"type": "peer-left", "identity": "ada"}]


def test_a_room_holds_four() -> None:
    """A fifth participant is refused until one leaves; a known one may always come back."""
    signalling = Signalling()
    for name in "abcd":
        signalling.join("room", name, Phone().hear)
    with pytest.raises(Invalid):
        signalling.join("room", "e", Phone().hear)
    signalling.join("room", "d", Phone().hear)
    signalling.leave("room", "a")
    signalling.join("room", "e", Phone().hear)


def test_messages_have_a_largest_size() -> None:
    """64 KiB are passed on, one byte more is refused, whatever characters make it."""
    signalling, bob = Signalling(), Phone()
    signalling.join("room", "ada", Phone().hear)
    signalling.join("room", "bob", bob.hear)
    signalling.relay("room", "ada", "é" * 32_768)
    assert len(bob.news()) == 1
    for message in ("x" * 65_537, "é" * 32_768 + "x"):
        with pytest.raises(Invalid):
            signalling.relay("room", "ada", message)


def test_only_participants_speak() -> None:
    """Who is not in the room cannot be heard there."""
    signalling, bob = Signalling(), Phone()
    signalling.join("room", "bob", bob.hear)
    for room in ("room", "no room"):
        with pytest.raises(Unknown):
            signalling.relay(room, "ada", "hello")
    assert bob.news() == []


def test_a_broken_connection_disturbs_nobody() -> None:
    """Where sending to one fails, the others hear all the same."""

    def broken(_: str) -> None:
        raise ConnectionResetError

    signalling, bob = Signalling(), Phone()
    signalling.join("room", "broken", broken)
    signalling.join("room", "bob", bob.hear)
    signalling.join("room", "ada", Phone().hear)
    signalling.relay("room", "ada", "hello")
    assert [each["type"] for each in bob.news()] == ["peer-joined", "signal"]


def test_a_listener_may_speak_at_once() -> None:
    """Answering from within a message does not lock the room."""
    signalling, ada = Signalling(), Phone()
    signalling.join("room", "ada", ada.hear)
    signalling.join("room", "echo", lambda _: signalling.relay("room", "echo", "answer"))
    signalling.relay("room", "ada", "offer")
    assert ada.news()[-1]["message"] == "answer"


def test_many_threads_lose_no_message() -> None:
    """All that is said at once in one room arrives, and the room is empty in the end."""
    signalling, listener = Signalling(), Phone()
    signalling.join("room", "listener", listener.hear)

    def visit(name: str) -> None:
        leave = signalling.join("room", name, lambda _: None)
        for _ in range(200):
            signalling.relay("room", name, "hello")
        leave()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(visit, ["a", "b", "c"]))
    assert [each["type"] for each in listener.news()].count("signal") == 600
    signalling.leave("room", "listener")
    with pytest.raises(Unknown):
        signalling.relay("room", "listener", "anybody?")
