"""Words and phrases that point to something, found among the words of a text by what they point to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, Literal

#: How a root stands: "bakar" and "bakarlah"; "membakar"; "dibakar", "terbakar"; "pembakaran".
Voice = Literal["active", "telling", "passive", "noun", "plain"]

_SUFFIXES: Final = ("", "kan", "i", "lah", "kanlah", "ilah", "nya", "kannya", "inya")
_VOWELS: Final = frozenset("aeiou")


@dataclass(frozen=True)
class Cue:
    """kind: what it points to; voice: "plain" unless it is a form of a root; first, length: which words it is."""

    kind: str
    voice: Voice
    first: int
    length: int


#: What a phrase points to, by its first word: the words that follow, the kind and the voice.
_Index = Mapping[str, tuple[tuple[tuple[str, ...], str, Voice], ...]]


def cues_in(words: Sequence[str], file: str = "rumour_cues.txt") -> Iterator[Cue]:
    """The cues among words as `normalise` writes them, in order; one word may be a cue of several kinds.

    Takes time proportional to the number of words.
    """
    index = _index(file)
    for at, word in enumerate(words):
        for rest, kind, voice in index.get(word, ()):
            length = len(rest) + 1
            if length == 1 or tuple(words[at + 1 : at + length]) == rest:
                yield Cue(kind, voice, at, length)


@cache
def _index(file: str) -> _Index:
    found: dict[str, dict[tuple[tuple[str, ...], str], Voice]] = {}
    text = resources.files("rukun.core.text").joinpath(file).read_text("utf-8")
    kind = ""
    for line in text.splitlines():
        if line.startswith("["):
            kind = line.strip("[]")
        elif not line.startswith("#"):
            for entry in line.split():
                for phrase, voice in _forms(entry):
                    first, *rest = phrase
                    found.setdefault(first, {}).setdefault((tuple(rest), kind), voice)
    return {word: tuple((*key, voice) for key, voice in entries.items()) for word, entries in found.items()}


def _forms(entry: str) -> Iterator[tuple[tuple[str, ...], Voice]]:
    words = tuple(entry.lstrip("~").replace("'", "").split("_"))
    if not entry.startswith("~"):
        yield words, "plain"
        return
    root, *rest = words
    for form, voice in inflected(root):
        yield (form, *rest), voice


def inflected(root: str) -> Iterator[tuple[str, Voice]]:
    """The forms of an Indonesian root that stand in messages, colloquial ones among them, each with its voice."""
    nasal = nasalised(root)
    yield from ((root + end, "active") for end in (*_SUFFIXES, "in", "inlah"))
    yield from ((f"{nasal}{end}", "active") for end in ("", "in", "i", "kan") if nasal != root)
    yield from ((f"me{nasal}{end}", "telling") for end in _SUFFIXES)
    yield f"ber{root}", "telling"
    yield from ((f"{prefix}{root}{end}", "passive") for prefix in ("di", "ter", "ke") for end in (*_SUFFIXES, "in"))
    yield from ((f"pe{nasal}{end}", "noun") for end in ("", "an", "annya"))
    yield from ((f"{prefix}{root}{end}", "noun") for prefix in ("ber", "per", "ke", "") for end in ("an", "annya"))


def nasalised(root: str) -> str:
    """The root behind me- and pe-: bakar > mbakar, serang > nyerang, tembak > nembak, kepung > ngepung.

    A first letter that the prefix swallows is gone; roots of one syllable take nge-.
    """
    first = root[:1]
    if sum(letter in _VOWELS for letter in root) == 1:
        return f"nge{root}"
    if first == "p":
        return f"m{root[1:]}"
    if first in "bfv":
        return f"m{root}"
    if first == "t":
        return f"n{root[1:]}"
    if first in "dcjz":
        return f"n{root}"
    if first == "s":
        return f"ny{root[1:]}"
    if first == "k":
        return f"ng{root[1:]}"
    return f"ng{root}" if first in _VOWELS or first in "gh" else root
