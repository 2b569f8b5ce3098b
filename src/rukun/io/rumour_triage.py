"""The triage of a file of messages as a table, one row for each rumour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from rukun.core.text.claims import claim_in
from rukun.core.text.harm import harm_of
from rukun.core.text.spreading import spread_of
from rukun.core.text.timing import act_by
from rukun.core.text.told import told
from rukun.core.text.triage import Place, explained, triage
from rukun.io.problems import InputProblems, Problem
from rukun.io.rumours import Messages

Moments: TypeAlias = npt.NDArray[np.datetime64]
#: Messages of a rumour that are read: what it claims is the same in all, and the longest say most.
READ: Final = 5
#: Words shown as reasons.
_REASONS: Final = 4


def triaged(
    messages: Messages,
    group: Sequence[str],
    places: Mapping[str, Place],
    now: dt.datetime | None,
    zone: ZoneInfo,
    voting_day: dt.date | None,
    threshold: float,
    language: Literal["id", "en"],
) -> pd.DataFrame:
    """Priority, advice and reasons of each rumour, the most urgent first; see docs/formats.md for the columns.

    group: of each message; places: by area; now: local time without zone, or None for that of the last message (without
    dates: of all of them). Raises `InputProblems` where a message is later than `now`.
    """
    known = (
        messages.time if messages.time is not None else np.full(len(messages), np.datetime64("NaT"), "datetime64[s]")
    )
    moment = _moment(known, now, zone)
    members: dict[str, list[int]] = {}
    for row, name in enumerate(group):
        members.setdefault(name, []).append(row)
    rows = [
        _row(name, rows, messages, known, moment, places, zone, voting_day, threshold, language)
        for name, rows in members.items()
    ]
    table = pd.DataFrame(rows)
    return table.sort_values(["score", "sightings"], ascending=False, kind="stable", ignore_index=True)


def _moment(known: Moments, now: dt.datetime | None, zone: ZoneInfo) -> np.datetime64:
    dated = known[~np.isnat(known)]
    if now is None:
        return np.datetime64(dated.max() if len(dated) else "1970-01-01T12:00:00", "s")
    at = np.datetime64(now.replace(tzinfo=zone).astimezone(dt.UTC).replace(tzinfo=None), "s")
    late = int((dated > at).sum())
    if late:
        what = f"{late:,} of the messages are later than --now {now:%Y-%m-%d %H:%M}"
        raise InputProblems([Problem("", None, None, what, "give a later moment, or leave it out")])
    return at


def _row(
    name: str,
    rows: list[int],
    messages: Messages,
    known: Moments,
    moment: np.datetime64,
    places: Mapping[str, Place],
    zone: ZoneInfo,
    voting_day: dt.date | None,
    threshold: float,
    language: Literal["id", "en"],
) -> dict[str, object]:
    read = [
        told(messages.text[row])
        for row in sorted(rows, key=lambda row: (-min(len(messages.text[row]), 1000), row))[:READ]
    ]
    harms, claims = [harm_of(one) for one in read], [claim_in(one) for one in read]
    # the most harmful wording counts, and whether any of them claims something
    worst = max(
        range(len(read)), key=lambda k: (harms[k].label != "other", harms[k].chances["violence"], harms[k].probability)
    )
    harm, claim = harms[worst], max(claims, key=lambda one: one.probability)
    times = known[rows]
    # without a date it can only be taken as seen now
    ages = np.where(np.isnat(times), 0.0, (moment - times).astype(np.float64) / 3600)
    areas = [messages.area[row] for row in rows if messages.area[row]] if messages.area is not None else []
    spread = spread_of(ages, areas)
    dated = times[~np.isnat(times)]
    sent = _local(dated.min(), zone) if len(dated) else _local(moment, zone)
    day = voting_day if harm.chances["voting"] >= 0.3 else None
    act = act_by(read[worst], sent, _local(moment, zone), day) if len(dated) or day else None
    found = triage(harm, claim, spread, _worst([places[area] for area in areas if area in places]), act, threshold)
    parts = {f"points_{part.part}": part.points for part in found.parts}
    return {
        "group": name,
        "priority": found.priority,
        "hours": found.hours,
        "score": found.score,
        "advice": found.advice,
        "because": found.because,
        "harm": harm.label,
        "harm_probability": round(harm.probability, 3),
        "claim": claim.holds,
        "claim_probability": round(claim.probability, 3),
        "sightings": spread.sightings,
        "per_hour": round(spread.per_hour.estimate, 3),
        "per_hour_low": round(spread.per_hour.low, 3),
        "per_hour_high": round(spread.per_hour.high, 3),
        "villages": round(spread.villages.estimate, 1),
        "villages_low": round(spread.villages.low, 1),
        "villages_high": round(spread.villages.high, 1),
        "hours_left": round(act.hours, 1) if act else None,
        "words": "; ".join(dict.fromkeys(reason.words for reason in harm.because[:_REASONS] if reason.weight > 0)),
        **parts,
        "explanation": explained(found, language),
    }


def _local(moment: np.datetime64, zone: ZoneInfo) -> dt.datetime:
    utc = dt.datetime.fromtimestamp(int(moment.astype("datetime64[s]").astype(np.int64)), dt.UTC)
    return utc.astimezone(zone).replace(tzinfo=None)


def _worst(found: list[Place]) -> Place:
    forecast = [one.forecast for one in found if one.forecast is not None]
    index = [one.index for one in found if one.index is not None]
    return Place(max(forecast, default=None), max(index, default=None))
