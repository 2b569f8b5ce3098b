"""What can be done to prevent a disturbance, from actions.json: in Indonesian and English.

Every action helps: none watches, searches, summons or holds anybody. What kinds there are stands here and not in the
data file, so that no line of data makes an action of another kind.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any, Final

KINDS: Final = (
    "visit",
    "mediation",
    "forum",
    "dialogue",
    "youth",
    "supply",
    "clarification",
    "watch",
    "referral",
)
_ALL: Final[dict[str, dict[str, dict[str, Any]]]] = json.loads(
    resources.files("rukun.server.prevention").joinpath("actions.json").read_text(encoding="utf-8")
)
ACTIONS: Final = tuple(_ALL["actions"])
RESULTS: Final = tuple(_ALL["results"])
PARTIES: Final = tuple(_ALL["parties"])


def said(kind: str, code: str, language: str = "id") -> str:
    """The words for a code of a kind ("actions", "results", "parties"); the code itself where there are none."""
    words = _ALL[kind].get(code)
    return str(words["en" if language.startswith("en") else "id"]) if words else code


def choices(kind: str, language: str = "id") -> list[tuple[str, str]]:
    """(code, words) of a kind, in its order."""
    return [(code, said(kind, code, language)) for code in _ALL[kind]]


def suiting(category: str) -> list[str]:
    """Codes of the actions that suit a category of reports first, then the others, each in their order."""
    return sorted(ACTIONS, key=lambda code: category not in _ALL["actions"][code]["suits"])


def everything() -> dict[str, Any]:
    """All of it, for the field app: words, usual minutes, which roles may do it, which categories it suits."""
    return _ALL
