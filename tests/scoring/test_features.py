"""Measured speech: talk, gaps and their owner, overlaps and their kind, rate, latency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.acoustics import CallEvent, EventKind
from qa.analysis import OverlapKind
from qa.calls import Role
from qa.transcript import Transcript, Turn, Word
from scoring.features import asks, stats_from_turns
from scoring.overlaps import is_backchannel

A, C, S, U = Role.AGENT, Role.CUSTOMER, Role.SYSTEM, Role.UNKNOWN
LONG = "我这边帮您看一下具体的情况"
ENGLISH = "let me take a look at that for you now"


def said(role, start, end, text=LONG, words=()):
    return role, start, end, text, words


def call(*rows, language="zh", stereo=False, timed=True, length=None):
    turns = tuple(
        Turn(
            index=index,
            role=role,
            start_ms=round(start * 1000),
            end_ms=round(end * 1000),
            text=text,
            words=tuple(
                Word(text=w, start_ms=round(a * 1000), end_ms=round(b * 1000)) for w, a, b in words
            ),
        )
        for index, (role, start, end, text, words) in enumerate(rows)
    )
    return Transcript(
        call_id="c",
        language=language,
        duration_ms=length or max((t.end_ms for t in turns), default=0),
        turns=turns,
        timed=timed,
        true_overlap=stereo,
    )


def event(kind, start, end):
    return CallEvent(kind=kind, start_ms=round(start * 1000), end_ms=round(end * 1000))


def test_text_without_times_is_not_measured():
    assert stats_from_turns(call(said(A, 0, 1), timed=False)) is None


def test_talk_time_ratio_turns_and_limits():
    stats = stats_from_turns(call(said(C, 1, 2), said(A, 3, 9), said(C, 10, 13)))
    assert (stats.agent.talk_ms, stats.customer.talk_ms) == (6000, 4000)
    assert (stats.agent.turns, stats.customer.turns) == (1, 2)
    assert stats.talk_ratio == pytest.approx(0.6)
    assert (stats.speech_start_ms, stats.speech_end_ms) == (3000, 13_000)
    assert stats.metrics["call_ms"] == 10_000


def test_nobody_talks():
    stats = stats_from_turns(call())
    assert (stats.speech_start_ms, stats.speech_end_ms, stats.talk_ratio) == (0, 0, None)
    assert stats.gaps == ()
    assert stats.metrics["silence_share"] == 0


@pytest.mark.parametrize("role", [S, U])
def test_voices_of_neither_side_fill_silence_but_have_no_talk_time(role):
    stats = stats_from_turns(call(said(A, 0, 2), said(role, 2, 12), said(C, 12, 14)))
    assert stats.gaps == ()
    assert stats.agent.talk_ms + stats.customer.talk_ms == 4000


def test_without_an_agent_the_call_starts_with_anybody():
    assert stats_from_turns(call(said(C, 5, 6), said(C, 7, 8))).speech_start_ms == 5000


OWNERS = [
    ("the asked customer", said(A, 0, 2, "请问您的手机号是多少"), said(C, 9, 10), C),
    ("asked in English", said(A, 0, 2, "could you tell me your name"), said(C, 9, 10), C),
    ("asked, and asked again", said(A, 0, 2, "您能听到吗"), said(A, 9, 10, "您好"), C),
    ("a late reply to a statement", said(A, 0, 2, "我看到您的订单了"), said(C, 9, 10), A),
    ("a soon reply to a statement", said(A, 0, 2, "我看到您的订单了"), said(C, 5, 6), C),
    ("asked to wait", said(A, 0, 2, "可以请您稍等一下吗"), said(C, 9, 10, "喂"), A),
    ("the agent who answers late", said(C, 0, 2, "为什么多扣了我的钱"), said(A, 9, 10), A),
    ("the agent who does not answer", said(C, 0, 2), said(C, 9, 10, "喂，您还在吗"), A),
    ("the agent who works silently", said(A, 0, 2, "我查一下"), said(A, 9, 10, "查到了"), A),
]


@pytest.mark.parametrize(
    ("first", "second", "owner"), [o[1:] for o in OWNERS], ids=[o[0] for o in OWNERS]
)
def test_a_gap_belongs_to_who_should_have_spoken(first, second, owner):
    (gap,) = stats_from_turns(call(said(A, -3, -2) if first[0] == C else first, *(
        (first, second) if first[0] == C else (second,)
    ))).gaps[-1:]  # fmt: skip
    assert gap.owner == owner
    assert (gap.start_ms, gap.end_ms) == (2000, round(second[1] * 1000))


def test_a_customer_who_pauses_in_an_answer_keeps_the_floor():
    stats = stats_from_turns(
        call(
            said(A, 0, 3, "请问您的订单号是多少"),
            said(C, 3.5, 4, "嗯我看看"),
            said(C, 12, 14, "是一二三四五六"),
        )
    )
    (gap,) = stats.gaps
    assert (gap.owner, gap.after_turn) == (C, 1)


def test_gaps_are_counted_by_length_and_by_the_agents_share():
    rows, at = [said(A, 0, 1, "我看一下")], 1
    for seconds in (0.5, 2, 4, 6, 12, 25):
        rows.append(said(A, at + seconds, at + seconds + 1, "我看一下"))
        at += seconds + 1
    metrics = stats_from_turns(call(*rows)).metrics
    assert [metrics[f"gaps_{n}s"] for n in (3, 5, 10, 20)] == [4, 3, 2, 1]
    assert [metrics[f"agent_gaps_{n}s"] for n in (3, 5, 10, 20)] == [4, 3, 2, 1]
    assert metrics["longest_gap_ms"] == 25_000
    spoken = 7
    assert metrics["silence_share"] == pytest.approx(47 / (49.5 + spoken))
    assert metrics["quiet_share"] == pytest.approx(49.5 / (49.5 + spoken))


@pytest.mark.parametrize("kind", [EventKind.HOLD, EventKind.MUSIC])
def test_hold_and_music_are_no_dead_air(kind):
    rows = (said(A, 0, 2), said(A, 32, 34), said(C, 35, 36))
    assert stats_from_turns(call(*rows)).gaps[0].duration_ms == 30_000
    stats = stats_from_turns(call(*rows), events=(event(kind, 2, 32),))
    assert [g.duration_ms for g in stats.gaps] == [1000]
    assert stats.hold_ms == 30_000
    assert stats.metrics["hold_count"] == 1
    assert stats.metrics["silence_share"] == 0


def test_noise_does_not_excuse_dead_air():
    stats = stats_from_turns(
        call(said(A, 0, 2), said(A, 32, 34)), events=(event(EventKind.NOISE, 2, 32),)
    )
    assert stats.metrics["gaps_20s"] == 1


def test_menu_and_ringing_come_before_the_call_begins():
    stats = stats_from_turns(
        call(said(A, 0, 8, "普通话请按一"), said(A, 20, 22), said(C, 23, 24)),
        events=(event(EventKind.IVR, 0, 8.5), event(EventKind.RINGBACK, 9, 19)),
    )
    assert stats.speech_start_ms == 20_000
    assert stats.agent.talk_ms == 2000
    assert stats.agent.turns == 1
    assert stats.hold_ms == 0


def test_pauses_between_words_are_not_talk():
    words = [("我", 0, 0.3), ("看", 0.4, 0.7), ("好", 5, 5.5)]
    stats = stats_from_turns(call(said(A, 0, 5.5, "我看好", words), said(C, 6, 7)))
    assert stats.agent.talk_ms == 1200
    assert [g.duration_ms for g in stats.gaps] == [4300]


def test_measured_speech_replaces_word_times():
    stats = stats_from_turns(
        call(said(A, 0, 10), said(C, 10, 12)), speech={A: [(0, 4000), (9000, 10_000)]}
    )
    assert stats.agent.talk_ms == 5000
    assert stats.customer.talk_ms == 2000


RATES = [
    ("zh", [said(A, 0, 20, "您好" * 50), said(A, 21, 41, "您好" * 50)], 300.0),
    ("en", [said(A, 0, 40, "yes " * 100)], 150.0),
    ("zh", [said(A, 0, 29, "您好" * 50)], None),
    ("zh", [said(A, k * 3, k * 3 + 2, "好的") for k in range(20)], None),
]


@pytest.mark.parametrize(("language", "rows", "expected"), RATES)
def test_rate_counts_long_turns_once_there_is_enough_talk(language, rows, expected):
    stats = stats_from_turns(call(*rows, language=language))
    assert stats.agent.rate_per_min == (pytest.approx(expected) if expected else None)


def test_rate_leaves_out_pauses_of_two_seconds_but_not_shorter_ones():
    words = [("好", t, t + 1) for t in (*range(20), *range(21, 30), *range(40, 50))]
    stats = stats_from_turns(call(said(A, 0, 50, "好" * 39, words)))
    assert stats.agent.rate_per_min == pytest.approx(39 / 40 * 60)


def test_rates_are_compared_when_both_are_known():
    stats = stats_from_turns(call(said(A, 0, 40, "您好" * 100), said(C, 41, 81, "您好" * 50)))
    assert stats.metrics["rate_ratio"] == pytest.approx(2.0)


def test_latency_is_the_median_wait_for_an_answer():
    rows = [said(C, 0, 2), said(A, 3, 4), said(C, 5, 6), said(A, 9, 10), said(C, 11, 12),
            said(A, 11.5, 14), said(C, 20, 21)]  # fmt: skip
    stats = stats_from_turns(call(*rows))
    assert stats.agent.latency_ms == 1000
    assert stats.customer.latency_ms == 1000


def test_waits_through_a_hold_are_no_latency():
    rows = (said(C, 0, 2), said(A, 40, 41))
    assert (
        stats_from_turns(call(*rows), events=(event(EventKind.HOLD, 3, 39),)).agent.latency_ms
        is None
    )


def test_longest_turn_spans_short_pauses():
    stats = stats_from_turns(call(said(A, 0, 5), said(A, 5.5, 9), said(A, 12, 13)))
    assert stats.agent.longest_turn_ms == 9000


def test_units_are_characters_or_words():
    assert stats_from_turns(call(said(A, 0, 5, "您好，OK 123"))).agent.units > 4
    assert stats_from_turns(call(said(A, 0, 5, "hello there sir"), language="en")).agent.units == 3


def overlaps(*rows, language="zh", speech=None):
    return stats_from_turns(call(*rows, language=language, stereo=True), speech=speech).overlaps


def test_mono_cannot_know_overlaps():
    assert stats_from_turns(call(said(A, 0, 5), said(C, 4, 9))).overlaps is None
    assert overlaps(said(A, 0, 5), said(C, 6, 9)) == ()


KINDS = [
    ("agent cuts in and goes on", said(C, 0, 10), said(A, 7, 14), (A, OverlapKind.MAJOR)),
    ("for a second", said(C, 0, 10), said(A, 8.5, 14), (A, OverlapKind.MINOR)),
    ("for half a second", said(C, 0, 10), said(A, 9.5, 14), (A, OverlapKind.BRIEF)),
    ("at the very end", said(C, 0, 10), said(A, 9.8, 14), (A, OverlapKind.BRIEF)),
    ("both begin at once", said(C, 0, 10), said(A, 0.5, 10), (A, OverlapKind.BRIEF)),
    ("a listener's noise", said(C, 0, 10), said(A, 5, 5.6, "嗯嗯"), (A, OverlapKind.BACKCHANNEL)),
    ("several", said(C, 0, 9), said(A, 5, 7.5, "嗯，好的，明白"), (A, OverlapKind.BACKCHANNEL)),
    ("three characters", said(C, 0, 10), said(A, 5, 6.5, "你等等"), (A, OverlapKind.BACKCHANNEL)),
    ("four characters", said(C, 0, 10), said(A, 5, 7.5, "你先听我说"), (A, OverlapKind.MAJOR)),
    ("customer cuts in", said(A, 0, 10), said(C, 6, 14), (C, OverlapKind.MAJOR)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "expected"), [k[1:] for k in KINDS], ids=[k[0] for k in KINDS]
)
def test_kinds_of_overlap(first, second, expected):
    (found,) = overlaps(first, second)
    assert (found.by, found.kind) == expected
    assert (found.over_turn_index, found.turn_index) == (0, 1)
    assert found.start_ms == round(second[1] * 1000)
    assert found.end_ms == round(min(first[2], second[2]) * 1000)


ENGLISH_KINDS = [
    ("mm-hmm, okay", OverlapKind.BACKCHANNEL),
    ("Right, right. I see. Okay.", OverlapKind.BACKCHANNEL),
    ("two words", OverlapKind.BACKCHANNEL),
    ("no wait a minute please", OverlapKind.MAJOR),
]


@pytest.mark.parametrize(("text", "kind"), ENGLISH_KINDS)
def test_english_overlaps(text, kind):
    (found,) = overlaps(said(C, 0, 10, ENGLISH), said(A, 4, 6.5, text), language="en")
    assert found.kind == kind


def test_who_resumes_after_a_pause_talks_into_the_other():
    # The agent stops at 5.0, the customer takes the floor at 5.4, the agent goes on at 5.7.
    agent = said(A, 0, 12)
    (found,) = overlaps(
        agent, said(C, 5.4, 12), speech={A: [(0, 5000), (5700, 12_000)], C: [(5400, 12_000)]}
    )
    assert found.by == A
    assert found.start_ms == 5700


def test_interruptions_are_counted_by_side_and_back_channels_are_no_overlap():
    stats = stats_from_turns(
        call(
            said(C, 0, 10),
            said(A, 3, 3.5, "嗯"),
            said(A, 7, 15),
            said(C, 20, 30),
            said(A, 28.5, 36),
            stereo=True,
        )
    )
    metrics = stats.metrics
    assert (metrics["agent_major_overlaps"], metrics["agent_minor_overlaps"]) == (1, 1)
    assert (metrics["customer_major_overlaps"], metrics["customer_minor_overlaps"]) == (0, 0)
    assert metrics["overlap_share"] == pytest.approx(4.5 / 31)


QUESTIONS = [
    ("请问有什么可以帮您？", True), ("您的订单号是多少", True), ("这样可以吗", True),
    ("对吧", True), ("我帮您查一下", False), ("谢谢您的来电", False),
    ("How can I help you?", True), ("what is your name", True), ("do you have the number", True),
    ("thank you for calling", False), ("I know what you mean.", False), ("", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), QUESTIONS)
def test_questions(text, expected):
    assert asks(text) is expected


@pytest.mark.parametrize("text", ["mm" * 4000 + "!", "好的，" * 3000 + "不", "m" * 9000 + "h"])
def test_long_repetitions_are_judged_in_no_time(text):
    assert is_backchannel(text, "zh") in (True, False)


TURNS = st.lists(
    st.tuples(st.sampled_from([A, C, S]), st.integers(0, 600), st.integers(1, 80)), max_size=12
)


@given(TURNS, TURNS)
def test_parts_always_add_up(first, second):
    rows = sorted(
        (said(role, at / 10, (at + length) / 10) for role, at, length in [*first, *second]),
        key=lambda row: row[1],
    )
    stats = stats_from_turns(call(*rows, stereo=True))
    limits = stats.speech_end_ms - stats.speech_start_ms
    assert sum(gap.duration_ms for gap in stats.gaps) <= max(0, limits)
    assert all(
        stats.speech_start_ms <= g.start_ms < g.end_ms <= stats.speech_end_ms for g in stats.gaps
    )
    assert 0 <= stats.metrics["silence_share"] <= stats.metrics["quiet_share"] <= 1
    assert stats.talk_ratio is None or 0 <= stats.talk_ratio <= 1
    assert all(o.start_ms < o.end_ms for o in stats.overlaps)
