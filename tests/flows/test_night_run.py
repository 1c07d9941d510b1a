"""A night over good and bad recordings with the real models, as an operator would run it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qa import modelpacks
from qa.errors import ModelError, StoreError
from qa.store import connect
from tests import sounds

pytestmark = [pytest.mark.models, pytest.mark.flow]

CALLS = Path(__file__).parents[2] / "samples" / "calls"
GOOD = ("zh-06-bank-asks-for-code", "en-03-complaint-badly")
NIGHT_KEYS = {
    "listed",
    "new",
    "transcribed",
    "evaluated",
    "failed",
    "skipped",
    "waiting",
    "audio_seconds",
    "wall_seconds",
    "problems",
    "store",
}


def qa(*arguments, home, check=True, **environment):
    """Run the command as a person does, with a data home of its own."""
    command = [sys.executable, "-m", "flows.cli", *map(str, arguments)]
    environ = {**os.environ, "QA_HOME": str(home), "QA_RUN__SETTLE_SECONDS": "0", **environment}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environ, timeout=900, check=False
    )
    if check:
        assert done.returncode == 0, done.stderr[-3000:]
    return done


def needs_packs():
    try:
        for name in ("whisper-base", "segmentation-3.0", "campplus-zh-en"):
            modelpacks.locate(name)
    except ModelError as error:
        pytest.skip(f"{error.message}: run `make models`")


def write_manifest(folder, files):
    rows = list(csv.DictReader((CALLS / "manifest.csv").open(encoding="utf-8")))
    known = {row["call_id"]: row for row in rows}
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=rows[0].keys())
        writer.writeheader()
        for name in files:
            empty = dict.fromkeys(rows[0], "") | {"file": name, "call_id": Path(name).stem}
            writer.writerow(known.get(Path(name).stem, {}) or empty)


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """A source with two good calls and every kind of bad file, run once."""
    needs_packs()
    folder, home = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("home")
    for call_id in GOOD:
        (found,) = CALLS.glob(f"{call_id}.*")
        shutil.copy(found, folder)
    (folder / "zero.wav").write_bytes(b"")
    (folder / "noise-bytes.wav").write_bytes(os.urandom(4000))
    (folder / "letter.mp3").write_text("Dear customer, this is not sound.", encoding="utf-8")
    sounds.save(folder, "blink.wav", sounds.wav(sounds.tone(440, 0.2)))
    sounds.save(folder, "silence.wav", sounds.wav(sounds.silence(6)))
    sounds.save(folder, "music.wav", sounds.wav(sounds.melody(15, voices=3)))
    files = [path.name for path in sorted(folder.iterdir())]
    write_manifest(folder, [*files, "not-there.wav"])
    done = qa("run", folder, "--json", home=home)
    return folder, home, json.loads(done.stdout)


def test_the_summary_has_the_documented_keys(night):
    assert set(night[2]) == NIGHT_KEYS


def test_good_calls_are_scored_and_bad_ones_are_rows_with_reasons(night):
    _, home, summary = night
    assert (summary["listed"], summary["failed"]) == (9, 5)
    # silence and music are heard and found to hold no conversation: an outcome, not a failure
    assert (summary["transcribed"], summary["evaluated"]) == (4, 4)
    reasons = {row["file"]: row for row in summary["problems"]}
    assert {"zero.wav", "noise-bytes.wav", "letter.mp3", "blink.wav"} <= set(reasons)
    assert all(row["reason"] and row["what to do"] for row in reasons.values())
    rows = json.loads(qa("calls", "--json", home=home).stdout)
    states = {row["call_id"]: row["state"] for row in rows}
    assert {states[call_id] for call_id in GOOD} == {"scored"}
    assert {states["silence"], states["music"]} <= {"void", "not_scorable"}
    assert states["blink"] is None


def test_scores_tell_good_calls_from_bad_ones_and_carry_evidence(night):
    _, home, _ = night
    shown = json.loads(qa("show", GOOD[0], "--json", home=home).stdout)
    assert shown["evaluation"]["call_id"] == GOOD[0]
    turns = shown["transcript"]["turns"]
    assert {turn["role"] for turn in turns} == {"agent", "customer"}
    quoted = [
        (turns[item["turn_index"]]["text"][item["char_start"] : item["char_end"]], item["quote"])
        for result in shown["evaluation"]["results"]
        for item in result["verdict"]["evidence"]
        if item["turn_index"] is not None and item["char_end"] > item["char_start"]
    ]
    assert len(quoted) >= 5
    assert all(text == quote for text, quote in quoted)


def test_nothing_was_heard_in_silence_and_music(night):
    _, home, _ = night
    for call_id in ("silence", "music"):
        shown = json.loads(qa("show", call_id, "--json", home=home).stdout)
        assert shown["transcript"]["turns"] == []


def test_the_same_command_again_does_no_work(night):
    folder, home, first = night
    again = json.loads(qa("run", folder, "--json", home=home).stdout)
    assert (again["new"], again["transcribed"], again["evaluated"]) == (0, 0, 0)
    assert again["listed"] == first["listed"]


def test_strict_turns_failures_into_exit_code_3(night):
    folder, home, _ = night
    assert qa("run", folder, "--strict", home=home, check=False).returncode == 3


def test_another_scorecard_scores_again_without_transcribing(night):
    folder, home, _ = night
    changed = qa("run", folder, "--json", home=home, QA_ROLES__COMPANY_NAMES='["海港银行"]')
    summary = json.loads(changed.stdout)
    # roles depend on company names too, so this is the widest change short of another recogniser
    assert summary["new"] == 0
    assert summary["evaluated"] == 4


def test_a_renamed_recording_enters_once(night, tmp_path):
    _, home, _ = night
    (found,) = CALLS.glob(f"{GOOD[0]}.*")
    shutil.copy(found, tmp_path / f"renamed{found.suffix}")
    summary = json.loads(qa("run", tmp_path, "--json", home=home).stdout)
    assert (summary["listed"], summary["new"], summary["transcribed"]) == (1, 0, 0)


def test_killed_half_way_nothing_is_lost_or_done_twice(tmp_path):
    needs_packs()
    folder, home = tmp_path / "in", tmp_path / "home"
    folder.mkdir()
    for call_id in GOOD:
        (found,) = CALLS.glob(f"{call_id}.*")
        shutil.copy(found, folder)
    command = [sys.executable, "-m", "flows.cli", "run", str(folder), "--json"]
    environ = {**os.environ, "QA_HOME": str(home), "QA_RUN__SETTLE_SECONDS": "0"}
    victim = subprocess.Popen(
        command,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_for_transcripts(home / "store.db", 1)
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait()
    before = evaluated(home)
    summary = json.loads(qa("run", folder, "--json", home=home).stdout)
    assert summary["failed"] == 0
    rows = json.loads(qa("calls", "--json", home=home).stdout)
    assert sorted(row["state"] for row in rows) == ["scored", "scored"]
    assert before + summary["evaluated"] == 2
    with connect(f"sqlite:///{home / 'store.db'}", read_only=True) as store:
        assert [len(store.evaluations.ids_of(row["call_id"])) for row in rows] == [1, 1]
        assert [run.state.value for run in store.runs.latest()] == ["finished", "lost"]


def wait_for_transcripts(path, count):
    for _ in range(2400):
        if path.exists():
            try:
                with connect(f"sqlite:///{path}", read_only=True) as store:
                    found = sum(bool(store.transcripts.digest_of(call)) for call in call_ids(store))
                    if found >= count:
                        return
            except StoreError:  # the tables are being made
                pass
        time.sleep(0.1)
    pytest.fail("no transcript within four minutes")


def call_ids(store):
    return [row.call_id for row in store.calls.find()]


def evaluated(home):
    with connect(f"sqlite:///{home / 'store.db'}", read_only=True) as store:
        return sum(store.evaluations.current_id(call) is not None for call in call_ids(store))


def test_a_missing_model_pack_is_named_with_its_remedy_and_costs_no_try(tmp_path):
    folder, home = tmp_path / "in", tmp_path / "home"
    folder.mkdir()
    (found,) = CALLS.glob(f"{GOOD[0]}.*")
    shutil.copy(found, folder)
    without = {"QA_MODELS_DIR": str(tmp_path / "none"), "QA_RUN__MAX_ATTEMPTS": "1"}
    for _ in range(2):  # more often than a recording may fail
        done = qa("run", folder, "--json", home=home, **without)
        summary = json.loads(done.stdout)
        assert (summary["transcribed"], summary["failed"]) == (0, 1)
        assert "qa models pull whisper-base" in summary["problems"][0]["what to do"]
    with connect(f"sqlite:///{home / 'store.db'}", read_only=True) as store:
        recording = store.recordings.get(store.calls.find()[0].recording_id)
        (work,) = store.stages.of_recording(recording.sha256)
    assert (work.state.value, work.attempts) == ("pending", 0)
