"""Decoding: every codec, every rate, and everything that can be wrong with a file."""

import io
import os
import pickle
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from qa.errors import AudioError
from tests.sounds import encode, save, silence, tone, voice, wav
from transcription.audio import decode, probe
from transcription.containers import RawFormat
from transcription.refusals import (
    DamagedAudioError,
    EmptyAudioError,
    EncryptedAudioError,
    HeaderlessAudioError,
    NotAudioError,
    ShortAudioError,
    UnreadableAudioError,
)


def hear(content, name="call.wav", **options):
    file = io.BytesIO(content)
    file.name = name
    return decode(file, **options)


def pitch(samples):
    """Strongest frequency of 16 kHz sound in Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return np.argmax(spectrum) * 16_000 / len(samples)


def patched(content, chunk, offset, value, size="<I"):
    data = bytearray(content)
    struct.pack_into(size, data, data.find(chunk) + offset, value)
    return bytes(data)


LINE = tone(440, 2, rate=8000)
LIBSNDFILE = [
    ("PCM_U8", "pcm_u8"), ("PCM_16", "pcm_s16le"), ("PCM_24", "pcm_s24le"),
    ("PCM_32", "pcm_s32le"), ("FLOAT", "pcm_f32le"), ("DOUBLE", "pcm_f64le"),
    ("ULAW", "pcm_mulaw"), ("ALAW", "pcm_alaw"), ("IMA_ADPCM", "adpcm_ima_wav"),
    ("MS_ADPCM", "adpcm_ms"), ("GSM610", "gsm_ms"), ("G721_32", "g721_adpcm"),
    ("NMS_ADPCM_32", "nms_adpcm"),
]  # fmt: skip


@pytest.mark.parametrize(("subtype", "codec"), LIBSNDFILE)
def test_wav_kinds_keep_pitch_level_and_length(subtype, codec):
    audio = hear(wav(LINE, rate=8000, subtype=subtype))
    assert (audio.codec, audio.source_rate_hz, audio.channels) == (codec, 8000, 1)
    assert audio.samples.dtype == np.float32
    assert abs(audio.duration_ms - 2000) <= 40
    assert pitch(audio.samples[0]) == pytest.approx(440, abs=2)
    assert np.abs(audio.samples[0, 4000:-4000]).max() == pytest.approx(0.3, abs=0.05)
    assert audio.flags == ()


FFMPEG = [
    ("libmp3lame", "mp3", 16_000), ("aac", "ipod", 44_100), ("aac", "adts", 16_000),
    ("libopus", "ogg", 48_000), ("libopus", "webm", 48_000), ("flac", "flac", 48_000),
    ("libopencore_amrnb", "amr", 8_000), ("g722", "wav", 16_000), ("g722", "g722", 16_000),
    ("pcm_alaw", "au", 8_000), ("pcm_s16be", "aiff", 8_000), ("pcm_s16le", "matroska", 8_000),
    ("pcm_mulaw", "mulaw", 8_000), ("pcm_mulaw", "w64", 8_000),
]  # fmt: skip


@pytest.mark.parametrize(("codec", "container", "rate"), FFMPEG)
def test_compressed_kinds_keep_pitch_and_length(codec, container, rate):
    content = encode(tone(440, 2, rate=rate), codec=codec, container=container, rate=rate)
    audio = hear(content, f"call.{container}")
    assert audio.source_rate_hz == rate
    assert abs(audio.duration_ms - 2000) <= 130  # encoders pad
    assert pitch(audio.samples[0]) == pytest.approx(440, abs=2)
    assert not set(audio.flags) - {"raw_assumed"}


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2, 4])
def test_rates_and_channels(rate, channels):
    rows = [tone(300 + 200 * row, 1, rate=rate) for row in range(channels)]
    audio = hear(wav(np.stack(rows), rate=rate))
    assert (audio.channels, audio.source_rate_hz, audio.duration_ms) == (channels, rate, 1000)
    heard = [pitch(samples) for samples in audio.samples]
    assert heard == pytest.approx([300 + 200 * row for row in range(channels)], abs=2)


def test_probe_tells_the_header_without_decoding(tmp_path):
    path = save(tmp_path, "a.wav", wav(np.stack([LINE, LINE]), rate=8000, subtype="ULAW"))
    found = probe(path)
    assert (found.codec, found.channels, found.sample_rate_hz) == ("pcm_mulaw", 2, 8000)
    assert found.duration_ms == 2000


def test_paths_and_open_files_give_the_same(tmp_path):
    path = save(tmp_path, "a.wav", wav(LINE, rate=8000))
    with path.open("rb") as file:
        from_file = decode(file)
        assert not file.closed
    np.testing.assert_array_equal(decode(str(path)).samples, from_file.samples)


GOOD = wav(LINE, rate=8000)
REFUSED = [
    ("zero bytes", b"", "a.wav", EmptyAudioError),
    ("header only", GOOD[:44], "a.wav", EmptyAudioError),
    ("half a header", GOOD[:20], "a.wav", DamagedAudioError),
    ("rate of zero", patched(GOOD, b"fmt ", 12, 0), "a.wav", DamagedAudioError),
    ("text", b"Dear sir, " * 500, "a.wav", NotAudioError),
    ("Chinese text", "录音文件丢失".encode() * 301, "a.wav", NotAudioError),
    ("pdf", b"%PDF-1.7\n\xe2\xe3" + bytes(range(256)) * 9, "a.wav", NotAudioError),
    ("playlist", b"#EXTM3U\nfile:///etc/passwd\n", "a.mp3", NotAudioError),
    ("noise named mp3", np.random.default_rng(7).bytes(50_000), "a.mp3", NotAudioError),
    ("archive", b"PK\x03\x04" + bytes(500), "a.wav", NotAudioError),
    ("encrypted file", b"Salted__" + bytes(500), "a.wav", EncryptedAudioError),
    ("bare samples", (LINE * 9e3).astype("<i2").tobytes(), "a.wav", HeaderlessAudioError),
    ("bare µ-law", np.random.default_rng(1).bytes(9000), "a.raw", HeaderlessAudioError),
    ("0.2 seconds", wav(LINE[:1600], rate=8000), "a.wav", ShortAudioError),
]


@pytest.mark.parametrize(
    ("content", "name", "kind"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_refusals_name_the_place_the_reason_and_the_remedy(content, name, kind):
    with pytest.raises(AudioError) as caught:
        hear(content, name)
    error = caught.value
    assert type(error) is kind
    assert error.code.startswith("audio.")
    assert error.place == name
    assert error.message
    assert error.remedy
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (kind, str(error))


@pytest.mark.parametrize("tag", [b"enca", b"drms"])
def test_protected_m4a_is_refused(tag):
    content = encode(tone(440, 1), codec="aac", container="ipod").replace(b"mp4a", tag)
    with pytest.raises(EncryptedAudioError, match="DRM"):
        hear(content, "a.m4a")


def test_m4a_without_its_index_says_so():
    content = encode(voice(4), codec="aac", container="ipod")
    with pytest.raises(DamagedAudioError, match="moov"):
        hear(content[: len(content) // 2], "a.m4a")


def test_missing_and_forbidden_files(tmp_path):
    with pytest.raises(UnreadableAudioError, match="No such file"):
        decode(tmp_path / "gone.wav")
    with pytest.raises(UnreadableAudioError):
        decode(tmp_path)


CUT = [
    ("wav", wav(voice(8, rate=8000), rate=8000)),
    ("mp3", encode(voice(8), codec="libmp3lame", container="mp3")),
    ("ogg", encode(voice(8, rate=48_000), codec="libopus", container="ogg", rate=48_000)),
    ("flac", encode(voice(8), codec="flac", container="flac")),
    ("aac", encode(voice(8), codec="aac", container="adts")),
]


@pytest.mark.parametrize(("container", "content"), CUT, ids=[c[0] for c in CUT])
def test_a_cut_file_keeps_what_decoded(container, content):
    audio = hear(content[: len(content) // 2 + 13], f"a.{container}")
    assert "truncated" in audio.flags
    assert 2500 < audio.duration_ms < 5500
    assert np.abs(audio.samples).max() > 0.05


@pytest.mark.parametrize(("container", "content"), CUT, ids=[c[0] for c in CUT])
def test_a_whole_file_is_not_called_cut(container, content):
    assert "truncated" not in hear(content, f"a.{container}").flags


def test_damage_in_the_middle_does_not_shift_what_follows():
    content = bytearray(encode(voice(8), codec="flac", container="flac"))
    third = len(content) // 3
    content[third : third + 4000] = np.random.default_rng(2).bytes(4000)
    audio = hear(bytes(content), "a.flac")
    assert audio.duration_ms == pytest.approx(8000, abs=100)
    assert set(audio.flags) & {"gaps_filled", "damaged"}


@pytest.mark.parametrize("size", [0, 0xFFFF_FFFF])
def test_streamed_wav_without_a_length_is_read_to_its_end(size):
    audio = hear(patched(GOOD, b"data", 4, size))
    assert (audio.duration_ms, audio.flags) == (2000, ())


def test_sound_after_the_stated_end_is_heard():
    audio = hear(patched(GOOD, b"data", 4, 8000))
    assert audio.duration_ms == 2000
    assert "length_conflict" in audio.flags


def test_chunks_after_the_sound_are_not_sound():
    tail = b"LIST" + struct.pack("<I", 8000) + bytes(range(250)) * 32
    audio = hear(GOOD + tail)
    assert (audio.duration_ms, audio.flags) == (2000, ())


@pytest.mark.parametrize("rate", [1, 400_000])
def test_an_impossible_rate_is_corrected_from_the_byte_rate(rate):
    audio = hear(patched(GOOD, b"fmt ", 12, rate))
    assert (audio.source_rate_hz, audio.duration_ms) == (8000, 2000)
    assert audio.flags == ("rate_conflict",)


def test_a_possible_but_contradicted_rate_is_kept_and_flagged():
    audio = hear(patched(GOOD, b"fmt ", 12, 16_000))
    assert audio.source_rate_hz == 16_000
    assert "rate_conflict" in audio.flags


def stamped(starts):
    """A Matroska file of one-second blocks of 8 kHz tone that begin at the given seconds."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as file:
        stream = file.add_stream("pcm_s16le", rate=8000, layout="mono")
        for start in starts:
            block = (tone(440, 1, rate=8000) * 32_767).astype("i2")[None]
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            frame.sample_rate, frame.time_base = 8000, Fraction(1, 8000)
            frame.pts = round(start * 8000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return buffer.getvalue()


def test_gaps_in_the_time_stamps_become_silence():
    audio = hear(stamped([0, 1, 5, 6]), "a.mkv")
    assert audio.duration_ms == pytest.approx(7000, abs=5)
    assert "gaps_filled" in audio.flags
    level = np.abs(audio.samples[0].reshape(-1, 16_000)[:7]).max(axis=1)
    assert [bool(x > 0.1) for x in level] == [True, True, False, False, False, True, True]


def test_steady_time_stamps_add_nothing():
    audio = hear(stamped([0, 1, 2, 3]), "a.mkv")
    assert (audio.duration_ms, audio.flags) == (4000, ())


def test_constant_offset_is_removed_from_the_channel_that_has_it():
    audio = hear(wav(np.stack([LINE + 0.2, LINE]), rate=8000))
    assert "dc_offset" in audio.flags
    assert np.abs(audio.samples.mean(axis=1)).max() < 1e-3


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_U8", "ULAW", "ALAW"])
def test_digital_silence_is_decoded_and_flagged(subtype):
    assert "silent" in hear(wav(silence(3, rate=8000), rate=8000, subtype=subtype)).flags


def test_a_second_of_speech_in_a_silent_call_is_not_silence():
    sound = np.concatenate([silence(20), voice(1, level=0.05), silence(20)])
    assert "silent" not in hear(wav(sound)).flags


def test_float_files_out_of_range_and_with_holes():
    hot = LINE * 32_768
    hot[500] = np.nan
    audio = hear(wav(hot, rate=8000, subtype="FLOAT"))
    assert "rescaled" in audio.flags
    assert np.isfinite(audio.samples).all()
    assert np.abs(audio.samples).max() <= 1


def test_headerless_files_are_heard_when_the_site_says_how():
    content = encode(
        np.stack([LINE, tone(600, 2, rate=8000)]), codec="pcm_mulaw", container="mulaw", rate=8000
    )
    audio = hear(content, "a.raw", raw=RawFormat(codec="mulaw", channels=2))
    assert [round(pitch(row), -1) for row in audio.samples] == [440, 600]
    assert "raw_assumed" not in audio.flags


def test_a_damaged_packet_never_reaches_out_of_range():
    content = bytearray(encode(voice(6), codec="libmp3lame", container="mp3"))
    rng = np.random.default_rng(3)
    for at in rng.integers(2000, len(content), 60):
        content[at] = rng.integers(256)
    audio = hear(bytes(content), "a.mp3")
    assert np.isfinite(audio.samples).all()
    assert np.abs(audio.samples).max() <= 1


def test_five_hours_need_no_more_memory_than_the_sound_itself(tmp_path):
    path = tmp_path / "long.wav"
    count = 5 * 3600 * 16_000
    with path.open("wb") as file:  # a sparse file: zeros that take no disk
        fields = struct.pack("<IHHIIHH", 16, 1, 1, 16_000, 16_000, 1, 8)
        start = b"RIFF" + struct.pack("<I", 36 + count) + b"WAVEfmt " + fields
        file.write(start + b"data" + struct.pack("<I", count))
        file.truncate(44 + count)
    before = _peak_kb()
    audio = decode(path)
    assert audio.duration_ms == 5 * 3_600_000
    assert _peak_kb() - before < audio.samples.nbytes / 1024 + 100_000


def _peak_kb():
    with Path(f"/proc/{os.getpid()}/status").open(encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1])


@pytest.mark.evaldata
@pytest.mark.parametrize(
    ("name", "channels", "rate"), [("podcast.opus", 2, 48_000), ("stereo.sph", 2, 8000)]
)
def test_odd_recordings(evaldata, name, channels, rate):
    audio = decode(evaldata / "odd_audio" / name)
    assert (audio.channels, audio.source_rate_hz) == (channels, rate)


@pytest.mark.evaldata
def test_a_wav_without_a_header_is_refused_and_heard_when_told(evaldata):
    path = evaldata / "odd_audio" / "missing_wav_header.wav"
    with pytest.raises(HeaderlessAudioError):
        decode(path)
    assert decode(path, raw=RawFormat(codec="s16le", sample_rate_hz=16_000)).duration_ms > 1000
