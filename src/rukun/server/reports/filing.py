"""Filing: a report or visit comes in once, masked, checked, and noted in the trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rukun.core.text.lawful import read
from rukun.server.audit.services import change
from rukun.server.people.models import Role
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.reports import taxonomy
from rukun.server.reports.checks import among, coordinate, in_time, masked_text, together
from rukun.server.reports.models import Report, Status, Visit, VisitContact
from rukun.server.reports.storing import Draft, Filed, new_record, store_one
from rukun.server.territory.models import Area

LAWFUL_WORDS = {
    "assembly": ("berkumpul dan berunjuk rasa secara damai", "peaceful assembly"),
    "opinion": ("menyampaikan pendapat", "opinion"),
    "worship": ("beribadah", "worship"),
    "voting": ("memilih", "voting"),
}


class Lawful(Refused):
    """The text tells only of what everybody may do."""


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


def file_report(scope: Scope, given: ReportIn) -> Filed:
    """Store a report of one of the officer's own villages, once.

    Raises Refused (Lawful, storing.OtherContent among them) naming the field, NotAllowed outside the own villages.
    """
    with change(scope.actor) as trail:
        return store_one(scope, draft_report(scope, given, own_village(scope, given.village)), trail)


def file_visit(scope: Scope, given: VisitIn) -> Filed:
    """Store a visit to one of the officer's own villages, once. Raises as `file_report`."""
    with change(scope.actor) as trail:
        return store_one(scope, draft_visit(scope, given, own_village(scope, given.village)), trail)


def own_village(scope: Scope, code: str) -> Area:
    """The village of that code, if it is the officer's own. Raises NotAllowed, for those that don't exist too."""
    area = Area.objects.filter(code=code, pk__in=scope.own_villages).first() if scope.own_villages else None
    if area is None:
        raise not_own(code)
    return area


def not_own(code: str) -> NotAllowed:
    """What an officer is told who files elsewhere."""
    return NotAllowed(
        f"{code} is not among your villages",
        f"{code} bukan desa/kelurahan binaan Anda: pilih salah satu desa/kelurahan Anda.",
    )


def draft_report(scope: Scope, given: ReportIn, village: Area) -> Draft:
    """A report of an own village, checked and masked, to be stored (see `file_report`)."""
    assert scope.user is not None and scope.has(Role.VILLAGE_OFFICER)
    kept, masked = masked_report(given)
    report = new_record(Report, scope, given.id, village, kept)
    details = {"village": village.code, "category": report.category, "masked": masked}
    return Draft(report, masked, "report.filed", f"report:{report.pk}", details)


def masked_report(given: ReportIn) -> tuple[dict[str, Any], dict[str, int]]:
    """The fields to store, checked and masked, and how much was masked of each kind. Raises Refused, Lawful."""
    among("category", given.category, taxonomy.CATEGORIES)
    among("level", given.level, taxonomy.LEVELS)
    among("source", given.source, taxonomy.SOURCES)
    among("source_reliability", given.source_reliability, taxonomy.SOURCE_RELIABILITY)
    among("information_reliability", given.information_reliability, taxonomy.INFORMATION_RELIABILITY)
    in_time("observed_at", given.observed_at)
    text, masked = masked_text("text", given.text)
    if not text:
        raise Refused("say in a sentence what was seen", "text", "Tuliskan dengan satu kalimat apa yang terjadi.")
    reading = read(text)
    if reading.only_lawful:
        here, there = (", ".join(LAWFUL_WORDS[subject][which] for subject in reading.lawful) for which in (0, 1))
        raise Lawful(
            f"this text tells only of {there}: a right of everybody and no disturbance, so that it can't be filed as "
            "a report. A lawful gathering is a calendar entry, for service. If somebody was harmed or threatened, say "
            "what happened",
            "text",
            f"Teks ini hanya menceritakan {here}. Itu hak setiap warga, bukan gangguan, dan tidak dapat "
            "dicatat sebagai laporan. "
            "Kegiatan yang sah dicatat di kalender agar dapat dilayani. "
            "Bila ada yang dirugikan atau terancam, tuliskan apa "
            "yang terjadi.",
        )
    if (given.latitude is None) != (given.longitude is None):
        raise Refused(
            "a point needs both latitude and longitude", "latitude", "Isi lintang dan bujur keduanya, atau kosongkan."
        )
    fields = {
        "latitude": coordinate("latitude", given.latitude, 90),
        "longitude": coordinate("longitude", given.longitude, 180),
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


def draft_visit(scope: Scope, given: VisitIn, village: Area) -> Draft:
    """A visit to an own village, checked and masked, to be stored (see `file_visit`)."""
    assert scope.user is not None and scope.has(Role.VILLAGE_OFFICER)
    in_time("started_at", given.started_at)
    if not 1 <= given.minutes <= 1440:
        raise Refused("a visit takes between 1 and 1440 minutes", "minutes", "Lama sambang antara 1 dan 1440 menit.")
    for kind, number in given.contacts.items():
        among("contacts", kind, taxonomy.CONTACTS)
        if not 1 <= number <= 10_000:
            raise Refused(
                f"the number met of {kind} must be between 1 and 10,000",
                "contacts",
                f"Jumlah yang ditemui ({taxonomy.said('contacts', kind)}) antara 1 dan 10.000.",
            )
    topics, masked = masked_text("topics", given.topics)
    needs, more = masked_text("needs", given.needs)
    masked = together(masked, more)
    kept = {"started_at": given.started_at, "minutes": given.minutes, "topics": topics, "needs": needs}
    visit = new_record(Visit, scope, given.id, village, kept, {"contacts": dict(given.contacts)})
    contacts = [VisitContact(visit=visit, kind=k, number=n) for k, n in given.contacts.items()]
    details = {"village": village.code, "masked": masked}
    return Draft(visit, masked, "visit.filed", f"visit:{visit.pk}", details, contacts)


def preview(text: str) -> tuple[str, dict[str, int]]:
    """What would be stored of a text, and how much is masked of each kind: shown before it is sent; nothing is kept."""
    return masked_text("text", text)
