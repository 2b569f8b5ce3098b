"""What the desk answers: versions of a clarification, and which of them was published by whom."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from rukun.server.rumours.models.rumours import Judgement, Rumour
from rukun.server.rumours.states import Advice


class Clarification(models.Model):
    """One version of the answer to a rumour: the fact, the claim, why it misleads, the fact again. All masked.

    number: counts the versions; judgement: the verdict that it stands on; correction: what changed since the version
    before, for all but the first; local: the same in short, by local language; edits: counts the changes while it is a
    draft. What was published isn't changed any more: a correction is a new version, and the earlier stays in sight.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    rumour = models.ForeignKey(Rumour, models.CASCADE, related_name="clarifications")
    number = models.PositiveSmallIntegerField()
    judgement = models.ForeignKey(Judgement, models.RESTRICT, related_name="clarifications")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    title = models.CharField(max_length=200)
    fact = models.TextField()
    claim = models.TextField()
    why = models.TextField()
    again = models.TextField()
    local = models.JSONField(default=dict)
    correction = models.TextField(blank=True)
    edits = models.PositiveIntegerField(default=1)

    class Meta:
        """Oldest first; one of each number."""

        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("rumour", "number"), name="clarification_once"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(correction=""), name="clarification_says_what_changed"),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(fact="") & ~Q(claim="") & ~Q(why="") & ~Q(again=""),
                name="clarification_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Publication(models.Model):
    """A version went out, signed by a person who isn't the one that verified.

    verifier: who gave the judgement that it stands on; advice: whether publishing was advised then; override: why it
    was published against that; withdrawn: it was taken back, by whom and why (the page then says so).
    """

    clarification = models.OneToOneField(Clarification, models.CASCADE, related_name="publication")
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    verifier = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    advice = models.CharField(max_length=8, choices=Advice)
    override = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_why = models.TextField(blank=True)

    class Meta:
        """Newest first."""

        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(condition=~Q(by=F("verifier")), name="publication_by_another_than_verified"),
            models.CheckConstraint(condition=Q(advice__in=Advice.values), name="publication_advice"),
            models.CheckConstraint(
                condition=Q(advice=Advice.PUBLISH) | ~Q(override=""), name="publication_against_advice_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_why="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_why="")),
                name="publication_withdrawn",
            ),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.clarification_id}"
