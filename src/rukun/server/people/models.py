"""Police units, what they cover, and who holds which role where and when."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from rukun.server.territory.models import Area


class UnitLevel(models.IntegerChoices):
    """The chain of command, from the top."""

    PROVINCE = 1, "Polda"
    DISTRICT = 2, "Polres"
    SUBDISTRICT = 3, "Polsek"


class Unit(models.Model):
    """A unit of the police. It isn't part of the civil tree: what it covers is a table of its own."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    level = models.PositiveSmallIntegerField(choices=UnitLevel)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        """From the top down."""

        ordering = ("level", "code")
        constraints = (
            models.CheckConstraint(condition=Q(level__in=UnitLevel.values), name="unit_level"),
            models.CheckConstraint(
                condition=Q(level=1, parent=None) | Q(level__gt=1, parent__isnull=False), name="unit_parent"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Coverage(models.Model):
    """A unit answers for a village. A village belongs to one unit of the lowest level only."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="coverage")
    village = models.ForeignKey(Area, models.PROTECT, related_name="coverage")

    class Meta:
        """One unit for each village; units above cover it by being above."""

        constraints = (models.UniqueConstraint(fields=("village",), name="coverage_one_unit"),)

    def __str__(self) -> str:
        return f"{self.unit_id}: {self.village_id}"


class User(AbstractUser):
    """An account. What it may do comes from its postings, never from the account itself.

    must_change_password: the password was given by an administrator, and opens only the page where it is changed.
    """

    email = models.EmailField(blank=True)
    must_change_password = models.BooleanField(default=False)

    class Meta:
        """By name."""

        ordering = ("username",)

    @property
    def actor(self) -> str:
        """How the audit trail names it."""
        return f"user:{self.pk}"


class Role(models.TextChoices):
    """What a person is posted as."""

    VILLAGE_OFFICER = "village_officer", "Bhabinkamtibmas"
    SUBDISTRICT_HEAD = "subdistrict_head", "Kanit Binmas"
    DISTRICT_HEAD = "district_head", "Kasat Binmas"
    DIRECTORATE = "directorate", "Ditbinmas"
    RUMOUR_DESK = "rumour_desk", "Meja hoaks"
    AUDITOR = "auditor", "Pengawas"
    ADMINISTRATOR = "administrator", "Administrator"


#: The level of unit at which a role is held; roles that aren't here are held at the province's unit.
LEVEL_OF_ROLE = {
    Role.VILLAGE_OFFICER: UnitLevel.SUBDISTRICT,
    Role.SUBDISTRICT_HEAD: UnitLevel.SUBDISTRICT,
    Role.DISTRICT_HEAD: UnitLevel.DISTRICT,
}
HEADS = (Role.SUBDISTRICT_HEAD, Role.DISTRICT_HEAD, Role.DIRECTORATE)
#: Roles that must sign in with a second factor: heads and all above or beside them.
SECOND_FACTOR = (*HEADS, Role.RUMOUR_DESK, Role.AUDITOR, Role.ADMINISTRATOR)


class Posting(models.Model):
    """A person holds a role at a unit from a day on, until the day `ends` (not included).

    villages: those of a village officer; several, or none while they wait for theirs.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="postings")
    role = models.CharField(max_length=20, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="postings")
    begins = models.DateField()
    ends = models.DateField(null=True, blank=True)
    villages = models.ManyToManyField(Area, related_name="postings", blank=True)

    class Meta:
        """Newest first; ended ones stay: they say who was responsible when."""

        ordering = ("-begins", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(role__in=Role.values), name="posting_role"),
            models.CheckConstraint(condition=Q(ends=None) | Q(ends__gte=F("begins")), name="posting_dates"),
            models.UniqueConstraint(fields=("user", "role", "unit"), condition=Q(ends=None), name="posting_once"),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.unit}"


class DeviceToken(models.Model):
    """A field app's right to speak for a person until it is revoked or runs out. Only a digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="devices")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    seen_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """Newest first."""

        ordering = ("-made_at",)

    def __str__(self) -> str:
        return self.name
