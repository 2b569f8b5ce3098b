"""Deleted rows leave the database's files, too: otherwise they are only marked as deleted, and stay there for long."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any

from django.db import OperationalError, connection
from django.db.models import Model

#: Seconds to wait for others who hold a table, or who still see what was deleted.
PATIENCE = 20.0
_PAUSE = 0.5


def erase(models: Iterable[type[Model]]) -> bool:
    """Write the tables of these models anew, without what was deleted from them. Mustn't run inside a transaction.

    False where somebody else held the database for too long (a backup that is under way sees what was there when it
    began): it is to be done again. Blocks on the disk that the files leave are the operating system's to use again.
    """
    if connection.in_atomic_block:
        raise RuntimeError("files can't be written anew inside a transaction: erase outside of one")
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                return _rewrite_sqlite(cursor)
            # one at a time and to its end: each is locked for as long as it takes
            return all([_rewrite(cursor, table) for table in dict.fromkeys(m._meta.db_table for m in models)])
    except OperationalError:
        return False


def _rewrite_sqlite(cursor: Any) -> bool:
    """Readers go on. secure_delete overwrites what is deleted, but not the copies that moving rows about leaves inside
    pages: only VACUUM does. Then the log is written back and cut to nothing, which waits for readers (busy timeout).
    """
    # what VACUUM writes beside the database is as large as it: on the disk and not in memory
    cursor.execute("PRAGMA temp_store=FILE")
    try:
        cursor.execute("VACUUM")
    finally:
        cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    busy: int = cursor.fetchone()[0]
    return not busy


def _rewrite(cursor: Any, table: str) -> bool:
    """A plain VACUUM leaves the bytes; FULL writes what lives to new files, and also what others may still see."""
    details: list[str] = []

    def note(said: Any) -> None:
        if said.message_detail:
            details.append(said.message_detail)

    begun = time.monotonic()
    cursor.execute(f"SET lock_timeout = {int(PATIENCE * 1000)}")
    connection.connection.add_notice_handler(note)
    try:
        while True:
            cursor.execute(f"VACUUM (FULL, ANALYZE, VERBOSE) {connection.ops.quote_name(table)}")
            # "N dead row versions cannot be removed yet", in the server's language; the number comes first
            kept = sum(int(re.findall(r"\d+", detail)[0]) for detail in details)
            if not kept or time.monotonic() - begun > PATIENCE:
                return not kept
            details.clear()
            time.sleep(_PAUSE)
    finally:
        connection.connection.remove_notice_handler(note)
        cursor.execute("RESET lock_timeout")
