"""What is new for an officer since a cursor: what became of own reports, own tasks, villages and words.

Reports are told by when they changed. Tasks are told as they are now, and only when they aren't as they were told
last: no clock, late commit or posting that ends by itself can leave a device with a task that isn't its officer's.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from rukun.server.again import Again
from rukun.server.field.schemas import Changes, StatusChange, Village
from rukun.server.people.scope import Scope
from rukun.server.prevention import actions
from rukun.server.prevention.queries import ended_tasks, own_keys, whole
from rukun.server.prevention.schemas import OwnTask
from rukun.server.reports import taxonomy
from rukun.server.reports.models import Report, ReviewStep
from rukun.server.reports.queries import BadCursor, newest_change
from rukun.server.territory.models import Area

#: A change that was under way when the last answer was made can't be missed: cursors lie this far back, and an app
#: takes a change it knows (the version tells) for what it is.
_OVERLAP = dt.timedelta(minutes=2)
_MOST_CHANGES = 200
_MOST_TASKS = 200
_FORM = "2"
_EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


@dataclass(frozen=True)
class Cursor:
    """Up to where an officer was told. places, tasks: short words that change when their villages (or what things are
    called) and their open tasks do; moment: reports that changed from then on are new; key: of that moment's, those
    after it.
    """

    places: str
    tasks: str
    moment: dt.datetime
    key: UUID | None = None

    def __str__(self) -> str:
        """As it goes over the wire."""
        said = [_FORM, self.places, self.tasks, str((self.moment - _EPOCH) // _MICROSECOND)]
        return ".".join(said if self.key is None else [*said, self.key.hex])


def read_cursor(said: str | None) -> Cursor | None:
    """A cursor as it was given out, or None for a first turn. Raises BadCursor."""
    if not said:
        return None
    try:
        form, places, tasks, moment, *key = said.split(".")
        if form != _FORM or len(places) != 8 or len(tasks) != 8 or len(key) > 1:
            raise ValueError(said)
        return Cursor(places, tasks, _EPOCH + int(moment) * _MICROSECOND, UUID(key[0]) if key else None)
    except (ValueError, OverflowError) as wrong:
        raise BadCursor("this cursor wasn't given out here: leave it out to start anew") from wrong


def changes_since(
    scope: Scope, since: Cursor | None, villages: Sequence[Area], started: dt.datetime
) -> tuple[Changes, Cursor]:
    """What is new, and the cursor for the next turn. villages: the officer's own; started: when this turn began."""
    places = _word([_WORDS, *sorted((v.code, v.name) for v in villages)])
    anew = since is None or since.places != places
    told, word = _tasks(scope, since, anew)
    found = _changed(scope, since)
    more = len(found) > _MOST_CHANGES
    found = found[:_MOST_CHANGES]
    # where there is more, the next turn begins after the last change that was told
    until = Cursor(places, word, found[-1].changed_at, found[-1].pk) if more else Cursor(places, word, _told(started))
    reasons = _reasons(found)
    changes = Changes(
        reports=[
            StatusChange(
                id=r.pk, status=r.status, version=r.version, reason=reasons.get(r.pk, ""), merged_into=r.merged_into
            )
            for r in found
        ],
        tasks=told,
        villages=[Village(code=v.code, name=v.name, latitude=v.latitude, longitude=v.longitude) for v in villages]
        if anew
        else None,
        taxonomy=taxonomy.everything() if anew else None,
        actions=actions.everything() if anew else None,
        more=more,
    )
    return changes, until


def _tasks(scope: Scope, since: Cursor | None, anew: bool) -> tuple[list[OwnTask] | None, str]:
    mine = getattr(scope.user, "pk", None)
    keys = own_keys(scope)[:_MOST_TASKS]
    word = _word(sorted((str(key.id), key.version, key.assigned == mine) for key in keys))
    if since is not None and not anew and since.tasks == word:
        return None, word
    found = [OwnTask.of(task, mine=task.assigned_id == mine) for task in whole(keys)] if keys else []
    if since is not None:
        ended = ended_tasks(scope, since.moment).select_related("village")[:_MOST_TASKS]
        found += [OwnTask.of(task, mine=True) for task in ended]
    return found, word


def _changed(scope: Scope, since: Cursor | None) -> list[Any]:
    """Own reports that changed, the first changed first, and one more than are told where there are more."""
    author = getattr(scope.user, "pk", None)
    if since is not None and since.key is None:
        return _changed_since(author, since.moment)
    if since is None:
        return list(_told_of(Q(author=author)))
    later = Q(changed_at__gt=since.moment) | Q(changed_at=since.moment, pk__gt=since.key)
    return list(_told_of(Q(author=author) & later))


def _told_of(which: Q) -> Any:
    told = ("pk", "status", "version", "merged_into", "changed_at")
    found = Report.objects.filter(which).exclude(version=1).order_by("changed_at", "pk")
    return found.values_list(*told, named=True)[: _MOST_CHANGES + 1]


#: The turn of a device that knows all up to a moment: nearly every turn there is.
_changed_since = Again(
    lambda author, moment: _told_of(Q(author=author, changed_at__gte=moment)),
    (-1, -2),
    (_EPOCH, _EPOCH + _MICROSECOND),
)


def _reasons(found: Sequence[Any]) -> dict[UUID, str]:
    """The reason of the newest step of each report, where there is anything to tell at all."""
    if not found:
        return {}
    steps = ReviewStep.objects.filter(report__in=[each.pk for each in found]).order_by("at", "pk")
    return dict(steps.values_list("report", "reason"))


def _told(started: dt.datetime) -> dt.datetime:
    """From when on the next turn asks. Never after the newest change: a clock that ran ahead and was put back would
    otherwise hide what changes until then.
    """
    newest = newest_change()
    if newest is None:
        return _EPOCH
    # one so old has no other under way beside it: it needn't be told again on every turn of a quiet night
    return newest + _MICROSECOND if newest < started - _OVERLAP else min(started, newest) - _OVERLAP


def _word(said: Any) -> str:
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:8]


#: Changes when an update of the server brings other categories or actions.
_WORDS = _word([taxonomy.everything(), actions.everything()])
