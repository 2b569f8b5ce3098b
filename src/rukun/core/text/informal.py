"""Informal Indonesian as it would be written plainly, with the place of every character in the original.

Small letters of one alphabet; leet, stretched and spaced-out letters undone; abbreviations and slang as formal words;
emoji, links and what merely says that a message was passed on left out. Words stand apart by a blank; a line feed
stands where a sentence ends or something was left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from rukun.core.text.lexicon import known, slang
from rukun.core.text.plain import plain

#: A word and, for each of its characters, where it stood.
_Placed = tuple[str, tuple[int, ...]]
_BREAK: Final[_Placed] = ("\n", (0,))

#: Letters that compatibility forms don't reach: other scripts' lookalikes, small capitals, letters in boxes.
_ALIKE: Final = str.maketrans(
    dict(
        zip("ѕԁԛԝһӏьгтмнкввпиԍɡʟıᴀʙᴄᴅᴇꜰɢʜɪᴊᴋᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢαβγδεικνορτυχωօսոհєƒʀłøđħŧßæœþ", "sdqwhlbrtmhkbbnmggliabcdefghijkmnoprstuvwyzabydeiknoptuxwounhefrlodhtsaop", strict=True)
    )
    | {chr(0x1F130 + n): chr(97 + n) for n in range(26)}
    | {chr(0x1F170 + n): chr(97 + n) for n in range(26)}
    | {chr(0x1F150 + n): chr(97 + n) for n in range(26)}
    | {chr(0x1F1E6 + n): chr(97 + n) for n in range(26)}
)  # fmt: skip
_LINK: Final = re.compile(r"(?:https?|ftp):/{0,2}\S+|www\.\S+|[\w-]+(?:\.[\w-]+)+/\S*")
_PART: Final = re.compile(
    r"(?P<amount>\d{1,3}(?:[.,]\d{3})+(?![\d]|[.,]\d)(?P<cents>,-|,00(?!\d))?)"
    r"|(?P<date>(?<![\d/.-])\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d(?![\d/.-]?\d))"
    r"|\d+(?:[.,:/]\d+)+"
    r"|(?P<word>[^\W_]+(?:['*][^\W_]+)*(?:'|\*)?)|(?P<percent>%)|(?P<end>[.!?…;]+)"
)
_MIXED: Final = re.compile(r"(?=.*\d)(?=.*[a-z])")
_EDGE: Final = re.compile(r"(?P<head>[a-z]+)(?P<number>\d+)|(?P<count>\d+)(?P<unit>[a-z]+)")
_LEET: Final = str.maketrans("01345789", "oieastbg")
_LEET_ELSE: Final = str.maketrans("1", "l")
_STRETCHED: Final = re.compile(r"([^\W\d])\1\1+")
_DOUBLED: Final = re.compile(r"([^\W\d])\1+")
_LETTERS_APART: Final = re.compile(r"(?<!\S)[a-z](?: [a-z]){3,}(?!\S)")
#: A number behind one of these counts it; behind another word a 2 repeats the word.
_COUNTED: Final = frozenset(
    "tps rt rw km pasal paslon capres cawapres calon dapil jilid tahap ayat bab kelas lantai jalur gelombang seri versi nomor no rp dosis varian grade tipe juz sesi part hari jam tanggal bulan tahun umur usia".split()
)
_UNIT: Final = {
    "rb": "ribu", "rbu": "ribu", "k": "ribu", "jt": "juta", "jta": "juta", "m": "miliar", "t": "triliun",
}  # fmt: skip


@dataclass(frozen=True)
class Normalised:
    """text: as it would be written plainly; origin: for each of its characters where it stood in the given text."""

    text: str
    origin: Sequence[int]

    def given(self, start: int, end: int) -> tuple[int, int]:
        """The span of the given text that text[start:end], which isn't empty, was made of."""
        return self.origin[start], self.origin[end - 1] + 1


def normalise(text: str) -> Normalised:
    """The text as it would be written plainly, in time proportional to its length; doing it again changes nothing.

    Never raises on a string.
    """
    letters: list[str] = []
    origin: list[int] = []
    for match in _GIVEN.finditer(text):
        for word, places in _read(match.group()):
            letters.append(word)
            origin += [match.start() + place for place in places]
            letters.append(" ")
            origin.append(match.end() - 1)
    return _settled("".join(letters), origin)


def plainly(text: str) -> str:
    """`normalise(text).text`, without the places: three times as fast."""
    return _settled_text(" ".join([part for given in _GIVEN.findall(text) for part in _words(given)]))


# a line feed is a word of its own: sentences end there
_GIVEN: Final = re.compile(r"[^\S\n]*(?:\n\s*|[^\s]+)")
