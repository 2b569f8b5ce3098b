"""Retrieval of fact checks: known answers, what makes another claim, chances that add up, loops held to slow ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rukun.core.text import postings
from rukun.core.text.claim_facts import differences, facts_of
from rukun.core.text.claim_words import claim_words, stem
from rukun.core.text.informal import plainly
from rukun.core.text.match_reasons import reasons_of
from rukun.core.text.ranker import CERTAINTY, FEATURES, learn, shipped
from rukun.core.text.retrieve import FactCheckIndex

TITLES = (
    "Pemerintah Bagikan Bantuan 50 Juta Rupiah untuk Warga Terdampak Banjir",
    "Video Gempa Bermagnitudo 7,2 Guncang Kendari",
    "Air Rebusan Daun Pepaya Sembuhkan Demam Berdarah",
    "Pilkada Sulawesi Tenggara Batal Digelar",
    "Akun WhatsApp Mengatasnamakan Bupati Konawe",
    "Harga Beras Naik Menjadi 20 Ribu per Kilogram",
    "Otoritas Jasa Keuangan Buka Lowongan Kerja",
)


@pytest.fixture(scope="module")
def index() -> FactCheckIndex:
    return FactCheckIndex(TITLES)


@pytest.mark.parametrize(
    ("message", "row"),
    [
        ("Alhamdulillah daun pepaya direbus airnya diminum, demam berdarah langsung sembuh!!", 2),
        ("gmpa 7,2 guncng kendarii tadi malam", 1),
        (
            "*Diteruskan berkali-kali*\nPemerintah bagi2 bntuan 50jt utk wrga terdampak bnjir, daftar di http://x.co/a",
            0,
        ),
        ("OJK buka lowongan besar-besaran", 6),
        ("𝗛𝗮𝗿𝗴𝗮 𝗯𝗲𝗿𝗮𝘀 𝗻𝗮𝗶𝗸 jadi 20rb per kilogram", 5),
    ],
)
def test_a_message_finds_its_fact_check_however_it_is_written(index, message, row):
    assert index.match(message).found[0].row == row


@pytest.mark.parametrize(
    ("message", "title", "kind"),
    [
        ("Harga beras naik menjadi 35 ribu per kilogram", 5, "number"),
        ("Gempa bermagnitudo 7,2 guncang Baubau", 1, "place"),
        ("Pilkada Sulawesi Tenggara tidak batal digelar", 3, "negation"),
        ("Harga beras turun menjadi 20 ribu per kilogram", 5, "opposite"),
    ],
)
def test_another_number_place_or_a_denial_is_another_claim(index, message, title, kind):
    found = index.match(message).found[0]
    assert found.row == title
    assert kind in {difference.kind for difference in found.differences}
    assert found.probability <= 0.3


def test_the_same_claim_differs_in_nothing():
    for title in TITLES:
        facts = facts_of(plainly(title))
        assert differences(facts, facts) == ()


def test_denial_twice_is_none():
    batal, tidak_batal = (facts_of(text) for text in ("pilkada batal digelar", "pilkada tidak batal digelar"))
    assert [d.kind for d in differences(tidak_batal, batal)] == ["negation"]
    assert differences(tidak_batal, facts_of("pilkada digelar")) == ()


def test_reasons_point_at_the_message_as_it_was_given(index):
    message = "👉 Harga BERASS naik jadi 35rb per kilogrm"
    found = index.match(message).found[0]
    reasons = reasons_of(index, message, found)
    assert {word.title_word: message[word.start : word.end] for word in reasons.shared}["beras"] == "BERASS"
    (number,) = [other for other in reasons.differing if other.kind == "number"]
    assert message[number.start : number.end] == "35rb" and number.in_title == "20000"


def test_stems_are_never_cut_to_another_root():
    assert stem("kerusakannya") == stem("kerusakan") == stem("merusak") == "rusak"
    assert stem("rusa") == "rusa" and stem("menyerang") == "serang" and stem("makan") == "makan"


def test_very_short_messages_are_never_more_than_a_suggestion(index):
    assert index.match("gempa kendari").advice != "match"


def test_nothing_in_common_is_none_of_these(index):
    matches = index.match("selamat pagi semuanya, semoga sehat selalu")
    assert matches.advice == "none" and all(found.probability < 0.35 for found in matches.found)
    assert FactCheckIndex([]).match("apa saja").found == ()


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=400))
def test_any_text_is_answered_with_chances_that_add_up(text):
    index = FactCheckIndex([*TITLES, ""])
    matches = index.match(text, top=8)
    chances = [found.probability for found in matches.found]
    assert all(0 <= chance <= 1 for chance in chances) and sum(chances) <= 1 + 1e-9
    assert all(0 <= found.lexical <= 1 + 1e-6 and 0 <= found.character <= 1 + 1e-6 for found in matches.found)
    for found in matches.found:
        for word in reasons_of(index, text, found).shared:
            assert 0 <= word.start < word.end <= len(text)


def test_a_megabyte_is_read_in_a_time_that_grows_with_it(index):
    text = "harga beras naik " * 60_000
    assert index.match(text).found[0].row == 5


def test_vectors_must_be_as_many_as_titles():
    with pytest.raises(ValueError, match="3 vectors for 7 titles"):
        FactCheckIndex(TITLES, np.zeros((3, 4), np.float32))


def test_vectors_alone_find_what_words_do_not():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(len(TITLES), 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = FactCheckIndex(TITLES, vectors).match("kata lain sama sekali", vectors=vectors[[4, 4]]).found
    assert found[0].row == 4 and found[0].meaning == pytest.approx(1.0, abs=0.05)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), unique=True, max_size=6), min_size=1, max_size=20))
def test_posting_lists_are_the_rows_of_each_column(rows):
    at = np.concatenate(([0], np.cumsum([len(row) for row in rows]))).astype(np.int64)
    starts, posts = postings.inverted(at, np.array([c for row in rows for c in row], np.int32), 10)
    for column in range(10):
        assert posts[starts[column] : starts[column + 1]].tolist() == [k for k, row in enumerate(rows) if column in row]


@settings(deadline=None)
@given(st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=50), st.integers(1, 10))
def test_best_are_the_highest_positive(scores, k):
    values = np.array(scores, np.float32)
    found = postings.best(values, np.ones(len(values), np.float32), k)
    expected = sorted((value for value in scores if value > 0), reverse=True)[:k]
    assert sorted(values[found].tolist(), reverse=True) == pytest.approx(expected)


@settings(deadline=None)
@given(st.text("abcde", min_size=1, max_size=12))
def test_grams_are_each_once_and_as_many_as_counted_slowly(word):
    codes = np.array([ord(letter) for letter in word], np.int32)
    _, buckets = postings.grams(codes, np.array([0, len(word)], np.int64), 2, 3)
    bounded = f" {word} "
    slow = {bounded[k : k + n] for n in (2, 3) for k in range(len(bounded) - n + 1)}
    assert len(set(buckets.tolist())) == len(buckets) == len(slow)


def test_the_ranker_learns_which_measure_tells_and_how_sure_it_is():
    rng = np.random.default_rng(3)
    told = FEATURES.index("softly_held")

    def message(answered: bool) -> tuple[np.ndarray, int]:
        features = rng.normal(size=(6, len(FEATURES)))
        place = int(rng.integers(6)) if answered else -1
        if answered:
            features[place, told] += 6
        return features, place

    examples = [message(True) for _ in range(120)]
    trials = [message(k % 2 == 0) for k in range(120)]
    ranker = learn(examples, trials)
    assert abs(ranker.weights[told]) == max(map(abs, ranker.weights))
    fresh = [message(k % 2 == 0) for k in range(100)]
    right = [ranker.scores(features).argmax() == place for features, place in fresh if place >= 0]
    assert np.mean(right) > 0.9
    sure = [ranker.probability(features, ranker.scores(features)) for features, _ in fresh]
    assert np.mean(sure[::2]) > 0.7 > 0.4 > np.mean(sure[1::2])
    with pytest.raises(ValueError, match="nothing to learn from"):
        learn([(np.zeros((2, len(FEATURES))), -1)], [])


@pytest.mark.parametrize("meaning", [True, False])
def test_the_weights_that_come_along_fit_the_measures(meaning):
    ranker = shipped(meaning)
    assert len(ranker.weights) == len(FEATURES) and len(ranker.certainty) == len(CERTAINTY)
    assert any(ranker.weights[FEATURES.index(name)] for name in FEATURES if "meaning" in name) == meaning


def test_function_words_alone_are_kept():
    assert claim_words("yang ini").words == ("yang", "ini")
    assert claim_words("").words == ()
