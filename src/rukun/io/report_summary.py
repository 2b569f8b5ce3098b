"""What the numbers of a report mean, in sentences, and where the model is no better than the plain mean."""

from __future__ import annotations

from html import escape

import numpy as np

from rukun.io.report_data import PLAIN_MEAN, ModelEvidence, Report
from rukun.io.report_words import WORDS, number, percent

#: Coverage of 90 % intervals that counts as right.
COVER90 = (0.87, 0.93)
_NAMED = 5


def summary(report: Report) -> list[str]:
    """Sentences as HTML, most important first: the best model, where none beats the plain mean, intervals, places."""
    by_name = {model.name: model for model in report.evidence}
    best = by_name.get(report.best)
    sentences = [*_against_mean(report, by_name), *_later(report)]
    if best is not None:
        sentences += [*_areas(report, best), *_interval(report), *_places(report, best)]
    return sentences


def _against_mean(report: Report, by_name: dict[str, ModelEvidence]) -> list[str]:
    words, language, period = WORDS[report.language], report.language, WORDS[report.language][report.every]
    if PLAIN_MEAN not in by_name:
        return [words["no_mean"]]
    best = by_name.get(report.best)
    difference = best.difference if best is not None else None
    if difference is None or difference.high >= 0:
        return [words["none_better"]]
    said = words["better"].format(
        model=escape(report.best),
        period=period,
        gain=number(-difference.mean, language, 2),
        low=number(-difference.high, language, 2),
        high=number(-difference.low, language, 2),
    )
    rest = [m.name for m in report.evidence if m.difference is not None and m.difference.high >= 0]
    if not rest:
        return [said]
    return [said, words["not_better"].format(period=period, models=", ".join(escape(name) for name in rest))]


def _later(report: Report) -> list[str]:
    """Horizons at which the best model's log score isn't below the plain mean's."""
    scores = report.scores.pivot_table(index="horizon", columns="model", values="log_score")
    if report.best == PLAIN_MEAN or not {report.best, PLAIN_MEAN} <= set(scores.columns):
        return []
    late = [int(h) for h in scores.index[scores[report.best] >= scores[PLAIN_MEAN]]]
    if not late:
        return []
    words = WORDS[report.language]
    horizons = ", ".join(map(str, late))
    return [words["not_better_later"].format(model=escape(report.best), horizons=horizons, period=words[report.every])]


def _areas(report: Report, best: ModelEvidence) -> list[str]:
    if best.no_better is None:
        return []
    words = WORDS[report.language]
    where = np.flatnonzero(best.no_better)
    if len(where) == 0:
        return [words["everywhere"].format(model=escape(best.name))]
    largest = where[np.argsort(-report.mean[where], kind="stable")][:_NAMED]
    return [
        words["not_better_areas"].format(
            n=len(where),
            of=report.n_areas,
            share=percent(len(where) / report.n_areas, report.language),
            model=escape(best.name),
            names=", ".join(escape(str(report.areas.name[i])) for i in largest),
        )
    ]


def _interval(report: Report) -> list[str]:
    row = report.scores[(report.scores["model"] == report.best) & (report.scores["horizon"] == 1)]
    if row.empty or not np.isfinite(row["cover90"].iloc[0]):
        return []
    cover = float(row["cover90"].iloc[0])
    verdict = "interval_narrow" if cover < COVER90[0] else "interval_wide" if cover > COVER90[1] else "interval_good"
    said = WORDS[report.language][verdict]
    return [said.format(model=escape(report.best), cover=percent(cover, report.language, 3))]


def _places(report: Report, best: ModelEvidence) -> list[str]:
    known = np.flatnonzero((best.surface > 0) & np.isfinite(best.hit) & (best.hit > 0))
    if len(known) == 0:
        return []
    # the share of the surface that a unit could watch: the one nearest to 5 %
    k = known[np.argmin(np.abs(best.surface[known] - 0.05))]
    surface, hit = float(best.surface[k]), float(best.hit[k])
    language = report.language
    return [
        WORDS[language]["pai_words"].format(
            surface=percent(surface, language),
            hit=percent(hit, language),
            pai=number(hit / surface, language),
            model=escape(best.name),
        )
    ]
