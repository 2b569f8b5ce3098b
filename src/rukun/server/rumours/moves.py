"""One step of a rumour: who may take it, what it changes, how it is noted. Every act of the desk goes through here."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.utils import timezone

from rukun.server.audit.services import Trail
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.reports.checks import masked_text
from rukun.server.reports.review import Changed
from rukun.server.rumours.models import Rumour, Step
from rukun.server.rumours.models.rumours import DESK
from rukun.server.rumours.states import DEADLINE, NEEDS_REASON, OPEN, STEPS, Status

MOST_REASON = 1000
#: For how long a rumour is somebody's who claimed it or went on with it.
CLAIM = dt.timedelta(hours=2)


class RumourChanged(Changed):
    """Somebody else changed the rumour in the meantime. record: as it is now."""

    @property
    def current(self) -> dict[str, Any]:
        """The rumour as the API shows it."""
        from rukun.server.rumours.schemas import RumourOut

        return RumourOut.of(self.record).model_dump(mode="json")


def require_desk(scope: Scope) -> None:
    """Raises NotAllowed for everybody but the rumour desk and the directorate."""
    if not scope.has(*DESK):
        raise NotAllowed(
            "only the rumour desk and the directorate work on rumours",
            "Hanya meja hoaks dan Ditbinmas yang mengerjakan kabar.",
        )


def locked(scope: Scope, rumour_id: UUID, version: int | None = None) -> Rumour:
    """A rumour to be changed, inside a change that is under way.

    Raises NotAllowed, Rumour.DoesNotExist, RumourChanged where `version` isn't the newest, Refused where it was merged
    into another or somebody else works on it.
    """
    require_desk(scope)
    rumour: Rumour = Rumour.objects.visible_to(scope).select_for_update(of=("self",)).get(pk=rumour_id)
    if version is not None and rumour.version != version:
        raise RumourChanged(rumour)
    if rumour.merged_into_id is not None:
        raise Refused(
            f"this rumour was merged into {rumour.merged_into_id}: go on there, or undo the merge",
            said="Kabar ini sudah digabung dengan kabar lain: lanjutkan di sana, atau batalkan penggabungan.",
        )
    if rumour.claimed and rumour.claimed_by_id != getattr(scope.user, "pk", None):
        until = timezone.localtime(rumour.claimed_until)
        raise Refused(
            f"somebody else works on this rumour until {until:%H:%M}: ask them to release it, or wait",
            said=f"Kabar ini sedang dikerjakan rekan lain sampai {until:%H.%M}: minta ia melepasnya, atau tunggu.",
        )
    return rumour


def hold(scope: Scope, rumour: Rumour) -> None:
    """Make a locked rumour the asker's for a while (still to be saved)."""
    rumour.claimed_by, rumour.claimed_until = scope.user, timezone.now() + CLAIM


def let_go(rumour: Rumour) -> None:
    """Make a locked rumour nobody's (still to be saved)."""
    rumour.claimed_by = rumour.claimed_until = None


def touched(rumour: Rumour) -> None:
    """Count a change of a locked rumour and save it."""
    rumour.version, rumour.changed_at = rumour.version + 1, timezone.now()
    rumour.save()


def masked_reason(reason: str, said: str = "say why, so that others can follow it", field: str = "reason") -> str:
    """A reason as it may be stored. Raises Refused where there is none."""
    words, _ = masked_text(field, reason, MOST_REASON)
    if not words:
        raise Refused(said, field, "Tuliskan alasannya.")
    return words


def advance(scope: Scope, rumour: Rumour, after: Status, trail: Trail, reason: str = "", **details: Any) -> Step:
    """Take a locked rumour one step on by the one table (states.STEPS), save it, and note it. Raises Refused.

    Set its verdict (Status.JUDGED), priority (Status.TRIAGED) or slug (Status.CLARIFIED) before. Back in verification
    it has no verdict, and a new deadline; what is answered has none. details: for the trail, no free text.
    """
    before = Status(rumour.status)
    if after not in STEPS[before]:
        allowed = ", ".join(STEPS[before])
        raise Refused(
            f"a rumour that is {before.value} can't become {after.value}, only {allowed}",
            "status",
            f"Kabar yang {before.label} tidak dapat menjadi {after.label}.",
        )
    words = masked_reason(reason) if (before, after) in NEEDS_REASON else masked_text("reason", reason, MOST_REASON)[0]
    if after in (Status.TRIAGED, Status.IN_VERIFICATION):
        rumour.verdict = ""
    if after == Status.SUBSIDED and not rumour.verdict:
        raise Refused(
            "it was closed without a verdict: what subsided is said of what was judged",
            "status",
            "Kabar ini ditutup tanpa penilaian, jadi tidak dapat dinyatakan mereda.",
        )
    now = timezone.now()
    if after not in OPEN:
        rumour.deadline = rumour.escalated_at = None
        let_go(rumour)
    elif before not in OPEN:
        # its time begins anew: it had been answered
        rumour.deadline, rumour.escalated_at = now + DEADLINE[rumour.priority], None
    rumour.status = after
    touched(rumour)
    trail.add(f"rumour.{after}", f"rumour:{rumour.pk}", before=before.value, version=int(rumour.version), **details)
    return Step.objects.create(
        rumour=rumour, at=now, by=scope.user, before=before, after=after, reason=words, version=rumour.version
    )
