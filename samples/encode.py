"""Write a call in the codecs that recorders use, labelled as synthetic in the file itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LABEL = "Synthetic sample call: computer voices, invented people and companies"

# name → (suffix, encoder, sample format, bit rate per channel or None)
CODECS: dict[str, tuple[str, str, str, int | None]] = {
    "mulaw": (".wav", "pcm_mulaw", "s16", None),
    "alaw": (".wav", "pcm_alaw", "s16", None),
    "adpcm": (".wav", "adpcm_ima_wav", "s16p", None),
    "flac": (".flac", "flac", "s16", None),
    "opus": (".ogg", "libopus", "s16", 12_000),
    "mp3": (".mp3", "libmp3lame", "s16p", 24_000),
}


def encode(channels: NDArray[np.float32], path: Path, *, codec: str, rate_hz: int) -> None:
    """Write `channels`, shape (channels, n), −1…1, to `path`.

    Same sound, same encoder version: same bytes (no dates or random serial numbers in the file).
    """
    import av

    _, encoder, sample_format, bit_rate = CODECS[codec]
    layout = "stereo" if len(channels) == 2 else "mono"
    pcm = (np.clip(channels, -1, 1) * 32767).astype(np.int16)
    options = {"fflags": "+bitexact"}
    with av.open(str(path), "w", options=options) as container:
        container.metadata.update({"title": path.stem, "comment": LABEL})
        stream: Any = container.add_stream(encoder, rate=rate_hz, layout=layout)
        stream.codec_context.options = {"flags": "+bitexact"} | (
            {"application": "voip"} if codec == "opus" else {}
        )
        if bit_rate:
            stream.bit_rate = bit_rate * len(channels)
        for start in range(0, pcm.shape[1], rate_hz):
            block = pcm[:, start : start + rate_hz]
            if sample_format == "s16":
                block = block.T.reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(block), format=sample_format, layout=layout
            )
            frame.sample_rate, frame.pts = rate_hz, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def suffix(codec: str) -> str:
    """File name ending of a codec name."""
    return CODECS[codec][0]
