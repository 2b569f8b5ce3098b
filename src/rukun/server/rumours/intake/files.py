"""Messages from a file, such as an export of another desk: only text, time and village are read."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from django.conf import settings

from rukun.io.rumours import Messages, read_messages
from rukun.server.rumours.intake.receiving import Received, Taken, take
from rukun.server.rumours.states import Channel


def import_messages(path: Path, columns: Mapping[str, str] | None = None) -> Taken:
    """Take the messages of a CSV or Parquet file (io.rumours.read_messages); the same file again stores nothing more.

    Raises InputProblems with everything that is wrong in the file, before anything is stored.
    """
    return take(Channel.CSV, received_of(read_messages(path, columns, settings.TIME_ZONE)))


def received_of(messages: Messages) -> list[Received]:
    """Messages of a file as every channel hands them over. Two files may number theirs alike, so the text counts."""
    found = []
    for number, (key, text) in enumerate(zip(messages.id, messages.text, strict=True)):
        at = None
        if messages.time is not None and not np.isnat(messages.time[number]):
            at = messages.time[number].astype("datetime64[s]").item()
        said = at.isoformat() if at is not None else ""
        source = hashlib.sha256(f"{key}\n{said}\n{text}".encode()).hexdigest()
        village = messages.area[number] if messages.area is not None else ""
        found.append(Received(source, text, at.replace(tzinfo=dt.UTC) if at is not None else None, village))
    return found
