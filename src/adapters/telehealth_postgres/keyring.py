"""The key ring: data keys, unwrapped for a short while, and what one unit of work may do with them.

A warm key costs no round trip. Cold ones are fetched in one statement, however many rows were read.
Whoever destroys a key forgets it at once; every other process within `KEPT_SECONDS`.
"""

import hashlib
import hmac
import random
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

import attrs
import sqlalchemy as sa
from cachetools import TTLCache
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.access.keys import KeyRefused, WrappedKey
from telehealth_core.access.ports import Keys
from telehealth_core.shared import Erased
from telehealth_core.shared.ids import derived
from telehealth_postgres.columns import Shape
from telehealth_postgres.sealing import KEY_BYTES, DataKey
from telehealth_postgres.statements import Statement
from telehealth_postgres.tables import DATA_KEYS

A = TypeVar("A")
Rows = Callable[[Statement, Mapping[str, Any]], list[tuple[Any, ...]]]

KEPT_SECONDS = 60
"""How long an unwrapped key is kept: so long another process may still read what was erased."""
KEPT_MOST = 10_000
SEALED_MOST = 2**28
"""The messages of one version, after which there is a new one: far below the 2^32 at which random
nonces grow unsafe (ENC-03, NIST SP 800-38D).
"""
SAMPLE = 4096
"""One row in so many is counted, for so many: the count is rough, and its error small beside the
margin; nobody waits for a counter.
"""

_MINE = DATA_KEYS.c.practice_id == sa.bindparam("practice", type_=sa.Uuid())
_OWNER = sa.bindparam("owner", type_=sa.Uuid())
_VERSION = sa.bindparam("version", type_=sa.BigInteger())
VERSION = (DATA_KEYS.c.version, DATA_KEYS.c.master, DATA_KEYS.c.wrapped, DATA_KEYS.c.sealed)
"""What is read of one version of a key."""
_FIND = Statement.of(
    sa.select(DATA_KEYS.c.owner, *VERSION)
    .where(_MINE, DATA_KEYS.c.owner == sa.any_(sa.bindparam("owners", type_=pg.ARRAY(sa.Uuid()))))
    .order_by(DATA_KEYS.c.owner, DATA_KEYS.c.version)
)
_MAKE = Statement.of(
    pg.insert(DATA_KEYS)
    .values(
        practice_id=sa.bindparam("practice", type_=sa.Uuid()),
        owner=_OWNER,
        version=_VERSION,
        master=sa.bindparam("master", type_=sa.Text()),
        wrapped=sa.bindparam("wrapped", type_=sa.LargeBinary()),
    )
    .on_conflict_do_nothing()
    .returning(DATA_KEYS.c.version)
)
_COUNT = Statement.of(
    sa.update(DATA_KEYS)
    .where(_MINE, DATA_KEYS.c.owner == _OWNER, DATA_KEYS.c.version == _VERSION)
    .values(sealed=DATA_KEYS.c.sealed + sa.bindparam("more", type_=sa.BigInteger()))
    .returning(DATA_KEYS.c.sealed)
)


@attrs.frozen
class Versions:
    """All of one owner's key: what opens by version, and what seals; nothing once destroyed."""

    opening: Mapping[int, DataKey]
    newest: int
    sealing: DataKey | None
    """None too where the newest version has sealed its fill."""
    secret: bytes = attrs.field(default=b"", repr=False)
    """The newest version's own bytes, for digests to search by."""

    @property
    def destroyed(self) -> bool:
        """Whether nothing opens any more."""
        return not self.opening


def context(practice_id: UUID, owner: UUID, version: int) -> dict[str, str]:
    """Whose a data key is, as the master key is told."""
    return {"practice": str(practice_id), "owner": str(owner), "version": str(version)}


class KeyRing:
    """The unwrapped keys of one process."""

    def __init__(
        self,
        keys: Keys,
        *,
        most: int = KEPT_MOST,
        seconds: float = KEPT_SECONDS,
        sealed_most: int = SEALED_MOST,
        sample: int = SAMPLE,
    ) -> None:
        self.keys, self.sealed_most, self.sample = keys, sealed_most, sample
        self._kept: TTLCache[tuple[UUID, UUID], Versions] = TTLCache(most, seconds)
        self._lock = Lock()

    def find(self, practice_id: UUID, owner: UUID) -> Versions | None:
        """What is kept of this owner's key."""
        with self._lock:
            return self._kept.get((practice_id, owner))

    def keep(self, practice_id: UUID, owner: UUID, versions: Versions) -> None:
        """Keep it for a while, unless it was destroyed since it was read."""
        with self._lock:
            kept = self._kept.get((practice_id, owner))
            if kept is None or not kept.destroyed:
                self._kept[practice_id, owner] = versions

    def destroyed(self, practice_id: UUID, owner: UUID) -> None:
        """Open and seal nothing of this owner from now on."""
        with self._lock:
            self._kept[practice_id, owner] = Versions({}, 0, None)

    def forget(self, practice_id: UUID, owner: UUID) -> None:
        """Keep nothing of this owner's key from now on."""
        with self._lock:
            self._kept.pop((practice_id, owner), None)

    def unwrapped(
        self, practice_id: UUID, owner: UUID, rows: Iterable[tuple[Any, ...]]
    ) -> Versions:
        """The key whose versions these are: version, master, wrapped, messages sealed; in order.

        Raises: KeyRefused, Unavailable.
        """
        opening: dict[int, DataKey] = {}
        newest, room, secret = 0, False, b""
        for newest, master, wrapped, sealed in rows:
            if wrapped is not None:
                wrapping = WrappedKey(master, wrapped)
                secret = self.keys.unwrap(wrapping, context(practice_id, owner, newest))
                opening[newest] = DataKey.of(newest, secret)
                room = sealed < self.sealed_most
        return Versions(opening, newest, opening.get(newest) if room else None, secret)


class Keychain:
    """The keys of one practice, as one unit of work uses them on its own connection."""

    def __init__(self, ring: KeyRing, practice_id: UUID, rows: Rows) -> None:
        self._ring, self._practice, self._rows = ring, practice_id, rows
        self._made: dict[UUID, Versions] = {}
        """Keys made by this work: others may know of them once it is committed."""
        self.written = False
        """Whether this work has written anything of keys."""

    def sealing(self, owner: UUID, messages: int = 1) -> DataKey:
        """The key to seal so many values of this owner with; made if there is none.

        Raises: Erased.
        """
        versions = self._versions(owner)
        while versions is None or versions.sealing is None:
            if versions is not None and versions.destroyed:
                raise Erased
            versions = self._make(owner, 1 if versions is None else versions.newest + 1)
        if messages and random.random() * self._ring.sample < 1:  # noqa: S311 - a sample, no secret
            self._count(owner, versions.newest, messages * self._ring.sample)
        return versions.sealing

    def renewed(self, owner: UUID) -> int:
        """Make a new version, which seals from now on; tells which."""
        versions = self._versions(owner)
        if versions is None or versions.destroyed:
            raise Erased
        made = self._make(owner, versions.newest + 1)
        assert made is not None, "it was just made, here or elsewhere"
        return made.newest

    def opening(self, owner: UUID, version: int) -> DataKey:
        """The key that opens what was sealed under that version.

        Raises: Erased; KeyRefused where there is none.
        """
        versions = self._versions(owner)
        if versions is None or not (versions.destroyed or version in versions.opening):
            self._load([owner])  # another process may have made it since
            versions = self._versions(owner)
        if versions is not None and versions.destroyed:
            raise Erased
        if versions is None or version not in versions.opening:
            raise KeyRefused("There is no key for something sealed: is its backup whole?")
        return versions.opening[version]

    def one(self, shape: Shape[A], row: tuple[Any, ...]) -> A:
        """The aggregate of a row. Raises: Erased, KeyRefused."""
        needed = shape.needs(row)
        return shape.aggregate(row, None if needed is None else self.opening(*needed))

    def readable(self, shape: Shape[A], rows: Iterable[tuple[Any, ...]]) -> Iterator[A]:
        """The aggregates of all rows but those whose keys are destroyed. Raises: KeyRefused."""
        needing = [(row, shape.needs(row)) for row in rows]
        self.prepare(needed for _, needed in needing if needed is not None)
        for row, needed in needing:
            try:
                key = None if needed is None else self.opening(*needed)
            except Erased:
                continue
            yield shape.aggregate(row, key)

    def prepare(self, needed: Iterable[tuple[UUID, int]]) -> None:
        """Have all of these at hand, by one statement at most."""
        cold = {
            owner
            for owner, version in set(needed)
            if (found := self._versions(owner, load=False)) is None
            or not (found.destroyed or version in found.opening)
        }
        if cold:
            self._load(sorted(cold))

    def cold(self, owner: UUID) -> bool:
        """Whether this owner's key is not at hand."""
        return self._versions(owner, load=False) is None

    def bring(self, owner: UUID, rows: Iterable[tuple[Any, ...]]) -> None:
        """Have this owner's key at hand, of which another question read these versions in order;
        one without a number is none.
        """
        found = [row for row in rows if row[0] is not None]
        if found:
            self._keep(owner, self._ring.unwrapped(self._practice, owner, found))

    def digest(self, name: bytes, value: str) -> bytes:
        """What a value is found by: keyed, so that it says nothing outside of this practice, and of
        this name, so that it says nothing beside another column's (ENC-06).
        """
        owner = searching(self._practice)
        self.sealing(owner, 0)
        versions = self._versions(owner)
        assert versions is not None, "it was just there"
        return hmac.digest(versions.secret, name + b"\0" + value.encode(), hashlib.sha256)

    def _versions(self, owner: UUID, *, load: bool = True) -> Versions | None:
        found = self._made.get(owner) or self._ring.find(self._practice, owner)
        if found is None and load:
            self._load([owner])
            return self._made.get(owner) or self._ring.find(self._practice, owner)
        return found

    def _load(self, owners: list[UUID]) -> None:
        found: dict[UUID, list[tuple[Any, ...]]] = {}
        for owner, *rest in self._rows(_FIND, {"practice": self._practice, "owners": owners}):
            found.setdefault(owner, []).append(tuple(rest))
        for owner, rows in found.items():
            self.bring(owner, rows)

    def _keep(self, owner: UUID, versions: Versions) -> None:
        if owner in self._made:
            self._made[owner] = versions
        else:
            self._ring.keep(self._practice, owner, versions)

    def _make(self, owner: UUID, version: int) -> Versions | None:
        """Make this version unless somebody else does meanwhile; then theirs is the one."""
        wrapped = self._ring.keys.wrap(
            secrets.token_bytes(KEY_BYTES), context(self._practice, owner, version)
        )
        given = {"owner": owner, "version": version, "practice": self._practice}
        self.written = True
        made = self._rows(_MAKE, {**given, "master": wrapped.master, "wrapped": wrapped.content})
        if made:
            self._made[owner] = Versions({}, 0, None)  # so that what is loaded stays with this work
        self._load([owner])
        return self._versions(owner)

    def _count(self, owner: UUID, version: int, more: int) -> None:
        given = {"practice": self._practice, "owner": owner, "version": version, "more": more}
        self.written = True
        counted = self._rows(_COUNT, given)
        if counted and counted[0][0] >= self._ring.sealed_most:
            self._ring.forget(self._practice, owner)


def searching(practice_id: UUID) -> UUID:
    """The owner of the key by which a practice's values are searched."""
    return derived(practice_id, "search")
