"""Control charts against worked tables, and alarms only where the rules say so."""

from __future__ import annotations

import numpy as np
import pytest

from qa.people.statistics import (
    Chart,
    attribute_chart,
    individuals_chart,
    mean_chart,
    rare_chart,
)

RNG = np.random.default_rng(5)


def test_p_chart_of_a_worked_table():
    # Montgomery, table 7.2 (orange juice cans after the adjustment): 24 samples of 50, 133
    # defective, p 0.1108, limits 0 and 0.2440
    cans = [9, 6, 12, 5, 6, 4, 6, 3, 7, 6, 2, 4, 3, 6, 5, 4, 8, 5, 6, 7, 5, 6, 3, 5]
    found = attribute_chart(cans, [50] * 24, merge=False)
    assert found.kind is Chart.P
    assert found.centre == pytest.approx(0.1108, abs=1e-4)
    assert (found.low[0], found.high[0]) == pytest.approx((0, 0.2440), abs=2e-4)
    assert not any("beyond_3s" in rules for rules in found.signals)


def test_a_process_that_jumps_about_gets_wider_limits_and_says_so():
    # Montgomery, table 7.1 (before it): 347 in 30 samples, which spread 1.66 times as much as
    # chance from one sample to the next
    cans = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11]
    cans += [20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
    found = attribute_chart(cans, [50] * 30)
    assert found.centre == pytest.approx(0.2313, abs=1e-4)
    assert found.kind is Chart.P_PRIME
    z = (np.array(cans) / 50 - found.centre) / np.sqrt(found.centre * (1 - found.centre) / 50)
    assert found.spread == pytest.approx(np.abs(np.diff(z)).mean() / 1.128)


def test_one_bad_week_is_seen_in_spite_of_it():
    seen = 0
    for _ in range(200):
        hits = [*RNG.binomial(60, 0.10, 25), RNG.binomial(60, 0.35)]
        found = attribute_chart(hits, [60] * 26, merge=False)
        seen += "beyond_3s" in found.signals[-1]
    assert seen >= 180


def test_plain_limits_of_the_p_chart():
    hits = [10, 12, 9, 11, 10, 8, 13, 9, 10, 11]
    found = attribute_chart(hits, [100] * 10)
    assert found.kind is Chart.P
    centre, half = 0.103, 3 * np.sqrt(0.103 * 0.897 / 100)
    assert (found.low[3], found.high[3]) == pytest.approx((centre - half, centre + half))
    assert found.provisional


def test_limits_follow_the_size_of_the_week():
    found = attribute_chart([20, 40], [100, 200])
    assert found.high[0] > found.high[1]


def test_laney_widens_when_weeks_spread_more_than_chance():
    share = RNG.beta(40, 160, 26)
    hits = RNG.binomial(5_000, share)
    found = attribute_chart(hits, [5_000] * 26)
    assert found.kind is Chart.P_PRIME
    assert found.spread > 3
    assert not any(found.signals)


def test_laney_by_hand():
    hits = np.array([100, 160, 90, 170, 95, 165, 100, 160.0])
    centre = hits.sum() / 8_000
    z = (hits / 1000 - centre) / np.sqrt(centre * (1 - centre) / 1000)
    found = attribute_chart(hits, [1_000] * 8)
    assert found.spread == pytest.approx(np.abs(np.diff(z)).mean() / 1.128)


def test_u_chart_counts_defects_per_call():
    found = attribute_chart([30, 28, 33, 29, 31, 30, 27, 32], [20] * 8, per_unit=True)
    assert found.kind is Chart.U
    assert found.centre == pytest.approx(1.5)
    assert found.high[0] == pytest.approx(1.5 + 3 * np.sqrt(1.5 / 20))


def test_weeks_join_until_five_defects_are_expected():
    found = attribute_chart([1, 2, 1, 2, 1, 2, 1], [20] * 7)
    # 10 in 140: five are expected in 70 calls, four weeks; the rest joins back
    assert found.merged == (0,) * 7
    assert found.size.tolist() == [140]


def test_weeks_without_calls_are_left_out():
    found = attribute_chart([30, 0, 30], [100, 0, 100])
    assert found.merged == (0, -1, 1)
    assert attribute_chart([0, 0], [0, 0]) is None


def test_a_point_beyond_three_sigma_is_a_signal():
    hits = [20] * 24 + [55]
    found = attribute_chart(hits, [200] * 25, merge=False)
    assert "beyond_3s" in found.signals[-1]


def test_nine_on_one_side():
    values = np.r_[np.tile([11.0, 9.0], 8), np.full(9, 10.9)]
    found = individuals_chart(values)
    assert "nine_on_one_side" in found.signals[-1]
    assert "nine_on_one_side" not in found.signals[-2]


def test_attribute_charts_use_no_zone_rules():
    rising = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]
    found = attribute_chart(rising, [100] * 10)
    assert {name for rules in found.signals for name in rules} <= {"beyond_3s", "nine_on_one_side"}
    assert any("six_in_a_row" in rules for rules in individuals_chart(rising).signals)


def test_two_of_three_beyond_two_sigma():
    means = [80.0] * 20 + [84.5, 80, 84.6]
    found = mean_chart(means, [25] * 23, [64.0] * 23)
    assert found.kind is Chart.XBAR
    assert "two_of_three_beyond_2s" in found.signals[-1]


def test_individuals_chart_by_hand():
    found = individuals_chart([10, 12, 11, 13])
    assert found.sigma[0] == pytest.approx((2 + 1 + 2) / 3 / 1.128)
    assert found.centre == 11.5


def test_mean_chart_by_hand():
    found = mean_chart([80, 82, 81, 79], [16, 16, 16, 16], [36.0] * 4, limits=(0, 100))
    assert found.high[0] == pytest.approx(80.5 + 3 * 6 / 4)


def test_weeks_that_wander_get_the_individuals_chart():
    means = 80 + 6 * np.sin(np.arange(20))
    assert mean_chart(means, [400] * 20, [64.0] * 20).kind is Chart.INDIVIDUALS


def test_zero_variance_inside_weeks():
    found = mean_chart([90, 91, 90, 92], [5] * 4, [0.0] * 4)
    assert found.kind is Chart.INDIVIDUALS


def test_too_few_points_are_never_signals():
    found = individuals_chart([1, 1.1, 0.9, 1, 1.1, 0.9, 50])
    assert not any(found.signals)
    assert individuals_chart([1.0]) is None


def test_rare_events_by_hand():
    found = rare_chart([100, 200, 300])
    assert found.high[0] == pytest.approx(200 + 3 * np.sqrt(200 * 201))
    assert found.low[0] == 0


def test_in_control_weeks_seldom_alarm():
    alarms = 0
    for _ in range(200):
        found = attribute_chart(RNG.binomial(60, 0.2, 26), [60] * 26)
        alarms += any("beyond_3s" in rules for rules in found.signals)
    assert alarms <= 24  # 26 weeks × 0.27–0.45 % each
