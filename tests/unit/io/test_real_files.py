"""The real files work untouched."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from rukun.io.dataset import Dataset, DatasetRequest, load_dataset
from rukun.io.problems import InputProblems

YEAR = dt.date(2001, 1, 1)


def load(events: Path, **request: object) -> Dataset:
    return load_dataset(DatasetRequest(events, **request))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "shape", "total"), [("fluBYBW", (140, 416), 21921), ("measlesWeserEms", (17, 104), 1283)]
)
def test_surveillance_matrices(shared: Path, name: str, shape: tuple[int, int], total: int) -> None:
    folder = shared / "events"
    panel = load(
        folder / f"{name}_counts.csv",
        areas=folder / f"{name}_population_fraction.csv",
        neighbours=folder / f"{name}_neighbour_order.csv",
        start=YEAR,
    ).panels["all"]
    assert panel.counts.shape == shape and panel.counts.sum() == total
    assert panel.starts[0] == pd.Timestamp(YEAR) and panel.exposure.mean() == pytest.approx(1)
    plain = pd.read_csv(folder / f"{name}_counts.csv")
    assert panel.areas.code.tolist() == plain.columns[1:].tolist()
    assert (panel.counts == plain.to_numpy()[:, 1:].T).all()
    given = pd.read_csv(folder / f"{name}_neighbour_order.csv", index_col=0).to_numpy()
    first = panel.neighbours.order == 1
    assert first.sum() == (given == 1).sum()
    assert len(panel.neighbours.index) == shape[0] * (shape[0] - 1), "orders reach everywhere"


def test_ucdp_with_coarse_dates(shared: Path) -> None:
    events, columns = shared / "events" / "ucdp_ged_indonesia.csv", {"date": "date_start", "area": "adm_2"}
    with pytest.raises(InputProblems, match="which one isn't known"):
        load(events, columns=columns)
    spread = load(events, columns=columns, coarse="spread", every="month", partial="keep")
    assert any("without a place" in note for note in spread.notes)
    plain = pd.read_csv(events)
    assert spread.panels["all"].counts.sum() == pytest.approx(plain["adm_2"].notna().sum(), abs=2)
    assert (
        load(events, columns={"date": "date_start"}, coarse="exclude", grid_metres=50_000).panels["all"].n_areas > 500
    )


def test_cincinnati_points_in_a_grid(shared: Path) -> None:
    events = shared / "events" / "cincinnati_burglary.csv"
    data = load(events, columns={"date": "offense_date", "category": "offense"}, grid_metres=250)
    assert set(data.panels) == {"BURGLARY", "AGGRAVATED BURGLARY"}
    assert "Left out: 426 of 8,723 events, without a place in cincinnati_burglary.csv." in data.notes
    counted = sum(int(panel.counts.sum()) for panel in data.panels.values())
    plain = pd.read_csv(events).dropna(subset=["longitude"])
    whole = plain[plain.offense_date.between("2016-01-04", "2018-12-30")]
    assert counted == len(whole), "weeks covered in part are left out, nothing else"


def test_lancashire_by_code_and_by_point(shared: Path) -> None:
    events = shared / "events" / "lancashire_antisocial_behaviour.csv"
    by_code = load(events, columns={"date": "month", "area": "lsoa_code"}, every="month").panels["all"]
    assert by_code.counts.shape == (942, 12) and by_code.counts.sum() == 56434
    by_point = load(events, columns={"date": "month"}, every="month", grid_metres=1000).panels["all"]
    assert (
        by_point.counts.sum() == 56434 and by_point.counts.sum(axis=0).tolist() == by_code.counts.sum(axis=0).tolist()
    )
    with pytest.raises(InputProblems, match="precise to the month only"):
        load(events, columns={"date": "month", "area": "lsoa_code"})


@pytest.mark.parametrize(
    ("level", "number", "invalid", "islands"),
    [("regency", 17, 10, 2), ("district", 221, 11, 5), ("village", 2283, None, 26)],
)
def test_boundaries_of_sulawesi_tenggara(
    shared: Path, write, level: str, number: int, invalid: int | None, islands: int
) -> None:
    shapes = shared / "territory" / f"sultra_{level}.geojson"
    rows = "".join(f"2024-01-{day:02d},-4.02,122.52\n" for day in range(1, 31))
    prices = shared / "prices" / "sultra_food_prices_daily.csv"
    data = load(
        write("e.csv", "date,latitude,longitude\n" + rows),
        areas=shapes,
        series=prices,
        series_change="year",
        columns={"series.name": "commodity", "series.value": "price_rp_per_kg"},
    )
    panel = data.panels["all"]
    assert panel.n_areas == number and len(panel.covariates) == 10
    said = [note for note in data.notes if note.startswith("Repaired: ")]
    # GEOS counts one more village than other tools do: a ring that touches itself
    assert len(said) == 1 and int(said[0].split()[1]) in ((invalid,) if invalid else (2, 3))
    assert any(note.startswith(f"Without a shared border: {islands} areas") for note in data.notes)
    assert (panel.neighbours.start[1:] > panel.neighbours.start[:-1]).all(), "every area has a neighbour"


def test_the_area_list_of_all_levels(shared: Path, write) -> None:
    areas = shared / "territory" / "sultra_areas.csv"
    villages = load(write("a.csv", "date,area\n2024-01-01,74.71.01.1005\n"), areas=areas).panels["all"]
    assert villages.n_areas == 2285 and villages.neighbours.kind == "tree"
    assert load(write("b.csv", "date,area\n2024-01-01,74.71\n"), areas=areas).panels["all"].n_areas == 17
