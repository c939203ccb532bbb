"""What whatever tells people something promises."""

from collections.abc import Mapping
from datetime import timedelta

from telehealth_core.access.ports import Notices
from telehealth_core.letters.ports import Attachments
from telehealth_core.messaging.notice import ALERTS, NOTICES
from telehealth_core.messaging.ports import ChatChannels
from telehealth_core.shared.ids import EventId, PracticeId, UserId
from telehealth_core.testing.contracts.beginning import AT, named

SENDER = PracticeId(named("sender"))
ADDRESS, OTHER_ADDRESS = "pat@example.org", "lee@example.org"
INVITATION = {"invitation": "a code"}
Told = list[tuple[str, Mapping[str, str]]]


def _key(name: str) -> EventId:
    return EventId(named(name))


class NoticesContract:
    """Each notice is sent once for its key. A subclass brings `notices` and `sent`."""

    def notices(self) -> Notices:
        """What sends, the same within a test."""
        raise NotImplementedError

    def sent(self, email: str) -> int:
        """How many messages of `SENDER` went to this address."""
        raise NotImplementedError

    def test_a_notice_is_sent_once_for_its_key(self) -> None:
        """A repeat is the same message, another key another one (F62)."""
        for name in ("one", "one", "other", "one"):
            self.notices().send(SENDER, ADDRESS, "appointment-booked", {}, _key(name))
        self.notices().send(SENDER, OTHER_ADDRESS, "appointment-booked", {}, _key("third"))
        assert (self.sent(ADDRESS), self.sent(OTHER_ADDRESS)) == (2, 1)

    def test_every_template_can_be_sent(self) -> None:
        """Whatever the core has to tell has its words (MSG-01)."""
        templates = {*ALERTS.values(), *(template for template, _ in NOTICES.values())}
        for template in sorted(templates):
            self.notices().send(SENDER, ADDRESS, template, {}, _key(template))
        self.notices().send(SENDER, ADDRESS, "referral-invitation", INVITATION, _key("invited"))
        assert self.sent(ADDRESS) == len(templates) + 1


class AttachmentsContract:
    """Each document is sent once for its key. A subclass brings `attachments` and `attached`."""

    def attachments(self) -> Attachments:
        """What sends, the same within a test."""
        raise NotImplementedError

    def attached(self, email: str) -> list[bytes]:
        """The documents that went from `SENDER` to this address, in any order."""
        raise NotImplementedError

    def test_a_document_is_sent_once_for_its_key(self) -> None:
        """Byte for byte; a repeat is the same message, another key another one (MSG-02)."""
        one, other = b"%PDF-1.7 one \r\n\x00\xff", b"%PDF-1.7 other"
        for content, name in ((one, "one"), (one, "one"), (other, "other")):
            self.attachments().attach(SENDER, ADDRESS, content, _key(name))
        assert sorted(self.attached(ADDRESS)) == [one, other]
        assert self.attached(OTHER_ADDRESS) == []


class ChatChannelsContract:
    """Who was granted a channel hears it, once for each message. A subclass brings `channels` and
    `listen`; its clock stands at `AT`.
    """

    def channels(self) -> ChatChannels:
        """What fans out, the same within a test."""
        raise NotImplementedError

    def listen(self, token: str) -> Told:
        """Begin to listen: a list that grows with whatever is told."""
        raise NotImplementedError

    def granted(self, name: str, *channels: str) -> str:
        """A grant of these channels for an hour."""
        return self.channels().grant(
            UserId(named(name)), frozenset(channels), AT + timedelta(hours=1)
        )

    def test_who_was_granted_hears_exactly_those_channels(self) -> None:
        """And nobody else does (MSG-07)."""
        one, other = (self.listen(self.granted(who, who, "all")) for who in ("one", "other"))
        for number, channel in enumerate(("one", "other", "all", "nobody")):
            self.channels().publish(channel, {"n": str(number)}, _key(f"message {number}"))
        assert one == [("one", {"n": "0"}), ("all", {"n": "2"})]
        assert other == [("other", {"n": "1"}), ("all", {"n": "2"})]

    def test_a_message_is_told_once_for_its_key(self) -> None:
        """A repeat is the same message (F62)."""
        told = self.listen(self.granted("one", "one"))
        for _ in range(2):
            self.channels().publish("one", {"n": "0"}, _key("message"))
        assert told == [("one", {"n": "0"})]

    def test_what_is_revoked_is_heard_no_more(self) -> None:
        """Revoking again, or what was never granted, changes nothing; others go on (MSG-07)."""
        token = self.granted("one", "all")
        one, other = self.listen(token), self.listen(self.granted("other", "all"))
        for ended in (token, token, "never granted"):
            self.channels().revoke(ended)
        self.channels().publish("all", {"n": "0"}, _key("message"))
        assert (one, other) == ([], [("all", {"n": "0"})])
