"""The server's side of the load bench, in a process of its own: fills an installation, and counts what is in it later.

python load_place.py fill DEVICES    prints a line per device: its token and its village
python load_place.py count FILE      FILE: ids that the server acknowledged; prints as JSON what became of them
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from pathlib import Path

VILLAGES = 20


def fill(devices: int) -> None:
    """A province with a subdistrict unit for each twenty villages, and an officer with a phone in each village."""
    from django.core.management import call_command
    from django.utils import timezone

    from rukun.io.problems import ProblemLog
    from rukun.server.people import services
    from rukun.server.people.models import Posting, Role, UnitLevel, User
    from rukun.server.territory.importing import kind_of_area, take_up
    from rukun.server.territory.models import Area, Level

    call_command("migrate", interactive=False, verbosity=0)
    codes = {"98": "Beban", "98.01": "Beban"}
    for number in range(devices):
        codes[f"98.01.{number // VILLAGES + 1:02d}"] = f"Kecamatan {number // VILLAGES}"
        codes[f"98.01.{number // VILLAGES + 1:02d}.{2001 + number % VILLAGES}"] = f"Desa {number}"
    take_up({c: {"code": c, "name": n, "kind": kind_of_area(c, n)} for c, n in codes.items()}, ProblemLog(), "system")
    polda = services.make_unit(None, "polda", "Polda", UnitLevel.PROVINCE)
    polres = services.make_unit(None, "polres", "Polres", UnitLevel.DISTRICT, polda)
    units = {}
    for area in Area.objects.filter(level=Level.SUBDISTRICT):
        units[area.pk] = services.make_unit(None, f"polsek-{area.code[-2:]}", area.name, UnitLevel.SUBDISTRICT, polres)
        services.cover(None, units[area.pk], Area.objects.filter(parent=area))
    begun = timezone.localdate() - dt.timedelta(days=30)
    for number, village in enumerate(Area.objects.filter(level=Level.VILLAGE).order_by("code")):
        # a password takes its time to be hashed on purpose, and none is used here
        user = User.objects.create(username=f"officer{number}", password="!")
        posting = Posting.objects.create(
            user=user, role=Role.VILLAGE_OFFICER, unit=units[village.parent_id], begins=begun
        )
        posting.villages.set([village])
        print(services.register_device(user, "phone")[1], village.code)


def count(acknowledged: set[str]) -> dict[str, object]:
    """Reports stored, how many of the acknowledged are missing, how many were noted other than once, and the chain."""
    from collections import Counter

    from rukun.server.audit.models import Entry
    from rukun.server.audit.queries import verify
    from rukun.server.reports.models import Report

    stored = {str(key) for key in Report.objects.values_list("pk", flat=True)}
    filed = Counter(Entry.objects.filter(action="report.filed").values_list("subject", flat=True))
    unmasked = Report.objects.filter(text__contains="0812").count()
    return {
        "stored": len(stored),
        "acknowledged": len(acknowledged),
        "lost": len(acknowledged - stored),
        "noted_otherwise_than_once": sum(filed.get(f"report:{key}", 0) != 1 for key in stored),
        "unmasked": unmasked,
        "faults_of_the_trail": list(verify().faults),
    }


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "rukun.server.settings"
    import django

    django.setup()
    if sys.argv[1] == "fill":
        fill(int(sys.argv[2]))
    else:
        print(json.dumps(count(set(Path(sys.argv[2]).read_text().split()))))
