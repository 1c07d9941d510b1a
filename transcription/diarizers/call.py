"""Speaker separation made for calls: a few people, hours of recordings, two cores.

Segmentation in windows every 2.5 s, at most three voice vectors per voice and ten seconds, groups
bounded to the people of a call, windows stitched by voice and by what they heard together, and long
runs checked against the voices once more. Compared with the stock pipeline it hears each second
four times instead of ten, and embeds no silence, no overlap and no second twice.
"""

from __future__ import annotations

from importlib.metadata import version

import numpy as np

from qa.modelpacks import find_pack
from qa.settings import DiarizationSettings
from qa.transcript import EngineStamp
from transcription.campplus import load_campplus
from transcription.diarizers.clustering import find_speakers
from transcription.diarizers.devices import pick_device
from transcription.diarizers.frames import Flags, Floats
from transcription.diarizers.segmentation import load_segmentation
from transcription.diarizers.stitching import activity, assign, correct
from transcription.diarizers.turns import decide, one_at_a_time, to_spans
from transcription.diarizers.voices import embed_voices
from transcription.diarizers.windows import segment
from transcription.protocols import SAMPLE_RATE_HZ, Samples, Separation

#: Changes whenever the method changes what it returns.
METHOD_VERSION = "2"
_PACKS = ("segmentation-3.0", "campplus-zh-en")


class CallDiarizer:
    """The call-optimised path behind the `Diarizer` protocol."""

    def __init__(self, settings: DiarizationSettings) -> None:
        self._device = pick_device(settings.device)
        self._segmentation = load_segmentation().to(self._device)
        self._voice = load_campplus().to(self._device)
        self.stamp = EngineStamp(
            name="call-diarizer",
            version=f"{METHOD_VERSION} torch {version('torch')}",
            model=" ".join(f"{name}@{find_pack(name).digest()}" for name in _PACKS),
            settings_digest=settings.digest(),
        )

    def separate(
        self, samples: Samples, *, min_speakers: int = 1, max_speakers: int = 3
    ) -> Separation:
        """Who speaks when in one channel `(n,)` at 16 kHz."""
        nothing = Separation(spans=(), exclusive=(), stamp=self.stamp)
        if not samples.size:
            return nothing
        windows = segment(self._segmentation, samples, self._device)
        if not windows.active.any():
            return nothing
        voices, runs = embed_voices(self._voice, samples, windows, self._device)
        centres = find_speakers(voices, runs, min_speakers=min_speakers, max_speakers=max_speakers)
        speakers = assign(windows, voices, centres)
        probability = activity(windows, speakers, len(centres))
        probability = correct(probability, runs, centres)
        return self._separation(probability, centres, samples.size * 1000 // SAMPLE_RATE_HZ)

    def _separation(self, probability: Floats, centres: Floats, limit_ms: int) -> Separation:
        talking = decide(probability)
        order = _by_first_word(talking)
        if not order:
            return Separation(spans=(), exclusive=(), stamp=self.stamp)
        talking, probability, centres = talking[:, order], probability[:, order], centres[order]
        names = [f"S{index}" for index in range(len(order))]
        alone = one_at_a_time(talking, probability)
        return Separation(
            spans=to_spans(talking, names, limit_ms=limit_ms),
            exclusive=to_spans(alone, names, limit_ms=limit_ms),
            embeddings={
                name: tuple(centre.tolist())
                for name, centre in zip(names, centres, strict=True)
                if centre.any()
            },
            stamp=self.stamp,
        )


def _by_first_word(talking: Flags) -> list[int]:
    """The speakers who talk at all, in the order in which they begin."""
    heard = np.flatnonzero(talking.any(axis=0))
    return sorted(heard.tolist(), key=lambda speaker: int(np.argmax(talking[:, speaker])))
