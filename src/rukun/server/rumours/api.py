"""Endpoints of the rumour desk, and of officers' sightings."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from rukun.server.people.asking import scope
from rukun.server.people.scope import Scope
from rukun.server.problems import ERRORS, Problem
from rukun.server.reports.api import Paging
from rukun.server.reports.queries import page_of
from rukun.server.reports.schemas import Filed
from rukun.server.rumours import evidence, feeds, joining, queries, sightings, workflow
from rukun.server.rumours.feeds import SourceIn as SourceGiven
from rukun.server.rumours.models.rumours import DESK
from rukun.server.rumours.moves import require_desk
from rukun.server.rumours.schemas import (
    ChannelName,
    Decision,
    EvidenceIn,
    EvidenceOut,
    JudgeIn,
    MatchOut,
    MergeIn,
    PriorityName,
    RumourOut,
    RumourPage,
    Seen,
    SeenPerhapsWhy,
    SeenWhy,
    SightingIn,
    SightingOut,
    SightingPage,
    SourceChanged,
    SourceIn,
    SourceOut,
    SplitIn,
    StatusName,
    TriageIn,
    WholeRumour,
    Why,
)

router = Router()
CONFLICT: dict[int, Any] = {**ERRORS, 409: Problem}
Code = Annotated[str, Field(max_length=13)]


@router.get("/sightings", response={200: SightingPage, **ERRORS})
def list_sightings(
    request: HttpRequest,
    paging: Query[Paging],
    village: Code = "",
    channel: ChannelName | None = None,
    waiting: bool = False,
) -> SightingPage:
    """Sightings in scope, newest first: of one's villages, the desk's all. waiting: not yet sorted into a rumour."""
    asking = scope(request)
    found = queries.sightings(asking, village=village, channel=channel or "", waiting=waiting)
    return _sightings(asking, found, paging)


@router.post("/sightings", response={200: Filed, 201: Filed, **CONFLICT})
def file_sighting(request: HttpRequest, given: SightingIn) -> Any:
    """File a message that circulates, once: the same again answers 200. Never say who wrote or sent it."""
    filed = sightings.file_sighting(scope(request), given.given())
    answer = Filed(id=filed.record.pk, stored=filed.stored, version=filed.record.version, masked=dict(filed.masked))
    return Status(201 if filed.stored else 200, answer)


@router.get("/rumours", response={200: RumourPage, **ERRORS})
def list_rumours(
    request: HttpRequest,
    paging: Query[Paging],
    status: StatusName | None = None,
    priority: PriorityName | None = None,
    overdue: bool = False,
) -> RumourPage:
    """Rumours, the last seen first; those merged into another stand with it. For the desk and the directorate."""
    found = queries.newest_rumours(_desk(request), status=status or "", priority=priority or "", overdue=overdue)
    page = page_of(found, "last_seen", paging.cursor, paging.size)
    return RumourPage(items=[RumourOut.of(rumour) for rumour in page.items], next=page.next)


@router.get("/rumours/{uuid:rumour_id}", response={200: WholeRumour, **ERRORS})
def get_rumour(request: HttpRequest, response: HttpResponse, rumour_id: UUID) -> WholeRumour:
    """One rumour with evidence, suggested fact checks, verdicts and steps."""
    rumour = queries.rumour(_desk(request), rumour_id)
    response["ETag"] = f'"{rumour.version}"'
    return WholeRumour.of(rumour)


@router.get("/rumours/{uuid:rumour_id}/sightings", response={200: SightingPage, **ERRORS})
def list_sightings_of(request: HttpRequest, rumour_id: UUID, paging: Query[Paging]) -> SightingPage:
    """Sightings of a rumour and of what was merged into it, newest first."""
    asking = _desk(request)
    return _sightings(asking, queries.sightings_of(queries.rumour(asking, rumour_id)), paging)


@router.post("/rumours/{uuid:rumour_id}/triage", response={200: RumourOut, **CONFLICT})
def triage(request: HttpRequest, rumour_id: UUID, given: TriageIn) -> RumourOut:
    """Say how soon it is to be answered; a closed one is opened again, with a reason. 409 when it was changed."""
    workflow.triage(scope(request), rumour_id, given.version, given.given())
    return _rumour(request, rumour_id)


@router.post("/rumours/{uuid:rumour_id}/claim", response={200: RumourOut, **CONFLICT})
def claim(request: HttpRequest, rumour_id: UUID, given: Seen) -> RumourOut:
    """Make it yours for two hours; again to go on."""
    workflow.claim(scope(request), rumour_id, given.version)
    return _rumour(request, rumour_id)


@router.post("/rumours/{uuid:rumour_id}/release", response={200: RumourOut, **CONFLICT})
def release(request: HttpRequest, rumour_id: UUID) -> RumourOut:
    """Let it go; the directorate also what others claimed."""
    workflow.release(scope(request), rumour_id)
    return _rumour(request, rumour_id)


@router.post("/rumours/{uuid:rumour_id}/begin", response={200: RumourOut, **CONFLICT})
def begin(request: HttpRequest, rumour_id: UUID, given: SeenPerhapsWhy) -> RumourOut:
    """Begin to verify it, or anew what was judged, clarified or subsided (with a reason)."""
    workflow.begin(scope(request), rumour_id, given.version, given.reason)
    return _rumour(request, rumour_id)


@router.post("/rumours/{uuid:rumour_id}/give-back", response={200: RumourOut, **CONFLICT})
def give_back(request: HttpRequest, rumour_id: UUID, given: SeenWhy) -> RumourOut:
    """Put it back among those that wait to be verified."""
    workflow.give_back(scope(request), rumour_id, given.version, given.reason)
    return _rumour(request, rumour_id)


@router.post("/rumours/{uuid:rumour_id}/verdict", response={200: RumourOut, **CONFLICT})
def judge(request: HttpRequest, rumour_id: UUID, given: JudgeIn) -> RumourOut:
    """A person's verdict on the ground of a piece of evidence. Whoever gives it doesn't publish the clarification."""
    workflow.judge(scope(request), rumour_id, given.version, given.verdict, given.source, given.words)
    return _rumour(request, rumour_id)


@router.post("/rumours/{uuid:rumour_id}/close", response={200: RumourOut, **CONFLICT})
def close(request: HttpRequest, rumour_id: UUID, given: SeenWhy) -> RumourOut:
    """End the work on it without an answer."""
    workflow.close(scope(request), rumour_id, given.version, given.reason)
    return _rumour(request, rumour_id)


@router.post("/rumours/{uuid:rumour_id}/subside", response={200: RumourOut, **CONFLICT})
def subside(request: HttpRequest, rumour_id: UUID, given: SeenPerhapsWhy) -> RumourOut:
    """Say that it died down."""
    workflow.subside(scope(request), rumour_id, given.version, given.reason)
    return _rumour(request, rumour_id)


@router.post("/rumours/{uuid:rumour_id}/evidence", response={201: EvidenceOut, **CONFLICT})
def add_evidence(request: HttpRequest, rumour_id: UUID, given: EvidenceIn) -> Any:
    """Add a source with a link and a grade."""
    return Status(201, EvidenceOut.of(evidence.add_evidence(scope(request), rumour_id, given.given())))


@router.post("/evidence/{uuid:evidence_id}/withdraw", response={200: EvidenceOut, **CONFLICT})
def withdraw_evidence(request: HttpRequest, evidence_id: UUID, given: Why) -> EvidenceOut:
    """Mark a source as one that doesn't hold; it stays in sight."""
    return EvidenceOut.of(evidence.withdraw_evidence(scope(request), evidence_id, given.reason))


@router.post("/matches/{int:match_id}", response={200: MatchOut, **CONFLICT})
def decide_match(request: HttpRequest, match_id: int, given: Decision) -> MatchOut:
    """Say whether a suggested fact check is the rumour's own; an accepted one becomes evidence."""
    return MatchOut.of(evidence.decide_match(scope(request), match_id, given.accepted))


@router.post("/rumours/{uuid:rumour_id}/merge", response={200: RumourOut, **CONFLICT})
def merge(request: HttpRequest, rumour_id: UUID, given: MergeIn) -> RumourOut:
    """Another rumour is the same claim: its sightings count here."""
    joining.merge(scope(request), rumour_id, given.merged, given.reason)
    return _rumour(request, rumour_id)


@router.post("/rumours/{uuid:rumour_id}/unmerge", response={200: RumourOut, **CONFLICT})
def unmerge(request: HttpRequest, rumour_id: UUID) -> RumourOut:
    """Take back that this rumour was merged into another."""
    joining.unmerge(scope(request), rumour_id)
    return _rumour(request, rumour_id)


@router.post("/rumours/{uuid:rumour_id}/split", response={201: RumourOut, **CONFLICT})
def split(request: HttpRequest, rumour_id: UUID, given: SplitIn) -> Any:
    """Some of its sightings are another claim: they become a new rumour, which is answered."""
    new = joining.split(scope(request), rumour_id, given.sightings, given.reason)
    return Status(201, _rumour(request, new.pk))


@router.post("/rumours/{uuid:rumour_id}/move-here", response={200: RumourOut, **CONFLICT})
def move(request: HttpRequest, rumour_id: UUID, given: SplitIn) -> RumourOut:
    """Put sightings to this rumour."""
    joining.move(scope(request), given.sightings, rumour_id, given.reason)
    return _rumour(request, rumour_id)


@router.get("/rumour-sources", response={200: list[SourceOut], **ERRORS})
def list_sources(request: HttpRequest) -> Any:
    """Addresses that are read every hour, with what was wrong the last time."""
    return [SourceOut.of(each) for each in queries.sources(_desk(request))]


@router.post("/rumour-sources", response={201: SourceOut, **CONFLICT})
def add_source(request: HttpRequest, given: SourceIn) -> Any:
    """Name an address to be read every hour. The desk and the directorate."""
    return Status(201, SourceOut.of(feeds.add_source(scope(request), SourceGiven(**given.model_dump()))))


@router.put("/rumour-sources/{uuid:source_id}", response={200: SourceOut, **CONFLICT})
def change_source(request: HttpRequest, source_id: UUID, given: SourceChanged) -> SourceOut:
    """Change an address, or read it no longer; 409 with it as it is when it was changed."""
    changed = SourceGiven(**given.model_dump(exclude={"version"}))
    return SourceOut.of(feeds.change_source(scope(request), source_id, given.version, changed))


def _desk(request: HttpRequest) -> Scope:
    asking = scope(request)
    require_desk(asking)
    return asking


def _rumour(request: HttpRequest, rumour_id: UUID) -> RumourOut:
    return RumourOut.of(queries.rumour(scope(request), rumour_id))


def _sightings(asking: Scope, found: Any, paging: Paging) -> SightingPage:
    page = page_of(found, "at", paging.cursor, paging.size)
    desk = asking.has(*DESK)
    return SightingPage(items=[SightingOut.of(each, desk=desk) for each in page.items], next=page.next)
