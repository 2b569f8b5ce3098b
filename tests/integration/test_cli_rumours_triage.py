"""`rukun rumours triage` as a user runs it: an order with its sums, and problems with their places."""

import json

import numpy as np
import pandas as pd
import pytest

from rukun.cli.running import run
from rukun.exercise.rumour_messages import rumour_messages
from rukun.exercise.rumours import Spreading, ring, simulate_rumours

MESSAGES = """id,message,date,area,sender
1,Ayo serbu kantor itu malam ini! Bawa parang,2024-11-25 10:00,74.01.01.1001,Anon
2,Selamat pagi semua,2024-11-25 09:00,74.01.01.1002,Anon
3,Harga minyak tanah naik jadi 20 ribu mulai besok,2024-11-20 08:00,74.01.01.1001,Anon
4,harga minyak tanah naik jd 20 ribu mulai besok!!,2024-11-20 09:00,74.01.01.1003,Anon
"""


@pytest.fixture
def messages(tmp_path):
    path = tmp_path / "messages.csv"
    path.write_text(MESSAGES, encoding="utf-8")
    return path


def triage(tmp_path, *arguments):
    out = tmp_path / "triage.csv"
    assert run(["rumours", "triage", *map(str, arguments), "--out", str(out)]) == 0
    return pd.read_csv(out)


def test_the_urgent_first_with_sums_that_add_up(tmp_path, messages, capsys):
    groups = tmp_path / "groups.csv"
    groups.write_text("id,group,similarity\n1,a,1\n2,b,1\n3,c,1\n4,c,0.95\n", encoding="utf-8")
    table = triage(tmp_path, messages, "--groups", groups, "--now", "2024-11-25 11:00")
    assert "Written" in capsys.readouterr().out
    assert table["group"].tolist() == ["a", "c", "b"]
    assert table["priority"].tolist()[0] == "high"
    assert table["harm"][0] == "violence"
    assert table["hours"].tolist()[0] == 4
    assert table.loc[1, "sightings"] == 2
    points = table[[name for name in table if name.startswith("points_")]]
    assert np.allclose(points.sum(axis=1), table["score"])
    assert (table["advice"] == "watch").all()
    assert table.loc[0, "hours_left"] == 8
    assert "serbu" in table.loc[0, "words"]
    assert table.loc[0, "explanation"].startswith(f"{table.loc[0, 'score']:.1f} = ")
    assert "Anon" not in (tmp_path / "triage.csv").read_text()
    assert "exercise" not in table


def test_the_state_of_places_and_voting_day_raise_it(tmp_path, messages):
    plain = triage(tmp_path, messages).set_index("group")
    places = tmp_path / "places.csv"
    places.write_text("area,forecast,index\n74.01.01.1001,0.9,\n74.01.01.1003,,0.4\n", encoding="utf-8")
    raised = triage(tmp_path, messages, "--places", places, "--language", "en").set_index("group")
    assert raised.loc[1, "points_place"] == pytest.approx(10.8)
    assert raised.loc[4, "points_place"] == pytest.approx(4.8)
    assert raised.loc[2, "points_place"] == plain.loc[1, "points_place"] == 0
    assert "state of the place" in raised.loc[1, "explanation"]
    voting = tmp_path / "voting.csv"
    voting.write_text("id,message\n1,Surat suara di TPS 4 sudah tercoblos\n", encoding="utf-8")
    assert (
        triage(tmp_path, voting, "--now", "2024-11-26 07:00", "--voting-day", "2024-11-27").loc[0, "hours_left"] == 24
    )


def test_what_spreads_fast_may_be_answered_and_exercises_stay_marked(tmp_path, capsys):
    seen = simulate_rumours(Spreading(rumours=8, begin=20, hours=60, seeds=40), ring(20), 1)
    made = rumour_messages(seen, tuple(f"v{k}" for k in range(20)), np.datetime64("2024-11-01"), 0.3, 1)
    path, groups = tmp_path / "m.csv", tmp_path / "g.csv"
    made.drop(columns=["group", "harm"]).to_csv(path, index=False)
    made["group"] = made["group"].where(made["group"] != "", made["id"])
    made[["id", "group"]].to_csv(groups, index=False)
    assert (
        run(["rumours", "triage", str(path), "--groups", str(groups), "--out", str(tmp_path / "t.csv"), "--json"]) == 0
    )
    said = json.loads(capsys.readouterr().out)
    table = pd.read_csv(tmp_path / "t.csv")
    assert said["exercise"] is True
    assert table["exercise"].all()
    assert said["publish"] == (table["advice"] == "publish").sum() > 0
    assert (table.loc[table["advice"] == "publish", "per_hour_low"] >= 0.249).all()
    assert set(table.loc[table["sightings"] == 1, "advice"]) == {"watch"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--map", "message=isi"], 'no file has the column "isi" that was to be message'),
        (["--time-zone", "Asia/Nowhere"], '"Asia/Nowhere" is no time zone'),
        (["--now", "2024-11-25 09:30"], "1 of the messages are later than --now 2024-11-25 09:30"),
        (["--groups", "messages.csv"], 'no column "group"'),
        (["--places", "messages.csv"], 'no column "forecast" and no index'),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(tmp_path, messages, capsys, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    assert run(["rumours", "triage", "messages.csv", *options, "--out", "t.csv"]) == 2
    error = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert said in error
    assert "Nothing was written" in error
    assert not (tmp_path / "t.csv").exists()
