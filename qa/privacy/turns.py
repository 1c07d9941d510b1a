"""Personal data across turns: numbers read in groups, and answers named by their question."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from qa.privacy.cues import nearest
from qa.privacy.detect import detect, resolve
from qa.privacy.digits import digit_groups
from qa.privacy.found import Found
from qa.privacy.view import fold
from qa.transcript import Turn

_CONTINUES = re.compile(
    r"[\W_]*(?:(?:嗯|好|对|是|的|啊|哦|继续|您?请?(?:说|讲|继续)|然后呢?|记下了?|收到|还有呢?"
    r"|没错|稍等|"
    r"mm-?hmm|uh-?huh|ok(?:ay)?|yes|yeah|right|sure|go (?:on|ahead)|got it|and then|continue"
    r"|alright|"
    r"hm+|mhm|ah|i see|one moment|next)[\W_]*)+"
)
_STARTS_WITH_DIGITS = 12
_MOST_TURNS = 12


@dataclass(slots=True)
class _Thread:
    """What one side says, as one text with the place of each turn in it."""

    question: str
    text: str = ""
    places: list[tuple[int, int]] = field(default_factory=list)

    def add(self, index: int, text: str) -> None:
        if self.text:
            self.text += "\n"
        self.places.append((index, len(self.text)))
        self.text += text


def detect_turns(
    turns: Sequence[Turn], *, language: str = "", allowed: Collection[str] = ()
) -> list[list[Found]]:
    """Personal data of each turn; offsets refer to that turn's `text`.

    A side's turns are read as one text while the other side only says 嗯 or *mm-hmm*, repeats
    digits, or interrupts in the middle of a number. The other side's last real question is the
    context of the answer.
    """
    found: list[list[Found]] = [[] for _ in turns]
    for thread in _threads(turns):
        for one in detect(
            thread.text, question=thread.question, language=language, allowed=allowed
        ):
            _distribute(one, thread, turns, found)
    return [resolve(each) for each in found]


def _distribute(
    one: Found, thread: _Thread, turns: Sequence[Turn], found: list[list[Found]]
) -> None:
    for index, offset in thread.places:
        start = max(one.start - offset, 0)
        end = min(one.end - offset, len(turns[index].text))
        if start < end:
            found[index].append(replace(one, start=start, end=end))


def _threads(turns: Sequence[Turn]) -> list[_Thread]:
    open_threads: dict[str, _Thread] = {}
    questions: dict[str, str] = {}
    done: list[_Thread] = []
    last_at: dict[str, int] = {}
    for index, turn in enumerate(turns):
        side = turn.speaker or turn.role.value
        thread = open_threads.get(side)
        if thread is None or not _goes_on(turns, last_at[side], index, thread):
            thread = open_threads[side] = _Thread(question=_asked(questions, side))
            done.append(thread)
        thread.add(index, turn.text)
        last_at[side] = index
        if not is_backchannel(turn.text) and not _is_digits(turn.text):
            questions[side] = turn.text
    return done


def _asked(questions: dict[str, str], side: str) -> str:
    others = [text for other, text in questions.items() if other != side]
    return others[-1][-80:] if others else ""


def _goes_on(turns: Sequence[Turn], last: int, index: int, thread: _Thread) -> bool:
    if len(thread.places) >= _MOST_TURNS:
        return False
    between = turns[last + 1 : index]
    if all(is_backchannel(turn.text) or _is_digits(turn.text) for turn in between):
        return True
    broken_off = _ends_in_digits(turns[last].text) and _begins_with_digits(turns[index].text)
    return broken_off and len(between) <= 2 and all(_interrupts(turn.text) for turn in between)


def _interrupts(text: str) -> bool:
    """Something short that asks for nothing new."""
    return len(text) <= 40 and not re.search(r"[?？]", text) and not nearest(fold(text))


def is_backchannel(text: str) -> bool:
    """True when `text` only tells the other side to go on (嗯, 好的, *mm-hmm*)."""
    return not text.strip() or _CONTINUES.fullmatch(fold(text)) is not None


def _is_digits(text: str) -> bool:
    groups = digit_groups(fold(text))
    covered = sum(group.end - group.start for group in groups)
    return covered * 2 > len(text.strip())


def _ends_in_digits(text: str) -> bool:
    groups = digit_groups(fold(text))
    return bool(groups) and len(text) - groups[-1].end <= 4


def _begins_with_digits(text: str) -> bool:
    groups = digit_groups(fold(text))
    return bool(groups) and groups[0].start <= _STARTS_WITH_DIGITS
