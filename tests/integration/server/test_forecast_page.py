"""The page of the newest forecast: what it says of how it was made, in the reader's language, and of the next one."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone, translation

from rukun.server.forecasts.models import Forecast, ForecastRun
from rukun.server.forecasts.queries import next_due
from rukun.server.forecasts.services import make_forecast
from rukun.server.night.models import Nightly
from rukun.server.night.services import enqueue_due
from rukun.server.reports import filing, review
from rukun.server.reports.models import Report, Status
from rukun.server.territory.models import Area
from samples import NOW, a_report

pytestmark = pytest.mark.django_db
MAKASSAR = ZoneInfo("Asia/Makassar")


def at(text):
    """A moment in the installation's time."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=MAKASSAR)


@pytest.fixture
def page(province):
    def seen_by(name):
        client = Client()
        client.force_login(province.people[name])
        Authenticator.objects.get_or_create(user=province.people[name], type="totp", defaults={"data": {"secret": "x"}})
        return client.get("/forecasts/").content.decode()

    return seen_by


def verified_weeks(province, weeks):
    """A verified report in each of the last weeks."""
    for week in range(weeks):
        given = a_report(observed_at=NOW - dt.timedelta(days=8 + 7 * week))
        filing.file_report(province.scope("officer"), given)
        review.review(province.scope("head"), given.id, 1, Status.VERIFIED)


def test_notes_are_kept_and_said_in_both_languages(province, page):
    verified_weeks(province, 30)
    filing.file_report(province.scope("officer"), a_report())
    run = make_forecast("mean")
    assert run.status == "done" and Forecast.objects.filter(run=run).count() == 12 * 4
    assert all(set(note) == {"id", "en"} and note["id"] != note["en"] for note in run.notes) and len(run.notes) >= 3
    assert run.notes_said[0].startswith("1 laporan menunggu tinjauan")
    with translation.override("en"):
        assert run.notes_said[0].startswith("1 reports wait for review")
    shown = page("head")
    assert "1 laporan menunggu tinjauan" in shown and "koreksi atas rajin tidaknya melapor" in shown
    assert "wait for review" not in shown and "effort" not in shown


def test_a_refusal_says_in_indonesian_what_is_missing(province, page):
    assert make_forecast().status == "refused"
    assert "Belum ada laporan terverifikasi" in page("head")
    verified_weeks(province, 1)
    assert make_forecast("endemic_epidemic").notes_said[0].startswith("Laporan terverifikasi belum cukup")
    assert "too few" in ForecastRun.objects.first().notes[0]["en"]


def test_without_a_village_the_refusal_says_who_loads_them(db):
    assert not Area.objects.exists() and not Report.objects.exists()
    run = make_forecast()
    assert run.status == "refused" and run.notes_said == [
        "Belum ada desa/kelurahan: administrator perlu memuat wilayah dahulu."
    ]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2024-11-05T14:00", "2024-11-11T02:00"),  # a Tuesday
        ("2024-11-10T23:59", "2024-11-11T02:00"),
        ("2024-11-11T01:59", "2024-11-11T02:00"),
        ("2024-11-11T02:00", "2024-11-18T02:00"),
    ],
)
def test_the_next_is_due_when_the_night_puts_it_in_the_queue(now, due):
    assert next_due(at(now)) == at(due)
    enqueue_due(at(now))
    assert "forecast" not in enqueue_due(at(due) - dt.timedelta(minutes=1))
    assert "forecast" in enqueue_due(at(due)) and Nightly.objects.get(job="forecast").night == at(due).date()


def test_a_head_reads_when_the_next_is_due_and_an_officer_what_there_is(province, page):
    run = ForecastRun.objects.create(
        made_at=timezone.now(), origin=dt.date(2024, 11, 11), model="mean", horizon=4, status="done"
    )
    assert run.notes_said == []
    assert "Prakiraan berikutnya dibuat Senin, " in page("head") and "pukul 02:00" in page("district")
    assert "Pekan mulai 11 November 2024" in page("officer") and "Prakiraan berikutnya" not in page("officer")
