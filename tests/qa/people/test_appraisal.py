"""Appraisal by hand: points, redistribution, gates, borderlines, waterfall, fairness, adjustments."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from qa import codec
from qa.errors import SettingsError
from qa.people.appraisal.fairness import GroupGap, fairness, is_known, relation
from qa.people.appraisal.measuring import COLUMNS, Inputs, measure_table
from qa.people.appraisal.scheme import (
    OWN_FORMULAS,
    OWN_MEASURES,
    SERVICE_MANUAL,
    Measure,
    Scheme,
    faults,
    require_sound,
)
from qa.people.appraisal.scoring import appraise
from qa.people.appraisal.snapshot import LEDGER, Proposal, digest, freeze, late_changes, thaw
from qa.people.appraisal.waterfall import criterion_losses, steps

RNG = np.random.default_rng(4)
ROSTER = pd.DataFrame(
    {
        "agent_id": ["a", "b"], "valid_from": ["2020-01-01", "2020-01-01"],
        "valid_to": [None, None], "name": ["李敏", "王磊"], "team": ["甲", "甲"],
        "hired_on": ["2020-01-01", "2026-09-01"],
    }
)  # fmt: skip


def table(agent="a", **values):
    """Measures of one agent; each is value, n, error."""
    rows = [
        (agent, name, n, value, value - 2 * error, value + 2 * error, error, "")
        for name, (value, n, error) in values.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


FULL = {
    "fair_quality": (85, 40, 1.0), "cc_accuracy": (95, 40, 0), "rc_accuracy": (98, 40, 0.5),
    "bc_accuracy": (95, 40, 0), "fcr": (75, 60, 0), "aht_ratio": (1.0, 60, 0),
    "commitments_kept": (95, 60, 0), "transfer_rate": (10, 60, 0), "test_score": (80, 2, 0),
    "csat": (85, 40, 0), "complaints_upheld": (2, 60, 0), "teamwork": (4.0, 4, 0),
    "coaching_gain": (5, 20, 0), "training_plan": (85, 2, 0), "adherence": (92, 20, 0),
    "lost_minutes": (2, 20, 0), "feedback_acknowledged": (95, 9, 0),
}  # fmt: skip


def facts(agent="a", n=40, **columns):
    base = {
        "call_id": [f"{agent}{k}" for k in range(n)], "agent_id": agent, "team": "甲",
        "day": "2026-09-14", "queue": "q", "call_type": "inquiry", "hour": 9, "language": "zh",
        "evaluation_id": range(n), "decision_id": 0, "fair_quality": RNG.normal(85, 8, n),
        "customer_critical": "pass", "business_critical": "pass", "compliance_critical": "pass",
        "confirmed": "", "word_confidence": 0.9, "coverage": 0.95, "handle_s": 200.0,
        "csat_score": np.nan,
    }  # fmt: skip
    frame = pd.DataFrame(base | columns)
    empty = pd.array([pd.NA] * n, "boolean")
    for name in ("complaint_upheld", "commitment_kept", "transferred", "repeated"):
        frame[name] = columns.get(name, empty)
    return frame


def one(measures, calls=None, scheme=SERVICE_MANUAL, **options):
    return appraise(measures, facts() if calls is None else calls, ROSTER, scheme, **options)[0]


@pytest.mark.parametrize(
    ("part", "measure", "value", "points"),
    [
        (0, 0, 85, 85), (0, 0, 95, 100), (0, 0, 70, 60), (0, 0, 35, 30), (0, 0, 90, 92.5),
        (0, 1, 97, 92.5), (1, 1, 0.85, 100), (1, 1, 1.15, 100), (1, 1, 1.6, 0), (1, 1, 0.725, 50),
        (2, 1, 0, 100), (2, 1, 2, 85), (3, 0, 4.6, 100), (4, 0, 92, 85), (4, 0, 120, 100),
    ],
)  # fmt: skip
def test_points_are_linear_between_floor_target_and_stretch(part, measure, value, points):
    assert SERVICE_MANUAL.parts[part].measures[measure].points(value) == pytest.approx(points)


def test_the_default_scheme_is_the_service_manuals_and_sound():
    assert faults(SERVICE_MANUAL) == []
    assert [part.weight for part in SERVICE_MANUAL.parts] == [35, 25, 20, 10, 10]
    assert codec.from_json(Scheme, codec.to_json(SERVICE_MANUAL)) == SERVICE_MANUAL


def test_every_measure_says_how_it_is_computed():
    assert OWN_FORMULAS.keys() == OWN_MEASURES.keys()
    assert all(text.zh and text.en for text in OWN_FORMULAS.values())


def test_all_targets_met_is_85_but_for_the_handling_time_in_its_band():
    found = one(table(**FULL))
    # aht fit counts in full, 20 % of 25: 85 + 15 % of 5
    assert found.score == pytest.approx(85.75)
    assert found.grade == "B"
    assert found.status == "graded"
    assert not found.provisional


def test_a_missing_measure_leaves_its_weight_inside_its_indicator():
    short = {name: value for name, value in FULL.items() if name != "complaints_upheld"}
    found = {m.id: m for m in one(table(**short)).measures}
    assert found["csat"].weight == pytest.approx(20)
    assert found["complaints_upheld"].flag == "missing"


def test_a_missing_indicator_is_shared_and_marked():
    rest = {
        n: v for n, v in FULL.items() if n not in ("teamwork", "coaching_gain", "training_plan")
    }
    found = one(table(**rest))
    assert found.provisional
    assert found.present_weight == 90
    assert sum(m.weight for m in found.measures) == pytest.approx(100)


def test_an_indicator_resting_on_one_small_measure_is_missing():
    thin = {n: v for n, v in FULL.items() if n not in ("fcr", "aht_ratio", "commitments_kept", "transfer_rate")}  # fmt: skip
    assert one(table(**thin)).present_weight == 75


@pytest.mark.parametrize(
    "kept",
    [("fair_quality", "cc_accuracy", "rc_accuracy", "bc_accuracy"), tuple(n for n in FULL if n != "fair_quality")],
)  # fmt: skip
def test_too_little_weight_or_no_scored_calls_is_no_grade(kept):
    found = one(table(**{n: FULL[n] for n in kept}))
    quality_only = "fair_quality" in kept
    assert found.status == "insufficient"
    assert found.grade == ""
    assert found.score is None
    assert found.present_weight == (35 if quality_only else found.present_weight)


def test_few_calls_are_no_grade_and_provisional_before_that():
    few = FULL | {"fair_quality": (85, 9, 3.0)}
    assert one(table(**few)).status == "insufficient"
    some = one(table(**FULL | {"fair_quality": (85, 15, 3.0)}))
    assert some.status == "graded"
    assert some.provisional


def test_compliance_errors_cap_the_grade():
    best = {name: (99, n, 0) for name, (_, n, _) in FULL.items()} | {
        "aht_ratio": (1, 60, 0), "complaints_upheld": (0, 60, 0), "transfer_rate": (0, 60, 0),
        "teamwork": (5, 4, 0), "lost_minutes": (0, 20, 0), "rc_accuracy": (100, 40, 0),
    }  # fmt: skip
    assert one(table(**best)).grade == "A"
    calls = facts(
        compliance_critical=["confirmed"] * 2 + ["pass"] * 38, confirmed=["AF-4"] * 2 + [""] * 38
    )
    found = one(table(**best), calls)
    assert (found.grade, found.gates) == ("B", ("compliance_errors",))
    low = one(table(**best | {"rc_accuracy": (95, 40, 1.0)}))
    assert low.gates == ("compliance_bound",)
    assert low.grade == "B"


def test_a_grave_error_withholds_the_grade_for_people():
    calls = facts(confirmed=["AF-1"] + [""] * 39)
    found = one(table(**FULL), calls)
    assert (found.status, found.grade, found.label) == ("withheld", "", "")
    assert found.gates == ("AF-1",)


def test_a_grade_at_its_boundary_is_borderline():
    near = FULL | {"fair_quality": (76, 40, 6.0), "csat": (83, 40, 0)}
    found = one(table(**near))
    assert found.low < 80 < found.high
    assert found.label in ("B/C", "C/B")


def test_the_interval_repeats():
    assert one(table(**FULL)).low == one(table(**FULL)).low


def test_adjustments_of_an_earlier_period_are_added_and_shown():
    plain, owed = one(table(**FULL)), one(table(**FULL), adjustments={"a": 1.25})
    assert owed.score == pytest.approx(plain.score + 1.25)
    assert [step.kind for step in steps(owed)][-2:] == ["adjustment", "total"]


def test_the_waterfall_ends_at_the_score():
    found = one(table(**FULL))
    bars = steps(found)
    assert bars[0].end == 100
    assert bars[-2].end == pytest.approx(found.score, abs=1e-3)
    assert all(a.end == b.start for a, b in pairwise(bars[:-1]))


def test_criterion_losses_add_up_to_what_the_score_lost():
    outcomes = pd.DataFrame(
        {
            "call_id": ["x", "x", "y", "y"], "criterion_id": ["S1", "S2"] * 2,
            "share": [1.0, 0.0, 0.5, 1.0], "applied_weight": [40.0, 60, 50, 0], "confidence": 0.9,
        }
    )  # fmt: skip
    found = {loss.criterion_id: loss for loss in criterion_losses(outcomes)}
    assert found["S2"].points == pytest.approx(60 / 2)
    assert found["S1"].points == pytest.approx(50 / 2)
    assert found["S2"].calls == ("x",)
    assert criterion_losses(outcomes.iloc[:0]) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda s: replace(s, parts=s.parts[:-1]), "add up to 90"),
        (lambda s: replace(s, bands=(("A", 90.0), ("B", 95.0), ("C", 0.0))), "bands"),
        (lambda s: replace(s, gates=replace(s.gates, cap="Z")), "cap"),
        (lambda s: replace(s, excluded=((date(2026, 2, 1), date(2026, 1, 1)),)), "excluded"),
        (lambda s: replace(s, name=" "), "name"),
        (
            lambda s: replace(s, parts=(replace(s.parts[0], measures=(Measure(id="charm", share=100, knots=((1, 0), (0, 120))),)), *s.parts[1:])),
            "charm",
        ),
    ],
)  # fmt: skip
def test_faults_of_a_scheme_are_all_named(change, fault):
    scheme = change(SERVICE_MANUAL)
    assert any(fault in found for found in faults(scheme))
    with pytest.raises(SettingsError):
        require_sound(scheme)


def inputs(calls, **changes):
    empty = {
        "days": pd.DataFrame(columns=["agent_id", "scheduled_min", "worked_min", "late_min", "absent_type", "adherence_percent"]),
        "training": pd.DataFrame(columns=["agent_id", "hours", "test_score"]),
        "ratings": pd.DataFrame(columns=["agent_id", "rater_role", "score"]),
        "extra": pd.DataFrame(columns=list(COLUMNS)),
    }  # fmt: skip
    return Inputs(facts=calls, pooled=calls, roster=ROSTER, days_long=30, **(empty | changes))


def test_measures_leave_out_newcomers_and_launch_weeks():
    calls = pd.concat([facts("a"), facts("b")])  # b was hired two weeks before
    found = measure_table(inputs(calls), SERVICE_MANUAL)
    assert set(found["agent_id"]) == {"a"}
    launch = replace(SERVICE_MANUAL, excluded=((date(2026, 9, 14), date(2026, 9, 15)),))
    assert measure_table(inputs(calls), launch).empty


def test_few_answers_take_the_teams_value_and_say_so():
    calls = pd.concat([
        facts("a", 40, csat_score=[5.0] * 40),
        facts("c", 40, csat_score=[1.0] * 3 + [np.nan] * 37),
    ])  # fmt: skip
    found = measure_table(inputs(calls), SERVICE_MANUAL)
    csat = found[found["measure"] == "csat"].set_index("agent_id")
    assert csat.loc["a", "flag"] == ""
    assert csat.loc["c", "flag"] == "team"
    assert csat.loc["c", "value"] == pytest.approx(100 * 40 / 43)


def test_quality_is_shrunk_towards_what_the_queue_lets_expect():
    hard = facts("c", 12, fair_quality=RNG.normal(70, 6, 12), queue="hard")
    calls = pd.concat(
        [
            facts("a", 60),
            facts("d", 60, fair_quality=RNG.normal(70, 6, 60), queue="hard"),
            hard,
            facts("e", 30),
            facts("f", 30),
        ]
    )
    found = measure_table(inputs(calls), SERVICE_MANUAL)
    rows = found[found["measure"] == "fair_quality"].set_index("agent_id")
    assert abs(rows.loc["c", "value"] - 70) < 6


def test_handling_time_is_compared_with_its_own_kind_of_call():
    calls = pd.concat(
        [facts("a", 40, handle_s=100.0), facts("c", 40, handle_s=300.0, call_type="complaint")]
    )
    ratio = measure_table(inputs(calls), SERVICE_MANUAL).query("measure == 'aht_ratio'")
    assert ratio["value"].tolist() == pytest.approx([1, 1])


def test_an_alarm_when_scores_follow_the_recogniser():
    calls = pd.concat([
        facts(f"p{k}", 20, fair_quality=60 + 3 * k + RNG.normal(0, 1, 20), word_confidence=0.7 + 0.02 * k)
        for k in range(12)
    ])  # fmt: skip
    found = fairness(
        calls, ROSTER, pd.DataFrame({"call_id": ["p10"] * 4, "upheld": [True, False, False, False]})
    )
    assert found.alarming == ("confidence",)
    assert (found.appeals.upheld, found.appeals.decided) == (1, 4)


def test_no_relation_is_claimed_from_few_people_or_without_spread():
    few = relation("x", pd.Series([1.0, 2, 3, 4, 5]), pd.Series([1.0, 2, 3, 4, 5]))
    assert few.r == pytest.approx(1, abs=1e-5)
    assert not few.alarming
    assert relation("x", pd.Series([1.0] * 20), pd.Series(range(20)) * 1.0).r is None


def test_pearson_and_its_interval_are_scipys():
    from scipy.stats import pearsonr

    x = RNG.normal(size=30)
    y = x + RNG.normal(size=30)
    found, wanted = relation("x", pd.Series(x), pd.Series(y)), pearsonr(x, y)
    interval = wanted.confidence_interval()
    assert (found.r, found.low, found.high) == pytest.approx((wanted.statistic, *interval))


def queues(**scores):
    """Calls per queue with these scores."""
    return pd.concat([facts("a", len(s), queue=q, fair_quality=s) for q, s in scores.items()])


def gaps(calls):
    none = pd.DataFrame(columns=["call_id", "upheld"])
    return {gap.group: gap for gap in fairness(calls, ROSTER, none).queues}


def test_a_gap_has_welchs_interval_against_the_rest():
    from scipy.stats import ttest_ind

    one, two, three = RNG.normal(80, 6, 60), RNG.normal(70, 9, 90), RNG.normal(75, 3, 40)
    found = gaps(queues(one=one, two=two, three=three))["one"]
    rest = np.concatenate([two, three])
    interval = ttest_ind(one, rest, equal_var=False).confidence_interval()
    share = len(rest) / (len(rest) + len(one))
    wanted = [share * bound for bound in (one.mean() - rest.mean(), interval.low, interval.high)]
    assert [found.gap, found.low, found.high] == pytest.approx(wanted)
    assert found.adjusted_low < found.adjusted_gap < found.adjusted_high


def test_intervals_cover_the_true_gap_about_as_often_as_they_say():
    hits = 0
    for _ in range(400):
        calls = queues(one=RNG.normal(80, 8, 50), two=RNG.normal(74, 12, 150))
        found = gaps(calls)["one"]
        hits += found.low <= 0.75 * 6 <= found.high
    assert 0.92 <= hits / 400 <= 0.98


@pytest.mark.parametrize(
    ("n", "spread", "rest", "raw", "adjusted"),
    [
        (60, 6, 60, True, True),
        (29, 6, 60, False, False),  # too few calls
        (31, 40, 60, False, False),  # too wide
        (60, 0, 0, False, False),  # nobody to compare with
        (1, 0, 60, False, False),
    ],
)
def test_a_gap_is_known_where_calls_are_many_and_the_interval_is_narrow(
    n, spread, rest, raw, adjusted
):
    scores = {"one": RNG.normal(70, spread, n)} | ({"two": RNG.normal(75, 6, rest)} if rest else {})
    found = gaps(queues(**scores))["one"]
    assert (is_known(found.raw), is_known(found.adjusted)) == (raw, adjusted)


def test_scores_that_do_not_vary_have_no_interval():
    found = gaps(queues(one=np.full(40, 70.0), two=np.full(40, 80.0)))["one"]
    assert (found.gap, found.low, found.adjusted_low) == (-5.0, None, None)
    assert not is_known(found.raw)


def test_gaps_of_a_period_frozen_before_there_were_intervals_can_be_read():
    known = {"group": "one", "n": 60, "mean": 70.0, "gap": -5.0, "adjusted_gap": -4.0}
    assert not is_known(codec.from_plain(GroupGap, known).raw)


def proposal(calls):
    measures = measure_table(inputs(calls), SERVICE_MANUAL)
    extra = table(
        "a",
        **{n: FULL[n] for n in ("csat", "teamwork", "training_plan", "adherence", "lost_minutes")},
    )
    both = pd.concat([measures[measures["agent_id"] == "a"], extra]).drop_duplicates(
        ["agent_id", "measure"]
    )
    results = appraise(both, calls, ROSTER, SERVICE_MANUAL)
    return Proposal(results=tuple(results), fairness=fairness(calls, ROSTER, pd.DataFrame(columns=["call_id", "upheld"])), ledger=calls, scheme=SERVICE_MANUAL)  # fmt: skip


def test_a_snapshot_comes_back_as_it_was():
    made = proposal(facts("a"))
    text, sha256 = freeze(made, {"name": "x"})
    back, about = thaw(text)
    assert about == {"name": "x"}
    assert back.results == made.results
    assert digest(text) == sha256
    assert freeze(made, {"name": "x"}) == (text, sha256)
    assert freeze(made, {"name": "y"})[1] != sha256


def test_overturned_verdicts_are_worth_what_they_change():
    calls = pd.concat([facts("a"), facts("c"), facts("d")], ignore_index=True)
    made = thaw(freeze(proposal(calls), {})[0])[0]
    assert late_changes(made, calls.iloc[:0][list(LEDGER)]) == []
    assert late_changes(made, calls.iloc[:5][list(LEDGER)]) == []  # decided, nothing changed
    changed = calls.iloc[:4][list(LEDGER)].assign(fair_quality=100.0)
    (found,) = late_changes(made, changed)
    assert found.agent_id == "a"
    assert found.points > 0
    assert found.calls == ("a0", "a1", "a2", "a3")
    confirmed = calls.iloc[:2][list(LEDGER)].assign(compliance_critical="confirmed")
    assert late_changes(made, confirmed)[0].points < 0
