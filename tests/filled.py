# ruff: noqa: E402 - Django has to be ready before its tables are
"""What the tests of backup, faults and doctor do inside an installation of its own (see installations.py)."""

import datetime as dt
import hashlib
import io
import os
import uuid

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rukun.server.settings")
import django

django.setup()

from django.db import connection
from PIL import Image

from province import BEGUN, PASSWORD, make_areas
from rukun.server.audit.models import Entry
from rukun.server.audit.queries import verify
from rukun.server.installation import prepare_database
from rukun.server.people import services as people
from rukun.server.people.models import DeviceToken, Posting, Role, UnitLevel, User
from rukun.server.people.scope import scope_of
from rukun.server.reports import filing, photos, review
from rukun.server.reports.export import export_reports
from rukun.server.reports.models import Photo, Report, Status, Visit, WeeklyCount
from rukun.server.territory.models import Area
from samples import a_report, a_visit

OWN = ("74.01.01.1001", "74.01.01.1002")


def prepare():
    prepare_database()


def people_only():
    """Areas, three units, an officer with two villages and a device, a head, a directorate; the device's token."""
    make_areas()
    polda = people.make_unit(None, "polda", "Polda", UnitLevel.PROVINCE)
    polres = people.make_unit(None, "polres", "Polres", UnitLevel.DISTRICT, polda)
    polsek = people.make_unit(None, "polsek", "Polsek", UnitLevel.SUBDISTRICT, polres)
    people.cover(None, polsek, Area.objects.filter(code__startswith="74.01.01.", level=4))
    for name, role, unit in (
        ("officer", Role.VILLAGE_OFFICER, polsek),
        ("head", Role.SUBDISTRICT_HEAD, polsek),
        ("directorate", Role.DIRECTORATE, polda),
        ("administrator", Role.ADMINISTRATOR, polda),
    ):
        user = people.make_user(None, name, PASSWORD, name.title())
        own = Area.objects.filter(code__in=OWN) if role == Role.VILLAGE_OFFICER else ()
        people.post(None, user, role, unit, BEGUN, own)
    return people.register_device(User.objects.get(username="officer"), "telepon")[1]


def fill(reports=12, pictures=3):
    """People, and reports in every state with visits, photos, merges and counts; the device's token."""
    token = people_only()
    officer, head = (scope_of(User.objects.get(username=name)) for name in ("officer", "head"))
    given = [
        a_report(
            OWN[number % 2], text=f"Keributan ke-{number} di pasar; “kutipan”, baris\nkedua, é \u2028 akhir.",
            latitude=None if number % 5 == 0 else -3.9, longitude=None if number % 5 == 0 else 122.5,
        )
        for number in range(reports)
    ]  # fmt: skip
    for number, one in enumerate(given):
        filing.file_report(officer, one)
        if number % 3:
            after = Status.VERIFIED if number % 3 == 1 else Status.RETURNED
            review.review(head, one.id, 1, after, "jelaskan tempatnya" if after == Status.RETURNED else "")
        if number < pictures:
            photos.add_photo(officer, one.id, uuid.uuid4(), picture(number))
    review.merge(head, given[0].id, given[1].id, "peristiwa yang sama")
    filing.file_visit(officer, a_visit())
    village = Area.objects.get(code=OWN[0])
    WeeklyCount.objects.create(village=village, week=dt.date(2022, 1, 3), kind="visit", number=4)
    return token


def picture(seed=0, size=(320, 240)):
    out = io.BytesIO()
    Image.effect_noise(size, 30 + seed).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def show():
    """Everything that must be the same after a restore; taking it adds to the trail, so the anchor comes first."""
    from django.conf import settings

    anchor = verify()
    assert not anchor.faults, anchor.faults
    directorate = scope_of(User.objects.get(username="directorate"))
    exported = {form: digest(b"".join(export_reports(directorate, form))) for form in ("csv", "hxl", "geojson")}
    return {
        "anchor": anchor.head,
        "exports": exported,
        "photos": {p.path: digest((settings.MEDIA_ROOT / p.path).read_bytes()) for p in Photo.objects.all()},
        "postings": [
            [p.user.username, p.role, p.unit.code, sorted(p.villages.values_list("code", flat=True))]
            for p in Posting.objects.order_by("pk")
        ],
        "passwords": [User.objects.get(username="officer").password],
        "numbers": [Report.objects.count(), Visit.objects.count(), WeeklyCount.objects.count()],
    }


def verified(anchor=None):
    """What is wrong with the trail."""
    return list(verify(anchor).faults)


def write_on():
    """A new record in each kind of table with a number of its own: sequences go on where they were."""
    head = scope_of(User.objects.get(username="head"))
    officer = User.objects.get(username="officer")
    given = a_report()
    filing.file_report(scope_of(officer), given)
    review.review(head, given.id, 1, Status.VERIFIED)
    people.register_device(officer, "telepon baru")
    people.transfer(None, officer.postings.get(ends=None), officer.postings.get(ends=None).unit, dt.date.today(),
                    Area.objects.filter(code=OWN[0]))  # fmt: skip
    return Entry.objects.first().number


def devices():
    """Tokens that hold."""
    return DeviceToken.objects.filter(revoked_at=None).count()


def empty():
    """Whether no record and no photo is there."""
    from django.conf import settings

    files = [f for f in settings.MEDIA_ROOT.rglob("*") if f.is_file()] if settings.MEDIA_ROOT.exists() else []
    return not any(table.objects.exists() for table in (Area, User, Report, Entry)) and not files


def digest(content):
    return hashlib.sha256(content).hexdigest()


def vendor():
    return connection.vendor


def filed_and_noted():
    """How many reports aren't in the trail or the other way round."""
    noted = {e.subject.removeprefix("report:") for e in Entry.objects.filter(action="report.filed")}
    return len(noted ^ {str(pk) for pk in Report.objects.values_list("pk", flat=True)})


def count():
    """How many reports there are."""
    return Report.objects.count()


def anybody():
    """Whether there is an account."""
    return User.objects.exists()


def fill_many(reports, pictures):
    """People, and so many reports with their entries; every one of the first `pictures` with a photo."""
    from django.conf import settings
    from django.utils import timezone

    from rukun.server.audit.services import change

    people_only()
    officer = User.objects.get(username="officer")
    village, now = Area.objects.get(code=OWN[0]), timezone.now()
    plain = {name: value for name, value in vars(a_report()).items() if name not in ("id", "village", "text")}
    shared = {"village": village, "author": officer, "received_at": now, "changed_at": now, "digest": "0" * 64}
    text = "Dua kelompok pemuda saling lempar batu di lapangan desa; dilerai warga dan ketua RT. " * 3
    drawn = picture(size=(1200, 900))
    for start in range(0, reports, 5000):
        made = [
            Report(id=uuid.uuid4(), text=f"{number} {text}", **plain, **shared)
            for number in range(start, min(start + 5000, reports))
        ]
        with change(officer.actor) as trail:
            Report.objects.bulk_create(made, batch_size=1000)
            for one in made:
                trail.add("report.filed", f"report:{one.pk}", village=village.code)
        for number, one in enumerate(made[: max(0, pictures - start)]):
            key = uuid.uuid4()
            path = f"{key.hex[:2]}/{key.hex}.jpg"
            where = settings.MEDIA_ROOT / path
            where.parent.mkdir(parents=True, exist_ok=True)
            where.write_bytes(drawn + number.to_bytes(4, "big"))
            Photo.objects.create(
                id=key, report=one, path=path, sha256="0" * 64, size=len(drawn), received_at=now, given="0" * 64
            )
