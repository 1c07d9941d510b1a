"""Provisional channel check."""

from __future__ import annotations

import numpy as np

from transcription.protocols import ChannelVerdict, DecodedAudio


def judge_channels(audio: DecodedAudio) -> ChannelVerdict:
    s = audio.samples
    if audio.channels == 1:
        return ChannelVerdict(kind="mono", live_channels=(0,))
    p = np.square(s[:2]).mean(axis=1)
    if p.min() < 1e-4 * max(p.max(), 1e-9):
        return ChannelVerdict(
            kind="one_dead_channel", live_channels=(int(np.argmax(p)),), flags=("one_dead_channel",)
        )
    c = float(np.corrcoef(s[0], s[1])[0, 1])
    if c > 0.95:
        return ChannelVerdict(kind="doubled_mono", live_channels=(0,), flags=("doubled_mono",))
    return ChannelVerdict(kind="separated", live_channels=(0, 1))
