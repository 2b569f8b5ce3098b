"""A message read once for what it claims and what it could do: its words, their sentences, and the cues among them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from rukun.core.text.cues import Cue, cues_in
from rukun.core.text.informal import Normalised, normalise
from rukun.core.text.weighing import Measure

_WORD: Final = re.compile(r"\S+")
#: Beyond so many characters a message is a book; what it claims stands at its beginning.
READ: Final = 20_000
#: Read as a short word by `normalise`: the roll of voters, not "dapat".
_ACRONYMS: Final = {"DPT": "dpt"}
#: Words of the longest phrase.
LONGEST: Final = 6
Span = tuple[int, int]


@dataclass(frozen=True)
class Told:
    """text: what was read of the given text; words: as `normalise` writes them; sentence: the number of each word's;
    cues: by kind, in order."""

    text: str
    words: tuple[str, ...]
    sentence: tuple[int, ...]
    cues: dict[str, list[Cue]]
    _plain: Normalised
    _spans: tuple[Span, ...]
    _at: dict[int, list[Cue]]

    def given(self, cue: Cue) -> Span:
        """Where a cue stands in the given text."""
        return self.span(cue.first, cue.length)

    def span(self, first: int, length: int) -> Span:
        """Where `length` >= 1 words stand in the given text."""
        return self._plain.given(self._spans[first][0], self._spans[first + length - 1][1])

    def of(self, *kinds: str) -> list[Cue]:
        """The cues of some kinds, in order of the kinds."""
        return [cue for kind in kinds for cue in self.cues.get(kind, ())]

    def near(self, cue: Cue, kinds: Iterable[str], before: int, after: int) -> Cue | None:
        """The nearest cue of some kinds in the same sentence, at most so many words before or after, not overlapping."""
        end = cue.first + cue.length
        nearest, gap = None, max(before, after) + 1
        for first in (*range(max(cue.first - before - LONGEST, 0), cue.first), *range(end, end + after)):
            for other in self._at.get(first, ()):
                past = other.first + other.length
                apart = cue.first - past if past <= cue.first else other.first - end
                within = 0 <= apart <= (before if past <= cue.first else after - 1)
                if within and apart < gap and other.kind in kinds and self.sentence[first] == self.sentence[cue.first]:
                    nearest, gap = other, apart
        return nearest

    def overlaid(self, cue: Cue, kind: str) -> bool:
        """Whether a cue of that kind shares a word with it."""
        words = range(max(cue.first - LONGEST, 0), cue.first + cue.length)
        return any(
            other.kind == kind and other.first + other.length > cue.first
            for first in words
            for other in self._at.get(first, ())
        )


def told(text: str) -> Told:
    """Read a message, in time proportional to its length. Never raises on a string."""
    text = text[:READ]
    plain = normalise(text)
    words, spans, sentence = [], [], []
    at, number = 0, 0
    for match in _WORD.finditer(plain.text):
        number += plain.text.count("\n", at, match.start())
        at = match.end()
        start, end = plain.given(*match.span())
        words.append(_ACRONYMS.get(text[start:end], match.group()))
        spans.append(match.span())
        sentence.append(number)
    cues: dict[str, list[Cue]] = {}
    at_word: dict[int, list[Cue]] = {}
    for cue in cues_in(words):
        cues.setdefault(cue.kind, []).append(cue)
        at_word.setdefault(cue.first, []).append(cue)
    return Told(text, tuple(words), tuple(sentence), cues, plain, tuple(spans), at_word)


def amount(read: Told, cues: Collection[Cue]) -> Measure:
    """How many different words of a kind: the first counts 1, each of three more a half."""
    different = len({read.words[cue.first : cue.first + cue.length] for cue in cues})
    value = min(different, 1) + 0.5 * min(max(different - 1, 0), 3)
    return Measure(value, tuple(dict.fromkeys(read.given(cue) for cue in cues)))


def marked(text: str, pattern: re.Pattern[str]) -> Measure:
    """Whether a pattern stands in the given text, and where."""
    spans = tuple(match.span() for match in pattern.finditer(text))
    return Measure(float(bool(spans)), spans)
