"""What a user should know about how data came to be, said in both languages."""

from __future__ import annotations

from typing import Final

from rukun.core.forecast.explain import Language
from rukun.core.periods import Every
from rukun.io.report_words import localised

PERIODS: Final[dict[Every, str]] = {"day": "hari", "week": "pekan", "month": "bulan"}


class Note(str):
    """A sentence in English, as a command prints it, that can be said in Indonesian, too."""

    indonesian: str

    def __new__(cls, english: str, indonesian: str) -> Note:
        """In both languages."""
        note = super().__new__(cls, english)
        note.indonesian = indonesian
        return note

    def __reduce__(self) -> tuple[type[Note], tuple[str, str]]:
        """So that it crosses to another process whole."""
        return Note, (str(self), self.indonesian)

    def said(self, language: Language) -> str:
        """In that language."""
        return self.indonesian if language == "id" else str(self)


def many(number: int, noun: str) -> str:
    """So many of something in English: "1 event", "2 events"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def counted(number: int) -> str:
    """A count as it is written in Indonesian."""
    return localised(f"{number:,}", "id")


def listed(codes: list[str], most: int = 8, language: Language = "en") -> str:
    """Codes in a sentence, at most `most` of them."""
    beyond = localised(f"{len(codes) - most:,}", language)
    more = f" dan {beyond} lagi" if language == "id" else f" and {beyond} more"
    return ", ".join(codes[:most]) + (more if len(codes) > most else "")
