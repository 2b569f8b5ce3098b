"""Kinds of personal data and what stands in a text instead of them."""

from __future__ import annotations

import re
from typing import Final, Literal

Kind = Literal["nik", "kk", "phone", "email", "plate", "account", "handle", "number", "name"]
#: What was found: its kind, where it starts and ends.
Found = tuple[Kind, int, int]

MASKS: Final[dict[Kind, str]] = {
    "nik": "[NIK]",
    "kk": "[KK]",
    "phone": "[telepon]",
    "email": "[email]",
    "plate": "[plat]",
    "account": "[rekening]",
    "handle": "[akun]",
    "number": "[nomor]",
    "name": "[nama]",
}
MASK_PATTERN: Final = "|".join(map(re.escape, MASKS.values()))


def word_set(listed: str) -> frozenset[str]:
    """The words of a list that is written with blanks between them."""
    return frozenset(listed.split())
