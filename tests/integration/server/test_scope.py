"""Every endpoint and every page, asked by everybody who must not see what is there."""

import datetime as dt
import json
import uuid

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from rukun.server.api import api
from rukun.server.people import services as people
from rukun.server.prevention import assigning, outcomes
from rukun.server.prevention.assigning import TaskIn
from rukun.server.prevention.models import Task
from rukun.server.prevention.outcomes import OutcomeIn
from rukun.server.reports import filing
from rukun.server.reports.models import Photo, Report
from samples import NOW, a_report, a_visit

pytestmark = pytest.mark.django_db
SECRET = "rahasia-lapangan-sepakbola"
OUTSIDERS = ("neighbour", "far", "other_head", "other_district", "desk", "administrator", "nobody")


@pytest.fixture
def filed(province, settings, tmp_path):
    """A report with a photo and a visit of a village, both with a word that nobody outside may ever get to see."""
    settings.MEDIA_ROOT = tmp_path
    given = a_report(text=f"Saling lempar batu di {SECRET}.")
    report = filing.file_report(province.scope("officer"), given).record
    visit = filing.file_visit(province.scope("officer"), a_visit(topics=SECRET, needs=SECRET)).record
    (tmp_path / "x.jpg").write_bytes(SECRET.encode())
    photo = Photo.objects.create(
        report=report, path="x.jpg", sha256="", size=1, received_at=report.received_at, given=""
    )
    head, day = province.scope("head"), timezone.localdate() + dt.timedelta(days=3)
    task = assigning.assign(head, TaskIn(uuid.uuid4(), "74.01.01.1001", "visit_school", day, why=SECRET)).record
    done = OutcomeIn(uuid.uuid4(), "74.01.01.1001", "mediation", NOW, 60, "settled", True, text=SECRET)
    outcomes.file_outcome(province.scope("officer"), done)
    return {
        "task_id": task.pk,
        "user_id": province.people["officer"].pk,
        "report_id": report.pk,
        "photo_id": photo.pk,
        "visit_id": visit.pk,
        "code": "74.01.01.1001",
        "device_id": 10**6,
    }


def signed_in(user):
    client = Client()
    client.force_login(user)
    # whoever needs a second factor has one here: it is the scope that must hold
    Authenticator.objects.get_or_create(user=user, type="totp", defaults={"data": {"secret": "x"}})
    return client


def pages():
    """Addresses of our pages, with their parameters still in them."""
    found = []
    for pattern in get_resolver().url_patterns:
        route = str(pattern.pattern)
        if not route.startswith(("accounts/", "api/")):
            found.append("/" + route)
    return found


def filled(route, filed):
    for name, value in filed.items():
        for kind in ("uuid:", "int:", ""):
            route = route.replace(f"<{kind}{name}>", str(value)).replace(f"{{{kind}{name}}}", str(value))
    return route


def operations():
    """(method, path) of every operation of the API."""
    return [(m, path) for path, methods in api.get_openapi_schema()["paths"].items() for m in methods]


BODIES = {
    "/api/v1/tasks/{task_id}/assign": {"version": 1},
    "/api/v1/tasks/{task_id}/remove": {"version": 1, "reason": "x"},
    "/api/v1/tasks/{task_id}/status": {"id": str(uuid.uuid4()), "version": 1, "status": "in_progress"},
    "/api/v1/reports/{report_id}/review": {"version": 1, "status": "verified"},
    "/api/v1/reports/{report_id}/merge": {"merged": str(uuid.uuid4()), "reason": "x"},
}


def test_every_page_shows_outsiders_nothing(province, filed):
    for name in OUTSIDERS:
        client = signed_in(province.people[name])
        for route in pages():
            for method in ("get", "post"):
                answer = getattr(client, method)(filled(route, filed), {"status": "verified", "version": 1})
                content = b"".join(answer.streaming_content) if answer.streaming else answer.content
                assert SECRET.encode() not in content, (name, method, route)
                assert answer.status_code < 500, (name, method, route)
                if ("<uuid:report_id>" in route or "<uuid:task_id>" in route) and method == "get":
                    assert answer.status_code == 404, (name, route)
    assert Report.objects.get().status == "submitted"


def test_every_endpoint_gives_outsiders_nothing(province, filed):
    for name in OUTSIDERS:
        _, token = people.register_device(province.people[name], "phone")
        client = Client(headers={"Authorization": f"Bearer {token}"})
        for method, path in operations():
            if path == "/api/v1/devices" and method == "post":
                continue
            body = BODIES.get(path, {"items": [], "text": "x"})
            body = body | ({"task": str(filed["task_id"])} if path.endswith("{task_id}/status") else {})
            more = {} if method in ("get", "delete") else {"data": json.dumps(body), "content_type": "application/json"}
            answer = getattr(client, method)(filled(path, filed), **more)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert SECRET.encode() not in content and answer.status_code < 500, (name, method, path)
            if "{report_id}" in path or "{task_id}" in path:
                assert answer.status_code in (403, 404, 422), (name, method, path, content)
    assert Report.objects.get().status == "submitted" and Task.objects.get().status == "pending"


def test_nobody_gets_anything_without_signing_in(province, filed):
    client = Client()
    for method, path in operations():
        more = {} if method == "get" else {"data": "{}", "content_type": "application/json"}
        answer = getattr(client, method)(filled(path, filed), **more)
        assert answer.status_code in (401, 422) if path == "/api/v1/devices" else answer.status_code == 401, (
            method,
            path,
        )
    for route in pages():
        answer = client.get(filled(route, filed))
        assert answer.status_code == (200 if route == "/health" else 302), route
        if route != "/health":
            assert answer["Location"].startswith("/accounts/login/")


def test_those_in_scope_do_see_it(province, filed):
    for name in ("officer", "head", "district", "directorate"):
        client = signed_in(province.people[name])
        for route in (
            "/reports/",
            "/visits/",
            "/tasks/",
            "/outcomes/",
            f"/reports/{filed['report_id']}",
            f"/tasks/{filed['task_id']}",
        ):
            assert SECRET in client.get(route).content.decode(), (name, route)
        answer = client.get(f"/reports/{filed['report_id']}/photos/{filed['photo_id']}")
        assert b"".join(answer.streaming_content) == SECRET.encode()


def test_the_auditor_reads_the_trail_and_nothing_else(province, filed):
    client = signed_in(province.people["auditor"])
    page = client.get("/audit/").content.decode()
    assert "report.filed" in page and SECRET not in page
    for route in ("/reports/", "/visits/", "/territory/"):
        assert SECRET not in client.get(route).content.decode()
    assert client.get(f"/reports/{filed['report_id']}").status_code == 404
    for name in ("officer", "head", "directorate", "administrator"):
        assert signed_in(province.people[name]).get("/audit/").status_code == 403


def test_who_lacks_a_second_factor_can_only_set_it_up(province):
    for name in ("head", "district", "directorate", "desk", "auditor", "administrator"):
        client = Client()
        client.force_login(province.people[name])
        for route in ("/", "/reports/", "/territory/", "/audit/"):
            assert client.get(route)["Location"] == "/accounts/2fa/totp/activate/", (name, route)
        assert client.get("/api/v1/me").status_code == 401
        assert client.get("/accounts/2fa/totp/activate/").status_code in (200, 302)
    client = Client()
    client.force_login(province.people["officer"])
    assert client.get("/reports/").status_code == 200


def test_pages_of_every_role_hold_no_inline_script_and_say_who_may_frame_them(province, filed):
    for name in province.people:
        answer = signed_in(province.people[name]).get("/")
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert b"<script" not in answer.content and b" style=" not in answer.content
        assert answer["X-Frame-Options"] == "DENY"
