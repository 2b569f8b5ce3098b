"""Personal names in Indonesian text, by the words before them.

There is no list of persons here. A word is taken for a name because an honorific, a role or "bernama" stands before
it and because
it is none of the ordinary words that stand there, too ("Pak RT", "Ibu Lurah", "korban luka").
"""

from __future__ import annotations

import re
from importlib import resources
from typing import Final

#: Before a name in capitals or not. The words by themselves name nobody.
_HONORIFICS: Final = (
    r"pak", r"bapak", r"bpk", r"bp", r"bu", r"ibu", r"sdr", r"sdri", r"saudara", r"saudari", r"sdra", r"tuan", r"tn",
    r"nyonya", r"ny", r"nona", r"nn",
    r"a\.?n", r"an\.", r"atas nama", r"inisial", r"berinisial", r"bernama", r"nama(?:nya)?\s*:?", r"haji", r"hj",
    r"h\.", r"hj\.", r"ust", r"ustad", r"ustadz", r"ustaz", r"ustadzah",
    r"kyai", r"kiai", r"gus", r"pdt", r"pendeta", r"pastor", r"romo", r"bang", r"bg", r"mas", r"mbak", r"mba",
    r"kak", r"kakak", r"om", r"tante", r"daeng", r"dg", r"karaeng",
    r"opu", r"puang", r"almarhum", r"almarhumah", r"alm", r"drs", r"dr", r"ir", r"prof", r"bripka", r"aipda",
    r"aiptu", r"brigpol", r"briptu", r"bripda", r"brigadir", r"ipda", r"iptu", r"akp", r"kompol",
    r"akbp", r"kombes", r"serda", r"sertu", r"serka", r"serma", r"kopda", r"koptu", r"praka", r"pratu", r"kapten",
    r"mayor", r"letkol", r"panggilan", r"dipanggil", r"alias", r"biasa dipanggil",
)  # fmt: skip
#: Roles that a name may follow, when it is written as one (or, without capitals, nothing else can be meant).
_ROLES: Final = (
    r"kades", r"kepala desa", r"lurah", r"camat", r"bupati", r"wali ?kota", r"gubernur",
    r"ketua(?: (?:rt|rw|adat|pemuda|karang taruna|bpd|kelompok tani|panitia|kpu|bawaslu|dprd|umum))?(?: ?\d{1,3})?",
    r"sekdes", r"sekretaris(?: desa)?", r"bendahara", r"kepala dusun", r"kadus", r"kepala lingkungan", r"kaling",
    r"kepala sekolah", r"kepsek", r"guru", r"imam(?: masjid| desa)?",
    r"tokoh (?:adat|agama|masyarakat|pemuda|perempuan)", r"pelaku", r"terduga(?: pelaku)?", r"tersangka",
    r"terlapor", r"pelapor", r"korban", r"saksi", r"warga",
    r"pemilik(?: (?:lahan|tanah|rumah|kebun|warung|kios|toko))?",
    r"anaknya", r"anak", r"istrinya", r"istri", r"suaminya", r"suami", r"adiknya", r"adik", r"kakaknya", r"ayahnya",
    r"ayah", r"ibunya", r"tetangganya", r"temannya", r"keponakannya", r"sopir", r"pengendara",
    r"pemuda", r"lelaki", r"laki-laki", r"perempuan", r"pria", r"wanita", r"nelayan", r"petani", r"pedagang",
    r"kontraktor", r"calon(?: (?:kades|bupati|gubernur|wali ?kota))?", r"caleg", r"bhabin(?:kamtibmas)?",
    r"babinsa", r"kapolsek", r"kapolres", r"danramil", r"kanit", r"anggota",
)  # fmt: skip
#: Words after an honorific or a role that are no names.
_ORDINARY: Final = frozenset(resources.files("rukun.core.text").joinpath("ordinary.txt").read_text("utf-8").split())
_WORD: Final = r"(?:[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'’]*(?:-[A-Z][A-Za-z]+)?\.?)"
_CAPITAL: Final = re.compile(
    r"(?:(?:La|Wa)\s+Ode\s+)?(?:[A-ZÀ-Ý][A-Za-zÀ-ÿ'’]*\.?)(?:[ \t]+(?:bin|binti|Bin|Binti|bte)?[ \t]*(?:[A-ZÀ-Ý][A-Za-zÀ-ÿ'’]*\.?)){0,4}"
)
_ANY: Final = re.compile(rf"{_WORD}(?:[ \t]+{_WORD}){{0,3}}")
_AFTER: Final = re.compile(rf"(?<![\w\[])(?:{'|'.join(_HONORIFICS)})\.?[ \t]*:?[ \t]*", re.IGNORECASE)
_AFTER_ROLE: Final = re.compile(
    rf"(?<![\w\[])(?:{'|'.join(_ROLES)})[ \t]*:?[ \t]+(?:yang bernama |bernama |atas nama |berinisial |an\.? )?",
    re.IGNORECASE,
)
_PARTICLE: Final = re.compile(
    r"\b(?:[Ll][Aa]|[Ww][Aa])[ \t]+(?:[Oo]de|ODE)[ \t]+(?:[A-Za-z][A-Za-z'’]+)(?:[ \t]+[A-Z][A-Za-z'’]+){0,2}|\b(?:La|Wa)[ \t]+(?!Nina\b|Liga\b|Masa\b)[A-Z][a-z'’]{2,}(?:[ \t]+[A-Z][a-z'’]+){0,2}"
)
_INITIALS: Final = re.compile(r"(?:[A-Z]\.?){1,4}(?![A-Za-z])")
#: Words that begin the name of a place or an office: what follows them is none of a person's.
_PLACE: Final = re.compile(
    r"(?:desa|kelurahan|kel|kecamatan|kec|kabupaten|kab|kota|dusun|jalan|jln|jl|lorong|gang|pulau|teluk|gunung|sungai|pantai|pasar|masjid|gereja|sd|sdn|smp|smpn|sma|sman|smk|tps|rt|rw)\.?[ \t]+$",
    re.IGNORECASE,
)
_STRONG: Final = re.compile(
    r"(?:bernama|nama(?:nya)?\s*:?|a\.?n|an\.|atas nama|inisial|berinisial|alias|dipanggil|panggilan|sdr|sdri|saudara|saudari)\.?[ \t]*:?[ \t]*$",
    re.IGNORECASE,
)


def names_in(text: str) -> list[tuple[int, int]]:
    """(start, end) of what is taken for personal names, without the honorific before them. Never raises on a string."""
    found: list[tuple[int, int]] = []
    for match in _AFTER.finditer(text):
        before = text[max(0, match.start() - 20) : match.start()]
        if not _PLACE.search(before):
            found += _name_at(text, match.end(), strong=bool(_STRONG.search(match.group())), small=True)
    for match in _AFTER_ROLE.finditer(text):
        found += _name_at(text, match.end(), strong=bool(_STRONG.search(match.group())), small=False)
    for match in _PARTICLE.finditer(text):
        if not _PLACE.search(text[max(0, match.start() - 15) : match.start()]):
            found.append(match.span())
    return found


def _name_at(text: str, start: int, *, strong: bool, small: bool) -> list[tuple[int, int]]:
    """The name that begins at `start`, if one does. small: one in small letters counts, too; strong: initials, too."""
    initials = _INITIALS.match(text, start)
    if initials and strong and not text[initials.end() : initials.end() + 1].isdigit():
        return [initials.span()]
    capital = _CAPITAL.match(text, start)
    if capital:
        end = _without_ordinary(text, start, capital.end())
        return [(start, end)] if end > start else []
    if not small:
        return []
    plain = _ANY.match(text, start)
    if plain is None:
        return []
    # in small letters a name ends at the first word that is an ordinary one, and after two at the most
    end, taken = start, 0
    for word in re.finditer(_WORD, text[start : plain.end()]):
        bare = word.group().rstrip(".").lower()
        if bare in _ORDINARY or len(bare) < 2 or taken == 2 or (taken == 1 and not _like_a_name(bare)):
            break
        end, taken = start + word.end(), taken + 1
        if word.group().endswith("."):
            end -= 1
            break
    return [(start, end)] if taken else []


def _without_ordinary(text: str, start: int, end: int) -> int:
    """The end of a name in capitals: before the first word that is an ordinary one."""
    last = start
    for word in re.finditer(r"[^\s]+", text[start:end]):
        bare = word.group().rstrip(".").lower()
        # "Haji Mansur" is a name, "Haji" alone is none
        if bare in _ORDINARY and not (bare in ("haji", "hajjah") and start + word.end() < end):
            break
        last = start + word.end()
    if (
        last > start
        and text[last - 1] == "."
        and (last == len(text) or text[last : last + 1] in " \n")
        and last - start > 3
    ):
        last -= 1
    return last


_AFFIXED: Final = re.compile(
    r"(?:me|mem|men|meng|meny|di|ber|ter|ke|pe|per|se)[a-z]{4,}|[a-z]+(?:kan|nya|lah|kah|an|i)"
)


def _like_a_name(word: str) -> bool:
    """Whether a second word in small letters can go on a name: not when it is built like a verb or with an ending."""
    return _AFFIXED.fullmatch(word) is None
