"""Measuring: what counts as recalled, right and readable; figures on the evaluation data."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from qa.errors import SettingsError
from qa.privacy.check import Labelled, check_privacy, labelled_files, load_labelled, readable_digits
from qa.privacy.found import Found

DATA = Path(os.environ.get("QA_EVAL_DATA", "../shared/data")) / "pii"


def row(report, kind):
    return next(row for row in report["types"] if row["type"] == kind)


def test_recall_and_precision():
    cases = [
        Labelled(text="手机13812345678", truth=(("PHONE", 2, 13),)),
        Labelled(text="手机13812345678", truth=()),
        Labelled(text="代号夜莺", truth=(("PHONE", 2, 4),)),
    ]
    assert row(check_privacy(cases), "PHONE") == {
        "type": "PHONE", "true": 2, "found": 2, "recall": 0.5, "covered": 0.5, "precision": 0.5,
    }  # fmt: skip


def test_a_scope_limits_precision_to_its_type():
    report = check_privacy([Labelled(text="订单号是202403150001", truth=(), scope="PHONE")])
    assert report["types"] == []


@pytest.mark.parametrize(
    ("text", "spans", "left"),
    [
        ("13812345678", [(0, 11)], 0),
        ("13812345678", [(0, 7)], 4),
        ("13812345678", [], 11),
        ("一三八 1234", [(0, 3)], 4),
        ("one two three", [(0, 7)], 0),
    ],
)
def test_readable_digits(text, spans, left):
    found = [Found(type="NUMBER", start=start, end=end, score=1, reason="") for start, end in spans]
    assert readable_digits(text, found) == left


def test_both_forms_are_read(tmp_path):
    lines = tmp_path / "cases.jsonl"
    lines.write_text(
        json.dumps({"text": "a1a1", "entity": "PHONE", "values": ["a1", "a1"]}) + "\n",
        encoding="utf-8",
    )
    assert load_labelled(lines)[0].truth == (("PHONE", 0, 2), ("PHONE", 2, 4))
    spans = tmp_path / "cases.json"
    spans.write_text(
        json.dumps(
            [
                {
                    "full_text": "Tom",
                    "spans": [{"entity_type": "PERSON", "start_position": 0, "end_position": 3}],
                }
            ]
        ),
        encoding="utf-8",
    )
    assert load_labelled(spans)[0].truth == (("PERSON", 0, 3),)


def test_a_folder_is_all_its_labelled_files_and_what_was_said_in_recordings(tmp_path):
    said = tmp_path / "clips" / "text.tsv"
    said.parent.mkdir()
    said.write_text(
        "utt_id\tref\tdigit_runs\tarabic\n"
        "a\t打一三八零零幺三八零零零\t一三八零零幺三八零零零\t13800138000\n"
        "b\t一共三百七十万\t三百七十万\t\n",
        encoding="utf-8",
    )
    lines = tmp_path / "cases.jsonl"
    lines.write_text('{"text": "您好", "entity": "PHONE", "values": []}\n', encoding="utf-8")
    assert labelled_files(tmp_path) == [lines, said]
    assert labelled_files(lines) == [lines]
    report = check_privacy(load_labelled(said))
    assert row(report, "DIGITS")["recall"] == 1.0
    assert row(report, "PHONE")["precision"] == 1.0
    assert report["digit_strings"] == {"true": 1, "recall": 1.0}


def test_a_folder_without_labels_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="no labelled personal data"):
        labelled_files(tmp_path)


@pytest.mark.parametrize("content", [b"{", b'{"a": 1}', b"[1]", b"\xff\xfe"])
def test_other_files_are_refused(tmp_path, content):
    file = tmp_path / "x.json"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match="not labelled personal data"):
        load_labelled(file)


@pytest.mark.evaldata
@pytest.mark.parametrize("name", ["zh_cases.jsonl", "en_sentences.json"])
def test_digit_strings_of_the_evaluation_data(name):
    file = DATA / name
    if not file.exists():
        pytest.skip("no evaluation data: set QA_EVAL_DATA")
    report = check_privacy(load_labelled(file))
    assert report["digit_strings"]["recall"] >= 0.95
    for kind in ("PHONE", "BANK_CARD", "ID_CARD", "EMAIL", "US_SSN"):
        found = [row for row in report["types"] if row["type"] == kind and row["found"]]
        assert all(row["precision"] >= 0.9 for row in found)
