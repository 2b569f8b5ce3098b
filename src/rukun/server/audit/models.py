"""Tables of the audit trail. The database refuses to change or delete an entry (triggers in the migrations)."""

from django.db import models


class Entry(models.Model):
    """One thing that somebody did, chained by `digest` to the entry before it.

    actor: "user:NUMBER", "device:NUMBER of a user's token" or "system"; subject: "kind:identity"; details: what
    changed, without the free text
    that people wrote. No foreign keys: an entry outlives what it speaks of.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    details = models.JSONField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        """Newest first; found by what it speaks of and by who did it."""

        ordering = ("-number",)
        indexes = (
            models.Index(fields=("subject", "number"), name="audit_subject"),
            models.Index(fields=("actor", "number"), name="audit_actor"),
        )
        constraints = (models.CheckConstraint(condition=models.Q(number__gte=1), name="audit_number_from_1"),)

    def __str__(self) -> str:
        return f"{self.number} {self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.subject}"


class Head(models.Model):
    """The newest entry, in one row: an entry cut off the end is missed, and writers queue up here."""

    only = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        """One row."""

        constraints = (models.CheckConstraint(condition=models.Q(only=1), name="audit_one_head"),)

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"
