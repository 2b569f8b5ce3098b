"""Which fact check answers a message, if any: ranked, with the chance that the first is right and the reasons.

Nothing here decides: a match is offered to a person, with its publisher's verdict and link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from rukun.core.text.agreement import FEATURES, Matrix, pair_features
from rukun.core.text.claim_facts import Difference
from rukun.core.text.informal import plainly
from rukun.core.text.meaning import MeaningIndex, embed, vectors_of
from rukun.core.text.postings import Floats, Ints, best
from rukun.core.text.ranker import Ranker, shipped
from rukun.core.text.title_index import MessageWords, TitleIndex

Advice = Literal["match", "suggest", "none"]

#: From these chances on the first fact check is offered as the message's own, or as one worth a look.
MATCH, SUGGEST = 0.9, 0.35
#: Messages with fewer words than this are never more than a suggestion: too little is said.
SHORT: Final = 3
#: With another number, place or a denial it is another claim, however alike the words are.
OTHER_CLAIM: Final = 0.3
#: Candidates that each way of searching gives.
_EACH = 40


@dataclass(frozen=True)
class Match:
    """A fact check and how it agrees with the message.

    row: which title; probability: that it is the message's fact check; lexical: share (0 to 1) of the title's words, by
    worth, that the message holds, misspelt ones in part; character: cosine of character n-grams; meaning: cosine of the
    vectors, or None; differences: facts that the message says otherwise.
    """

    row: int
    probability: float
    lexical: float
    character: float
    meaning: float | None
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Matches:
    """The best fact checks for a message, best first, and what the first deserves."""

    found: tuple[Match, ...]
    advice: Advice


@dataclass(frozen=True)
class Candidates:
    """Titles that may answer a message: rows of the index, their measures and differences."""

    rows: Ints
    features: Matrix
    differences: list[tuple[Difference, ...]]
    message: MessageWords
    by_meaning: bool


class FactCheckIndex:
    """Titles of fact checks, searchable by words and, given vectors, by meaning. It is only read after it is built."""

    def __init__(self, titles: Sequence[str], vectors: Floats | None = None, background: Sequence[str] = ()) -> None:
        """titles: (n,) texts; vectors: (n, d), one for each title, or None; background: messages, for how common words are.

        Raises ValueError if titles and vectors differ in number.
        """
        if vectors is not None and len(vectors) != len(titles):
            raise ValueError(f"{len(vectors)} vectors for {len(titles)} titles: give one for each")
        self.titles = TitleIndex(titles, background)
        self.meaning = MeaningIndex(vectors) if vectors is not None and len(titles) else None

    @classmethod
    def with_meaning(cls, titles: Sequence[str], background: Sequence[str] = ()) -> FactCheckIndex:
        """An index of titles with their vectors. Raises ModuleNotFoundError without `rukun[embeddings]`."""
        return cls(titles, embed([plainly(title) for title in titles]), background)

    def __len__(self) -> int:
        return self.titles.size

    def candidates(self, message: str, vectors: Floats | None = None, without: int | None = None) -> Candidates:
        """The titles that a ranker chooses from, about eighty at most.

        vectors: what `vectors_of` made of the message, else they are made here where the index has vectors; without: a
        row that is left out.
        """
        read = self.titles.read(message)
        rows = self.titles.candidates(read, _EACH) if self.titles.size else np.empty(0, np.int32)
        cosines = None
        if self.meaning is not None:
            cosines = self.meaning.cosines(vectors_of(message) if vectors is None else vectors)
            near = [best(each, np.ones(len(each), np.float32), min(_EACH, len(each))) for each in cosines]
            rows = np.unique(np.concatenate((rows, *near))).astype(np.int32)
        if without is not None:
            rows = rows[rows != without]
        features, differ = pair_features(self.titles, read, rows, None if cosines is None else cosines[:, rows])
        return Candidates(rows, features, differ, read, cosines is not None)

    def match(
        self, message: str, top: int = 5, *, vectors: Floats | None = None, ranker: Ranker | None = None
    ) -> Matches:
        """The best `top` fact checks for a message and what to make of the first. Never raises on a string.

        ranker: the one that came with the library if None.
        """
        return ranked(self.candidates(message, vectors), ranker or shipped(self.meaning is not None), top)


def ranked(candidates: Candidates, ranker: Ranker, top: int = 5) -> Matches:
    """Candidates in a ranker's order, with chances that add up to 1 at most: what is left is "none of these"."""
    if not len(candidates.rows):
        return Matches((), "none")
    scores = ranker.scores(candidates.features)
    order = np.argsort(-scores, kind="stable")
    first = int(order[0])
    chance = ranker.probability(candidates.features, scores)
    if candidates.differences[first]:
        chance = min(chance, OTHER_CLAIM)
    odds = np.exp(scores - scores[first])
    share = odds / odds.sum()
    # the others divide what the first leaves, and none of them is likelier than the first
    others = min(chance / share[first], (1 - chance) / max(1 - share[first], 1e-9))
    found = []
    for place in order[:top]:
        own = dict(zip(FEATURES, candidates.features[place], strict=True))
        found.append(
            Match(
                int(candidates.rows[place]),
                chance if place == first else float(share[place] * others),
                float(own["softly_held"]),
                float(own["character"]),
                float(own["meaning"]) if candidates.by_meaning else None,
                candidates.differences[place],
            )
        )
    return Matches(tuple(found), _advice(chance, candidates.message))


def _advice(chance: float, message: MessageWords) -> Advice:
    if chance >= MATCH and len(message.ids) >= SHORT:
        return "match"
    return "suggest" if chance >= SUGGEST else "none"


def row_of(message: str, rank: int, found: Match, names: Sequence[str]) -> dict[str, object]:
    """A match as a row of a table: ids of the message and of the fact check, then its chance and measures."""
    return {
        "id": message,
        "rank": rank,
        "match": names[found.row],
        "probability": round(found.probability, 4),
        "lexical": round(found.lexical, 4),
        "character": round(found.character, 4),
        "meaning": None if found.meaning is None else round(found.meaning, 4),
    }
