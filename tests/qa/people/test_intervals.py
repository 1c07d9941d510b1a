"""Intervals against independent implementations and hand-worked values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from qa.people.intervals import mean_interval, wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [  # the handy values of the service standard, in per cent
        (5, 5, 57, 100),
        (10, 10, 72, 100),
        (20, 20, 84, 100),
        (27, 30, 74, 97),
        (85, 100, 77, 91),
        (98, 100, 93, 99),
    ],
)
def test_wilson_gives_the_published_values(successes, n, low, high):
    estimate = wilson(successes, n)
    assert (round(estimate.low * 100), round(estimate.high * 100)) == (low, high)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_equals_statsmodels(case):
    successes, n = case
    estimate = wilson(successes, n)
    low, high = proportion_confint(successes, n, method="wilson")
    assert estimate.low == pytest.approx(max(0, low), abs=1e-9)
    assert estimate.high == pytest.approx(min(1, high), abs=1e-9)
    assert estimate.low <= estimate.value <= estimate.high


def test_no_calls_give_no_estimate():
    assert wilson(0, 0) is None
    assert mean_interval([]) is None


@pytest.mark.parametrize(("successes", "n"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(successes, n):
    with pytest.raises(ValueError, match=f"{successes} successes of {n}"):
        wilson(successes, n)


def test_one_call_gives_a_mean_without_bounds():
    estimate = mean_interval([80.0])
    assert (estimate.value, estimate.n, estimate.low, estimate.high) == (80.0, 1, None, None)


def test_mean_interval_equals_scipy():
    values = [71.0, 88.5, 90.0, 65.25, 79.0, 93.5]
    estimate = mean_interval(values, level=0.9)
    low, high = stats.t.interval(0.9, len(values) - 1, loc=sum(values) / 6, scale=stats.sem(values))
    assert estimate.low == pytest.approx(low, abs=1e-5)
    assert estimate.high == pytest.approx(high, abs=1e-5)
