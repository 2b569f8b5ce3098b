"""What is wrong with a file, said so that the person who made it can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: Problems written out in a message; the rest are counted.
SHOWN = 20
#: Problems kept of one request; the rest are counted.
KEPT = 1000

_PLACE = {".parquet": "row", ".geojson": "feature", ".json": "feature"}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input or output.

    file: its name, or "" for the request itself; line: physical line of a text file, row of a Parquet file or feature
    of a GeoJSON file, from 1, or None when it is the whole file; column: name of the column or field, or None;
    what: what is wrong; fix: what to do, or "".
    """

    file: str
    line: int | None
    column: str | None
    what: str
    fix: str = ""

    def __str__(self) -> str:
        """As one line of a report."""
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
        """Of these problems, and `more` that weren't kept."""
        self.problems = tuple(problems)
        self.more = more
        super().__init__(str(self))

    def __str__(self) -> str:
        """The report, one problem a line."""
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        unseen = max(len(self.problems) - SHOWN, 0) + self.more
        if unseen:
            lines.append(f"and {unseen:,} more")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[type[InputProblems], tuple[tuple[Problem, ...], int]]:
        """So that it crosses to another process whole."""
        return InputProblems, (self.problems, self.more)


class ProblemLog:
    """Problems as they are found, at most `KEPT` of them kept and the rest counted."""

    def __init__(self) -> None:
        """Empty."""
        self.problems: list[Problem] = []
        self.more = 0

    def add(self, file: str, what: str, fix: str = "", line: int | None = None, column: str | None = None) -> None:
        """One more problem."""
        if len(self.problems) < KEPT:
            self.problems.append(Problem(file, line, column, what, fix))
        else:
            self.more += 1

    def count(self, more: int) -> None:
        """So many more of which nothing but the number is known."""
        self.more += more

    def stop_if_any(self) -> None:
        """Raise `InputProblems` when there is any."""
        if self.problems or self.more:
            raise InputProblems(self.problems, self.more)


def shown(value: object) -> str:
    """A value in quotes, cut to a length that fits a message."""
    text = str(value).replace("\n", " ")
    return f'"{text[:37]}..."' if len(text) > 40 else f'"{text}"'
