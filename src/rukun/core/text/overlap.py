"""How much of two messages is the same, in runs of words, and whether what differs between the runs is a fact.

Order-free: sentences may change places. Time is proportional to the words of both.
"""

from __future__ import annotations

from typing import TypeAlias

import numba as nb
import numpy as np
from numpy.typing import NDArray

from rukun.core.text.sequences import (
    DATE,
    DENIED,
    DENIED_LATE,
    INSTITUTION,
    NUMBER,
    OPPOSITE,
    PLACE,
    PLAIN,
    STRANGE,
    Words,
)

Kinds: TypeAlias = NDArray[np.uint8]
Places: TypeAlias = NDArray[np.int64]
#: Words between two runs, or before the first and after the last, that are held against each other.
GAP, EDGE = 5, 1
#: Places of one word that are looked at: a word that comes more often says nothing about where one is.
_OFTEN = 8
#: Letters of a run that stands by itself.
_RUN = 7
_ALPHABET = np.uint64((1 << 26) - 1)
#: What two words differ in.
NOTHING, FACT, DENIAL = 0, 1, 2


@nb.njit(cache=True, nogil=True, inline="always")
def _bits(x: np.uint64) -> np.uint64:
    x -= (x >> np.uint64(1)) & np.uint64(0x5555555555555555)
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (x * np.uint64(0x0101010101010101)) >> np.uint64(56)


@nb.njit(cache=True, nogil=True)
def alike(a: Words, b: Words, kind_a: int, kind_b: int, letters_a: int, letters_b: int) -> bool:
    """Whether two words are the same or one is the other with a slip of the finger; two facts of a kind never are."""
    what_a, what_b = kind_a & 15, kind_b & 15
    if what_a == what_b and PLAIN < what_a < STRANGE:
        return not _contrary(what_a, a[2], b[2])
    if a[0] == b[0]:
        return True
    if (
        letters_a < 4
        or letters_b < 4
        or what_a == NUMBER
        or what_b == NUMBER
        or abs(np.int64(letters_a) - np.int64(letters_b)) > 2
    ):
        return False
    # names of a list are like each other more often than words are
    least = 75 if PLAIN < what_a < STRANGE or PLAIN < what_b < STRANGE else 66
    return bool(200 * _bits(a[1] & b[1]) >= least * (_bits(a[1]) + _bits(b[1])))


@nb.njit(cache=True, nogil=True)
def overlap(
    a: Words, kind_a: Kinds, letters_a: Kinds, b: Words, kind_b: Kinds, letters_b: Kinds, to: Places
) -> tuple[int, int, int, int]:
    """Letters of the words of `a` that stand in runs of `b` too; FACT or DENIAL if one between them differs, and where.

    a, b: (n, 3) and (m, 3) words of two messages as `sequences.Batch` has them, with their kinds and letters.
    to: (n,) is filled with the word of b that each word of a is, or -1. The last two are the word of a and of b that
    differ, or -1.
    """
    n, m = len(a), len(b)
    size = 16
    while size < 2 * m:
        size *= 2
    head, following = np.full(size, -1, dtype=np.int32), np.full(m, -1, dtype=np.int32)
    mask = np.uint64(size - 1)
    for j in range(m - 1, -1, -1):
        slot = b[j, 0] & mask
        following[j], head[slot] = head[slot], j
    reach = np.full(n + m, -1, dtype=np.int32)
    run = np.empty((n * 2 + 4, 4), dtype=np.int64)
    runs = 0
    for i in range(n):
        j, seen = head[a[i, 0] & mask], 0
        while j >= 0 and seen < _OFTEN:
            if a[i, 0] == b[j, 0]:
                seen += 1
                if reach[j - i + n] < i and runs < len(run):
                    begin, end, weight = i, i + 1, np.int64(letters_a[i])
                    while begin > 0 and j - i + begin > 0 and reach[j - i + n] < begin - 1:
                        p, q = begin - 1, j - i + begin - 1
                        if not alike(a[p], b[q], kind_a[p], kind_b[q], letters_a[p], letters_b[q]):
                            break
                        begin -= 1
                        weight += letters_a[p]
                    while end < n and j - i + end < m:
                        q = j - i + end
                        if not alike(a[end], b[q], kind_a[end], kind_b[q], letters_a[end], letters_b[q]):
                            break
                        weight += letters_a[end]
                        end += 1
                    reach[j - i + n] = end - 1
                    if (end - begin > 1 and weight >= _RUN) or weight >= 2 * _RUN:
                        run[runs, 0], run[runs, 1], run[runs, 2], run[runs, 3] = weight, begin, end, j - i
                        runs += 1
            j = following[j]
    return _matched(a, kind_a, letters_a, b, kind_b, letters_b, to, run[:runs])


@nb.njit(cache=True, nogil=True)
def _matched(
    a: Words, kind_a: Kinds, letters_a: Kinds, b: Words, kind_b: Kinds, letters_b: Kinds, to: Places, run: Places
) -> tuple[int, int, int, int]:
    """The longest runs first, each word once; then single words between them."""
    n, m = len(a), len(b)
    taken = np.zeros(m, dtype=np.bool_)
    to[:n] = -1
    for r in np.argsort(-run[:, 0], kind="mergesort"):
        free = 0
        for i in range(run[r, 1], run[r, 2]):
            free += to[i] < 0 and not taken[i + run[r, 3]]
        if 2 * free > run[r, 2] - run[r, 1]:
            for i in range(run[r, 1], run[r, 2]):
                if to[i] < 0 and not taken[i + run[r, 3]]:
                    to[i] = i + run[r, 3]
                    taken[i + run[r, 3]] = True
    differs, at_a, at_b = NOTHING, -1, -1
    last = -1
    for i in range(n + 1):
        if i < n and to[i] < 0:
            continue
        from_a, from_b = last + 1, (to[last] + 1 if last >= 0 else 0)
        until_b = to[i] if i < n else m
        if last < 0:
            near = i <= EDGE and until_b <= EDGE and i < n
        elif i == n:
            near = n - from_a <= EDGE and m - from_b <= EDGE
        else:
            near = i - from_a <= GAP and 0 <= until_b - from_b <= GAP
        if near and not (last < 0 and i == n):
            p, q = _between(a, kind_a, letters_a, b, kind_b, letters_b, to, taken, from_a, i, from_b, until_b)
            if p >= 0:
                differs, at_a, at_b = FACT, p, q
        last = i
    same = 0
    for i in range(n):
        if differs == NOTHING and to[i] < 0:
            # behind or before two words that are the same: the sentence goes on elsewhere, the fact in it is another
            for side in (-1, 1):
                one, two = i + side, i + 2 * side
                if 0 <= two < n and to[one] >= 0 and to[two] == to[one] + side:
                    j = to[one] - side
                    if 0 <= j < m and not taken[j] and _stands(kind_a[i], kind_b[j], a[i, 2], b[j, 2]):
                        differs, at_a, at_b = FACT, i, j
        if to[i] >= 0:
            same += letters_a[i]
            if differs == NOTHING and (kind_a[i] & DENIED) != (kind_b[to[i]] & DENIED):
                late = (kind_a[i] | kind_b[to[i]]) & DENIED_LATE
                # a word beside it must be the same one too, and where nothing is denied no word may stand before it
                # that isn't in the other text: it may be a denial that couldn't be read
                before = i > 0 and to[i] > 0 and to[i - 1] == to[i] - 1
                after = i + 1 < n and to[i + 1] == to[i] + 1
                if kind_a[i] & DENIED:
                    after = after and (to[i] == 0 or taken[to[i] - 1])
                else:
                    after = after and (i == 0 or to[i - 1] >= 0)
                if not late and (before or after):
                    differs, at_a, at_b = DENIAL, i, to[i]
    return same, differs, at_a, at_b


@nb.njit(cache=True, nogil=True)
def _between(
    a: Words, kind_a: Kinds, letters_a: Kinds, b: Words, kind_b: Kinds, letters_b: Kinds, to: Places,
    taken: NDArray[np.bool_], from_a: int, until_a: int, from_b: int, until_b: int,
) -> tuple[int, int]:  # fmt: skip
    """Matches equal words between two runs; the first two words left that state contrary facts, or -1."""
    for i in range(from_a, until_a):
        for j in range(from_b, until_b):
            if to[i] < 0 and not taken[j] and alike(a[i], b[j], kind_a[i], kind_b[j], letters_a[i], letters_b[j]):
                to[i] = j
                taken[j] = True
    for i in range(from_a, until_a):
        what = kind_a[i] & 15
        if to[i] >= 0 or what == PLAIN:
            continue
        for j in range(from_b, until_b):
            other = kind_b[j] & 15
            if taken[j] or other == PLAIN:
                continue
            if what == other and _contrary(what, a[i, 2], b[j, 2]):
                return i, j
            if (what == STRANGE and other >= PLACE) or (other == STRANGE and what >= PLACE):
                # a word of no list in the place of a name: another name, if the letters of both have little in common
                together = until_a - from_a == until_b - from_b and i - from_a == j - from_b
                if together and what != OPPOSITE and other != OPPOSITE and _unlike(a[i, 1], b[j, 1]):
                    return i, j
    return -1, -1


@nb.njit(cache=True, nogil=True)
def _stands(kind_a: int, kind_b: int, a: np.uint64, b: np.uint64) -> bool:
    """Whether two words are facts of one kind that can't both be meant."""
    what = kind_a & 15
    return bool(what == kind_b & 15 and NUMBER <= what <= INSTITUTION and _contrary(what, a, b))


@nb.njit(cache=True, nogil=True)
def _unlike(a: np.uint64, b: np.uint64) -> bool:
    """Whether two words have few letters in common, and neither all of its own: no slip and no abbreviation."""
    a, b = a & _ALPHABET, b & _ALPHABET
    common = a & b
    return bool(common != a and common != b and 100 * _bits(common) < 45 * _bits(a | b))


@nb.njit(cache=True, nogil=True)
def _contrary(what: int, a: np.uint64, b: np.uint64) -> bool:
    """Whether two values of a kind can't both be meant."""
    if what == STRANGE:
        return False
    if what == OPPOSITE:
        return bool(a != b and a >> np.uint64(1) == b >> np.uint64(1))
    if what == NUMBER:
        # digits, whether it is above a thousand, and its power of ten: "69" for "69 juta" is a unit that wasn't read
        power = np.int64(a & np.uint64(127)) - np.int64(b & np.uint64(127))
        both = a & b & np.uint64(128)
        return bool(a >> np.uint64(8) != b >> np.uint64(8) or power % 3 != 0 or (both and power != 0))
    if what != DATE:
        return bool(a != b)
    for part in range(4):
        shift, width = np.uint64((0, 8, 16, 32)[part]), np.uint64((255, 255, 65535, 255)[part])
        one, other = (a >> shift) & width, (b >> shift) & width
        if one and other and one != other:
            return True
    return False
