"""One time that somebody came upon a message. From whom it came isn't known here."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from rukun.server.people.models import Role
from rukun.server.people.scope import Scope, ScopedQuerySet
from rukun.server.reports.models import Filed
from rukun.server.rumours.models.rumours import Rumour
from rukun.server.rumours.states import Channel
from rukun.server.territory.models import Area


class SightingQuerySet(ScopedQuerySet):
    """As records of villages; the desk sees all, also those of no village."""

    def visible_to(self, scope: Scope) -> Self:
        """Those that they may see."""
        return self if scope.has(Role.RUMOUR_DESK) else super().visible_to(scope)


class Sighting(Filed):
    """A message as it was come upon.

    id: of the client, or made of a keyed digest of the source's own id, so that what comes twice is stored once; at:
    when it was seen; village: where, if known; author: the officer or member of the desk who filed it, never who wrote
    or sent it; text: masked; image_text: what a picture says, read by machine and masked; image_hash: 64 bits that are
    alike for pictures that look alike, in hex; language: as given, or ""; emptied_at: its text is past its time.
    """

    village = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    rumour = models.ForeignKey(Rumour, models.CASCADE, null=True, blank=True, related_name="sightings")
    at = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=Channel)
    language = models.CharField(max_length=8, blank=True)
    text = models.TextField(blank=True)
    image_text = models.TextField(blank=True)
    image_hash = models.CharField(max_length=16, blank=True)
    emptied_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = SightingQuerySet.as_manager()

    class Meta:
        """Newest first."""

        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=("rumour", "at"), name="sighting_rumour"),
            models.Index(fields=("at", "id"), name="sighting_newest"),
            models.Index(fields=("village", "at"), name="sighting_village"),
            models.Index(fields=("received_at", "id"), name="sighting_received"),
            models.Index(fields=("received_at",), condition=Q(rumour=None), name="sighting_waiting"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="sighting_channel"),
            models.CheckConstraint(
                condition=Q(emptied_at__isnull=False) | ~Q(text="", image_text="", image_hash=""),
                name="sighting_says_something",
            ),
            models.CheckConstraint(
                condition=Q(emptied_at=None) | Q(text="", image_text="", image_hash="", author=None),
                name="sighting_emptied",
            ),
            models.CheckConstraint(
                condition=Q(author=None) | Q(channel__in=(Channel.OFFICER, Channel.DESK)), name="sighting_has_no_sender"
            ),
            models.CheckConstraint(
                condition=~Q(channel=Channel.OFFICER) | Q(village__isnull=False), name="sighting_officers_village"
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.at:%Y-%m-%d}"


class Placing(models.Model):
    """A sighting was put to a rumour, or moved from one to another; they stay, so that each can be taken back.

    by: None is the machine, which puts only what says the same; similarity: how alike it found them, 0 to 1.
    """

    sighting = models.ForeignKey(Sighting, models.CASCADE, related_name="placings")
    before = models.ForeignKey(Rumour, models.CASCADE, null=True, blank=True, related_name="+")
    after = models.ForeignKey(Rumour, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    similarity = models.FloatField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        """Oldest first."""

        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(before=None) | ~Q(before=F("after")), name="placing_elsewhere"),
            models.CheckConstraint(condition=Q(by=None) | ~Q(reason=""), name="placing_reason"),
            models.CheckConstraint(
                condition=Q(similarity=None) | Q(similarity__gte=0, similarity__lte=1), name="placing_similarity"
            ),
        )

    def __str__(self) -> str:
        return f"{self.sighting_id} > {self.after_id}"
