"""Reports and visits that are fine, to be changed by what a test is about."""

import datetime as dt
import uuid

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
