"""What goes over the wire about reports and visits."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field

from rukun.server.reports import taxonomy
from rukun.server.reports.checks import MOST_TEXT
from rukun.server.reports.filing import ReportIn as ReportGiven
from rukun.server.reports.filing import VisitIn as VisitGiven
from rukun.server.reports.models import Report, Status, Visit

Category = Literal[*taxonomy.CATEGORIES]  # type: ignore[valid-type]
Doctrine = Literal[*taxonomy.LEVELS]  # type: ignore[valid-type]
Source = Literal[*taxonomy.SOURCES]  # type: ignore[valid-type]
SourceGrade = Literal[*taxonomy.SOURCE_RELIABILITY]  # type: ignore[valid-type]
InformationGrade = Literal[*taxonomy.INFORMATION_RELIABILITY]  # type: ignore[valid-type]
Contact = Literal[*taxonomy.CONTACTS]  # type: ignore[valid-type]
VillageCode = Annotated[str, Field(pattern=r"^\d{2}\.\d{2}\.\d{2}\.\d{4}$", examples=["74.71.01.1001"])]
Text = Annotated[str, Field(max_length=MOST_TEXT)]
StatusName = Literal["submitted", "returned", "verified", "dropped"]


class Strict(Schema):
    """Input in which unknown fields are a mistake and not passed over."""

    model_config = ConfigDict(extra="forbid")


class ReportIn(Strict):
    """A report as the officer files it. Text is masked before it is stored."""

    id: UUID
    village: VillageCode
    observed_at: AwareDatetime
    category: Category
    level: Doctrine
    text: Annotated[str, Field(min_length=1, max_length=MOST_TEXT)]
    source: Source
    source_reliability: SourceGrade
    information_reliability: InformationGrade
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None

    def given(self) -> ReportGiven:
        """As the service takes it."""
        return ReportGiven(**{name: getattr(self, name) for name in ReportIn.model_fields})


class ReportAmended(ReportIn):
    """A report as its officer mends it; version: the one they saw."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]


class VisitIn(Strict):
    """A visit as the officer files it; contacts: how many were met, by kind. No names."""

    id: UUID
    village: VillageCode
    started_at: AwareDatetime
    minutes: Annotated[int, Field(ge=1, le=1440)]
    contacts: dict[Contact, Annotated[int, Field(ge=1, le=10_000)]] = Field(default_factory=dict)
    topics: Text = ""
    needs: Text = ""

    def given(self) -> VisitGiven:
        """As the service takes it."""
        return VisitGiven(**{name: getattr(self, name) for name in VisitIn.model_fields})


class ReportItem(ReportIn):
    """A report in a batch."""

    kind: Literal["report"]


class VisitItem(VisitIn):
    """A visit in a batch."""

    kind: Literal["visit"]


class Step(Schema):
    """One step of a review."""

    at: dt.datetime
    before: StatusName
    after: StatusName
    reason: str


class ReportOut(Schema):
    """A report as it is stored: masked, with its status and version."""

    id: UUID
    village: str
    village_name: str
    observed_at: dt.datetime
    received_at: dt.datetime
    category: Category
    level: Doctrine
    text: str
    source: Source
    source_reliability: SourceGrade
    information_reliability: InformationGrade
    latitude: float | None
    longitude: float | None
    status: StatusName
    merged_into: UUID | None
    version: int
    exercise: bool

    @classmethod
    def of(cls, report: Report) -> ReportOut:
        """Of a report with its village."""
        plain = {name: getattr(report, name) for name in cls.model_fields if hasattr(report, name)}
        plain |= {
            "village": report.village.code,
            "village_name": report.village.name,
            "merged_into": report.merged_into_id,
        }
        for name in ("latitude", "longitude"):
            plain[name] = None if plain[name] is None else float(plain[name])
        return cls(**plain)


class ReportDetail(ReportOut):
    """With the steps of its review, and its photos' ids."""

    steps: list[Step] = Field(default_factory=list)
    photos: list[UUID] = Field(default_factory=list)

    @classmethod
    def of(cls, report: Report) -> ReportDetail:
        """Of a report with its village, steps and photos."""
        plain = ReportOut.of(report).model_dump()
        steps = [Step(at=s.at, before=s.before, after=s.after, reason=s.reason) for s in report.steps.all()]
        return cls(**plain, steps=steps, photos=[photo.pk for photo in report.photos.all()])


class VisitOut(Schema):
    """A visit as it is stored."""

    id: UUID
    village: str
    village_name: str
    started_at: dt.datetime
    received_at: dt.datetime
    minutes: int
    contacts: dict[str, int]
    topics: str
    needs: str
    version: int
    exercise: bool

    @classmethod
    def of(cls, visit: Visit) -> VisitOut:
        """Of a visit with its village and contacts."""
        plain: dict[str, Any] = {
            n: getattr(visit, n) for n in cls.model_fields if n not in ("village", "village_name", "contacts")
        }
        contacts = {contact.kind: contact.number for contact in visit.contacts.all()}
        return cls(**plain, village=visit.village.code, village_name=visit.village.name, contacts=contacts)


class ReportPage(Schema):
    """A page of reports; next: cursor of the following page."""

    items: list[ReportOut]
    next: str | None


class VisitPage(Schema):
    """A page of visits; next: cursor of the following page."""

    items: list[VisitOut]
    next: str | None


class Filed(Schema):
    """stored: False where it had been stored before; text: as stored; masked: how much was masked of each kind."""

    id: UUID
    stored: bool
    version: int
    masked: dict[str, int]


class TextIn(Strict):
    """Text to be masked."""

    text: Text


class Masked(Schema):
    """What would be stored of a text."""

    text: str
    masked: dict[str, int]
    lawful: bool = Field(description="it tells only of assembly, opinion, worship or voting: no report")


class ReviewIn(Strict):
    """A step of a review; version: the one that was looked at."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    status: Literal["returned", "verified", "dropped"]
    reason: Annotated[str, Field(max_length=2000)] = ""

    def after(self) -> Status:
        """As the service takes it."""
        return Status(self.status)


class MergeIn(Strict):
    """Another report of the same event, and why it is."""

    merged: UUID
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
