"""Every formula against statsmodels, scipy, or a table worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)

from qa.people import statistics as s

RNG = np.random.default_rng(20_261_122)


def test_wilson_bounds_are_those_of_statsmodels():
    hits, n = np.array([0, 5, 27, 85, 98, 20]), np.array([7, 5, 30, 100, 100, 20])
    low, high = s.wilson_bounds(hits, n)
    expected = proportion_confint(hits, n, method="wilson")
    assert low == pytest.approx(expected[0])
    assert high == pytest.approx(expected[1])


def test_wilson_bounds_without_calls_are_unknown():
    low, high = s.wilson_bounds([0, 1], [0, 1])
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert high[1] == 1


def test_t_bounds_are_those_of_scipy():
    samples = [RNG.normal(80, 9, size) for size in (2, 7, 30)]
    low, high = s.t_bounds(
        [len(x) for x in samples], [x.mean() for x in samples], [x.var(ddof=1) for x in samples]
    )
    for at, sample in enumerate(samples):
        wanted = stats.t.interval(0.95, len(sample) - 1, sample.mean(), stats.sem(sample))
        assert (low[at], high[at]) == pytest.approx(wanted)


def test_t_bounds_need_two_calls_and_stay_inside_the_scale():
    low, high = s.t_bounds([1, 2], [90, 99], [np.nan, 50], limits=(0, 100))
    assert np.isnan(low[0])
    assert high[1] == 100


def test_poisson_bounds_are_the_tabled_ones():
    # exact 95 % limits of a Poisson count, Garwood 1936: 0 → 0–3.689, 3 → 0.619–8.767
    low, high = s.poisson_bounds([0, 3], [1, 1])
    assert low == pytest.approx([0, 0.6187], abs=1e-3)
    assert high == pytest.approx([3.6889, 8.7673], abs=1e-3)


def test_bootstrap_repeats_and_agrees_with_t_on_normal_values():
    values = RNG.normal(80, 10, 60)
    found = s.bootstrap_interval(values, seed=3)
    assert found == s.bootstrap_interval(values, seed=3)
    wanted = s.mean_interval(list(values))
    assert found.low == pytest.approx(wanted.low, abs=0.6)
    assert found.high == pytest.approx(wanted.high, abs=0.6)


@pytest.mark.parametrize(("values", "n"), [([], None), ([7.0], 1), ([5.0] * 9, 9)])
def test_bootstrap_invents_no_interval(values, n):
    found = s.bootstrap_interval(values)
    assert (found is None) if n is None else (found.n == n and found.low is None)


def test_bootstrap_bounds_are_bias_corrected_and_accelerated():
    # Efron 1987, written out: z₀ from the share of resamples under the value, a from the jackknife
    values = RNG.lognormal(3, 0.8, 40)
    found = s.bootstrap_interval(values, draws=20_000, seed=4)
    drawn = values[RNG.integers(0, 40, (20_000, 40))].mean(axis=1)
    left_out = np.array([np.delete(values, at).mean() for at in range(40)])
    gaps = left_out.mean() - left_out
    bend = (gaps**3).sum() / (6 * (gaps**2).sum() ** 1.5)
    shift = stats.norm.ppf((drawn < values.mean()).mean())
    bounds = []
    for tail in (0.025, 0.975):
        z = shift + stats.norm.ppf(tail)
        bounds.append(np.quantile(drawn, stats.norm.cdf(shift + z / (1 - bend * z))))
    width = bounds[1] - bounds[0]
    assert (found.low, found.high) == pytest.approx(tuple(bounds), abs=0.04 * width)
    plain = np.quantile(drawn, (0.025, 0.975))
    assert found.high > plain[1] + 0.05 * width  # a skewed sample reaches farther up


def test_shrinkage_of_means_is_the_formula_of_the_dossier():
    # four groups are too few to fit k, so k = 10; μ = Σ n/(n+10)·x̄ ÷ Σ n/(n+10)
    n, mean = [10, 30, 10, 30], [60.0, 80.0, 100.0, 80.0]
    found = s.shrink_means(n, mean, [100.0] * 4)
    assert (found.k, found.centre) == (10, pytest.approx(80))
    assert found.value == pytest.approx([70, 80, 90, 80])


def test_shrinkage_estimates_how_much_people_differ():
    people, calls, between, within = 200, 25, 5.0, 12.0
    truth = RNG.normal(82, between, people)
    samples = RNG.normal(truth[:, None], within, (people, calls))
    found = s.shrink_means([calls] * people, samples.mean(1), samples.var(1, ddof=1))
    assert found.k == pytest.approx(within**2 / between**2, rel=0.25)
    raw, shrunk = samples.mean(1) - truth, found.value - truth
    assert (shrunk**2).mean() < (raw**2).mean()
    assert 0.93 <= ((found.low <= truth) & (truth <= found.high)).mean() <= 0.98


def test_shrinkage_of_means_agrees_with_the_mixed_model():
    import statsmodels.formula.api as smf

    sizes = RNG.integers(8, 40, 60)
    who = np.repeat(np.arange(60), sizes)
    score = RNG.normal(80, 6, 60)[who] + RNG.normal(0, 11, len(who))
    frame = pd.DataFrame({"who": who, "score": score})
    fitted = smf.mixedlm("score ~ 1", frame, groups="who").fit()
    blup = fitted.fe_params["Intercept"] + np.array(
        [fitted.random_effects[at]["who"] for at in range(60)]
    )
    grouped = frame.groupby("who")["score"]
    found = s.shrink_means(sizes, grouped.mean(), grouped.var())
    assert found.value == pytest.approx(blup, abs=0.35)


def test_shrinkage_towards_the_case_mix():
    found = s.shrink_means(
        [10, 10, 10, 10], [70, 90, 72, 92], [100.0] * 4, expected=[70, 90, 70, 90]
    )
    assert found.value == pytest.approx([70.5, 90.5, 71.5, 91.5])


def test_an_agent_without_calls_gets_the_centre_and_a_wide_interval():
    found = s.shrink_means([0, 20, 20], [np.nan, 80, 84], [np.nan, 90.0, 90.0])
    assert found.value[0] == pytest.approx(found.centre)
    assert found.high[0] - found.low[0] > found.high[1] - found.low[1]


def test_shrinkage_of_proportions_is_the_beta_posterior():
    found = s.shrink_proportions([5, 45], [5, 50])
    assert found.k == 10  # two groups
    alpha, beta = 10 * found.centre + 5, 10 * (1 - found.centre)
    assert found.value[0] == pytest.approx(alpha / (alpha + beta))
    assert (found.low[0], found.high[0]) == pytest.approx(stats.beta.interval(0.95, alpha, beta))
    assert found.value[0] < 1


def test_shrinkage_of_proportions_finds_how_much_people_differ():
    # shares of people are Beta(6, 24): a centre of 0.2, worth k = 30 calls
    people, calls = 600, 40
    truth = RNG.beta(6, 24, people)
    found = s.shrink_proportions(RNG.binomial(calls, truth), [calls] * people)
    assert found.centre == pytest.approx(0.2, abs=0.01)
    assert found.k == pytest.approx(30, rel=0.25)
    assert 0.93 <= ((found.low <= truth) & (truth <= found.high)).mean() <= 0.97


@pytest.mark.parametrize("hits", [0, 20])
def test_all_alike_still_leaves_room_to_differ(hits):
    found = s.shrink_proportions([hits] * 6, [20] * 6)
    assert (found.high > found.low).all()


def test_shrinkage_without_any_call_says_nothing():
    assert np.isnan(s.shrink_proportions([0, 0], [0, 0]).value).all()


def test_holm_is_that_of_statsmodels():
    p = RNG.random(40) ** 4
    assert s.holm(p, level=0.9).tolist() == multipletests(p, 0.1, "holm")[0].tolist()


def test_ties_of_a_worked_example():
    # standard errors of 1: 1.4 apart is nothing, 10 apart is
    found = s.tie([90, 80, 89, 79.5, 70], [1.0] * 5)
    assert found.group.tolist() == [1, 2, 1, 2, 3]
    assert found.best_rank.tolist() == [1, 3, 1, 3, 5]
    assert found.worst_rank.tolist() == [2, 4, 2, 4, 5]


def test_a_chain_of_ties_is_one_group():
    found = s.tie([80, 82.5, 85, 87.5, 90], [1.2] * 5)
    assert found.group.tolist() == [1] * 5
    assert found.separated[0, 4]
    assert found.worst_rank[4] < 5  # the ends differ, and the span of ranks says so


def test_too_few_calls_are_not_ranked():
    found = s.tie([90, 50], [1.0, 1.0], eligible=[True, False])
    assert found.group.tolist() == [1, 0]


def test_lower_is_better_turns_the_order():
    assert s.tie([10, 90], [1, 1], higher_is_better=False).group.tolist() == [1, 2]


def test_a_pair_is_judged_as_by_welch():
    a, b = RNG.normal(80, 5, 12), RNG.normal(84, 9, 15)
    p = stats.ttest_ind(a, b, equal_var=False).pvalue
    for level in (1 - p - 1e-6, 1 - p + 1e-6):
        apart = s.separated_pairs(
            [a.mean(), b.mean()], [stats.sem(a), stats.sem(b)], freedom=[11, 14], level=level
        )
        assert apart[0, 1] == (level < 1 - p)


@pytest.mark.parametrize(
    ("values", "label"),
    [
        (range(8), "rising"),
        ([9, 8, 7, 6, 5, 4, 3, 2, 1], "falling"),
        ([1, 2, 1, 2, 1, 2, 1, 2], "none"),
        ([5] * 10, "none"),
        (range(7), "too_few"),
        ([np.nan, 1, 2, 3, 4, 5, 6, 7], "too_few"),
    ],
)
def test_a_trend_needs_a_test_behind_it(values, label):
    assert s.trend(list(values)).label == label


def test_the_slope_is_theil_sen_per_step_over_gaps():
    found = s.trend([0, 2, np.nan, 6, 8, 10, 12, 14, 16, 40])
    assert found.slope == pytest.approx(2)
    assert found.n == 9


def test_mann_kendall_of_a_worked_example():
    # one of 28 pairs is discordant: of 8! orders 1 has none and 7 have one, two-sided 2·8/40320
    found = s.trend([1, 2, 3, 4, 5, 6, 8, 7])
    assert found.p == pytest.approx(16 / 40_320)


def test_newcombe_difference_is_that_of_statsmodels():
    found = s.proportion_difference((40, 60), (30, 70))
    low, high = confint_proportions_2indep(30, 70, 40, 60, method="newcomb", compare="diff")
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.p == pytest.approx(proportions_ztest([40, 30], [60, 70])[1])


def test_newcombes_own_example():
    # Newcombe 1998, table II, method 10: 56/70 − 48/80 = 0.2, 0.0524 to 0.3339
    found = s.proportion_difference((48, 80), (56, 70))
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_welch_difference_is_that_of_scipy():
    a, b = RNG.normal(60, 9, 20), RNG.normal(70, 15, 25)
    found = s.mean_difference(a, b)
    test = stats.ttest_ind(b, a, equal_var=False)
    wanted = test.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))
    assert found.p == pytest.approx(test.pvalue)


def test_difference_in_differences_is_the_interaction_of_a_regression():
    import statsmodels.formula.api as smf

    parts = [RNG.normal(mean, 10, 40) for mean in (60, 75, 62, 66)]
    found = s.difference_in_differences(*parts, level=0.95)
    frame = pd.concat(
        pd.DataFrame({"y": part, "own": own, "after": after})
        for part, (own, after) in zip(parts, ((1, 0), (1, 1), (0, 0), (0, 1)), strict=True)
    )
    fitted = smf.ols("y ~ own * after", frame).fit()
    assert found.value == pytest.approx(fitted.params["own:after"])
    low, high = fitted.conf_int().loc["own:after"]
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.25)
    assert found.excludes_zero == (low > 0)


@pytest.mark.parametrize(
    "samples",
    [([1.0], [2.0, 3.0], [1.0, 2.0], [1.0, 2.0]), ([5.0, 5.0], [9.0, 9.0], [5.0] * 2, [5.0] * 2)],
)
def test_no_interval_from_one_call_or_without_spread(samples):
    found = s.difference_in_differences(*samples)
    assert found.low is None
    assert not found.excludes_zero


def test_differences_of_nothing():
    assert s.mean_difference([], [1.0, 2.0]) is None
    assert s.proportion_difference((0, 0), (1, 2)) is None


def test_posterior_over_a_target():
    assert s.exceeds(8, 10, 0.3) == pytest.approx(stats.beta.sf(0.3, 9, 3))
    assert s.exceeds(8, 10, 0.3, centre=0.1, k=40) < s.exceeds(8, 10, 0.3)


def test_calls_needed_are_those_of_the_dossier():
    assert (s.calls_for_mean(12, 5), s.calls_for_mean(12, 3)) == (23, 62)
    assert (s.calls_for_proportion(0.85, 0.10), s.calls_for_proportion(0.85, 0.05)) == (49, 196)


def test_calls_for_an_effect_agree_with_statsmodels():
    from statsmodels.stats.power import NormalIndPower

    wanted = NormalIndPower().solve_power(5 / 12, alpha=0.10, power=0.8)
    assert s.calls_for_effect(12, 5) == int(np.ceil(wanted))


def test_weighted_mean_is_that_of_a_worked_example():
    # two strata of 10 and 90 calls, two sampled from each: (10·50 + 90·80) ÷ 100 = 77
    weights = s.inverse_weights([0.2, 0.2, 2 / 90, 2 / 90])
    found = s.weighted_mean([40, 60, 78, 82], weights)
    assert found.value == pytest.approx(77)
    assert found.low < 77 < found.high


def test_weighted_mean_is_the_robust_regression_of_statsmodels():
    # the linearised variance of a ratio is White's of a weighted regression on a constant
    import statsmodels.api as sm

    values, chances = RNG.normal(78, 11, 60), RNG.uniform(0.05, 0.9, 60)
    weights = s.inverse_weights(chances)
    fitted = sm.WLS(values, np.ones(60), weights=weights).fit(cov_type="HC1", use_t=True)
    found = s.weighted_mean(values, weights)
    assert found.value == pytest.approx(fitted.params[0])
    assert (found.low, found.high) == pytest.approx(tuple(fitted.conf_int()[0]))


def test_weighted_share_is_wilson_on_the_effective_size():
    import statsmodels.api as sm

    hits, weights = RNG.random(80) < 0.3, s.inverse_weights(RNG.uniform(0.1, 0.9, 80))
    fitted = sm.WLS(hits.astype(float), np.ones(80), weights=weights).fit(cov_type="HC1")
    share = fitted.params[0]
    size = share * (1 - share) / fitted.cov_params()[0][0]
    low, high = proportion_confint(share * size, size, method="wilson")
    found = s.weighted_proportion(hits, weights)
    assert (found.value, found.low, found.high) == pytest.approx((share, low, high))


def test_equal_weights_change_nothing():
    values = list(RNG.normal(80, 9, 25))
    found, plain = s.weighted_mean(values, [3.0] * 25), s.mean_interval(values)
    assert (found.value, found.low, found.high) == pytest.approx(
        (plain.value, plain.low, plain.high)
    )


def test_equal_weights_give_wilson():
    hits = [1] * 17 + [0] * 8
    found, plain = s.weighted_proportion(hits, [2.0] * 25), s.wilson(17, 25)
    assert found.low == pytest.approx(plain.low, abs=0.01)
    assert found.value == plain.value
    assert s.weighted_proportion([1] * 5, [2.0] * 5).low == pytest.approx(s.wilson(5, 5).low)


@pytest.mark.parametrize("chance", [0, -0.1, 1.2, np.nan])
def test_impossible_inclusion_chances_are_refused(chance):
    with pytest.raises(ValueError, match="inclusion"):
        s.inverse_weights([0.5, chance])


def test_effective_size():
    assert s.effective_size([2, 2, 2]) == pytest.approx(3)
    assert s.effective_size([1, 3]) == pytest.approx(1.6)


def test_machine_rate_corrected_by_the_audit():
    # 10 % true errors, sensitivity 0.8, specificity 0.95: the machine reports 0.08 + 0.045
    assert s.audit_corrected(0.125, sensitivity=0.8, specificity=0.95) == pytest.approx(0.10)
    assert s.audit_corrected(0.01, sensitivity=0.8, specificity=0.95) == 0
    assert s.audit_corrected(0.5, sensitivity=0.5, specificity=0.5) is None
