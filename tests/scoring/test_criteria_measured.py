"""Rules about what was measured: silence, hold, latency, overlap, rate, loudness, sentiment, numbers."""

from __future__ import annotations

import pytest

from qa.analysis import EventKind, OverlapKind, QualityIndex, RoleStats
from qa.calls import Direction, Role
from tests.conversations import agent, call, customer, event, find, gap, overlap

L4 = {"L4": ["请稍等", "bear with me"], "H1": ["您方便等吗"], "H2": ["久等"], "H3": ["还在查"]}


def silent(*gaps, say="我看一下", **how):
    """A call of 100 s in which the agent speaks at 0–3 s and silence follows as given."""
    return call(agent(say, at=0, lasts=3), customer("好", at=97, lasts=3), gaps=gaps, **how)


@pytest.mark.parametrize(
    ("text", "gaps", "share"),
    [
        ("{kind: silence, over_s: 10}", [gap(3, 12.9)], 0),
        ("{kind: silence, over_s: 10}", [gap(3, 13)], 1),
        ("{kind: silence, over_s: 10, at_least: 2}", [gap(3, 14)], 0),
        ("{kind: silence, over_s: 10, at_least: 2}", [gap(3, 14), gap(20, 31)], 1),
        ("{kind: silence, over_s: 3, share_over: 0.15}", [gap(3, 17)], 0),
        ("{kind: silence, over_s: 3, share_over: 0.15}", [gap(3, 19)], 1),
        ("{kind: silence, over_s: 10, side: agent}", [gap(3, 14, owner=Role.CUSTOMER)], 0),
        ("{kind: silence, over_s: 10, side: customer}", [gap(3, 14, owner=Role.CUSTOMER)], 1),
        ("{kind: silence, over_s: 10, window: {first_s: 30}}", [gap(40, 60)], 0),
    ],
)
def test_silence(text, gaps, share):
    assert find(text, silent(*gaps), side="both").share == share


@pytest.mark.parametrize(
    ("say", "silence", "share"),
    [
        ("请稍等", gap(3, 20), 0),  # announced
        ("请稍等", gap(3, 34), 1),  # announced, but longer than that excuses
        ("请稍等", gap(10, 25), 1),  # announced too long before
        ("您重启一下试试", gap(4, 18), 0),  # the customer is busy
        ("您重启一下试试", gap(30, 45), 1),
        ("好的", gap(3, 20), 1),
    ],
)
def test_announced_silence_is_excused(say, silence, share):
    assert (
        find("{kind: silence, over_s: 10}", silent(silence, say=say), banks=L4, side="both").share
        == share
    )


def test_silence_says_what_was_measured_against_which_threshold():
    found = find("{kind: silence, over_s: 10}", silent(gap(3, 15.4)), side="both")
    assert found.reason.zh == "测得 12.4 秒无应答，阈值 10 秒，共 1 次"
    assert found.measured["longest_gap_s"] == 12.4
    assert (found.spots[0].start_ms, found.spots[0].end_ms) == (3000, 15400)


@pytest.mark.parametrize("text", [
    "{kind: silence, over_s: 10}", "{kind: latency, over_s: 3}", "{kind: overlap}", "{kind: no_interruption}",
    "{kind: rate}", "{kind: loudness}", "{kind: talk_ratio}",
    "{kind: metric, name: talk_s, above: 1}",
])  # fmt: skip
def test_without_times_nothing_is_measured(text):
    assert find(text, call(agent("您好"), customer("好"), timed=False)).share is None


@pytest.mark.parametrize(
    ("text", "share"),
    [("{kind: hold}", 1), ("{kind: hold, longer_s: 31}", 0), ("{kind: hold, at_least: 2}", 0),
     ("{kind: event, of: [music]}", 0), ("{kind: event, of: [hold, music]}", 1)],
)  # fmt: skip
def test_hold(text, share):
    analysis = call(agent("等", at=0), customer("好", at=50), events=[event(10, 40)])
    assert find(text, analysis).share == share


def test_a_hold_phrase_followed_by_silence_is_a_hold():
    analysis = silent(gap(3, 14), say="您方便等吗")
    assert find("{kind: hold}", analysis, banks=L4).share == 1
    assert find("{kind: hold}", silent(gap(3, 10), say="您方便等吗"), banks=L4).share == 0
    assert find("{kind: hold}", silent(gap(3, 14), say="好"), banks=L4).share == 0


def test_without_times_a_hold_is_unknown_only_when_one_was_asked_for():
    assert find("{kind: hold}", call(agent("好"), customer("好"), timed=False), banks=L4).share == 0
    asked = call(agent("您方便等吗"), customer("好"), timed=False)
    assert find("{kind: hold}", asked, banks=L4).share is None


def test_neighbouring_pieces_of_music_are_one_hold():
    analysis = call(
        agent("等", at=0),
        customer("好", at=50),
        events=[event(10, 20), event(21, 40, EventKind.MUSIC)],
    )
    assert find("{kind: hold}", analysis).measured["longest_hold_s"] == 30


def test_latency():
    analysis = call(
        customer("在吗", at=0, lasts=2), agent("在", at=6, lasts=1), customer("好", at=8)
    )
    assert find("{kind: latency, over_s: 3}", analysis).share == 1
    assert find("{kind: latency, over_s: 4}", analysis).share == 0
    held = call(
        customer("在吗", at=0, lasts=2),
        agent("在", at=30),
        customer("好", at=33),
        events=[event(3, 29)],
    )
    assert find("{kind: latency, over_s: 3}", held).share == 0


def talk(*overlaps, agent_s=60, customer_s=60, **how):
    stats = {
        "agent": RoleStats(talk_ms=agent_s * 1000),
        "customer": RoleStats(talk_ms=customer_s * 1000),
    }
    return call(
        agent("a", at=0, lasts=60),
        customer("b", at=60, lasts=60),
        stereo=True,
        overlaps=overlaps,
        stats=stats,
        **how,
    )


MAJOR, MINOR = overlap(10, 12.5), overlap(20, 21.5, kind=OverlapKind.MINOR)
BACK = overlap(30, 31, kind=OverlapKind.BACKCHANNEL)


@pytest.mark.parametrize(
    ("analysis", "share"),
    [
        (talk(), 1),
        (talk(BACK, BACK), 1),
        (talk(MINOR), 0.83),
        (talk(MAJOR), 0.66),
        (talk(MAJOR, MAJOR), 0.32),
        (talk(MAJOR, MAJOR, MAJOR), 0),
        (talk(MAJOR, customer_s=300), 1),  # one free per five minutes of customer talk
        (talk(overlap(10, 12.5, by=Role.CUSTOMER)), 1),
        (talk(overlap(0, 20, kind=OverlapKind.BACKCHANNEL)), 0.5),  # over 10 % of the talk
    ],
)
def test_interruption_credit(analysis, share):
    assert find("{kind: no_interruption}", analysis).share == pytest.approx(share)


def test_mono_and_unsure_speakers_cannot_prove_an_interruption():
    mono = call(agent("a"), customer("b"))
    assert find("{kind: no_interruption}", mono).share is None
    assert find("{kind: no_interruption}", talk(MAJOR, role_confidence=0.7)).share is None


@pytest.mark.parametrize(
    ("text", "share"),
    [("{kind: overlap}", 1), ("{kind: overlap, at_least: 2}", 0), ("{kind: overlap, of: [minor]}", 0),
     ("{kind: overlap, side: customer}", 0), ("{kind: overlap, share_over: 0.02}", 1),
     ("{kind: overlap, share_over: 0.5}", 0)],
)  # fmt: skip
def test_overlap(text, share):
    assert find(text, talk(MAJOR)).share == share


def paced(rate, other=None, *, talk_ms=60_000, language="zh"):
    stats = {
        "agent": RoleStats(talk_ms=talk_ms, rate_per_min=rate),
        "customer": RoleStats(talk_ms=60_000, rate_per_min=other),
    }
    said = ("您好", "好") if language == "zh" else ("hello there you", "okay then yes")
    return call(agent(said[0]), customer(said[1]), language=language, stats=stats)


@pytest.mark.parametrize(
    ("analysis", "share"),
    [
        (paced(220), 1), (paced(150), 1), (paced(300), 1), (paced(149), 0.5), (paced(340), 0.5), (paced(341), 0),
        (paced(119), 0), (paced(300, 180), 0.5), (paced(320, 100), 0), (paced(None), None),
        (paced(220, talk_ms=29_000), None), (paced(105, language="en"), 1), (paced(200, language="en"), 0.5),
        (paced(211, language="en"), 0),
    ],
)  # fmt: skip
def test_rate(analysis, share):
    assert find("{kind: rate}", analysis).share == share


def loud(level, other, *, clipping=0.0, jumps=0):
    stats = {
        "agent": RoleStats(loudness_db=level, clipping_share=clipping, loudness_jumps=jumps),
        "customer": RoleStats(loudness_db=other),
    }
    return call(agent("a"), customer("b"), stats=stats)


@pytest.mark.parametrize(
    ("analysis", "share"),
    [(loud(-20, -25), 1), (loud(-20, -35), 0.5), (loud(-20, -25, clipping=0.01), 0.5),
     (loud(-20, -35, jumps=1), 0), (loud(None, -20), None), (loud(-20, None), 1)],
)  # fmt: skip
def test_loudness(analysis, share):
    assert find("{kind: loudness}", analysis).share == share


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("{kind: talk_ratio, at_least: 0.4, at_most: 0.6}", 1),
        ("{kind: talk_ratio, at_most: 0.3}", 0),
    ],
)
def test_talk_ratio(text, share):
    assert find(text, call(agent("a"), customer("b"), stats={"talk_ratio": 0.5})).share == share


def moods(*scores):
    return call(*(customer(f"话{i}") for i in range(len(scores))), agent("好"), sentiment=scores)


@pytest.mark.parametrize(
    ("text", "scores", "share"),
    [
        ("{kind: sentiment, of: end, at_most: -0.4}", [0, 0, 0, -0.5, -0.5, -0.5], 1),
        ("{kind: sentiment, of: end, at_most: -0.4}", [-0.5, -0.5, -0.5, 0, 0, 0], 0),
        ("{kind: sentiment, of: start, at_most: -0.4}", [-0.5, -0.5, -0.5, 0, 0, 0], 1),
        ("{kind: sentiment, of: lowest, at_most: -0.9}", [0, -1, -1, -1, 0, 0], 1),
        ("{kind: sentiment, of: mean, at_least: 0}", [0.1, 0.2, -0.1], 1),
        ("{kind: sentiment, of: trend, at_least: 0.05}", [-0.6, -0.4, -0.2, 0, 0.2], 1),
        ("{kind: sentiment, of: trend, at_least: 0.05}", [0.2, 0, -0.2, -0.4], 0),
        ("{kind: sentiment, of: recovery, at_least: 0.5}", [0, -1, -1, -1, 0.2, 0.2, 0.2], 1),
        ("{kind: sentiment, of: end, at_least: 0}", [0, 0], None),
        ("{kind: negative_turns, side: customer}", [0, -0.5, 0], 1),
        ("{kind: negative_turns, side: customer, at_least: 2}", [0, -0.5, 0], 0),
        ("{kind: sentiment_outcome}", [0, 0, 0, 0, 0, 0], 1),
        ("{kind: sentiment_outcome}", [-0.9, -0.9, -0.9, -0.3, -0.3, -0.3], 1),  # recovered by 0.6
        ("{kind: sentiment_outcome}", [-0.2, -0.2, -0.2, -0.3, -0.3, -0.3], 0.5),
        ("{kind: sentiment_outcome}", [0, 0, 0, -0.6, -0.6, -0.6], 0),
        ("{kind: sentiment_outcome}", [0, 0, 0], None),
    ],
)
def test_sentiment(text, scores, share):
    assert find(text, moods(*scores), side="customer").share == share


def test_no_sentiment_is_not_evaluable_but_too_few_turns_are_not_applicable():
    plain = call(agent("a"), customer("b"))
    assert find("{kind: sentiment_outcome}", plain).share is None
    assert find("{kind: sentiment_outcome}", plain).applies
    assert not find("{kind: sentiment_outcome}", moods(0, 0)).applies
    assert find("{kind: negative_turns}", plain).share == 0


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("{kind: metric, name: turns, at_least: 2}", 1),
        ("{kind: metric, name: turns, above: 2}", 0),
        ("{kind: metric, name: customer.turns, at_most: 1}", 1),
        ("{kind: metric, name: agent.talk_ms, below: 1}", 0),
        ("{kind: metric, name: hold_ms, at_most: 0}", 1),
        ("{kind: metric, name: words_of_thanks, at_least: 3}", 1),
        ("{kind: metric, name: quality.snr_db, at_least: 20}", 1),
        ("{kind: metric, name: role_confidence, at_least: 0.9}", 1),
        ("{kind: metric, name: nonsense, at_least: 3}", None),
        ("{kind: metric, name: reasons, at_least: 3}", None),
    ],
)
def test_metric(text, share):
    analysis = call(
        agent("a"), customer("b"), stats={"metrics": {"words_of_thanks": 4.0}},
        quality=QualityIndex(grade="A", snr_db=25),
    )  # fmt: skip
    assert find(text, analysis).share == share


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("{kind: fact, field: call_type, one_of: [Complaint]}", 1),
        ("{kind: fact, field: call_type, one_of: [inquiry]}", 0),
        ('{kind: fact, field: metadata.vip, one_of: ["yes"]}', 1),
        ("{kind: fact, field: queue, matches: '^售'}", 1),
        ("{kind: fact, field: direction, one_of: [outbound]}", 1),
        ("{kind: fact, field: language, one_of: [zh]}", 1),
        ('{kind: fact, field: timed, one_of: ["yes"]}', 1),
        ('{kind: fact, field: option.regulated, one_of: ["yes"]}', 1),
        ("{kind: fact, field: team, exists: false}", 1),
        ("{kind: fact, field: team, one_of: [x]}", 0),
        ("{kind: fact, field: team, one_of: [x], missing: unknown}", None),
    ],
)
def test_fact(text, share):
    analysis = call(
        agent("a"), customer("b"), facts={"call_type": "complaint"}, tags={"vip": "yes"}, queue="售后",
        direction=Direction.OUTBOUND,
    )  # fmt: skip
    assert find(text, analysis, options={"regulated": "yes"}).share == share
