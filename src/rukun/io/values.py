"""Columns of text or native types as days, counts, numbers and words, with what is wrong reported by row."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rukun.core.areas import FloatArray, IntArray, StrArray
from rukun.core.periods import Days
from rukun.io.problems import shown
from rukun.io.tables import Batch, Table

#: Years taken for a slip of the pen outside them.
YEARS = (1900, 2100)
_TIME = r"[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})?"
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"\d{4}")
_DATE_FIX = "expected YYYY-MM-DD"
_TRUE = frozenset(("1", "true", "t", "yes", "y", "ya", "benar", "latihan"))
_FALSE = frozenset(("", "0", "false", "f", "no", "n", "tidak", "bukan"))


def words(batch: Batch, column: str) -> Any:
    """The column as a pyarrow array of trimmed text, "" where blank; whole numbers without a decimal point."""
    array = batch.columns[column]
    if pa.types.is_floating(array.type):
        whole = pd.Series(array.to_numpy(zero_copy_only=False))
        said = [("" if math.isnan(v) else str(int(v)) if v.is_integer() else str(v)) for v in whole.tolist()]
        return pa.array(said, pa.string())
    if not pa.types.is_string(array.type):
        array = array.cast(pa.string())
    return pc.utf8_trim_whitespace(array).fill_null("")


def coded(batch: Batch, column: str) -> tuple[StrArray, IntArray]:
    """The column's distinct words ((u,) str) and which of them each row has ((k,) int)."""
    encoded = words(batch, column).dictionary_encode()
    names = np.array(encoded.dictionary.to_pylist(), dtype=str)
    return names, np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def days(batch: Batch, column: str, table: Table, blank: str = "") -> tuple[Days, Days, npt.NDArray[np.bool_]]:
    """First and last day that each date speaks of, (k,) datetime64[D], and whether there is one; others are reported.

    "2024-03-18" (a time of day behind it is dropped) is one day, "2024-03" a month, "2024" a year.
    blank: "allowed" doesn't report blanks.
    """
    array = batch.columns[column]
    if pa.types.is_timestamp(array.type):
        array = pc.local_timestamp(array) if array.type.tz else array
        array = pc.floor_temporal(array, unit="day").cast(pa.date32())
    if pa.types.is_date(array.type):
        day = array.cast(pa.date32()).cast(pa.int32()).fill_null(0).to_numpy().astype("datetime64[D]")
        good = np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
        years = day.astype("datetime64[Y]").astype(np.int64) + 1970
        sane = (years >= YEARS[0]) & (years <= YEARS[1])
        _report(table, batch, column, np.flatnonzero(good & ~sane), day, f"is outside {YEARS[0]} to {YEARS[1]}")
        first, last = day, day.copy()
    else:
        text = words(batch, column)
        cut = pc.replace_substring_regex(text, f"^([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}){_TIME}$", r"\1")
        encoded = cut.dictionary_encode()
        names = encoded.dictionary.to_pylist()
        spans = [_span(name) for name in names]
        where = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
        first = np.array([span[0] if span else dt.date(1970, 1, 1) for span in spans], dtype="datetime64[D]")[where]
        last = np.array([span[1] if span else dt.date(1970, 1, 1) for span in spans], dtype="datetime64[D]")[where]
        sane = np.array([span is not None for span in spans], dtype=bool)[where]
        good = np.array([name != "" for name in names], dtype=bool)[where]
        wrong = np.flatnonzero(good & ~sane)
        table.report(batch.row[wrong], column, [_wrong_date(text[int(k)].as_py()) for k in wrong[:1000]], _DATE_FIX)
    if blank != "allowed":
        empty = np.flatnonzero(~good)
        table.report(batch.row[empty], column, ["the date is missing"] * min(len(empty), 1000), _DATE_FIX)
    return first, last, good & sane


def counts(batch: Batch, column: str, table: Table) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """The column as whole numbers >= 0, (k,) int, and whether each is one; others are reported and 0."""
    number, good, text = _numbers(batch, column, table)
    whole = good & (number >= 0) & (number == np.floor(np.where(good, number, 0.0))) & (number < 2**31)
    wrong = np.flatnonzero(~whole)
    whats = [_wrong_count(text[int(k)].as_py(), bool(good[k]), float(number[k])) for k in wrong[:1000]]
    table.report(batch.row[wrong], column, whats, "a count is a whole number from 0 up")
    return np.where(whole, number, 0.0).astype(np.int64), whole


def numbers(
    batch: Batch, column: str, table: Table, blank: str = "", low: float = -math.inf, high: float = math.inf
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """The column as finite numbers from `low` to `high`, (k,) float, and whether each is one; others are reported.

    blank: "allowed" doesn't report blanks.
    """
    number, good, text = _numbers(batch, column, table)
    inside = good & (np.where(good, number, low) >= low) & (np.where(good, number, low) <= high)
    empty = np.asarray(pc.equal(text, "").to_numpy(zero_copy_only=False), dtype=bool)
    wrong = np.flatnonzero(~inside & ~empty) if blank == "allowed" else np.flatnonzero(~inside)
    whats = []
    for k in wrong[:1000]:
        said = text[int(k)].as_py()
        what = "is missing" if not said else f"{shown(said)} is not a number"
        whats.append(f"{shown(said)} {_range(low, high)}" if good[k] else what)
    fix = "expected a number such as 12.5" if low == -math.inf else _needed(low, high)
    table.report(batch.row[wrong], column, whats, fix)
    return np.where(inside, number, np.nan), inside


def truths(batch: Batch, column: str, table: Table) -> npt.NDArray[np.bool_]:
    """The column as true or false, (k,) bool, blank being false; others are reported."""
    names, where = coded(batch, column)
    lowered = [str(name).lower() for name in names]
    wrong = np.flatnonzero(np.array([name not in _TRUE | _FALSE for name in lowered], dtype=bool)[where])
    whats = [f"{shown(names[where[k]])} is neither true nor false" for k in wrong[:1000]]
    table.report(batch.row[wrong], column, whats, "write true or false")
    return np.array([name in _TRUE for name in lowered], dtype=bool)[where]


def _numbers(batch: Batch, column: str, table: Table) -> tuple[FloatArray, npt.NDArray[np.bool_], Any]:
    array = batch.columns[column]
    text = words(batch, column)
    if pa.types.is_integer(array.type) or pa.types.is_floating(array.type) or pa.types.is_decimal(array.type):
        number = np.asarray(array.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    else:
        plain = text
        if table.decimal_comma:
            plain = pc.replace_substring_regex(text, r"^([+-]?[0-9]+),([0-9]+)$", r"\1.\2")
        numeric = pc.match_substring_regex(plain, r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$")
        plain = pc.if_else(numeric, pc.utf8_ltrim(plain, "+"), pa.scalar(None, pa.string()))
        number = np.asarray(plain.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    return number, np.isfinite(number), text


def _needed(low: float, high: float) -> str:
    if math.isfinite(high):
        return "expected decimal degrees such as -3.9985"
    return "expected a number above 0" if 0 < low < 1e-300 else f"expected a number from {low:g} up"


def _range(low: float, high: float) -> str:
    if math.isfinite(high):
        return f"is not between {low:g} and {high:g}"
    return "is not above 0" if 0 < low < 1e-300 else f"is below {low:g}"


def _span(text: str) -> tuple[dt.date, dt.date] | None:
    try:
        if _DAY.fullmatch(text):
            first = last = dt.date.fromisoformat(text)
        elif match := _MONTH.fullmatch(text):
            first = dt.date(int(match[1]), int(match[2]), 1)
            last = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
        elif _YEAR.fullmatch(text):
            first, last = dt.date(int(text), 1, 1), dt.date(int(text), 12, 31)
        else:
            return None
    except ValueError:
        return None
    return (first, last) if YEARS[0] <= first.year <= YEARS[1] else None


def _wrong_date(text: str) -> str:
    try:
        year = dt.date.fromisoformat(text[:10]).year
    except ValueError:
        return f"{shown(text)} is not a date"
    if not YEARS[0] <= year <= YEARS[1]:
        return f"{shown(text)} is outside {YEARS[0]} to {YEARS[1]}"
    return f"{shown(text)} is not a date"


def _wrong_count(text: str, number: bool, value: float) -> str:
    if not text:
        return "the count is missing"
    if not number:
        return f"{shown(text)} is not a number"
    if value < 0:
        return f"{shown(text)} is negative"
    return f"{shown(text)} is not a whole number" if value < 2**31 else f"{shown(text)} is too large"


def _report(table: Table, batch: Batch, column: str, wrong: IntArray, values: Any, said: str) -> None:
    table.report(batch.row[wrong], column, [f"{shown(values[k])} {said}" for k in wrong[:1000]], _DATE_FIX)
