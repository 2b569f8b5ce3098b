"""What is wrong with a file, said so that the person who made it can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: Problems written out in a message; the rest are counted.
SHOWN = 20

_PLACE = {".parquet": "row", ".geojson": "feature", ".json": "feature"}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input or output.

    file: its name as the user gave it; line: physical line of a text file, row of a Parquet file or feature of a GeoJSON file,
    all counted from 1, or None when it is the whole file; column: name of the column or field, or None;
    what: what is wrong; fix: what to do, or "".
    """

    file: str
    line: int | None
    column: str | None
    what: str
    fix: str = ""

    def __str__(self) -> str:
        where = [self.file] if self.file else []
        if self.line is not None:
            where.append(f"{_PLACE.get(Path(self.file).suffix.lower(), 'line')} {self.line}")
        if self.column is not None:
            where.append(f"column {self.column}")
        said = f"{self.what} ({self.fix})" if self.fix else self.what
        return f"{', '.join(where)}: {said}" if where else said


class InputProblems(Exception):
    """Everything found wrong with the files of one request, collected before anything was made of them.

    problems: tuple of `Problem`; `str()` gives one line for each of the first 20 and how many more there are.
    more: problems found beyond those kept (a file of a million wrong dates isn't kept whole).
    """

    def __init__(self, problems: Iterable[Problem], more: int = 0) -> None:
        self.problems = tuple(problems)
        self.more = more
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        unseen = max(len(self.problems) - SHOWN, 0) + self.more
        if unseen:
            lines.append(f"and {unseen:,} more")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[type[InputProblems], tuple[tuple[Problem, ...], int]]:
        return InputProblems, (self.problems, self.more)
