"""Forms of personal names: where one that begins at a token ends, and whether one stands beside a number or by itself."""

from __future__ import annotations

import re
from typing import Final

from rukun.core.text.callings import ACRONYMS, STRONG, callings
from rukun.core.text.kinds import MASKS, word_set
from rukun.core.text.numbers import BANK
from rukun.core.text.tokens import Tokens, acronym, initials_at
from rukun.core.text.words import NAMES, OFFICES, ORDINARY, likely, ordinary, place

CALLINGS: Final = callings()
#: Words that begin the name of a place or a building: what follows is none of a person's.
PLACES: Final = word_set(
    "desa kelurahan kel kecamatan kec kabupaten kab kota dusun jalan jln jl lorong lrg gang gg pulau teluk gunung "
    "sungai pantai pasar masjid mesjid mushola gereja pura sd sdn smp smpn sma sman smk mi mts rsud rsu rs puskesmas "
    "bandara pelabuhan stadion gor lapangan taman monumen universitas kampus pondok pesantren ponpes km kmp kapal "
    "bendungan jembatan tugu makam benteng yayasan pt cv ud hotel gedung aula jalanan perumahan btn kompleks provinsi"
)
#: Honorifics of daily speech: a street may be named after a Haji, hardly after a "Pak".
DAILY: Final = word_set("pak bapak bpk bu ibu sdr sdri saudara saudari bang mas mbak mba kak om tante daeng dg")
CLAN: Final = frozenset(("la", "wa"))
_INSIDE: Final = word_set("bin binti bte ibn al el ad dg daeng van de da br boru beru")
#: Words before which "wa" and "la" are no clan's particle.
_NO_CLAN: Final = frozenset(["nina", "liga", "masa", "nya", "tau", "casa", "roca"])
#: Before these names nobody is meant who lives.
_HALLOWED: Final = word_set("nabi rasul sultan santo santa dewa dewi jumat imam kabupaten tuhan yesus kri")
_MOST: Final = 5
#: What may stand before an entry of a list.
_ENTRY: Final = frozenset([",", ";", ":", ".", "-", ")", "/", "*", "|", "\n", "dan", "&"])
#: Behind these words it is no longer the role that is spoken of.
_TURNS: Final = word_set(
    "dari asal untuk yang dan atau dengan oleh pada bersama serta vs akan sudah telah tidak belum bukan juga masih lagi "
    "saat ketika waktu soal tentang karena lalu tolak keluhkan minta kata bilang lihat pukul antar warga desa kota "
    "dekat depan sekitar menuju bagi seperti bahwa agar supaya serang ancam lapor lewat pakai pake masuk keluar naik"
)
_ACTS: Final = re.compile(r"(?:me[mnlryw]|di|ber|ter|ng|ny)\w{2,}")
#: Months and peoples that are a second name as well: "Gilang Ramadhan".
_SECOND: Final = word_set("ramadhan ramadan april juni juli agustus bajo muna")
#: Numbers that stand beside the name of whose they are.
NUMBERS: Final = frozenset(MASKS[kind] for kind in ("phone", "nik", "kk", "account", "number"))
#: What a number is announced by.
_LABELS: Final = word_set(
    "hub hubungi tlp tlpn tlpon telp telpon telepon tel nomor nomer nmr rek norek rekening call fax kontak contact sms "
    "whatsapp line npwp imei passport paspor debit card phone mobile office number cek info admin noka nosin"
)


def of_a_place(read: Tokens, at: int) -> bool:
    """Whether the word before says that a place's name stands here."""
    before = at - 2 if read.low(at - 1) == "." else at - 1
    return read.low(before) in PLACES and before >= 0


def past_place(read: Tokens, at: int) -> int:
    """The token after the name of a place that is introduced at `at`."""
    at += 1
    if read.low(at) == ".":
        at += 1
    for _ in range(4):
        low = read.low(at)
        if read.capital(at) and low not in DAILY and not (low in OFFICES and low not in CALLINGS):
            at += 1
        elif (
            low in ("haji", "hj", "h", "kh", "la", "wa", "ode", "laode") and read.word(at + 1) and not read.capital(at)
        ):
            at += 2
        else:
            break
        if read.low(at) == "." and read.low(at - 1) in ("h", "hj", "kh", "dr", "prof", "k"):
            at += 1
    return at


def qualifies(read: Tokens, at: int, *, villages: bool) -> bool:
    """Whether one ordinary word in small letters, no verb, stands between a role and a name."""
    low = read.low(at)
    return (
        read.word(at)
        and len(low) > 2
        and read.words[at].islower()
        and low not in _TURNS
        and _ACTS.match(low) is None
        and read.capital(at + 1)
        and not ordinary(read.low(at + 1))
        and not acronym(read, at + 1)
        and area_end(read, at + 1, villages=villages) == at + 1
    )


def in_brackets(read: Tokens, at: int, *, initials: bool) -> bool:
    """Whether what stands in the brackets that open at `at` begins as a name does: "Pihak I (Sunardi)"."""
    if not read.word(at + 1) or read.lows[at + 1] in ACRONYMS:
        return False
    if initials and initials_at(read, at + 1) is not None:
        return True
    return read.capital(at + 1) and not ordinary(read.lows[at + 1]) and not acronym(read, at + 1)


def beside_mask(read: Tokens, at: int) -> tuple[int, int] | None:
    """First and last token of the name in brackets behind a mask: "[telepon] (Rasmin)"."""
    if read.low(at + 1) == "(" and in_brackets(read, at + 1, initials=False):
        first = at + 2
    elif read.word(at + 1) and read.words[at + 1][0].isupper() and len(read.words[at + 1]) > 3:
        first = at + 1
        low = read.lows[first]
        if ordinary(low) or low in ACRONYMS or low in _LABELS or low in CALLINGS or BANK.fullmatch(low):
            return None
    else:
        return None
    if area_end(read, first, villages=True) > first or place(read.lows[first], villages=True):
        return None
    return first, name_end(read, first, capitals=True)


def _before_mask(read: Tokens, at: int) -> int | None:
    """The last token of a name that begins an entry and stands before a number: "Rasmin / [telepon]"."""
    if at and read.text[read.ends[at - 1] : read.starts[at]].count("\n") == 0 and read.lows[at - 1] not in _ENTRY:
        return None
    last = at
    while last - at < _MOST and _unknown(read, last):
        last += 1
    beside = last
    while read.low(beside) in ("/", "(", ":", "-", ",", "=") and beside - last < 2:
        beside += 1
    if last == at or beside >= read.count or read.words[beside] not in NUMBERS:
        return None
    return last - 1


def _unknown(read: Tokens, at: int) -> bool:
    """Whether it is a word with a capital that is neither ordinary, an acronym, an office nor a place."""
    if not read.capital(at) or len(read.words[at]) < 3:
        return False
    low = read.lows[at]
    return not (
        low in _LABELS
        or BANK.fullmatch(low)
        or ordinary(low)
        or acronym(read, at)
        or low in CALLINGS
        or low in PLACES
        or place(low, villages=True)
    )


def bare_name(read: Tokens, at: int) -> int | None:
    """The last token of a name that nothing announces: its first word, in capitals, is a common given name."""
    if not read.capital(at):
        return None
    # "I Wayan", "Ni Luh"
    if read.lows[at] in ("i", "ni") and read.capital(at + 1) and read.low(at + 1) in NAMES:
        return name_end(read, at, capitals=True)
    if read.words[at].isupper() or read.lows[at] in CALLINGS:
        return None
    low = read.lows[at]
    if (before := _before_mask(read, at)) is not None:
        return before
    # "Jabal Rahmat": the second word is a common name
    if read.low(at + 1) in NAMES and read.capital(at + 1) and _unknown(read, at) and not of_a_place(read, at):
        return name_end(read, at, capitals=True)
    if (
        read.low(at - 1) in _HALLOWED
        or low not in NAMES
        or ordinary(low)
        or place(low, villages=True)
        or of_a_place(read, at)
    ):
        return None
    return name_end(read, at, capitals=True)


def named_further(read: Tokens, at: int) -> bool:
    """Whether an ordinary word before `at` is the first of a longer name: "Awal Rafiul"."""
    low = read.low(at)
    return (
        read.capital(at)
        and not read.titled
        and not ordinary(low)
        and not acronym(read, at)
        and area_end(read, at, villages=True) == at
    )


def area_end(read: Tokens, at: int, *, villages: bool) -> int:
    """The token after an area's name, or `at`. A word that is often a person's is none."""
    for length in (3, 2, 1):
        if all(read.capital(at + step) for step in range(length)):
            name = " ".join(read.lows[at : at + length])
            if place(name, villages=villages):
                return at + length
    return at


def clan_name(read: Tokens, at: int) -> int | None:
    """The last token of a name that begins with La, Wa, La Ode, Wa Ode or Laode, if one begins here."""
    low = read.low(at)
    ode = low in CLAN and read.low(at + 1) == "ode"
    if ode and read.word(at + 2) and not ordinary(read.low(at + 2)):
        return name_end(read, at + 2, capitals=read.capital(at + 2))
    if low in ("laode", "waode") and read.word(at + 1) and not ordinary(read.low(at + 1)):
        return name_end(read, at + 1, capitals=read.capital(at + 1))
    if low in CLAN and read.capital(at) and read.words[at] != "WA" and read.capital(at + 1):
        after = read.low(at + 1)
        return (
            None
            if after in _NO_CLAN or after in ORDINARY or after in OFFICES
            else name_end(read, at + 1, capitals=True)
        )
    return None


def name_end(read: Tokens, at: int, *, capitals: bool) -> int:
    """The last token of a name whose first word stands at `at`."""
    last, taken = at, 1
    most = _MOST if capitals else 3
    while taken < most:
        after = last + 1
        if (
            read.low(after) == "."
            and read.starts[after] == read.ends[last]
            and len(read.words[last]) <= 4
            and read.word(after + 1)
        ) and (
            len(read.words[last]) == 1
            or read.lows[last]
            in (
                "muh",
                "moh",
                "abd",
                "st",
                "sitt",
                "hj",
                "dg",
                "mochd",
                "muhd",
                "drs",
            )
        ):
            after += 1
        if not read.word(after) or "\n" in read.text[read.ends[last] : read.starts[after]]:
            break
        low = read.lows[after]
        if low in _INSIDE and read.word(after + 1 + (read.low(after + 1) == ".")):
            last = after + 1 + (read.low(after + 1) == ".")
            taken += 1
            continue
        if capitals:
            if not read.capital(after) or low in ACRONYMS:
                break
            # "Tjan Kok Liong", "Tan Mei Hwa": a short ordinary word between two that are none is of the name
            between = len(low) <= 3 and read.capital(after + 1) and not ordinary(read.low(after + 1))
            second = low in _SECOND and last == at and read.lows[at] in NAMES
            if (low in OFFICES or (read.titled and ordinary(low))) and not between and not second:
                break
            # "Nama : Kadek Umur : 31": the next field of a form
            if read.low(after + 1) == ":" and ordinary(low):
                break
            if CALLINGS.get(low) and any(strength == STRONG and not rest for rest, strength in CALLINGS[low]):
                break
        elif ordinary(low) or len(low) < 3 or (not likely(low) and (read.capital(after) or place(low))):
            break
        last = after
        taken += 1
    return last
