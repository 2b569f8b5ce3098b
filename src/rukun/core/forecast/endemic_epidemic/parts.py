"""The endemic-epidemic mean taken apart into the shares of an explanation."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from rukun.core.areas import FloatArray, IntArray
from rukun.core.forecast.endemic_epidemic.fit import Frame, Parameters
from rukun.core.forecast.endemic_epidemic.predict import Path
from rukun.core.forecast.endemic_epidemic.settings import AROUND, ENDEMIC, OWN
from rukun.core.forecast.explain import (
    AROUND as AROUND_LABEL,
)
from rukun.core.forecast.explain import BASELINE, RECENT, SEASON, TREND, WEEKDAY, Explanation, split_product
from rukun.core.panel import Panel

_SHARED_LABEL = {"trend": TREND, "season": SEASON, "weekday": WEEKDAY}


def explain_path(panel: Panel, frame: Frame, p: Parameters, path: Path) -> Explanation:
    """Shares of the path's means: baseline, what moves it, recent events here and around."""
    _, horizon, n = path.parts.shape
    columns = frame.design.columns
    exponent: dict[str, FloatArray] = {}
    for k, column in enumerate(columns):
        if column.part != ENDEMIC or column.kind == "baseline":
            continue
        label = _SHARED_LABEL.get(column.kind, f"{column.kind}:{column.name}")
        moved = p.beta[k] * path.values[frame.design.group, panel.n_periods :, k].T
        exponent[label] = exponent[label] + moved if label in exponent else moved
    exponents = np.array(list(exponent.values())).reshape(len(exponent), horizon, n)
    endemic = path.parts[ENDEMIC]
    baseline = endemic * np.exp(-exponents.sum(axis=0))
    moved_shares = split_product(baseline, exponents)
    # what rounding left over goes to the baseline, and so does the floor under a mean of 0
    recent, around = path.parts[OWN], path.parts[AROUND]
    baseline = path.mean - moved_shares.sum(axis=0) - recent - around
    reach = None if frame.cells.spread is None else sparse.csc_array(frame.cells.spread.weights(p.log_decay)[0])

    def neighbours(h: int, i: int) -> tuple[IntArray, FloatArray]:
        if reach is None:
            return np.empty(0, dtype=np.int64), np.empty(0)
        senders = slice(reach.indptr[i], reach.indptr[i + 1])
        areas = reach.indices[senders].astype(np.int64)
        amount = path.coefficient[AROUND, h, i] * reach.data[senders] * path.lagged[h, areas]
        order = np.argsort(-amount, kind="stable")
        return areas[order], amount[order]

    return Explanation(
        labels=(BASELINE, *exponent, RECENT, AROUND_LABEL),
        shares=np.concatenate([baseline[None], moved_shares, recent[None], around[None]]),
        names=tuple(str(name) or str(code) for name, code in zip(panel.areas.name, panel.areas.code, strict=True)),
        every=panel.every,
        neighbours=neighbours,
    )
