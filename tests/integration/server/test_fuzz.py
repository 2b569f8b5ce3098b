"""The whole API as its own description says it is, held to that by what schemathesis makes of it.

Eight requests to each operation, the same in every run. RUKUN_FUZZ=2000 makes that many, and others each time.
"""

import datetime as dt
import os
import random
import uuid

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from devices import plain
from rukun.server import limits
from rukun.server.api import api
from rukun.server.audit.queries import verify
from rukun.server.people import services as people
from rukun.server.prevention import assigning
from rukun.server.prevention.assigning import TaskIn
from rukun.server.reports import filing, review, taxonomy
from samples import NOW, a_report, a_visit

pytestmark = pytest.mark.django_db

ROLES = ("officer", "head", "administrator", "auditor")
EXAMPLES = int(os.environ.get("RUKUN_FUZZ", "0"))
FUZZED = settings(
    max_examples=EXAMPLES or 8,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate, *((Phase.shrink,) if EXAMPLES else ())),
    suppress_health_check=list(HealthCheck),
)


def described():
    """The API's description, bound to the server itself."""
    config = schemathesis.Config.from_dict(
        {
            "checks": {
                # what is well-formed may still be refused by a rule, such as a time in the future (422), or lock a name
                # out that was tried too often (429)
                "positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "409", "422", "429"]},
            }
        }
    )
    schema = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/v1/"), config=config)
    schema.app = get_wsgi_application()
    return schema


SCHEMA = described()
OPERATIONS = {f"{o.ok().method.upper()} {o.ok().path}": o.ok() for o in SCHEMA.get_all_operations()}


@pytest.fixture(autouse=True)
def _one_connection():
    """The server within the test keeps the test's connection, whose transaction is rolled back."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def known(province):
    """Of each role its token; and by the name of a parameter or field, values behind which there is something."""
    officer, head = province.scope("officer"), province.scope("head")
    first, second, third, fourth = (filing.file_report(officer, a_report()).record for _ in range(4))
    review.merge(head, first.pk, second.pk, "sama")
    filing.file_visit(officer, a_visit())
    due = dt.date.today() + dt.timedelta(days=3)
    mine = province.people["officer"].pk
    tasks = [
        str(assigning.assign(head, TaskIn(uuid.uuid4(), "74.01.01.1001", "mediation", due, assigned)).record.pk)
        for assigned in (mine, None)
    ]
    registered = {name: people.register_device(province.people[name], "phone") for name in ROLES}
    reports = [str(report.pk) for report in (first, second, third, fourth)]
    recently = [(NOW - dt.timedelta(hours=hours)).isoformat() for hours in (1, 30)]
    soon = [due.isoformat(), dt.date.today().isoformat()]
    own = ["74.01.01.1001", "74.01.01.1002"]
    batch = [plain(a_report(), "report"), plain(a_visit(), "visit"), {"kind": "visit"}, {"kind": 3}, {}]
    return {
        "tokens": {name: secret for name, (_, secret) in registered.items()},
        **{"report_id": reports, "report": [*reports, None], "merged": reports[2:]},
        **{"task_id": tasks, "task": [*tasks, None], "assigned": [mine, None], "version": [1, 2, 3]},
        "device_id": [token.pk for token, _ in registered.values()],
        "posting_id": [province.people[name].postings.get().pk for name in ("officer", "neighbour", "head")],
        **{"unit_code": ["north", "north-01"], "unit": ["north-01", "north-02"], "parent": ["north", "polda"]},
        **{"village": own, "villages": [own[:1], []], "add": [own], "remove": [[]]},
        **{"username": ["officer", "nobody", "head"], "role": ["village_officer", "subdistrict_head"]},
        "level": [*taxonomy.LEVELS],
        **{"begins": soon, "ends": soon, "on": soon, "due": soon, "follow_up": [*soon, None]},
        **{name: recently for name in ("observed_at", "started_at", "at")},
        **{"latitude": [-3.98, None], "longitude": [122.5, None]},
        **{name: ["Pemuda lempar batu.", "Harga beras naik."] for name in ("text", "topics", "reason", "why")},
        "items": [batch, batch[:2], batch[2:], [plain(a_report(), "report")] * 2],
        "cursor": [""],
    }


def wanted(known):
    """Of operations in which much must fit together, one request that does: role, parts of the address, body."""
    first, second, _, fourth = known["report_id"]
    own, mended = known["villages"][0], {"id": fourth, "version": 1} | plain(a_report(id=uuid.UUID(fourth)))
    posting, task = {"posting_id": known["posting_id"][1]}, {"task_id": known["task_id"][0]}
    today = dt.date.today().isoformat()
    step = {"id": str(uuid.uuid4()), "task": task["task_id"], "version": 1, "status": "in_progress"}
    new_task = {"id": str(uuid.uuid4()), "village": own[0], "action": "mediation", "due": known["due"][0]}
    unit = {"code": "north-03", "name": "Polsek", "level": 3, "parent": "north"}
    posted = {"username": "nobody", "role": "village_officer", "unit": "north-01", "begins": today, "villages": own}
    moved = {"unit": "north-02", "on": today, "villages": []}
    return {
        "POST /api/v1/units": ("administrator", {}, unit),
        "POST /api/v1/postings": ("administrator", {}, posted),
        "POST /api/v1/postings/{posting_id}/transfer": ("administrator", posting, moved),
        "PUT /api/v1/reports/{report_id}": ("officer", {"report_id": fourth}, mended),
        "POST /api/v1/reports/{report_id}/review": (
            "head",
            {"report_id": fourth},
            {"version": 1, "status": "returned", "reason": "kapan?"},
        ),
        "POST /api/v1/reports/{report_id}/merge": (
            "head",
            {"report_id": first},
            {"merged": fourth, "reason": "sama"},
        ),
        "POST /api/v1/reports/{report_id}/unmerge": ("head", {"report_id": second}, None),
        "POST /api/v1/tasks": ("head", {}, new_task),
        "POST /api/v1/tasks/{task_id}/assign": ("head", task, {"version": 1, "assigned": None, "reason": "cuti"}),
        "POST /api/v1/tasks/{task_id}/remove": ("head", task, {"version": 1, "reason": "selesai sendiri"}),
        "POST /api/v1/tasks/{task_id}/status": ("officer", task, step),
    }


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_as_described(name, known):
    operation, statuses = OPERATIONS[name], set()

    def ask(case, role):
        cache.clear()
        limits.clear()
        with transaction.atomic():
            answer = case.call_and_validate(headers={"Authorization": f"Bearer {known['tokens'][role]}"})
            transaction.set_rollback(True)
        statuses.add(answer.status_code)

    @FUZZED
    @given(
        made=st.sampled_from(list(GenerationMode)).flatmap(
            lambda mode: st.tuples(st.just(mode), operation.as_strategy(generation_mode=mode))
        ),
        role=st.sampled_from(ROLES),
        seed=st.integers(0, 2**16),
    )
    def fuzz(made, role, seed):
        mode, case = made
        # what was made wrong stays so
        if mode.is_positive:
            _put_known(case, known, random.Random(seed))
        ask(case, role)

    fuzz()
    fits = wanted(known).get(name)
    if fits is not None:
        role, parts, body = fits
        sent = {} if body is None else {"body": body, "media_type": "application/json"}
        ask(operation.Case(path_parameters=parts, **sent), role)
    assert not verify().faults
    # in a long run somebody must have got in everywhere, or nothing behind the door was tried
    if fits or (EXAMPLES and name not in CLOSED):
        assert statuses & {200, 201, 204}, (name, statuses)


#: Signing in takes a password that nobody makes up.
CLOSED = ("POST /api/v1/devices",)


def _put_known(case, known, chance):
    """Values that there are in the place of made ones, mostly: or nothing behind a 404 would ever be reached."""
    for place in (case.path_parameters, case.body if isinstance(case.body, dict) else {}, case.query):
        for name in sorted(set(place or {}) & set(known)):
            if chance.random() < 0.85:
                place[name] = chance.choice(known[name])
    parts, body = case.path_parameters or {}, case.body
    if "code" in parts:
        parts["code"] = chance.choice(known["village"])
    if isinstance(body, dict) and "report_id" in parts and "id" in body:
        body["id"] = parts["report_id"]


def test_every_operation_is_there():
    assert len(OPERATIONS) >= 18 and {"POST /api/v1/sync", "GET /api/v1/reports/export"} <= set(OPERATIONS)
