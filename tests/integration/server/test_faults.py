"""The machine fails under a running server: a clear answer, nothing half-written, and it goes on by itself."""

import datetime as dt
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import pytest
from django.utils import timezone

import installations
from installations import POSTGRES
from rukun.server.audit.queries import verify
from rukun.server.field.sync import synchronise
from rukun.server.reports import filing, review
from rukun.server.reports.models import Report, Status
from samples import a_report
from serving import serving


def item(**changes):
    """A report as a field app sends it."""
    given = vars(a_report(**changes))
    return {"kind": "report", **given, "id": str(given["id"]), "observed_at": given["observed_at"].isoformat()}


def is_said(answer, status, kind):
    assert answer.status == status and answer.headers["content-type"] == "application/problem+json", answer
    assert answer.json()["type"] == f"/problems/{kind}" and int(answer.headers["retry-after"]) > 0


class TestProcesses:
    def test_killed_parts_come_back_and_the_end_is_clean(self, tmp_path):
        there = installations.make(tmp_path / "home")
        with serving(there, there("people_only")) as server:
            (jobs,) = server.until(lambda: server.children("manage jobs"))
            web = server.children("granian")[-1]
            for process in (jobs, web):
                os.kill(process, signal.SIGKILL)
            (again,) = server.until(lambda: [p for p in server.children("manage jobs") if p != jobs])
            assert again and "started again" in server.log.read_text()
            server.until(lambda: [p for p in server.children("granian") if p > web])
            for _ in range(20):
                assert server("post", "/api/v1/sync", {"items": [item()]}).json()["results"][0]["status"] == "stored"
            server.process.terminate()
            assert server.process.wait(30) == 0
        assert there("verified") == [] and "Traceback" not in server.log.read_text()

    def test_without_its_web_part_the_whole_ends_with_a_status(self, tmp_path):
        with serving(installations.make(tmp_path / "home")) as server:
            main, *workers = server.children("granian")
            os.kill(main, signal.SIGKILL)
            assert server.process.wait(60) != 0
            assert workers and not [process for process in workers if Path(f"/proc/{process}").exists()]

    @pytest.mark.django_db
    def test_a_job_that_was_cut_off_is_done_again_but_not_for_ever(self):
        from django_tasks_db.models import DBTaskResult

        from rukun.server.forecasts.tasks import forecast
        from rukun.server.night import worker

        forecast.enqueue()
        job = DBTaskResult.objects.get()
        for tries in range(1, worker.MOST_TRIES + 1):
            job.claim(worker.name())
            assert worker.take_up_left() == (tries < worker.MOST_TRIES)
            job.refresh_from_db()
            assert job.status == ("READY" if tries < worker.MOST_TRIES else "FAILED")
        forecast.enqueue()
        other = DBTaskResult.objects.exclude(pk=job.pk).get()
        other.claim("another machine")
        assert worker.take_up_left() == 0, "what another machine's worker is at is left to it"

    @pytest.mark.django_db
    def test_what_a_failed_job_says_holds_no_record(self):
        from django_tasks_db.models import DBTaskResult

        from rukun.server.forecasts.tasks import forecast
        from rukun.server.night import worker

        forecast.enqueue()
        job = DBTaskResult.objects.get()
        row = "new row violates check\nDETAIL:  Failing row contains (7, Keributan di rumah itu)."
        job.set_failed(RuntimeError(f"{row}\nhubungi 081234567890"))
        assert worker.mask_failures() == 1 and worker.mask_failures() == 0
        job.refresh_from_db()
        assert "violates check" in job.traceback and "Traceback" not in job.traceback.split("\n")[-2]
        assert "rumah itu" not in job.traceback and "081234567890" not in job.traceback


class TestDatabaseAway:
    @pytest.mark.skipif(not POSTGRES, reason="of PostgreSQL")
    def test_postgresql_stops_and_comes_back(self, tmp_path):
        own = OwnPostgres()
        there = installations.Installation(tmp_path / "own", own.start())
        there.home.mkdir()
        (there.home / "secret-key").write_text("for tests only, " * 4)
        try:
            there("prepare")
            with serving(there, there("people_only")) as server:
                assert server("post", "/api/v1/sync", {"items": [item()]}).status == 200
                own.stop()
                begun = time.monotonic()
                is_said(server("post", "/api/v1/sync", {"items": [item()]}), 503, "database-away")
                assert time.monotonic() - begun < 5 and server("get", "/health").status == 503
                page = server("get", "/accounts/login/", Cookie="sessionid=" + "a" * 32)
                assert page.status in (200, 503) and b"Traceback" not in page.body
                web = server.process.pid
                own.start()
                server.until(lambda: server("get", "/health").status == 200)
                answer = server("post", "/api/v1/sync", {"items": [item()]})
                assert answer.json()["results"][0]["status"] == "stored" and server.process.pid == web
                server.until(lambda: server.children("manage jobs"), 60)
            assert there("verified") == [] and there("count") == 2
        finally:
            own.remove()

    def test_sqlite_held_by_another_process(self, tmp_path):
        there = installations.make(tmp_path / "home")
        # one worker: a second may still be starting, which would be measured, too
        with serving(there, there("people_only"), workers=1) as server:
            other = sqlite3.connect(there.home / "rukun.sqlite3", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            begun = time.monotonic()
            is_said(server("post", "/api/v1/sync", {"items": [item()]}), 503, "database-away")
            assert time.monotonic() - begun < 15
            assert server("get", "/api/v1/me").status == 200, "reading goes on"
            other.execute("ROLLBACK")
            assert server("post", "/api/v1/sync", {"items": [item()]}).json()["results"][0]["status"] == "stored"
        assert there("verified") == [] and there("count") == 1


class TestDiskFull:
    @pytest.fixture
    def small(self, tmp_path):
        """A disk of 24 MB."""
        disk = tmp_path / "disk"
        disk.mkdir()
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", disk]).returncode:
            pytest.skip("only root may mount a small disk")
        yield disk
        subprocess.run(["umount", "-l", disk], check=True)

    def test_it_is_said_and_nothing_is_half_written(self, small, tmp_path):
        there = installations.make(small / "home")
        with serving(there, there("people_only")) as server:
            assert server("post", "/api/v1/sync", {"items": [item()]}).status == 200
            full = small / "full"
            filler = os.open(full, os.O_WRONLY | os.O_CREAT)
            with pytest.raises(OSError, match="No space"):
                while True:
                    os.write(filler, b"\0" * 4096)
            os.close(filler)
            sent, answers = [item(text="Warga ribut di pasar. " * 100) for _ in range(60)], []
            for one in sent:
                answers.append(server("post", "/api/v1/sync", {"items": [one]}))
            refused = [answer for answer in answers if answer.status != 200]
            assert refused, "the disk must have been full"
            for answer in refused:
                is_said(answer, 507, "disk-full")
            assert server("get", "/api/v1/me").status == 200, "reading goes on"
            photo = upload(server, sent[0]["id"])
            assert photo.status in (404, 507)
            full.unlink()
            again = server("post", "/api/v1/sync", {"items": sent}).json()["results"]
            assert {one["status"] for one in again} <= {"stored", "known"}
            known = sum(one["status"] == "known" for one in again)
            assert known == len(sent) - len(refused), "what was acknowledged is there, what was refused isn't"
        assert there("verified") == [] and there("count") == 61
        assert not [f for f in there.home.rglob("*.part")]


class TestClock:
    @pytest.fixture
    def clock(self, monkeypatch):
        """A clock that can be put ahead and back."""
        shift = [dt.timedelta()]
        real = timezone.now
        monkeypatch.setattr(timezone, "now", lambda: real() + shift[0])
        return lambda **by: shift.__setitem__(0, dt.timedelta(**by))

    @pytest.mark.django_db
    def test_put_back_a_day_it_hides_no_change_from_field_apps(self, province, clock):
        officer, head = province.scope("officer"), province.scope("head")
        given = [a_report() for _ in range(4)]
        clock(days=1)
        for one in given[:3]:
            filing.file_report(officer, one)
        review.review(head, given[0].id, 1, Status.VERIFIED)
        cursor = synchronise(officer, [], None).cursor
        clock()
        filing.file_report(officer, given[3])
        review.review(head, given[1].id, 1, Status.VERIFIED)
        answer = synchronise(officer, [], cursor)
        assert str(given[1].id) in {str(r.id) for r in answer.changes.reports}
        review.review(head, given[3].id, 1, Status.RETURNED, "lengkapi")
        review.merge(head, given[0].id, given[2].id, "sama")
        told = {str(r.id) for r in synchronise(officer, [], answer.cursor).changes.reports}
        assert {str(given[3].id), str(given[2].id)} <= told
        moments = list(Report.objects.exclude(version=1).order_by("changed_at").values_list("changed_at", flat=True))
        assert max(moments) < timezone.now() + dt.timedelta(days=1, minutes=1), "and it doesn't run away"

    @pytest.mark.django_db
    def test_an_app_that_never_had_a_change_misses_none(self, province, clock):
        officer, given = province.scope("officer"), a_report()
        clock(days=1)
        cursor = synchronise(officer, [], None).cursor
        clock()
        filing.file_report(officer, given)
        review.review(province.scope("head"), given.id, 1, Status.VERIFIED)
        assert [str(r.id) for r in synchronise(officer, [], cursor).changes.reports] == [str(given.id)]

    @pytest.mark.django_db
    def test_the_trail_keeps_its_order_and_doctor_says_so(self, province, clock):
        from rukun.server.doctor import examine

        clock(days=1)
        filing.file_report(province.scope("officer"), a_report())
        clock()
        filing.file_report(province.scope("officer"), a_report())
        assert verify().faults == ()
        (finding,) = [f for f in examine() if f.what == "clock"]
        assert finding.level == "wrong" and "in the future" in finding.said and "chrony" in finding.fix


class OwnPostgres:
    """A PostgreSQL that a test may stop."""

    def __init__(self):
        self.bin = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        # short: a socket's path may not be long
        self.folder = Path(tempfile.mkdtemp(prefix="rukun-own-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            subprocess.run(["chown", self.user, self.folder], check=True)
        self._run("initdb", "--username", "rukun", "--auth", "trust", "--encoding", "UTF8", "--no-locale")

    def _run(self, program, *words, check=True):
        subprocess.run([self.bin / program, "--pgdata", self.folder / "data", *words], check=check, user=self.user,
                       cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip

    def start(self):
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}'"
        self._run("pg_ctl", "--wait", "--log", str(self.folder / "log"), "--options", options, "start")
        return f"postgresql://rukun@/postgres?host={self.folder}"

    def stop(self):
        self._run("pg_ctl", "--mode", "fast", "--wait", "stop", check=False)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder)


def upload(server, report_id):
    """Send a photo."""
    from filled import picture

    edge = uuid.uuid4().hex
    head = f'--{edge}\r\nContent-Disposition: form-data; name="photo"; filename="f.jpg"\r\n\r\n'
    body = head.encode() + picture() + f"\r\n--{edge}--\r\n".encode()
    path = f"/api/v1/reports/{report_id}/photos/{uuid.uuid4()}"
    return server("post", path, body, **{"Content-Type": f"multipart/form-data; boundary={edge}"})
