"""Simulated rumours: who hears one may pass it on, here or in a village beside; a clarification makes fewer do so.

A branching process: every telling sets off a Poisson number of others, after exponential delays, with a mean that falls
as the rumour gets old. Only some tellings are reported, and fewer as reporters tire. Everything here is an exercise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rukun.core.areas import FloatArray, IntArray

#: Tellings of one rumour beyond which it isn't followed.
MOST = 20_000


@dataclass(frozen=True)
class Spreading:
    """How rumours spread and are reported; hours throughout.

    rumours: how many begin, at even chances, in the first `begin` hours; hours: how long they are watched.
    offspring: tellings that one sets off when it is new; spread_of_offspring: standard deviation of its logarithm over
    rumours; life: in which the mean falls to 1/e; delay: mean from a telling to those it sets off; seeds: first
    tellings.
    away: share of tellings that go to a neighbouring village. reported: share of tellings that are reported;
    tiring: by which reporting falls per hour (0.005 halves it in six days).
    bursts: per rumour and 100 hours, each of `burst` tellings in about three hours.
    effect: share of offspring that a clarification prevents (0: none); at: sightings with which a rumour is clarified.
    clarified: the share of rumours to which that happens.
    """

    rumours: int = 20
    begin: float = 168.0
    hours: float = 504.0
    offspring: float = 0.9
    spread_of_offspring: float = 0.1
    life: float = 400.0
    delay: float = 8.0
    seeds: float = 12.0
    away: float = 0.3
    reported: float = 0.5
    tiring: float = 0.0
    bursts: float = 0.0
    burst: float = 12.0
    effect: float = 0.0
    at: int = 15
    clarified: float = 0.25

    def __post_init__(self) -> None:
        """Refuse what can't be simulated."""
        for name in ("away", "reported", "effect", "clarified"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share from 0 to 1, not {getattr(self, name)}")
        if not (self.rumours >= 1 and self.hours > self.begin > 0 and self.life > 0 and self.delay > 0):
            raise ValueError("an exercise needs a rumour, positive times, and an end after the last beginning")


@dataclass(frozen=True)
class Sightings:
    """Reported sightings of an exercise, in time order.

    hour: (n,) since the beginning; rumour, village: (n,) int; clarified_at: (rumours,) hour, or nan.
    """

    hour: FloatArray
    rumour: IntArray
    village: IntArray
    clarified_at: FloatArray

    def of(self, rumour: int) -> FloatArray:
        """The hours of one rumour's sightings."""
        return np.asarray(self.hour[self.rumour == rumour])


def simulate_rumours(spreading: Spreading, neighbours: list[IntArray], seed: int) -> Sightings:
    """Simulate rumours among villages; neighbours: for each village those beside it."""
    rng = np.random.default_rng([seed, 11])
    parts: list[tuple[FloatArray, IntArray, IntArray]] = []
    clarified_at = np.full(spreading.rumours, math.nan)
    for rumour in range(spreading.rumours):
        chosen = rng.random() < spreading.clarified
        hour, village, answered = _one(spreading, neighbours, chosen, rng)
        clarified_at[rumour] = answered
        parts.append((hour, np.full(len(hour), rumour, dtype=np.int64), village))
    hour, number, village = (np.concatenate([part[k] for part in parts]) for k in range(3))
    order = np.argsort(hour, kind="stable")
    return Sightings(hour[order], number[order].astype(np.int64), village[order].astype(np.int64), clarified_at)


def _one(
    spreading: Spreading, neighbours: list[IntArray], chosen: bool, rng: np.random.Generator
) -> tuple[FloatArray, IntArray, float]:
    """One rumour's reported sightings, and when it was clarified.

    It is followed without an answer first; what was told after the answer is then thinned with all that it set off.
    """
    first = rng.random() * spreading.begin
    strength = spreading.offspring * math.exp(spreading.spread_of_offspring * rng.standard_normal())
    count = 1 + rng.poisson(spreading.seeds)
    hour = first + rng.exponential(spreading.delay, count)
    village = np.full(count, rng.integers(len(neighbours)), dtype=np.int64)
    if spreading.bursts:
        for _ in range(rng.poisson(spreading.bursts * (spreading.hours - first) / 100)):
            begin = first + rng.random() * (spreading.hours - first)
            size = rng.poisson(spreading.burst)
            hour = np.concatenate([hour, begin + rng.exponential(3.0, size)])
            village = np.concatenate([village, rng.integers(len(neighbours), size=size)])
    parent = np.full(len(hour), -1, dtype=np.int64)
    hours, villages, parents = [hour], [village], [parent]
    told, generation = len(hour), np.arange(len(hour))
    while len(hour) and told < MOST:
        mean = strength * np.exp(-(hour - first) / spreading.life)
        sets_off = rng.poisson(mean)
        parent = np.repeat(generation, sets_off)
        hour = np.repeat(hour, sets_off) + rng.exponential(spreading.delay, len(parent))
        village = _moved(np.repeat(village, sets_off), neighbours, spreading.away, rng)
        kept = hour < spreading.hours
        hour, village, parent = hour[kept], village[kept], parent[kept]
        generation = told + np.arange(len(hour))
        told += len(hour)
        hours.append(hour)
        villages.append(village)
        parents.append(parent)
    hour, village, parent = np.concatenate(hours), np.concatenate(villages), np.concatenate(parents)
    reported = rng.random(len(hour)) < spreading.reported * np.exp(-spreading.tiring * hour)
    reported &= hour < spreading.hours
    answered = math.nan
    seen = np.sort(hour[reported])
    if chosen and len(seen) >= spreading.at:
        answered = float(seen[spreading.at - 1])
        # a telling is prevented with the chance `effect`, and with it all that it would have set off
        told_here = rng.random(len(hour)) >= np.where(hour > answered, spreading.effect, 0.0)
        for k in np.flatnonzero(parent >= 0):
            told_here[k] &= told_here[parent[k]]
        reported &= told_here
    return hour[reported], village[reported], answered


def _moved(village: IntArray, neighbours: list[IntArray], away: float, rng: np.random.Generator) -> IntArray:
    moved = village.copy()
    for k in np.flatnonzero(rng.random(len(village)) < away):
        beside = neighbours[village[k]]
        if len(beside):
            moved[k] = beside[rng.integers(len(beside))]
    return moved


def ring(villages: int) -> list[IntArray]:
    """Villages along a coast that goes round an island: each beside two others. Raises ValueError below three."""
    if villages < 3:
        raise ValueError(f"a ring has three villages or more, not {villages}")
    return [np.array([(k - 1) % villages, (k + 1) % villages]) for k in range(villages)]
