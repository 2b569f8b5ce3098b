"""Tasks and outcomes through the API and on the plain pages."""

import datetime as dt
import uuid

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devices import is_problem, plain
from rukun.server.prevention import assigning, outcomes
from rukun.server.prevention.models import Outcome, Task
from rukun.server.reports import filing
from samples import NOW, a_report, a_task, a_word, an_outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(province):
    def sign_in(name):
        client = Client()
        client.force_login(province.people[name])
        Authenticator.objects.get_or_create(user=province.people[name], type="totp", defaults={"data": {"secret": "x"}})
        return client

    return sign_in


class TestApi:
    def test_from_assigning_to_the_outcome(self, device, province):
        head, officer, given = device("head"), device("officer"), a_task()
        names = head("get", "/villages/74.01.01.1001/officers").json()
        assert names == [{"id": province.people["officer"].pk, "name": "Officer"}]
        body = plain(given) | {"assigned": names[0]["id"]}
        assert [head("post", "/tasks", body).status_code for _ in range(2)] == [201, 200]
        task = Task.objects.get()
        assert officer("post", f"/tasks/{task.pk}/status", plain(a_word(task))).json()["version"] == 2
        conflict = is_problem(head("post", f"/tasks/{task.pk}/remove", {"version": 1, "reason": "x"}), 409)
        assert (conflict["current"]["status"], conflict["current"]["version"]) == ("in_progress", 2)
        assert officer("post", "/outcomes", plain(an_outcome(task=task.pk))).status_code == 201
        shown = head("get", f"/tasks/{task.pk}")
        assert shown.json()["status"] == "done" and shown["ETag"] == '"3"'
        found = head("get", "/outcomes?action=mediation").json()["items"]
        assert [o["parties"] for o in found] == [["residents", "village_government"]] and found[0]["task"] == str(
            task.pk
        )

    def test_a_task_is_reassigned_with_the_version_that_was_seen(self, device, province):
        task = assigning.assign(province.scope("head"), a_task()).record
        path, head = f"/tasks/{task.pk}/assign", device("head")
        assert head("post", path, {"version": 1, "assigned": province.people["officer"].pk}).json()["waits"] is False
        is_problem(head("post", path, {"version": 1}), 409)
        is_problem(head("post", path, {"version": 2, "assigned": province.people["far"].pk}), 422)
        is_problem(device("officer")("post", path, {"version": 2}), 403)
        is_problem(device("far")("post", path, {"version": 2}), 404)
        is_problem(device("officer")("get", "/villages/74.01.01.1001/officers"), 403)

    def test_pages_by_day_go_on_where_the_last_ended(self, device, province):
        for number in range(7):
            due = timezone.localdate() + dt.timedelta(days=1 + number // 3)
            assigning.assign(province.scope("head"), a_task(due=due))
        head, seen, cursor = device("head"), [], ""
        while cursor is not None:
            page = head("get", f"/tasks?size=2&cursor={cursor}").json()
            seen += [(item["due"], item["id"]) for item in page["items"]]
            cursor = page["next"]
        assert seen == sorted(seen) and len(set(seen)) == 7
        is_problem(head("get", "/tasks?cursor=xyz"), 422)

    def test_lists_cost_as_many_queries_for_many_as_for_few(self, device, province):
        head = device("head")
        head("get", "/tasks")

        def cost():
            with CaptureQueriesContext(connection) as seen:
                head("get", "/tasks")
                head("get", "/outcomes")
            return len(seen)

        def fill(number):
            for _ in range(number):
                assigning.assign(province.scope("head"), a_task(assigned=province.people["officer"].pk))
                outcomes.file_outcome(province.scope("officer"), an_outcome())

        fill(1)
        few = cost()
        fill(12)
        assert cost() == few


class TestPages:
    def test_a_report_becomes_a_task_and_a_task_an_outcome(self, browser, province):
        report = filing.file_report(province.scope("officer"), a_report()).record
        head, officer = browser("head"), browser("officer")
        assert f"/reports/{report.pk}/task" in head.get(f"/reports/{report.pk}").content.decode()
        assert f"/reports/{report.pk}/task" not in officer.get(f"/reports/{report.pk}").content.decode()
        form = {
            "id": str(uuid.uuid4()),
            "action": "youth_activity",
            "due": (timezone.localdate() + dt.timedelta(days=2)).isoformat(),
            "assigned": province.people["officer"].pk,
            "why": "Hubungi 081234567890",
        }
        assert officer.post(f"/reports/{report.pk}/task", form).status_code == 403
        for _ in range(2):
            assert head.post(f"/reports/{report.pk}/task", form).status_code == 302
        task = Task.objects.get()
        assert (task.report_id, task.assigned) == (report.pk, province.people["officer"]) and "0812" not in task.why
        assert "kegiatan pemuda" in officer.get("/tasks/?of=me").content.decode()
        officer.post(f"/tasks/{task.pk}", {"act": "in_progress", "id": str(uuid.uuid4()), "version": 1})
        assert Task.objects.get().status == "in_progress"
        done = {
            "act": "outcome",
            "id": str(uuid.uuid4()),
            "at": timezone.localtime(NOW - dt.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
            "minutes": 90,
            "result": "settled",
            "agreement": "on",
            "parties": ["youth"],
            "text": "Hubungi 081234567890 bila ada apa-apa.",
        }
        shown = officer.post(f"/tasks/{task.pk}", done).content.decode()
        assert "Data pribadi disamarkan" in shown and not Outcome.objects.exists()
        assert officer.post(f"/tasks/{task.pk}", done | {"seen": "yes"}).status_code == 302
        assert Task.objects.get().status == "done" and "0812" not in Outcome.objects.get().text
        assert "pemuda" in head.get("/outcomes/").content.decode()

    def test_a_head_filters_and_sees_what_waits_or_is_late(self, browser, province):
        task = assigning.assign(province.scope("head"), a_task(assigned=province.people["officer"].pk)).record
        head = browser("head")
        for which, found in (("", True), ("pending", True), ("overdue", False), ("waiting", False), ("done", False)):
            assert (str(task.pk) in head.get(f"/tasks/?status={which}").content.decode()) == found, which
        province.people["officer"].postings.update(ends=timezone.localdate())
        Task.objects.update(due=timezone.localdate() - dt.timedelta(days=1))
        for which in ("overdue", "waiting"):
            page = head.get(f"/tasks/?status={which}").content.decode()
            assert str(task.pk) in page and "menunggu petugas (penugasan Officer di desa ini berakhir)" in page

    def test_a_head_assigns_anew_and_removes_on_the_page(self, browser, province):
        task = assigning.assign(province.scope("head"), a_task()).record
        head, path = browser("head"), f"/tasks/{task.pk}"
        head.post(path, {"act": "assign", "version": 1, "assigned": province.people["officer"].pk})
        assert Task.objects.get().assigned == province.people["officer"]
        head.post(path, {"act": "remove", "version": 1, "reason": "tidak perlu"})
        assert Task.objects.get().status == "pending", "version 1 isn't what is there any more"
        head.post(path, {"act": "remove", "version": 2, "reason": "tidak perlu"})
        assert Task.objects.get().status == "removed" and "tidak perlu" in head.get(path).content.decode()

    @pytest.mark.parametrize("sent", [{}, {"act": "x"}, {"act": "assign", "version": "9" * 30, "assigned": "9" * 30}])
    def test_nonsense_changes_nothing(self, browser, province, sent):
        task = assigning.assign(province.scope("head"), a_task()).record
        for name in ("head", "officer"):
            assert browser(name).post(f"/tasks/{task.pk}", sent).status_code == 302
        assert Task.objects.get().version == 1
