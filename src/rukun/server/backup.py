"""Backup and restore: one file with every record and photo, which either is whole or is refused.

Records are lines of JSON and not a copy of the database: a backup of SQLite goes into PostgreSQL and the other way
round. The secret key isn't in it: whoever finds a backup can neither sign in nor use anybody's second factor.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.base import DeserializationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from rukun import __version__
from rukun.server.audit.models import Head
from rukun.server.audit.services import SYSTEM, change
from rukun.server.backup_file import FIRST, PHOTO, TABLE, BackupError, checked, damage_said, lines, parts, writing
from rukun.server.people.models import DeviceToken
from rukun.server.reports.models import Photo

__all__ = ["BackupError", "Contents", "check_backup", "restore_backup", "tables", "write_backup"]

FORMAT = 1
_BATCH = 2000


@dataclass(frozen=True)
class Contents:
    """What a backup holds: records by table, photos, the newest entry of its trail ("number:digest"), when it was
    taken.
    """

    records: dict[str, int]
    photos: int
    anchor: str
    taken_at: str

    def __str__(self) -> str:
        """In words."""
        return (
            f"{sum(self.records.values()):,} records and {self.photos:,} photos of {self.taken_at}, "
            f"trail {self.anchor[:20]}..."
        )


def tables() -> list[type[models.Model]]:
    """Every table of Rukun's own apps, and second factors: a new table is in the backup without anybody's doing.

    Sessions, failed sign-ins and jobs aren't: after a restore everybody signs in anew.
    """
    ours = [app for app in apps.get_app_configs() if app.name.startswith("rukun.server.")]
    return [*(table for app in ours for table in app.get_models()), Authenticator]


def write_backup(path: Path) -> Contents:
    """Write everything to `path`, whole or not at all, as it is at one moment. Raises OSError."""
    counts: dict[str, int] = {}
    photos = 0
    with writing(path) as file:
        with _one_moment():
            taken = timezone.now().isoformat(timespec="seconds")
            first = {"format": FORMAT, "rukun": __version__, "taken_at": taken, "migrations": _migrations()}
            file.put(FIRST, json.dumps(first).encode())
            for table in tables():
                records = _records(table)
                counts[_label(table)] = file.stream(
                    f"tables/{_label(table)}.jsonl", lambda out, records=records: _serialize(records, out)
                )
            kept = list(Photo.objects.order_by("path").values_list("path", flat=True))
            head = Head.objects.get(only=1)
        for name in kept:
            where = Path(settings.MEDIA_ROOT) / name
            try:
                content = where.read_bytes()
            except FileNotFoundError:
                # retention took it away since the moment; its row says what it was
                continue
            file.put(f"photos/{name}", content)
            photos += 1
        contents = Contents(counts, photos, f"{head.number}:{head.digest}", taken)
        file.finish(records=counts, photos=photos, anchor=contents.anchor)
    return contents


def check_backup(path: Path) -> Contents:
    """Read a backup to its end and hold each part against its digest.

    Raises BackupError when it is cut or altered, or was written by a version of Rukun with other tables.
    """
    first, last = checked(path)
    if first.get("format") != FORMAT or first.get("migrations") != _migrations():
        raise BackupError(
            f"{path.name} was written by Rukun {first.get('rukun', 'of another make')} "
            f"(format {first.get('format')}), whose tables aren't those of this one ({__version__}, format {FORMAT}). "
            "Restore it with that version (pip install rukun==...), then upgrade and run `rukun init`."
        )
    try:
        return Contents(last["records"], last["photos"], last["anchor"], first["taken_at"])
    except KeyError as missing:
        raise BackupError(f"{path.name} doesn't say its {missing}: it is no backup of Rukun") from missing


def restore_backup(path: Path, *, keep_devices: bool = False) -> Contents:
    """Restore a backup into an empty installation: all of it or nothing.

    keep_devices: let the tokens of field apps hold. Otherwise all of them end: one that was revoked after the backup
    was taken, for a lost phone, would hold again. Raises BackupError for a file that is cut or altered and for an
    installation that has records; OSError, DatabaseError when the machine can't.
    """
    contents = check_backup(path)
    written: list[Path] = []
    try:
        with damage_said(path), transaction.atomic():
            _require_empty()
            by_label = {_label(table): table for table in tables()}
            for name, content in parts(path):
                if table := TABLE.fullmatch(name):
                    if table[1] not in by_label:
                        raise BackupError(f"{path.name} holds a table {table[1]}, which Rukun doesn't know")
                    _restore_table(by_label[table[1]], content)
                elif photo := PHOTO.fullmatch(name):
                    _restore_photo(photo[1], content.read(), written)
            _reset_sequences()
            _check_counts(contents)
            _note(contents, keep_devices)
            # photos are on the disk before the rows that speak of them
            os.sync()
    except BaseException as fault:
        for photo_file in written:
            photo_file.unlink(missing_ok=True)
        if isinstance(fault, IntegrityError | DataError | DeserializationError):
            # what the database says of it may quote the record
            raise BackupError(
                f"{path.name} holds records that don't fit together ({type(fault).__name__}). Take another backup."
            ) from None
        raise
    return contents


def _require_empty() -> None:
    for table in tables():
        if table is not Head and table._default_manager.exists():
            raise BackupError(
                f"this installation has records already ({_label(table)}): "
                "restore into an empty one (another RUKUN_HOME or database)"
            )


def _note(contents: Contents, keep_devices: bool) -> None:
    with change(SYSTEM) as trail:
        ended = 0 if keep_devices else DeviceToken.objects.filter(revoked_at=None).update(revoked_at=timezone.now())
        trail.add("backup.restored", "installation:this", taken_at=contents.taken_at, devices_ended=ended)


def _check_counts(contents: Contents) -> None:
    for table in tables():
        found, wanted = table._default_manager.count(), contents.records.get(_label(table))
        if found != wanted:
            raise BackupError(f"{_label(table)}: {found} records came back and not {wanted}. Take another backup.")


@contextmanager
def _one_moment() -> Iterator[None]:
    """A transaction that sees the database as it was when it began, and in whose way nobody writes."""
    before = getattr(connection, "transaction_mode", None)
    if connection.vendor == "sqlite":
        # a reader of the write-ahead log; IMMEDIATE, which writers begin with, would hold up all others
        connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        if connection.vendor == "sqlite":
            connection.transaction_mode = before  # type: ignore[attr-defined]


def _label(table: type[models.Model]) -> str:
    return str(table._meta.label_lower)


def _migrations() -> dict[str, list[str]]:
    """The newest migration of each app in the backup: two installations with the same have the same tables."""
    ours = {table._meta.app_label for table in tables()}
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes()):
        if app in ours:
            found.setdefault(app, []).append(name)
    return found


class _Exact(DjangoJSONEncoder):
    """Moments to the microsecond: the digests of the trail are of those, and Django's own encoder cuts them."""

    def default(self, o: Any) -> Any:
        """As JSON."""
        return o.isoformat() if isinstance(o, dt.datetime) else super().default(o)


def _records(table: type[models.Model]) -> Iterator[models.Model]:
    many = [field.name for field in table._meta.many_to_many]
    return table._default_manager.order_by("pk").prefetch_related(*many).iterator(chunk_size=_BATCH)


def _serialize(records: Iterable[models.Model], out: IO[str]) -> int:
    counter = itertools.count()
    # zip asks the records first: at their end the counter stands at their number
    serializers.serialize(
        "jsonl", (record for record, _ in zip(records, counter, strict=False)), stream=out, cls=_Exact
    )
    return next(counter)


def _restore_table(table: type[models.Model], content: IO[bytes]) -> None:
    found = serializers.deserialize("jsonl", lines(content))
    while batch := list(itertools.islice(found, _BATCH)):
        if any(type(one.object) is not table for one in batch):
            raise BackupError(f"{_label(table)} holds records of another table. Take another backup.")
        _insert(table, [one.object for one in batch])
        for one in batch:
            for name, keys in (one.m2m_data or {}).items():
                getattr(one.object, name).set(keys)


def _insert(table: type[models.Model], batch: list[Any]) -> None:
    if table is Head:
        # the head of the empty chain is there already, and moves forward only
        for head in batch:
            if head.number:
                Head.objects.filter(only=1).update(number=head.number, digest=head.digest)
        return
    if table is Photo:
        for photo in batch:
            if not PHOTO.fullmatch(f"photos/{photo.path}"):
                raise BackupError(f"a photo's path is {photo.path!r}, which Rukun never writes. Take another backup.")
    table._default_manager.bulk_create(batch, batch_size=_BATCH)


def _restore_photo(name: str, content: bytes, written: list[Path]) -> None:
    where = Path(settings.MEDIA_ROOT) / name
    where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as there:
        raise BackupError(f"{where} is there already: restore into an empty RUKUN_HOME") from there
    written.append(where)
    with io.FileIO(descriptor, "w") as file:
        view = memoryview(content)
        while view:
            view = view[file.write(view) :]


def _reset_sequences() -> None:
    through = [field.remote_field.through for table in tables() for field in table._meta.many_to_many]
    own = [table for table in through if table._meta.auto_created]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [*tables(), *own]):
            cursor.execute(statement)
