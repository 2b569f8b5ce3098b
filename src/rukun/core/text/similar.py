"""Near-duplicates: messages that are one rumour in many copies, grouped as they come in.

Copies differ by what is added before and after, cut off, mistyped, abbreviated, moved about; they are one group. A text
in which a number, a date, a place, an institution, a name or a denial is another is another claim, however alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from rukun.core.text import grouping as g
from rukun.core.text.informal import Normalised, normalise
from rukun.core.text.overlap import DENIAL, NOTHING, overlap
from rukun.core.text.sequences import Batch, read, read_plain

#: Share of the letters of the shorter text that must lie in common passages, and of the longer one.
SIMILAR: Final = 0.5
COVER: Final = 0.22
_BATCH: Final = 2000
_Array = TypeVar("_Array", bound=NDArray[Any])
#: A passage of the one text and of the other: begin and end in characters of the texts as given.
Passage: TypeAlias = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Placed:
    """group: (n,) int64 group of each message, numbered as they appear; similarity: (n,) to the nearest of its group.

    The first of a group, and one that reads the same as another, has 1.
    """

    group: NDArray[np.int64]
    similarity: NDArray[np.float32]


@dataclass(frozen=True)
class Comparison:
    """Why two messages are one rumour, or are not.

    verdict: "same"; "other fact" or "other denial" if all is alike but that, which `differing` shows; "too short" to be
    judged unless they read the same; "different". similarity: share of the letters of the shorter one that lies in
    common passages. shared: these passages, in the order of the first text.
    """

    verdict: Literal["same", "other fact", "other denial", "too short", "different"]
    similarity: float
    shared: tuple[Passage, ...]
    differing: Passage | None


class Grouper:
    """Groups messages as they come in; what it holds grows with the groups, and by 16 bytes with each message."""

    def __init__(self, similar: float = SIMILAR, cover: float = COVER) -> None:
        """`similar` and `cover`: shares of the letters of the shorter and of the longer text that must be common."""
        self._similar, self._cover = similar, cover
        self._count = np.zeros(6, dtype=np.int64)
        self._holder = np.zeros((0, 5), dtype=np.int32)
        self._word = np.zeros((0, 3), dtype=np.uint64)
        self._kind, self._letters = np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.uint8)
        self._parent, self._head = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
        self._holders, self._shared = np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.uint8)
        self._keys, self._heads = np.zeros(1 << 12, dtype=np.uint32), np.zeros(1 << 12, dtype=np.int32)
        self._nodes = np.zeros((0, 2), dtype=np.int32)
        self._texts, self._seen = np.zeros(1 << 10, dtype=np.uint64), np.zeros(1 << 10, dtype=np.int32)
        self._common = np.zeros(1 << 20, dtype=np.uint16)
        self._placed: list[NDArray[np.int32]] = []

    def add(self, messages: Sequence[str]) -> Placed:
        """Place messages; groups may later turn out to be one, which `groups` knows."""
        return self.add_read(read(messages))

    def add_read(self, batch: Batch) -> Placed:
        """The same for messages that were read before (`sequences.read`), perhaps by another process."""
        number = len(batch.text)
        self._make_room(number, len(batch.word), batch.sketch.size)
        group, similarity = np.zeros(number, dtype=np.int32), np.zeros(number, dtype=np.float32)
        g.place(
            batch.first, batch.word, batch.kind, batch.letters, batch.text, batch.sketch, self._count, self._holder,
            self._word, self._kind, self._letters, self._parent, self._head, self._holders, self._keys, self._heads,
            self._nodes, self._texts, self._seen, self._shared, self._common, self._similar, self._cover, group, similarity,
        )  # fmt: skip
        self._placed.append(group)
        return Placed(group.astype(np.int64), similarity)

    def groups(self) -> NDArray[np.int64]:
        """(n,) the group of every message so far, in the order in which they came."""
        root = np.arange(int(self._count[g.N_GROUPS]))
        for group in range(len(root)):
            # a group is only ever merged into an older one
            root[group] = root[self._parent[group]] if self._parent[group] != group else group
        placed = np.concatenate(self._placed) if self._placed else np.zeros(0, dtype=np.int32)
        return root[placed].astype(np.int64)

    def _make_room(self, messages: int, words: int, sketched: int) -> None:
        count = [int(number) for number in self._count]
        self._holder = _grown(self._holder, count[g.N_HOLDERS] + messages)
        self._shared = _grown(self._shared, count[g.N_HOLDERS] + messages)
        self._word = _grown(self._word, count[g.N_WORDS] + words)
        self._kind = _grown(self._kind, count[g.N_WORDS] + words)
        self._letters = _grown(self._letters, count[g.N_WORDS] + words)
        self._parent = _grown(self._parent, count[g.N_GROUPS] + messages)
        self._head = _grown(self._head, count[g.N_GROUPS] + messages)
        self._holders = _grown(self._holders, count[g.N_GROUPS] + messages)
        self._nodes = _grown(self._nodes, count[g.N_NODES] + sketched)
        size = _table(len(self._keys), count[g.N_KEYS] + sketched)
        if size > len(self._keys):
            keys, heads = np.zeros(size, dtype=np.uint32), np.zeros(size, dtype=np.int32)
            g.rehash(self._keys, self._heads, keys, heads)
            self._keys, self._heads = keys, heads
        size = _table(len(self._texts), count[g.N_TEXTS] + messages)
        if size > len(self._texts):
            texts, seen = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.int32)
            g.rehash_texts(self._texts, self._seen, texts, seen)
            self._texts, self._seen = texts, seen


def group_messages(messages: Iterable[str], jobs: int = 1, similar: float = SIMILAR, cover: float = COVER) -> Placed:
    """Groups of messages, read in their order; with several `jobs`, processes read what one places.

    Returns groups numbered from 0 as they appear, each message's similarity to the nearest of its group.
    """
    grouper = Grouper(similar, cover)
    pieces = _pieces(messages)
    if jobs == 1:
        placed = [grouper.add(piece) for piece in pieces]
    else:
        readers = Parallel(n_jobs=jobs, return_as="generator", pre_dispatch="3*n_jobs")
        placed = [grouper.add_read(batch) for batch in readers(delayed(read)(piece) for piece in pieces)]
    _, group = np.unique(grouper.groups(), return_inverse=True)
    parts = [np.zeros(0, dtype=np.float32), *(part.similarity for part in placed)]
    return Placed(group.astype(np.int64), np.concatenate(parts))


def compare(one: str, other: str, similar: float = SIMILAR, cover: float = COVER) -> Comparison:
    """Why two messages are one rumour or are not, with the passages in the texts as given."""
    plain = normalise(one), normalise(other)
    batch = read_plain([plain[0].text, plain[1].text])
    middle = int(batch.first[1])
    a, b = slice(0, middle), slice(middle, None)
    to = np.full(middle, -1, dtype=np.int64)
    same, differs, at_a, at_b = overlap(
        batch.word[a], batch.kind[a], batch.letters[a], batch.word[b], batch.kind[b], batch.letters[b], to
    )
    less, more = sorted((int(batch.letters[a].sum()), int(batch.letters[b].sum())))
    share = min(same / less, 1.0) if less else 0.0
    span_a, span_b = batch.span[a], batch.span[b]
    shared = tuple(
        (_given(plain[0], span_a[i], span_a[j]), _given(plain[1], span_b[to[i]], span_b[to[j]])) for i, j in _runs(to)
    )
    differing = None
    if differs != NOTHING and share >= 0.5 * similar:
        differing = _given(plain[0], span_a[at_a], span_a[at_a]), _given(plain[1], span_b[at_b], span_b[at_b])
    if batch.text[0] == batch.text[1]:
        return Comparison("same", 1.0, shared, None)
    if differing is not None:
        return Comparison("other denial" if differs == DENIAL else "other fact", share, shared, differing)
    if less < g.LEAST_LETTERS or min(middle, len(to) and len(span_b)) < g.LEAST_WORDS:
        return Comparison("too short", share, shared, None)
    return Comparison("same" if share >= similar and same / more >= cover else "different", share, shared, None)


def _runs(to: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """First and last word of each stretch of words that follow each other in both texts."""
    begin = None
    for i, j in enumerate(to):
        if begin is not None and (j < 0 or j != to[i - 1] + 1):
            yield begin, i - 1
            begin = None
        if begin is None and j >= 0:
            begin = i
    if begin is not None:
        yield begin, len(to) - 1


def _given(plain: Normalised, first: NDArray[np.int32], last: NDArray[np.int32]) -> tuple[int, int]:
    return plain.given(int(first[0]), int(last[1]))


def _pieces(messages: Iterable[str]) -> Iterator[list[str]]:
    source = iter(messages)
    while piece := list(islice(source, _BATCH)):
        yield piece


def _grown(array: _Array, needed: int) -> _Array:
    if len(array) >= needed:
        return array
    larger = np.zeros((max(needed, len(array) * 3 // 2), *array.shape[1:]), dtype=array.dtype)
    larger[: len(array)] = array
    return cast(_Array, larger)


def _table(size: int, needed: int) -> int:
    """A power of two that is at least twice of what is needed."""
    while size < 2 * needed:
        size *= 2
    return size
