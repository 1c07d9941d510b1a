"""Plain transcripts: what is understood, and errors that name file, line and field."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.analysis import Analysis
from qa.calls import Direction, Role
from qa.errors import SourceError
from scoring.imports import analysis_from_plain, read_plain_calls


def plain(*turns, **fields):
    return {
        "call_id": "c1",
        "turns": [
            dict(zip(("role", "text", "start_ms", "end_ms"), t, strict=False)) for t in turns
        ],
        **fields,
    }


@pytest.mark.parametrize(
    ("word", "role"),
    [("agent", Role.AGENT), ("Agent", Role.AGENT), ("客服", Role.AGENT), ("坐席", Role.AGENT), ("A", Role.AGENT),
     ("user", Role.CUSTOMER), ("客户", Role.CUSTOMER), ("C ", Role.CUSTOMER), ("ivr", Role.SYSTEM), ("", Role.UNKNOWN)],
)  # fmt: skip
def test_role_words(word, role):
    assert analysis_from_plain(plain((word, "hi"))).transcript.turns[0].role == role


def test_times_make_statistics_and_their_absence_none():
    timed = analysis_from_plain(plain(("agent", "您好", 0, 1000), ("customer", "好", 1500, 2000)))
    assert timed.stats is not None
    assert timed.stats.agent.talk_ms > 0
    assert timed.transcript.duration_ms == 2000
    bare = analysis_from_plain(plain(("agent", "您好"), ("customer", "好")))
    assert bare.stats is None
    assert not bare.transcript.timed
    assert [t.start_ms for t in bare.transcript.turns] == [0, 1000]


def test_times_on_some_turns_count_for_none_and_leave_a_flag():
    some = analysis_from_plain(plain(("agent", "您好", 0, 1000), ("customer", "好")))
    assert not some.transcript.timed
    assert some.transcript.flags == ("some_times_missing",)


def test_turns_are_put_in_the_order_of_their_times():
    mixed = analysis_from_plain(plain(("customer", "二", 2000, 3000), ("agent", "一", 0, 1000)))
    assert [t.text for t in mixed.transcript.turns] == ["一", "二"]
    assert [t.index for t in mixed.transcript.turns] == [0, 1]


def test_seconds_are_understood():
    turn = {"role": "agent", "text": "hi", "start_s": 1.5, "end_s": 2.25}
    found = analysis_from_plain({"call_id": "c", "turns": [turn]}).transcript.turns[0]
    assert (found.start_ms, found.end_ms) == (1500, 2250)


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (["您好，请讲"], "zh"),
        (["hello there"], "en"),
        (["帮您check一下您的账单"], "zh"),
        ([""], ""),
        (["123"], ""),
    ],
)
def test_language_is_detected(texts, language):
    assert (
        analysis_from_plain(plain(*(("agent", t) for t in texts))).transcript.language == language
    )


def test_a_stated_language_wins():
    assert (
        analysis_from_plain(plain(("agent", "hello"), language="zh-CN")).transcript.language == "zh"
    )


def test_metadata_is_passed_on():
    found = analysis_from_plain(
        plain(("agent", "hi"), direction="呼出", queue="售后", agent_id=1001, started_at="2026-01-31T09:30:00+08:00",
              facts={"call_type": "complaint"}, metadata={"vip": True}, ended_by="agent", score=3)
    )  # fmt: skip
    assert found.call.direction == Direction.OUTBOUND
    assert (found.call.queue, found.call.agent_id) == ("售后", "1001")
    assert found.call.started_at.hour == 9
    assert found.facts == {"call_type": "complaint"}
    assert found.call.tags == {"vip": "yes", "ended_by": "agent", "score": "3"}


@pytest.mark.parametrize(
    ("obj", "message"),
    [
        (None, "expected an object"),
        ([], "expected an object"),
        ({"turns": []}, "call_id: is missing"),
        ({"call_id": "c"}, "turns: expected a list, got nothing"),
        ({"call_id": "c", "turns": {}}, "turns: expected a list"),
        ({"call_id": "c", "turns": ["hi"]}, "turns[0]: expected an object, got text"),
        (
            {"call_id": "c", "turns": [{"role": "agent"}]},
            "turns[0].text: expected text, got nothing",
        ),
        (
            {"call_id": "c", "turns": [{"role": "agent", "text": 5}]},
            "turns[0].text: expected text, got a number",
        ),
        (plain(("agent", "a"), ("boss", "b")), "turns[1].role: unknown role 'boss'"),
        (plain((["agent"], "a")), "turns[0].role: expected text"),
        (plain(("agent", "a", "0", 1)), "turns[0].start_ms: expected milliseconds"),
        (plain(("agent", "a", True, 1)), "turns[0].start_ms: expected milliseconds"),
        (plain(("agent", "a", 5, 1)), "turns[0].end_ms: 1 lies before start_ms 5"),
        (plain(("agent", "a", -1, 1)), "turns[0].start_ms: -1 ms is outside"),
        (plain(("agent", "a", 0, 1e18)), "turns[0].end_ms"),
        (plain(("agent", "a", 0, math.nan)), "turns[0].end_ms"),
        (plain(("agent", "a"), direction="sideways"), "direction: unknown direction"),
        (plain(("agent", "a"), started_at="yesterday"), "started_at"),
        (plain(("agent", "a"), facts=["x"]), "facts: expected an object"),
        (plain(("agent", "a"), queue=["x"]), "queue: expected text"),
        (plain(("agent", "a"), role_confidence=2), "role_confidence: expected 0 to 1"),
    ],
)
def test_errors_name_place_and_field(obj, message):
    with pytest.raises(SourceError) as caught:
        analysis_from_plain(obj, "calls.jsonl:3")
    assert message in caught.value.message
    assert str(caught.value).startswith("calls.jsonl:3: ")
    assert caught.value.remedy


def test_control_characters_become_spaces_so_that_offsets_stay():
    turn = analysis_from_plain(plain(("agent", "您\x00好\ud800！"))).transcript.turns[0]
    assert turn.text == "您 好 ！"


@pytest.mark.parametrize(
    "wrap",
    [
        json.dumps,
        lambda c: json.dumps([c, c]),
        lambda c: "\n".join([json.dumps(c), "", json.dumps(c)]),
    ],
)
def test_files_may_hold_one_call_a_list_or_lines(tmp_path, wrap):
    path = tmp_path / "calls.json"
    path.write_text("\ufeff" + wrap(plain(("agent", "您好"))), encoding="utf-8")
    assert all(isinstance(found, Analysis) for found in read_plain_calls(path))


def test_a_bad_line_stands_in_its_place_and_the_others_are_read(tmp_path):
    path = tmp_path / "calls.jsonl"
    good = json.dumps(plain(("agent", "您好")), ensure_ascii=False)
    path.write_text(f'{good}\n{{oops\n{good}\n{{"call_id": 1}}', encoding="utf-8")
    found = list(read_plain_calls(path))
    assert [type(item).__name__ for item in found] == [
        "Analysis",
        "SourceError",
        "Analysis",
        "SourceError",
    ]
    assert found[1].place.endswith(":2")
    assert found[3].place.endswith(":4")


def test_an_unreadable_file_is_an_error(tmp_path):
    with pytest.raises(SourceError):
        list(read_plain_calls(tmp_path / "absent.jsonl"))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["call_id", "turns", "role", "text", "start_ms", "end_ms", "language", "facts", "x"]), inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    _JSON,
    st.lists(
        st.dictionaries(st.sampled_from(["role", "text", "start_ms", "end_ms"]), _JSON), max_size=3
    ),
)
def test_any_json_is_an_analysis_or_an_error(obj, turns):
    for candidate in (obj, {"call_id": "c", "turns": turns}):
        try:
            outcome = analysis_from_plain(candidate, "p")
        except SourceError as error:
            outcome = error
        assert isinstance(outcome, Analysis) or outcome.place == "p"
