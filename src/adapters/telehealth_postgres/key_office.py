"""The office of keys: what an operator does with them, while everything goes on being served.

Master keys: a new one wraps every data key anew. Data keys: a new version seals from now on, rows
are sealed anew some at a time, and a version goes when nothing lies under it any more (ENC-04). And
one owner's keys are destroyed for good, which a ledger outside the database remembers (ENC-05).
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from telehealth_core.access.actor import Actor, Purpose
from telehealth_core.access.audit import DONE, AuditEntry, Category
from telehealth_core.access.keys import KeyRefused, WrappedKey
from telehealth_core.access.ports import Clock, DestroyedKeys
from telehealth_core.scheduling.life import OCCUPYING
from telehealth_core.shared import Unknown
from telehealth_core.shared.ids import PatientId, PracticeId
from telehealth_postgres.columns import Shape
from telehealth_postgres.keyring import KEPT_SECONDS, context, searching
from telehealth_postgres.sealing import header_of, version_of
from telehealth_postgres.statements import Statement
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.tables import APPOINTMENTS, DATA_KEYS, METADATA, PATIENTS, REFERRALS
from telehealth_postgres.work import PostgresWork

AT_ONCE = 500
SETTLED_SECONDS = 2 * KEPT_SECONDS
"""So long after it was made every process seals under a new version, slow works included."""


def _given(name: str, kind: Any) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=kind)


_PRACTICE = _given("practice", sa.Uuid())
_OWNER = _given("owner", sa.Uuid())
_OWNERS = sa.any_(_given("owners", pg.ARRAY(sa.Uuid())))
_MINE = DATA_KEYS.c.practice_id == _PRACTICE
_KEY = (DATA_KEYS.c.owner, DATA_KEYS.c.version)
_UNDER_OTHERS = Statement.of(
    sa.select(*_KEY, DATA_KEYS.c.master, DATA_KEYS.c.wrapped)
    .where(_MINE, DATA_KEYS.c.master != _given("master", sa.Text()))
    .order_by(*_KEY)
    .limit(_given("most", sa.Integer()))
)
_ONE_OF_EACH = Statement.of(
    sa.select(*_KEY, DATA_KEYS.c.master, DATA_KEYS.c.wrapped)
    .where(_MINE, DATA_KEYS.c.wrapped.is_not(None))
    .ext(pg.distinct_on(DATA_KEYS.c.master))
)
_REWRAP = Statement.of(
    sa.update(DATA_KEYS)
    .where(
        _MINE,
        DATA_KEYS.c.owner == _OWNER,
        DATA_KEYS.c.version == _given("version", sa.BigInteger()),
        DATA_KEYS.c.wrapped == _given("former", sa.LargeBinary()),
    )
    .values(master=_given("master", sa.Text()), wrapped=_given("new_wrapped", sa.LargeBinary()))
    .returning(DATA_KEYS.c.version)
)
_UNDER = Statement.of(
    sa.select(sa.func.count()).where(_MINE, DATA_KEYS.c.master == _given("master", sa.Text()))
)
_NEWEST = Statement.of(sa.select(*_KEY).where(_MINE, DATA_KEYS.c.owner == _OWNER).order_by(*_KEY))
_AGE = Statement.of(
    sa.select(
        sa.func.min(sa.extract("epoch", sa.func.clock_timestamp() - DATA_KEYS.c.made_at))
    ).where(_MINE, DATA_KEYS.c.owner == _OWNER)
)
_ALL_OWNERS = Statement.of(sa.select(DATA_KEYS.c.owner).where(_MINE).distinct())
_RETIRE = Statement.of(
    sa.delete(DATA_KEYS)
    .where(
        _MINE,
        DATA_KEYS.c.owner == _OWNER,
        DATA_KEYS.c.version == _given("version", sa.BigInteger()),
    )
    .returning(DATA_KEYS.c.version)
)
_LIVE = Statement.of(
    sa.select(DATA_KEYS.c.owner)
    .where(_MINE, DATA_KEYS.c.owner == _OWNERS, DATA_KEYS.c.wrapped.is_not(None))
    .distinct()
)
_GONE = Statement.of(
    sa.select(DATA_KEYS.c.owner).where(_MINE, DATA_KEYS.c.destroyed_at.is_not(None)).distinct()
)
_DESTROY = Statement.of(
    pg.insert(DATA_KEYS)
    .values(
        practice_id=_PRACTICE,
        owner=_OWNER,
        version=sa.literal_column("1"),
        destroyed_at=_given("at", sa.DateTime(timezone=True)),
    )
    .on_conflict_do_nothing()
    .returning(DATA_KEYS.c.version)
)
_EMPTY = Statement.of(
    sa.update(DATA_KEYS)
    .where(_MINE, DATA_KEYS.c.owner == _OWNER, DATA_KEYS.c.wrapped.is_not(None))
    .values(
        wrapped=sa.null(), master=sa.null(), destroyed_at=_given("at", sa.DateTime(timezone=True))
    )
    .returning(DATA_KEYS.c.version)
)
_REFERRED = Statement.of(
    sa.select(REFERRALS.c.id).where(
        REFERRALS.c.practice_id == _PRACTICE, REFERRALS.c.patient_id == _OWNER
    )
)
_PATIENT = Statement.of(
    sa.select(PATIENTS.c.id).where(PATIENTS.c.practice_id == _PRACTICE, PATIENTS.c.id == _OWNER)
)
_TO_COME = Statement.of(
    sa.select(sa.func.count()).where(
        APPOINTMENTS.c.practice_id == _PRACTICE,
        APPOINTMENTS.c.patient_id == _OWNER,
        APPOINTMENTS.c.status.in_([sa.literal_column(f"'{one}'") for one in sorted(OCCUPYING)]),
        sa.func.upper(APPOINTMENTS.c.during) > _given("at", sa.DateTime(timezone=True)),
    )
)


@attrs.frozen
class SealedTable:
    """A table with personal fields, as the office looks at it."""

    table: sa.Table

    @classmethod
    def all(cls) -> "Iterator[SealedTable]":
        """Every one of them."""
        for table in METADATA.sorted_tables:
            if (shape := table.info.get("shape")) is not None and shape.sealed_columns:
                yield cls(table)

    @property
    def shape(self) -> Shape[Any]:
        """How its aggregates lie in it."""
        shape: Shape[Any] = self.table.info["shape"]
        return shape

    def owned(self) -> sa.ColumnElement[bool]:
        """Which rows are the owner's."""
        first, *rest = (self.table.c[name] for name in self.shape.owners)
        mine = first == _OWNER
        for column in rest:
            mine = sa.or_(mine, sa.and_(first.is_(None), column == _OWNER))
        return sa.and_(self.table.c.practice_id == _PRACTICE, mine)

    def older(self, most: int) -> Statement:
        """The owner's rows in which something is sealed under a version before that one."""
        header = _given("header", sa.LargeBinary())
        older = [
            sa.func.substring(self.table.c[name], 1, 5) < header
            for name in self.shape.sealed_columns
        ]
        columns = self.shape.columns
        return Statement.of(
            sa.select(*columns)
            .where(self.owned(), sa.or_(*older))
            .limit(sa.literal_column(str(most)))
        )

    def reseal(self) -> Statement:
        """Replace what is sealed in a row that nobody changed meanwhile."""
        names = self.shape.sealed_columns
        return Statement.of(
            sa.update(self.table)
            .where(
                self.table.c.practice_id == _PRACTICE,
                self.table.c.id == _given("row_id", sa.Uuid()),
                self.table.c.version == _given("row_version", sa.BigInteger()),
            )
            .values({name: _given(f"v_{name}", sa.LargeBinary()) for name in names})
            .returning(self.table.c.id)
        )

    def unfindable(self) -> Statement | None:
        """Take from the owner's rows whatever they were found by."""
        names = [one.column.name for one in self.shape.derived]
        if not names:
            return None
        emptied = sa.update(self.table).where(self.owned())
        return Statement.of(
            emptied.values(dict.fromkeys(names, sa.null())).returning(self.table.c.id)
        )


@attrs.frozen
class KeyOffice:
    """What an operator asks about keys."""

    store: PostgresStore
    ledger: DestroyedKeys
    clock: Clock
    sealed_elsewhere: Callable[[PracticeId, PatientId], bool] = lambda *_: False
    """Whether something outside of the database is sealed under a former version."""

    def began(self) -> bool:
        """Whether anything in the database is sealed."""
        return any(work.rows(_ALL_OWNERS, {}) for work in self._works())

    def require_masters(self) -> None:
        """See that a key of each master key opens. Raises: KeyRefused, Unavailable."""
        seen: set[str] = set()
        for work in self._works():
            for owner, version, master, wrapped in work.rows(_ONE_OF_EACH, {}):
                if master not in seen:
                    whose = context(work.practice_id, owner, version)
                    self.store.ring.keys.unwrap(WrappedKey(master, wrapped), whose)
                    seen.add(master)

    def replay(self) -> int:
        """Destroy again what the ledger says, for this may be a backup; tells how many keys.

        Raises: KeyRefused where the ledger is gone, or knows less than the database.
        """
        noted: dict[PracticeId, dict[UUID, Any]] = {}
        for practice_id, owner, at in self.ledger.all():
            noted.setdefault(practice_id, {})[owner] = at
        found = 0
        for work in self._works():
            ours = noted.get(work.practice_id, {})
            missing = {owner for (owner,) in work.rows(_GONE, {})} - ours.keys()
            if missing:
                raise KeyRefused(
                    f"The ledger of destroyed keys lacks {len(missing)} that the database knows:"
                    " it is older than the database. Bring back the newest one."
                )
            live = [owner for (owner,) in work.rows(_LIVE, {"owners": sorted(ours)})]
            for owner in live:
                self._emptied(work, owner, ours[owner])
            found += len(live)
        return found

    def destroy(self, practice_id: PracticeId, patient_id: PatientId) -> None:
        """Destroy the patient's keys, for good: rows, documents, and every backup once restored.

        What they were referred by goes with them. The ledger knows of it before the database does.
        Raises: Unknown; KeyRefused while visits are to come.
        """
        at = self.clock()
        with self.store.work(Actor.system(practice_id)) as work:
            if not work.rows(_PATIENT, {"owner": patient_id}):
                raise Unknown("patient", patient_id)
            ((to_come,),) = work.rows(_TO_COME, {"owner": patient_id, "at": at})
            if to_come:
                raise KeyRefused(f"There are {to_come} visits to come: cancel them first.")
            referred = [id for (id,) in work.rows(_REFERRED, {"owner": patient_id})]
            for owner in (patient_id, *referred):
                self.ledger.add(practice_id, owner, at)
                self._emptied(work, owner, at)
            work.enter(_entry(practice_id, patient_id, at))

    def rewrap(self) -> int:
        """Wrap every data key by the present master key; tells how many were not."""
        return sum(self._rewrapped(work, self.store.ring.keys.current()) for work in self._works())

    def retire_master(self, master: str) -> None:
        """Give up a former master key. Raises: KeyRefused while data keys are wrapped by it."""
        under = sum(work.rows(_UNDER, {"master": master})[0][0] for work in self._works())
        if under:
            raise KeyRefused(f"{under} data keys are wrapped by {master}: rewrap them first.")
        self.store.ring.keys.retire(master)

    def owners(self, practice_id: PracticeId) -> list[UUID]:
        """Whose keys the practice has, but for the one that it searches by."""
        with self.store.work(Actor.system(practice_id)) as work:
            found = {owner for (owner,) in work.rows(_ALL_OWNERS, {})}
        return sorted(found - {searching(practice_id)})

    def renew(self, practice_id: PracticeId, owner: UUID) -> int:
        """Seal under a new version from now on; tells which. Raises: Erased, KeyRefused."""
        if owner == searching(practice_id):
            raise KeyRefused("What is searched by has one key: its digests would no longer match.")
        with self.store.work(Actor.system(practice_id)) as work:
            work.keys.sealing(owner)
            version = work.keys.renewed(owner)
        self.store.ring.forget(practice_id, owner)
        return version

    def reseal(self, practice_id: PracticeId, owner: UUID) -> int:
        """Seal the owner's rows anew that lie under former versions; tells how many.

        A row that is changed meanwhile is sealed anew by whoever changes it.
        """
        done = 0
        for sealed in SealedTable.all():
            while True:
                with self.store.work(Actor.system(practice_id)) as work:
                    found = _resealed(work, sealed, owner)
                done += found
                if not found:
                    break
        return done

    def retire(self, practice_id: PracticeId, owner: UUID) -> int:
        """Give up the versions before the newest; tells how many.

        Raises: KeyRefused while anything is sealed under one of them, and as long as a process
            that has not heard of the newest may still seal under them (ENC-04).
        """
        with self.store.work(Actor.system(practice_id)) as work:
            newest, former = _versions(work, owner)
            if not former:
                return 0
            ((age,),) = work.rows(_AGE, {"owner": owner})
            if age < SETTLED_SECONDS:
                raise KeyRefused(
                    f"Others may seal under the former version still: in {SETTLED_SECONDS} seconds"
                    " nobody does."
                )
            for sealed in SealedTable.all():
                given = {"owner": owner, "header": header_of(newest)}
                if work.rows(sealed.older(1), given):
                    raise KeyRefused(f"Rows of {sealed.table.name} are under a former version.")
            if self.sealed_elsewhere(practice_id, PatientId(owner)):
                raise KeyRefused("Documents are under a former version.")
            for version in former:
                work.rows(_RETIRE, {"owner": owner, "version": version})
        self.store.ring.forget(practice_id, owner)
        return len(former)

    def _works(self) -> Iterator[PostgresWork]:
        for practice in self.store.all():
            with self.store.work(Actor.system(practice.id)) as work:
                yield work

    def _rewrapped(self, work: PostgresWork, master: str) -> int:
        keys, done = self.store.ring.keys, 0
        while found := work.rows(_UNDER_OTHERS, {"master": master, "most": AT_ONCE}):
            for owner, version, former, wrapped in found:
                whose = context(work.practice_id, owner, version)
                new = keys.wrap(keys.unwrap(WrappedKey(former, wrapped), whose), whose)
                given = {"owner": owner, "version": version, "former": wrapped}
                done += len(
                    work.rows(_REWRAP, {**given, "master": new.master, "new_wrapped": new.content})
                )
        return done

    def _emptied(self, work: PostgresWork, owner: UUID, at: Any) -> None:
        if not work.rows(_EMPTY, {"owner": owner, "at": at}):
            work.rows(_DESTROY, {"owner": owner, "at": at})
        for sealed in SealedTable.all():
            if (unfindable := sealed.unfindable()) is not None:
                work.rows(unfindable, {"owner": owner})
        self.store.ring.destroyed(work.practice_id, owner)


def _versions(work: PostgresWork, owner: UUID) -> tuple[int, list[int]]:
    versions = [version for _, version in work.rows(_NEWEST, {"owner": owner})]
    if not versions:
        raise Unknown("key", owner)
    return versions[-1], versions[:-1]


def _resealed(work: PostgresWork, sealed: SealedTable, owner: UUID) -> int:
    """Seal some of the owner's rows anew; tells how many were found."""
    newest, _ = _versions(work, owner)
    rows = work.rows(sealed.older(AT_ONCE), {"owner": owner, "header": header_of(newest)})
    key = work.keys.opening(owner, newest)
    for row in rows:
        changed = sealed.shape.resealed(
            row, lambda one: work.keys.opening(owner, version_of(one)), key
        )
        work.rows(sealed.reseal(), changed)
    return len(rows)


def _entry(practice_id: PracticeId, patient_id: PatientId, at: Any) -> AuditEntry:
    system = Actor.system(practice_id)
    return AuditEntry(
        practice_id=practice_id,
        at=at,
        actor=system.id,
        roles=system.roles,
        patient_id=patient_id,
        action="record:erase",
        kind="patient",
        subject=patient_id,
        category=Category.DEMOGRAPHICS,
        purpose=Purpose.OPERATIONS,
        outcome=DONE,
    )
