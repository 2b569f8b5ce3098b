"""Doctor: every fault is provoked, and what is said of it names the way out."""

import datetime as dt
import os
import time
from unittest import mock

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from rukun.server import doctor, doctor_storage, pulse
from rukun.server.forecasts.tasks import forecast
from rukun.server.people.models import Posting
from rukun.server.reports import filing
from rukun.server.reports.models import Photo, Report
from samples import a_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(settings, tmp_path, monkeypatch):
    """An installation in which nothing is wrong."""
    settings.HOME, settings.MEDIA_ROOT = tmp_path, tmp_path / "photos"
    settings.ALLOWED_HOSTS = ["rukun.example.go.id"]
    backups = tmp_path / "backups"
    backups.mkdir()
    (backups / "a.tar.gz").write_bytes(b"x")
    monkeypatch.setenv("RUKUN_BACKUPS", str(backups))
    pulse.beat()
    return tmp_path


def said(what, level="wrong"):
    """What is found of a part at that level, with its fix."""
    found = [f"{f.said} > {f.fix}" for f in doctor.examine() if f.what == what and f.level == level]
    return "\n".join(found)


def test_a_sound_installation_has_nothing_wrong(home, province):
    assert [f for f in doctor.examine() if f.level == "wrong"] == []
    assert {f.what for f in doctor.examine()} == {
        "configuration", "database", "jobs", "clock", "disk", "backups", "retention", "accounts", "photos",
    }  # fmt: skip


class TestConfiguration:
    def test_a_key_that_others_read(self, home):
        (home / "secret-key").write_text("x")
        (home / "secret-key").chmod(0o644)
        assert f"chmod 600 {home / 'secret-key'}" in said("configuration")
        (home / "secret-key").chmod(0o600)
        assert "chmod" not in said("configuration")

    def test_any_host(self, home, settings):
        settings.ALLOWED_HOSTS = ["*"]
        assert 'RUKUN_HOSTS is "*"' in said("configuration")

    def test_no_tls_said_to_be_in_front(self, home, settings):
        from dataclasses import replace

        assert "unencrypted" in said("configuration", "warning")
        settings.CONFIG = replace(settings.CONFIG, plain_http=False)
        assert "RUKUN_BEHIND_PROXY=1" in said("configuration")

    def test_another_part_of_the_world(self, home, settings):
        settings.TIME_ZONE = "Europe/Berlin"
        assert "Asia/Makassar" in said("clock", "warning")


class TestDatabase:
    def test_it_is_away(self, home, monkeypatch):
        from django.db import OperationalError

        def gone(*_):
            raise OperationalError("connection refused\nby the host")

        monkeypatch.setattr(connection, "cursor", gone)
        assert "doesn't answer: connection refused > check DATABASE_URL" in said("database")
        assert said("disk", "fine"), "one fault hides no other"

    def test_migrations_wait(self, home):
        connection.cursor().execute("DELETE FROM django_migrations WHERE app = 'forecasts'")
        assert "run `rukun init`" in said("database")

    def test_settings_that_lose_records(self, home):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL synchronous_commit = off")
                assert "set synchronous_commit = on" in said("database")
                cursor.execute("SET LOCAL synchronous_commit = on")
                assert said("database") == ""
                return
        found = list(doctor_storage.database_settings())
        assert found == []

    @pytest.mark.parametrize(("mode", "synchronous"), [("delete", 2), ("wal", 1)])
    def test_sqlite_without_its_log(self, home, monkeypatch, mode, synchronous):
        cursor = mock.MagicMock()
        cursor.return_value.__enter__.return_value.fetchone.side_effect = [(mode,), (synchronous,)]
        monkeypatch.setattr(connection, "vendor", "sqlite")
        monkeypatch.setattr(connection, "cursor", cursor)
        (found,) = doctor_storage.database_settings()
        assert found.level == "wrong" and mode in found.said and "network share" in found.fix

    def test_an_old_sqlite(self, home, monkeypatch):
        if connection.vendor != "sqlite":
            pytest.skip("of SQLite")
        monkeypatch.setattr(doctor_storage.sqlite3, "sqlite_version_info", (3, 31, 0))
        assert "PostgreSQL" in said("database", "warning")


class TestJobs:
    def test_no_worker(self, home):
        (home / "jobs-alive").unlink()
        assert "never ran here > start `rukun serve`" in said("jobs")
        pulse.beat()
        os.utime(home / "jobs-alive", (time.time() - 600,) * 2)
        assert "was last heard of 10 minutes ago" in said("jobs")

    def test_waiting_and_failed_ones(self, home):
        forecast.enqueue()
        assert "none waits" in said("jobs", "fine")
        DBTaskResult.objects.update(enqueued_at=timezone.now() - dt.timedelta(minutes=11))
        assert "1 jobs have waited" in said("jobs")
        DBTaskResult.objects.update(status="FAILED", finished_at=timezone.now())
        assert "1 jobs failed" in said("jobs", "warning")


class TestDisk:
    def test_little_room(self, home, monkeypatch):
        monkeypatch.setattr(doctor_storage, "_LOW_DISK", 1 << 60)
        assert "MB are left" in said("disk") and said("disk", "fine") == ""

    def test_few_files(self, home, monkeypatch):
        monkeypatch.setattr(doctor_storage, "_FEW_INODES", 1 << 60)
        monkeypatch.setattr(doctor_storage.os, "statvfs", lambda _: os.statvfs_result((1,) * 5 + (9, 9, 9, 0, 255)))
        assert "only 9 more files" in said("disk")

    def test_a_home_that_cannot_be_read(self, home, settings):
        settings.HOME = home / "missing"
        assert "No such file" in said("disk") and "rights of RUKUN_HOME" in said("disk")


class TestBackups:
    def test_none_old_and_unnamed(self, home, monkeypatch):
        newest = home / "backups" / "a.tar.gz"
        assert "the newest 0 hours old" in said("backups", "fine")
        os.utime(newest, (time.time() - 3 * 86400,) * 2)
        assert "3 days old" in said("backups")
        newest.unlink()
        assert "there is none" in said("backups")
        monkeypatch.delenv("RUKUN_BACKUPS")
        assert "set it" in said("backups", "warning")


def test_what_should_be_gone(home, province, settings):
    filing.file_report(province.scope("officer"), a_report())
    long_ago = timezone.now() - dt.timedelta(days=settings.RUKUN_RETENTION_DAYS["reports"] + 2)
    Report.objects.update(observed_at=long_ago, received_at=long_ago)
    assert said("retention") == "", "the night has three days for it"
    Report.objects.update(observed_at=long_ago - dt.timedelta(days=2), received_at=long_ago - dt.timedelta(days=2))
    assert "1 reports" in said("retention") and "`rukun retention run`" in said("retention")


def test_accounts(home, province):
    assert "without a second factor yet: administrator, auditor" in said("accounts", "warning")
    Posting.objects.filter(role="administrator").delete()
    assert "nobody is posted as administrator > run `rukun init`" in said("accounts")


def test_photos_and_their_files(home, province):
    given = a_report()
    filing.file_report(province.scope("officer"), given)
    Photo.objects.create(report_id=given.id, path="aa/a.jpg", sha256="0", size=1, received_at=timezone.now(), given="0")
    assert "1 photos have no file > restore them" in said("photos")
    (home / "photos" / "bb").mkdir(parents=True)
    (home / "photos" / "bb" / "b.jpg").write_bytes(b"x")
    assert "1 files belong to no report" in said("photos", "warning")
