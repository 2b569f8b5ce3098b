"""What the desk does with a rumour, from triage to the day it has subsided. A person decides each step and signs it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max

from rukun.server.audit.services import change
from rukun.server.people.models import Role
from rukun.server.people.scope import Scope
from rukun.server.people.services import NotAllowed, Refused
from rukun.server.reports.checks import among, masked_text
from rukun.server.rumours.models import Evidence, Judgement, Rumour
from rukun.server.rumours.moves import advance, hold, let_go, locked, masked_reason, require_desk, touched
from rukun.server.rumours.states import DEADLINE, Advice, Harm, Priority, Status, Verdict

MOST_WORDS = 4000


@dataclass(frozen=True)
class TriageIn:
    """How soon and why. advice: whether an answer would calm more than it spreads; reason: masked."""

    priority: str
    harm: str
    advice: str
    reason: str = ""


def triage(scope: Scope, rumour_id: UUID, version: int, given: TriageIn) -> Rumour:
    """Say how soon a rumour is to be answered, for the first time or anew; the machine's proposal is only that.

    Its time counts from when the desk got it. A closed one is opened again by this, with a reason, and its time begins
    anew. Raises NotAllowed, Rumour.DoesNotExist, Refused (RumourChanged among them).
    """
    among("priority", given.priority, Priority.values)
    among("harm", given.harm, Harm.values)
    among("advice", given.advice, Advice.values)
    with change(scope.actor) as trail:
        rumour = locked(scope, rumour_id, version)
        if rumour.status == Status.IN_VERIFICATION:
            raise Refused(
                "it is being verified: give it back first",
                "status",
                "Kabar ini sedang diverifikasi: kembalikan dulu sebelum dipilah lagi.",
            )
        changed = rumour.priority != given.priority
        proposed = {"proposed": rumour.priority} if rumour.triaged_by_id is None and rumour.priority else {}
        rumour.priority, rumour.harm, rumour.advice = given.priority, given.harm, given.advice
        rumour.triaged_by = scope.user
        if rumour.status in (Status.NEW, Status.TRIAGED) and (changed or rumour.deadline is None):
            rumour.deadline, rumour.escalated_at = rumour.made_at + DEADLINE[given.priority], None
        advance(
            scope, rumour, Status.TRIAGED, trail, given.reason,
            priority=given.priority, harm=given.harm, advice=given.advice, **proposed,
        )  # fmt: skip
    return rumour


def claim(scope: Scope, rumour_id: UUID, version: int) -> Rumour:
    """Make a rumour one's own for two hours, so that nobody else works on it; again to go on. Raises as `triage`."""
    with change(scope.actor) as trail:
        rumour = locked(scope, rumour_id, version)
        if not rumour.is_open and rumour.status != Status.CLARIFIED:
            raise Refused(
                f"a rumour that is {rumour.status} needs nobody: open it again first",
                "status",
                "Kabar ini sudah selesai: buka kembali dulu.",
            )
        hold(scope, rumour)
        touched(rumour)
        trail.add("rumour.claimed", f"rumour:{rumour.pk}", version=int(rumour.version))
    return rumour


def release(scope: Scope, rumour_id: UUID) -> Rumour:
    """Let a rumour go that one claimed; the directorate also what others claimed. Raises as `triage`."""
    with change(scope.actor) as trail:
        require_desk(scope)
        rumour: Rumour = Rumour.objects.visible_to(scope).select_for_update(of=("self",)).get(pk=rumour_id)
        others = rumour.claimed and rumour.claimed_by_id != getattr(scope.user, "pk", None)
        if others and not scope.has(Role.DIRECTORATE):
            raise NotAllowed(
                "only who claimed it or the directorate releases a rumour",
                "Hanya yang mengerjakannya atau Ditbinmas yang dapat melepas kabar ini.",
            )
        if rumour.claimed_by_id is not None:
            whose = rumour.claimed_by_id
            let_go(rumour)
            touched(rumour)
            trail.add("rumour.released", f"rumour:{rumour.pk}", of=whose, version=int(rumour.version))
    return rumour


def begin(scope: Scope, rumour_id: UUID, version: int, reason: str = "") -> Rumour:
    """Begin to verify a triaged rumour, or anew one that was judged, clarified or subsided (with a reason); it is the
    asker's for two hours. Raises as `triage`.
    """
    with change(scope.actor) as trail:
        rumour = locked(scope, rumour_id, version)
        hold(scope, rumour)
        advance(scope, rumour, Status.IN_VERIFICATION, trail, reason)
    return rumour


def give_back(scope: Scope, rumour_id: UUID, version: int, reason: str) -> Rumour:
    """Put a rumour that is being verified back among the triaged, for others. Raises as `triage`."""
    with change(scope.actor) as trail:
        rumour = locked(scope, rumour_id, version)
        if rumour.status != Status.IN_VERIFICATION:
            raise Refused(
                f"a rumour that is {rumour.status} isn't being verified",
                "status",
                "Kabar ini tidak sedang diverifikasi.",
            )
        let_go(rumour)
        advance(scope, rumour, Status.TRIAGED, trail, reason)
    return rumour


def judge(scope: Scope, rumour_id: UUID, version: int, verdict: str, source: UUID, words: str) -> Judgement:
    """A person's verdict, on the ground of a piece of evidence with a link, in words. Raises as `triage`.

    Whoever judges doesn't publish: the rumour is let go for a colleague to answer.
    """
    among("verdict", verdict, Verdict.values)
    why, _ = masked_text("words", words, MOST_WORDS)
    if not why:
        raise Refused("say in a sentence what it rests on", "words", "Tuliskan dasar penilaian.")
    with change(scope.actor) as trail:
        rumour = locked(scope, rumour_id, version)
        if rumour.status != Status.IN_VERIFICATION:
            raise Refused(
                f"a rumour that is {rumour.status} can't be judged: begin to verify it first",
                "status",
                "Mulai verifikasi dulu sebelum menilai.",
            )
        held = Evidence.objects.filter(rumour=rumour, withdrawn_at=None)
        evidence = held.filter(pk=source).first()
        if evidence is None:
            raise Refused(
                "a verdict rests on evidence with a link: add it, and name it as the source",
                "source",
                "Penilaian harus bersandar pada bukti bertautan: tambahkan bukti lalu pilih sebagai sumber.",
            )
        rumour.verdict = verdict
        let_go(rumour)
        step = advance(scope, rumour, Status.JUDGED, trail, verdict=verdict, source=str(source), evidence=held.count())
        last = rumour.judgements.aggregate(last=Max("number"))["last"] or 0
        return Judgement.objects.create(
            rumour=rumour, number=last + 1, at=step.at, by=scope.user, verdict=verdict, source=evidence, words=why
        )


def close(scope: Scope, rumour_id: UUID, version: int, reason: str) -> Rumour:
    """End the work on a rumour without an answer: nothing to check, not worth spreading, or judged and let be.

    Raises as `triage`.
    """
    with change(scope.actor) as trail:
        rumour = locked(scope, rumour_id, version)
        advance(scope, rumour, Status.CLOSED, trail, masked_reason(reason))
    return rumour


def subside(scope: Scope, rumour_id: UUID, version: int, reason: str = "") -> Rumour:
    """Say that a rumour died down; the measure of it is shown, a person says it. Raises as `triage`."""
    with change(scope.actor) as trail:
        rumour = locked(scope, rumour_id, version)
        advance(scope, rumour, Status.SUBSIDED, trail, reason)
    return rumour
