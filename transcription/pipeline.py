"""One call from sound to transcript: every step a plain function, the models passed in."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from qa.acoustics import CallEvent, EventKind
from qa.calls import Call, Role
from qa.intervals import subtract, total, union
from qa.transcript import EngineStamp, RoleAssignment, Transcript, Turn
from transcription.align import Utterance, by_channel, by_speaker
from transcription.channels import judge_channels
from transcription.cleanup import Cleaned, clean
from transcription.corrections import load_corrector
from transcription.echoes import without_echoes
from transcription.engines.bundle import Engines
from transcription.languages import choose_language, relisten
from transcription.listening import Channel, listen
from transcription.measures import measure
from transcription.occasions import split_recorded, spoken_events, with_recorded_voices
from transcription.protocols import SAMPLE_RATE_HZ, DecodedAudio, Separation, Side, Span
from transcription.roles import apply_roles, assign_roles
from transcription.voiceprints import likeness, speakers_of
from transcription.wording import word

#: A call whose sound is mostly this holds no conversation to speak of.
MOSTLY = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcription:
    """All that hearing a call gives.

    Attributes:
        transcript: With `acoustics` and role assignment.
        separation: Speaker spans by the labels of the transcript.
        channel_of: Speaker label → channel of the decoded audio that carries it.
        timings_ms: Stage → wall time.
        cpu_ms: Stage → processor time of the whole process, what counts on a busy machine.
    """

    transcript: Transcript
    separation: Separation
    channel_of: Mapping[str, int]
    timings_ms: Mapping[str, int] = field(default_factory=dict)
    cpu_ms: Mapping[str, int] = field(default_factory=dict)

    @property
    def events(self) -> tuple[CallEvent, ...]:
        """Music, ringing, menus and transfers, in order."""
        return self.transcript.acoustics.events if self.transcript.acoustics else ()


class _Clock:
    def __init__(self) -> None:
        self.wall_ms: dict[str, int] = {}
        self.cpu_ms: dict[str, int] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        wall, cpu = time.monotonic(), time.process_time()
        yield
        self.wall_ms[name] = round((time.monotonic() - wall) * 1000)
        self.cpu_ms[name] = round((time.process_time() - cpu) * 1000)


def transcribe_call(
    audio: DecodedAudio, call: Call, engines: Engines, *, voiceprint: Sequence[float] = ()
) -> Transcription:
    """Hear a whole call. A call without speech gives an empty transcript and says so in flags.

    Args:
        audio: Decoded.
        call: What is known about it.
        engines: The models.
        voiceprint: Enrolled voice of the call's agent, where the site compares voices.

    Raises:
        ModelError: A model that this call needs is missing or damaged.
    """
    clock = _Clock()
    with clock.stage("speech"):
        verdict = judge_channels(audio)
        live = listen(audio, verdict, engines.detector)
    separate = verdict.kind == "separated"
    with clock.stage("language"):
        sides = [Side(samples=channel.samples, spans=channel.speech) for channel in live]
        spoken = choose_language(sides, given=call.language, transcriber=engines.transcriber)
    noted = _notes(engines)
    with clock.stage("diarize"):
        separation = _separate(live, engines, separate=separate)
    with clock.stage("transcribe"):
        heard = _hear(live, sides, spoken.language, call, engines)
    with clock.stage("align"):
        utterances = _utterances(heard, live, separation, separate=separate)
        voices = _likeness(voiceprint, live, separation, engines)
        turns, roles = _told(utterances, spoken.language, call, engines, voices)
    with clock.stage("measure"):
        acoustics = measure(live, turns, separation, spoken_events(turns), separate=separate)
    given = [*audio.flags, *verdict.flags, *spoken.flags, *_since(noted, _notes(engines))]
    transcript = Transcript(
        call_id=call.id,
        language=spoken.language,
        duration_ms=audio.duration_ms,
        turns=turns,
        roles=roles,
        true_overlap=separate,
        acoustics=acoustics,
        stamps=_stamps(engines, separation),
        flags=_flags(given, live, heard, turns),
    )
    return Transcription(
        transcript=transcript,
        separation=separation,
        channel_of=_channel_of(turns, live),
        timings_ms=clock.wall_ms,
        cpu_ms=clock.cpu_ms,
    )


def _separate(live: Sequence[Channel], engines: Engines, *, separate: bool) -> Separation:
    """Speaker spans: the channels' own speech, or the diariser's within detected speech."""
    if separate:
        spans = [
            replace(span, speaker=channel.label) for channel in live for span in channel.speech
        ]
        ordered = tuple(sorted(spans, key=lambda span: (span.start_ms, span.end_ms)))
        return Separation(spans=ordered, exclusive=ordered)
    if not any(channel.speech for channel in live):
        return Separation(spans=(), exclusive=())
    wanted = engines.settings.diarization
    channel = live[0]
    found = engines.diarizer.separate(
        channel.samples, min_speakers=wanted.min_speakers, max_speakers=wanted.max_speakers
    )
    return replace(
        found,
        spans=_outside_events(found.spans, channel),
        exclusive=_outside_events(found.exclusive, channel),
    )


def _outside_events(spans: Sequence[Span], channel: Channel) -> tuple[Span, ...]:
    """Nobody speaks in music: spans there are the diariser's mistake."""
    unheard = channel.unheard
    if not unheard:
        return tuple(spans)
    return tuple(
        replace(span, start_ms=start, end_ms=end)
        for span in spans
        for start, end in subtract([(span.start_ms, span.end_ms)], unheard)
    )


def _hear(
    live: Sequence[Channel], sides: Sequence[Side], language: str, call: Call, engines: Engines
) -> dict[str, Cleaned]:
    """Recognise all channels, by label, and take out what nobody said."""
    if not language:
        return {channel.label: Cleaned(segments=()) for channel in live}
    names = engines.settings.asr.hotwords
    hotwords = [*names.get("*", ()), *names.get(call.queue, ())]
    found = engines.transcriber.transcribe(sides, language=language, hotwords=hotwords)
    return {
        channel.label: clean(
            relisten(segments, channel.samples, language=language, transcriber=engines.transcriber),
            speech=channel.speech,
            language=language,
            hotwords=hotwords,
        )
        for channel, segments in zip(live, found, strict=True)
    }


def _utterances(
    heard: Mapping[str, Cleaned],
    live: Sequence[Channel],
    separation: Separation,
    *,
    separate: bool,
) -> tuple[Utterance, ...]:
    segments = {label: cleaned.segments for label, cleaned in heard.items()}
    if separate:
        sound = {channel.label: channel.samples for channel in live}
        return by_channel(split_recorded(without_echoes(segments, sound)))
    only = next(iter(segments.values()), ())
    return by_speaker(only, separation.exclusive)


def _turns(utterances: Sequence[Utterance], language: str, engines: Engines) -> tuple[Turn, ...]:
    corrector = load_corrector(engines.settings.asr.corrections)
    turns: list[Turn] = []
    for utterance in utterances:
        own = utterance.language or language
        worded = word(utterance.words, language=own, corrector=corrector)
        if not worded.text:
            continue
        confidences = [item.confidence for item in worded.words]
        turns.append(
            Turn(
                index=len(turns),
                role=Role.UNKNOWN,
                start_ms=utterance.start_ms,
                end_ms=max(utterance.end_ms, utterance.start_ms + 1),
                text=worded.text,
                raw_text="" if worded.raw_text == worded.text else worded.raw_text,
                speaker=utterance.speaker,
                language=own if own != language else "",
                words=worded.words,
                confidence=round(sum(confidences) / len(confidences), 4),
            )
        )
    return tuple(turns)


def _likeness(
    voiceprint: Sequence[float], live: Sequence[Channel], separation: Separation, engines: Engines
) -> dict[str, float]:
    """Speaker → cosine with the agent's enrolled voice; empty where voices are not compared."""
    if not voiceprint or engines.voices is None:
        return {}
    sound = {channel.label: channel.samples for channel in live}
    return likeness(voiceprint, speakers_of(separation, sound, engines.voices))


def _told(
    utterances: Sequence[Utterance],
    language: str,
    call: Call,
    engines: Engines,
    voices: Mapping[str, float],
) -> tuple[tuple[Turn, ...], RoleAssignment]:
    """Turns with roles, and how sure the roles are."""
    turns = with_recorded_voices(_turns(utterances, language, engines))
    if not turns:
        return (), RoleAssignment(confidence=0.0, reasons=("no_speech",))
    roles = assign_roles(
        turns,
        layout=call.layout,
        direction=call.direction,
        company_names=engines.settings.roles.company_names,
        voices=voices,
    )
    return apply_roles(turns, roles), roles


def _flags(
    given: Sequence[str],
    live: Sequence[Channel],
    heard: Mapping[str, Cleaned],
    turns: Sequence[Turn],
) -> tuple[str, ...]:
    flags = list(given)
    for cleaned in heard.values():
        flags.extend(cleaned.flags)
    speakers = {turn.speaker for turn in turns if turn.role != Role.SYSTEM}
    if not turns:
        flags.append("no_speech")
    elif len(speakers) == 1:
        flags.append("one_speaker")
    if any(_music_share(channel) >= MOSTLY for channel in live):
        flags.append("mostly_music")
    return tuple(dict.fromkeys(flags))


def _notes(engines: Engines) -> list[str]:
    """What the models had to do differently so far, as flags (`asr_cuda_to_cpu`)."""
    heard = [f"asr_{note}" for note in getattr(engines.transcriber, "notes", ())]
    return [*heard, *(f"diarizer_{note}" for note in getattr(engines.diarizer, "notes", ()))]


def _since(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """What of the notes is new: a note of an earlier call is none of this one's."""
    left = list(after)
    for note in before:
        left.remove(note)
    return left


def _music_share(channel: Channel) -> float:
    music = union((e.start_ms, e.end_ms) for e in channel.events if e.kind == EventKind.MUSIC)
    return total(music) * SAMPLE_RATE_HZ / 1000 / max(channel.samples.size, 1)


def _stamps(engines: Engines, separation: Separation) -> tuple[EngineStamp, ...]:
    stamps = [engines.transcriber.stamp]
    if separation.stamp is not None:
        stamps.append(separation.stamp)
    return tuple(stamps)


def _channel_of(turns: Sequence[Turn], live: Sequence[Channel]) -> dict[str, int]:
    by_label = {channel.label: channel.index for channel in live}
    first = live[0].index if live else 0
    return {turn.speaker: by_label.get(turn.speaker.partition("-")[0], first) for turn in turns}
