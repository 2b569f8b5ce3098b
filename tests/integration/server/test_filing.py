"""Filing and review, each rule through its service."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from rukun.server.audit.models import Entry
from rukun.server.audit.queries import verify
from rukun.server.people import services as people
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.reports import filing, review
from rukun.server.reports.filing import Lawful
from rukun.server.reports.models import Merge, Report, Status, Visit
from rukun.server.reports.queries import to_review, verified
from rukun.server.reports.storing import OtherContent
from samples import a_report, a_visit

pytestmark = pytest.mark.django_db


def actions():
    return list(Entry.objects.order_by("number").values_list("action", flat=True))


class TestFiling:
    def test_a_report_is_stored_once_with_a_coarse_point_and_an_entry(self, province):
        given = a_report()
        first, second = (filing.file_report(province.scope("officer"), given) for _ in range(2))
        assert (first.stored, second.stored) == (True, False)
        report = Report.objects.get()
        assert (str(report.latitude), str(report.longitude)) == ("-3.988", "122.512")
        assert (report.status, report.version, report.exercise) == ("submitted", 1, False)
        assert actions()[-1] == "report.filed" and actions().count("report.filed") == 1
        assert not verify().faults

    def test_other_content_under_the_same_id_is_refused(self, province):
        given = a_report()
        filing.file_report(province.scope("officer"), given)
        with pytest.raises(OtherContent, match="other content"):
            filing.file_report(province.scope("officer"), a_report(id=given.id, category="theft"))
        with pytest.raises(OtherContent, match="taken"):
            filing.file_report(province.scope("neighbour"), a_report("74.01.01.1003", id=given.id))

    @pytest.mark.parametrize(
        "name", ["neighbour", "far", "head", "district", "directorate", "auditor", "administrator", "desk", "nobody"]
    )
    def test_only_the_village_s_own_officer_files(self, province, name):
        for file, given in ((filing.file_report, a_report()), (filing.file_visit, a_visit())):
            with pytest.raises(NotAllowed):
                file(province.scope(name), given)
        assert not Report.objects.exists() and not Visit.objects.exists()

    @pytest.mark.parametrize(
        ("field", "changes"),
        [
            ("category", {"category": "demonstration"}),
            ("category", {"category": "worship"}),
            ("level", {"level": "certain"}),
            ("source", {"source": "spy"}),
            ("source_reliability", {"source_reliability": "G"}),
            ("information_reliability", {"information_reliability": "0"}),
            ("text", {"text": "   "}),
            ("text", {"text": "x" * 4001}),
            ("latitude", {"latitude": None}),
            ("latitude", {"latitude": 90.1}),
            ("longitude", {"longitude": float("nan")}),
            ("observed_at", {"observed_at": timezone.now() + dt.timedelta(days=2)}),
            ("observed_at", {"observed_at": timezone.now() - dt.timedelta(days=3000)}),
            ("observed_at", {"observed_at": dt.datetime(2024, 1, 1)}),
        ],
    )
    def test_what_is_wrong_is_refused_with_its_field(self, province, field, changes):
        with pytest.raises(Refused) as refused:
            filing.file_report(province.scope("officer"), a_report(**changes))
        assert refused.value.field == field and str(refused.value)
        assert not Report.objects.exists()

    @pytest.mark.parametrize(
        "text",
        [
            "Warga berunjuk rasa damai di depan kantor bupati menolak tambang.",
            "Pengajian rutin di masjid dihadiri 200 orang, berjalan aman tanpa gangguan.",
            "Mahasiswa menyampaikan aspirasi di kantor DPRD, tidak ada bentrokan atau kerusakan.",
            "Warga mencoblos di TPS 3.",
        ],
    )
    def test_a_text_that_tells_only_of_a_right_is_turned_back(self, province, text):
        with pytest.raises(Lawful, match="a right of everybody") as turned_back:
            filing.file_report(province.scope("officer"), a_report(text=text, category="other"))
        assert "hak setiap warga" in turned_back.value.said

    def test_harm_beside_a_lawful_gathering_can_be_filed(self, province):
        text = "Setelah unjuk rasa selesai, dua pemuda saling pukul di terminal."
        assert filing.file_report(province.scope("officer"), a_report(text=text)).stored

    @pytest.mark.parametrize(
        ("field", "changes"),
        [
            ("minutes", {"minutes": 0}),
            ("minutes", {"minutes": 1441}),
            ("contacts", {"contacts": {"spy": 1}}),
            ("contacts", {"contacts": {"household": 0}}),
            ("started_at", {"started_at": timezone.now() + dt.timedelta(days=2)}),
        ],
    )
    def test_a_visit_that_is_wrong_is_refused(self, province, field, changes):
        with pytest.raises(Refused) as refused:
            filing.file_visit(province.scope("officer"), a_visit(**changes))
        assert refused.value.field == field

    def test_a_visit_is_stored_once(self, province):
        given = a_visit()
        assert [filing.file_visit(province.scope("officer"), given).stored for _ in range(2)] == [True, False]
        assert {c.kind: c.number for c in Visit.objects.get().contacts.all()} == {"household": 3, "school": 1}
        with pytest.raises(OtherContent):
            filing.file_visit(province.scope("officer"), a_visit(id=given.id, contacts={"household": 4}))

    def test_personal_data_is_masked_before_it_is_stored_anywhere(self, province):
        number, phone = "7401014507900003", "0812-3456-7890"
        given = a_report(text=f"Terjadi perkelahian. Hubungi {phone}, NIK {number}.")
        filed = filing.file_report(province.scope("officer"), given)
        assert sum(filed.masked.values()) == 2
        stored = Report.objects.get().text + "".join(str(entry.details) for entry in Entry.objects.all())
        assert number not in stored and phone not in stored and "perkelahian" in stored


class TestReview:
    @pytest.fixture
    def report(self, province):
        return filing.file_report(province.scope("officer"), a_report()).record

    def test_the_head_of_the_unit_verifies_and_only_then_it_counts(self, province, report):
        assert list(to_review(province.scope("head"))) == [report] and not verified().exists()
        done = review.review(province.scope("head"), report.pk, 1, Status.VERIFIED)
        assert (done.status, done.version) == ("verified", 2)
        assert list(verified()) == [report] and not to_review(province.scope("head")).exists()
        assert actions()[-1] == "report.reviewed"

    @pytest.mark.parametrize(
        "name", ["other_head", "other_district", "neighbour", "far", "desk", "auditor", "administrator", "nobody"]
    )
    def test_out_of_scope_there_is_no_report(self, province, report, name):
        with pytest.raises(Report.DoesNotExist):
            review.review(province.scope(name), report.pk, 1, Status.VERIFIED)

    def test_it_climbs_one_step(self, province, report):
        for name in ("officer", "district", "directorate"):
            with pytest.raises(NotAllowed):
                review.review(province.scope(name), report.pk, 1, Status.VERIFIED)

    def test_while_a_step_is_vacant_the_next_takes_its_place(self, province, report):
        today = timezone.localdate()
        people.end_posting(None, province.people["head"].postings.get(), today)
        with pytest.raises(NotAllowed, match="Kasat Binmas"):
            review.review(province.scope("directorate"), report.pk, 1, Status.VERIFIED)
        people.end_posting(None, province.people["district"].postings.get(), today)
        assert review.review(province.scope("directorate"), report.pk, 1, Status.VERIFIED).status == "verified"

    @pytest.mark.parametrize("after", [Status.RETURNED, Status.DROPPED])
    def test_returning_and_dropping_need_a_reason(self, province, report, after):
        with pytest.raises(Refused, match="say why"):
            review.review(province.scope("head"), report.pk, 1, after, "  ")
        done = review.review(province.scope("head"), report.pk, 1, after, "waktu kejadian belum jelas")
        assert done.steps.get().reason == "waktu kejadian belum jelas"

    def test_the_second_of_two_heads_gets_the_first_s_change_to_look_at(self, province, report):
        review.review(province.scope("head"), report.pk, 1, Status.RETURNED, "kurang jelas")
        with pytest.raises(review.Changed) as changed:
            review.review(province.scope("head"), report.pk, 1, Status.VERIFIED)
        assert changed.value.record.status == "returned" and Report.objects.get().status == "returned"

    def test_a_returned_report_is_mended_by_its_officer_and_submitted_again(self, province, report):
        review.review(province.scope("head"), report.pk, 1, Status.RETURNED, "sebutkan waktunya")
        mended = a_report(id=report.pk, text="Pukul 21.00 dua kelompok pemuda saling lempar batu.")
        with pytest.raises(review.Changed):
            review.amend(province.scope("officer"), mended, 1)
        done = review.amend(province.scope("officer"), mended, 2)
        assert (done.status, done.version) == ("submitted", 3) and "21.00" in Report.objects.get().text
        assert [step.after for step in done.steps.all()] == ["returned", "submitted"]
        with pytest.raises(NotAllowed):
            review.amend(province.scope("head"), mended, 3)

    def test_what_is_verified_or_dropped_is_no_longer_changed_by_its_officer(self, province, report):
        review.review(province.scope("head"), report.pk, 1, Status.DROPPED, "dua kali")
        with pytest.raises(Refused, match="can't be changed"):
            review.amend(province.scope("officer"), a_report(id=report.pk), 2)
        with pytest.raises(Refused, match="can't become"):
            review.review(province.scope("head"), report.pk, 2, Status.VERIFIED)

    def test_two_reports_of_one_event_are_merged_and_that_can_be_undone(self, province, report):
        other = filing.file_report(province.scope("neighbour"), a_report("74.01.01.1003")).record
        head = province.scope("head")
        for one in (report, other):
            review.review(head, one.pk, 1, Status.VERIFIED)
        review.merge(head, report.pk, other.pk, "kejadian yang sama di perbatasan desa")
        assert list(verified()) == [report]
        with pytest.raises(Refused, match="merged into another"):
            review.merge(head, report.pk, other.pk, "lagi")
        with pytest.raises(Refused):
            review.merge(head, report.pk, report.pk, "sendiri")
        with pytest.raises(Report.DoesNotExist):
            review.merge(province.scope("other_head"), report.pk, other.pk, "bukan milik saya")
        assert review.unmerge(head, other.pk).merged_into_id is None
        assert set(verified()) == {report, other} and Merge.objects.get().undone_at is not None
        assert actions()[-2:] == ["report.merged", "report.unmerged"] and not verify().faults

    def test_review_of_what_does_not_exist(self, province):
        with pytest.raises(Report.DoesNotExist):
            review.review(province.scope("head"), uuid.uuid4(), 1, Status.VERIFIED)


class TestPostings:
    def test_a_transfer_moves_the_scope_and_keeps_the_history(self, province):
        report = filing.file_report(province.scope("officer"), a_report()).record
        officer, today = province.people["officer"], timezone.localdate()
        from rukun.server.territory.models import Area

        target = list(Area.objects.filter(code="74.71.01.1001"))
        posting = people.transfer(None, officer.postings.get(), province.units["south-01"], today, target)
        scope = province.scope("officer")
        assert list(scope.villages) == target and not Report.objects.visible_to(scope).exists()
        assert officer.postings.count() == 2 and posting.begins == today
        from rukun.server.people.scope import scope_of

        before = scope_of(officer, today - dt.timedelta(days=1))
        assert list(Report.objects.visible_to(before)) == [report], "who was responsible when is kept"

    def test_a_head_sees_what_units_below_cover_and_no_more(self, province):
        seen = {name: province.scope(name).villages.count() for name in province.people}
        assert seen == {
            "officer": 2,
            "neighbour": 1,
            "far": 1,
            "head": 3,
            "other_head": 3,
            "district": 6,
            "other_district": 6,
            "directorate": 12,
            "desk": 0,
            "auditor": 0,
            "administrator": 0,
            "nobody": 0,
        }

    def test_a_unit_may_cover_villages_of_any_regency(self, province):
        from rukun.server.territory.models import Area

        far = list(Area.objects.filter(code="74.71.01.1001"))
        assert people.cover(None, province.units["north-01"], far) == 1
        assert province.scope("head").villages.count() == 4 and province.scope("other_district").villages.count() == 5

    def test_what_does_not_fit_is_refused(self, province):
        from rukun.server.people.models import Role, UnitLevel
        from rukun.server.territory.models import Area

        officer, day = province.people["officer"], timezone.localdate()
        outside = Area.objects.filter(code="74.71.01.1001")
        for role, unit, villages in (
            (Role.VILLAGE_OFFICER, "north", []),
            (Role.DISTRICT_HEAD, "north-01", []),
            (Role.VILLAGE_OFFICER, "north-01", outside),
            (Role.SUBDISTRICT_HEAD, "north-01", outside),
        ):
            with pytest.raises(Refused):
                people.post(None, officer, role, province.units[unit], day, villages)
        with pytest.raises(Refused, match="Polda > Polres > Polsek"):
            people.make_unit(None, "x", "X", UnitLevel.SUBDISTRICT, province.units["polda"])
        with pytest.raises(NotAllowed):
            people.make_unit(province.scope("directorate"), "x", "X", UnitLevel.DISTRICT, province.units["polda"])
        with pytest.raises(Refused, match=r"umum|common"):
            people.make_user(None, "weak", "password123")
