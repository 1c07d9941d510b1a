"""Sending alerts: what is due over which channel, and the one step that leaves the machine."""

from __future__ import annotations

import json
import logging
import os
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from qa.errors import SettingsError, TransientError
from qa.insight.alerts import RANK, RiskItem
from qa.settings import AlertSettings, ChannelSettings
from qa.store import Store
from scoring.alert_messages import Outbox, message_for

_log = logging.getLogger(__name__)
_TIMEOUT_S = 10
#: Fields in which hooks say that they refused, though the answer was 200.
_CODES = ("errcode", "code", "StatusCode")
Send = Callable[[ChannelSettings, Mapping[str, Any], AlertSettings], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message of a round: `state` is `sent`, `held` (rate limit), `failed` or `dry_run`."""

    channel: str
    risk_id: int
    call_id: str
    priority: str
    state: str
    body: Mapping[str, Any]
    problem: str = ""


def send_alerts(
    store: Store,
    settings: AlertSettings,
    *,
    really: bool = False,
    send: Send | None = None,
    now: datetime | None = None,
) -> list[Delivery]:
    """One round over all channels: new risks that were not sent in their priority yet.

    Args:
        store: Read for what is due; what was sent is noted there, so that nothing goes twice.
        settings: Channels with their rate limits.
        really: False shows the very same round without sending or noting anything.
        send: Delivers one body; the network by default.
        now: The moment of the round.

    Raises:
        SettingsError: Sending is asked for, and switched off or badly configured.
    """
    if really and not settings.enabled:
        raise SettingsError(
            "sending alerts is switched off", "alerts.enabled", "set it to true in qa.toml"
        )
    moment = now or datetime.now(UTC)
    found: list[Delivery] = []
    for name, channel in settings.channels.items():
        _check(name, channel, settings)
        found += _round(store, name, settings, really=really, send=send or deliver, now=moment)
    return found


def send_due(store: Store, settings: AlertSettings) -> list[Delivery]:
    """The night's round: what is due is sent where a site switched that on. Never stops a night."""
    if not (settings.enabled and settings.channels):
        return []
    try:
        found = send_alerts(store, settings, really=True)
    except SettingsError as error:
        _log.error("no alert was sent, because %s", error)
        return []
    for one in found:
        if one.problem:
            _log.warning("alert of %s over %s: %s", one.call_id, one.channel, one.problem)
    return found


def _check(name: str, channel: ChannelSettings, settings: AlertSettings) -> None:
    place = f"alerts.channels.{name}"
    if channel.kind == "email":
        if not (channel.to and settings.smtp and settings.sender):
            raise SettingsError(
                "e-mail needs `to`, and `smtp` and `sender` of alerts", place, "name them"
            )
    elif not channel.url.startswith(("https://", "http://")):
        raise SettingsError("a hook needs an http(s) `url`", place, "name it")


def _round(
    store: Store, name: str, settings: AlertSettings, *, really: bool, send: Send, now: datetime
) -> list[Delivery]:
    channel = settings.channels[name]
    per = timedelta(minutes=channel.per_minutes)
    wanted = [i for i in store.risks.unsent(name) if RANK[i.alert.priority] <= RANK[channel.lowest]]
    sent = store.risks.sent_at(name, since=now - per)
    sending, _ = Outbox(most=channel.most, per=per).due(
        [item.alert for item in wanted], sent_at=sent, now=now
    )
    due = {id(alert) for alert in sending}
    found = []
    for item in wanted:
        body = _body(item, channel, settings)
        state, problem = "held" if id(item.alert) not in due else "dry_run", ""
        if state != "held" and really:
            problem = _try(send, channel, body, settings)
            store.risks.record_message(item, name, problem=problem)
            state = "failed" if problem else "sent"
        found.append(
            Delivery(
                channel=name,
                risk_id=item.id,
                call_id=item.alert.call_id,
                priority=item.alert.priority,
                state=state,
                body=body,
                problem=problem,
            )
        )
    return found


def _body(item: RiskItem, channel: ChannelSettings, settings: AlertSettings) -> dict[str, Any]:
    link = f"{settings.page.rstrip('/')}/call?id={item.alert.call_id}" if settings.page else ""
    return message_for(
        channel.kind,
        item.alert,
        language=channel.language,
        link=link,
        with_quotes=channel.with_quotes,
    )


def _try(
    send: Send, channel: ChannelSettings, body: Mapping[str, Any], settings: AlertSettings
) -> str:
    """What went wrong, `""` when nothing did. One broken channel never stops the others."""
    try:
        send(channel, body, settings)
    except (TransientError, OSError, ValueError, smtplib.SMTPException) as error:
        # the address of a hook carries its secret: only the kind of failure is kept
        return error.message if isinstance(error, TransientError) else type(error).__name__
    return ""


def deliver(channel: ChannelSettings, body: Mapping[str, Any], settings: AlertSettings) -> None:
    """Send one body over a channel.

    Raises:
        TransientError: The other side refused it.
        OSError: It could not be reached.
    """
    if channel.kind == "email":
        _mail(channel, body, settings)
        return
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked with the settings
        channel.url,
        data=json.dumps(body, ensure_ascii=False).encode("utf-8"),
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
            told = answer.read(65_536)
    except urllib.error.HTTPError as error:
        raise TransientError(f"the hook answered {error.code}") from None
    _accepted(told)


def _accepted(told: bytes) -> None:
    try:
        answer = json.loads(told or b"{}")
    except ValueError:
        return
    for name in _CODES:
        if isinstance(answer, dict) and answer.get(name) not in (None, 0):
            raise TransientError(f"the hook refused: {name} {answer[name]}")


def _mail(channel: ChannelSettings, body: Mapping[str, Any], settings: AlertSettings) -> None:
    message = EmailMessage()
    message["Subject"] = body["subject"]
    message["From"], message["To"] = settings.sender, ", ".join(channel.to)
    message.set_content(body["body"])
    mail(message, settings)


def mail(message: EmailMessage, settings: AlertSettings) -> None:
    """Hand a message to the site's mail server.

    Raises:
        OSError: It cannot be reached, or refuses.
    """
    host, _, port = settings.smtp.partition(":")
    with smtplib.SMTP(host, int(port or 587), timeout=_TIMEOUT_S) as server:
        server.ehlo()
        if server.has_extn("starttls") or int(port or 587) == 587:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, os.environ.get("QA_SMTP_PASSWORD", ""))
        server.send_message(message)
