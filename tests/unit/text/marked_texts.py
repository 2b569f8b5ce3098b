"""Made sentences with marks, and how well the marked parts of them are masked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "marked"
_MARK = re.compile(r"\{(\w+)\|([^{}]*)\}")


@dataclass(frozen=True)
class Figures:
    """Per kind how many were sought and found whole; tokens outside of the marks, and those masked of them."""

    sought: Counter = field(default_factory=Counter)
    found: Counter = field(default_factory=Counter)
    missed: list = field(default_factory=list)
    tokens: Counter = field(default_factory=Counter)

    def recall(self, *, names: bool) -> float:
        kinds = [kind for kind in self.sought if (kind == "name") == names]
        return sum(self.found[kind] for kind in kinds) / sum(self.sought[kind] for kind in kinds)

    @property
    def false(self) -> float:
        return self.tokens["masked"] / self.tokens["all"]

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {self.found[kind]}/{self.sought[kind]}" for kind in sorted(self.sought))
        return f"{kinds}; false {self.tokens['masked']}/{self.tokens['all']} tokens; missed {self.missed}"


def sentences(file: str) -> list[tuple[str, list[tuple[str, int, int]]]]:
    """(text, [(kind, start, end)]) of the sentences of a file."""
    read = []
    for line in (FOLDER / file).read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        text, spans, at = "", [], 0
        for mark in _MARK.finditer(line):
            text += line[at : mark.start()]
            spans.append((mark[1], len(text), len(text) + len(mark[2])))
            text += mark[2]
            at = mark.end()
        read.append((text + line[at:], spans))
    return read


def measure(files: Iterable[str], spans_of: Callable[[str], Iterable[tuple[int, int]]]) -> Figures:
    """A marked part counts as found if every letter and digit of it is masked, by whatever kind."""
    figures = Figures()
    for text, marks in (sentence for file in files for sentence in sentences(file)):
        masked = {at for start, end in spans_of(text) for at in range(start, end)}
        marked = {at for _, start, end in marks for at in range(start, end)}
        for kind, start, end in marks:
            figures.sought[kind] += 1
            if all(at in masked or not text[at].isalnum() for at in range(start, end)):
                figures.found[kind] += 1
            else:
                figures.missed.append(text[start:end])
        for token in re.finditer(r"\S+", text):
            letters = [at for at in range(*token.span()) if text[at].isalnum()]
            if letters and not marked.intersection(letters):
                figures.tokens["all"] += 1
                figures.tokens["masked"] += bool(masked.intersection(letters))
    return figures
