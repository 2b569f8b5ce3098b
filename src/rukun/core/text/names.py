"""Personal names in Indonesian text, by the words before them.

There is no list of persons here. A word is taken for a name because an honorific, a role or "bernama" stands before
it and because it is none of the ordinary words that stand there, too ("Pak RT", "Ibu Lurah", "korban luka").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from rukun.core.text.callings import (
    ACRONYMS,
    AFTER_ROLE,
    HONORIFIC,
    KIN,
    OF_A_CASE,
    OF_AN_AREA,
    ROLE,
    STRONG,
    TITLES,
    callings,
)
from rukun.core.text.kinds import MASKS, word_set
from rukun.core.text.numbers import BANK
from rukun.core.text.tokens import Tokens, acronym, initials_at, with_degrees
from rukun.core.text.words import NAMES, OFFICES, ORDINARY, likely, ordinary, place

_CALLINGS: Final = callings()
#: Words that begin the name of a place or a building: what follows is none of a person's.
_PLACES: Final = word_set(
    "desa kelurahan kel kecamatan kec kabupaten kab kota dusun jalan jln jl lorong lrg gang gg pulau teluk gunung "
    "sungai pantai pasar masjid mesjid mushola gereja pura sd sdn smp smpn sma sman smk mi mts rsud rsu rs puskesmas "
    "bandara pelabuhan stadion gor lapangan taman monumen universitas kampus pondok pesantren ponpes km kmp kapal "
    "bendungan jembatan tugu makam benteng yayasan pt cv ud hotel gedung aula jalanan perumahan btn kompleks provinsi"
)
#: Honorifics of daily speech: a street may be named after a Haji, hardly after a "Pak".
_DAILY: Final = word_set("pak bapak bpk bu ibu sdr sdri saudara saudari bang mas mbak mba kak om tante daeng dg")
_CLAN: Final = frozenset(("la", "wa"))
_INSIDE: Final = word_set("bin binti bte ibn al el ad dg daeng van de da br boru beru")
_JOINS: Final = word_set(", dan & / serta maupun sama dengan dgn vs atau bersama")
#: Callings that are something else unless a capital follows.
_WEAK: Final = word_set("pa ka tan ning teh ir dr bp andi Andi")
#: The same however they are written: each is another word as often.
_WEAKER: Final = word_set(
    "ko ci cik aa uni uda usi bro sis sir pr lk kk mbo babe miss ms mr mrs ambe tolea lae ceu kaka saya sy p b oleh aji"
)
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
_MASKS: Final = frozenset(MASKS.values())
#: Numbers that stand beside the name of whose they are.
_NUMBERS: Final = frozenset(MASKS[kind] for kind in ("phone", "nik", "kk", "account", "number"))
#: What a number is announced by.
_LABELS: Final = word_set(
    "hub hubungi tlp tlpn tlpon telp telpon telepon tel nomor nomer nmr rek norek rekening call fax kontak contact sms "
    "whatsapp line npwp imei passport paspor debit card phone mobile office number cek info admin noka nosin"
)


class _Call(NamedTuple):
    """What the words before a name say of it: how strongly, whether of a case, whether of who looks after an area."""

    strength: int
    of_a_case: bool
    of_an_area: bool


def names_in(text: str) -> list[tuple[int, int]]:
    """(start, end) of what is taken for personal names, without the honorific before them. Never raises on a string."""
    read = Tokens(text)
    return [(read.starts[first], with_degrees(read, last)) for first, last in _found(read)]


def _found(read: Tokens) -> Iterator[tuple[int, int]]:
    """First and last token of each name."""
    at = 0
    while at < read.count:
        called = _called(read, at)
        if called is None:
            clan: int | None = _clan_name(read, at)
            if clan is not None and not _of_a_place(read, at):
                start = at
                while clan is not None:
                    yield start, clan
                    at = clan + 1
                    start, clan = _joined(read, clan, _Call(ROLE, False, False))
                continue
            if read.lows[at] in _PLACES:
                at = _past_place(read, at)
                continue
            bare = _beside_mask(read, at) if read.words[at] in _NUMBERS else None
            if bare is None and (last_bare := _bare(read, at)) is not None:
                bare = at, last_bare
            if bare is None:
                at += 1
                continue
            yield bare
            at = bare[1] + 1
            continue
        if read.lows[at] not in _DAILY and called[1] > KIN and _of_a_place(read, at):
            at = max(at + 1, _past_place(read, at - 1))
            continue
        start, title, call = _chained(read, *called, at)
        # of nobles it is the first name and no way to call anybody
        if read.lows[at] == "andi":
            title = at
        last = _name(read, start, call)
        if last is None:
            at = max(start, at + 1)
            continue
        while last is not None:
            yield start if title is None else title, last
            title = None
            at = last + 1
            start, last = _joined(read, last, call)


def _called(read: Tokens, at: int) -> tuple[int, int] | None:
    """Where the phrase that calls for a name ends and how strong it is, if one begins here."""
    for rest, strength in _CALLINGS.get(read.lows[at], ()):
        end = at + 1 + len(rest)
        if tuple(read.lows[at + 1 : end]) == rest:
            word = read.words[at]
            # "an" and "pa" are word endings and endearments as often as callings; "ka", "tan" too
            if not rest and (word in _WEAK or read.lows[at] in _WEAKER):
                follows = end + (read.low(end) == ".")
                if word != "KK" and (
                    read.capital(follows)
                    or _clan_name(read, follows) is not None
                    or (follows < read.count and read.words[follows] in _MASKS)
                ):
                    return end, strength
                return None
            return end, strength
    if read.lows[at] == "an" and read.capital(at + 1) and read.low(at - 1) != "-":
        return at + 1, STRONG
    if read.lows[at] == "nama" and read.capital(at + 1):
        return at + 1, ROLE
    return None


def _of_a_place(read: Tokens, at: int) -> bool:
    """Whether the word before says that a place's name stands here."""
    before = at - 2 if read.low(at - 1) == "." else at - 1
    return read.low(before) in _PLACES and before >= 0


def _past_place(read: Tokens, at: int) -> int:
    """The token after the name of a place that is introduced at `at`."""
    at += 1
    if read.low(at) == ".":
        at += 1
    for _ in range(4):
        low = read.low(at)
        if read.capital(at) and low not in _DAILY and not (low in OFFICES and low not in _CALLINGS):
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


def _chained(read: Tokens, at: int, strength: int, first: int) -> tuple[int, int | None, _Call]:
    """Past more callings, signs and what belongs to a role.

    Gives where a name would begin, where titles before it begin, and what the callings say.
    """
    of_a_case = any(low in OF_A_CASE for low in read.lows[first:at])
    of_an_area = any(low in OF_AN_AREA for low in read.lows[first:at])
    relation = strength <= KIN
    title: int | None = None
    for _ in range(12):
        low = read.low(at)
        if strength == STRONG and not read.shouted and initials_at(read, at) is not None:
            break
        if low in (".", ":") and (low == ":" or read.starts[at] == read.ends[at - 1]):
            # "korban. Rabu": a full stop after a whole word ends the sentence
            if low == "." and strength <= KIN and len(read.low(at - 1)) > 5:
                break
            at += 1
            if low == ":" and read.low(at) in ("1", "a") and read.low(at + 1) == ".":
                at += 2
            continue
        if low in ('"', "“", "'") and strength == STRONG:
            at += 1
            continue
        if (
            low == ","
            and relation
            and (read.capital(at + 1) or _called(read, at + 1) if at + 1 < read.count else False)
        ):
            at += 1
            continue
        if low == "(" and relation and _in_brackets(read, at, initials=of_a_case):
            at += 1
            break
        called = _called(read, at) if at < read.count else None
        if called is not None and not (
            strength == ROLE and called[1] == ROLE and low in ("anak", "warga", "korban", "saksi")
        ):
            # "Pak RT", "bpk kades": the person is called, whatever the office; "Pak Kapten" too
            of_a_case = of_a_case or low in OF_A_CASE
            of_an_area = of_an_area or low in OF_AN_AREA
            strength = max(strength, called[1])
            relation = called[1] <= KIN
            title = (at if title is None else title) if low in TITLES else None
            at = called[0]
            continue
        if (relation and low in (".", "/") and read.low(at - 1) in ("rt", "rw")) or (
            low == "/" and read.low(at + 1) == "rw"
        ):
            at += 1
            continue
        if low in ("rt", "rw") and read.lows[first] in _DAILY:
            at += 2 if read.low(at + 1).isdigit() else 1
            continue
        if relation and low in ("asal", "suku", "etnis") and read.capital(at + 1):
            at += 2
            continue
        if relation and low == "i" and read.low(at + 1) in NAMES:
            break
        if relation and (
            low in AFTER_ROLE or (low.isdigit() and len(low) <= 3 and read.low(at - 1) in AFTER_ROLE | {"ketua"})
        ):
            place_word = low in (
                "desa",
                "kelurahan",
                "dusun",
                "kecamatan",
                "kabupaten",
                "polsek",
                "polres",
                "koramil",
                "partai",
                "kota",
            )
            at += 1
            if (
                place_word
                and read.capital(at)
                and read.low(at) not in OFFICES
                and (read.capital(at + 1) or place(read.low(at), villages=True))
            ):
                at += 1
            continue
        if relation and read.capital(at):
            longer = _area(read, at, villages=of_an_area)
            if longer > at:
                at = longer
                continue
            if (
                acronym(read, at)
                and low not in _PLACES
                and not of_a_case
                and read.capital(at + 1)
                and _clan_name(read, at) is None
            ):
                at += 1
                continue
        # "penjaga malam Wardi": what is guarded, sold or steered, in one word
        if relation and _qualifies(read, at, villages=of_an_area):
            at += 1
            continue
        break
    # "Ibu Hj. Nurhayati": the title goes with the name, if there is one
    return at, title, _Call(strength, of_a_case, of_an_area)


def _qualifies(read: Tokens, at: int, *, villages: bool) -> bool:
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
        and _area(read, at + 1, villages=villages) == at + 1
    )


def _in_brackets(read: Tokens, at: int, *, initials: bool) -> bool:
    """Whether what stands in the brackets that open at `at` begins as a name does: "Pihak I (Sunardi)"."""
    if not read.word(at + 1) or read.lows[at + 1] in ACRONYMS:
        return False
    if initials and initials_at(read, at + 1) is not None:
        return True
    return read.capital(at + 1) and not ordinary(read.lows[at + 1]) and not acronym(read, at + 1)


def _beside_mask(read: Tokens, at: int) -> tuple[int, int] | None:
    """First and last token of the name in brackets behind a mask: "[telepon] (Rasmin)"."""
    if read.low(at + 1) == "(" and _in_brackets(read, at + 1, initials=False):
        first = at + 2
    elif read.word(at + 1) and read.words[at + 1][0].isupper() and len(read.words[at + 1]) > 3:
        first = at + 1
        low = read.lows[first]
        if ordinary(low) or low in ACRONYMS or low in _LABELS or low in _CALLINGS or BANK.fullmatch(low):
            return None
    else:
        return None
    if _area(read, first, villages=True) > first or place(read.lows[first], villages=True):
        return None
    return first, _rest(read, first, capitals=True)


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
    if last == at or beside >= read.count or read.words[beside] not in _NUMBERS:
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
        or low in _CALLINGS
        or low in _PLACES
        or place(low, villages=True)
    )


def _bare(read: Tokens, at: int) -> int | None:
    """The last token of a name that nothing announces: its first word, in capitals, is a common given name."""
    if not read.capital(at):
        return None
    # "I Wayan", "Ni Luh"
    if read.lows[at] in ("i", "ni") and read.capital(at + 1) and read.low(at + 1) in NAMES:
        return _rest(read, at, capitals=True)
    if read.words[at].isupper() or read.lows[at] in _CALLINGS:
        return None
    low = read.lows[at]
    if (before := _before_mask(read, at)) is not None:
        return before
    # "Jabal Rahmat": the second word is a common name
    if read.low(at + 1) in NAMES and read.capital(at + 1) and _unknown(read, at) and not _of_a_place(read, at):
        return _rest(read, at, capitals=True)
    if (
        read.low(at - 1) in _HALLOWED
        or low not in NAMES
        or ordinary(low)
        or place(low, villages=True)
        or _of_a_place(read, at)
    ):
        return None
    return _rest(read, at, capitals=True)


def _named_further(read: Tokens, at: int) -> bool:
    """Whether an ordinary word before `at` is the first of a longer name: "Awal Rafiul"."""
    low = read.low(at)
    return (
        read.capital(at)
        and not read.titled
        and not ordinary(low)
        and not acronym(read, at)
        and _area(read, at, villages=True) == at
    )


def _area(read: Tokens, at: int, *, villages: bool) -> int:
    """The token after an area's name, or `at`. A word that is often a person's is none."""
    for length in (3, 2, 1):
        if all(read.capital(at + step) for step in range(length)):
            name = " ".join(read.lows[at : at + length])
            if place(name, villages=villages):
                return at + length
    return at


def _clan_name(read: Tokens, at: int) -> int | None:
    """The last token of a name that begins with La, Wa, La Ode, Wa Ode or Laode, if one begins here."""
    low = read.low(at)
    ode = low in _CLAN and read.low(at + 1) == "ode"
    if ode and read.word(at + 2) and not ordinary(read.low(at + 2)):
        return _rest(read, at + 2, capitals=read.capital(at + 2))
    if low in ("laode", "waode") and read.word(at + 1) and not ordinary(read.low(at + 1)):
        return _rest(read, at + 1, capitals=read.capital(at + 1))
    if low in _CLAN and read.capital(at) and read.words[at] != "WA" and read.capital(at + 1):
        after = read.low(at + 1)
        return (
            None if after in _NO_CLAN or after in ORDINARY or after in OFFICES else _rest(read, at + 1, capitals=True)
        )
    return None


def _name(read: Tokens, at: int, call: _Call) -> int | None:
    """The last token of the name that begins at `at`, if one does."""
    if not read.word(at) or (len(read.words[at]) == 1 and read.low(at + 1) == "/"):
        return None
    strength, of_a_case, of_an_area = call
    low = read.lows[at]
    clan = _clan_name(read, at)
    if clan is not None:
        return clan
    if (
        low in _CLAN
        and (strength >= HONORIFIC or read.shouted)
        and read.word(at + 1)
        and not ordinary(read.low(at + 1))
    ):
        return _rest(read, at + 1, capitals=read.capital(at + 1))
    if (strength >= HONORIFIC or of_a_case) and (not read.shouted or read.low(at + 1) == "."):
        initials = initials_at(read, at)
        if initials is not None:
            return initials
    if low in OFFICES or low in ACRONYMS:
        return None
    if read.capital(at):
        if strength <= KIN and (
            (ordinary(low) and not _named_further(read, at + 1))
            or (acronym(read, at) and not of_a_case)
            or _area(read, at, villages=of_an_area) > at
        ):
            return None
        if strength == HONORIFIC and ordinary(low) and read.word(at + 1) and ordinary(read.low(at + 1)):
            return None
        return _rest(read, at, capitals=True)
    # in small letters, or in a text of capitals, only the word itself can tell
    if ordinary(low) or len(low) < 2 or (strength == KIN and len(low) < 3):
        return None
    if strength == ROLE and not likely(low):
        return None
    if strength < HONORIFIC and not likely(low) and place(low):
        return None
    return _rest(read, at, capitals=False)


def _rest(read: Tokens, at: int, *, capitals: bool) -> int:
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
            if _CALLINGS.get(low) and any(strength == STRONG and not rest for rest, strength in _CALLINGS[low]):
                break
        elif ordinary(low) or len(low) < 3 or (not likely(low) and (read.capital(after) or place(low))):
            break
        last = after
        taken += 1
    return last


def _joined(read: Tokens, last: int, call: _Call) -> tuple[int, int | None]:
    """A further name after "dan", a comma or the like; (start, None) when there is none."""
    at = last + 1
    if read.low(at).startswith("("):
        # "AR (23) dan DK (19)": an age or an explanation between
        close = next((step for step in range(at, min(at + 6, read.count)) if read.lows[step] == ")"), None)
        if close is None:
            return at, None
        at = close + 1
    joins = 0
    while read.low(at) in _JOINS and joins < 3:
        at, joins = at + 1, joins + 1
    # "1. Hardin, 2. Wa Sati"
    if read.low(at).isdigit() and len(read.low(at)) <= 2 and read.low(at + 1) in (".", ")"):
        at, joins = at + 2, joins + 1
    if not joins or not read.word(at) or _called(read, at) is not None:
        return at, None
    low = read.lows[at]
    if read.capital(at):
        if _clan_name(read, at) is None and (
            (ordinary(low) and not likely(low)) or _area(read, at, villages=True) > at
        ):
            return at, None
        if acronym(read, at) and not (call.strength == STRONG or call.of_a_case):
            return at, None
        return at, _name(read, at, call)
    if (likely(low) or (low in _CLAN and call.strength >= HONORIFIC)) and not ordinary(low):
        return at, _name(read, at, call._replace(strength=max(call.strength, HONORIFIC)))
    if read.shouted and call.strength == STRONG and not ordinary(low):
        return at, _name(read, at, call)
    return at, None
