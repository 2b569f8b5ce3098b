"""Refusals as the API tells of them: one by itself, or one item of a batch."""

from __future__ import annotations

from typing import Any

from rukun.server.people.services import Refused
from rukun.server.reports.filing import Lawful
from rukun.server.reports.review import Changed
from rukun.server.reports.storing import OtherContent


def problem_of(refused: Refused) -> tuple[int, str, dict[str, Any]]:
    """Status, kind of problem, and what else is told of it."""
    if isinstance(refused, Changed):
        return 409, "changed", {"current": refused.current}
    if isinstance(refused, OtherContent):
        return 409, "other-content", {}
    return 422, "lawful" if isinstance(refused, Lawful) else "refused", {}
