"""Numbers that lead to a person: identity, telephone, account and plate, in the spellings that reports use.

Every function takes text as it reads (`rukun.core.text.plain`) and gives (kind, start, end); every pattern is bounded,
so that time is proportional to the length whatever the text is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lokal.samaran import detect_pii
from lokal.samaran.types import PiiType

from rukun.core.text.kinds import Found, Kind, word_set

_LIBRARY: Final[dict[PiiType, Kind]] = {
    "NIK": "nik", "KK": "kk", "PHONE": "phone", "EMAIL": "email", "PLATE": "plate", "CARD": "account",
    "NPWP": "number", "PASSPORT": "number", "SIM": "number", "NIP": "number", "BPJS": "number", "NISN": "number",
}  # fmt: skip
_SOUGHT: Final = tuple(_LIBRARY)
#: The library looks this many characters at a time: some of its patterns take more than linear time.
_CHUNK: Final = 2000
_PROVINCES: Final = word_set(
    "11 12 13 14 15 16 17 18 19 21 31 32 33 34 35 36 51 52 53 61 62 63 64 65 71 72 73 74 75 76 81 82 91 92 93 94 95 "
    "96 97"
)
_SIXTEEN: Final = re.compile(r"(?<!\d)(?<!\d[.,])\d(?:[ .\-]{0,2}\d){15}+(?!\d)")
_IDENTITY_WORD: Final = re.compile(
    r"(?:\b|_)(nik|ktp|e-?ktp|kk|kartu keluarga|kependudukan)(?:nya)?\b[^\n]{0,40}$", re.IGNORECASE
)
_IDENTITY: Final = re.compile(
    r"\b(?P<w>nik|ktp|e-?ktp|no\.?\s?kk|nomor kk|kartu keluarga)(?:nya)?\b[^\d\n]{0,20}(?P<v>\d(?:[ .\-]{0,2}\d){11,19}+)(?!\d)",
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(
    r"\b(?:nip|nrp|nisn|nis|nim|npwp|bpjs|jkn|kis|sim(?: [abc]\d?)?|imei|stnk|bpkb|pelanggan|kusuka|kta|(?:no(?:mor|\.)?\s?)(?:mesin|rangka|sim|kartu|ktp|ka|anggota))(?:nya)?\b[^\d\n]{0,20}?(?P<v>\d(?:[ .\-/]?\d){5,19}+)(?!\d)"
    r"|\b(?:paspor|passport)(?:nya)?\b[^\d\n]{0,20}?(?P<p>\b[A-Z]{1,2}\s?\d{6,8})(?!\w)"
    r"|\b(?:rangka|mesin)(?:nya)?\b[\s:.]{0,3}(?P<r>(?=[A-Z\d]{0,16}\d)[A-Z\d]{8,17}|[A-Z\d]{2,5}-\d{5,8})(?!\w)",
    re.IGNORECASE,
)
_LONG: Final = re.compile(r"(?<![\d.,])\d{14,20}(?!\d|[.,]\d)|(?<!\d)\d{2}\.\d{3}\.\d{3}\.\d[-.]\d{3}\.\d{3}(?!\d)")
_CARD: Final = re.compile(r"(?<!\d)\d{4}(?:[ -]\d{4}){3}(?!\d)")

_NUMERAL: Final = re.compile(
    r"(?:(?<!\d)(?<!\d[.,])[(+]{0,2}(?:(?<=\+)[1-9]|(?:0|62?)[ .\-/()]{0,3}[2-9oO0]|8(?=\d\d))|(?<![A-Za-z\d])[oO](?=[ .\-]?8))(?:[ .\-/()]{0,3}[0-9oOlI](?![a-km-zA-HJ-NP-Z])){5,21}+"
)
_DATE_FIRST: Final = re.compile(r"\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)\d\d(?!\d)|(?:19|20)\d\d-\d\d-\d\d(?!\d)")
_TIMES_FIRST: Final = re.compile(r"[0-2]?\d[.:][0-5]\d(?:\s?(?:-|/)\s?[0-2]?\d[.:][0-5]\d)?(?![\d.])")
_PHONE_WORD: Final = re.compile(
    r"\b(?:hp|no|nomor|nomer|nmr|nope|wa|whatsapp|telp|telpon|telepon|tlp|tlpn|tel|hub|hubungi|kontak|contact|cp|call|sms|handphone|fax|ponsel|gopay|ovo|dana|shopeepay|linkaja|pulsa)(?:nya)?\b[^\d\n]{0,18}$",
    re.IGNORECASE,
)
_AMOUNT_BEFORE: Final = re.compile(r"\brp\.?\s?$|[$]\s?$", re.IGNORECASE)
_AMOUNT_AFTER: Final = re.compile(r"\s?(?:,-|juta|jt\b|ribu|rb\b|miliar|rupiah|orang|suara|jiwa|kg\b)", re.IGNORECASE)
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[.,]\d{3})+(?:,\d\d?)?")
_AREA_CODE: Final = re.compile(r"\d\d\.\d\d\.\d\d(?:\.\d{4})?")
_DIGIT_WORD: Final = r"(?:nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan|lapan|sembilan|sepuluh|sebelas|puluh|belas|dobel|double|nool)"
_SPOKEN: Final = re.compile(
    rf"\b(?:(?:nol|kosong|0|plus enam dua|enam dua|62)[\s,.\-]{{1,3}}(?:delapan|lapan|8\d*)|nol|kosong|delapan)(?:[\s,.\-]{{1,3}}(?:{_DIGIT_WORD}|\d{{1,4}})\b){{5,14}}+",
    re.IGNORECASE,
)
#: Any row of spoken digits: an identity number begins with anything.
_SPOKEN_ROW: Final = re.compile(
    rf"\b{_DIGIT_WORD}(?:[\s,.\-/]{{1,4}}(?:{_DIGIT_WORD}|\d{{1,4}})\b){{7,23}}+", re.IGNORECASE
)
_SPOKEN_WORD: Final = re.compile(_DIGIT_WORD, re.IGNORECASE)

_BANK: Final = (
    r"(?:bca|bri|britama|simpedes|bni|mandiri|btn|bsi|bpd|bpr|cimb|niaga|danamon|permata|seabank|sea bank|jago|mega|bukopin|panin|muamalat|maybank|ocbc|bjb|blu|neo|allo"
    r"|jenius|bank [a-z]+|ovo|gopay|go-pay|dana|shopeepay|shopee pay|spay|linkaja|link aja|isaku|sakuku|doku|flip)"
)
BANK: Final = re.compile(_BANK)
_BANK_BEFORE: Final = re.compile(
    rf"(?:\b(?:rek(?:ening)?|norek|nomor\s?rekening|virtual account|va|{_BANK})(?:nya|ku|mu)?\b[^\d\n]{{0,35}})$",
    re.IGNORECASE,
)
_BANK_AFTER: Final = re.compile(rf"\s?[(\[,\-/]?\s?(?:{_BANK}\b|rek\b|a\.?\s?n\.?\s|atas nama)", re.IGNORECASE)
_RUN: Final = re.compile(r"(?<![\d])(?<!\d[.,])\d(?:[ .\-]{0,3}\d){5,20}+(?!\d)")

_UNBROKEN: Final = re.compile(r"\d{8}|\d{3,} \d{3,}")

#: A telephone number with whatever signs between its digits: 0812*3456*7712.
_BETWEEN: Final = r"(?:[^\w\n]|_){0,3}"
_ODD: Final = re.compile(rf"(?<!\d)(?<!\d[.,])\+?(?:(?:00)?62{_BETWEEN}0?|0){_BETWEEN}8(?:{_BETWEEN}\d){{7,40}}+")
#: Digits in one go or in groups, that no rule of ours claims; and codes of devices, vehicles and parcels.
_REST: Final = re.compile(r"(?<![\w/.,=&\-])(?:\d{8,}+|\d{3,}+(?:[ \-]\d{3,}+){1,5}+)(?![\w/=]|[.,]\d|-\w)")
_CODE: Final = re.compile(
    r"(?<![\w/.=&\-])(?=[A-Z\d]{0,20}?\d)(?=\d{0,20}[A-Z])(?:[A-Z]{0,5}\d){6,17}+[A-Z]{0,3}(?![\w/=])"
)
_DATE_JOINED: Final = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_YEARS: Final = re.compile(r"(?:(?:19|20)\d\d[ \-]?)+")
_CODE_WORD: Final = re.compile(r"\b(?:kode|bps|kemendagri)\b[^\d\n]{0,25}$", re.IGNORECASE)
_MONEY_WORD: Final = re.compile(
    r"(?:\brp\.?|\b(?:harga|uang|senilai|sebesar|gaji|upah|kerugian|rugi|anggaran|dana|modal|total|jumlah|bayar|biaya)(?:nya)?)[^\d\n]{0,20}$",
    re.IGNORECASE,
)

_REGION: Final = r"(?:A[ABDEG]?|B[ABDEGHKLMNP]?|D[A-EGHKLMNPRSTW]?|E[ABD]?|F|G|H|K[BHTU]?|L|M|N|P[ABGSTY]?|R|S|T|W|Z)"
_PLATE: Final = re.compile(
    rf"(?<![\w.])(?!R[2346]\b)(?P<r>{_REGION})(?P<x>[ .\-]{{0,2}})(?P<n>\d{{1,4}})(?P<y>[ .\-]{{0,2}})(?P<s>[A-Z]{{1,3}})(?!\w|[ .\-]?\d{{4}})",
    re.IGNORECASE,
)
_PLATE_NO_SUFFIX: Final = re.compile(
    rf"\b(?:plat|pelat|nopol|tnkb|nomor polisi|nomer polisi|no\.? ?pol(?:isi)?)(?:nya)?\b[^\d\n]{{0,25}}?\b(?P<v>{_REGION}[ .\-]{{0,2}}\d{{2,4}}(?:[ .\-]{{0,2}}[A-Z]{{1,3}})?)(?!\w)",
    re.IGNORECASE,
)
_VEHICLE: Final = re.compile(
    r"\b(?:plat|pelat|nopol|tnkb|polisi|pol|motor|mobil|truk|truck|pickup|pick up|bus|angkot|kendaraan|r2|r4|mtr|mbl|matic|avanza|xenia|pajero|fortuner|terios|rush|calya|sigra|agya|ayla|jazz|carry|hilux|triton|elf|fuso|hino|canter|aerox|pcx|fino|xmax|klx|crf|ninja|satria|revo|blade|genio|sedan|jeep|minibus|daihatsu|mitsubishi|isuzu|kawasaki|innova|beat|vario|mio|nmax|scoopy|supra|vixion|jupiter|ertiga|brio|honda|yamaha|toyota|suzuki|stnk|bentor|dump)(?:nya)?\b[^\d\n]{0,40}$",
    re.IGNORECASE,
)
#: Regions of plates that are words or abbreviations as well.
_REGION_WORDS: Final = word_set("AD DA BE BA PA BB BP DI KB KT PB AB")
_NO_SUFFIX: Final = word_set(
    "wib wit kg km cm mm ha kk kw rt rw hp ps pk ls lu bt gb mb am pm ml gr rb jt m3 tps sm sd dan di ke x no or th "
    "thn bln hr org ton kv va lt cc gt mg dm"
)


def numbers_in(text: str) -> list[Found]:
    """Identity, telephone, account and plate numbers of a text as it reads; they may overlap."""
    found: list[Found] = list(_spoken(text))
    if re.search(r"\d", text):
        found += _plates(text)
        if re.search(r"\d[^\n]{0,3}[\doOlI][^\n]{0,3}[\doOlI][^\n]{0,3}[\doOlI]", text):
            found += _identities(text)
            found += _phones(text)
            found += _accounts(text)
            found += _odd(text, found)
            found += _by_library(text, found)
            found += _rest(text, found)
    return found


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def citizen_number(digits: str) -> bool:
    """Whether 16 digits can be a NIK or KK: a province, a day (40 more for a woman) and month, a number above 0."""
    day, month = int(digits[6:8]), int(digits[8:10])
    return (
        digits[:2] in _PROVINCES
        and 1 <= (day - 40 if day > 40 else day) <= 31
        and 1 <= month <= 12
        and digits[12:] != "0000"
    )


def _identities(text: str) -> Iterator[Found]:
    for match in _SIXTEEN.finditer(text):
        groups = re.split(r"[ .\-]+", match.group())
        word = _IDENTITY_WORD.search(text[max(0, match.start() - 60) : match.start()])
        # eight pairs of digits are a list of numbers unless something says otherwise
        if word or (
            citizen_number(_digits(match.group()))
            and (len(groups) == 16 or (len(groups) <= 7 and min(map(len, groups)) > 1))
        ):
            yield _family(word.group(1) if word else "", text, match.start()), *match.span()
    for match in _IDENTITY.finditer(text):
        yield _family(match.group("w"), text, match.start("v")), *match.span("v")
    for match in _NUMBERED.finditer(text):
        group = match.lastgroup
        assert group is not None
        if not _AREA_CODE.fullmatch(match.group(group)):
            yield "number", *match.span(group)
    for pattern in (_LONG, _CARD):
        for match in pattern.finditer(text):
            yield "number", *match.span()


def _family(word: str, text: str, start: int) -> Kind:
    near = text[max(0, start - 25) : start].lower()
    return "kk" if re.search(r"\b(?:kk|kartu keluarga)", near) or word.lower().endswith(("kk", "keluarga")) else "nik"


def _phones(text: str) -> Iterator[Found]:
    at = 0
    while match := _NUMERAL.search(text, at):
        start, raw = match.start(), match.group()
        first = start + len(raw) - len(raw.lstrip("(+"))
        skip = _DATE_FIRST.match(text, first) or _TIMES_FIRST.match(text, first)
        end = start if skip and not raw.startswith("+") else _phone_end(text, match)
        if end > start:
            if end < len(text) and text[end] == ")" and "(" in raw and ")" not in text[start:end]:
                end += 1
            yield "phone", start, end
            at = end
        else:
            at = skip.end() if skip else _past_group(text, first)


def _past_group(text: str, at: int) -> int:
    at += 1
    while at < len(text) and text[at].isdigit():
        at += 1
    return at


def _phone_end(text: str, match: re.Match[str]) -> int:
    """Where the telephone number that a numeral begins with ends; its start, if it is none."""
    raw, start = match.group(), match.start()
    lead = len(raw) - len(raw.lstrip("(+"))
    groups = [(part.group().translate(_AS_DIGIT), start + part.end()) for part in re.finditer(r"[0-9oOlI]+", raw)]
    joined = "".join(digits for digits, _ in groups)
    actual = sum(character.isdigit() for character in raw)
    if (
        2 * actual < len(joined)
        or _LONG.match(text, start + lead)
        or _AMOUNT_BEFORE.search(text[max(0, start - 4) : start])
    ):
        return start
    abroad = "+" in raw[:lead]
    if joined.startswith("0062"):
        least, most = 12, 17
    elif joined.startswith("62") and (len(joined) > 3 and (joined[2] in "08" or abroad)):
        least, most = (10 if abroad or "(" in raw else 11), 15
    elif joined.startswith("08"):
        least, most = 10, 13
    elif joined.startswith("0") and len(joined) > 2 and joined[1] in "2345679":
        # of a landline the code of the area stands apart or in brackets, or everything together
        if len(groups) > 1 and len(groups[0][0]) not in (3, 4, 9, 10, 11):
            return start
        least, most = 8 if len(groups) > 1 else 9, 12
    elif abroad:
        least, most = 8, 15
    elif joined.startswith("8") and len(groups) == 1 and joined[1] != "0" and 10 <= len(joined) <= 12:
        least, most = 10, 12
    elif joined.startswith("8") and _PHONE_WORD.search(text[max(0, start - 40) : start]):
        least, most = 9, 12
    else:
        return start
    if _THOUSANDS.fullmatch(raw) or (groups[0][0] == "0" and len(groups) == 2 and raw[lead + 1] == "."):
        return start
    return _last_group(groups, least, most, start, text)


#: What is counted by a number that stands behind a telephone number.
_COUNTED: Final = re.compile(
    r"\s(?:orang|kali|x\b|unit|rumah|kk\b|hari|jam|menit|kg|liter|motor|ekor|buah|jiwa)", re.IGNORECASE
)
_AS_DIGIT: Final = str.maketrans("oOlI", "0011")


def _last_group(groups: list[tuple[str, int]], least: int, most: int, start: int, text: str) -> int:
    """The end of the groups that make between `least` and `most` digits; a short last one after long ones isn't taken."""
    ends: list[tuple[int, int]] = []
    total = 0
    for index, (digits, end) in enumerate(groups):
        total += len(digits)
        if total > most:
            break
        if total >= least:
            ends.append((index, end))
    if not ends:
        return start
    index, end = ends[-1]
    earlier = [len(digits) for digits, _ in groups[:index]]
    if len(ends) > 1 and len(groups[index][0]) <= 2 and min(earlier) >= 3 and _COUNTED.match(text, end):
        index, end = ends[-2]
    # a numeral that goes on without a break is longer than any telephone number
    return start if end < len(text) and text[end].isdigit() else end


def _spoken(text: str) -> Iterator[Found]:
    """Digits in words: a long row is an identity or another number, a short one a telephone's."""
    lowered = text.lower()
    inside: set[int] = set()
    if "lima" in lowered or "tujuh" in lowered or "enam" in lowered or "empat" in lowered:
        for match in _SPOKEN_ROW.finditer(text):
            words = len(_SPOKEN_WORD.findall(match.group()))
            if words < 6:
                continue
            kind: Kind = "phone"
            if words + len(_digits(match.group())) >= 14:
                near = text[max(0, match.start() - 40) : match.start()]
                kind = _family("", text, match.start()) if _IDENTITY_WORD.search(near) else "number"
                inside.update(range(*match.span()))
            yield kind, *match.span()
    if "nol" in lowered or "lapan" in lowered or "kosong" in lowered:
        for match in _SPOKEN.finditer(text):
            words = len(_SPOKEN_WORD.findall(match.group()))
            # a telephone's number inside of a longer one is none
            if match.start() not in inside and words >= 3 and words + len(_digits(match.group())) >= 8:
                yield "phone", *match.span()


def _accounts(text: str) -> Iterator[Found]:
    for match in _RUN.finditer(text):
        raw, start, end = match.group(), match.start(), match.end()
        count = len(_digits(raw))
        if count < 8 and not re.search(r"rek(?:ening)?\b[^\d\n]{0,20}$", text[max(0, start - 35) : start], re.I):
            continue
        before, after = text[max(0, start - 55) : start], text[end : end + 24]
        if not (_BANK_BEFORE.search(before) or (count >= 9 and _BANK_AFTER.match(after))):
            continue
        if (
            _AMOUNT_BEFORE.search(before)
            or _AMOUNT_AFTER.match(after)
            or _THOUSANDS.fullmatch(raw)
            or _AREA_CODE.fullmatch(raw)
            or _DATE_FIRST.match(raw)
            or _TIMES_FIRST.fullmatch(raw)
        ):
            continue
        yield "account", start, end


def _odd(text: str, ours: list[Found]) -> Iterator[Found]:
    """Telephone numbers with unusual signs between: digits one by one, or in groups that no date or list has."""
    covered = _covered(text, ours)
    for match in _ODD.finditer(text):
        if any(covered[match.start() : match.end()]) or _LONG.match(text, match.start()):
            continue
        groups = re.findall(r"\d+", match.group())
        lengths = [len(group) for group in groups]
        if set(lengths) == {1} or (min(lengths[:-1], default=9) >= 3 and lengths[-1] >= 2):
            yield "phone", *match.span()


def _rest(text: str, ours: list[Found]) -> Iterator[Found]:
    """Long numbers of no kind that is known: masked unless plainly money, a date, an area's code or a list."""
    covered = _covered(text, ours)
    for match in _REST.finditer(text):
        if any(covered[match.start() : match.end()]):
            continue
        digits, before = _digits(match.group()), text[max(0, match.start() - 45) : match.start()]
        if (
            len(digits) < (8 if digits == match.group() else 9)
            or (digits[0] != "0" and digits.endswith("000") and len(digits) <= 12)
            or all(group.endswith("00") for group in re.findall(r"\d+", match.group()))
            or _DATE_JOINED.fullmatch(digits)
            or _YEARS.fullmatch(match.group())
            or (len(digits) == 10 and _CODE_WORD.search(before))
            or (_MONEY_WORD.search(before) and digits[0] != "0" and len(digits) <= 12)
            or _AMOUNT_AFTER.match(text, match.end())
        ):
            continue
        yield "number", *match.span()
    for match in _CODE.finditer(text):
        if len(match.group()) >= 9:
            yield "number", *match.span()


def _plates(text: str) -> Iterator[Found]:
    for match in _PLATE.finditer(text):
        region, number, suffix = match.group("r"), match.group("n"), match.group("s")
        # "DT 2981 KE": a region that is no word, in capitals, makes a plate whatever the letters behind it
        plainly = region.isupper() and suffix.isupper() and len(number) == 4 and region not in _REGION_WORDS
        if suffix.lower() in _NO_SUFFIX and not (plainly and len(region) == 2):
            continue
        said = len(number) < 3 or not (region.isupper() and suffix.isupper())
        together = not match.group("x") and not match.group("y")
        # in small letters, or with one or two digits, it could be anything unless a vehicle is spoken of
        small = (
            not region.isupper()
            and len(number) >= 3
            and (together or (len(region) == 2 and region.lower() not in ("ad", "da", "be", "ba", "pa")))
        )
        if (
            not said
            or small
            or _VEHICLE.search(text[max(0, match.start() - 60) : match.start()])
            or (
                region.isupper()
                and suffix.isupper()
                and len(region) == 2
                and re.match(r"\s+(?:mobil|dinas|motor)", text[match.end() : match.end() + 8], re.I)
            )
        ):
            yield "plate", *match.span()
    for match in _PLATE_NO_SUFFIX.finditer(text):
        yield "plate", *match.span("v")


def _covered(text: str, found: list[Found]) -> bytearray:
    """1 where something was found."""
    covered = bytearray(len(text))
    for _, start, end in found:
        covered[start:end] = b"\1" * (end - start)
    return covered


def _by_library(text: str, ours: list[Found]) -> Iterator[Found]:
    """A second look by the library at the lines where a long number is left that ours don't know."""
    covered = _covered(text, ours)
    for run in _RUN.finditer(text):
        if (
            any(covered[run.start() : run.end()])
            or not _UNBROKEN.search(run.group())
            or _THOUSANDS.fullmatch(run.group())
        ):
            continue
        begin = max(0, run.start() - 80)
        # a village's code, a date or a sum of money is none of these
        for match in detect_pii(text[begin : run.end() + 20], types=_SOUGHT):
            kind = _LIBRARY[match.type]
            if not _AREA_CODE.fullmatch(match.value) and begin + match.start >= run.start():
                yield kind, begin + match.start, begin + match.end
