"""What area files say beside code, name, population and polygon: kind, and from when to when an area is one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from rukun.io.areas import FeatureFile
from rukun.io.problems import ProblemLog, shown
from rukun.io.tables import Table
from rukun.io.values import days, words
from rukun.server.territory.models import Level

KINDS = {
    Level.PROVINCE: ("provinsi",),
    Level.REGENCY: ("kabupaten", "kota"),
    Level.SUBDISTRICT: ("kecamatan",),
    Level.VILLAGE: ("desa", "kelurahan"),
}
_DAYS = ("valid_from", "valid_to")


def read_more(source: Table | FeatureFile, log: ProblemLog) -> dict[str, dict[str, Any]]:
    """kind, valid_from and valid_to by code, where the file says them; problems go to the log, with their lines."""
    return _of_features(source, log) if isinstance(source, FeatureFile) else _of_table(source, log)


def _of_table(source: Table, log: ProblemLog) -> dict[str, dict[str, Any]]:
    if source.name("code") is None:
        return {}
    # opened anew: the table has been read and settled once
    table = Table(source.path, source.role, {}, log)
    wanted = [column for column in ("kind", *_DAYS) if table.name(column) is not None]
    if not wanted:
        return {}
    batch = table.read(["code", *wanted])
    found: dict[str, dict[str, Any]] = {code: {} for code in words(batch, "code").to_pylist()}
    records = list(found.values())
    for column in wanted:
        if column in _DAYS:
            first, last, good = days(batch, column, table, blank="allowed")
            for row, record in enumerate(records):
                if good[row] and first[row] != last[row]:
                    table.report(batch.row[row : row + 1], column, [f"{first[row]} to {last[row]} isn't one day"], _FIX)
                elif good[row]:
                    record[column] = first[row].item()
        else:
            for record, kind in zip(records, words(batch, column).to_pylist(), strict=True):
                if kind:
                    record[column] = kind.lower()
    table.settle()
    return found


_FIX = "expected YYYY-MM-DD"


def _of_features(source: FeatureFile, log: ProblemLog) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row, feature in enumerate(source.properties):
        record = found.setdefault(str(feature.get("code", "")).strip(), {})
        if kind := str(feature.get("kind") or "").strip():
            record["kind"] = kind.lower()
        for column in _DAYS:
            said = str(feature.get(column) or "").strip()
            try:
                if said:
                    record[column] = dt.date.fromisoformat(said)
            except ValueError:
                log.add(source.file, f"{shown(said)} is not a date", _FIX, row + 1, column)
    return found
