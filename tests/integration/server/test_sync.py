"""A field app's turn: a batch in, what is new out."""

import datetime as dt

import pytest

from devices import is_problem, plain
from rukun.server.reports import filing, review
from rukun.server.reports.models import Report, Status, Visit
from samples import NOW, a_report, a_visit

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
        from rukun.server.territory.models import Area

        officer_posting.villages.set(Area.objects.filter(code="74.01.01.1001"))
        third = officer("post", "/sync", {"cursor": second["cursor"]}).json()
        assert [v["code"] for v in third["changes"]["villages"]] == ["74.01.01.1001"], (
            "a transfer brings the villages anew"
        )

    def test_many_changes_come_in_parts_and_all_of_them(self, device, province, monkeypatch):
        from rukun.server.field import changes

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

    @pytest.mark.parametrize("cursor", ["x", "1.abc.5", "1.12345678.nan", "2.12345678.12345678.1e99", "1.12345678.5", "2.12345678.12345678.5.x"])
    def test_a_cursor_of_another_make_is_refused(self, device, cursor):
        assert is_problem(device("officer")("post", "/sync", {"cursor": cursor}), 422)["field"] == "cursor"

    @pytest.mark.parametrize("name", ["head", "directorate", "auditor", "nobody"])
    def test_only_officers_sync(self, device, name):
        is_problem(device(name)("post", "/sync", {"items": []}), 403)
