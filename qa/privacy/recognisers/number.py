"""Long strings of digits that no other rule names: rather hidden than shown.

Six digits read out one by one, or seven written ones, are an identifier unless a unit, a currency
or counting (`1 2 3 4 5 6 7`) says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.privacy.cues import AMOUNT
from qa.privacy.digits import Group, joint
from qa.privacy.found import NUMBER, Found
from qa.privacy.view import View

_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
_DATE = re.compile(
    rf"(?:19|20)\d{{2}}{_MONTH}{_DAY}|(?:{_DAY}{_MONTH}|{_MONTH}{_DAY})(?:19|20)\d{{2}}"
)


#: A chassis or parcel number: models and versions have fewer figures.
_SERIAL = re.compile(
    r"(?<![a-z0-9@._-])(?!0x)(?=[0-9]*[a-z])(?=(?:[a-z]*[0-9]){6})[a-z0-9]{8,20}(?![a-z0-9@_-]"
    r"|\.[a-z])"
)
#: What machines call a file or a call by.
_DIGEST = re.compile(r"(?=.*[a-f][0-9]+[a-f])[0-9a-f]+")


def recognise(view: View) -> Iterator[Found]:
    """Digit runs that are no amount, no date and no counting, and long codes with letters."""
    for match in _SERIAL.finditer(view.text):
        if _DIGEST.fullmatch(match[0]):
            continue
        yield Found(
            type=NUMBER,
            start=match.start(),
            end=match.end(),
            score=0.55,
            reason="code with six digits or more",
        )
    for run in view.runs:
        for part in _tight_parts(view.text, run):
            digits = "".join(group.digits for group in part)
            if not _identifies(view, part, digits):
                continue
            yield Found(
                type=NUMBER,
                start=part[0].start,
                end=part[-1].end,
                score=0.55,
                reason=f"{len(digits)} digits in a row",
            )


def _tight_parts(text: str, run: tuple[Group, ...]) -> Iterator[tuple[Group, ...]]:
    """The run itself when dictated, else its stretches without punctuation."""
    if all(group.spoken for group in run) or _in_equal_groups(run):
        yield run
        return
    part = [run[0]]
    for group in run[1:]:
        if joint(text, part[-1], group) == "tight":
            part.append(group)
        else:
            yield tuple(part)
            part = [group]
    yield tuple(part)


def _in_equal_groups(run: tuple[Group, ...]) -> bool:
    """Groups of three or four, or single digits, with commas: how dictation is written down."""
    if all(len(group.digits) == 1 for group in run):
        return True
    return len(run) > 1 and all(
        3 <= len(group.digits) <= 5
        and not group.digits.endswith("00")
        and not re.fullmatch(r"(?:19|20)\d{2}", group.digits)
        for group in run
    )


def _identifies(view: View, part: tuple[Group, ...], digits: str) -> bool:
    spoken = all(group.spoken for group in part)
    plain = sum(len(group.digits) for group in part if not group.cardinal)
    if len(digits) < (6 if spoken else 7) or plain * 2 < len(digits) or part[0].lettered:
        return False
    if _is_part_of_code(view.text, part[0].start, part[-1].end):
        return False
    if (spoken or len(part) == len(digits)) and digits in "01234567890123456789":
        return False
    if _is_dates(digits, part):
        return False
    return view.cue(part[0].start, part[-1].end) != AMOUNT


def _is_part_of_code(text: str, start: int, end: int) -> bool:
    """Between hyphens of a code with letters, such as a UUID."""
    before = re.search(r"[0-9a-z-]*-$", text[max(0, start - 24) : start])
    after = re.match(r"-[0-9a-z-]*", text[end : end + 24])
    around = (before[0] if before else "") + (after[0] if after else "")
    return re.search(r"[a-z]", around) is not None


def _is_dates(digits: str, part: tuple[Group, ...]) -> bool:
    """A written date, or years in a row."""
    if _DATE.fullmatch(digits):
        return True
    return all(re.fullmatch(r"(?:19|20)\d{2}|\d{1,2}", group.digits) for group in part) and (
        len(part) <= 3 and not part[0].spoken
    )
