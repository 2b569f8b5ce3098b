"""Slang and abbreviations of Indonesian messages with their formal words.

The list is our own: published ones read "muna", "smp" and "pkk" as slang, which in reports are a regency, a school and
an organisation.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from rukun.core.text.words import ordinary


@cache
def slang() -> dict[str, str]:
    """Formal words, with a blank between them, by the informal word; no formal word is informal itself."""
    pairs: dict[str, str] = {}
    for line in resources.files("rukun.core.text").joinpath("slang.txt").read_text("utf-8").splitlines():
        formal, _, informal = line.partition(": ")
        pairs.update(dict.fromkeys(informal.split(), formal))
    return pairs


@cache
def formal_words() -> frozenset[str]:
    """Every word that slang stands for."""
    return frozenset(word for formal in slang().values() for word in formal.split())


def known(word: str) -> bool:
    """Whether a word in small letters is one of the formal or common informal words of the language."""
    return word in slang() or word in formal_words() or ordinary(word)
