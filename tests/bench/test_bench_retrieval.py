"""Fact checks found by BM25, character n-grams, vectors, and by ours, over the same messages and titles in one run."""

import time

import numpy as np
import pytest
from noise import noisy
from retrieval import (
    FOLDER,
    asked,
    calibration_error,
    changed_pairs,
    halves,
    learnt,
    made_titles,
    ranks,
    ranks_of_scores,
    read_pairs,
    recall_at_precision,
    single_methods,
)

from rukun.core.text.claim_words import claim_words
from rukun.core.text.meaning import available
from rukun.core.text.retrieve import FactCheckIndex, ranked

pytestmark = pytest.mark.bench
FOLDS = 4
NEEDED = ("turnbackhoax_2024_part_a.csv", "turnbackhoax_1k.csv")


def _shares(found):
    return tuple(float(np.mean(found < k)) for k in (1, 5, 10))


def _line(name, found):
    print(f"{name:34s} S@1 {_shares(found)[0]:.3f}  S@5 {_shares(found)[1]:.3f}  S@10 {_shares(found)[2]:.3f}")


@pytest.mark.parametrize("meaning", [False, True], ids=["words", "meaning"])
def test_fact_checks_of_2024(meaning):
    """Four folds by time; each is judged by a ranker that learnt from what was published before it."""
    if not all((FOLDER / name).exists() for name in NEEDED):
        pytest.skip(f"{FOLDER} is absent: the reference data is not part of the repository")
    if meaning and not available():
        pytest.skip("rukun[embeddings] isn't installed")
    test, older = (read_pairs(name, meaning) for name in NEEDED)
    singles = {name: ranks_of_scores(scores) for name, scores in single_methods(test, test.messages).items()}
    dirty = read_pairs(NEEDED[0], meaning, [noisy(text, seed) for seed, text in enumerate(test.messages)])
    noisy_singles = {name: ranks_of_scores(s) for name, s in single_methods(dirty, dirty.messages).items()}
    said = {title.casefold().strip() for title in test.titles}
    first = min(test.days)
    before = [
        row
        for row, (title, day) in enumerate(zip(older.titles, older.days, strict=True))
        if day < first and title.casefold().strip() not in said
    ]
    background = [older.messages[row] for row in before]
    everything, half = range(len(test.titles)), halves(len(test.titles), 7)
    older_half = halves(len(older.titles), 8)
    whole_index, half_index = test.index(everything, background), test.index(half, background)
    parts = [
        (
            asked(older, older.index(range(len(older.titles)), background), before, range(len(older.titles))),
            asked(older, older.index(older_half, background), before, older_half),
        )
    ]
    folds = np.array_split(np.argsort(np.array(test.days), kind="stable"), FOLDS)
    found = np.zeros(len(test.titles), int)
    found_noisy = found.copy()
    chances, rights = [], []
    for fold in folds:
        ranker = learnt(parts)
        whole, halved = asked(test, whole_index, fold, everything), asked(test, half_index, fold, half)
        found[fold] = ranks(whole, ranker)
        found_noisy[fold] = ranks(asked(dirty, whole_index, fold, everything), ranker)
        for candidates, place in halved:
            best = ranked(candidates, ranker, 1).found
            chances.append(best[0].probability if best else 0.0)
            rights.append(bool(best) and place >= 0 and best[0].row == candidates.rows[place])
        parts.append((whole, halved))
    print()
    for name, each in singles.items():
        _line(name, each)
    _line("ours", found)
    for name, each in noisy_singles.items():
        _line(f"noise: {name}", each)
    _line("noise: ours", found_noisy)
    hard = np.array([_content_held(m, t) < 0.34 for m, t in zip(test.messages, test.titles, strict=True)])
    best_hard = max(_shares(each[hard])[2] for each in singles.values())
    print(f"{hard.sum()} hard cases, S@10: best single {best_hard:.3f}, ours {_shares(found[hard])[2]:.3f}")
    chance, right = np.array(chances), np.array(rights)
    recall, error = recall_at_precision(chance, right, len(half)), calibration_error(chance, right)
    print(f"half without a fact check: recall at precision 0.95 {recall:.3f}, calibration error {error:.3f}")
    assert _shares(found)[0] > max(_shares(each)[0] for each in singles.values()) + 0.01
    assert _shares(found)[1] > max(_shares(each)[1] for each in singles.values()) + 0.01
    assert _shares(found_noisy)[0] > _shares(found)[0] - 0.03
    assert recall >= 0.45 and error <= 0.05


def _content_held(message, title):
    own, named = set(claim_words(message).words), set(claim_words(title).words)
    return len(own & named) / max(len(named), 1)


def test_changed_claims_are_told_apart():
    made = changed_pairs(300, 5)
    index = FactCheckIndex([title for title, _, _ in made])
    apart = 0
    for row, (_, same, changed) in enumerate(made):
        kept = [match for match in index.match(same, 10).found if match.row == row]
        other = [match for match in index.match(changed, 10).found if match.row == row]
        agrees = bool(kept) and not kept[0].differences
        apart += agrees and (not other or bool(other[0].differences))
    print(f"\n300 made pairs with another number, place or a denial: told apart {apart / 300:.3f}")
    assert apart >= 270


def test_a_message_against_a_million():
    if not (FOLDER / NEEDED[0]).exists():
        pytest.skip(f"{FOLDER} is absent: the reference data is not part of the repository")
    test = read_pairs(NEEDED[0], meaning=False)
    titles = [*test.titles, *made_titles(test, 1_000_000 - len(test.titles), 1)]
    begun = time.perf_counter()
    index = FactCheckIndex(titles)
    built = time.perf_counter() - begun
    took, right = [], 0
    for row, message in enumerate(test.messages[:500]):
        begun = time.perf_counter()
        right += index.match(message).found[0].row == row
        took.append(time.perf_counter() - begun)
    took = took[20:]
    print(f"\n1,000,000 titles: built in {built:.0f} s, median {np.median(took) * 1e3:.0f} ms,", end=" ")
    print(f"p95 {np.percentile(took, 95) * 1e3:.0f} ms a message, S@1 {right / 500:.3f}")
    assert np.percentile(took, 95) <= 0.3
