from datetime import UTC, datetime, timedelta

import pytest

from qa.analysis import Analysis, TurnSentiment
from qa.calls import Call, Role
from qa.errors import ScorecardError
from qa.transcript import Transcript, Turn
from scoring.alerts import AlertKind, RiskItem, RiskState, alerts_of, resolved_at_end, risk_queue
from scoring.signals import default_signals, find_signals, load_signals, parse_signals


def call(*texts, language="zh", scores=(), role="customer"):
    turns = tuple(
        Turn(index=at, role=Role(role), start_ms=at * 1000, end_ms=at * 1000 + 900, text=text)
        for at, text in enumerate(texts)
    )
    sentiment = tuple(
        TurnSentiment(turn_index=at, label="neutral", score=value)
        for at, value in enumerate(scores)
    )
    transcript = Transcript(call_id="c1", language=language, duration_ms=60_000, turns=turns)
    return Analysis(
        call=Call(id="c1", recording_id="r"), transcript=transcript, sentiment=sentiment or None
    )


def one(analysis, kind, **options):
    found = [alert for alert in alerts_of(analysis, **options) if alert.kind == kind]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "language", "priority"),
    [
        ("我要去工信部投诉你们", "zh", "P1"),
        ("再不退钱我就找律师了", "zh", "P1"),
        ("孩子吃了以后食物中毒了", "zh", "P1"),
        ("我的信息被你们泄露了", "zh", "P1"),
        ("我要投诉", "zh", "P2"),
        ("叫你们经理来接电话", "zh", "P2"),
        ("I'm going to sue you", "en", "P1"),
        ("my son had an allergic reaction", "en", "P1"),
        ("let me speak to your manager", "en", "P2"),
        ("I want to make a complaint", "en", "P2"),
    ],
)
def test_complaint_priorities(text, language, priority):
    alert = one(call(text, language=language), AlertKind.COMPLAINT)
    assert alert.priority == priority
    evidence = alert.reasons[0].evidence[0]
    assert evidence.quote
    assert evidence.quote in text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我不是要投诉，就是问一下", "zh"),
        ("投诉电话是多少", "zh"),
        ("上次投诉你们处理得很好", "zh"),
        ("我在法院上班，地址是法院路三号", "zh"),
        ("有没有住院津贴的保险", "zh"),
        ("我的客户经理是小王", "zh"),
        ("我帮朋友问一下怎么注销", "zh"),
        ("I don't want to complain, just asking", "en"),
        ("I'm a lawyer, can I get a business plan", "en"),
        ("I want to switch to paperless", "en"),
        ("", "zh"),
        ("je vais porter plainte", "fr"),
    ],
)
def test_no_false_alarm(text, language):
    assert alerts_of(call(text, language=language)) == ()


def test_agents_words_raise_nothing():
    assert alerts_of(call("您可以投诉到工信部", role="agent")) == ()


def test_the_third_contact_is_p1():
    assert one(call("你好"), AlertKind.COMPLAINT, contacts=3).priority == "P1"
    assert one(call("你好"), AlertKind.COMPLAINT, contacts=2) is None


def test_sentiment_alone():
    sad = [0.0, 0.0, 0.0, -0.6, -0.7, -0.8]
    unresolved = call(*["在听"] * 6, scores=sad)
    assert one(unresolved, AlertKind.COMPLAINT).priority == "P2"
    assert one(unresolved, AlertKind.COMPLAINT, resolved=True).priority == "P3"
    assert alerts_of(call(*["在听"] * 6, scores=[0.0] * 6)) == ()


def test_churn_points():
    alert = one(call("我要销户，别家便宜多了", "上次也是这么说的"), AlertKind.CHURN)
    assert alert.points == 40 + 20 + 15
    assert alert.priority == "high"
    assert alert.points == sum(reason.points for reason in alert.reasons)
    assert "不是" in alert.note.zh
    assert one(call("我要退订"), AlertKind.CHURN).priority == "medium"
    assert one(call("违约金是多少"), AlertKind.CHURN) is None


@pytest.mark.parametrize(
    ("last", "expected"),
    [("好的解决了谢谢", True), ("还是不行啊", False), ("谢谢，但是没解决", False), ("嗯", None)],
)
def test_resolved_at_end(last, expected):
    assert resolved_at_end(call("你好", last)) is expected


def test_queue_puts_the_gravest_and_oldest_first():
    start = datetime(2026, 11, 18, tzinfo=UTC)
    texts = ["我要投诉", "我找律师", "我要投诉"]
    items = [
        RiskItem(alert=alerts_of(call(text))[0], raised_at=start - timedelta(hours=at))
        for at, text in enumerate(texts)
    ]
    done = RiskItem(alert=items[1].alert, raised_at=start, state=RiskState.RESOLVED)
    assert risk_queue([*items, done]) == (items[1], items[2], items[0])
    assert items[1].is_overdue(start)
    assert not items[0].is_overdue(start + timedelta(minutes=119))


def test_own_signals_and_their_errors(tmp_path):
    own = "signals: {fire: {title: {zh: 火, en: fire}, zh: {find: 着火}}}"
    (hit,) = find_signals(call("着火了").transcript, signals=parse_signals(own, place="x"))
    assert hit.signal == "fire"
    for bad in (
        "[]",
        "signals: {}",
        "signals: {a: {zh: {find: x}}}",
        "a: [",
        own.replace("着火", "'('"),
    ):
        with pytest.raises(ScorecardError):
            parse_signals(bad, place="x.yaml")
    with pytest.raises(ScorecardError):
        load_signals(tmp_path / "none.yaml")


def test_every_shipped_signal_has_both_languages():
    for signal in default_signals().values():
        assert set(signal.find) == {"zh", "en"}, signal.name
