"""Whisper through faster-whisper and CTranslate2: the default recogniser."""

from __future__ import annotations

import gc
import importlib.metadata
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from qa import modelpacks, runtime
from qa.errors import ModelError
from qa.settings import AsrSettings
from qa.transcript import EngineStamp, Word
from transcription.devices import is_device_trouble, is_short_of_memory
from transcription.engines.decoding import (
    Decoding,
    Encoded,
    Passage,
    decode,
    detect_language,
    knows,
    looks_failed,
)
from transcription.engines.leftovers import credible, passed_over
from transcription.engines.windows import Loudness, Window, pack, repack
from transcription.protocols import HeardSegment, Samples, Side
from transcription.repeats import LOOP_COMPRESSION, compression

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")

#: Whisper's own criterion for decoding a window again, beside loops: a guess.
GUESS_LOGPROB = -1.0
#: A failed window is heard again in windows of this length, against loops with a penalty.
RETRY_MS = 10_000
RETRY_PENALTY = 1.15
#: Words further apart than this belong to different segments: the speaker paused.
SPLIT_GAP_MS = 700
#: Windows decoded together when the settings leave it open (`batch_size` 1).
CPU_BATCH, GPU_BATCH = 4, 16


@dataclass(slots=True)
class Loaded:
    """The model as it stands on its device; replaced when the device gives up."""

    model: Any
    device: str
    batch_size: int


class FasterWhisper:
    """Recognises the speech of a call in packed windows, several at a time.

    Attributes:
        stamp: Name, version, model and the settings that change the output.
        notes: What went differently from what was asked (`cuda_to_cpu` …), for the log.
    """

    def __init__(self, settings: AsrSettings, folder: str) -> None:
        self._settings = settings
        self._folder = folder
        self._loaded = _open(settings, folder)
        self._known: tuple[list[Samples], Window, Encoded] | None = None
        self.notes: list[str] = []
        self.stamp = EngineStamp(
            name="faster-whisper",
            version=importlib.metadata.version("faster-whisper"),
            model=_model_name(settings.model),
            settings_digest=settings.digest(),
        )

    def detect_language(self, sides: Sequence[Side]) -> tuple[str, float]:
        """The language of the fullest window, and its probability. `("", 0.0)` without speech.

        What the encoder made of that window is kept for `transcribe`, which needs it next.
        """
        windows = pack(sides)
        if not windows:
            return "", 0.0
        window = max(windows, key=lambda window: window.duration_ms)
        sound = window.cut(sides)
        code, probability, encoded = self._guarded(lambda on: detect_language(on.model, sound))
        of = [side.samples for side in sides]
        self._known = None if encoded is None else (of, window, encoded)
        return code, probability

    def transcribe(
        self, sides: Sequence[Side], *, language: str, hotwords: Sequence[str] = ()
    ) -> tuple[tuple[HeardSegment, ...], ...]:
        """Recognise the speech of all sides; times are those of the file.

        A language the model does not know is replaced by the one it hears.
        """
        windows = pack(sides)
        if not windows:
            return tuple(() for _ in sides)
        if not self._guarded(lambda on: knows(on.model, language)):
            self.notes.append(f"language_{language}")
            language = self.detect_language(sides)[0]
        how = Decoding(
            language=language,
            beam_size=self._settings.beam_size,
            hotwords=" ".join(hotwords),
        )
        segments = self._segments(sides, windows, how)
        rest = [
            replace(side, spans=passed_over(side.spans, found))
            for side, found in zip(sides, segments, strict=True)
        ]
        if left := pack(rest):
            again = self._segments(rest, left, how)
            for number, side in enumerate(rest):
                segments[number] += credible(again[number], side.spans)
        return tuple(tuple(sorted(found, key=lambda one: one.start_ms)) for found in segments)

    def _segments(
        self, sides: Sequence[Side], windows: Sequence[Window], how: Decoding
    ) -> list[list[HeardSegment]]:
        """What is said on each side."""
        segments: list[list[HeardSegment]] = [[] for _ in sides]
        for window, found in self._heard(sides, windows, how):
            loudness = window.loudness(sides) if found else None
            for side, segment in _to_file(found, window, how.language, loudness):
                segments[side].append(segment)
        return segments

    def _heard(
        self, sides: Sequence[Side], windows: Sequence[Window], how: Decoding
    ) -> list[tuple[Window, list[Passage]]]:
        """Windows and what they say; failed ones replaced by shorter windows that do better."""
        known = None
        if self._known is not None:
            of, window, encoded = self._known
            if [id(samples) for samples in of] == [id(side.samples) for side in sides]:
                known = (window, encoded)
        self._known = None
        first = self._guarded(lambda on: _in_batches(on, sides, windows, how, known))
        heard: list[tuple[Window, list[Passage]]] = []
        for window, found in zip(windows, first, strict=True):
            if looks_failed(found, loop=LOOP_COMPRESSION, guess=GUESS_LOGPROB):
                heard.extend(self._again(sides, window, found, how))
            else:
                heard.append((window, found))
        return heard

    def _again(
        self, sides: Sequence[Side], window: Window, found: list[Passage], how: Decoding
    ) -> list[tuple[Window, list[Passage]]]:
        looped = compression("".join(passage.text for passage in found)) > LOOP_COMPRESSION
        shorter = repack(sides, window, window_ms=RETRY_MS)
        penalty = RETRY_PENALTY if looped else 1.0
        retry = replace(how, repetition_penalty=penalty)
        again = self._guarded(lambda on: _in_batches(on, sides, shorter, retry))
        if not looped and _mean_logprob(again) <= found[0].logprob:
            return [(window, found)]
        return list(zip(shorter, again, strict=True))

    def _guarded(self, work: Callable[[Loaded], _T]) -> _T:
        """Do the work; out of memory means a smaller batch, then the CPU, never a lost call."""
        while True:
            try:
                return work(self._loaded)
            except RuntimeError as error:
                if self._loaded.device != "cuda" or not is_device_trouble(error):
                    raise
                self._step_down(error)

    def _step_down(self, error: RuntimeError) -> None:
        _LOG.warning("recogniser on cuda: %s", error)
        if is_short_of_memory(error) and self._loaded.batch_size > 1:
            self._loaded.batch_size //= 2
            self.notes.append(f"batch_size_{self._loaded.batch_size}")
            return
        self._loaded.model = self._known = None
        gc.collect()
        cpu = self._settings.model_copy(update={"device": "cpu", "compute_type": "auto"})
        self._loaded = _open(cpu, self._folder)
        self.notes.append("cuda_to_cpu")


def load(settings: AsrSettings) -> FasterWhisper:
    """Load the model the settings name.

    Raises:
        ModelError: The weights are missing, or CTranslate2 cannot read them.
    """
    runtime.prepare()
    return FasterWhisper(settings, _folder(settings.model))


def _in_batches(
    on: Loaded,
    sides: Sequence[Side],
    windows: Sequence[Window],
    how: Decoding,
    known: tuple[Window, Encoded] | None = None,
) -> list[list[Passage]]:
    """What each window says; the known one goes first in its batch."""
    heard: dict[Window, list[Passage]] = {}
    for start in range(0, len(windows), on.batch_size):
        group = list(windows[start : start + on.batch_size])
        encoded = None
        if known is not None and known[0] in group:
            group.sort(key=lambda window: window != known[0])
            encoded = known[1]
        sounds = [window.cut(sides) for window in group]
        passages = decode(on.model, sounds, how, known=encoded)
        heard.update(zip(group, passages, strict=True))
    return [heard[window] for window in windows]


def _folder(model: str) -> str:
    """A local folder, a model pack, or (last) a hub name that the site has cached."""
    if Path(model).is_dir():
        return model
    try:
        return str(modelpacks.locate(model))
    except ModelError:
        from faster_whisper import available_models  # noqa: PLC0415 - heavy

        if "/" not in model.strip("/.") and model not in available_models():
            raise
        return model


def _model_name(model: str) -> str:
    return Path(model).name if Path(model).is_dir() else model


def _open(settings: AsrSettings, folder: str) -> Loaded:
    from faster_whisper import WhisperModel  # noqa: PLC0415 - heavy

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
    usual = CPU_BATCH if device == "cpu" else GPU_BATCH
    return Loaded(model, device, settings.batch_size if settings.batch_size > 1 else usual)


def _device(wanted: str) -> str:
    if wanted != "auto":
        return wanted
    import ctranslate2  # noqa: PLC0415 - heavy

    return "cuda" if ctranslate2.get_cuda_device_count() > 0 else "cpu"


def _compute_type(wanted: str, device: str) -> str:
    if wanted != "auto":
        return wanted
    return "int8" if device == "cpu" else "float16"


def _mean_logprob(windows: Sequence[Sequence[Passage]]) -> float:
    found = [window[0].logprob for window in windows if window]
    return sum(found) / len(found) if found else float("-inf")


def _to_file(
    found: Iterable[Passage], window: Window, language: str, loudness: Loudness | None
) -> Iterator[tuple[int, HeardSegment]]:
    """Sides and segments in file time, split where the speaker paused for `SPLIT_GAP_MS`."""
    for passage in found:
        for side, words in _runs(passage, window, loudness):
            text = "".join(word.text for word in words)
            if not text.strip():
                continue
            yield (
                side,
                HeardSegment(
                    text=text.strip(),
                    start_ms=words[0].start_ms,
                    end_ms=words[-1].end_ms,
                    words=tuple(words),
                    no_speech=passage.no_speech,
                    compression=compression(text),
                    mean_logprob=passage.logprob,
                    language=language,
                ),
            )


def _runs(
    passage: Passage, window: Window, loudness: Loudness | None
) -> list[tuple[int, list[Word]]]:
    runs: list[tuple[int, list[Word]]] = []
    for text, start, end, probability in passage.words:
        side, start_ms, end_ms = window.to_file(start, end, loudness)
        word = Word(
            text=text, start_ms=start_ms, end_ms=end_ms, confidence=round(min(probability, 1.0), 4)
        )
        same = bool(runs) and runs[-1][0] == side
        if same and word.start_ms - runs[-1][1][-1].end_ms < SPLIT_GAP_MS:
            runs[-1][1].append(word)
        else:
            runs.append((side, [word]))
    return runs
