import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from qa.calls import Role
from qa.errors import SettingsError, TransientError
from qa.evaluation import Outcome
from qa.transcript import Transcript, Turn
from scoring.llm import LlmCriterion, http_transport, judge, request_body

RULE = LlmCriterion(id="S5.2", title="Answers the question", inclusion="answers", exclusion="jokes")
CALL = Transcript(
    call_id="c",
    language="zh",
    duration_ms=2000,
    turns=(
        Turn(index=0, role=Role.CUSTOMER, start_ms=0, end_ms=900, text="几点关门"),
        Turn(index=1, role=Role.AGENT, start_ms=1000, end_ms=1900, text="晚上八点关门"),
    ),
)


def reply(content):
    if not isinstance(content, str):
        content = json.dumps(content)
    usage = {"prompt_tokens": 90, "completion_tokens": 9}
    return {"choices": [{"message": {"content": content}}], "usage": usage}


def ask(answer, **options):
    def transport(_):
        if isinstance(answer, Exception):
            raise answer
        return answer

    return judge(RULE, CALL, transport, model="m", **{"is_redacted": True} | options)


def test_quotes_come_from_the_transcript():
    verdict, record = ask(reply({"outcome": "met", "turns": [1], "quote": "made up"}))
    assert verdict.outcome == Outcome.MET
    assert [item.quote for item in verdict.evidence] == ["晚上八点关门"]
    assert verdict.review
    assert (record.prompt_tokens, record.answer_tokens, record.problem) == (90, 9, "")


@pytest.mark.parametrize(
    "answer",
    [
        reply("I think it was fine!"),
        reply({"outcome": "excellent", "turns": [1]}),
        reply({"outcome": "met", "turns": [7]}),
        reply({"outcome": "met", "turns": [True]}),
        reply({"outcome": "met", "turns": []}),
        reply({"outcome": "missed", "turns": "1"}),
        reply({"outcome": "met", "turns": list(range(99))}),
        reply({"outcome": "met", "turns": [[1]]}),
        reply(["met"]),
        {"choices": []},
        {},
        {"error": "overloaded", "usage": "none"},
        TransientError("no answer", "http://x", "wait"),
        TimeoutError(),
    ],
)
def test_nonsense_and_silence_are_not_evaluable(answer):
    verdict, record = ask(answer)
    assert verdict.outcome == Outcome.NOT_EVALUABLE
    assert verdict.evidence == ()
    assert record.problem


def test_missed_needs_no_turn():
    assert ask(reply({"outcome": "missed", "turns": []}))[0].outcome == Outcome.MISSED


def test_unredacted_text_needs_permission():
    with pytest.raises(SettingsError):
        ask(reply({}), is_redacted=False)
    good = reply({"outcome": "missed"})
    assert ask(good, is_redacted=False, allow_unredacted=True)[0].outcome == Outcome.MISSED


def test_the_call_is_one_string_of_data_in_the_request():
    body = request_body(RULE, CALL, model="m")
    question = json.loads(body["messages"][1]["content"])
    assert question["transcript"].splitlines() == ["0 customer: 几点关门", "1 agent: 晚上八点关门"]
    assert question["does_not_count"] == "jokes"


def test_too_long_calls_are_not_cut_silently():
    long = Turn(index=0, role=Role.AGENT, start_ms=0, end_ms=1, text="长" * 30_000)
    call = Transcript(call_id="c", language="zh", duration_ms=1, turns=(long,))
    verdict, _ = judge(RULE, call, lambda _: reply({}), model="m", is_redacted=True)
    assert verdict.outcome == Outcome.NOT_EVALUABLE


class Endpoint(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(reply({"outcome": "met", "turns": [1]})).encode()
        ok = self.path == "/v1/chat/completions" and self.headers["Authorization"] == "Bearer k"
        self.send_response(200 if ok else 500)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def test_over_http():
    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        good, _ = judge(RULE, CALL, http_transport(base, api_key="k"), model="m", is_redacted=True)
        bad, record = judge(RULE, CALL, http_transport(base), model="m", is_redacted=True)
    finally:
        server.shutdown()
        server.server_close()
    assert good.outcome == Outcome.MET
    assert bad.outcome == Outcome.NOT_EVALUABLE
    assert "500" in record.problem


def test_only_http_addresses():
    with pytest.raises(SettingsError):
        http_transport("file:///etc/passwd")
