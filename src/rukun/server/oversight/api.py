"""The trail, for auditors."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from rukun.server.oversight.queries import entries
from rukun.server.people.asking import scope
from rukun.server.problems import ERRORS

router = Router()


class EntryOut(Schema):
    """One entry of the trail."""

    number: int
    at: dt.datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    digest: str


class EntryPage(Schema):
    """Newest first; next: send it as `before` for the following page."""

    items: list[EntryOut]
    next: int | None


@router.get("/audit", response={200: EntryPage, **ERRORS})
def list_entries(
    request: HttpRequest,
    before: Annotated[int, Field(ge=1, le=2**62)] | None = None,
    subject: Annotated[str, Field(max_length=200)] = "",
    actor: Annotated[str, Field(max_length=80)] = "",
    action: Annotated[str, Field(max_length=80)] = "",
) -> EntryPage:
    """Entries of the trail; for auditors only. actor: as the trail names it, or the name of an account."""
    items, following = entries(scope(request), before, subject, actor, action)
    return EntryPage(items=[EntryOut.from_orm(entry) for entry in items], next=following)
