"""Messages as arrays: their words with what each states, and a sketch by which similar ones are found."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import numba as nb
import numpy as np
from numpy.typing import NDArray

from rukun.core.text.facts import Kind, stated
from rukun.core.text.informal import plainly
from rukun.core.text.lexicon import known
from rukun.core.text.vocabulary import places

Words: TypeAlias = NDArray[np.uint64]
#: What a word is: ordinary, a fact of one of five kinds, or a word of no list (a name, a mistyped word).
PLAIN, NUMBER, DATE, PLACE, INSTITUTION, OPPOSITE, STRANGE = range(7)
#: What is added to it in the word after a denial, and in the one after that.
DENIED, DENIED_LATE = 16, 32
#: Shingles of a message that are kept, letters of a shingle; of those, how many are tied to each fact; facts that are
#: tied, to shingles and to each other.
SKETCH, SHINGLE, TIED, TIES = 32, 5, 4, 4
_PARTS = SKETCH + TIED * TIES + TIES * (TIES - 1) // 2
#: Words that are compared: the rest of a longer message is left to its beginning.
MOST_WORDS: Final = 2000

_KINDS: Final[dict[Kind, int]] = {
    "number": NUMBER, "date": DATE, "place": PLACE, "institution": INSTITUTION, "opposite": OPPOSITE, "negation": -1,
}  # fmt: skip


@dataclass(frozen=True)
class Batch:
    """Messages in order: `words` rows first[m]..first[m + 1] are the words of message m.

    word: (w, 3) uint64: hash, signature of its letters, value of its fact; kind, letters: (w,) uint8; span: (w, 2) int32
    in characters of the text; text: (m,) uint64 hash of the whole; sketch: (m, parts) uint32, the
    shingles, then what is tied, 0 where there is none.
    """

    first: NDArray[np.int64]
    word: Words
    kind: NDArray[np.uint8]
    letters: NDArray[np.uint8]
    span: NDArray[np.int32]
    text: Words
    sketch: NDArray[np.uint32]


class _Strange(dict[str, int]):
    """1 for a word of letters that is in no list, 0 for others; remembered, as most words come again."""

    def __missing__(self, word: str) -> int:
        strange = int(len(word) > 3 and word.isalpha() and not known(word))
        if len(self) >= 1 << 18:
            self.clear()
        self[word] = strange
        return strange


_STRANGE: Final = _Strange()


def _kind(kind: Kind, value: str) -> int:
    # a village of no list may be mistyped as any name may
    return STRANGE if kind == "place" and value not in places() else _KINDS[kind]


@lru_cache(maxsize=1 << 16)
def _value(kind: Kind, value: str) -> int:
    """A number that is equal for equal facts; of a date the parts, of contraries the pair and the side, apart."""
    if kind == "date":
        day, month, year = value.split("/") if "/" in value else ("?", "?", "?")
        spoken = 0 if "/" in value else zlib.crc32(value.encode()) % 250 + 1
        return _part(day) | _part(month) << 8 | _part(year) << 16 | spoken << 32
    if kind == "opposite":
        return int(value[:-1]) * 2 + (value[-1] == "-") + 2
    if kind == "number":
        whole, _, rest = value.partition(".")
        digits = (whole + rest).strip("0")
        power = len(whole + rest) - len((whole + rest).rstrip("0")) - len(rest) + 64
        return (zlib.crc32(digits.encode()) + 1) << 8 | (128 if len(whole) > 3 else 0) | min(max(power, 0), 127)
    return zlib.crc32(value.encode()) + 1


def _part(of_date: str) -> int:
    return int(of_date) % 65536 if of_date != "?" else 0


def read(messages: Sequence[str]) -> Batch:
    """The messages as arrays."""
    return read_plain([plainly(message) for message in messages])


def read_plain(texts: Sequence[str]) -> Batch:
    """The same for texts that were normalised before."""
    strange: list[bytes] = []
    facts: list[tuple[int, int, int, int]] = []
    until = np.zeros(len(texts) + 1, dtype=np.int64)
    for number, text in enumerate(texts):
        words = text.split()[:MOST_WORDS]
        strange.append(bytes(map(_STRANGE.__getitem__, words)))
        facts += [
            (first, length, _kind(kind, value), _value(kind, value)) for first, length, kind, value in stated(words)
        ]
        until[number + 1] = len(facts)
    encoded = [text.encode() for text in texts]
    starts = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    counts = np.cumsum([0, *map(len, strange)], dtype=np.int64)
    table = np.array(facts, dtype=np.int64).reshape(-1, 4)
    return Batch(
        *_read(
            np.frombuffer(b"".join(encoded) + b" ", dtype=np.uint8),
            starts,
            counts,
            np.frombuffer(b"".join(strange) + b" ", dtype=np.uint8),
            table,
            until,
        )
    )


@nb.njit(cache=True, nogil=True, inline="always")
def _mixed(h: np.uint64) -> np.uint64:
    """All bits of a number spread over all bits (the finaliser of SplitMix64: Steele et al. 2014, OOPSLA)."""
    h ^= h >> np.uint64(30)
    h *= np.uint64(0xBF58476D1CE4E5B9)
    h ^= h >> np.uint64(27)
    h *= np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


@nb.njit(cache=True, nogil=True)
def _read(
    text: NDArray[np.uint8],
    starts: NDArray[np.int64],
    counts: NDArray[np.int64],
    strange: NDArray[np.uint8],
    facts: NDArray[np.int64],
    until: NDArray[np.int64],
) -> tuple[
    NDArray[np.int64], Words, NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int32], Words, NDArray[np.uint32]
]:
    messages, most = len(starts) - 1, counts[-1]
    first = np.zeros(messages + 1, dtype=np.int64)
    word = np.zeros((most, 3), dtype=np.uint64)
    kind, letters = np.zeros(most, dtype=np.uint8), np.zeros(most, dtype=np.uint8)
    span = np.zeros((most, 2), dtype=np.int32)
    whole = np.zeros(messages, dtype=np.uint64)
    sketch = np.zeros((messages, _PARTS), dtype=np.uint32)
    row = 0
    for m in range(messages):
        whole[m] = _hash(text, starts[m], starts[m + 1])
        at, fact, number, denied = starts[m], until[m], 0, 0
        characters = 0
        total = counts[m + 1] - counts[m]
        while number < total:
            while text[at] == 32 or text[at] == 10:
                at += 1
                characters += 1
            length, what, value = 1, np.int64(STRANGE if strange[counts[m] + number] else PLAIN), np.int64(0)
            if fact < until[m + 1] and facts[fact, 0] == number:
                length, what, value = facts[fact, 1], facts[fact, 2], facts[fact, 3]
                fact += 1
            begin, from_character = at, characters
            for step in range(length):
                if step:
                    at += 1
                    characters += 1
                while at < starts[m + 1] and text[at] != 32 and text[at] != 10:
                    characters += 1 if text[at] & 0xC0 != 0x80 else 0
                    at += 1
            number += length
            if what == -1:
                # a denial isn't a word of the sequence: it marks the two words after it
                denied = 2
                continue
            word[row, 0] = _hash(text, begin, at)
            word[row, 1] = _signature(text, begin, at)
            word[row, 2] = value
            kind[row] = what | (DENIED if denied == 2 else DENIED_LATE if denied == 1 else 0)
            letters[row] = min(at - begin, 40)
            span[row, 0], span[row, 1] = from_character, characters
            denied = max(denied - 1, 0)
            row += 1
        first[m + 1] = row
        _sketch(text, starts[m], at, sketch[m])
        _tie(word, kind, first[m], row, sketch[m])
    return first, word[:row], kind[:row], letters[:row], span[:row], whole, sketch


@nb.njit(cache=True, nogil=True)
def _hash(text: NDArray[np.uint8], start: int, end: int) -> np.uint64:
    h = np.uint64(0xCBF29CE484222325)
    for at in range(start, end):
        # where a line ends changes nothing
        h = (h ^ np.uint64(32 if text[at] == 10 else text[at])) * np.uint64(0x100000001B3)
    return _mixed(h)


@nb.njit(cache=True, nogil=True)
def _signature(text: NDArray[np.uint8], start: int, end: int) -> np.uint64:
    """Bits for the letters (26) and the pairs of letters (38) of a word: a slip of the finger changes a few."""
    bits = np.uint64(0)
    last = 0
    for at in range(start, end):
        letter = text[at] - 97 if 97 <= text[at] <= 122 else text[at] % 26
        bits |= np.uint64(1) << np.uint64(letter)
        bits |= np.uint64(1) << np.uint64(26 + (last * 31 + letter + 1) % 37)
        last = letter + 1
    return bits | np.uint64(1) << np.uint64(26 + (last * 31) % 37)


@nb.njit(cache=True, nogil=True)
def _sketch(text: NDArray[np.uint8], start: int, end: int, sketch: NDArray[np.uint32]) -> None:
    """The shingles with the smallest hashes: of a part of a message they are those of the whole that lie in it.

    Source: bottom-k sketches, Cohen & Kaplan 2007, PODC.
    """
    held = 0
    for at in range(start, end - SHINGLE + 1):
        h = np.uint64(0)
        for step in range(SHINGLE):
            letter = text[at + step]
            h = (h << np.uint64(8)) | np.uint64(32 if letter == 10 else letter)
        key = np.uint32(_mixed(h + np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)) | np.uint32(1)
        if held == SKETCH and key >= sketch[held - 1]:
            continue
        place = 0
        while place < held and sketch[place] < key:
            place += 1
        if place < held and sketch[place] == key:
            continue
        held = min(held + 1, SKETCH)
        for back in range(held - 1, place, -1):
            sketch[back] = sketch[back - 1]
        sketch[place] = key


@nb.njit(cache=True, nogil=True)
def _tie(word: Words, kind: NDArray[np.uint8], start: int, end: int, sketch: NDArray[np.uint32]) -> None:
    """The first facts tied to some of the shingles and to each other.

    That finds one of a thousand texts that differ in a place, where all of them share their shingles.
    """
    ties, pair = 0, SKETCH + TIED * TIES
    stated = np.zeros(TIES, dtype=np.uint64)
    for row in range(start, end):
        what = kind[row] & 15
        if what < NUMBER or what > INSTITUTION or ties == TIES:
            continue
        fact = _mixed(word[row, 2] * np.uint64(8) + np.uint64(what))
        for n in range(TIED):
            if sketch[n]:
                sketch[SKETCH + ties * TIED + n] = _tied(fact, np.uint64(sketch[n]))
        for n in range(ties):
            # whichever of the two is said first
            sketch[pair] = _tied(fact + stated[n], fact ^ stated[n])
            pair += 1
        stated[ties] = fact
        ties += 1


@nb.njit(cache=True, nogil=True)
def _tied(one: np.uint64, other: np.uint64) -> np.uint32:
    return np.uint32(_mixed(one * np.uint64(0x9E3779B97F4A7C15) ^ other) >> np.uint64(32)) | np.uint32(1)
