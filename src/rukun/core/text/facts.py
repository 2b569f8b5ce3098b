"""What a text states that makes it another claim when it is changed: numbers, dates, places, institutions, denials."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from rukun.core.text.informal import normalise
from rukun.core.text.lexicon import known
from rukun.core.text.vocabulary import (
    DOUBTFUL,
    RELATIVE,
    SCALES,
    SINGLE,
    UNITS,
    WEEKDAYS,
    denials,
    institutions,
    months,
    opposites,
    places,
)

Kind = Literal["number", "date", "place", "institution", "negation", "opposite"]


@dataclass(frozen=True)
class Fact:
    """kind; value: the same for the same fact however it is written; start, end: its span in the given text.

    Values: a number in digits ("50000000", "2.5"); a date as day/month/year, ? where it isn't said, a weekday or "besok";
    the name of a place, the short name of an institution; of a denial, what it denies (one word); of one of two
    contraries ("naik", "turun"), the pair and the side ("0+", "0-").
    """

    kind: Kind
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Facts:
    """Facts of a text, in its order."""

    found: tuple[Fact, ...]

    def of(self, kind: Kind) -> frozenset[str]:
        """The values of one kind."""
        return frozenset(fact.value for fact in self.found if fact.kind == kind)


#: The same over words: where it begins, of how many words it is, its kind and value.
Stated = tuple[int, int, Kind, str]

_WORD: Final = re.compile(r"\S+")
_BEGINS_NAME, _NUMERAL, _MONTH, _DAY, _DENIAL, _OPPOSITE, _AREA = range(7)
#: Before these a name follows, whatever it is; directions belong to the name before them.
_AREAS: Final = frozenset(
    ("desa", "kelurahan", "kecamatan", "kabupaten", "dusun", "kampung", "pulau", "kota", "provinsi")
)
_DIRECTIONS: Final = frozenset(("utara", "selatan", "barat", "timur", "tengah", "tenggara", "kepulauan", "raya"))
_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2,4})")
_AMOUNT: Final = re.compile(r"\d+(?:[.,:/]\d+)*")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")


def facts_in(text: str) -> Facts:
    """The facts of a text, in time proportional to its length. Never raises on a string."""
    plain = normalise(text)
    spans = [match.span() for match in _WORD.finditer(plain.text)]
    found = []
    for first, length, kind, value in stated([plain.text[start:end] for start, end in spans]):
        start, end = plain.given(spans[first][0], spans[first + length - 1][1])
        found.append(Fact(kind, value, start, end))
    return Facts(tuple(found))


@cache
def _telling() -> dict[str, int]:
    """What kind of fact a word may begin; words that aren't here begin none, unless they begin with a digit."""
    telling = dict.fromkeys(
        (name.split(" ", 1)[0] for names in (places(), institutions()) for name in names), _BEGINS_NAME
    )
    telling |= dict.fromkeys(opposites(), _OPPOSITE) | dict.fromkeys(_AREAS, _AREA)
    telling |= dict.fromkeys((*UNITS, *SINGLE), _NUMERAL) | dict.fromkeys(months(), _MONTH)
    return telling | dict.fromkeys((*WEEKDAYS, *RELATIVE), _DAY) | dict.fromkeys(denials(), _DENIAL)


def stated(words: Sequence[str]) -> list[Stated]:
    """The facts among words as `normalise` writes them, in order and without overlap."""
    telling = _telling().get
    found: list[Stated] = []
    past, last = 0, len(words)
    for at, word in enumerate(words):
        kind = telling(word)
        if (kind is None and word[0] not in "0123456789") or at < past:
            continue
        fact = _stated_at(words, at, last, kind)
        if fact is not None:
            found.append(fact)
            past = at + fact[1]
    return found


def _stated_at(words: Sequence[str], at: int, last: int, kind: int | None) -> Stated | None:
    word = words[at]
    # a subdistrict is called "2 x 11": a number all the same
    if kind is None or kind == _NUMERAL or word[0].isdigit():
        return _date(words, at, last) or _number(words, at, last)
    if kind == _MONTH:
        year = words[at + 1] if at + 1 < last and _YEAR.fullmatch(words[at + 1]) else ""
        return at, 2 if year else 1, "date", f"?/{months()[word]}/{year or '?'}"
    if kind == _DAY:
        return at, 1, "date", word
    if kind == _DENIAL:
        return (at, 1, "negation", words[at + 1]) if at + 1 < last else None
    if kind == _OPPOSITE:
        pair, side = opposites()[word]
        return at, 1, "opposite", f"{pair}{'+-'[side]}"
    return _name(words, at, last, area=kind == _AREA)


def _name(words: Sequence[str], at: int, last: int, *, area: bool, behind: bool = False) -> Stated | None:
    """The longest name of a place or an institution that begins there."""
    for length in range(min(6, last - at), 0, -1):
        name = " ".join(words[at : at + length])
        if name in institutions():
            return at, length, "institution", institutions()[name]
        if name in places() and (behind or name not in DOUBTFUL):
            return at, length, "place", places()[name]
    if not area or at + 1 >= last:
        return None
    named = _name(words, at + 1, last, area=False, behind=True)
    if named is not None and named[2] == "place":
        return at, named[1] + 1, "place", named[3]
    word = words[at + 1]
    if not word.isalpha() or known(word) or words[at] in ("kota", "provinsi"):
        return None
    more = at + 2 < last and words[at + 2] in _DIRECTIONS
    return at, 3 if more else 2, "place", " ".join(words[at + 1 : at + (3 if more else 2)])


def _date(words: Sequence[str], at: int, last: int) -> Stated | None:
    written = _DATE.fullmatch(words[at])
    if written:
        day, month, year = written.groups()
        return at, 1, "date", f"{int(day)}/{int(month)}/{year if len(year) > 2 else '20' + year.zfill(2)}"
    if at + 1 < last and words[at + 1] in months() and words[at].isdecimal() and 1 <= int(words[at][:4]) <= 31:
        year = words[at + 2] if at + 2 < last and _YEAR.fullmatch(words[at + 2]) else ""
        return at, 3 if year else 2, "date", f"{int(words[at])}/{months()[words[at + 1]]}/{year or '?'}"
    return None


def _number(words: Sequence[str], at: int, last: int) -> Stated | None:
    """Numerals and digits with what multiplies them as one number; "satu" by itself is an article."""
    total = current = 0.0
    part: float | None = None
    end = at
    # behind digits only what multiplies them belongs to the number: "90 juta. Satu ..." is two
    digits = words[at][0].isdigit()
    while end < last and end < at + 12:
        word = words[end]
        if part is None and word in UNITS and not digits:
            part = UNITS[word]
        elif part is None and word in SINGLE and not digits:
            part, scale = 1.0, SINGLE[word]
            current, total, part = _scaled(total, current, part, scale)
        elif part is None and word[0].isdigit() and end == at:
            value = _value(word)
            if value is None:
                return at, 1, "number", word.replace(":", ".")
            part = value
        elif word == "belas" and part is not None and part < 10:
            part += 10
        elif word in SCALES and (part is not None or current):
            current, total, part = _scaled(total, current, part, SCALES[word])
        else:
            break
        end += 1
    value = total + current + (part or 0.0)
    if end == at or (end == at + 1 and words[at] in ("satu", "nol", "kesatu")):
        return None
    return at, end - at, "number", f"{value:.15g}" if value < 1e15 else words[at]


def _scaled(total: float, current: float, part: float | None, scale: int) -> tuple[float, float, float | None]:
    """current, total and no part, after a multiplier: tens and hundreds gather, thousands and above close."""
    if scale < 1000:
        return current + (1.0 if part is None else part) * scale, total, None
    return 0.0, total + (current + (part or 0.0)) * scale, None


def _value(word: str) -> float | None:
    """The number that digits with at most one comma, point or colon stand for; None for a fraction or a longer one."""
    if not _AMOUNT.fullmatch(word) or "/" in word or len(word) > 15:
        return None
    decimal = word.replace(",", ".").replace(":", ".")
    return float(decimal) if decimal.count(".") <= 1 else None
