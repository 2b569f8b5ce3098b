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
#: After so many looks that each found something new, what is masked widens.
_PATIENCE: Final = 3


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
    looks = 0
    # what is left after a mask may read differently than before it: look until nothing is found
    while fresh:
        looks += 1
        masked = _masked(text, spans)
        fresh = _placed(_look(masked), spans)
        # a text made so that every look uncovers one more find ("0812*0812*...") loses more with each look: time stays
        # proportional to the length, but for a logarithm
        wider = 8**looks if looks > _PATIENCE else 0
        spans = _merged([*spans, *(_widened(span, wider, len(text)) for span in fresh)])
    return Redaction(masked, tuple(spans))


def _widened(span: Span, by: int, length: int) -> Span:
    return Span(span.kind, max(0, span.start - by), min(length, span.end + by)) if by else span


def _merged(spans: list[Span]) -> list[Span]:
    """The spans in order, those that overlap as one of the first one's kind."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if merged and span.start < merged[-1].end:
            first = merged[-1]
            merged[-1] = Span(first.kind, first.start, max(first.end, span.end))
        else:
            merged.append(span)
    return merged


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
