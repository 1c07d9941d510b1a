"""`qa redact` and `qa check privacy`."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.redact import redact_lines
from qa.errors import SettingsError

RUNNER = CliRunner()


def test_json_lines_out_one_per_line_in():
    lines = "我的手机号13812345678\n\nmy pin is 4321\n"
    result = RUNNER.invoke(app, ["redact", "--json"], input=lines)
    assert result.exit_code == 0
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert rows == [
        {
            "text": "我的手机号[电话1]",
            "spans": [{"type": "PHONE", "start": 5, "end": 16, "score": 0.95}],
        },
        {"text": "", "spans": []},
        {
            "text": "my pin is [PASSCODE_1]",
            "spans": [{"type": "PASSCODE", "start": 10, "end": 14, "score": 0.85}],
        },
    ]


def test_plain_lines():
    result = RUNNER.invoke(app, ["redact"], input="我叫王小明\n您好\n")
    assert result.stdout == "我叫[姓名1]\n您好\n"


def test_json_input_with_language_and_question():
    line = json.dumps({"text": "三八四九二一", "language": "en", "question": "验证码是多少？"})
    (row,) = redact_lines([line])
    assert row["text"] == "[PASSCODE_1]"


def test_the_same_value_keeps_its_number_through_all_lines():
    rows = list(redact_lines(["手机13812345678", "手机13987654321", "手机13812345678"]))
    assert [row["text"] for row in rows] == ["手机[电话1]", "手机[电话2]", "手机[电话1]"]


def test_a_brace_is_no_json():
    (row,) = redact_lines(["{手机13812345678"])
    assert row["text"] == "{手机[电话1]"


def test_json_without_text_is_refused_with_its_line():
    with pytest.raises(SettingsError) as caught:
        list(redact_lines(["您好", '{"texte": "x"}']))
    assert caught.value.place == "line 2"


def test_check_privacy(tmp_path):
    file = tmp_path / "cases.jsonl"
    file.write_text(
        '{"text": "电话：138-1234-5678", "entity": "PHONE", "values": ["138-1234-5678"]}\n',
        encoding="utf-8",
    )
    result = RUNNER.invoke(app, ["check", "privacy", str(file), "--json"])
    report = json.loads(result.stdout)
    assert report["digit_strings"] == {"true": 1, "recall": 1.0}
    assert report["types"][0]["recall"] == 1.0
    for given in (file, tmp_path):
        assert RUNNER.invoke(app, ["check", "privacy", str(given)]).exit_code == 0
    of_folder = json.loads(RUNNER.invoke(app, ["check", "privacy", str(tmp_path), "--json"]).stdout)
    assert of_folder["files"] == {str(file): report}
    assert of_folder["digit_strings"] == report["digit_strings"]
