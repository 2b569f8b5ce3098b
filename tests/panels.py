"""Panels for tests: made ones in a line, and the reference panels of the shared data where it is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import shortest_path

from rukun.core.areas import AreaTable, Neighbours
from rukun.core.panel import Panel

EVENTS = Path(__file__).parents[2] / "shared" / "data" / "events"


def neighbours_of(order: np.ndarray) -> Neighbours:
    """From a square matrix of orders, 0 where there is no tie."""
    sender, receiver = np.nonzero(order)
    start = np.searchsorted(sender, np.arange(len(order) + 1)).astype(np.int64)
    return Neighbours(start, receiver.astype(np.int64), order[sender, receiver].astype(float))


def line_order(n: int) -> np.ndarray:
    """Orders of areas in a row."""
    return np.abs(np.arange(n)[:, None] - np.arange(n)).astype(float)


def make_panel(counts, order=None, every="week", exposure=None, **more) -> Panel:
    """A panel of these counts (n, periods) on areas in a row, from Monday 3 January 2022."""
    counts = np.ascontiguousarray(counts, dtype=np.int32)
    n, periods = counts.shape
    code = np.array([f"A{i:03d}" for i in range(n)])
    if every == "month":
        starts = (np.datetime64("2015-01") + np.arange(periods)).astype("datetime64[D]")
    else:
        starts = np.datetime64("2022-01-03") + np.arange(periods) * np.timedelta64(7 if every == "week" else 1, "D")
    exposure = np.ones(n) if exposure is None else np.asarray(exposure, float) / np.mean(exposure)
    areas = AreaTable(code, np.array([f"Area {i}" for i in range(n)]), np.array(["P0"] * n))
    order = line_order(n) if order is None else order
    return Panel(areas, neighbours_of(order), every, starts, counts, exposure, **more)


def simulate(n=25, periods=160, level=0.4, own=0.3, around=0.25, size=2.0, spread=0.5, seed=1, factor=None):
    """Counts of areas in a row from the model itself, with area levels of standard deviation `spread`."""
    rng = np.random.default_rng(seed)
    effect = rng.normal(0, spread, n)
    ties = np.eye(n, k=1) + np.eye(n, k=-1)
    weight = ties / ties.sum(axis=1, keepdims=True)
    counts = np.zeros((n, periods), dtype=np.int32)
    for t in range(periods):
        season = np.exp(0.5 * np.sin(2 * np.pi * t / 52.18))
        mean = level * np.exp(effect) * season * (1.0 if factor is None else factor[:, t])
        if t:
            mean = mean + own * counts[:, t - 1] + around * weight.T @ counts[:, t - 1]
        counts[:, t] = rng.negative_binomial(size, size / (size + mean))
    return counts, effect


#: Counts and length of a period that a model must take or refuse, but never stumble over.
ODD = {
    "no event at all": (np.zeros((4, 30)), "week"),
    "one area": (np.arange(40)[None] % 3, "week"),
    "one area, no event": (np.zeros((1, 12)), "month"),
    "two areas": (np.array([[0, 1] * 20, [3, 0] * 20]), "week"),
    "ten periods": (np.arange(50).reshape(5, 10) % 4, "week"),
    "four periods": (np.ones((3, 4)), "month"),
    "one event": (np.eye(6, 50), "day"),
    "one huge spike": (np.where(np.arange(200).reshape(4, 50) == 77, 100_000, 0), "week"),
    "spike in the last period": (np.where(np.arange(200).reshape(4, 50) == 199, 5_000, 1), "day"),
    "large counts": (np.arange(240).reshape(4, 60) * 1000, "month"),
    "constant": (np.full((5, 104), 7), "week"),
    "an area with no event among busy ones": (np.vstack([np.zeros(80), np.full((3, 80), 20)]), "week"),
}


def reference_panel(name: str) -> Panel:
    """fluBYBW or measlesWeserEms; skips the test where the shared data is absent."""
    if not (EVENTS / f"{name}_counts.csv").exists():
        pytest.skip(f"{EVENTS} holds no {name}: the reference data is not part of the repository")
    counts = pd.read_csv(EVENTS / f"{name}_counts.csv").iloc[:, 1:]
    order = pd.read_csv(EVENTS / f"{name}_neighbour_order.csv", index_col=0).to_numpy(dtype=float)
    population = pd.read_csv(EVENTS / f"{name}_population_fraction.csv").to_numpy()[0]
    if order.max() == 1:  # the influenza file holds borders only
        order = shortest_path(order, unweighted=True)
    panel = make_panel(counts.to_numpy().T, order, exposure=population)
    starts = np.datetime64("2001-01-01") + np.arange(panel.n_periods) * np.timedelta64(7, "D")
    code = np.array(list(counts.columns))
    areas = AreaTable(code, code, np.array([""] * len(code)), population=population)
    return Panel(areas, panel.neighbours, "week", starts, panel.counts, panel.exposure)
