"""Files of the rumour desk: messages that circulate, fact checks, and which messages are one rumour.

Only the columns named here are read: whatever else an export holds, senders and group names among it, never gets in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from rukun.core.areas import IntArray
from rukun.core.periods import Days
from rukun.core.text.triage import Place
from rukun.io.moments import days_of, moments
from rukun.io.problems import InputProblems, Problem, ProblemLog, shown
from rukun.io.tables import Batch, Table, unused_columns
from rukun.io.values import numbers, truths, words

#: The zone of times that name none.
ZONE: Final = "Asia/Makassar"
#: What each file may hold; the first two are needed.
MESSAGES: Final = ("id", "message", "date", "area", "exercise")
FACT_CHECKS: Final = ("id", "title", "conclusion", "date", "url", "verdict")
GROUPS: Final = ("id", "group")
_SIZE: Final = 256


@dataclass(frozen=True)
class Messages:
    """Messages in the order of their file.

    id, text: n each, none blank, ids unique; time: (n,) datetime64[s] in UTC, NaT where there is none, or None without
    the column; timed: (n,) bool, whether it holds a time of day (else it is noon); area: n codes, "" where blank, or
    None without the column; exercise: whether any is marked as simulated.
    """

    id: tuple[str, ...]
    text: tuple[str, ...]
    time: npt.NDArray[np.datetime64] | None
    timed: npt.NDArray[np.bool_]
    area: tuple[str, ...] | None
    exercise: bool

    def __len__(self) -> int:
        """How many there are."""
        return len(self.id)


@dataclass(frozen=True)
class FactChecks:
    """Fact checks in the order of their file, in their publishers' own words.

    id, title: n each, none blank, ids unique; conclusion, url, verdict: n each, "" where blank, or None without the
    column; date: (n,) datetime64[D], NaT where blank, or None.
    """

    id: tuple[str, ...]
    title: tuple[str, ...]
    conclusion: tuple[str, ...] | None
    date: Days | None
    url: tuple[str, ...] | None
    verdict: tuple[str, ...] | None

    def __len__(self) -> int:
        """How many there are."""
        return len(self.id)


def read_messages(path: str | Path, columns: Mapping[str, str] | None = None, zone: str = ZONE) -> Messages:
    """The messages of a CSV or Parquet file with `id`, `message` and perhaps `date`, `area`, `exercise`.

    columns: names of ours to the file's own; zone: of times that name none.
    Raises `InputProblems` with everything that is wrong in the file.
    """
    log = ProblemLog()
    table = Table(path, "messages", columns or {}, log)
    _mapped([table], (MESSAGES,), columns or {}, log)
    return _messages(table, log, ZoneInfo(zone))


def read_fact_checks(path: str | Path, columns: Mapping[str, str] | None = None) -> FactChecks:
    """The fact checks of a file with `id`, `title`, perhaps `conclusion`, `date`, `url`, `verdict`.

    Mapped and refused as by `read_messages`.
    """
    log = ProblemLog()
    table = Table(path, "factchecks", columns or {}, log)
    _mapped([table], (FACT_CHECKS,), columns or {}, log)
    return _fact_checks(table, log)


def read_both(
    messages: str | Path, fact_checks: str | Path, columns: Mapping[str, str] | None = None, zone: str = ZONE
) -> tuple[Messages, FactChecks]:
    """Messages and the fact checks they are held against; `messages.id` maps the column of one of the files only."""
    log = ProblemLog()
    said = columns or {}
    first, second = Table(messages, "messages", said, log), Table(fact_checks, "factchecks", said, log)
    _mapped([first, second], (MESSAGES, FACT_CHECKS), said, log)
    return _messages(first, log, ZoneInfo(zone)), _fact_checks(second, log)


def read_groups(path: str | Path, messages: Messages, columns: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The group of each message, from a file with `id` and `group` that names every one of them once.

    Raises `InputProblems`, also for ids that only one of the two files has.
    """
    log = ProblemLog()
    said = {name.removeprefix("groups."): own for name, own in (columns or {}).items() if name.startswith("groups.")}
    table = Table(path, "groups", said, log)
    _needed(table, GROUPS)
    log.stop_if_any()
    batch = table.read(GROUPS)
    ids, groups = _ids(table, batch), _filled(table, batch, "group", "every message belongs to a group, perhaps alone")
    known = frozenset(messages.id)
    strange = np.array([k for k, one in enumerate(ids) if one and one not in known], dtype=np.int64)
    whats = [f"there is no message with the id {shown(ids[k])}" for k in strange[:1000]]
    table.report(batch.row[strange], "id", whats, "group the same file of messages")
    _settled(table, log)
    group_of = dict(zip(ids, groups, strict=True))
    lacking = [one for one in messages.id if one not in group_of]
    for one in lacking:
        log.add(table.file, f"no row for the message {shown(one)}", "group the same file of messages")
    log.stop_if_any()
    return tuple(group_of[one] for one in messages.id)


def read_places(path: str | Path, columns: Mapping[str, str] | None = None) -> dict[str, Place]:
    """The state of each area, from a file with `area` and `forecast`, `index` or both, each from 0 to 1 or blank.

    Raises `InputProblems`, also where an area stands in it twice.
    """
    log = ProblemLog()
    said = {name.removeprefix("places."): own for name, own in (columns or {}).items() if name.startswith("places.")}
    table = Table(path, "places", said, log)
    _needed(table, ("area",))
    measured = _there(table, ("forecast", "index"))
    if not measured:
        table.lacks("forecast", " and no index")
    log.stop_if_any()
    batch = table.read(["area", *measured])
    areas = _filled(table, batch, "area", "give the code of the village")
    again = _repeated(areas)
    fix = "one row for each area"
    table.report(
        batch.row[again], "area", [f"{shown(areas[k])} stands in more than one row" for k in again[:1000]], fix
    )
    values = {name: numbers(batch, name, table, "allowed", 0, 1)[0] for name in measured}
    _settled(table, log)
    known = {name: [None if math.isnan(one) else one for one in value.tolist()] for name, value in values.items()}
    blank = [None] * len(areas)
    pairs = zip(areas, known.get("forecast", blank), known.get("index", blank), strict=True)
    return {area: Place(forecast, index) for area, forecast, index in pairs}


def zone_named(name: str) -> ZoneInfo:
    """The time zone of that name. Raises `InputProblems` where there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        problem = Problem("", None, None, f"{shown(name)} is no time zone", "such as Asia/Makassar or Asia/Jakarta")
        raise InputProblems([problem]) from None


def _mapped(
    tables: list[Table], wanted: tuple[tuple[str, ...], ...], columns: Mapping[str, str], log: ProblemLog
) -> None:
    """Check the needed columns and the mapping of all files before any is read."""
    for table, names in zip(tables, wanted, strict=True):
        _needed(table, names[:2])
    roles = {table.role: names for table, names in zip(tables, wanted, strict=True)}
    for name in columns:
        role, _, column = name.rpartition(".")
        if role in ("groups", "places"):
            continue
        known = roles.get(role, ()) if role else [each for names in wanted for each in names]
        if column not in known:
            said = ", ".join(dict.fromkeys(each for names in wanted for each in names))
            log.add("", f"--map {shown(name)} names nothing that is read", f"map one of {said}")
    unused_columns({k: own for k, own in columns.items() if not k.startswith(("groups.", "places."))}, tables, log)
    log.stop_if_any()


def _needed(table: Table, names: tuple[str, ...]) -> None:
    for name in names:
        if table.name(name) is None:
            table.lacks(name)


def _messages(table: Table, log: ProblemLog, zone: ZoneInfo) -> Messages:
    batch = table.read(_there(table, MESSAGES))
    ids = _ids(table, batch)
    fix = "leave rows without text out, or give the text of the picture"
    text = _filled(table, batch, "message", fix)
    time, timed = None, np.zeros(len(ids), dtype=bool)
    if "date" in batch.columns:
        time, timed = moments(batch, "date", table, zone)
    simulated = bool(truths(batch, "exercise", table).any()) if "exercise" in batch.columns else False
    _settled(table, log)
    return Messages(ids, text, time, timed, _optional(batch, "area"), simulated)


def _fact_checks(table: Table, log: ProblemLog) -> FactChecks:
    batch = table.read(_there(table, FACT_CHECKS))
    ids, title = _ids(table, batch), _filled(table, batch, "title", "every fact check has a title")
    date = days_of(batch, "date", table) if "date" in batch.columns else None
    url = _optional(batch, "url")
    wrong = np.array([k for k, one in enumerate(url or ()) if one and not _link(one)], dtype=np.int64)
    whats = [f"{shown(url[k])} is no link" for k in wrong[:1000]] if url else []
    table.report(batch.row[wrong], "url", whats, "expected https://... or blank")
    _settled(table, log)
    return FactChecks(ids, title, _optional(batch, "conclusion"), date, url, _optional(batch, "verdict"))


def _settled(table: Table, log: ProblemLog) -> None:
    table.settle()
    log.stop_if_any()


def _there(table: Table, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if table.name(name) is not None]


def _optional(batch: Batch, column: str) -> tuple[str, ...] | None:
    return _said(batch, column) if column in batch.columns else None


def _said(batch: Batch, column: str) -> tuple[str, ...]:
    values: list[Any] = words(batch, column).to_pylist()
    return tuple(values)


def _filled(table: Table, batch: Batch, column: str, fix: str) -> tuple[str, ...]:
    values = _said(batch, column)
    blank = np.array([k for k, one in enumerate(values) if not one], dtype=np.int64)
    table.report(batch.row[blank], column, [f"the {column} is missing"] * min(len(blank), 1000), fix)
    return values


def _ids(table: Table, batch: Batch) -> tuple[str, ...]:
    values = _filled(table, batch, "id", "give every row an id of its own")
    again: IntArray = _repeated(values)
    whats = [f"{shown(values[k])} stands in more than one row" for k in again[:1000]]
    table.report(batch.row[again], "id", whats, "give every row an id of its own")
    long = np.array([k for k, one in enumerate(values) if len(one) > _SIZE], dtype=np.int64)
    whats = [f"{shown(values[k])} has {len(values[k]):,} characters" for k in long[:1000]]
    table.report(batch.row[long], "id", whats, f"an id has at most {_SIZE}; perhaps another column is meant: use --map")
    return values


def _repeated(values: tuple[str, ...]) -> IntArray:
    seen: set[str] = set()
    again: list[int] = []
    for k, one in enumerate(values):
        if one and one in seen:
            again.append(k)
        seen.add(one)
    return np.array(again, dtype=np.int64)


def _link(said: str) -> bool:
    try:
        parts = urlsplit(said)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
