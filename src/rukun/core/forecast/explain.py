"""Why a forecast is what it is: shares that add up to the mean, and a sentence a person can read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rukun.core.areas import FloatArray, IntArray
from rukun.core.panel import Every

Language = Literal["id", "en"]

#: Labels of the shares that every explanation has; calendars and series follow as "calendar:NAME" and "series:NAME".
BASELINE, TREND, SEASON, WEEKDAY, RECENT, AROUND = "baseline", "trend", "season", "weekday", "recent", "neighbours"

#: A share below this part of the mean isn't worth a word in the sentence.
WORTH_SAYING = 0.05
_MOST_REASONS = 4
_MOST_NEIGHBOURS = 2

_WORDS: dict[Language, dict[str, str]] = {
    "id": {
        BASELINE: "tingkat dasar di sini",
        TREND: "kecenderungan jangka panjang",
        SEASON: "musim",
        WEEKDAY: "hari dalam pekan",
        RECENT: "kejadian baru-baru ini di sini",
        AROUND: "kejadian di sekitar",
    },
    "en": {
        BASELINE: "the usual level here",
        TREND: "the long-term trend",
        SEASON: "the season",
        WEEKDAY: "the day of the week",
        RECENT: "recent events here",
        AROUND: "events nearby",
    },
}
_PERIODS: dict[Language, dict[str, str]] = {
    "id": {"day": "hari", "week": "minggu", "month": "bulan"},
    "en": {"day": "day", "week": "week", "month": "month"},
}


@dataclass(frozen=True)
class Explanation:
    """Shares of the means of one fitted model.

    labels: (k,) what each share is; shares: (k, horizon, n) counts, which sum over k to the means; those of season,
    trend,
    calendars and series are differences to the baseline and may be negative.
    neighbours: given a period ahead and an area, the areas that load it and the share of each, largest first; they sum
    to the share "neighbours". names: (n,) of the areas.
    """

    labels: tuple[str, ...]
    shares: FloatArray
    names: tuple[str, ...]
    every: Every
    neighbours: Callable[[int, int], tuple[IntArray, FloatArray]]

    @property
    def mean(self) -> FloatArray:
        """(horizon, n) means that the shares sum to."""
        return np.asarray(self.shares.sum(axis=0))


def split_product(base: FloatArray, exponents: FloatArray) -> FloatArray:
    """Split base * exp(sum of exponents) - base into one share per exponent; (k, ...) like exponents.

    Each exponent gets the logarithmic mean of base and product times itself, so that the shares add up exactly and none
    depends on the order (the LMDI decomposition; Ang 2004, Energy Policy 32, 1131, eq. 9).
    """
    total = exponents.sum(axis=0)
    small = np.abs(total) < 1e-12
    per_unit = np.where(small, 1.0, np.expm1(total) / np.where(small, 1.0, total))
    return np.asarray(base * per_unit * exponents)


def reason(explanation: Explanation, horizon_index: int, area_index: int, language: Language = "id") -> str:
    """One sentence: the mean and its largest shares, with the neighbours by name.

    What raises the mean is said in per cent of all that raises it, what lowers it by how much it takes off that: a
    share of 300 % next to one of -200 % would be true, but no officer would read it so.
    Raises IndexError outside the explanation's horizon or areas.
    """
    shares = explanation.shares[:, horizon_index, area_index]
    mean, raised = float(shares.sum()), float(shares[shares > 0].sum())
    said: list[str] = []
    lowered: list[str] = []
    worth = [k for k in np.argsort(-np.abs(shares), kind="stable") if abs(shares[k]) >= WORTH_SAYING * raised > 0]
    for k in worth[:_MOST_REASONS]:
        label, share = explanation.labels[k], float(shares[k])
        word = _WORDS[language].get(label) or label.split(":", 1)[1]
        if label == AROUND:
            word = _with_names(explanation, horizon_index, area_index, share, word)
        percent = f"{abs(share) / raised * 100:.0f} %"
        if share > 0:
            said.append(f"{word} {percent}")
        else:
            lowered.append(f"{word} {'menurunkannya' if language == 'id' else 'lowers it by'} {percent}")
    period = _PERIODS[language][explanation.every]
    start = f"Perkiraan {_number(mean, language)} kejadian per {period}"
    if language == "en":
        start = f"Expected {_number(mean, language)} events a {period}"
    return "; ".join([": ".join([start, *([", ".join(said)] if said else [])]), *lowered]) + "."


def _with_names(explanation: Explanation, h: int, i: int, share: float, word: str) -> str:
    areas, amounts = explanation.neighbours(h, i)
    large = [a for a, amount in zip(areas, amounts, strict=True) if amount > 0.2 * share][:_MOST_NEIGHBOURS]
    return f"{word} ({', '.join(explanation.names[a] for a in large)})" if large else word


def _number(value: float, language: Language) -> str:
    """Two significant digits; a decimal comma in Indonesian."""
    if value >= 9.95:
        text = f"{value:.0f}"
    elif value >= 0.95:
        text = f"{value:.1f}"
    elif value >= 0.0095:
        text = f"{value:.2f}"
    else:
        return "< 0,01" if language == "id" else "< 0.01"
    return text.replace(".", ",") if language == "id" else text
