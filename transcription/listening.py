"""The live channels of a recording: their sound, where somebody speaks, what else is on them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from qa import runtime
from qa.acoustics import CallEvent, EventKind
from qa.intervals import Range, union
from transcription.echo import suppress_echo_spans
from transcription.protocols import ChannelVerdict, DecodedAudio, Samples, Span, SpeechDetector

#: Labels of the two sides of a recording whose channels are separate speakers.
SIDES = ("left", "right")
#: From this share of echo on, spans that are only the other side's are taken out.
LEAKY = 0.1
_NOT_SPEECH = (EventKind.MUSIC, EventKind.RINGBACK)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Channel:
    """One live channel: index in the decoded audio, label, sound `(n,)`, speech and events."""

    index: int
    label: str
    samples: Samples
    speech: tuple[Span, ...]
    events: tuple[CallEvent, ...]

    @property
    def unheard(self) -> list[Range]:
        """Where music or ringing sounds: nobody speaks there."""
        return union((e.start_ms, e.end_ms) for e in self.events if e.kind in _NOT_SPEECH)


def listen(
    audio: DecodedAudio, verdict: ChannelVerdict, detector: SpeechDetector
) -> tuple[Channel, ...]:
    """Speech and events of every live channel; the other side's echo is nobody's speech."""
    labels = SIDES if verdict.kind == "separated" else ("",)

    def hear(label: str, index: int) -> Channel:
        samples = audio.samples[index]
        speech, events = _speech_and_events(detector, samples)
        return Channel(index=index, label=label, samples=samples, speech=speech, events=events)

    # Detectors work outside the interpreter's lock and keep nothing between calls.
    with ThreadPoolExecutor(max_workers=min(len(labels), runtime.thread_count())) as pool:
        live = list(pool.map(hear, labels, verdict.live_channels))
    if verdict.leakage < LEAKY:
        return tuple(live)
    own = suppress_echo_spans(
        {channel.index: channel.speech for channel in live},
        {channel.index: channel.samples for channel in live},
    )
    return tuple(replace(channel, speech=own[channel.index]) for channel in live)


def _speech_and_events(
    detector: SpeechDetector, samples: Samples
) -> tuple[tuple[Span, ...], tuple[CallEvent, ...]]:
    both = getattr(detector, "listen", None)
    if both is not None:  # one pass of the model instead of two
        speech, events = both(samples)
        return tuple(speech), tuple(events)
    return detector.speech(samples), detector.events(samples)
