"""Tables of prevention: tasks for villages and what came of actions. No column holds a party to a dispute."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language

from rukun.server.prevention import actions
from rukun.server.reports.models import Filed, Report


class TaskStatus(models.TextChoices):
    """Where a task stands."""

    PENDING = "pending", "menunggu"
    IN_PROGRESS = "in_progress", "dikerjakan"
    DONE = "done", "selesai"
    REMOVED = "removed", "dibatalkan"
    NOT_EXECUTABLE = "not_executable", "tidak dapat dilaksanakan"


OPEN = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS)


class Task(Filed):
    """A head asks for an action in a village. author: the head.

    assigned: the officer who does it, or null while it waits for one (an officer whose posting to the village is over
    holds it no longer, see `queries.holding`); due: the last day; why: masked; reason: why it was removed or can't be
    done; ended_at: when it was done, removed or given up.
    """

    action = models.CharField(max_length=30)
    assigned = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="assigned_tasks"
    )
    due = models.DateField()
    why = models.TextField(blank=True)
    report = models.ForeignKey(Report, models.SET_NULL, null=True, blank=True, related_name="tasks")
    status = models.CharField(max_length=16, choices=TaskStatus, default=TaskStatus.PENDING)
    reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """What is due first comes first."""

        ordering = ("due", "id")
        indexes = (
            models.Index(fields=("village", "status", "due"), name="task_village"),
            models.Index(fields=("status", "due", "id"), name="task_due"),
            models.Index(fields=("assigned", "changed_at"), name="task_assigned"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(action__in=actions.ACTIONS), name="task_action"),
            models.CheckConstraint(condition=Q(status__in=TaskStatus.values), name="task_status"),
            models.CheckConstraint(
                condition=~Q(status__in=(TaskStatus.REMOVED, TaskStatus.NOT_EXECUTABLE)) | ~Q(reason=""),
                name="task_reason",
            ),
            models.CheckConstraint(
                condition=Q(status__in=(TaskStatus.PENDING, TaskStatus.REMOVED)) | Q(assigned__isnull=False),
                name="task_has_who_does_it",
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN, ended_at=None) | (~Q(status__in=OPEN) & Q(ended_at__isnull=False)),
                name="task_ended",
            ),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.due:%Y-%m-%d}"

    @property
    def action_said(self) -> str:
        """Its action in the reader's language."""
        return actions.said("actions", self.action, get_language() or "id")

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.status in OPEN

    @property
    def overdue(self) -> bool:
        """Whether its last day is over and it isn't done."""
        return self.is_open and self.due < timezone.localdate()

    @property
    def week(self) -> dt.date:
        """Monday of the week in which it is due."""
        return self.due - dt.timedelta(days=self.due.weekday())


class TaskStep(models.Model):
    """One change of a task: who, from what to what, to whom, and why. They stay.

    id: made by the client where a field app sends it, so that sending twice changes once; version: of the task after
    it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    task = models.ForeignKey(Task, models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    before = models.CharField(max_length=16, choices=TaskStatus)
    after = models.CharField(max_length=16, choices=TaskStatus)
    assigned = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True)
    version = models.PositiveIntegerField()

    class Meta:
        """Oldest first; one for each version."""

        ordering = ("version",)
        constraints = (
            models.UniqueConstraint(fields=("task", "version"), name="task_step_once"),
            models.CheckConstraint(
                condition=Q(before__in=TaskStatus.values, after__in=TaskStatus.values), name="task_step_status"
            ),
            models.CheckConstraint(
                condition=~Q(after__in=(TaskStatus.REMOVED, TaskStatus.NOT_EXECUTABLE)) | ~Q(reason=""),
                name="task_step_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.before} > {self.after}"


class Outcome(Filed):
    """What came of an action, asked for by a task or not. No names: parties are roles (OutcomeParty).

    at: when; minutes: how long; agreement: whether the parties agreed on something; follow_up: day of the next step;
    text: masked.
    """

    action = models.CharField(max_length=30)
    at = models.DateTimeField()
    minutes = models.PositiveIntegerField()
    task = models.ForeignKey(Task, models.SET_NULL, null=True, blank=True, related_name="outcomes")
    result = models.CharField(max_length=16)
    agreement = models.BooleanField()
    follow_up = models.DateField(null=True, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        """Newest first."""

        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=("village", "at"), name="outcome_village"),
            models.Index(fields=("at", "id"), name="outcome_newest"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(action__in=actions.ACTIONS), name="outcome_action"),
            models.CheckConstraint(condition=Q(result__in=actions.RESULTS), name="outcome_result"),
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=1440), name="outcome_minutes"),
            models.CheckConstraint(condition=~Q(result="refused", agreement=True), name="outcome_refused_agrees_not"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d} {self.result}"

    @property
    def action_said(self) -> str:
        """Its action in the reader's language."""
        return actions.said("actions", self.action, get_language() or "id")

    @property
    def result_said(self) -> str:
        """Its result in the reader's language."""
        return actions.said("results", self.result, get_language() or "id")


class OutcomeParty(models.Model):
    """One of the parties to an action, as a role and never as a person."""

    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="parties")
    role = models.CharField(max_length=20)

    class Meta:
        """Each role once."""

        constraints = (
            models.UniqueConstraint(fields=("outcome", "role"), name="outcome_party_once"),
            models.CheckConstraint(condition=Q(role__in=actions.PARTIES), name="outcome_party_role"),
        )

    def __str__(self) -> str:
        return self.role

    @property
    def said(self) -> str:
        """The role in the reader's language."""
        return actions.said("parties", self.role, get_language() or "id")
