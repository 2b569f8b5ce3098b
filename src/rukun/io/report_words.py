"""What a report says, in Indonesian and English, and how it writes numbers."""

from __future__ import annotations

import datetime as dt
import tomllib
from importlib import resources

import numpy as np

from rukun.core.forecast.explain import Language


def _words(language: Language) -> dict[str, str]:
    texts = resources.files("rukun.io").joinpath(f"report_{language}.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(texts))


#: Texts by language and key; both languages have the same keys and fields.
WORDS: dict[Language, dict[str, str]] = {"id": _words("id"), "en": _words("en")}


def number(value: float, language: Language, digits: int = 3) -> str:
    """A number with that many significant digits, at most; a dash where there is none."""
    if not np.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    places = max(0, digits - 1 - int(np.floor(np.log10(abs(value)))))
    return localised(f"{value:,.{min(places, 6)}f}", language)


def fixed(value: float, places: int, language: Language) -> str:
    """A number with so many decimals; a dash where there is none."""
    return localised(f"{value:,.{places}f}", language) if np.isfinite(value) else "–"


def percent(share: float, language: Language, digits: int = 2) -> str:
    """A share as a percentage."""
    if not np.isfinite(share):
        return "–"
    places = 0 if share == 0 else max(0, digits - 1 - int(np.floor(np.log10(abs(share) * 100))))
    said = f"{share * 100:.{min(places, 4)}f}"
    return localised(said.rstrip("0").rstrip(".") if "." in said else said, language) + " %"


def localised(said: str, language: Language) -> str:
    """Comma and point exchanged for Indonesian."""
    return said.translate(str.maketrans(",.", ".,")) if language == "id" else said


def long_date(day: dt.date, language: Language) -> str:
    """A date in words."""
    return f"{day.day} {WORDS[language]['months'].split()[day.month - 1]} {day.year}"


def plain(value: float, language: Language) -> str:
    """A round number as it is, for ticks."""
    return localised(f"{value:g}", language)
