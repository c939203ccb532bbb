"""The composition root: which adapter stands behind which port. Nothing else imports adapters.

Everything vendor-shaped is embedded here: no money moves, no message leaves the machine.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from dependency_injector import containers, providers

from telehealth_app.settings import Settings, SettingsError
from telehealth_archive import Archive, ArchiveError, KeyFile, UnusableKey, writing
from telehealth_core.access.ports import Clock, Keys
from telehealth_core.telehealth import Ports, Telehealth
from telehealth_embedded import (
    EmbeddedChannels,
    EmbeddedMailbox,
    EmbeddedPayments,
    EmbeddedPharmacies,
    EmbeddedRooms,
    EmbeddedSignatures,
    NoRecords,
)
from telehealth_embedded import Signalling as Introductions
from telehealth_fhir import read_bundle
from telehealth_files import (
    FolderCheckpoints,
    FolderDocuments,
    ForgedCheckpoint,
    PillowImages,
)
from telehealth_http.app import create_app
from telehealth_http.problems import PROBLEMS, TRANSPORT
from telehealth_http.signalling import Signalling
from telehealth_keys import FileLedger, LocalKeys
from telehealth_letters import TypstLetters
from telehealth_numbers import StdnumChecks
from telehealth_passwords import Argon2Passwords
from telehealth_postgres import backup, migrations
from telehealth_postgres.audit_chain import PostgresAuditChain
from telehealth_postgres.guard import wrong_sessions
from telehealth_postgres.key_office import KeyOffice
from telehealth_postgres.outbox import PostgresOutbox
from telehealth_postgres.proof import opened
from telehealth_postgres.replica import Replicated
from telehealth_postgres.seals import PostgresSeals
from telehealth_postgres.server import ServerError, running
from telehealth_postgres.store import PostgresStore
from telehealth_postgres.wall import application_uri
from telehealth_worker import Reacting, Ringing, Sealing, Worker

__all__ = [
    "RESTORING",
    "ArchiveError",
    "Container",
    "ForgedCheckpoint",
    "ServerError",
    "UnusableKey",
    "assembled",
    "migrate",
    "owned",
]


RESTORING = "restoring"
"""A file of this name under the home says that what is there is not proved yet."""


def _now() -> datetime:
    return datetime.now(UTC)


def _database(settings: Settings, keys: Keys, ledger: FileLedger) -> Iterator[str]:
    """The URI that the application signs in by. The embedded database gets every table at once; of
    another one, `migrate` and nothing else changes the tables.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    with running(settings.home / "postgres") as uri:
        _upgrade(uri, keys, ledger)
        yield application_uri(uri)


def _upgrade(owner_uri: str, keys: Keys, ledger: FileLedger) -> None:
    if not migrations.keys_began(owner_uri):
        ledger.begin()
    migrations.upgrade(owner_uri, keys=keys)


@contextmanager
def owned(settings: Settings) -> Iterator[str]:
    """The URI by which its owner signs in to the database, as that is.

    Raises: SettingsError without the owner's address; ServerError when there is no database.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.database_url is None:
        with running(settings.home / "postgres") as uri:
            yield uri
    elif settings.owner_url is None:
        raise SettingsError(
            "TELEHEALTH_OWNER_URL must name the database as its owner signs in to it: the role of"
            " TELEHEALTH_DATABASE_URL may change rows and no tables"
        )
    else:
        yield settings.owner_url


def migrate(settings: Settings) -> None:
    """Bring the database to the tables of this release.

    Raises: SettingsError without the owner's address; ServerError where the owner may not do it;
        KeyRefused where rows are to be sealed and the master keys do not open.
    """
    with owned(settings) as uri:
        _upgrade(uri, _keys(settings), FileLedger(settings.keys))


def _store(
    uri: str, keys: Keys, ledger: FileLedger, settings: Settings, clock: Clock
) -> Iterator[PostgresStore]:
    """The store, once no key is in it any more that was destroyed (ENC-05)."""
    with PostgresStore.open(
        uri, keys, connections=settings.connections, clock=clock, prepare=settings.prepare
    ) as store:
        office = KeyOffice(store, ledger, clock)
        if not office.began():
            ledger.begin()
        office.require_masters()
        office.replay()
        yield store


def _replicated(
    store: PostgresStore, keys: Keys, settings: Settings, clock: Clock
) -> Iterator[Replicated | None]:
    """The store with its replica, if one is named."""
    if settings.replica_url is None:
        yield None
        return
    with (
        PostgresStore.open(
            settings.replica_url,
            keys,
            connections=settings.connections,
            clock=clock,
            prepare=settings.prepare,
        ) as replica,
        Replicated.following(
            store, replica, lag_seconds=settings.replica_lag_seconds
        ) as replicated,
    ):
        yield replicated


def _keys(settings: Settings) -> Keys:
    """Whoever keeps the master keys: AWS KMS where it is named, or else a file."""
    if settings.kms_key is None:
        return LocalKeys(settings.keys)
    try:
        from telehealth_keys.kms import KmsKeys  # noqa: PLC0415 - only where the extra is
    except ImportError:
        raise SettingsError(
            "TELEHEALTH_KMS_KEY needs the extra kms: pip install 'telehealth-core[kms]'"
        ) from None
    return KmsKeys.named(settings.kms_key)


def _secret(settings: Settings) -> bytes:
    """What signs the embedded tokens: given, or made once and kept."""
    return _kept(settings.secret, settings.home / "secret")


def _audit_key(settings: Settings) -> bytes:
    """What signs the audit's checkpoints, likewise; never in the database they speak about."""
    return _kept(settings.audit_key, _folder(settings.home, "audit") / "key")


def _kept(given: str | None, path: Path) -> bytes:
    """The secret given, or one made once in a file that only its owner reads."""
    if given is not None:
        return given.encode()
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_bytes()


def _documents(folder: Path, seals: PostgresSeals) -> FolderDocuments:
    """The folder of documents, in which nothing is plain any more."""
    documents = FolderDocuments(folder, seals)
    documents.seal_former()
    return documents


def _folder(home: Path, name: str) -> Path:
    folder = home / name
    for one in (*reversed(folder.relative_to(home).parents), Path(name)):
        (home / one).mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


class Container(containers.DeclarativeContainer):
    """The program, put together."""

    settings = providers.Dependency(instance_of=Settings)
    home = providers.Callable(lambda settings: settings.home, settings)
    clock = providers.Object(_now)
    keys = providers.Singleton(_keys, settings)
    ledger = providers.Singleton(FileLedger, settings.provided.keys)
    database = providers.Resource(_database, settings, keys, ledger)
    store = providers.Resource(_store, database, keys, ledger, settings, clock)
    replicated = providers.Resource(_replicated, store, keys, settings, clock)
    documents = providers.Singleton(
        _documents,
        providers.Callable(_folder, home, "documents"),
        providers.Factory(PostgresSeals, store),
    )
    key_office = providers.Factory(KeyOffice, store, ledger, clock, documents.provided.any_former)
    secret = providers.Singleton(_secret, settings)
    payments = providers.Singleton(
        EmbeddedPayments,
        providers.Callable(lambda home: home / "payments.jsonl", home),
        clock=clock,
    )
    rooms = providers.Singleton(EmbeddedRooms, secret=secret, clock=clock, url="/v1/signalling")
    introductions = providers.Singleton(Introductions)
    channels = providers.Singleton(EmbeddedChannels, secret=secret, clock=clock)
    mailbox = providers.Singleton(EmbeddedMailbox, providers.Callable(_folder, home, "mail"))
    ports = providers.Singleton(
        Ports,
        work=store.provided.work,
        searching=providers.Callable(
            lambda both, store: (both and both.searching) or store.work, replicated, store
        ),
        clock=clock,
        signed_in=providers.Callable(lambda both, store: both or store, replicated, store),
        directory=store,
        passwords=providers.Singleton(Argon2Passwords),
        numbers=providers.Singleton(StdnumChecks),
        images=providers.Singleton(PillowImages),
        documents=documents,
        signatures=providers.Singleton(EmbeddedSignatures, secret),
        pharmacies=providers.Singleton(
            EmbeddedPharmacies, providers.Callable(_folder, home, "pharmacies")
        ),
        letters=providers.Singleton(TypstLetters),
        attachments=mailbox,
        payments=payments,
        rooms=rooms,
        records=providers.Singleton(NoRecords),
        channels=channels,
        notices=mailbox,
    )
    clinic = providers.Singleton(Telehealth, ports)
    outbox = providers.Singleton(PostgresOutbox, store)
    worker = providers.Factory(
        Worker,
        outbox,
        reacting=providers.Factory(Reacting, outbox, clinic),
        ringing=providers.Factory(Ringing, clinic),
        database=database,
    )
    audit_chain = providers.Singleton(PostgresAuditChain, store)
    checkpoints = providers.Singleton(
        FolderCheckpoints,
        providers.Callable(_folder, home, "audit/checkpoints"),
        providers.Callable(_audit_key, settings),
    )
    sealing = providers.Factory(Sealing, audit_chain, checkpoints, clock)
    web = providers.Factory(
        create_app,
        clinic,
        signalling=providers.Factory(Signalling, rooms.provided.verify, introductions),
        ready=store.provided.ready,
        threads=settings.provided.connections,
    )
    read_bundle = providers.Object(read_bundle)
    wrong_sessions = providers.Object(wrong_sessions)
    backup = providers.Object(backup)
    writing = providers.Object(writing)
    archive = providers.Object(Archive)
    key_file = providers.Object(KeyFile)
    opened = providers.Object(opened)
    knows = providers.Object(migrations.knows)
    problems = providers.Object(PROBLEMS)
    transport = providers.Object(TRANSPORT)


@contextmanager
def assembled(settings: Settings, *, proving: bool = False) -> Iterator[Container]:
    """The program on these settings; everything it started is stopped on leaving. What is being
    restored is put together only to be proved.

    Raises: ServerError when there is no database to be had, or a restore was cut off.
    """
    if not proving and (settings.home / RESTORING).exists():
        raise ServerError(
            f"{settings.home} is being restored, or a restore was cut off before everything was"
            " proved: empty the database and the home, and restore again"
        )
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    container = Container(settings=settings)
    try:
        container.init_resources()
        yield container
    finally:
        container.shutdown_resources()
