"""Text as it reads, whatever characters it is written with, and where each character of it stood.

Digits of other scripts, full-width and mathematical letters, blanks of every width and characters without a width are
what a number hides behind when it must not be found.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

#: Letters of other scripts that look like Latin ones.
_ALIKE = dict(zip("АВЕКМНОРСТХаеорсухіјΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEKMHOPCTXaeopcyxijABEZHIKMNOPTXo", strict=True))
_BLANK = {"Zs": " ", "Zl": "\n", "Zp": "\n"}


@dataclass(frozen=True)
class Plain:
    """text: as it reads; origin: for each of its characters where it stood in the given text."""

    text: str
    origin: Sequence[int]

    def given(self, start: int, end: int) -> tuple[int, int]:
        """The span of the given text that reads as text[start:end], which isn't empty."""
        return self.origin[start], self.origin[end - 1] + 1


def plain(text: str) -> Plain:
    """The text as it reads, in time proportional to its length. Never raises on a string."""
    if text.isascii():
        return Plain(text, range(len(text)))
    parts: list[str] = []
    origin: list[int] = []
    for at, character in enumerate(text):
        read = character if character.isascii() else _read(character)
        parts.append(read)
        if len(read) == 1:
            origin.append(at)
        else:
            origin += [at] * len(read)
    return Plain("".join(parts), origin)


@lru_cache(maxsize=4096)
def _read(character: str) -> str:
    """What one character reads as: nothing for one without a width, several letters for a ligature."""
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me", "Cs"):
        return ""
    if category in _BLANK:
        return _BLANK[category]
    if category in ("Nd", "No"):
        digit = unicodedata.digit(character, None)
        if digit is not None:
            return str(digit)
    if category == "Pd" or character == "−":
        return "-"
    if character in "’‘ʼ`´":
        return "'"
    whole = _ALIKE.get(character)
    if whole is not None:
        return whole
    read = unicodedata.normalize("NFKC", character)
    return "".join(part for part in read if unicodedata.category(part)[0] != "M")
