"""Retention: what is past its time is gone, from the files too, and the counts are what they were."""

import datetime as dt
import uuid
from collections import Counter
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from typer.testing import CliRunner

from rukun.cli import app
from rukun.io.dataset import load_dataset
from rukun.server import erasing, retention
from rukun.server.audit.models import Entry
from rukun.server.audit.queries import verify
from rukun.server.forecasts.services import _request
from rukun.server.people import services as people
from rukun.server.people.models import DeviceToken
from rukun.server.prevention.actions import PARTIES
from rukun.server.prevention.models import Outcome, OutcomeParty, Task, TaskStep
from rukun.server.reports import filing, review
from rukun.server.reports import retention as of_reports
from rukun.server.reports.models import Merge, Photo, Report, ReviewStep, Status, Visit, VisitContact, WeeklyCount
from rukun.server.territory.models import Area
from samples import a_report, a_visit

NOW = timezone.now()
OLD = NOW - dt.timedelta(days=800)
RECENT = NOW - dt.timedelta(days=100)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sweep(monkeypatch):
    """A run inside the test's transaction; writing the files anew has tests of its own."""
    monkeypatch.setattr(retention, "erase", lambda models: True)
    return retention.run_retention


def an_old(report=True, at=OLD, status=Status.VERIFIED, village="74.01.01.1001", **changes):
    """A report or visit of that moment, received then."""
    scope = an_old.scope
    if report:
        given = a_report(village, **{"observed_at": at, "text": "Saling lempar batu."} | changes)
        record = filing.file_report(scope, given).record
        Report.objects.filter(pk=record.pk).update(received_at=at, status=status)
    else:
        record = filing.file_visit(scope, a_visit(village, **{"started_at": at} | changes)).record
        Visit.objects.filter(pk=record.pk).update(received_at=at)
    record.refresh_from_db()
    return record


@pytest.fixture(autouse=True)
def _officer(request):
    if "province" in request.fixturenames:
        an_old.scope = request.getfixturevalue("province").scope("officer")


def a_photo(report, at=OLD):
    """A photo with its file."""
    key = uuid.uuid4()
    where = Path(settings.MEDIA_ROOT) / f"{key.hex}.jpg"
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_bytes(b"picture")
    Photo.objects.create(id=key, report=report, path=where.name, sha256=key.hex, size=7, received_at=at, given=key.hex)
    return where


class TestRules:
    def test_what_is_past_its_time_goes_with_all_that_belongs_to_it_and_the_rest_stays(self, province, sweep):
        gone, kept = an_old(), an_old(at=RECENT)
        files = [a_photo(gone), a_photo(kept, OLD), a_photo(kept, RECENT)]
        ReviewStep.objects.create(
            report=gone, at=OLD, by=province.people["head"], before="submitted", after="returned", reason="siapa?"
        )
        an_old(False), an_old(False, at=RECENT)
        assert str(sweep(dry_run=True)) == "2 photos, 1 reports, 1 visits"
        assert [file.exists() for file in files] == [True] * 3 and Report.objects.count() == 2
        assert sweep().counts == {"photos": 2, "reports": 1, "visits": 1}
        assert [file.exists() for file in files] == [False, False, True]
        assert Report.objects.get() == kept and Photo.objects.get().report == kept
        assert not ReviewStep.objects.exists() and Visit.objects.count() == 1 and VisitContact.objects.count() == 2
        assert str(sweep()) == "nothing" and not verify().faults

    def test_received_late_is_kept_from_then_on(self, province, sweep):
        late = an_old()
        Report.objects.update(received_at=RECENT)
        sweep()
        assert Report.objects.get() == late

    def test_only_what_counted_is_counted_and_what_nobody_reviewed_is_said(self, province, sweep):
        for status in Status:
            an_old(status=status)
        merged, into = an_old(status=Status.SUBMITTED), an_old()
        Report.objects.filter(pk=merged.pk).update(merged_into=into)
        said = {"reports": 6, "reports never reviewed": 2}
        assert sweep(dry_run=True).counts == said == sweep().counts
        assert [(c.what, c.level, c.number) for c in WeeklyCount.objects.all()] == [("youth_brawl", "actual", 2)]
        entry = Entry.objects.get(action="retention.done")
        assert (entry.actor, entry.details) == ("system", {"reports": 6, "reports_never_reviewed": 2})
        by_batch = Entry.objects.filter(action="retention.reports")
        assert sum(e.details["reports"] for e in by_batch) == 6
        assert sum(e.details.get("reports_never_reviewed", 0) for e in by_batch) == 2

    def test_one_that_others_were_merged_into_waits_for_them(self, province, sweep):
        kept, merged = an_old(status=Status.SUBMITTED), an_old(at=RECENT, status=Status.SUBMITTED)
        review.merge(province.scope("head"), kept.pk, merged.pk, "sama")
        assert not sweep(dry_run=True).counts and not sweep().counts
        assert Report.objects.count() == 2
        assert sweep(NOW + dt.timedelta(days=700)).counts["reports"] == 2
        assert not Report.objects.exists() and not Merge.objects.exists()

    def test_an_undone_merge_holds_nobody_up(self, province, sweep):
        kept, merged = an_old(status=Status.SUBMITTED), an_old(at=RECENT, status=Status.SUBMITTED)
        review.merge(province.scope("head"), kept.pk, merged.pk, "sama")
        review.unmerge(province.scope("head"), merged.pk)
        assert sweep().counts["reports"] == 1 and Report.objects.get() == merged

    def test_what_is_left_of_signing_in_and_of_jobs_goes_too(self, province, sweep):
        user = province.people["officer"]
        tokens = [people.register_device(user, str(n))[0] for n in range(4)]
        DeviceToken.objects.filter(pk=tokens[0].pk).update(ends_at=OLD)
        DeviceToken.objects.filter(pk=tokens[1].pk).update(revoked_at=OLD)
        DeviceToken.objects.filter(pk=tokens[2].pk).update(revoked_at=NOW)
        Session.objects.create(session_key="ended", expire_date=RECENT)
        Session.objects.create(session_key="running", expire_date=NOW + dt.timedelta(hours=1))
        for name, at in (("before", RECENT), ("now", NOW)):
            AccessAttempt.objects.create(
                username=name, ip_address="192.0.2.1", get_data="", post_data="", failures_since_start=1
            )
            AccessAttempt.objects.filter(username=name).update(attempt_time=at)
            plain = {"args_kwargs": {}, "task_path": name, "backend_name": "default", "run_after": at}
            DBTaskResult.objects.create(status="SUCCESSFUL", finished_at=at, **plain)
        DBTaskResult.objects.create(status="READY", **plain)
        said = {"devices": 2, "sessions": 1, "attempts": 1, "jobs": 1}
        assert sweep(dry_run=True).counts == said == sweep().counts
        assert set(DeviceToken.objects.all()) == {tokens[2], tokens[3]}
        assert Session.objects.get().session_key == "running" and AccessAttempt.objects.get().username == "now"
        assert DBTaskResult.objects.count() == 2

    def test_outcomes_leave_counts_and_tasks_nothing(self, province, sweep):
        area = Area.objects.get(code="74.01.01.1001")
        plain = {"village": area, "author": province.people["head"], "received_at": OLD, "digest": "x"}
        done = {"status": "done", "assigned": province.people["officer"], "ended_at": OLD}
        a_task = plain | {"action": "mediation", "due": OLD.date(), "changed_at": OLD}
        old, forgotten = Task.objects.create(**a_task | done), Task.objects.create(**a_task)
        touched = Task.objects.create(**a_task | {"changed_at": RECENT})
        by = province.people["head"]
        TaskStep.objects.create(task=old, at=OLD, by=by, before="pending", after="done", version=2)
        what = plain | {"action": "mediation", "changed_at": OLD, "minutes": 60, "agreement": True}
        for at, task in ((OLD, old), (OLD, forgotten), (RECENT, old)):
            outcome = Outcome.objects.create(**what, at=at, task=task, result="partly_settled")
            OutcomeParty.objects.create(outcome=outcome, role=PARTIES[0])
        said = {"outcomes": 2, "tasks": 2, "tasks never ended": 1}
        assert sweep(dry_run=True).counts == said == sweep().counts
        assert Task.objects.get() == touched and not TaskStep.objects.exists()
        assert (Outcome.objects.get().at, Outcome.objects.get().task) == (RECENT, None)
        kept = WeeklyCount.objects.get()
        assert (kept.kind, kept.what, kept.level, kept.number) == ("outcome", "mediation", "partly_settled", 2)

    def test_every_kind_has_its_period_and_every_period_its_kind(self):
        assert {kept.kind for kept in retention.KEPT} == set(settings.RUKUN_RETENTION_DAYS)

    def test_interrupted_it_goes_on_and_counts_nothing_twice(self, province, sweep, monkeypatch):
        monkeypatch.setattr(of_reports, "BATCH", 2)
        photos = [a_photo(an_old()) for _ in range(5)]
        writes = iter([None, OSError("killed")])

        def count_weekly(*given, real=of_reports.count_weekly):
            real(*given)
            if fault := next(writes, None):
                raise fault

        monkeypatch.setattr(of_reports, "count_weekly", count_weekly)
        with pytest.raises(OSError, match="killed"):
            sweep()
        assert Report.objects.count() == 3 and WeeklyCount.objects.get().number == 2
        assert not any(photo.exists() for photo in photos) and retention._unfinished()
        assert sweep().counts == {"reports": 3}
        assert WeeklyCount.objects.get().number == 5 and not retention._unfinished()


def test_the_forecast_knows_the_same_before_and_after(province, sweep, tmp_path):
    """Its inputs, read as it reads them: counts by village and week, visits, and where the series begins."""
    days = (800, 799, 799, 795, 780, 760, 731, 729, 400, 30, 12)
    for number, back in enumerate(days):
        at, village = NOW - dt.timedelta(days=back), f"74.01.01.100{1 + number % 2}"
        for level in ("actual", "actual", "potential"):
            an_old(at=at, village=village, level=level)
        for _ in range(1 + number % 3):
            an_old(False, at=at, village=village)
    an_old(status=Status.DROPPED), an_old(status=Status.SUBMITTED)

    def inputs(folder):
        (tmp_path / folder).mkdir()
        return load_dataset(_request(tmp_path / folder, timezone.localdate(NOW))).panels["all"]

    def by_category():
        """Counted slowly: from the reports that there are and from what was kept of others."""
        counts = Counter()
        for r in Report.objects.filter(status=Status.VERIFIED, merged_into=None):
            day = timezone.localdate(r.observed_at)
            counts[r.village_id, day - dt.timedelta(days=day.weekday()), r.category, r.level] += 1
        for c in WeeklyCount.objects.filter(kind="report"):
            counts[c.village_id, c.week, c.what, c.level] += c.number
        return counts

    before, slow = inputs("before"), by_category()
    deleted = sweep().counts
    after = inputs("after")
    assert deleted["reports"] > 20 and deleted["visits"] > 8 and WeeklyCount.objects.exists()
    assert by_category() == slow
    assert before.counts.sum() == 2 * len(days) - 2 * sum(NOW - dt.timedelta(days=d) >= week_begins() for d in days)
    for name in ("counts", "effort"):
        assert (getattr(before, name) == getattr(after, name)).all(), name
    assert (before.starts == after.starts).all()


def week_begins():
    """The first moment that a forecast of today knows nothing of."""
    today = timezone.localdate(NOW)
    return timezone.make_aware(dt.datetime.combine(today - dt.timedelta(days=today.weekday()), dt.time()))


class TestErasing:
    """With real files and transactions."""

    pytestmark = pytest.mark.django_db(transaction=True)

    WORDS = "kelapa sawit di lereng utara"

    @staticmethod
    def bytes_of_the_database():
        """All that the database's files hold."""
        if connection.vendor == "sqlite":
            path = Path(connection.settings_dict["NAME"])
            return b"".join(p.read_bytes() for p in path.parent.glob(f"{path.name}*"))
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
            cursor.execute(
                "SELECT current_setting('data_directory'), pg_relation_filepath(c.oid) FROM pg_class c "
                "WHERE c.relkind IN ('r', 'i', 't') AND pg_relation_filepath(c.oid) IS NOT NULL"
            )
            paths = [Path(folder) / name for folder, name in cursor.fetchall()]
        try:
            return b"".join(path.read_bytes() for path in paths if path.exists())
        except PermissionError:
            pytest.skip("the database's files belong to another user")

    def test_the_text_is_nowhere_in_the_files_afterwards(self, clean_trail, province):
        for number in range(300):
            # long and short, so that rows move about within and between pages
            text = f"{self.WORDS} lempar batu {'x' * (number * 37 % 900)}"
            an_old(at=OLD + dt.timedelta(hours=number), text=text)
            an_old(False, at=OLD, topics=f"{self.WORDS} {'y' * (number * 53 % 700)}")
            if number % 3 == 0:
                Report.objects.filter(observed_at=OLD + dt.timedelta(hours=number)).update(text=text * 2)
        assert self.bytes_of_the_database().count(self.WORDS.encode()) > 600
        swept = retention.run_retention()
        assert swept.counts == {"reports": 300, "visits": 300} and swept.erased
        assert self.WORDS.encode() not in self.bytes_of_the_database()
        assert not verify().faults

    def test_the_files_are_written_anew_by_the_next_run_where_this_one_was_stopped(
        self, clean_trail, province, monkeypatch
    ):
        an_old(text=f"{self.WORDS} lempar batu")
        with monkeypatch.context() as stopped:
            stopped.setattr(retention, "erase", lambda models: False)
            assert not retention.run_retention().erased
        called = []
        monkeypatch.setattr(retention, "erase", lambda models, real=retention.erase: called.append(1) or real(models))
        assert retention.run_retention().erased and called == [1]
        assert retention.run_retention().erased and called == [1]
        assert self.WORDS.encode() not in self.bytes_of_the_database()

    def test_somebody_who_still_sees_what_was_deleted_is_waited_for_and_then_said(
        self, clean_trail, province, monkeypatch
    ):
        monkeypatch.setattr(erasing, "PATIENCE", 1.0)
        if connection.vendor == "sqlite":
            connection.cursor().execute("PRAGMA busy_timeout=300")
        an_old(text=f"{self.WORDS} lempar batu")
        other = connection.copy()
        try:
            # a backup that is under way
            with other.cursor() as cursor:
                cursor.execute("BEGIN" if other.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("SELECT count(*) FROM reports_report")
                assert cursor.fetchone()[0] == 1
            swept = retention.run_retention()
            assert swept.counts == {"reports": 1} and not swept.erased
            assert not Entry.objects.filter(action=retention.DONE).exists()
        finally:
            other.close()
        assert self.WORDS.encode() in self.bytes_of_the_database()
        assert retention.run_retention().erased
        assert self.WORDS.encode() not in self.bytes_of_the_database()

    def test_the_command_says_what_is_due_and_what_was_deleted(self, clean_trail, province):
        an_old()
        for arguments, said in ((["--dry-run"], "Due: 1 reports\n"), ([], "Deleted: 1 reports\n")):
            done = CliRunner().invoke(app, ["retention", "run", *arguments])
            assert (done.exit_code, done.output) == (0, said)
