"""Rules that combine others: logic, ladders, parts, deductions, tallies, flows, occurrences."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.conversations import agent, call, customer, event, find

YES = "{kind: metric, name: turns, at_least: 0}"
NO = "{kind: metric, name: turns, at_most: -1}"
UNKNOWN = "{kind: semantic, sentences: {zh: [好]}}"
TALK = call(agent("一"), customer("好"), agent("二"), customer("好"), agent("三"))


@pytest.mark.parametrize(
    ("kind", "rules", "share"),
    [
        ("all", [YES, YES], 1), ("all", [YES, NO], 0), ("all", [NO, UNKNOWN], 0), ("all", [UNKNOWN, NO], 0),
        ("all", [YES, UNKNOWN], None), ("any", [NO, YES], 1), ("any", [NO, NO], 0), ("any", [UNKNOWN, YES], 1),
        ("any", [UNKNOWN, NO], None),
    ],
)  # fmt: skip
def test_logic_has_three_values(kind, rules, share):
    assert find(f"{{kind: {kind}, rules: [{', '.join(rules)}]}}", TALK).share == share


@pytest.mark.parametrize(("inner", "share"), [(YES, 0), (NO, 1), (UNKNOWN, None)])
def test_not(inner, share):
    assert find(f"{{kind: not, rule: {inner}}}", TALK).share == share


def test_unknown_can_be_told_to_win():
    assert find(f"{{kind: all, rules: [{NO}, {UNKNOWN}], unknown_wins: true}}", TALK).share is None


@pytest.mark.parametrize(
    ("rungs", "share"),
    [
        ([(1, YES), (0.5, YES)], 1), ([(1, NO), (0.5, YES)], 0.5), ([(1, NO), (0.5, NO)], 0.1),
        ([(1, UNKNOWN), (0.5, YES)], None), ([(1, YES), (0.5, UNKNOWN)], 1),
    ],
)  # fmt: skip
def test_ladder(rungs, share):
    listed = ", ".join(f"{{share: {s}, when: {w}}}" for s, w in rungs)
    assert find(f"{{kind: ladder, rungs: [{listed}], otherwise: 0.1}}", TALK).share == share


def test_ladder_says_what_a_rung_means():
    found = find(
        f"{{kind: ladder, rungs: [{{share: 0.5, when: {YES}, says: {{zh: 偏晚, en: Late}}}}]}}",
        TALK,
    )
    assert found.reason.zh.startswith("偏晚：")
    assert found.reason.en.startswith("Late: ")


def part(name, when, share=1):
    return f"{{name: {{zh: {name}, en: {name}}}, when: {when}, share: {share}}}"


@pytest.mark.parametrize(
    ("parts", "share"),
    [
        ([part("a", YES), part("b", YES)], 1), ([part("a", YES), part("b", NO)], 0.5),
        ([part("a", YES, 0.25), part("b", NO, 0.75)], 0.25), ([part("a", YES), part("b", UNKNOWN)], 1),
        ([part("a", NO), part("b", UNKNOWN)], 0), ([part("a", UNKNOWN)], None),
    ],
)  # fmt: skip
def test_parts(parts, share):
    assert find(f"{{kind: parts, parts: [{', '.join(parts)}]}}", TALK).share == share


def test_parts_name_what_is_there_and_what_is_missing():
    found = find(f"{{kind: parts, parts: [{part('谢', YES)}, {part('别', NO)}]}}", TALK)
    assert found.reason.zh == "2 项中做到 1 项，有：谢，缺：别"


BANKS = {
    "F1": ["办不了", ("办不料", "homophone", 0.75)],
    "F4": ["滚"],
    "R1": ["我帮您"],
    "K3": ["说过了"],
}


def faults(*lines, extra="", **how):
    text = (
        "{kind: deductions, faults: [{name: {zh: 拒绝, en: refusal}, each: 0.5, rule: {kind: phrase, banks: [F1]}"
        f"{extra}}}]}}"
    )
    said = [agent(line, at=i * 20.0, lasts=2) for i, line in enumerate(lines)]
    return find(text, call(*said, customer("好", at=500), **how), banks=BANKS)


@pytest.mark.parametrize(
    ("lines", "share", "doubtful"),
    [(["好的"], 1, 0), (["办不了"], 0.5, 0), (["办不了", "办不了"], 0, 0), (["办不了"] * 5, 0, 0),
     (["办不料"], 1, 1), (["办不了", "办不料"], 0.5, 1)],
)  # fmt: skip
def test_deductions(lines, share, doubtful):
    found = faults(*lines)
    assert found.share == share
    assert len(found.candidates) == doubtful
    assert found.review is bool(doubtful)


def test_repeats_within_ten_seconds_count_once_and_each_fault_has_a_limit():
    assert faults("办不了，办不了，办不了").measured["faults"] == 1
    assert faults(*["办不了"] * 9).measured["faults"] == 3


def test_a_fault_heard_unclearly_costs_nothing():
    text = (
        "{kind: deductions, faults: [{name: {zh: 拒绝, en: r}, rule: {kind: phrase, banks: [F1]}}]}"
    )
    found = find(text, call(agent("办不了", confidence=0.5), customer("好")), banks=BANKS)
    assert found.share == 1
    assert len(found.candidates) == 1


def test_a_positive_no_is_softened_and_an_excuse_clears_the_fault():
    soft = ", softened: 0.25, softened_by: {kind: phrase, banks: [R1], window: {after: it, within_s: 15, within_turns: 0}}"
    assert faults("办不了，我帮您查别的", extra=soft).share == 0.75
    assert faults("办不了", "我帮您查别的", extra=soft).share == 0.5  # 20 seconds later is too late
    excuse = ", unless: {kind: phrase, banks: [R1], window: {around: it, within_turns: 0}}"
    assert faults("办不了，我帮您查别的", extra=excuse).share == 1
    only = ", only_if: {kind: phrase, side: customer, banks: [K3], window: {after: it, within_turns: 1}}"
    assert faults("办不了", extra=only).share == 1


@pytest.mark.parametrize(
    ("scale", "lines", "share"),
    [
        ("[{share: 1, at_most: 1}, {share: 0.5, at_most: 2}]", ["办不了"], 1),
        ("[{share: 1, at_most: 1}, {share: 0.5, at_most: 2}]", ["办不了"] * 2, 0.5),
        ("[{share: 1, at_most: 1}, {share: 0.5, at_most: 2}]", ["办不了"] * 3, 0),
        ("[{share: 1, at_least: 2}, {share: 0.5, at_least: 1}]", ["好"], 0),
        ("[{share: 1, at_least: 2}, {share: 0.5, at_least: 1}]", ["办不了"], 0.5),
        ("[{share: 1, at_least: 2}]", ["办不了"] * 2, 1),
    ],
)
def test_tally(scale, lines, share):
    text = f"{{kind: tally, name: {{zh: 次, en: n}}, of: [{{rule: {{kind: phrase, banks: [F1]}}}}], scale: {scale}}}"
    assert find(text, call(*(agent(x) for x in lines), customer("好")), banks=BANKS).share == share


def test_tally_counts_a_factor_once_when_told_and_weighs():
    text = (
        "{kind: tally, name: {zh: 次, en: n}, scale: [{share: 1, at_least: 3}],"
        " of: [{rule: {kind: phrase, banks: [F1]}, limit: 1}, {rule: {kind: phrase, banks: [F4]}, weight: 2}]}"
    )
    assert (
        find(text, call(agent("办不了"), agent("办不了"), customer("好")), banks=BANKS).measured[
            "count"
        ]
        == 1
    )
    assert find(text, call(agent("办不了"), agent("滚"), customer("好")), banks=BANKS).share == 1


def test_density_counts_against_talk():
    text = (
        "{kind: density, name: {zh: 礼貌, en: courtesy}, per: minute, rule: {kind: regex, pattern: {zh: 请}},"
        " scale: [{share: 1, at_least: 1}, {share: 0.5, at_least: 0.5}]}"
    )
    assert find(text, call(agent("请", lasts=59), customer("好"))).share == 1
    assert find(text, call(agent("请", lasts=120), customer("好"))).share == 0.5
    assert find(text, call(agent("你", lasts=60), customer("好"))).share == 0
    assert find(text, call(customer("好"))).share is None


def test_proportion():
    text = (
        "{kind: proportion, name: {zh: 您, en: polite}, of: {kind: regex, pattern: {zh: 您}},"
        " among: {kind: regex, pattern: {zh: '您|你'}}, at_least: 0.9}"
    )
    assert find(text, call(agent("您您您您您您您您您你"), customer("好"))).share == 1
    assert find(text, call(agent("您你"), customer("好"))).share == 0
    assert not find(text, call(agent("好"), customer("好"))).applies


@pytest.mark.parametrize(
    ("lines", "share"),
    [("一二三", 1), ("一三二", 0), ("三二一", 0), ("一二二三", 1), ("二一二三", 1), ("一二", 0)],
)
def test_sequence(lines, share):
    steps = ", ".join(f"{{kind: regex, pattern: {{zh: {x}}}}}" for x in "一二三")
    analysis = call(*(agent(x) for x in lines), customer("好"))
    assert find(f"{{kind: sequence, steps: [{steps}]}}", analysis).share == share


def test_sequence_in_part_and_in_reach():
    steps = ", ".join(f"{{kind: regex, pattern: {{zh: {x}}}}}" for x in "一二三")
    analysis = call(*(agent(x) for x in "一二四四四三"), customer("好"))
    assert find(f"{{kind: sequence, steps: [{steps}], within_turns: 2}}", analysis).share == 0
    assert (
        find(
            f"{{kind: sequence, steps: [{steps}], within_turns: 2, partial: true}}", analysis
        ).share
        == 2 / 3
    )


def flow(lines, *, extra="", step_extra=""):
    def step(name, more=""):
        return f"{{id: {name}, name: {{zh: {name}, en: {name}}}, rule: {{kind: regex, pattern: {{zh: {name}}}}}{more}}}"

    text = f"{{kind: flow, steps: [{step('a一')}, {step('a二', ', must_come_after: [a一]')}, {step('a三', step_extra)}]{extra}}}"
    return find(text, call(*(agent(f"a{x}") for x in lines), customer("好")))


@pytest.mark.parametrize(
    ("lines", "share"),
    [
        ("一二三", 1),
        ("一二", 2 / 3),
        ("三", 1 / 3),
        ("", 0),
        ("二一三", 2.5 / 3),
        ("三一二", 1),
        ("二三", 2 / 3),
    ],
)
def test_flow(lines, share):
    assert flow(lines or "四").share == pytest.approx(share)


def test_flow_options_branches_and_failure():
    assert flow("一二", step_extra=", optional: true").share == 1
    assert flow("一二", step_extra=f", when: {NO}").share == 1
    assert flow("一二", step_extra=f", when: {YES}").share == pytest.approx(2 / 3)
    assert flow("一二", extra=", fail_at_most: 2").share == 0
    assert flow("一二三", extra=", fail_at_most: 2").share == 1


def test_flow_refuses_unknown_steps():
    with pytest.raises(ValidationError):
        flow("一", step_extra=", must_come_after: [a九]")


def test_each_occurrence():
    text = (
        "{kind: each, of: {side: customer, longer_s: 5, min_units: 5},"
        " rule: {kind: regex, side: agent, pattern: {zh: 嗯}, window: {after: it, within_turns: 1}}}"
    )
    both = call(customer("长", lasts=6), agent("嗯"), customer("长", lasts=6), agent("好"))
    assert find(text, both).share == 0.5
    assert not find(text, call(customer("短", lasts=2), agent("嗯"))).applies
    untimed = call(customer("这里说了很多话"), agent("嗯"), timed=False)
    assert find(text, untimed).share == 1


def test_each_hold_can_be_judged_by_its_length():
    text = "{kind: each, of: {kind: hold}, rule: {kind: not, rule: {kind: item, longer_s: 60}}, combine: worst}"
    short = call(agent("等", at=0), customer("好", at=200), events=[event(10, 40)])
    mixed = call(agent("等", at=0), customer("好", at=200), events=[event(10, 40), event(60, 140)])
    assert find(text, short).share == 1
    assert find(text, mixed).share == 0


@pytest.mark.parametrize(
    ("effect", "share"), [("add: -0.25", 0.75), ("cap: 0.5", 0.5), ("set: 0", 0), ("add: 0.5", 1)]
)
def test_adjusted(effect, share):
    text = f"{{kind: adjusted, rule: {YES}, adjustments: [{{name: {{zh: 调整, en: change}}, when: {YES}, {effect}}}]}}"
    assert find(text, TALK).share == share


def test_a_doubtful_reason_never_lowers_the_share():
    text = (
        f"{{kind: adjusted, rule: {YES}, adjustments: [{{name: {{zh: 调整, en: change}}, set: 0,"
        " when: {kind: phrase, banks: [F4]}}]}"
    )
    assert find(text, call(agent("滚", confidence=0.5), customer("好")), banks=BANKS).share == 1
    assert find(text, call(agent("滚"), customer("好")), banks=BANKS).share == 0


def test_monologue():
    text = "{kind: monologue, side: customer, longer_s: 15, min_units: 10}"
    assert find(text, call(customer("讲", lasts=16), agent("嗯"))).share == 1
    assert find(text, call(customer("讲", lasts=14), agent("嗯"))).share == 0
    assert find(text, call(customer("一二三四五六七八九十"), agent("嗯"), timed=False)).share == 1


def test_an_anchor_that_refers_to_itself_is_not_evaluable():
    anchors = {"a": "{kind: anchor, name: b}", "b": "{kind: anchor, name: a}"}
    assert find("{kind: anchor, name: a}", TALK, anchors=anchors).share is None
