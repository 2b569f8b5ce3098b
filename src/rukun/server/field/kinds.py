"""What a field app may send: of each kind its form and who takes it. Each app below offers both; none knows of this."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from rukun.server.audit.services import Trail
from rukun.server.people.scope import Scope
from rukun.server.people.services import Refused
from rukun.server.reports import filing
from rukun.server.reports.schemas import ReportItem, VisitItem
from rukun.server.reports.storing import Filed, store_each
from rukun.server.territory.models import Area

#: Takes the items of one kind with their villages; in their order, what became of each. One that is refused holds up
#: no other, and the number of queries doesn't grow with the number of items.
Take = Callable[[Scope, Sequence[tuple[Any, Area]], Trail], list[Filed | Refused]]


@dataclass(frozen=True)
class Kind:
    """form: what an item looks like."""

    form: TypeAdapter[Any]
    take: Take


def _drafted(draft: Callable[[Scope, Any, Area], Any]) -> Take:
    return lambda scope, given, trail: store_each(scope, given, draft, trail)


#: In the order in which they are taken: always the same, so that two batches never wait for one another in a circle.
KINDS: Mapping[str, Kind] = {
    "report": Kind(TypeAdapter(ReportItem), _drafted(filing.draft_report)),
    "visit": Kind(TypeAdapter(VisitItem), _drafted(filing.draft_visit)),
}
