"""Which rumour first: a priority made of points that add up, a time limit, and whether an answer would only spread it."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log1p
from typing import Final, Literal

from rukun.core.text.claims import Claim
from rukun.core.text.harm import Harm, HarmClass
from rukun.core.text.spreading import Spread
from rukun.core.text.timing import ActBy

Priority = Literal["high", "medium", "low"]
Advice = Literal["publish", "watch"]
Because = Literal["spreads", "too_little", "unsure", "no_claim"]
Part = Literal["harm", "chatter", "speed", "reach", "place", "time"]

#: Points of each class when it is certain. A call to violence is high by itself.
SEVERITY: Final[dict[HarmClass, float]] = {
    "violence": 52.0, "hatred": 34.0, "voting": 28.0, "disaster": 26.0, "health": 20.0, "scam": 18.0, "other": 8.0,
}  # fmt: skip
#: Points at most for each of the others.
SPEED, REACH, PLACE, TIME, CHATTER = 16.0, 10.0, 12.0, 16.0, 12.0
#: A priority begins at so many points, and is to be answered within so many hours.
FROM: Final[dict[Priority, float]] = {"high": 45.0, "medium": 25.0, "low": float("-inf")}
HOURS: Final[dict[Priority, int]] = {"high": 4, "medium": 24, "low": 72}
#: Sightings per hour and villages with the most points: more doesn't make it more urgent.
_FASTEST, _WIDEST = 4.0, 32.0
#: Hours in which the points for time fall to 1/e.
_HASTE: Final = 36.0
#: Sightings per hour above which an answer reaches more who have heard the rumour than who haven't.
THRESHOLD: Final = 0.25


@dataclass(frozen=True)
class Place:
    """The state of where it was seen, each from 0 to 1 or None where it isn't known.

    forecast: chance of a disturbance in the period; index: the composite risk index.
    """

    forecast: float | None = None
    index: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        for name, value in (("forecast", self.forecast), ("index", self.index)):
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"{name} is a number from 0 to 1, not {value}")


@dataclass(frozen=True)
class Points:
    """A summand of a priority: what it is for, how much, and the figure behind it."""

    part: Part
    points: float
    figure: str


@dataclass(frozen=True)
class Triage:
    """priority, hours: within which it is to be answered; score: the exact sum of `parts`, each with one decimal.

    advice: whether to publish an answer once a person has verified one; because: why.
    """

    priority: Priority
    hours: int
    score: float
    parts: tuple[Points, ...]
    advice: Advice
    because: Because


def triage(
    harm: Harm,
    claim: Claim,
    spread: Spread,
    place: Place = Place(),
    act: ActBy | None = None,
    threshold: float = THRESHOLD,
) -> Triage:
    """The priority of a rumour and the advice on answering it in public.

    threshold: sightings per hour above which an answer is worth its attention. Raises ValueError unless it is above 0.
    """
    if not threshold > 0:
        raise ValueError(f"threshold is a rate above 0, not {threshold}")
    parts = (
        Points(
            "harm",
            round(sum(SEVERITY[c] * p for c, p in harm.chances.items()), 1),
            f"{harm.label} {harm.probability:.2f}",
        ),
        Points("chatter", _chatter(harm, claim) + 0.0, f"{claim.probability:.2f}"),
        Points("speed", _upto(SPEED, spread.per_hour.estimate, _FASTEST), f"{spread.per_hour.estimate:.2f}"),
        Points(
            "reach", _upto(REACH, max(spread.villages.estimate - 1, 0), _WIDEST - 1), f"{spread.villages.estimate:.1f}"
        ),
        Points("place", _place(place), _shares(place)),
        Points("time", round(TIME * _decay(act.hours), 1) if act else 0.0, f"{act.hours:.0f}" if act else ""),
    )
    score = round(sum(part.points for part in parts), 1)
    priority = next(name for name, least in FROM.items() if score >= least)
    advice, because = gate(spread, claim, threshold)
    return Triage(priority, HOURS[priority], score, parts, advice, because)


def gate(spread: Spread, claim: Claim, threshold: float = THRESHOLD) -> tuple[Advice, Because]:
    """Whether an answer in public would calm more than it spreads, and why.

    Only when the whole interval of the rate lies above the threshold, and there is a claim to answer. How harmful it is
    plays no part: what could hurt is answered by a visit and a task first, and in public only where it is known already.
    """
    if claim.holds == "chatter":
        return "watch", "no_claim"
    if spread.per_hour.estimate < threshold:
        return "watch", "too_little"
    return ("publish", "spreads") if spread.per_hour.low >= threshold else ("watch", "unsure")


def _chatter(harm: Harm, claim: Claim) -> float:
    """Points off for what claims nothing; a call to violence or hatred needn't claim anything to hurt."""
    calls = harm.chances["violence"] + harm.chances["hatred"]
    return -round(CHATTER * (1 - claim.probability) * max(1 - calls, 0.0), 1)


def _upto(most: float, value: float, at: float) -> float:
    """Points that grow with the logarithm, all of them at `at`."""
    return round(most * min(log1p(value * 9 / at) / log1p(9.0), 1.0), 1)


def _place(place: Place) -> float:
    known = [value for value in (place.forecast, place.index) if value is not None]
    return round(PLACE * sum(known) / len(known), 1) if known else 0.0


def _shares(place: Place) -> str:
    return ", ".join(f"{v:.2f}" if v is not None else "?" for v in (place.forecast, place.index))


def _decay(hours: float) -> float:
    return exp(-hours / _HASTE)


_PARTS: Final = {
    "id": {
        "harm": "dampak ({0})", "chatter": "obrolan, bukan klaim (peluang klaim {0})", "speed": "laju ({0} kemunculan per jam)",
        "reach": "jangkauan ({0} desa)", "place": "keadaan tempat (prakiraan, indeks: {0})", "time": "waktu (tinggal {0} jam)",
    },
    "en": {
        "harm": "harm ({0})", "chatter": "chatter, not a claim (chance of a claim {0})", "speed": "speed ({0} sightings per hour)",
        "reach": "reach ({0} villages)", "place": "state of the place (forecast, index: {0})", "time": "time ({0} hours left)",
    },
}  # fmt: skip


def explained(found: Triage, language: Literal["id", "en"] = "id") -> str:
    """The sum in a line: "44.8 = 36.2 harm (violence 0.81) + 2.1 speed (...) - ..."; parts of 0 are left out."""
    said = ""
    for part in found.parts:
        if part.points:
            sign = " - " if part.points < 0 else " + " if said else ""
            said += f"{sign}{abs(part.points):.1f} {_PARTS[language][part.part].format(part.figure)}"
    return f"{found.score:.1f} = {said.strip() or '0'}"
