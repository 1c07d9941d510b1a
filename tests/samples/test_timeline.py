"""Scripts on a clock: pauses, interruptions, channels, truth, encoding; the voice is a tone."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("soxr", reason="the samples dependency group is not installed")
pytest.importorskip("jieba", reason="the samples dependency group is not installed")

from qa.calls import ChannelLayout
from samples.encode import CODECS, encode, suffix
from samples.ground_truth import truth_of
from samples.measure import rates_of
from samples.script import Script, ScriptError, load_script
from samples.speech import RATE_HZ
from samples.telephone import LINE_HZ, hold_music, line_band, line_noise, ringback
from samples.timeline import mix, place

VOICES = {"agent": {"voice": "af_a"}, "customer": {"voice": "am_b"}, "system": {"voice": "af_c"}}


class Tones:
    """Says every text as one second of a 1 kHz tone per word."""

    def say(self, text, *, voice, speed):
        seconds = np.arange(RATE_HZ * len(text.split())) / RATE_HZ
        return (0.1 * np.sin(2 * np.pi * 1_000 * seconds)).astype(np.float32)


def script(*timeline, layout="agent_left", **changes):
    return Script.model_validate(
        {
            "title": "t",
            "language": "en",
            "call_type": "inquiry",
            "line": {"codec": "flac", "layout": layout, "snr_db": 60, "seed": 1},
            "call": {
                "agent_id": "A",
                "team": "t",
                "queue": "q",
                "started_at": "2026-09-14T09:00:00+00:00",
                "direction": "inbound",
                "customer": "C",
            },
            "voices": VOICES,
            "timeline": list(timeline),
            "expected": {"S1.1": "met"},
            **changes,
        }
    )


def truth(call):
    placed = place(call, Tones())
    channels = mix(call, placed)
    return truth_of("x", call, placed, channels.shape[1] * 1000 // LINE_HZ), channels


def test_turns_follow_each_other_with_the_written_pause():
    facts, _ = truth(script({"agent": "one two"}, {"customer": {"say": "three", "pause_ms": 900}}))
    first, second = facts["turns"]
    assert first["end_ms"] - first["start_ms"] == 2_000
    assert second["start_ms"] - first["end_ms"] == 900
    assert second["end_ms"] < facts["duration_ms"]


def test_natural_pauses_repeat_with_the_seed():
    call = script({"agent": "one"}, {"customer": "two"}, {"agent": "three"})
    starts = [[turn["start_ms"] for turn in truth(call)[0]["turns"]] for _ in range(2)]
    assert starts[0] == starts[1]


def test_an_interruption_overlaps_by_the_written_time():
    facts, channels = truth(
        script({"customer": "one two three"}, {"agent": {"say": "four", "overlap_ms": 600}})
    )
    (overlap,) = facts["overlaps"]
    assert overlap["by"] == "agent"
    assert overlap["end_ms"] - overlap["start_ms"] == 600
    middle = (overlap["start_ms"] + 300) * LINE_HZ // 1000
    window = np.abs(channels[:, middle - 80 : middle + 80]).max(axis=1)
    assert window.min() > 0.05


def test_a_back_channel_does_not_take_the_floor():
    facts, _ = truth(
        script(
            {"customer": "one two three four"},
            {"agent": {"say": "mhm", "during_ms": 1_500}},
            {"agent": {"say": "five", "pause_ms": 300}},
        )
    )
    long, short, answer = facts["turns"]
    assert short["start_ms"] == long["start_ms"] + 1_500
    assert answer["start_ms"] == long["end_ms"] + 300


def test_silence_is_a_gap_and_music_is_an_event():
    facts, _ = truth(
        script({"agent": "one"}, {"silence_ms": 5_000}, {"agent": "two"}, {"music_ms": 4_000},
               {"agent": "three"})
    )  # fmt: skip
    (gap,) = facts["gaps"]
    assert gap["start_ms"] == facts["turns"][0]["end_ms"]
    assert 5_000 <= gap["end_ms"] - gap["start_ms"] < 6_500
    (music,) = facts["events"]
    assert music["kind"] == "music"
    assert music["end_ms"] - music["start_ms"] == 4_000


def test_recorded_voices_and_ringing_are_events():
    facts, _ = truth(script({"system": "one"}, {"ringback_ms": 3_000}, {"agent": "two"}))
    assert [event["kind"] for event in facts["events"]] == ["ivr", "ringback"]


@pytest.mark.parametrize(
    ("layout", "agent", "rows"), [("agent_left", 0, 2), ("agent_right", 1, 2), ("mono", 0, 1)]
)
def test_each_side_is_heard_on_its_channel(layout, agent, rows):
    call = script({"agent": "one two"}, layout=layout)
    _, channels = truth(call)
    assert channels.shape[0] == rows
    loud = np.sqrt((channels**2).mean(axis=1))
    assert loud.argmax() == agent
    if rows == 2:
        assert loud[agent] > 50 * loud[1 - agent]
    assert call.line.layout is ChannelLayout(layout)


def test_personal_data_must_be_said():
    spoken = script({"agent": "one two"}, personal=[{"say": "two", "kind": "phone"}])
    (span,) = truth(spoken)[0]["personal"]
    assert (span["turn_index"], span["start"], span["end"]) == (0, 4, 7)
    unsaid = script({"agent": "one"}, personal=[{"say": "two", "kind": "phone"}])
    with pytest.raises(ScriptError, match="nobody says"):
        truth(unsaid)


def test_rates_count_words_of_long_turns_only():
    facts, _ = truth(script({"agent": "one two three four"}, {"customer": "one"}))
    assert rates_of(facts) == {"agent": 60}


@pytest.mark.parametrize(
    "text",
    [
        "title: x",
        "timeline: [{agent: a, customer: b}]",
        "nonsense: 1",
    ],
)
def test_a_script_that_is_not_one_is_refused_with_its_file(tmp_path, text):
    path = tmp_path / "odd.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScriptError, match=r"odd\.yaml"):
        load_script(path)


def test_the_line_passes_the_telephone_band_only():
    seconds = np.arange(RATE_HZ) / RATE_HZ

    def level(hz):
        heard = line_band(np.sin(2 * np.pi * hz * seconds).astype(np.float32), RATE_HZ)
        return np.sqrt((heard[800:-800] ** 2).mean())

    assert level(1_000) == pytest.approx(np.sqrt(0.5), rel=0.05)
    assert level(80) < 0.01
    assert level(3_900) < 0.05


@pytest.mark.parametrize("snr_db", [10, 20, 30])
def test_noise_lies_as_far_below_speech_as_asked(snr_db):
    noise = line_noise(LINE_HZ * 4, snr_db=snr_db, speech_rms=0.1, seed=3)
    assert 20 * np.log10(0.1 / np.sqrt((noise**2).mean())) == pytest.approx(snr_db, abs=0.5)


@pytest.mark.parametrize(("language", "hz", "on_ms"), [("zh", 425, 1_000), ("en", 460, 2_000)])
def test_ringing_has_the_tone_and_cadence_of_its_country(language, hz, on_ms):
    tone = ringback(6_000, language=language)
    spectrum = np.abs(np.fft.rfft(tone[: on_ms * 8]))
    assert np.fft.rfftfreq(on_ms * 8, 1 / LINE_HZ)[spectrum.argmax()] == pytest.approx(hz, abs=25)
    assert not tone[(on_ms + 100) * 8 : 3_900 * 8].any()


def test_hold_music_repeats_with_its_seed_and_never_stops():
    music = hold_music(5_000, seed=1)
    assert np.array_equal(music, hold_music(5_000, seed=1))
    assert not np.array_equal(music, hold_music(5_000, seed=2))
    frames = music[: len(music) // 4_000 * 4_000].reshape(-1, 4_000)
    assert np.sqrt((frames**2).mean(axis=1)).min() > 0.01


@pytest.mark.parametrize("codec", sorted(CODECS))
@pytest.mark.parametrize("rows", [1, 2])
def test_every_codec_gives_the_sound_back(tmp_path, codec, rows):
    av = pytest.importorskip("av")
    seconds = np.arange(LINE_HZ * 3 + 17) / LINE_HZ
    sound = np.stack([0.3 * np.sin(2 * np.pi * hz * seconds) for hz in (600, 900)[:rows]])
    path = tmp_path / f"tone{suffix(codec)}"
    encode(sound.astype(np.float32), path, codec=codec, rate_hz=LINE_HZ)
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert stream.channels == rows
        tags = {**container.metadata, **stream.metadata}
        assert any("Synthetic" in value for value in tags.values())
        resampler = av.AudioResampler(format="fltp", rate=LINE_HZ)
        heard = np.concatenate(
            [
                f.to_ndarray()
                for frame in container.decode(stream)
                for f in resampler.resample(frame)
            ],
            axis=1,
        )
    assert abs(heard.shape[1] - sound.shape[1]) < LINE_HZ // 4
    for row, hz in enumerate((600, 900)[:rows]):
        middle = heard[row, 4_000:20_000]
        peak = np.fft.rfftfreq(len(middle), 1 / LINE_HZ)[np.abs(np.fft.rfft(middle)).argmax()]
        assert peak == pytest.approx(hz, abs=3)


def test_encoding_twice_gives_the_same_bytes(tmp_path):
    sound = line_noise(LINE_HZ * 2, snr_db=0, speech_rms=0.1, seed=5)[None]
    for codec in CODECS:
        names = [tmp_path / folder / f"x{suffix(codec)}" for folder in ("a", "b")]
        for name in names:
            name.parent.mkdir(exist_ok=True)
            encode(sound, name, codec=codec, rate_hz=LINE_HZ)
        assert names[0].read_bytes() == names[1].read_bytes(), codec
