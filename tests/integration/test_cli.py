"""The command as a user runs it: what it writes, says and returns."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rukun.cli.running import run

FORECAST = [
    "origin", "period_start", "area", "category", "mean", "p_any", "q05", "q25", "q50", "q75", "q95", "rank", "reason",
]  # fmt: skip
SCORES = [
    "model", "horizon", "n", "log_score", "crps", "dss", "brier_any", "cover50", "cover90", "pai_1", "pai_5", "pei_1",
    "hit_5", "fit_seconds",
]  # fmt: skip


@pytest.fixture(scope="module")
def exercise(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exercise")
    assert run(["exercise", str(folder), "--seed", "3", "--weeks", "80", "--overwrite"]) == 0
    return folder


@pytest.fixture
def events(tmp_path):
    """Real (not exercise) events in six areas over 60 weeks, without anything else."""
    rng = np.random.default_rng(1)
    week, area = np.nonzero(rng.poisson(1.0, (60, 6)))
    day = np.datetime64("2024-01-01") + 7 * week + rng.integers(0, 7, len(week))
    path = tmp_path / "events.csv"
    pd.DataFrame({"date": day.astype(str), "area": [f"A{a}" for a in area]}).to_csv(path, index=False)
    return path


def refused(capsys, *arguments):
    """What a command that ends with status 2 says, which is never a traceback."""
    assert run([str(argument) for argument in arguments]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return " ".join(said.replace("│", " ").split())


class TestExercise:
    def test_every_row_of_every_file_is_marked(self, exercise):
        names = sorted(path.name for path in exercise.iterdir())
        assert names == ["areas.geojson", "calendar.csv", "effort.csv", "events.csv", "series.csv", "truth.csv"]
        for path in exercise.glob("*.csv"):
            marked = pd.read_csv(path)["exercise"]
            assert marked.all(), path.name
            assert len(marked), path.name
        features = json.loads((exercise / "areas.geojson").read_text())["features"]
        assert len(features) == 60
        assert all(feature["properties"]["exercise"] for feature in features)

    def test_files_have_the_columns_of_the_readers_and_the_truth_its_rates(self, exercise):
        heads = {path.stem: list(pd.read_csv(path, nrows=1).columns) for path in exercise.glob("*.csv")}
        assert heads == {
            "events": ["date", "area", "category", "source", "exercise"],
            "effort": ["date", "area", "visits", "exercise"],
            "calendar": ["from", "to", "name", "exercise"],
            "series": ["date", "name", "value", "exercise"],
            "truth": ["date", "area", "category", "rate", "incidents", "exercise"],
        }
        truth = pd.read_csv(exercise / "truth.csv")
        assert len(truth) == 2 * 60 * 80
        assert (truth["rate"] > 0).all()
        assert set(pd.read_csv(exercise / "events.csv")["source"]) == {"reported", "discovered"}

    def test_the_same_seed_writes_the_same_bytes_and_another_others(self, exercise, tmp_path):
        for seed in ("3", "4"):
            assert run(["exercise", str(tmp_path / seed), "--seed", seed, "--weeks", "80"]) == 0
        for path in exercise.iterdir():
            assert path.read_bytes() == (tmp_path / "3" / path.name).read_bytes(), path.name
        assert (exercise / "events.csv").read_bytes() != (tmp_path / "4" / "events.csv").read_bytes()

    def test_given_areas_are_used_and_not_written_again(self, tmp_path):
        areas = tmp_path / "areas.csv"
        areas.write_text(
            "code,name,parent,population\nA,Alfa,P,100\nB,Beta,P,900\nP,Parent,,\n".replace("P,Parent,,\n", "")
        )
        out = tmp_path / "out"
        assert run(["exercise", str(out), "--areas", str(areas), "--weeks", "20"]) == 0
        assert set(pd.read_csv(out / "truth.csv")["area"]) == {"A", "B"}
        assert not (out / "areas.geojson").exists()

    def test_an_exercise_is_not_written_over_unasked(self, exercise, capsys):
        before = (exercise / "events.csv").read_bytes()
        assert "--overwrite" in refused(capsys, "exercise", exercise, "--seed", "9")
        assert (exercise / "events.csv").read_bytes() == before

    def test_a_start_in_mid_week_is_refused(self, tmp_path, capsys):
        assert "Monday" in refused(capsys, "exercise", tmp_path / "x", "--start", "2021-01-05")
        assert not (tmp_path / "x").exists()


class TestForecast:
    def command(self, exercise, out, *more):
        alongside = [f"--{name}={exercise / name}.csv" for name in ("calendar", "effort", "series")]
        return run(
            [
                *("forecast", str(exercise / "events.csv"), f"--areas={exercise / 'areas.geojson'}", f"--out={out}"),
                *(*alongside, "--model", "endemic_epidemic", *more),
            ]
        )

    def test_columns_rows_and_mark(self, exercise, tmp_path, capsys):
        out = tmp_path / "f.csv"
        assert self.command(exercise, out, "--horizon", "2") == 0
        table = pd.read_csv(out)
        assert list(table.columns) == [*FORECAST, "exercise"]
        assert table["exercise"].all()
        assert len(table) == 2 * 60 * 2
        assert set(table["category"]) == {"brawl", "theft"}
        for _, group in table.groupby(["category", "period_start"]):
            assert sorted(group["rank"]) == list(range(1, 61))
            assert group.sort_values("rank")["mean"].is_monotonic_decreasing
        assert (table[["q05", "q25", "q50", "q75", "q95"]].diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
        assert table["p_any"].between(0, 1).all()
        assert table["reason"].str.startswith("Perkiraan").all()
        assert "EXERCISE" in capsys.readouterr().out

    def test_shares_sum_to_the_mean(self, exercise, tmp_path):
        out = tmp_path / "f.parquet"
        assert self.command(exercise, out, "--explain", "--category", "all", "--language", "en") == 0
        table = pd.read_parquet(out)
        shares = table.filter(like="share_")
        assert np.abs(shares.sum(axis=1) - table["mean"]).max() < 1e-9
        assert set(table["category"]) == {"all"}
        assert table["reason"].str.startswith("Expected").all()

    def test_an_earlier_origin_knows_nothing_of_what_came_after(self, exercise, tmp_path):
        events = pd.read_csv(exercise / "events.csv", dtype=str)
        cut = tmp_path / "cut"
        cut.mkdir()
        for path in exercise.iterdir():
            (cut / path.name).write_bytes(path.read_bytes())
        # the same past with another future: every event after the origin in one village
        later = events["date"] >= "2022-05-02"
        events.loc[later, "area"] = events["area"].iloc[0]
        events.to_csv(cut / "events.csv", index=False)
        outs = [tmp_path / "a.csv", tmp_path / "b.csv"]
        for folder, out in zip((exercise, cut), outs, strict=True):
            assert self.command(folder, out, "--origin", "2022-05-02", "--category", "all") == 0
        assert outs[0].read_bytes() == outs[1].read_bytes()
        assert set(pd.read_csv(outs[0])["origin"]) == {"2022-05-02"}

    def test_map_for_maps_has_the_shapes(self, exercise, tmp_path):
        out = tmp_path / "f.geojson"
        assert self.command(exercise, out, "--horizon", "1", "--category", "all") == 0
        made = json.loads(out.read_text())
        assert made["exercise"] is True
        assert len(made["features"]) == 60
        assert all(feature["geometry"]["type"] == "Polygon" for feature in made["features"])

    def test_machines_get_json_and_nothing_else(self, events, tmp_path, capsys):
        assert run(["forecast", str(events), f"--out={tmp_path / 'f.csv'}", "--model=mean", "--json"]) == 0
        printed = json.loads(capsys.readouterr().out)
        assert printed["model"] == "mean"
        assert printed["exercise"] is False
        assert (printed["areas"], printed["periods"], printed["rows"]) == (6, 4, 24)
        assert printed["highest"][0]["rank"] == 1
        assert "exercise" not in pd.read_csv(tmp_path / "f.csv").columns

    def test_without_effort_the_output_says_so(self, events, tmp_path, capsys):
        assert run(["forecast", str(events), f"--out={tmp_path / 'f.csv'}", "--model=mean"]) == 0
        assert "effort" in capsys.readouterr().err

    def test_other_names_of_columns(self, events, tmp_path):
        frame = pd.read_csv(events).rename(columns={"date": "offense_date", "area": "lsoa"})
        frame.to_csv(events, index=False)
        out = tmp_path / "f.csv"
        columns = "date=offense_date,area=lsoa"
        assert run(["forecast", str(events), f"--out={out}", "--model=mean", "--map", columns]) == 0
        assert len(pd.read_csv(out)) == 24

    def test_shares_of_an_ensemble_sum_to_its_mean_without_areas_or_coordinates(self, events, tmp_path):
        out = tmp_path / "f.csv"
        assert run(["forecast", str(events), f"--out={out}", "--explain"]) == 0
        table = pd.read_csv(out)
        assert np.abs(table.filter(like="share_").sum(axis=1) - table["mean"]).max() < 1e-9
        assert "share_model:kernel" in table.columns


class TestBacktest:
    def test_scores_report_and_summary(self, exercise, tmp_path, capsys):
        out, report = tmp_path / "s.csv", tmp_path / "r.html"
        arguments = ["--from", "2022-03-07", "--horizon", "2", "--refit", "26", "--models", "mean,smoothing"]
        status = run(
            [
                *("backtest", str(exercise / "events.csv"), f"--areas={exercise / 'areas.geojson'}", f"--out={out}"),
                *(f"--report={report}", "--language", "en", *arguments),
            ]
        )
        assert status == 0
        table = pd.read_csv(out)
        assert list(table.columns) == [*SCORES, "exercise"]
        assert table[["model", "horizon"]].to_numpy().tolist() == [
            ["mean", 1], ["mean", 2], ["smoothing", 1], ["smoothing", 2],
        ]  # fmt: skip
        assert table["n"].tolist() == [60 * 19, 60 * 18] * 2
        page = report.read_text(encoding="utf-8")
        assert "EXERCISE" in page
        assert "7 March 2022" in page
        assert "smoothing" in capsys.readouterr().out

    def test_a_machine_gets_null_for_what_does_not_exist(self, events, tmp_path, capsys):
        # boosting needs 20 periods: here it never has them
        arguments = ["--from", "2024-03-04", "--to", "2024-04-01", "--models", "mean,boosting", "--json"]
        assert run(["backtest", str(events), f"--out={tmp_path / 's.csv'}", *arguments]) == 0
        printed = json.loads(capsys.readouterr().out)
        by_name = {row["model"]: row for row in printed["scores"]}
        assert by_name["mean"]["log_score"] > 0
        assert by_name["boosting"]["log_score"] is None
        assert any("boosting made no forecast" in note for note in printed["notes"])

    def test_a_period_without_data_is_refused_with_the_dates_that_there_are(self, events, tmp_path, capsys):
        said = refused(capsys, "backtest", events, "--out", tmp_path / "s.csv", "--from", "2030-01-01")
        assert "from 2024-01-08 to 2025-03-02" in said
        assert not (tmp_path / "s.csv").exists()


class TestBadInput:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("date,area\n2024-13-02,A\n", "events.csv, line 2, column date"),
            ("date,area,count\n2024-01-02,A,-1\n", "events.csv, line 2, column count"),
            ("", "events.csv"),
        ],
    )
    def test_is_told_with_its_place_and_nothing_is_written(self, tmp_path, capsys, text, said):
        (tmp_path / "events.csv").write_text(text)
        out = tmp_path / "f.csv"
        told = refused(capsys, "forecast", tmp_path / "events.csv", "--out", out)
        assert said in told
        assert "Nothing was written" in told
        assert sorted(path.name for path in tmp_path.iterdir()) == ["events.csv"]

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            (["--model", "oracle"], 'no model "oracle"'),
            (["--grid", "wide"], "250m"),
            (["--map", "date:when"], "NAME=COLUMN"),
            (["--origin", "yesterday"], "yesterday"),
            (["--origin", "2031-01-01"], "can't start at 2031-01-01"),
            (["--horizon", "0"], "horizon"),
            (["--category", "all", "--category", "theft"], "stands alone"),
            (["--out", "nowhere/f.csv"], "no folder nowhere"),
            (["--out", "f.xlsx"], ".parquet"),
            (["--areas", "missing.csv"], "missing.csv"),
        ],
    )
    def test_of_the_command_line(self, events, tmp_path, capsys, monkeypatch, more, said):
        monkeypatch.chdir(tmp_path)
        assert said in refused(capsys, "forecast", events, "--out", "f.csv", "--model", "mean", *more)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["events.csv"]

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            (["--engine", "dask"], "--scheduler ADDRESS"),
            (["--scheduler", "tcp://127.0.0.1:1"], "--engine dask"),
            (["--models", ","], "name a model"),
            (["--report", "."], "is a folder"),
            (["--report", "nowhere/r.html"], "no folder nowhere"),
        ],
    )
    def test_of_a_backtest(self, events, tmp_path, capsys, monkeypatch, more, said):
        monkeypatch.chdir(tmp_path)
        arguments = ["--out", "s.csv", "--from", "2024-08-05", *more]
        assert said in refused(capsys, "backtest", events, *arguments)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["events.csv"]

    def test_what_should_not_happen_is_a_sentence_and_status_1(self, events, tmp_path, capsys, monkeypatch):
        def broken(*_arguments, **_options):
            raise RuntimeError("the sky fell")

        monkeypatch.setattr("rukun.io.dataset.load_dataset", broken)
        monkeypatch.delenv("RUKUN_DEBUG", raising=False)
        arguments = ["forecast", str(events), "--model", "mean", f"--out={tmp_path / 'f.csv'}"]
        assert run(arguments) == 1
        said = capsys.readouterr().err
        assert "the sky fell" in said
        assert "RUKUN_DEBUG=1" in said
        monkeypatch.setenv("RUKUN_DEBUG", "1")
        with pytest.raises(RuntimeError, match="the sky fell"):
            run(arguments)


class TestHelp:
    @pytest.mark.parametrize("verb", ["forecast", "backtest", "exercise"])
    def test_each_verb_has_an_example_that_the_command_accepts(self, verb, capsys):
        assert run([verb, "--help"]) == 0
        said = " ".join(capsys.readouterr().out.split())
        assert f"Example: rukun {verb} " in said

    def test_version(self, capsys):
        assert run(["--version"]) == 0
        assert capsys.readouterr().out.startswith("rukun 0.")

    def test_an_unknown_verb(self, capsys):
        assert "foretell" in refused(capsys, "foretell")

    def test_help_is_quick_and_imports_no_models(self):
        code = "import sys; from rukun.cli.running import run; run(['--help']); assert 'numba' not in sys.modules"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr


def test_the_installed_command_runs():
    command = Path(sys.executable).with_name("rukun")
    if not command.exists():
        pytest.skip("the package is not installed in this environment")
    done = subprocess.run([command, "nonsense"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
