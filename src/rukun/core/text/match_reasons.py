"""Why a fact check was matched to a message: words of both, with where they stand in the message as it was given."""

from __future__ import annotations

from dataclasses import dataclass

from rukun.core.text.claim_words import WORD, function_words, stem
from rukun.core.text.informal import normalise
from rukun.core.text.retrieve import FactCheckIndex, Match

#: Dice coefficient from which a word is shown as another's misspelling.
_SHOWN = 0.6


@dataclass(frozen=True)
class SharedWord:
    """A word of the title that the message has; start, end: its span in the given message; alike: 1, or less if misspelt."""

    title_word: str
    start: int
    end: int
    alike: float


@dataclass(frozen=True)
class OtherFact:
    """A fact that the message says otherwise; start, end: its span in the given message, equal where it says nothing."""

    kind: str
    in_message: str
    in_title: str
    start: int
    end: int


@dataclass(frozen=True)
class MatchReasons:
    """shared: words of the title in the order of the message, each where it stands first; differing: other facts."""

    shared: tuple[SharedWord, ...]
    differing: tuple[OtherFact, ...]


def reasons_of(index: FactCheckIndex, message: str, match: Match) -> MatchReasons:
    """What of a message agrees with a match that the index found for it, and what doesn't."""
    titles = index.titles
    row = range(int(titles.row_at[match.row]), int(titles.row_at[match.row + 1]))
    words_of = {int(titles.columns[place]) for place in row}
    named = {word: number for word, number in titles.vocabulary.items() if number in words_of}
    plain = normalise(message)
    shared: list[SharedWord] = []
    seen: set[str] = set()
    for found in WORD.finditer(plain.text):
        word = stem(found.group())
        if found.group() in function_words():
            continue
        alike = {word: 1.0} if word in named else titles.forms_of(word, named)
        best = max(alike, key=lambda each: alike[each], default="")
        if best and alike[best] >= _SHOWN and best not in seen:
            seen.add(best)
            shared.append(SharedWord(best, *plain.given(*found.span()), alike[best]))
    differing = []
    for other in match.differences:
        span = plain.given(other.start, other.end) if other.end > other.start else (0, 0)
        differing.append(OtherFact(other.kind, other.in_message, other.in_title, *span))
    return MatchReasons(tuple(shared), tuple(differing))
