"""What a verdict rests on: sources with links and grades, and fact checks that a person accepts as the answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.utils import timezone

from rukun.server.audit.services import Trail, change
from rukun.server.people.scope import Scope
from rukun.server.people.services import Refused
from rukun.server.reports.checks import masked_text
from rukun.server.rumours.models import Evidence, FactCheck, Match, Rumour
from rukun.server.rumours.models.rumours import IS_LINK
from rukun.server.rumours.moves import locked, masked_reason, require_desk, touched

MOST_LINK, MOST_TITLE, MOST_NOTE = 1000, 300, 2000
#: A fact check of an independent publisher: fairly reliable, probably true, until the desk says otherwise.
_GRADE_OF_FACT_CHECK = "B2"


@dataclass(frozen=True)
class EvidenceIn:
    """A source as a person adds it. grade: of the source (A to F) and of what it says (1 to 6), such as "B2"."""

    title: str
    link: str
    grade: str
    archive: str = ""
    note: str = ""


def checked_link(field: str, link: str, *, needed: bool = True) -> str:
    """A web address that can be opened. Raises Refused."""
    plain = link.strip()
    if not plain and not needed:
        return ""
    if len(plain) > MOST_LINK or re.match(IS_LINK, plain) is None:
        raise Refused(
            f"a link begins with http:// or https:// and has at most {MOST_LINK} characters",
            field,
            "Tautan diawali http:// atau https://.",
        )
    return plain


def add_evidence(scope: Scope, rumour_id: UUID, given: EvidenceIn) -> Evidence:
    """Add a source to a rumour. Raises NotAllowed, Rumour.DoesNotExist, Refused."""
    title, _ = masked_text("title", given.title, MOST_TITLE)
    note, _ = masked_text("note", given.note, MOST_NOTE)
    if not title:
        raise Refused("say in a line what the source is", "title", "Tuliskan sumbernya.")
    if re.fullmatch(r"[A-F][1-6]", given.grade) is None:
        raise Refused(
            "a grade is a letter A to F and a number 1 to 6, such as B2",
            "grade",
            "Nilai berupa huruf A–F dan angka 1–6.",
        )
    link, archive = checked_link("link", given.link), checked_link("archive", given.archive, needed=False)
    with change(scope.actor) as trail:
        rumour = locked(scope, rumour_id)
        return _added(scope, rumour, trail, title=title, link=link, archive=archive, grade=given.grade, note=note)


def withdraw_evidence(scope: Scope, evidence_id: UUID, reason: str) -> Evidence:
    """Mark a source as one that doesn't hold; it stays in sight with the reason. Raises as `add_evidence`."""
    words = masked_reason(reason)
    require_desk(scope)
    with change(scope.actor) as trail:
        rumour = locked(scope, _rumour_of(scope, evidence_id))
        evidence = Evidence.objects.select_for_update(of=("self",)).get(pk=evidence_id)
        if evidence.withdrawn_at is not None:
            return evidence
        newest = rumour.judgements.last()
        if rumour.verdict and newest is not None and newest.source_id == evidence.pk:
            raise Refused(
                "the verdict rests on it: begin to verify anew first",
                "evidence",
                "Penilaian bersandar pada bukti ini: mulai verifikasi ulang dulu.",
            )
        evidence.withdrawn_at = timezone.now()
        evidence.note = f"{evidence.note}\n{words}".strip()
        evidence.save(update_fields=["withdrawn_at", "note"])
        touched(rumour)
        trail.add("evidence.withdrawn", f"rumour:{rumour.pk}", evidence=str(evidence.pk))
    return evidence


def decide_match(scope: Scope, match_id: int, accepted: bool) -> Match:
    """Say whether a fact check is a rumour's own. An accepted one becomes evidence, with the publisher's own words.

    It decides nothing about what is true: that is `workflow.judge`. Raises NotAllowed, Match.DoesNotExist, Refused.
    """
    require_desk(scope)
    with change(scope.actor) as trail:
        seen = Match.objects.filter(rumour__in=Rumour.objects.visible_to(scope)).values_list("rumour", flat=True)
        rumour = locked(scope, seen.get(pk=match_id))
        match = Match.objects.select_for_update(of=("self",)).get(pk=match_id)
        check = match.fact_check
        held = Evidence.objects.filter(rumour=rumour, fact_check=check, withdrawn_at=None)
        if match.accepted and not accepted and held.exists():
            raise Refused(
                "it is among the evidence: withdraw it there first",
                "accepted",
                "Cek fakta ini sudah menjadi bukti: tarik dulu buktinya.",
            )
        match.accepted, match.decided_by, match.decided_at = accepted, scope.user, timezone.now()
        match.save(update_fields=["accepted", "decided_by", "decided_at"])
        name = "match.accepted" if accepted else "match.turned_down"
        trail.add(name, f"rumour:{rumour.pk}", fact_check=str(check.pk))
        if accepted and not held.exists():
            _from_fact_check(scope, rumour, check, trail)
        else:
            touched(rumour)
    return match


def _from_fact_check(scope: Scope, rumour: Rumour, check: FactCheck, trail: Trail) -> Evidence:
    title = f"{check.publisher}: {check.title}"[:MOST_TITLE]
    words = f"{check.publisher}: {check.verdict}"
    return _added(
        scope, rumour, trail, title=title, link=check.link, grade=_GRADE_OF_FACT_CHECK, note=words, fact_check=check
    )


def _added(scope: Scope, rumour: Rumour, trail: Trail, **fields: object) -> Evidence:
    evidence = Evidence.objects.create(id=uuid4(), rumour=rumour, at=timezone.now(), by=scope.user, **fields)
    touched(rumour)
    trail.add("evidence.added", f"rumour:{rumour.pk}", evidence=str(evidence.pk), grade=evidence.grade)
    return evidence


def _rumour_of(scope: Scope, evidence_id: UUID) -> UUID:
    mine = Evidence.objects.filter(rumour__in=Rumour.objects.visible_to(scope))
    rumour_id: UUID = mine.values_list("rumour", flat=True).get(pk=evidence_id)
    return rumour_id
