"""Masking of personal data in Indonesian text, before anything of it is stored.

Numbers, addresses of mail and networks, plates and accounts are found by the library `lokal-id` and by patterns for
the spellings
that field reports use; names by the words before them: honorifics, roles, "bernama". Places, offices and institutions
stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from lokal.samaran import detect_pii
from lokal.samaran.types import PiiType

from rukun.core.text.names import names_in

Kind = Literal["nik", "kk", "phone", "email", "plate", "account", "handle", "number", "name"]

#: What stands in the text instead.
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
_LIBRARY: Final[dict[PiiType, Kind]] = {
    "NIK": "nik",
    "KK": "kk",
    "PHONE": "phone",
    "EMAIL": "email",
    "PLATE": "plate",
    "BANK_ACCOUNT": "account",
    "CARD": "account",
    "NPWP": "number",
    "PASSPORT": "number",
    "SIM": "number",
    "NIP": "number",
    "BPJS": "number",
    "NISN": "number",
}
_SOUGHT: Final = tuple(_LIBRARY)
#: Where two finds overlap, the first of these is kept.
_RANK: Final = {
    kind: rank
    for rank, kind in enumerate(("email", "handle", "kk", "nik", "account", "phone", "plate", "number", "name"))
}

_SIXTEEN = re.compile(
    r"(?<![\d.,])\d{2}[ .-]?\d{2}[ .-]?\d{2}[ .-]?\d{2}[ .-]?\d{2}[ .-]?\d{2}[ .-]?\d{4}(?!\d)|(?<!\d)\d{4}(?:[ .-]\d{4}){3}(?!\d)"
)
_FAMILY_CARD = re.compile(r"\b(?:no(?:mor|\.)?\s*)?(?:kk|kartu keluarga)\b[^0-9\n]{0,25}$", re.IGNORECASE)
# a mobile or landline number in any spelling: +62, 62, 0 or "nol" before it, o and O for zeros, dots, dashes, blanks,
# brackets between
_PHONE = re.compile(
    r"(?<![\w.,/])(?:\(?\+?\s?62\)?[ .-]?|\(?[0oO])(?:\(0\)\s?)?(?:8[0-9oO]{1,3}|[2-79]\d{1,2})\)?(?:[ .-]{0,2}[0-9oO]){5,10}(?![\w/]|[.,]\d)"
)
_DIGIT_WORD = r"(?:nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan)"
_SPOKEN = re.compile(rf"\b(?:nol|kosong)[\s-]+delapan(?:[\s,-]+(?:{_DIGIT_WORD}|\d+)){{4,14}}\b", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\s?(?:\.|\(dot\)|\[dot\])\s?[a-z]{2,})+", re.IGNORECASE)
_LINK = re.compile(
    r"(?:https?://)?(?:www\.|m\.|web\.|id-id\.)?(?:facebook\.com|fb\.com|fb\.me|fb\.watch|instagram\.com|instagr\.am|tiktok\.com|vt\.tiktok\.com|twitter\.com|"
    r"x\.com|t\.me|telegram\.me|wa\.me|chat\.whatsapp\.com|api\.whatsapp\.com|youtube\.com|youtu\.be|threads\.net|threads\.com|linkedin\.com|line\.me|snapchat\.com)/[^\s,;)\]>\"']*[^\s,;.)\]>\"'!?]",
    re.IGNORECASE,
)
_AT = re.compile(r"(?<![\w@/.])@[A-Za-z0-9_](?:[A-Za-z0-9_.]{0,38}[A-Za-z0-9_])")
_NETWORK = (
    r"(?:fb|facebook|ig|instagram|insta|tiktok|tik tok|tt|twitter|telegram|tele|threads|youtube|snapchat|line|medsos|x)"
)
# "akun FB Anak Kendari", "IG: anak.kendari", "fb-nya rio kendari": the words after it, to the end of what can be a name
_NAMED_ACCOUNT = re.compile(
    rf"\b(?:akun|akunnya|profil|id|user(?:name)?|halaman|grup|channel|kanal)\s+(?:{_NETWORK}\s*)?(?:milik\s+|bernama\s+|atas nama\s+|dengan nama\s+)?[:=]?\s*[\"“']?"
    rf"(?P<a>[A-Za-z][\w.]*\d[\w.]*|\w+[._]\w[\w.]*)"
    rf"|\b{_NETWORK}(?:nya|-nya)?\s*[:=]\s*[\"“']?@?(?P<b>[\w.]{{3,40}}\w)"
    rf"|\b(?:akun|akunnya|profil)\s+{_NETWORK}\s+(?:milik\s+|bernama\s+|atas nama\s+|dengan nama\s+)?[\"“'](?P<c>[^\"”'\n]{{2,40}})[\"”']"
    rf"|\b(?:akun|akunnya|profil)\s+{_NETWORK}\s+(?:bernama\s+|atas nama\s+|dengan nama\s+)?(?P<d>[A-Z][\w.]*(?:\s[A-Z][\w.]*){{0,2}})"
    rf"|\b(?i:ig|fb|tiktok|telegram|instagram)(?:nya|-nya)?\s+(?P<e>\w+[._]\w[\w.]*|[A-Za-z]+\d+\w*)",
    re.IGNORECASE,
)
_PLATE_REGION = "A|AA|AB|AD|AE|AG|B|BA|BB|BD|BE|BG|BH|BK|BL|BM|BN|BP|D|DA|DB|DC|DD|DE|DF|DG|DH|DK|DL|DM|DN|DP|DR|DS|DT|DW|E|EA|EB|ED|F|G|H|K|KB|KH|KT|KU|L|M|N|P|PA|PB|PG|PS|PT|PY|R|S|T|W|Z"
_PLATE = re.compile(rf"(?<![\w.])(?:{_PLATE_REGION})[ .-]?\d{{1,4}}[ .-]?[A-Z]{{1,3}}(?![\w])")
_PLATE_SAID = re.compile(
    rf"\b(?:plat|nopol|nomor polisi|no\.? ?pol(?:isi)?|nomer polisi|tnkb|pelat)\b(?:\s*(?:nomor|no|motor|mobil|kendaraan|dengan|nya|yaitu|ber))*\s*[.:]?\s*(?P<v>(?:{_PLATE_REGION})[ .-]?\d{{1,4}}[ .-]?[A-Z]{{0,3}})\b",
    re.IGNORECASE,
)
_PLATE_SMALL = re.compile(r"(?<![\w.])(?:dt|dd|dn|dp|dw)[ .-]?\d{3,4}[ .-]?[a-z]{2}(?!\w)")
_BANK = r"(?:bca|bri|bni|mandiri|btn|bsi|bpd|cimb|danamon|permata|seabank|jago|mega|bukopin|panin|bank sultra|bank sulselbar|muamalat|ovo|gopay|dana|shopeepay|linkaja)"
_ACCOUNT = re.compile(
    rf"\b(?:no(?:mor|mer|\.)?\s*)?(?:rek(?:ening)?|norek|{_BANK})(?:nya|-nya)?\b\.?(?:\s*(?:{_BANK}|nomor|nomer|no|ke|di|tujuan|bank|adalah|dengan|norek|rek(?:ening)?))*\.?\s*[:=]?\s*(?P<v>\d(?:[ .-]?\d){{7,17}})(?!\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Span:
    """Personal data in a text: its kind and where it begins and ends, in characters."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class Redaction:
    """text: as it may be stored; spans: what was masked, by its place in the original, in order and without overlap."""

    text: str
    spans: tuple[Span, ...]


def redact(text: str) -> Redaction:
    """The text with personal data masked; masking it again changes nothing. Never raises on a string."""
    spans = _settled(text, [*_numbers(text), *_by_library(text), *_of_networks(text), *_names(text)])
    parts: list[str] = []
    at = 0
    for span in spans:
        parts += [text[at : span.start], MASKS[span.kind]]
        at = span.end
    return Redaction("".join([*parts, text[at:]]), spans)


def _numbers(text: str) -> list[Span]:
    found: list[Span] = []
    for match in _SIXTEEN.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if _citizen_number(digits):
            family = _FAMILY_CARD.search(text[max(0, match.start() - 60) : match.start()])
            found.append(Span("kk" if family else "nik", *match.span()))
    for match in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", match.group().replace("o", "0").replace("O", "0"))
        if 9 <= len(digits) <= 15:
            found.append(Span("phone", *match.span()))
    found += [Span("phone", *match.span()) for match in _SPOKEN.finditer(text)]
    found += [Span("plate", *match.span()) for pattern in (_PLATE, _PLATE_SMALL) for match in pattern.finditer(text)]
    found += [Span("plate", *match.span("v")) for match in _PLATE_SAID.finditer(text)]
    found += [Span("account", *match.span("v")) for match in _ACCOUNT.finditer(text)]
    return found


def _citizen_number(digits: str) -> bool:
    """Whether 16 digits can be a NIK or KK: a province, then a date (40 is added to a woman's day), then a number
    above 0.
    """
    day, month = int(digits[6:8]), int(digits[8:10])
    return (
        11 <= int(digits[:2]) <= 97
        and 1 <= (day - 40 if day > 40 else day) <= 31
        and 1 <= month <= 12
        and digits[12:] != "0000"
    )


def _by_library(text: str) -> list[Span]:
    found = []
    for match in detect_pii(text, types=_SOUGHT):
        kind = _LIBRARY[match.type]
        # a village's code or a sum of money is no account
        if kind == "account" and not _ACCOUNT.search(text[max(0, match.start - 60) : match.end]):
            continue
        found.append(Span(kind, match.start, match.end))
    return found


def _of_networks(text: str) -> list[Span]:
    found = [Span("email", *match.span()) for match in _MAIL.finditer(text)]
    found += [Span("handle", *match.span()) for pattern in (_LINK, _AT) for match in pattern.finditer(text)]
    for match in _NAMED_ACCOUNT.finditer(text):
        group = next(name for name in "abcde" if match.group(name) is not None)
        found.append(Span("handle", *match.span(group)))
    return found


def _names(text: str) -> list[Span]:
    return [Span("name", start, end) for start, end in names_in(text)]


def _settled(text: str, found: list[Span]) -> tuple[Span, ...]:
    """Without overlaps: of two the one of the better rank, then the longer; masks that are there already stay."""
    masked = [match.span() for match in re.finditer("|".join(map(re.escape, MASKS.values())), text)]
    kept: list[Span] = []
    taken = bytearray(len(text))
    for start, end in masked:
        taken[start:end] = b"\1" * (end - start)
    for span in sorted(found, key=lambda span: (_RANK[span.kind], span.start - span.end, span.start)):
        if span.start < span.end and not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.append(span)
    return tuple(sorted(kept, key=lambda span: span.start))
