"""Filing: a report or visit comes in once, masked, checked, and noted in the trail."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from rukun.core.text.lawful import read
from rukun.core.text.redact import redact
from rukun.server.audit.services import Trail, change
from rukun.server.people.models import Role
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.reports import taxonomy
from rukun.server.reports.models import Report, Status, Visit, VisitContact
from rukun.server.territory.models import Area

_POINT = Decimal("0.001")
#: A phone's clock may be ahead by this much.
_AHEAD = dt.timedelta(hours=12)
_OLDEST = dt.timedelta(days=5 * 366)
MOST_TEXT = 4000

LAWFUL_WORDS = {
    "assembly": ("berkumpul dan berunjuk rasa secara damai", "peaceful assembly"),
    "opinion": ("menyampaikan pendapat", "opinion"),
    "worship": ("beribadah", "worship"),
    "voting": ("memilih", "voting"),
}


class Lawful(Refused):
    """The text tells only of what everybody may do."""


class OtherContent(Refused):
    """The same id was filed before with another content."""


@dataclass(frozen=True)
class ReportIn:
    """A report as the officer files it; text as typed (it is masked here and kept nowhere else)."""

    id: UUID
    village: str
    observed_at: dt.datetime
    category: str
    level: str
    text: str
    source: str
    source_reliability: str
    information_reliability: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class VisitIn:
    """A visit as the officer files it. contacts: number met by kind."""

    id: UUID
    village: str
    started_at: dt.datetime
    minutes: int
    contacts: Mapping[str, int]
    topics: str = ""
    needs: str = ""


@dataclass(frozen=True)
class Filed:
    """stored: False where it had been stored before; masked: kinds of personal data that were masked, with how many."""

    record: Any
    stored: bool
    masked: Mapping[str, int]


def file_report(scope: Scope, given: ReportIn) -> Filed:
    """Store a report of one of the officer's own villages, once.

    Raises Refused (Lawful, OtherContent among them) naming the field, NotAllowed outside the own villages.
    """
    with change(scope.actor) as trail:
        return add_report(scope, given, trail, own_village(scope, given.village))


def file_visit(scope: Scope, given: VisitIn) -> Filed:
    """Store a visit to one of the officer's own villages, once. Raises as `file_report`."""
    with change(scope.actor) as trail:
        return add_visit(scope, given, trail, own_village(scope, given.village))


def own_village(scope: Scope, code: str) -> Area:
    """The village of that code, if it is the officer's own. Raises NotAllowed, for those that don't exist too."""
    area = Area.objects.filter(code=code, pk__in=scope.own_villages).first() if scope.own_villages else None
    if area is None:
        raise NotAllowed(f"{code} is not among your villages")
    return area


def add_report(scope: Scope, given: ReportIn, trail: Trail, village: Area) -> Filed:
    """Store a report inside a change that is under way (see `file_report`)."""
    kept, masked = masked_report(given)
    assert scope.user is not None and scope.has(Role.VILLAGE_OFFICER)
    digest = _digest(village.code, kept)
    before = Report.objects.filter(pk=given.id).first()
    if before is not None:
        return _repeated(before, scope, digest, masked)
    now = timezone.now()
    report = Report(
        id=given.id,
        village=village,
        author=scope.user,
        received_at=now,
        changed_at=now,
        digest=digest,
        exercise=village.exercise,
        **kept,
    )
    try:
        with transaction.atomic():
            report.save(force_insert=True)
    except IntegrityError:
        # another request stored it between the look and the write
        return _repeated(Report.objects.get(pk=given.id), scope, digest, masked)
    trail.add(
        "report.filed", f"report:{report.pk}", village=village.code, category=report.category, masked=dict(masked)
    )
    return Filed(report, True, masked)


def masked_report(given: ReportIn) -> tuple[dict[str, Any], dict[str, int]]:
    """The fields to store, checked and masked, and how much was masked of each kind. Raises Refused, Lawful."""
    _among("category", given.category, taxonomy.CATEGORIES)
    _among("level", given.level, taxonomy.LEVELS)
    _among("source", given.source, taxonomy.SOURCES)
    _among("source_reliability", given.source_reliability, taxonomy.SOURCE_RELIABILITY)
    _among("information_reliability", given.information_reliability, taxonomy.INFORMATION_RELIABILITY)
    _in_time("observed_at", given.observed_at)
    text, masked = _masked("text", given.text)
    if not text:
        raise Refused("say in a sentence what was seen", "text")
    reading = read(text)
    if reading.only_lawful:
        said = ", ".join(LAWFUL_WORDS[subject][0] for subject in reading.lawful)
        raise Lawful(
            f"Teks ini hanya menceritakan {said}. Itu hak setiap warga, bukan gangguan, dan tidak dapat "
            "dicatat sebagai laporan. "
            "Kegiatan yang sah dicatat di kalender agar dapat dilayani. "
            "Bila ada yang dirugikan atau terancam, tuliskan apa "
            "yang terjadi.",
            "text",
        )
    if (given.latitude is None) != (given.longitude is None):
        raise Refused("a point needs both latitude and longitude", "latitude")
    fields = {
        "latitude": _coordinate("latitude", given.latitude, 90),
        "longitude": _coordinate("longitude", given.longitude, 180),
        "observed_at": given.observed_at,
        "category": given.category,
        "level": given.level,
        "text": text,
        "source": given.source,
        "source_reliability": given.source_reliability,
        "information_reliability": given.information_reliability,
        "status": Status.SUBMITTED,
    }
    return fields, masked


def add_visit(scope: Scope, given: VisitIn, trail: Trail, village: Area) -> Filed:
    """Store a visit inside a change that is under way (see `file_visit`)."""
    assert scope.user is not None and scope.has(Role.VILLAGE_OFFICER)
    _in_time("started_at", given.started_at)
    if not 1 <= given.minutes <= 1440:
        raise Refused("a visit takes between 1 and 1440 minutes", "minutes")
    for kind, number in given.contacts.items():
        _among("contacts", kind, taxonomy.CONTACTS)
        if not 1 <= number <= 10_000:
            raise Refused(f"the number met of {kind} must be between 1 and 10,000", "contacts")
    topics, masked = _masked("topics", given.topics)
    needs, more = _masked("needs", given.needs)
    masked = {kind: masked.get(kind, 0) + more.get(kind, 0) for kind in {**masked, **more}}
    kept = {"started_at": given.started_at, "minutes": given.minutes, "topics": topics, "needs": needs}
    digest = _digest(village.code, {**kept, "contacts": dict(given.contacts)})
    before = Visit.objects.filter(pk=given.id).first()
    if before is not None:
        return _repeated(before, scope, digest, masked)
    now = timezone.now()
    visit = Visit(
        id=given.id,
        village=village,
        author=scope.user,
        received_at=now,
        changed_at=now,
        digest=digest,
        exercise=village.exercise,
        **kept,
    )
    try:
        with transaction.atomic():
            visit.save(force_insert=True)
    except IntegrityError:
        return _repeated(Visit.objects.get(pk=given.id), scope, digest, masked)
    VisitContact.objects.bulk_create([VisitContact(visit=visit, kind=k, number=n) for k, n in given.contacts.items()])
    trail.add("visit.filed", f"visit:{visit.pk}", village=village.code, masked=masked)
    return Filed(visit, True, masked)


def preview(text: str) -> tuple[str, dict[str, int]]:
    """What would be stored of a text, and how much is masked of each kind: shown before it is sent; nothing is kept."""
    return _masked("text", text)


def _repeated(record: Report | Visit, scope: Scope, digest: str, masked: Mapping[str, int]) -> Filed:
    """The answer to what was filed before under this id: the same, if it is the same."""
    if record.author_id != getattr(scope.user, "pk", None):
        # whose it is stays unsaid: ids of others can't be felt for
        raise OtherContent("this id is taken: file it again under a new one", "id")
    if record.digest != digest:
        raise OtherContent(
            "this id was filed before with other content: change that record, or file anew under a new id", "id"
        )
    return Filed(record, False, masked)


def _digest(village: str, kept: Mapping[str, Any]) -> str:
    """Of the content as it is stored: what was masked leaves no trace here either."""
    said = {
        "village": village,
        **{name: str(value) if value is not None else None for name, value in kept.items() if name != "contacts"},
    }
    for name in ("observed_at", "started_at"):
        if name in kept:
            said[name] = kept[name].astimezone(dt.UTC).isoformat()
    if "contacts" in kept:
        said["contacts"] = dict(sorted(kept["contacts"].items()))
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _masked(field: str, text: str) -> tuple[str, dict[str, int]]:
    if len(text) > MOST_TEXT:
        raise Refused(f"longer than {MOST_TEXT} characters", field)
    # databases can't hold zero bytes; other control characters say nothing
    plain = "".join(c for c in text if c in "\n\t" or c.isprintable()).strip()
    done = redact(plain)
    masked: dict[str, int] = {}
    for span in done.spans:
        masked[str(span.kind)] = masked.get(str(span.kind), 0) + 1
    return done.text, masked


def _among(field: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise Refused(f'"{value}" is none of {", ".join(allowed)}', field)


def _in_time(field: str, moment: dt.datetime) -> None:
    if timezone.is_naive(moment):
        raise Refused("a time needs its zone, such as 2024-11-05T14:30:00+08:00", field)
    now = timezone.now()
    if moment > now + _AHEAD:
        raise Refused("this lies in the future: check the clock of the phone", field)
    if moment < now - _OLDEST:
        raise Refused("this is more than five years ago", field)


def _coordinate(field: str, value: float | None, most: int) -> Decimal | None:
    if value is None:
        return None
    if not -most <= value <= most:
        raise Refused(f"must lie between -{most} and {most} degrees", field)
    return Decimal(repr(value)).quantize(_POINT, ROUND_HALF_EVEN)
