"""Windows: where in a call a rule looks."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.conversations import agent, call, customer, find, rule

# One word per turn at known seconds: the word says where it is.
CALL = call(
    agent("a一", at=10, lasts=2),
    customer("b", at=15, lasts=2),
    agent("a二", at=20, lasts=2),
    customer("b", at=30, lasts=2),
    agent("a三", at=40, lasts=2),
    customer("b", at=50, lasts=2),
    agent("a四", at=60, lasts=2),
    customer("b", at=70, lasts=2),
    agent("a五", at=80, lasts=2),
    customer("b", at=100, lasts=2),
    agent("a六", at=108, lasts=2),
)
ANCHORS = {
    "mid": "{kind: regex, side: agent, pattern: {zh: a三}}",
    "none": "{kind: regex, pattern: {zh: 没有}}",
}


def words(window: str, analysis=CALL) -> str:
    found = find(
        f"{{kind: regex, pattern: {{zh: 'a[一二三四五六]'}}, window: {window}}}",
        analysis,
        anchors=ANCHORS,
    )
    return "".join(analysis.transcript.turns[s.pos].text[1] for s in found.spots)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("{open_s: 5}", "一二"),  # the agent's first two turns at least
        ("{open_s: 31}", "一二三"),
        ("{close_s: 15}", "四五六"),  # the last five turns at least
        ("{close_s: 75}", "三四五六"),
        ("{first_s: 5}", "一"),
        ("{last_s: 5}", "六"),
        ("{first_turns: 3}", "一二"),
        ("{last_turns: 3}", "五六"),
        ("{percent: [0, 50]}", "一二三"),
        ("{percent: [50, 100]}", "四五六"),
        ("{percent: [90, 100], last_turns: 3}", "五六"),
        ("{after: mid}", "四五六"),
        ("{before: mid}", "一二"),
        ("{around: mid, within_s: 20}", "二三四"),
        ("{after: mid, within_s: 20}", "四"),
        ("{after: mid, within_turns: 4}", "四五"),
        ("{before: mid, within_turns: 2}", "二"),
        ("{around: mid, within_turns: 0}", "三"),
        ("{after: none}", ""),
        ("{after: none, if_missing: call}", "一二三四五六"),
        ("{before: none}", "一二三四五六"),
        ("{before: none, if_missing: nothing}", ""),
        ("{after: {rule: {kind: regex, side: customer, pattern: {en: b}}, hit: 4}}", "五六"),
        ("{after: {rule: {kind: regex, side: customer, pattern: {en: b}}, hit: -1}}", "六"),
        ("{after: {name: mid}, before: {rule: {kind: regex, pattern: {zh: a五}}}}", "四"),
    ],
)
def test_window(window, expected):
    assert words(window) == expected


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("{open_s: 15}", "一二"),
        ("{close_s: 30}", "四五六"),
        ("{first_turns: 3}", "一二"),
        ("{percent: [50, 100]}", "四五六"),
        ("{after: mid, within_s: 20}", "四"),  # ten seconds of text count as about one turn
        ("{after: mid, within_turns: 4}", "四五"),
    ],
)
def test_windows_without_times_count_turns(window, expected):
    plain = call(
        *(agent(t.text) if t.role == "agent" else customer(t.text) for t in CALL.transcript.turns),
        timed=False,
    )
    assert words(window, plain) == expected


@pytest.mark.parametrize(
    "window",
    [
        "{open_s: 5, close_s: 5}",
        "{within_s: 5}",
        "{percent: [60, 40]}",
        "{after: {name: mid, rule: {kind: question}}}",
        "{after: {name: mid, hit: 0}}",
        "{first_s: -1}",
        '{first_s: "10:30"}',
    ],
)
def test_senseless_windows_are_refused(window):
    with pytest.raises(ValidationError):
        rule(f"{{kind: question, window: {window}}}")
