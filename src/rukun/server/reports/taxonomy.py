"""The words that a report or visit may be filed under, from taxonomy.json: in Indonesian and English.

Categories are those of Polri's reporting and of Law 7/2012 on social conflict. Peaceful assembly, opinion, worship
and voting
are not among them, and can't be (a constraint of the table names these, too).
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any, Final

_ALL: Final[dict[str, dict[str, dict[str, str]]]] = json.loads(
    resources.files("rukun.server.reports").joinpath("taxonomy.json").read_text(encoding="utf-8")
)
CATEGORIES: Final = tuple(_ALL["categories"])
LEVELS: Final = tuple(_ALL["levels"])
SOURCES: Final = tuple(_ALL["sources"])
SOURCE_RELIABILITY: Final = tuple(_ALL["source_reliability"])
INFORMATION_RELIABILITY: Final = tuple(_ALL["information_reliability"])
CONTACTS: Final = tuple(_ALL["contacts"])


def said(kind: str, code: str, language: str = "id") -> str:
    """The words for a code of a kind ("categories", "levels", ...); the code itself where there are none."""
    words = _ALL[kind].get(code)
    return words["en" if language.startswith("en") else "id"] if words else code


def choices(kind: str, language: str = "id") -> list[tuple[str, str]]:
    """(code, words) of a kind, in its order."""
    return [(code, said(kind, code, language)) for code in _ALL[kind]]


def everything() -> dict[str, Any]:
    """All of it, for the field app."""
    return _ALL
