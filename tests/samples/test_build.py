"""Building a call again gives the committed one, and it can be understood."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jieba", reason="the samples dependency group is not installed")
pytest.importorskip("misaki", reason="the samples dependency group is not installed")

from qa import modelpacks
from qa.errors import ModelError
from samples.build import COLUMNS, build, check_pronunciations, kokoro, write_manifest
from samples.listen import error_rate, recognise, sides, units
from samples.script import ScriptError, load_script

SAMPLES = Path(__file__).parents[2] / "samples"
SHORT = {"zh": "zh-11-silent-customer", "en": "en-09-voicemail"}


def located(pack):
    try:
        return modelpacks.locate(pack)
    except ModelError as error:
        pytest.skip(str(error))


def truth(name, folder=SAMPLES):
    return json.loads((folder / "truth" / f"{name}.json").read_text(encoding="utf-8"))


def test_every_word_of_every_script_can_be_spoken():
    check_pronunciations(sorted((SAMPLES / "scripts").glob("*.yaml")))


def test_unspeakable_words_are_named_with_their_script(tmp_path):
    source = (SAMPLES / "scripts" / f"{SHORT['en']}.yaml").read_text(encoding="utf-8")
    path = tmp_path / "odd.yaml"
    path.write_text(source.replace("Goodbye.", "Qqzz."), encoding="utf-8")
    with pytest.raises(ScriptError, match=r"odd\.yaml.*Qqzz"):
        check_pronunciations([path])


def test_manifest_is_written_from_the_scripts(tmp_path):
    scripts = {p.stem: load_script(p) for p in (SAMPLES / "scripts").glob("*.yaml")}
    path = tmp_path / "manifest.csv"
    write_manifest(scripts, path)
    assert path.read_bytes() == (SAMPLES / "calls" / "manifest.csv").read_bytes()
    with path.open(encoding="utf-8", newline="") as file:
        assert tuple(next(csv.reader(file))) == COLUMNS


@pytest.mark.parametrize(
    ("meant", "heard", "language", "rate"),
    [
        ("您好，再见。", "您好再见", "zh", 0.0),
        ("幺三八", "138", "zh", 0.0),
        ("電話", "电话", "zh", 0.0),
        ("您好再见", "您好在见", "zh", 0.25),
        ("It's two four.", "it's 2 4", "en", 0.0),
        ("oh one", "0 1", "en", 0.0),
        ("one two three four", "one two four", "en", 0.25),
        ("one", "", "en", 1.0),
    ],
)
def test_error_rate_compares_what_is_spoken(meant, heard, language, rate):
    assert error_rate(meant, heard, language) == pytest.approx(rate)


def test_units_keep_english_words_inside_mandarin():
    assert units("改 Flight 吧", "zh") == ["改", "flight", "吧"]


@pytest.mark.models
def test_a_sentence_is_spoken_the_same_way_twice(tmp_path):
    located("kokoro")
    spoken = []
    for folder in ("a", "b"):
        speaker = kokoro()
        speaker.cache = tmp_path / folder
        spoken.append(speaker.say("您好，请问有什么可以帮您？", voice="zf_xiaoxiao", speed=0.9))
    assert len(spoken[0]) > 24_000
    assert np.array_equal(*spoken)


@pytest.mark.models
@pytest.mark.skipif(
    not os.environ.get("QA_BUILD_SAMPLES"),
    reason="speaking a call takes minutes: set QA_BUILD_SAMPLES=1 to check that it builds again",
)
def test_a_call_built_again_is_the_committed_one(tmp_path):
    located("kokoro")
    name = SHORT["zh"]
    speaker = kokoro()
    speaker.cache = tmp_path / "spoken"
    built = build(SAMPLES / "scripts" / f"{name}.yaml", speaker, into=tmp_path)
    committed = truth(name)
    assert truth(name, tmp_path) == built
    for key in ("events", "expected", "file", "layout", "personal"):
        assert built[key] == committed[key]
    for again, before in zip(built["turns"], committed["turns"], strict=True):
        assert again["text"] == before["text"]
        # another processor may round the int8 model differently; a phoneme never moves by 100 ms
        assert again["start_ms"] == pytest.approx(before["start_ms"], abs=100)
        assert again["end_ms"] == pytest.approx(before["end_ms"], abs=100)


@pytest.mark.models
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_recogniser_understands_the_samples(language):
    faster_whisper = pytest.importorskip("faster_whisper")
    model = faster_whisper.WhisperModel(str(located("whisper-base")), compute_type="int8")
    facts = truth(SHORT[language])
    audio = faster_whisper.decode_audio(str(SAMPLES / "calls" / facts["file"]))
    ((side, _),) = sides(facts).items()
    assert recognise(model, audio, facts, side) < 0.35
