"""Every kind of bad file ends in one report with file, line, column and what to do."""

from __future__ import annotations

import datetime as dt
import pickle
from pathlib import Path

import pandas as pd
import pytest

from rukun.io.dataset import DatasetRequest, load_dataset
from rukun.io.problems import InputProblems, Problem

HEAD = "date,area\n"
GOOD = "2024-01-01,74.71.01.1001\n2024-02-05,74.71.02.1001\n"


def problems(events: Path, **request: object) -> list[str]:
    with pytest.raises(InputProblems) as raised:
        load_dataset(DatasetRequest(events, **request))  # type: ignore[arg-type]
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "events.csv: is empty"),
        (b"\n \n\n", "events.csv: is empty"),
        (HEAD.encode(), "events.csv: has a header but no rows"),
        ((HEAD + GOOD + "2024-01-01,caf\xe9\n").encode("latin-1"), "events.csv, line 4: byte 0xe9 isn't UTF-8"),
        ((HEAD + GOOD).encode("utf-16"), "events.csv: is written in UTF-16"),
        ((HEAD + GOOD).encode("utf-16-le"), "events.csv, line 1: a zero byte"),
        ((HEAD + GOOD).encode() + b"2024-01-01,\0\n", "events.csv, line 4: a zero byte"),
        (b"PK\x03\x04rest", "events.csv: is a spreadsheet or a zip archive"),
        (b"\x1f\x8brest", "events.csv: is compressed"),
        (b"PAR1rest", "events.csv: isn't a whole Parquet file"),
        (b'{"type":"FeatureCollection","features":[]}', "events.csv: is JSON, not a table"),
        (b"date,date,area\n2024-01-01,2,x\n", 'events.csv, line 1: the column "date" is there more than once'),
        (b"tanggal,area\n2024-01-01,x\n", 'events.csv, line 1: no column "date" (the file has "tanggal", "area"; say'),
        (b"date,what\n2024-01-01,x\n", 'events.csv, line 1: no column "area" and no latitude and longitude'),
        (b'date,area,text\n2024-01-01,x,"a\n2024-01-02,x,b\n', "events.csv, line 2: a quotation mark is opened here"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(write, areas, content: bytes, said: str) -> None:
    found = problems(write("events.csv", content), areas=areas)
    assert len(found) == 1
    assert found[0].startswith(said)
    assert "(" in found[0], "says what to do"


def test_missing_files_are_named_together(tmp_path: Path) -> None:
    found = problems(tmp_path / "a.csv", areas=tmp_path / "b.csv", effort=tmp_path)
    assert [one.split(":")[0] for one in found] == ["a.csv", "b.csv", tmp_path.name]
    assert found[0].startswith("a.csv: there is no such file") and "is a folder" in found[2]


def test_wrong_dates_stand_with_their_lines_and_none_is_lost(write, areas) -> None:
    wrong = ["2024-13-02", "18/03/2024", "", "0024-01-01", "2024-02-30", "2024-01-01T25"]
    events = write("events.csv", HEAD + GOOD + "".join(f"{date},74.71.01.1001\n" for date in wrong))
    found = problems(events, areas=areas)
    assert found[0] == 'events.csv, line 4, column date: "2024-13-02" is not a date (expected YYYY-MM-DD)'
    assert [one.split(",")[1] for one in found] == [f" line {line}" for line in range(4, 10)]
    assert "missing" in found[2] and "outside 1900 to 2100" in found[3]


def test_wrong_counts(write, areas) -> None:
    rows = ["-1", "1.5", "x", "", "99999999999", "nan", "2.0", "+3", "1e2"]
    text = "date,area,count\n" + "".join(f"2024-01-01,74.71.01.1001,{count}\n" for count in rows)
    found = problems(write("events.csv", text), areas=areas)
    whats = [one.split("column count: ")[1].split(" (")[0] for one in found]
    assert whats == [
        '"-1" is negative',
        '"1.5" is not a whole number',
        '"x" is not a number',
        "the count is missing",
        '"99999999999" is too large',
        '"nan" is not a number',
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_are_physical_through_quotes_blank_lines_and_ragged_rows(write, areas, ending: str) -> None:
    lines = [
        "date,area,text",
        '2024-01-01,74.71.01.1001,"two',  # 2 and 3: one row
        'lines"',
        "",
        "2024-01-01",  # 5: short
        "2024-01-01,74.71.01.1001,a,b",  # 6: long
        "bad,74.71.01.1001,x",  # 7
        "2024-01-01,99,x",
    ]
    found = problems(write("events.csv", ending.join(lines) + ending), areas=areas)
    assert [one.split(": ")[0] for one in found] == [
        "events.csv, line 5",
        "events.csv, line 6",
        "events.csv, line 7, column date",
    ]
    assert "1 fields where the header has 3" in found[0]


def test_unknown_areas_are_named_once_with_their_first_line_and_number(write, areas) -> None:
    events = write("events.csv", HEAD + GOOD + "2024-01-01,zz\n2024-01-02,zz\n2024-01-02,yy\n")
    assert problems(events, areas=areas) == [
        'events.csv, line 4, column area: area "zz" is not in areas.csv (2 events) (its codes look like 74.71.02.1001)',
        'events.csv, line 6, column area: area "yy" is not in areas.csv (1 event) (its codes look like 74.71.02.1001)',
    ]


def test_a_million_problems_make_a_short_report(write, areas) -> None:
    with pytest.raises(InputProblems) as raised:
        load_dataset(DatasetRequest(write("events.csv", HEAD + "x,y\n" * 5000), areas=areas))
    lines = str(raised.value).splitlines()
    assert len(lines) == 21 and lines[-1] == "and 4,980 more"
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_a_line_without_end_is_refused(write, areas) -> None:
    events = write("events.csv", HEAD + GOOD + "x" * (9 << 20))
    assert "8 MB" in problems(events, areas=areas)[0]


def test_bad_areas(write) -> None:
    events = write("events.csv", HEAD + GOOD)
    assert [one.split(" (")[0] for one in problems(events, areas=write("a.csv", "code,name\na,A\na,B\n,C\n"))] == [
        'a.csv, line 3, column code: the code "a" is there more than once',
        "a.csv, line 4, column code: the code is missing",
    ]
    found = problems(events, areas=write("b.csv", "code,population\na,-3\nb,abc\nc,\nd,0\n"))
    assert len(found) == 4 and all("column population" in one for one in found)
    assert "line 2, character" in problems(events, areas=write("c.geojson", '{"type":"FeatureCollection",\n"x":}'))[0]
    assert "not GeoJSON" in problems(events, areas=write("d.geojson", '{"type":"Point"}'))[0]
    assert "no features" in problems(events, areas=write("e.geojson", '{"features":[]}'))[0]


def _feature(code: object, ring: object) -> str:
    import json

    geometry = {"type": "Polygon", "coordinates": ring}
    return json.dumps({"type": "Feature", "properties": {"code": code}, "geometry": geometry})


def test_bad_shapes(write) -> None:
    events = write("events.csv", HEAD + GOOD)
    square = [[[0, 0], [1, 0], [1, 1], [0, 0]]]

    def areas_of(*features: str) -> Path:
        return write("a.geojson", '{"type":"FeatureCollection","features":[' + ",".join(features) + "]}")

    found = problems(
        events, areas=areas_of(_feature("a", square), _feature("b", "x"), _feature("c", [[[0, 0], [1, 0]]]))
    )
    assert [one.split(":")[0] for one in found] == [f"a.geojson, feature {n}, column geometry" for n in (2, 3)]
    found = problems(events, areas=areas_of(_feature("a", square), _feature("a", square)))
    assert found[0].startswith('a.geojson, feature 2, column code: the code "a" is there more than once')
    metres = [[[5e5, 9e6], [6e5, 9e6], [6e5, 9.1e6], [5e5, 9e6]]]
    assert "these aren't degrees" in problems(events, areas=areas_of(_feature("a", metres)))[0]


@pytest.mark.parametrize(
    ("role", "content", "said"),
    [
        ("neighbours", "area,neighbour\n74.71.01.1001,zz\n", 'line 2, column neighbour: "zz" is not the code'),
        ("neighbours", "area,neighbour,order\n74.71.01.1001,74.71.01.1002,0\n", 'line 2, column order: "0" is below 1'),
        ("neighbours", ",a,b\na,0,1\nb,2,0\n", 'line 2: "a" is not the code of an area, nor are 1 more'),
        (
            "neighbours",
            ",74.71.01.1001,74.71.01.1002\n74.71.01.1001,0,1\n74.71.01.1002,2,0\n",
            "line 2, column 74.71.01.1002: 1 from 74.71.01.1001 to 74.71.01.1002 and 2 back",
        ),
        ("neighbours", ",a,b,c,d\nx,0,1,1,1\n", "line 2: isn't a square matrix: 1 rows and 4 columns"),
        ("calendar", "from,to,name\n2024-01-05,2024-01-01,x\n", "line 2, column to: ends before it begins"),
        ("calendar", "date,name,area\n2024-01-05,x,zz\n", 'line 2, column area: "zz" is not the code'),
        ("calendar", "date,name\n2024-01-05,\n", "line 2, column name: the name is missing"),
        ("calendar", "from,name\n2024-01-05,x\n", 'line 1: no column "to"'),
        ("series", "date,name,value\n2024-01-05,x,abc\n", 'line 2, column value: "abc" is not a number'),
        ("series", "date,name,value\n2030-01-05,x,1\n", 'series "x" has no value before the last event'),
        ("series", "date,area,name,value\n2024-01-01,74.71.01,x,1\n", 'series "x" has no value for area 74.71.02.1001'),
        ("effort", "date,area,visits\n2024-01-05,74.71.01.1001,-1\n", 'line 2, column visits: "-1" is below 0'),
        ("effort", "date,area,visits\n2024-01-05,zz,1\n", 'line 2, column area: area "zz" is not one of the areas'),
    ],
)
def test_bad_files_alongside(write, areas, role: str, content: str, said: str) -> None:
    events = write("events.csv", HEAD + GOOD)
    found = problems(events, areas=areas, **{role: write(f"{role}.csv", content)})
    assert any(said in one for one in found), found
    assert all(one.startswith(f"{role}.csv") for one in found)


def test_logarithms_need_values_above_zero(write, areas) -> None:
    series = write("series.csv", "date,name,value\n2024-01-01,x,1\n2024-01-02,x,0\n")
    found = problems(write("events.csv", HEAD + GOOD), areas=areas, series=series, series_change="year")
    assert found == ['series.csv, line 3, column value: "0" is not above 0 (expected a number above 0)']


def test_bad_matrices(write) -> None:
    numbered = write("m.csv", "t,a,b\n1,0,1\n3,0,-2\n")
    assert "the date of the first is needed" in problems(numbered)[0]
    assert problems(numbered, start=dt.date(2024, 1, 1))[0].startswith(
        "m.csv, line 3, column t: 3 doesn't follow the period of the row above"
    )
    dated = write("n.csv", "date,a,b\n2024-01-01,0,-2\n2024-01-08,NA,0\n")
    assert [one.split(" (")[0] for one in problems(dated)] == [
        'n.csv, line 2, column b: "-2" is negative',
        'n.csv, line 3, column a: "NA" is not a number',
    ]


def test_parquet_problems_name_rows(tmp_path: Path, areas) -> None:
    path = tmp_path / "events.parquet"
    frame = {"date": pd.to_datetime(["2024-01-01", None]), "area": ["74.71.01.1001", "x"], "count": [1, -2]}
    pd.DataFrame(frame).to_parquet(path)
    assert [one.split(":")[0] for one in problems(path, areas=areas)] == [
        "events.parquet, row 2, column date",
        "events.parquet, row 2, column count",
    ]


def test_a_slip_in_a_mapped_name_is_not_passed_over(write, areas) -> None:
    found = problems(write("events.csv", HEAD + GOOD), areas=areas, columns={"date": "tgl"})
    assert found == [
        'no file has the column "tgl" that was to be date (events.csv has "date", "area"; areas.csv has "code", "name")'
    ]


def test_bad_requests(write, areas) -> None:
    events = write("events.csv", HEAD + GOOD)
    assert "before the start" in problems(events, areas=areas, start=dt.date(2024, 2, 1), end=dt.date(2024, 1, 1))[0]
    assert "can't be made" in problems(events, areas=areas, grid_metres=-5)[0]
    assert "no event in the period" in problems(events, areas=areas, start=dt.date(2030, 1, 1))[0]
    assert "longitude" in problems(events, areas=areas, grid_metres=250)[1]


def test_problem_without_a_place() -> None:
    assert str(Problem("", None, None, "nothing asked", "ask")) == "nothing asked (ask)"
