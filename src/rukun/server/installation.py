"""A new installation: its database, and the first administrator."""

from __future__ import annotations

from collections.abc import Callable

from django.core.management import call_command
from django.utils import timezone

from rukun.server.people import services
from rukun.server.people.models import Posting, Role, Unit, UnitLevel

FIRST_UNIT = "polda"


def prepare_database() -> None:
    """Make the tables, or bring them up to this version."""
    call_command("migrate", interactive=False, verbosity=0)


def needs_administrator() -> bool:
    """Whether nobody is posted as administrator today."""
    today = timezone.localdate()
    return (
        not Posting.objects.filter(role=Role.ADMINISTRATOR, begins__lte=today, user__is_active=True)
        .exclude(ends__lte=today)
        .exists()
    )


def make_administrator(username: str, password: Callable[[], str], unit_name: str) -> None:
    """The first account, posted as administrator at the province's unit, which is made where there is none.

    Raises Refused for a weak password or a name in use.
    """
    unit = Unit.objects.filter(level=UnitLevel.PROVINCE).first()
    user = services.make_user(None, username, password())
    if unit is None:
        unit = services.make_unit(None, FIRST_UNIT, unit_name, UnitLevel.PROVINCE)
    services.post(None, user, Role.ADMINISTRATOR, unit, timezone.localdate())
