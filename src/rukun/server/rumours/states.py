"""Where a rumour stands, from where to where it may go, and how long each step may take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import models


class Status(models.TextChoices):
    """Where a rumour stands. A judged one has a verdict; so has one that is clarified or has subsided."""

    NEW = "new", "baru"
    TRIAGED = "triaged", "dipilah"
    IN_VERIFICATION = "in_verification", "diverifikasi"
    JUDGED = "judged", "dinilai"
    CLARIFIED = "clarified", "diklarifikasi"
    CLOSED = "closed", "ditutup"
    SUBSIDED = "subsided", "mereda"


class Verdict(models.TextChoices):
    """What a person found a rumour to be, with sources."""

    TRUE = "true", "benar"
    FALSE = "false", "salah"
    MISLEADING = "misleading", "menyesatkan"
    OUT_OF_CONTEXT = "out_of_context", "konteks keliru"
    SATIRE = "satire", "satire"
    OLD = "old", "kabar lama"
    UNPROVEN = "unproven", "belum terbukti"
    UNVERIFIABLE = "unverifiable", "tidak dapat diverifikasi"


class Priority(models.TextChoices):
    """How soon a rumour is to be answered."""

    HIGH = "high", "tinggi"
    MEDIUM = "medium", "sedang"
    LOW = "low", "rendah"


class Advice(models.TextChoices):
    """Whether an answer would calm more than it spreads. A person decides; against it only with a reason."""

    PUBLISH = "publish", "terbitkan klarifikasi"
    WATCH = "watch", "pantau saja, jangan terbitkan"


class Harm(models.TextChoices):
    """What a rumour could do."""

    VIOLENCE = "violence", "ajakan kekerasan"
    HATRED = "hatred", "kebencian antargolongan"
    VOTING = "voting", "tata cara pemilihan"
    DISASTER = "disaster", "bencana"
    HEALTH = "health", "kesehatan"
    SCAM = "scam", "penipuan"
    OTHER = "other", "lainnya"


class Channel(models.TextChoices):
    """How a sighting came in. It says what it came by, never from whom."""

    OFFICER = "officer", "laporan petugas"
    DESK = "desk", "dicatat meja hoaks"
    FORM = "form", "formulir publik"
    CSV = "csv", "berkas CSV"
    FEED = "feed", "umpan berita"
    MAIL = "mail", "surel"
    WHATSAPP = "whatsapp", "WhatsApp"
    TELEGRAM = "telegram", "Telegram"
    RAPIDPRO = "rapidpro", "RapidPro"


#: From when the desk got it to when it must be answered.
DEADLINE: Mapping[str, dt.timedelta] = {
    Priority.HIGH: dt.timedelta(hours=4),
    Priority.MEDIUM: dt.timedelta(hours=24),
    Priority.LOW: dt.timedelta(hours=72),
}
#: What is not answered yet.
OPEN = (Status.NEW, Status.TRIAGED, Status.IN_VERIFICATION, Status.JUDGED)
#: What stands on a verdict.
STANDS_ON_VERDICT = (Status.JUDGED, Status.CLARIFIED, Status.SUBSIDED)
#: The one table of where a rumour may go. Backwards only with a reason (`NEEDS_REASON`).
STEPS: Mapping[str, tuple[Status, ...]] = {
    Status.NEW: (Status.TRIAGED, Status.CLOSED),
    Status.TRIAGED: (Status.TRIAGED, Status.IN_VERIFICATION, Status.CLOSED),
    Status.IN_VERIFICATION: (Status.TRIAGED, Status.JUDGED, Status.CLOSED),
    Status.JUDGED: (Status.IN_VERIFICATION, Status.CLARIFIED, Status.CLOSED),
    Status.CLARIFIED: (Status.IN_VERIFICATION, Status.CLARIFIED, Status.SUBSIDED),
    Status.CLOSED: (Status.TRIAGED, Status.SUBSIDED),
    Status.SUBSIDED: (Status.IN_VERIFICATION,),
}
#: Steps that nobody takes without saying why.
NEEDS_REASON = frozenset(
    {
        (Status.NEW, Status.CLOSED),
        (Status.TRIAGED, Status.CLOSED),
        (Status.IN_VERIFICATION, Status.TRIAGED),
        (Status.IN_VERIFICATION, Status.CLOSED),
        (Status.JUDGED, Status.IN_VERIFICATION),
        (Status.JUDGED, Status.CLOSED),
        (Status.CLARIFIED, Status.IN_VERIFICATION),
        (Status.CLOSED, Status.TRIAGED),
        (Status.SUBSIDED, Status.IN_VERIFICATION),
    }
)
