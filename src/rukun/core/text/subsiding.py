"""Did a rumour die down after it was answered? Its sightings before and after, held against rumours not yet answered.

All rumours die down some time, and reporters tire: a fall counts only as far as it goes beyond that of comparable rumours
over the same days. "Cannot tell" is an answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import special

Verdict = Literal["subsided", "goes_on", "cannot_tell"]
Why = Literal["fell_more", "fell_no_more", "too_few_sightings", "too_few_others", "too_early", "unclear"]
Floats = npt.NDArray[np.float64]

#: Hours compared before and, at most, after the clarification.
WINDOW: Final = 96.0
#: Hours until those who have heard of it could have heard the clarification too; not counted.
DELAY: Final = 6.0
#: Hours after it below which it is too early.
LEAST: Final = 24.0
#: Sightings of the rumour before, and rumours compared, below which nothing is said.
SIGHTINGS, OTHERS = 8, 4
#: Chance at most that a rumour like the others falls so far.
CHANCE: Final = 0.05
#: A rumour "goes on" when its fall beyond the others is surely less than to this share.
HALF: Final = 0.5
LEVEL: Final = 0.9
#: Others are comparable with this many times more or fewer sightings before, and so much older or younger, at most.
_SIZE, _AGE = 4.0, 3.0
#: Of the shares after: evenly spaced log odds; of how much rumours differ (correlation of two sightings of one).
_ODDS: Final = np.linspace(-5, 4, 91)
_DIFFER: Final = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65])
#: Before anything is seen: rumours do differ.
_BEFORE: Final = np.array([0.03, 0.07, 0.14, 0.18, 0.18, 0.16, 0.11, 0.08, 0.05])


@dataclass(frozen=True)
class Course:
    """hours: (n,) of its sightings since any common moment; clarified_at: on the same clock, or None."""

    hours: Floats
    clarified_at: float | None = None


@dataclass(frozen=True)
class Subsidence:
    """verdict, why; before, after: sightings in windows of hours_before and hours_after.

    ratio, low, high: how many times the fall of comparable rumours' rates it kept, with a 90 % interval (0.3: it fell to
    less than a third of what they did; 1: as they did), nan where nothing is said. chance: that a rumour like the others
    would have so few sightings after. others: how many were compared.
    """

    verdict: Verdict
    why: Why
    before: int
    after: int
    hours_before: float
    hours_after: float
    ratio: float
    low: float
    high: float
    chance: float
    others: int


def did_it_subside(rumour: Course, others: Sequence[Course], now: float) -> Subsidence:
    """Whether an answered rumour died down beyond what comparable rumours did, seen at `now` on the clock of the courses.

    Of n sightings before and after, the number after is beta-binomial over comparable rumours; its mean and how much
    rumours differ are learnt from `others` on a grid. It is "subsided" when so few after would be a chance of at most 5 %,
    and the rate itself fell.
    Raises ValueError where the rumour has no clarification, or one after `now`.
    """
    if rumour.clarified_at is None or not rumour.clarified_at <= now:
        raise ValueError("a clarification is needed, and one that is out already")
    at = rumour.clarified_at
    windows = _Windows(
        max(at - WINDOW, min(float(rumour.hours.min(initial=at)), at - 1)),
        at,
        at + DELAY,
        min(now, at + DELAY + WINDOW),
    )
    before, after = windows.counts(rumour.hours)
    known = (before, after, windows.before, max(windows.after, 0.0))
    if windows.after < LEAST:
        return _unknown("too_early", known, 0)
    if before < SIGHTINGS:
        return _unknown("too_few_sightings", known, 0)
    # in an order of their own, so that the order they come in plays no part, not even in the last digit
    counted = sorted(windows.counts(other.hours) for other in others if _comparable(other, rumour, before, windows))
    if len(counted) < OTHERS:
        return _unknown("too_few_others", known, len(counted))
    posterior = _learnt(np.array([n for _, n in counted]), np.array([sum(pair) for pair in counted]))
    chance = float((posterior * _tail(after, before + after)).sum())
    ratio, low, high = _ratio(after, before + after, posterior)
    fell = after / windows.after < before / windows.before
    verdict: Verdict = "cannot_tell"
    why: Why = "unclear"
    if fell and chance <= CHANCE and high < 1:
        verdict, why = "subsided", "fell_more"
    elif low > HALF:
        verdict, why = "goes_on", "fell_no_more"
    return Subsidence(verdict, why, *known, ratio, low, high, chance, len(counted))


@dataclass(frozen=True)
class _Windows:
    begin: float
    answered: float
    resumed: float
    end: float

    @property
    def before(self) -> float:
        return self.answered - self.begin

    @property
    def after(self) -> float:
        return self.end - self.resumed

    def counts(self, hours: Floats) -> tuple[int, int]:
        earlier = int(((hours > self.begin - 1e-9) & (hours <= self.answered)).sum())
        return earlier, int(((hours > self.resumed) & (hours <= self.end)).sum())


def _unknown(why: Why, known: tuple[int, int, float, float], others: int) -> Subsidence:
    return Subsidence("cannot_tell", why, *known, math.nan, math.nan, math.nan, math.nan, others)


def _comparable(other: Course, rumour: Course, before: int, windows: _Windows) -> bool:
    """Whether another is about as large and as old, and unanswered until the end of the window."""
    answered = other.clarified_at is not None and other.clarified_at < windows.end
    known = other.hours[other.hours <= windows.answered]
    if answered or not len(known):
        return False
    size = windows.counts(other.hours)[0]
    ages = windows.answered - float(known.min()), windows.answered - float(rumour.hours.min())
    return before / _SIZE <= size <= before * _SIZE and 1 / _AGE <= (ages[0] + 12) / (ages[1] + 12) <= _AGE


def _parameters() -> tuple[Floats, Floats]:
    """Both parameters of the beta distribution of shares, (odds, differ)."""
    share = special.expit(_ODDS)[:, None]
    strength = (1 / _DIFFER - 1)[None, :]
    return share * strength, (1 - share) * strength


def _learnt(after: npt.NDArray[np.int64], total: npt.NDArray[np.int64]) -> Floats:
    """(odds, differ) posterior over the grid, from each comparable rumour's sightings after and in all."""
    a, b = _parameters()
    log = np.log(_BEFORE)[None, :] + np.zeros_like(a)
    for n, whole in zip(after, total, strict=True):
        log = log + special.betaln(a + n, b + whole - n) - special.betaln(a, b)
    odds = np.exp(log - log.max())
    return np.asarray(odds / odds.sum())


def _tail(after: int, total: int) -> Floats:
    """(odds, differ) chance of at most `after` of `total` sightings after; half of that of exactly so many."""
    a, b = _parameters()
    n = np.arange(after + 1)[:, None, None]
    choose = special.gammaln(total + 1) - special.gammaln(n + 1) - special.gammaln(total - n + 1)
    mass = np.exp(choose + special.betaln(a + n, b + total - n) - special.betaln(a, b))
    return np.asarray(mass.sum(axis=0))


def _ratio(after: int, total: int, posterior: Floats) -> tuple[float, float, float]:
    """How many times a comparable rumour's odds of coming after its own are, with the ends of the interval."""
    rng = np.random.default_rng(0)
    a, b = _parameters()
    cell = rng.choice(posterior.size, 4000, p=posterior.ravel())
    typical = rng.beta(a.ravel()[cell], b.ravel()[cell])
    own = rng.beta(after + 0.5, total - after + 0.5, 4000)
    gain = special.logit(np.clip(own, 1e-9, 1 - 1e-9)) - special.logit(np.clip(typical, 1e-9, 1 - 1e-9))
    low, middle, high = np.exp(np.quantile(gain, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2]))
    return float(middle), float(low), float(high)
