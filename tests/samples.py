"""Reports and visits that are fine, to be changed by what a test is about."""

import datetime as dt
import uuid

from rukun.server.prevention.assigning import TaskIn
from rukun.server.prevention.outcomes import OutcomeIn
from rukun.server.prevention.progress import StatusIn
from rukun.server.reports.filing import ReportIn, VisitIn

NOW = dt.datetime.now(dt.UTC)


def a_report(village="74.01.01.1001", **changes):
    """A report that is fine."""
    plain = {
        "id": uuid.uuid4(),
        "village": village,
        "observed_at": NOW - dt.timedelta(hours=3),
        "category": "youth_brawl",
        "level": "actual",
        "text": "Dua kelompok pemuda saling lempar batu di lapangan.",
        "source": "own_observation",
        "source_reliability": "B",
        "information_reliability": "2",
        "latitude": -3.98765,
        "longitude": 122.51234,
    }
    return ReportIn(**(plain | changes))


def a_visit(village="74.01.01.1001", **changes):
    """A visit that is fine."""
    plain = {
        "id": uuid.uuid4(),
        "village": village,
        "started_at": NOW - dt.timedelta(hours=5),
        "minutes": 45,
        "contacts": {"household": 3, "school": 1},
        "topics": "harga beras dan ronda malam",
        "needs": "lampu jalan",
    }
    return VisitIn(**(plain | changes))


def a_task(village="74.01.01.1001", **changes):
    """A task that is fine."""
    plain = {
        "id": uuid.uuid4(),
        "village": village,
        "action": "mediation",
        "due": dt.date.today() + dt.timedelta(days=5),
        "why": "Sengketa batas kebun belum selesai.",
    }
    return TaskIn(**(plain | changes))


def an_outcome(village="74.01.01.1001", **changes):
    """An outcome that is fine."""
    plain = {
        "id": uuid.uuid4(),
        "village": village,
        "action": "mediation",
        "at": NOW - dt.timedelta(hours=2),
        "minutes": 90,
        "result": "settled",
        "agreement": True,
        "parties": ("residents", "village_government"),
        "text": "Kedua pihak sepakat mengukur ulang batas kebun.",
    }
    return OutcomeIn(**(plain | changes))


def a_word(task, **changes):
    """An officer's word on a task, fine as long as they may give it."""
    plain = {"id": uuid.uuid4(), "task": task.pk, "version": task.version, "status": "in_progress"}
    return StatusIn(**(plain | changes))
