"""The report of a backtest: one HTML page that needs nothing else, on screen, on paper and read aloud."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources

import numpy as np
import pandas as pd

from rukun.core.areas import FloatArray
from rukun.core.forecast import explain
from rukun.io import report_map, report_svg
from rukun.io.notes import Note
from rukun.io.report_data import PLAIN_MEAN, ModelEvidence, Report
from rukun.io.report_summary import summary
from rukun.io.report_words import WORDS, fixed, long_date, number, percent, plain

#: Areas whose forecasts are written out below the map.
MOST_ROWS = 2500
#: Decimals of the columns of the table of models; shares are percentages.
_PLACES = {"log_score": 4, "crps": 4, "dss": 3, "brier_any": 4, "pai_1": 2, "pai_5": 2, "pei_1": 3, "fit_seconds": 2}
_SHARES = ("cover50", "cover90", "hit_5")
_LOWER_IS_BETTER = ("log_score", "crps", "dss", "brier_any")
#: Groups of shares in the stacked bars, in the order of their fills.
GROUPS = ("baseline", "season", "calendar", "series", "recent", "neighbours", "model")

_STYLE = resources.files("rukun.io").joinpath("report.css").read_text(encoding="utf-8")


def render(report: Report) -> str:
    """The page as HTML, in the report's language; the same for the same report."""
    words = WORDS[report.language]
    exercise = f'<p class="exercise" role="note">{escape(words["exercise"])}</p>' if report.exercise else ""
    sections = [
        _summary(report),
        _models(report),
        _calibration(report),
        _pai(report),
        _map(report),
        _parts(report),
        _notes(report),
    ]
    return (
        f'<!doctype html>\n<html lang="{report.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(words['title'])}: {escape(report.events)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#results">{escape(words["skip"])}</a>\n'
        f"<header>{exercise}<h1>{escape(words['title'])}</h1>"
        f'<p class="soft">{_about(report)}</p></header>\n<main id="results">\n'
        + "\n".join(sections)
        + "\n</main>\n</body>\n</html>\n"
    )


def _about(report: Report) -> str:
    words, language = WORDS[report.language], report.language
    plural = "s" if language == "en" and report.n_periods != 1 else ""
    return escape(
        words["about"].format(
            events=report.events,
            category=words["all"] if report.category == "all" else report.category,
            n_events=fixed(report.n_events, 0, language),
            n_areas=fixed(report.n_areas, 0, language),
            n_periods=report.n_periods,
            periods=words[report.every] + plural,
            first=long_date(report.first, language),
            last=long_date(report.last, language),
            origins=report.origins,
        )
    )


def _summary(report: Report) -> str:
    words = WORDS[report.language]
    said = "".join(f"<li>{sentence}</li>" for sentence in summary(report))
    return f"<h2>{words['summary']}</h2><ul>{said}</ul><p class='soft'>{words['limits']}</p>"


def _models(report: Report) -> str:
    """The scores as they are in scores.csv; the best of each column and horizon underlined."""
    words, scores = WORDS[report.language], report.scores
    best = {column: scores.groupby("horizon")[column].transform("min") for column in _LOWER_IS_BETTER}
    rows = []
    for place, (_, row) in enumerate(scores.iterrows()):
        cells = []
        for column in scores.columns[1:]:
            shown = column in best and np.isfinite(row[column]) and row[column] == best[column].iloc[place]
            cells.append(
                f'<td class="best">{_cell(column, row, report)}</td>'
                if shown
                else f"<td>{_cell(column, row, report)}</td>"
            )
        plain = ' class="plain"' if row["model"] == PLAIN_MEAN else ""
        rows.append(f'<tr{plain}><th scope="row">{escape(str(row["model"]))}</th>{"".join(cells)}</tr>')
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in scores.columns[1:])
    return (
        f"<h2>{words['models']}</h2><p>{words['models_words']}</p><div class='wide'><table><thead><tr>"
        f'<th scope="col" class="left">{words["model"]}</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(column: str, row: pd.Series, report: Report) -> str:
    value = float(row[column])
    if column in _SHARES:
        return fixed(100 * value, 1, report.language) + (" %" if np.isfinite(value) else "")
    return fixed(value, _PLACES.get(column, 0), report.language)


def _calibration(report: Report) -> str:
    words, language = WORDS[report.language], report.language
    pits, reliabilities = [], []
    for k, model in enumerate(report.evidence):
        equal = 1 / len(model.pit)
        said = words["pit_desc"].format(
            model=model.name,
            low=percent(float(model.pit.min()), language),
            high=percent(float(model.pit.max()), language),
            equal=percent(equal, language),
        )
        caption = f'<figcaption class="soft">{_pit_test(model, report)}</figcaption>' if model.pit_p is not None else ""
        chart = report_svg.histogram(f"pit{k}", model.name, said, model.pit, ("0", "1"), percent(equal, language))
        pits.append(f"<figure>{chart}{caption}</figure>")
        gap = float(np.abs(model.expected - model.observed).max(initial=0))
        end = report_svg.reliability_end(model.expected, model.observed)
        labels = ["0", percent(end / 2, language), percent(end, language)]
        said = words["reliability_desc"].format(model=model.name, gap=percent(gap, language))
        chart = report_svg.reliability(f"rel{k}", model.name, said, model.expected, model.observed, model.size, labels)
        reliabilities.append(f"<figure>{chart}</figure>")
    pit_rows = [(m.name, *(percent(float(share), language, 3) for share in m.pit)) for m in report.evidence]
    bins = range(1, 1 + max((len(m.pit) for m in report.evidence), default=0))
    pit_table = _table((words["model"], *(f"{words['bin']} {k}" for k in bins)), pit_rows)
    groups = [
        (m.name, percent(float(e), language, 3), percent(float(o), language, 3), fixed(float(n), 0, language))
        for m in report.evidence
        for e, o, n in zip(m.expected, m.observed, m.size, strict=True)
    ]
    reliability_table = _table((words["model"], words["expected"], words["observed"], words["number"]), groups)
    return (
        f"<h2>{words['calibration']}</h2><h3>{words['pit']}</h3><p>{words['pit_words']}</p>"
        f"<div class='many'>{''.join(pits)}</div>"
        f"{_details(words['as_table'], pit_table)}<h3>{words['reliability']}</h3><p>{words['reliability_words']}</p>"
        f"<div class='many'>{''.join(reliabilities)}</div>{_details(words['as_table'], reliability_table)}"
    )


def _pit_test(model: ModelEvidence, report: Report) -> str:
    words = WORDS[report.language]
    assert model.pit_p is not None
    if model.pit_p >= 0.05:
        return escape(words["pit_flat"].format(p=fixed(model.pit_p, 2, report.language)))
    p = (
        "< " + fixed(0.001, 3, report.language)
        if model.pit_p < 0.001
        else "= " + fixed(model.pit_p, 3, report.language)
    )
    return escape(words["pit_off"].format(p=p))


def _pai(report: Report) -> str:
    words, language = WORDS[report.language], report.language
    lines = []
    for model in report.evidence:
        known = (model.surface > 0) & np.isfinite(model.hit)
        if known.any():
            lines.append((model.name, model.surface[known], model.hit[known] / model.surface[known]))
    if not lines:
        return ""
    end = max(float(surface.max()) for _, surface, _ in lines)
    x_ticks = [(value, percent(value, language)) for value in report_svg.ticks(end, 5)]
    y_ticks = [(v, plain(v, language)) for v in report_svg.ticks(max(float(pai.max()) for _, _, pai in lines), 5)]
    said = words["pai_desc"].format(n=len(lines))
    chart = report_svg.curves("pai", words["pai"], said, (words["surface"], "PAI"), lines, x_ticks, y_ticks)
    rows = [
        (name, percent(float(s), language), percent(float(s * p), language, 3), fixed(float(p), 2, language))
        for name, surface, pai in lines
        for s, p in zip(surface, pai, strict=True)
    ]
    table = _table((words["model"], words["surface"], words["hit"], "PAI"), rows)
    shown = f"<figure>{chart}</figure>{_details(words['as_table'], table)}"
    return f"<h2>{words['pai']}</h2><p>{words['pai_explained']}</p>{shown}"


def _map(report: Report) -> str:
    words, language = WORDS[report.language], report.language
    areas, mean = report.areas, report.mean
    labels = [
        f"{name} ({code}): {number(float(m), language)}; {words['p_any']} {percent(float(p), language)}"
        for name, code, m, p in zip(areas.name, areas.code, mean, report.p_any, strict=True)
    ]
    _, bounds = report_map.classes(mean)
    steps = [words["below"].format(value=number(bounds[1], language, 2))]
    steps += [words["from"].format(value=number(low, language, 2)) for low in bounds[1:]]
    top = int(np.argmax(mean))
    said = words["map_desc"].format(n=len(areas), name=areas.name[top], mean=number(float(mean[top]), language))
    title = words["map"].format(date=long_date(report.ahead, language))
    chart = report_map.area_map("map", title, said, areas, mean, labels, steps)
    order = np.argsort(-mean, kind="stable")
    shown = order if len(order) <= MOST_ROWS else order[:500]
    rows = [
        (
            str(areas.code[i]),
            str(areas.name[i]),
            number(float(mean[i]), language),
            percent(float(report.p_any[i]), language),
        )
        for i in shown
    ]
    note = "" if len(shown) == len(order) else f"<p class='soft'>{words['top_table'].format(n=len(shown))}</p>"
    table = _table((words["code"], words["name"], words["mean"], words["p_any"]), rows, left=2)
    tiles = f" {words['tiles']}" if areas.shapes is None and areas.centroid is None else ""
    about = words["map_words"].format(model=report.best, period=words[report.every])
    charts = f"<figure>{chart}</figure>{_details(words['as_table'], note + table)}"
    return f"<h2>{title}</h2><p>{escape(about)}{tiles}</p>{charts}"


def group_of(label: str) -> str:
    """The group of a share's label in the stacked bars."""
    if label in (explain.TREND, explain.SEASON, explain.WEEKDAY):
        return "season"
    kind = label.split(":", 1)[0]
    return kind if kind in GROUPS else "baseline"


def grouped(labels: Sequence[str], shares: FloatArray) -> FloatArray:
    """Sums of the shares by group, (len(GROUPS),)."""
    total = np.zeros(len(GROUPS))
    for label, share in zip(labels, shares, strict=True):
        total[GROUPS.index(group_of(label))] += share
    return total


def _parts(report: Report) -> str:
    words, language = WORDS[report.language], report.language
    if not report.top:
        return ""
    with_parts = [area for area in report.top if len(area.labels)]
    reasons = _table(
        (words["code"], words["name"], words["mean"], words["p_any"], words["reason"]),
        [(a.code, a.name, number(a.mean, language), percent(a.p_any, language), a.reason) for a in report.top],
        left=2,
        last_left=True,
    )
    if not with_parts:
        return f"<h2>{words['parts']}</h2><p>{words['parts_none']}</p><div class='wide'>{reasons}</div>"
    bars = [(_short(a.name), number(float(a.shares.sum()), language), grouped(a.labels, a.shares)) for a in with_parts]
    high = max(float(np.maximum(shares, 0).sum()) for _, _, shares in bars)
    marks = [(value, plain(value, language)) for value in report_svg.ticks(high)]
    names = [words["model_parts" if group == "model" else group] for group in GROUPS]
    first = with_parts[0]
    said = words["parts_desc"].format(n=len(bars), name=first.name, reason=first.reason)
    chart = report_svg.stacked("parts", words["parts"], said, bars, names, marks)
    labels = list(dict.fromkeys(label for area in with_parts for label in area.labels))
    rows = []
    for area in with_parts:
        share = dict(zip(area.labels, area.shares, strict=True))
        cells = (number(float(share.get(label, 0.0)), language) for label in labels)
        rows.append((f"{area.name} ({area.code})", *cells, number(float(area.shares.sum()), language)))
    table = _table((words["name"], *labels, words["total"]), rows)
    about = words["parts_words"].format(model=report.best)
    return (
        f"<h2>{words['parts']}</h2><p>{escape(about)}</p><figure>{chart}</figure>{_details(words['as_table'], table)}"
        f"<div class='wide'>{reasons}</div>"
    )


def _short(name: str) -> str:
    return name if len(name) <= 28 else name[:27] + "…"


def _notes(report: Report) -> str:
    if not report.notes:
        return ""
    said = "".join(_note(note, report.language) for note in report.notes)
    return f"<h2>{WORDS[report.language]['notes']}</h2><ul>{said}</ul>"


def _note(note: str, language: explain.Language) -> str:
    if isinstance(note, Note):
        return f"<li>{escape(note.said(language))}</li>"
    # what a model says of itself is English
    return f"<li lang='en'>{escape(note)}</li>"


def _table(head: Iterable[str], rows: Iterable[Sequence[str]], left: int = 1, last_left: bool = False) -> str:
    """A table whose first column heads its rows; left: columns aligned left, and the last one too with `last_left`."""
    columns = list(head)
    leftward = [k < left or (last_left and k == len(columns) - 1) for k in range(len(columns))]
    titles = "".join(
        f'<th scope="col"{" class=left" if to_left else ""}>{escape(column)}</th>'
        for column, to_left in zip(columns, leftward, strict=True)
    )
    body = []
    for first, *rest in rows:
        cells = "".join(
            f"<td{' class=left' if to_left else ''}>{escape(cell)}</td>"
            for cell, to_left in zip(rest, leftward[1:], strict=True)
        )
        body.append(f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>')
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _details(label: str, inside: str) -> str:
    return f"<details><summary>{escape(label)}</summary><div class='wide'>{inside}</div></details>"
