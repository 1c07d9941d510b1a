"""Error rates, references and the report, on cases small enough to count by hand."""

from __future__ import annotations

import json
import wave
from types import SimpleNamespace

import numpy as np
import pytest

from qa.acoustics import Acoustics
from qa.calls import Role
from qa.errors import SourceError
from qa.settings import Settings
from qa.transcript import EngineStamp, RoleAssignment, Transcript, Turn, Word
from transcription import evaluate
from transcription.errorrates import characters, compare, compare_attributed, total, words
from transcription.evaluate import check_speech
from transcription.pipeline import Transcription
from transcription.protocols import Separation, Span
from transcription.references import read_references
from transcription.speech_summary import summarise


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("設定三十一度。", "设定31度"),
        ("幺三八零零", "13800"),
        ("打 一二三一五", "打12315"),
        ("他有三 个", "他有3个"),
        ("ＯＸＰ", "o x p"),
        ("百分之五", "5%"),
    ],
)
def test_characters_differ_only_in_what_was_heard(left, right):
    assert characters(left) == characters(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Don't ask, it's fine.", "do not ask it is fine"),
        ("twenty three dollars", "23 dollars"),
        ("my number is five five five", "My number is 555."),
        ("gonna", "going to"),
        ("Uh, okay", "OK"),
    ],
)
def test_words_differ_only_in_what_was_heard(left, right):
    assert words(left) == words(right)


@pytest.mark.parametrize(
    ("reference", "heard", "expected"),
    [
        ("abcd", "abcd", (0, 0, 0)),
        ("abcd", "abxd", (1, 0, 0)),
        ("abcd", "abccd", (0, 1, 0)),
        ("abcd", "acd", (0, 0, 1)),
        ("abcd", "", (0, 0, 4)),
        ("", "ab", (0, 2, 0)),
    ],
)
def test_compare(reference, heard, expected):
    errors = compare(reference, heard)
    assert (errors.substitutions, errors.insertions, errors.deletions) == expected
    assert errors.rate == (sum(expected) / len(reference) if reference else None)


def test_rates_are_pooled():
    assert total([compare("abcd", "abcx"), compare("ab", "ab")]).rate == pytest.approx(1 / 6)


def test_words_of_the_wrong_speaker_are_wrong():
    right = compare_attributed([["a", "b"], ["c"]], [["c"], ["a", "b"]])
    swapped = compare_attributed([["a", "b"], ["c"]], [["a", "b", "c"], []])
    lost = compare_attributed([["a"], ["b"]], [["a"]])
    assert right.count == 0
    assert swapped.count == 2
    assert lost.deletions == 1


def recording(place, seconds=2):
    with wave.open(str(place), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        noise = np.random.default_rng(1).integers(-3000, 3000, 8_000 * seconds, dtype=np.int16)
        file.writeframes(noise.tobytes())


class TestReferences:
    def test_a_table_beside_its_recordings(self, tmp_path):
        recording(tmp_path / "a.wav")
        table = tmp_path / "refs.tsv"
        table.write_text(
            "file\tlanguage\ttext\na.wav\tzh-CN\t您好\nb.wav\ten\thi\na.wav\ten\t\n",
            encoding="utf-8",
        )
        read = read_references(table)
        assert [(r.audio.name, r.language, r.text) for r in read.found] == [("a.wav", "zh", "您好")]
        assert read.problems == {"b.wav": "no such file", "refs.tsv:4": "file or text is empty"}

    def test_a_folder_with_rttm_json_and_uem(self, tmp_path):
        for name in ("call_1_mono.wav", "x.wav", "y.wav", "z.wav"):
            recording(tmp_path / name)
        (tmp_path / "call_1.rttm").write_text(
            "SPEAKER call_1 1 0.5 1.0 <NA> <NA> agent <NA> <NA>\n"
            "SPEAKER call_1 1 1.6 0.3 <NA> <NA> caller <NA> <NA>\n"
        )
        (tmp_path / "x.json").write_text(
            json.dumps(
                {
                    "language": "en",
                    "turns": [
                        {"role": "agent", "text": "Hello", "start_ms": 0, "end_ms": 900},
                        {"role": "customer", "text": "Hi", "start_ms": 1000, "end_ms": 1500},
                    ],
                }
            )
        )
        (tmp_path / "x.uem").write_text("x 1 0.0 1.5\n")
        (tmp_path / "y.json").write_text('[{"speaker": "a", "text": "?"}]')
        read = read_references(tmp_path)
        first, second = read.found
        assert [(t.speaker, t.role, t.start_ms, t.end_ms) for t in first.spoken] == [
            ("agent", Role.AGENT, 500, 1500),
            ("caller", Role.CUSTOMER, 1600, 1900),
        ]
        assert (second.text, second.language) == ("Hello Hi", "en")
        assert second.scored == ((0, 1500),)
        assert set(second.roles) == {Role.AGENT, Role.CUSTOMER}
        assert set(read.problems) == {"y.wav", "z.wav"}
        assert "start" in read.problems["y.wav"]

    @pytest.mark.parametrize("content", ["", "name\twords\na\tb\n"])
    def test_nothing_to_judge_against_is_an_error(self, tmp_path, content):
        table = tmp_path / "refs.tsv"
        table.write_text(content, encoding="utf-8")
        with pytest.raises(SourceError):
            read_references(table)

    def test_no_such_place(self, tmp_path):
        with pytest.raises(SourceError, match="no such file"):
            read_references(tmp_path / "none")
        with pytest.raises(SourceError, match="nothing to judge"):
            read_references(tmp_path)


def pretend(monkeypatch, *turns, language="en"):
    """The pipeline answers with these `(role, speaker, start, end, text)` turns."""

    def transcribe_call(audio, call, engines):
        made = tuple(
            Turn(
                index=i,
                role=role,
                speaker=speaker,
                start_ms=start,
                end_ms=end,
                text=text,
                words=tuple(
                    Word(text=w, start_ms=start, end_ms=end, confidence=0.9) for w in text.split()
                ),
            )
            for i, (role, speaker, start, end, text) in enumerate(turns)
        )
        spans = tuple(Span(start_ms=t.start_ms, end_ms=t.end_ms, speaker=t.speaker) for t in made)
        return Transcription(
            transcript=Transcript(
                call_id=call.id,
                language=call.language or language,
                duration_ms=audio.duration_ms,
                turns=made,
                roles=RoleAssignment(confidence=0.8),
                acoustics=Acoustics(),
                stamps=(EngineStamp(name="told", version="1"),),
            ),
            separation=Separation(spans=spans, exclusive=spans),
            channel_of={},
            timings_ms={"transcribe": 100},
        )

    monkeypatch.setattr(evaluate, "transcribe_call", transcribe_call)


AGENT, CUSTOMER = Role.AGENT, Role.CUSTOMER


def folder(tmp_path):
    recording(tmp_path / "x.wav")
    turns = [
        {"role": "agent", "text": "Hello there", "start_ms": 0, "end_ms": 1000},
        {"role": "customer", "text": "Hi you", "start_ms": 1000, "end_ms": 2000},
    ]
    (tmp_path / "x.json").write_text(json.dumps({"language": "en", "turns": turns}))
    return tmp_path


class TestReport:
    def check(self, place):
        told = []
        report = check_speech(
            place,
            settings=Settings(),
            engines=SimpleNamespace(diarizer=None),
            progress=lambda *step: told.append(step),
        )
        return summarise(report), told

    def test_a_perfect_transcript(self, monkeypatch, tmp_path):
        pretend(
            monkeypatch,
            (AGENT, "S0", 0, 1_000, "hello there"),
            (CUSTOMER, "S1", 1_000, 2_000, "hi you"),
        )
        summary, told = self.check(folder(tmp_path))
        assert summary["wer"] == summary["der"] == summary["jer"] == 0
        assert summary["attributed_error"] == 0
        assert summary["role_accuracy"] == 1
        assert summary["cer"] is None
        assert summary["rtf"] > 0
        assert set(summary["rtf_by_stage"]) == {"decode", "transcribe"}
        assert summary["files"][0]["file"] == "x.wav"
        assert summary["calibration"]["ece"] == pytest.approx(0.1)
        assert told == [(1, 1, "x.wav")]
        json.dumps(summary)

    def test_swapped_roles_and_words(self, monkeypatch, tmp_path):
        pretend(
            monkeypatch,
            (CUSTOMER, "S0", 0, 1_000, "hello where"),
            (AGENT, "S0", 1_000, 2_000, "hi you"),
        )
        summary, _ = self.check(folder(tmp_path))
        assert summary["wer"] == 0.25
        assert summary["role_accuracy"] == 0
        assert summary["attributed_error"] == 1
        assert summary["der_parts"]["confusion"] == pytest.approx(0.5, abs=0.1)

    def test_silence_where_somebody_spoke(self, monkeypatch, tmp_path):
        pretend(monkeypatch)
        summary, _ = self.check(folder(tmp_path))
        assert summary["wer"] == summary["der"] == 1
        assert summary["calibration"] is None
        assert summary["role_accuracy"] == 0

    def test_text_only_leaves_the_rest_null(self, monkeypatch, tmp_path):
        recording(tmp_path / "a.wav")
        (tmp_path / "broken.wav").write_bytes(b"")
        table = tmp_path / "refs.tsv"
        table.write_text("file\tlanguage\ttext\na.wav\tzh\t您好\nbroken.wav\tzh\t好\n", "utf-8")
        pretend(monkeypatch, (AGENT, "S0", 0, 900, "您号"))
        summary, _ = self.check(table)
        assert summary["cer"] == 0.5
        for key in ("wer", "der", "der_parts", "jer", "role_accuracy", "attributed_error"):
            assert summary[key] is None
        assert [row["file"] for row in summary["skipped"]] == ["broken.wav"]
        assert summary["skipped"][0]["reason"]
