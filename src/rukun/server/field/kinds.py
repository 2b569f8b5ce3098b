"""What a field app may send: of each kind its form and who takes it. Each app below offers both; none knows of this."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from rukun.server.audit.services import Trail
from rukun.server.people.scope import Scope
from rukun.server.prevention.models import Outcome
from rukun.server.prevention.outcomes import take_outcomes
from rukun.server.prevention.progress import take_statuses
from rukun.server.prevention.schemas import OutcomeItem, TaskStatusItem
from rukun.server.reports import filing
from rukun.server.reports.models import Filed as FiledRecord
from rukun.server.reports.models import Report, Visit
from rukun.server.reports.schemas import ReportItem, VisitItem
from rukun.server.reports.storing import Filed, store_each
from rukun.server.rumours.models import Sighting
from rukun.server.rumours.schemas import SightingItem
from rukun.server.rumours.sightings import take_sightings
from rukun.server.territory.models import Area

#: Takes the items of one kind with their villages; in their order, what became of each or why it was refused. One
#: that is refused holds up no other, and the number of queries doesn't grow with the number of items.
Take = Callable[[Scope, Sequence[tuple[Any, Any]], Trail], Sequence[Filed | Exception]]


@dataclass(frozen=True)
class Kind:
    """form: what an item looks like; table: of what is filed in a village, None where an item names none."""

    form: TypeAdapter[Any]
    take: Take
    table: type[FiledRecord] | None = None


def _drafted(draft: Callable[[Scope, Any, Area], Any]) -> Take:
    return lambda scope, given, trail: store_each(scope, given, draft, trail)


def _without_village(scope: Scope, given: Sequence[tuple[Any, Any]], trail: Trail) -> Sequence[Filed | Exception]:
    return take_statuses(scope, [item for item, _ in given], trail)


#: In the order in which they are taken: always the same, so that two batches never wait for one another in a circle.
KINDS: Mapping[str, Kind] = {
    "report": Kind(TypeAdapter(ReportItem), _drafted(filing.draft_report), Report),
    "visit": Kind(TypeAdapter(VisitItem), _drafted(filing.draft_visit), Visit),
    "task_status": Kind(TypeAdapter(TaskStatusItem), _without_village),
    "outcome": Kind(TypeAdapter(OutcomeItem), take_outcomes, Outcome),
    "sighting": Kind(TypeAdapter(SightingItem), take_sightings, Sighting),
}
