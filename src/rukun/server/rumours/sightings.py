"""Filing a sighting: masked, once, and without a word of who wrote or sent it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from rukun.server.audit.services import Trail, change
from rukun.server.people.models import Role
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.reports.checks import in_time, masked_text, together
from rukun.server.reports.filing import own_village
from rukun.server.reports.storing import Draft, Filed, digest_of, store_each, store_one
from rukun.server.rumours.models import Sighting
from rukun.server.rumours.models.rumours import DESK
from rukun.server.rumours.states import Channel
from rukun.server.territory.models import Area, Level

#: A text that is longer is a book and not a message.
MOST_MESSAGE = 10_000


@dataclass(frozen=True)
class SightingIn:
    """A message as an officer or the desk files it. village: a code, or None where it isn't known (the desk only)."""

    id: UUID
    at: dt.datetime
    text: str
    village: str | None = None
    language: str = ""


@dataclass(frozen=True)
class Picture:
    """What is kept of a picture: 64 bits that are alike for pictures that look alike, in hex, and its text."""

    hash: str
    text: str = ""


def file_sighting(scope: Scope, given: SightingIn) -> Filed:
    """Store a sighting once: an officer's in an own village, the desk's anywhere.

    Raises NotAllowed, Refused (storing.OtherContent among them) naming the field.
    """
    from rukun.server.rumours.tasks import sort_soon

    with change(scope.actor) as trail:
        filed = store_one(scope, draft_sighting(scope, given, _village(scope, given.village)), trail)
    sort_soon()
    return filed


def take_sightings(scope: Scope, given: Sequence[tuple[SightingIn, Area]], trail: Trail) -> Sequence[Filed | Exception]:
    """Store sightings of a field app's batch inside a change that is under way: each by itself, in their order."""
    from rukun.server.rumours.tasks import sort_soon

    answers = store_each(scope, given, draft_sighting, trail)
    if any(isinstance(answer, Filed) and answer.stored for answer in answers):
        sort_soon()
    return answers


def draft_sighting(scope: Scope, given: SightingIn, village: Area | None) -> Draft:
    """A sighting of an officer or the desk, checked and masked, to be stored."""
    officer = village is not None and village.pk in scope.own_villages
    channel = Channel.OFFICER if officer else Channel.DESK
    return draft(scope, given.id, given, village, channel, exercise=village is None and in_exercise())


def draft(
    scope: Scope,
    key: UUID,
    given: SightingIn,
    village: Area | None,
    channel: Channel,
    picture: Picture | None = None,
    *,
    exercise: bool,
) -> Draft:
    """A sighting from any channel, checked and masked, to be stored. exercise: where no village says it.

    Raises Refused.
    """
    in_time("at", given.at)
    text, masked = masked_text("text", given.text, MOST_MESSAGE)
    image_text, also = masked_text("image_text", picture.text if picture else "", MOST_MESSAGE)
    if not text and picture is None:
        raise Refused("there is no message in it", "text", "Isi pesan masih kosong.")
    kept = {
        "at": given.at,
        "channel": channel,
        "language": given.language,
        "text": text,
        "image_text": image_text,
        "image_hash": picture.hash if picture else "",
    }
    code, now = village.code if village is not None else "", timezone.now()
    sighting = Sighting(
        id=key,
        village=village,
        author=scope.user if channel in (Channel.OFFICER, Channel.DESK) else None,
        received_at=now,
        changed_at=now,
        digest=digest_of(code, kept),
        exercise=village.exercise if village is not None else exercise,
        **kept,
    )
    masked = together(masked, also)
    details = {"village": code, "channel": str(channel), "masked": masked}
    return Draft(sighting, masked, "sighting.filed", f"sighting:{key}", details)


def villages_by_code(codes: Iterable[str]) -> Mapping[str, Area]:
    """Villages of these codes, without their polygons."""
    found = Area.objects.filter(level=Level.VILLAGE, code__in=set(codes)).defer("geometry")
    return {village.code: village for village in found}


def in_exercise() -> bool:
    """Whether this installation holds an exercise: what comes from nowhere in particular is part of it then."""
    return Area.objects.filter(exercise=True).exists()


def _village(scope: Scope, code: str | None) -> Area | None:
    if scope.has(*DESK):
        if code is None:
            return None
        village = villages_by_code([code]).get(code)
        if village is None:
            raise Refused(f"there is no village {code}", "village", "Desa itu tidak ada.")
        return village
    if not scope.has(Role.VILLAGE_OFFICER):
        raise NotAllowed(
            "village officers and the rumour desk file sightings",
            "Hanya bhabinkamtibmas dan meja hoaks yang mencatat kabar.",
        )
    if code is None:
        raise Refused("say in which of your villages it was seen", "village", "Pilih desa tempat kabar terlihat.")
    return own_village(scope, code)
