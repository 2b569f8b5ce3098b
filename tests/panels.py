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
