"""The database refuses to change a judgement, whoever asks; it goes with its rumour when that one's time is over."""

from typing import Any

from django.db import migrations

_SQLITE = (
    """CREATE TRIGGER judgement_no_update BEFORE UPDATE ON rumours_judgement
    BEGIN SELECT RAISE(ABORT, 'a judgement stays as it was given'); END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION judgement_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'a judgement stays as it was given'; END $$""",
    """CREATE TRIGGER judgement_no_update BEFORE UPDATE ON rumours_judgement
    FOR EACH STATEMENT EXECUTE FUNCTION judgement_refuse()""",
)
_DROP = {
    "sqlite": ("DROP TRIGGER judgement_no_update",),
    "postgresql": ("DROP TRIGGER judgement_no_update ON rumours_judgement", "DROP FUNCTION judgement_refuse()"),
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
    """Judgements stay."""

    dependencies = (("rumours", "0001_initial"),)
    operations = (migrations.RunPython(begin, undo),)
