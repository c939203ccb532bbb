"""The composition root: which adapter stands behind which port. Nothing else imports adapters.

Everything vendor-shaped is embedded here: no money moves, no message leaves the machine.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from dependency_injector import containers, providers

from telehealth_app.settings import Settings
from telehealth_core.access.ports import Clock
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
from telehealth_letters import TypstLetters
from telehealth_numbers import StdnumChecks
from telehealth_passwords import Argon2Passwords
from telehealth_postgres import migrations
from telehealth_postgres.outbox import PostgresOutbox
from telehealth_postgres.server import ServerError, running
from telehealth_postgres.store import PostgresStore
from telehealth_worker import Reacting, Ringing, Worker

__all__ = ["Container", "ServerError", "assembled"]


def _now() -> datetime:
    return datetime.now(UTC)


def _database(settings: Settings) -> Iterator[str]:
    """The URI of a database with every table."""
    if settings.database_url is not None:
        migrations.upgrade(settings.database_url)
        yield settings.database_url
        return
    with running(settings.home / "postgres") as uri:
        migrations.upgrade(uri)
        yield uri


def _store(uri: str, connections: int, clock: Clock) -> Iterator[PostgresStore]:
    with PostgresStore.open(uri, connections=connections, clock=clock) as store:
        yield store


def _secret(settings: Settings) -> bytes:
    """What signs the embedded tokens: given, or made once and kept where only the owner reads."""
    if settings.secret is not None:
        return settings.secret.encode()
    path = settings.home / "secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_bytes()


def _folder(home: Path, name: str) -> Path:
    folder = home / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


class Container(containers.DeclarativeContainer):
    """The program, put together."""

    settings = providers.Dependency(instance_of=Settings)
    home = providers.Callable(lambda settings: settings.home, settings)
    clock = providers.Object(_now)
    database = providers.Resource(_database, settings)
    store = providers.Resource(_store, database, settings.provided.connections, clock)
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
        documents=providers.Singleton(
            FolderDocuments, providers.Callable(_folder, home, "documents")
        ),
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
