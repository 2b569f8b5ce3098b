"""What kind of file it is, and whether a text file can be read at all: one pass over its bytes, in bounded memory."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from rukun.io.problems import InputProblems, Problem

Kind = Literal["csv", "parquet", "geojson"]
#: Bytes read at a time; no line of a table may be longer.
BLOCK = 8 << 20

_SAVE = 'save it as "CSV UTF-8"'
#: First bytes of what people send instead of a table, and what to do with it.
_FOREIGN = {
    b"PK\x03\x04": ("is a spreadsheet or a zip archive, not a CSV", f"open it and {_SAVE}, or unpack it"),
    b"\xd0\xcf\x11\xe0": ("is an old Excel file, not a CSV", f"open it and {_SAVE}"),
    b"\x1f\x8b": ("is compressed (gzip)", "unpack it first"),
    b"%PDF": ("is a PDF, not a table", f"get the table and {_SAVE}"),
    b"SQLite format 3": ("is a database or GeoPackage, not a CSV or GeoJSON", "export it as CSV or GeoJSON"),
    b"\x00\x00\x27\x0a": ("is a shapefile", "export it as GeoJSON (WGS84)"),
    b"\xff\xfe": ("is written in UTF-16", _SAVE),
    b"\xfe\xff": ("is written in UTF-16", _SAVE),
}


@dataclass(frozen=True)
class Header:
    """The first line of a CSV: its names, the physical lines above the first row, and what parts the fields."""

    names: tuple[str, ...]
    lines: int
    delimiter: str


def kind_of(path: Path) -> Kind:
    """Which of the formats we read it is, by its first bytes. Raises `InputProblems` when it is none of them."""
    with opened(path) as file:
        begin = file.read(4096)
    if not begin.strip(b"\xef\xbb\xbf \t\r\n"):
        raise _refused(path, "is empty", "the file needs a header line and at least one row")
    for magic, (what, fix) in _FOREIGN.items():
        if begin.startswith(magic):
            raise _refused(path, what, fix)
    if begin.startswith(b"PAR1"):
        return "parquet"
    text = begin.removeprefix(codecs.BOM_UTF8).lstrip()
    return "geojson" if text.startswith((b"{", b"[")) else "csv"


def opened(path: Path) -> BinaryIO:
    """The file, open for reading bytes. Raises `InputProblems` in words when it can't be."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise _refused(path, "there is no such file", f"looked for it at {path}") from None
    except IsADirectoryError:
        raise _refused(path, "is a folder, not a file", "name the file in it") from None
    except OSError as error:
        raise _refused(
            path, f"can't be read: {error.strerror or error}", "check its permissions and the disk"
        ) from None


def check_text(path: Path) -> bool:
    """Check that the file is UTF-8 text; returns whether its quotation marks may be unbalanced.

    Raises `InputProblems` naming the first byte that isn't text and its line.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    quotes = 0
    with opened(path) as file:
        while block := file.read(BLOCK):
            nul = block.find(b"\0")
            if nul >= 0:
                raise InputProblems([_nul(path, line + _ends(block[:nul]))])
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                # the decoder may have kept the beginning of a character from the block before
                at = max(error.start - (len(error.object) - len(block)), 0)
                raise InputProblems([_byte(path, line + _ends(block[:at]), error.object[error.start])]) from None
            line += _ends(block)
            quotes += block.count(b'"')
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise InputProblems([_byte(path, line, error.object[error.start])]) from None
    return quotes % 2 == 1


def read_header(path: Path) -> Header:
    """Names of the columns and the delimiter, by the first line with text. Raises `InputProblems`."""
    with opened(path) as file:
        begin = file.read(BLOCK)
    text = begin.decode("utf-8-sig", errors="ignore")
    lines = text.splitlines()
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise _refused(path, "is empty", "the file needs a header line and at least one row")
    if len(begin) == BLOCK and len(lines) == 1:
        raise InputProblems([too_long(path, 1)])
    delimiter = _delimiter(lines[first])
    reader = csv.reader(lines[first:], delimiter=delimiter)
    names = tuple(name.strip() for name in next(reader))
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        what = f"the column {', '.join(shown_names(repeated))} is there more than once"
        raise InputProblems([Problem(path.name, first + 1, None, what, "give each column its own name")])
    return Header(names, first + reader.line_num, delimiter)


def shown_names(names: list[str]) -> list[str]:
    """Names in quotes, at most thirty of them."""
    quoted = [f'"{name[:40]}"' for name in names[:30]]
    return [*quoted, f"and {len(names) - 30:,} more"] if len(names) > 30 else quoted


def rows_with_lines(path: Path, header: Header) -> Iterator[tuple[int, list[str]]]:
    """Every row below the header that isn't blank, with the physical line on which it begins.

    Slow (csv in Python): only for saying where a problem is. Raises `InputProblems` at a quotation mark left open.
    """
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        for _ in range(header.lines):
            next(file, None)
        reader = csv.reader(file, delimiter=header.delimiter, strict=False)
        before = 0
        try:
            while (row := _next(reader)) is not None:
                if row:
                    yield header.lines + before + 1, row
                before = reader.line_num
        except csv.Error:
            line = header.lines + before + 1
            spread = reader.line_num > before + 1
            raise InputProblems([unclosed(path, line) if spread else too_long(path, line)]) from None


def unclosed(path: Path, line: int) -> Problem:
    """A quotation mark without its other half."""
    return Problem(path.name, line, None, "a quotation mark is opened here and not closed", "close it or leave it out")


def too_long(path: Path, line: int | None) -> Problem:
    """A line longer than a block."""
    return Problem(path.name, line, None, "a line longer than 8 MB", "this isn't a table, or its lines have no ends")


def first_unclosed(path: Path, header: Header) -> Problem | None:
    """The row whose quotation mark isn't closed by the end of the file, if there is one."""
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        for _ in range(header.lines):
            next(file, None)
        reader = csv.reader(file, delimiter=header.delimiter, strict=True)
        before = 0
        while True:
            try:
                if _next(reader) is None:
                    return None
            except csv.Error as error:
                # a field that is too large on one line is a long line; on several it is an open quotation mark
                if "unexpected end" in str(error) or reader.line_num > before + 1:
                    return unclosed(path, header.lines + before + 1)
                if "field larger" in str(error):
                    return None
            before = reader.line_num


def _next(reader: Iterator[list[str]]) -> list[str] | None:
    """The next row, whose fields may be as long as a block; csv keeps one limit for everybody, so it is put back."""
    usual = csv.field_size_limit(BLOCK)
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(usual)


def _delimiter(line: str) -> str:
    """The candidate that occurs most outside quotation marks; a comma when none does."""
    outside = "".join(line.split('"')[::2])
    return max((",", ";", "\t", "|"), key=outside.count)


def _ends(block: bytes) -> int:
    return block.count(b"\n") or block.count(b"\r")


def _refused(path: Path, what: str, fix: str) -> InputProblems:
    return InputProblems([Problem(path.name, None, None, what, fix)])


def _nul(path: Path, line: int) -> Problem:
    fix = f"it is damaged, or written in UTF-16; {_SAVE}"
    return Problem(path.name, line, None, "a zero byte, which no text holds", fix)


def _byte(path: Path, line: int, byte: int) -> Problem:
    what = f"byte 0x{byte:02x} isn't UTF-8, so the file is in another encoding (Windows-1252 or Latin-1, perhaps)"
    return Problem(path.name, line, None, what, _SAVE)
