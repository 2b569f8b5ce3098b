"""Which sightings are one rumour, which rumours one claim: the machine proposes, people take it back and mend it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID, uuid4

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from rukun.server.audit.services import change
from rukun.server.people.scope import Scope
from rukun.server.people.services import Refused
from rukun.server.rumours.models import Merge, Placing, Rumour, Sighting
from rukun.server.rumours.moves import let_go, locked, masked_reason, require_desk, touched
from rukun.server.rumours.states import DEADLINE, OPEN, Status

_MIXED = "Latihan dan kejadian nyata tidak dapat dicampur."


def merge(scope: Scope, kept_id: UUID, merged_id: UUID, reason: str) -> Merge:
    """Two rumours are one claim: the second's sightings count with the first, and its own work ends.

    Raises NotAllowed, Rumour.DoesNotExist, Refused.
    """
    words = masked_reason(reason, "say why they are the same claim")
    if kept_id == merged_id:
        raise Refused("a rumour can't be merged into itself", "merged", "Pilih kabar lain untuk digabung.")
    with change(scope.actor) as trail:
        # always in the same order, so that two merges the other way round don't block one another
        both = {pk: locked(scope, pk) for pk in sorted((kept_id, merged_id))}
        kept, merged = both[kept_id], both[merged_id]
        if merged.merged.exists():
            raise Refused(
                "others were merged into that rumour: merge it the other way round",
                "merged",
                "Kabar itu sudah menampung kabar lain: gabungkan ke arah sebaliknya.",
            )
        if merged.slug is not None:
            raise Refused(
                "that rumour was answered in public: merge it the other way round",
                "merged",
                "Kabar itu sudah diklarifikasi: gabungkan ke arah sebaliknya.",
            )
        if kept.exercise != merged.exercise:
            raise Refused("an exercise and what happens don't mix", "merged", _MIXED)
        done = Merge.objects.create(kept=kept, merged=merged, at=timezone.now(), by=scope.user, reason=words)
        merged.merged_into, merged.deadline = kept, None
        let_go(merged)
        touched(merged)
        look_again([kept])
        touched(kept)
        trail.add("rumour.merged", f"rumour:{merged.pk}", into=str(kept.pk))
    return done


def unmerge(scope: Scope, merged_id: UUID) -> Rumour:
    """Take a merge back: both are as they were, and the second's time goes on. Raises as `merge`."""
    with change(scope.actor) as trail:
        require_desk(scope)
        seen = Rumour.objects.visible_to(scope).select_for_update(of=("self",))
        rumour: Rumour = seen.get(pk=merged_id)
        if rumour.merged_into_id is None:
            raise Refused("this rumour isn't merged into another", "merged", "Kabar ini tidak sedang digabung.")
        kept: Rumour = seen.get(pk=rumour.merged_into_id)
        Merge.objects.filter(merged=rumour, undone_at=None).update(undone_at=timezone.now())
        rumour.merged_into = None
        if rumour.status in OPEN and rumour.priority:
            rumour.deadline = rumour.made_at + DEADLINE[rumour.priority]
        touched(rumour)
        look_again([kept])
        touched(kept)
        trail.add("rumour.unmerged", f"rumour:{rumour.pk}", out_of=str(kept.pk))
    return rumour


def split(scope: Scope, rumour_id: UUID, sightings: Collection[UUID], reason: str) -> Rumour:
    """Some sightings are another claim: they become a rumour of their own, which is new. Raises as `merge`.

    It is taken back by moving them (`move`) or by merging the two.
    """
    words = masked_reason(reason, "say what is another claim in them")
    with change(scope.actor) as trail:
        rumour = locked(scope, rumour_id)
        moved = _sightings(rumour.sightings.all(), sightings)
        if len(moved) == rumour.sightings.count():
            raise Refused(
                "that is all of them: at least one must stay", "sightings", "Sisakan paling sedikit satu temuan."
            )
        new = new_rumour(moved)
        new.save(force_insert=True)
        _put(scope, moved, new, words)
        look_again([rumour])
        touched(rumour)
        trail.add("rumour.split", f"rumour:{rumour.pk}", new=str(new.pk), sightings=len(moved))
    return new


def move(scope: Scope, sightings: Collection[UUID], to: UUID, reason: str) -> Rumour:
    """Put sightings to the rumour that they speak of. Raises as `merge`."""
    require_desk(scope)
    words = masked_reason(reason, "say why they belong there")
    with change(scope.actor) as trail:
        moved = _sightings(Sighting.objects.visible_to(scope), sightings)
        out_of = sorted({each.rumour_id for each in moved if each.rumour_id not in (None, to)})
        held = {pk: locked(scope, pk) for pk in sorted({*out_of, to})}
        moved = [each for each in moved if each.rumour_id != to]
        if any(each.exercise != held[to].exercise for each in moved):
            raise Refused("an exercise and what happens don't mix", "sightings", _MIXED)
        _put(scope, moved, held[to], words)
        look_again(list(held.values()))
        for rumour in held.values():
            touched(rumour)
        left = [str(pk) for pk in out_of]
        trail.add("rumour.sightings_moved", f"rumour:{to}", out_of=left, sightings=len(moved))
    return held[to]


def new_rumour(sightings: Sequence[Sighting]) -> Rumour:
    """An unsaved rumour of these sightings; the earliest that has words stands for it."""
    first = min(sightings, key=lambda each: (not says(each), each.at, each.pk))
    now = timezone.now()
    return Rumour(
        id=uuid4(),
        text=says(first),
        status=Status.NEW,
        made_at=now,
        changed_at=now,
        first_seen=min(each.at for each in sightings),
        last_seen=max(each.at for each in sightings),
        exercise=first.exercise,
    )


def says(sighting: Sighting) -> str:
    """What a message says: its text, and what is written in its picture."""
    return "\n".join(part for part in (sighting.text, sighting.image_text) if part)


def look_again(rumours: Sequence[Rumour]) -> None:
    """When rumours were first and last seen, with what was merged into them; still to be saved."""
    for rumour in rumours:
        both = Sighting.objects.filter(Q(rumour=rumour) | Q(rumour__merged_into=rumour))
        seen = both.aggregate(first=Min("at"), last=Max("at"), number=Count("pk"))
        if seen["number"]:
            rumour.first_seen, rumour.last_seen = seen["first"], seen["last"]


def _sightings(found: QuerySet[Sighting], keys: Collection[UUID]) -> list[Sighting]:
    wanted = set(keys)
    if not wanted:
        raise Refused("name at least one sighting", "sightings", "Pilih paling sedikit satu temuan.")
    got = list(found.filter(pk__in=wanted).select_for_update(of=("self",)).order_by("pk"))
    if len(got) != len(wanted):
        raise Refused("some of these sightings aren't there", "sightings", "Sebagian temuan itu tidak ada.")
    return got


def _put(scope: Scope, moved: Sequence[Sighting], to: Rumour, words: str) -> None:
    now = timezone.now()
    Placing.objects.bulk_create(
        Placing(sighting=each, before_id=each.rumour_id, after=to, at=now, by=scope.user, reason=words)
        for each in moved
    )
    Sighting.objects.filter(pk__in=[each.pk for each in moved]).update(rumour=to)
