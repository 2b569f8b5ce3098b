"""The trail: chained, in the change's own transaction, and refused to be touched."""

import pytest
from django.db import DatabaseError, connection, transaction

from rukun.server.audit.models import Entry, Head
from rukun.server.audit.queries import verify
from rukun.server.audit.services import change

pytestmark = pytest.mark.django_db


def three_entries():
    for number in range(3):
        with change("user:1") as trail:
            trail.add("thing.done", f"thing:{number}", number=number, said="é", more={"b": [1, 2], "a": None})


def without_triggers(statement, *values):
    """Do with the database what somebody with full rights over it could do."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
            cursor.execute("ALTER TABLE audit_head DISABLE TRIGGER USER")
            cursor.execute(statement, values)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%%'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(statement, values)


def test_an_untouched_chain_verifies_with_its_anchor():
    empty = verify()
    assert empty.entries == 0 and not empty.faults
    three_entries()
    first = verify()
    assert first.entries == 3 and not first.faults and first.head.startswith("3:")
    three_entries()
    assert not verify(first.head).faults, "what was written down earlier still lies on the chain"


@pytest.mark.parametrize("form", ["", "3", "x:y", "3:abc"])
def test_an_anchor_of_another_form_is_refused(form):
    with pytest.raises(ValueError, match="no anchor"):
        verify(form)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_entry SET actor = 'user:2' WHERE number = 2", "entry 2 was altered"),
        ("UPDATE audit_entry SET details = '{}' WHERE number = 1", "entry 1 was altered"),
        ("UPDATE audit_entry SET at = '2020-01-01 00:00:00' WHERE number = 3", "entry 3 was altered"),
        ("DELETE FROM audit_entry WHERE number = 2", "entries 2 to 2 are missing"),
        ("DELETE FROM audit_entry WHERE number = 1", "entries 1 to 1 are missing"),
        ("DELETE FROM audit_entry WHERE number = 3", "ends at entry 2, but 3 was written last"),
        ("UPDATE audit_entry SET number = 9 - number WHERE number = 1", "entries 1 to 1 are missing"),
        ("DELETE FROM audit_head", "the head of the chain is missing"),
    ],
)
def test_what_is_altered_removed_or_moved_is_found(statement, fault):
    three_entries()
    without_triggers(statement)
    assert any(fault in said for said in verify().faults), verify().faults


def test_reordered_entries_are_found():
    three_entries()
    without_triggers("UPDATE audit_entry SET number = number + 10 WHERE number IN (1, 2)")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_entry SET number = 1 WHERE number = 12")
        cursor.execute("UPDATE audit_entry SET number = 2 WHERE number = 11")
    assert any("was altered" in said for said in verify().faults)


def test_a_whole_new_chain_is_found_by_the_anchor():
    three_entries()
    anchor = verify().head
    without_triggers("DELETE FROM audit_entry")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_head SET number = 0, digest = %s", ["0" * 64])
    three_entries()
    assert not verify().faults, "the new chain is sound by itself"
    assert verify(anchor).faults == ("entry 3 isn't the one of the anchor",)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'x'",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE number = 3",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET number = 1",
    ],
)
def test_the_database_refuses_to_change_or_delete(statement):
    three_entries()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.count() == 3 and not verify().faults


def test_a_change_that_fails_leaves_no_entry():
    with pytest.raises(RuntimeError), change("user:1") as trail:
        trail.add("thing.done", "thing:1")
        raise RuntimeError
    assert not Entry.objects.exists() and Head.objects.get().number == 0


def test_a_detail_that_databases_store_differently_is_refused():
    with pytest.raises(TypeError, match="whole numbers"), change("user:1") as trail:
        trail.add("thing.done", "thing:1", share=0.1)


def test_a_change_within_a_change_is_noted_in_order_once_and_by_its_own_actor():
    with change("user:1") as outer:
        outer.add("first", "thing:1")
        with change("system") as inner:
            inner.add("second", "thing:2")
        with pytest.raises(RuntimeError), change("user:2") as lost:
            lost.add("lost", "thing:3")
            raise RuntimeError
        outer.add("third", "thing:1")
        assert not Entry.objects.exists(), "the chain is locked at the end only"
    said = list(Entry.objects.order_by("number").values_list("actor", "action"))
    assert said == [("user:1", "first"), ("system", "second"), ("user:1", "third")] and not verify().faults
