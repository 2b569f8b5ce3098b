"""Whether a message holds a claim that can be checked, graded, with the words that led to the answer.

A question, a greeting, a prayer, an opinion, a joke or an advertisement is chatter; a question whether something is true
carries the claim it asks about. The answer says nothing about whether the claim is true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from rukun.core.text.cues import Cue
from rukun.core.text.facts import stated
from rukun.core.text.harm import harm_measures
from rukun.core.text.told import Told, amount, marked, told
from rukun.core.text.weighing import Measure, Reason, weights

Holds = Literal["claim", "unclear", "chatter"]
#: From this chance on it holds a claim; below the other it is chatter; between them a person looks.
CLAIM: Final = 0.6
CHATTER: Final = 0.35

_QUESTION: Final = re.compile(r"\?")
_LAUGHTER: Final = re.compile(r"(?:wk){2,}w?|(?:ha){2,}h?|(?:he){2,}|(?:hi){2,}|[😂🤣😆😅😜😝😹🙏❤😍🥰👍😊🎂🎉]", re.I)
_VERB: Final = re.compile(r"(?:me[mnl]|mer|meng|di|ter|ber)[a-z]{4,}|[a-z]{3,}ed")
_CAPITAL: Final = re.compile(r"(?<=[a-z,] )[A-Z][A-Za-z]{1,30}")


@dataclass(frozen=True)
class Claim:
    """holds: the answer; probability: that the message holds a claim; because: the words, heaviest first.

    A reason's weight above 0 speaks for a claim, below 0 for chatter.
    """

    holds: Holds
    probability: float
    because: tuple[Reason, ...]


def claim_in(text: str | Told) -> Claim:
    """Whether a message holds a checkable claim, in time proportional to its length. Never raises on a string."""
    read = told(text) if isinstance(text, str) else text
    measured = claim_measures(read)
    model = weights("claim")
    chance = model.chances(measured)[0]
    holds: Holds = "claim" if chance >= CLAIM else "unclear" if chance >= CHATTER else "chatter"
    return Claim(holds, chance, model.reasons(measured, "claim", read.text))


def claim_measures(read: Told) -> dict[str, Measure]:
    """What a claim and chatter are told apart by."""
    facts: dict[str, list[Cue]] = {}
    for first, count, kind, _ in stated(read.words):
        facts.setdefault(kind, []).append(Cue(kind, "plain", first, count))
    asked = [cue for cue in read.of("asking") if read.near(cue, ("verifying",), 1, 1) is None]
    kinds = (
        "happening",
        "urgent",
        "official",
        "greeting",
        "prayer",
        "opinion",
        "joke",
        "advert",
        "urging",
        "personal",
        "verifying",
    )
    harm = harm_measures(read)
    verbs = [Cue("verb", "plain", at, 1) for at, word in enumerate(read.words) if _VERB.fullmatch(word)]
    chatter = read.of("greeting", "prayer", "opinion", "joke", "advert", "urging", "personal") or asked
    # a long text is told from a short one, but not a long one from a longer
    length = min(len(read.words), 40) / 20
    return {
        **{kind: amount(read, read.of(kind)) for kind in kinds},
        "asking": amount(read, asked),
        "question": marked(read.text, _QUESTION) if not read.of("verifying") else Measure(0.0),
        "laughter": marked(read.text, _LAUGHTER),
        "name": marked(read.text, _CAPITAL),
        "number": amount(read, facts.get("number", [])),
        "date": amount(read, facts.get("date", [])),
        "place": amount(read, facts.get("place", []) + facts.get("institution", [])),
        **{
            kind: harm[kind]
            for kind in (
                "health",
                "voting",
                "disaster",
                "scam",
                "group",
                "hostile",
                "violent",
                "call",
                "order",
                "armed",
                "deadly",
                "averted",
                "link",
                "money",
            )
        },
        "coming": amount(read, read.of("coming")),
        "verb": amount(read, verbs),
        "only_telling": Measure(float(not chatter and len(read.words) > 3)),
        "words": Measure(length),
        "very_short": Measure(float(len(read.words) < 4)),
    }
