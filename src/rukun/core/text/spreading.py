"""How fast a rumour spreads and how far, from its sightings: each with an interval, since few are ever reported."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

#: Hours in which the weight of a sighting falls to 1/e.
MEMORY: Final = 24.0
#: Of a rumour of which nothing is known, Gamma(shape, hours): little, so that it soon gives way to what is seen.
PRIOR: Final = (0.5, 1.0)
#: Hours over which the first sightings are spread at least: three in half an hour aren't six an hour yet.
EARLIEST: Final = 6.0
#: Of the intervals.
LEVEL: Final = 0.9


@dataclass(frozen=True)
class Interval:
    """An estimate with the ends of its 90 % interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Spread:
    """How fast and how far a rumour spreads.

    sightings: how many there were; per_hour: the rate now; villages: how many it has reached, the unseen included;
    villages_seen: those with a sighting.
    """

    sightings: int
    per_hour: Interval
    villages: Interval
    villages_seen: int


def spread_of(ages: npt.ArrayLike, villages: Sequence[str] = ()) -> Spread:
    """The spread of a rumour now.

    ages: (n,) hours since each sighting, n >= 0; villages: the village of each sighting that has one.
    Raises ValueError where an age is negative or not finite.
    """
    hours = np.asarray(ages, dtype=np.float64)
    if hours.size and not (np.isfinite(hours).all() and (hours >= 0).all()):
        raise ValueError("ages are hours from 0 up: a sighting can't be in the future")
    return Spread(hours.size, rate_now(hours), reach(Counter(villages).values()), len(set(villages)))


def rate_now(ages: npt.NDArray[np.float64]) -> Interval:
    """Sightings per hour now: a Gamma-Poisson model whose evidence decays with age.

    The posterior is Gamma(a + sum exp(-age / m), b + m (1 - exp(-h / m))) with m hours of memory, h hours since the first
    sighting (six at least), and the prior's a and b. Source: discounted conjugate updating, West & Harrison 1997,
    Bayesian Forecasting and Dynamic Models, ch. 10, in continuous time.
    """
    shape, hours = PRIOR
    if ages.size:
        shape += float(np.exp(-ages / MEMORY).sum())
        hours += MEMORY * -math.expm1(-max(float(ages.max()), EARLIEST) / MEMORY)
    low, high = (stats.gamma.ppf(end, shape, scale=1 / hours) for end in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Interval(shape / hours, float(low), float(high))


def reach(sightings: Iterable[int]) -> Interval:
    """How many villages a rumour has reached, from the sightings in each of those where it was seen.

    Many villages with a single sighting tell of others with none: Chao's lower bound s + f1 (f1 - 1) / (2 (f2 + 1)) with
    its log-normal interval. Source: Chao 1987, Biometrics 43, 783; bias-corrected form.
    """
    counts = list(sightings)
    seen, total = len(counts), sum(counts)
    if seen == 0:
        return Interval(0.0, 0.0, 0.0)
    once, twice = counts.count(1), counts.count(2)
    share = (total - 1) / total
    unseen = share * once * (once - 1) / (2 * (twice + 1))
    if unseen <= 0:
        return Interval(float(seen), float(seen), float(seen + once))
    variance = (
        share * once * (once - 1) / (2 * (twice + 1))
        + share**2 * once * (2 * once - 1) ** 2 / (4 * (twice + 1) ** 2)
        + share**2 * once**2 * twice * (once - 1) ** 2 / (4 * (twice + 1) ** 4)
    )
    factor = math.exp(float(stats.norm.ppf((1 + LEVEL) / 2)) * math.sqrt(math.log1p(variance / unseen**2)))
    return Interval(seen + unseen, seen + unseen / factor, seen + unseen * factor)
