"""A field app's turn: a batch in, what is new out."""

import datetime as dt
import json
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devices import is_problem, plain
from rukun.server.audit.models import Entry
from rukun.server.audit.queries import verify
from rukun.server.field import changes
from rukun.server.people import services as people
from rukun.server.people.models import Role
from rukun.server.prevention import assigning
from rukun.server.prevention.models import Outcome, Task
from rukun.server.reports import filing, review
from rukun.server.reports.models import Report, Status, Visit
from rukun.server.territory.models import Area
from samples import NOW, a_report, a_task, a_visit, a_word, an_outcome

pytestmark = pytest.mark.django_db


class TestSync:
    def test_a_batch_is_stored_once_however_often_it_is_sent(self, device):
        officer = device("officer")
        batch = {
            "items": [
                plain(a_report(), "report"),
                plain(a_visit(), "visit"),
                plain(a_report("74.01.01.1002"), "report"),
            ]
        }
        first, second = (officer("post", "/sync", batch).json() for _ in range(2))
        assert [r["status"] for r in first["results"]] == ["stored"] * 3
        assert [r["status"] for r in second["results"]] == ["known"] * 3
        assert [r["id"] for r in first["results"]] == [item["id"] for item in batch["items"]]
        assert (Report.objects.count(), Visit.objects.count()) == (2, 1)

    def test_one_bad_item_does_not_hold_up_the_others(self, device):
        officer = device("officer")
        known = a_report()
        officer("post", "/sync", {"items": [plain(known, "report")]})
        good = plain(a_report(), "report")
        bad = {
            "other content": plain(a_report(id=known.id, category="fire"), "report"),
            "not own": plain(a_report("74.71.02.1001"), "report"),
            "no village": plain(a_report("99.99.99.9999"), "report"),
            "no kind": plain(a_report()),
            "other kind": {"kind": ["x"], "id": 3},
            "category": plain(a_report(), "report") | {"category": "opinion"},
            "no time zone": plain(a_report(), "report") | {"observed_at": "2026-01-01T10:00:00"},
            "minutes": plain(a_visit(minutes=0), "visit"),
            "unknown field": plain(a_visit(), "visit") | {"names": ["x"]},
            "lawful": plain(a_report(text="Warga beribadah dengan tenang."), "report"),
            "future": plain(a_report(observed_at=NOW + dt.timedelta(days=3)), "report"),
        }
        answer = officer("post", "/sync", {"items": [*bad.values(), good]}).json()
        said = dict(zip(bad, answer["results"], strict=False))
        assert {r["status"] for r in said.values()} == {"refused"} and answer["results"][-1]["status"] == "stored"
        assert {name: r["problem"]["status"] for name, r in said.items()} == {
            "other content": 409, "not own": 403, "no village": 403, "no kind": 422, "other kind": 422, "category": 422,
            "no time zone": 422, "minutes": 422, "unknown field": 422, "lawful": 422, "future": 422,
        }  # fmt: skip
        assert (
            said["lawful"]["problem"]["type"] == "/problems/lawful" and said["minutes"]["problem"]["field"] == "minutes"
        )
        assert Report.objects.count() == 2

    def test_what_is_new_comes_down_since_the_cursor(self, device, province):
        officer = device("officer")
        given = a_report()
        first = officer("post", "/sync", {"items": [plain(given, "report")]}).json()
        assert {v["code"] for v in first["changes"]["villages"]} == {"74.01.01.1001", "74.01.01.1002"}
        assert set(first["changes"]["taxonomy"]["categories"]) >= {"land", "fire"} and not first["changes"]["reports"]
        review.review(province.scope("head"), given.id, 1, Status.RETURNED, "sebutkan waktunya")
        second = officer("post", "/sync", {"cursor": first["cursor"]}).json()
        assert second["changes"]["reports"] == [
            {
                "id": str(given.id),
                "status": "returned",
                "version": 2,
                "reason": "sebutkan waktunya",
                "merged_into": None,
            }
        ]
        assert second["changes"]["villages"] is None and second["changes"]["taxonomy"] is None
        officer_posting = province.people["officer"].postings.get()
        officer_posting.villages.set(Area.objects.filter(code="74.01.01.1001"))
        third = officer("post", "/sync", {"cursor": second["cursor"]}).json()
        assert [v["code"] for v in third["changes"]["villages"]] == ["74.01.01.1001"], (
            "a transfer brings the villages anew"
        )

    def test_many_changes_come_in_parts_and_all_of_them(self, device, province, monkeypatch):
        monkeypatch.setattr(changes, "_MOST_CHANGES", 3)
        given = [a_report() for _ in range(8)]
        for one in given:
            filing.file_report(province.scope("officer"), one)
            review.review(province.scope("head"), one.id, 1, Status.VERIFIED)
        officer, seen, cursor = device("officer"), set(), None
        for _ in range(8):
            answer = officer("post", "/sync", {"cursor": cursor}).json()
            seen |= {r["id"] for r in answer["changes"]["reports"]}
            cursor = answer["cursor"]
            if not answer["changes"]["more"]:
                break
        assert seen == {str(one.id) for one in given}

    @pytest.mark.parametrize(
        "cursor",
        ["x", "1.abc.5", "1.12345678.nan", "2.12345678.12345678.1e99", "1.12345678.5", "2.12345678.12345678.5.x"],
    )
    def test_a_cursor_of_another_make_is_refused(self, device, cursor):
        assert is_problem(device("officer")("post", "/sync", {"cursor": cursor}), 422)["field"] == "cursor"

    @pytest.mark.parametrize("name", ["head", "directorate", "auditor", "nobody"])
    def test_only_officers_sync(self, device, name):
        is_problem(device(name)("post", "/sync", {"items": []}), 403)


def assigned(province, **changes):
    """A task of the officer."""
    given = a_task(assigned=province.people["officer"].pk, **changes)
    return assigning.assign(province.scope("head"), given).record


class TestBatches:
    def test_every_kind_in_one_batch_and_once(self, device, province):
        officer, begun, done = device("officer"), assigned(province), assigned(province)
        batch = {
            "items": [
                plain(an_outcome(task=done.pk), "outcome"),
                plain(a_word(begun), "task_status"),
                plain(a_visit(), "visit"),
                plain(a_report(), "report"),
            ]
        }
        first, second = (officer("post", "/sync", batch).json()["results"] for _ in range(2))
        assert [r["status"] for r in first] == ["stored"] * 4 and [r["status"] for r in second] == ["known"] * 4
        assert [r["id"] for r in first] == [item["id"] for item in batch["items"]]
        assert dict(Task.objects.values_list("pk", "status")) == {begun.pk: "in_progress", done.pk: "done"}
        assert (Report.objects.count(), Visit.objects.count(), Outcome.objects.count()) == (1, 1, 1)
        assert not verify().faults

    def test_the_number_of_queries_does_not_grow_with_the_batch(self, device, province):
        officer = device("officer")
        officer("post", "/sync", {})

        def queries_of(number):
            tasks = [assigned(province) for _ in range(2 * number)]
            items = [plain(a_report(), "report") for _ in range(number)]
            items += [plain(a_visit(), "visit") for _ in range(number)]
            items += [plain(a_word(task), "task_status") for task in tasks[:number]]
            items += [plain(an_outcome(task=task.pk), "outcome") for task in tasks[number:]]
            with CaptureQueriesContext(
                connection,
            ) as seen:
                answer = officer("post", "/sync", {"items": items}).json()
            assert [r["status"] for r in answer["results"]] == ["stored"] * len(items)
            return len(seen)

        few, many = queries_of(1), queries_of(20)
        assert few == many <= 45

    def test_one_report_takes_few_queries(self, device):
        officer = device("officer")
        cursor = officer("post", "/sync", {}).json()["cursor"]
        with CaptureQueriesContext(connection) as seen:
            officer("post", "/sync", {"items": [plain(a_report(), "report")], "cursor": cursor})
        assert len(seen) <= 17, [query["sql"][:90] for query in seen]

    def test_an_id_twice_in_one_batch(self, device):
        officer, given = device("officer"), a_report()
        items = [
            plain(given, "report"),
            plain(given, "report"),
            plain(a_report(id=given.id, level="threshold"), "report"),
        ]
        results = officer("post", "/sync", {"items": items}).json()["results"]
        assert [r["status"] for r in results] == ["stored", "known", "refused"]
        assert results[2]["problem"]["status"] == 409 and Report.objects.get().level == "actual"
        assert Entry.objects.filter(action="report.filed").count() == 1

    def test_an_id_of_a_report_and_of_a_visit_are_two_things(self, device):
        officer, report = device("officer"), a_report()
        items = [plain(report, "report"), plain(a_visit(id=report.id), "visit")]
        results = officer("post", "/sync", {"items": items}).json()["results"]
        assert [r["status"] for r in results] == ["stored"] * 2 and Visit.objects.get().pk == Report.objects.get().pk

    @pytest.mark.parametrize("bad", [[3], [0, 1, 6], range(7)])
    def test_what_the_database_can_not_hold_does_not_hold_up_the_others(self, device, monkeypatch, bad):
        real = filing.masked_report

        def broken(given):
            kept, masked = real(given)
            return kept | ({"category": "worship"} if given.text.endswith("!") else {}), masked

        monkeypatch.setattr(filing, "masked_report", broken)
        text = "Saling lempar batu di lapangan"
        items = [plain(a_report(text=text + ("!" if place in bad else ".")), "report") for place in range(7)]
        answer = device("officer")("post", "/sync", {"items": [*items, plain(a_visit(), "visit")]}).json()
        said = [r["status"] for r in answer["results"]]
        assert said == ["refused" if place in bad else "stored" for place in range(7)] + ["stored"]
        assert Report.objects.count() == 7 - len(bad) == Entry.objects.filter(action="report.filed").count()
        assert not verify().faults

    def test_a_conflict_brings_the_task_as_it_is(self, device, province):
        task = assigned(province)
        assigning.reassign(province.scope("head"), task.pk, 1, province.people["officer"].pk)
        items = [plain(a_word(task), "task_status"), plain(a_report(), "report")]
        answer = device("officer")("post", "/sync", {"items": items}).json()
        conflict = answer["results"][0]["problem"]
        assert (conflict["status"], conflict["type"]) == (409, "/problems/changed") and "version 2" in conflict[
            "detail"
        ]
        assert (conflict["current"]["id"], conflict["current"]["version"]) == (str(task.pk), 2)
        assert answer["results"][1]["status"] == "stored"

    def test_a_task_of_others_is_not_found(self, device, province):
        far = assigning.assign(province.scope("directorate"), a_task("74.71.02.1001")).record
        results = device("officer")("post", "/sync", {"items": [plain(a_word(far), "task_status")]}).json()["results"]
        assert results[0]["problem"]["status"] == 404

    def test_what_was_filed_before_a_transfer_is_known_after_it(self, device, province):
        officer, batch = device("officer"), {"items": [plain(a_report(), "report"), plain(a_visit(), "visit")]}
        officer("post", "/sync", batch)
        province.people["officer"].postings.get().villages.set(Area.objects.filter(code="74.01.01.1003"))
        batch["items"].append(plain(a_report(), "report"))
        results = officer("post", "/sync", batch).json()["results"]
        assert [r["status"] for r in results] == ["known", "known", "refused"]

    @pytest.mark.parametrize("hours", [13, -24 * 365 * 20])
    def test_a_wrong_clock_is_said_and_the_time_can_be_corrected(self, device, hours):
        officer, given = device("officer"), a_report(observed_at=NOW + dt.timedelta(hours=hours))
        answer = officer("post", "/sync", {"items": [plain(given, "report")]}).json()
        problem = answer["results"][0]["problem"]
        assert problem["field"] == "observed_at" and "clock" in problem["detail"]
        assert abs(dt.datetime.fromisoformat(answer["at"]) - timezone.now()) < dt.timedelta(minutes=1)
        mended = {"items": [plain(a_report(id=given.id), "report")]}
        assert officer("post", "/sync", mended).json()["results"][0]["status"] == "stored"


class TestTasks:
    def told(self, officer, cursor=None):
        answer = officer("post", "/sync", {"cursor": cursor}).json()
        tasks = answer["changes"]["tasks"]
        return None if tasks is None else {t["id"]: t for t in tasks}, answer["cursor"]

    def test_they_come_as_they_are_and_only_when_they_changed(self, device, province):
        officer, task = device("officer"), assigned(province)
        tasks, cursor = self.told(officer)
        assert tasks[str(task.pk)]["mine"] and tasks[str(task.pk)]["why"] == "Sengketa batas kebun belum selesai."
        assert self.told(officer, cursor)[0] is None
        other = assigning.assign(province.scope("head"), a_task("74.01.01.1002")).record
        tasks, cursor = self.told(officer, cursor)
        assert {key: t["mine"] for key, t in tasks.items()} == {str(task.pk): True, str(other.pk): False}
        assigning.remove(province.scope("head"), task.pk, 1, "sudah selesai sendiri")
        tasks, cursor = self.told(officer, cursor)
        assert tasks[str(task.pk)]["status"] == "removed" and tasks[str(task.pk)]["reason"] == "sudah selesai sendiri"
        assert self.told(officer, cursor)[0] is None

    def test_a_colleague_is_told_when_a_posting_ends_though_no_task_was_touched(self, device, province):
        colleague = people.make_user(None, "colleague", "a long pass phrase")
        unit, village = province.units["north-01"], Area.objects.filter(code="74.01.01.1001")
        people.post(None, colleague, Role.VILLAGE_OFFICER, unit, dt.date(2024, 1, 1), village)
        province.people["colleague"] = colleague
        task, theirs, mine = assigned(province), device("colleague"), device("officer")
        tasks, cursor = self.told(theirs)
        assert tasks == {}
        assert str(task.pk) in self.told(mine)[0]
        province.people["officer"].postings.update(ends=timezone.localdate())
        assert set(self.told(theirs, cursor)[0]) == {str(task.pk)}
        is_problem(mine("post", "/sync", {}), 403)

    def test_a_transfer_brings_everything_anew(self, device, province):
        officer, task = device("officer"), assigned(province)
        cursor = self.told(officer)[1]
        province.people["officer"].postings.get().villages.set(Area.objects.filter(code="74.01.01.1003"))
        there = assigning.assign(province.scope("head"), a_task("74.01.01.1003")).record
        answer = officer("post", "/sync", {"cursor": cursor}).json()
        assert [t["id"] for t in answer["changes"]["tasks"]] == [str(there.pk)] and task.pk != there.pk
        assert [v["code"] for v in answer["changes"]["villages"]] == ["74.01.01.1003"]
        assert set(answer["changes"]["actions"]) == {"actions", "results", "parties"}

    def test_nothing_new_is_small(self, device, province):
        officer = device("officer")
        assigned(province)
        given = a_report()
        filing.file_report(province.scope("officer"), given)
        review.review(province.scope("head"), given.id, 1, Status.VERIFIED)
        Report.objects.update(changed_at=timezone.now() - dt.timedelta(minutes=5))
        first = officer("post", "/sync", {})
        assert first.json()["changes"]["reports"]
        nothing = officer("post", "/sync", {"cursor": first.json()["cursor"]})
        assert len(nothing.content) < 400 and not nothing.json()["changes"]["reports"]

    def test_many_changes_of_one_moment_come_in_parts_and_all_of_them(self, device, province, monkeypatch):
        monkeypatch.setattr(changes, "_MOST_CHANGES", 3)
        keys = {filing.file_report(province.scope("officer"), a_report()).record.pk for _ in range(8)}
        Report.objects.update(version=2, changed_at=NOW - dt.timedelta(hours=1))
        officer, seen, cursor = device("officer"), [], None
        for _ in range(3):
            answer = officer("post", "/sync", {"cursor": cursor}).json()
            seen += [uuid.UUID(r["id"]) for r in answer["changes"]["reports"]]
            cursor = answer["cursor"]
        assert set(seen) == keys and len(seen) == 8 and not answer["changes"]["more"]
        assert len(json.dumps(answer)) < 1000
