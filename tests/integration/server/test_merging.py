"""Two reports of one event: which are offered to be merged, and how that is done and undone on the page."""

import datetime as dt
import math
import re

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rukun.server.people.services import Refused
from rukun.server.reports import filing, queries, review
from rukun.server.reports.models import Report, Status
from rukun.server.territory.models import Area
from samples import NOW, a_report

pytestmark = pytest.mark.django_db
AT = NOW - dt.timedelta(days=20)
#: Villages of the second subdistrict: 4 km, 5.6 km and 33 km from the first village of the first one.
POINTS = {"74.01.01.1001": (-4.0, 122.0), "74.01.02.1001": (-4.0, 122.036), "74.01.02.1002": (-4.05, 122.0),
          "74.01.02.1003": (-4.3, 122.0)}  # fmt: skip


@pytest.fixture
def file(province):
    """Files a report of any village, as an officer would who has it, so many hours after AT."""
    for code, (latitude, longitude) in POINTS.items():
        Area.objects.filter(code=code).update(latitude=latitude, longitude=longitude)

    def filed(village="74.01.01.1001", hours=0.0, who="officer", **changes):
        scope = province.scope(who)
        given = a_report(village, observed_at=AT + dt.timedelta(hours=hours), **changes)
        area = Area.objects.get(code=village)
        kept, _ = filing.masked_report(given)
        return Report.objects.create(
            id=given.id, village=area, author=scope.user, received_at=NOW, changed_at=NOW, digest="0" * 64, **kept
        )

    return filed


def obviously(scope, report, everything):
    """What `possibly_same` promises, said slowly."""
    here = report.village

    def near(village):
        if village.parent_id == here.parent_id:
            return True
        if None in (village.latitude, here.latitude):
            return False
        north = abs(village.latitude - here.latitude) * 111.2
        east = abs(village.longitude - here.longitude) * 111.2 * math.cos(math.radians(here.latitude))
        return north <= 5 and east <= 5

    found = [
        other
        for other in everything
        if other.pk != report.pk
        and scope.villages.filter(pk=other.village_id).exists()
        and near(other.village)
        and abs(other.observed_at - report.observed_at) <= dt.timedelta(days=3)
        and other.status != "dropped"
        and other.author_id != scope.user.pk
        and other.merged_into_id is None
        and not any(third.merged_into_id == other.pk for third in everything)
    ]
    return sorted(found, key=lambda other: (abs(other.observed_at - report.observed_at), other.pk))[:20]


class TestPossiblySame:
    @pytest.mark.parametrize("who", ["head", "other_head", "district", "directorate"])
    def test_what_is_near_in_place_and_time_and_in_command(self, province, file, who):
        report = file()
        made = {
            (village.code, hours): file(village.code, hours)
            for number, village in enumerate(Area.objects.filter(level=4))
            for hours in (-80, -71, -0.5 * number - 0.1, number, 72, 72.1)
        }
        first, second, third = (made["74.01.01.1002", hours].pk for hours in (-71, 1, 72))
        Report.objects.filter(pk=first).update(status=Status.DROPPED)
        Report.objects.filter(pk=second).update(merged_into=third)
        everything = list(Report.objects.select_related("village"))
        scope = province.scope(who)
        found = queries.possibly_same(scope, report)
        assert found == obviously(scope, report, everything)
        # four in time of each of four villages, less the dropped one and the two of a merge
        assert len(found) == {"head": 9, "other_head": 4, "district": 13, "directorate": 13}[who]

    def test_at_most_twenty_the_nearest_in_two_queries(self, province, file):
        report = file()
        scope = province.scope("head")

        def cost():
            with CaptureQueriesContext(connection) as seen:
                found = queries.possibly_same(scope, report)
                assert all(other.village.name and other.category_said for other in found)
            return len(seen)

        file(hours=1)
        cost()
        few = cost()
        for hour in range(2, 40):
            file("74.01.01.1003", hours=hour, who="neighbour")
            file("74.01.01.1003", hours=-hour, who="neighbour")
        assert cost() == few == 2
        found = queries.possibly_same(scope, report)
        assert len(found) == 20
        assert sorted(abs((other.observed_at - AT).total_seconds()) / 3600 for other in found)[-1] == 11

    def test_an_exercise_and_reality_are_not_offered_to_one_another(self, province, file):
        report, other = file(), file(hours=1)
        Report.objects.filter(pk=other.pk).update(exercise=True)
        assert queries.possibly_same(province.scope("head"), report) == []


@pytest.fixture
def head(province):
    client = Client()
    client.force_login(province.people["head"])
    Authenticator.objects.create(user=province.people["head"], type="totp", data={"secret": "x"})
    return client


class TestPage:
    def test_from_the_choice_to_the_undone_merge(self, head, file):
        report, other = file(), file("74.01.01.1003", 2, "neighbour", text="Lemparan batu di batas desa.")
        path = f"/reports/{report.pk}"
        page = head.get(path).content.decode()
        (choice,) = re.findall(r'type="radio" name="merged" value="([0-9a-f-]{36})"', page)
        assert choice == str(other.pk) and "Lemparan batu di batas desa." in page and "Desa 01-01-2" in page
        sent = {"act": "merge", "merged": choice, "reason": "kejadian yang sama di batas desa"}
        page = head.post(path, sent, follow=True).content.decode()
        assert "Tersimpan." in page and "Laporan lain tentang kejadian ini" in page
        assert 'type="radio"' not in page and "Tidak ada laporan lain dari sekitar sini" in page
        assert Report.objects.get(pk=other.pk).merged_into_id == report.pk
        page = head.post(path, {"act": "unmerge", "merged": choice}, follow=True).content.decode()
        assert 'type="radio"' in page and "Laporan lain tentang kejadian ini" not in page
        assert Report.objects.get(pk=other.pk).merged_into_id is None

    def test_without_a_choice_and_with_another_s_report_nothing_is_merged(self, province, head, file):
        report, far = file(), file("74.71.02.1001", 0, "far")
        path = f"/reports/{report.pk}"
        answer = head.post(path, {"act": "merge", "reason": "sama"}, follow=True)
        assert "Isian tidak lengkap" in answer.content.decode()
        assert head.post(path, {"act": "merge", "merged": str(far.pk), "reason": "sama"}).status_code == 404
        assert head.post(path, {"act": "unmerge", "merged": str(far.pk)}).status_code == 404
        assert not Report.objects.exclude(merged_into=None).exists()

    def test_who_may_not_review_is_offered_nothing(self, province, file):
        report, other = file(), file(hours=1)
        review.merge(province.scope("head"), report.pk, other.pk, "sama")
        client = Client()
        client.force_login(province.people["officer"])
        page = client.get(f"/reports/{report.pk}").content.decode()
        assert "Laporan lain tentang kejadian ini" in page and "Batalkan penggabungan" not in page
        assert "<h2>Gabungkan</h2>" not in page


def test_a_dropped_report_takes_no_other(province, head, file):
    dropped, other = file(), file(hours=1)
    review.review(province.scope("head"), dropped.pk, 1, Status.DROPPED, "tidak terbukti")
    with pytest.raises(Refused, match="takes no other"):
        review.merge(province.scope("head"), dropped.pk, other.pk, "sama")
    assert "<h2>Gabungkan</h2>" not in head.get(f"/reports/{dropped.pk}").content.decode()
    review.merge(province.scope("head"), other.pk, dropped.pk, "sama")
    assert Report.objects.get(pk=dropped.pk).merged_into_id == other.pk
