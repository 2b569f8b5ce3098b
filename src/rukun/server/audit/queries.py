"""Reading the trail, and finding out whether anybody touched it."""

from __future__ import annotations

from dataclasses import dataclass

from rukun.server.audit.models import Entry, Head
from rukun.server.audit.services import ROOT, digest_of

_MOST_FAULTS = 20


@dataclass(frozen=True)
class Verification:
    """entries: how many were read; head: "number:digest" of the newest; faults: what is wrong, first first."""

    entries: int
    head: str
    faults: tuple[str, ...]


def verify(anchor: str | None = None) -> Verification:
    """Read the whole chain and find altered, removed, inserted and reordered entries.

    anchor: "number:digest" as an earlier verification gave it. Somebody with the database in hand could make a whole
    new
    chain; not one that holds an anchor that was written down elsewhere. Raises ValueError for an anchor of another
    form.
    """
    wanted: tuple[int, str] | None = None
    if anchor is not None:
        before, _, after = anchor.partition(":")
        if not before.isdigit() or len(after) != 64:
            raise ValueError(f'"{anchor}" is no anchor: expected number:digest as `rukun audit verify` prints it')
        wanted = int(before), after
    faults: list[str] = []
    count, expected, previous = 0, 1, ROOT
    for entry in Entry.objects.order_by("number").iterator(chunk_size=2000):
        count += 1
        if entry.number != expected:
            faults.append(f"entries {expected} to {entry.number - 1} are missing")
        elif entry.previous != previous:
            faults.append(f"entry {entry.number} doesn't follow the one before it")
        digest = digest_of(
            entry.number, entry.at, entry.actor, entry.action, entry.subject, entry.details, entry.previous
        )
        if digest != entry.digest:
            faults.append(f"entry {entry.number} was altered")
        if wanted is not None and entry.number == wanted[0] and entry.digest != wanted[1]:
            faults.append(f"entry {entry.number} isn't the one of the anchor")
        expected, previous = entry.number + 1, entry.digest
    head = Head.objects.filter(only=1).first()
    if head is None:
        faults.append("the head of the chain is missing")
    elif (head.number, head.digest) != (expected - 1, previous):
        faults.append(f"the chain ends at entry {expected - 1}, but {head.number} was written last")
    if wanted is not None and wanted[0] >= expected:
        faults.append(f"entry {wanted[0]} of the anchor is missing")
    return Verification(count, f"{expected - 1}:{previous}", tuple(faults[:_MOST_FAULTS]))
