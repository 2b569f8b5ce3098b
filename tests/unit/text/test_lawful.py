"""Made texts that are turned back because they tell only of what is lawful, and texts that are kept."""

from pathlib import Path

import pytest

from rukun.core.text.lawful import read


def lines_of(file):
    lines = (Path(__file__).parent / file).read_text("utf-8").splitlines()
    return [line.split("|", 1) for line in lines if "|" in line and not line.startswith("#")]


@pytest.mark.parametrize(
    ("file", "fate", "least", "most_wrong"),
    [
        ("lawful.txt", "turned", 45, 0),
        ("lawful.txt", "kept", 70, 0),
        ("lawful_a.txt", "turned", 30, 1),
        ("lawful_a.txt", "kept", 30, 0),
        ("lawful_b.txt", "turned", 30, 0),
        ("lawful_b.txt", "kept", 30, 0),
        ("lawful_c.txt", "turned", 20, 1),
        ("lawful_c.txt", "kept", 15, 0),
    ],
)
def test_both_error_rates(file, fate, least, most_wrong):
    texts = [text for said, text in lines_of(file) if said == fate]
    wrong = [text for text in texts if read(text).only_lawful != (fate == "turned")]
    print(f"{file} {fate}: {len(wrong)} wrong of {len(texts)}: {wrong}")
    assert len(texts) >= least
    assert len(wrong) <= most_wrong, wrong


def test_a_planned_lawful_gathering_is_turned_back():
    assert read("besok akan ada unjuk rasa damai").only_lawful
