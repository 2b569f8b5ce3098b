"""Whether a rumour died down: beyond what others did, or not, or nothing can be said."""

import numpy as np
import pytest
from scipy import special

from rukun.core.text.subsiding import (
    _BEFORE,
    _DIFFER,
    _ODDS,
    Course,
    _learnt,
    _tail,
    did_it_subside,
)
from rukun.exercise.rumours import Spreading, ring, simulate_rumours


def steady(rate, begin, end, seed):
    rng = np.random.default_rng(seed)
    return np.sort(rng.uniform(begin, end, rng.poisson(rate * (end - begin))))


def others(count, rate=0.4):
    return [Course(steady(rate, 0, 220, 100 + k)) for k in range(count)]


def fallen(rate_after, before=0.4, seed=1):
    return Course(np.concatenate([steady(before, 0, 100, seed), steady(rate_after, 100, 220, seed + 1)]), 100.0)


class TestAnswers:
    def test_it_subsided_where_it_fell_and_the_others_did_not(self):
        found = did_it_subside(fallen(0.02), others(12), 206.0)
        assert (found.verdict, found.why) == ("subsided", "fell_more")
        assert found.high < 0.5
        assert found.chance < 0.01
        assert found.others == 12

    def test_it_goes_on_where_it_did_as_the_others(self):
        found = did_it_subside(fallen(0.8), others(12), 206.0)
        assert (found.verdict, found.why) == ("goes_on", "fell_no_more")
        assert found.low > 0.5

    def test_a_fall_that_all_share_is_none(self):
        falling = [Course(np.concatenate([steady(0.5, 0, 100, k), steady(0.05, 100, 220, 50 + k)])) for k in range(12)]
        assert did_it_subside(fallen(0.05), falling, 206.0).verdict != "subsided"

    def test_fewer_relative_to_growing_others_isnt_subsided_while_it_grows(self):
        growing = [Course(np.concatenate([steady(0.2, 0, 100, k), steady(3, 100, 220, 50 + k)])) for k in range(12)]
        assert did_it_subside(fallen(0.4, before=0.2), growing, 206.0).verdict != "subsided"

    @pytest.mark.parametrize(
        ("rumour", "rivals", "now", "why"),
        [
            (fallen(0.02), others(12), 120.0, "too_early"),
            (Course(np.array([90.0, 95.0]), 100.0), others(12), 206.0, "too_few_sightings"),
            (fallen(0.02), others(3), 206.0, "too_few_others"),
            (fallen(0.02), [Course(one.hours, 150.0) for one in others(12)], 206.0, "too_few_others"),
            (fallen(0.02), others(12, rate=9.0), 206.0, "too_few_others"),
            (fallen(0.15), others(5), 150.0, "unclear"),
        ],
    )
    def test_it_says_why_nothing_can_be_said(self, rumour, rivals, now, why):
        found = did_it_subside(rumour, rivals, now)
        assert (found.verdict, found.why) == ("cannot_tell", why)
        assert np.isnan(found.ratio) == (why != "unclear")

    def test_without_a_clarification_that_is_out_it_isnt_asked(self):
        with pytest.raises(ValueError, match="clarification"):
            did_it_subside(Course(np.array([1.0])), [], 10.0)
        with pytest.raises(ValueError, match="clarification"):
            did_it_subside(Course(np.array([1.0]), 20.0), [], 10.0)

    def test_the_same_question_has_the_same_answer_and_order_plays_no_part(self):
        rivals = others(8)
        assert did_it_subside(fallen(0.1), rivals, 206.0) == did_it_subside(fallen(0.1), rivals[::-1], 206.0)


class TestModel:
    def test_the_tail_is_a_distribution_function(self):
        whole = _tail(30, 30)
        assert np.allclose(whole, 1)
        assert (_tail(4, 30) <= _tail(5, 30) + 1e-12).all()

    def test_one_cell_of_the_tail_by_drawing(self):
        rng = np.random.default_rng(3)
        odds, differ = 40, 3
        share, strength = special.expit(_ODDS[odds]), 1 / _DIFFER[differ] - 1
        drawn = rng.binomial(20, rng.beta(share * strength, (1 - share) * strength, 200_000))
        assert _tail(4, 20)[odds, differ] == pytest.approx((drawn <= 4).mean(), abs=0.005)

    def test_learning_finds_the_share_and_how_much_rumours_differ(self):
        rng = np.random.default_rng(4)

        def drawn(strength):
            p = rng.beta(0.3 * strength, 0.7 * strength, 80)
            posterior = _learnt(rng.binomial(60, p), np.full(80, 60))
            share = (posterior.sum(axis=1) * special.expit(_ODDS)).sum()
            return share, (posterior.sum(axis=0) * _DIFFER).sum()

        (share, alike), (_, apart) = drawn(49.0), drawn(2.3)
        assert share == pytest.approx(0.3, abs=0.05)
        assert alike < 0.06 < 0.2 < apart
        assert _BEFORE.sum() == pytest.approx(1)


def verdicts(spreading, seeds):
    found = []
    for seed in seeds:
        seen = simulate_rumours(spreading, ring(30), seed)
        at = [None if np.isnan(hour) else float(hour) for hour in seen.clarified_at]
        courses = [Course(seen.of(k), at[k]) for k in range(spreading.rumours)]
        for k, one in enumerate(courses):
            if one.clarified_at is not None and one.clarified_at + 102 < spreading.hours:
                rivals = courses[:k] + courses[k + 1 :]
                found.append(did_it_subside(one, rivals, one.clarified_at + 102).verdict)
    return found


@pytest.mark.parametrize("spreading", [Spreading(), Spreading(life=150, offspring=1.0), Spreading(tiring=0.006)])
def test_a_clarification_without_effect_is_seldom_said_to_have_worked(spreading):
    found = verdicts(spreading, range(15))
    assert len(found) >= 40
    assert found.count("subsided") / len(found) <= 0.05


def test_a_strong_effect_on_large_rumours_is_mostly_seen():
    found = verdicts(Spreading(effect=0.9, seeds=60, at=60), range(6))
    assert found.count("subsided") / len(found) >= 0.4
    assert "goes_on" not in found
