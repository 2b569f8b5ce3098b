"""CSV and Parquet files as batches of columns, in bounded memory, with the line of every row within reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from rukun.io.problems import KEPT, InputProblems, Problem, ProblemLog
from rukun.io.textfile import (
    BLOCK,
    Header,
    check_text,
    first_unclosed,
    kind_of,
    read_header,
    rows_with_lines,
    shown_names,
    too_long,
)

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """Some rows of a table: row: (k,) int, from 0 below the header; columns: arrays of k values by wanted name."""

    row: Rows
    columns: Mapping[str, Any]


class Table:
    """An open table file: its columns under the names we want, its rows in batches, and the problems found in them.

    Problems are reported by row while reading; `settle` finds the physical lines in one more pass, made only when there
    are any.
    """

    def __init__(self, path: str | Path, role: str, columns: Mapping[str, str], log: ProblemLog) -> None:
        """Open and check the file. role: "events", "series", ...; columns: wanted name to the file's own.

        Raises `InputProblems` when it can't be read as a table.
        """
        self.path = Path(path)
        self.file = self.path.name
        self.role = role
        self.rows = 0
        self._log = log
        self._found: list[tuple[int, str | None, str, str]] = []
        self._ragged = 0
        self._header: Header | None = None
        kind = kind_of(self.path)
        if kind == "geojson":
            raise InputProblems([Problem(self.file, None, None, "is JSON, not a table", "give it as CSV or Parquet")])
        if kind == "csv":
            unbalanced = check_text(self.path)
            self._header = read_header(self.path)
            self.names: tuple[str, ...] = self._header.names
            if unbalanced and (open_quote := first_unclosed(self.path, self._header)):
                raise InputProblems([open_quote])
        else:
            self.names = _parquet_names(self.path)
        self.decimal_comma = self._header is not None and self._header.delimiter in ";\t"
        self._columns = columns

    def name(self, wanted: str) -> str | None:
        """The file's own name of a wanted column, or None when it has none."""
        for key in (f"{self.role}.{wanted}", wanted):
            if key in self._columns and self._columns[key] in self.names:
                return self._columns[key]
        if wanted in self.names:
            return wanted
        alike = [name for name in self.names if name.lower().replace(" ", "_") == wanted]
        return alike[0] if len(alike) == 1 else None

    def lacks(self, wanted: str, why: str = "") -> None:
        """Report a column that is needed and missing."""
        there = ", ".join(shown_names(list(self.names)))
        mapped = self._columns.get(f"{self.role}.{wanted}", self._columns.get(wanted))
        what = f'no column "{mapped}", which was to be {wanted}' if mapped else f'no column "{wanted}"{why}'
        fix = f"the file has {there}; say which one it is with --map {wanted}=COLUMN"
        self.report_header(what, fix)

    @property
    def clean(self) -> bool:
        """Whether nothing has been reported since the last `settle`."""
        return not self._found and not self._ragged

    def first_row(self) -> list[str]:
        """The fields of the first row that isn't blank, as text; empty where there is no row."""
        if self._header is not None:
            return next((row for _, row in rows_with_lines(self.path, self._header)), [])
        first = next(self._parquet(list(self.names)), None)
        return [str(column[0].as_py()) for column in first.columns] if first is not None and first.num_rows else []

    def report_header(self, what: str, fix: str, column: str | None = None) -> None:
        """Report a problem of the names of the columns."""
        self._log.add(self.file, what, fix, self._header.lines if self._header else None, column)

    def report(self, rows: Rows, column: str | None, whats: Sequence[str], fix: str) -> None:
        """Report a problem in each of `rows`; whats: one for each of the first of them, at least."""
        room = max(KEPT - len(self._found), 0)
        name = self.name(column) if column is not None else None
        for row, what in zip(rows[:room].tolist(), whats, strict=False):
            self._found.append((row, name, what, fix))
        self._log.count(max(len(rows) - room, 0))

    def batches(self, wanted: Sequence[str]) -> Iterator[Batch]:
        """The rows in batches with these columns, which must be there; rows in which all of them are blank are skipped.

        Raises `InputProblems` when the file stops being a table midway.
        """
        names = [self.name(column) or column for column in wanted]
        source = self._csv(names) if self._header is not None else self._parquet(names)
        first = 0
        for record in source:
            arrays = [_plain(record.column(number)) for number in range(len(names))]
            row = np.arange(first, first + record.num_rows, dtype=np.int64)
            first += record.num_rows
            blank = _all_blank(arrays)
            if blank.any():
                kept = pa.array(~blank)
                arrays = [array.filter(kept) for array in arrays]
                row = row[~blank]
            self.rows += len(row)
            if len(row):
                yield Batch(row, dict(zip(wanted, arrays, strict=True)))
        if self.rows == 0 and not self._ragged:
            self._log.add(self.file, "has a header but no rows", "the file needs at least one row")

    def read(self, wanted: Sequence[str]) -> Batch:
        """All rows at once, as `batches`."""
        parts = list(self.batches(wanted))
        if not parts:
            return Batch(np.empty(0, dtype=np.int64), {column: pa.array([], pa.string()) for column in wanted})
        columns = {name: pa.concat_arrays([_text(part.columns[name], parts) for part in parts]) for name in wanted}
        return Batch(np.concatenate([part.row for part in parts]), columns)

    def settle(self) -> None:
        """Send what was reported to the log, with physical lines."""
        if self._header is None:
            for row, column, what, fix in sorted(self._found, key=lambda found: found[0]):
                self._log.add(self.file, what, fix, row + 1, column)
        elif self._found or self._ragged:
            self._settle_text(self._header)
        self._found = []
        self._ragged = 0

    def _settle_text(self, header: Header) -> None:
        by_row: dict[int, list[tuple[str | None, str, str]]] = {}
        for row, column, what, fix in self._found:
            by_row.setdefault(row, []).append((column, what, fix))
        row, ragged, unsettled = 0, 0, len(by_row)
        for line, fields in rows_with_lines(self.path, header):
            if len(fields) != len(header.names):
                ragged += 1
                if ragged <= KEPT:
                    what = f"{len(fields)} fields where the header has {len(header.names)}"
                    self._log.add(self.file, what, "quote fields that hold a delimiter; fill up short rows", line)
            else:
                for column, what, fix in by_row.get(row, ()):
                    self._log.add(self.file, what, fix, line, column)
                unsettled -= row in by_row
                row += 1
            if unsettled == 0 and ragged >= min(self._ragged, KEPT):
                break
        self._log.count(max(self._ragged - ragged, 0))

    def _csv(self, names: list[str]) -> Iterator[Any]:
        header = self._header
        assert header is not None
        # positions stand in for names: a header may have blank ones
        columns = [f"c{header.names.index(name)}" for name in names]

        def ragged(_row: Any) -> str:
            self._ragged += 1
            return "skip"

        try:
            yield from pyarrow.csv.open_csv(
                self.path,
                read_options=pyarrow.csv.ReadOptions(
                    use_threads=False,
                    block_size=BLOCK,
                    skip_rows=header.lines,
                    column_names=[f"c{number}" for number in range(len(header.names))],
                ),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=header.delimiter, newlines_in_values=True, invalid_row_handler=ragged
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(columns, pa.string()), include_columns=columns, strings_can_be_null=False
                ),
            )
        except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
            if "Empty CSV" in str(error):
                return
            open_quote = first_unclosed(self.path, header)
            raise InputProblems([open_quote or self._refusal(str(error))]) from None

    def _refusal(self, error: str) -> Problem:
        if "straddl" in error or "block size" in error:
            return too_long(self.path, None)
        return Problem(self.file, None, None, f"can't be read as a table: {error}", "save it again as CSV UTF-8")

    def _parquet(self, names: list[str]) -> Iterator[Any]:
        try:
            with pyarrow.parquet.ParquetFile(self.path) as file:
                for record in file.iter_batches(batch_size=262_144, columns=names):
                    yield record.select(names)
        except (pa.ArrowException, OSError) as error:
            raise InputProblems([_damaged(self.path, error)]) from None


class Named(Protocol):
    """A file with named columns."""

    @property
    def file(self) -> str:
        """Its name."""
        ...

    @property
    def role(self) -> str:
        """What it is for: "events", "areas", ..."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        ...


def unused_columns(columns: Mapping[str, str], tables: Sequence[Named], log: ProblemLog) -> None:
    """Report the mapped names that no file has: a slip of the pen must not fall back on another column unseen."""
    for wanted, actual in columns.items():
        role, _, column = wanted.rpartition(".")
        asked = [table for table in tables if not role or table.role == role]
        if not any(actual in table.names for table in asked):
            there = "; ".join(f"{table.file} has {', '.join(shown_names(list(table.names)))}" for table in asked)
            log.add("", f'no file has the column "{actual}" that was to be {column}', there or "no such file was given")


def _plain(array: Any) -> Any:
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _text(array: Any, parts: list[Batch]) -> Any:
    """Types may differ between batches of nulls and of values; alone they keep their own."""
    return array if len(parts) == 1 or not pa.types.is_null(array.type) else array.cast(pa.string())


def _all_blank(arrays: Sequence[Any]) -> npt.NDArray[np.bool_]:
    blank = np.ones(len(arrays[0]), dtype=bool)
    for array in arrays:
        if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
            empty = pc.equal(pc.utf8_trim_whitespace(array), "").fill_null(True)
        else:
            empty = array.is_null()
        blank &= np.asarray(empty.to_numpy(zero_copy_only=False), dtype=bool)
        if not blank.any():
            break
    return blank


def _parquet_names(path: Path) -> tuple[str, ...]:
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            return tuple(file.schema_arrow.names)
    except (pa.ArrowException, OSError) as error:
        raise InputProblems([_damaged(path, error)]) from None


def _damaged(path: Path, error: Exception) -> Problem:
    return Problem(path.name, None, None, f"isn't a whole Parquet file: {error}", "write or copy it again")
