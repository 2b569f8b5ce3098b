"""Tasks and outcomes through their services: who may do what, from what to what, and what stays of it."""

import datetime as dt
import itertools
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from rukun.server.audit.models import Entry
from rukun.server.audit.queries import verify
from rukun.server.people import services as people
from rukun.server.people.models import Role
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.prevention import actions, assigning, outcomes, progress, queries
from rukun.server.prevention.models import Outcome, Task, TaskStatus
from rukun.server.prevention.moves import HEADS, OFFICERS, TaskChanged
from rukun.server.reports import filing
from rukun.server.reports.storing import OtherContent
from rukun.server.reports.taxonomy import CATEGORIES
from rukun.server.territory.models import Area
from samples import NOW, a_report, a_task, a_word, an_outcome

pytestmark = pytest.mark.django_db
COERCIVE = ("arrest", "raid", "search", "patrol", "surveil", "summon", "detain", "tangkap", "razia", "geledah", "intel")


@pytest.fixture
def task(province):
    """A task of the officer."""
    given = a_task(assigned=province.people["officer"].pk)
    return assigning.assign(province.scope("head"), given).record


def now(task):
    return Task.objects.get(pk=task.pk)


class TestCatalogue:
    def test_no_action_is_of_a_kind_that_does_not_help(self):
        everything = actions.everything()["actions"]
        assert {action["kind"] for action in everything.values()} == set(actions.KINDS)
        for code, action in everything.items():
            words = f"{code} {action['id']} {action['en']}".lower()
            assert not any(word in words for word in COERCIVE), code

    def test_every_action_is_said_can_be_done_by_somebody_and_suits_something(self):
        for code, action in actions.everything()["actions"].items():
            assert action["id"] and action["en"] and 15 <= action["minutes"] <= 480, code
            assert set(action["by"]) <= set(Role.values) and action["by"], code
            assert set(action["suits"]) <= set(CATEGORIES) and action["suits"], code
        assert {c for a in actions.everything()["actions"].values() for c in a["suits"]} == set(CATEGORIES)

    def test_what_suits_a_category_comes_first(self):
        first = actions.suiting("intergroup_tension")[:3]
        assert "interfaith_dialogue" in first and sorted(actions.suiting("fire")) == sorted(actions.ACTIONS)

    @pytest.mark.parametrize("table", [Task, Outcome])
    def test_the_database_takes_no_other_action(self, province, task, table):
        outcomes.file_outcome(province.scope("officer"), an_outcome())
        with pytest.raises(IntegrityError), transaction.atomic():
            table.objects.update(action="arrest")


class TestAssigning:
    def test_once_masked_and_noted(self, province):
        given = a_task(assigned=province.people["officer"].pk, why="Temui Pak Rahman 0812-3456-7890 soal kebun.")
        first, second = (assigning.assign(province.scope("head"), given) for _ in range(2))
        assert (first.stored, second.stored, Task.objects.count()) == (True, False, 1)
        kept = now(first.record)
        assert "0812" not in kept.why and "Rahman" not in kept.why and kept.author == province.people["head"]
        entry = Entry.objects.get(action="task.assigned")
        assert entry.subject == f"task:{given.id}" and entry.details["village"] == given.village
        with pytest.raises(OtherContent):
            assigning.assign(province.scope("head"), a_task(id=given.id, action="youth_activity"))

    @pytest.mark.parametrize("name", ["head", "district", "directorate"])
    def test_a_head_assigns_where_they_command(self, province, name):
        assert assigning.assign(province.scope(name), a_task()).stored

    @pytest.mark.parametrize(
        "name", ["officer", "neighbour", "other_head", "other_district", "desk", "auditor", "administrator", "nobody"]
    )
    def test_nobody_else_does(self, province, task, name):
        scope = province.scope(name)
        with pytest.raises(NotAllowed):
            assigning.assign(scope, a_task())
        for act in (
            lambda: assigning.reassign(scope, task.pk, 1, None),
            lambda: assigning.remove(scope, task.pk, 1, "tidak perlu"),
        ):
            with pytest.raises((NotAllowed, Task.DoesNotExist)):
                act()
        assert Task.objects.count() == 1 and now(task).version == 1

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"action": "arrest"}, "action"),
            ({"due": dt.date.today() - dt.timedelta(days=2)}, "due"),
            ({"due": dt.date.today() + dt.timedelta(days=400)}, "due"),
            ({"assigned": 10**6}, "assigned"),
            ({"report": uuid.uuid4()}, "report"),
            ({"why": "x" * 1001}, "why"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, province, changes, field):
        with pytest.raises(Refused) as refused:
            assigning.assign(province.scope("head"), a_task(**changes))
        assert refused.value.field == field and not Task.objects.exists()

    def test_only_to_an_officer_who_is_posted_to_that_village(self, province, task):
        for name in ("neighbour", "far", "head"):
            for act in (
                lambda key: assigning.assign(province.scope("head"), a_task(assigned=key)),
                lambda key: assigning.reassign(province.scope("head"), task.pk, 1, key),
            ):
                with pytest.raises(Refused, match="isn't posted"):
                    act(province.people[name].pk)

    def test_a_report_of_another_command_can_not_be_answered(self, province):
        own = filing.file_report(province.scope("officer"), a_report()).record
        far = filing.file_report(province.scope("far"), a_report("74.71.02.1001")).record
        assert assigning.assign(province.scope("head"), a_task(report=own.pk)).record.report_id == own.pk
        with pytest.raises(Refused, match="no such report"):
            assigning.assign(province.scope("head"), a_task(report=far.pk))

    def test_a_head_reassigns_and_removes_and_every_step_stays(self, province, task):
        head = province.scope("head")
        assert assigning.reassign(head, task.pk, 1, None, "petugas cuti").assigned is None
        with pytest.raises(TaskChanged) as changed:
            assigning.remove(head, task.pk, 1, "tidak perlu")
        assert changed.value.current["version"] == 2 and changed.value.current["waits"]
        with pytest.raises(Refused, match="say why"):
            assigning.remove(head, task.pk, 2, "  ")
        assigning.remove(head, task.pk, 2, "sudah selesai sendiri, hubungi 081234567890")
        kept = now(task)
        assert kept.status == "removed" and "0812" not in kept.reason and kept.ended_at is not None
        assert [(s.version, s.after) for s in kept.steps.all()] == [(2, "pending"), (3, "removed")]
        with pytest.raises(Refused, match="can't become"):
            assigning.reassign(head, task.pk, 3, None)


class TestProgress:
    def test_begun_once_however_often_it_is_told(self, province, task):
        officer, word = province.scope("officer"), a_word(task)
        assert [progress.tell_status(officer, word).stored for _ in range(3)] == [True, False, False]
        assert (now(task).status, now(task).version) == ("in_progress", 2)
        again = progress.tell_status(officer, a_word(task))
        assert not again.stored and now(task).version == 2, "begun is begun, also under a new id"

    def test_an_offline_app_goes_on_from_its_own_word(self, province, task):
        officer = province.scope("officer")
        progress.tell_status(officer, a_word(task))
        progress.tell_status(officer, a_word(task, status="not_executable", reason="jalan putus"))
        assert (now(task).status, now(task).reason, now(task).version) == ("not_executable", "jalan putus", 3)

    def test_what_a_head_changed_meanwhile_is_shown_first(self, province, task):
        assigning.reassign(province.scope("head"), task.pk, 1, province.people["officer"].pk)
        with pytest.raises(TaskChanged) as changed:
            progress.tell_status(province.scope("officer"), a_word(task))
        current = changed.value.current
        assert (current["version"], current["status"], current["waits"]) == (2, "pending", False)
        assert progress.tell_status(province.scope("officer"), a_word(task, version=2)).stored
        with pytest.raises(TaskChanged):
            progress.tell_status(province.scope("officer"), a_word(task, version=9))

    def test_not_executable_needs_a_reason_and_a_head_may_assign_it_anew(self, province, task):
        officer = province.scope("officer")
        with pytest.raises(Refused, match="say why"):
            progress.tell_status(officer, a_word(task, status="not_executable"))
        progress.tell_status(officer, a_word(task, status="not_executable", reason="banjir"))
        assigning.reassign(province.scope("head"), task.pk, 2, None)
        assert now(task).status == "pending" and now(task).reason == "" and now(task).ended_at is None

    def test_an_open_task_is_taken_up_by_whoever_is_posted_there(self, province):
        task = assigning.assign(province.scope("head"), a_task()).record
        with pytest.raises(Task.DoesNotExist):
            progress.tell_status(province.scope("neighbour"), a_word(task))
        with pytest.raises(NotAllowed):
            progress.tell_status(province.scope("head"), a_word(task))
        progress.tell_status(province.scope("officer"), a_word(task))
        assert now(task).assigned == province.people["officer"]

    def test_only_its_own_officer_tells_of_a_task(self, province, task):
        colleague = people.make_user(None, "colleague", "a long pass phrase")
        village = Area.objects.filter(code="74.01.01.1001")
        people.post(None, colleague, Role.VILLAGE_OFFICER, province.units["north-01"], dt.date(2024, 1, 1), village)
        province.people["colleague"] = colleague
        with pytest.raises(NotAllowed, match="another officer"):
            progress.tell_status(province.scope("colleague"), a_word(task))
        assert not queries.own_keys(province.scope("colleague"))

    def test_another_word_under_the_same_id_is_refused(self, province, task):
        word = a_word(task)
        progress.tell_status(province.scope("officer"), word)
        with pytest.raises(OtherContent):
            progress.tell_status(
                province.scope("officer"), a_word(task, id=word.id, status="not_executable", reason="x")
            )

    def test_from_what_to_what(self):
        ended = {TaskStatus.DONE, TaskStatus.REMOVED}
        for before, after in itertools.product(TaskStatus, TaskStatus):
            assert (after in HEADS.get(before, ())) == (
                before not in ended and after in (TaskStatus.PENDING, TaskStatus.REMOVED)
            )
            assert (after in OFFICERS.get(before, ())) == (
                before in (TaskStatus.PENDING, TaskStatus.IN_PROGRESS)
                and after in (TaskStatus.IN_PROGRESS, TaskStatus.DONE, TaskStatus.NOT_EXECUTABLE)
            )

    @pytest.mark.parametrize(
        "changes",
        [
            {"status": "in_progress", "assigned": None},
            {"status": "removed", "ended_at": NOW},
            {"status": "done"},
            {"ended_at": NOW},
            {"status": "paused"},
        ],
    )
    def test_the_database_holds_what_a_status_means(self, task, changes):
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.filter(pk=task.pk).update(**changes)


class TestPostings:
    def test_when_a_posting_ends_its_open_tasks_wait_for_somebody_again(self, province, task):
        progress.tell_status(province.scope("officer"), a_word(task))
        people.end_posting(None, province.people["officer"].postings.get(), timezone.localdate())
        shown = queries.tasks(province.scope("head"), waiting=True).get()
        assert shown.pk == task.pk and not shown.held and shown.assigned == province.people["officer"]
        village = Area.objects.filter(code="74.01.01.1001")
        successor = people.make_user(None, "successor", "a long pass phrase")
        people.post(None, successor, Role.VILLAGE_OFFICER, province.units["north-01"], timezone.localdate(), village)
        province.people["successor"] = successor
        assert [key.id for key in queries.own_keys(province.scope("successor"))] == [task.pk]
        assert not queries.own_keys(province.scope("officer"))
        with pytest.raises(TaskChanged):
            progress.tell_status(province.scope("successor"), a_word(task))
        taken = progress.tell_status(province.scope("successor"), a_word(task, version=2)).record
        assert (taken.version, now(task).assigned) == (3, successor)
        assert not queries.tasks(province.scope("head"), waiting=True).exists()

    def test_it_waits_from_the_day_on_which_the_posting_ends(self, province, task):
        tomorrow = timezone.localdate() + dt.timedelta(days=1)
        people.end_posting(None, province.people["officer"].postings.get(), tomorrow)
        assert queries.tasks(province.scope("head")).get().held
        from rukun.server.people.scope import scope_of

        assert not queries.tasks(scope_of(province.people["head"], tomorrow)).get().held

    def test_a_closed_account_holds_nothing(self, province, task):
        province.people["officer"].is_active = False
        province.people["officer"].save()
        assert queries.tasks(province.scope("head"), waiting=True).count() == 1

    def test_overdue_and_status_filter(self, province, task):
        Task.objects.filter(pk=task.pk).update(due=timezone.localdate() - dt.timedelta(days=1))
        other = assigning.assign(province.scope("head"), a_task("74.01.01.1002")).record
        head = province.scope("head")
        assert list(queries.tasks(head, overdue=True)) == [task] and queries.tasks(head).first().overdue
        assert list(queries.tasks(head, waiting=True)) == [other]
        assert queries.tasks(head, status="pending").count() == 2 and not queries.tasks(head, status="done").exists()
        assert not queries.tasks(province.scope("other_head")).exists()


class TestOutcomes:
    def test_stored_once_masked_and_its_task_is_done(self, province, task):
        officer = province.scope("officer")
        given = an_outcome(task=task.pk, text="Pak Rahman (0812-3456-7890) dan tetangganya berdamai.")
        first, second = (outcomes.file_outcome(officer, given) for _ in range(2))
        assert (first.stored, second.stored) == (True, False)
        kept = Outcome.objects.get()
        assert "0812" not in kept.text and "Rahman" not in kept.text and first.masked
        assert {party.role for party in kept.parties.all()} == {"residents", "village_government"}
        assert (now(task).status, now(task).version) == ("done", 2)
        actions_noted = set(Entry.objects.values_list("action", flat=True))
        assert {"outcome.filed", "task.done", "task.assigned"} <= actions_noted and not verify().faults

    def test_an_outcome_that_is_refused_leaves_its_task_open(self, province, task):
        with pytest.raises(Refused):
            outcomes.file_outcome(province.scope("officer"), an_outcome(task=task.pk, minutes=0))
        assert now(task).status == "pending" and not Outcome.objects.exists()

    def test_what_was_done_is_kept_also_when_the_head_removed_the_task_meanwhile(self, province, task):
        assigning.remove(province.scope("head"), task.pk, 1, "tidak perlu")
        assert outcomes.file_outcome(province.scope("officer"), an_outcome(task=task.pk)).stored
        assert now(task).status == "removed" and Outcome.objects.get().task_id == task.pk

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"action": "arrest"}, "action"),
            ({"result": "won"}, "result"),
            ({"minutes": 1441}, "minutes"),
            ({"parties": ("Pak Budi",)}, "parties"),
            ({"result": "refused", "agreement": True}, "agreement"),
            ({"at": NOW + dt.timedelta(days=2)}, "at"),
            ({"at": NOW - dt.timedelta(days=2000)}, "at"),
            ({"follow_up": dt.date.today() - dt.timedelta(days=9)}, "follow_up"),
            ({"task": uuid.uuid4()}, "task"),
            ({"text": "x" * 4001}, "text"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, province, changes, field):
        with pytest.raises(Refused) as refused:
            outcomes.file_outcome(province.scope("officer"), an_outcome(**changes))
        assert refused.value.field == field and not Outcome.objects.exists()

    def test_a_task_of_another_village_or_action_is_not_answered(self, province, task):
        with pytest.raises(Refused, match="no such task in this village"):
            outcomes.file_outcome(province.scope("officer"), an_outcome("74.01.01.1002", task=task.pk))
        with pytest.raises(Refused, match="asks for mediation"):
            outcomes.file_outcome(province.scope("officer"), an_outcome(task=task.pk, action="youth_activity"))

    @pytest.mark.parametrize("name", ["head", "neighbour", "far", "auditor", "nobody"])
    def test_only_the_officer_of_the_village_files(self, province, name):
        with pytest.raises(NotAllowed):
            outcomes.file_outcome(province.scope(name), an_outcome())

    def test_seen_in_scope_only(self, province):
        outcomes.file_outcome(province.scope("officer"), an_outcome())
        seen = {name for name in province.people if queries.outcomes(province.scope(name)).exists()}
        assert seen == {"officer", "head", "district", "directorate"}
