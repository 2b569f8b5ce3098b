"""The endpoint of the field app."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from rukun.server.field.schemas import SyncIn, SyncOut
from rukun.server.field.sync import synchronise
from rukun.server.people.asking import scope
from rukun.server.problems import ERRORS

router = Router()


@router.post("/sync", response={200: SyncOut, **ERRORS})
def sync(request: HttpRequest, given: SyncIn) -> SyncOut:
    """Send a batch of reports and visits, and take what is new. Sending a batch twice stores it once."""
    return synchronise(scope(request), given.items, given.cursor)
