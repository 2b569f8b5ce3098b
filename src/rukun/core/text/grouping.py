"""The state of a streaming grouping, and the one step that a message takes through it.

A group is held by a few of its messages. A new message looks up its sketch, is compared with the holders of the groups
that share most of it, and joins the most similar one whose holders state nothing to the contrary.
"""

from __future__ import annotations

from typing import TypeAlias

import numba as nb
import numpy as np
from numpy.typing import NDArray

from rukun.core.text.overlap import NOTHING, overlap
from rukun.core.text.sequences import SKETCH, Words

Ints: TypeAlias = NDArray[np.int64]
Small: TypeAlias = NDArray[np.int32]
Bytes: TypeAlias = NDArray[np.uint8]

#: Shared parts of the sketch that make a candidate, groups that are compared, what a part tied to a fact counts for.
SHARED, CANDIDATES, TIE = 2, 16, 3
#: Holders of a group, and how often one part of a sketch is remembered.
HOLDERS, REMEMBERED = 5, 48
#: A message with fewer words or letters is only grouped with one that reads the same.
LEAST_WORDS, LEAST_LETTERS = 4, 16
#: What more groups than this begin alike, and more than this share of them, hardly counts: greetings, comments, forms.
COMMON, COMMON_SHARE, COMMON_WEIGHT = 12, 0.004, 0.2
#: Columns of a holder: its first word, its words, its letters, its group, the next holder of the group.
FIRST, WORDS, LETTERS, GROUP, NEXT = range(5)
#: Counters of the state.
N_HOLDERS, N_WORDS, N_GROUPS, N_NODES, N_KEYS, N_TEXTS = range(6)


@nb.njit(cache=True, nogil=True)
def root(parent: Small, group: int) -> int:
    """The group that a group was merged into."""
    while parent[group] != group:
        parent[group] = parent[parent[group]]
        group = int(parent[group])
    return group


@nb.njit(cache=True, nogil=True)
def _slot(keys: NDArray[np.uint32], key: np.uint32) -> int:
    mask = len(keys) - 1
    at = int((np.int64(key) * 40503 + (np.int64(key) >> 15)) & mask)
    while keys[at] and keys[at] != key:
        at = (at + 1) & mask
    return at


@nb.njit(cache=True, nogil=True)
def rehash(keys: NDArray[np.uint32], heads: Small, new_keys: NDArray[np.uint32], new_heads: Small) -> None:
    """Move what is remembered to larger tables."""
    for at in range(len(keys)):
        if keys[at]:
            slot = _slot(new_keys, keys[at])
            new_keys[slot], new_heads[slot] = keys[at], heads[at]


@nb.njit(cache=True, nogil=True)
def rehash_texts(texts: Words, groups: Small, new_texts: Words, new_groups: Small) -> None:
    """The same for texts that were seen."""
    for at in range(len(texts)):
        if texts[at]:
            slot = _text_slot(new_texts, texts[at])
            new_texts[slot], new_groups[slot] = texts[at], groups[at]


@nb.njit(cache=True, nogil=True)
def _text_slot(texts: Words, text: np.uint64) -> int:
    mask = np.uint64(len(texts) - 1)
    at = int(text & mask)
    while texts[at] and texts[at] != text:
        at = int(np.uint64(at + 1) & mask)
    return at


@nb.njit(cache=True, nogil=True)
def _three(word: Words, row: int, size: int) -> int:
    h = word[row, 0] * np.uint64(3) ^ (word[row + 1, 0] >> np.uint64(1)) ^ (word[row + 2, 0] >> np.uint64(7))
    return int((h ^ (h >> np.uint64(29))) & np.uint64(size - 1))


@nb.njit(cache=True, nogil=True)
def _weigh(word: Words, letters: Bytes, common: NDArray[np.uint16], limit: int, weight: NDArray[np.float64]) -> None:
    """Fills in what each word counts: its letters, a fifth of them where it is part of what many groups say."""
    n = len(word)
    for row in range(n):
        weight[row] = letters[row]
    for row in range(n - 2):
        if common[_three(word, row, len(common))] > limit:
            for step in range(3):
                weight[row + step] = COMMON_WEIGHT * letters[row + step]


@nb.njit(cache=True, nogil=True)
def _remember(
    sketch: NDArray[np.uint32], holder: int, count: Ints, keys: NDArray[np.uint32], heads: Small, nodes: Small
) -> None:
    """Note a holder under each part of its sketch; of what too many share, some are forgotten, spread evenly."""
    for key in sketch:
        if key == 0:
            continue
        slot = _slot(keys, key)
        if keys[slot] == 0:
            keys[slot], heads[slot] = key, -1
            count[N_KEYS] += 1
        length, node = 0, heads[slot]
        while node >= 0:
            length += 1
            node = nodes[node, 1]
        if length < REMEMBERED:
            node = count[N_NODES]
            count[N_NODES] += 1
            nodes[node, 0], nodes[node, 1], heads[slot] = holder, heads[slot], node
        else:
            node = heads[slot]
            for _ in range((holder * 2654435761) % REMEMBERED):
                node = nodes[node, 1]
            nodes[node, 0] = holder


@nb.njit(cache=True, nogil=True)
def _candidates(
    sketch: NDArray[np.uint32], keys: NDArray[np.uint32], heads: Small, nodes: Small, shared: Bytes, touched: Small,
    holder: Small, parent: Small,
) -> Small:  # fmt: skip
    """The groups of the holders that share most of a sketch, those with most first; leaves `shared` zero.

    A shingle tied to a fact counts for TIE others: of texts that differ in a fact alone, the one with ours comes first.
    """
    number = 0
    for k in range(len(sketch)):
        if sketch[k] == 0:
            continue
        slot = _slot(keys, sketch[k])
        node = heads[slot] if keys[slot] else -1
        while node >= 0:
            h = nodes[node, 0]
            if shared[h] == 0:
                touched[number] = h
                number += 1
            shared[h] += 1 if k < SKETCH else TIE
            node = nodes[node, 1]
    best, score = np.full(CANDIDATES, -1, dtype=np.int32), np.zeros(CANDIDATES, dtype=np.int64)
    for t in range(number):
        points = int(shared[touched[t]])
        shared[touched[t]] = 0
        if points < SHARED or points <= score[CANDIDATES - 1]:
            continue
        group = root(parent, int(holder[touched[t], GROUP]))
        last = 0
        while last < CANDIDATES - 1 and best[last] >= 0 and best[last] != group:
            last += 1
        if best[last] == group and score[last] >= points:
            continue
        if best[last] >= 0 and best[last] != group:
            last = CANDIDATES - 1
        while last > 0 and score[last - 1] < points:
            score[last], best[last] = score[last - 1], best[last - 1]
            last -= 1
        score[last], best[last] = points, group
    return best


@nb.njit(cache=True, nogil=True)
def place(
    first: Ints, word: Words, kind: Bytes, letters: Bytes, text: Words, sketch: NDArray[np.uint32],
    count: Ints, holder: Small, held: Words, held_kind: Bytes, held_letters: Bytes, parent: Small, head: Small,
    holders: Bytes, keys: NDArray[np.uint32], heads: Small, nodes: Small, texts: Words, seen: Small, shared: Bytes,
    common: NDArray[np.uint16], threshold: float, cover: float, group: Small, similarity: NDArray[np.float32],
) -> None:  # fmt: skip
    """Places the messages of a batch one after the other; fills `group` and `similarity`, changes the state.

    The state: holder (h, 5) as the columns above say, with their words in held*; parent, head, holders by group; keys,
    heads and nodes say which holders share a part of a sketch; texts and seen, which group a text went to; shared is
    working space; common counts the groups that begin a passage of three words alike. All are large enough for the batch.
    """
    touched = np.empty((sketch.shape[1]) * (REMEMBERED + 1), dtype=np.int32)
    near = np.empty((CANDIDATES, 3), dtype=np.float64)
    longest = 1
    for m in range(len(text)):
        longest = max(longest, first[m + 1] - first[m])
    to, weight = np.empty(longest, dtype=np.int64), np.empty(longest, dtype=np.float64)
    for m in range(len(text)):
        slot = _text_slot(texts, text[m])
        if texts[slot]:
            group[m], similarity[m] = root(parent, int(seen[slot])), 1.0
            continue
        begin, end = int(first[m]), int(first[m + 1])
        own = 0
        for row in range(begin, end):
            own += int(letters[row])
        long_enough = end - begin >= LEAST_WORDS and own >= LEAST_LETTERS
        found, best, groups = -1, 0.0, 0
        limit = max(COMMON, int(COMMON_SHARE * count[N_GROUPS]))
        if long_enough:
            _weigh(word[begin:end], letters[begin:end], common, limit, weight)
            for candidate in _candidates(sketch[m], keys, heads, nodes, shared, touched, holder, parent):
                g = int(candidate)
                if g < 0:
                    break
                near[groups, 0] = g
                near[groups, 1], near[groups, 2] = _nearest(
                    word[begin:end], kind[begin:end], letters[begin:end], own, int(head[g]), holder, held, held_kind,
                    held_letters, common, limit, weight, threshold, cover, to,
                )  # fmt: skip
                groups += 1
            for n in range(groups):
                if near[n, 1] > best:
                    found, best = int(near[n, 0]), near[n, 1]
        if found < 0:
            found = int(count[N_GROUPS])
            count[N_GROUPS] += 1
            parent[found], head[found], holders[found] = found, -1, 0
            best = 1.0
            if long_enough:
                for row in range(begin, end - 2):
                    three = _three(word, row, len(common))
                    common[three] = min(common[three] + 1, 65535)
                _hold(m, begin, end, own, found, word, kind, letters, sketch, count, holder, held, held_kind, held_letters, head, holders, keys, heads, nodes)  # fmt: skip
        else:
            for n in range(groups):
                g = root(parent, int(near[n, 0]))
                if g != found and near[n, 1] >= threshold and near[n, 2] > 0 and _agree(found, g, head, holder, held, held_kind, held_letters, own, to):  # fmt: skip
                    found = _merge(found, g, parent, head, holders, holder)
            if holders[found] < HOLDERS and _brings(word[begin:end], kind[begin:end], letters[begin:end], own, int(head[found]), holder, held, held_kind, held_letters, to):  # fmt: skip
                _hold(m, begin, end, own, found, word, kind, letters, sketch, count, holder, held, held_kind, held_letters, head, holders, keys, heads, nodes)  # fmt: skip
        group[m], similarity[m] = found, best
        texts[slot], seen[slot] = text[m], found
        count[N_TEXTS] += 1


@nb.njit(cache=True, nogil=True)
def _nearest(
    word: Words, kind: Bytes, letters: Bytes, own: int, h: int, holder: Small, held: Words, held_kind: Bytes,
    held_letters: Bytes, common: NDArray[np.uint16], limit: int, weight: NDArray[np.float64], threshold: float,
    cover: float, to: Ints,
) -> tuple[float, float]:  # fmt: skip
    """The similarity to the nearest holder of a group, 0 if none is near or one states the contrary; 1 if it lies in us."""
    best, contained = 0.0, 0.0
    while h >= 0:
        start, end = holder[h, FIRST], holder[h, FIRST] + holder[h, WORDS]
        same, differs, _, _ = overlap(word, kind, letters, held[start:end], held_kind[start:end], held_letters[start:end], to)  # fmt: skip
        more = max(own, holder[h, LETTERS])
        if differs != NOTHING and same >= 0.5 * threshold * min(own, holder[h, LETTERS]):
            return 0.0, 0.0
        part = _part(
            word, weight, held[start:end], held_letters[start:end], own <= holder[h, LETTERS], common, limit, to
        )
        if part >= threshold and same / more >= cover and part > best:
            best = part
            contained = 1.0 if same >= 0.75 * holder[h, LETTERS] and same >= 0.3 * own else 0.0
        h = holder[h, NEXT]
    return best, contained


@nb.njit(cache=True, nogil=True)
def _part(
    word: Words, weight: NDArray[np.float64], held: Words, held_letters: Bytes, ours: bool, common: NDArray[np.uint16],
    limit: int, to: Ints,
) -> float:  # fmt: skip
    """The weighted share of our words, or of the holder's, that are matched."""
    matched, total = 0.0, 0.0
    if ours:
        for i in range(len(word)):
            total += weight[i]
            matched += weight[i] if to[i] >= 0 else 0.0
        return float(matched / max(total, 1.0))
    theirs = np.empty(len(held), dtype=np.float64)
    _weigh(held, held_letters, common, limit, theirs)
    for i in range(len(word)):
        matched += theirs[to[i]] if to[i] >= 0 else 0.0
    return float(matched / max(theirs.sum(), 1.0))


@nb.njit(cache=True, nogil=True)
def _agree(
    one: int, other: int, head: Small, holder: Small, held: Words, held_kind: Bytes, held_letters: Bytes, own: int, to: Ints
) -> bool:  # fmt: skip
    """Whether no holder of one group states the contrary of one of the other."""
    h = head[one]
    while h >= 0:
        a, b = holder[h, FIRST], holder[h, FIRST] + holder[h, WORDS]
        g = head[other]
        while g >= 0:
            c, d = holder[g, FIRST], holder[g, FIRST] + holder[g, WORDS]
            space = np.empty(b - a, dtype=np.int64)
            differs = overlap(held[a:b], held_kind[a:b], held_letters[a:b], held[c:d], held_kind[c:d], held_letters[c:d], space)[1]  # fmt: skip
            if differs != NOTHING:
                return False
            g = holder[g, NEXT]
        h = holder[h, NEXT]
    return True


@nb.njit(cache=True, nogil=True)
def _merge(one: int, other: int, parent: Small, head: Small, holders: Bytes, holder: Small) -> int:
    """The older of two groups, with the holders of both."""
    kept, gone = min(one, other), max(one, other)
    parent[gone] = kept
    last = head[kept]
    while holder[last, NEXT] >= 0:
        last = holder[last, NEXT]
    holder[last, NEXT] = head[gone]
    holders[kept] = min(holders[kept] + holders[gone], 255)
    return kept


@nb.njit(cache=True, nogil=True)
def _brings(
    word: Words, kind: Bytes, letters: Bytes, own: int, h: int, holder: Small, held: Words, held_kind: Bytes,
    held_letters: Bytes, to: Ints,
) -> bool:  # fmt: skip
    """Whether a message shows a side of its group that no holder shows, without leading away from the first one."""
    anchor, most = 0.0, 0.0
    while h >= 0:
        start, end = holder[h, FIRST], holder[h, FIRST] + holder[h, WORDS]
        same = overlap(word, kind, letters, held[start:end], held_kind[start:end], held_letters[start:end], to)[0]
        if anchor == 0.0:
            anchor = min(same / holder[h, LETTERS], same / (0.4 * own))
        most = max(most, same / own)
        h = holder[h, NEXT]
    # a digest of many rumours holds each of them: what is mostly something else never speaks for a group
    return most < 0.85 and anchor >= 0.6


@nb.njit(cache=True, nogil=True)
def _hold(
    m: int, begin: int, end: int, own: int, group: int, word: Words, kind: Bytes, letters: Bytes,
    sketch: NDArray[np.uint32], count: Ints, holder: Small, held: Words, held_kind: Bytes, held_letters: Bytes,
    head: Small, holders: Bytes, keys: NDArray[np.uint32], heads: Small, nodes: Small,
) -> None:  # fmt: skip
    """Makes a message a holder of its group, behind those that it has."""
    h, start = int(count[N_HOLDERS]), int(count[N_WORDS])
    until = start + end - begin
    count[N_HOLDERS] += 1
    count[N_WORDS] = until
    held[start:until], held_kind[start:until], held_letters[start:until] = word[begin:end], kind[begin:end], letters[begin:end]  # fmt: skip
    holder[h, FIRST], holder[h, WORDS], holder[h, LETTERS], holder[h, GROUP], holder[h, NEXT] = start, end - begin, own, group, -1  # fmt: skip
    if head[group] < 0:
        head[group] = h
    else:
        last = head[group]
        while holder[last, NEXT] >= 0:
            last = holder[last, NEXT]
        holder[last, NEXT] = h
    holders[group] += 1
    _remember(sketch[m], h, count, keys, heads, nodes)
