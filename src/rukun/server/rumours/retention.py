"""Rumours and sightings whose time is over: words go first, and then what was never answered in public."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from rukun.server.keeping import Before, Kept, Tally, tally
from rukun.server.reports.retention import BATCH
from rukun.server.rumours.models import (
    Evidence,
    Judgement,
    Match,
    Merge,
    Placing,
    Publication,
    Rumour,
    Sighting,
    Step,
)


def due_sightings(before: Before) -> QuerySet[Sighting]:
    """Sightings that were seen and received before that moment and still have their words."""
    moment = before["sightings"]
    return Sighting.objects.filter(emptied_at=None, at__lt=moment, received_at__lt=moment)


def due_rumours(before: Before) -> QuerySet[Rumour]:
    """Rumours neither seen nor worked on since that moment, of which nothing was published, nor of what is one with
    them.
    """
    moment = before["rumours"]
    public = Publication.objects.filter(clarification__rumour=OuterRef("pk"))
    inside = Rumour.objects.filter(merged_into=OuterRef("pk"))
    quiet = Rumour.objects.filter(last_seen__lt=moment, changed_at__lt=moment)
    # those merged into another go before it does
    return quiet.filter(~Exists(public), ~Exists(inside))


def _sightings_due(before: Before) -> Tally:
    return tally(sightings_emptied=due_sightings(before).count())


def _empty_sightings(before: Before) -> Tally:
    batch = list(due_sightings(before).order_by("at", "pk").select_for_update(of=("self",))[:BATCH])
    keys = [each.pk for each in batch]
    Sighting.objects.filter(pk__in=keys).update(
        text="", image_text="", image_hash="", author=None, digest="", emptied_at=timezone.now()
    )
    return tally(sightings_emptied=len(batch))


def _rumours_due(before: Before) -> Tally:
    # each merged one frees the one that it was merged into: all of both are due if the kept one is quiet, too
    return tally(rumours=_all_due(before).count())


def _all_due(before: Before) -> QuerySet[Rumour]:
    moment = before["rumours"]
    public = Publication.objects.filter(clarification__rumour=OuterRef("pk"))
    loud = Rumour.objects.filter(merged_into=OuterRef("pk")).exclude(last_seen__lt=moment, changed_at__lt=moment)
    quiet = Rumour.objects.filter(last_seen__lt=moment, changed_at__lt=moment)
    return quiet.filter(~Exists(public), ~Exists(loud))


def _delete_rumours(before: Before) -> Tally:
    batch = list(due_rumours(before).order_by("last_seen", "pk").select_for_update(of=("self",))[:BATCH])
    Rumour.objects.filter(pk__in=[each.pk for each in batch]).delete()
    return tally(rumours=len(batch))


KEPT = (
    Kept("sightings", _sightings_due, _empty_sightings, (Sighting, Placing)),
    Kept(
        "rumours", _rumours_due, _delete_rumours, (Rumour, Sighting, Placing, Evidence, Judgement, Match, Merge, Step)
    ),
)
