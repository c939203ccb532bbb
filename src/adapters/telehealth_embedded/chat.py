"""Chat fan-out within one process: whoever listens is told; nothing is kept."""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from threading import Lock

import attrs

from telehealth_core.access.policy import NotSignedIn
from telehealth_core.shared.ids import EventId, UserId
from telehealth_embedded.signature import Signature

REMEMBERED_MOST = 10_000
"""So many messages are recognised when they come again."""

Listener = Callable[[str, Mapping[str, str]], None]
"""Takes the channel's name and one message; must not wait for long."""


@attrs.frozen(eq=False)
class _Subscription:
    grant: str
    channels: frozenset[str]
    until: datetime
    listener: Listener


@attrs.define
class EmbeddedChannels:
    """Tells messages to whoever subscribed with a live grant, in this process only."""

    _secret: bytes = attrs.field(repr=False)
    _clock: Callable[[], datetime] = attrs.field(repr=False)
    _remembered_most: int = REMEMBERED_MOST
    _signature: Signature = attrs.field(init=False, repr=False)
    _lock: Lock = attrs.field(factory=Lock, init=False, repr=False)
    _subscriptions: list[_Subscription] = attrs.field(factory=list, init=False, repr=False)
    _told: OrderedDict[tuple[str, EventId], None] = attrs.field(
        factory=OrderedDict, init=False, repr=False
    )
    _revoked: dict[str, datetime] = attrs.field(factory=dict, init=False, repr=False)

    @_signature.default
    def _make_signature(self) -> Signature:
        return Signature(self._secret, "chat", self._clock)

    def publish(self, channel: str, message: Mapping[str, str], key: EventId, /) -> None:
        """Tell everybody who listens to the channel; a repeat with the same key is not told."""
        now = self._clock()
        with self._lock:
            if (channel, key) in self._told:
                return
            self._told[channel, key] = None
            if len(self._told) > self._remembered_most:
                self._told.popitem(last=False)
            self._subscriptions = [each for each in self._subscriptions if now < each.until]
            listening = [each for each in self._subscriptions if channel in each.channels]
        for subscription in listening:
            # A listener that fails is its owner's to unsubscribe; the others are told all the same.
            with suppress(Exception):
                subscription.listener(channel, dict(message))

    def grant(self, user: UserId, channels: frozenset[str], until: datetime, /) -> str:
        """A token that lets this user listen to exactly these channels until that instant."""
        claims = (secrets.token_hex(16), str(user), *sorted(channels))
        return self._signature.sign(claims, until)

    def revoke(self, token: str, /) -> None:
        """End what the grant gave, at once; a false or expired token gives nothing to end."""
        try:
            (grant, *_), until = self._signature.read(token)
        except NotSignedIn:
            return
        now = self._clock()
        with self._lock:
            self._revoked = {each: end for each, end in self._revoked.items() if now < end}
            self._revoked[grant] = until
            self._subscriptions = [each for each in self._subscriptions if each.grant != grant]

    def subscribe(self, token: str, listener: Listener, /) -> Callable[[], None]:
        """Listen to the granted channels until the grant ends; the answer unsubscribes.

        Raises: NotSignedIn if the token is false, expired or revoked.
        """
        (grant, _, *channels), until = self._signature.read(token)
        subscription = _Subscription(grant, frozenset(channels), until, listener)
        with self._lock:
            if grant in self._revoked:
                raise NotSignedIn
            self._subscriptions.append(subscription)
        return lambda: self._unsubscribe(subscription)

    def _unsubscribe(self, subscription: _Subscription) -> None:
        with self._lock:
            self._subscriptions = [each for each in self._subscriptions if each is not subscription]
