"""Installations of their own, with the `rukun` command as an operator types it: on SQLite, and on PostgreSQL where
DATABASE_URL names one.
"""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

TESTS = Path(__file__).parent
POSTGRES = os.environ.get("DATABASE_URL", "") if os.environ.get("DATABASE_URL", "").startswith("postgres") else ""
KINDS = ("sqlite", "postgresql") if POSTGRES else ("sqlite",)


@dataclass
class Installation:
    """A RUKUN_HOME and its database."""

    home: Path
    database: str = ""
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self):
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("RUKUN_", "DJANGO_"))}
        plain.pop("DATABASE_URL", None)
        plain |= {
            "RUKUN_HOME": str(self.home),
            "RUKUN_PLAIN_HTTP": "1",
            "PYTHONPATH": f"{TESTS.parent / 'src'}:{TESTS}",
            "COLUMNS": "300",
        }
        if self.database:
            plain["DATABASE_URL"] = self.database
        return plain | self.more

    def rukun(self, *words, status=0):
        """What the command says; it must end with `status`."""
        ended = subprocess.run(
            [sys.executable, "-c", "from rukun.cli import main; main()", *map(str, words)],
            env=self.environment, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        said = ended.stdout + ended.stderr
        assert ended.returncode == status, said
        return said

    def __call__(self, verb, **named):
        """What a function of `filled` gives there."""
        code = f"import sys, json, filled; print(json.dumps(filled.{verb}(**json.loads(sys.argv[1]))))"
        ended = subprocess.run(
            [sys.executable, "-c", code, json.dumps(named)],
            env=self.environment, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout.splitlines()[-1])


#: By kind: an installation with its tables, which others are copied from.
_BLANK = {}


def make(folder, kind="sqlite", **more):
    """An installation without records, on a new database of that kind."""
    if kind not in _BLANK:
        blank = Installation(Path(tempfile.mkdtemp(prefix="rukun-blank-")), _new_database() if kind != "sqlite" else "")
        (blank.home / "secret-key").write_text("for tests only, " * 4)
        blank("prepare")
        atexit.register(shutil.rmtree, blank.home, ignore_errors=True)
        _BLANK[kind] = blank
    home = Path(folder)
    home.mkdir(parents=True, exist_ok=True)
    (home / "secret-key").write_text("for tests only, " * 4)
    (home / "secret-key").chmod(0o600)
    blank = _BLANK[kind]
    if kind == "sqlite":
        shutil.copy(blank.home / "rukun.sqlite3", home)
        return Installation(home, "", more)
    return Installation(home, _new_database(urlsplit(blank.database).path.strip("/")), more)


def _new_database(template="template0"):
    """The address of a database that was just made beside the one of DATABASE_URL."""
    import psycopg

    name = f"rukun_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))
