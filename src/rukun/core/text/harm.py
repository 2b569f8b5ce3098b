"""What a message could do if it is believed: a class of harm with its probability and the words that led to it.

Rules say what stands beside what (a call beside an act of violence that isn't denied, a group beside contempt); a
multinomial logit learnt on made messages weighs them. It judges the words of a message: never whether it is true, and never
who sent it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from rukun.core.text.cues import Cue
from rukun.core.text.told import Told, amount, marked, told
from rukun.core.text.weighing import Measure, Reason, weights

HarmClass = Literal["violence", "hatred", "voting", "disaster", "health", "scam", "other"]
CLASSES: Final[tuple[HarmClass, ...]] = get_args(HarmClass)
#: A call to violence is named from this chance on, even where another class is likelier: to miss one costs the most.
VIOLENCE: Final = 0.3

_LINK: Final = re.compile(
    r"https?://|www\.|\b[\w-]{1,60}\.(?:com|id|xyz|ly|me|net|org|site|info|online|top|link|shop|vip)\b", re.I
)
_PHONE: Final = re.compile(r"\[(?:telepon|rekening|nomor)\]|(?:\+62|\b0)8[\d xX*-]{6,14}|\bwa\.me\b")
_MONEY: Final = re.compile(
    r"\b(?:rp\.?|idr|usd|\$) ?\d[\d.,]{0,20}|\b\d[\d.,]{0,20} ?(?:ribu|rb|juta|jt|miliar|dollars?|usd)\b", re.I
)
_OBLIGED: Final = frozenset(
    ("harus", "wajib", "pantas", "layak", "mesti", "perlu", "kudu", "must", "should", "saja", "aja")
)


@dataclass(frozen=True)
class Harm:
    """label: the class; probability: of it; chances: of each class; because: the words, heaviest first.

    The heaviest stand for it; those with a weight below 0 spoke against it.
    """

    label: HarmClass
    probability: float
    chances: dict[HarmClass, float]
    because: tuple[Reason, ...]


def harm_of(text: str | Told) -> Harm:
    """What a message could do, in time proportional to its length. Never raises on a string."""
    read = told(text) if isinstance(text, str) else text
    measured = harm_measures(read)
    model = weights("harm")
    chances = dict(zip(CLASSES, model.chances(measured), strict=True))
    label = max(CLASSES, key=chances.__getitem__)
    if chances["violence"] >= VIOLENCE:
        label = "violence"
    return Harm(label, chances[label], chances, model.reasons(measured, label, read.text))


def harm_measures(read: Told) -> dict[str, Measure]:
    """What the classes are told apart by: kinds of cues, and cues of two kinds beside each other."""
    acts = [(cue, _averted(read, cue)) for cue in read.of("violent", "strife") if not _elsewhere(read, cue)]
    meant = [cue for cue, averted in acts if not averted]
    urged = [cue for cue in meant if _urging(cue)]
    weapons = [cue for cue in read.of("weapon") if not _averted(read, cue) and not _elsewhere(read, cue)]
    deadly = [
        cue
        for cue in read.of("deadly")
        if cue.voice in ("active", "plain") and not _averted(read, cue) and not _elsewhere(read, cue)
    ]
    return {
        "violent": amount(read, urged),
        "violent_told": amount(read, [cue for cue in meant if not _urging(cue)]),
        "averted": amount(read, [cue for cue, averted in acts if averted]),
        "call": _pairs(read, [cue for cue in meant if _called(read, cue)], ("calling",), 5, 3),
        "order": amount(read, [cue for cue in urged if _ordered(read, cue)]),
        "armed": _pairs(read, weapons, ("calling", "violent"), 6, 6),
        "weapon": amount(read, weapons),
        "deadly": amount(read, deadly),
        "threat": _pairs(read, meant, ("coming",), 9, 9),
        "group": amount(read, read.of("group")),
        "hostile": amount(read, read.of("hostile")),
        "contempt": _pairs(read, read.of("group"), ("hostile",), 9, 9),
        "health": amount(read, read.of("health")),
        "voting": amount(read, read.of("voting")),
        "voting_changed": _pairs(read, read.of("voting"), ("procedure",), 8, 8),
        "scam": amount(read, read.of("scam")),
        "disaster": amount(read, read.of("disaster")),
        "link": marked(read.text, _LINK),
        "phone": marked(read.text, _PHONE),
        "money": marked(read.text, _MONEY),
        "chatter": amount(read, read.of("greeting", "prayer", "asking", "advert", "opinion", "joke", "urging")),
    }


def _pairs(read: Told, cues: Iterable[Cue], kinds: tuple[str, ...], before: int, after: int) -> Measure:
    """Cues that stand beside one of some kinds, with that one."""
    together = []
    for cue in cues:
        other = read.near(cue, kinds, before, after)
        if other is not None:
            together += [cue, other]
    return amount(read, together)


def _averted(read: Told, cue: Cue) -> bool:
    """Whether it is denied or warned against: "jangan serang", "tolak kekerasan"; not "jangan ragu serang"."""
    found = read.near(cue, ("aversion",), 2, 0)
    return found is not None and not (read.overlaid(found, "calling") or read.overlaid(found, "deadly"))


def _elsewhere(read: Told, cue: Cue) -> bool:
    """Whether the act is against nobody, or none: "perangi narkoba", "serbu promo", "bunuh diri", "pukul 14.00"."""
    behind = cue.first + cue.length
    if behind < len(read.words) and read.words[cue.first] == "pukul" and read.words[behind][0].isdigit():
        return True
    return read.overlaid(cue, "tame") or read.near(cue, ("tame",), 3, 3) is not None


def _urging(cue: Cue) -> bool:
    """Whether it may be what is to be done, rather than told: "bakar", not "membakar", "dibakar" or "kerusuhan"."""
    return cue.kind == "violent" and cue.voice in ("active", "plain")


def _called(read: Told, cue: Cue) -> bool:
    """Whether it can be called for: what is to be done, or "harus dibunuh"; "dibakar massa" only tells."""
    if cue.voice in ("active", "plain"):
        return True
    if cue.voice == "noun":
        return cue.kind == "strife"
    return any(word in _OBLIGED for word in read.words[max(cue.first - 2, 0) : cue.first])


def _ordered(read: Told, cue: Cue) -> bool:
    """Whether a sentence begins with it: "bakar kantor itu", "saja" or "semua" behind it."""
    first = cue.first == 0 or read.sentence[cue.first - 1] != read.sentence[cue.first]
    behind = read.words[cue.first + cue.length : cue.first + cue.length + 3]
    return first or any(word in ("saja", "semua", "semuanya", "mereka", "dia", "them", "all") for word in behind[:2])
