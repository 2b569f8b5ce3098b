"""Queries whose SQL is made once give what they would give made anew."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rukun.server.again import Again
from rukun.server.people.models import Posting, User
from rukun.server.reports import filing
from rukun.server.reports.models import Report
from rukun.server.territory.models import Area
from samples import a_report

pytestmark = pytest.mark.django_db

postings = Again(
    lambda user, on: Posting.objects.filter(user=user, begins__lte=on).select_related("unit"),
    (-1, -2),
    (dt.date(2000, 1, 1), dt.date(2000, 1, 2)),
)
reports = Again(
    lambda key, moment: Report.objects.filter(pk=key, changed_at__gte=moment).values_list("pk", "changed_at"),
    (uuid.UUID(int=1), uuid.UUID(int=2)),
    (dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.datetime(2000, 1, 2, tzinfo=dt.UTC)),
)


@given(days=st.integers(-1000, 1000))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_rows_as_the_query_itself(province, days):
    on = timezone.localdate() + dt.timedelta(days=days)
    for user in User.objects.all():
        anew = list(Posting.objects.filter(user=user, begins__lte=on).select_related("unit"))
        assert postings(user.pk, on) == anew and [p.unit.name for p in postings(user.pk, on)] == [
            p.unit.name for p in anew
        ]


def test_ids_and_moments_as_both_databases_hold_them(province):
    filed = filing.file_report(province.scope("officer"), a_report()).record
    moment = Report.objects.get().changed_at
    assert reports(filed.pk, moment) == [(filed.pk, moment)]
    assert not reports(filed.pk, moment + dt.timedelta(microseconds=1)) and not reports(uuid.uuid4(), moment)


def test_what_changed_is_seen_and_nothing_is_kept(province):
    user = province.people["officer"]
    before = postings(user.pk, timezone.localdate())
    Posting.objects.filter(user=user).update(begins=timezone.localdate() + dt.timedelta(days=1))
    assert len(before) == 1 and not postings(user.pk, timezone.localdate())


def test_a_value_that_changes_the_form_of_a_query_is_refused(province):
    with pytest.raises(ValueError, match="value 0"):
        Again(lambda codes: Area.objects.filter(code__in=codes), (["a"], ["a", "b"]))(["a"])
    with pytest.raises(ValueError, match="value 0"):
        Again(lambda unused: Area.objects.filter(code="74"), (1, 2))(1)


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_over_its_own_connection_and_a_new_one_when_that_was_closed(transactional_db, clean_trail):
    codes = Again(lambda code: Area.objects.filter(code=code).values_list("code", flat=True), ("a", "b"))
    Area.objects.create(code="74", name="Sultra", level=1, kind="provinsi")
    said = []

    def ask():
        said.append(codes("74"))
        connection.close()
        said.append(codes("74"))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == [["74"]] * 8
