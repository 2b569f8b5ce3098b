"""What is written is whole, reads back the same, and says when it is an exercise."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from rukun.core.areas import AreaTable
from rukun.io.outputs import check_output, write_frame, write_text
from rukun.io.problems import InputProblems

CODE = np.array(["a", "b"])
SHAPES = gpd.GeoSeries([shapely.box(122, -4, 123, -3), None], crs=4326)
AREAS = AreaTable(CODE, CODE, np.array(["", ""]), shapes=SHAPES)
FRAME = pd.DataFrame(
    {
        "area": ["a", "b", "a"],
        "period_start": pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-08"]),
        "mean": [0.1, np.nan, 1 / 3],
        "reason": ['kata "orang", ya', "é", ""],
    }
)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_tables_read_back_the_same(tmp_path: Path, ending: str) -> None:
    path = write_frame(FRAME, tmp_path / f"f.{ending}")
    back = (
        pd.read_parquet(path)
        if ending == "parquet"
        else pd.read_csv(path, keep_default_na=False, na_values={"mean": ""})
    )
    assert back["area"].tolist() == FRAME["area"].tolist() and back["reason"].tolist() == FRAME["reason"].tolist()
    assert pd.to_datetime(back["period_start"]).tolist() == FRAME["period_start"].tolist()
    assert np.array_equal(back["mean"], FRAME["mean"], equal_nan=True), "numbers are written without loss"


def test_geojson_has_shapes_dates_and_the_mark(tmp_path: Path) -> None:
    path = write_frame(FRAME, tmp_path / "f.geojson", AREAS, exercise=True)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["exercise"] is True
    first, second, third = content["features"]
    assert first["properties"] == {
        "area": "a",
        "period_start": "2024-01-01",
        "mean": 0.1,
        "reason": 'kata "orang", ya',
        "exercise": True,
    }
    assert second["geometry"] is None and second["properties"]["mean"] is None
    assert shapely.from_geojson(json.dumps(third["geometry"])).equals(SHAPES.iloc[0])
    assert len(gpd.read_file(path)) == 3
    assert "exercise" not in json.loads(write_frame(FRAME, path, AREAS).read_text())


def test_exercise_is_a_column_of_every_table(tmp_path: Path) -> None:
    assert pd.read_csv(write_frame(FRAME, tmp_path / "f.csv", exercise=True))["exercise"].all()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("f.xlsx", "names no format"),
        ("f", "has no ending"),
        ("no/f.csv", "there is no folder"),
        ("d.csv", "is a folder"),
    ],
)
def test_what_cannot_be_written_is_said_before_work_begins(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(InputProblems, match=said):
        check_output(tmp_path / name)


def test_shapes_are_needed_for_a_map(tmp_path: Path) -> None:
    with pytest.raises(InputProblems, match="no shapes"):
        write_frame(FRAME, tmp_path / "f.geojson", AreaTable(CODE, CODE, CODE))
    with pytest.raises(InputProblems, match="column area"):
        write_frame(FRAME.drop(columns="area"), tmp_path / "f.geojson", AREAS)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path, monkeypatch) -> None:
    path = write_text("old", tmp_path / "f.csv")

    def full(self: pd.DataFrame, part: Path, **_: object) -> None:
        Path(part).write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(InputProblems, match="No space left"):
        write_frame(FRAME, path)
    assert path.read_text() == "old" and [one.name for one in tmp_path.iterdir()] == ["f.csv"]
