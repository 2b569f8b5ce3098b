"""Masking of personal data in Indonesian text, before anything of it is stored.

Numbers, addresses and accounts are found by patterns for the spellings that field reports use and by the library
`lokal-id`; names by the words before them: honorifics, roles, "bernama". Places, offices and institutions stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rukun.core.text.kinds import MASK_PATTERN, MASKS, Found, Kind
from rukun.core.text.names import names_in
from rukun.core.text.networks import networks_in
from rukun.core.text.numbers import numbers_in
from rukun.core.text.plain import plain

__all__ = ["MASKS", "Kind", "Redaction", "Span", "redact"]

#: Where two finds overlap, the first of these is kept.
_RANK: Final = {
    kind: rank
    for rank, kind in enumerate(("email", "handle", "kk", "nik", "account", "phone", "number", "plate", "name"))
}
_MASK: Final = re.compile(MASK_PATTERN)


@dataclass(frozen=True)
class Span:
    """Personal data in a text: its kind and where it begins and ends, in characters."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class Redaction:
    """text: as it may be stored; spans: what was masked, by its place in the original, in order and without overlap."""

    text: str
    spans: tuple[Span, ...]


def redact(text: str) -> Redaction:
    """The text with personal data masked; masking it again changes nothing. Never raises on a string."""
    masked, spans = text, [Span(*found) for found in _look(text)]
    fresh = spans
    # what is left after a mask may read differently than before it: look until nothing is found
    while fresh:
        masked = _masked(text, spans)
        fresh = _placed(_look(masked), spans)
        spans = sorted([*spans, *fresh], key=lambda span: span.start)
    return Redaction(masked, tuple(spans))


def _masked(text: str, spans: list[Span]) -> str:
    parts: list[str] = []
    at = 0
    for span in spans:
        parts += [text[at : span.start], MASKS[span.kind]]
        at = span.end
    return "".join([*parts, text[at:]])


def _placed(found: list[Found], spans: list[Span]) -> list[Span]:
    """Finds in the masked text as spans of the original; they never touch a mask."""
    placed: list[Span] = []
    shift, index = 0, 0
    for kind, start, end in found:
        while index < len(spans) and spans[index].start + shift < start:
            shift += len(MASKS[spans[index].kind]) - (spans[index].end - spans[index].start)
            index += 1
        placed.append(Span(kind, start - shift, end - shift))
    return placed


def _look(text: str) -> list[Found]:
    """One look at a text: finds in order, without overlap, none of them over a mask that is there already."""
    read = plain(text)
    found = [*numbers_in(read.text), *networks_in(read.text)]
    found += [("name", start, end) for start, end in names_in(read.text)]
    if not found:
        return []
    taken = bytearray(len(text))
    for match in _MASK.finditer(text):
        taken[match.start() : match.end()] = b"\1" * len(match.group())
    kept: list[Found] = []
    for kind, start, end in sorted(found, key=lambda item: (_RANK[item[0]], item[1] - item[2], item[1])):
        begin, stop = read.given(start, end)
        if not any(taken[begin:stop]):
            taken[begin:stop] = b"\1" * (stop - begin)
            kept.append((kind, begin, stop))
    return sorted(kept, key=lambda item: item[1])
