"""What an app tells of the records that it keeps for a time (see retention.py)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q

#: The moment before which each kind's time is over, by kind (a key of settings.RUKUN_RETENTION_DAYS).
Before = Mapping[str, dt.datetime]
#: How many of what, such as "reports", and among them "reports never reviewed"; nothing that is zero.
Tally = Counter[str]
_BATCH = 1000


@dataclass(frozen=True)
class Kept:
    """kind: a key of settings.RUKUN_RETENTION_DAYS; due: how many are past their time.

    delete: delete one batch of them for good, inside a transaction that the caller holds; how many, or an empty tally
    when none is left. All batches together are what `due` said. models: whose tables hold what was deleted until they
    are written anew.
    """

    kind: str
    due: Callable[[Before], Tally]
    delete: Callable[[Before], Tally]
    models: tuple[type[Model], ...]


def of_which_nothing_stays(kind: str, models: tuple[type[Model], ...], past: Callable[[dt.datetime], Q]) -> Kept:
    """A kind of which no count is kept: what fulfils `past(moment)` in each of these models is deleted."""

    def found(model: type[Model], before: Before) -> Any:
        return model._default_manager.filter(past(before[kind]))

    def due(before: Before) -> Tally:
        return tally(**{kind: sum(found(model, before).count() for model in models)})

    def delete(before: Before) -> Tally:
        for model in models:
            keys = list(found(model, before).order_by("pk").values_list("pk", flat=True)[:_BATCH])
            if keys:
                model._default_manager.filter(pk__in=keys).delete()
                return tally(**{kind: len(keys)})
        return Counter()

    return Kept(kind, due, delete, models)


def tally(**numbers: int) -> Tally:
    """These numbers, without those that are zero; an underscore reads as a space."""
    return Counter({what.replace("_", " "): number for what, number in numbers.items() if number})
