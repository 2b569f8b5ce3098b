"""Why any model's forecast is what it is: shares that sum to its mean, and a sentence for each area."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from rukun.core.areas import FloatArray, IntArray
from rukun.core.forecast.distribution import CountForecast
from rukun.core.forecast.explain import Explanation, Language, reason
from rukun.core.forecast.interface import FittedModel
from rukun.core.panel import Panel

#: Before the name of a model without parts, in the labels of shares.
MODEL = "model:"
#: Periods that the sentence of a model without parts calls "the last".
LATELY = 12

_PERIODS: dict[Language, dict[str, tuple[str, str]]] = {
    "id": {"day": ("hari", "hari"), "week": ("minggu", "minggu"), "month": ("bulan", "bulan")},
    "en": {"day": ("day", "days"), "week": ("week", "weeks"), "month": ("month", "months")},
}


@runtime_checkable
class Explains(Protocol):
    """A fitted model whose mean has parts."""

    def explain(self, horizon: int) -> Explanation:
        """The means of the next periods, split into shares that add up to them."""
        ...


@runtime_checkable
class Combines(Protocol):
    """A fitted linear pool: weight: (members,) of each of `members`, names and fitted models."""

    @property
    def members(self) -> tuple[tuple[str, FittedModel], ...]:
        """Names and fitted members."""
        ...

    @property
    def weight(self) -> FloatArray:
        """(members,) >= 0 with sum 1."""
        ...


@dataclass(frozen=True)
class Reasons:
    """Shares and sentences of one forecast.

    labels: (k,) as in `Explanation`, with "model:NAME" for what a model without parts adds; shares: (k, horizon, n)
    counts that sum over k to the forecast's mean; explanation: of the model or member with parts, or None.
    """

    panel: Panel
    mean: FloatArray
    labels: tuple[str, ...]
    shares: FloatArray
    explanation: Explanation | None

    def sentence(self, period: int, area: int, language: Language = "id") -> str:
        """The sentence for one period ahead (0 is the first) and area; raises IndexError outside them."""
        if self.explanation is not None:
            return reason(self.explanation, period, area, language)
        return history(self.panel, float(self.mean[period, area]), area, language)


def reasons_of(fitted: FittedModel, forecast: CountForecast, panel: Panel) -> Reasons:
    """Split a model's forecast (as it returned it) into shares; panel: what it was fitted to."""
    mean = forecast.total_mean
    if isinstance(fitted, Explains):
        explanation = fitted.explain(len(mean))
        return Reasons(panel, mean, explanation.labels, explanation.shares, explanation)
    if isinstance(fitted, Combines):
        return _of_members(fitted, mean, panel)
    return Reasons(panel, mean, (MODEL + _name(fitted),), mean[None], None)


def _of_members(fitted: Combines, mean: FloatArray, panel: Panel) -> Reasons:
    shares: dict[str, FloatArray] = {}
    spoken: Explanation | None = None
    for (name, member), weight in zip(fitted.members, fitted.weight.tolist(), strict=True):
        if isinstance(member, Explains):
            explanation = member.explain(len(mean))
            spoken = spoken or _scaled(explanation, mean / explanation.mean)
            parts = dict(zip(explanation.labels, explanation.shares, strict=True))
        else:
            parts = {MODEL + name: member.forecast(len(mean)).total_mean}
        for label, part in parts.items():
            shares[label] = shares.get(label, 0.0) + weight * part
    return Reasons(panel, mean, tuple(shares), np.array(list(shares.values())), spoken)


def _scaled(explanation: Explanation, scale: FloatArray) -> Explanation:
    """The same parts of another mean: the sentence of a member, speaking of the mixture; scale: (horizon, n)."""

    def neighbours(period: int, area: int) -> tuple[IntArray, FloatArray]:
        around, amounts = explanation.neighbours(period, area)
        return around, np.asarray(amounts * scale[period, area])

    return replace(explanation, shares=explanation.shares * scale, neighbours=neighbours)


def _name(fitted: FittedModel) -> str:
    return str(getattr(fitted, "name", type(fitted).__name__))


def history(panel: Panel, mean: float, area: int, language: Language = "id") -> str:
    """What is expected in an area beside what was recorded there lately and on the whole."""
    counts = panel.counts[area]
    lately = min(LATELY, len(counts))
    said = [
        f"{value:.1f}" if value >= 0.95 else f"{value:.2f}" for value in (mean, counts[-lately:].mean(), counts.mean())
    ]
    if language == "id":
        said = [number.replace(".", ",") for number in said]
    one, many = _PERIODS[language][panel.every]
    if language == "id":
        return (
            f"Perkiraan {said[0]} kejadian per {one}: rata-rata {said[1]} dalam {lately} {one} terakhir, "
            f"{said[2]} sejak awal data."
        )
    return (
        f"Expected {said[0]} events a {one}: an average of {said[1]} over the last {lately} {many}, "
        f"{said[2]} since the data begin."
    )
