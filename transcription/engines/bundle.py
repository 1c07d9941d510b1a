"""The models a process hears calls with, loaded once."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from qa import runtime
from qa.settings import DiarizationSettings, Settings
from qa.transcript import EngineStamp
from transcription.devices import is_device_trouble
from transcription.engines import create_transcriber
from transcription.protocols import Diarizer, Samples, Separation, SpeechDetector, Transcriber
from transcription.voiceprints import VoiceReader

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Engines:
    """Everything that hears: one set per process, never shared between threads.

    `voices` is there only where the site compares voices with enrolled ones.
    """

    detector: SpeechDetector
    diarizer: Diarizer
    transcriber: Transcriber
    settings: Settings
    voices: VoiceReader | None = None


class DiarizerOnDemand:
    """Loads the diariser when the first mono call asks: a stereo site never waits for torch.

    Attributes:
        notes: What went differently from what was asked (`cuda_to_cpu`).
    """

    def __init__(self, settings: DiarizationSettings) -> None:
        self._settings = settings
        self._loaded: Diarizer | None = None
        self.notes: list[str] = []
        self.stamp = EngineStamp(name=settings.engine, version="", model=settings.pipeline)

    def separate(
        self, samples: Samples, *, min_speakers: int = 1, max_speakers: int = 3
    ) -> Separation:
        """See `Diarizer.separate`. A graphics card that gives up never costs the call."""
        bounds = {"min_speakers": min_speakers, "max_speakers": max_speakers}
        try:
            return self.load().separate(samples, **bounds)
        except RuntimeError as error:
            if self._settings.device == "cpu" or not is_device_trouble(error):
                raise
            _LOG.warning("diarizer on %s: %s", self._settings.device, error)
        self._settings = self._settings.model_copy(update={"device": "cpu"})
        self._loaded = None
        self.notes.append("cuda_to_cpu")
        return self.load().separate(samples, **bounds)

    def load(self) -> Diarizer:
        """The real diariser, loaded now if it was not yet."""
        if self._loaded is None:
            from transcription.diarizers import create_diarizer  # noqa: PLC0415 - loads torch

            self._loaded = create_diarizer(self._settings)
            self.stamp = self._loaded.stamp
        return self._loaded


_loaded: dict[str, Engines] = {}


def load_engines(settings: Settings) -> Engines:
    """The engines for these settings; loaded once per process.

    Raises:
        ModelError: The recogniser's weights are missing or damaged.
    """
    key = "-".join(group.digest() for group in (settings.asr, settings.diarization, settings.roles))
    if key not in _loaded:
        runtime.prepare()
        from transcription.speech import SileroDetector  # noqa: PLC0415 - loads onnxruntime

        _loaded[key] = Engines(
            detector=SileroDetector(),
            diarizer=DiarizerOnDemand(settings.diarization),
            transcriber=create_transcriber(settings.asr),
            settings=settings,
            voices=VoiceReader() if settings.roles.voiceprints else None,
        )
    return _loaded[key]
