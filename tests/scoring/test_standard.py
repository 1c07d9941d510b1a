"""The default service standard: complete, bilingual, and right on made-up and synthetic calls."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from qa.analysis import CallEvent, EventKind
from qa.calls import Direction
from qa.evaluation import CriterionClass, CriticalState, EvaluationState
from scoring.engine import load_scorecard, score
from scoring.examples import example_results
from scoring.features import stats_from_turns
from scoring.imports import analysis_from_plain
from scoring.matching import default_matcher
from scoring.scorecard import Part
from tests.conversations import agent, call, customer, event

CARD = load_scorecard("service-standard")
TRUTH = sorted(Path(__file__).parents[2].glob("samples/truth/*.json"))

QUOTED = re.compile("“[^”]*”")


def outcome(evaluation, name):
    return next(r.verdict for r in evaluation.results if r.criterion_id == name)


def test_it_is_complete():
    weights = {section.id: sum(c.weight for c in section.criteria) for section in CARD.sections}
    assert weights == {
        "S1": 8, "S2": 12, "S3": 15, "S4": 5, "S5": 9, "S6": 6, "S7": 10, "S8": 15, "S9": 6,
        "S10": 4, "S11": 3, "S12": 7,
    }  # fmt: skip
    criteria = [item for _, item in CARD.criteria()]
    judged = [item for item in criteria if item.rule.kind not in ("manual", "flow")]
    assert len(judged) == 36
    assert len(CARD.criterion("S9")[1].rule.steps) == 6
    assert [fail.code for fail in CARD.auto_fails] == [f"AF-{n}" for n in range(1, 11)]
    assert {p.id for p in CARD.profiles} == {
        "collections", "complaint_desk", "technical", "outbound_sales", "text_only",
    }  # fmt: skip


def test_classes_follow_the_dossier():
    classes = {item.id: item.critical_class for _, item in CARD.criteria()}
    named = {
        CriterionClass.COMPLIANCE: {"S2.1", "S2.2", "S2.3", "S2.4"},
        CriterionClass.CUSTOMER: {"S7.1", "S7.3", "S8.1", "S8.4", "S8.5", "S9"},
        CriterionClass.BUSINESS: {"S7.4", "S8.3", "S10.2"},
    }
    for kind, names in named.items():
        assert {name for name, value in classes.items() if value == kind} == names


def test_every_bank_it_names_exists():
    assert CARD.banks() <= set(default_matcher().banks)


def test_every_example_holds():
    results = example_results(CARD)
    assert len(results) >= 80
    assert not [(r.criterion_id, r.number, r.verdict.reason.en) for r in results if not r.passed]


def _texts(part):
    if isinstance(part, Part):
        if set(type(part).model_fields) == {"zh", "en"} and isinstance(part.zh, str):
            yield part
        for name in type(part).model_fields:
            yield from _texts(getattr(part, name))
    elif isinstance(part, tuple | dict):
        for item in part.values() if isinstance(part, dict) else part:
            yield from _texts(item)


def test_names_and_guidance_exist_in_both_languages():
    for _, item in CARD.criteria():
        for text in (item.name, item.guidance, item.not_applicable, item.not_evaluable):
            if text is not None:
                assert any("\u4e00" <= char <= "\u9fff" for char in text.zh), item.id
                assert not any("\u4e00" <= char <= "\u9fff" for char in text.en), item.id


def sample(path):
    truth = json.loads(path.read_text("utf-8"))
    analysis = analysis_from_plain(
        {
            **{k: truth[k] for k in ("call_id", "language", "direction", "turns")},
            "ended_by": truth["ended_by"],
        }
    )
    events = tuple(
        CallEvent(kind=EventKind(e["kind"]), start_ms=e["start_ms"], end_ms=e["end_ms"])
        for e in truth["events"]
    )
    stereo = "agent" in truth["layout"]
    text = replace(analysis.transcript, true_overlap=stereo)
    stats = stats_from_turns(text, events=events)
    return truth, replace(analysis, transcript=text, events=events, stats=stats)


@pytest.mark.skipif(not TRUTH, reason="the samples' truth is not built")
def test_its_reasons_speak_the_language_of_their_reader():
    mixed = []
    for path in TRUTH:
        evaluation = score(sample(path)[1], CARD)
        for result in evaluation.results:
            reason = result.verdict.reason
            if result.criterion_id == "S6.4":  # names the customer's unexplained terms
                continue
            zh, en = (QUOTED.sub("", text) for text in (reason.zh, reason.en))
            if re.search(r"[a-z_]{3,}", zh) or re.search(r"[\u3400-\u9fff]", en):
                mixed.append((path.stem, result.criterion_id, reason))
    assert mixed == []


def test_reasons_call_banks_by_their_names():
    evaluation = score(call(agent("您好"), customer("嗯"), agent("请讲"), customer("好")), CARD)
    heard, missed = (outcome(evaluation, name).reason for name in ("S1.1", "S2.1"))
    assert (heard.zh, heard.en) == ("听到“问候”(G1)：“您好”", "heard “Salutation” (G1): “您好”")
    assert missed.en == "no “Recording notice” (C1) heard"


@pytest.mark.skipif(not TRUTH, reason="the samples' truth is not built")
def test_it_agrees_with_people_on_the_synthetic_samples():
    agreed, asked, wrong = 0, 0, []
    for path in TRUTH:
        truth, analysis = sample(path)
        evaluation = score(analysis, CARD)
        for name, expected in truth["expected"].items():
            if name == "S11":  # needs sentiment, which these texts were not given
                continue
            asked += 1
            verdict = outcome(evaluation, name)
            good = verdict.outcome == expected or (
                expected == "missed" and 0 <= verdict.share <= 0.2
            )
            agreed += good
            wrong += [] if good else [(path.stem, name, expected, verdict.outcome.value)]
    assert agreed / asked >= 0.9, wrong


SHORT = [
    agent("您好，这里是星河宽带客服中心，工号1023为您服务，请问有什么可以帮您？"),
    customer("我想问一下你们营业厅几点关门"),
    agent("营业厅每天上午九点到下午六点营业，节假日也是一样的时间。"),
    customer("好的，明白了，谢谢"),
    agent("不客气，请问还有其他需要吗？"),
    customer("没有了"),
    agent("感谢您的来电，再见。"),
]


def test_a_short_inquiry_is_not_asked_for_what_it_did_not_need():
    evaluation = score(call(*SHORT), CARD)
    assert evaluation.state == EvaluationState.SCORED
    assert evaluation.labels["simple_call"] == "yes"
    for name in (
        "S2.2",
        "S2.3",
        "S2.4",
        "S3.2",
        "S3.3",
        "S4.1",
        "S5.1",
        "S8.2",
        "S8.3",
        "S9",
        "S10.1",
        "S10.2",
        "S12.1",
    ):
        assert outcome(evaluation, name).outcome == "not_applicable", name
    for name in ("S1.1", "S1.2", "S1.3", "S1.4", "S7.1", "S8.4", "S12.2", "S12.3"):
        assert outcome(evaluation, name).outcome == "met", name


def test_text_without_times_drops_what_needs_sound():
    evaluation = score(call(*SHORT, timed=False), CARD)
    assert evaluation.labels["profile"] == "text_only"
    assert evaluation.state == EvaluationState.SCORED
    for name in ("S3.1", "S3.4", "S6.1", "S6.2", "S6.3"):
        result = next(r for r in evaluation.results if r.criterion_id == name)
        assert (result.verdict.outcome, result.weight) == ("not_applicable", 0)
    assert sum(r.weight for r in evaluation.results) == pytest.approx(100)


def test_mono_cannot_prove_interruption():
    assert outcome(score(call(*SHORT), CARD), "S3.1").outcome == "not_evaluable"
    assert outcome(score(call(*SHORT, stereo=True), CARD), "S3.1").outcome == "met"


@pytest.mark.parametrize(
    ("said", "direction", "expected"),
    [
        ("我要投诉你们", Direction.INBOUND, "complaint"),
        ("我家断网了，怎么都连不上", Direction.INBOUND, "fault"),
        ("我要销户，换别家了", Direction.INBOUND, "retention"),
        ("麻烦帮我办理一下套餐变更", Direction.INBOUND, "transaction"),
        ("你们几点关门", Direction.INBOUND, "inquiry"),
        ("嗯，什么事", Direction.OUTBOUND, "outbound_service"),
        ("打错了，不好意思", Direction.INBOUND, "void"),
    ],
)
def test_call_types_from_text(said, direction, expected):
    analysis = call(
        agent("您好"), customer(said), agent("好的"), customer("嗯"), direction=direction
    )
    assert score(analysis, CARD).labels["call_type"] == expected


def test_a_given_call_type_wins():
    assert (
        score(call(*SHORT, facts={"call_type": "complaint"}), CARD).labels["call_type"]
        == "complaint"
    )


def suspected(*said, **how):
    return {(f.code, f.state) for f in score(call(*said, **how), CARD).findings}


SUSPECTED, CANDIDATE = CriticalState.SUSPECTED, CriticalState.CANDIDATE


@pytest.mark.parametrize(
    ("said", "how", "expected"),
    [
        ([agent("神经病"), customer("你说什么")], {}, ("AF-1", SUSPECTED)),
        ([agent("神经病", confidence=0.7), customer("你说什么")], {}, ("AF-1", CANDIDATE)),
        ([agent("神经病"), customer("你说什么")], {"role_confidence": 0.85}, ("AF-1", CANDIDATE)),
        ([agent("后果自负"), customer("什么")], {}, ("AF-2", SUSPECTED)),
        ([agent("请把密码告诉我"), customer("为什么")], {}, ("AF-3", SUSPECTED)),
        ([agent("您好"), customer("查话费"), agent("您的话费余额还有35元")], {}, ("AF-4", SUSPECTED)),
        ([agent("这个零风险"), customer("真的吗")], {"tags": {"regulated": "yes"}}, ("AF-5", SUSPECTED)),
        ([agent("加我个人微信"), customer("啊")], {}, ("AF-6", SUSPECTED)),
        ([agent("就这样"), customer("等等我还没说完")], {"tags": {"ended_by": "agent"}}, ("AF-7", SUSPECTED)),
        ([customer("我要投诉"), agent("投诉也没用"), customer("什么")], {}, ("AF-8", SUSPECTED)),
        ([customer("开通吧"), agent("好的，现在为您开通套餐"), customer("好")], {"tags": {"mandatory_disclosure": "yes"}}, ("AF-9", SUSPECTED)),
        ([agent("请稍等", at=0, lasts=2), agent("这个客户脑子有问题", at=12, lasts=2), customer("喂", at=30)], {"events": [event(10, 20)]}, ("AF-10", SUSPECTED)),
    ],
)  # fmt: skip
def test_auto_fails(said, how, expected):
    assert expected in suspected(*said, **how)


@pytest.mark.parametrize(
    ("said", "how", "code"),
    [
        ([agent("您说他骂您神经病，我记录一下"), customer("对")], {}, "AF-1"),
        ([agent("请不要告诉我您的密码"), customer("好")], {}, "AF-3"),
        ([agent("请问您贵姓，手机号后四位是多少"), customer("王，一二三四"), agent("您的话费余额还有35元")], {}, "AF-4"),
        ([agent("这个零风险"), customer("真的吗")], {}, "AF-5"),
        ([agent("感谢您的来电，再见"), customer("再见")], {"tags": {"ended_by": "agent"}}, "AF-7"),
        ([agent("投诉也没用"), customer("什么")], {}, "AF-8"),
        ([customer("神经病"), agent("好的")], {}, "AF-1"),
    ],
)  # fmt: skip
def test_no_auto_fail_without_its_grounds(said, how, code):
    assert code not in {found for found, _ in suspected(*said, **how)}


def test_profiles_are_chosen_by_metadata():
    evaluation = score(call(*SHORT, tags={"profile": "collections"}), CARD)
    assert evaluation.labels["profile"] == "collections"
    weight = {s.section_id: s.weight for s in evaluation.sections}
    assert weight["S2"] > 20
    assert sum(weight.values()) == pytest.approx(100)


def test_the_agents_feelings_are_never_judged():
    for rule in CARD.rules():
        if rule.kind in ("sentiment", "negative_turns"):
            assert rule.side in (None, "customer")


def test_empathy_is_customer_critical_on_complaints_alone():
    said = (
        customer("我都等了一个小时了，急死我了"), agent("号码是多少"), customer("一三八"),
        agent("好的"), customer("嗯"),
    )  # fmt: skip
    for kind, expected in (("complaint", "customer_critical"), ("inquiry", "non_critical")):
        found = score(call(*said, language="zh", facts={"call_type": kind}), CARD)
        result = next(r for r in found.results if r.criterion_id == "S5.1")
        assert result.critical_class.value == expected


def test_a_mild_form_does_not_excuse_another_fault_beside_it():
    said = (
        customer("Where is my refund?"),
        agent("You need to calm down. I already told you, it's on the website."),
        customer("Okay then."),
    )
    found = score(call(*said, language="en"), CARD)
    result = next(r for r in found.results if r.criterion_id == "S7.2")
    assert "already told" in result.verdict.reason.en
