"""What a person sees of a result at once, and what a machine gets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rukun.cli.screen import show_table
from rukun.core.areas import AreaTable

#: Areas shown to a person and to a machine.
SHOWN, SUMMARISED = 5, 10
_SCORES = ("log_score", "crps", "brier_any", "cover90", "pai_5")


def show_highest(table: pd.DataFrame, areas: AreaTable, exercise: bool) -> None:
    """The highest areas of the next period, over all categories."""
    first = table[table["period_start"] == table["period_start"].min()]
    highest = first.sort_values("mean", ascending=False, kind="stable").head(SHOWN)
    name = dict(zip(areas.code.tolist(), areas.name.tolist(), strict=True))
    rows = [
        (_called(str(row.area), name), str(row.category), f"{row.mean:.2f}", f"{row.p_any:.0%}", str(row.reason))
        for row in highest.itertuples()
    ]
    title = f"Highest areas, period from {highest['period_start'].iloc[0]:%Y-%m-%d}"
    mark = "EXERCISE (simulated). " if exercise else ""
    show_table(mark + title, ("area", "category", "mean", "P(any)", "reason"), rows, ("area", "category", "reason"))


def _called(code: str, name: dict[str, str]) -> str:
    return code if name.get(code, code) == code else f"{name[code]} ({code})"


def forecast_summary(
    table: pd.DataFrame, model: str, notes: Sequence[str], exercise: bool, out: Path
) -> dict[str, Any]:
    """A forecast for machines: where it was written and its highest areas."""
    first = table[table["period_start"] == table["period_start"].min()]
    highest = first.sort_values("mean", ascending=False, kind="stable").head(SUMMARISED)
    columns = ["area", "category", "mean", "p_any", "rank", "reason"]
    return {
        "model": model,
        "origin": f"{table['origin'].iloc[0]:%Y-%m-%d}",
        "exercise": exercise,
        "rows": len(table),
        "areas": int(table["area"].nunique()),
        "periods": int(table["period_start"].nunique()),
        "highest": highest[columns].to_dict(orient="records"),
        "notes": list(notes),
        "out": str(out),
    }


def show_scores(scores: pd.DataFrame, exercise: bool) -> None:
    """The models one period ahead, best first, each beside the plain mean."""
    first = scores[scores["horizon"] == 1].sort_values("log_score", kind="stable")
    plain = first.loc[first["model"] == "mean", "log_score"]
    rows = []
    for _, row in first.iterrows():
        gain = "" if plain.empty else f"{row['log_score'] - plain.iloc[0]:+.4f}"
        rows.append((str(row["model"]), *(f"{row[column]:.4f}" for column in _SCORES), gain))
    mark = "EXERCISE (simulated). " if exercise else ""
    head = ("model", *_SCORES, "log score − mean's")
    show_table(mark + "Scores one period ahead (lower log score, crps, brier are better)", head, rows, ("model",))


def scores_summary(scores: pd.DataFrame, notes: Sequence[str], exercise: bool, files: Sequence[Path]) -> dict[str, Any]:
    """A backtest for machines; a score that doesn't exist is null."""
    known = scores.astype(object).where(scores.notna() & ~scores.isin([np.inf, -np.inf]), None)
    return {
        "exercise": exercise,
        "scores": known.to_dict(orient="records"),
        "notes": list(notes),
        "out": [str(path) for path in files],
    }
