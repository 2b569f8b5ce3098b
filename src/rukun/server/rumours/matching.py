"""Which fact checks may answer which rumours: suggestions with chances and reasons. A person accepts or turns down."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max
from django.utils import timezone

from rukun.core.text import meaning
from rukun.core.text.retrieve import FactCheckIndex
from rukun.core.text.retrieve import Match as Found
from rukun.server.audit.services import SYSTEM, change
from rukun.server.rumours.models import FactCheck, Match, Rumour
from rukun.server.rumours.states import OPEN

#: Suggestions that are shown for a rumour, and the least chance of one.
MOST, LEAST = 5, 0.05


@dataclass(frozen=True)
class _Index:
    """state: what of the fact checks it was built of; keys: of which fact check each of its titles is."""

    state: tuple[Any, ...]
    index: FactCheckIndex
    keys: Sequence[UUID]


_index: _Index | None = None
_lock = threading.Lock()


def match_rumours(keys: Iterable[UUID] | None = None) -> int:
    """Suggest fact checks for these rumours, or for every open one; how many have a suggestion.

    What a person decided stays; what nobody looked at yet is suggested anew.
    """
    found = Rumour.objects.filter(merged_into=None).exclude(text="")
    wanted = found.filter(status__in=OPEN) if keys is None else found.filter(pk__in=list(keys))
    with _lock:
        index = _current()
        return sum(_suggest(rumour, index) for rumour in wanted.order_by("pk")) if index.keys else 0


def _suggest(rumour: Rumour, index: _Index) -> bool:
    matches = index.index.match(rumour.text, MOST * 2)
    best: dict[UUID, Found] = {}
    for each in matches.found:
        if each.probability >= LEAST:
            best.setdefault(index.keys[each.row], each)
    now = timezone.now()
    with change(SYSTEM) as trail:
        # locked, so that no decision falls between the look and the writing
        Rumour.objects.select_for_update(of=("self",)).get(pk=rumour.pk)
        decided = set(rumour.matches.exclude(accepted=None).values_list("fact_check", flat=True))
        before = set(rumour.matches.filter(accepted=None).values_list("fact_check", flat=True))
        rumour.matches.filter(accepted=None).delete()
        rows = [
            Match(
                rumour=rumour,
                fact_check_id=key,
                rank=rank,
                probability=min(max(each.probability, 0.0), 1.0),
                lexical=each.lexical,
                character=each.character,
                meaning=each.meaning,
                advice="match" if rank == 1 and matches.advice == "match" else "suggest",
                differences=_plain(each.differences),
                at=now,
            )
            for rank, (key, each) in enumerate(list(best.items())[:MOST], 1)
            if key not in decided
        ]
        Match.objects.bulk_create(rows)
        new = {row.fact_check_id for row in rows} - before
        if new:
            trail.add("match.suggested", f"rumour:{rumour.pk}", fact_checks=sorted(map(str, new)))
    return bool(rows)


def _current() -> _Index:
    """The index over titles, and over claims where a publisher words them; built anew when a fact check came in."""
    global _index
    state = (
        str(connection.settings_dict["NAME"]),
        *FactCheck.objects.aggregate(n=Count("pk"), t=Max("changed_at")).values(),
    )
    if _index is None or _index.state != state:
        keys: list[UUID] = []
        texts: list[str] = []
        for key, title, claim in FactCheck.objects.order_by("pk").values_list("pk", "title", "claim"):
            for text in dict.fromkeys(part for part in (title, claim) if part):
                keys.append(key)
                texts.append(text)
        build = FactCheckIndex.with_meaning if meaning.available() else FactCheckIndex
        _index = _Index(state, build(texts), keys)
    return _index


def _plain(differences: Iterable[Any]) -> list[Any]:
    """Facts that the two say otherwise, as JSON: what in the rumour, what in the fact check."""
    from dataclasses import asdict

    return [{name: value for name, value in asdict(each).items() if value is not None} for each in differences]
