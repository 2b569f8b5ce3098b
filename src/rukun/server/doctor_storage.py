"""Doctor's look at what keeps the records: the database's settings, the disk, the backups, what should be gone."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from rukun.server.findings import Finding
from rukun.server.retention import run_retention

_LOW_DISK = 1 << 30
_FEW_INODES = 10_000
_OLD_BACKUP = dt.timedelta(days=2)
#: The night deletes what is past its time; what is still there after so long wasn't.
_OVERDUE = dt.timedelta(days=3)
_SQLITE = (3, 40, 0)
#: Settings of PostgreSQL with which it loses what it said it had stored, and the value that they must have.
_KEEPS = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


def database_settings() -> Iterator[Finding]:
    """Whether a commit is on the disk when it is said."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode")
            mode = cursor.fetchone()[0]
            cursor.execute("PRAGMA synchronous")
            synchronous = cursor.fetchone()[0]
            if mode != "wal" or synchronous < 2:
                yield Finding(
                    "wrong",
                    "database",
                    f"SQLite runs with journal_mode={mode}, synchronous={synchronous}: "
                    "readers wait, or a power cut loses records",
                    "put RUKUN_HOME on a disk of this machine, not on a network share (SQLite can't use its log there)",
                )
            if sqlite3.sqlite_version_info < _SQLITE:
                yield Finding(
                    "warning",
                    "database",
                    f"SQLite {sqlite3.sqlite_version} is older than what Rukun is tested with",
                    "upgrade the system's SQLite to 3.40 or newer, or use PostgreSQL",
                )
            return
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(_KEEPS)])
        for name, value in sorted(cursor.fetchall()):
            # remote_write and remote_apply say more than on
            if value in ("off", "local" if name == "synchronous_commit" else "off"):
                yield Finding(
                    "wrong",
                    "database",
                    f"PostgreSQL runs with {name}={value}: a power cut loses what was said to be stored",
                    f"set {name} = {_KEEPS[name]} in postgresql.conf and reload it",
                )


def disk() -> Iterator[Finding]:
    """Room for records and for files."""
    left = shutil.disk_usage(settings.HOME).free
    files = os.statvfs(settings.HOME)
    if left < _LOW_DISK:
        yield Finding(
            "wrong",
            "disk",
            f"only {left / 2**20:,.0f} MB are left in {settings.HOME}",
            "make room: old backups, `rukun retention run`",
        )
    # file systems that make files as they need them say that they have none
    if files.f_files and files.f_favail < _FEW_INODES:
        yield Finding(
            "wrong",
            "disk",
            f"only {files.f_favail:,} more files can be made in {settings.HOME}",
            "delete small files that nobody needs, or move RUKUN_HOME to a file system with more inodes",
        )
    if left >= _LOW_DISK and not (files.f_files and files.f_favail < _FEW_INODES):
        yield Finding("fine", "disk", f"{left / 2**30:,.0f} GB are left")


def backups() -> Iterator[Finding]:
    """The age of the newest backup, where RUKUN_BACKUPS names their folder."""
    named = os.environ.get("RUKUN_BACKUPS", "")
    if not named:
        yield Finding(
            "warning",
            "backups",
            "RUKUN_BACKUPS doesn't say in which folder the backups are",
            "set it, so that a backup that stopped coming is noticed",
        )
        return
    times = [file.stat().st_mtime for file in Path(named).glob("*.tar.gz")] if Path(named).is_dir() else []
    if not times:
        yield Finding("wrong", "backups", f"there is none in {named}", "run `rukun backup` and have it run every night")
        return
    age = dt.timedelta(seconds=time.time() - max(times))
    if age > _OLD_BACKUP:
        yield Finding(
            "wrong",
            "backups",
            f"the newest in {named} is {age.days} days old",
            "look why `rukun backup` no longer runs (systemctl status rukun-backup)",
        )
    else:
        yield Finding("fine", "backups", f"{len(times):,}, the newest {age.total_seconds() / 3600:.0f} hours old")


def retention() -> Iterator[Finding]:
    """Whether what is past its time is gone."""
    overdue = run_retention(timezone.now() - _OVERDUE, dry_run=True)
    if overdue.counts:
        yield Finding(
            "wrong",
            "retention",
            f"past their time for three days and more: {overdue}",
            "run `rukun retention run`; `rukun serve` does it every night",
        )
    else:
        yield Finding("fine", "retention", "nothing is kept past its time")
