"""What `rukun doctor` finds: said in words, with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """level: fine, warning or wrong; what: of which part; said: what was found; fix: what to do, or ""."""

    level: Literal["fine", "warning", "wrong"]
    what: str
    said: str
    fix: str = ""
