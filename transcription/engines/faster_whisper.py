"""Whisper through faster-whisper and CTranslate2: the default recogniser."""

from __future__ import annotations

import gc
import importlib.metadata
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from qa import modelpacks, runtime
from qa.errors import ModelError
from qa.settings import AsrSettings
from qa.transcript import EngineStamp, Word
from transcription.engines.windows import Window, pack
from transcription.protocols import SAMPLE_RATE_HZ, HeardSegment, Samples, Span
from transcription.repeats import LOOP_COMPRESSION, compression

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")

#: Whisper's own criterion for decoding a window again, beside loops: a guess.
GUESS_LOGPROB = -1.0
#: Words further apart than this belong to different segments: the speaker paused.
SPLIT_GAP_MS = 700
#: Sound used for detecting the language; one encoder pass.
DETECTION_MS = 29_000
_RETRY_TEMPERATURES = (0.0, 0.2, 0.4, 0.6)


@dataclass(slots=True)
class _Loaded:
    """The model as it stands on its device; replaced when the device gives up."""

    model: Any
    batched: Any
    device: str
    batch_size: int


class FasterWhisper:
    """Recognises the speech spans of one channel in packed windows, several at a time.

    Attributes:
        stamp: Name, version, model and the settings that change the output.
        notes: What went differently from what was asked (`cuda_to_cpu` …), for the log.
    """

    def __init__(self, settings: AsrSettings, folder: str) -> None:
        self._settings = settings
        self._folder = folder
        self._loaded = _open(settings, folder)
        self.notes: list[str] = []
        self.stamp = EngineStamp(
            name="faster-whisper",
            version=importlib.metadata.version("faster-whisper"),
            model=_model_name(settings.model),
            settings_digest=settings.digest(),
        )

    def detect_language(self, samples: Samples, spans: Sequence[Span]) -> tuple[str, float]:
        """The language of the longest spans, and its probability. `("", 0.0)` without speech."""
        chosen: list[Span] = []
        total = 0
        for span in sorted(spans, key=lambda span: span.start_ms - span.end_ms):
            if total >= DETECTION_MS:
                break
            chosen.append(span)
            total += span.end_ms - span.start_ms
        windows = pack(samples, chosen, window_ms=DETECTION_MS)
        if not windows:
            return "", 0.0
        sound = windows[0].cut(samples)
        code, probability, _ = self._guarded(lambda on: on.model.detect_language(sound))
        return str(code), float(probability)

    def transcribe(
        self,
        samples: Samples,
        spans: Sequence[Span],
        *,
        language: str,
        hotwords: Sequence[str] = (),
    ) -> tuple[HeardSegment, ...]:
        """Recognise the spans of one channel `(n,)`; times are those of the file."""
        windows = pack(samples, spans)
        if not windows:
            return ()
        words = " ".join(hotwords) or None
        heard = self._guarded(lambda on: self._batched(on, samples, windows, language, words))
        segments: list[HeardSegment] = []
        for window, found in zip(windows, heard, strict=True):
            again = self._again(samples, window, language, words) if _failed(found) else []
            segments.extend(_to_file(again or found, window, language))
        return tuple(sorted(segments, key=lambda segment: segment.start_ms))

    def _batched(
        self,
        on: _Loaded,
        samples: Samples,
        windows: Sequence[Window],
        language: str,
        hotwords: str | None,
    ) -> list[list[Any]]:
        """The raw segments of each window, times relative to the window."""
        heard: list[list[Any]] = []
        for first in range(0, len(windows), on.batch_size):
            group = windows[first : first + on.batch_size]
            heard.extend(self._batch(on, [w.cut(samples) for w in group], language, hotwords))
        return heard

    def _batch(
        self, on: _Loaded, sounds: Sequence[Samples], language: str, hotwords: str | None
    ) -> list[list[Any]]:
        bounds = np.cumsum([0, *(len(sound) for sound in sounds)]) / SAMPLE_RATE_HZ
        clips = [{"start": float(a), "end": float(b)} for a, b in pairwise(bounds)]
        found, _ = on.batched.transcribe(
            np.concatenate(sounds),
            language=language,
            clip_timestamps=clips,
            batch_size=on.batch_size,
            beam_size=self._settings.beam_size,
            without_timestamps=False,
            word_timestamps=True,
            vad_filter=False,
            hotwords=hotwords,
        )
        groups: list[list[Any]] = [[] for _ in sounds]
        for segment in found:
            index = int(np.searchsorted(bounds, segment.seek / 100 + 0.011, side="right")) - 1
            groups[index].append(_Relative(segment, float(bounds[index])))
        return groups

    def _again(
        self, samples: Samples, window: Window, language: str, hotwords: str | None
    ) -> list[Any]:
        """Decode a failed window with Whisper's temperature fallback; loops usually break."""
        sound = window.cut(samples)

        def decode(on: _Loaded) -> list[Any]:
            found, _ = on.model.transcribe(
                sound,
                language=language,
                beam_size=self._settings.beam_size,
                temperature=list(_RETRY_TEMPERATURES),
                condition_on_previous_text=False,
                word_timestamps=True,
                hotwords=hotwords,
            )
            return [_Relative(segment, 0.0) for segment in found]

        return self._guarded(decode)

    def _guarded(self, work: Callable[[_Loaded], _T]) -> _T:
        """Do the work; out of memory means a smaller batch, then the CPU, never a lost call."""
        while True:
            try:
                return work(self._loaded)
            except RuntimeError as error:
                if self._loaded.device != "cuda" or not _is_device_trouble(error):
                    raise
                self._step_down(error)

    def _step_down(self, error: RuntimeError) -> None:
        _LOG.warning("recogniser on cuda: %s", error)
        if "memory" in str(error).lower() and self._loaded.batch_size > 1:
            self._loaded.batch_size //= 2
            self.notes.append(f"batch_size_{self._loaded.batch_size}")
            return
        self._loaded.model = self._loaded.batched = None
        gc.collect()
        cpu = self._settings.model_copy(update={"device": "cpu", "compute_type": "auto"})
        self._loaded = _open(cpu, self._folder)
        self.notes.append("cuda_to_cpu")


class _Relative:
    """A segment of faster-whisper with times relative to its window."""

    __slots__ = ("compression", "end", "logprob", "no_speech", "start", "text", "words")

    def __init__(self, segment: Any, origin_s: float) -> None:
        self.text: str = segment.text
        self.start = (segment.start - origin_s) * 1000
        self.end = (segment.end - origin_s) * 1000
        self.words = [
            (w.word, (w.start - origin_s) * 1000, (w.end - origin_s) * 1000, float(w.probability))
            for w in segment.words or ()
        ]
        self.no_speech = float(segment.no_speech_prob)
        self.logprob = float(segment.avg_logprob)
        self.compression = float(segment.compression_ratio)


def load(settings: AsrSettings) -> FasterWhisper:
    """Load the model the settings name.

    Raises:
        ModelError: The weights are missing, or CTranslate2 cannot read them.
    """
    runtime.prepare()
    return FasterWhisper(settings, _folder(settings.model))


def _folder(model: str) -> str:
    """A local folder, a model pack, or (last) a hub name that the site has cached."""
    if Path(model).is_dir():
        return model
    try:
        return str(modelpacks.locate(model))
    except ModelError:
        if model in {"whisper-base", "whisper-tiny.en"} or "/" not in model:
            from faster_whisper import available_models  # noqa: PLC0415 - heavy

            if model not in available_models():
                raise
        return model


def _model_name(model: str) -> str:
    return Path(model).name if Path(model).is_dir() else model


def _open(settings: AsrSettings, folder: str) -> _Loaded:
    from faster_whisper import BatchedInferencePipeline, WhisperModel  # noqa: PLC0415 - heavy

    device = _device(settings.device)
    try:
        model = WhisperModel(
            folder,
            device=device,
            compute_type=_compute_type(settings.compute_type, device),
            cpu_threads=runtime.thread_count(),
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError) as error:
        if device == "cuda" and settings.device == "auto":
            _LOG.warning("no recogniser on cuda, using the CPU: %s", error)
            return _open(settings.model_copy(update={"device": "cpu"}), folder)
        raise ModelError(
            f"the recogniser does not load: {error}",
            settings.model,
            "run `qa models pull`, or set asr.model to a CTranslate2 Whisper folder",
        ) from error
    batch_size = settings.batch_size if device == "cpu" else max(settings.batch_size, 16)
    return _Loaded(model, BatchedInferencePipeline(model), device, batch_size)


def _device(wanted: str) -> str:
    if wanted != "auto":
        return wanted
    import ctranslate2  # noqa: PLC0415 - heavy

    return "cuda" if ctranslate2.get_cuda_device_count() > 0 else "cpu"


def _compute_type(wanted: str, device: str) -> str:
    if wanted != "auto":
        return wanted
    return "int8" if device == "cpu" else "float16"


def _is_device_trouble(error: RuntimeError) -> bool:
    text = str(error).lower()
    return any(word in text for word in ("memory", "cuda", "cublas", "cudnn"))


def _failed(found: Iterable[_Relative]) -> bool:
    """True for a window that looks like a loop or a guess rather than speech heard."""
    segments = list(found)
    text = "".join(segment.text for segment in segments)
    if not text.strip():
        return False
    return compression(text) > LOOP_COMPRESSION or segments[0].logprob < GUESS_LOGPROB


def _to_file(found: Iterable[_Relative], window: Window, language: str) -> list[HeardSegment]:
    """Segments in file time, split where the speaker paused longer than `SPLIT_GAP_MS`."""
    segments: list[HeardSegment] = []
    for segment in found:
        for words in _runs(segment, window):
            text = "".join(word.text for word in words)
            if not text.strip():
                continue
            segments.append(
                HeardSegment(
                    text=text.strip(),
                    start_ms=words[0].start_ms,
                    end_ms=words[-1].end_ms,
                    words=tuple(words),
                    no_speech=segment.no_speech,
                    compression=compression(text),
                    mean_logprob=segment.logprob,
                    language=language,
                )
            )
    return segments


def _runs(segment: _Relative, window: Window) -> list[list[Word]]:
    runs: list[list[Word]] = []
    for text, start, end, probability in segment.words:
        start_ms, end_ms = window.to_file(start, end)
        word = Word(
            text=text, start_ms=start_ms, end_ms=end_ms, confidence=round(min(probability, 1.0), 4)
        )
        if runs and word.start_ms - runs[-1][-1].end_ms < SPLIT_GAP_MS:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs
