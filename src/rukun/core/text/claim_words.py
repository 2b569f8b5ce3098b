"""The words of a claim: what is left of a text when function words are gone, by stem, with what each is worth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from rukun.core.text.informal import plainly

WORD: Final = re.compile(r"[^\W_]+(?:[.,:/][0-9]+)*")
#: Longest first; what is left of a word has at least four letters, so that "kerusakannya" is "rusak" and isn't "rusa".
_ENDINGS: Final = (("nya", "lah", "kah"), ("kan", "an", "i"))
_BEGINNINGS: Final = ("menge", "meng", "meny", "mem", "men", "me", "peng", "peny", "pem", "pen", "ber", "ter", "per", "di", "ke", "se", "pe")  # fmt: skip
_LEFT: Final = 4


@dataclass(frozen=True)
class ClaimWords:
    """A text's words without function words (all of them where nothing else is left), in order.

    plain: the text as it would be written plainly; words: as written there; stems: one for each word.
    """

    plain: str
    words: tuple[str, ...]
    stems: tuple[str, ...]


def claim_words(text: str) -> ClaimWords:
    """The words of a claim in a text, in time proportional to its length. Never raises on a string."""
    written = plainly(text)
    every = tuple(WORD.findall(written))
    words = tuple(word for word in every if word not in function_words()) or every
    return ClaimWords(written, words, tuple(map(stem, words)))


@lru_cache(maxsize=1 << 17)
def stem(word: str) -> str:
    """The word without its commonest endings and beginning.

    Only a step towards the root: Sastrawi's stemmer takes "kerusakannya" for "rusa", and retrieval is no better with it.
    """
    if len(word) <= _LEFT or not word.isalpha():
        return word
    # around a noun stand ke-an and pe-an, never ke-kan: the k of "kerusakan" is the root's
    noun = word.startswith(("ke", "pe"))
    for endings in (_ENDINGS[0], _ENDINGS[1][noun:]):
        for ending in endings:
            if word.endswith(ending) and len(word) - len(ending) >= _LEFT:
                word = word[: -len(ending)]
                break
    for beginning in _BEGINNINGS:
        if word.startswith(beginning) and len(word) - len(beginning) >= _LEFT:
            left = word[len(beginning) :]
            # a nasal prefix swallowed the s: menyerang is serang
            return f"s{left}" if beginning in ("meny", "peny") else left
    return word


@cache
def function_words() -> frozenset[str]:
    """Words that join, address or greet."""
    return _sections()[0]


@cache
def framing_stems() -> frozenset[str]:
    """Stems of function words, and of words that a fact check or a post says of itself ("video", "akun", "beredar")."""
    return frozenset(stem(word) for section in _sections() for word in section) | _sections()[1]


@cache
def _sections() -> tuple[frozenset[str], frozenset[str]]:
    text = resources.files("rukun.core.text").joinpath("function_words.txt").read_text("utf-8")
    joining, framing = ("\n".join(part.splitlines()[1:]) for part in text.split("\n\n"))
    return frozenset(joining.split()), frozenset(framing.split())
