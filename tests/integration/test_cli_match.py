"""`rukun rumours match`: two files in, ranked fact checks with their chances out."""

import pandas as pd

from rukun.cli.running import run

COLUMNS = ["id", "rank", "match", "probability", "lexical", "character", "meaning"]


def test_messages_are_matched_to_fact_checks(tmp_path, capsys):
    messages, checks, out = (tmp_path / name for name in ("messages.csv", "checks.csv", "matches.csv"))
    pd.DataFrame(
        {"id": ["m1", "m2"], "isi": ["gmpa 7,2 guncang kendari sore tadi", "selamat pagi semua, semoga sehat"]}
    ).to_csv(messages, index=False)
    titles = ["Gempa Magnitudo 7,2 Guncang Kendari", "Air Kelapa Sembuhkan Ginjal", "Pilkada Batal Digelar"]
    pd.DataFrame({"id": ["f1", "f2", "f3"], "title": titles}).to_csv(checks, index=False)
    arguments = ["rumours", "match", str(messages), "--against", str(checks), "--out", str(out), "--top", "2"]
    assert run([*arguments, "--words-only", "--map", "message=isi"]) == 0
    found = pd.read_csv(out)
    assert list(found.columns) == COLUMNS
    best = found[found["rank"] == 1].set_index("id")
    assert best.loc["m1", "match"] == "f1" and best.loc["m1", "lexical"] > 0.6
    assert found.groupby("id").size().max() <= 2
    assert found.groupby("id")["probability"].sum().max() <= 1
    assert "2 messages against 3 fact checks" in capsys.readouterr().out


def test_a_file_without_titles_is_refused_with_what_to_do(tmp_path, capsys):
    messages, checks = tmp_path / "messages.csv", tmp_path / "checks.csv"
    pd.DataFrame({"id": ["m1"], "message": ["gempa"]}).to_csv(messages, index=False)
    pd.DataFrame({"id": ["f1"], "judul": ["Gempa"]}).to_csv(checks, index=False)
    out = tmp_path / "matches.csv"
    assert run(["rumours", "match", str(messages), "--against", str(checks), "--out", str(out), "--words-only"]) == 2
    told = capsys.readouterr().err
    assert "checks.csv" in told and "title" in told and not out.exists()
