"""Informal Indonesian as it would be written plainly, with the place of every character in the original.

Small letters of one alphabet; leet, stretched and spaced-out letters undone; abbreviations and slang as formal words;
amounts without their dots; emoji, laughter, links and what merely says that a message was passed on left out. Words
stand apart by a blank; a line feed stands where a sentence ends or where something was left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from rukun.core.text.lexicon import known, slang
from rukun.core.text.plain import plain

#: Words and, for each of their characters, where it stood.
_Placed = tuple[str, tuple[int, ...]]

#: Letters that compatibility forms don't reach: lookalikes of other scripts, small capitals, letters in boxes.
_LOOKS: Final = (
    ("ѕԁԛԝһӏьгтмнквпиԍα", "sdqwhlbrtmhkbnmga"),
    ("ɡʟıᴀʙᴄᴅᴇꜰɢʜɪᴊᴋᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "gliabcdefghijkmnoprstuvwyz"),
    ("βγδεικνρτυχωօսոհєƒłøđħŧßæœþ", "bydeiknptuxwounheflodhtsaop"),
)
_ALIKE: Final = str.maketrans(
    {look: letter for looks, letters in _LOOKS for look, letter in zip(looks, letters, strict=True)}
    | {chr(first + n): chr(97 + n) for first in (0x1F150, 0x1F170) for n in range(26)}
)
_GIVEN: Final = re.compile(r"\n|[^\s]+")
#: A longer piece without a blank isn't kept: it won't come again.
_KEPT: Final = 40
_LINK: Final = re.compile(r"(?:https?|ftp):/{0,2}\S*|www\.\S+|[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}/\S*")
_PART: Final = re.compile(
    r"(?P<amount>(?<!\d)\d{1,3}(?:[.,]\d{3})+(?!\d|[.,:/]\d))(?:,-)?"
    r"|(?P<date>(?<!\d)\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d(?!\d|[-/.,:]\d))"
    r"|(?P<number>\d+(?:[.,:/]\d+)+)"
    r"|(?P<lead>[^\W\d_]+)(?=\d+[.,:/]\d)"
    r"|(?P<word>[^\W_]+(?:'[^\W_]+)*)|(?P<percent>%)|(?P<end>[.!?…;:]+)"
)
_LAUGHTER: Final = re.compile(r"(?:h?a?(?:ha){2,}h?|h?e?(?:he){2,}h?|(?:hi){2,}|k?(?:wk){2,}w?|(?:xi){2,}|(?:ck){2,})")
_EDGE: Final = re.compile(r"(?P<head>[a-z]+)(?P<number>\d+)|(?P<count>\d+)(?P<unit>[a-z]+)")
_AGAIN: Final = re.compile(r"([a-z]{3,})2(nya|an|ku|mu|lah|kan|in)")
_LEET: Final = (str.maketrans("01345789", "oieastbg"), str.maketrans("01345789", "oleastbg"))
_STRETCHED: Final = re.compile(r"([^\W\d])\1\1+")
_DOUBLED: Final = re.compile(r"([^\W\d])\1+")
_APART: Final = re.compile(r"(?<!\S)[a-z](?: [a-z]){3,}(?!\S)")
#: A number behind one of these counts it; behind another word a 2 repeats the word.
_COUNTED: Final = frozenset(
    ["tps", "rt", "rw", "km", "pasal", "paslon", "capres", "cawapres", "calon", "dapil", "jilid", "tahap", "ayat", "bab", "kelas", "lantai", "jalur", "gelombang", "seri", "versi", "nomor", "no", "rp", "dosis", "varian", "grade", "tipe", "juz", "sesi", "part", "jam", "pukul", "pkl", "tanggal", "tgl", "tahun", "thn", "umur", "usia", "sd", "smp", "sma"]
)  # fmt: skip
_UNIT: Final = {"rb": "ribu", "rbu": "ribu", "k": "ribu", "jt": "juta", "jta": "juta", "m": "miliar", "t": "triliun"}
#: Without one of these no text speaks of its being passed on.
_TELLING: Final = frozenset(
    ["diteruskan", "teruskan", "terusan", "forward", "forwarded", "fwd", "fw", "diforward", "copas", "kopas", "copypaste", "copy", "paste", "dicopy", "salin", "disalin", "salinan", "repost", "reshare", "grup", "wag", "sebelah", "sebarkan", "disebarkan", "sebar", "disebar", "sebarluaskan", "disebarluaskan", "viral", "viralkan", "diviralkan", "share", "dishare", "sharing", "bagikan", "dibagikan", "berbagi", "meneruskan", "neruskan", "berhenti", "stop", "bermanfaat", "fyi", "breaking", "selengkapnya"]
)  # fmt: skip


def _forwards() -> str:
    lines = resources.files("rukun.core.text").joinpath("forwards.txt").read_text("utf-8").splitlines()
    told = [line for line in lines if not line.startswith(("#", "| "))]
    alone = [line[2:] for line in lines if line.startswith("| ")]
    return rf"(?<!\S)(?:{'|'.join(told)}|(?<![^\n])(?:{'|'.join(alone)})(?![^\n]))(?!\S)"


_FORWARD: Final = re.compile(_forwards())
_EMPTIED: Final = re.compile(r" *\n[ \n]*")


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
    parts: list[str] = []
    origin: list[int] = []
    for match in _GIVEN.finditer(text):
        begin = match.start()
        for words, places in _read(match.group()):
            parts += (words, " ")
            origin += [begin + place for place in places]
            origin.append(origin[-1])
    written, places_left = _settled("".join(parts)[:-1], origin[:-1])
    return Normalised(written, places_left)


def plainly(text: str) -> str:
    """`normalise(text).text` without the places, several times as fast."""
    return _settled(" ".join(filter(None, map(_WRITTEN.__getitem__, _GIVEN.findall(text)))), None)[0]


def _settled(text: str, origin: list[int] | None) -> tuple[str, list[int]]:
    """What can only be done over the bounds of words: letters that stand apart, and what speaks of passing on."""
    text, origin = _replaced(text, origin, [(*match.span(), "\n") for match in _EMPTIED.finditer(text)])
    words = text.split()
    if sum(map((1).__eq__, map(len, words))) > 3:
        apart = [(*match.span(), _formal(match.group().replace(" ", ""))) for match in _APART.finditer(text)]
        text, origin = _replaced(text, origin, apart)
        words = text.split()
    # a line that holds nothing else is only seen when the rest of it is gone
    while not _TELLING.isdisjoint(words):
        told = [(*match.span(), "\n") for match in _FORWARD.finditer(text)]
        if not told:
            break
        text, origin = _replaced(text, origin, told)
        text, origin = _replaced(text, origin, [(*match.span(), "\n") for match in _EMPTIED.finditer(text)])
        words = text.split()
    begin, end = len(text) - len(text.lstrip()), len(text.rstrip())
    return text[begin:end], origin[begin:end] if origin else []


def _replaced(text: str, origin: list[int] | None, edits: list[tuple[int, int, str]]) -> tuple[str, list[int] | None]:
    """The text and the places of its characters with other words in some spans, which are in order and apart."""
    if not edits:
        return text, origin
    parts: list[str] = []
    places: list[int] = []
    at = 0
    for start, end, words in edits:
        parts += (text[at:start], words)
        if origin is not None:
            places += origin[at:start]
            places += _aligned(text[start:end], origin[start:end], words)
        at = end
    parts.append(text[at:])
    return "".join(parts), None if origin is None else places + origin[at:]


def _aligned(source: str, places: Sequence[int], words: str) -> list[int]:
    """For each character of `words` the place of the character of `source` that it comes from, or that is nearest."""
    found: list[int] = []
    at, last = 0, len(source) - 1
    for character in words:
        hit = source.find(character, at, at + 3)
        if hit >= 0:
            at = hit
        found.append(places[min(at, last)])
        at += hit >= 0
    if found:
        # the whole of what was written stands behind the word, stretched endings too
        found[0], found[-1] = places[0], places[last]
    return found


class _Remembered(dict[str, str]):
    """The words of pieces of text that were read before: most pieces come again and again."""

    def __missing__(self, given: str) -> str:
        words = _piece(given)
        if len(given) <= _KEPT:
            if len(self) >= 1 << 17:
                self.clear()
            self[given] = words
        return words


_WRITTEN: Final = _Remembered()


def _read(given: str) -> tuple[_Placed, ...]:
    return _kept(given) if len(given) <= _KEPT else tuple(_pieces(given))


@lru_cache(maxsize=1 << 15)
def _kept(given: str) -> tuple[_Placed, ...]:
    return tuple(_pieces(given))


def _pieces(given: str) -> Iterator[_Placed]:
    """The words of a piece of text that holds no blank, with their places in it."""
    if given == "\n":
        yield "\n", (0,)
        return
    read = plain(given)
    small, origin = _small(read.text), list(read.origin)
    # links go first: what stands around them is read without them
    small, left = _replaced(small, origin, [(*match.span(), "\n") for match in _links(small)])
    for match in _PART.finditer(small):
        start, end = match.span()
        words = _words(match, end == len(small))
        if words:
            yield words, tuple(_aligned(small[start:end], (left or origin)[start:end], words))


def _piece(given: str) -> str:
    """The words of such a piece alone."""
    if given.isascii() and given.isalpha():
        return _formal(given.lower())
    if given == "\n":
        return given
    small = _small(plain(given).text)
    small, _ = _replaced(small, None, [(*match.span(), "\n") for match in _links(small)])
    return " ".join(filter(None, [_words(match, match.end() == len(small)) for match in _PART.finditer(small)]))


def _small(read: str) -> str:
    """In small letters of one alphabet, a character for each."""
    small = read.lower()
    if len(small) != len(read):
        small = "".join([character.lower()[:1] for character in read])
    return small if small.isascii() else small.translate(_ALIKE)


def _links(small: str) -> Iterator[re.Match[str]]:
    return _LINK.finditer(small) if "/" in small or "www." in small or "http:" in small else iter(())


def _words(match: re.Match[str], last: bool) -> str:
    kind, part = match.lastgroup, match.group()
    if kind in ("word", "lead"):
        return _formal(part.replace("'", ""))
    if kind == "end":
        return "\n" if last or part[0] not in ".:" else ""
    if kind == "amount":
        return re.sub(r"\D", "", match.group("amount"))
    if kind == "date":
        day, month, year = re.split(r"[-/.]", part)
        return f"{int(day)}/{int(month)}/{year}"
    return "persen" if kind == "percent" else part


@lru_cache(maxsize=1 << 17)
def _formal(word: str) -> str:
    """The formal words for a word in small letters; nothing for laughter."""
    if word.isdigit():
        return word
    if not word.isalpha() and re.search("[a-z]", word) and re.search("[0-9]", word):
        return _unmixed(word)
    if _LAUGHTER.fullmatch(word):
        return ""
    if _STRETCHED.search(word):
        once, twice = _STRETCHED.sub(r"\1", word), _STRETCHED.sub(r"\1\1", word)
        word = twice if known(twice) and not known(once) else once
    if _DOUBLED.search(word) and not known(word):
        once = _DOUBLED.sub(r"\1", word)
        word = once if known(once) else word
    return slang().get(word, word)


def _unmixed(word: str) -> str:
    """Words for letters with digits among them: a number beside a word, a word repeated, or leet."""
    again = _AGAIN.fullmatch(word)
    if again:
        return f"{_formal(again[1])} {_formal(again[1] + again[2])}"
    edge = _EDGE.fullmatch(word)
    leet = next((read for read in map(word.translate, _LEET) if len(read) > 2 and read.isalpha() and known(read)), "")
    if edge is None:
        letters = sum(map(str.isalpha, word))
        read = leet or (word.translate(_LEET[0]) if letters > len(word) - letters else "")
        return _formal(read) if read.isalpha() else word
    if edge["head"]:
        head, number = edge["head"], edge["number"]
        if number == "2" and len(head) > 2 and head not in _COUNTED and known(head):
            return f"{_formal(head)} {_formal(head)}"
        if leet and len(number) < 3 and head not in _COUNTED and (len(head) < 3 or not known(head)):
            return _formal(leet)
        return f"{_formal(head)} {number}"
    count, unit = edge["count"], edge["unit"]
    if leet and len(count) == 1 and (len(unit) < 3 or not known(unit)) and unit not in _UNIT:
        return _formal(leet)
    return f"{count} {_UNIT.get(unit) or _formal(unit)}"
