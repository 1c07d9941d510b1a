"""Rules made for service conversations: paraphrase, empathy, commitment, jargon."""

from __future__ import annotations

import pytest

from scoring.criteria.keyterms import key_terms
from tests.conversations import agent, call, customer, find

BANKS = {"L3": ["您的意思是", "跟您确认一下", "let me make sure"], "E1": ["理解您的心情"], "E2": ["抱歉", "sorry"],
         "F3": ["急什么"], "R3": ["给您回电"], "J1": ["意思是"], "K5": ["气死我了", "angry"]}  # fmt: skip
TRIGGER = {"trigger": "{kind: phrase, side: customer, banks: [K5]}"}
NEED = "我家宽带昨天断网了"


@pytest.mark.parametrize(
    ("one", "two", "shared"),
    [("宽带断网了", "您反映的是宽带断网", True), ("宽带断网了", "跟您确认一下", False),
     ("I want a refund for my router", "so you'd like your router refunded", True),
     ("I want a refund for my router", "let me make sure I understand", False)],
)  # fmt: skip
def test_key_terms(one, two, shared):
    assert bool(key_terms(one) & key_terms(two)) is shared


@pytest.mark.parametrize(
    ("lines", "window", "share"),
    [
        ([NEED, "您的意思是宽带断网了对吗"], "{}", 1),
        ([NEED, "跟您确认一下"], "{}", 0.5),
        ([NEED, "好的"], "{}", 0),
        ([NEED, "好的", "嗯", "您的意思是宽带断网了对吗"], "{first_turns: 2}", 0.5),
    ],
)
def test_paraphrase(lines, window, share):
    said = [customer(x) if i % 2 == 0 else agent(x) for i, x in enumerate(lines)]
    assert find(f"{{kind: paraphrase, window: {window}}}", call(*said), banks=BANKS).share == share


def empathy(*said, **how):
    return find("{kind: empathy}", call(*said, **how), banks=BANKS, anchors=TRIGGER)


@pytest.mark.parametrize(
    ("said", "share"),
    [
        ([customer("气死我了，宽带断网", at=0), agent("宽带断网给您添麻烦了，抱歉", at=6)], 1),
        ([customer("气死我了，宽带断网", at=0), agent("理解您的心情", at=6)], 0.7),
        ([customer("气死我了", at=0), agent("号码", at=6), customer("一", at=9), agent("查了", at=20),
          customer("嗯", at=24), agent("抱歉", at=40)], 0.4),
        ([customer("气死我了", at=0), agent("号码", at=6), customer("一", at=9)], 0),
        ([customer("气死我了", at=0), agent("急什么", at=6), agent("抱歉", at=9)], 0),
        ([customer("气死我了", at=0), agent("抱歉", at=6), customer("气死我了", at=30)], 0.7),  # one episode
        ([customer("气死我了", at=0), agent("理解您的心情", at=6), customer("气死我了", at=100), agent("号码", at=106),
          agent("再见", at=190)], 0.35),
    ],
)  # fmt: skip
def test_empathy(said, share):
    assert empathy(*said).share == pytest.approx(share)


def test_no_trigger_is_no_occasion_and_formulas_are_capped():
    assert not empathy(customer("你好"), agent("您好")).applies
    repeated = [agent("抱歉", at=6 + i) for i in range(5)]
    assert empathy(customer("气死我了", at=0), *repeated).share == 0.5


def test_empathy_works_without_times():
    assert empathy(customer("气死我了，宽带断网"), agent("宽带断网，抱歉"), timed=False).share == 1


@pytest.mark.parametrize(
    ("said", "language", "share"),
    [
        ("我会在24小时内给您回电", "zh", 1),
        ("工程师明天上午上门维修", "zh", 1),
        ("我会尽快给您回电", "zh", 2 / 3),
        ("好的", "zh", 0),
        ("我昨天给您处理了", "zh", 0),
        ("I'll call you back by five pm today", "en", 1),
        ("I will call you back soon", "en", 0),
    ],
)
def test_commitment(said, language, share):
    found = find(
        "{kind: commitment}", call(agent(said), customer("ok"), language=language), banks=BANKS
    )
    assert found.share == pytest.approx(share)


def test_commitment_with_reference():
    text = "{kind: commitment, reference: true}"
    promise = agent("我会在24小时内给您回电")
    assert find(text, call(promise, customer("好")), banks=BANKS).share == 0.75
    assert find(text, call(promise, agent("工单号是A1023"), customer("好")), banks=BANKS).share == 1


@pytest.mark.parametrize(
    ("said", "share"),
    [
        ([agent("看一下光猫"), customer("好")], 0.5),
        ([agent("看一下光猫"), customer("什么"), agent("意思是那个白盒子")], 1),
        ([agent("看一下光猫和DNS"), customer("好")], 0),
        ([agent("光猫，光猫"), customer("好")], 0.5),
        ([customer("我的光猫坏了"), agent("看一下光猫")], None),  # the customer's own word
        ([agent("好的"), customer("好")], None),
    ],
)
def test_jargon(said, share):
    text = "{kind: jargon, terms: {zh: [光猫], en: [DNS]}, scale: [{share: 1, at_most: 0}, {share: 0.5, at_most: 1}]}"
    assert find(text, call(*said), banks=BANKS).share == share
