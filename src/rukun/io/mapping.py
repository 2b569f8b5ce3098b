"""The file that says which column of a form's export is which field of ours: TOML, checked as a whole."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from rukun.io.problems import InputProblems, ProblemLog, shown
from rukun.io.textfile import opened

Kind = Literal["report", "visit"]
_FILED: Final = ("id", "village", "officer")
#: What each kind has a place for. `geopoint` is ODK's "latitude longitude altitude accuracy" in one column;
#: `ended_at` gives the minutes where they weren't asked for.
FIELDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "report": (
        *_FILED,
        *("observed_at", "category", "level", "text", "source", "source_reliability", "information_reliability"),
        *("latitude", "longitude", "geopoint"),
    ),
    "visit": (*_FILED, "started_at", "ended_at", "minutes", "topics", "needs", "contacts"),
}
_REQUIRED: Final[Mapping[Kind, tuple[str, ...]]] = {
    "report": ("id", "village", "observed_at", "category", "level", "text", "source"),
    "visit": ("id", "village", "started_at"),
}
#: Fields that may be put together of several columns.
_JOINED: Final = ("text", "topics", "needs")
#: What nobody was asked for is not known: the grades say so.
_UNKNOWN: Final[Mapping[Kind, Mapping[str, str]]] = {
    "report": {"source_reliability": "F", "information_reliability": "6"},
    "visit": {},
}
_KEYS: Final = ("kind", "time_zone", "columns", "values", "defaults", "contacts")


@dataclass(frozen=True)
class FormMapping:
    """kind: what a row becomes; columns: the file's columns of each field; values: our word for the form's, by field.

    defaults: of fields that are blank or weren't asked for; contacts: the column of each kind that was met, with a
    number or, of a multiple choice in columns of its own, with 0 and 1; zone: of times that name none.
    """

    kind: Kind
    columns: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str]]
    defaults: Mapping[str, str]
    contacts: Mapping[str, str]
    zone: ZoneInfo


def read_mapping(path: Path, contact_kinds: Collection[str], zone: str) -> FormMapping:
    """The mapping in a TOML file; `zone` is that of times where the file names none.

    Raises `InputProblems` with all that is wrong in it.
    """
    log = ProblemLog()
    with opened(path) as file:
        try:
            given = tomllib.load(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
            log.add(path.name, f"isn't TOML: {wrong}", "see docs/formats.md for an example")
            log.stop_if_any()
    kind = next((each for each in FIELDS if each == given.get("kind")), None)
    if kind is None:
        log.add(path.name, f"kind is {shown(given.get('kind', ''))}", f"say one of {', '.join(FIELDS)}", column="kind")
        raise InputProblems(log.problems)
    _known(path, log, "", given, _KEYS)
    columns = _table(path, log, given, "columns")
    values = _table(path, log, given, "values")
    defaults = _table(path, log, given, "defaults")
    contacts = _table(path, log, given, "contacts")
    _known(path, log, "columns", columns, FIELDS[kind])
    _known(path, log, "values", values, FIELDS[kind])
    _known(path, log, "defaults", defaults, FIELDS[kind])
    _known(path, log, "contacts", contacts, contact_kinds if kind == "visit" else ())
    read = FormMapping(
        kind,
        {name: _names(path, log, name, one) for name, one in columns.items()},
        {
            name: {str(a): str(b) for a, b in _table(path, log, values, name, f"values.{name}").items()}
            for name in values
        },
        {**_UNKNOWN[kind], **{name: str(value) for name, value in defaults.items()}},
        {name: str(column) for name, column in contacts.items()},
        _zone(path, log, given.get("time_zone", zone)),
    )
    _complete(path, log, read)
    log.stop_if_any()
    return read


def _complete(path: Path, log: ProblemLog, read: FormMapping) -> None:
    for name in _REQUIRED[read.kind]:
        if name not in read.columns and (name == "id" or name not in read.defaults):
            fix = "name the column of the instance's id: sending twice then stores once"
            fix = fix if name == "id" else f"name its column, or give [defaults] {name} = ..."
            log.add(path.name, f"nothing says where {name} comes from", fix, column=f"columns.{name}")
    if read.kind == "visit" and not {"minutes", "ended_at"} & {*read.columns, *read.defaults}:
        fix = "name the column of minutes or of ended_at, or give [defaults] minutes = ..."
        log.add(path.name, "nothing says how long a visit took", fix, column="columns.minutes")
    if ("latitude" in read.columns) != ("longitude" in read.columns):
        fix = "name both columns, or the one of the geopoint"
        log.add(path.name, "a point needs both latitude and longitude", fix, column="columns.latitude")


def _table(path: Path, log: ProblemLog, given: Mapping[str, Any], name: str, said: str = "") -> dict[str, Any]:
    value = given.get(name, {})
    if isinstance(value, dict):
        return value
    log.add(path.name, f"{said or name} is {shown(value)}", f"write it as a table: [{said or name}]", column=name)
    return {}


def _known(path: Path, log: ProblemLog, table: str, given: Mapping[str, Any], known: Collection[str]) -> None:
    for name in given:
        if name not in known:
            said = ", ".join(known) or "nothing, for this kind"
            log.add(path.name, f"there is no field {shown(name)}", f"it can hold {said}", column=table or None)


def _names(path: Path, log: ProblemLog, field: str, given: Any) -> tuple[str, ...]:
    names = given if isinstance(given, list) else [given]
    if not names or not all(isinstance(name, str) and name for name in names):
        log.add(path.name, f"{shown(given)} names no column", f'write {field} = "column"', column=f"columns.{field}")
        return ()
    if len(names) > 1 and field not in _JOINED:
        fix = f"name one; only {', '.join(_JOINED)} can be put together of several"
        log.add(path.name, f"{field} has several columns", fix, column=f"columns.{field}")
    return tuple(names)


def _zone(path: Path, log: ProblemLog, name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (LookupError, ValueError, OSError):
        log.add(path.name, f"{shown(name)} is no time zone", "such as Asia/Makassar", column="time_zone")
        return ZoneInfo("UTC")
