"""Alerts as messages: bodies for a webhook, Enterprise WeChat, DingTalk, Feishu and e-mail.

Bodies hold the call's id, priority and reasons with short quotes; whoever sends them decides
whether quotes may leave the house (`with_quotes`). Sending is not done here: `Outbox` only says
which alerts are due and which the rate limit holds back, so that a dry run shows the very same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from qa.errors import SettingsError
from qa.evaluation import Bilingual
from scoring.alerts import Alert, AlertKind

_QUOTE_CHARS = 40
_REASONS = 4
_KINDS = {
    AlertKind.COMPLAINT: Bilingual(zh="投诉预警", en="Complaint alert"),
    AlertKind.CHURN: Bilingual(zh="流失预警", en="Churn alert"),
}
_WORDS = {
    "call": Bilingual(zh="通话", en="Call"),
    "within": Bilingual(zh="请在 {} 分钟内响应", en="Respond within {} minutes"),
    "points": Bilingual(zh="预警分 {}（不是概率）", en="{} warning points (not a probability)"),
    "open": Bilingual(zh="打开", en="Open"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertText:
    """An alert in words of one language: a title and lines."""

    title: str
    lines: tuple[str, ...]


def text_of(alert: Alert, *, language: str, link: str = "", with_quotes: bool = False) -> AlertText:
    """Title and lines of an alert; quotes of the call only when asked for."""
    lines = [f"{_say('call', language)}: {alert.call_id}"]
    if alert.respond_within_minutes is not None:
        lines.append(_say("within", language).format(alert.respond_within_minutes))
    if alert.points:
        lines.append(_say("points", language).format(alert.points))
    for reason in alert.reasons[:_REASONS]:
        quote = reason.evidence[0].quote[:_QUOTE_CHARS] if reason.evidence and with_quotes else ""
        words = reason.text.in_language(language)
        lines.append(f"- {words}{f': “{quote}”' if quote else ''}")
    if link:
        lines.append(f"{_say('open', language)}: {link}")
    title = f"[{alert.priority}] {_KINDS[alert.kind].in_language(language)}"
    return AlertText(title=title, lines=tuple(lines))


def _say(name: str, language: str) -> str:
    return _WORDS[name].in_language(language)


def _webhook(alert: Alert, text: AlertText) -> dict[str, Any]:
    return {
        "kind": alert.kind.value,
        "call_id": alert.call_id,
        "priority": alert.priority,
        "points": alert.points,
        "reasons": [reason.code for reason in alert.reasons],
        "title": text.title,
        "text": "\n".join(text.lines),
    }


def _wecom(_: Alert, text: AlertText) -> dict[str, Any]:
    content = "\n".join((f"**{text.title}**", *text.lines))
    return {"msgtype": "markdown", "markdown": {"content": content}}


def _dingtalk(_: Alert, text: AlertText) -> dict[str, Any]:
    # DingTalk's markdown needs a blank line for a new line
    body = "\n\n".join((f"### {text.title}", *text.lines))
    return {"msgtype": "markdown", "markdown": {"title": text.title, "text": body}}


def _feishu(_: Alert, text: AlertText) -> dict[str, Any]:
    content = [[{"tag": "text", "text": line}] for line in text.lines]
    post = {"zh_cn": {"title": text.title, "content": content}}
    return {"msg_type": "post", "content": {"post": post}}


def _email(_: Alert, text: AlertText) -> dict[str, Any]:
    return {"subject": text.title, "body": "\n".join(text.lines) + "\n"}


CHANNELS: Mapping[str, Callable[[Alert, AlertText], dict[str, Any]]] = {
    "webhook": _webhook,
    "wecom": _wecom,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
    "email": _email,
}


def message_for(
    channel: str, alert: Alert, *, language: str, link: str = "", with_quotes: bool = False
) -> dict[str, Any]:
    """The body to send over a channel.

    Raises:
        SettingsError: No such channel.
    """
    if channel not in CHANNELS:
        raise SettingsError(
            f"no channel is called {channel!r}", "alerts", f"one of {', '.join(CHANNELS)}"
        )
    text = text_of(alert, language=language, link=link, with_quotes=with_quotes)
    return CHANNELS[channel](alert, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Rate limit of one channel: `most` messages in any `per`; P1 is never held back."""

    most: int = 10
    per: timedelta = timedelta(minutes=10)

    def due(
        self, alerts: Sequence[Alert], *, sent_at: Sequence[datetime], now: datetime
    ) -> tuple[tuple[Alert, ...], tuple[Alert, ...]]:
        """Alerts to send now and alerts held back, both in the order given."""
        room = self.most - sum(now - moment < self.per for moment in sent_at)
        sending: list[Alert] = []
        held: list[Alert] = []
        for alert in alerts:
            free = len(sending) < room or alert.priority == "P1"
            (sending if free else held).append(alert)
        return tuple(sending), tuple(held)
