"""Messages read for claim and harm per second on one core; the share of real rumours seen to claim something."""

import sys
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from rukun.core.text.claims import claim_in
from rukun.core.text.harm import harm_of
from rukun.core.text.told import told

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "text"))
from rumour_texts import marked

pytestmark = pytest.mark.bench
REAL = Path("../shared/data/rumours/turnbackhoax_1k.csv")


def test_messages_per_second():
    texts = [text for file in ("tuning.txt", "heldout.txt") for *_, text in marked(file)]
    harm_of(texts[0]), claim_in(texts[0])
    began = time.process_time()
    for text in texts:
        read = told(text)
        harm_of(read), claim_in(read)
    each = len(texts) / (time.process_time() - began)
    print(f"{each:.0f} messages/s of {sum(map(len, texts)) / len(texts):.0f} characters")
    assert each >= 1000


@pytest.mark.skipif(not REAL.is_file(), reason="the fact checks of the shared data aren't there")
def test_real_rumours_claim_something():
    texts = pd.read_csv(REAL, dtype=str, keep_default_na=False)["message"]
    holds = Counter(claim_in(text).holds for text in texts)
    print(dict(holds), dict(Counter(harm_of(text).label for text in texts)))
    assert holds["chatter"] / len(texts) <= 0.1
