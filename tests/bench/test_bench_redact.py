"""Field-report texts masked per second on one core, and the library alone on the same texts."""

import sys
import time
from pathlib import Path

import pytest
from lokal.samaran import detect_pii

from rukun.core.text.redact import redact

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "text"))
from marked_texts import measure, sentences

pytestmark = pytest.mark.bench
FILES = ("heldout.txt", "heldout_plain.txt")


def test_texts_per_second():
    lines = [text for file in FILES for text, _ in sentences(file)]
    texts = [" ".join(lines[at : at + 3]) for at in range(len(lines) - 3)]
    redact("Kades Lambusa")
    started = time.process_time()
    for text in texts:
        redact(text)
    each = len(texts) / (time.process_time() - started)
    print(f"{each:.0f} texts/s of {sum(map(len, texts)) / len(texts):.0f} characters")
    assert each >= 1500


def test_the_library_alone():
    kinds = (
        "NIK",
        "KK",
        "PHONE",
        "EMAIL",
        "PLATE",
        "BANK_ACCOUNT",
        "CARD",
        "NPWP",
        "PASSPORT",
        "SIM",
        "NIP",
        "BPJS",
        "NAME",
    )
    peer = measure(FILES, lambda text: [(match.start, match.end) for match in detect_pii(text, types=kinds)])
    own = measure(FILES, lambda text: [(span.start, span.end) for span in redact(text).spans])
    print("lokal-id alone:", peer.recall(names=False), peer.recall(names=True), peer.false)
    print("ours:", own.recall(names=False), own.recall(names=True), own.false)
    assert own.recall(names=False) > peer.recall(names=False) and own.recall(names=True) > peer.recall(names=True)
