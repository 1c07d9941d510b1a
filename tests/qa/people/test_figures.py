"""Indicators and figures: definitions by hand, and nothing claimed that n does not carry."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qa.people.figures import combine, figures, from_sums
from qa.people.indicators import INDICATORS, Better, indicator, moments
from qa.people.statistics import mean_interval, weighted_mean, wilson

RNG = np.random.default_rng(2)


def calls(agent="a", **columns):
    frame = pd.DataFrame(columns)
    return frame.assign(agent_id=agent)


@pytest.mark.parametrize("item", INDICATORS.values(), ids=lambda item: item.id)
def test_every_indicator_explains_itself_in_both_languages(item):
    for text in (item.name, item.formula):
        assert text.zh
        assert text.en
        assert any("一" <= char <= "鿿" for char in text.zh)
    assert item.source
    assert item.minimum_n >= item.provisional_n >= 1


@pytest.mark.parametrize(
    ("measure", "columns", "value", "n"),
    [
        ("quality_mean", {"quality": [80.0, 90, None]}, 85, 2),
        ("pass_rate", {"quality": [84.9, 85, 90, None]}, 200 / 3, 3),
        ("cc_accuracy", {"customer_critical": ["pass", "suspected", "confirmed", ""]}, 200 / 3, 3),
        ("cc_clear", {"customer_critical": ["pass", "suspected", "confirmed", ""]}, 100 / 3, 3),
        ("non_critical", {"non_critical": [0.5, 1.0]}, 75, 2),
        ("aht", {"handle_s": [100.0, 200]}, 150, 2),
        ("dead_air_share", {"dead_air_share": [0.1, 0.3]}, 20, 2),
        (
            "recovery",
            {"mood_low": [-0.8, -0.5, -0.9, 0.1], "mood_end": [0.1, -0.4, -0.3, 0.5]},
            200 / 3,
            3,
        ),
        ("fcr", {"repeated": pd.array([True, False, False, None], "boolean")}, 200 / 3, 3),
        ("csat", {"csat_score": [5, 4, 3, None]}, 200 / 3, 3),
        (
            "complaints_upheld",
            {"complaint_upheld": pd.array([True, False, None, None], "boolean")},
            250,
            4,
        ),
        ("commitments_kept", {"commitment_kept": pd.array([True, None], "boolean")}, 100, 1),
        (
            "adherence",
            {
                "scheduled_min": [480.0, 480, 480, 0],
                "worked_min": [480.0, 240, 0, 0],
                "adherence_percent": [96.0, None, None, None],
                "absent_type": ["", "", "approved", ""],
            },
            73,
            2,
        ),
        (
            "lost_minutes",
            {
                "scheduled_min": [480.0, 480, 480],
                "late_min": [10.0, 0, 0],
                "absent_type": ["", "unapproved", "approved"],
            },
            245,
            2,
        ),
        ("miss:S3.1", {"outcome": ["missed", "met", "partial", "not_applicable"]}, 100 / 3, 3),
    ],
)
def test_definitions_by_hand(measure, columns, value, n):
    found = figures(calls(**columns), indicator(measure)).iloc[0]
    assert found["value"] == pytest.approx(value)
    assert found["n"] == n


def test_unknown_indicators_are_refused():
    with pytest.raises(KeyError):
        indicator("charm")


def test_bounds_are_those_of_one_figure():
    score = RNG.normal(80, 8, 25)
    found = figures(calls(quality=score), INDICATORS["quality_mean"]).iloc[0]
    plain = mean_interval(list(score))
    assert (found["low"], found["high"]) == pytest.approx((plain.low, plain.high))
    found = figures(calls(quality=score), INDICATORS["pass_rate"]).iloc[0]
    plain = wilson(int((score >= 85).sum()), 25)
    assert (found["low"], found["high"]) == pytest.approx((100 * plain.low, 100 * plain.high))


def test_sums_add_up_over_months_and_agents():
    frame = calls(quality=RNG.normal(80, 8, 40)).assign(
        agent_id=list("ab") * 20, month=["2026-01"] * 25 + ["2026-02"] * 15
    )
    item = INDICATORS["quality_mean"]
    monthly = moments(frame, item, ("agent_id", "month"))
    whole = from_sums(combine(monthly, ["agent_id"]), item)
    direct = figures(frame, item)
    for column in ("n", "value", "low", "high", "shrunk"):
        assert whole[column].to_numpy(float) == pytest.approx(direct[column].to_numpy(float))


def test_one_call_has_no_interval_of_its_own_and_no_rank():
    frame = pd.concat([calls("a", quality=[95.0]), calls("b", quality=RNG.normal(80, 8, 30))])
    found = figures(frame, INDICATORS["quality_mean"]).set_index("agent_id").loc["a"]
    assert np.isnan(found["low"])
    assert found["group"] == 0
    assert not found["enough"]
    assert not found["provisional"]
    assert found["shrunk"] < 95
    assert found["shrunk_low"] < found["shrunk"] < found["shrunk_high"]


def test_equal_scores_are_not_certain():
    frame = pd.concat([calls("a", quality=[90.0] * 20), calls("b", quality=RNG.normal(80, 8, 30))])
    found = figures(frame, INDICATORS["quality_mean"]).set_index("agent_id").loc["a"]
    assert found["low"] < 89
    assert found["high"] > 91


def test_everybody_equal_separates_nobody():
    frame = pd.concat([calls(agent, quality=[90.0] * 25) for agent in "abc"])
    found = figures(frame, INDICATORS["quality_mean"])
    assert set(found["group"]) == {0}
    assert found["error"].isna().all()


def test_ranks_come_only_as_groups():
    frame = pd.concat(
        [
            calls(agent, quality=RNG.normal(mean, 6, 60))
            for agent, mean in zip("abc", (92, 91.5, 70), strict=True)
        ]
    )
    found = figures(frame, INDICATORS["quality_mean"]).set_index("agent_id")
    assert found["group"].to_dict() == {"a": 1, "b": 1, "c": 2}


def test_a_band_is_never_ranked():
    frame = pd.concat([calls(a, handle_s=RNG.normal(m, 9, 60)) for a, m in (("a", 90), ("b", 300))])
    assert INDICATORS["aht"].better is Better.BAND
    assert set(figures(frame, INDICATORS["aht"])["group"]) == {0}


def test_a_month_without_calls_gives_no_row():
    assert figures(calls(quality=[None, None]), INDICATORS["quality_mean"]).empty
    assert figures(calls(quality=[]), INDICATORS["quality_mean"]).empty


def test_mixed_samples_speak_for_the_population():
    frame = calls(quality=[40.0, 60, 78, 82], chance=[0.2, 0.2, 2 / 90, 2 / 90])
    found = figures(frame, INDICATORS["quality_mean"], probabilities="chance").iloc[0]
    plain = weighted_mean([40, 60, 78, 82], [5, 5, 45, 45])
    assert (found["value"], found["low"]) == pytest.approx((77, plain.low))
    found = figures(frame, INDICATORS["pass_rate"], probabilities="chance").iloc[0]
    assert found["value"] == 0


def test_two_grouping_columns_and_weights():
    frame = calls(quality=RNG.normal(80, 5, 12), chance=[0.5] * 12).assign(team=list("xy") * 6)
    found = figures(frame, INDICATORS["quality_mean"], ("agent_id", "team"), probabilities="chance")
    plain = figures(frame, INDICATORS["quality_mean"], ("agent_id", "team"))
    assert found["low"].to_numpy() == pytest.approx(plain["low"].to_numpy())
