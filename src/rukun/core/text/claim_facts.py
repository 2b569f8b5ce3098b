"""What of two texts about the same thing makes them two claims: another number, date, place or institution, a denial."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from rukun.core.text.claim_words import framing_stems, function_words, stem
from rukun.core.text.facts import Kind, stated

#: "Batal" and the like undo what they stand before, as "tidak" does; both together undo each other.
_DENIES: Final = frozenset(
    [
        "tidak",
        "bukan",
        "belum",
        "tanpa",
        "jangan",
        "tak",
        "batal",
        "gagal",
        "urung",
        "bantah",
        "membantah",
        "dibantah",
        "menyangkal",
        "mustahil",
        "no",
        "not",
        "never",
        "without",
        "cancelled",
        "canceled",
        "denies",
        "isn't",
        "wasn't",
        "won't",
        "don't",
        "didn't",
        "isnt",
        "wasnt",
        "wont",
        "dont",
        "didnt",
    ]
)
#: These say nothing else.
_ONLY_DENY: Final = _DENIES - {
    "batal",
    "gagal",
    "urung",
    "bantah",
    "membantah",
    "dibantah",
    "menyangkal",
    "cancelled",
    "canceled",
    "denies",
}
#: "Tidak hanya", "tidak benar": what these deny isn't what the claim says, or is the fact check's own verdict.
_NOT_DENIED: Final = frozenset(["hanya", "cuma", "saja", "benar", "lagi", "lama", "only", "just", "longer"])
_REACH: Final = 3
_MONEY: Final = frozenset(("rp", "rupiah", "usd", "dolar"))
#: A message that names more places or institutions than this may mean the title's among them by another name.
_MANY: Final = 3
#: Different facts of a kind that are kept: a text with more isn't one claim.
_KEPT: Final = 200
#: Function words that are passed over to find what a number counts.
_PASSED: Final = 6


@dataclass(frozen=True)
class ClaimFact:
    """A fact with the stems of the content words beside it; start, end: its span in the plain text."""

    kind: Kind
    value: str
    before: str
    after: str
    start: int
    end: int

    @property
    def year(self) -> bool:
        """Whether a number reads as a year."""
        return self.kind == "number" and len(self.value) == 4 and self.value[:2] in ("19", "20")


@dataclass(frozen=True)
class ClaimFacts:
    """The facts of a text as it would be written plainly.

    denied: for each content stem 1 where it is affirmed, 2 where it is denied, 3 for both; denials: words that deny,
    with spans.
    """

    found: dict[Kind, tuple[ClaimFact, ...]]
    denied: dict[str, int]
    denials: tuple[tuple[str, int, int], ...]

    def of(self, kind: Kind) -> tuple[ClaimFact, ...]:
        """The facts of one kind."""
        return self.found.get(kind, ())


@dataclass(frozen=True)
class Difference:
    """A fact that is another one in the fact check; in_message may be "". start, end: its span in the plain message."""

    kind: Kind
    in_message: str
    in_title: str
    start: int
    end: int


@lru_cache(maxsize=1 << 14)
def facts_of(plain: str) -> ClaimFacts:
    """The facts of a text that `plainly` returned, in time proportional to its length."""
    words = plain.split()
    ends = list(accumulate(len(word) + 1 for word in words))
    found: dict[Kind, dict[tuple[str, str, str], ClaimFact]] = {}
    for first, length, kind, value in stated(words):
        own = found.setdefault(kind, {})
        if len(own) >= _KEPT:
            continue
        before, after = _content(words, first - 1, -1), _content(words, first + length, 1)
        start = ends[first] - len(words[first]) - 1
        fact = ClaimFact(kind, value, before, after, start, ends[first + length - 1] - 1)
        own.setdefault((value, before, after), fact)
    denied: dict[str, int] = {}
    denials: list[tuple[str, int, int]] = []
    at_denials: list[int] = []
    for at, word in enumerate(words):
        denying = word in _DENIES and not (at + 1 < len(words) and words[at + 1] in _NOT_DENIED)
        if word not in function_words() and word not in _ONLY_DENY:
            undone = sum(at - _REACH <= denial for denial in at_denials[-_REACH:]) % 2
            denied[stem(word)] = denied.get(stem(word), 0) | 1 << undone
        if denying:
            denials.append((word, ends[at] - len(word) - 1, ends[at] - 1))
            at_denials.append(at)
    return ClaimFacts({kind: tuple(own.values()) for kind, own in found.items()}, denied, tuple(denials))


def differences(message: ClaimFacts, title: ClaimFacts) -> tuple[Difference, ...]:
    """What the message says otherwise than the title; nothing where the message is silent on it."""
    return (
        *_other_numbers(message, title),
        *_other_dates(message, title),
        *_other_names(message, title, "place"),
        *_other_names(message, title, "institution"),
        *_contrary(message, title),
        *_denied(message, title),
    )


def _other_numbers(message: ClaimFacts, title: ClaimFacts) -> list[Difference]:
    numbers, named = message.of("number"), title.of("number")
    if not numbers or not named:
        return []
    values = {fact.value for fact in named}
    strange = [fact for fact in numbers if fact.value not in values]
    held = {fact.value for fact in numbers}
    found = []
    for fact in named:
        rival = next((other for other in strange if other.year == fact.year and _beside(other, fact)), None)
        if fact.value not in held and rival is not None:
            found.append(_between(rival, fact))
    return found


def _beside(one: ClaimFact, other: ClaimFact) -> bool:
    """Whether two numbers count the same thing: the same word stands before or behind, or both are years."""
    before, behind = one.before and one.before == other.before, one.after and one.after == other.after
    return bool(before or behind or (one.year and other.year))


def _other_dates(message: ClaimFacts, title: ClaimFacts) -> list[Difference]:
    given, named = ([fact for fact in facts.of("date") if "/" in fact.value] for facts in (message, title))
    if not given or not named or any(_one_day(one.value, other.value) for one in given for other in named):
        return []
    return [_between(given[0], named[0])]


def _one_day(one: str, other: str) -> bool:
    return all(a == b or "?" in (a, b) for a, b in zip(one.split("/"), other.split("/"), strict=False))


def _other_names(message: ClaimFacts, title: ClaimFacts, kind: Kind) -> list[Difference]:
    if not message.of(kind) or not title.of(kind):
        return []
    held, named = ({fact.value for fact in facts.of(kind)} for facts in (message, title))
    strange = [fact for fact in message.of(kind) if fact.value not in named]
    missing = [fact for fact in title.of(kind) if fact.value not in held]
    if not strange or not missing or len(held) > _MANY:
        return []
    return [_between(strange[0], missing[0])]


def _contrary(message: ClaimFacts, title: ClaimFacts) -> list[Difference]:
    held = {fact.value for fact in message.of("opposite")}
    if not held:
        return []
    turned = {fact.value[:-1] + ("-" if fact.value.endswith("+") else "+"): fact for fact in message.of("opposite")}
    pairs = [(turned[fact.value], fact) for fact in title.of("opposite") if fact.value in turned]
    return [_between(own, other) for own, other in pairs if other.value not in held][:1]


def _denied(message: ClaimFacts, title: ClaimFacts) -> list[Difference]:
    shared = [word for word in title.denied if word in message.denied and word not in framing_stems()]
    other = [word for word in shared if not title.denied[word] & message.denied[word]]
    if not other:
        return []
    here = message.denials[0] if message.denials else ("", 0, 0)
    there = title.denials[0][0] if title.denials else ""
    return [Difference("negation", here[0], there, here[1], here[2])]


def _between(own: ClaimFact, other: ClaimFact) -> Difference:
    return Difference(own.kind, own.value, other.value, own.start, own.end)


def _content(words: list[str], at: int, step: int) -> str:
    """The stem of the nearest word that isn't a function word, "" where it is far, a number, or there is none."""
    for place in range(at, at + _PASSED * step, step):
        if not 0 <= place < len(words):
            return ""
        if words[place] not in function_words() and words[place] not in _MONEY:
            return stem(words[place]) if words[place].isalpha() else ""
    return ""
