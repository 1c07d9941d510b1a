"""Frames as regular expressions over normalised text, or over its syllables.

Gaps and slots are bounded and words atomic, so a compiled frame cannot backtrack for long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scoring.matching.frames import Choice, Edge, Gap, Literal, Look, Node, Parts, Slot


@dataclass(frozen=True, slots=True)
class Script:
    """How text is written where a frame is to be found: characters, words or syllables.

    Attributes:
        spell: How one Chinese literal is written in that text.
        han: Character class (regex) of one Chinese character in that text.
        strict: Forbidden banks: parts may be split by a pause but not by the end of a sentence.
    """

    spell: Callable[[str], str]
    han: str
    strict: bool
    slots: Mapping[str, tuple[str, ...]]


_NUMERAL = "0-9零一二三四五六七八九十百千万两几半点"


def compile_frame(node: Node, *, language: str, script: Script) -> re.Pattern[str]:
    """The frame as a regular expression over normalised text (or its syllables)."""
    body = _zh(node, script) if language == "zh" else _en(node, script)
    return re.compile(body if language == "zh" else rf"(?<![a-z0-9]){body}")


_ZH_EDGES = {"^^": "^", "^": '(?:^|(?<=[,.?"]))', "$": '(?=[,.?"]|$)', "$$": '(?=[,.?"]*$)'}
# English separators are consumed with the word before them, so an edge may lie behind one.
_EN_EDGES = {
    "^^": "^",
    "^": '(?:^|(?<=[,.?"])|(?<=[,.?"] ))',
    "$": '(?:(?=[,.?"]|$)|(?<=[,.?"])|(?<=[,.?"] ))',
    "$$": '(?=[,.?"]*$)',
}


def _zh(node: Node, script: Script) -> str:
    pause = '[,"]?' if script.strict else '[,.?"]?'
    match node:
        case Literal():
            text = pause.join(re.escape(char) for char in script.spell(node.text))
        case Gap():
            text = rf"[^.?]{{0,{node.size}}}?"
        case Edge():
            text = _ZH_EDGES[node.mark]
        case Look():
            text = f"(?{'<' if node.behind else ''}!{re.escape(script.spell(node.text))})"
        case Slot():
            text = _zh_slot(node.name, script)
        case Choice():
            inner = "|".join(_zh(option, script) for option in node.options)
            text = f"(?:{inner}){'?' if node.optional else ''}"
        case Parts():
            text = pause.join(part for part in (_zh(item, script) for item in node.parts) if part)
    return text


def _zh_slot(name: str, script: Script) -> str:
    if name == "num":
        numerals = "".join(script.spell(char) for char in _NUMERAL[3:])
        return rf"[0-9{re.escape(numerals)}][0-9.:{re.escape(numerals)}-]{{0,11}}"
    if name == "code":
        return r"[a-z]{0,4}[0-9][0-9a-z-]{2,}"
    if name == "name":
        return rf"(?:{script.han}{{1,4}}?|[a-z]+)"
    known = "|".join(re.escape(script.spell(text)) for text in script.slots.get("company", ()))
    generic = rf"(?:{script.han}|[a-z0-9]){{2,10}}?"
    return f"(?:{known}|{generic})" if known else generic


def _en(node: Node, script: Script) -> str:
    pause = '[,"]* ?' if script.strict else '[,.?"]* ?'
    match node:
        case Literal():
            text = rf"{_inflections(node)}(?![a-z0-9]){pause}"
        case Gap():  # atomic: a word is never split in two
            text = rf'(?>[^ ,.?"]+[,"]* ?){{0,{node.size}}}?'
        case Edge():
            text = _EN_EDGES[node.mark]
        case Look():
            word = re.escape(node.text)
            text = f"(?<!{word} )" if node.behind else f'(?![ ,"]*{word}(?![a-z0-9]))'
        case Slot():
            text = _en_slot(node.name, script) + pause
        case Choice():
            inner = "|".join(_en(option, script) for option in node.options)
            text = f"(?:{inner}){'?' if node.optional else ''}"
        case Parts():
            text = "".join(_en(item, script) for item in node.parts)
    return text


def _inflections(word: Literal) -> str:
    if not word.inflected:
        return re.escape(word.text)
    stem = word.text.removesuffix("e")
    if word.text.endswith("y"):
        return re.escape(word.text[:-1]) + "(?:y|ies|ied|ying)"
    return rf"{re.escape(stem)}(?:e?s?|ed|ing|{re.escape(stem[-1:])}(?:ed|ing))"


def _en_slot(name: str, script: Script) -> str:
    if name == "num":
        return r"(?:[$£€]?[0-9][0-9:.,-]*[%a-z]{0,2}|one|an?|half|few|couple|several)(?![a-z0-9])"
    if name == "code":
        return r"[a-z]{0,4}[0-9][0-9a-z-]{2,}"
    if name == "name":
        return r"[a-z][a-z-]+(?: [a-z][a-z-]+)?(?![a-z0-9])"
    known = "|".join(re.escape(text) for text in script.slots.get("company", ()))
    generic = r"[a-z0-9&-]+(?: [a-z0-9&-]+){0,3}?(?![a-z0-9])"
    return f"(?:{known}|{generic})" if known else generic
