"""Villages split and merge: which ones end, and which take their place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from rukun.server.audit.services import change
from rukun.server.territory.models import Area, Level, Succession


def succeed(before: Iterable[Area], after: Iterable[Area], on: dt.date, actor: str) -> bool:
    """Villages `before` end on a day and `after` take their place: a split or a merger; False where that is known.

    One that is in both goes on: it gave some of its land away, or took others in. Raises ValueError where one isn't a
    village, doesn't exist on that day, or is to begin and has begun already.
    """
    ended, begun = list(before), list(after)
    if not ended or not begun:
        raise ValueError("name at least one village before and one after")
    pairs = {(old.pk, new.pk) for old in ended for new in begun if old.pk != new.pk}
    if not pairs:
        raise ValueError(f"{ended[0]} doesn't follow itself")
    known = Succession.objects.filter(on=on, before__in=ended, after__in=begun).values_list("before", "after")
    if pairs == set(known):
        return False
    going_on = {old.pk for old in ended} & {new.pk for new in begun}
    for area in (*ended, *begun):
        if area.level != Level.VILLAGE:
            raise ValueError(f"{area} is no village")
    for area in ended:
        if (area.valid_to is not None and area.valid_to <= on) or (
            area.valid_from is not None and area.valid_from >= on
        ):
            raise ValueError(f"{area} doesn't exist before {on}")
    for area in begun:
        if area.valid_to is not None and area.valid_to <= on:
            raise ValueError(f"{area} is no more on {on}")
        if area.pk not in going_on and area.valid_from is not None and area.valid_from < on:
            raise ValueError(f"{area} is there since {area.valid_from}: if it goes on, name it among those before, too")
    with change(actor) as trail:
        Area.objects.filter(pk__in=[old.pk for old in ended if old.pk not in going_on]).update(valid_to=on)
        Area.objects.filter(pk__in=[new.pk for new in begun if new.pk not in going_on]).update(valid_from=on)
        for old, new in sorted(pairs):
            Succession.objects.get_or_create(before_id=old, after_id=new, defaults={"on": on})
        trail.add(
            "territory.succeeded",
            "territory:all",
            before=[a.code for a in ended],
            after=[a.code for a in begun],
            on=on.isoformat(),
        )
    return True
