"""Hit rates of the places with the highest forecasts.

Sources: Chainey, Tompson & Uhlig 2008, Security Journal 21, 4 (PAI); Hunt 2016, dissertation, Rutgers (PEI).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rukun.core.areas import FloatArray
from rukun.core.forecast.scores import PairedDifference, paired_difference

#: Shares of the surface at which hit rates are reported.
SURFACES = (0.005, 0.01, 0.05, 0.1)


@dataclass(frozen=True)
class HitRate:
    """Pooled over origins, at one share of the surface.

    hit: share of all events that fell there; pai = hit / share of the surface; pei: hit over the highest that could
    have been reached knowing the events; pai_error: standard error of pai over origins. nan where there was no event.
    """

    surface: float
    hit: float
    pai: float
    pei: float
    pai_error: float


def caught(mean: FloatArray, observed: npt.NDArray[np.number[Any]], surface: FloatArray, share: float) -> float:
    """Events in the `share` of the surface with the highest means; mean, observed, surface: (n,).

    The area at the edge counts by the part of it that fits, and areas with equal means share what is left evenly by
    their surface: no rounding and no order of rows favours anyone.
    """
    room = share * float(surface.sum())
    order = np.argsort(-mean, kind="stable")
    ranked = mean[order]
    last = min(int(np.searchsorted(np.cumsum(surface[order]), room * (1 - 1e-12))), len(mean) - 1)
    above = order[ranked > ranked[last]]
    tied = order[ranked == ranked[last]]
    left = room - float(surface[above].sum())
    part = min(1.0, max(0.0, left / float(surface[tied].sum())))
    return float(observed[above].sum()) + part * float(observed[tied].sum())


def most_catchable(observed: npt.NDArray[np.number[Any]], surface: FloatArray, share: float) -> float:
    """The same for an oracle that ranks by events per surface."""
    order = np.argsort(-observed / surface, kind="stable")
    room = share * float(surface.sum())
    fits = np.clip((room - (np.cumsum(surface[order]) - surface[order])) / surface[order], 0.0, 1.0)
    return float(fits @ observed[order])


def hit_rate(mean: FloatArray, observed: npt.NDArray[np.number[Any]], surface: FloatArray, share: float) -> HitRate:
    """Pool the origins: mean, observed: (origins, n); surface: (n,) > 0. Ranking is by mean per surface."""
    per_surface = mean / surface
    hits = np.array([caught(m, y, surface, share) for m, y in zip(per_surface, observed, strict=True)])
    best = np.array([most_catchable(y, surface, share) for y in observed])
    events = observed.sum(axis=1).astype(np.float64)
    total = float(events.sum())
    if total == 0:
        nan = float("nan")
        return HitRate(share, nan, nan, nan, nan)
    hit = float(hits.sum()) / total
    # ratio estimator over origins: residuals of hits given events
    residual = hits - hit * events
    n = len(hits)
    error = float(np.sqrt((residual @ residual) * n / max(n - 1, 1))) / total
    return HitRate(share, hit, hit / share, float(hits.sum()) / float(best.sum()), error / share)


def pai_difference(
    mean: FloatArray, reference: FloatArray, observed: npt.NDArray[np.number[Any]], surface: FloatArray, share: float
) -> PairedDifference:
    """PAI of one model less that of another on the same origins, with its 95 % interval; above 0 is better.

    mean, reference, observed: (origins, n). The ratio estimator's residuals are paired by origin.
    """
    gained = np.array(
        [
            caught(m / surface, y, surface, share) - caught(r / surface, y, surface, share)
            for m, r, y in zip(mean, reference, observed, strict=True)
        ]
    )
    events = observed.sum(axis=1).astype(np.float64)
    total = float(events.sum())
    if total == 0:
        nan = float("nan")
        return PairedDifference(nan, nan, nan)
    difference = float(gained.sum()) / total
    # each origin's part of the difference, on the scale of PAI: its mean is the difference
    parts = difference + (gained - difference * events) / events.mean()
    return paired_difference(parts / share, np.zeros(len(gained)))


def hit_curve(
    mean: FloatArray, observed: npt.NDArray[np.number[Any]], surface: FloatArray, shares: FloatArray
) -> FloatArray:
    """(len(shares),) pooled hit rates, for a curve; nan where there was no event."""
    total = float(observed.sum())
    if total == 0:
        return np.full(len(shares), np.nan)
    per_surface = mean / surface
    return np.array(
        [
            sum(caught(m, y, surface, float(s)) for m, y in zip(per_surface, observed, strict=True)) / total
            for s in shares
        ]
    )
