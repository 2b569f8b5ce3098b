"""Whoever is refused reads why and what to do: in Indonesian on the pages, in both languages from the API."""

import ast
import datetime as dt
import uuid
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

import rukun.server
from devices import is_problem, plain
from rukun.server.people.services import UNREADABLE, NotAllowed, Refused
from rukun.server.prevention import assigning
from rukun.server.prevention.moves import TaskChanged
from rukun.server.reports import filing, review
from rukun.server.reports.models import Report, Status
from rukun.server.reports.review import Changed
from samples import a_report, a_task, a_visit

#: Where the Indonesian words stand among what a refusal is made with.
PLACE = {"NotAllowed": 1, "Refused": 2, "Lawful": 2, "OtherContent": 2}
#: The import of ODK's exports is a command, and speaks English as the others do.
COMMANDS = {"odk.py"}


def refusals():
    """(where, kind, message, words in Indonesian or None) of every refusal that the rooms can make."""
    server = Path(rukun.server.__file__).parent
    for path in sorted(p for room in ("reports", "prevention", "rumours") for p in (server / room).glob("*.py")):
        if path.name in COMMANDS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            kind = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if kind in PLACE:
                named = {each.arg: each.value for each in node.keywords}
                given = [*node.args, *[None] * 3]
                said = given[PLACE[kind]] or named.get("said")
                yield f"{path.parent.name}/{path.name}:{node.lineno}", kind, given[0], said


def test_every_refusal_is_said_in_indonesian():
    found = list(refusals())
    assert len(found) >= 45 and {kind for _, kind, _, _ in found} == set(PLACE)
    same = [where for where, _, message, said in found if said is None or ast.dump(said) == ast.dump(message)]
    assert not same, f"no Indonesian words of their own: {same}"


@pytest.mark.parametrize("kind", [Changed, TaskChanged])
def test_what_somebody_else_changed_is_said_in_both(kind):
    changed = kind(Report(version=3))
    assert "version 3" in str(changed) and changed.said.startswith("Orang lain baru saja mengubah ini")


def test_without_words_of_its_own_a_refusal_says_its_message():
    assert [one.said for one in (NotAllowed("no"), Refused("no"))] == ["no", "no"]
    assert (str(NotAllowed("no", "tidak")), NotAllowed("no", "tidak").said) == ("no", "tidak")


@pytest.fixture
def browser(province):
    def sign_in(name):
        client = Client()
        client.force_login(province.people[name])
        Authenticator.objects.get_or_create(user=province.people[name], type="totp", defaults={"data": {"secret": "x"}})
        return client

    return sign_in


@pytest.fixture
def report(province):
    return filing.file_report(province.scope("officer"), a_report()).record


@pytest.mark.django_db
class TestPages:
    def test_a_head_out_of_turn_reads_whose_turn_it_is(self, browser, report):
        page = browser("district").get(f"/reports/{report.pk}").content.decode()
        assert "Laporan ini menunggu tinjauan Kanit Binmas, Polsek north 01." in page
        answer = browser("district").post(f"/reports/{report.pk}", {"status": "verified", "version": "1"}, follow=True)
        assert "Laporan ini menunggu tinjauan Kanit Binmas" in answer.content.decode()
        assert Report.objects.get().status == "submitted"

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            ({"status": "returned", "version": "1"}, "Tuliskan alasannya"),
            ({"status": "verified", "version": "7"}, "Orang lain baru saja mengubah ini"),
            ({"status": "verified", "version": "x"}, UNREADABLE),
            ({"status": "certain", "version": "1"}, UNREADABLE),
            ({"act": "merge", "merged": "x", "reason": "sama"}, UNREADABLE),
            ({"act": "merge", "merged": "ITSELF", "reason": "sama"}, "pilih laporan lain"),
            ({"act": "unmerge"}, "tidak sedang digabung"),
        ],
    )
    def test_what_a_review_is_refused_for(self, browser, report, sent, said):
        sent = {name: str(report.pk) if value == "ITSELF" else value for name, value in sent.items()}
        answer = browser("head").post(f"/reports/{report.pk}", sent, follow=True)
        assert said in answer.content.decode() and Report.objects.get().version == 1

    def test_a_step_that_there_is_not_is_told_by_its_names(self, province, browser, report):
        review.review(province.scope("head"), report.pk, 1, Status.DROPPED, "dua kali")
        sent = {"status": "verified", "version": "2"}
        answer = browser("head").post(f"/reports/{report.pk}", sent, follow=True)
        assert "Laporan yang tidak dilanjutkan tidak dapat menjadi terverifikasi." in answer.content.decode()

    def test_a_lawful_gathering_is_turned_back_in_indonesian(self, browser):
        given = plain(a_report(text="Warga berunjuk rasa damai di depan kantor bupati menolak tambang."))
        given["observed_at"] = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
        page = browser("officer").post("/reports/new", given).content.decode()
        assert "Itu hak setiap warga" in page and "this text tells" not in page and not Report.objects.exists()

    def test_a_task_s_refusals(self, province, browser):
        task = assigning.assign(province.scope("head"), a_task()).record
        path = f"/tasks/{task.pk}"
        for who, sent, said in (
            ("head", {"act": "remove", "version": "1"}, "Tuliskan alasannya"),
            ("head", {"act": "assign", "version": "x"}, UNREADABLE),
            (
                "head",
                {"act": "assign", "version": "1", "assigned": str(province.people["far"].pk)},
                "Petugas itu tidak",
            ),
            ("officer", {"act": "remove", "version": "1", "reason": "x"}, "Hanya pimpinan satuan"),
            ("officer", {"act": "done", "version": "1", "id": str(uuid.uuid4())}, "tugas selesai dengan mencatat"),
            ("head", {"act": "in_progress", "version": "1", "id": str(uuid.uuid4())}, "Hanya petugas tugas ini"),
        ):
            answer = browser(who).post(path, sent, follow=True).content.decode()
            assert said in answer, (who, sent)

    @pytest.mark.parametrize(
        ("who", "path", "said"),
        [
            ("officer", "/review/", "Hanya pimpinan yang meninjau laporan."),
            ("head", "/reports/new", "Hanya bhabinkamtibmas"),
            ("auditor", "/forecasts/", "Prakiraan dibaca oleh"),
            ("head", "/audit/", "Hanya pengawas"),
        ],
    )
    def test_a_page_that_is_another_s(self, browser, who, path, said):
        answer = browser(who).get(path)
        assert answer.status_code == 403 and said in answer.content.decode()


@pytest.mark.django_db
class TestApi:
    def test_a_problem_says_it_in_both_languages(self, device, report):
        refused = is_problem(
            device("head")("post", f"/reports/{report.pk}/review", {"version": 1, "status": "dropped"}), 422
        )
        assert refused["detail"].startswith("say why") and refused["said"].startswith("Tuliskan alasannya")
        sent = {"version": 1, "status": "verified"}
        not_theirs = is_problem(device("district")("post", f"/reports/{report.pk}/review", sent), 403)
        assert "the next step" in not_theirs["detail"] and "menunggu tinjauan Kanit Binmas" in not_theirs["said"]
        assert "said" not in is_problem(device("head")("get", "/reports?cursor=xyz"), 422)

    def test_so_does_each_item_of_a_batch(self, device):
        late = plain(a_visit(started_at=timezone.now() + dt.timedelta(days=3))) | {"kind": "visit"}
        elsewhere = plain(a_report("74.71.02.1001")) | {"kind": "report"}
        answer = device("officer")("post", "/sync", {"items": [late, elsewhere]}).json()
        said = [(each["problem"]["detail"], each["problem"]["said"]) for each in answer["results"]]
        assert "lies in the future" in said[0][0] and said[0][1].startswith("Waktu ini belum terjadi")
        assert "not among your villages" in said[1][0] and "bukan desa/kelurahan binaan Anda" in said[1][1]

    def test_the_description_tells_of_it(self, client):
        problem = client.get("/api/v1/openapi.json").json()["components"]["schemas"]["Problem"]
        assert "Indonesian" in problem["properties"]["said"]["description"]
