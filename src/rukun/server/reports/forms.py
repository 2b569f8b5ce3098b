"""Forms of the plain pages."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils import timezone

from rukun.server.people.scope import Scope
from rukun.server.reports import taxonomy
from rukun.server.reports.checks import MOST_TEXT
from rukun.server.reports.filing import ReportIn, VisitIn

_WHEN = "%Y-%m-%dT%H:%M"


class _Filed(forms.Form):
    """What reports and visits share: the id, made with the form so that sending it twice files once, and the
    village.
    """

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    village = forms.ChoiceField(label="Desa/kelurahan")

    def __init__(self, scope: Scope, *arguments: Any, **named: Any) -> None:
        """For the villages of an officer."""
        super().__init__(*arguments, **named)
        own = scope.villages.filter(pk__in=scope.own_villages).defer("geometry")
        self.fields["village"].choices = [(v.code, f"{v.name} ({v.code})") for v in own]  # type: ignore[attr-defined]


class ReportForm(_Filed):
    """A report."""

    observed_at = forms.DateTimeField(
        label="Waktu", widget=forms.DateTimeInput({"type": "datetime-local"}, _WHEN), initial=timezone.localtime
    )
    category = forms.ChoiceField(label="Kategori", choices=lambda: taxonomy.choices("categories"))
    level = forms.ChoiceField(label="Tingkat", choices=lambda: taxonomy.choices("levels"))
    text = forms.CharField(label="Uraian", max_length=MOST_TEXT, widget=forms.Textarea({"rows": 5}))
    source = forms.ChoiceField(label="Sumber", choices=lambda: taxonomy.choices("sources"))
    source_reliability = forms.ChoiceField(
        label="Keterandalan sumber", choices=lambda: taxonomy.choices("source_reliability"), initial="F"
    )
    information_reliability = forms.ChoiceField(
        label="Keterandalan informasi", choices=lambda: taxonomy.choices("information_reliability"), initial="6"
    )
    latitude = forms.FloatField(label="Lintang", required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(label="Bujur", required=False, min_value=-180, max_value=180)

    def given(self) -> ReportIn:
        """As the service takes it."""
        return ReportIn(**self.cleaned_data)


class VisitForm(_Filed):
    """A visit."""

    started_at = forms.DateTimeField(
        label="Mulai", widget=forms.DateTimeInput({"type": "datetime-local"}, _WHEN), initial=timezone.localtime
    )
    minutes = forms.IntegerField(label="Lama (menit)", min_value=1, max_value=1440, initial=30)
    topics = forms.CharField(
        label="Yang dibicarakan", required=False, max_length=MOST_TEXT, widget=forms.Textarea({"rows": 3})
    )
    needs = forms.CharField(
        label="Kebutuhan warga", required=False, max_length=MOST_TEXT, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """With a number for each kind of contact."""
        super().__init__(*arguments, **named)
        for kind, words in taxonomy.choices("contacts"):
            self.fields[f"met_{kind}"] = forms.IntegerField(
                label=f"Bertemu: {words}", required=False, min_value=1, max_value=10_000
            )

    def given(self) -> VisitIn:
        """As the service takes it."""
        plain = {name: value for name, value in self.cleaned_data.items() if not name.startswith("met_")}
        met = {kind: self.cleaned_data[f"met_{kind}"] for kind in taxonomy.CONTACTS if self.cleaned_data[f"met_{kind}"]}
        return VisitIn(**plain, contacts=met)
