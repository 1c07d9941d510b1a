"""Postal addresses: by Chinese address parts, by street words, and by words that announce one.

Limits: a bare place name, and a street without number or cue, is not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.characters import HAN
from qa.privacy.cues import CUES
from qa.privacy.found import ADDRESS, ZIP, Found
from qa.privacy.view import QUESTION_END, View

_NO = "[0-9零〇一幺二两三四五六七八九十百a-z-]"
_DOOR = rf"{_NO}{{1,8}} ?(?:号楼|号院|号|弄|栋|幢|座|单元|楼|层|室|房|组|队)"
_AREA = rf"(?:[{HAN}]{{2,7}}(?:自治区|省|市|自治州|州|盟|区|县|旗|镇|乡|街道))"
_STREET = (
    rf"[{HAN}0-9]{{1,10}}(?:路|大街|街|大道|道|巷|胡同|里弄|弄|小区|花园|花苑|家园|公寓"
    rf"|新村|村|社区|大厦|广场|苑|城|庄|园)"
)
_ZH_PARTS = re.compile(
    rf"(?:{_AREA}){{0,5}}{_STREET}(?:[ ,，]?[{HAN}]{{0,8}}?[ ,，]?{_DOOR}){{1,5}}"
    rf"|(?:{_AREA}){{2,5}}(?:{_STREET})?(?:[ ,，]?{_DOOR})*"
)
_LEAD_ZH = re.compile(
    r"^.*(?:地址是|地址为|地址|住址是|住址|家住在?|住在|我住|位于|寄到|送到|寄往|送货到|发到|搬到"
    r"|改成|改为|就是|是在|我在|是|在|到)"
)
_CUE_ZH = re.compile(
    r"(?:地址|住址|家住|住在|寄到|送到|收货地|户籍所在地)(?:是|为|在|改成|改为|[:：,，]|\s)*"
    rf"(?P<value>[{HAN}0-9a-z][^。？?！!\n;；{QUESTION_END}]{{4,50}})"
)
_SUFFIX = (
    "street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|way|terrace"
    "|square|sq|parkway|pkwy|circle|crescent|close|highway|hwy|trail|route|grove|gardens|alley"
    "|stra(?:ss|ß)e|gasse|weg|platz|straat|laan|gatan|vej|vägen"
)
_NO_STREET = (
    r"(?:the|a|an|in|on|to|of|for|and|or|is|are|was|people|times|dollars|percent|hours?|minutes?"
    r"|days?|weeks?|months?|years?|more|other|i|you|we|they|that|this|my|your|it|gb|mb) "
)
_TAIL = (
    r"(?:,? ?(?:apt\.?|apartment|suite|ste\.?|unit|floor|room|#) ?[0-9a-z-]{1,6})?"
    r"(?:\s*,? ?[^\W\d_]{2,}(?: [^\W\d_]{2,}){0,2},? ?(?:[a-z]{2} )?\d{5}(?:-\d{4})?(?!\d))?"
)
_STREET_EN = re.compile(
    r"(?<![\w-])\d{1,6}[a-z]?,? (?:\d{1,6} )?"
    rf"(?:(?!{_NO_STREET})[^\W\d_][\w'’.-]* ){{1,4}}?"
    rf"(?:{_SUFFIX})(?!\w)\.?{_TAIL}"
)
_STREET_NUMBER = re.compile(
    r"(?<!\w)(?:\d{1,4} )?[^\W\d_][\w.'’-]*"
    r"(?:stra(?:ss|ß)e|str\.|gasse|weg|platz|straat|laan|gatan|vej|vägen) \d{1,4}[a-z]?(?!\w)"
    rf"{_TAIL}"
)
_CUE_EN = re.compile(
    r"(?:(?:billing|home|mailing|shipping|delivery|street|current|new|my|his|her) address"
    r"|(?<!e-mail )(?<!email )(?<!ip )address(?=:| is| with| it is| to|\? )"
    r"|lives? (?:at|on)|lived (?:in|at)|located at|return to|here they are:|is at|ship (?:it )?to"
    r"|deliver (?:it )?to)"
    r"(?:[\s:,?]|is|was|it is|it's|with|to|as|at)*(?P<value>\d{1,5}[ ,][^?!;]{5,90})"
)
_APARTMENT = re.compile(r"(?<!\w)(?:apt\.?|apartment|suite|ste\.) ?#?\d{1,5}[a-z]?(?!\w)")
_ZIP_LINE = re.compile(r"(?:^|\n)[^\n\d]{0,40}(?P<value>\d{5}(?:-\d{4})?)\s*$")
_STOP_EN = re.compile(
    r"\. (?=(?:it|i|is|that|can|could|please|thank|and)\b)|\.\s*$|,? (?:for this card|in case"
    r"|is that|right|correct|thanks?|thank you|please|and (?:my|the|your|his|her|our))(?!\w)",
    re.ASCII,
)


def recognise(view: View) -> Iterator[Found]:
    """Addresses by structure, then by what announces them."""
    yield from _chinese(view)
    for pattern, score in ((_STREET_EN, 0.75), (_STREET_NUMBER, 0.7), (_APARTMENT, 0.6)):
        for match in pattern.finditer(view.text):
            yield _address(match.start(), match.end(), score, "street words and number")
    for match in _CUE_EN.finditer(view.text):
        start, end = match.span("value")
        stop = _STOP_EN.search(view.text, start, end)
        yield _address(start, stop.start() if stop else end, 0.7, "after words for an address")
    for match in _ZIP_LINE.finditer(view.text):
        if "\n" in view.text[: match.start("value")] or CUES[ZIP].search(view.text):
            yield _address(*match.span("value"), 0.6, "postal code at the end of an address")


def _chinese(view: View) -> Iterator[Found]:
    for match in _ZH_PARTS.finditer(view.text):
        lead = _LEAD_ZH.match(match[0])
        start = match.start() + (lead.end() if lead and lead.end() < len(match[0]) - 3 else 0)
        if re.search(rf"{_NO}", view.text[start : match.end()]) or lead:
            yield _address(start, match.end(), 0.75, "address parts")
    for match in _CUE_ZH.finditer(view.text):
        value = match["value"]
        areas = set(re.findall(r"[省市区县镇乡路街道巷弄村苑园厦]", value))
        if len(areas) + bool(re.search(_DOOR, value)) >= 2:
            last = [
                found.end()
                for found in re.finditer(rf"{_DOOR}|[省市区县镇乡路街道巷弄村苑园厦]", value)
            ]
            if last:
                begin = match.start("value")
                yield _address(begin, begin + last[-1], 0.7, "after 地址 or its like")


def _address(start: int, end: int, score: float, reason: str) -> Found:
    return Found(type=ADDRESS, start=start, end=end, score=score, reason=reason)
