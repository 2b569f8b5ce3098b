"""Sorting what comes in: which messages are one rumour. The machine puts together what says the same; people mend."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import connection
from django.db.models.functions import Coalesce
from django.utils import timezone

from rukun.core.text.similar import Grouper, compare
from rukun.server.audit.services import SYSTEM, change
from rukun.server.rumours.intake.pictures import ALIKE, distance, tells_apart
from rukun.server.rumours.joining import look_again, new_rumour, says
from rukun.server.rumours.models import Placing, Rumour, Sighting

_BATCH = 2000
#: A transaction that began before the last look may have ended after it.
_MARGIN = dt.timedelta(minutes=10)


@dataclass
class _Index:
    """What was grouped so far, in this process: sightings in the order in which they were added."""

    database: str
    since: dt.datetime
    grouper: Grouper = field(default_factory=Grouper)
    keys: list[UUID] = field(default_factory=list)
    known: set[UUID] = field(default_factory=set)
    until: dt.datetime | None = None


_index: _Index | None = None
_lock = threading.Lock()


@dataclass(frozen=True)
class Sorted:
    """joined: sightings put to rumours that were there; made: new rumours; touched: keys of both."""

    joined: int
    made: int
    touched: frozenset[UUID]


def sort_new(now: dt.datetime | None = None) -> Sorted:
    """Put every sighting that has no rumour to the one that says the same, or to a new one.

    Compared with what was seen in the last settings.RUKUN_SORT_DAYS days: the comparison is kept in memory from run to
    run, and built anew each day. Where people took apart what reads alike, the nearest text decides.
    """
    moment = now or timezone.now()
    joined = made = 0
    touched: set[UUID] = set()
    with _lock:
        index = _current(moment)
        try:
            while batch := _waiting(index, moment):
                placed = _place(index, batch)
                joined, made = joined + placed.joined, made + placed.made
                touched |= placed.touched
        except BaseException:
            # what the index knows and the database doesn't would never be looked at again
            forget()
            raise
    return Sorted(joined, made, frozenset(touched))


def forget() -> None:
    """Build the comparison anew at the next run."""
    global _index
    _index = None


def _current(now: dt.datetime) -> _Index:
    global _index
    database = str(connection.settings_dict["NAME"])
    if _index is None or _index.database != database or now - _index.since > dt.timedelta(days=1):
        _index = _Index(database, now)
    return _index


def _waiting(index: _Index, now: dt.datetime) -> list[Sighting]:
    """The next sightings that aren't in the index: those of the past days, placed or not, then older ones that wait."""
    begin = index.until or now - dt.timedelta(days=settings.RUKUN_SORT_DAYS)
    readable = Sighting.objects.filter(emptied_at=None).order_by("received_at", "pk")
    fresh: dict[UUID, None] = {}
    for found in (readable.filter(received_at__gte=begin), readable.filter(rumour=None)):
        for key, at in found.values_list("pk", "received_at").iterator():
            if len(fresh) == _BATCH:
                break
            if key not in index.known and key not in fresh:
                fresh[key] = None
                index.until = max(at, index.until or at)
    if not fresh:
        # one whose transaction ended late is looked for once more
        index.until = now - _MARGIN
        return []
    by_key = Sighting.objects.in_bulk(list(fresh))
    return [by_key[key] for key in fresh if key in by_key]


def _place(index: _Index, batch: Sequence[Sighting]) -> Sorted:
    said = [each for each in batch if says(each)]
    similarity = index.grouper.add([says(each) for each in said]).similarity if said else np.zeros(0)
    alike = {each.pk: round(float(number), 4) for each, number in zip(said, similarity, strict=True)}
    index.keys += [each.pk for each in said]
    index.known |= {each.pk for each in batch}
    groups = index.grouper.groups() if said else np.zeros(0, dtype=np.int64)
    waiting = {each.pk: each for each in batch if each.rumour_id is None}
    together = _together(index, groups, waiting)
    together += _pictures([each for each in waiting.values() if not says(each)])
    return _store(together, waiting, alike)


def _together(
    index: _Index, groups: np.ndarray, waiting: dict[UUID, Sighting]
) -> list[tuple[UUID | None, list[Sighting]]]:
    """Waiting sightings by what they say, each with the rumour that says it already."""
    members: dict[int, list[Sighting]] = defaultdict(list)
    number = {key: place for place, key in enumerate(index.keys)}
    for key, each in waiting.items():
        if key in number:
            members[int(groups[number[key]])].append(each)
    if not members:
        return []
    wanted = np.isin(groups, list(members))
    others = [(int(group), index.keys[place]) for place, group in enumerate(groups) if wanted[place]]
    placed = _rumours_of(key for _, key in others if key not in waiting)
    known: dict[int, Counter[UUID]] = defaultdict(Counter)
    for group, key in others:
        if key in placed:
            known[group][placed[key]] += 1
    found: list[tuple[UUID | None, list[Sighting]]] = []
    for group, each in members.items():
        if len(known[group]) < 2:
            found.append((next(iter(known[group]), None), each))
            continue
        by_rumour: dict[UUID, list[Sighting]] = defaultdict(list)
        for sighting in each:
            by_rumour[_nearest(sighting, known[group])].append(sighting)
        found += by_rumour.items()
    return found


def _rumours_of(keys: Iterable[UUID]) -> dict[UUID, UUID]:
    """The rumour of each sighting that has one, or the one that it was merged into."""
    listed, found = list(keys), {}
    for begin in range(0, len(listed), _BATCH):
        rows = Sighting.objects.filter(pk__in=listed[begin : begin + _BATCH], rumour__isnull=False)
        found |= dict(rows.values_list("pk", Coalesce("rumour__merged_into", "rumour")))
    return found


def _nearest(sighting: Sighting, rumours: Counter[UUID]) -> UUID:
    """Of rumours that people keep apart though they read alike, the one whose text is nearest."""
    texts = dict(Rumour.objects.filter(pk__in=rumours).values_list("pk", "text"))
    words = says(sighting)

    def near(key: UUID) -> tuple[float, int, int, str]:
        text = texts.get(key, "")
        # of two that it shares as much with, the one that adds as little
        return compare(words, text).similarity, -abs(len(words) - len(text)), rumours[key], str(key)

    return max(rumours, key=near)


def _pictures(waiting: Sequence[Sighting]) -> list[tuple[UUID | None, list[Sighting]]]:
    """Pictures without words, with those that look the same."""
    if not waiting:
        return []
    begin = timezone.now() - dt.timedelta(days=settings.RUKUN_SORT_DAYS)
    seen = Sighting.objects.filter(rumour__isnull=False, received_at__gte=begin).exclude(image_hash="")
    rows = seen.values_list("image_hash", Coalesce("rumour__merged_into", "rumour"))
    known = [(found, rumour) for found, rumour in rows if tells_apart(found)]
    apart: list[tuple[UUID | None, list[Sighting]]] = []
    for each in waiting:
        near = min(((distance(each.image_hash, found), rumour) for found, rumour in known), default=(64, None))
        if not tells_apart(each.image_hash):
            apart.append((None, [each]))
        elif near[0] <= ALIKE:
            apart.append((near[1], [each]))
        else:
            for rumour, others in apart:
                if rumour is None and distance(each.image_hash, others[0].image_hash) <= ALIKE:
                    others.append(each)
                    break
            else:
                apart.append((None, [each]))
    return apart


def _store(
    together: Sequence[tuple[UUID | None, list[Sighting]]], waiting: dict[UUID, Sighting], alike: dict[UUID, float]
) -> Sorted:
    if not together:
        return Sorted(0, 0, frozenset())
    with change(SYSTEM) as trail:
        # somebody may have put some by hand meanwhile
        free = Sighting.objects.filter(pk__in=waiting, rumour=None).order_by("pk").select_for_update(of=("self",))
        left = set(free.values_list("pk", flat=True))
        wanted = sorted({key for key, _ in together if key is not None})
        held = Rumour.objects.select_for_update(of=("self",)).order_by("pk").in_bulk(wanted)
        joined = made = 0
        touched: list[Rumour] = []
        for key, sightings in together:
            # an exercise and what happens don't mix
            for exercise in (False, True):
                mine = [each for each in sightings if each.pk in left and each.exercise == exercise]
                if not mine:
                    continue
                rumour = held.get(key) if key is not None else None
                if rumour is None or rumour.exercise != exercise:
                    rumour = new_rumour(mine)
                    rumour.save(force_insert=True)
                    made += 1
                    trail.add("rumour.made", f"rumour:{rumour.pk}", sightings=len(mine))
                else:
                    joined += len(mine)
                    trail.add("rumour.seen_again", f"rumour:{rumour.pk}", sightings=len(mine))
                _put(rumour, mine, alike)
                touched.append(rumour)
        look_again(touched)
        for rumour in touched:
            # not a change that an editor must notice: no version
            Rumour.objects.filter(pk=rumour.pk).update(first_seen=rumour.first_seen, last_seen=rumour.last_seen)
    return Sorted(joined, made, frozenset(rumour.pk for rumour in touched))


def _put(rumour: Rumour, sightings: Sequence[Sighting], alike: dict[UUID, float]) -> None:
    now = timezone.now()
    Sighting.objects.filter(pk__in=[each.pk for each in sightings]).update(rumour=rumour)
    Placing.objects.bulk_create(
        Placing(sighting=each, after=rumour, at=now, similarity=alike.get(each.pk)) for each in sightings
    )
