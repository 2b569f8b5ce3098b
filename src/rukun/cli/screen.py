"""What the command shows: progress on the error stream, results on the output stream."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

#: Seconds after which a log is told of progress; quicker work leaves it alone.
PATIENCE = 1.5
#: Seconds between two lines of progress where there is no terminal to draw a bar on.
BETWEEN_LINES = 15.0


class Steps:
    """Progress of the work as a bar on a terminal and as a line now and then in a log; to be used in a `with`.

    Called with what is being done and the share done (0 to 1, or None where that isn't known).
    """

    def __init__(self) -> None:
        """Nothing is shown before the first call."""
        self._console = Console(stderr=True)
        self._begun = self._last_line = time.monotonic()
        self._bar: Progress | None = None
        self._task: Any = None

    def __enter__(self) -> Steps:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar off the screen."""
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, doing: str, share: float | None = None) -> None:
        """Say what is being done."""
        now = time.monotonic()
        if self._console.is_terminal:
            self._draw(doing, share)
        elif now - self._begun > PATIENCE and now - self._last_line > BETWEEN_LINES:
            self._last_line = now
            self._console.print(doing if share is None else f"{doing}: {share:.0%}", markup=False, highlight=False)

    def _draw(self, doing: str, share: float | None) -> None:
        if self._bar is None:
            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._task = self._bar.add_task(doing, total=None)
            self._bar.start()
        self._bar.update(self._task, description=doing, total=None if share is None else 1.0, completed=share or 0.0)


def say(lines: Iterable[str]) -> None:
    """Notes on the error stream, so that what is piped on stays clean."""
    console = Console(stderr=True)
    for text in lines:
        console.print(text, style="dim", markup=False, highlight=False)


def show_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], left: Sequence[str]) -> None:
    """A table on the output stream; left: heads of the columns that aren't numbers."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in head:
        table.add_column(name, justify="left" if name in left else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def show_json(summary: dict[str, Any]) -> None:
    """A summary for machines on the output stream."""
    print(json.dumps(summary, ensure_ascii=False, allow_nan=False, indent=2))
