"""A province with two people at the desk: who verifies doesn't publish."""

import pytest

from province import BEGUN, PASSWORD
from rukun.server.people import services as people
from rukun.server.people.models import Role


@pytest.fixture
def desk(province):
    """The province with a second member of the desk, "second"."""
    user = people.make_user(None, "second", PASSWORD, "Second")
    people.post(None, user, Role.RUMOUR_DESK, province.units["polda"], BEGUN, [])
    province.people["second"] = user
    return province
