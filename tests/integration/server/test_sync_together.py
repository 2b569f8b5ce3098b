"""Field apps at once, with real transactions: nothing doubled, nothing lost, nothing held up for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from devices import plain
from rukun.server.audit.models import Entry
from rukun.server.audit.queries import verify
from rukun.server.field.sync import synchronise
from rukun.server.people.scope import scope_of
from rukun.server.prevention import assigning
from rukun.server.prevention.models import Outcome, Task
from rukun.server.reports import filing, review
from rukun.server.reports.models import Report, Status, Visit
from samples import a_report, a_task, a_visit, a_word, an_outcome

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_trail")]


def at_once(*acts):
    """Do these at the same time, each with a connection of its own; what each returned."""
    ready = threading.Barrier(len(acts))

    def alone(act):
        try:
            ready.wait(10)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(60) for future in [pool.submit(alone, act) for act in acts]]


def test_the_same_batch_at_once_is_stored_once(province):
    user = province.people["officer"]
    tasks = [assigning.assign(province.scope("head"), a_task(assigned=user.pk)).record for _ in range(6)]
    items = [plain(a_report(), "report") for _ in range(8)] + [plain(a_visit(), "visit") for _ in range(4)]
    items += [plain(a_word(task), "task_status") for task in tasks[:3]]
    items += [plain(an_outcome(task=task.pk), "outcome") for task in tasks[3:]]
    # the second sends them the other way round: neither may wait for what the other holds
    answers = at_once(
        *(lambda batch=batch: synchronise(scope_of(user), batch, None).results for batch in (items, items[::-1]) * 2)
    )
    said = [sorted(result.status for result in results) for results in answers]
    assert all(set(each) <= {"known", "stored"} for each in said)
    assert sum(each.count("stored") for each in said) == len(items)
    assert (Report.objects.count(), Visit.objects.count(), Outcome.objects.count()) == (8, 4, 3)
    assert sorted(Task.objects.values_list("status", "version")) == [("done", 2)] * 3 + [("in_progress", 2)] * 3
    assert Entry.objects.filter(action="report.filed").count() == 8 and not verify().faults


def test_one_of_a_batch_stored_by_another_request_leaves_the_rest_new(province):
    user = province.people["officer"]
    shared = a_report()
    batches = [[*(plain(a_report(), "report") for _ in range(5)), plain(shared, "report")] for _ in range(3)]
    answers = at_once(
        *(lambda batch=batch: synchronise(scope_of(user), batch, None).results for batch in batches),
        lambda: [filing.file_report(scope_of(user), shared)],
    )
    assert Report.objects.count() == 16 and not verify().faults
    assert all(result.status in ("stored", "known") for results in answers[:3] for result in results)


def test_a_change_that_is_committed_after_the_answer_is_told_the_next_time(province):
    user, given = province.people["officer"], a_report()
    filing.file_report(scope_of(user), given)
    changed, told = threading.Event(), threading.Event()

    def slow():
        try:
            with transaction.atomic():
                review.review(scope_of(province.people["head"]), given.id, 1, Status.VERIFIED)
                changed.set()
                told.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert changed.wait(10)
    first = synchronise(scope_of(user), [], None)
    assert not first.changes.reports, "it isn't committed yet"
    told.set()
    thread.join(20)
    second = synchronise(scope_of(user), [], first.cursor)
    assert [(report.id, report.status) for report in second.changes.reports] == [(given.id, "verified")]


def test_a_head_and_an_officer_at_once_lose_nothing(province):
    user, head = province.people["officer"], province.people["head"]
    task = assigning.assign(scope_of(head), a_task(assigned=user.pk)).record

    def removes():
        try:
            assigning.remove(scope_of(head), task.pk, 1, "tidak perlu")
        except assigning.TaskChanged as wrong:
            return wrong.current["status"]
        return "removed"

    given = plain(an_outcome(task=task.pk), "outcome")
    said, results = at_once(removes, lambda: synchronise(scope_of(user), [given], None).results)
    assert results[0].status == "stored" and Outcome.objects.get().task_id == task.pk
    kept = Task.objects.get()
    assert kept.status == said in ("removed", "done") and kept.version == 2 == 1 + kept.steps.count()
