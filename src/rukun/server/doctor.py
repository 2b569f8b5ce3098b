"""Is this installation sound? What is wrong is said with what to do about it."""

from __future__ import annotations

import datetime as dt
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.checks import WARNING, run_checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from django.utils import timezone

from rukun.server import doctor_storage, pulse
from rukun.server.audit.models import Entry
from rukun.server.findings import Finding

_JOB_WAITS = dt.timedelta(minutes=10)
#: The worker says that it lives twice a minute.
_SILENT = dt.timedelta(minutes=2)
#: Time zones of Indonesia.
_ZONES = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")


def examine() -> list[Finding]:
    """Configuration, database, jobs, clock, disk, key and accounts; each for itself, so that one fault hides no
    other.
    """
    found: list[Finding] = []
    parts: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("configuration", _configuration),
        ("database", _database),
        ("database", doctor_storage.database_settings),
        ("jobs", _jobs),
        ("clock", _clock),
        ("disk", doctor_storage.disk),
        ("backups", doctor_storage.backups),
        ("retention", doctor_storage.retention),
        ("accounts", _accounts),
        ("photos", _photos),
    )
    for what, part in parts:
        try:
            found += part()
        except DatabaseError as fault:
            found.append(
                Finding(
                    "wrong",
                    what,
                    f"the database doesn't answer: {str(fault).splitlines()[0]}",
                    "check DATABASE_URL and that the database runs",
                )
            )
        except OSError as fault:
            found.append(
                Finding(
                    "wrong",
                    what,
                    f"{fault.filename or settings.HOME}: {fault.strerror}",
                    "run it as the user of `rukun serve`, and look at the rights of RUKUN_HOME",
                )
            )
    return found


def _configuration() -> Iterator[Finding]:
    home = Path(settings.HOME)
    key = home / "secret-key"
    if key.exists() and key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding("wrong", "configuration", f"{key} can be read by others", f"chmod 600 {key}")
    for message in run_checks(include_deployment_checks=True):
        if message.level >= WARNING and not (settings.CONFIG.plain_http and message.id in _OF_PLAIN_HTTP):
            yield Finding("warning", "configuration", f"{message.id}: {message.msg}", message.hint or "")
    if "*" in settings.ALLOWED_HOSTS:
        yield Finding(
            "wrong",
            "configuration",
            'RUKUN_HOSTS is "*": the server answers to any name, also to one that somebody else made up',
            "set it to the name in the address that people type, such as rukun.example.go.id",
        )
    if not settings.CONFIG.plain_http and not settings.RUKUN_BEHIND_PROXY:
        yield Finding(
            "wrong",
            "configuration",
            "nothing says that TLS is in front: every page leads to itself with https for ever",
            "put a proxy with TLS in front and set RUKUN_BEHIND_PROXY=1",
        )
    if settings.CONFIG.plain_http:
        yield Finding(
            "warning",
            "configuration",
            "RUKUN_PLAIN_HTTP is set: passwords travel unencrypted",
            "unset it and put TLS in front, unless this machine serves only itself",
        )
    yield Finding("fine", "configuration", f"data in {home}, answering to {', '.join(settings.ALLOWED_HOSTS)}")


#: Checks of deployment that don't hold for a machine that only serves itself.
_OF_PLAIN_HTTP = frozenset(
    {"security.W004", "security.W008", "security.W012", "security.W016", "security.W005", "security.W021"}
)


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA quick_check")
            said = cursor.fetchone()[0]
            if said != "ok":
                yield Finding(
                    "wrong",
                    "database",
                    f"SQLite finds damage: {said}",
                    "restore the newest backup into a new RUKUN_HOME",
                )
        version = connection.get_database_version()
    if connection.vendor == "postgresql" and version < (15,):
        yield Finding(
            "warning",
            "database",
            f"PostgreSQL {version[0]} is older than what Rukun is tested with",
            "upgrade to 15 or newer",
        )
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield Finding("wrong", "database", f"{len(waiting)} migrations haven't been applied", "run `rukun init`")
    yield Finding("fine", "database", f"{connection.vendor} {'.'.join(map(str, version))} answers")


def _jobs() -> Iterator[Finding]:
    from django_tasks_db.models import DBTaskResult

    waiting = DBTaskResult.objects.filter(status="READY", enqueued_at__lt=timezone.now() - _JOB_WAITS).count()
    failed = DBTaskResult.objects.filter(status="FAILED", finished_at__gt=timezone.now() - dt.timedelta(days=7)).count()
    if waiting:
        yield Finding(
            "wrong",
            "jobs",
            f"{waiting} jobs have waited for more than ten minutes",
            "is `rukun serve` running? It runs the jobs, too",
        )
    if failed:
        yield Finding(
            "warning", "jobs", f"{failed} jobs failed in the last seven days", "look into the log of `rukun serve`"
        )
    silent = pulse.silent_for()
    if silent is None or silent > _SILENT.total_seconds():
        since = "never ran here" if silent is None else f"was last heard of {silent / 60:,.0f} minutes ago"
        yield Finding("wrong", "jobs", f"their worker {since}", "start `rukun serve` (systemctl start rukun)")
    elif not waiting and not failed:
        yield Finding("fine", "jobs", "their worker lives, none waits and none failed")


def _clock() -> Iterator[Finding]:
    # of all entries: when a clock was put back, the newest ones are of today again
    newest = Entry.objects.aggregate(newest=Max("at"))["newest"]
    ahead = (newest - timezone.now()).total_seconds() if newest is not None else 0
    if settings.TIME_ZONE not in _ZONES:
        yield Finding(
            "warning",
            "clock",
            f"RUKUN_TIME_ZONE is {settings.TIME_ZONE}: days and weeks begin when they do there",
            f"set it to the province's: {', '.join(_ZONES)}",
        )
    if ahead > 60:
        yield Finding(
            "wrong",
            "clock",
            f"the newest entry of the trail lies {ahead / 60:.0f} minutes in the future",
            "set the clock; have it set itself (chrony, systemd-timesyncd)",
        )
    else:
        yield Finding(
            "fine", "clock", f"{timezone.localtime():%Y-%m-%d %H:%M} {settings.TIME_ZONE}, not before the newest entry"
        )


def _accounts() -> Iterator[Finding]:
    from allauth.mfa.utils import is_mfa_enabled

    from rukun.server.people.models import SECOND_FACTOR, Posting, Role

    today = timezone.localdate()
    held = (
        Posting.objects.filter(begins__lte=today, user__is_active=True).exclude(ends__lte=today).select_related("user")
    )
    if not held.filter(role=Role.ADMINISTRATOR).exists():
        yield Finding("wrong", "accounts", "nobody is posted as administrator", "run `rukun init`")
    without = {
        posting.user.username for posting in held.filter(role__in=SECOND_FACTOR) if not is_mfa_enabled(posting.user)
    }
    if without:
        yield Finding(
            "warning",
            "accounts",
            f"without a second factor yet: {', '.join(sorted(without)[:5])}",
            "they set it up when they next sign in",
        )
    yield Finding("fine", "accounts", f"{held.count():,} postings in force")


def _photos() -> Iterator[Finding]:
    from rukun.server.reports.models import Photo

    root = Path(settings.MEDIA_ROOT)
    rows = set(Photo.objects.values_list("path", flat=True))
    files = {str(file.relative_to(root)) for file in root.rglob("*.jpg")} if root.exists() else set()
    if rows - files:
        yield Finding("wrong", "photos", f"{len(rows - files)} photos have no file", "restore them from a backup")
    if files - rows:
        yield Finding(
            "warning",
            "photos",
            f"{len(files - rows)} files belong to no report",
            f"delete them: {sorted(files - rows)[0]} ...",
        )
    if rows == files:
        yield Finding("fine", "photos", f"{len(rows):,}, each with its file")
