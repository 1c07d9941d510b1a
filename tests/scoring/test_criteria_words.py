"""Rules about what is said: phrase, regex, near, semantic, repetition, question, entity, statement."""

from __future__ import annotations

import pytest

from qa.analysis import EventKind
from scoring.criteria.searching import runs_straight
from tests.conversations import agent, call, customer, event, find, rule, system, unknown

BANKS = {
    "G1": ["您好", "hello"],
    "X3": ["再见", ("在见", "homophone", 0.75)],
    "F1": ["办不了", ("办不料", "homophone", 0.75)],
}
TALK = call(
    agent("您好，请讲"),
    customer("您好，我想查话费"),
    agent("这个办不了"),
    customer("再见"),
    agent("再见"),
)


@pytest.mark.parametrize(
    ("text", "share", "quotes"),
    [
        ("{kind: phrase, banks: [G1]}", 1, ["您好"]),
        ("{kind: phrase, banks: [G1], side: customer}", 1, ["您好"]),
        ("{kind: phrase, banks: [G1], side: both, at_least: 2}", 1, ["您好", "您好"]),
        ("{kind: phrase, banks: [G1], at_least: 2}", 0, ["您好"]),
        ("{kind: phrase, banks: [G1, X3], match: all}", 1, ["您好", "再见"]),
        ("{kind: phrase, banks: [G1, Q9], match: all}", 0, ["您好"]),
        ("{kind: phrase, banks: [G1, X3, Q9], match: n_of, at_least: 2}", 1, ["您好", "再见"]),
        ("{kind: phrase, banks: [G1, X3, Q9], match: n_of, at_least: 3}", 0, ["您好", "再见"]),
        ("{kind: phrase, banks: [Q9], match: none}", 1, []),
        ("{kind: phrase, banks: [F1], match: none}", 0, ["办不了"]),
        ("{kind: phrase, texts: {zh: [请讲]}}", 1, ["请讲"]),
        ("{kind: phrase, banks: [G1], having: {zh: 请讲}}", 1, ["您好"]),
        ("{kind: phrase, banks: [G1], having: {zh: 帮您}}", 0, []),
        ("{kind: phrase, banks: [G1], unless: {zh: 请讲}}", 0, []),
        ("{kind: phrase, banks: [X3], only: [homophone]}", 0, []),
        ("{kind: phrase, banks: [X3], window: {first_turns: 2}}", 0, []),
    ],
)
def test_phrase(text, share, quotes):
    found = find(text, TALK, banks=BANKS)
    assert found.share == share
    assert [
        TALK.transcript.turns[s.pos].text[s.char_start : s.char_end] for s in found.spots
    ] == quotes


def test_a_homophone_of_a_forbidden_phrase_is_only_a_candidate():
    found = find(
        "{kind: phrase, banks: [F1]}", call(agent("这个办不料"), customer("啊")), banks=BANKS
    )
    assert found.share == 0
    assert not found.spots
    assert [spot.rule for spot in found.candidates] == ["F1"]


def test_a_homophone_of_a_positive_phrase_counts():
    found = find("{kind: phrase, banks: [X3]}", call(agent("在见"), customer("好")), banks=BANKS)
    assert found.share == 1
    assert found.confidence == 0.75


@pytest.mark.parametrize("kind", [EventKind.HOLD, EventKind.MUSIC, EventKind.IVR])
def test_hits_inside_hold_music_and_ivr_do_not_count(kind):
    analysis = call(
        agent("您好", at=5, lasts=2), customer("在吗", at=20), events=[event(4, 10, kind)]
    )
    assert find("{kind: phrase, banks: [G1]}", analysis, banks=BANKS).share in (0, None)
    inside = find(f"{{kind: phrase, banks: [G1], inside: {kind.value}}}", call(
        agent("您好", at=5, lasts=2), agent("请讲", at=15), customer("在吗", at=20),
        events=[event(4, 10, kind)],
    ), banks=BANKS)  # fmt: skip
    assert inside.share == 1


def test_a_side_nobody_is_known_to_speak_for_is_not_evaluable():
    assert find("{kind: phrase, banks: [G1]}", call(unknown("您好")), banks=BANKS).share is None


def test_a_silent_recorded_voice_simply_said_nothing():
    assert find("{kind: phrase, banks: [G1], side: system}", TALK, banks=BANKS).share == 0
    heard = call(system("您好"), agent("您好"))
    assert find("{kind: phrase, banks: [G1], side: system}", heard, banks=BANKS).share == 1


@pytest.mark.parametrize(
    ("text", "said", "share"),
    [
        ("{kind: regex, pattern: {zh: '退.{0,3}款'}}", "给您退了款", 1),
        ("{kind: regex, pattern: {zh: 退款}, unless: {zh: 不能退款}}", "不能退款", 0),
        ("{kind: regex, pattern: {zh: 退款}, at_least: 2}", "退款，退款", 1),
        ("{kind: regex, pattern: {zh: 退款}, at_least: 3}", "退款，退款", 0),
        ("{kind: regex, pattern: {zh: 退款, en: refund}}", "帮您 refund 一下", 1),
        ("{kind: regex, pattern: {zh: '^好$'}}", "好", 1),
        ("{kind: regex, pattern: {en: DNS}}", "check the dns please now", 1),
    ],
)
def test_regex(text, said, share):
    assert find(text, call(agent(said), customer("嗯"))).share == share


def test_a_pattern_is_named_in_the_language_of_its_reader():
    named = "{kind: regex, name: {zh: 道别, en: farewell}, pattern: {zh: 再见}}"
    met = find(named, call(agent("再见"), customer("嗯"))).reason
    assert (met.zh, met.en) == ("“再见”算作“道别”", "“再见” counts as “farewell”")
    missed = find(named, call(agent("好"), customer("嗯"))).reason
    assert (missed.zh, missed.en) == ("没有听到“道别”", "nothing that counts as “farewell”")


def test_a_match_never_runs_from_one_turn_into_the_next():
    analysis = call(agent("退"), agent("款"), customer("嗯"))
    assert find(r"{kind: regex, pattern: {zh: '退\s?款'}}", analysis).share == 0


def test_a_runaway_pattern_is_not_evaluable_instead_of_hanging(monkeypatch):
    monkeypatch.setattr("scoring.criteria.searching.TIME_LIMIT_S", 0.05)
    analysis = call(agent("a" * 4000 + "!"), customer("b"), language="en")
    found = find("{kind: regex, pattern: {en: '(a|a)+$'}}", analysis)
    assert found.share is None
    assert "too long" in found.reason.en


@pytest.mark.parametrize(
    ("pattern", "straight"),
    [("退.{0,3}款", True), ("a{1,5}b|cd?", True), ("(ab){0,3}", True), ("(a+)+", False), (".*x", False),
     ("(?P<x>a)(?P=x)", False), (r"\p{Han}", False), ("(a{0,5}b){0,5}", False)],
)  # fmt: skip
def test_only_bounded_patterns_run_without_a_clock(pattern, straight):
    assert runs_straight(pattern) is straight


@pytest.mark.parametrize(
    ("text", "said", "language", "share"),
    [
        ("{kind: near, first: {zh: 退}, second: {zh: 款}, within: 2}", "退给您款", "zh", 1),
        ("{kind: near, first: {zh: 退}, second: {zh: 款}, within: 1}", "退给您款", "zh", 0),
        (
            "{kind: near, first: {en: refund}, second: {en: today}, within: 2}",
            "a refund is coming today",
            "en",
            1,
        ),
        (
            "{kind: near, first: {en: refund}, second: {en: today}, within: 1}",
            "a refund is coming today",
            "en",
            0,
        ),
        (
            "{kind: near, first: {en: today}, second: {en: refund}, within: 5, ordered: true}",
            "a refund today",
            "en",
            0,
        ),
        (
            "{kind: near, first: {en: today}, second: {en: refund}, within: 5}",
            "a refund today",
            "en",
            1,
        ),
    ],
)
def test_near(text, said, language, share):
    assert find(text, call(agent(said), customer("ok"), language=language)).share == share


class _Encoder:
    def similarity(self, text, sentences):
        return 0.9 if "查" in text else 0.4


@pytest.mark.parametrize(("said", "share"), [("我查查看", 1), ("再见", 0)])
def test_semantic(said, share):
    text = "{kind: semantic, sentences: {zh: [我帮您看一下]}, threshold: 0.8}"
    found = find(text, call(agent(said), customer("好")), encoder=_Encoder())
    assert found.share == share
    assert found.measured["threshold"] == 0.8


def test_semantic_without_an_encoder_is_not_evaluable():
    assert find("{kind: semantic, sentences: {zh: [好]}}", TALK).share is None


@pytest.mark.parametrize(
    ("text", "lines", "share"),
    [
        ("{kind: repetition, similarity: 0.8}", ["请问您的号码是多少", "请问您的号码是多少呢"], 1),
        ("{kind: repetition, similarity: 0.8}", ["请问您的号码是多少", "好的，正在查询"], 0),
        ("{kind: repetition, similarity: 0.8, min_units: 4}", ["好的", "好的"], 0),
        (
            "{kind: repetition, similarity: 0.8, within_turns: 1}",
            ["请问您的号码是多少", "请问您的号码是多少呢"],
            0,
        ),
        (
            "{kind: repetition, questions_only: true}",
            ["我帮您查询一下记录", "我帮您查询一下记录"],
            0,
        ),
    ],
)
def test_repetition(text, lines, share):
    said = [piece for line in lines for piece in (agent(line), customer("嗯嗯"))]
    assert find(text, call(*said)).share == share


@pytest.mark.parametrize(
    ("text", "said", "language", "share"),
    [
        ("{kind: question}", "请问您贵姓？", "zh", 1),
        ("{kind: question}", "您用的是哪一款", "zh", 1),
        ("{kind: question}", "没什么问题", "zh", 0),
        ("{kind: question}", "好的，我知道了", "zh", 0),
        ("{kind: question, in_one_turn: true, at_least: 3}", "您贵姓？哪里人？什么事？", "zh", 1),
        ("{kind: question, at_least: 2}", "您贵姓？", "zh", 0),
        ("{kind: question}", "When did it start", "en", 1),
        ("{kind: question}", "What I can do is refund you", "en", 0),
        ("{kind: question, not_banks: [G1]}", "您好，请问您贵姓？", "zh", 0),
    ],
)
def test_question(text, said, language, share):
    assert (
        find(text, call(agent(said), customer("ok"), language=language), banks=BANKS).share == share
    )


@pytest.mark.parametrize(
    ("kind", "said", "language", "share"),
    [
        ("long_number", "卡号是6222020012345678", "zh", 1),
        ("long_number", "六二二二零二零零一二三四", "zh", 1),
        ("long_number", "一共一百二十块", "zh", 0),
        ("long_number", "it is four one five five two two three three", "en", 1),
        ("long_number", "您的<银行卡>已核对", "zh", 1),
        ("phone", "我的电话13800138000", "zh", 1),
        ("money", "一共三十五元", "zh", 1),
        ("money", "that is 35 dollars", "en", 1),
        ("time", "明天上午回电", "zh", 1),
        ("time", "within 24 hours", "en", 1),
        ("time", "尽快给您回复", "zh", 0),
        ("time", "as soon as possible", "en", 0),
        ("reference", "工单号是A1023", "zh", 1),
        ("reference", "your reference number is 5521", "en", 1),
    ],
)
def test_entity(kind, said, language, share):
    found = find(
        f"{{kind: entity, of: [{kind}]}}", call(agent(said), customer("ok"), language=language)
    )
    assert found.share == share


@pytest.mark.parametrize(
    ("text", "said", "share"),
    [
        ("{kind: statement}", "您的套餐包含二十个G的流量，超出后按每兆收费。", 1),
        ("{kind: statement}", "好的", 0),
        ("{kind: statement}", "请问您的手机号码后四位是多少呢？", 0),
        ("{kind: statement, count_questions: true}", "请问您的手机号码后四位是多少呢？", 1),
        (
            "{kind: statement, not_banks: [G1]}",
            "您好，您的套餐包含二十个G的流量，超出后按每兆收费。",
            0,
        ),
        (
            "{kind: statement, unless: {zh: 营业厅}}",
            "您可以带上身份证到附近的营业厅去办理这个业务",
            0,
        ),
    ],
)
def test_statement(text, said, share):
    assert find(text, call(agent(said), customer("嗯")), banks=BANKS).share == share


def test_quotes_are_the_exact_characters_of_the_turn():
    analysis = call(agent("😀\u0007İ您好！再见"), customer("好"))
    for text in ("{kind: regex, pattern: {zh: 再见}}", "{kind: phrase, banks: [G1]}"):
        spot = find(text, analysis, banks=BANKS).spots[0]
        assert analysis.transcript.turns[0].text[spot.char_start : spot.char_end] in (
            "再见",
            "您好",
        )


def test_every_kind_has_a_line_in_the_union():
    assert rule("{kind: manual, why: {zh: 人工, en: person}}").kind == "manual"
