"""Messages with known groups: claims, claims that differ in one fact, and copies of each as they are passed on.

Written apart from what it tests: no list of words of the product is used here. Slang comes from the published lexicon
where it is at hand.
"""

from __future__ import annotations

import csv
import random
import re
import string
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

SHARED = Path(__file__).parents[2] / "shared" / "data"
REAL = [SHARED / "rumours" / name for name in ("turnbackhoax_2024_part_a.csv", "turnbackhoax_1k.csv")]
LEXICON = SHARED / "lexicon" / "colloquial-indonesian-lexicon.csv"

WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
PLACES, OFFICES, MONTHS = WORDS["places"], WORDS["offices"], WORDS["months"]
_EMOJI = "😂🙏🔥⚠️😱👇🇮🇩‼️💉📢"
_LOOKALIKE = str.maketrans("aeopc", "аеорс")
_LEET = {"a": "4", "i": "1", "e": "3", "o": "0", "s": "5"}


@dataclass(frozen=True)
class Made:
    """texts with the number of the claim of each; family: the claims that differ in one fact share one."""

    texts: list[str]
    claim: list[int]
    family: dict[int, int]
    changed: dict[int, str]


def real_claims() -> list[str]:
    """Messages as they circulated, each once, with enough in them to be told apart; none where the data is absent."""
    found: dict[str, str] = {}
    for path in REAL:
        if path.exists():
            with path.open(encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    text = re.sub(r"\s*=\s*=[=\s]*$", "", row["message"]).strip()
                    if len(text.split()) >= 6 and len(text) < 1500:
                        found.setdefault(re.sub(r"\W+", "", text.lower())[:60], text)
    return list(found.values())


def made_claims(number: int, seed: int) -> list[str]:
    """Claims of ten templates, no two of one template with the same place and number."""
    rng = random.Random(seed)
    found: dict[tuple[int, str, int], str] = {}
    while len(found) < number:
        template, place, n = rng.randrange(len(WORDS["templates"])), rng.choice(PLACES), rng.randint(2, 97)
        found[template, place, n] = WORDS["templates"][template].format(
            office=rng.choice(OFFICES), place=place, n=n, d=rng.randint(1, 28), month=rng.choice(MONTHS)
        )
    return list(found.values())


def changed(text: str, rng: random.Random) -> tuple[str, str] | None:
    """The text with one fact changed, and the kind of it; None if it states none."""
    ways = ["number", "place", "institution", "date", "denial"]
    rng.shuffle(ways)
    for way in ways:
        other = _CHANGES[way](text, rng)
        if other is not None:
            return other, way
    return None


def _other(names: list[str], text: str, rng: random.Random) -> str | None:
    here = [name for name in names if re.search(rf"(?<!\w){name}(?!\w)", text)]
    if not here:
        return None
    name = max(here, key=len)
    return re.sub(rf"(?<!\w){name}(?!\w)", rng.choice([n for n in names if n not in here]), text)


def _number(text: str, rng: random.Random) -> str | None:
    spots = [m for m in re.finditer(r"(?<![\w.,/:-])\d{1,3}(?![\w.,/:-]*\w)", text)]
    spots = [m for m in spots if not re.match(r"\s+(?:" + "|".join(MONTHS) + ")", text[m.end() :], re.I)]
    if not spots:
        return None
    spot = rng.choice(spots)
    return text[: spot.start()] + str(int(spot.group()) + rng.randint(1, 40)) + text[spot.end() :]


def _denial(text: str, rng: random.Random) -> str | None:
    denied = re.search(r"\b(?:tidak|belum|bukan) ", text, re.I)
    if denied:
        return text[: denied.start()] + text[denied.end() :]
    verb = [m for m in re.finditer(r"(?<=\w )(?:akan|di[a-z]{4,}|me[a-z]{4,}|batal|bisa|sudah)\b", text)]
    if not verb:
        return None
    spot = rng.choice(verb)
    return text[: spot.start()] + "tidak " + text[spot.start() :]


def _date(text: str, rng: random.Random) -> str | None:
    spot = re.search(r"\b(\d{1,2}) (" + "|".join(MONTHS) + r")\b", text, re.I)
    if not spot:
        return None
    return text[: spot.start(1)] + str((int(spot[1]) + rng.randint(1, 20)) % 28 + 1) + text[spot.end(1) :]


_CHANGES = {
    "number": _number,
    "place": lambda text, rng: _other(PLACES, text, rng),
    "institution": lambda text, rng: _other(OFFICES, text, rng),
    "date": _date,
    "denial": _denial,
}


def made_messages(claims: list[str], number: int, seed: int, variants: float = 0.35, noise: float = 1.0) -> Made:
    """`number` messages: copies of the claims and of changed claims (a share `variants` of them has some), shuffled."""
    rng = random.Random(seed)
    slang = _slang()
    stated: list[str] = []
    family: dict[int, int] = {}
    kinds: dict[int, str] = {}
    for index, text in enumerate(claims):
        own = len(stated)
        stated.append(text)
        family[own] = index
        if rng.random() < variants:
            for _ in range(rng.randint(1, 3)):
                other = changed(text, rng)
                if other is not None and other[0] not in stated[own:]:
                    family[len(stated)] = index
                    kinds[len(stated)] = other[1]
                    stated.append(other[0])
    sizes = Counter(family.values())
    # of a claim that others differ from in one fact, no copy may lose that fact
    crowded = {index for index, size in sizes.items() if size > 1}
    weights = [rng.paretovariate(1.2) for _ in stated]
    claim = rng.choices(range(len(stated)), [min(weight, 60.0) for weight in weights], k=number)
    texts = [copied(stated[c], rng, slang, noise, whole=family[c] in crowded) for c in claim]
    return Made(texts, claim, family, kinds)


def _slang() -> dict[str, list[str]]:
    found = {"yang": ["yg"], "tidak": ["tdk", "gak"], "dengan": ["dgn"], "sudah": ["udah", "sdh"], "untuk": ["utk"]}
    if LEXICON.exists():
        with LEXICON.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["slang"].isalpha() and len(row["slang"]) > 1 and row["formal"].isalpha():
                    found.setdefault(row["formal"], []).append(row["slang"])
    return found


def copied(text: str, rng: random.Random, slang: dict[str, list[str]], noise: float = 1.0, whole: bool = False) -> str:
    """The text as somebody passed it on; `whole` keeps all of it, as what differs between claims may be anywhere."""
    if rng.random() < 0.15:
        return text
    sentences = re.split(r"(?<=[.!?])\s+", text)
    if len(sentences) > 1 and rng.random() < 0.15 * noise:
        rng.shuffle(sentences)
        text = " ".join(sentences)
    words = text.split(" ")
    if not whole and len(words) > 10 and rng.random() < 0.25 * noise:
        kept = max(8, int(len(words) * rng.uniform(0.5, 0.9)))
        words = words[:kept] if rng.random() < 0.7 else words[-kept:]
        if rng.random() < 0.5:
            words[-1] += "... Baca selengkapnya"
    typos, informal, leet = rng.choice((0, 0.03, 0.08)) * noise, rng.choice((0, 0.2, 0.5)) * noise, rng.random() < 0.08
    words = [_worded(word, rng, slang, typos, informal, leet) for word in words]
    text = " ".join(words)
    if rng.random() < 0.2 * noise:
        text = text.upper() if rng.random() < 0.5 else text.lower()
    if rng.random() < 0.1:
        text = text.translate(_LOOKALIKE)
    if rng.random() < 0.06:
        text = "".join(_bold(c) for c in text)
    if rng.random() < 0.06:
        text = "\u200b".join(text.split(" ")[0]) + text[len(text.split(" ")[0]) :]
    if rng.random() < 0.3 * noise:
        text = (
            rng.choice(WORDS["comments"]) + " " + text
            if rng.random() < 0.4
            else text + " " + rng.choice(WORDS["comments"])
        )
    if rng.random() < 0.5 * noise:
        text = rng.choice(WORDS["headers"]) + text
    if rng.random() < 0.5 * noise:
        text += rng.choice(WORDS["footers"])
    return text


def _worded(
    word: str, rng: random.Random, slang: dict[str, list[str]], typos: float, informal: float, leet: bool
) -> str:
    bare = word.lower().strip(".,!?")
    if bare in slang and rng.random() < informal:
        return word.lower().replace(bare, rng.choice(slang[bare]))
    if not bare.isalpha() or len(bare) < 4:
        return word
    if rng.random() < typos:
        word = _typed(word, rng)
    elif leet and rng.random() < 0.3:
        word = "".join(_LEET.get(c, c) if rng.random() < 0.6 else c for c in word)
    elif rng.random() < 0.02:
        word = word + word[-1] * rng.randint(2, 4)
    return word + rng.choice(_EMOJI) if rng.random() < 0.01 else word


def _typed(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word) - 1)
    return rng.choice((
        word[:at] + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + rng.choice(string.ascii_lowercase) + word[at + 1 :],
        word[:at] + word[at] + word[at:],
    ))  # fmt: skip


def _bold(c: str) -> str:
    if c.isascii() and c.isalpha():
        return chr((0x1D400 if c.isupper() else 0x1D41A) + ord(c) - ord("A" if c.isupper() else "a"))
    return c


def bcubed(truth: list[int], found: list[int]) -> tuple[float, float, float]:
    """B-cubed precision, recall and F1 (Bagga & Baldwin 1998), by counting pairs of group and claim."""
    both: dict[tuple[int, int], int] = {}
    one: dict[int, int] = {}
    other: dict[int, int] = {}
    for t, f in zip(truth, found, strict=True):
        both[t, f] = both.get((t, f), 0) + 1
        one[t] = one.get(t, 0) + 1
        other[f] = other.get(f, 0) + 1
    precision = sum(n * n / other[f] for (_, f), n in both.items()) / len(truth)
    recall = sum(n * n / one[t] for (t, _), n in both.items()) / len(truth)
    return precision, recall, 2 * precision * recall / (precision + recall)


def wrongly_merged(made: Made, found: list[int]) -> dict[str, tuple[int, int]]:
    """By kind of change: pairs of claim and changed claim of which most messages of the lesser share a group; pairs."""
    groups: dict[int, dict[int, int]] = {}
    for claim, group in zip(made.claim, found, strict=True):
        own = groups.setdefault(claim, {})
        own[group] = own.get(group, 0) + 1
    origin = {family: claim for claim, family in reversed(made.family.items())}
    counts: dict[str, tuple[int, int]] = {}
    for claim, kind in made.changed.items():
        first = origin[made.family[claim]]
        if claim in groups and first in groups:
            a, b = groups[first], groups[claim]
            shared = sum(min(a.get(group, 0), n) for group, n in b.items())
            wrong, pairs = counts.get(kind, (0, 0))
            counts[kind] = wrong + (2 * shared > min(sum(a.values()), sum(b.values()))), pairs + 1
    return counts
