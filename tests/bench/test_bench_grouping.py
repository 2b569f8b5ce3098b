"""Messages with known groups: ours against MinHash alone and against cosines of character n-grams; then a million."""

import random
import resource
import time

import numpy as np
import pytest

from copies import bcubed, made_claims, made_messages, real_claims, wrongly_merged
from rukun.core.text.sequences import read
from rukun.core.text.similar import Grouper, group_messages

pytestmark = pytest.mark.bench


def _claims(source, number, seed):
    if source == "made":
        return made_claims(number, seed)
    claims = real_claims()
    if not claims:
        pytest.skip("the messages that circulated are absent: they are not part of the repository")
    return random.Random(seed).sample(claims, min(number, len(claims)))


def _minhash(texts):
    """MinHash and banding by `datasketch` over words in threes, groups by what is linked; in its own words."""
    datasketch = pytest.importorskip("datasketch", reason="the peer datasketch is not installed")
    index = datasketch.MinHashLSH(threshold=0.5, num_perm=64)
    group = []
    for number, text in enumerate(texts):
        words = text.lower().split()
        sketch = datasketch.MinHash(num_perm=64)
        sketch.update_batch([" ".join(words[k : k + 3]).encode() for k in range(max(1, len(words) - 2))])
        near = index.query(sketch)
        group.append(min((group[k] for k in near), default=number))
        index.insert(number, sketch)
    return group


def _cosine(texts, least=0.6):
    """Cosines of character 3- to 5-grams, each message with the first before it that is near enough; quadratic."""
    text = pytest.importorskip("sklearn.feature_extraction.text", reason="the peer scikit-learn is not installed")
    rows = text.TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, dtype=np.float32)
    matrix = rows.fit_transform(texts)
    group = np.arange(len(texts))
    for at in range(0, len(texts), 500):
        near = matrix[at : at + 500] @ matrix[: at + 500].T
        for k in range(near.shape[0]):
            row = near[[k]].tocoo()
            before = row.col[(row.data >= least) & (row.col < at + k)]
            if len(before):
                group[at + k] = group[before.min()]
    return group.tolist()


def _shown(name, made, group, seconds):
    precision, recall, f1 = bcubed(made.claim, group)
    changes = wrongly_merged(made, group)
    wrong, pairs = (sum(changes.get(kind, (0, 0))[n] for kind in ("number", "place")) for n in (0, 1))
    everything = ", ".join(f"{kind} {w}/{p}" for kind, (w, p) in sorted(changes.items()))
    print(
        f"{name}: precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}, {len(group) / seconds:,.0f} texts/s;"
        f" wrongly merged, number or place: {wrong}/{pairs} ({everything})"
    )
    return f1, wrong / max(pairs, 1), len(group) / seconds


@pytest.mark.parametrize("source", ["real", "made"])
@pytest.mark.parametrize("seed", [11, 12])
def test_known_groups(source, seed):
    made = made_messages(_claims(source, 1500, seed), 20_000, seed)
    group_messages(made.texts[:10])  # compiled once
    begin = time.process_time()
    placed = group_messages(made.texts)
    print(f"\n{source} claims, seed {seed}: 20,000 messages of {len(set(made.claim)):,} claims")
    f1, wrong, speed = _shown("ours", made, placed.group.tolist(), time.process_time() - begin)
    begin = time.process_time()
    alone = _minhash(made.texts)
    peer, _, _ = _shown("MinHash alone", made, alone, time.process_time() - begin)
    assert f1 >= 0.95 and wrong <= 0.02
    assert f1 > peer + 0.1
    assert speed >= 2000  # 5,000 on a machine of its own


def test_against_cosines():
    made = made_messages(_claims("real", 1000, 13), 10_000, 13)
    begin = time.process_time()
    placed = group_messages(made.texts)
    print("\n10,000 messages")
    ours, wrong, speed = _shown("ours", made, placed.group.tolist(), time.process_time() - begin)
    begin = time.process_time()
    theirs, theirs_wrong, slower = _shown("cosine", made, _cosine(made.texts), time.process_time() - begin)
    print(f"ratio of speed {speed / slower:.1f}")
    assert ours > theirs and wrong < theirs_wrong and speed > slower


def test_the_order_changes_little():
    made = made_messages(_claims("real", 600, 14), 6000, 14)
    scores = []
    for seed in range(5):
        order = random.Random(seed).sample(range(6000), 6000)
        placed = group_messages([made.texts[k] for k in order])
        scores.append(bcubed([made.claim[k] for k in order], placed.group.tolist())[2])
    print(f"\nF1 in five orders: {' '.join(f'{score:.4f}' for score in scores)}")
    assert max(scores) - min(scores) < 0.02


@pytest.mark.slow
def test_a_million():
    claims = [*made_claims(20_000, 15), *real_claims()]
    texts, claim = [], []
    for seed in range(20):
        made = made_messages(claims, 50_000, 100 + seed, variants=0.0)
        texts += made.texts
        claim += made.claim
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    begin = time.perf_counter()
    placed = group_messages(texts, jobs=2)
    seconds = time.perf_counter() - begin
    memory = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 2**20
    precision, recall, f1 = bcubed(claim, placed.group.tolist())
    print(f"\n1,000,000 messages of {len(set(claim)):,} claims, two processes read and one places: {seconds:.0f} s")
    print(f"peak {memory:.2f} GiB with the largest reader, {before:.2f} of it the messages themselves")
    print(f"precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}, {placed.group.max() + 1:,} groups")
    assert seconds <= 600 and memory <= 4


@pytest.mark.slow
def test_the_cost_of_a_message_stays():
    claims = [*made_claims(20_000, 15), *real_claims()]
    grouper, curve = Grouper(), []
    for seed in range(20):
        batch = read(made_messages(claims, 25_000, 200 + seed, variants=0.0).texts)
        begin = time.process_time()
        grouper.add_read(batch)
        curve.append((time.process_time() - begin) / 25_000 * 1e6)
    print("\nmicroseconds to place a message, by 25,000 that came: " + " ".join(f"{one:.0f}" for one in curve))
    # what is remembered of a passage is bounded: the tables fill, then a message costs what it did
    assert np.mean(curve[-4:]) <= 1.5 * np.mean(curve[6:10])
