"""Backup and restore: one file with every record and photo, which either is whole or is refused.

Records are lines of JSON and not a copy of the database: a backup of SQLite goes into PostgreSQL and the other way
round. The
secret key isn't in it: whoever finds a backup can neither sign in nor use anybody's second factor.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.base import DeserializationError
from django.db import connection, models, transaction

from rukun.server.audit.models import Entry, Head
from rukun.server.forecasts.models import Forecast, ForecastRun
from rukun.server.people.models import Coverage, DeviceToken, Posting, Unit, User
from rukun.server.reports.models import Merge, Photo, Report, ReviewStep, Visit, VisitContact, WeeklyCount
from rukun.server.territory.models import Area, Succession

FORMAT = 1
#: In an order in which each finds what it refers to.
TABLES: tuple[type[models.Model], ...] = (
    Area,
    Succession,
    Unit,
    Coverage,
    User,
    Posting,
    DeviceToken,
    Authenticator,
    Report,
    ReviewStep,
    Merge,
    Photo,
    Visit,
    VisitContact,
    WeeklyCount,
    ForecastRun,
    Forecast,
    Entry,
    Head,
)
_FIRST, _LAST = "rukun.json", "manifest.json"
_BATCH = 2000


class BackupError(RuntimeError):
    """A file that can't be restored, or a place that it can't be restored to; the message says what to do."""


@dataclass(frozen=True)
class Contents:
    """What a backup holds: records by table, photos, and the newest entry of its trail ("number:digest")."""

    records: dict[str, int]
    photos: int
    anchor: str

    def __str__(self) -> str:
        """In words."""
        return f"{sum(self.records.values()):,} records, {self.photos:,} photos, trail {self.anchor[:20]}..."


def write_backup(path: Path) -> Contents:
    """Write everything to `path`, whole or not at all, as it is at one moment. Raises OSError."""
    part = path.with_name(f".{path.name}.part")
    digests: dict[str, str] = {}
    counts: dict[str, int] = {}
    photos = 0
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
            with (
                gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=3, mtime=0) as packed,
                tarfile.open(fileobj=packed, mode="w|") as tar,
            ):
                with _one_moment():
                    first = {"format": FORMAT, "tables": [_label(table) for table in TABLES]}
                    _put(tar, _FIRST, json.dumps(first).encode(), digests)
                    for table in TABLES:
                        counts[_label(table)] = _put_table(tar, table, digests)
                    kept = list(Photo.objects.order_by("path").values_list("path", flat=True))
                    head = Head.objects.get(only=1)
                for name in kept:
                    where = Path(settings.MEDIA_ROOT) / name
                    # one that retention took away since the moment has no file any more; its row says what it was
                    if where.exists():
                        _put(tar, f"photos/{name}", where.read_bytes(), digests)
                        photos += 1
                contents = Contents(counts, photos, f"{head.number}:{head.digest}")
                last = {"files": digests, "records": counts, "photos": photos, "anchor": contents.anchor}
                _put(tar, _LAST, json.dumps(last, sort_keys=True).encode(), None)
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return contents


def check_backup(path: Path) -> Contents:
    """Read a backup to its end and hold each file against its digest. Raises BackupError when it is cut or altered."""
    digests: dict[str, str] = {}
    manifest: dict[str, Any] | None = None
    for name, content in _members(path):
        if name == _LAST:
            manifest = json.loads(content.read())
            continue
        digest = hashlib.sha256()
        while block := content.read(1 << 20):
            digest.update(block)
        digests[name] = digest.hexdigest()
    if manifest is None:
        raise BackupError(
            f"{path.name} is cut: its end is missing. Take another backup; this one can't be restored whole."
        )
    if manifest["files"] != digests:
        wrong = sorted(set(manifest["files"].items()) ^ set(digests.items()))[0][0]
        raise BackupError(f"{path.name} was altered: {wrong} isn't what was written. Take another backup.")
    return Contents(manifest["records"], manifest["photos"], manifest["anchor"])


def restore_backup(path: Path) -> Contents:
    """Restore a backup into an empty installation: all of it or nothing.

    Raises BackupError for a file that is cut or altered and for an installation that has records.
    """
    contents = check_backup(path)
    for table in (Area, Unit, User, Report, Visit, Entry):
        if table.objects.exists():
            raise BackupError(
                f"this installation has records already ({_label(table)}): "
                "restore into an empty one (another RUKUN_HOME or database)"
            )
    by_label = {_label(table): table for table in TABLES}
    written: list[Path] = []
    try:
        with transaction.atomic():
            for name, content in _members(path):
                if name.startswith("tables/"):
                    _restore_table(by_label[name.removeprefix("tables/").removesuffix(".jsonl")], content)
                elif name.startswith("photos/"):
                    written.append(_restore_photo(name.removeprefix("photos/"), content.read()))
            _reset_sequences()
            _check_counts(contents)
    except BaseException:
        for photo in written:
            photo.unlink(missing_ok=True)
        raise
    return contents


def _check_counts(contents: Contents) -> None:
    found = {_label(table): table._default_manager.count() for table in TABLES}
    if found != contents.records:
        wrong = next(label for label, number in contents.records.items() if found.get(label) != number)
        raise BackupError(f"{wrong}: {found.get(wrong)} records came back and not {contents.records[wrong]}")


class _one_moment:  # noqa: N801 - read as a word in a with statement
    """A transaction that sees the database as it was when it began."""

    def __enter__(self) -> None:
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    def __exit__(self, *exception: Any) -> None:
        self._atomic.__exit__(*exception)


def _label(table: type[models.Model]) -> str:
    return str(table._meta.label_lower)


def _put(tar: tarfile.TarFile, name: str, content: bytes, digests: dict[str, str] | None) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))
    if digests is not None:
        digests[name] = hashlib.sha256(content).hexdigest()


def _put_table(tar: tarfile.TarFile, table: type[models.Model], digests: dict[str, str]) -> int:
    import tempfile

    # a member's size is written before it: a large table goes through a file that nobody else can open
    with tempfile.TemporaryFile() as whole:
        digest, count = hashlib.sha256(), 0
        records = table._default_manager.order_by("pk").prefetch_related(*(f.name for f in table._meta.many_to_many))
        for record in records.iterator(chunk_size=_BATCH):
            line = serializers.serialize("jsonl", [record]).encode()
            whole.write(line)
            digest.update(line)
            count += 1
        member = tarfile.TarInfo(f"tables/{_label(table)}.jsonl")
        member.size = whole.tell()
        whole.seek(0)
        tar.addfile(member, whole)
    digests[member.name] = digest.hexdigest()
    return count


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    try:
        with gzip.open(path, "rb") as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
            for number, member in enumerate(tar):
                content = tar.extractfile(member)
                if content is None or member.name.startswith("/") or ".." in Path(member.name).parts:
                    raise BackupError(f"{path.name} holds {member.name}, which no backup of Rukun does")
                if number == 0:
                    first = json.loads(content.read()) if member.name == _FIRST else {}
                    if first.get("format") != FORMAT:
                        raise BackupError(
                            f"{path.name} is a backup of another version of Rukun "
                            f"(format {first.get('format')}, this is {FORMAT})"
                        )
                    yield member.name, io.BytesIO(json.dumps(first).encode())
                else:
                    yield member.name, content
    except FileNotFoundError as gone:
        raise BackupError(f"there is no file {path}") from gone
    except EOFError as cut:
        raise BackupError(
            f"{path.name} is cut: it ends too early. Take another backup; this one can't be restored whole."
        ) from cut
    except (gzip.BadGzipFile, tarfile.TarError, json.JSONDecodeError, UnicodeDecodeError) as wrong:
        raise BackupError(f"{path.name} is no backup of Rukun, or it is damaged ({wrong})") from wrong


def _restore_table(table: type[models.Model], content: IO[bytes]) -> None:
    batch: list[Any] = []
    many: list[tuple[Any, dict[str, Any]]] = []
    try:
        for one in serializers.deserialize("jsonl", io.TextIOWrapper(content, "utf-8")):
            batch.append(one.object)
            if one.m2m_data:
                many.append((one.object, one.m2m_data))
            if len(batch) == _BATCH:
                _insert(table, batch)
                batch = []
    except DeserializationError as wrong:
        raise BackupError(f"{_label(table)}: a record can't be read ({wrong})") from wrong
    _insert(table, batch)
    for record, data in many:
        for name, keys in data.items():
            getattr(record, name).set(keys)


def _insert(table: type[models.Model], batch: Iterable[Any]) -> None:
    if table is Head:
        # the head of the empty chain is there already, and moves forward only
        for head in batch:
            if head.number:
                Head.objects.filter(only=1).update(number=head.number, digest=head.digest)
        return
    table._default_manager.bulk_create(batch, batch_size=_BATCH)


def _restore_photo(name: str, content: bytes) -> Path:
    where = Path(settings.MEDIA_ROOT) / name
    where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(where, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    return where


def _reset_sequences() -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [*TABLES, Posting.villages.through]):
            cursor.execute(statement)
