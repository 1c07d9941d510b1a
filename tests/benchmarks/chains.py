"""The chains that `pipeline.py` compares: each turns a recording into a `Transcription`.

- `ours`: the product.
- `reference`: faster-whisper with its defaults, sequential, word times, channel by channel; mono
  through pyannote's stock pipeline. Words go to speakers by our own alignment, which is to its
  favour.
- `mixed`: the same on the sum of both channels, which is what faster-whisper and pyannote make of
  a two-channel file unless they are told otherwise; recordings of two channels only.
- `batched`: faster-whisper's batched pipeline, eight windows at a time, as whisperX does it;
  without speaker separation (that stage is the reference's) and without its aligner, whose weights
  are on no package index.

All use the same model, precision and threads, and load everything before their clock starts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from qa.calls import Call, Role
from qa.transcript import Transcript, Turn, Word
from transcription.align import Utterance, by_channel, by_speaker
from transcription.audio import decode
from transcription.engines.bundle import DiarizerOnDemand, load_engines
from transcription.pipeline import Transcription, transcribe_call
from transcription.protocols import SAMPLE_RATE_HZ, HeardSegment, Samples, Separation, Span
from transcription.signal_quality import signal_quality

_BATCH = 8


class Stages:
    """Wall and processor milliseconds of the parts of a piece of work."""

    def __init__(self) -> None:
        self.wall: dict[str, int] = {}
        self.cpu: dict[str, int] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure a block; a name met twice is added up."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        spent = round((time.perf_counter() - wall) * 1000)
        self.wall[name] = self.wall.get(name, 0) + spent
        self.cpu[name] = self.cpu.get(name, 0) + round((time.process_time() - cpu) * 1000)

    def add(self, heard: Transcription) -> None:
        """The product measures its own stages."""
        self.wall.update(heard.timings_ms)
        self.cpu.update(heard.cpu_ms)


class Ours:
    """The product's chain as the settings of this folder say."""

    def __init__(self, settings: Any) -> None:
        self._engines = load_engines(settings)
        self._warm = False

    def warm_up(self, channels: int) -> None:
        """Load what a recording of so many channels needs, libraries as well as models."""
        if not self._warm:
            noise = np.random.default_rng(1).normal(0, 0.1, SAMPLE_RATE_HZ).astype(np.float32)
            signal_quality(noise, [(0, 1_000)])
            self._warm = True
        if channels == 1 and isinstance(self._engines.diarizer, DiarizerOnDemand):
            self._engines.diarizer.load()

    def hear(self, path: Path, language: str, stages: Stages) -> Transcription:
        """Decode to transcript."""
        with stages.part("decode"):
            audio = decode(path)
        call = Call(id=path.name, recording_id=path.name, language=language)
        heard = transcribe_call(audio, call, self._engines)
        stages.add(heard)
        return heard


class Reference:
    """faster-whisper and pyannote as their manuals show them.

    Args:
        batched: With the batched recogniser, and without speaker separation.
        mixed: Hears the sum of the channels.
    """

    def __init__(self, settings: Any, *, batched: bool = False, mixed: bool = False) -> None:
        from faster_whisper import BatchedInferencePipeline, WhisperModel

        from qa import runtime
        from qa.modelpacks import locate

        model = WhisperModel(
            str(locate("whisper-base")),
            device=settings.asr.device,
            compute_type="int8" if settings.asr.device == "cpu" else "float16",
            cpu_threads=runtime.thread_count(),
        )
        self._model: Any = BatchedInferencePipeline(model) if batched else model
        self._more = {"batch_size": _BATCH} if batched else {}
        self._separates, self._mixed = not batched, mixed
        self._settings = settings.diarization
        self._diarizer: Any = None

    def warm_up(self, channels: int) -> None:
        """Load what a recording of so many channels needs."""
        if (channels == 1 or self._mixed) and self._separates and self._diarizer is None:
            from transcription.diarizers.pyannote import PyannoteDiarizer

            self._diarizer = PyannoteDiarizer(self._settings)

    def hear(self, path: Path, language: str, stages: Stages) -> Transcription:
        """Decode to transcript, without roles."""
        with stages.part("decode"):
            audio = decode(path)
            samples = audio.samples
            if self._mixed:
                samples = samples.mean(axis=0, keepdims=True)
        segments: dict[str, list[HeardSegment]] = {}
        for label, channel in zip(_labels(len(samples)), samples, strict=True):
            with stages.part("transcribe"):
                segments[label], language = self._recognise(channel, language)
        separation = Separation(spans=(), exclusive=())
        if len(samples) == 1 and self._diarizer is not None:
            with stages.part("diarize"):
                separation = self._diarizer.separate(samples[0], max_speakers=3)
            utterances = by_speaker(segments["mono"], separation.exclusive)
        else:
            utterances = by_channel(segments)
            if len(samples) > 1:
                spans = _spans(segments)
                separation = Separation(spans=spans, exclusive=spans)
        transcript = Transcript(
            call_id=path.name,
            language=language,
            duration_ms=audio.duration_ms,
            turns=_turns(utterances, language),
        )
        return Transcription(transcript=transcript, separation=separation, channel_of={})

    def _recognise(self, channel: Samples, language: str) -> tuple[list[HeardSegment], str]:
        found, info = self._model.transcribe(
            channel, language=language or None, word_timestamps=True, **self._more
        )
        heard = [
            HeardSegment(
                text=segment.text,
                start_ms=round(segment.start * 1000),
                end_ms=round(segment.end * 1000),
                words=tuple(_word(word) for word in segment.words or ()),
                language=language or info.language,
            )
            for segment in found
        ]
        return heard, language or info.language


def _labels(channels: int) -> list[str]:
    return ["mono"] if channels == 1 else ["left", "right", *map(str, range(2, channels))]


def _word(word: Any) -> Word:
    start = round(word.start * 1000)
    return Word(
        text=word.word,
        start_ms=start,
        end_ms=max(start, round(word.end * 1000)),
        confidence=float(word.probability),
    )


def _spans(segments: dict[str, list[HeardSegment]]) -> tuple[Span, ...]:
    """Where its words are: it has no other opinion about who speaks when on two channels."""
    spans = [
        Span(start_ms=segment.start_ms, end_ms=segment.end_ms, speaker=label)
        for label, heard in segments.items()
        for segment in heard
        if segment.end_ms > segment.start_ms
    ]
    return tuple(sorted(spans, key=lambda span: (span.start_ms, span.end_ms)))


def _turns(utterances: Sequence[Utterance], language: str) -> tuple[Turn, ...]:
    return tuple(
        Turn(
            index=index,
            role=Role.UNKNOWN,
            start_ms=utterance.start_ms,
            end_ms=max(utterance.end_ms, utterance.start_ms + 1),
            text="".join(word.text for word in utterance.words).strip(),
            speaker=utterance.speaker,
            language=utterance.language if utterance.language != language else "",
            words=utterance.words,
        )
        for index, utterance in enumerate(utterances)
    )
