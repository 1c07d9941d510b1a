"""Secrets: card security codes, passwords and one-time codes, known only by what announces them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.privacy.cues import CUES, nearest
from qa.privacy.digits import Window
from qa.privacy.found import CVV, PASSCODE, Found
from qa.privacy.view import QUESTION_END, View
from qa.privacy.words import word_list

_LENGTHS = {CVV: range(3, 5), PASSCODE: range(3, 13)}
_MIXED = re.compile(
    rf"(?:{CUES[PASSCODE].pattern})(?: ?(?:是|为|就是|设的?是|is|was|:|：|=)[\s“\"'‘]*| )"
    r"(?P<value>(?=[^\s，。,]*\d)(?=[^\s，。,]*[a-z])[a-z0-9@#$%&*!_.-]{4,24}[a-z0-9@#$*!_])"
)
_ANSWERED = re.compile(
    r"(?<![a-z0-9@.])(?=[a-z0-9#$*_-]*\d)(?=[a-z0-9#$*_-]*[a-z])[a-z0-9#$*_-]{5,20}(?![a-z0-9@.])"
)
_MIXED_BEFORE = re.compile(
    r"(?<![a-z0-9@.])(?P<value>(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9@#$%&*!_-]{5,24})"
    rf"[,.]? (?:that['’]?s|is|was|it['’]?s|那?是|就是)(?: \w+)?(?: ?(?:{CUES[PASSCODE].pattern}))"
)
#: What asks for a secret word, and the one word that answers it.
_ASKED_WORD = re.compile(
    r"(?:pass ?word|pass ?phrase|(?:security|secret|memorable) word)[^.!]{0,30}\?"
    r"|(?:what|tell me|say|give me|confirm|provide)[^.?!]{0,30}"
    r"(?:pass ?word|pass ?phrase|(?:security|secret|memorable) word)"
)
_OFFERED = re.compile(
    r"\W*(?:(?:yes|yeah|sure|okay|ok|um|uh|er|so|well|it['’]?s|it is|that['’]?s|the|my|password"
    r"|word|is|was|should be)[,.: ]+){0,6}(?P<value>[a-z][a-z'-]{3,24})\W*$"
)
_MEASURE = re.compile(
    r" ?(?:位|次|分钟|天|元|块|秒|小时|个|digits?|characters?|times|minutes?|days?)"
)


def recognise(view: View) -> Iterator[Found]:
    """Codes and passwords after the words, or the question, that ask for them."""
    for window, cue in view.windows:
        short = cue == PASSCODE and len(window.digits) in _LENGTHS[CVV]
        kind = CVV if short and _asked_for_cvv(view, window) else cue
        lengths = _LENGTHS.get(kind)
        if lengths is None or len(window.digits) not in lengths or not window.whole:
            continue
        if _MEASURE.match(view.text, window.end) and len(window.digits) < 4:
            continue
        yield Found(
            type=kind,
            start=window.start,
            end=window.end,
            score=0.85 if window.tight else 0.75,
            reason=f"digits after words for {kind}",
        )
    for pattern in (_MIXED, _MIXED_BEFORE):
        for match in pattern.finditer(view.text):
            start, end = match.span("value")
            yield Found(type=PASSCODE, start=start, end=end, score=0.8, reason="password stated")
    yield from _answers(view)


def _asked_for_cvv(view: View, window: Window) -> bool:
    """*The code is 739*, where the only code that was named is the card's."""
    before = view.text[: window.start]
    named = CUES[CVV].search(before)
    return named is not None and nearest(before[: named.end()]) == CVV


def _answers(view: View) -> Iterator[Found]:
    question, mark, answer = view.text.rpartition(QUESTION_END)
    asked = question.rpartition(QUESTION_END)[2]
    if mark and _ASKED_WORD.search(asked):
        word = _OFFERED.match(answer)
        if word and word["value"] not in word_list("everyday"):
            at = len(question) + 1 + word.start("value")
            yield Found(
                type=PASSCODE,
                start=at,
                end=at + len(word["value"]),
                score=0.65,
                reason="word that answers a question for a password",
            )
    if not mark or not CUES[PASSCODE].search(asked):
        return
    for match in _ANSWERED.finditer(view.text, len(question) + 1):
        yield Found(
            type=PASSCODE,
            start=match.start(),
            end=match.end(),
            score=0.7,
            reason="answer to a question for a password",
        )
