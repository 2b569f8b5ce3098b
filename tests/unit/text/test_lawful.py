"""Made texts that are turned back because they tell only of what is lawful, and texts that are kept."""

from pathlib import Path

import pytest

from rukun.core.text.lawful import read

LINES = [
    line.split("|", 1)
    for line in (Path(__file__).parent / "lawful.txt").read_text("utf-8").splitlines()
    if "|" in line and not line.startswith("#")
]


@pytest.mark.parametrize(("fate", "least"), [("turned", 45), ("kept", 70)])
def test_both_error_rates(fate, least):
    texts = [text for said, text in LINES if said == fate]
    wrong = [text for text in texts if read(text).only_lawful != (fate == "turned")]
    print(f"{fate}: {len(wrong)} wrong of {len(texts)}: {wrong}")
    assert len(texts) >= least
    assert not wrong, wrong


def test_a_planned_lawful_gathering_is_turned_back():
    assert read("besok akan ada unjuk rasa damai").only_lawful
