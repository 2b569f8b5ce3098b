"""Rows of ODK Central's and KoboToolbox's CSV exports as the fields of ours that a mapping makes of them."""

from __future__ import annotations

import datetime as dt
import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias
from uuid import UUID

from rukun.io.mapping import FormMapping
from rukun.io.problems import ProblemLog, shown
from rukun.io.textfile import check_text, first_unclosed, kind_of, read_header, rows_with_lines

#: Columns that both tools write in UTC; Kobo without saying so.
_UTC: Final = ("SubmissionDate", "_submission_time")
_MET: Final = {"": 0, "true": 1, "false": 0, "ok": 1}
_BLANK: Final = ("", "n/a")
#: Takes what is wrong, what to do and the column.
Teller: TypeAlias = Callable[[str, str, str | None], None]


@dataclass(frozen=True)
class Submission:
    """line: physical line on which the row begins; fields: the value of each field of the kind that has one.

    id: UUID; observed_at, started_at, ended_at: with zone; latitude, longitude: degrees; minutes: int; contacts:
    number by kind; the others text.
    """

    line: int
    fields: Mapping[str, Any]


def read_submissions(path: Path, mapping: FormMapping, log: ProblemLog) -> list[Submission]:
    """Every row of an export. What is wrong with rows goes into `log`; those rows aren't among the result.

    Raises `InputProblems` for a file that can't be read or that lacks columns of the mapping.
    """
    if kind_of(path) != "csv":
        log.add(path.name, "is no CSV", "export the submissions as CSV")
        log.stop_if_any()
    if check_text(path) and (problem := first_unclosed(path, read_header(path))):
        log.add(problem.file, problem.what, problem.fix, problem.line)
        log.stop_if_any()
    header = read_header(path)
    place = {name: number for number, name in enumerate(header.names) if name}
    wanted = [*(name for names in mapping.columns.values() for name in names), *mapping.contacts.values()]
    for name in dict.fromkeys(wanted):
        if name not in place:
            log.add(path.name, f"has no column {shown(name)}", _nearest(name, header.names))
    log.stop_if_any()
    found = []
    for line, row in rows_with_lines(path, header):
        if len(row) != len(header.names):
            fix = "a separator or quotation mark is missing or too much"
            log.add(path.name, f"{len(row)} fields where the header has {len(header.names)}", fix, line)
            continue
        before = len(log.problems) + log.more
        cells = {name: row[number].strip() for name, number in place.items()}
        fields = _fields(cells, mapping, _teller(path.name, line, log))
        if len(log.problems) + log.more == before:
            found.append(Submission(line, fields))
    return found


def _teller(file: str, line: int, log: ProblemLog) -> Teller:
    def wrong(what: str, fix: str, column: str | None) -> None:
        log.add(file, what, fix, line, column)

    return wrong


def _fields(cells: Mapping[str, str], mapping: FormMapping, wrong: Teller) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in (*mapping.columns, *(name for name in mapping.defaults if name not in mapping.columns)):
        columns = mapping.columns.get(name, ())
        words = [_word(cells[column], mapping.values.get(name, {})) for column in columns]
        said = "; ".join(word for word in words if word) or mapping.defaults.get(name, "")
        if not said:
            continue
        column = columns[0] if columns else None
        try:
            fields |= _read(name, said, mapping, column or "")
        except ValueError as fault:
            what, _, fix = str(fault).partition(": ")
            wrong(f"{shown(said)} {what}", fix, column)
    met = dict(fields.pop("contacts", {}))
    for kind, column in mapping.contacts.items():
        try:
            number = _met(cells[column])
        except ValueError:
            wrong(f"{shown(cells[column])} is no number of people met", "a whole number, or 0 and 1", column)
            continue
        if number:
            met[kind] = number
    if mapping.kind == "visit":
        fields["contacts"] = met
        _last(fields, wrong, mapping)
    return fields


def _word(cell: str, values: Mapping[str, str]) -> str:
    """Our word for the form's: by the table of values; a multiple choice (words with spaces) by each of its words."""
    if cell.lower() in _BLANK:
        return ""
    if cell in values or not values:
        return values.get(cell, cell)
    return " ".join(values.get(word, word) for word in cell.split(" "))


def _read(name: str, said: str, mapping: FormMapping, column: str) -> dict[str, Any]:
    if name == "id":
        return {name: _uuid(said)}
    if name == "village":
        return {name: re.sub(r"^(\d\d)(\d\d)(\d\d)(\d{4})$", r"\1.\2.\3.\4", said)}
    if name in ("observed_at", "started_at", "ended_at"):
        return {name: _moment(said, dt.UTC if column in _UTC else mapping.zone)}
    if name == "minutes":
        return {name: _whole(said)}
    if name in ("latitude", "longitude"):
        return {name: _degrees(said)}
    if name == "geopoint":
        return _point(said)
    if name == "contacts":
        return {name: dict.fromkeys(said.split(), 1)}
    return {name: said}


def _uuid(said: str) -> UUID:
    try:
        return UUID(said.removeprefix("uuid:"))
    except ValueError:
        raise ValueError("is no instance id: expected uuid:8-4-4-4-12 hexadecimal digits (KEY, _uuid)") from None


def _moment(said: str, zone: dt.tzinfo) -> dt.datetime:
    """A date without time is its noon: whichever hour it was, it was that day."""
    try:
        moment = dt.datetime.fromisoformat(said)
    except ValueError:
        raise ValueError("is not a time: expected 2024-03-18T14:30:00+08:00 or 2024-03-18") from None
    if len(said) <= len("2024-03-18"):
        moment = moment.replace(hour=12)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _whole(said: str) -> int:
    if not re.fullmatch(r"\d{1,6}(\.0+)?", said):
        raise ValueError("is no number of minutes: expected a whole number")
    return int(float(said))


def _degrees(said: str) -> float:
    try:
        value = float(said)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError("is no number of degrees: expected a number such as -3.98")
    return value


def _point(said: str) -> dict[str, float]:
    """Both tools' geopoint "latitude longitude altitude accuracy", and Kobo's _geolocation "[latitude, longitude]"."""
    parts = [part for part in re.split(r"[\s,\[\]]+", said) if part]
    if parts and all(part.lower() in ("none", "null") for part in parts):
        return {}
    if not 2 <= len(parts) <= 4:
        raise ValueError("is no geopoint: expected latitude longitude altitude accuracy")
    return {"latitude": _degrees(parts[0]), "longitude": _degrees(parts[1])}


def _met(cell: str) -> int:
    known = _MET.get(cell.lower())
    return _whole(cell) if known is None else known


def _last(fields: dict[str, Any], wrong: Teller, mapping: FormMapping) -> None:
    """Minutes from the end, where they weren't asked for."""
    ended = fields.pop("ended_at", None)
    if ended is None or "minutes" in fields or "started_at" not in fields:
        return
    seconds = (ended - fields["started_at"]).total_seconds()
    if seconds < 0:
        wrong("the visit ends before it began", "correct one of both times", mapping.columns["ended_at"][0])
    fields["minutes"] = max(1, math.ceil(seconds / 60))


def _nearest(name: str, names: tuple[str, ...]) -> str:
    """Groups are written as group-field by ODK Central and as group/field by Kobo: the last part says most."""
    last = re.split(r"[-/.:]", name)[-1]
    same = [other for other in names if re.split(r"[-/.:]", other)[-1] == last]
    near = same or difflib.get_close_matches(name, names, 3, 0.5)
    return f"did you mean {', '.join(near[:3])}?" if near else f"it has {', '.join(names[:12])}"
