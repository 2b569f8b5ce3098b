"""Tables of reports and visits. They speak of places; no column holds a person but the officer who files."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from rukun.server.people.scope import ScopedQuerySet
from rukun.server.reports import taxonomy
from rukun.server.territory.models import Area


class Status(models.TextChoices):
    """Where a report stands in its review."""

    SUBMITTED = "submitted", "diajukan"
    RETURNED = "returned", "dikembalikan"
    VERIFIED = "verified", "terverifikasi"
    DROPPED = "dropped", "tidak dilanjutkan"


class Filed(models.Model):
    """What reports and visits share. id: made by the client, so that sending twice stores once.

    digest: of what was filed (after masking), to tell a repeat from another content under the same id; version:
    counts the
    changes, so that two editors notice one another; changed_at: for devices that ask what is new.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    village = models.ForeignKey(Area, models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField(db_index=True)
    version = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64)
    exercise = models.BooleanField(default=False)

    objects: ClassVar = ScopedQuerySet.as_manager()

    class Meta:
        """No table of its own."""

        abstract = True


class Report(Filed):
    """A disturbance, or what may become one, at a place.

    latitude, longitude: to three decimals (about 100 m), or null; observed_at: when it was seen; text: with personal
    data
    masked; level: the doctrine's potential, threshold, actual; grades: the Admiralty system's.
    """

    latitude = models.DecimalField(max_digits=5, decimal_places=3, null=True, blank=True)
    longitude = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    observed_at = models.DateTimeField()
    category = models.CharField(max_length=30)
    level = models.CharField(max_length=12)
    text = models.TextField(blank=True)
    source = models.CharField(max_length=20)
    source_reliability = models.CharField(max_length=1)
    information_reliability = models.CharField(max_length=1)
    status = models.CharField(max_length=12, choices=Status, default=Status.SUBMITTED)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")

    class Meta:
        """Newest first; the review list reads the first index from its end."""

        ordering = ("-observed_at", "-id")
        indexes = (
            models.Index(fields=("village", "status", "observed_at"), name="report_review"),
            models.Index(fields=("observed_at", "id"), name="report_newest"),
            models.Index(fields=("status", "observed_at", "id"), name="report_status_newest"),
            models.Index(fields=("author", "changed_at"), name="report_author"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(category__in=taxonomy.CATEGORIES), name="report_category"),
            models.CheckConstraint(condition=Q(level__in=taxonomy.LEVELS), name="report_level"),
            models.CheckConstraint(condition=Q(source__in=taxonomy.SOURCES), name="report_source"),
            models.CheckConstraint(
                condition=Q(source_reliability__in=taxonomy.SOURCE_RELIABILITY), name="report_source_grade"
            ),
            models.CheckConstraint(
                condition=Q(information_reliability__in=taxonomy.INFORMATION_RELIABILITY),
                name="report_information_grade",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="report_status"),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="report_point",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="report_merged_into_another"
            ),
        )

    def __str__(self) -> str:
        return f"{self.category} {self.observed_at:%Y-%m-%d}"

    @property
    def category_said(self) -> str:
        """Its category in the reader's language."""
        return taxonomy.said("categories", self.category, get_language() or "id")

    @property
    def level_said(self) -> str:
        """Its level in the reader's language."""
        return taxonomy.said("levels", self.level, get_language() or "id")

    @property
    def source_said(self) -> str:
        """Its kind of source in the reader's language."""
        return taxonomy.said("sources", self.source, get_language() or "id")


class ReviewStep(models.Model):
    """One step of a report's review and why; they stay."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    before = models.CharField(max_length=12, choices=Status)
    after = models.CharField(max_length=12, choices=Status)
    reason = models.TextField(blank=True)

    class Meta:
        """Oldest first; what turns a report back or drops it has a reason."""

        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(after__in=(Status.RETURNED, Status.DROPPED)) | ~Q(reason=""), name="review_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.before} > {self.after}"


class Merge(models.Model):
    """A report was found to speak of the same event as another; undone_at: that was taken back."""

    kept = models.ForeignKey(Report, models.CASCADE, related_name="+")
    merged = models.ForeignKey(Report, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A report is merged into one other at a time."""

        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("merged",), condition=Q(undone_at=None), name="merge_once"),
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="merge_of_two"),
        )

    def __str__(self) -> str:
        return f"{self.merged_id} > {self.kept_id}"


class Photo(models.Model):
    """A picture of a report, drawn anew from its points so that nothing else of the file is left."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    report = models.ForeignKey(Report, models.CASCADE, related_name="photos")
    path = models.CharField(max_length=80, unique=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    given = models.CharField(max_length=64)

    class Meta:
        """Oldest first."""

        ordering = ("received_at", "pk")

    def __str__(self) -> str:
        return self.path


class Visit(Filed):
    """An officer was in a village: what they heard and how much they looked. No names.

    minutes: how long; topics, needs: what was talked of and asked for, with personal data masked.
    """

    started_at = models.DateTimeField()
    minutes = models.PositiveIntegerField()
    topics = models.TextField(blank=True)
    needs = models.TextField(blank=True)

    class Meta:
        """Newest first."""

        ordering = ("-started_at", "-id")
        indexes = (
            models.Index(fields=("village", "started_at"), name="visit_village"),
            models.Index(fields=("started_at", "id"), name="visit_newest"),
        )
        constraints = (models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=1440), name="visit_minutes"),)

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d} {self.minutes} min"


class VisitContact(models.Model):
    """How many of one kind were met on a visit."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=20)
    number = models.PositiveSmallIntegerField()

    class Meta:
        """Each kind once."""

        constraints = (
            models.UniqueConstraint(fields=("visit", "kind"), name="contact_kind_once"),
            models.CheckConstraint(condition=Q(kind__in=taxonomy.CONTACTS), name="contact_kind"),
            models.CheckConstraint(condition=Q(number__gte=1), name="contact_number"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    @property
    def said(self) -> str:
        """Its kind in the reader's language."""
        return taxonomy.said("contacts", self.kind, get_language() or "id")


class WeeklyCount(models.Model):
    """What stays of records whose time is over: how many by village, week and kind.

    week: its Monday; kind: "report", "visit" or "outcome"; what, level: category and level of verified reports, action
    and result of outcomes, "" of visits.
    """

    village = models.ForeignKey(Area, models.PROTECT, related_name="+")
    week = models.DateField()
    kind = models.CharField(max_length=8)
    what = models.CharField(max_length=30, blank=True)
    level = models.CharField(max_length=16, blank=True)
    number = models.PositiveIntegerField()
    exercise = models.BooleanField(default=False)

    class Meta:
        """Once for each."""

        constraints = (
            models.UniqueConstraint(
                fields=("village", "week", "kind", "what", "level", "exercise"), name="weekly_count_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=("report", "visit", "outcome")), name="weekly_count_kind"),
        )

    def __str__(self) -> str:
        return f"{self.week} {self.kind} {self.what} {self.number}"
