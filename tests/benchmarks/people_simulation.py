"""Do people's figures keep their promises? A simulated centre whose truth is known.

    python tests/benchmarks/people_simulation.py [ROUNDS]

Agents have true levels and true rates; calls are drawn from them, with easy and hard queues,
skewed scores, biased samples, drift and a coaching effect. Every line says what is promised and
what was found. Nothing here touches a store.
"""

from __future__ import annotations

import platform
import sys
import time

import numpy as np
import pandas as pd

from qa.people.figures import figures
from qa.people.indicators import INDICATORS
from qa.people.statistics import (
    attribute_chart,
    calls_for_effect,
    case_mix,
    difference_in_differences,
    inverse_weights,
    shrink_means,
    shrink_proportions,
    tie,
    trend,
    weighted_mean,
)

AGENTS, SPREAD, BETWEEN = 60, 12.0, 4.5
RNG = np.random.default_rng(20_261_122)


def scores(level, n):
    """Scores of calls: skewed to the left and cut at 100, as quality scores are; mean = level."""
    shape = 4.0
    lost = RNG.gamma(shape, SPREAD / np.sqrt(shape), n) - SPREAD * np.sqrt(shape)
    return level - lost


def centre(sizes):
    """True levels, and a frame of calls of a centre."""
    levels = RNG.normal(82, BETWEEN, AGENTS)
    frame = pd.concat(
        pd.DataFrame({"agent_id": f"a{at:02d}", "quality": scores(level, n)})
        for at, (level, n) in enumerate(zip(levels, sizes, strict=True))
    )
    return levels, frame


def coverage_of_means(rounds):
    hits, shrunk = [], []
    for _ in range(rounds):
        sizes = RNG.integers(20, 80, AGENTS)
        levels, frame = centre(sizes)
        found = figures(frame, INDICATORS["quality_mean"])
        hits.append(((found["low"] <= levels) & (levels <= found["high"])).mean())
        grouped = frame.groupby("agent_id")["quality"]
        pulled = shrink_means(sizes, grouped.mean(), grouped.var())
        shrunk.append(((pulled.low <= levels) & (levels <= pulled.high)).mean())
    return np.mean(hits), np.mean(shrunk)


def coverage_of_shares(rounds):
    hits, shrunk = [], []
    for _ in range(rounds):
        rates, n = RNG.beta(8, 24, AGENTS), RNG.integers(20, 120, AGENTS)
        missed = RNG.binomial(n, rates)
        frame = pd.DataFrame(
            {
                "agent_id": np.repeat([f"a{at:02d}" for at in range(AGENTS)], n),
                "repeated": pd.array(
                    np.concatenate([np.arange(k) < x for k, x in zip(n, missed, strict=True)]),
                    "boolean",
                ),
            }
        )
        found = figures(frame, INDICATORS["fcr"])
        truth = 100 * (1 - rates)
        hits.append(((found["low"] <= truth) & (truth <= found["high"])).mean())
        pulled = shrink_proportions(missed, n)
        shrunk.append(((pulled.low <= rates) & (rates <= pulled.high)).mean())
    return np.mean(hits), np.mean(shrunk)


def false_separations(rounds):
    """Among people who are truly alike: rounds with any pair told apart, and share of pairs."""
    any_pair, share = [], []
    for _ in range(rounds):
        frame = pd.concat(
            pd.DataFrame({"agent_id": f"a{at}", "quality": scores(82, int(RNG.integers(20, 80)))})
            for at in range(20)
        )
        found = figures(frame, INDICATORS["quality_mean"])
        apart = tie(found["value"], found["error"], freedom=found["n"] - 1).separated
        pairs = apart[np.triu_indices(len(apart), 1)]
        any_pair.append(pairs.any())
        share.append(pairs.mean())
    return np.mean(any_pair), np.mean(share)


def true_separations(rounds):
    """Among pairs told apart: how many have the wrong order."""
    wrong = told = 0
    for _ in range(rounds):
        levels, frame = centre(RNG.integers(30, 90, AGENTS))
        found = figures(frame, INDICATORS["quality_mean"])
        apart = tie(found["value"], found["error"], freedom=found["n"] - 1).separated
        left, right = np.where(np.triu(apart, 1))
        seen = found["value"].to_numpy()
        told += len(left)
        wrong += int(
            (np.sign(seen[left] - seen[right]) != np.sign(levels[left] - levels[right])).sum()
        )
    return told / rounds, wrong / max(told, 1)


def mixed_samples(rounds):
    """Risky calls are reviewed ten times as often: raw mean and weighted mean against the truth."""
    raw, fair, covered = [], [], []
    for _ in range(rounds):
        population = scores(82, 4_000)
        risk = 1 / (1 + np.exp((population - 65) / 5))
        chance = 0.02 + 0.28 * risk
        picked = RNG.random(4_000) < chance
        truth = population.mean()
        found = weighted_mean(population[picked], inverse_weights(chance[picked]))
        raw.append(population[picked].mean() - truth)
        fair.append(found.value - truth)
        covered.append(found.low <= truth <= found.high)
    return np.mean(raw), np.mean(fair), np.mean(covered)


def hard_queues(rounds):
    """People with more hard calls: bias of the raw and of the adjusted figure, coverage."""
    raw, adjusted, covered = [], [], []
    for _ in range(rounds):
        own = RNG.normal(0, 3, 30)
        own -= own.mean()
        hard_share = np.clip(0.3 + 0.05 * own + RNG.normal(0, 0.1, 30), 0.02, 0.95)
        frame = []
        for at in range(30):
            hard = RNG.random(80) < hard_share[at]
            frame.append(
                pd.DataFrame(
                    {
                        "agent_id": f"a{at:02d}",
                        "value": scores(82 + own[at], 80) - 10 * hard,
                        "queue": np.where(hard, "hard", "easy"),
                        "call_type": "inquiry",
                        "hour_band": "08-11",
                    }
                )
            )
        calls = pd.concat(frame)
        found = case_mix(calls, "value")
        centred = found["adjusted"] - found["adjusted"].mean()
        slope = np.polyfit(own, found["raw"] - found["raw"].mean(), 1)[0]
        raw.append(slope - 1)
        adjusted.append(np.polyfit(own, centred, 1)[0] - 1)
        low = found["low"] - found["adjusted"].mean()
        high = found["high"] - found["adjusted"].mean()
        covered.append(((low <= own) & (own <= high)).mean())
    return np.mean(raw), np.mean(adjusted), np.mean(covered)


def coaching(rounds, effect):
    """How often an effect is called: coached people against peers, everything drifting by +2."""
    n = calls_for_effect(SPREAD * np.sqrt(1.1), 8.0)  # ten peers' calls for one own
    called = 0
    for _ in range(rounds):
        before, after = scores(70, n), scores(72 + effect, n)
        peers = scores(80, 10 * n), scores(82, 10 * n)
        found = difference_in_differences(before, after, *peers)
        called += found.low > 0
    return called / rounds, n


def rebound(rounds):
    """Coached for a bad month, no effect: how often 'it helped', before–after against DiD."""
    naive = fair = 0
    for _ in range(rounds):
        levels = RNG.normal(80, 4, 200)
        month = np.array([scores(level, 20).mean() for level in levels])
        order = np.argsort(month)
        chosen, peers = order[0:40:2], order[1:40:2]  # peers had as bad a month
        before = month[chosen], month[peers]
        after = [np.array([scores(levels[at], 20).mean() for at in who]) for who in (chosen, peers)]
        plain = difference_in_differences(before[0], after[0], [0.0, 1.0] * 50, [0.0, 1.0] * 50)
        naive += plain.low > 0
        found = difference_in_differences(before[0], after[0], before[1], after[1])
        fair += found.low > 0
    return naive / rounds, fair / rounds


def alarms(rounds):
    """In-control weeks: charts with a false alarm, and trends called where there is none."""
    charts = trends = drifts = 0
    for _ in range(rounds):
        found = attribute_chart(RNG.binomial(60, 0.2, 26), [60] * 26)
        charts += any("beyond_3s" in rules for rules in found.signals)
        trends += trend(RNG.normal(82, 1.5, 12)).label in ("rising", "falling")
        drifts += trend(82 - 0.6 * np.arange(12) + RNG.normal(0, 1.5, 12)).label == "falling"
    return charts / rounds, trends / rounds, drifts / rounds


def measure(rounds):
    """Rows: promise, what was found, whether it is kept."""
    raw, shrunk = coverage_of_means(rounds // 4)
    yield "95 % interval of a mean (skewed scores, 20–80 calls)", f"{raw:.1%}", 0.93 <= raw <= 0.97
    yield "95 % interval of a shrunk mean", f"{shrunk:.1%}", 0.93 <= shrunk <= 0.97
    raw, shrunk = coverage_of_shares(rounds // 4)
    yield "95 % interval of a share (20–120 calls)", f"{raw:.1%}", 0.93 <= raw <= 0.97
    yield "95 % interval of a shrunk share", f"{shrunk:.1%}", 0.93 <= shrunk <= 0.97
    anybody, pairs = false_separations(rounds // 4)
    yield "alike people told apart: pairs (≤ 5 %)", f"{pairs:.2%}", pairs <= 0.05
    yield "… rounds with any such pair (≤ 10 %)", f"{anybody:.1%}", anybody <= 0.12
    told, wrong = true_separations(rounds // 10)
    yield (
        f"{told:.0f} pairs told apart per round: wrong order (≤ 5 %)",
        f"{wrong:.2%}",
        wrong <= 0.05,
    )
    bias, fair, covered = mixed_samples(rounds)
    yield "mean of a sample that prefers risk: bias raw", f"{bias:+.2f} points", True
    yield (
        "… weighted by 1 ÷ inclusion probability (|bias| ≤ 0.5)",
        f"{fair:+.2f} points",
        abs(fair) <= 0.5,
    )
    yield "… its 95 % interval", f"{covered:.1%}", 0.93 <= covered <= 0.97
    bias, fair, covered = hard_queues(rounds // 4)
    yield "good people on hard queues: slope of raw against truth − 1", f"{bias:+.2f}", True
    yield "… adjusted for case mix (|…| ≤ 0.05)", f"{fair:+.2f}", abs(fair) <= 0.05
    yield "… its 95 % interval", f"{covered:.1%}", 0.93 <= covered <= 0.97
    power, n = coaching(rounds, 8.0)
    yield (
        f"coaching effect of 8 points, {n} calls (designed power 80 %)",
        f"{power:.1%}",
        0.75 <= power <= 0.87,
    )
    level, _ = coaching(rounds, 0.0)
    yield "no effect, drift of 2 points: 'it helped' (≤ 5 %)", f"{level:.1%}", level <= 0.065
    naive, fair = rebound(rounds // 4)
    yield "chosen for a bad month, no effect: before–after says 'helped'", f"{naive:.1%}", True
    yield "… against peers with as bad a month (≤ 5 %)", f"{fair:.1%}", fair <= 0.08
    charts, trends, drifts = alarms(rounds)
    yield "26 weeks in control: p-chart with a false 3σ alarm", f"{charts:.1%}", charts <= 0.12
    yield "12 weeks without trend: a trend is called (≤ 5 %)", f"{trends:.1%}", trends <= 0.065
    yield "12 weeks falling by 0.6 a week: seen", f"{drifts:.1%}", drifts >= 0.5


def main(rounds=800):
    begun = time.perf_counter()
    print(f"{platform.machine()}, {rounds} rounds, seed fixed\n")
    print("| promise | found | kept |\n|---|--:|---|")
    kept = True
    for name, value, ok in measure(rounds):
        print(f"| {name} | {value} | {'yes' if ok else 'NO'} |", flush=True)
        kept &= bool(ok)
    print(f"\n{time.perf_counter() - begun:.0f} s")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 800))
