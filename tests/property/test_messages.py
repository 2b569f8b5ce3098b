"""Whatever is written: no crash, offsets that hold, nothing left to do the second time, and time in proportion."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rukun.core.text.facts import facts_in
from rukun.core.text.informal import normalise, plainly
from rukun.core.text.similar import compare, group_messages

PIECES = [
    "Kendari", "tdk", "b4tal", "orang2", "17-08-2024", "Rp75.000,-", "diteruskan", "berkali-kali",
    "copas dari grup sebelah", "H O A X", "bangetttt", "😂", "\n", "٣", "İ", "ß", "ﬁ", "\u202e", "\u200b",
    "السلام", "http://a.b/c", "wkwk", "2x11", "a1", "sebarkan", "jangan berhenti di kamu", ".", "!", "kota",
    "tidak",
]  # fmt: skip
texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
)


@settings(max_examples=400, deadline=None)
@given(texts)
def test_a_second_time_changes_nothing(text: str) -> None:
    plain = normalise(text)
    assert plainly(text) == plain.text
    assert normalise(plain.text).text == plain.text


@settings(max_examples=300, deadline=None)
@given(texts)
def test_origins_are_places_of_the_text_in_order(text: str) -> None:
    plain = normalise(text)
    assert len(plain.origin) == len(plain.text)
    assert all(0 <= place < len(text) for place in plain.origin)
    assert list(plain.origin) == sorted(plain.origin)


@settings(max_examples=200, deadline=None)
@given(texts)
def test_facts_lie_in_the_text(text: str) -> None:
    found = facts_in(text).found
    assert all(0 <= fact.start < fact.end <= len(text) and fact.value for fact in found)
    assert all(one.end <= other.end for one, other in pairwise(found))


@settings(max_examples=150, deadline=None)
@given(texts, texts)
def test_comparing_is_about_both(one: str, other: str) -> None:
    found = compare(one, other)
    assert 0.0 <= found.similarity <= 1.0
    assert all(0 <= a < b <= len(one) and 0 <= c < d <= len(other) for (a, b), (c, d) in found.shared)
    assert compare(one, one).verdict == "same"


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, max_size=12))
def test_every_message_has_a_group_and_equal_ones_have_one(messages: list[str]) -> None:
    placed = group_messages([*messages, *messages])
    assert (placed.group[: len(messages)] == placed.group[len(messages) :]).all()
    assert ((placed.similarity >= 0) & (placed.similarity <= 1)).all()


LONG = {
    "one word": "a",
    "words": "banjir di kendari ",
    "digits": "1.000",
    "forwards": "diteruskan berkali-kali ",
    "links": "https://a.b/",
    "letters apart": "a ",
    "emoji": "😂",
    "right to left": "السلام عليكم ",
    "combining": "a\u0301\u0302",
    "lines": "\n",
    "denials": "tidak ",
    "numerals": "dua puluh ribu ",
    "apostrophes": "a'",
    "points": "a.",
    "leet": "4a",
    "desa": "desa desa ",
}


@pytest.mark.parametrize("what", LONG)
def test_a_megabyte_takes_ten_times_what_a_tenth_takes(what: str) -> None:
    piece = LONG[what]

    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        begin = time.process_time()
        normalise(text)
        facts_in(text)
        group_messages([text, text + " x"])
        return time.process_time() - begin

    seconds(1000)
    tenth = min(seconds(100_000) for _ in range(2))
    assert seconds(1_000_000) < 25 * tenth + 1.0
