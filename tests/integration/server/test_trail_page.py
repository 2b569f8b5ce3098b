"""The auditor's page: who did it by name, and the searches of the trail."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rukun.server.audit.services import change
from rukun.server.people import services as people
from rukun.server.reports import filing, review
from rukun.server.reports.models import Status
from samples import a_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(province):
    client = Client()
    client.force_login(province.people["auditor"])
    Authenticator.objects.create(user=province.people["auditor"], type="totp", data={"secret": "x"})
    return client


@pytest.fixture
def report(province):
    made = filing.file_report(province.scope("officer"), a_report()).record
    review.review(province.scope("head"), made.pk, 1, Status.VERIFIED)
    return made


def rows(answer):
    """(actor, action, subject) of each entry on the page, with the names beside them."""
    assert answer.status_code == 200
    cells = re.findall(r"<tr><td>\d+</td><td[^>]*>[^<]*</td>(.*?)</tr>", answer.content.decode(), re.S)
    return [tuple(re.sub(r"<[^>]+>", "", cell) for cell in row.split("</td>")[:3]) for row in cells]


def test_accounts_are_named_beside_their_numbers(province, auditor, report):
    officer, head, far = (province.people[name] for name in ("officer", "head", "far"))
    people.close_account(province.scope("administrator"), far)
    seen = rows(auditor.get("/audit/"))
    assert (f"{head.actor} (head)", "report.reviewed", f"report:{report.pk}") in seen
    assert (f"{officer.actor} (officer)", "report.filed", f"report:{report.pk}") in seen
    assert any(subject == f"user:{far.pk} (far)" for _, action, subject in seen if action.startswith("user."))
    assert ("system", "unit.made") in {row[:2] for row in seen}


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("actor=head", {"report.reviewed"}),
        ("actor=HEAD", {"report.reviewed"}),
        ("action=report.filed", {"report.filed"}),
        ("actor=officer&action=report.filed", {"report.filed"}),
        ("actor=officer&action=report.reviewed", set()),
        ("subject=report:REPORT", {"report.filed", "report.reviewed"}),
        ("subject=report:REPORT&actor=head", {"report.reviewed"}),
        ("actor=nobody-of-that-name", set()),
        ("actor=%00&action=report.filed", {"report.filed"}),
    ],
)
def test_by_whom_what_and_of_what(auditor, report, sought, found):
    answer = auditor.get(f"/audit/?{sought.replace('REPORT', str(report.pk))}")
    assert {action for _, action, _ in rows(answer)} == found
    assert ("Tidak ada catatan yang cocok." in answer.content.decode()) == (not found)


def test_an_actor_is_found_as_the_trail_names_it_too(province, auditor, device, report):
    by_number = rows(auditor.get(f"/audit/?actor={province.people['head'].actor}"))
    assert by_number == rows(auditor.get("/audit/?actor=head")) and len(by_number) == 1
    told = device("auditor")("get", "/audit?actor=head&action=report.reviewed").json()["items"]
    assert [(entry["actor"], entry["action"]) for entry in told] == [(province.people["head"].actor, "report.reviewed")]


def test_the_next_page_keeps_what_was_sought_and_a_page_costs_the_same_however_many_names(province, auditor, report):
    def cost():
        with CaptureQueriesContext(connection) as seen:
            answer = auditor.get("/audit/?action=report.read")
        return len(seen), answer

    few, _ = cost()
    for number in range(130):
        who = ("officer", "head", "far", "district")[number % 4]
        with change(province.people[who].actor) as trail:
            trail.add("report.read", f"user:{province.people['neighbour'].pk}")
    many, answer = cost()
    assert many <= few + 1 and len(rows(answer)) == 100
    (following,) = re.findall(r'href="(\?before=[^"]+)">Berikutnya', answer.content.decode())
    rest = rows(auditor.get("/audit/" + following.replace("&amp;", "&")))
    assert len(rest) == 30 and {action for _, action, _ in rest} == {"report.read"}


def test_every_page_names_an_icon_that_there_is(auditor):
    from django.contrib.staticfiles import finders

    (icon,) = re.findall(r'<link rel="icon"[^>]*href="/static/([^"]+)"', auditor.get("/audit/").content.decode())
    assert finders.find(re.sub(r"\.[0-9a-f]{12}\.svg$", ".svg", icon))
