"""Review: a report climbs one step, and only what was verified counts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from rukun.core.text.redact import redact
from rukun.server.audit.services import change
from rukun.server.people.models import Coverage, Posting, Role
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.reports.filing import ReportIn, masked_report
from rukun.server.reports.models import Merge, Report, ReviewStep, Status
from rukun.server.reports.queries import moment_of_change

#: What a report may become from where it stands.
_STEPS: dict[str, tuple[Status, ...]] = {
    Status.SUBMITTED: (Status.RETURNED, Status.VERIFIED, Status.DROPPED),
    Status.RETURNED: (Status.DROPPED,),
    Status.VERIFIED: (Status.RETURNED, Status.DROPPED),
    Status.DROPPED: (),
}


class Changed(Refused):
    """Somebody else changed the record in the meantime. record: as it is now."""

    def __init__(self, record: Any) -> None:
        """With the record as it is now."""
        super().__init__(
            f"somebody changed this in the meantime (version {record.version}): look at it and decide again",
            "version",
            "Orang lain baru saja mengubah ini. Lihat keadaannya sekarang, lalu putuskan lagi.",
        )
        self.record = record

    @property
    def current(self) -> dict[str, Any]:
        """The record as the API shows it."""
        from rukun.server.reports.schemas import ReportOut

        return ReportOut.of(self.record).model_dump(mode="json")


def review(scope: Scope, report_id: UUID, version: int, after: Status, reason: str = "") -> Report:
    """Take a report one step on; returning and dropping need a reason.

    Raises Report.DoesNotExist out of scope, NotAllowed, Refused, and Changed where `version` isn't the newest.
    """
    with change(scope.actor) as trail:
        report = _locked(scope, report_id)
        require_reviewer(scope, report)
        if report.version != version:
            raise Changed(report)
        if report.merged_into_id is not None:
            raise Refused(
                "this report was merged into another: review that one, or undo the merge",
                "status",
                "Laporan ini sudah digabung ke laporan lain: tinjau laporan itu, atau batalkan penggabungannya.",
            )
        if after not in _STEPS[report.status]:
            raise Refused(
                f"a report that is {report.status} can't become {after}",
                "status",
                f"Laporan yang {_label(report.status)} tidak dapat menjadi {_label(after)}.",
            )
        words = redact(reason.strip()).text
        if after in (Status.RETURNED, Status.DROPPED) and not words:
            raise Refused(
                "say why, so that the officer can learn from it",
                "reason",
                "Tuliskan alasannya, agar petugas dapat belajar darinya.",
            )
        now = timezone.now()
        ReviewStep.objects.create(report=report, at=now, by=scope.user, before=report.status, after=after, reason=words)
        before, report.status, report.version = report.status, after, report.version + 1
        report.changed_at = moment_of_change()
        report.save(update_fields=["status", "version", "changed_at"])
        trail.add("report.reviewed", f"report:{report.pk}", before=str(before), after=str(after))
    return report


def amend(scope: Scope, given: ReportIn, version: int) -> Report:
    """The officer who filed a report mends it while it is submitted or returned; it is then submitted again.

    Raises Report.DoesNotExist, NotAllowed, Refused, Changed.
    """
    with change(scope.actor) as trail:
        report = _locked(scope, given.id)
        if report.author_id != getattr(scope.user, "pk", None):
            raise NotAllowed(
                "only the officer who filed a report may change it; a head returns it with a reason",
                "Hanya petugas pembuat laporan yang dapat mengubahnya; pimpinan mengembalikannya dengan alasan.",
            )
        if report.version != version:
            raise Changed(report)
        if report.status not in (Status.SUBMITTED, Status.RETURNED):
            raise Refused(
                f"a report that is {report.status} can't be changed any more",
                "status",
                f"Laporan yang {_label(report.status)} tidak dapat diubah lagi.",
            )
        if given.village != report.village.code:
            raise Refused(
                "a report stays in its village: ask your head to drop it, and file it there",
                "village",
                "Desa/kelurahan laporan tidak dapat diganti: minta pimpinan menghentikannya, lalu buat laporan baru.",
            )
        kept, _ = masked_report(given)
        altered = sorted(name for name, value in kept.items() if getattr(report, name) != value)
        now = timezone.now()
        if report.status == Status.RETURNED:
            ReviewStep.objects.create(
                report=report, at=now, by=scope.user, before=report.status, after=Status.SUBMITTED
            )
        for name, value in kept.items():
            setattr(report, name, value)
        report.version, report.changed_at = report.version + 1, moment_of_change()
        report.save()
        trail.add("report.amended", f"report:{report.pk}", fields=altered)
    return report


def merge(scope: Scope, kept_id: UUID, merged_id: UUID, reason: str) -> Merge:
    """Two reports speak of one event: the second counts no longer. Raises as `review`."""
    with change(scope.actor) as trail:
        # always in the same order, so that two merges the other way round don't block one another
        first, second = sorted((kept_id, merged_id))
        both = {report.pk: report for report in (_locked(scope, first), _locked(scope, second))}
        if len(both) == 1:
            raise Refused(
                "a report can't be merged into itself",
                "merged",
                "Laporan tidak dapat digabung dengan dirinya sendiri: pilih laporan lain.",
            )
        kept, merged = both[kept_id], both[merged_id]
        for report in (kept, merged):
            require_reviewer(scope, report)
            if report.merged_into_id is not None:
                raise Refused(
                    f"{report.pk} was merged into another already",
                    "merged",
                    "Salah satu laporan ini sudah digabung ke laporan lain: muat ulang halaman ini.",
                )
        if kept.status == Status.DROPPED:
            # what was merged counts by the one that is kept: it would be dropped unseen
            raise Refused(
                "a report that was dropped takes no other: merge it into the other one",
                "merged",
                "Laporan ini tidak dilanjutkan: buka laporan yang lain, lalu gabungkan yang ini ke sana.",
            )
        if merged.merged.exists():
            raise Refused(
                "others were merged into that report: merge it the other way round",
                "merged",
                "Laporan lain sudah digabung ke laporan itu: buka laporan itu, lalu gabungkan yang ini ke sana.",
            )
        words = redact(reason.strip()).text
        if not words:
            raise Refused(
                "say why they are the same event",
                "reason",
                "Tuliskan mengapa keduanya kejadian yang sama.",
            )
        now = timezone.now()
        done = Merge.objects.create(kept=kept, merged=merged, at=now, by=scope.user, reason=words)
        changed = moment_of_change()
        Report.objects.filter(pk=merged.pk).update(merged_into=kept, version=merged.version + 1, changed_at=changed)
        Report.objects.filter(pk=kept.pk).update(version=kept.version + 1, changed_at=changed)
        trail.add("report.merged", f"report:{merged.pk}", into=str(kept.pk))
    return done


def unmerge(scope: Scope, merged_id: UUID) -> Report:
    """Take a merge back. Raises as `review`."""
    with change(scope.actor) as trail:
        report = _locked(scope, merged_id)
        require_reviewer(scope, report)
        if report.merged_into_id is None:
            raise Refused(
                "this report isn't merged into another", "merged", "Laporan ini tidak sedang digabung ke laporan lain."
            )
        now = timezone.now()
        Merge.objects.filter(merged=report, undone_at=None).update(undone_at=now)
        kept = report.merged_into_id
        report.merged_into, report.version, report.changed_at = None, report.version + 1, moment_of_change()
        report.save(update_fields=["merged_into", "version", "changed_at"])
        trail.add("report.unmerged", f"report:{report.pk}", out_of=str(kept))
    return report


def require_reviewer(scope: Scope, report: Report) -> None:
    """One step up: the head of the unit that covers the village; the next above only while that step is vacant.

    Nobody reviews an own report. Raises NotAllowed saying whose turn it is.
    """
    if scope.user is None or report.author_id == scope.user.pk:
        raise NotAllowed(
            "nobody reviews an own report", "Laporan sendiri ditinjau oleh orang lain, bukan oleh pembuatnya."
        )
    covering = Coverage.objects.select_related("unit__parent").filter(village=report.village_id).first()
    steps: list[tuple[Any, Role]] = []
    if covering is not None:
        steps.append((covering.unit, Role.SUBDISTRICT_HEAD))
        steps.append((covering.unit.parent, Role.DISTRICT_HEAD))
    in_force = Q(ends=None) | Q(ends__gt=scope.on)
    for unit, role in steps:
        if any(p.role == role and p.unit_id == unit.pk for p in scope.postings):
            return
        held = Posting.objects.filter(in_force, begins__lte=scope.on, unit=unit, role=role, user__is_active=True)
        if held.exclude(user=report.author_id).exists():
            raise NotAllowed(
                f"the next step of this report is {role.label}, {unit}",
                f"Laporan ini menunggu tinjauan {role.label}, {unit}.",
            )
    if not scope.has(Role.DIRECTORATE):
        raise NotAllowed(
            "the next step of this report is the directorate", "Laporan ini menunggu tinjauan Ditbinmas di Polda."
        )


def _label(status: str) -> str:
    """How a status is called in Indonesian."""
    return str(Status(status).label)


def _locked(scope: Scope, report_id: UUID) -> Report:
    seen = Report.objects.visible_to(scope).select_related(None).select_for_update(of=("self",))
    report: Report = seen.get(pk=report_id)
    return report
