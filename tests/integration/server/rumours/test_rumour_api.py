"""The desk through its API: a rumour from the field to its verdict, and nothing of it for who doesn't work there."""

import datetime as dt
import json
import uuid

import pytest
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from rukun.server.api import api
from rukun.server.audit.models import Entry
from rukun.server.night.services import enqueue_often
from rukun.server.people import services as people
from rukun.server.retention import run_retention
from rukun.server.rumours import joining, tasks, workflow
from rukun.server.rumours.models import Judgement, Placing, Rumour, Sighting, Source
from rumour_samples import CLAIM, a_judged_rumour, a_rumour, a_sighting, a_triage

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def ask(desk):
    tokens = {name: people.register_device(user, "phone")[1] for name, user in desk.people.items()}

    def request(name, method, path, **given):
        more = {"data": json.dumps(given), "content_type": "application/json"} if method != "get" else {"data": given}
        headers = {"Authorization": f"Bearer {tokens[name]}"}
        return getattr(Client(), method)(f"/api/v1/{path}", headers=headers, **more)

    return request


def test_from_a_field_app_to_a_verdict(ask):
    item = {
        "kind": "sighting", "id": str(uuid.uuid4()), "village": "74.01.01.1001", "text": CLAIM,
        "at": timezone.now().isoformat(),
    }  # fmt: skip
    elsewhere = item | {"id": str(uuid.uuid4()), "village": "74.71.02.1001"}
    twice = [ask("officer", "post", "sync", items=[item, elsewhere]).json()["results"] for _ in range(2)]
    assert [[each["status"] for each in results] for results in twice] == [["stored", "refused"], ["known", "refused"]]
    assert [each["text"] for each in ask("officer", "get", "sightings").json()["items"]] == [CLAIM]
    tasks.sort.call()
    (rumour,) = ask("desk", "get", "rumours").json()["items"]
    assert (rumour["status"], rumour["sightings"], rumour["villages"]) == ("new", 1, 1)
    at = f"rumours/{rumour['id']}"
    seen = ask("officer", "get", "sightings").json()["items"][0]
    assert seen["rumour"] is None, "whether something is looked into is the desk's"

    def step(name, act, status=200, **given):
        answer = ask(name, "post", f"{at}/{act}", **given)
        assert answer.status_code == status, answer.content
        return answer.json()

    done = step("desk", "triage", version=1, priority="high", harm="voting", advice="watch")
    assert done["triaged"] and done["deadline"] and done["advice"] == "watch"
    assert (
        step("second", "triage", 409, version=1, priority="low", harm="voting", advice="watch")["current"]["version"]
        == 2
    )
    done = step("desk", "begin", version=2)
    assert done["claimed_by"] is not None
    step("second", "give-back", 422, version=3, reason="x")
    source = step("desk", "evidence", 201, title="KPU", link="https://example.org/kpu", grade="A1")
    done = step("desk", "verdict", version=4, verdict="false", source=source["id"], words="Segel utuh.")
    assert (done["status"], done["verdict"], done["claimed_by"]) == ("judged", "false", None)
    whole = ask("directorate", "get", at)
    assert whole["ETag"] == '"5"' and [each["after"] for each in whole.json()["steps"]][-1] == "judged"
    assert whole.json()["judgements"][0]["words"] == "Segel utuh." and len(whole.json()["evidence"]) == 1
    assert ask("desk", "get", f"{at}/sightings").json()["items"][0]["rumour"] == rumour["id"]


def test_sightings_are_taken_apart_and_put_together_again(desk, ask):
    scope = desk.scope("desk")
    rumour, other = a_rumour(scope, CLAIM, "Kabar lain tentang jadwal yang diundur."), a_rumour(scope)
    sighting = str(Sighting.objects.get(text__contains="diundur").pk)
    new = ask("desk", "post", f"rumours/{rumour.pk}/split", sightings=[sighting], reason="Lain.").json()
    assert (
        ask("desk", "post", f"rumours/{rumour.pk}/move-here", sightings=[sighting], reason="Sama.").status_code == 200
    )
    assert (
        ask("desk", "post", f"rumours/{rumour.pk}/merge", merged=str(other.pk), reason="Sama.").json()["sightings"] == 3
    )
    assert len(ask("desk", "get", "rumours").json()["items"]) == 2
    assert ask("desk", "get", f"rumours/{rumour.pk}").json()["merged"] == [str(other.pk)]
    assert ask("desk", "post", f"rumours/{other.pk}/unmerge").json()["merged_into"] is None
    assert ask("desk", "get", f"rumours/{new['id']}").json()["sightings"] == 0


def test_lists_go_on_by_their_cursor_and_are_filtered(desk, ask):
    scope = desk.scope("desk")
    rumours = [a_rumour(scope, at=timezone.now() - n * dt.timedelta(hours=1)) for n in range(5)]
    workflow.triage(scope, rumours[3].pk, 1, a_triage(priority="high"))
    Rumour.objects.filter(pk=rumours[3].pk).update(deadline=timezone.now() - DAY)
    seen, cursor = [], None
    while True:
        page = ask("desk", "get", "rumours", size=2, **({"cursor": cursor} if cursor else {})).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [str(rumour.pk) for rumour in rumours]
    for given in ({"status": "triaged"}, {"priority": "high"}, {"overdue": True}):
        assert [each["id"] for each in ask("desk", "get", "rumours", **given).json()["items"]] == [str(rumours[3].pk)]
    assert ask("desk", "get", "rumours", status="gone").status_code == 422


def test_the_number_of_queries_doesnt_grow_with_the_list(desk, ask, django_assert_max_num_queries):
    for _ in range(12):
        a_rumour(desk.scope("desk"))
    with django_assert_max_num_queries(8):
        assert len(ask("desk", "get", "rumours").json()["items"]) == 12


def test_nobody_elsewhere_gets_anything_of_the_desk(desk, ask):
    """Every operation of the desk, asked by every other role with bodies that its form allows."""
    from test_scope import bodies, filled, operations

    rumour = a_judged_rumour(desk.scope("desk"))
    source = Source.objects.create(kind="google", name="RAHASIA", link="https://example.org/rahasia")
    Rumour.objects.update(text="RAHASIA")
    Sighting.objects.update(text="RAHASIA")
    known = {"rumour_id": rumour.pk, "evidence_id": rumour.evidence.get().pk, "source_id": source.pk, "match_id": 1}
    before, sent = list(Rumour.objects.values()), bodies()
    mine = [(m, p) for m, p in operations() if p.startswith(("/api/v1/rumour", "/api/v1/evidence", "/api/v1/matches"))]
    assert len(mine) >= 20
    for name in ("officer", "head", "district", "auditor", "administrator", "nobody"):
        _, token = people.register_device(desk.people[name], "other")
        client = Client(headers={"Authorization": f"Bearer {token}"})
        for method, path in mine:
            answer = getattr(client, method)(filled(path, known), **sent[method, path])
            assert answer.status_code in (403, 404), (name, method, path, answer.content)
            assert b"RAHASIA" not in answer.content
        assert b"RAHASIA" not in client.get("/api/v1/sightings").content
    assert list(Rumour.objects.values()) == before


def test_every_operation_of_the_desk_describes_its_errors():
    paths = api.get_openapi_schema()["paths"]
    mine = {path: each for path, each in paths.items() if "rumour" in path or "sighting" in path}
    assert len(mine) >= 17
    for path, methods in mine.items():
        for method, operation in methods.items():
            assert {"401", "403", "404", "422"} <= set(map(str, operation["responses"])), (method, path)


def test_what_is_looked_at_during_the_day_is_queued_when_there_is_something_to_do(desk, settings):
    now = timezone.now().replace(minute=0)
    assert enqueue_often(now) == []
    scope = desk.scope("desk")
    rumour = a_rumour(scope)
    workflow.triage(scope, rumour.pk, 1, a_triage(priority="high"))
    Rumour.objects.update(deadline=now - DAY)
    Source.objects.create(kind="messages", name="x", link="https://example.org/")
    settings.RUKUN_MAIL = "imaps://u:p@h/"
    assert enqueue_often(now) == []
    later = now + dt.timedelta(minutes=61)
    assert enqueue_often(later) == ["rumour_sources", "rumour_proposals", "rumour_mail", "rumour_deadlines"]
    assert enqueue_often(later) == []
    DBTaskResult.objects.all().delete()
    assert enqueue_often(later + dt.timedelta(minutes=5)) == ["rumour_deadlines"]
    # a clock that was wrong for a while stops nothing
    DBTaskResult.objects.all().delete()
    assert "rumour_sources" in enqueue_often(now - DAY)


@pytest.mark.django_db(transaction=True)
def test_words_go_when_their_time_is_over_and_the_count_stays(desk, clean_trail):
    scope = desk.scope("desk")
    old = timezone.now() - 200 * DAY
    rumour = a_rumour(scope, CLAIM, CLAIM, at=old)
    Sighting.objects.update(received_at=old, image_hash="f0f0f0f0f0f0f0f0")
    fresh = a_rumour(scope, at=timezone.now() - DAY)
    due = run_retention(dry_run=True)
    assert due.counts["sightings emptied"] == 2
    done = run_retention()
    assert done.counts["sightings emptied"] == 2 and not run_retention(dry_run=True).counts
    assert set(rumour.sightings.values_list("text", "image_hash", "author", "digest")) == {("", "", None, "")}
    assert fresh.sightings.get().text == CLAIM
    assert Entry.objects.filter(action="retention.sightings").count() == 1


@pytest.mark.django_db(transaction=True)
def test_rumours_go_that_were_never_answered_in_public(desk, clean_trail):
    scope = desk.scope("desk")
    kept, merged = a_judged_rumour(scope), a_rumour(scope)
    joining.merge(scope, kept.pk, merged.pk, "Sama.")
    fresh = a_rumour(scope)
    long_ago = timezone.now() - 800 * DAY
    Rumour.objects.exclude(pk=fresh.pk).update(first_seen=long_ago, last_seen=long_ago, changed_at=long_ago)
    assert run_retention(dry_run=True).counts["rumours"] == 2
    assert run_retention().counts["rumours"] == 2
    assert list(Rumour.objects.all()) == [fresh] and not Judgement.objects.exists() and not Placing.objects.exists()


def test_a_sighting_of_the_desk_needs_no_village(ask):
    given = {"id": str(uuid.uuid4()), "at": timezone.now().isoformat(), "text": CLAIM}
    assert ask("desk", "post", "sightings", **given).status_code == 201
    assert ask("desk", "post", "sightings", **given).status_code == 200
    assert ask("desk", "post", "sightings", **(given | {"text": "lain"})).status_code == 409
    assert ask("officer", "post", "sightings", **(given | {"id": str(uuid.uuid4())})).status_code == 422
    assert ask("auditor", "post", "sightings", **(given | {"id": str(uuid.uuid4())})).status_code == 403
    assert a_sighting().village is None
