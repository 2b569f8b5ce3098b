"""Dates of messages and fact checks as people and platforms write them, with or without a time of day."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from rukun.core.periods import Days
from rukun.io.problems import shown
from rukun.io.tables import Batch, Table
from rukun.io.values import YEARS, words

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january",
            "feb februari february peb pebruari",
            "mar maret march",
            "apr april",
            "mei may",
            "jun juni june",
            "jul juli july",
            "agu ags agt agustus aug august",
            "sep sept september",
            "okt oktober oct october",
            "nov november nop nopember",
            "des desember dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_CLOCK: Final = (
    r"(?:(?:[T ]|, ?)(?P<clock>\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?)\s?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_ISO: Final = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}}){_CLOCK}")
_WORDS: Final = re.compile(rf"(?P<day>\d{{1,2}}) (?P<month>[A-Za-z]+)\.? (?P<year>\d{{4}}){_CLOCK}")
FIX: Final = 'expected "2024-11-25", "2024-11-25 14:30" or "25 Nov 2024"'


def moments(
    batch: Batch, column: str, table: Table, zone: ZoneInfo
) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.bool_]]:
    """The column as moments in UTC, (k,) datetime64[s], NaT where blank, and whether each has a time of day, (k,) bool.

    zone: of what names none. A date without a time of day is its noon there: whichever hour it was, it was that day.
    What is no date is reported.
    """
    read = _read(batch, column, table, zone)
    moment = np.array([one.utc if one else None for one in read], dtype="datetime64[s]")
    return moment, np.array([one is not None and one.timed for one in read], dtype=bool)


def days_of(batch: Batch, column: str, table: Table) -> Days:
    """The column as the days that are written, (k,) datetime64[D], NaT where blank. What is no date is reported."""
    read = _read(batch, column, table, ZoneInfo("UTC"))
    return np.array([one.day if one else None for one in read], dtype="datetime64[D]")


@dataclass(frozen=True)
class _Moment:
    utc: dt.datetime
    day: dt.date
    timed: bool


def _read(batch: Batch, column: str, table: Table, zone: ZoneInfo) -> list[_Moment | None]:
    said = words(batch, column).to_pylist()
    read = [_moment(text, zone) if text else None for text in said]
    wrong = [k for k, one in enumerate(read) if one is None and said[k]]
    whats = [f"{shown(said[k])} is not a date" for k in wrong[:1000]]
    table.report(batch.row[np.array(wrong, dtype=np.int64)], column, whats, FIX)
    return read


@lru_cache(maxsize=1 << 14)
def _moment(text: str, zone: ZoneInfo) -> _Moment | None:
    match = _ISO.fullmatch(text) or _WORDS.fullmatch(text)
    if match is None:
        return None
    month = match["month"]
    number = int(month) if month.isdecimal() else _MONTHS.get(month.lower(), 0)
    hour, minute, second = [int(part) for part in re.split("[:.,]", f"{match['clock'] or '12:00'}:0")][:3]
    try:
        day = dt.date(int(match["year"]), number, int(match["day"]))
        at = dt.datetime.combine(day, dt.time(hour, minute, second), _zone(match["zone"], zone))
        utc = at.astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return _Moment(utc, day, match["clock"] is not None) if YEARS[0] <= day.year <= YEARS[1] else None


def _zone(said: str | None, zone: ZoneInfo) -> dt.tzinfo:
    if said is None:
        return zone
    if said == "Z":
        return dt.UTC
    minutes = int(said[1:3]) * 60 + int(said[-2:])
    return dt.timezone(dt.timedelta(minutes=-minutes if said[0] == "-" else minutes))
