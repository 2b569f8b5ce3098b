"""A rumour, what was found out about it, and every step it took."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from rukun.server.people.models import Role
from rukun.server.people.scope import Scope
from rukun.server.rumours.states import OPEN, STANDS_ON_VERDICT, Advice, Harm, Priority, Status, Verdict

#: Who works at the desk.
DESK = (Role.RUMOUR_DESK, Role.DIRECTORATE)
#: What a link must begin with: nothing that a browser would run.
IS_LINK = r"^https?://[^\s]+$"


class DeskQuerySet(models.QuerySet["Rumour"]):
    """What the desk and the directorate see, and nobody else."""

    def visible_to(self, scope: Scope) -> Self:
        """All for them, none for others."""
        return self if scope.has(*DESK) else self.none()


class Rumour(models.Model):
    """A claim that circulates, seen once or a thousand times.

    text: of the sighting that stands for it, masked; priority, harm, advice: the machine's until somebody triages it
    (`triaged_by`); because: what the machine gave as reasons, as JSON of core.text; deadline: when it must be answered
    (None once it is, or while it has no priority); escalated_at: when the directorate was told that it passed; claimed:
    who works on it, until when; slug: its public address, once something of it was published; version: counts the
    changes, so that two editors notice one another.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    text = models.TextField(blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.NEW)
    verdict = models.CharField(max_length=16, choices=Verdict, blank=True)
    priority = models.CharField(max_length=8, choices=Priority, blank=True)
    harm = models.CharField(max_length=10, choices=Harm, blank=True)
    harm_words = models.JSONField(default=list)
    advice = models.CharField(max_length=8, choices=Advice, blank=True)
    because = models.JSONField(default=dict)
    triaged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    deadline = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    claimed_until = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", models.RESTRICT, null=True, blank=True, related_name="merged")
    slug = models.SlugField(max_length=80, null=True, blank=True, unique=True)
    made_at = models.DateTimeField()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    exercise = models.BooleanField(default=False)

    objects: ClassVar = DeskQuerySet.as_manager()

    class Meta:
        """What must be answered first comes first."""

        ordering = ("deadline", "id")
        indexes = (
            models.Index(fields=("status", "deadline", "id"), name="rumour_queue"),
            models.Index(fields=("last_seen", "id"), name="rumour_newest"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(status__in=Status.values), name="rumour_status"),
            models.CheckConstraint(condition=Q(verdict="") | Q(verdict__in=Verdict.values), name="rumour_verdict"),
            models.CheckConstraint(condition=Q(priority="") | Q(priority__in=Priority.values), name="rumour_priority"),
            models.CheckConstraint(condition=Q(harm="") | Q(harm__in=Harm.values), name="rumour_harm"),
            models.CheckConstraint(condition=Q(advice="") | Q(advice__in=Advice.values), name="rumour_advice"),
            models.CheckConstraint(
                condition=~Q(status__in=STANDS_ON_VERDICT) | ~Q(verdict=""), name="rumour_stands_on_verdict"
            ),
            models.CheckConstraint(
                condition=Q(verdict="") | Q(status__in=(*STANDS_ON_VERDICT, Status.CLOSED)),
                name="rumour_verdict_of_what_is_judged",
            ),
            models.CheckConstraint(
                condition=Q(status__in=(Status.NEW, Status.CLOSED)) | (~Q(priority="") & Q(triaged_by__isnull=False)),
                name="rumour_triaged_by_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CLARIFIED) | Q(slug__isnull=False), name="rumour_clarified_in_public"
            ),
            models.CheckConstraint(
                condition=Q(claimed_by=None, claimed_until=None)
                | Q(claimed_by__isnull=False, claimed_until__isnull=False),
                name="rumour_claimed_until",
            ),
            models.CheckConstraint(
                condition=Q(deadline=None) | Q(status__in=OPEN, merged_into=None), name="rumour_deadline_while_open"
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="rumour_merged_into_another"
            ),
            models.CheckConstraint(condition=Q(last_seen__gte=F("first_seen")), name="rumour_seen"),
        )

    def __str__(self) -> str:
        return f"{self.status} {self.first_seen:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.status in OPEN and self.merged_into_id is None

    @property
    def overdue(self) -> bool:
        """Whether its time has passed."""
        return self.deadline is not None and self.deadline < timezone.now()

    @property
    def claimed(self) -> bool:
        """Whether somebody works on it now."""
        return self.claimed_until is not None and self.claimed_until > timezone.now()


class Evidence(models.Model):
    """A source that speaks for or against a rumour. grade: the Admiralty system's, source and information ("B2").

    note: masked; archive: a copy kept elsewhere, or ""; withdrawn_at: it turned out not to hold (it stays in sight).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    rumour = models.ForeignKey(Rumour, models.CASCADE, related_name="evidence")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    link = models.CharField(max_length=1000)
    archive = models.CharField(max_length=1000, blank=True)
    grade = models.CharField(max_length=2)
    note = models.TextField(blank=True)
    fact_check = models.ForeignKey("rumours.FactCheck", models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Oldest first."""

        ordering = ("at", "id")
        constraints = (
            models.CheckConstraint(condition=Q(link__regex=IS_LINK), name="evidence_link"),
            models.CheckConstraint(condition=Q(archive="") | Q(archive__regex=IS_LINK), name="evidence_archive"),
            models.CheckConstraint(condition=Q(grade__regex=r"^[A-F][1-6]$"), name="evidence_grade"),
        )

    def __str__(self) -> str:
        return f"{self.grade} {self.link}"


class Judgement(models.Model):
    """A person's verdict on a rumour; the newest (`number`) holds, earlier ones stay. source: it has one with a link.

    words: why, masked. The database refuses to change a judgement.
    """

    rumour = models.ForeignKey(Rumour, models.CASCADE, related_name="judgements")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=16, choices=Verdict)
    source = models.ForeignKey(Evidence, models.RESTRICT, related_name="judgements")
    words = models.TextField()

    class Meta:
        """Oldest first; one of each number."""

        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("rumour", "number"), name="judgement_once"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="judgement_verdict"),
            models.CheckConstraint(condition=~Q(words=""), name="judgement_words"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.verdict}"


class Step(models.Model):
    """One step of a rumour and why; they stay. by: None is the system (a passed deadline); version: after it."""

    rumour = models.ForeignKey(Rumour, models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    before = models.CharField(max_length=16, choices=Status)
    after = models.CharField(max_length=16, choices=Status)
    reason = models.TextField(blank=True)
    version = models.PositiveIntegerField()

    class Meta:
        """Oldest first; one for each version."""

        ordering = ("version", "pk")
        constraints = (
            models.UniqueConstraint(fields=("rumour", "version"), name="rumour_step_once"),
            models.CheckConstraint(
                condition=Q(before__in=Status.values, after__in=Status.values), name="rumour_step_status"
            ),
        )

    def __str__(self) -> str:
        return f"{self.before} > {self.after}"


class Merge(models.Model):
    """Two rumours were found to be one claim; undone_at: that was taken back."""

    kept = models.ForeignKey(Rumour, models.CASCADE, related_name="+")
    merged = models.ForeignKey(Rumour, models.CASCADE, related_name="merges")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A rumour is merged into one other at a time."""

        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("merged",), condition=Q(undone_at=None), name="rumour_merge_once"),
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="rumour_merge_of_two"),
            models.CheckConstraint(condition=~Q(reason=""), name="rumour_merge_reason"),
        )

    def __str__(self) -> str:
        return f"{self.merged_id} > {self.kept_id}"
