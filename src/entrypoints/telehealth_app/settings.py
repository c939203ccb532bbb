"""Settings: read from the environment once, checked at the start, never read again."""

from collections.abc import Mapping
from pathlib import Path

import attrs


class SettingsError(ValueError):
    """A setting that cannot be used; the text names it and says what to do."""


@attrs.frozen(kw_only=True)
class Settings:
    """Where the program keeps things and where it listens.

    Without `database_url` it runs a PostgreSQL of its own under `home`. `secret` signs the tokens
    of the embedded video and chat; without one a file under `home` keeps one.
    """

    home: Path
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    connections: int = 16
    secret: str | None = attrs.field(default=None, repr=False)
    backup_key_file: Path | None = None

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
    url = environment.get("TELEHEALTH_DATABASE_URL")
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        raise SettingsError(
            "TELEHEALTH_DATABASE_URL must start with postgresql://, as in"
            " postgresql://user@host:5432/telehealth"
        )
    key_file = environment.get("TELEHEALTH_BACKUP_KEY_FILE")
    secret = environment.get("TELEHEALTH_SECRET")
    if secret is not None and len(secret) < 32:
        raise SettingsError("TELEHEALTH_SECRET needs at least 32 characters of chance")
    return Settings(
        home=Path(environment.get("TELEHEALTH_HOME", ".telehealth")).absolute(),
        database_url=url.replace("postgres://", "postgresql://", 1) if url else None,
        host=environment.get("TELEHEALTH_HOST", "127.0.0.1"),
        port=_number(environment, "TELEHEALTH_PORT", 8000, least=0, most=65_535),
        connections=_number(environment, "TELEHEALTH_CONNECTIONS", 16, least=2, most=200),
        secret=secret,
        backup_key_file=Path(key_file).absolute() if key_file else None,
    )


def _number(
    environment: Mapping[str, str], name: str, default: int, *, least: int, most: int
) -> int:
    text = environment.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise SettingsError(f"{name} must be a whole number between {least} and {most}")
    return int(text)
