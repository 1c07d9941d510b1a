"""Sampling: reproducible, and honest about every probability."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qa.errors import ReviewError
from qa.review.allocation import allocate
from qa.review.estimate import Observation, effective_n, hajek_mean, horvitz_thompson_total
from qa.review.sampling import (
    Candidate,
    Plan,
    PlanKind,
    draw,
    inclusion_chances,
    replacement,
    stratum_of,
)
from qa.review.values import PickReason


def pool(size=120, seed=1):
    """Calls of eight agents in three queues; bad calls are risky, as in life."""
    rng = random.Random(seed)
    found = []
    for at in range(size):
        score = min(100.0, max(0.0, rng.gauss(84 - 12 * (at % 8 == 3), 9)))
        found.append(
            Candidate(
                call_id=f"c{at:04d}",
                agent_id=f"A{at % 8}",
                queue=("售后", "sales", "billing")[at % 3],
                tenure="0-30d" if at % 8 == 3 else "1y+",
                direction="inbound" if at % 5 else "outbound",
                score=score,
                risk=(100 - score) / 100,
                uncertainty=rng.random(),
                suspect=score < 60,
            )
        )
    return found


PLANS = [
    Plan(kind=PlanKind.RANDOM, seed="s", per_agent=3),
    Plan(kind=PlanKind.STRATIFIED, seed="s", size=30),
    Plan(kind=PlanKind.STRATIFIED, seed="s", size=30, spread=True, floor=2),
    Plan(kind=PlanKind.TARGETED, seed="s", size=30),
    Plan(kind=PlanKind.MIXED, seed="s", per_agent=2, size=20),
]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.kind}-{plan.spread}")
def test_the_same_seed_gives_the_same_sample_whatever_the_order_of_rows(plan):
    calls = pool()
    shuffled = random.Random(9).sample(calls, len(calls))
    assert sorted(draw(calls, plan).picks, key=lambda p: p.call_id) == sorted(
        draw(shuffled, plan).picks, key=lambda p: p.call_id
    )


def test_another_seed_gives_another_sample():
    one, two = (draw(pool(), Plan(kind=PlanKind.RANDOM, seed=s)).picks for s in ("a", "b"))
    assert {p.call_id for p in one} != {p.call_id for p in two}


def test_a_quota_gives_every_agent_the_same_number():
    drawn = draw(pool(), PLANS[0])
    counts = Counter(pick.stratum for pick in drawn.picks)
    assert set(counts.values()) == {3}
    assert all(pick.inclusion == pytest.approx(3 / 15) for pick in drawn.picks)
    assert drawn.population == 120


def test_strata_get_their_floor_and_their_share():
    calls, plan = pool(), PLANS[1]
    drawn = draw(calls, plan)
    assert len(drawn.picks) == 30
    for name, (picked, size) in drawn.sizes.items():
        assert picked >= 1
        own = [pick for pick in drawn.picks if pick.stratum == name]
        assert all(pick.inclusion == pytest.approx(picked / size) for pick in own)
    assert set(drawn.sizes) == {stratum_of(call, plan.by) for call in calls}


@given(
    st.dictionaries(st.text("abc", min_size=1), st.integers(1, 40), min_size=1, max_size=8),
    st.integers(1, 100),
    st.integers(0, 3),
)
def test_allocation_gives_out_exactly_what_there_is(sizes, total, floor):
    given_out = allocate(sizes, total, floor=floor)
    floors = sum(min(floor, size) for size in sizes.values())
    assert sum(given_out.values()) == max(floors, min(total, sum(sizes.values())))
    assert all(min(floor, sizes[name]) <= n <= sizes[name] for name, n in given_out.items())


def test_neyman_gives_more_to_what_varies_more():
    equal = {"calm": 50, "wild": 50}
    found = allocate(equal, 30, spreads={"calm": 2.0, "wild": 10.0})
    assert found == {"calm": 5, "wild": 25}


def test_targeted_chances_sum_to_the_size_and_suspects_are_certain():
    calls = pool()
    plan = Plan(kind=PlanKind.TARGETED, seed="s", size=40)
    chances = inclusion_chances(calls, plan)
    assert sum(chances.values()) == pytest.approx(40)
    assert all(0 < chance <= 1 for chance in chances.values())
    drawn = draw(calls, plan)
    assert len(drawn.picks) == 40
    picked = {pick.call_id: pick.reason for pick in drawn.picks}
    suspects = [call.call_id for call in calls if call.suspect]
    assert suspects
    assert all(picked[name] == PickReason.AUTO_FAIL for name in suspects)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.integers(1, 80), st.integers(0, 1000))
def test_a_targeted_draw_has_the_planned_size(size, population, seed):
    calls = [call for call in pool(population, seed) if not call.suspect]
    if not calls:
        return
    plan = Plan(kind=PlanKind.TARGETED, seed=str(seed), size=size, take_suspects=False)
    assert len(draw(calls, plan).picks) == min(size, len(calls))


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.kind}-{plan.spread}")
def test_calls_are_picked_as_often_as_their_probability_says(plan):
    calls = pool(40)
    draws, seen, told = 150, Counter(), {}
    for at in range(draws):
        changed = Plan(**{n: getattr(plan, n) for n in Plan.__slots__} | {"seed": f"{at}"})
        for pick in draw(calls, changed).picks:
            seen[pick.call_id] += 1
            told[pick.call_id] = pick.inclusion
    for name, chance in told.items():
        error = 4.5 * (chance * (1 - chance) / draws) ** 0.5
        assert seen[name] / draws == pytest.approx(chance, abs=error + 1e-9)


@pytest.mark.parametrize("plan", PLANS[1:], ids=lambda plan: f"{plan.kind}-{plan.spread}")
def test_weighted_figures_are_unbiased_where_plain_means_are_not(plan):
    calls = pool(48)
    truth = {call.call_id: call.score for call in calls}
    wanted = sum(truth.values()) / len(truth)
    totals, means, covered, draws = [], [], 0, 120
    for at in range(draws):
        changed = Plan(**{n: getattr(plan, n) for n in Plan.__slots__} | {"seed": f"{at}"})
        found = [
            Observation(value=truth[p.call_id], inclusion=p.inclusion, stratum=p.stratum)
            for p in draw(calls, changed).picks
        ]
        mean = hajek_mean(found)
        means.append(mean.value)
        totals.append(horvitz_thompson_total(found) / len(calls))
        covered += mean.low <= wanted <= mean.high
    spread = (sum((m - wanted) ** 2 for m in means) / draws) ** 0.5
    assert sum(means) / draws == pytest.approx(wanted, abs=4 * spread / draws**0.5 + 0.25)
    error = (sum((m - wanted) ** 2 for m in totals) / draws / draws) ** 0.5
    assert sum(totals) / draws == pytest.approx(wanted, abs=4.5 * error)
    assert covered / draws >= 0.88


def test_a_plain_mean_of_a_risk_sample_would_be_wrong():
    calls = pool(48)
    truth = {call.call_id: call.score for call in calls}
    wanted = sum(truth.values()) / len(truth)
    plain = []
    for at in range(60):
        drawn = draw(calls, Plan(kind=PlanKind.TARGETED, seed=f"{at}", size=15, risk_weight=1.0))
        plain.append(sum(truth[p.call_id] for p in drawn.picks) / len(drawn.picks))
    assert sum(plain) / 60 < wanted - 3


def test_estimates_say_when_there_is_too_little():
    assert hajek_mean([]) is None
    single = hajek_mean([Observation(value=80, inclusion=0.5)])
    assert (single.value, single.low, single.high) == (80, None, None)
    assert effective_n([Observation(value=1, inclusion=0.1)] * 4) == pytest.approx(4)
    with pytest.raises(ReviewError, match="cannot be weighted"):
        hajek_mean([Observation(value=1, inclusion=0.0)] * 2)


def test_the_interval_of_a_stratified_sample_by_hand():
    # 4 of 10 calls of one queue, 3 of 30 of another (Cochran 1977, §5.6, with t of 6)
    first, second = [70, 80, 75, 85], [50, 60, 55]
    seen = [Observation(value=v, inclusion=0.4, stratum="a") for v in first]
    seen += [Observation(value=v, inclusion=0.1, stratum="b") for v in second]
    found = hajek_mean(seen)
    assert found.value == pytest.approx((10 * 77.5 + 30 * 55) / 40)
    variance = 100 * 0.6 * (125 / 3) / 4 + 900 * 0.9 * 25 / 3
    half = stats.t.ppf(0.975, 6) * variance**0.5 / 40
    assert (found.low, found.high) == pytest.approx((60.625 - half, 60.625 + half))


def test_a_complete_count_has_no_sampling_error():
    found = hajek_mean([Observation(value=v, inclusion=1.0) for v in (70, 80, 90)])
    assert (found.low, found.value, found.high) == (80, 80, 80)


@pytest.mark.parametrize("plan", [PLANS[0], PLANS[1]], ids=lambda plan: plan.kind)
def test_a_replacement_comes_from_the_same_stratum(plan):
    calls = pool()
    drawn = draw(calls, plan)
    skipped = drawn.picks[0]
    new = replacement(calls, drawn, skipped.call_id, gone=frozenset({skipped.call_id}))
    assert new.call_id not in {pick.call_id for pick in drawn.picks}
    assert (new.stratum, new.inclusion) == (skipped.stratum, skipped.inclusion)
    assert new.reason == PickReason.REPLACEMENT


def test_a_stratum_that_is_used_up_gives_no_replacement():
    calls = pool(8)
    drawn = draw(calls, PLANS[0])
    assert replacement(calls, drawn, "c0000", gone=frozenset()) is None
    with pytest.raises(ReviewError, match="not in this sample"):
        replacement(calls, drawn, "zz", gone=frozenset())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": PlanKind.RANDOM, "per_agent": 0}, "per_agent"),
        ({"kind": PlanKind.TARGETED, "size": 0}, "size"),
        ({"kind": PlanKind.TARGETED, "base": 0.0}, "base"),
        ({"kind": PlanKind.MIXED, "risk_weight": 1.5}, "risk_weight"),
        ({"kind": PlanKind.STRATIFIED, "by": ("shoe_size",)}, "stratum"),
    ],
)
def test_plans_that_cannot_be_followed_are_refused(changes, message):
    with pytest.raises(ReviewError, match=message):
        draw(pool(10), Plan(seed="s", **changes))


def test_an_empty_or_doubled_population_is_refused():
    with pytest.raises(ReviewError, match="no call fits"):
        draw([], PLANS[0])
    with pytest.raises(ReviewError, match="twice"):
        draw([*pool(3), *pool(3)], PLANS[0])
