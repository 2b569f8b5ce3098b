"""What goes over the wire between a field app and the server."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from rukun.server.prevention.schemas import OwnTask
from rukun.server.reports.schemas import StatusName, Strict

_ITEMS = (
    "Each is checked and stored by itself; one that is refused holds up no other. By their `kind`: report (as the body "
    "of POST /reports), visit (POST /visits), outcome (POST /outcomes), task_status (POST /tasks/{task_id}/status), "
    "sighting (POST /sightings, of an own village). "
    "Statuses of tasks are taken before outcomes, and of each kind in the order of the batch."
)


class Result(Schema):
    """What became of one item of a batch, by its place in it.

    stored: just now; known: it had been before; refused: problem says why, with the record as it is now (current)
    where somebody else changed it.
    """

    id: str
    status: Literal["stored", "known", "refused"]
    version: int | None = None
    masked: dict[str, int] = Field(default_factory=dict)
    problem: dict[str, Any] | None = None


class SyncIn(Strict):
    """What a field app sends: its batch, and the cursor of the last answer (null: everything anew)."""

    items: Annotated[
        list[dict[str, Any]],
        Field(max_length=100, description=_ITEMS),
    ] = Field(default_factory=list)
    cursor: Annotated[str, Field(max_length=100)] | None = None


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
    """What is new for this officer since the cursor; null where nothing is."""

    reports: list[StatusChange]
    tasks: list[OwnTask] | None = Field(
        description="every open task that is theirs or waits for somebody in their villages, as it is now, and those "
        "of theirs that were done, removed or given up since the cursor; any other that the device holds is theirs no "
        "longer"
    )
    villages: list[Village] | None = Field(description="all of their villages, when these changed")
    taxonomy: dict[str, Any] | None
    actions: dict[str, Any] | None
    more: bool = Field(description="there is more: ask again at once with the new cursor")


class SyncOut(Schema):
    """One result for each item, in their order; what is new; the cursor for the next time; at: the server's clock."""

    results: list[Result]
    changes: Changes
    cursor: str
    at: dt.datetime
