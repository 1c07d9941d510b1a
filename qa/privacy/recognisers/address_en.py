"""Western postal addresses: number and street, what answers a question for one, home towns.

Limits: a street without number, suffix or cue, and a place name that nobody is said to live in,
stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.privacy.cues import CUES
from qa.privacy.found import ADDRESS, ZIP, Found
from qa.privacy.view import QUESTION_END, View
from qa.privacy.words import word_list

_SUFFIX = (
    "street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|way|terrace"
    "|square|sq|parkway|pkwy|circle|crescent|close|highway|hwy|trail|route|grove|gardens|alley"
    "|nagar|salai|marg|jalan"
    "|stra(?:ss|ß)e|gasse|weg|platz|straat|laan|gatan|vej|vägen"
)
_STATES = (
    "alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia"
    "|hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts"
    "|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|new hampshire|new jersey"
    "|new mexico|new york|north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania"
    "|rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia"
    r"|washington(?:,? d\.?c\.?(?!\w))?|west virginia|wisconsin|wyoming|ontario|quebec|alberta"
    "|british columbia"
)
_NO_STREET = (
    r"(?:the|a|an|in|on|to|of|for|and|or|is|are|was|people|times|dollars|percent|hours?|minutes?"
    r"|days?|weeks?|months?|years?|more|other|i|you|we|they|that|this|my|your|it|gb|mb) "
)
_UNIT = r"(?:apt\.?|apartment|suite|ste\.?|unit|floor|room|flat|#)"
_HEADING = r"(?:,? (?:[ns][ew]|north|south|east|west)(?!\w))?"
_POSTCODE = r"[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}(?!\w)|[a-z]\d[a-z] ?\d[a-z]\d(?!\w)"
_TAIL = (
    rf"(?:,? ?{_UNIT} ?[0-9a-z-]{{1,6}})?"
    r"(?:\s*,? ?[^\W\d_]{2,}(?: [^\W\d_]{2,}){0,2},? ?(?:(?:[a-z]{2} )?\d{5}(?:-\d{4})?(?!\d)"
    rf"|(?:{_POSTCODE})))?"
)
_NAMED = rf"(?:(?!{_NO_STREET})[^\W\d_][\w'’.-]* ){{1,4}}?(?:{_SUFFIX})(?!\w)\.?{_HEADING}{_TAIL}"
_STREET = re.compile(rf"(?<![\w-])\d{{1,6}}[a-z]?,? (?:\d{{1,6}} )?{_NAMED}")
_ROMANCE_STREET = re.compile(
    r"(?<![\w-])(?:\d{1,5}(?: bis)?,? (?:rue|avenue|boulevard|chemin|allée|quai)"
    r"|(?:calle|avenida|via|viale|piazza|plaza|rua|rue)(?= [^\d,]{2,30},? \d))"
    r" (?:(?:de|del|della|des|du|da|do|la|le|les|los|las) ){0,2}[^\W\d_]{2,}(?: [^\W\d_]{2,}){0,2}"
    r",?(?: \d{1,5})?(?:,? \d{5} [^\W\d_]{2,})?"
)
_BOX = re.compile(rf"(?<!\w)p\.? ?o\.? box (?:number )?\d{{1,6}}{_TAIL}")
_CODE_UK = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?![A-Za-z0-9])"
)
_CODE_ASKED = re.compile(rf"(?<![a-z0-9])(?:{_POSTCODE})")
_SPOKEN_STREET = re.compile(rf"[ ,]{{1,2}}{_NAMED}")
_STREET_NUMBER = re.compile(
    r"(?<!\w)(?:\d{1,4} )?[^\W\d_][\w.'’-]*"
    r"(?:stra(?:ss|ß)e|str\.|gasse|weg|platz|straat|laan|gatan|vej|vägen) \d{1,4}[a-z]?(?!\w)"
    rf"{_TAIL}"
)
_CAP = r"(?=[^\W\d_])(?![a-z])[^\W\d_a-z][\w'’.-]*"
_CAPS = rf"{_CAP}(?: (?:(?:am|an der|de|del|la|le|les|nad|sur|upon|of|the) )?{_CAP}){{0,3}}"
_BY_NAME = re.compile(
    rf"(?i:(?:on|off|at|along|near|corner of)) (?P<value>{_CAPS}"
    r" (?i:street|avenue|road|lane|drive|boulevard|st|ave|rd|blvd)(?!\w))"
)
_TOWN = re.compile(
    rf"(?<!\w)(?P<value>{_CAPS},? (?:(?i:{_STATES})|[A-Z]{{2}}(?=,? \d{{5}}))(?!\w)"
    r"(?:,? \d{5}(?:-\d{4})?)?)"
)
_HOME = re.compile(
    r"(?<!\w)(?i:lives? in|lived in|living in|grew up in|(?:was )?(?:born|raised) in"
    r"|moved? (?:here |back |over )?(?:from|to)|i(?:['’]?m| am) (?:originally )?from"
    r"|come from|based in|resident of|residing in|hometown is)"
    rf" (?:the )?(?P<value>{_CAPS}(?: \d{{1,5}})?)"
)
_PLACES = ((_BY_NAME, "on a street"), (_TOWN, "town and state"), (_HOME, "home town"))
_CUE = re.compile(
    r"(?:(?:billing|home|mailing|shipping|delivery|street|current|new|my|his|her) address"
    r"|(?<!e-mail )(?<!email )(?<!ip )address(?=:| is| with| it is| to|\? )"
    r"|lives? (?:at|on)|lived (?:in|at)|located at|return to|here they are:|is at"
    r"|(?:ship|send|mail|deliver|post)(?: (?:it|them|this|that))? to)"
    rf"(?:[\s:,?{QUESTION_END}]|is|was|it is|it's|with|to|as|at)*"
    r"(?P<value>\d{1,5}[ ,][^?!;]{5,90})"
)
_ASKED = re.compile(
    r"(?<!e-mail )(?<!email )(?<!ip )(?<!web )address|where (?:do you live|should we (?:send|ship))"
)
_STATED = re.compile(r"(?<!e-mail )(?<!email )(?<!ip )(?<!web )address(?: is| to| it is|:)\s")
_LEAD = re.compile(
    r"\W*(?:(?:yes|yeah|sure|okay|ok|so|um|uh|no|well|it['’]?s|it is|the|my|new|old|current|home"
    r"|address|is|to|at|that['’]?s)[,.: \n]+){0,8}"
)
_ANSWER = re.compile(r"[^?!;\[\]]{6,120}")
_APARTMENT = re.compile(r"(?<!\w)(?:apt\.?|apartment|suite|ste\.) ?#?\d{1,5}[a-z]?(?!\w)")
_ZIP_LINE = re.compile(r"(?:^|\n)[^\n\d]{0,40}(?P<value>\d{5}(?:-\d{4})?)\s*$")
_STOP = re.compile(
    r"\. (?=(?:it|i|is|that|can|could|please|thank|and)\b)|\.\s*$|,? (?:for this card|in case"
    r"|for post|is that|right|correct|thanks?|thank you|please|and (?:my|the|your|his|her|our)"
    r"|i (?:have|need|want|would|am|moved)|phone|email|e-mail|mobile)(?!\w)",
    re.ASCII,
)
_PART = re.compile(rf"(?<!\w)(?:{_SUFFIX}|{_UNIT}|{_STATES})(?!\w)|(?<!\d)\d{{5}}(?!\d)")


def recognise(view: View) -> Iterator[Found]:
    """Addresses by structure, then by what announces or asks for them, then home towns."""
    yield from _structured(view)
    for pattern, reason in _PLACES:
        for match in pattern.finditer(view.shown):
            if _is_place(match["value"]):
                yield _address(*match.span("value"), 0.6, reason)
    for match in _CUE.finditer(view.text):
        yield _address(match.start("value"), _stop(view, *match.span("value")), 0.7, "after cue")
    yield from _answers(view)
    yield from _postcodes(view)
    for match in _ZIP_LINE.finditer(view.text):
        if "\n" in view.text[: match.start("value")] or CUES[ZIP].search(view.text):
            yield _address(*match.span("value"), 0.6, "postal code at the end of an address")


def _structured(view: View) -> Iterator[Found]:
    for pattern, score in (
        *((_STREET, 0.75), (_STREET_NUMBER, 0.7), (_ROMANCE_STREET, 0.65)),
        *((_BOX, 0.75), (_APARTMENT, 0.6)),
    ):
        for match in pattern.finditer(view.text):
            yield _address(match.start(), match.end(), score, "street words and number")
    for group in view.groups:
        street = _SPOKEN_STREET.match(view.text, group.end)
        if group.spoken and street and len(group.digits) > 1:
            yield _address(group.start, street.end(), 0.7, "street words and spoken number")


def _postcodes(view: View) -> Iterator[Found]:
    """British and Canadian codes: in capitals, or where one is asked for."""
    for match in _CODE_UK.finditer(view.shown):
        yield Found(type=ZIP, start=match.start(), end=match.end(), score=0.65, reason="postcode")
    for match in _CODE_ASKED.finditer(view.text):
        if view.cue(match.start(), match.end()) == ZIP:
            yield Found(
                type=ZIP, start=match.start(), end=match.end(), score=0.75, reason="after postcode"
            )


def _answers(view: View) -> Iterator[Found]:
    """What stands where an address was asked for or announced, when it looks like one."""
    question, mark, _ = view.text.rpartition(QUESTION_END)
    begins = [match.end() for match in _STATED.finditer(view.text)]
    if mark and _ASKED.search(question.rpartition(QUESTION_END)[2]):
        begins.append(len(question) + 1)
    for begin in begins:
        lead = _LEAD.match(view.text, begin)
        start = lead.end() if lead else begin
        answer = _ANSWER.match(view.text, start)
        if answer is None:
            continue
        end = _stop(view, start, answer.end())
        numbers = [one for one in view.groups if start <= one.start < end]
        if numbers and not _PART.search(view.text, start, numbers[0].start):
            start = numbers[0].start
        value = view.text[start:end]
        if "@" not in value and (_PART.search(value) or (numbers and len(value.split()) > 2)):
            yield _address(start, end, 0.65, "answer to a question for an address")


def _stop(view: View, start: int, end: int) -> int:
    stop = _STOP.search(view.text, start, end)
    end = stop.start() if stop else end
    cut = view.text.find(QUESTION_END, start, end)
    return cut if cut >= 0 else end


def _is_place(value: str) -> bool:
    return value.split(maxsplit=1)[0].lower().strip(".,") not in word_list("everyday")


def _address(start: int, end: int, score: float, reason: str) -> Found:
    return Found(type=ADDRESS, start=start, end=end, score=score, reason=reason)
