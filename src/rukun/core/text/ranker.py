"""The ranker of fact checks: weights over the measures of agreement, learnt from messages with a known answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from rukun.core.text.agreement import FEATURES, Matrix

#: What the chance that the first answer is right depends on: measures of that answer, then of the ranking.
OF_FIRST: Final = (
    "softly_held", "both_ways", "in_one_place", "message_softly_held", "rarest_missing", "sum_held", "words_held", "words_missing", "pairs_held", "character",
    "character_clear", "lexical_clear", "meaning", "meaning_clear", "numbers_missing", "other_numbers", "other_places", "other_institutions", "other_sense", "message_words", "framing", "same",
)  # fmt: skip
CERTAINTY: Final = (*OF_FIRST, "score", "lead", "first_share", "agreeing")


@dataclass(frozen=True)
class Ranker:
    """Weights of each of FEATURES, with means and scales; of each of CERTAINTY, with the same and an intercept."""

    weights: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    certainty: tuple[float, ...]
    certainty_means: tuple[float, ...]
    certainty_scales: tuple[float, ...]
    intercept: float

    def scores(self, features: Matrix) -> npt.NDArray[np.float64]:
        """(k,) scores of candidates, higher is better; only differences mean something."""
        return np.asarray(_standard(features, self.means, self.scales) @ np.array(self.weights), dtype=np.float64)

    def probability(self, features: Matrix, scores: npt.NDArray[np.float64]) -> float:
        """The chance that the best of k >= 1 candidates is the message's fact check, rather than another or none."""
        row = certainty_row(features, scores)[None]
        logit = self.intercept + _standard(row, self.certainty_means, self.certainty_scales) @ np.array(self.certainty)
        return float(1 / (1 + np.exp(-np.clip(logit[0], -30, 30))))


def certainty_row(features: Matrix, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The values of CERTAINTY for k >= 1 candidates."""
    first = int(scores.argmax())
    others = np.delete(scores, first)
    lead = float(scores[first] - others.max()) if len(others) else 5.0
    share = float(1 / np.exp(scores - scores[first]).sum())
    ranks = features[first, [FEATURES.index(f"{name}_rank") for name in ("lexical", "character", "meaning")]]
    own = features[first, [FEATURES.index(name) for name in OF_FIRST]]
    return np.array([*own, scores[first], min(lead, 5.0), share, float((ranks == 0).sum())])


def learn(
    examples: Sequence[tuple[Matrix, int]], trials: Sequence[tuple[Matrix, int]], ridge: float = 20.0, folds: int = 5
) -> Ranker:
    """A ranker from messages with their candidates' measures and the place of the right one (-1: not among them).

    examples: what the order is learnt from; trials: what the chance is learnt from, with as many messages without an
    answer as it is to be right for; trial k is judged by a ranker learnt without the examples k modulo `folds`, so both
    lists are in the same order of messages. The ranker is a conditional logit (McFadden 1974), the chance a logistic
    regression. Raises ValueError without examples that have an answer.
    """
    answered = [(k, features, place) for k, (features, place) in enumerate(examples) if place >= 0]
    if not answered:
        raise ValueError("no message has its fact check among the candidates: there is nothing to learn from")
    means, scales = _moments(np.vstack([features for _, features, _ in answered]))
    weights = _conditional_logit([(features, place) for _, features, place in answered], means, scales, ridge)
    rows, right = [], []
    for fold in range(folds):
        kept = [(features, place) for k, features, place in answered if k % folds != fold]
        without = _conditional_logit(kept, means, scales, ridge) if kept else weights
        for features, place in trials[fold::folds]:
            if len(features):
                scores = _standard(features, means, scales) @ without
                rows.append(certainty_row(features, scores))
                right.append(float(scores.argmax() == place))
    table = np.vstack(rows) if rows else np.zeros((1, len(CERTAINTY)))
    certainty_means, certainty_scales = _moments(table)
    known = np.array(right) if rows else np.zeros(1)
    certainty, intercept = _logistic(_standard(table, certainty_means, certainty_scales), known)
    return Ranker(
        _rounded(weights),
        _rounded(means),
        _rounded(scales),
        _rounded(certainty),
        _rounded(certainty_means),
        _rounded(certainty_scales),
        round(intercept, 5),
    )


def _rounded(values: npt.NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(value), 5) for value in values)


def written(rankers: dict[str, Ranker]) -> str:
    """Rankers by name as the text of the weights' file."""
    return json.dumps({name: asdict(ranker) for name, ranker in rankers.items()}, indent=1) + "\n"


@cache
def shipped(meaning: bool) -> Ranker:
    """The ranker that comes with the library, for candidates with or without their meaning."""
    text = resources.files("rukun.core.text").joinpath("ranker.json").read_text("utf-8")
    given: dict[str, Any] = json.loads(text)["meaning" if meaning else "words"]
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return Ranker(**values)


def _moments(table: Matrix) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    scales = table.std(axis=0)
    return table.mean(axis=0), np.where(scales > 1e-6, scales, 1e9)


def _standard(
    table: Matrix, means: Sequence[float] | npt.NDArray[np.float64], scales: Sequence[float] | npt.NDArray[np.float64]
) -> Matrix:
    return np.asarray(np.clip((table - np.asarray(means)) / np.asarray(scales), -6, 6), dtype=np.float64)


def _conditional_logit(
    examples: Sequence[tuple[Matrix, int]],
    means: npt.NDArray[np.float64],
    scales: npt.NDArray[np.float64],
    ridge: float,
) -> npt.NDArray[np.float64]:
    table = _standard(np.vstack([features for features, _ in examples]), means, scales)
    sizes = np.array([len(features) for features, _ in examples])
    starts = np.cumsum(sizes) - sizes
    right = starts + np.array([place for _, place in examples])
    group = np.repeat(np.arange(len(sizes)), sizes)

    def loss(weights: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        scores = table @ weights
        top = np.maximum.reduceat(scores, starts)
        odds = np.exp(scores - top[group])
        total = np.add.reduceat(odds, starts)
        value = float((np.log(total) + top - scores[right]).sum() + ridge / 2 * weights @ weights)
        return value, table.T @ (odds / total[group]) - table[right].sum(axis=0) + ridge * weights

    found = minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 120})
    return np.asarray(found.x, dtype=np.float64)


def _logistic(
    table: Matrix, right: npt.NDArray[np.float64], ridge: float = 3.0
) -> tuple[npt.NDArray[np.float64], float]:
    def loss(weights: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        logit = table @ weights[:-1] + weights[-1]
        error = 1 / (1 + np.exp(-logit)) - right
        slope = np.append(table.T @ error + ridge * weights[:-1], error.sum())
        value = float((np.logaddexp(0, logit) - right * logit).sum() + ridge / 2 * weights[:-1] @ weights[:-1])
        return value, slope

    found = minimize(loss, np.zeros(table.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return np.asarray(found.x[:-1], dtype=np.float64), float(found.x[-1])
