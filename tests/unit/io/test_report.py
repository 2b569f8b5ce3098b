import datetime as dt
import re
import string
from dataclasses import replace
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from rukun.core.areas import AreaTable
from rukun.core.forecast.scores import PairedDifference
from rukun.exercise.province import made_province
from rukun.io.report import GROUPS, grouped, render
from rukun.io.report_data import AreaShares, ModelEvidence, Report
from rukun.io.report_map import area_map, classes
from rukun.io.report_summary import summary
from rukun.io.report_svg import ticks
from rukun.io.report_words import WORDS, fixed, number, percent

COLUMNS = ["log_score", "crps", "dss", "brier_any", "cover50", "cover90", "pai_1", "pai_5", "pei_1", "hit_5"]


def scores(models, better=0.02, cover90=0.9, horizons=(1, 2)):
    rows = []
    for model in models:
        for horizon in horizons:
            values = dict.fromkeys(COLUMNS, 0.5) | {"cover90": cover90, "pai_1": np.nan, "fit_seconds": 0.1}
            values["log_score"] = 0.7 - (0 if model == "mean" else better)
            rows.append({"model": model, "horizon": horizon, "n": 1000, **values})
    return pd.DataFrame(rows)


def evidence(name, difference):
    surface = np.array([0.005, 0.01, 0.05, 0.1])
    tenths = np.full(10, 0.1)
    steps = np.array([0.1, 0.3])
    return ModelEvidence(name, tenths, 0.4, steps, steps, np.array([900, 100]), surface, surface * 6, difference)


def a_report(areas=None, difference=None, language="en", **changes):
    areas = made_province(1) if areas is None else areas
    n = len(areas)
    mean = np.linspace(0.1, 2.0, n)
    labels = ("baseline", "season", "calendar:fair", "series:rice", "recent", "neighbours", "model:kernel")
    shares = np.array([0.5, -0.1, 0.1, 0.05, 0.25, 0.1, 0.1])
    top = tuple(
        AreaShares(str(areas.code[i]), str(areas.name[i]), mean[i], 0.5, labels, shares * mean[i], f"Because {i}.")
        for i in np.argsort(-mean)[:10]
    )
    difference = PairedDifference(-0.02, -0.03, -0.01) if difference is None else difference
    report = Report(
        events="events.csv", category="all", every="week", exercise=True, n_areas=n, n_periods=208, n_events=4321,
        first=dt.date(2024, 1, 1), last=dt.date(2024, 12, 23), origins=52, scores=scores(["mean", "ensemble"]),
        evidence=(evidence("mean", None), replace(evidence("ensemble", difference), no_better=np.arange(n) < 3)),
        best="ensemble",
        ahead=dt.date(2025, 1, 6), areas=areas, mean=mean, p_any=1 - np.exp(-mean), top=top,
        notes=("3 points lie outside all areas.",), language=language,
    )  # fmt: skip
    return replace(report, **changes)


class Page(HTMLParser):
    """Elements that are open, and what a screen reader and a checker ask of the page."""

    VOID = ("meta", "link", "br", "img", "hr", "input")

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.tags, self.ids, self.unbalanced = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.unbalanced.append(tag)


@pytest.mark.parametrize("language", ["id", "en"])
def test_page_is_whole_in_itself(language):
    text = render(a_report(language=language))
    page = Page(text)
    assert page.unbalanced == []
    assert page.stack == []
    assert ("html", {"lang": language}) in page.tags
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "style src"}
    assert not any(key in attributes for _, attributes in page.tags for key in ("src", "href") if key == "src")
    assert all(a["href"].startswith("#") for tag, a in page.tags if tag == "a")
    # nothing is fetched: no address but the name of a namespace could be in it
    assert re.findall(r"https?://|@import|url\((?!#)", text) == []


def test_every_chart_has_a_name_a_description_and_its_data_as_a_table():
    text = render(a_report())
    page = Page(text)
    charts = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(charts) == 2 + 2 + 1 + 1 + 1  # PIT and reliability of two models, PAI, map, parts
    for attributes in charts:
        assert attributes["role"] == "img"
        assert all(name in page.ids for name in attributes["aria-labelledby"].split())
    assert len(page.ids) == len(set(page.ids))
    assert text.count("<details>") == 5
    assert len(re.findall(r"<details><summary>[^<]+</summary><div class='wide'><table>", text)) == 5


def test_exercise_is_marked_and_only_then():
    assert WORDS["en"]["exercise"] in render(a_report())
    assert WORDS["en"]["exercise"] not in render(a_report(exercise=False))


def test_same_report_same_page():
    assert render(a_report()) == render(a_report())


def test_names_from_files_are_text_and_not_markup():
    areas = made_province(1)
    areas = replace(areas, name=np.array(["<script>x</script> & co"] * len(areas)))
    text = render(a_report(areas, events="<b>.csv", notes=("<i>",)))
    assert "<script>x" not in text
    assert "&lt;script&gt;x&lt;/script&gt; &amp; co" in text
    assert Page(text).unbalanced == []


def test_both_languages_say_the_same_things():
    assert WORDS["id"].keys() == WORDS["en"].keys()
    for key in WORDS["id"]:
        fields = [{field for _, field, _, _ in string.Formatter().parse(WORDS[lang][key]) if field} for lang in WORDS]
        assert fields[0] == fields[1], key


class TestSummary:
    def said(self, **changes):
        return " ".join(summary(a_report(**changes)))

    def test_a_model_that_beats_the_mean_is_named_with_its_interval(self):
        said = self.said()
        assert "Best model: <b>ensemble</b>" in said
        assert "0.020 lower" in said
        assert "0.010 to 0.030" in said

    def test_an_interval_over_zero_is_no_win(self):
        said = self.said(difference=PairedDifference(-0.02, -0.05, 0.01))
        assert "No model is shown to be better than the plain mean" in said
        assert "Best model" not in said

    def test_models_no_better_than_the_mean_are_named(self):
        worse = evidence("kernel", PairedDifference(0.001, -0.01, 0.01))
        report = a_report()
        said = " ".join(summary(replace(report, evidence=(*report.evidence, worse))))
        assert "No better than the plain mean one week ahead: kernel." in said

    def test_horizons_and_areas_where_the_mean_is_as_good_are_named(self):
        later = scores(["mean", "ensemble"])
        later.loc[(later["model"] == "ensemble") & (later["horizon"] == 2), "log_score"] = 0.7
        said = self.said(scores=later)
        assert "no better than the plain mean's 2 weeks ahead" in said
        assert "In 3 of 60 areas (5 %)" in said
        assert "Desa Latihan 03, Desa Latihan 02, Desa Latihan 01" in said

    @pytest.mark.parametrize(("cover", "verdict"), [(0.9, "as wide as"), (0.8, "too sure"), (0.97, "too cautious")])
    def test_intervals_are_judged_by_what_they_held(self, cover, verdict):
        assert verdict in self.said(scores=scores(["mean", "ensemble"], cover90=cover))

    def test_without_the_mean_nothing_is_claimed(self):
        report = a_report()
        said = " ".join(summary(replace(report, evidence=report.evidence[1:], scores=scores(["ensemble"]))))
        assert "nothing can be said about being better" in said

    def test_places_are_told_by_surface(self):
        assert "The 5 % of the surface with the highest forecasts held 30 % of the events: 6.00 times" in self.said()


class TestMap:
    def test_steps_are_quantiles_above_the_least(self):
        step, bounds = classes(np.concatenate((np.zeros(50), np.arange(1.0, 101.0))))
        assert bounds == pytest.approx([0, 50.5, 75.25, 90.1, 97.03])
        assert np.bincount(step).tolist() == [100, 25, 15, 7, 3]

    def test_equal_values_are_one_step(self):
        step, _ = classes(np.full(7, 0.3))
        assert len(set(step)) == 1

    def test_winding_outlines_are_simplified_until_light(self):
        angle = np.linspace(0, 2 * np.pi, 4001)[:-1]
        noise = 1 + 0.02 * np.random.default_rng(1).normal(size=4000)
        shape = np.column_stack((np.cos(angle), np.sin(angle))) * noise[:, None]
        shapes = [shapely.Polygon(shape * 0.01 + (0.03 * (k % 20), 0.03 * (k // 20))).buffer(0) for k in range(400)]
        code = np.array([str(k) for k in range(400)])
        areas = AreaTable(code, code, np.full(400, ""), shapes=gpd.GeoSeries(shapes, crs=4326))
        drawn = area_map("m", "t", "d", areas, np.arange(400.0), code, ["a"] * 5)
        assert len(drawn) < 1_500_000
        assert drawn.count("<path") == 400

    def test_many_areas_are_drawn_by_step(self):
        boxes = [shapely.box(x, y, x + 1, y + 1) for x in range(80) for y in range(80)]
        code = np.arange(6400).astype(str)
        areas = AreaTable(code, code, np.full(6400, ""), shapes=gpd.GeoSeries(np.array(boxes), crs=4326))
        assert area_map("m", "t", "d", areas, np.arange(6400.0), code, ["a"] * 5).count("<path") == 5

    def test_without_shapes_points_and_without_points_tiles(self):
        code = np.array(["b", "a", "c"])
        areas = AreaTable(code, code, np.full(3, ""))
        tiles = area_map("m", "t", "d", areas, np.arange(3.0), code, ["x"] * 5)
        assert re.findall(r"<title>([abc])</title>", tiles) == ["a", "b", "c"]
        points = replace(areas, centroid=np.array([[0.0, 0.0], [1000.0, 0.0], [np.nan, np.nan]]))
        assert area_map("m", "t", "d", points, np.arange(3.0), code, ["x"] * 5).count("<circle") == 2

    @pytest.mark.parametrize("areas", [AreaTable(np.array(["a"]), np.array(["a"]), np.array([""]))])
    def test_one_area_makes_a_page(self, areas):
        assert Page(render(a_report(areas))).unbalanced == []


def test_groups_hold_every_share_once():
    labels = ("baseline", "trend", "season", "weekday", "calendar:x", "series:y", "recent", "neighbours", "model:z")
    sums = grouped(labels, np.arange(1.0, 10.0))
    assert dict(zip(GROUPS, sums, strict=True)) == {
        "baseline": 1, "season": 2 + 3 + 4, "calendar": 5, "series": 6, "recent": 7, "neighbours": 8, "model": 9,
    }  # fmt: skip


def test_models_without_parts_still_give_their_reasons():
    report = a_report()
    top = tuple(replace(area, labels=(), shares=np.zeros(0)) for area in report.top)
    text = render(replace(report, top=top))
    assert WORDS["en"]["parts_none"] in text
    assert "Because 59." in text


@pytest.mark.parametrize(
    ("value", "english", "indonesian"),
    [
        (0.0, "0", "0"),
        (1234.5, "1,234", "1.234"),
        (0.012345, "0.0123", "0,0123"),
        (2.0, "2.00", "2,00"),
        (np.nan, "–", "–"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(value, english, indonesian):
    assert number(value, "en") == english
    assert number(value, "id") == indonesian


def test_shares_and_decimals():
    assert percent(0.005, "id") == "0,5 %"
    assert percent(0.25, "en") == "25 %"
    assert percent(0.0, "en") == "0 %"
    assert fixed(1234.567, 1, "id") == "1.234,6"


@pytest.mark.parametrize("high", [0.003, 0.07, 1.0, 1.9, 33.0, 7000.0])
def test_ticks_are_round_and_reach_the_top(high):
    marks = ticks(high)
    assert marks[0] == 0
    assert marks[-1] >= high * (1 - 1e-9)
    assert 3 <= len(marks) <= 7
    assert marks[-2] < high


def test_ticks_of_nothing():
    assert ticks(0.0) == [0.0, 1.0]
