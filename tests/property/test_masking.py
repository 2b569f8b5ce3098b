"""What holds of the masking of any text: never an error, settled after once, spans in order, linear time."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rukun.core.text.lawful import read
from rukun.core.text.redact import MASKS, redact

PIECES = st.sampled_from(
    [
        "Pak ",
        "bu ",
        "Budi",
        "la ode ",
        "dan ",
        ", ",
        "0812",
        " 3456 ",
        "7890",
        "NIK ",
        "7471011203850001",
        "@",
        "a.n. ",
        "akun fb ",
        "DT 12",
        "34 AB",
        "rek BCA ",
        "[nama]",
        "[telepon]",
        ".com",
        "ketua rt ",
        "\n",
        "\u200b",
        "０",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=14).map("".join))


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_settled_ordered_and_inside(text):
    done = redact(text)
    assert redact(done.text).text == done.text
    at, parts = 0, []
    for span in done.spans:
        assert at <= span.start < span.end <= len(text)
        parts += [text[at : span.start], MASKS[span.kind]]
        at = span.end
    assert "".join([*parts, text[at:]]) == done.text
    read(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "08",
        "1 ",
        "8 ",
        "pak ",
        "Pak Budi dan ",
        " ",
        "(",
        "(+1",
        "a.",
        "@a",
        "nol ",
        "nik 74 ",
        "DT 12 ",
        "t.me/",
        "０8",
    ],
)
def test_time_is_linear(piece):
    redact("Kades Lambusa")
    seconds = []
    for size in (50_000, 200_000):
        text = piece * (size // len(piece))
        started = time.process_time()
        redact(text)
        seconds.append(time.process_time() - started)
    assert seconds[1] < 10 * seconds[0] + 0.5, seconds
    assert seconds[1] < 6, seconds
