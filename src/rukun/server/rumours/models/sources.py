"""What others found out: fact checks as publishers give them, where they are fetched, and which may answer what."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from rukun.server.rumours.models.rumours import IS_LINK, Rumour


class Source(models.Model):
    """An address that is read every hour. kind: what is found there; language: of what it says, or "".

    read_at: when it was last read without fault; fault: why it couldn't be, in words, or ""; mark: what its server
    gave to ask "anything new?" (ETag).
    """

    class Kind(models.TextChoices):
        """What is found at an address."""

        MESSAGES = "messages", "kabar beredar (RSS/Atom)"
        CLAIM_REVIEWS = "claim_reviews", "cek fakta (ClaimReview di halaman atau umpan)"
        GOOGLE = "google", "Google Fact Check Tools (JSON)"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=14, choices=Kind)
    name = models.CharField(max_length=120)
    link = models.CharField(max_length=1000, unique=True)
    language = models.CharField(max_length=8, blank=True)
    active = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=300, blank=True)
    mark = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        """By name."""

        ordering = ("name", "id")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=("messages", "claim_reviews", "google")), name="source_kind"),
            models.CheckConstraint(condition=Q(link__regex=IS_LINK), name="source_link"),
        )

    def __str__(self) -> str:
        return self.name


class FactCheck(models.Model):
    """A publisher's fact check. publisher, title, verdict, date: as they gave them, never rewritten.

    claim: the claim it reviews, as they word it; date: as text, since publishers write it as they like; link: unique.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    publisher = models.CharField(max_length=200)
    title = models.CharField(max_length=1000)
    claim = models.TextField(blank=True)
    verdict = models.CharField(max_length=300)
    date = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=8, blank=True)
    link = models.CharField(max_length=1000, unique=True)
    received_at = models.DateTimeField(db_index=True)
    changed_at = models.DateTimeField()

    class Meta:
        """Newest first."""

        ordering = ("-received_at", "-id")
        constraints = (
            models.CheckConstraint(condition=Q(link__regex=IS_LINK), name="fact_check_link"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(publisher=""), name="fact_check_says_something"),
        )

    def __str__(self) -> str:
        return f"{self.publisher}: {self.title}"[:80]


class Match(models.Model):
    """A fact check that may answer a rumour. The machine suggests; accepted: what a person said, None until then.

    probability: that it is the rumour's fact check, 0 to 1; advice: "match" or "suggest"; differences: facts that the
    two say otherwise, as JSON; lexical, character, meaning: how alike they are, 0 to 1.
    """

    rumour = models.ForeignKey(Rumour, models.CASCADE, related_name="matches")
    fact_check = models.ForeignKey(FactCheck, models.CASCADE, related_name="matches")
    rank = models.PositiveSmallIntegerField()
    probability = models.FloatField()
    lexical = models.FloatField()
    character = models.FloatField()
    meaning = models.FloatField(null=True, blank=True)
    advice = models.CharField(max_length=8, choices=[("match", "cocok"), ("suggest", "mungkin cocok")])
    differences = models.JSONField(default=list)
    at = models.DateTimeField()
    accepted = models.BooleanField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """The likeliest first."""

        ordering = ("-probability", "pk")
        constraints = (
            models.UniqueConstraint(fields=("rumour", "fact_check"), name="match_once"),
            models.CheckConstraint(condition=Q(probability__gte=0, probability__lte=1), name="match_probability"),
            models.CheckConstraint(condition=Q(advice__in=("match", "suggest")), name="match_advice"),
            models.CheckConstraint(
                condition=Q(accepted=None, decided_by=None, decided_at=None)
                | Q(accepted__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="match_decided_by_a_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.rumour_id} {self.probability:.2f} {self.fact_check_id}"
