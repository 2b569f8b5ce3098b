"""What goes over the wire between a field app and the server."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from rukun.server.reports.schemas import StatusName, Strict


class Result(Schema):
    """What became of one item of a batch, by its place in it. problem: why it wasn't taken; the others go on."""

    id: str
    status: Literal["stored", "known", "refused"]
    version: int | None = None
    masked: dict[str, int] = Field(default_factory=dict)
    problem: dict[str, Any] | None = None


class SyncIn(Strict):
    """What a field app sends: its batch, and the cursor of the last answer."""

    items: Annotated[
        list[dict[str, Any]],
        Field(max_length=100, description="reports and visits (ReportItem, VisitItem), each checked by itself"),
    ] = Field(default_factory=list)
    cursor: Annotated[str, Field(max_length=64)] | None = None


class Village(Schema):
    """A village of the officer."""

    code: str
    name: str
    latitude: float | None
    longitude: float | None


class StatusChange(Schema):
    """What became of an own report."""

    id: UUID
    status: StatusName
    version: int
    reason: str
    merged_into: UUID | None


class Changes(Schema):
    """What is new for this officer since the cursor; villages and taxonomy only with a first or old cursor."""

    reports: list[StatusChange]
    villages: list[Village] | None
    taxonomy: dict[str, Any] | None
    more: bool = Field(description="there is more: ask again at once with the new cursor")


class SyncOut(Schema):
    """One result for each item, in their order; what is new; the cursor for the next time."""

    results: list[Result]
    changes: Changes
    cursor: str
