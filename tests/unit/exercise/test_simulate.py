import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rukun.core.areas import AreaTable, neighbours_of_pairs, no_neighbours
from rukun.exercise.scenario import CAMPAIGN, FAIR, Kind, Scenario
from rukun.exercise.simulate import PRICE_YEAR, simulate


def row_of_areas(n: int) -> AreaTable:
    code = np.array([f"A{i:03d}" for i in range(n)])
    return AreaTable(code, code, np.full(n, ""), population=np.full(n, 100.0))


def chain(n: int):
    here = np.arange(n - 1)
    return neighbours_of_pairs(n, here, here + 1, np.ones(n - 1), "order", "given")


PLAIN = Kind("plain", level=0.5, season=0.0, own=0.0, around=0.0, stages={}, price=0.0)


def test_same_seed_same_exercise_other_seed_another():
    first, again, other = (simulate(row_of_areas(5), chain(5), Scenario(weeks=30), seed) for seed in (7, 7, 8))
    for name in ("rate", "incidents", "reported", "discovered", "visits", "price"):
        assert np.array_equal(getattr(first, name), getattr(again, name)), name
    assert not np.array_equal(first.incidents, other.incidents)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 8), st.integers(1, 40), st.integers(0, 10**6))
def test_no_more_is_recorded_than_happened(n, weeks, seed):
    made = simulate(row_of_areas(n), chain(n), Scenario(weeks=weeks), seed)
    assert made.incidents.shape == (2, n, weeks)
    assert (made.reported + made.discovered <= made.incidents).all()
    assert min(made.reported.min(), made.discovered.min(), made.visits.min()) >= 0
    assert (made.rate > 0).all()


def test_without_own_history_and_drivers_the_mean_is_the_level_and_the_spread_the_negative_binomials():
    scenario = Scenario(weeks=4000, kinds=(PLAIN,), area_spread=0.0, size=2.0)
    made = simulate(row_of_areas(4), no_neighbours(4, "none"), scenario, seed=1)
    assert made.rate == pytest.approx(0.5)
    assert made.incidents.mean() == pytest.approx(0.5, abs=0.02)
    assert made.incidents.var() == pytest.approx(0.5 + 0.5**2 / 2.0, rel=0.08)


def test_an_incident_sets_off_others_here_and_around_in_equal_parts():
    kind = Kind("k", level=0.3, season=0.0, own=0.3, around=0.2, stages={}, price=0.0)
    made = simulate(row_of_areas(5), chain(5), Scenario(weeks=60, kinds=(kind,), area_spread=0.0), seed=2)
    past, mean = made.incidents[0, :, :-1], made.rate[0, :, 1:]
    # the ends of the chain send all to one neighbour, the others half to each
    share = np.array([[0, 0.5, 0, 0, 0], [1, 0, 0.5, 0, 0], [0, 0.5, 0, 0.5, 0], [0, 0, 0.5, 0, 1], [0, 0, 0, 0.5, 0]])
    assert mean == pytest.approx(0.3 + 0.3 * past + 0.2 * share @ past)
    # an infinite cascade: the total is level / (1 - own - around)
    long = simulate(row_of_areas(5), chain(5), Scenario(weeks=4000, kinds=(kind,), area_spread=0.0), seed=3)
    assert long.incidents.mean() == pytest.approx(0.3 / (1 - 0.5), rel=0.08)


def test_detection_rises_with_visits_as_stated():
    scenario = Scenario(weeks=6000, kinds=(PLAIN,), area_spread=0.0, reported=0.4, discovery=0.25)
    made = simulate(row_of_areas(3), no_neighbours(3, "none"), scenario, seed=4)
    unreported = (made.incidents - made.reported)[0]
    assert made.reported.sum() / made.incidents.sum() == pytest.approx(0.4, abs=0.02)
    for visits in (0, 2, 4):
        weeks = made.visits == visits
        assert made.discovered[0][weeks].sum() / unreported[weeks].sum() == pytest.approx(
            1 - np.exp(-0.25 * visits), abs=0.05
        )


def test_calendar_and_price_move_the_rate_as_stated():
    kind = Kind("k", level=1.0, season=0.0, own=0.0, around=0.0, stages={FAIR: 0.5, CAMPAIGN: 0.4}, price=1.5)
    scenario = Scenario(weeks=60, kinds=(kind,), area_spread=0.0)
    made = simulate(row_of_areas(2), no_neighbours(2, "none"), scenario, seed=5)
    change = np.log(made.price[PRICE_YEAR:] / made.price[:-PRICE_YEAR])
    effect = np.log(made.rate[0, 0]) - 1.5 * change
    fair = next(stage for stage in scenario.stages() if stage.name == FAIR)
    week = np.datetime64(fair.first) + np.arange(0, 14)
    inside = [np.isin(start + np.arange(7), week).mean() for start in made.starts]
    vote = next(stage for stage in scenario.stages() if stage.name == CAMPAIGN)
    campaign = (made.starts >= np.datetime64(vote.first)) & (made.starts <= np.datetime64(vote.last))
    assert effect == pytest.approx(0.5 * np.array(inside) + 0.4 * campaign)
    assert (made.starts[0], made.starts[1]) == (np.datetime64("2021-01-04"), np.datetime64("2021-01-11"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"weeks": 0}, "1 week or more"),
        ({"start": dt.date(2021, 1, 5)}, "starts on a Monday"),
        ({"kinds": (Kind("k", 1.0, 0.0, 0.7, 0.3, {}, 0.0),)}, "never ends"),
    ],
)
def test_what_cannot_be_simulated_is_refused(settings, said):
    with pytest.raises(ValueError, match=said):
        Scenario(**settings)
