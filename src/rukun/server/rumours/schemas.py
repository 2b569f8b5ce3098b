"""What goes over the wire about rumours and sightings."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from rukun.server.reports.schemas import Strict, VillageCode
from rukun.server.rumours.evidence import MOST_LINK, MOST_NOTE, MOST_TITLE
from rukun.server.rumours.evidence import EvidenceIn as EvidenceGiven
from rukun.server.rumours.models import Evidence, Judgement, Match, Rumour, Sighting, Source, Step
from rukun.server.rumours.moves import MOST_REASON
from rukun.server.rumours.sightings import MOST_MESSAGE
from rukun.server.rumours.sightings import SightingIn as SightingGiven
from rukun.server.rumours.states import Advice, Channel, Harm, Priority, Status, Verdict
from rukun.server.rumours.workflow import MOST_WORDS
from rukun.server.rumours.workflow import TriageIn as TriageGiven

StatusName = Literal[*Status.values]  # type: ignore[valid-type]
VerdictName = Literal[*Verdict.values]  # type: ignore[valid-type]
PriorityName = Literal[*Priority.values]  # type: ignore[valid-type]
HarmName = Literal[*Harm.values]  # type: ignore[valid-type]
AdviceName = Literal[*Advice.values]  # type: ignore[valid-type]
ChannelName = Literal[*Channel.values]  # type: ignore[valid-type]
SourceKind = Literal[*Source.Kind.values]  # type: ignore[valid-type]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Reason = Annotated[str, Field(min_length=1, max_length=MOST_REASON)]
Language = Annotated[str, Field(pattern=r"^([a-z]{2,3})?$", examples=["id"])]
Link = Annotated[str, Field(pattern=r"^https?://\S+$", max_length=MOST_LINK, examples=["https://example.org/"])]


class SightingIn(Strict):
    """A message as it was come upon. village: null where it isn't known (the desk only). Text is masked."""

    id: UUID
    at: AwareDatetime
    text: Annotated[str, Field(min_length=1, max_length=MOST_MESSAGE)]
    village: VillageCode | None = None
    language: Language = ""

    def given(self) -> SightingGiven:
        """As the service takes it."""
        return SightingGiven(**{name: getattr(self, name) for name in SightingIn.model_fields})


class SightingItem(SightingIn):
    """A sighting in a field app's batch: of an own village."""

    kind: Literal["sighting"]
    village: VillageCode


class SightingOut(Schema):
    """A sighting as it is stored; rumour: null until it is sorted, and for those who don't work at the desk."""

    id: UUID
    at: dt.datetime
    received_at: dt.datetime
    village: str | None
    channel: ChannelName
    language: str
    text: str
    image_text: str
    rumour: UUID | None
    exercise: bool

    @staticmethod
    def of(each: Sighting, *, desk: bool) -> SightingOut:
        """Of a record."""
        village = each.village.code if each.village is not None else None
        plain = {n: getattr(each, n) for n in SightingOut.model_fields if n not in ("village", "rumour")}
        return SightingOut(village=village, rumour=each.rumour_id if desk else None, **plain)


class SightingPage(Schema):
    """Sightings, newest first; next: cursor of the following page."""

    items: list[SightingOut]
    next: str | None


class RumourOut(Schema):
    """A rumour as it is. because: what the machine's proposal rests on; claimed_by: key of who works on it now."""

    id: UUID
    text: str
    status: StatusName
    verdict: VerdictName | Literal[""]
    priority: PriorityName | Literal[""]
    harm: HarmName | Literal[""]
    harm_words: list[Any]
    advice: AdviceName | Literal[""]
    because: dict[str, Any]
    triaged: bool
    deadline: dt.datetime | None
    overdue: bool
    escalated_at: dt.datetime | None
    claimed_by: int | None
    claimed_until: dt.datetime | None
    merged_into: UUID | None
    slug: str | None
    made_at: dt.datetime
    first_seen: dt.datetime
    last_seen: dt.datetime
    sightings: int | None = Field(None, description="null right after a conflict: ask for the rumour to count them")
    villages: int | None = None
    version: int
    exercise: bool

    @classmethod
    def of(cls, rumour: Rumour) -> RumourOut:
        """Of a record; counts where it was read with them."""
        special = ("triaged", "claimed_by", "claimed_until", "merged_into", "sightings", "villages")
        plain = {n: getattr(rumour, n) for n in RumourOut.model_fields if n not in special}
        held = rumour.claimed
        return RumourOut(
            triaged=rumour.triaged_by_id is not None,
            claimed_by=rumour.claimed_by_id if held else None,
            claimed_until=rumour.claimed_until if held else None,
            merged_into=rumour.merged_into_id,
            sightings=getattr(rumour, "seen", None),
            villages=getattr(rumour, "places", None),
            **plain,
        )


class RumourPage(Schema):
    """Rumours, the last seen first; next: cursor of the following page."""

    items: list[RumourOut]
    next: str | None


class EvidenceOut(Schema):
    """A source that speaks for or against a rumour."""

    id: UUID
    at: dt.datetime
    title: str
    link: str
    archive: str
    grade: str
    note: str
    withdrawn_at: dt.datetime | None

    @staticmethod
    def of(each: Evidence) -> EvidenceOut:
        """Of a record."""
        return EvidenceOut(**{name: getattr(each, name) for name in EvidenceOut.model_fields})


class MatchOut(Schema):
    """A fact check that may answer a rumour: publisher, title, verdict and link as given. accepted: by a person."""

    id: int
    publisher: str
    title: str
    verdict: str
    date: str
    link: str
    probability: float
    advice: Literal["match", "suggest"]
    differences: list[Any]
    accepted: bool | None

    @staticmethod
    def of(each: Match) -> MatchOut:
        """Of a record."""
        given = {name: getattr(each.fact_check, name) for name in ("publisher", "title", "verdict", "date", "link")}
        own = {name: getattr(each, name) for name in ("id", "probability", "advice", "differences", "accepted")}
        return MatchOut(**given, **own)


class JudgementOut(Schema):
    """A verdict, by whom and on what source. The newest holds."""

    number: int
    at: dt.datetime
    by: int
    verdict: VerdictName
    source: UUID
    words: str

    @staticmethod
    def of(each: Judgement) -> JudgementOut:
        """Of a record."""
        return JudgementOut(
            number=each.number, at=each.at, by=each.by_id, verdict=each.verdict, source=each.source_id, words=each.words
        )


class StepOut(Schema):
    """A step of a rumour; by: null is the system."""

    at: dt.datetime
    by: int | None
    before: StatusName
    after: StatusName
    reason: str

    @staticmethod
    def of(each: Step) -> StepOut:
        """Of a record."""
        return StepOut(at=each.at, by=each.by_id, before=each.before, after=each.after, reason=each.reason)


class WholeRumour(RumourOut):
    """A rumour with all that is known of it."""

    evidence: list[EvidenceOut]
    matches: list[MatchOut]
    judgements: list[JudgementOut]
    steps: list[StepOut]
    merged: list[UUID]

    @classmethod
    def of(cls, rumour: Rumour) -> WholeRumour:
        """Of a record."""
        return WholeRumour(
            **RumourOut.of(rumour).model_dump(),
            evidence=[EvidenceOut.of(each) for each in rumour.evidence.all()],
            matches=[MatchOut.of(each) for each in rumour.matches.select_related("fact_check")],
            judgements=[JudgementOut.of(each) for each in rumour.judgements.all()],
            steps=[StepOut.of(each) for each in rumour.steps.all()],
            merged=list(rumour.merged.order_by("pk").values_list("pk", flat=True)),
        )


class Seen(Strict):
    """The version that was looked at."""

    version: Version


class SeenWhy(Seen):
    """The version that was looked at, and why."""

    reason: Reason


class SeenPerhapsWhy(Seen):
    """The version that was looked at, and why, where that is asked for."""

    reason: Annotated[str, Field(max_length=MOST_REASON)] = ""


class TriageIn(SeenPerhapsWhy):
    """How soon, what it could do, and whether an answer would calm more than it spreads."""

    priority: PriorityName
    harm: HarmName
    advice: AdviceName

    def given(self) -> TriageGiven:
        """As the service takes it."""
        return TriageGiven(self.priority, self.harm, self.advice, self.reason)


class JudgeIn(Seen):
    """A verdict, the evidence that it rests on, and why in words."""

    verdict: VerdictName
    source: UUID
    words: Annotated[str, Field(min_length=1, max_length=MOST_WORDS)]


class EvidenceIn(Strict):
    """A source; grade: of the source (A to F) and of what it says (1 to 6)."""

    title: Annotated[str, Field(min_length=1, max_length=MOST_TITLE)]
    link: Link
    grade: Annotated[str, Field(pattern=r"^[A-F][1-6]$", examples=["B2"])]
    archive: Link | Literal[""] = ""
    note: Annotated[str, Field(max_length=MOST_NOTE)] = ""

    def given(self) -> EvidenceGiven:
        """As the service takes it."""
        return EvidenceGiven(**{name: getattr(self, name) for name in EvidenceIn.model_fields})


class Why(Strict):
    """Why."""

    reason: Reason


class MergeIn(Why):
    """The rumour that is the same claim, and why."""

    merged: UUID


class SplitIn(Why):
    """Sightings that are another claim, and why."""

    sightings: Annotated[list[UUID], Field(min_length=1, max_length=1000)]


class Decision(Strict):
    """Whether the fact check is the rumour's own."""

    accepted: bool


class SourceIn(Strict):
    """An address to be read every hour; active: false keeps it without reading it."""

    kind: SourceKind
    name: Annotated[str, Field(min_length=1, max_length=120)]
    link: Link
    language: Language = ""
    active: bool = True


class SourceOut(Schema):
    """An address that is read; fault: why it couldn't be read the last time, or ""."""

    id: UUID
    kind: SourceKind
    name: str
    link: str
    language: str
    active: bool
    read_at: dt.datetime | None
    fault: str
    version: int

    @staticmethod
    def of(each: Source) -> SourceOut:
        """Of a record."""
        return SourceOut(**{name: getattr(each, name) for name in SourceOut.model_fields})


class SourceChanged(SourceIn):
    """An address as it shall be; version: the one that was looked at."""

    version: Version
