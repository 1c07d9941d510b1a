"""Digits as they are written and as people say them, each with its place in the text.

`一三八`, `幺三八`, `138`, `1 3 8` and `one three eight` all become the digits 138. Characters that
only sound like a digit (`要` for 1, `to` for 2) count between two digits and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qa.numerals import EN_ONES, EN_TENS, ZH_DIGITS, chinese_number
from qa.privacy.measures import is_measure

_ZH = "零〇○一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖"
_ZH_VALUES = {**ZH_DIGITS, **dict(zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True))}
# Radio digits and what recognisers write for 幺.
_ZH_STRONG = dict(zip("腰妖夭吆洞拐勾", "1111079", strict=True))
_ZH_HOMOPHONES = {
    char: digit
    for digit, chars in {
        "0": "林灵领铃另令玲临凌",
        "1": "要药邀衣医依以伊已",
        "2": "儿而耳尔",
        "3": "散伞山",
        "4": "是似事丝寺市司思死",
        "5": "午舞无武物屋",
        "6": "流留溜柳刘",
        "7": "其奇起骑齐气期妻",
        "8": "吧巴爸把",
        "9": "就久酒旧救",
    }.items()
    for char in chars
}
_WEAK = "".join(_ZH_HOMOPHONES)
_STRONG = "".join(_ZH_STRONG)
_D = f"0-9{_ZH}"
_ZH_CHUNK = re.compile(
    rf"(?:[{_STRONG}](?=[{_D}]{{2}}))?[{_D}十百千万亿]"
    rf"(?:[{_D}十百千万亿]|[{_WEAK}{_STRONG}]{{1,2}}(?=[{_D}])|个(?=[{_D}](?![十百千万个月])))*"
    rf"(?:(?<=[{_D}]{{2}})[{_STRONG}])?"
)
_ZH_TOKEN = re.compile(
    rf"(?P<times>[两二三四五六2-6]个[{_D}])"
    rf"|(?P<cardinal>[{_ZH}]百(?:零[{_ZH}]|[{_ZH}]?十[{_ZH}]?)?|[一二两三四五六七八九]?十[{_ZH}]?)"
    rf"|(?P<digit>[{_D}])|(?P<weak>[{_WEAK}{_STRONG}])|(?P<scale>[百千万亿个])"
)

_EN_DIGITS = {word: str(value) for word, value in EN_ONES.items() if value < 10}
_EN_DIGITS |= {"oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0", "niner": "9"}
_EN_WORDS = {word: str(value) for word, value in (EN_ONES | EN_TENS).items()} | _EN_DIGITS
_EN_REPEATS = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_EN_HOMOPHONES = {"to": "2", "too": "2", "for": "4", "ate": "8", "won": "1", "tree": "3"}
_ONE_EN = "|".join(sorted(_EN_WORDS, key=len, reverse=True))
_EN_WORD = rf"(?:(?:{'|'.join(_EN_REPEATS)})[ -]+)?(?:{_ONE_EN}|hundred|thousand|million)"
_EN_CHUNK = re.compile(
    rf"(?<![a-z'-])(?:{_EN_WORD})(?![a-z'])"
    rf"(?:[ -]+(?:(?:{'|'.join(_EN_HOMOPHONES)})[ -]+(?=(?:{_EN_WORD})(?![a-z'])))?"
    rf"(?:{_EN_WORD})(?![a-z']))*"
)
_ONLY_LETTERS = re.compile(r"oh?(?:[ -]+oh?)*")
_EN_TOKEN = re.compile(r"[a-z]+")
_WRITTEN = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Digits said or written without a break.

    Attributes:
        digits: What they are.
        firm: The same without characters that only sound like a digit.
        start: Offset of the first character.
        end: Offset after the last one.
        spoken: Words, not figures.
        cardinal: A quantity (`三百二十`, `two thousand`), not a string of digits.
        lettered: Attached to Latin letters, part of a code such as `ORDER123`.
        measured: Followed by a unit or part of a date, time or decimal; never part of a number
            that somebody dictates.
    """

    digits: str
    firm: str
    start: int
    end: int
    spoken: bool = False
    cardinal: bool = False
    lettered: bool = False
    measured: bool = False


def digit_groups(text: str) -> tuple[Group, ...]:
    """All digit groups of a folded text (`View.text`), in order, without overlaps."""
    groups = [_zh_group(text, match) for match in _ZH_CHUNK.finditer(text)]
    groups += [
        _en_group(match)
        for match in _EN_CHUNK.finditer(text)
        if not _ONLY_LETTERS.fullmatch(match[0])
    ]
    marked = [
        replace(group, measured=is_measure(text, group.start, group.end, len(group.digits)))
        for group in groups
    ]
    return tuple(sorted(marked, key=lambda group: group.start))


def _zh_group(text: str, match: re.Match[str]) -> Group:
    chunk = match[0]
    if _WRITTEN.fullmatch(chunk):
        before, after = text[: match.start()][-1:], text[match.end() : match.end() + 1]
        lettered = _is_latin(before) or (_is_latin(after) and after != "x")
        return Group(
            digits=chunk, firm=chunk, start=match.start(), end=match.end(), lettered=lettered
        )
    digits, firm, cardinal = [], [], True
    for token in _ZH_TOKEN.finditer(chunk):
        value = _zh_value(token)
        digits.append(value)
        if token.lastgroup != "weak":
            firm.append(value)
        if token.lastgroup == "scale" and token[0] in "千万亿":
            cardinal = True
            break
        cardinal &= token.lastgroup in ("cardinal", "scale")
    return Group(
        digits="".join(digits),
        firm="".join(firm),
        start=match.start(),
        end=match.end(),
        spoken=True,
        cardinal=cardinal,
    )


def _zh_value(token: re.Match[str]) -> str:
    text = token[0]
    if token.lastgroup == "times":
        return _zh_digit(text[2]) * int(_zh_digit(text[0]))
    if token.lastgroup == "cardinal":
        return "10" if text == "十" else chinese_number(text) or ""
    if token.lastgroup == "scale":
        return ""
    return _zh_digit(text)


def _zh_digit(char: str) -> str:
    if char.isascii():
        return char
    return _ZH_VALUES.get(char) or _ZH_STRONG.get(char) or _ZH_HOMOPHONES[char]


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _en_group(match: re.Match[str]) -> Group:
    words = _EN_TOKEN.findall(match[0])
    firm_words = [word for word in words if word not in _EN_HOMOPHONES]
    large = any(word in ("thousand", "million") for word in words)
    lone = len(words) == 1 and words[0] not in _EN_DIGITS
    return Group(
        digits=_en_digits(words),
        firm=_en_digits(firm_words),
        start=match.start(),
        end=match.end(),
        spoken=True,
        cardinal=large or lone or (len(words) == 2 and words[1] == "hundred"),
    )


def _en_digits(words: Sequence[str]) -> str:
    out: list[str] = []
    repeat, open_tens = 1, False
    for word in words:
        if word in _EN_REPEATS:
            repeat = _EN_REPEATS[word]
            continue
        if word == "hundred":
            out.append("00")
            open_tens = False
            continue
        value = _EN_HOMOPHONES.get(word) or _EN_WORDS.get(word, "")
        if open_tens and len(value) == 1 and value != "0":
            out[-1] = out[-1][:-1] + value
        else:
            out.append(value * repeat)
        open_tens = word in EN_TENS and repeat == 1
        repeat = 1
    return "".join(out)


_FILLERS = (
    "嗯|呃|啊|哦|诶|额|唔|那个|然后是|然后|接着是|接着|接下来是|再|后面是|后面|最后是|对|好的|好"
    "|杠|横杠|横线|空格|空|"
    "uh|um|er|erm|ah|and then|then|and|dash|hyphen|minus|space|comma|dot|mm-?hmm|okay|ok|yes|right"
)
_TIGHT = re.compile(r"[ \t]{0,3}[-‐–—]?[ \t]{0,3}")
_LOOSE = re.compile(rf"(?:[\s,，、。.;；…\-‐–—()（）]|(?<![a-z])(?:{_FILLERS})(?![a-z])){{1,24}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Neighbouring digit groups read as one number.

    Attributes:
        digits: The number.
        start: Offset of its first character.
        end: Offset after its last one.
        tight: Nothing but spaces and hyphens between the groups.
        whole: No further digits belong to it on either side.
        spoken: At least one group is words.
        groups: How many groups.
    """

    digits: str
    start: int
    end: int
    tight: bool
    whole: bool
    spoken: bool
    groups: int


LONGEST = 26
"""Digits a window may have: more than any number that people dictate."""


def digit_runs(text: str, groups: Sequence[Group]) -> tuple[tuple[Group, ...], ...]:
    """Groups with only separators and hesitation between them, as people dictate."""
    runs: list[list[Group]] = []
    for group in groups:
        if runs and joint(text, runs[-1][-1], group) is not None and not group.lettered:
            runs[-1].append(group)
        else:
            runs.append([group])
    return tuple(tuple(run) for run in runs)


def _is_decimal(left: Group, right: Group) -> bool:
    return not left.spoken and not right.spoken and len(right.digits) < 5


def _is_thousands(left: Group, right: Group) -> bool:
    """`12,345`: figures that do not begin with a nought; nobody says one that way."""
    return (
        not (left.spoken or right.spoken or left.digits.startswith("0"))
        and len(right.digits) == 3
        and len(left.digits) <= 3
    )


def joint(text: str, left: Group, right: Group) -> str | None:
    """How two groups are joined: `tight`, `loose`, or None when they are different numbers."""
    between = text[left.end : right.start]
    if (
        left.lettered
        or left.measured
        or right.measured
        or (between == "." and _is_decimal(left, right))
    ):
        return None
    if between == ".":
        return "tight"
    if between == "," and _is_thousands(left, right):
        return None
    if _TIGHT.fullmatch(between):
        return "tight"
    return "loose" if len(between) <= 40 and _LOOSE.fullmatch(between) else None


def windows(text: str, run: Sequence[Group]) -> Iterator[Window]:
    """All readings of a run as one number, longest first from each group on."""
    for first in range(len(run)):
        tight = True
        digits = firm = ""
        for last in range(first, len(run)):
            group = run[last]
            if last > first:
                tight &= joint(text, run[last - 1], group) == "tight"
            digits, firm = digits + group.digits, firm + group.firm
            if len(firm) > LONGEST:
                break
            for value in {digits, firm}:
                yield Window(
                    digits=value,
                    start=run[first].start,
                    end=group.end,
                    tight=tight,
                    whole=first == 0 and last == len(run) - 1,
                    spoken=any(part.spoken for part in run[first : last + 1]),
                    groups=last - first + 1,
                )
