"""Titles of fact checks as an index: words, their worth, their likeness to misspelt ones, and candidates for a message."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np

from rukun.core.text import postings
from rukun.core.text.claim_words import ClaimWords, claim_words, framing_stems
from rukun.core.text.postings import BUCKETS, Floats, Ints, Longs

#: What a function word or a word of framing is worth beside another of the same rarity.
_FRAMING = 0.25
#: What a word that no title has is worth.
_RAREST = 8.0
#: Messages of the background that are read; more change nothing.
_BACKGROUND = 20_000
#: Dice coefficient of 2- and 3-grams from which a word counts as a misspelling or a form of another.
_ALIKE = 0.5
_K1, _B = 1.2, 0.75
#: Different words of a message that are looked at: a longer one repeats itself or isn't one claim.
_WORDS = 150
#: Postings read for one message; common words are left out beyond it, which over 100,000 titles changes no answer.
BUDGET = 3_000_000


@dataclass(frozen=True)
class MessageWords:
    """A message as the index sees it.

    ids: the message's words in order, -1 where no title has the word; hard, soft: words of titles that the message has,
    and how alike (0 to 1) those are that it has in another form; worth: of all its words together.
    """

    words: ClaimWords
    ids: Ints
    hard: Ints
    soft_words: Ints
    soft: Floats
    worth: float


class TitleIndex:
    """Built once from titles; it is only read afterwards."""

    def __init__(self, titles: Sequence[str], background: Sequence[str] = ()) -> None:
        """titles: texts in the order of the rows, blank ones too; background: messages of the same time and place."""
        read = [claim_words(title) for title in titles]
        self.plain = [words.plain for words in read]
        self.size = len(read)
        vocabulary: dict[str, int] = {}
        rows = [[vocabulary.setdefault(word, len(vocabulary)) for word in dict.fromkeys(words.stems)] for words in read]
        self.vocabulary = vocabulary
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        self.row_at: Longs = np.concatenate(([0], np.cumsum(lengths)))
        self.columns: Ints = np.fromiter(chain.from_iterable(rows), np.int32, int(self.row_at[-1]))
        self.post_at, self.posts = postings.inverted(self.row_at, self.columns, len(vocabulary))
        self.worth = self._worths(background)
        self.lengths = lengths.astype(np.float32)
        mean = float(lengths.mean()) if self.size else 1.0
        self.by_length: Floats = ((_K1 + 1) / (1 + _K1 * (1 - _B + _B * lengths / max(mean, 1e-9)))).astype(np.float32)
        total = np.add.reduceat(np.append(self.worth[self.columns], 0.0), self.row_at[:-1]) if self.size else lengths
        self.total: Floats = np.where(lengths > 0, total, 0.0).astype(np.float32)
        self.by_total: Floats = (1 / np.maximum(self.total, 1e-3) ** 0.75).astype(np.float32)
        codes, at = _codes(list(vocabulary))
        short_at, short = postings.grams(codes, at, 2, 3)
        self._short_sizes = np.diff(short_at).astype(np.int32)
        self._short_at, self._short_words = postings.inverted(short_at, short, BUCKETS)
        self._hits = np.zeros(len(vocabulary), np.int32)
        self.gram_at, self.buckets = postings.grams(codes, at, 3, 5)
        self.gram_worth = self._gram_worths()
        self._forms: dict[str, tuple[Ints, Floats]] = {}

    def read(self, message: str) -> MessageWords:
        """The words of a message in the index's terms."""
        words = claim_words(message)
        ids = np.array([self.vocabulary.get(word, -1) for word in words.stems], dtype=np.int32)
        distinct = list(dict.fromkeys(words.stems))
        hard = {self.vocabulary[word] for word in distinct if word in self.vocabulary}
        soft: dict[int, float] = {}
        for word in distinct[:_WORDS]:
            for other, likeness in zip(*self._alike(word), strict=True):
                soft[int(other)] = max(soft.get(int(other), 0.0), float(likeness))
        for joined in chain(_glued(words.words[:_WORDS]), _initials(words.words[:_WORDS])):
            if joined in self.vocabulary:
                soft[self.vocabulary[joined]] = 0.9
        soft = {word: likeness for word, likeness in soft.items() if word not in hard}
        worth = sum(map(self._worth_of, distinct))
        return MessageWords(
            words,
            ids,
            np.array(sorted(hard), dtype=np.int32),
            np.array(list(soft), dtype=np.int32),
            np.array(list(soft.values()), dtype=np.float32),
            worth,
        )

    def candidates(self, message: MessageWords, each: int) -> Ints:
        """Rows that share most with a message: the `each` best by sum (BM25) and by the share of the title's words."""
        words = np.concatenate((message.hard, message.soft_words))
        likeness = np.concatenate((np.ones(len(message.hard), np.float32), message.soft * message.soft))
        gains = self.worth[words] * likeness
        order = np.argsort(-gains, kind="stable")
        scores = np.zeros(self.size, np.float32)
        postings.add_up(words[order], gains[order], self.post_at, self.posts, BUDGET, scores)
        found = [
            postings.best(scores, scale, min(each, max(self.size, 1))) for scale in (self.by_length, self.by_total)
        ]
        return np.unique(np.concatenate(found))

    def gram_weights(self, words: Sequence[str]) -> Floats:
        """Character n-grams (3 to 5) of words as a vector of length 1 over the buckets, rarer ones weighing more."""
        weights = np.zeros(BUCKETS, np.float32)
        codes, at = _codes([word for word in dict.fromkeys(words) if word not in framing_stems()])
        _, buckets = postings.grams(codes, at, 3, 5)
        if len(buckets):
            distinct, counts = np.unique(buckets, return_counts=True)
            weights[distinct] = self.gram_worth[distinct] * (1 + np.log(counts))
            weights /= np.linalg.norm(weights[distinct]) or 1.0
        return weights

    def forms_of(self, word: str, among: Mapping[str, int]) -> dict[str, float]:
        """How alike (0 to 1) a word is to those words of the index, by number, that it may be another form of."""
        likeness = dict(zip(*(each.tolist() for each in self._alike(word)), strict=True))
        return {other: likeness[number] for other, number in among.items() if number in likeness}

    def _alike(self, word: str) -> tuple[Ints, Floats]:
        if len(word) < 4 or not word.isalpha() or len(word) > 30:
            return np.empty(0, np.int32), np.empty(0, np.float32)
        known = self._forms.get(word)
        if known is None:
            codes, at = _codes([word])
            _, buckets = postings.grams(codes, at, 2, 3)
            widest = max(2000, len(self.vocabulary) // 50)
            args = (self._short_at, self._short_words, self._short_sizes, widest, _ALIKE, self._hits)
            known = postings.alike(buckets, *args)
            if len(self._forms) >= 1 << 16:
                self._forms.clear()
            self._forms[word] = known
        return known

    def _worth_of(self, word: str) -> float:
        if word in self.vocabulary:
            return float(self.worth[self.vocabulary[word]])
        return _RAREST * (_FRAMING if word in framing_stems() else 1.0)

    def _worths(self, background: Sequence[str]) -> Floats:
        """What each word is worth. Words that are rare in titles may be common in messages ("terima kasih", "klik")."""
        texts, documents = self.size, np.diff(self.post_at).astype(np.float64)
        sample = background[:: -(-len(background) // _BACKGROUND) or 1]
        for message in sample:
            known = [self.vocabulary[word] for word in set(claim_words(message).stems) if word in self.vocabulary]
            documents[known] += 1
        texts += len(sample)
        # the rarest word is worth the same whatever the index holds: the ranker's weights are for any size
        worth = _RAREST * np.log(1 + (texts - documents + 0.5) / (documents + 0.5)) / math.log(2 * texts + 2)
        framing = np.array([word in framing_stems() for word in self.vocabulary], dtype=bool)
        return np.where(framing, worth * _FRAMING, worth).astype(np.float32)

    def _gram_worths(self) -> Floats:
        """Inverse document frequency of each bucket; framing words have none of their own to give."""
        titles = np.zeros(BUCKETS, np.float64)
        np.add.at(titles, self.buckets, np.repeat(np.diff(self.post_at), np.diff(self.gram_at)))
        return (np.log((1 + self.size) / (1 + np.minimum(titles, self.size))) + 1).astype(np.float32)


def _codes(words: Sequence[str]) -> tuple[Ints, Longs]:
    at = np.concatenate(([0], np.cumsum([len(word) for word in words], dtype=np.int64))).astype(np.int64)
    text = "".join(words).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(text, dtype=np.int32), at


def _glued(words: Sequence[str]) -> set[str]:
    return {one + other for one, other in pairwise(words)}


def _initials(words: Sequence[str]) -> set[str]:
    """Initials of three to five words that follow each other: "otoritas jasa keuangan" is "ojk"."""
    first = "".join(word[0] for word in words)
    return {first[at : at + n] for n in (3, 4, 5) for at in range(len(first) - n + 1)}
