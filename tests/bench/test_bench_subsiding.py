"""Answers of "did it die down?" where the truth is known: false alarms and power, beside before and after alone."""

import numpy as np
import pytest
from scipy import stats

from rukun.core.text.subsiding import DELAY, SIGHTINGS, WINDOW, Course, did_it_subside
from rukun.exercise.rumours import Spreading, ring, simulate_rumours

pytestmark = pytest.mark.bench
SEEDS = range(1000, 1080)
NO_EFFECT = {
    "steady": Spreading(),
    "natural decay": Spreading(life=150, offspring=1.0),
    "fast decay": Spreading(life=60, offspring=1.1, seeds=20),
    "bursts": Spreading(bursts=1.0),
    "few sightings": Spreading(seeds=5, at=8),
    "reporters tire": Spreading(tiring=0.006),
    "all of these": Spreading(tiring=0.004, life=120, bursts=0.7),
    "many sightings": Spreading(seeds=60, at=60, spread_of_offspring=0.15),
    "rumours differ": Spreading(spread_of_offspring=0.3, offspring=0.8),
    "answered at a peak": Spreading(at=30, bursts=0.5, burst=25),
}
EFFECT = {
    "90 % prevented": Spreading(effect=0.9),
    "60 % prevented": Spreading(effect=0.6),
    "90 %, many sightings": Spreading(effect=0.9, seeds=60, at=60),
    "60 %, many sightings": Spreading(effect=0.6, seeds=60, at=60),
    "90 %, natural decay": Spreading(effect=0.9, life=150, offspring=1.0),
    "90 %, bursts": Spreading(effect=0.9, bursts=1.0),
}


def answers(spreading):
    """(verdict, what a plain comparison of before and after says) of every clarified rumour."""
    end = DELAY + WINDOW
    for seed in SEEDS:
        seen = simulate_rumours(spreading, ring(30), seed)
        at = [None if np.isnan(hour) else float(hour) for hour in seen.clarified_at]
        courses = [Course(seen.of(k), at[k]) for k in range(spreading.rumours)]
        for k, one in enumerate(courses):
            if one.clarified_at is not None and one.clarified_at + end < spreading.hours:
                found = did_it_subside(one, courses[:k] + courses[k + 1 :], one.clarified_at + end)
                share = found.hours_after / (found.hours_after + found.hours_before)
                fell = stats.binomtest(found.after, max(found.before + found.after, 1), share, "less").pvalue <= 0.05
                yield found.verdict, fell and found.before >= SIGHTINGS


@pytest.mark.parametrize("regime", [*NO_EFFECT, *EFFECT])
def test_subsided(regime):
    found = list(answers((NO_EFFECT | EFFECT)[regime]))
    said = [verdict for verdict, _ in found]
    ours, peer = said.count("subsided") / len(said), float(np.mean([fell for _, fell in found]))
    goes_on = said.count("goes_on") / len(said)
    print(
        f"{regime}: {len(said)} answers, subsided {ours:.3f}, goes on {goes_on:.3f}; before and after alone {peer:.3f}"
    )
    if regime in NO_EFFECT:
        assert ours <= 0.05
    else:
        assert goes_on <= 0.05
