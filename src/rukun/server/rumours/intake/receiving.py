"""What every channel hands over, and how it is stored: once, masked, without a sender."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone
from django.utils.crypto import salted_hmac

from rukun.server.audit.services import SYSTEM, change
from rukun.server.people.scope import Scope
from rukun.server.people.services import Refused
from rukun.server.reports.storing import Draft, Filed, OtherContent, store
from rukun.server.rumours.intake.pictures import look_at
from rukun.server.rumours.sightings import MOST_MESSAGE, SightingIn, draft, in_exercise, villages_by_code
from rukun.server.rumours.states import Channel
from rukun.server.rumours.tasks import sort_soon

_BATCH = 200


@dataclass(frozen=True)
class Received:
    """A message as a channel gives it. source: what names it there, of which a keyed digest is kept and nothing else.

    at: None where the channel doesn't say; village: a code, or ""; picture: the bytes of a file, looked at and let go.
    """

    source: str
    text: str
    at: dt.datetime | None = None
    village: str = ""
    language: str = ""
    picture: bytes | None = None


@dataclass(frozen=True)
class Taken:
    """stored: new sightings; known: had been taken before; refused: why, with how many."""

    stored: int = 0
    known: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Taken) -> Taken:
        return Taken(self.stored + other.stored, self.known + other.known, self.refused + other.refused)


def key_of(channel: Channel, source: str) -> UUID:
    """The id of a sighting: the same for the same message of a channel, and nothing that could be traced back.

    A message's own id may hold its sender's number (WhatsApp's does), so it isn't kept; without the server's key nobody
    can try numbers out against the digest.
    """
    digest = salted_hmac("rukun.rumours.sighting", f"{channel}\n{source}", algorithm="sha256").digest()
    return UUID(bytes=digest[:16], version=5)


def take(channel: Channel, received: Sequence[Received]) -> Taken:
    """Store what came in by a channel, each message once; sorting it into rumours follows as a job.

    What can't be stored (empty, from the far past or the future, of a village that there isn't) holds up nothing else.
    """
    total = Taken()
    for begin in range(0, len(received), _BATCH):
        total = total + _take(channel, received[begin : begin + _BATCH])
    if total.stored:
        sort_soon()
    return total


def _take(channel: Channel, received: Sequence[Received]) -> Taken:
    nobody = Scope(None, timezone.localdate())
    villages = villages_by_code(each.village for each in received if each.village)
    exercise, refused = in_exercise(), Counter[str]()
    drafts: list[Draft] = []
    for each in received:
        try:
            if each.village and each.village not in villages:
                raise Refused(f"there is no village {each.village}", "village")
            picture = look_at(each.picture) if each.picture is not None else None
            given = _given(channel, each)
            village = villages.get(each.village)
            drafts.append(draft(nobody, given.id, given, village, channel, picture, exercise=exercise))
        except Refused as wrong:
            refused[str(wrong)] += 1
    with change(SYSTEM) as trail:
        answers = store(nobody, drafts, trail)
    stored = known = 0
    for answer in answers:
        if isinstance(answer, Filed):
            stored, known = stored + answer.stored, known + (not answer.stored)
        elif isinstance(answer, OtherContent):
            # edited where it came from, or told anew without its time: it was seen then
            known += 1
        else:
            refused[str(answer)] += 1
    return Taken(stored, known, refused)


def _given(channel: Channel, each: Received) -> SightingIn:
    at = each.at or timezone.now()
    # of a longer one the beginning: it says what it is about
    text = each.text[:MOST_MESSAGE]
    return SightingIn(key_of(channel, each.source), at, text, each.village or None, each.language)
