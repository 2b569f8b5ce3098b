"""Every endpoint and every page, asked by everybody who must not see what is there."""

import datetime as dt
import json
import uuid

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from province import BEGUN
from rukun.server.api import api
from rukun.server.people import services as people
from rukun.server.people.models import Coverage, DeviceToken, Posting, Role, Unit
from rukun.server.people.scope import scope_of
from rukun.server.prevention import assigning, outcomes
from rukun.server.prevention.assigning import TaskIn
from rukun.server.prevention.models import Outcome, Task
from rukun.server.prevention.outcomes import OutcomeIn
from rukun.server.reports import filing
from rukun.server.reports.models import Photo, Report, ReviewStep, Visit
from rukun.server.territory.models import Area
from samples import NOW, a_report, a_visit

pytestmark = pytest.mark.django_db
SECRET = "rahasia-lapangan-sepakbola"
#: The name of the officer of the village: of outsiders only administrators, who run accounts, see it.
PERSON = "rahasia-nama-petugas"
#: Every role elsewhere or beside, and in time: who left the village, who comes tomorrow, whose own unit it never was.
OUTSIDERS = (
    "neighbour", "far", "other_head", "far_head", "other_district", "desk", "auditor", "administrator", "nobody",
    "former", "coming", "former_head", "former_directorate",
)  # fmt: skip
#: What the desk itself may add.
DESK_FILES = ("/api/v1/sightings", "/api/v1/rumour-sources")
#: Addresses for message services: open to nobody who doesn't know their secret, signed in or not.
HOOKS = "/hooks/"
TODAY = timezone.localdate()
#: What administrators run.
RUN = ("/people", "/units", "/new-unit", "/postings", "/devices")


def hire(province, name, role, unit, begins, ends=None, *codes):
    user = people.make_user(None, name, "a long pass phrase", name.title())
    villages = Area.objects.filter(code__in=codes)
    posting = people.post(None, user, role, province.units[unit], begins, villages)
    if ends is not None:
        people.end_posting(None, posting, ends)
    province.people[name] = user


@pytest.fixture
def filed(province, settings, tmp_path):
    """A report with a photo and a visit of a village, both with a word that nobody outside may ever get to see."""
    settings.MEDIA_ROOT = tmp_path
    hire(province, "far_head", Role.SUBDISTRICT_HEAD, "south-01", BEGUN)
    hire(province, "former", Role.VILLAGE_OFFICER, "north-01", BEGUN, TODAY, "74.01.01.1001")
    hire(province, "coming", Role.VILLAGE_OFFICER, "north-01", TODAY + dt.timedelta(1), None, "74.01.01.1001")
    hire(province, "former_head", Role.SUBDISTRICT_HEAD, "north-01", BEGUN, TODAY)
    hire(province, "former_directorate", Role.DIRECTORATE, "polda", BEGUN, TODAY)
    people.rename_user(None, province.people["officer"], PERSON)
    device, _ = people.register_device(province.people["officer"], "phone")
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
        # the desk's own tests ask for one that there is: here the desk is among the outsiders
        **{name: uuid.uuid4() for name in ("rumour_id", "evidence_id", "source_id")},
        "match_id": 1,
        "user_id": province.people["officer"].pk,
        "report_id": report.pk,
        "photo_id": photo.pk,
        "visit_id": visit.pk,
        "code": "74.01.01.1001",
        "device_id": device.pk,
        "unit_code": "north-01",
        "posting_id": province.people["officer"].postings.get().pk,
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
        for kind in ("uuid:", "int:", "slug:", ""):
            route = route.replace(f"<{kind}{name}>", str(value)).replace(f"{{{kind}{name}}}", str(value))
    return route


def operations():
    """(method, path) of every operation of the API."""
    return [(m, path) for path, methods in api.get_openapi_schema()["paths"].items() for m in methods]


#: What a part of a body is called, and what it is here: about the village, the unit and the people in question.
GIVEN = {
    "version": 1, "village": "74.01.01.1001", "villages": ["74.01.01.1001"], "remove": ["74.01.01.1001"],
    "add": ["74.71.02.1001"], "unit": "north-01", "parent": "north", "code": "north-09", "username": "officer",
    "role": "village_officer", "items": [], "reason": "x", "text": "x", "observed_at": NOW.isoformat(),
    "started_at": NOW.isoformat(), "done_at": NOW.isoformat(), "category": "fire",
}  # fmt: skip


def body_of(schema, whole, name=""):
    """A body that the form of an operation allows, so that what refuses it is the scope."""
    if "$ref" in schema:
        return body_of(whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]], whole, name)
    if "anyOf" in schema:
        return body_of(next(one for one in schema["anyOf"] if one.get("type") != "null"), whole, name)
    if schema.get("type") == "object":
        named = schema.get("properties", {})
        return {n: body_of(named[n], whole, n) for n in named if n in schema.get("required", ()) or n in GIVEN}
    if name in GIVEN:
        return GIVEN[name]
    if "enum" in schema:
        return schema["enum"][-1]
    if "examples" in schema:
        return schema["examples"][0]
    if schema.get("type") == "array" and schema.get("minItems"):
        return [body_of(schema["items"], whole)]
    if schema.get("type") == "string":
        forms = {"uuid": str(uuid.uuid4()), "date": str(TODAY), "date-time": NOW.isoformat()}
        return forms.get(schema.get("format"), "x")
    return {"integer": schema.get("minimum", 1), "number": 1, "boolean": True, "array": []}[schema["type"]]


def bodies():
    """(method, path) -> what is sent with it."""
    whole, found = api.get_openapi_schema(), {}
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                body = body_of(content["application/json"]["schema"], whole)
                found[method, path] = {"data": json.dumps(body), "content_type": "application/json"}
            else:
                found[method, path] = {}
    return found


def records():
    """Every row of what officers filed and heads decided, and of who answers for what."""
    filed = [list(model.objects.order_by("pk").values()) for model in (Report, Visit, Photo, Task, Outcome, ReviewStep)]
    return filed, [list(model.objects.order_by("pk").values()) for model in (Unit, Coverage, Posting)]


def content_of(answer):
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode(errors="replace")


def test_every_page_shows_outsiders_nothing(province, filed):
    before = records()
    for name in OUTSIDERS:
        client = signed_in(province.people[name])
        for route in pages():
            for method in ("get", "post"):
                given = {"status": "verified", "version": 1} if method == "post" else {}
                acts = ("", "rename", "uncover", "end", "close", "revoke") if route.startswith(RUN) else ("",)
                for act in acts if method == "post" else ("",):
                    if act and name == "administrator":
                        continue  # that is what they are there for
                    more = {
                        "act": act,
                        "name": "X",
                        "codes": "74.01.01",
                        "ends": str(TODAY),
                        "device": filed["device_id"],
                    }
                    answer = getattr(client, method)(filled(route, filed), given | (more if act else {}))
                    content = content_of(answer)
                    assert SECRET not in content, (name, method, route)
                    assert PERSON not in content or name == "administrator", (name, method, route)
                    assert answer.status_code < 500, (name, method, route)
                    if ("<uuid:report_id>" in route or "<uuid:task_id>" in route) and method == "get":
                        assert answer.status_code == 404, (name, route)
                    if any(part in route for part in ("<slug:unit_code>", "<int:user_id>", "<int:posting_id>")):
                        assert answer.status_code in (403, 404) or name == "administrator", (name, method, route)
        assert records() == before, name
    assert DeviceToken.objects.get(pk=filed["device_id"]).revoked_at is None


def test_every_endpoint_gives_outsiders_nothing(province, filed):
    before, sent = records(), bodies()
    formed = set()
    for name in OUTSIDERS:
        _, token = people.register_device(province.people[name], "phone")
        client = Client(headers={"Authorization": f"Bearer {token}"})
        for method, path in operations():
            runs_it = name == "administrator" and path.startswith(
                ("/api/v1/units", "/api/v1/postings", "/api/v1/devices")
            )
            files = name == "desk" and path.startswith(DESK_FILES)
            if (path == "/api/v1/devices" and method == "post") or ((runs_it or files) and method != "get"):
                continue
            answer = getattr(client, method)(filled(path, filed), **sent[method, path])
            content = content_of(answer)
            assert SECRET not in content and answer.status_code < 500, (name, method, path)
            assert PERSON not in content or name == "administrator", (name, method, path)
            if method != "get" and "/problems/invalid" not in content:
                formed.add((method, path))
            if "{" in path and not runs_it:
                assert answer.status_code in (403, 404, 422), (name, method, path, content)
        assert records() == before, name
    # it was the scope that refused, and not the form of what was sent: photos alone are no JSON
    unformed = {one for one in sent if one[0] != "get" and one != ("post", "/api/v1/devices")} - formed
    assert {path for _, path in unformed} <= {"/api/v1/reports/{report_id}/photos/{photo_id}"}, unformed
    assert DeviceToken.objects.get(pk=filed["device_id"]).revoked_at is None


def test_who_is_responsible_tomorrow_or_was_yesterday_sees_it_on_that_day_only(province, filed):
    for name, day, seen in (
        ("former", TODAY - dt.timedelta(1), 1), ("former", TODAY, 0),
        ("coming", TODAY, 0), ("coming", TODAY + dt.timedelta(1), 1),
    ):  # fmt: skip
        assert Report.objects.visible_to(scope_of(province.people[name], day)).count() == seen, (name, day)


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
        if route.startswith(HOOKS):
            assert answer.status_code in (404, 405), route
            continue
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
