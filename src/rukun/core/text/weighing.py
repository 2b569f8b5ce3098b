"""A small linear model over named measures of a text, that says which words led to its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """How much of something a text holds, and the spans of the given text where it does."""

    value: float
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Reason:
    """What led to an answer: measure, its words as they were written, their span, and their share of the score.

    weight: above 0 speaks for the answer, below 0 against it; in log odds.
    """

    measure: str
    words: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True)
class Weights:
    """A multinomial logit: answers; measures; rows of weights, one for each answer, the intercept last."""

    answers: tuple[str, ...]
    measures: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]

    def chances(self, measured: Mapping[str, Measure]) -> tuple[float, ...]:
        """The probability of each answer; they add up to 1."""
        scores = np.array(self.rows) @ np.array([*(measured[name].value for name in self.measures), 1.0])
        odds = np.exp(scores - scores.max())
        return tuple((odds / odds.sum()).tolist())

    def reasons(self, measured: Mapping[str, Measure], answer: str, text: str) -> tuple[Reason, ...]:
        """What speaks for and against `answer` in comparison with the mean of the others, the heaviest first.

        Measures that no words of the text show (its length, say) aren't among them.
        """
        rows = np.array(self.rows)
        chosen = self.answers.index(answer)
        others = [row for k, row in enumerate(rows) if k != chosen]
        gain = rows[chosen] - np.mean(others, axis=0)
        found = [
            Reason(name, text[start:end], start, end, float(gain[k] * measured[name].value / len(measured[name].spans)))
            for k, name in enumerate(self.measures)
            for start, end in measured[name].spans
        ]
        return tuple(sorted(found, key=lambda reason: (-abs(reason.weight), reason.start)))


def learn(
    examples: Sequence[Mapping[str, Measure]],
    given: Sequence[str],
    answers: Sequence[str],
    ridge: float,
    weigh: Mapping[str, float] | None = None,
) -> Weights:
    """Weights from texts' measures and the answer given to each, by penalised maximum likelihood.

    ridge: half of the penalty on the squares of the weights, intercepts aside; weigh: how much a text of an answer
    counts (1 without). Raises ValueError without examples.
    """
    if not examples:
        raise ValueError("there are no examples to learn from")
    measures = tuple(examples[0])
    x = np.array([[*(one[name].value for name in measures), 1.0] for one in examples])
    y = np.eye(len(answers))[[answers.index(one) for one in given]]
    counts = np.array([(weigh or {}).get(one, 1.0) for one in given])
    shape = (len(answers), x.shape[1])

    def loss(flat: Matrix) -> tuple[float, Matrix]:
        w = flat.reshape(shape)
        scores = x @ w.T
        scores -= scores.max(axis=1, keepdims=True)
        log_chance = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        penalised = np.concatenate([w[:, :-1], np.zeros((len(answers), 1))], axis=1)
        slope = ((np.exp(log_chance) - y) * counts[:, None]).T @ x + 2 * ridge * penalised
        return float(-(counts[:, None] * y * log_chance).sum() + ridge * (penalised**2).sum()), slope.ravel()

    fitted = minimize(
        loss, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 5000, "ftol": 1e-12}
    )
    rows = tuple(tuple(round(float(value), 3) for value in row) for row in fitted.x.reshape(shape))
    return Weights(tuple(answers), measures, rows)


@cache
def weights(name: str) -> Weights:
    """The weights that came with the library: "harm" or "claim"."""
    read = json.loads(resources.files("rukun.core.text").joinpath("rumour_weights.json").read_text("utf-8"))[name]
    return Weights(tuple(read["answers"]), tuple(read["measures"]), tuple(map(tuple, read["rows"])))
