"""The command as a person meets it: help, text scoring, phrase bench, errors with remedies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRANSCRIPTS = ROOT / "samples" / "transcripts.jsonl"


def qa(*arguments, **changes):
    """Run `qa`; returns the finished process."""
    environ = {**os.environ, **changes.pop("environ", {})}
    command = [sys.executable, "-m", "flows.cli", *map(str, arguments)]
    options = {"capture_output": True, "text": True, "cwd": ROOT, "timeout": 300, "check": False}
    return subprocess.run(command, env=environ, **(options | changes))  # noqa: PLW1510


def lines(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("run",),
        ("calls",),
        ("show",),
        ("score",),
        ("explain",),
        ("dashboard",),
        ("models", "pull"),
        ("source", "preview"),
        ("scorecard", "lint"),
        ("scorecard", "test"),
        ("scorecard", "replay"),
        ("scorecard", "activate"),
        ("phrases", "match"),
        ("check", "speech"),
        ("check", "sentiment"),
        ("db", "upgrade"),
    ],
)
def test_every_command_explains_itself(command):
    done = qa(*command, "--help")
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout


def test_help_loads_nothing_heavy():
    code = (
        "import sys; sys.argv = ['qa', '--help']\n"
        "from flows.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'torch', 'prefect', 'streamlit', 'pandas', 'sqlalchemy', 'numpy', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip().splitlines()[-1] == "[]"


def test_scoring_text_needs_neither_torch_nor_audio():
    code = (
        "import sys; from pathlib import Path; from flows.textscore import score_file\n"
        f"rows = list(score_file(Path({str(TRANSCRIPTS)!r}), 'service-standard'))\n"
        "assert len(rows) == 2 and not any('error' in row for row in rows), rows\n"
        "print(sorted({'torch', 'av', 'librosa', 'faster_whisper'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr[-2000:]


def test_a_good_call_scores_above_a_bad_one_whose_fault_is_suspected_not_confirmed():
    good, bad = lines(qa("score", TRANSCRIPTS))
    assert good["quality_percent"] > 80
    assert bad["quality_percent"] is None or bad["quality_percent"] < 40
    assert good["findings"] == []
    assert {finding["state"] for finding in bad["findings"]} <= {"suspected", "candidate"}
    assert "AF-8" in {finding["code"] for finding in bad["findings"]}
    assert good["digest"] == bad["digest"]


def test_a_bad_line_is_an_error_in_its_place_and_the_others_are_scored(tmp_path):
    text = TRANSCRIPTS.read_text(encoding="utf-8").splitlines()
    mixed = tmp_path / "mixed.jsonl"
    mixed.write_text(f'{text[0]}\n{{"call_id": "x"}}\nnot json\n', encoding="utf-8")
    done = qa("score", mixed)
    rows = lines(done)
    assert done.returncode == 1
    assert [("error" in row) for row in rows] == [False, True, True]
    assert rows[1]["place"].endswith("mixed.jsonl:2")
    assert rows[1]["remedy"]


def test_phrases_are_matched_with_offsets_into_the_given_text():
    given = {"id": 7, "language": "zh", "side": "agent", "text": "您好，请问有什么可以帮您？"}
    (row,) = lines(qa("phrases", "match", "-", input=json.dumps(given, ensure_ascii=False)))
    hits = {hit["bank"]: hit for hit in row["hits"]}
    assert row["id"] == 7
    assert {"G1", "G4"} <= set(hits)
    g1 = hits["G1"]
    assert given["text"][g1["start"] : g1["end"]] == "您好"
    assert (g1["match"], g1["effect"]) == ("exact", "award")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(("run", "no/such/folder"), "no/such/folder", id="missing source"),
        pytest.param(("calls", "--store", "mysql://x/y"), "mysql", id="unknown store"),
        pytest.param(("calls",), "store", id="no store yet"),
        pytest.param(("score", "none.json"), "none.json", id="missing transcript"),
        pytest.param(
            ("score", TRANSCRIPTS, "--scorecard", "nonsense"), "nonsense", id="unknown scorecard"
        ),
        pytest.param(("phrases", "match", "none.jsonl"), "none.jsonl", id="missing phrases"),
        pytest.param(("models", "pull", "gpt"), "gpt", id="unknown pack"),
        pytest.param(("check", "sentiment", "none.csv"), "none.csv", id="missing csv"),
        pytest.param(("scorecard", "lint", "none.yaml"), "none.yaml", id="missing scorecard"),
    ],
)
def test_errors_name_the_thing_and_the_remedy(arguments, told):
    done = qa(*arguments)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert told in done.stderr
    assert "what to do" in done.stderr


def test_a_wrong_setting_is_named_by_field(tmp_path):
    settings = tmp_path / "qa.toml"
    settings.write_text("[asr]\nbeam_size = 99\n[run]\nworker = 2\n", encoding="utf-8")
    done = qa("calls", environ={"QA_SETTINGS": str(settings)})
    assert done.returncode == 1
    assert "asr.beam_size" in done.stderr
    assert "run.worker" in done.stderr


def test_a_password_in_a_store_url_is_never_printed():
    done = qa("calls", "--store", "postgresql://qa:s3cret@127.0.0.1:1/none")
    assert done.returncode == 1
    assert "s3cret" not in done.stderr + done.stdout


def test_the_standard_passes_its_own_examples():
    rows = json.loads(qa("scorecard", "test", "--json").stdout)
    assert len(rows) > 50
    assert [row for row in rows if not row["passed"]] == []
