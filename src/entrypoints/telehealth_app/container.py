"""The composition root: which adapter stands behind which port. Nothing else imports adapters.

Everything vendor-shaped is embedded here: no money moves, no message leaves the machine.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from dependency_injector import containers, providers

from telehealth_app.settings import Settings, SettingsError
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
from telehealth_files import FolderDocuments, PillowImages
from telehealth_http.app import create_app
from telehealth_http.problems import PROBLEMS, TRANSPORT
from telehealth_http.signalling import Signalling
from telehealth_keys import FileLedger, LocalKeys
from telehealth_letters import TypstLetters
from telehealth_numbers import StdnumChecks
from telehealth_passwords import Argon2Passwords
from telehealth_postgres import migrations
from telehealth_postgres.key_office import KeyOffice
from telehealth_postgres.outbox import PostgresOutbox
from telehealth_postgres.seals import PostgresSeals
from telehealth_postgres.server import ServerError, running
from telehealth_postgres.store import PostgresStore
from telehealth_worker import Worker

__all__ = ["Container", "ServerError", "assembled"]


def _now() -> datetime:
    return datetime.now(UTC)


def _database(settings: Settings, keys: Keys, ledger: FileLedger) -> Iterator[str]:
    """The URI of a database with every table."""
    own = running(settings.home / "postgres") if settings.embedded_database else None
    with own or nullcontext(settings.database_url or "") as uri:
        if not migrations.keys_began(uri):
            ledger.begin()
        migrations.upgrade(uri, keys=keys)
        yield uri


def _store(
    uri: str, keys: Keys, ledger: FileLedger, connections: int, clock: Clock
) -> Iterator[PostgresStore]:
    """The store, once no key is in it any more that was destroyed (ENC-05)."""
    with PostgresStore.open(uri, keys, connections=connections, clock=clock) as store:
        office = KeyOffice(store, ledger, clock)
        office.require_masters()
        office.replay()
        yield store


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
    """What signs the embedded tokens: given, or made once and kept where only the owner reads."""
    if settings.secret is not None:
        return settings.secret.encode()
    path = settings.home / "secret"
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
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


class Container(containers.DeclarativeContainer):
    """The program, put together."""

    settings = providers.Dependency(instance_of=Settings)
    home = providers.Callable(lambda settings: settings.home, settings)
    clock = providers.Object(_now)
    keys = providers.Singleton(_keys, settings)
    ledger = providers.Singleton(FileLedger, settings.provided.keys)
    database = providers.Resource(_database, settings, keys, ledger)
    store = providers.Resource(_store, database, keys, ledger, settings.provided.connections, clock)
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
        clock=clock,
        signed_in=store,
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
    worker = providers.Factory(Worker, outbox, clinic)
    web = providers.Factory(
        create_app,
        clinic,
        signalling=providers.Factory(Signalling, rooms.provided.verify, introductions),
        ready=store.provided.ready,
        threads=settings.provided.connections,
    )
    read_bundle = providers.Object(read_bundle)
    problems = providers.Object(PROBLEMS)
    transport = providers.Object(TRANSPORT)


@contextmanager
def assembled(settings: Settings) -> Iterator[Container]:
    """The program on these settings; everything it started is stopped on leaving.

    Raises: ServerError when there is no database to be had.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    container = Container(settings=settings)
    try:
        container.init_resources()
        yield container
    finally:
        container.shutdown_resources()
