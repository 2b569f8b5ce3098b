"""`rukun rumours group`: a file of messages in, a file of groups out."""

import json

import pandas as pd
import pytest

from rukun.cli.running import run

MESSAGES = [
    ("m1", "Banjir bandang di Kota Kendari besok, 5 orang tewas. Warga diminta mengungsi."),
    ("m2", "Diteruskan berkali-kali\nBANJIR bandang di kota kendari bsk, 5 org tewas!!! Warga dimnta mengungsi 🙏"),
    ("m3", "Banjir bandang di Kota Kolaka besok, 5 orang tewas. Warga diminta mengungsi."),
    ("m4", "halo"),
    ("m5", "Halo!!"),
]


@pytest.fixture
def messages(tmp_path):
    path = tmp_path / "messages.csv"
    pd.DataFrame(MESSAGES, columns=["id", "message"]).to_csv(path, index=False)
    return path


def test_groups_are_called_by_their_first_message(messages, tmp_path, capsys):
    out = tmp_path / "groups.csv"
    assert run(["rumours", "group", str(messages), "--out", str(out)]) == 0
    written = pd.read_csv(out)
    assert list(written.columns) == ["id", "group", "similarity"]
    assert written["id"].tolist() == ["m1", "m2", "m3", "m4", "m5"]
    assert written["group"].tolist() == ["m1", "m1", "m3", "m4", "m4"]
    assert written["similarity"].between(0.9, 1.0).all()
    assert "5 messages in 3 groups, 2 of them of more than one message" in capsys.readouterr().out


def test_a_sum_for_programs_and_columns_by_other_names(messages, tmp_path, capsys):
    renamed, out = tmp_path / "export.csv", tmp_path / "groups.parquet"
    pd.read_csv(messages).rename(columns={"message": "isi"}).to_csv(renamed, index=False)
    assert run(["rumours", "group", str(renamed), "--out", str(out), "--map", "message=isi", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["messages"], said["groups"], said["of_several"]) == (5, 3, 2)
    assert len(pd.read_parquet(out)) == 5


def test_a_file_without_messages_is_refused_and_nothing_is_written(tmp_path, capsys):
    bad, out = tmp_path / "bad.csv", tmp_path / "groups.csv"
    bad.write_text("id,text\n1,a\n", encoding="utf-8")
    assert run(["rumours", "group", str(bad), "--out", str(out)]) == 2
    assert 'bad.csv, line 1: no column "message"' in capsys.readouterr().err
    assert not out.exists()
