"""Dates of birth: a date, written or spoken, right after words that ask for or announce a birth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.privacy.cues import CUES
from qa.privacy.found import BIRTH_DATE, Found
from qa.privacy.view import View

_N = "0-9零〇一幺二两三四五六七八九十"
_MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_ORDINAL = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?|(?:twenty|thirty)[ -]?(?:first|second|third|fourth|fifth|sixth"
    r"|seventh|eighth|ninth)?"
    r"|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    r"|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth"
    r"|thirtieth)"
)
_YEAR = (
    r"(?:,? ?(?:of )?(?:19|20)\d{2}|,? (?:nineteen|twenty|two thousand)(?:[ -](?:and |oh )?"
    r"(?:[a-z]+ty|[a-z]+teen|ten|eleven|twelve|one|two|three|four|five|six|seven|eight|nine))"
    r"(?:[ -](?:one|two|three|four|five|six|seven|eight|nine)(?![a-z]))?)"
)
_DATE = re.compile(
    rf"[{_N}]{{2,5}} ?年 ?(?:的)?(?:农历)?[{_N}正冬腊]{{1,3}} ?月(?: ?(?:份)?初?[{_N}]{{1,3}}"
    rf" ?[号日]?)?"
    rf"|[{_N}正冬腊]{{1,3}} ?月 ?(?:[{_N}]{{1,3}} ?[号日]|初[{_N}])"
    rf"|[{_N}]{{2,4}} ?年(?![{_N}前后以])"
    r"|(?<!\d)(?:19|20)\d{2} ?[-/.] ?\d{1,2} ?[-/.] ?\d{1,2}(?!\d)"
    r"|(?<!\d)\d{1,2} ?[-/.] ?\d{1,2} ?[-/.] ?(?:(?:19|20)?\d{2})(?!\d)"
    r"|(?<!\d)(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
    rf"|(?<![a-z])(?:{_MONTH})\.?,? (?:the )?{_ORDINAL}(?![a-z]){_YEAR}?"
    rf"|(?<![a-z])(?:the )?{_ORDINAL} (?:of )?(?:{_MONTH})(?![a-z]){_YEAR}?"
)
_REACH = 40
#: `eleven three eighty eight` has five, `two twenty eight ninety one` eight.
_LENGTHS = (5, 6, 7, 8)


def recognise(view: View) -> Iterator[Found]:
    """Dates within reach of the words, before or (是我生日) right behind."""
    for match in _DATE.finditer(view.text):
        before = view.text[max(0, match.start() - _REACH) : match.start()]
        after = view.text[match.end() : match.end() + 8]
        if CUES[BIRTH_DATE].search(before) or re.match(r".{0,4}(?:出生|生日|生的)", after):
            yield Found(
                type=BIRTH_DATE,
                start=match.start(),
                end=match.end(),
                score=0.85,
                reason="date beside words for birth",
            )
    for window, cue in view.windows:
        if cue == BIRTH_DATE and window.whole and len(window.digits) in _LENGTHS:
            yield Found(
                type=BIRTH_DATE,
                start=window.start,
                end=window.end,
                score=0.75,
                reason="digits after words for birth",
            )
