"""Who holds which role where, from when to when: posting, ending, transferring, and a village officer's villages.

History is kept by days: what changes ends one posting and begins another, so that it always says who was responsible
when.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import F, Q
from django.utils import timezone

from rukun.server.audit.services import Trail, change
from rukun.server.people.models import LEVEL_OF_ROLE, Posting, Role, Unit, UnitLevel, User
from rukun.server.people.refusals import Refused, require_administrator
from rukun.server.people.scope import Scope
from rukun.server.territory.models import Area


def post(
    scope: Scope | None, user: User, role: Role, unit: Unit, begins: dt.date, villages: Iterable[Area] = ()
) -> Posting:
    """Post a person to a role at a unit; a village officer with villages of that unit's coverage.

    Raises Refused where role and unit don't go together, a village lies outside, the account is closed or holds that
    role there at any time from then on; NotAllowed.
    """
    actor = require_administrator(scope)
    own = list(villages)
    _check_place(role, unit, begins, own)
    with change(actor) as trail:
        return _begin(trail, user, role, unit, begins, own)


def end_posting(scope: Scope | None, posting: Posting, ends: dt.date) -> None:
    """A posting ends; `ends` is the first day without it. Raises NotAllowed, and Refused: for the last administrator's,
    too.
    """
    actor = require_administrator(scope)
    with change(actor) as trail:
        lock_administrators()
        _end(trail, posting, ends)
        if posting.role == Role.ADMINISTRATOR:
            require_lasting_administrator()


def transfer(scope: Scope | None, posting: Posting, unit: Unit, on: dt.date, villages: Iterable[Area] = ()) -> Posting:
    """One posting ends and the same role begins elsewhere on that day. Raises Refused, NotAllowed."""
    actor = require_administrator(scope)
    own, role = list(villages), Role(posting.role)
    _check_place(role, unit, on, own)
    with change(actor) as trail:
        lock_administrators()
        _end(trail, posting, on)
        begun = _begin(trail, posting.user, role, unit, on, own)
        if role == Role.ADMINISTRATOR:
            require_lasting_administrator()
        return begun


def set_villages(scope: Scope | None, posting: Posting, villages: Iterable[Area], on: dt.date) -> Posting:
    """A village officer answers for these villages from a day on: the posting ends and one with them begins.

    A posting that begins on that day or later is changed in place: nobody was responsible before. Returns the posting
    that has the villages. Raises Refused, NotAllowed.
    """
    actor = require_administrator(scope)
    own = list(villages)
    with change(actor) as trail:
        held = Posting.objects.select_for_update().get(pk=posting.pk)
        if held.role != Role.VILLAGE_OFFICER:
            raise _only_officers()
        if held.ends is not None and held.ends <= on:
            raise Refused(f"that posting ended on {held.ends}", "on", f"Penugasan itu sudah berakhir pada {held.ends}.")
        before = set(held.villages.values_list("code", flat=True))
        after = {area.code for area in own}
        if before == after:
            return held
        # villages that they keep may have left the coverage meanwhile: only what is new must lie in it
        _check_place(Role.VILLAGE_OFFICER, held.unit, on, [area for area in own if area.code not in before])
        if held.begins >= on:
            held.villages.set(own)
            trail.add(
                "posting.villages",
                held.user.actor,
                unit=held.unit.code,
                gained=sorted(after - before),
                lost=sorted(before - after),
            )
            return held
        until = held.ends
        _end(trail, held, on, ended_already=True)
        return _begin(trail, held.user, Role.VILLAGE_OFFICER, held.unit, on, own, until)


def release(scope: Scope | None, villages: Iterable[Area], on: dt.date, keep: Unit | None = None) -> int:
    """Village officers lose villages that their unit no longer covers, but those of the unit `keep`; how many officers
    did.
    """
    gone = {area.pk for area in villages}
    affected = Posting.objects.filter(Q(ends=None) | Q(ends__gt=on), villages__in=gone).distinct()
    held = list(affected if keep is None else affected.exclude(unit=keep))
    for posting in held:
        set_villages(scope, posting, posting.villages.exclude(pk__in=gone), on)
    return len(held)


def lock_administrators() -> None:
    """Changes that could remove the last administrator wait for one another; to be called first in a change."""
    held = Posting.objects.select_for_update().filter(role=Role.ADMINISTRATOR, ends=None)
    list(held.order_by("pk").values_list("pk", flat=True))


def require_lasting_administrator() -> None:
    """Raise Refused where nobody is left who is administrator today and without an end."""
    lasting = Posting.objects.filter(role=Role.ADMINISTRATOR, begins__lte=timezone.localdate(), ends=None)
    if not lasting.filter(user__is_active=True).exists():
        raise Refused(
            "that would leave no administrator: post another one first",
            "posting",
            "Dengan itu tidak ada lagi administrator: tugaskan yang lain dahulu.",
        )


def _check_place(role: Role, unit: Unit, on: dt.date, own: list[Area]) -> None:
    wanted = LEVEL_OF_ROLE.get(role, UnitLevel.PROVINCE)
    if unit.level != wanted:
        level = UnitLevel(unit.level).label
        raise Refused(
            f"{Role(role).label} is held at a {wanted.label}, and {unit} is a {level}",
            "unit",
            f"{Role(role).label} bertugas di {wanted.label}, sedangkan {unit} adalah {level}.",
        )
    if own and role != Role.VILLAGE_OFFICER:
        raise _only_officers()
    covered = Area.objects.filter(coverage__unit=unit, pk__in=[area.pk for area in own])
    outside = ", ".join(sorted(map(str, set(own) - set(covered.defer("geometry")))))
    if outside:
        raise Refused(f"{unit} doesn't cover {outside}", "villages", f"{unit} tidak membawahi {outside}.")
    past = ", ".join(str(area) for area in own if area.valid_to is not None and area.valid_to <= on)
    if past:
        raise Refused(f"{past} is no more on {on}", "villages", f"{past} sudah tidak ada pada {on}.")


def _only_officers() -> Refused:
    return Refused(
        "only a village officer has villages; others have what their unit covers",
        "villages",
        "Hanya bhabinkamtibmas yang memegang desa/kelurahan; yang lain mengikuti wilayah satuannya.",
    )


def _begin(
    trail: Trail, user: User, role: Role, unit: Unit, begins: dt.date, own: list[Area], until: dt.date | None = None
) -> Posting:
    # the account is the lock: two postings of one person are made one after the other
    if not User.objects.select_for_update().get(pk=user.pk).is_active:
        raise Refused(
            f"the account {user} is closed: reopen it first", "user", f"Akun {user} ditutup: buka kembali dahulu."
        )
    same = Posting.objects.filter(user=user, role=role, unit=unit)
    if same.filter(ends=None, begins__lte=begins).exists():
        raise Refused(
            f"{user} is {Role(role).label} at {unit} already",
            "user",
            f"{user} sudah bertugas sebagai {Role(role).label} di {unit}.",
        )
    reaches = same.filter(Q(ends=None) | (Q(ends__gt=begins) & Q(ends__gt=F("begins"))))
    if (other := (reaches if until is None else reaches.filter(begins__lt=until)).first()) is not None:
        span = f"{other.begins} - {other.ends or '...'}"
        raise Refused(
            f"it would overlap the same posting of {span}",
            "begins",
            f"Bertumpang tindih dengan penugasan yang sama, {span}.",
        )
    posting = Posting.objects.create(user=user, role=role, unit=unit, begins=begins, ends=until)
    posting.villages.set(own)
    trail.add(
        "posting.began",
        user.actor,
        role=str(role),
        unit=unit.code,
        begins=begins.isoformat(),
        villages=[a.code for a in own],
        **({} if until is None else {"ends": until.isoformat()}),
    )
    return posting


def _end(trail: Trail, posting: Posting, ends: dt.date, *, ended_already: bool = False) -> None:
    """ended_already: one with an end may be given an earlier one."""
    held = Posting.objects.select_for_update().get(pk=posting.pk)
    if held.ends is not None and not ended_already:
        raise Refused(f"that posting ended on {held.ends}", "ends", f"Penugasan itu sudah berakhir pada {held.ends}.")
    if ends < held.begins:
        raise Refused(f"it began on {held.begins} only", "ends", f"Penugasan itu baru mulai pada {held.begins}.")
    held.ends = ends
    held.save(update_fields=["ends"])
    trail.add("posting.ended", held.user.actor, role=held.role, unit=held.unit.code, ends=ends.isoformat())


def end_all(user: User, trail: Trail, on: dt.date) -> None:
    """Every posting of an account that reaches beyond a day ends on it, as part of a change."""
    for held in user.postings.filter(Q(ends=None) | Q(ends__gt=on)):
        _end(trail, held, max(on, held.begins), ended_already=True)
