"""Settings: read from the environment once, checked at the start, never read again."""

from collections.abc import Mapping
from pathlib import Path

import attrs


class SettingsError(ValueError):
    """A setting that cannot be used; the text names it and says what to do."""


@attrs.frozen(kw_only=True)
class Settings:
    """Where the program keeps things and where it listens.

    Without `database_url` it runs a PostgreSQL of its own under `home`. With it, the program signs
    in there as the application, and `owner_url` is for migrations and backups alone. Searches are
    read from `replica_url` while that is at most `replica_lag_seconds` behind. `prepare` is off
    where a pooler keeps no prepared statements. `secret` signs the tokens of the embedded video
    and chat, `audit_key` the audit's checkpoints; without them files under `home` keep some. `keys`
    is the folder of the master keys and of the ledger of destroyed keys; `kms_key` names a key of
    AWS KMS that wraps in place of a master key in that folder.
    """

    home: Path
    database_url: str | None = attrs.field(default=None, repr=False)
    owner_url: str | None = attrs.field(default=None, repr=False)
    replica_url: str | None = attrs.field(default=None, repr=False)
    replica_lag_seconds: int = 5
    prepare: bool = True
    host: str = "127.0.0.1"
    port: int = 8000
    connections: int = 16
    secret: str | None = attrs.field(default=None, repr=False)
    backup_key_file: Path | None = None
    audit_key: str | None = attrs.field(default=None, repr=False)
    keys_folder: Path | None = None
    kms_key: str | None = None

    @property
    def keys(self) -> Path:
        """Where master keys and the ledger of destroyed keys lie."""
        return self.keys_folder or self.home / "keys"

    @property
    def embedded_database(self) -> bool:
        """Whether the program runs a PostgreSQL of its own."""
        return self.database_url is None

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in {"127.0.0.1", "::1", "localhost"}


def from_environment(environment: Mapping[str, str]) -> Settings:
    """The settings that `TELEHEALTH_*` variables name, with defaults for all.

    Raises: SettingsError.
    """
    url = _database(environment, "TELEHEALTH_DATABASE_URL")
    owner_url = _database(environment, "TELEHEALTH_OWNER_URL")
    if owner_url is not None and url is None:
        raise SettingsError(
            "TELEHEALTH_OWNER_URL is for a database that TELEHEALTH_DATABASE_URL names too, as the"
            " application signs in to it"
        )
    key_file = environment.get("TELEHEALTH_BACKUP_KEY_FILE")
    return Settings(
        home=Path(environment.get("TELEHEALTH_HOME", ".telehealth")).absolute(),
        database_url=url,
        owner_url=owner_url,
        replica_url=_database(environment, "TELEHEALTH_REPLICA_URL"),
        replica_lag_seconds=_number(
            environment, "TELEHEALTH_REPLICA_LAG_SECONDS", 5, least=1, most=600
        ),
        prepare=_switch(environment, "TELEHEALTH_PREPARE", default=True),
        host=environment.get("TELEHEALTH_HOST", "127.0.0.1"),
        port=_number(environment, "TELEHEALTH_PORT", 8000, least=0, most=65_535),
        connections=_number(environment, "TELEHEALTH_CONNECTIONS", 16, least=2, most=200),
        backup_key_file=Path(key_file).absolute() if key_file else None,
        secret=_secret(environment, "TELEHEALTH_SECRET"),
        audit_key=_secret(environment, "TELEHEALTH_AUDIT_KEY"),
        keys_folder=Path(folder).absolute()
        if (folder := environment.get("TELEHEALTH_KEYS"))
        else None,
        kms_key=environment.get("TELEHEALTH_KMS_KEY") or None,
    )


def _secret(environment: Mapping[str, str], name: str) -> str | None:
    secret = environment.get(name)
    if secret is not None and len(secret) < 32:
        raise SettingsError(f"{name} needs at least 32 characters of chance")
    return secret


def _database(environment: Mapping[str, str], name: str) -> str | None:
    url = environment.get(name)
    if url is None:
        return None
    if not url.startswith(("postgresql://", "postgres://")):
        raise SettingsError(
            f"{name} must start with postgresql://, as in postgresql://user@host:5432/telehealth"
        )
    return url.replace("postgres://", "postgresql://", 1)


def _number(
    environment: Mapping[str, str], name: str, default: int, *, least: int, most: int
) -> int:
    text = environment.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise SettingsError(f"{name} must be a whole number between {least} and {most}")
    return int(text)


def _switch(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environment.get(name, "on" if default else "off")
    if text not in {"on", "off"}:
        raise SettingsError(f"{name} must be on or off")
    return text == "on"
