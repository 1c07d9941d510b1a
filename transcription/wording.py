"""From recognised words to readable text: script, spacing and punctuation, nothing invented."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa.text import HAN, has_han, to_simplified
from qa.transcript import Word
from transcription.corrections import Corrector

#: A pause this long inside a Chinese turn is shown as a comma when nothing is written there.
COMMA_PAUSE_MS = 400
_FULL_WIDTH = {",": "，", "?": "？", "!": "！", ".": "。", ":": "：", ";": "；"}
_PUNCTUATION = frozenset("，。？！：；、,.?!:;…")
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_ASKS = re.compile(
    r"(?:吗|么|呢|什么|多少|哪里|哪个|哪位|几位|怎么办|怎么样|是不是|有没有|可以不)$"
)
_JUNK = re.compile("[\u200b\u200c\u200d\ufeff\ufffd]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """Text as shown, as heard, and the words of the shown text in order."""

    text: str
    raw_text: str
    words: tuple[Word, ...]


def word(words: Sequence[Word], *, language: str, corrector: Corrector | None = None) -> Worded:
    """Put the words of one turn into text.

    Chinese becomes simplified, without spaces between characters, with full-width punctuation,
    commas at pauses and a mark at the end. Every shown word stands in the text in order, so a
    reader can find it by searching forward.
    """
    raw = _JUNK.sub("", "".join(word.text for word in words))
    simplified = to_simplified(raw)
    if corrector is not None:
        simplified = corrector.correct(simplified).text
    shown = _slices(simplified, words)
    chinese = language == "zh" or (not language and has_han(raw))
    text = ""
    kept: list[Word] = []
    for index, (source, piece) in enumerate(zip(words, shown, strict=True)):
        token = _token(piece)
        if not token:
            continue
        if kept:
            pause = source.start_ms - words[index - 1].end_ms
            text += _between(text, piece, pause, chinese=chinese)
        text += token
        kept.append(replace(source, text=token))
    text, kept = _full_width(text, kept)
    if chinese:
        text, kept = _closed(text, kept)
    return Worded(text=text, raw_text=raw.strip(), words=tuple(kept))


def _slices(text: str, words: Sequence[Word]) -> list[str]:
    pieces, position = [], 0
    for item in words:
        length = len(_JUNK.sub("", item.text))
        pieces.append(text[position : position + length])
        position += length
    return pieces


def _token(piece: str) -> str:
    """The word itself; spaces inside Chinese vanish."""
    return re.sub(rf"(?<=[{HAN}])\s+|\s+(?=[{HAN}])", "", piece.strip())


def _between(text: str, piece: str, pause_ms: int, *, chinese: bool) -> str:
    """What stands between the text so far and the next word: nothing, a space or a comma."""
    before, after = text[-1], piece.strip()[0]
    if (
        chinese
        and pause_ms >= COMMA_PAUSE_MS
        and _HAN_CHARACTER.match(before)
        and after not in _PUNCTUATION
    ):
        return "，"
    if _HAN_CHARACTER.match(before) or _HAN_CHARACTER.match(after) or before in "，。？！：；、":
        return ""
    return " " if piece[0].isspace() else ""


def _full_width(text: str, words: list[Word]) -> tuple[str, list[Word]]:
    """Half-width marks after a Chinese character become full-width, in text and words alike."""
    swap = re.compile(rf"(?<=[{HAN}])[,?!.:;](?!\d)")
    changed = swap.sub(lambda match: _FULL_WIDTH[match[0]], text)
    if changed == text:
        return text, words
    position, adjusted = 0, []
    for item in words:
        begin = text.index(item.text, position)
        position = begin + len(item.text)
        adjusted.append(replace(item, text=changed[begin:position]))
    return changed, adjusted


def _closed(text: str, words: list[Word]) -> tuple[str, list[Word]]:
    """A Chinese turn ends with a full stop or a question mark, never with a comma."""
    mark = "？" if _ASKS.search(text.rstrip("，、")) else "。"
    if text.endswith(("，", "、")):
        last = replace(words[-1], text=words[-1].text[:-1] + mark)
        return text[:-1] + mark, [*words[:-1], last]
    if not text or text[-1] in _PUNCTUATION or not _HAN_CHARACTER.match(text[-1]):
        return text, words
    return text + mark, words
