"""Forms of the plain pages of prevention."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils import timezone

from rukun.server.people.scope import Scope
from rukun.server.prevention import actions, queries
from rukun.server.prevention.assigning import MOST_WHY, TaskIn
from rukun.server.prevention.models import Task
from rukun.server.prevention.outcomes import OutcomeIn
from rukun.server.reports.checks import MOST_TEXT
from rukun.server.territory.models import Area

_WHEN = "%Y-%m-%dT%H:%M"
_DAY = "%Y-%m-%d"


def officer_choices(village: Area, on: dt.date) -> list[tuple[str, str]]:
    """(key, name) of the officers of a village, and of leaving a task open."""
    found = queries.officers_of(village.pk, on)
    return [("", "siapa pun yang bertugas di sana"), *((str(u.pk), u.first_name or u.username) for u in found)]


class TaskForm(forms.Form):
    """A task for one village. id: made with the form, so that sending it twice assigns once."""

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    action = forms.ChoiceField(label="Tindakan")
    due = forms.DateField(label="Paling lambat", widget=forms.DateInput({"type": "date"}, _DAY))
    assigned = forms.ChoiceField(label="Petugas", required=False)
    why = forms.CharField(label="Alasan", required=False, max_length=MOST_WHY, widget=forms.Textarea({"rows": 3}))

    def __init__(self, scope: Scope, village: Area, category: str, *arguments: Any, **named: Any) -> None:
        """For a village; actions that suit a category of reports stand first."""
        super().__init__(*arguments, **named)
        suiting = [(code, actions.said("actions", code)) for code in actions.suiting(category)]
        self.fields["action"].choices = suiting  # type: ignore[attr-defined]
        self.fields["assigned"].choices = officer_choices(village, scope.on)  # type: ignore[attr-defined]
        self.fields["due"].initial = timezone.localdate() + dt.timedelta(days=7)

    def given(self, village: str, report: uuid.UUID | None) -> TaskIn:
        """As the service takes it."""
        plain = dict(self.cleaned_data)
        assigned = plain.pop("assigned")
        return TaskIn(**plain, assigned=int(assigned) if assigned else None, village=village, report=report)


class OutcomeForm(forms.Form):
    """What came of a task."""

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    at = forms.DateTimeField(
        label="Waktu", widget=forms.DateTimeInput({"type": "datetime-local"}, _WHEN), initial=timezone.localtime
    )
    minutes = forms.IntegerField(label="Lama (menit)", min_value=1, max_value=1440)
    result = forms.ChoiceField(label="Hasil", choices=lambda: actions.choices("results"))
    agreement = forms.BooleanField(label="Ada kesepakatan", required=False)
    follow_up = forms.DateField(
        label="Tindak lanjut pada", required=False, widget=forms.DateInput({"type": "date"}, _DAY)
    )
    parties = forms.MultipleChoiceField(
        label="Pihak (peran, bukan nama)",
        required=False,
        choices=lambda: actions.choices("parties"),
        widget=forms.CheckboxSelectMultiple,
    )
    text = forms.CharField(label="Uraian", required=False, max_length=MOST_TEXT, widget=forms.Textarea({"rows": 4}))

    def __init__(self, task: Task, *arguments: Any, **named: Any) -> None:
        """For a task, with its action's usual minutes."""
        super().__init__(*arguments, **named)
        self.task = task
        self.fields["minutes"].initial = actions.everything()["actions"][task.action]["minutes"]

    def given(self) -> OutcomeIn:
        """As the service takes it."""
        plain = dict(self.cleaned_data)
        parties = tuple(plain.pop("parties"))
        return OutcomeIn(
            **plain, parties=parties, village=self.task.village.code, action=self.task.action, task=self.task.pk
        )
