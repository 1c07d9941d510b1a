"""Case mix: hard queues are no fault, and the arithmetic is that of a regression."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qa.people.statistics import case_mix, hour_band

RNG = np.random.default_rng(11)
STRATA = ("queue", "call_type", "hour_band")


def make_calls(effects, *, shares, n=300, spread=8.0):
    """Calls of agents whose true effect and share of the hard queue are known (hard: −12)."""
    rows = []
    for agent, effect in effects.items():
        hard = RNG.random(n) < shares[agent]
        score = 82 + effect - 12 * hard + RNG.normal(0, spread, n)
        rows.append(
            pd.DataFrame(
                {
                    "agent_id": agent,
                    "score": score,
                    "queue": np.where(hard, "hard", "easy"),
                    "call_type": "inquiry",
                    "hour_band": RNG.choice(["08-11", "11-14"], n),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def test_regression_is_that_of_statsmodels():
    import statsmodels.formula.api as smf

    calls = make_calls({"a": 3, "b": 0, "c": -3}, shares={"a": 0.8, "b": 0.5, "c": 0.2}, n=80)
    found = case_mix(calls, "score").set_index("agent_id")
    fitted = smf.ols("score ~ C(agent_id) + C(queue) + C(hour_band)", calls).fit()
    for agent in ("b", "c"):
        wanted = fitted.params[f"C(agent_id)[T.{agent}]"]
        assert found["adjusted"][agent] - found["adjusted"]["a"] == pytest.approx(wanted)


def test_hard_work_is_not_a_bad_score():
    calls = make_calls({"a": 4, "b": 0}, shares={"a": 0.9, "b": 0.1}, n=2_000)
    found = case_mix(calls, "score").set_index("agent_id")
    assert found["raw"]["a"] < found["raw"]["b"]
    assert found["adjusted"]["a"] - found["adjusted"]["b"] == pytest.approx(4, abs=0.8)


def test_indirect_standardisation_by_hand():
    calls = pd.DataFrame(
        {
            "agent_id": ["a", "a", "a", "b", "b", "b"],
            "score": [60.0, 60, 90, 70, 90, 90],
            "queue": ["hard", "hard", "easy", "hard", "easy", "easy"],
        }
    )
    # hard 190/3 = 63.33, easy 90; a expects (2·63.33 + 90)/3 = 72.22, b 81.11; overall 76.67
    found = case_mix(calls, "score", strata=("queue",), method="indirect").set_index("agent_id")
    assert found["expected"].to_dict() == pytest.approx({"a": 72.2222, "b": 81.1111}, abs=1e-3)
    assert found["adjusted"].to_dict() == pytest.approx({"a": 74.4444, "b": 78.8889}, abs=1e-3)


def test_same_mix_for_all_changes_nothing():
    calls = make_calls({"a": 1, "b": -1}, shares={"a": 0, "b": 0}).assign(hour_band="08-11")
    found = case_mix(calls, "score")
    assert found["adjusted"].to_numpy() == pytest.approx(found["raw"].to_numpy())


def test_intervals_cover_the_true_effect():
    covered = 0
    for _ in range(120):
        calls = make_calls({"a": 2, "b": 0, "c": -2}, shares={"a": 0.7, "b": 0.5, "c": 0.3}, n=40)
        found = case_mix(calls, "score").set_index("agent_id")
        overall = calls["score"].mean()
        truth = overall + 2 - 0  # the three effects add to nothing
        covered += found["low"]["a"] <= truth <= found["high"]["a"]
    assert covered >= 106


@pytest.mark.parametrize("method", ["regression", "indirect"])
def test_one_agent_one_call_and_nothing(method):
    one = make_calls({"a": 0}, shares={"a": 0.5}, n=1)
    assert case_mix(one, "score", method=method)["adjusted"].iloc[0] == pytest.approx(
        one["score"].iloc[0]
    )
    assert case_mix(one.iloc[:0], "score", method=method).empty


def test_an_agent_alone_on_a_queue_is_not_blown_up():
    calls = make_calls({"a": 0, "b": 0}, shares={"a": 1, "b": 0})
    found = case_mix(calls, "score").set_index("agent_id")
    # nothing tells the queue from the agent: the figure stays finite and inside the scale
    assert found["adjusted"].between(40, 110).all()


def test_hours_fall_into_parts_of_the_day():
    assert hour_band(pd.Series([0, 7, 8, 13, 14, 23, None])).tolist() == [
        *("00-08", "00-08", "08-11", "11-14", "14-18", "18-24", "?"),
    ]  # fmt: skip
