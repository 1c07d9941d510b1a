"""Put the utterances and sounds of a script on one clock and mix them into channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qa.calls import ChannelLayout
from samples.script import Script, Voice
from samples.speech import LOUDNESS_RMS, RATE_HZ, Speaker
from samples.telephone import LINE_HZ, hold_music, line_band, line_noise, ringback

Samples = NDArray[np.float32]

LEAD_MS, TAIL_MS = 400, 700
NATURAL_PAUSE_MS = (280, 720)
Who = Literal["agent", "customer", "system"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A sound with its place. `who` is None for silence; text is empty for music and tones."""

    kind: Literal["speech", "music", "ringback", "silence"]
    who: Who | None
    text: str
    start_ms: int
    sound: Samples

    @property
    def end_ms(self) -> int:
        """End of the sound."""
        return self.start_ms + len(self.sound) * 1000 // LINE_HZ


def place(script: Script, speaker: Speaker) -> list[Placed]:
    """Every utterance and sound of the script with its time, in order of the script."""
    rng = np.random.default_rng(script.line.seed)
    placed: list[Placed] = []
    cursor, began = LEAD_MS, LEAD_MS
    for step in script.timeline:
        natural = int(rng.integers(*NATURAL_PAUSE_MS))
        name = next(iter(step.model_fields_set))
        value = getattr(step, name)
        if isinstance(value, int):
            item = _sound(name.removesuffix("_ms"), value, cursor + 200, script)
            placed.append(item)
            began, cursor = item.start_ms, item.end_ms
            continue
        voice = script.voices[name]  # type: ignore[index]
        clip = spoken(value.say, voice, speaker, speed=value.speed)
        if value.during_ms is not None:
            start = began + value.during_ms
        elif value.overlap_ms is not None:
            start = cursor - value.overlap_ms
        else:
            start = cursor + (natural if value.pause_ms is None else value.pause_ms)
        item = Placed(kind="speech", who=name, text=value.say, start_ms=start, sound=clip)  # type: ignore[arg-type]
        placed.append(item)
        if value.during_ms is None:
            began = start
        cursor = max(cursor, item.end_ms)
    return placed


def spoken(text: str, voice: Voice, speaker: Speaker, *, speed: float | None) -> Samples:
    """An utterance as it leaves the telephone line, 8 kHz."""
    clip = speaker.say(text, voice=voice.voice, speed=speed or voice.speed)
    return line_band(clip, RATE_HZ) * np.float32(10 ** (voice.level_db / 20))


def mix(script: Script, placed: list[Placed]) -> NDArray[np.float32]:
    """The recording, shape (channels, n) at 8 kHz, line noise included.

    System voice, hold music and ringing are heard where the exchange puts them: beside the agent.
    """
    layout = script.line.layout
    length = (max(item.end_ms for item in placed) + TAIL_MS) * LINE_HZ // 1000
    channels = np.zeros((1 if layout is ChannelLayout.MONO else 2, length), np.float32)
    agent = 0 if layout in {ChannelLayout.MONO, ChannelLayout.AGENT_LEFT} else 1
    customer = 0 if layout is ChannelLayout.MONO else 1 - agent
    for item in placed:
        row = customer if item.who == "customer" else agent
        first = item.start_ms * LINE_HZ // 1000
        channels[row, first : first + len(item.sound)] += item.sound
    for row in range(len(channels)):
        channels[row] += line_noise(
            length,
            snr_db=script.line.snr_db,
            speech_rms=LOUDNESS_RMS,
            seed=script.line.seed * 10 + row,
        )
    return channels


def _sound(kind: str, duration_ms: int, start_ms: int, script: Script) -> Placed:
    if kind == "music":
        sound = hold_music(duration_ms, seed=script.line.seed)
    elif kind == "ringback":
        sound = ringback(duration_ms, language=script.language)
    else:
        sound = np.zeros(duration_ms * LINE_HZ // 1000, np.float32)
    return Placed(kind=kind, who=None, text="", start_ms=start_ms, sound=sound)  # type: ignore[arg-type]
