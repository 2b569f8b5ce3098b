"""What the machine proposes for a rumour: harm, priority, advice, with reasons. A person triages; this is only that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict
from uuid import UUID

from django.db.models import Max, QuerySet
from django.utils import timezone

from rukun.core.text.claims import Claim, claim_in
from rukun.core.text.harm import Harm, harm_of
from rukun.core.text.spreading import Spread, spread_of
from rukun.core.text.timing import ActBy, act_by
from rukun.core.text.told import told
from rukun.core.text.triage import Place, Triage, explained, triage
from rukun.core.text.weighing import Reason
from rukun.server.audit.services import SYSTEM, change
from rukun.server.forecasts.models import Forecast, ForecastRun
from rukun.server.rumours.models import Rumour
from rukun.server.rumours.queries import sightings_of
from rukun.server.rumours.states import DEADLINE, OPEN

_REASONS = 8


def propose(keys: Iterable[UUID] | None = None, now: dt.datetime | None = None) -> int:
    """Propose for these rumours, or for every open one, as their spread is now; how many.

    What a person said of priority, harm and advice stays; `because` says what the machine would say now. Until then its
    priority sets the deadline, so that what nobody looks at passes it.
    """
    moment = now or timezone.now()
    open_ones = Rumour.objects.filter(status__in=OPEN, merged_into=None)
    found = open_ones if keys is None else open_ones.filter(pk__in=list(keys))
    number = 0
    for key in found.order_by("pk").values_list("pk", flat=True):
        with change(SYSTEM) as trail:
            rumour = open_ones.select_for_update(of=("self",)).filter(pk=key).first()
            if rumour is None:
                continue
            harm, because, done = _weighed(rumour, moment)
            rumour.because = because
            fields = ["because"]
            if rumour.triaged_by_id is None:
                before = (rumour.priority, rumour.harm, rumour.advice)
                if rumour.priority != done.priority:
                    rumour.deadline, rumour.escalated_at = rumour.made_at + DEADLINE[done.priority], None
                rumour.priority, rumour.harm, rumour.advice = done.priority, harm.label, done.advice
                rumour.harm_words = [_reason(each) for each in harm.because[:_REASONS]]
                fields += ["priority", "harm", "advice", "harm_words", "deadline", "escalated_at"]
                if before != (rumour.priority, rumour.harm, rumour.advice):
                    proposed = {"priority": done.priority, "harm": harm.label, "advice": done.advice}
                    trail.add("rumour.proposed", f"rumour:{rumour.pk}", **proposed)
            # not a change that an editor must notice: no version
            rumour.save(update_fields=fields)
            number += 1
    return number


def _weighed(rumour: Rumour, now: dt.datetime) -> tuple[Harm, dict[str, object], Triage]:
    read = told(rumour.text)
    harm, claim = harm_of(read), claim_in(read)
    spread = _spread(rumour, now)
    local, seen = (timezone.localtime(when).replace(tzinfo=None) for when in (now, rumour.first_seen))
    act = act_by(read, seen, local)
    done = triage(harm, claim, spread, _place(rumour, timezone.localdate(now)), act)
    return harm, _because(harm, claim, spread, act, done), done


def _spread(rumour: Rumour, now: dt.datetime) -> Spread:
    rows = sightings_of(rumour).order_by().values_list("at", "village__code")
    # a phone's clock may be ahead
    ages = [max((now - at).total_seconds() / 3600, 0.0) for at, _ in rows]
    return spread_of(ages, [code for _, code in rows if code])


def _place(rumour: Rumour, today: dt.date) -> Place:
    """The forecast of the villages where it was seen, for the week that is under way: of the most endangered."""
    villages: QuerySet[object] = sightings_of(rumour).order_by().values("village")
    run = ForecastRun.objects.filter(status="done", exercise=rumour.exercise).first()
    if run is None:
        return Place()
    week = today - dt.timedelta(days=today.weekday())
    ours = Forecast.objects.filter(run=run, village__in=villages, period_start=week)
    return Place(forecast=ours.aggregate(most=Max("p_any"))["most"])


def _because(harm: Harm, claim: Claim, spread: Spread, act: ActBy | None, done: Triage) -> dict[str, object]:
    """The proposal with what it rests on, as JSON; the spans of words are of the rumour's text."""
    return {
        "priority": done.priority,
        "score": done.score,
        "parts": [asdict(part) for part in done.parts],
        "advice": done.advice,
        "why": done.because,
        "harm": {"label": harm.label, "chances": {name: round(p, 4) for name, p in harm.chances.items()}},
        "claim": {
            "holds": claim.holds,
            "probability": round(claim.probability, 4),
            "words": [_reason(each) for each in claim.because[:_REASONS]],
        },
        "spread": asdict(spread),
        "time": asdict(act) if act else None,
        "said": {language: explained(done, language) for language in ("id", "en")},
    }


def _reason(each: Reason) -> dict[str, object]:
    return asdict(each) | {"weight": round(each.weight, 4)}
