"""When what a message speaks of is to happen: until then an answer helps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from rukun.core.text.facts import facts_in
from rukun.core.text.told import Told, told

#: Days from today, and the hour of the day at which it is too late.
_SOON: Final = {
    "malam ini": (0, 19), "nanti malam": (0, 19), "tonight": (0, 19), "nanti sore": (0, 15), "sore ini": (0, 15), "siang ini": (0, 11),
    "nanti siang": (0, 11), "hari ini": (0, 18), "today": (0, 18), "tengah malam": (0, 23), "nanti subuh": (1, 4), "subuh nanti": (1, 4),
    "besok malam": (1, 19), "besok sore": (1, 15), "besok siang": (1, 11), "besok pagi": (1, 6), "besok subuh": (1, 4), "besok": (1, 6),
    "tomorrow night": (1, 19), "tomorrow": (1, 6), "lusa": (2, 6), "minggu depan": (7, 6), "pekan depan": (7, 6), "next week": (7, 6),
}  # fmt: skip
_WEEKDAY: Final = {
    name: number
    for number, names in enumerate(
        (
            "senin monday",
            "selasa tuesday",
            "rabu wednesday",
            "kamis thursday",
            "jumat jum'at friday",
            "sabtu saturday",
            "minggu ahad sunday",
        )
    )
    for name in names.split()
}
_PHRASES: Final = tuple(sorted(_SOON, key=len, reverse=True))
#: Hour of a day that is only named.
_MORNING: Final = 6
#: A date further off than this is no reason for haste; one further back is told of, not announced.
_FAR: Final = dt.timedelta(days=60)


@dataclass(frozen=True)
class ActBy:
    """hours: until it is too late, 0 or more; words, start, end: what says so in the message, "" where a calendar does."""

    hours: float
    words: str
    start: int
    end: int


def act_by(text: str | Told, sent: dt.datetime, now: dt.datetime, voting_day: dt.date | None = None) -> ActBy | None:
    """By when an answer helps, or None where nothing says so or it is past; the earliest of what is named.

    sent: when the message was seen first ("besok" is the day after); now, in the same local time, both without zone.
    voting_day: given where the message speaks of voting.
    """
    read = told(text) if isinstance(text, str) else text
    found = [
        ActBy((when - now).total_seconds() / 3600, read.text[start:end], start, end)
        for when, start, end in (*_spoken(read, sent), *_dated(read, sent))
    ]
    if voting_day is not None:
        opening = dt.datetime.combine(voting_day, dt.time(7))
        found.append(ActBy((opening - now).total_seconds() / 3600, "", 0, 0))
    ahead = [one for one in found if 0 <= one.hours <= _FAR.total_seconds() / 3600]
    return min(ahead, key=lambda one: one.hours, default=None)


def _spoken(read: Told, sent: dt.datetime) -> list[tuple[dt.datetime, int, int]]:
    """Days that are told from today: "nanti malam", "Senin"."""
    found = []
    at = 0
    while at < len(read.words):
        phrase = next(
            (said for said in _PHRASES if tuple(said.split()) == read.words[at : at + said.count(" ") + 1]), ""
        )
        length = phrase.count(" ") + 1
        if phrase:
            days, hour = _SOON[phrase]
            found.append((_at(sent, days, hour), *read.span(at, length)))
        elif read.words[at] in _WEEKDAY and (
            read.words[at] != "minggu" or read.words[at - 1 : at] in (("hari",), ("malam",))
        ):
            days = (_WEEKDAY[read.words[at]] - sent.weekday()) % 7
            found.append((_at(sent, days, _MORNING), *read.span(at, 1)))
        at += length
    return found


def _dated(read: Told, sent: dt.datetime) -> list[tuple[dt.datetime, int, int]]:
    """Dates by number; one without a year is the next such day."""
    found = []
    for fact in facts_in(read.text).found:
        day, _, rest = fact.value.partition("/")
        month, _, year = rest.partition("/")
        if fact.kind != "date" or not (day.isdecimal() and month.isdecimal()):
            continue
        for given in [int(year)] if year.isdecimal() else [sent.year, sent.year + 1]:
            try:
                when = dt.datetime(given, int(month), int(day), _MORNING)
            except ValueError:
                continue
            if when.date() >= sent.date():
                found.append((when, fact.start, fact.end))
                break
    return found


def _at(sent: dt.datetime, days: int, hour: int) -> dt.datetime:
    return dt.datetime.combine(sent.date() + dt.timedelta(days=days), dt.time(hour))
