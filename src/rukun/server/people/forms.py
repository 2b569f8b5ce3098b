"""Forms of units, accounts and postings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from rukun.server.people.models import LEVEL_OF_ROLE, Role, Unit, UnitLevel, User
from rukun.server.people.queries import villages_of_codes
from rukun.server.territory.models import Area

_MOST_CODES = 20_000


def _day(label: str, **named: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), initial=timezone.localdate, **named
    )


class AccountForm(forms.Form):
    """A new account."""

    username = forms.CharField(label="Nama akun", max_length=150, widget=forms.TextInput({"autocapitalize": "none"}))
    name = forms.CharField(label="Nama petugas", max_length=150, required=False)


class UnitForm(forms.Form):
    """A new unit."""

    code = forms.SlugField(label="Kode", max_length=40)
    name = forms.CharField(label="Nama", max_length=120)
    level = forms.TypedChoiceField(label="Tingkat", choices=UnitLevel.choices, coerce=lambda said: UnitLevel(int(said)))
    parent = forms.ModelChoiceField(
        Unit.objects.exclude(level=UnitLevel.SUBDISTRICT), label="Di bawah", required=False, to_field_name="code"
    )


class CodesForm(forms.Form):
    """Villages by their codes; the code of a subdistrict stands for all of its villages."""

    codes = forms.CharField(
        label="Kode desa/kelurahan, atau kecamatan untuk semua desanya",
        max_length=_MOST_CODES,
        widget=forms.Textarea({"rows": 3}),
    )

    def clean_codes(self) -> list[Area]:
        """The villages; codes that are none are named."""
        found, unknown = villages_of_codes(self.cleaned_data["codes"])
        if unknown:
            raise ValidationError(f"Bukan kode desa/kelurahan atau kecamatan: {', '.join(unknown[:10])}")
        return found


class PostingForm(forms.Form):
    """A posting at one unit: the roles held at its level, and the villages that it covers."""

    role = forms.TypedChoiceField(label="Peran", coerce=Role)
    begins = _day("Mulai")
    villages = forms.ModelMultipleChoiceField(
        Area.objects.none(),
        label="Desa/kelurahan (hanya bhabinkamtibmas)",
        required=False,
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, unit: Unit, *arguments: Any, role: str = "", **named: Any) -> None:
        """role: the only one, for a transfer."""
        super().__init__(*arguments, **named)
        held_here = [r for r in Role if LEVEL_OF_ROLE.get(r, UnitLevel.PROVINCE) == unit.level and role in ("", r)]
        self.fields["role"].choices = [(r.value, r.label) for r in held_here]  # type: ignore[attr-defined]
        covered = Area.objects.filter(coverage__unit=unit).defer("geometry").order_by("code")
        self.fields["villages"].queryset = covered  # type: ignore[attr-defined]


class PostAtUnitForm(PostingForm):
    """A posting from the page of a unit: the account is named."""

    field_order = ("user",)
    user = forms.ModelChoiceField(
        User.objects.filter(is_active=True), label="Nama akun", to_field_name="username", widget=forms.TextInput
    )


class VillagesForm(forms.Form):
    """The villages of a posting, from a day on."""

    on = _day("Sejak")
    villages = forms.ModelMultipleChoiceField(
        Area.objects.none(), label="Desa/kelurahan", required=False, to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, choices: Any, *arguments: Any, **named: Any) -> None:
        """choices: villages that may be chosen."""
        super().__init__(*arguments, **named)
        self.fields["villages"].queryset = choices  # type: ignore[attr-defined]


class EndForm(forms.Form):
    """The first day without a posting."""

    ends = _day("Hari pertama tanpa penugasan ini")
