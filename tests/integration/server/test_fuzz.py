"""The whole API as its own description says it is, held to that by what schemathesis makes of it.

Eight requests to each operation, the same in every run. RUKUN_FUZZ=2000 makes that many, and others each time.
"""

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

from rukun.server.api import api
from rukun.server.audit.queries import verify
from rukun.server.people import services as people
from rukun.server.reports import filing, review
from samples import a_report, a_visit

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
    """Tokens of each role, and ids that there are, by the name of the parameter."""
    officer, head = province.scope("officer"), province.scope("head")
    report = filing.file_report(officer, a_report()).record
    other = filing.file_report(officer, a_report()).record
    review.merge(head, report.pk, filing.file_report(officer, a_report()).record.pk, "sama")
    filing.file_visit(officer, a_visit())
    registered = {name: people.register_device(province.people[name], "phone") for name in ROLES}
    return {
        "tokens": {name: secret for name, (_, secret) in registered.items()},
        "report_id": [str(report.pk), str(other.pk)],
        "device_id": [token.pk for token, _ in registered.values()],
        "village": ["74.01.01.1001", "74.01.02.1001"],
        "version": [1, 2],
        "merged": [str(other.pk)],
        "posting_id": [province.people["officer"].postings.get().pk],
        "user_id": [province.people["neighbour"].pk],
    }


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_as_described(name, known):
    operation = OPERATIONS[name]

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
        cache.clear()
        # what was made wrong stays so
        if mode.is_positive:
            _put_known(case, known, random.Random(seed))
        with transaction.atomic():
            case.call_and_validate(headers={"Authorization": f"Bearer {known['tokens'][role]}"})
            transaction.set_rollback(True)

    fuzz()
    assert not verify().faults


def _put_known(case, known, chance):
    """Ids that there are in the place of made ones, mostly: or nothing behind a 404 would ever be reached."""
    for place in (case.path_parameters, case.body if isinstance(case.body, dict) else {}, case.query):
        for name in set(place or {}) & set(known):
            if chance.random() < 0.7:
                place[name] = chance.choice(known[name])
    if isinstance(case.body, dict) and "id" in case.body and "report_id" in (case.path_parameters or {}):
        case.body["id"] = case.path_parameters["report_id"]
    if "photo_id" in (case.path_parameters or {}) and chance.random() < 0.5:
        case.path_parameters["photo_id"] = str(uuid.UUID(int=chance.getrandbits(128), version=4))


def test_every_operation_is_there():
    assert len(OPERATIONS) >= 18 and {"POST /api/v1/sync", "GET /api/v1/reports/export"} <= set(OPERATIONS)
