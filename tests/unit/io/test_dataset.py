"""From files to panels: what is taken, how it lines up, and what the user is told."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rukun.io.dataset import Dataset, DatasetRequest, load_dataset

HEAD = "date,area\n"
ROWS = "2024-01-01,74.71.01.1001\n2024-01-09,74.71.02.1001\n"


def load(events: Path, **request: object) -> Dataset:
    return load_dataset(DatasetRequest(events, **request))  # type: ignore[arg-type]


def test_events_by_area(write, areas) -> None:
    data = load(write("events.csv", HEAD + ROWS), areas=areas)
    panel = data.panels["all"]
    assert panel.areas.code.tolist() == ["74.71.01.1001", "74.71.01.1002", "74.71.02.1001"]
    assert panel.areas.parent.tolist() == ["74.71.01", "74.71.01", "74.71.02"]
    assert panel.counts.tolist() == [[1, 0], [0, 0], [0, 1]]
    assert panel.starts.tolist() == [dt.date(2024, 1, 1), dt.date(2024, 1, 8)]
    assert panel.neighbours.kind == "tree" and panel.exposure.tolist() == [1, 1, 1]
    assert not panel.exercise and panel.effort is None
    assert "No effort file: the correction for reporting effort is off." in data.notes


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + (HEAD + ROWS).encode(),
        (HEAD + ROWS).replace(",", ";").encode(),
        (HEAD + ROWS).replace(",", "\t").encode(),
        (HEAD + ROWS).replace("\n", "\r\n").encode(),
        (HEAD + ROWS).replace("\n", "\r").encode(),
        (" Date , AREA \n" + ROWS.replace(",", " , ")).encode(),
        (HEAD + ROWS + ",\n,\n").encode(),
        (HEAD + ROWS)[:-1].encode(),
        (HEAD + ROWS.replace(".", "")).encode(),
        (HEAD + ROWS.replace(",", "T23:30:00+08:00,")).encode(),
        (HEAD + ROWS.replace(",", " 00:00:00.000,")).encode(),
    ],
    ids=["bom", "semicolon", "tab", "crlf", "cr", "spaces", "blank rows", "no end", "no dots", "zone", "time"],
)
def test_the_same_table_in_the_ways_people_write_it(write, areas, content: bytes) -> None:
    panel = load(write("events.csv", content), areas=areas).panels["all"]
    assert panel.counts.tolist() == [[1, 0], [0, 0], [0, 1]]


def test_parquet_of_native_types(tmp_path: Path, areas) -> None:
    frame = pd.DataFrame(
        {
            "date": pd.to_datetime(["2024-01-01 23:30", "2024-01-09 00:00"]).tz_localize("Asia/Makassar"),
            "area": pd.Categorical(["74.71.01.1001", "74.71.02.1001"]),
            "count": [2.0, 3.0],
        }
    )
    frame.to_parquet(tmp_path / "events.parquet")
    assert load(tmp_path / "events.parquet", areas=areas).panels["all"].counts.tolist() == [[2, 0], [0, 0], [0, 3]]


def test_categories_apart_together_and_chosen(write, areas) -> None:
    rows = "2024-01-01,74.71.01.1001,fire\n2024-01-01,74.71.01.1001,\n2024-01-01,74.71.02.1001,theft\n"
    events = write("events.csv", "date,area,category\n" + rows)
    apart = load(events, areas=areas).panels
    assert list(apart) == ["fire", "theft", "uncategorised"] and apart["theft"].counts[:, 0].tolist() == [0, 0, 1]
    assert apart["theft"].category == "theft"
    together = load(events, areas=areas, categories="all").panels
    assert list(together) == ["all"] and together["all"].counts[:, 0].tolist() == [2, 0, 1]
    assert list(load(events, areas=areas, categories=("fire",)).panels) == ["fire"]


def test_events_without_a_place_are_counted_in_the_notes(write, areas) -> None:
    data = load(write("events.csv", HEAD + ROWS + "2024-01-03,\n"), areas=areas)
    assert "Left out: 1 of 3 events, without a place in events.csv." in data.notes
    assert data.panels["all"].counts.sum() == 2


def test_areas_of_all_levels_make_a_panel_of_the_level_that_events_use(write) -> None:
    tree = write("tree.csv", "code\n74\n74.71\n74.71.01\n74.71.02\n74.71.01.1001\n74.71.02.1001\n")
    villages = load(write("a.csv", HEAD + ROWS), areas=tree).panels["all"]
    assert villages.areas.code.tolist() == ["74.71.01.1001", "74.71.02.1001"]
    above = load(write("b.csv", HEAD + "2024-01-01,74.71.02\n"), areas=tree).panels["all"]
    assert above.areas.code.tolist() == ["74.71.01", "74.71.02"] and above.counts.tolist() == [[0], [1]]


def test_a_matrix_of_counts(write) -> None:
    matrix = write("counts.csv", '"t","b","a"\n1,0,2\n2,0,0\n3,5,0\n')
    panel = load(matrix, start=dt.date(2001, 1, 3)).panels["all"]
    assert panel.areas.code.tolist() == ["b", "a"] and panel.counts.tolist() == [[0, 0, 5], [2, 0, 0]]
    assert str(panel.starts[0]) == "2001-01-01"
    fractions = write("population.csv", '"a","b"\n0.25,0.75\n')
    weighted = load(matrix, start=dt.date(2001, 1, 1), areas=fractions).panels["all"]
    assert weighted.areas.code.tolist() == ["a", "b"] and weighted.exposure.tolist() == [0.5, 1.5]
    assert weighted.counts.tolist() == [[2, 0, 0], [0, 0, 5]]
    dated = write("dated.csv", "date,a,b\n2024-01-01,0,2\n2024-02-01,1,0\n2024-03-01,0,0\n")
    assert load(dated, every="month").panels["all"].counts.tolist() == [[0, 1, 0], [2, 0, 0]]
    cut = load(dated, every="month", start=dt.date(2024, 2, 1), end=dt.date(2024, 3, 30)).panels["all"]
    assert cut.counts.tolist() == [[1], [0]], "March isn't whole on the 30th"


def test_neighbours_as_pairs_and_as_a_matrix(write, areas) -> None:
    events = write("events.csv", HEAD + ROWS)
    one, two, three = "74.71.01.1001", "74.71.01.1002", "74.71.02.1001"
    pairs = write("pairs.csv", f"area,neighbour,order\n{one},{two},1\n{two},{three},2\n")
    matrix = write("matrix.csv", f'"",{one},{two},{three}\n{one},0,1,0\n{two},1,0,2\n{three},0,2,0\n')
    for file in (pairs, matrix):
        neighbours = load(events, areas=areas, neighbours=file).panels["all"].neighbours
        assert neighbours.start.tolist() == [0, 1, 3, 4] and neighbours.index.tolist() == [1, 0, 2, 1]
        assert neighbours.order.tolist() == [1, 1, 2, 2] and neighbours.source == "given"
    capped = load(events, areas=areas, neighbours=matrix, max_order=1)
    assert capped.panels["all"].neighbours.index.tolist() == [1, 0]
    assert any("Without a neighbour in matrix.csv: 1 area" in note for note in capped.notes)


def test_borders_alone_give_higher_orders(write, areas) -> None:
    events = write("events.csv", HEAD + ROWS)
    chain = write("n.csv", "area,neighbour\n74.71.01.1001,74.71.01.1002\n74.71.01.1002,74.71.02.1001\n")
    assert load(events, areas=areas, neighbours=chain).panels["all"].neighbours.order.tolist() == [1, 2, 1, 1, 2, 1]
    first = load(events, areas=areas, neighbours=chain, max_order=1)
    assert first.panels["all"].neighbours.order.tolist() == [1, 1, 1, 1]


def test_calendar_series_effort_and_holidays_line_up(write, areas) -> None:
    data = load(
        write("events.csv", HEAD + ROWS),
        areas=areas,
        calendar=write("calendar.csv", "from,to,name,area\n2024-01-05,2024-01-11,campaign,74.71.01\n"),
        series=write("prices.csv", "date,area,commodity,rp\n2023-12-20,74,rice,10\n2024-01-10,74,rice,30\n"),
        effort=write("effort.csv", "date,area,visits\n2024-01-01,74.71.01.1001,3\n2024-01-10,74.71.02.1001,2.5\n"),
        columns={"series.name": "commodity", "series.value": "rp"},
        holidays=True,
        ahead=2,
    )
    panel = data.panels["all"]
    named = {covariate.name: covariate for covariate in panel.covariates}
    assert named["rice"].values.tolist() == [[10, 30, 30, 30]] and not named["rice"].known_ahead
    campaign = named["campaign"].values[named["campaign"].group]
    assert campaign.tolist() == [[3 / 7, 4 / 7, 0, 0]] * 2 + [[0, 0, 0, 0]]
    assert named["national_holiday"].values[0, 0] == pytest.approx(1 / 7), "New Year's Day 2024 was a Monday"
    assert panel.effort is not None and panel.effort.tolist() == [[3, 0], [0, 0], [0, 2.5]]
    assert not any("effort" in note for note in data.notes)


def test_dates_of_coarse_precision_follow_the_option(write, areas) -> None:
    text = "date,date_end,area\n2024-01-01,2024-01-01,74.71.01.1001\n2024-01-01,2024-01-28,74.71.01.1002\n"
    events = write("events.csv", text + "2024-01-22,,74.71.01.1001\n")
    spread = load(events, areas=areas, coarse="spread")
    assert spread.panels["all"].counts.sum(axis=1).tolist() == [2, 1, 0]
    assert any(note.startswith("Spread over their days: 1 of 3 events") for note in spread.notes)
    without = load(events, areas=areas, coarse="exclude")
    assert without.panels["all"].counts.sum(axis=1).tolist() == [2, 0, 0]
    precise = write("p.csv", "date,precision,area\n2024-01-05,bulan,74.71.01.1001\n2024-02,,74.71.01.1001\n")
    assert load(precise, areas=areas, every="month").panels["all"].counts[0].tolist() == [1, 1]


def test_events_outside_the_range_are_counted_in_the_notes(write, areas) -> None:
    rows = "2023-06-01,74.71.01.1001\n2025-06-01,74.71.01.1001\n"
    data = load(write("e.csv", HEAD + ROWS + rows), areas=areas, start=dt.date(2024, 1, 1), end=dt.date(2024, 1, 14))
    assert data.panels["all"].counts.tolist() == [[1, 0], [0, 0], [0, 1]]
    assert "Left out: 2 events outside the periods counted (2024-01-01 to 2024-01-14)." in data.notes


@pytest.mark.parametrize("role", ["events", "calendar", "series", "effort"])
def test_exercise_marks_everything(write, areas, role: str) -> None:
    files = {
        "events": ("date,area,exercise\n2024-01-01,74.71.01.1001,true\n", HEAD + ROWS),
        "calendar": ("date,name,exercise\n2024-01-01,x,ya\n", "date,name\n2024-01-01,x\n"),
        "series": ("date,value,exercise\n2024-01-01,1,1\n", "date,value\n2024-01-01,1\n"),
        "effort": ("date,area,visits,exercise\n2024-01-01,74.71.01.1001,1,TRUE\n",) * 2,
    }
    request = {name: write(f"{name}.csv", content[name != role]) for name, content in files.items() if name != "effort"}
    if role == "effort":
        request["effort"] = write("effort.csv", files["effort"][0])
    data = load_dataset(DatasetRequest(**request, areas=areas))
    assert data.panels["all"].exercise and any("marked as exercise" in note for note in data.notes)


def squares(*boxes: tuple[str, float, float, float, float]) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "population": 10 * number},
            "geometry": {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]},
        }
        for number, (code, w, s, e, n) in enumerate(boxes, start=1)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_points_fall_into_shapes_and_islands_are_joined(write) -> None:
    shapes = squares(("a", 122, -4, 122.1, -3.9), ("b", 122.1, -4, 122.2, -3.9), ("c", 122.5, -4, 122.6, -3.9))
    rows = (
        "2024-01-01,-3.95,122.05\n2024-01-02,-3.95,122.1\n2024-01-03,-3.95,122.55\n2024-01-03,0.5,122\n2024-01-04,,\n"
    )
    data = load(write("e.csv", "date,latitude,longitude\n" + rows), areas=write("a.geojson", shapes))
    panel = data.panels["all"]
    assert panel.counts[:, 0].tolist() == [2, 0, 1], "a point on a border goes to the first"
    assert panel.exposure.tolist() == [0.5, 1.0, 1.5]
    assert panel.neighbours.source == "shared borders" and panel.neighbours.order.tolist() == [1, 2, 1, 1, 2, 1]
    assert "Left out: 1 of 5 events, without a place in e.csv." in data.notes
    assert "Left out: 1 of 5 events, outside all areas." in data.notes
    assert any(note.startswith("Without a shared border: 1 area") and note.endswith(": c.") for note in data.notes)


def test_points_fall_into_a_grid(write) -> None:
    rows = "2024-01-01,-4.0,122.5\n2024-01-02,-4.02,122.52\n2024-01-02,0,0\n"
    data = load(write("e.csv", "date,latitude,longitude\n" + rows), grid_metres=1000)
    panel = data.panels["all"]
    assert panel.counts.sum() == 2 and panel.neighbours.source == "grid"
    assert panel.areas.surface is not None and (panel.areas.surface == 1).all()
    assert any("touch the convex hull" in note for note in data.notes), data.notes


def test_progress_is_told(write, areas) -> None:
    told: list[tuple[str, float | None]] = []
    load_dataset(
        DatasetRequest(write("e.csv", HEAD + ROWS), areas=areas), lambda what, share: told.append((what, share))
    )
    assert next(what for what, _ in told) == "reading areas" and "counting events" in {what for what, _ in told}
    assert all(share is None or 0 <= share <= 1 for _, share in told)


def test_a_large_file_is_summed_as_it_is_read(write, areas, monkeypatch) -> None:
    monkeypatch.setattr("rukun.io.events._COMPACT_AT", 10)
    monkeypatch.setattr("rukun.io.textfile.BLOCK", 1 << 12)
    monkeypatch.setattr("rukun.io.tables.BLOCK", 1 << 12)
    rng = np.random.default_rng(0)
    codes = np.array(["74.71.01.1001", "74.71.01.1002", "74.71.02.1001"])[rng.integers(0, 3, 5000)]
    days = np.datetime64("2024-01-01") + rng.integers(0, 70, 5000)
    frame = pd.DataFrame({"date": days.astype(str), "area": codes})
    panel = load(write("e.csv", frame.to_csv(index=False)), areas=areas).panels["all"]
    expected = pd.crosstab(frame.area, (days - np.datetime64("2024-01-01")).astype(int) // 7).to_numpy()
    assert panel.counts.tolist() == expected.tolist()
