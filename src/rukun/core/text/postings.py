"""Sparse rows turned into posting lists, and the compiled loops over them: what stays fast over a million titles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

#: Hashed character n-grams of a word are counted modulo this; a power of two.
BUCKETS = 1 << 18


@njit(cache=True)
def inverted(row_at: Longs, columns: Ints, n_columns: int) -> tuple[Longs, Ints]:  # pragma: no cover
    """Posting lists of a sparse matrix: for each column its rows, ascending, as (n_columns + 1,) starts and rows."""
    at = np.zeros(n_columns + 1, np.int64)
    for column in columns:
        at[column + 1] += 1
    for column in range(n_columns):
        at[column + 1] += at[column]
    rows = np.empty(len(columns), np.int32)
    filled = at[:-1].copy()
    for row in range(len(row_at) - 1):
        for k in range(row_at[row], row_at[row + 1]):
            rows[filled[columns[k]]] = row
            filled[columns[k]] += 1
    return at, rows


@njit(cache=True)
def grams(codes: Ints, word_at: Longs, low: int, high: int) -> tuple[Longs, Ints]:  # pragma: no cover
    """Hashed n-grams, low <= n <= high, of words of code points; word k is codes[word_at[k]:word_at[k + 1]].

    A word's bounds count as characters. Returns (n_words + 1,) starts and (m,) buckets, each once for a word.
    """
    at = np.zeros(len(word_at), np.int64)
    longest = 0
    for word in range(len(word_at) - 1):
        size = word_at[word + 1] - word_at[word] + 2
        for n in range(low, high + 1):
            at[word + 1] += max(size - n + 1, 0)
        longest = max(longest, at[word + 1])
        at[word + 1] += at[word]
    found = np.empty(at[-1], np.int32)
    count = 0
    for word in range(len(word_at) - 1):
        first, size = word_at[word], word_at[word + 1] - word_at[word] + 2
        begin = count
        for n in range(low, high + 1):
            for start in range(size - n + 1):
                value = np.uint64(n)
                for k in range(start, start + n):
                    inside = 0 < k < size - 1
                    code = np.uint64(codes[first + k - 1]) if inside else np.uint64(32)
                    value = (value * np.uint64(1099511628211)) ^ code
                value ^= value >> np.uint64(29)
                bucket = np.int32(value & np.uint64(BUCKETS - 1))
                seen = False
                for k in range(begin, count):
                    if found[k] == bucket:
                        seen = True
                        break
                # a long word's grams may repeat unseen: comparing each with all would cost its length squared
                if not seen or count - begin > 256:
                    found[count] = bucket
                    count += 1
        at[word] = begin
    at[-1] = count
    return at, found[:count].copy()


@njit(cache=True)
def alike(
    given: Ints, gram_at: Longs, gram_words: Ints, sizes: Ints, widest: int, least: float, hits: Ints
) -> tuple[Ints, Floats]:  # pragma: no cover
    """Words of the vocabulary like a given one: Dice coefficient of their n-grams >= least, and the coefficients.

    given: (k,) its buckets; gram_at, gram_words: posting lists of words by bucket; sizes: (n_words,) n-grams of each;
    widest: longer lists are passed over; hits: (n_words,) zeros, given back as zeros.
    """
    touched = np.empty(1024, np.int32)
    n = 0
    for bucket in given:
        if gram_at[bucket + 1] - gram_at[bucket] > widest:
            continue
        for k in range(gram_at[bucket], gram_at[bucket + 1]):
            word = gram_words[k]
            if hits[word] == 0:
                if n == len(touched):
                    touched = np.concatenate((touched, np.empty(n, np.int32)))
                touched[n] = word
                n += 1
            hits[word] += 1
    words, likeness = np.empty(n, np.int32), np.empty(n, np.float32)
    kept = 0
    for k in range(n):
        word = touched[k]
        dice = 2.0 * hits[word] / (len(given) + sizes[word])
        hits[word] = 0
        if dice >= least:
            words[kept], likeness[kept] = word, dice
            kept += 1
    return words[:kept].copy(), likeness[:kept].copy()


@njit(cache=True)
def add_up(
    words: Ints, worth: Floats, post_at: Longs, posts: Ints, budget: int, scores: Floats
) -> int:  # pragma: no cover
    """Adds each word's worth to the scores of the rows that hold it, best words first, until the budget is spent.

    words: (k,) in the order in which they are worth most; budget: postings to read at most, but one list at least.
    Returns how many postings were read.
    """
    read = 0
    for k in range(len(words)):
        begin, end = post_at[words[k]], post_at[words[k] + 1]
        if read and read + end - begin > budget:
            continue
        read += end - begin
        for place in range(begin, end):
            scores[posts[place]] += worth[k]
    return read


@njit(cache=True)
def best(scores: Floats, scale: Floats, k: int) -> Ints:  # pragma: no cover
    """The k rows with the highest positive scores[row] * scale[row], in no order, in one pass."""
    heap = np.zeros(k, np.float32)
    rows = np.full(k, -1, np.int32)
    for row in range(len(scores)):
        value = scores[row] * scale[row]
        if value <= heap[0]:
            continue
        place = 0
        while True:
            child = 2 * place + 1
            if child >= k:
                break
            if child + 1 < k and heap[child + 1] < heap[child]:
                child += 1
            if heap[child] >= value:
                break
            heap[place], rows[place] = heap[child], rows[child]
            place = child
        heap[place], rows[place] = value, row
    return rows[rows >= 0]


@njit(cache=True)
def gram_cosines(
    rows: Ints, row_at: Longs, columns: Ints, gram_at: Longs, buckets: Ints, worth: Floats, given: Floats
) -> tuple[Floats, Floats]:  # pragma: no cover
    """Cosine of each row's n-grams with given ones, and the share of the row's n-grams, by worth squared, among them.

    rows: (k,) rows of the sparse matrix row_at, columns of words; gram_at, buckets: n-grams of each word;
    worth: (BUCKETS,) inverse document frequency; given: (BUCKETS,) weights of the other text, of length 1.
    """
    cosine, share = np.zeros(len(rows), np.float32), np.zeros(len(rows), np.float32)
    for k in range(len(rows)):
        product = length = held = 0.0
        for place in range(row_at[rows[k]], row_at[rows[k] + 1]):
            for j in range(gram_at[columns[place]], gram_at[columns[place] + 1]):
                weight = worth[buckets[j]]
                product += weight * given[buckets[j]]
                length += weight * weight
                if given[buckets[j]] > 0:
                    held += weight * weight
        if length > 0:
            cosine[k], share[k] = product / np.sqrt(length), held / length
    return cosine, share


@njit(cache=True)
def dots(vectors: npt.NDArray[np.int8], given: Ints, out: Ints) -> None:  # pragma: no cover
    """Products of each row of small integers with a given one, into out."""
    for row in range(vectors.shape[0]):
        total = np.int32(0)
        for k in range(vectors.shape[1]):
            total += np.int32(vectors[row, k]) * given[k]
        out[row] = total
