import json
from datetime import UTC, datetime, timedelta

import pytest

from qa.errors import SettingsError
from qa.evaluation import Bilingual, Evidence
from scoring.alert_messages import CHANNELS, Outbox, message_for, text_of
from scoring.alerts import Alert, AlertKind, AlertReason


def alert(priority="P1", kind=AlertKind.COMPLAINT, points=0):
    quote = Evidence(turn_index=0, start_ms=0, end_ms=1, quote="我找律师" + "啊" * 90, rule="r")
    reason = AlertReason(
        code="regulator", text=Bilingual(zh="提到律师", en="A lawyer"), evidence=(quote,)
    )
    return Alert(
        kind=kind, call_id="c1", priority=priority, reasons=(reason,), points=points,
        respond_within_minutes=30 if kind == AlertKind.COMPLAINT else None,
    )  # fmt: skip


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_channel_says_what_and_where(channel, language):
    body = json.dumps(
        message_for(channel, alert(), language=language, link="u"), ensure_ascii=False
    )
    assert "P1" in body
    assert "c1" in body
    assert ("提到律师" if language == "zh-CN" else "A lawyer") in body
    assert "律师啊" not in body  # no quote unless it is allowed


def test_quotes_are_short_and_only_on_request():
    lines = text_of(alert(), language="zh", with_quotes=True).lines
    assert "“我找律师" in lines[-1]
    assert len(lines[-1]) < 60


def test_churn_says_that_points_are_no_probability():
    lines = text_of(alert("high", AlertKind.CHURN, points=75), language="en").lines
    assert any("75" in line and "not a probability" in line for line in lines)


def test_unknown_channel():
    with pytest.raises(SettingsError, match="pigeon"):
        message_for("pigeon", alert(), language="en")


def test_rate_limit_holds_back_all_but_p1():
    now = datetime(2026, 11, 18, tzinfo=UTC)
    recent = [now - timedelta(minutes=1)] * 2 + [now - timedelta(hours=1)] * 9
    alerts = [alert("P2"), alert("P3"), alert("P1")]
    sending, held = Outbox(most=3).due(alerts, sent_at=recent, now=now)
    assert [item.priority for item in sending] == ["P2", "P1"]
    assert [item.priority for item in held] == ["P3"]
