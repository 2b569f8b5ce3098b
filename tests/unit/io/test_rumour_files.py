"""Files of messages, fact checks and groups: what is read, what is refused and where it is said to be wrong."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rukun.io.problems import InputProblems
from rukun.io.rumours import read_both, read_fact_checks, read_groups, read_messages

REAL = Path("../shared/data/rumours")


def written(folder, text, name="messages.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(read, *arguments):
    with pytest.raises(InputProblems) as raised:
        read(*arguments)
    return str(raised.value)


@pytest.mark.parametrize(
    ("said", "utc", "timed"),
    [
        ("2024-11-25", "2024-11-25T04:00:00", False),
        ("2024-11-25 14:30", "2024-11-25T06:30:00", True),
        ("2024-11-25T14:30:05+07:00", "2024-11-25T07:30:05", True),
        ("2024-11-25T14:30:05.123Z", "2024-11-25T14:30:05", True),
        ("17 Sep 2024", "2024-09-17T04:00:00", False),
        ("8 Agustus 2024, 07.15", "2024-08-07T23:15:00", True),
        ("1 Mei 2024", "2024-05-01T04:00:00", False),
    ],
)
def test_a_moment_in_utc_whatever_form_its_date_has(tmp_path, said, utc, timed):
    read = read_messages(written(tmp_path, f'id,message,date\na,halo,"{said}"\n'))
    assert str(read.time[0]) == utc
    assert bool(read.timed[0]) is timed


@pytest.mark.parametrize(
    "said", ["25/11/2024", "2024-13-01", "31 Feb 2024", "2024-11-25 25:00", "1 Foo 2024", "kemarin"]
)
def test_what_is_no_date_is_said_with_its_line(tmp_path, said):
    path = written(tmp_path, f'id,message,date\na,halo,2024-11-25\nb,"dua\nbaris",{said}\n')
    assert refused(read_messages, path).startswith(f'messages.csv, line 3, column date: "{said}" is not a date')


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    path = written(tmp_path, "id,message,date,exercise\na,halo,,\n,halo,,\na,,x,\nb,halo,,mungkin\n")
    said = refused(read_messages, path).splitlines()
    assert sorted(line.split(": ")[0].removeprefix("messages.csv, ") for line in said) == [
        "line 3, column id",
        "line 4, column date",
        "line 4, column id",
        "line 4, column message",
        "line 5, column exercise",
    ]


def test_nothing_but_the_named_columns_is_kept(tmp_path):
    path = written(tmp_path, "id,message,sender,group_name\n1,halo,Budi 0812,Grup RT\n")
    assert "Budi" not in repr(read_messages(path))
    assert "Grup RT" not in repr(read_messages(path))


def test_mapped_columns_and_slips_in_the_mapping(tmp_path):
    path = written(tmp_path, "nomor;isi;waktu\n1;halo;2024-11-25\n")
    read = read_messages(path, {"id": "nomor", "message": "isi", "date": "waktu"})
    assert (read.id, read.text) == (("1",), ("halo",))
    assert 'no column "id"' in refused(read_messages, path)
    said = refused(read_messages, path, {"id": "nomer", "message": "isi", "tanggal": "waktu"})
    assert '"nomer" that was to be id' in said
    assert '--map "tanggal" names nothing that is read' in said


def test_parquet_reads_as_csv_does(tmp_path):
    frame = pd.DataFrame({"id": [1, 2], "message": ["a b", "c"], "date": pd.to_datetime(["2024-11-25 14:30", None])})
    frame.to_parquet(tmp_path / "m.parquet")
    read = read_messages(tmp_path / "m.parquet")
    assert read.id == ("1", "2")
    assert str(read.time[0]) == "2024-11-25T06:30:00"
    assert np.isnat(read.time[1])


def test_fact_checks_keep_their_publishers_words_and_days(tmp_path):
    path = written(tmp_path, "id,title,date,url,verdict\n1,Judul,2024-11-25T23:30:00+00:00,https://a.id/x,Salah\n")
    read = read_fact_checks(path)
    assert (str(read.date[0]), read.url, read.verdict, read.conclusion) == (
        "2024-11-25", ("https://a.id/x",), ("Salah",), None,
    )  # fmt: skip
    wrong = written(tmp_path, "id,title,url\n1,Judul,javascript:alert(1)\n2,,\n")
    assert "line 2, column url" in refused(read_fact_checks, wrong)
    assert "line 3, column title: the title is missing" in refused(read_fact_checks, wrong)


def test_both_files_share_a_mapping_or_have_their_own(tmp_path):
    messages = written(tmp_path, "no,message\n1,halo\n")
    checks = written(tmp_path, "id,judul\n7,Judul\n", "checks.csv")
    one, other = read_both(messages, checks, {"messages.id": "no", "title": "judul"})
    assert (one.id, other.id) == (("1",), ("7",))
    assert "checks.csv" in refused(read_both, messages, checks, {"messages.id": "no"})


def test_groups_name_every_message_once(tmp_path):
    messages = read_messages(written(tmp_path, "id,message\na,x\nb,y\n"))
    groups = written(tmp_path, "id,group,similarity\nb,2,1\na,1,1\n", "groups.csv")
    assert read_groups(groups, messages) == ("1", "2")
    short = written(tmp_path, "id,group\na,1\nc,1\n", "groups.csv")
    assert 'there is no message with the id "c"' in refused(read_groups, short, messages)
    assert 'no row for the message "b"' in refused(read_groups, written(tmp_path, "id,group\na,1\n", "g.csv"), messages)


@pytest.mark.skipif(not REAL.is_dir(), reason="the fact checks of the shared data aren't there")
@pytest.mark.parametrize("file", ["turnbackhoax_1k.csv", "turnbackhoax_2024_part_a.csv"])
def test_real_files_read_whole(file):
    messages, checks = read_both(REAL / file, REAL / file)
    assert len(messages) == len(checks) > 900
    assert not np.isnat(messages.time).any()
