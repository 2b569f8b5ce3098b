"""The database itself refuses that a person holds one role at one unit twice on one day.

As a trigger, for SQLite has no constraint over two rows. SQLite drops a table's triggers when a later migration remakes
the table: one that alters `Posting` puts these back.
"""

from typing import Any

from django.db import migrations

_OTHER = """SELECT 1 FROM people_posting p
    WHERE p.user_id = NEW.user_id AND p.role = NEW.role AND p.unit_id = NEW.unit_id AND p.id <> NEW.id
      AND (NEW.ends IS NULL OR NEW.ends > NEW.begins) AND (p.ends IS NULL OR p.ends > p.begins)
      AND (p.ends IS NULL OR p.ends > NEW.begins) AND (NEW.ends IS NULL OR NEW.ends > p.begins)"""
_SAID = "a posting overlaps the same posting of that person"
_SQLITE = tuple(
    f"""CREATE TRIGGER people_posting_no_overlap_{verb} AFTER {verb} ON people_posting WHEN EXISTS ({_OTHER})
    BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"""
    for verb in ("insert", "update")
)
_POSTGRESQL = (
    f"""CREATE FUNCTION people_posting_no_overlap() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF EXISTS ({_OTHER}) THEN
    RAISE EXCEPTION '{_SAID}' USING ERRCODE = 'exclusion_violation'; END IF; RETURN NULL; END $$""",
    """CREATE TRIGGER people_posting_no_overlap AFTER INSERT OR UPDATE ON people_posting
    FOR EACH ROW EXECUTE FUNCTION people_posting_no_overlap()""",
)
_DROP = {
    "sqlite": tuple(f"DROP TRIGGER people_posting_no_overlap_{verb}" for verb in ("insert", "update")),
    "postgresql": (
        "DROP TRIGGER people_posting_no_overlap ON people_posting",
        "DROP FUNCTION people_posting_no_overlap()",
    ),
}


def begin(apps: Any, editor: Any) -> None:
    """The triggers."""
    for statement in _SQLITE if editor.connection.vendor == "sqlite" else _POSTGRESQL:
        editor.execute(statement)


def undo(apps: Any, editor: Any) -> None:
    """Without the triggers."""
    for statement in _DROP[editor.connection.vendor]:
        editor.execute(statement)


class Migration(migrations.Migration):
    """No posting twice at once."""

    dependencies = (("people", "0001_initial"),)
    operations = (migrations.RunPython(begin, undo),)
