"""A small province with a unit and a person of each kind, and two of what must not see one another."""

import datetime as dt
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import post_migrate

from devices import Device
from rukun.io.problems import ProblemLog
from rukun.server import limits
from rukun.server.people import services
from rukun.server.people.models import Role, UnitLevel
from rukun.server.people.scope import scope_of
from rukun.server.territory.importing import kind_of_area, take_up
from rukun.server.territory.models import Area

PASSWORD = "a long pass phrase"
BEGUN = dt.date(2024, 1, 1)


def make_areas():
    """Two regencies of two subdistricts of three villages."""
    codes = {"74": "Sultra", "74.01": "Utara", "74.71": "Selatan"}
    for regency in ("74.01", "74.71"):
        for sub in ("01", "02"):
            codes[f"{regency}.{sub}"] = f"Kecamatan {regency}.{sub}"
            for village in range(3):
                codes[f"{regency}.{sub}.{1001 + village}"] = f"Desa {regency[-2:]}-{sub}-{village}"
    given = {code: {"code": code, "name": name, "kind": kind_of_area(code, name)} for code, name in codes.items()}
    take_up(given, ProblemLog(), "system")


@pytest.fixture
def province(db):
    """Units polda > north, south > each a polsek per subdistrict, but for one that spans both regencies' first
    villages.
    """
    cache.clear()
    limits.clear()
    make_areas()
    polda = services.make_unit(None, "polda", "Polda", UnitLevel.PROVINCE)
    units = {"polda": polda}
    for name, regency in (("north", "74.01"), ("south", "74.71")):
        units[name] = services.make_unit(None, name, f"Polres {name}", UnitLevel.DISTRICT, polda)
        for sub in ("01", "02"):
            unit = services.make_unit(None, f"{name}-{sub}", f"Polsek {name} {sub}", UnitLevel.SUBDISTRICT, units[name])
            services.cover(None, unit, Area.objects.filter(code__startswith=f"{regency}.{sub}.", level=4))
            units[f"{name}-{sub}"] = unit
    people = {}

    def hire(name, role, unit, *codes):
        user = services.make_user(None, name, PASSWORD, name.title())
        services.post(None, user, role, units[unit], BEGUN, Area.objects.filter(code__in=codes))
        people[name] = user

    hire("officer", Role.VILLAGE_OFFICER, "north-01", "74.01.01.1001", "74.01.01.1002")
    hire("neighbour", Role.VILLAGE_OFFICER, "north-01", "74.01.01.1003")
    hire("far", Role.VILLAGE_OFFICER, "south-02", "74.71.02.1001")
    hire("head", Role.SUBDISTRICT_HEAD, "north-01")
    hire("other_head", Role.SUBDISTRICT_HEAD, "north-02")
    hire("district", Role.DISTRICT_HEAD, "north")
    hire("other_district", Role.DISTRICT_HEAD, "south")
    hire("directorate", Role.DIRECTORATE, "polda")
    hire("desk", Role.RUMOUR_DESK, "polda")
    hire("auditor", Role.AUDITOR, "polda")
    hire("administrator", Role.ADMINISTRATOR, "polda")
    people["nobody"] = services.make_user(None, "nobody", PASSWORD)
    return SimpleNamespace(units=units, people=people, scope=lambda name: scope_of(people[name]))


@pytest.fixture
def device(province):
    return lambda name: Device(province.people[name])


@pytest.fixture
def clean_trail(transactional_db):
    """For tests with real transactions: emptying the database afterwards, the trail lets itself be emptied, too."""
    yield
    triggers = import_module("rukun.server.audit.migrations.0002_append_only")

    def protect(**_):
        post_migrate.disconnect(protect, sender=apps.get_app_config("audit"))
        with connection.schema_editor() as editor:
            triggers.begin(apps, editor)

    # the database is emptied after this; then this signal is sent, and the trail protected again
    post_migrate.connect(protect, sender=apps.get_app_config("audit"), weak=False)
    with connection.schema_editor() as editor:
        triggers.undo(None, editor)
