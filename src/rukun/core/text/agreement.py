"""How far a message agrees with candidate titles: the measures that the ranker weighs."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from rukun.core.text.claim_facts import ClaimFacts, Difference, differences, facts_of
from rukun.core.text.claim_words import framing_stems
from rukun.core.text.postings import Floats, Ints, Longs, gram_cosines
from rukun.core.text.title_index import MessageWords, TitleIndex

Matrix = npt.NDArray[np.float64]

#: Methods that each rank by themselves; how far behind the best candidate a title is says more than its score.
_METHODS: Final = ("lexical", "character", "grams_held", "beginning", "meaning", "meaning_of_beginning")
_PAIR: Final = (
    "held", "softly_held", "message_held", "message_softly_held", "in_one_place", "rarest_held", "rarest_missing", "held_less_missing",
    "sum_held", "sum_missing", "root_sum_held", "pairs_held", "pairs", "numbers_held", "numbers_missing", "other_numbers", "other_places", "other_institutions",
    "other_sense", "title_words", "message_words", "longer_by", "framing", "words_held", "words_missing", "both_ways", "all_held", "same",
)  # fmt: skip
_BEHIND: Final = ("softly_held", "message_softly_held", "sum_held", "in_one_place", "words_held")
FEATURES: Final = (
    *(f"{method}{suffix}" for method in _METHODS for suffix in ("", "_behind", "_rank", "_clear")),
    *_PAIR,
    *(f"{name}_behind" for name in _BEHIND),
)
_DIFFERENT: Final = {
    "other_numbers": ("number", "date"),
    "other_places": ("place",),
    "other_institutions": ("institution",),
    "other_sense": ("negation", "opposite"),
}
#: Words of a message's beginning, where the claim mostly stands.
_BEGINNING = 14


def pair_features(
    index: TitleIndex, message: MessageWords, rows: Ints, meaning: Floats | None
) -> tuple[npt.NDArray[np.float64], list[tuple[Difference, ...]]]:
    """(k, len(FEATURES)) measures of a message and each of k titles, and what the message says otherwise than each.

    meaning: (2, k) cosines of the vectors of the whole message and of its beginning, or None, where those measures are 0.
    """
    values = dict.fromkeys(FEATURES, np.zeros(len(rows)))
    values |= _word_measures(index, message, rows)
    facts = facts_of(message.words.plain)
    titles = [facts_of(index.plain[row]) for row in rows]
    differ = [differences(facts, title) for title in titles]
    for name, kinds in _DIFFERENT.items():
        values[name] = np.array([float(any(d.kind in kinds for d in each)) for each in differ])
    held, missing = _numbers(facts, titles)
    values["numbers_held"], values["numbers_missing"] = held, missing
    given = index.gram_weights(message.words.words)
    beginning = index.gram_weights(message.words.words[:_BEGINNING])
    rest = (index.row_at, index.columns, index.gram_at, index.buckets, index.gram_worth)
    scores = {"lexical": values["lexical"]}
    cosine, share = gram_cosines(rows, *rest, given)
    scores["character"], scores["grams_held"] = cosine.astype(np.float64), share.astype(np.float64)
    scores["beginning"] = gram_cosines(rows, *rest, beginning)[0].astype(np.float64)
    if meaning is not None:
        scores["meaning"], scores["meaning_of_beginning"] = meaning.astype(np.float64)
    for method, score in scores.items():
        values[method] = score
        values[f"{method}_behind"] = score - score.max(initial=0.0)
        values[f"{method}_rank"] = np.log1p(np.sum(score[None] > score[:, None], axis=1))
        values[f"{method}_clear"] = _clear(score)
    for name in _BEHIND:
        values[f"{name}_behind"] = values[name] - values[name].max(initial=0.0)
    return np.column_stack([values[name] for name in FEATURES]), differ


def _word_measures(index: TitleIndex, message: MessageWords, rows: Ints) -> dict[str, npt.NDArray[np.float64]]:
    likeness = np.zeros(len(index.vocabulary) + 1, np.float32)
    likeness[message.soft_words] = message.soft
    likeness[message.hard] = 1.0
    framing = np.fromiter((word in framing_stems() for word in message.words.stems), bool, len(message.ids))
    raw = _measured(rows, index.row_at, index.columns, index.worth, likeness, message.ids).astype(np.float64)
    total = np.maximum(index.total[rows].astype(np.float64), 1e-9)
    sum_hard, sum_soft, rarest, missing, place, pairs, words, gone, framed, n_words, bm25 = raw.T
    own = max(message.worth, 1e-9)
    n_message = max(len(message.ids), 1)
    soft_share, message_share = sum_soft / total, np.minimum(sum_soft / own, 1.0)
    n_words = np.maximum(n_words, 1.0)
    return {
        "lexical": bm25 * index.by_length[rows],
        "held": sum_hard / total,
        "softly_held": soft_share,
        "message_held": np.minimum(sum_hard / own, 1.0),
        "message_softly_held": message_share,
        "in_one_place": place / total,
        "rarest_held": rarest,
        "rarest_missing": missing,
        "held_less_missing": rarest - missing,
        "sum_held": sum_soft,
        "sum_missing": total - sum_soft,
        "root_sum_held": np.sqrt(sum_soft),
        "pairs_held": pairs / n_words,
        "pairs": pairs,
        "title_words": np.log(n_words),
        "message_words": np.full(len(rows), math.log(n_message)),
        "longer_by": np.log1p(n_message / n_words),
        "framing": framed / n_words,
        "words_held": words,
        "words_missing": gone,
        "both_ways": np.sqrt(soft_share * message_share),
        "all_held": (soft_share > 0.999).astype(float),
        "same": ((soft_share > 0.95) & (sum_soft >= 0.95 * (own - framing.sum() * 0.1))).astype(float),
    }


def _numbers(message: ClaimFacts, titles: list[ClaimFacts]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    own = {fact.value for fact in message.of("number")}
    named = [{fact.value for fact in title.of("number")} for title in titles]
    return np.array([len(each & own) for each in named], float), np.array([len(each - own) for each in named], float)


def _clear(score: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How far above the next ten candidates each is, in their standard deviations, within -5 and 8."""
    if len(score) < 4:
        return np.zeros(len(score))
    others = np.sort(score)[::-1][1:11]
    spread = others.std() + 0.02 * max(float(score.max()), 1e-6) + 1e-9
    return np.asarray(np.clip((score - others.mean()) / spread, -5.0, 8.0), dtype=np.float64)


@njit(cache=True)
def _measured(
    rows: Ints, row_at: Longs, columns: Ints, worth: Floats, likeness: Floats, message: Ints
) -> npt.NDArray[np.float64]:  # pragma: no cover
    """(k, 11) sums over each title's words; see where they are unpacked."""
    out = np.zeros((len(rows), 11))
    mark = np.zeros(len(likeness), np.int32)
    for k in range(len(rows)):
        begin, end = row_at[rows[k]], row_at[rows[k] + 1]
        for place in range(begin, end):
            word = columns[place]
            mark[word] = place - begin + 1
            gain = worth[word]
            alike = likeness[word]
            if alike == 1.0:
                out[k, 0] += gain
                out[k, 2] = max(out[k, 2], gain)
            out[k, 1] += gain * alike
            out[k, 3] = max(out[k, 3], gain * (1 - alike))
            out[k, 10] += gain * alike * alike
            if gain > 1.5:
                out[k, 6] += alike >= 0.75
                out[k, 7] += alike < 0.5
            else:
                out[k, 8] += 1
        out[k, 9] = end - begin
        # the stretch of the message, twice the title's length, that holds most of the title
        stretch, low, held = 2 * (end - begin) + 4, 0, 0.0
        times = np.zeros(end - begin, np.int32)
        last = -1
        for at in range(len(message)):
            known = message[at] >= 0 and mark[message[at]] > 0
            if known:
                spot = mark[message[at]] - 1
                times[spot] += 1
                if times[spot] == 1:
                    held += worth[message[at]]
                if last >= 0 and spot == last + 1:
                    out[k, 5] += 1
                last = spot
            else:
                last = -1
            while low < at - stretch:
                if message[low] >= 0 and mark[message[low]] > 0:
                    gone = mark[message[low]] - 1
                    times[gone] -= 1
                    if times[gone] == 0:
                        held -= worth[message[low]]
                low += 1
            out[k, 4] = max(out[k, 4], held)
        out[k, 5] = min(out[k, 5], end - begin)
        for place in range(begin, end):
            mark[columns[place]] = 0
    return out
