"""Sightings, rumours and evidence that are fine, to be changed by what a test is about."""

import datetime as dt
import uuid

from django.utils import timezone

from rukun.server.rumours import evidence, joining, sightings, workflow
from rukun.server.rumours.evidence import EvidenceIn
from rukun.server.rumours.models import Sighting
from rukun.server.rumours.sightings import SightingIn
from rukun.server.rumours.workflow import TriageIn

CLAIM = "Kotak suara di gudang kecamatan katanya sudah dibuka tadi malam sebelum hari pemungutan."


def a_sighting(**changes):
    """A sighting that is fine, of no village."""
    plain = {"id": uuid.uuid4(), "at": timezone.now() - dt.timedelta(hours=1), "text": CLAIM}
    return SightingIn(**(plain | changes))


def a_triage(**changes):
    """A triage that is fine."""
    return TriageIn(**({"priority": "medium", "harm": "voting", "advice": "publish"} | changes))


def some_evidence(**changes):
    """A source that is fine."""
    plain = {"title": "Penjelasan KPU Kota", "link": "https://example.org/kpu/penjelasan", "grade": "A1"}
    return EvidenceIn(**(plain | changes))


def a_rumour(scope, *texts, **changes):
    """A new rumour of sightings that the desk filed."""
    keys = [sightings.file_sighting(scope, a_sighting(text=text, **changes)).record.pk for text in texts or (CLAIM,)]
    filed = list(Sighting.objects.filter(pk__in=keys))
    rumour = joining.new_rumour(filed)
    rumour.save(force_insert=True)
    Sighting.objects.filter(pk__in=keys).update(rumour=rumour)
    return rumour


def a_judged_rumour(scope, verdict="false", **changes):
    """A rumour that somebody triaged, verified and judged."""
    rumour = a_rumour(scope, **changes)
    rumour = workflow.triage(scope, rumour.pk, rumour.version, a_triage())
    rumour = workflow.begin(scope, rumour.pk, rumour.version)
    source = evidence.add_evidence(scope, rumour.pk, some_evidence())
    rumour.refresh_from_db()
    workflow.judge(scope, rumour.pk, rumour.version, verdict, source.pk, "KPU menunjukkan segel yang utuh.")
    rumour.refresh_from_db()
    return rumour
