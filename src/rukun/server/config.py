"""What an installation is told by its environment and by the folder it keeps its data in."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class ConfigurationError(RuntimeError):
    """The environment says something that can't be worked with; the message says what to change."""


@dataclass(frozen=True)
class Config:
    """home: folder of database, photos and key; database: Django's settings of it; hosts: names it answers to.

    plain_http: no TLS in front, for a machine that only talks to itself; key: the secret key, or None before `rukun
    init`.
    """

    home: Path
    database: dict[str, Any]
    hosts: tuple[str, ...]
    plain_http: bool
    key: str | None


def from_environment(environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration that RUKUN_HOME, DATABASE_URL, RUKUN_HOSTS, RUKUN_PLAIN_HTTP and RUKUN_SECRET_KEY give.

    Raises ConfigurationError naming the variable.
    """
    home = Path(environ.get("RUKUN_HOME", "rukun-data")).expanduser().resolve()
    url = environ.get("DATABASE_URL", "")
    hosts = tuple(host.strip() for host in environ.get("RUKUN_HOSTS", "localhost,127.0.0.1,[::1]").split(","))
    plain = environ.get("RUKUN_PLAIN_HTTP", "") not in ("", "0")
    database = database_settings(url) if url else sqlite_settings(home / "rukun.sqlite3")
    return Config(home, database, hosts, plain, environ.get("RUKUN_SECRET_KEY") or _read_key(home))


def sqlite_settings(path: Path) -> dict[str, Any]:
    """Django's settings of the embedded database: readers never wait, and a commit is on the disk before it is said.

    Writers queue up from the start of a transaction (IMMEDIATE): one that began as a reader can't be refused halfway.
    """
    pragmas = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; "
        # what is deleted or changed is overwritten and not only marked as free
        "PRAGMA secure_delete=ON;"
    )
    options = {"transaction_mode": "IMMEDIATE", "timeout": 10, "init_command": pragmas}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options, "CONN_MAX_AGE": None}


def database_settings(url: str) -> dict[str, Any]:
    """Django's settings of sqlite:///path or postgresql://user:password@host:port/name?sslmode=... .

    host may be a folder of a socket, percent-encoded or as ?host=. Raises ConfigurationError on anything else.
    """
    parts = urlsplit(url)
    if parts.scheme in ("sqlite", "sqlite3"):
        return sqlite_settings(Path(parts.path.removeprefix("/") if parts.path.startswith("//") else parts.path))
    if parts.scheme not in ("postgres", "postgresql"):
        raise ConfigurationError(
            f"DATABASE_URL starts with {parts.scheme}: it must be sqlite:///... or postgresql://..."
        )
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ConfigurationError("DATABASE_URL names no database: postgresql://user@host/NAME")
    try:
        port = parts.port
    except ValueError as wrong:
        raise ConfigurationError(f"DATABASE_URL: {wrong}") from wrong
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", unquote(parts.hostname or ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        # a database that doesn't answer is noticed in seconds, also when its machine is gone without a word
        "OPTIONS": {
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
            **options,
        },
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def clock_time(name: str, text: str) -> dt.time:
    """A time of day given as HH:MM. Raises ConfigurationError naming the variable."""
    try:
        return dt.datetime.strptime(text, "%H:%M").time()
    except ValueError as wrong:
        raise ConfigurationError(f"{name} is {text}: it must be a time of day such as 02:00") from wrong


def make_key(home: Path) -> bool:
    """Write a new secret key that only its owner can read, unless there is one; True when it was made."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(home / "secret-key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
    return True


def _read_key(home: Path) -> str | None:
    path = home / "secret-key"
    return path.read_text().strip() if path.exists() else None
