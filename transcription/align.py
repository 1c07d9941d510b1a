"""Words and speakers brought together: who said which word, and where a turn begins and ends."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice, pairwise

from qa.transcript import Word
from transcription.protocols import HeardSegment, Span

#: Speech of one speaker with shorter pauses is one turn, and with longer ones where nobody else
#: speaks meanwhile.
TURN_GAP_MS = 800
QUIET_GAP_MS = 1_200
#: A word further than this from every speaker span belongs to whoever spoke the word before it.
NEAR_MS = 1_000
#: How far a speaker change may move to fall into a pause: words either way, and time.
SNAP_WORDS = 3
SNAP_MS = 700
#: What a sentence end before the change is worth, as if it were a pause this long.
SENTENCE_BONUS_MS = 250
#: A change moves only where the other place is better by this much.
SNAP_GAIN_MS = 120
_SENTENCE_END = tuple(".?!。？！")


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """Words of one speaker in a row, before roles and wording."""

    speaker: str
    words: tuple[Word, ...]
    language: str = ""

    @property
    def start_ms(self) -> int:
        """Start of the first word."""
        return self.words[0].start_ms

    @property
    def end_ms(self) -> int:
        """End of the last word to end."""
        return max(word.end_ms for word in self.words)


def by_channel(heard: Mapping[str, Sequence[HeardSegment]]) -> tuple[Utterance, ...]:
    """Utterances where each speaker has a channel: label → segments of that channel."""
    pieces = {
        speaker: [
            Utterance(speaker=speaker, words=_words(segment), language=segment.language)
            for segment in sorted(segments, key=lambda segment: segment.start_ms)
            if segment.text
        ]
        for speaker, segments in heard.items()
    }
    utterances: list[Utterance] = []
    for speaker, own in pieces.items():
        others = [piece for name, found in pieces.items() if name != speaker for piece in found]
        utterances.extend(_joined(own, others))
    return tuple(sorted(utterances, key=lambda utterance: (utterance.start_ms, utterance.end_ms)))


def by_speaker(
    segments: Sequence[HeardSegment], exclusive: Sequence[Span]
) -> tuple[Utterance, ...]:
    """Utterances of one channel: every word goes to the speaker talking at that moment.

    Args:
        segments: What was recognised.
        exclusive: Speaker spans without overlap, sorted; with none, everything is `S0`.
    """
    pieces: list[Utterance] = []
    spans = sorted(exclusive, key=lambda span: span.start_ms)
    ended = list(accumulate((span.end_ms for span in spans), max))
    previous = spans[0].speaker if spans else "S0"
    for segment in sorted(segments, key=lambda segment: segment.start_ms):
        words = _words(segment)
        labels = _labels(words, spans, ended, previous)
        for first, last in _same_label(labels):
            pieces.append(
                Utterance(speaker=labels[first], words=words[first:last], language=segment.language)
            )
        previous = labels[-1]
    return tuple(_joined(pieces))


def _words(segment: HeardSegment) -> tuple[Word, ...]:
    if segment.words:
        return segment.words
    return (Word(text=segment.text, start_ms=segment.start_ms, end_ms=segment.end_ms),)


def _labels(
    words: Sequence[Word], spans: Sequence[Span], ended: Sequence[int], previous: str
) -> list[str]:
    if not spans:
        return [previous] * len(words)
    labels: list[str] = []
    for word in words:
        first = bisect_left(ended, word.start_ms - NEAR_MS)
        previous = _speaker_of(word, islice(spans, first, None)) or previous
        labels.append(previous)
    return _snapped(words, labels)


def _speaker_of(word: Word, spans: Iterable[Span]) -> str:
    """Who talks most during the word; else the nearest speaker within `NEAR_MS`, else `""`."""
    shared: dict[str, int] = {}
    nearest, distance = "", NEAR_MS
    for span in spans:
        overlap = min(word.end_ms, span.end_ms) - max(word.start_ms, span.start_ms)
        if overlap > 0:
            shared[span.speaker] = shared.get(span.speaker, 0) + overlap
        elif -overlap < distance:
            nearest, distance = span.speaker, -overlap
        if span.start_ms > word.end_ms + NEAR_MS:
            break
    return max(shared, key=lambda speaker: shared[speaker]) if shared else nearest


def _snapped(words: Sequence[Word], labels: list[str]) -> list[str]:
    """Move each speaker change to the best pause close by: diarisation edges are a little off."""
    labels = list(labels)
    changes = [i for i in range(1, len(labels)) if labels[i] != labels[i - 1]]
    for position, change in enumerate(changes):
        low = max(changes[position - 1] if position else 0, change - SNAP_WORDS) + 1
        high = min(
            changes[position + 1] if position + 1 < len(changes) else len(words),
            change + SNAP_WORDS + 1,
        )
        moment = words[change].start_ms
        candidates = [i for i in range(low, high) if abs(words[i].start_ms - moment) <= SNAP_MS]
        best = max(candidates, key=lambda i: _pause_before(words, i), default=change)
        if _pause_before(words, best) >= _pause_before(words, change) + SNAP_GAIN_MS:
            before, after = labels[change - 1], labels[change]
            for i in range(min(best, change), max(best, change)):
                labels[i] = after if best < change else before
            changes[position] = best
    return labels


def _pause_before(words: Sequence[Word], index: int) -> int:
    """How good a place for a change of speaker: pause before the word, and sentence end."""
    pause = words[index].start_ms - words[index - 1].end_ms
    ended = words[index - 1].text.strip().endswith(_SENTENCE_END)
    return max(pause, 0) + (SENTENCE_BONUS_MS if ended else 0)


def _same_label(labels: Sequence[str]) -> list[tuple[int, int]]:
    edges = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(labels)) if a != b), len(labels)]
    return list(pairwise(edges))


def _joined(pieces: Sequence[Utterance], others: Sequence[Utterance] = ()) -> list[Utterance]:
    """Neighbouring pieces of one speaker and language with short pauses become one.

    Args:
        pieces: In order; those of several speakers where one spoke after the other.
        others: What is said meanwhile on other channels.
    """
    edges = sorted(edge for piece in others for edge in (piece.start_ms, piece.end_ms))
    joined: list[Utterance] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.speaker == piece.speaker
            and last.language == piece.language
            and piece.start_ms - last.end_ms < _longest_pause(last, piece, edges)
        ):
            joined[-1] = replace(last, words=last.words + piece.words)
        else:
            joined.append(piece)
    return joined


def _longest_pause(before: Utterance, after: Utterance, edges: Sequence[int]) -> int:
    """The pause that keeps two pieces one turn: others who begin or end in it shorten it."""
    following = bisect_left(edges, before.end_ms)
    taken = following < len(edges) and edges[following] < after.start_ms
    return TURN_GAP_MS if taken else QUIET_GAP_MS
