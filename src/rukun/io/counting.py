"""Events to panels: which of them count, over which periods, and the counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rukun.core.panel import EventTable, Panel, count_events, is_coarse
from rukun.core.periods import Window, coded_by_month, observed_window, period_number, period_start
from rukun.io.events import RawEvents
from rukun.io.notes import PERIODS, Note, counted, listed, many
from rukun.io.placing import Placed
from rukun.io.problems import ProblemLog, shown
from rukun.io.request import DatasetRequest, OpenFiles

#: Cells of all panels together beyond which they would fill the memory of an ordinary machine.
_MOST_CELLS = 1_000_000_000
_WHICH = {"first": "pertama", "last": "terakhir"}


def events_to_count(
    request: DatasetRequest, files: OpenFiles, raw: RawEvents, placed: Placed, notes: list[Note]
) -> EventTable | None:
    """The events that have a place, of the categories asked for, of exact date or to be spread."""
    table = files.events
    events = EventTable(raw.first, raw.last, placed.place, raw.category, raw.count, raw.row, raw.categories)
    events = events.where(events.place >= 0)
    if isinstance(request.categories, tuple):
        unknown = [name for name in request.categories if name not in raw.categories]
        for name in unknown:
            there = listed(sorted(raw.categories), 20)
            table.report(np.zeros(1, dtype=np.int64), None, [f"no event of category {shown(name)}"], f"it has {there}")
        if unknown:
            return None
        wanted = np.array([name in request.categories for name in raw.categories], dtype=bool)
        events = events.where(wanted[events.category])
    if raw.window is not None:
        return events
    by_month = request.every != "month" and coded_by_month(events.first, events.count)
    if by_month and (events.first == events.last).all():
        if request.coarse == "refuse":
            table.report_header(
                "every date is the first of a month, so they are precise to the month only",
                "use --every month, or --coarse spread",
                table.name("date"),
            )
            return None
        following = (events.first.astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[D]")
        events = replace(events, last=np.asarray(following - np.timedelta64(1, "D")))
        notes.append(
            Note(
                "Every date is the first of a month: they are taken as precise to the month only.",
                "Semua tanggal jatuh pada tanggal satu: dianggap tepat sampai bulannya saja.",
            )
        )
    coarse = is_coarse(events, request.every)
    number = int(events.count[coarse].sum())
    if not coarse.any():
        return events
    if request.coarse == "refuse":
        wide = np.flatnonzero(coarse)
        periods = period_number(events.last, request.every) - period_number(events.first, request.every) + 1
        whats = [
            f"{events.first[row]} to {events.last[row]} are {periods[row]} {request.every}s, and which one isn't known"
            for row in wide[:1000]
        ]
        table.report(events.row[wide], "date", whats, "use --coarse spread or --coarse exclude, or longer periods")
        return None
    whose = f"{number:,} of {many(raw.total, 'event')}, whose dates cover more than one {request.every}"
    of_which = (
        f"{counted(number)} dari {counted(raw.total)} kejadian yang tanggalnya lebih dari satu {PERIODS[request.every]}"
    )
    if request.coarse == "exclude":
        notes.append(Note(f"Left out: {whose}.", f"Tidak dihitung: {of_which}."))
        return events.where(~coarse)
    notes.append(
        Note(
            f"Spread over their days: {whose}; counts stay whole, and the total of each area is kept.",
            f"Disebar ke hari-harinya: {of_which}; hitungan tetap bulat, dan jumlah tiap wilayah tetap.",
        )
    )
    return events


def window_of(
    request: DatasetRequest, files: OpenFiles, events: EventTable, log: ProblemLog, notes: list[Note]
) -> Window | None:
    """The periods that the events cover between the start and the end asked for; None when there are none."""
    start = None if request.start is None else np.datetime64(request.start, "D")
    end = None if request.end is None else np.datetime64(request.end, "D")
    inside = np.ones(len(events), dtype=bool)
    if start is not None:
        inside &= events.last >= start
    if end is not None:
        inside &= events.first <= end
    if not inside.any():
        first, last = (str(events.first.min()), str(events.last.max())) if len(events) else ("", "")
        span = f"its events run from {first} to {last}" if first else "no event is left to count"
        log.add(files.events.file, "has no event in the period asked for", span)
        return None
    # a spread event says nothing about the day on which the record begins or stops
    exact = inside & (events.first == events.last)
    known = exact if exact.any() else inside
    window = observed_window(
        events.first[known], events.count[known], request.every, start, end, request.partial == "keep"
    )
    for cut, which in ((window.cut_first, "first"), (window.cut_last, "last")):
        if not cut:
            continue
        part = f"The {which} {request.every} is covered in part only"
        words = f"{PERIODS[request.every].capitalize()} {_WHICH[which]} hanya tercakup sebagian"
        if which in window.dropped:
            notes.append(Note(f"{part} and was left out.", f"{words} dan tidak dihitung."))
        else:
            notes.append(Note(f"{part}; its counts are too low.", f"{words}; hitungannya terlalu rendah."))
    return window


def cut_matrix(request: DatasetRequest, files: OpenFiles, window: Window, log: ProblemLog) -> Window:
    """The periods of a matrix between start and end."""
    first, last = window.first, window.first + window.periods - 1
    if request.start is not None:
        first = max(first, int(period_number(np.datetime64(request.start, "D"), request.every)))
    if request.end is not None:
        # a period that ends after the last day asked for isn't whole
        after = np.datetime64(request.end, "D") + np.timedelta64(1, "D")
        last = min(last, int(period_number(after, request.every)) - 1)
    if last < first:
        log.add(files.events.file, "has no period between the start and the end asked for", "widen them")
        log.stop_if_any()
    return Window(first, last - first + 1)


def count_panels(
    request: DatasetRequest,
    files: OpenFiles,
    base: Panel,
    events: EventTable,
    window: Window,
    log: ProblemLog,
    notes: list[Note],
) -> dict[str, Panel]:
    """A panel like `base` for each category, or one for all of them."""
    present = np.unique(events.category)
    chosen = [(index, events.categories[index]) for index in present] if request.categories != "all" else []
    if request.categories == "all" or not chosen:
        chosen = [(None, "all")]
    cells = len(base.areas) * window.periods * len(chosen)
    if cells > _MOST_CELLS:
        what = f"{len(chosen):,} categories in {len(base.areas):,} areas and {window.periods:,} {request.every}s"
        log.add(files.events.file, f"{what} are {cells:,} counts, too many", "choose categories, or longer periods")
        return {}
    panels: dict[str, Panel] = {}
    outside = 0
    for index, name in sorted(chosen, key=lambda one: one[1]):
        of_name = events if index is None else events.where(events.category == index)
        try:
            counts, beyond = count_events(of_name, len(base.areas), request.every, window)
        except ValueError as error:
            log.add(files.events.file, str(error), "check the counts")
            continue
        outside += beyond
        panels[name] = replace(base, counts=counts, category=name)
    if outside:
        last = period_start(window.first + window.periods, request.every) - np.timedelta64(1, "D")
        notes.append(
            Note(
                f"Left out: {many(outside, 'event')} outside the periods counted ({base.starts[0]} to {last}).",
                f"Tidak dihitung: {counted(outside)} kejadian di luar waktu yang dihitung ({base.starts[0]} sampai "
                f"{last}).",
            )
        )
    return panels
