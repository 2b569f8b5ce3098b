"""The night's jobs, with a clock that the test holds."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django_tasks_db.models import DBTaskResult

from rukun.server.config import ConfigurationError, clock_time
from rukun.server.night.models import Nightly
from rukun.server.night.services import enqueue_due

pytestmark = pytest.mark.django_db
MAKASSAR = ZoneInfo("Asia/Makassar")


def at(text):
    """A moment in the installation's time."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=MAKASSAR)


def queued():
    return [
        path.rsplit(".", 1)[1]
        for path in DBTaskResult.objects.order_by("enqueued_at").values_list("task_path", flat=True)
    ]


def test_each_job_is_put_in_the_queue_once_a_night_and_the_forecast_once_a_week():
    # 2024-11-05 is a Tuesday; what was due before the first look isn't made up for
    assert enqueue_due(at("2024-11-05T14:00")) == []
    told = {
        "2024-11-06T01:59": [],
        "2024-11-06T02:00": ["retention"],
        "2024-11-06T02:01": [],
        "2024-11-06T23:59": [],
        "2024-11-07T02:00": ["retention"],
        "2024-11-11T01:59": ["retention"],  # missed for three nights, done once
        "2024-11-11T02:00": ["retention", "forecast"],
        "2024-11-11T02:30": [],
        "2024-11-20T10:00": ["retention", "forecast"],  # late is better than never
        "2024-11-25T02:00": ["retention", "forecast"],
    }
    for moment, jobs in told.items():
        assert enqueue_due(at(moment)) == jobs, moment
    assert queued() == [job for jobs in told.values() for job in jobs]


def test_a_clock_that_jumps_back_does_nothing_twice_and_one_that_was_ahead_blocks_nothing():
    enqueue_due(at("2024-11-05T14:00"))
    assert enqueue_due(at("2024-11-06T02:00")) == ["retention"]
    assert enqueue_due(at("2024-11-06T01:59")) == [] == enqueue_due(at("2024-11-06T02:00"))
    Nightly.objects.update(night=dt.date(2031, 1, 1))
    assert enqueue_due(at("2024-11-07T03:00")) == ["retention", "forecast"]


def test_the_time_of_the_night_is_a_setting(settings):
    settings.RUKUN_NIGHT = clock_time("RUKUN_NIGHT", "22:30")
    enqueue_due(at("2024-11-05T14:00"))
    assert enqueue_due(at("2024-11-05T22:29")) == []
    assert enqueue_due(at("2024-11-05T22:30")) == ["retention"]
    with pytest.raises(ConfigurationError, match="RUKUN_NIGHT is 25:00: it must be a time of day such as 02:00"):
        clock_time("RUKUN_NIGHT", "25:00")


@pytest.mark.django_db(transaction=True)
def test_of_two_servers_that_look_at_once_one_does_it(clean_trail):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    enqueue_due(at("2024-11-05T14:00"))

    def look(_):
        try:
            return enqueue_due(at("2024-11-11T02:00"))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as servers:
        done = list(servers.map(look, range(12)))
    assert sorted(name for names in done for name in names) == ["forecast", "retention"] == sorted(queued())
