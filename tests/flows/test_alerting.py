"""Messages about risks: dry unless told, once per channel, limited, and never the end of the round."""

from __future__ import annotations

import json
import socketserver
import threading
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from flows.alerting import _accepted, send_alerts, send_due
from qa.errors import SettingsError, TransientError
from qa.evaluation import Bilingual
from qa.insight.alerts import Alert, AlertKind, AlertReason
from qa.insight.summaries import CallSummary
from qa.settings import AlertSettings
from tests.builders import NOON, make_call, make_recording

HOOK = {"kind": "wecom", "url": "https://hook.example/send?key=secret", "lowest": "P3", "most": 2}


def settings(enabled=True, **channels):
    return AlertSettings.model_validate(
        {"enabled": enabled, "channels": channels or {"desk": HOOK}}
    )


@pytest.fixture
def risky(store):
    for at, priority in enumerate(("P2", "P1", "P2", "P3", "P2")):
        name = f"r{at}"
        store.recordings.add(make_recording(name))
        store.calls.add(make_call(name))
        reason = AlertReason(code="complaint", text=Bilingual(zh="要投诉", en="complains"))
        alert = Alert(
            kind=AlertKind.COMPLAINT, call_id=f"call-{name}", priority=priority, reasons=(reason,)
        )
        summary = CallSummary(call_id=f"call-{name}", call_type="complaint", reason="refund")
        store.insight.save(summary, alerts=[alert])
    return store


def states(found):
    return [(one.priority, one.state) for one in found]


def test_a_dry_round_shows_what_a_real_one_sends_and_notes_nothing(risky):
    told = settings(enabled=False)
    dry = send_alerts(risky, told, now=NOON)
    assert states(dry) == [
        ("P1", "dry_run"), ("P2", "dry_run"), ("P2", "held"), ("P2", "held"), ("P3", "held"),
    ]  # fmt: skip
    assert send_alerts(risky, told, now=NOON) == dry
    sent = []
    real = send_alerts(
        risky, settings(), really=True, send=lambda _, body, __: sent.append(body), now=NOON
    )
    assert (
        [one.body for one in real if one.state == "sent"] == sent == [one.body for one in dry[:2]]
    )


def test_nothing_goes_twice_and_the_limit_holds_between_rounds(risky):
    def send(*_):
        pass

    now = risky.database.now()
    send_alerts(risky, settings(), really=True, send=send, now=now)
    assert states(send_alerts(risky, settings(), really=True, send=send, now=now)) == [
        ("P2", "held"), ("P2", "held"), ("P3", "held"),
    ]  # fmt: skip
    later = now + timedelta(minutes=11)
    assert "sent" in [
        s for _, s in states(send_alerts(risky, settings(), really=True, send=send, now=later))
    ]


def test_a_channel_that_is_down_is_a_row_and_is_tried_again(risky):
    def broken(*_):
        raise OSError("https://hook.example/send?key=secret is away")

    found = send_alerts(risky, settings(), really=True, send=broken, now=NOON)
    assert {one.problem for one in found if one.state == "failed"} == {"OSError"}
    assert len(risky.risks.unsent("desk")) == 5


def test_mild_risks_stay_where_the_channel_wants_grave_ones(risky):
    found = send_alerts(risky, settings(desk=HOOK | {"lowest": "P1"}), now=NOON)
    assert states(found) == [("P1", "dry_run")]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (settings(enabled=False), "switched off"),
        (settings(desk={"kind": "webhook", "url": "file:///etc/passwd"}), "http"),
        (settings(post={"kind": "email", "to": ["a@example.com"]}), "smtp"),
    ],
)
def test_what_is_not_configured_is_refused(risky, told, words):
    with pytest.raises(SettingsError, match=words):
        send_alerts(risky, told, really=True)


@pytest.mark.parametrize(
    ("answer", "ok"),
    [
        (b'{"errcode": 0, "errmsg": "ok"}', True), (b'{"errcode": 93000}', False), (b"", True),
        (b'{"code": 19001}', False), (b"<html>nonsense", True), (b"[1]", True),
    ],
)  # fmt: skip
def test_a_hook_that_says_no_politely_has_refused(answer, ok):
    if ok:
        _accepted(answer)
    else:
        with pytest.raises(TransientError, match="refused"):
            _accepted(answer)


@pytest.fixture
def hook():
    """A desk on this machine: keeps what it is sent, answers as its path asks."""
    got = []

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, json.loads(body)))
            self.send_response(500 if "down" in self.path else 200)
            self.end_headers()
            self.wfile.write(b'{"errcode": 93000}' if "full" in self.path else b'{"errcode": 0}')

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Desk)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("webhook", ("priority", "call_id")), ("wecom", ("msgtype", "markdown")),
        ("dingtalk", ("msgtype", "markdown")), ("feishu", ("msg_type", "content")),
    ],
)  # fmt: skip
def test_the_night_sends_what_is_due_and_no_more(risky, hook, kind, places):
    address, got = hook
    told = settings(desk={"kind": kind, "url": f"{address}/x", "lowest": "P2", "most": 3})
    found = send_due(risky, told)
    assert states(found) == [("P1", "sent"), ("P2", "sent"), ("P2", "sent"), ("P2", "held")]
    assert len(got) == 3
    assert all(set(places) <= set(body) for _, body in got)
    assert "call-r1" in json.dumps(got[0][1])
    assert states(send_due(risky, told)) == [("P2", "held")]
    assert len(got) == 3


def test_the_night_goes_on_when_a_desk_is_down_or_full(risky, hook, caplog):
    address, got = hook
    desks = {
        name: {"kind": "wecom", "url": f"{address}/{name}?key=geheim", "lowest": "P1"}
        for name in ("down", "full", "well")
    }
    with caplog.at_level("WARNING"):
        found = send_due(risky, settings(**desks))
    assert [one.state for one in found] == ["failed", "failed", "sent"]
    assert len(got) == 3
    assert "500" in caplog.text
    assert "geheim" not in caplog.text


def test_the_night_sends_nothing_unless_asked_to(risky, hook, caplog):
    address, got = hook
    desk = {"kind": "webhook", "url": address, "lowest": "P3"}
    assert send_due(risky, settings(enabled=False, desk=desk)) == []
    assert send_due(risky, settings(post={"kind": "email", "to": ["a@example.com"]})) == []
    assert "smtp" in caplog.text
    assert got == []


class Mailbox(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client needs to hand over one message."""

    def handle(self):
        self.say("220 loopback")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].split(":")[0].upper()
            if verb == "DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.kept.append((self.server.envelope, b"".join(lines)))
                self.server.envelope = []
            elif verb in ("MAIL", "RCPT"):
                self.server.envelope = [*self.server.envelope, line]
            if "refused@" in line:
                self.server.envelope = []
                self.say("550 nobody of that name")
                continue
            self.say("221 bye" if verb == "QUIT" else "250 ok")
            if verb == "QUIT":
                return

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def mail_server():
    with socketserver.TCPServer(("127.0.0.1", 0), Mailbox) as server:
        server.kept, server.envelope = [], []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def by_mail(server, *to):
    channels = {"post": {"kind": "email", "to": list(to), "lowest": "P3", "most": 1}}
    address = f"127.0.0.1:{server.server_address[1]}"
    return AlertSettings.model_validate(
        {"enabled": True, "channels": channels, "smtp": address, "sender": "qa@example.com"}
    )


def test_an_alert_arrives_at_a_mail_server(risky, mail_server):
    told = by_mail(mail_server, "lead@example.com", "desk@example.com")
    found = send_alerts(risky, told, really=True, now=NOON)
    assert states(found)[0] == ("P1", "sent")
    ((envelope, raw),) = mail_server.kept
    assert [line.split(" ")[0].upper() for line in envelope] == ["MAIL", "RCPT", "RCPT"]
    message = message_from_bytes(raw, policy=policy.default)
    assert message["From"] == "qa@example.com"
    assert message["To"] == "lead@example.com, desk@example.com"
    body = found[0].body
    assert message["Subject"] == body["subject"]
    assert message.get_content().split() == body["body"].split()


def test_a_refusing_mail_server_is_told_and_asked_again(risky, mail_server):
    refused = send_alerts(risky, by_mail(mail_server, "refused@example.com"), really=True, now=NOON)
    assert states(refused)[0] == ("P1", "failed")
    assert refused[0].problem == "SMTPRecipientsRefused"
    assert mail_server.kept == []
    again = send_alerts(risky, by_mail(mail_server, "lead@example.com"), really=True, now=NOON)
    assert states(again)[0] == ("P1", "sent")
