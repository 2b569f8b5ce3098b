"""The simulator: an endemic-epidemic process, seen through reporting and visits.

The process is the model of Held, Hoehle & Hofmann 2005 (Stat Modelling 5, 187): a negative binomial whose mean is an
endemic part, what last week's incidents set off here and what they set off around. Of its incidents citizens report a
share; of the others visits find some, and visits partly follow the records, as in Ensign et al. 2018 (PMLR 81, 160).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from rukun.core.areas import AreaTable, FloatArray, IntArray, Neighbours
from rukun.exercise.scenario import Kind, Scenario

#: Weeks simulated before the first that is written, so that the process has forgotten its empty start.
RUN_IN = 30
MEMORY = 8
PRICE_YEAR = 53


@dataclass(frozen=True)
class Simulation:
    """What happened, what was seen of it, and why.

    starts: (weeks,) Mondays; rate, incidents, reported, discovered: (kinds, areas, weeks), the true mean, the true
        count and
    the two ways of being recorded; visits: (areas, weeks); price: (PRICE_YEAR + weeks,) Rp/kg by week, a year before
        the first Monday on.
    """

    starts: npt.NDArray[np.datetime64]
    rate: FloatArray
    incidents: IntArray
    reported: IntArray
    discovered: IntArray
    visits: IntArray
    price: FloatArray


def simulate(areas: AreaTable, neighbours: Neighbours, scenario: Scenario, seed: int) -> Simulation:
    """Simulate the scenario in these areas; the same for the same seed."""
    n, total = len(areas), RUN_IN + scenario.weeks
    exposure = np.ones(n) if areas.population is None else areas.population / areas.population.mean()
    price = _price(np.random.default_rng([seed, 2]), total)
    drivers = [_drivers(kind, scenario, price, total) for kind in scenario.kinds]
    rng = np.random.default_rng([seed, 3])
    effect = rng.normal(-(scenario.area_spread**2) / 2, scenario.area_spread, (len(scenario.kinds), n))
    flow = _flow(neighbours)
    shape = (len(scenario.kinds), n, total)
    rate = np.zeros(shape)
    incidents, reported, discovered = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    visits = np.zeros((n, total), dtype=np.int64)
    for week in range(total):
        recorded = (reported + discovered)[:, :, max(week - MEMORY, 0) : week].sum(axis=(0, 2))
        visits[:, week] = rng.poisson(n * scenario.visits * _attention(exposure, recorded, scenario.follow))
        found = -np.expm1(-scenario.discovery * visits[:, week])
        for k, kind in enumerate(scenario.kinds):
            past = incidents[k, :, week - 1] if week else np.zeros(n)
            endemic = kind.level * exposure * np.exp(effect[k] + drivers[k][week])
            mean = endemic + kind.own * past + kind.around * (flow @ past)
            drawn = rng.poisson(mean * rng.gamma(scenario.size, 1 / scenario.size, n))
            rate[k, :, week], incidents[k, :, week] = mean, drawn
            reported[k, :, week] = rng.binomial(drawn, scenario.reported)
            discovered[k, :, week] = rng.binomial(drawn - reported[k, :, week], found)
    return Simulation(
        starts=np.datetime64(scenario.start) + 7 * np.arange(scenario.weeks),
        rate=rate[:, :, RUN_IN:],
        incidents=incidents[:, :, RUN_IN:],
        reported=reported[:, :, RUN_IN:],
        discovered=discovered[:, :, RUN_IN:],
        visits=visits[:, RUN_IN:],
        price=price[RUN_IN:],
    )


def _attention(exposure: FloatArray, recorded: FloatArray, follow: float) -> FloatArray:
    """Share of the visits of each area: partly by population, partly by what was recorded lately."""
    by_population = exposure / exposure.sum()
    by_record = (recorded + 0.1) / (recorded + 0.1).sum()
    return (1 - follow) * by_population + follow * by_record


def _flow(neighbours: Neighbours) -> sparse.csr_array:
    """What an incident sends to each area around: to the nearest only, in equal parts, 1 in all; (n, n)."""
    n = len(neighbours)
    sender = np.repeat(np.arange(n), np.diff(neighbours.start))
    nearest = np.full(n, np.inf)
    np.minimum.at(nearest, sender, neighbours.order)
    # "nearest" with half an order to spare: orders by distance are never quite equal
    kept = neighbours.order < nearest[sender] + 0.5
    sender, receiver = sender[kept], neighbours.index[kept]
    share = 1 / np.bincount(sender, minlength=n)[sender]
    return sparse.csr_array((share, (receiver, sender)), shape=(n, n))


def _price(rng: np.random.Generator, total: int) -> FloatArray:
    """Weekly price of rice, Rp/kg: inflation, a harvest season and slow shocks; (PRICE_YEAR + total,)."""
    week = np.arange(PRICE_YEAR + total)
    shocks = np.zeros(len(week))
    for t in range(1, len(week)):
        shocks[t] = 0.97 * shocks[t - 1] + rng.normal(0, 0.02)
    return np.asarray(12_000 * np.exp(0.0007 * week + 0.04 * np.cos(2 * np.pi * week / 52.18) + shocks))


def _drivers(kind: Kind, scenario: Scenario, price: FloatArray, total: int) -> FloatArray:
    """Effects on the log endemic rate that are the same everywhere; (total,)."""
    first = scenario.start - dt.timedelta(weeks=RUN_IN)
    starts = np.datetime64(first) + 7 * np.arange(total)
    year = (starts - starts.astype("datetime64[Y]")).astype(np.float64) / 365.25
    effect = kind.season * np.cos(2 * np.pi * (year - 0.6)) + kind.price * np.log(
        price[PRICE_YEAR:] / price[:-PRICE_YEAR]
    )
    for stage in scenario.stages():
        days = np.minimum(starts + 6, np.datetime64(stage.last)) - np.maximum(starts, np.datetime64(stage.first))
        effect = effect + kind.stages.get(stage.name, 0.0) * np.clip(days.astype(np.float64) + 1, 0, 7) / 7
    return np.asarray(effect)
