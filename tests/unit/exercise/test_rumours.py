"""Simulated rumours: what the settings say is what comes out, everything marked, nobody named."""

import numpy as np
import pytest

from rukun.core.text.redact import redact
from rukun.exercise.rumour_messages import CLAIMS, PLACES, rumour_messages
from rukun.exercise.rumours import Spreading, ring, simulate_rumours

SMALL = Spreading(rumours=30, hours=300, seeds=6)


def test_the_same_seed_gives_the_same_sightings_and_another_gives_others():
    one, same, other = (simulate_rumours(SMALL, ring(20), seed) for seed in (1, 1, 2))
    assert np.array_equal(one.hour, same.hour)
    assert not np.array_equal(one.hour, other.hour)
    assert (np.diff(one.hour) >= 0).all()
    assert 0 < one.hour.min() <= one.hour.max() < 300


def test_the_size_of_a_rumour_is_that_of_its_branching():
    # without age or end, seeds times 1 / (1 - m) on average, of which half are reported
    endless = Spreading(
        rumours=400, begin=1, hours=1e5, offspring=0.5, spread_of_offspring=0, life=1e9, seeds=9, clarified=0
    )
    seen = simulate_rumours(endless, ring(10), 3)
    assert len(seen.hour) / 400 == pytest.approx(10 / (1 - 0.5) * 0.5, rel=0.08)


def test_an_effect_takes_away_what_comes_after_and_nothing_before():
    without = simulate_rumours(Spreading(rumours=60, clarified=1.0), ring(20), 4)
    answered = simulate_rumours(Spreading(rumours=60, clarified=1.0, effect=0.8), ring(20), 4)
    first = without.clarified_at[0]
    assert answered.clarified_at[0] == first
    before = [seen.of(0)[seen.of(0) <= first] for seen in (without, answered)]
    assert np.array_equal(*before)

    def after(seen):
        at = seen.clarified_at[seen.rumour]
        return int((seen.hour > at).sum())

    assert after(answered) < 0.35 * after(without)


def test_reporters_who_tire_report_less_and_bursts_come_at_once():
    plain, tired = (simulate_rumours(Spreading(tiring=rate, clarified=0), ring(20), 5) for rate in (0.0, 0.01))
    assert len(tired.hour) < 0.4 * len(plain.hour)
    burst = simulate_rumours(Spreading(bursts=1.0, burst=40, clarified=0), ring(20), 5)
    hourly = np.histogram(burst.hour, np.arange(0, 505, 3))[0]
    assert hourly.max() > 2 * np.histogram(plain.hour, np.arange(0, 505, 3))[0].max()


def test_rumours_travel_to_neighbours():
    stay, go = (simulate_rumours(Spreading(away=away, clarified=0), ring(30), 6) for away in (0.0, 0.6))
    villages = [np.mean([len(set(seen.village[seen.rumour == k])) for k in range(20)]) for seen in (stay, go)]
    assert villages[0] == 1
    assert villages[1] > 4


def test_what_cannot_be_simulated_is_refused():
    with pytest.raises(ValueError, match="effect"):
        Spreading(effect=1.5)
    with pytest.raises(ValueError, match="end after"):
        Spreading(hours=100, begin=168)
    with pytest.raises(ValueError, match="ring"):
        ring(2)


def test_messages_are_marked_keep_their_claim_and_name_nobody():
    seen = simulate_rumours(SMALL, ring(20), 7)
    areas = tuple(f"74.01.01.1{k:03d}" for k in range(20))
    made = rumour_messages(seen, areas, np.datetime64("2024-11-01"), 0.5, 7)
    assert made["exercise"].all()
    assert made["id"].is_unique
    assert made["date"].is_monotonic_increasing
    assert set(made["area"]) <= set(areas)
    told = made[made["group"] != ""]
    assert len(told) == len(seen.hour)
    assert 0.3 < (len(made) - len(told)) / len(told) < 0.7
    assert set(told["harm"]) == {harm for harm, _ in CLAIMS}
    for _, rumour in told.groupby("group"):
        digits = {tuple(sorted(set(filter(str.isdigit, text.replace("Hati2", ""))))) for text in rumour["message"]}
        assert len(digits) == 1
    taken_for_names = {
        text[span.start : span.end].title() for text in made["message"].unique() for span in redact(text).spans
    }
    assert taken_for_names <= set(PLACES)
