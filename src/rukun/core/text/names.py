"""Personal names in Indonesian text, by the words before them.

There is no list of persons here. A word is taken for a name because an honorific, a role or "bernama" stands before
it and because it is none of the ordinary words that stand there, too ("Pak RT", "Ibu Lurah", "korban luka").
"""

from __future__ import annotations

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
)
from rukun.core.text.kinds import MASKS, word_set
from rukun.core.text.name_forms import (
    CALLINGS,
    CLAN,
    DAILY,
    NUMBERS,
    PLACES,
    area_end,
    bare_name,
    beside_mask,
    clan_name,
    in_brackets,
    name_end,
    named_further,
    of_a_place,
    past_place,
    qualifies,
)
from rukun.core.text.tokens import Tokens, acronym, initials_at, with_degrees
from rukun.core.text.words import NAMES, OFFICES, likely, ordinary, place

_JOINS: Final = word_set(", dan & / serta maupun sama dengan dgn vs atau bersama")
#: Callings that are something else unless a capital follows.
_WEAK: Final = word_set("pa ka tan ning teh ir dr bp andi Andi")
#: The same however they are written: each is another word as often.
_WEAKER: Final = word_set(
    "ko ci cik aa uni uda usi bro sis sir pr lk kk mbo babe miss ms mr mrs ambe tolea lae ceu kaka saya sy p b oleh aji"
)
_MASKS: Final = frozenset(MASKS.values())


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
            clan: int | None = clan_name(read, at)
            if clan is not None and not of_a_place(read, at):
                start = at
                while clan is not None:
                    yield start, clan
                    at = clan + 1
                    start, clan = _joined(read, clan, _Call(ROLE, False, False))
                continue
            if read.lows[at] in PLACES:
                at = past_place(read, at)
                continue
            bare = beside_mask(read, at) if read.words[at] in NUMBERS else None
            if bare is None and (last_bare := bare_name(read, at)) is not None:
                bare = at, last_bare
            if bare is None:
                at += 1
                continue
            yield bare
            at = bare[1] + 1
            continue
        if read.lows[at] not in DAILY and called[1] > KIN and of_a_place(read, at):
            at = max(at + 1, past_place(read, at - 1))
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
    for rest, strength in CALLINGS.get(read.lows[at], ()):
        end = at + 1 + len(rest)
        if tuple(read.lows[at + 1 : end]) == rest:
            word = read.words[at]
            # "an" and "pa" are word endings and endearments as often as callings; "ka", "tan" too
            if not rest and (word in _WEAK or read.lows[at] in _WEAKER):
                follows = end + (read.low(end) == ".")
                if word != "KK" and (
                    read.capital(follows)
                    or clan_name(read, follows) is not None
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
        if low == "(" and relation and in_brackets(read, at, initials=of_a_case):
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
        if low in ("rt", "rw") and read.lows[first] in DAILY:
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
            longer = area_end(read, at, villages=of_an_area)
            if longer > at:
                at = longer
                continue
            if (
                acronym(read, at)
                and low not in PLACES
                and not of_a_case
                and read.capital(at + 1)
                and clan_name(read, at) is None
            ):
                at += 1
                continue
        # "penjaga malam Wardi": what is guarded, sold or steered, in one word
        if relation and qualifies(read, at, villages=of_an_area):
            at += 1
            continue
        break
    # "Ibu Hj. Nurhayati": the title goes with the name, if there is one
    return at, title, _Call(strength, of_a_case, of_an_area)


def _name(read: Tokens, at: int, call: _Call) -> int | None:
    """The last token of the name that begins at `at`, if one does."""
    if not read.word(at) or (len(read.words[at]) == 1 and read.low(at + 1) == "/"):
        return None
    strength, of_a_case, of_an_area = call
    low = read.lows[at]
    clan = clan_name(read, at)
    if clan is not None:
        return clan
    if low in CLAN and (strength >= HONORIFIC or read.shouted) and read.word(at + 1) and not ordinary(read.low(at + 1)):
        return name_end(read, at + 1, capitals=read.capital(at + 1))
    if (strength >= HONORIFIC or of_a_case) and (not read.shouted or read.low(at + 1) == "."):
        initials = initials_at(read, at)
        if initials is not None:
            return initials
    if low in OFFICES or low in ACRONYMS:
        return None
    if read.capital(at):
        if strength <= KIN and (
            (ordinary(low) and not named_further(read, at + 1))
            or (acronym(read, at) and not of_a_case)
            or area_end(read, at, villages=of_an_area) > at
        ):
            return None
        if strength == HONORIFIC and ordinary(low) and read.word(at + 1) and ordinary(read.low(at + 1)):
            return None
        return name_end(read, at, capitals=True)
    # in small letters, or in a text of capitals, only the word itself can tell
    if ordinary(low) or len(low) < 2 or (strength == KIN and len(low) < 3):
        return None
    if strength == ROLE and not likely(low):
        return None
    if strength < HONORIFIC and not likely(low) and place(low):
        return None
    return name_end(read, at, capitals=False)


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
        if clan_name(read, at) is None and (
            (ordinary(low) and not likely(low)) or area_end(read, at, villages=True) > at
        ):
            return at, None
        if acronym(read, at) and not (call.strength == STRONG or call.of_a_case):
            return at, None
        return at, _name(read, at, call)
    if (likely(low) or (low in CLAN and call.strength >= HONORIFIC)) and not ordinary(low):
        return at, _name(read, at, call._replace(strength=max(call.strength, HONORIFIC)))
    if read.shouted and call.strength == STRONG and not ordinary(low):
        return at, _name(read, at, call)
    return at, None
