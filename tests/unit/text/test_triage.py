"""Which rumour first: spread with its interval, time to act, points that add up, and the gate against amplifying."""

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rukun.core.text.claims import Claim, claim_in
from rukun.core.text.harm import CLASSES, Harm, harm_of
from rukun.core.text.spreading import MEMORY, PRIOR, rate_now, reach, spread_of
from rukun.core.text.timing import ActBy, act_by
from rukun.core.text.triage import FROM, HOURS, SEVERITY, Place, explained, gate, triage

NOON = dt.datetime(2024, 11, 25, 12)  # a Monday
AGES = st.lists(st.floats(0, 1000), max_size=60)


def harm(**chances):
    whole = {name: chances.get(name, 0.0) for name in CLASSES}
    whole["other"] = 1 - sum(value for name, value in whole.items() if name != "other")
    label = max(whole, key=whole.__getitem__)
    return Harm(label, whole[label], whole, ())


CLAIMED, TALK = Claim("claim", 1.0, ()), Claim("chatter", 0.1, ())


class TestSpread:
    def test_the_rate_is_the_decayed_posterior(self):
        ages = np.array([0.0, 12.0, 48.0])
        shape = PRIOR[0] + 1 + math.exp(-0.5) + math.exp(-2)
        hours = PRIOR[1] + MEMORY * (1 - math.exp(-2))
        assert rate_now(np.array([0.0])).estimate == pytest.approx(1.5 / (PRIOR[1] + MEMORY * (1 - math.exp(-0.25))))
        found = rate_now(ages)
        assert found.estimate == pytest.approx(shape / hours)
        assert stats.gamma.cdf(found.high, shape, scale=1 / hours) == pytest.approx(0.95)
        assert stats.gamma.cdf(found.low, shape, scale=1 / hours) == pytest.approx(0.05)

    def test_intervals_hold_the_rate_of_steady_rumours(self):
        rng = np.random.default_rng(5)
        inside = []
        for _ in range(400):
            rate, hours = rng.uniform(0.1, 3), rng.uniform(10, 80)
            ages = rng.uniform(0, hours, 1 + rng.poisson(rate * hours))
            found = rate_now(ages)
            inside.append(found.low <= rate <= found.high)
        assert np.mean(inside) >= 0.88

    @given(AGES)
    def test_an_hour_without_a_sighting_lowers_the_rate(self, ages):
        now, later = rate_now(np.array(ages)), rate_now(np.array(ages) + 1)
        assert later.estimate <= now.estimate + 1e-9 or not ages
        assert now.low <= now.estimate <= now.high

    def test_villages_unseen_are_reckoned_with(self):
        assert (reach([]).estimate, reach([4, 5]).estimate) == (0, 2)
        found = reach([1, 1, 1, 1, 2, 2])
        assert found.estimate == pytest.approx(6 + (7 / 8) * 4 * 3 / (2 * 3))
        assert 6 < found.low < found.estimate < found.high
        rng = np.random.default_rng(2)
        hits = []
        for _ in range(200):
            seen = rng.integers(0, 20, 30)
            found = reach(np.unique(seen, return_counts=True)[1].tolist())
            hits.append(found.low <= 20 <= found.high)
        assert np.mean(hits) >= 0.75

    def test_sightings_in_the_future_are_refused(self):
        with pytest.raises(ValueError, match="future"):
            spread_of([-1.0])


class TestTime:
    @pytest.mark.parametrize(
        ("text", "hours"),
        [
            ("Malam ini kampung akan diserang", 7),
            ("besok pasar tutup", 18),
            ("BESOK MALAM ada sweeping", 31),
            ("lusa listrik padam", 42),
            ("hari Rabu sekolah libur", 42),
            ("Pencoblosan tgl 27 Nov 2024 batal", 42),
            ("mulai 1/12/2024 harga naik", 138),
            ("mulai 1 Desember harga naik", 138),
            ("tomorrow the market will be burned", 18),
            ("minggu depan pasar digusur", 162),
            ("seminggu lalu pasar digusur", None),
            ("kemarin bupati ditangkap", None),
            ("tanggal 5 Mei 2019 terjadi gempa", None),
            ("tiga orang tewas di jalan", None),
        ],
    )
    def test_hours_that_are_left(self, text, hours):
        found = act_by(text, NOON, NOON)
        assert (found and found.hours) == (None if hours is None else pytest.approx(hours))
        assert found is None or text[found.start : found.end] == found.words != ""

    def test_the_earliest_counts_and_what_is_past_is_past(self):
        assert act_by("besok dan malam ini", NOON, NOON).hours == 7
        assert act_by("malam ini dan besok", NOON, NOON + dt.timedelta(hours=10)).hours == pytest.approx(8)
        assert act_by("malam ini", NOON, NOON + dt.timedelta(hours=10)) is None

    def test_voting_day_is_a_limit_without_words(self):
        assert act_by("surat suara hilang", NOON, NOON, dt.date(2024, 11, 27)) == ActBy(43.0, "", 0, 0)

    @given(st.text(max_size=200))
    def test_any_text(self, text):
        found = act_by(text, NOON, NOON)
        assert found is None or found.hours >= 0


class TestPriority:
    @given(
        st.dictionaries(st.sampled_from(CLASSES[:-1]), st.floats(0, 0.16)), st.floats(0, 1), AGES,
        st.lists(st.sampled_from("abcdefgh"), max_size=20), st.none() | st.floats(0, 1), st.none() | st.floats(0, 1),
        st.none() | st.floats(0, 1000),
    )  # fmt: skip
    def test_the_points_add_up_and_the_explanation_says_them(self, chances, p, ages, areas, forecast, index, hours):
        claim = Claim("claim" if p >= 0.6 else "chatter", p, ())
        act = None if hours is None else ActBy(hours, "", 0, 0)
        found = triage(harm(**chances), claim, spread_of(ages, areas), Place(forecast, index), act)
        assert found.score == round(sum(part.points for part in found.parts), 1)
        assert all(part.points == round(part.points, 1) for part in found.parts)
        assert found.score >= FROM[found.priority]
        assert found.hours == HOURS[found.priority] in (4, 24, 72)
        said = explained(found, "en")
        terms = [float(word) for word in said.split(" = ")[1].replace("- ", "-").split() if _is_points(word)]
        assert len(terms) >= sum(part.points != 0 for part in found.parts)

    def test_a_call_to_violence_is_high_though_seen_once(self):
        found = triage(
            harm_of("Ayo serbu kantor itu, bakar semuanya!"), claim_in("Ayo serbu!"), spread_of([5.0], ["a"])
        )
        assert (found.priority, found.advice) == ("high", "watch")

    def test_the_worse_harm_comes_first_all_else_alike(self):
        order = sorted(CLASSES, key=SEVERITY.__getitem__, reverse=True)
        scores = [
            triage(harm(**({name: 1.0} if name != "other" else {})), CLAIMED, spread_of([1.0])).score for name in order
        ]
        assert scores == sorted(scores, reverse=True)
        assert order[0] == "violence"

    def test_more_spread_worse_places_and_less_time_never_lower_it(self):
        def score(ages=(1.0,), areas="a", place=0.2, hours=50.0):
            return triage(
                harm(health=0.8), CLAIMED, spread_of(ages, areas), Place(place, None), ActBy(hours, "", 0, 0)
            ).score

        assert score() < score(ages=[1.0] * 9) <= score(ages=[1.0] * 90)
        assert score() < score(areas="abcd")
        assert score() < score(place=0.9)
        assert score() < score(hours=2.0)

    def test_chatter_loses_points_but_not_where_it_calls_for_violence(self):
        parts = {p.part: p.points for p in triage(harm(violence=1.0), TALK, spread_of([1.0])).parts}
        assert parts["chatter"] == 0
        assert {p.part: p.points for p in triage(harm(), TALK, spread_of([1.0])).parts}["chatter"] < -5

    def test_what_is_no_share_is_refused(self):
        with pytest.raises(ValueError, match="index"):
            Place(0.5, 1.5)
        with pytest.raises(ValueError, match="threshold"):
            triage(harm(), CLAIMED, spread_of([1.0]), threshold=0)


class TestGate:
    def test_only_what_surely_spreads_is_answered_in_public(self):
        assert gate(spread_of(np.linspace(0, 12, 40)), CLAIMED) == ("publish", "spreads")
        assert gate(spread_of([0.2, 0.3, 0.5]), CLAIMED) == ("watch", "unsure")
        assert gate(spread_of([60.0]), CLAIMED) == ("watch", "too_little")
        assert gate(spread_of(np.linspace(0, 12, 40)), TALK) == ("watch", "no_claim")

    @given(AGES, st.floats(0.01, 5))
    def test_publishing_is_never_advised_below_the_threshold(self, ages, threshold):
        spread = spread_of(ages)
        advice, _ = gate(spread, CLAIMED, threshold)
        assert (advice == "publish") == (spread.per_hour.low >= threshold)

    def test_harm_doesnt_open_the_gate(self):
        found = triage(harm(violence=1.0), CLAIMED, spread_of([1.0, 2.0], "ab"), Place(1.0, 1.0), ActBy(1.0, "", 0, 0))
        assert (found.priority, found.advice) == ("high", "watch")


def _is_points(word):
    return word.lstrip("-").replace(".", "", 1).isdigit()
