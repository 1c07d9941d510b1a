"""English names: beside the words that introduce them, as an answer, or well known by themselves.

Lower-case text, as many recognisers write it, is read too: behind *my name is* stands a name unless
it is an everyday word; behind *this is* and by itself only a name that the lists know.

Limits: unusual names without a cue, and names that are also words without one, are not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from itertools import islice, takewhile

from qa.privacy.found import PERSON, Found
from qa.privacy.view import QUESTION_END, View
from qa.privacy.words import word_list, words


class _Cue(IntEnum):
    """What a cue lets pass for a name."""

    KNOWN = 1
    CAPITALISED = 2
    ANY = 3


_CUES = (
    (
        _Cue.ANY,
        0.8,
        (
            r"my (?:(?:full|first|last|maiden) )?names?(?:'s| is)?"
            r"|(?:first|last|full|maiden|family|given|sur) ?name(?: is|:)?"
            r"|name(?: is|:| on the (?:account|card|policy|booking) is)|(?:^|\n)name"
            r"|account ?holder(?:'s name)?(?: is|:)|cardholder(?:'s name is|:)"
            r"|partner's name|everyone calls me"
            r"|(?:mr|mrs|(?<!\d )ms|mister|madam|prof|professor)\.?"
        ),
    ),
    (
        _Cue.CAPITALISED,
        0.75,
        (
            r"(?:dr|doctor|miss)\.?"
            r"|(?:put|book|file|list|reserve|register)(?:ed)?(?: it| that| this)? under"
            r"|calls? me|called me|(?:under|in) the name(?: of)?"
            r"|speaking (?:with|to)|(?:may|can|could) i (?:please )?speak (?:with|to)|this is"
            r"|goes by|signed by|regards,?|sincerely,?|cheers,?|dear|hello|hi|hey"
            r"|thank you,?|thanks,?|i am|i ?['’]?m|name(?: was)?"
        ),
    ),
    (_Cue.KNOWN, 0.65, r"it(?:['’]?s| is)|that(?:['’]?s| is)|yes|yeah|sure"),
    (
        _Cue.CAPITALISED,
        0.6,
        (
            r"(?:my|his|her|our|their|your) (?:kid|son|daughter|wife|husband|partner|friend|boss"
            r"|brother|sister|mother|father|mom|mum|dad|uncle|aunt|colleague|neighbou?r|roommate"
            r"|fianc[eé]e?)(?:'s name is)?,?"
            r"|follow up with|spoke (?:to|with)|talk(?:ed|ing)? (?:to|with)"
            r"|speak (?:to|with)|ask for"
            r"|transfer (?:me )?to|says|said|written by|directed by|starring|on behalf of"
            r"|belongs to|registered to|addressed to|payable to|given to|here's"
            r"|meet(?:ing)? with|named"
            r"|shouted at"
        ),
    ),
)
_INTRODUCED = tuple(
    (cue, score, re.compile(rf"(?<![\w'’])(?i:{pattern})[\s,:?]{{1,3}}(?=[^\W\d_])"))
    for cue, score, pattern in _CUES
)
_CAP = r"(?=[^\W\d_])(?![a-z])[^\W\d_a-z][\w'’-]*"
_ACTING = re.compile(
    rf"(?:^|(?<=[.!?\n] )|(?<=[.!?\n]))(?P<name>{_CAP}(?: {_CAP})?)"
    r"(?=, (?:can|could|may|please|would|will you|thank)(?!\w)"
    r"|['’]s (?:address|phone|number|email|account|card|birthday)"
    r"| (?:lives?|lived|said|says|shouted|asked|told|wrote|called|phoned|was born|grew up|moved to"
    r"|had given|gave (?:me|him|her)|works? (?:at|for|as)|is (?:very|an? \d|my|\d)|spent|began"
    r"|will be (?:talking|speaking|joining))(?!\w))"
)
_OWNING = re.compile(
    rf"(?<![\w'’])(?P<name>{_CAP})(?=['’]s (?:kid|son|daughter|wife|husband|mother|father|brother"
    r"|sister|parents|house|flat|birthday|account|phone number)(?!\w))"
)
_LINE = re.compile(rf"(?:^|\n)\W*(?P<name>{_CAP}(?: {_CAP}){{1,2}})[ \t]*(?=\n)")
_SPELLED = re.compile(r"(?<![\w-])(?P<name>(?:[A-Za-z][ -]){3,14}[A-Za-z])(?![\w-])")
_SPELLS, _SPELLED_REACH = re.compile(r"names?(?!\w)|spell|calling|speaking|this is"), 60
_WORD = re.compile(r"[^\W\d_][\w'’-]*\.?")
_MORE = re.compile(r" (?=[^\W\d_])")
_ENDING = re.compile(
    r"[a-zéščž]{2,}(?:ov[aá]|evich|ovich|[oe]vi[cć]|ić|sson|[nrl]sen|enko|chuk|shvili|opoulos"
    r"|akis|escu|o[gğ]lu|ows?k[iya]|insk[iya]|[ei]wicz|czyk|mann|stein|hoff)"
)
_PARTICLES = words("van von de der den da di del la le al bin el ibn ter")
_HOUSES = words(
    "bank insurance airlines airways support inc ltd llc limited company services service hotel"
    " group corp corporation telecom wireless broadband national university hospital airport"
    " county travel house city street road avenue valley club center centre store mobile"
)
_PLACES = words("san santa st st. saint los las port fort lake mount north south east west new")
_SIGHTS = words(
    "hill hills lake river rivers park church sale sales bridge bridges beach place house bay land"
    " island port field fields valley garden gardens college school city"
)
#: Firms that people name like persons: *Chase says*, *thank you Microsoft*.
_FIRMS = words(
    "microsoft apple amazon google netflix samsung sony verizon comcast xfinity sprint vodafone"
    " paypal visa mastercard chase citibank costco walmart target fedex ups usps dhl uber lyft"
    " airbnb"
    " ebay facebook instagram whatsapp nokia dell lenovo huawei xiaomi tesla toyota honda ford"
    " nissan"
    " barclays hsbc santander siri alexa zoom spotify expedia delta ryanair lufthansa"
)
_DEMONYM = re.compile(r"[a-z]{3,}(?:ian|ish|ese|ican)")
_FEAST = re.compile(r"(?:['’]s)?(?: [A-Z]\w+){0,2} Day(?!\w)")
_BRANDS = words("morgan_stanley jp_morgan ralph_lauren calvin_klein john_deere mary_kay trader_joe")
_NO_LEAD = ("@", "'", "’", ".")
_ASKED = re.compile(
    r"(?<!my )(?<!company )(?<!business )(?<!product )(?<!user )(?<!plan )(?<!hotel )(?<!bank )"
    r"name(?!s? (?:is|of (?:the|your) (?:company|business|product|bank|shop|store)))"
    r"|who am i speaking|who(?:'s| is) (?:this|calling)"
)
_LEAD = re.compile(
    r"\W*(?i:(?:yes|sure|okay|ok|it['’]?s|it is|yeah|um|uh|well|so|the|is|my|name|first|last)"
    r"[,.: ]+){0,6}"
)


def recognise(view: View) -> Iterator[Found]:
    """Names beside their cues, answers to a question for one, and well-known names."""
    for cue, score, pattern in _INTRODUCED:
        for match in pattern.finditer(view.shown):
            yield from _named(view, match.end(), cue, score, "after words that introduce a name")
    for pattern in (_ACTING, _OWNING):
        for match in pattern.finditer(view.shown):
            yield from _named(
                view, match.start("name"), _Cue.CAPITALISED, 0.6, "in the place of a name"
            )
    first_line = _LINE.match(view.shown)
    if first_line and any(map(str.isdigit, view.shown)):
        at = first_line.start("name")
        yield from _named(view, at, _Cue.CAPITALISED, 0.6, "first line of an address")
    yield from _known(view)
    yield from _answers(view)
    yield from _spelled(view)


def _spelled(view: View) -> Iterator[Found]:
    """Letters one by one where a name, or spelling, was asked for or announced."""
    for spelled in _SPELLED.finditer(view.shown):
        before = view.text[max(0, spelled.start() - _SPELLED_REACH) : spelled.start()]
        if _SPELLS.search(before):
            yield Found(
                type=PERSON,
                start=spelled.start(),
                end=spelled.end(),
                score=0.65,
                reason="spelled out after words for a name",
            )


def _known(view: View) -> Iterator[Found]:
    said = view.shown[view.shown.rfind(QUESTION_END) + 1 :]
    lower = said == said.lower()
    end = 0
    for match in _WORD.finditer(view.shown):
        if match.start() < end or not (lower or _is_capital(match[0])):
            continue
        if not _is_known(view, match):
            continue
        for found in _named(view, match.start(), None, 0.6, "well-known name"):
            end = found.end
            yield found


def _is_known(view: View, match: re.Match[str]) -> bool:
    """A given name that is no word, a given name before a family name, or a family name's form."""
    given, family, doubtful = word_list("given"), word_list("family"), word_list("words")
    bare = _bare(match[0])
    lead = view.shown[max(0, match.start() - 1) : match.start()]
    if len(bare) < 3 or bare in word_list("everyday") or lead in _NO_LEAD:
        return False
    following = _next(view, match.end())
    after = _bare(following[0]) if following else ""
    before = _bare(_before(view, match.start()))
    brand = {f"{bare}_{after}", f"{before}_{bare}"} & _BRANDS
    if before in _PLACES or brand or _FEAST.match(view.shown, match.end()):
        return False
    if bare in given and bare not in doubtful:
        return True
    lower = not _is_capital(match[0])
    if following is None or lower is _is_capital(following[0]):
        after = ""
    if bare in given and after in family - _SIGHTS - (doubtful if lower else frozenset()):
        return True
    if lower:
        return False
    named = after in family and after not in doubtful and bare not in family | doubtful
    return named or (len(bare) > 5 and _ENDING.fullmatch(bare) is not None)


def _answers(view: View) -> Iterator[Found]:
    question, mark, _ = view.shown.rpartition(QUESTION_END)
    if not mark or not _ASKED.search(question.rpartition(QUESTION_END)[2].lower()):
        return
    begin = len(question) + 1
    lead = _LEAD.match(view.shown, begin)
    at = lead.end() if lead else begin
    yield from _named(view, at, _Cue.ANY, 0.7, "answer to a question for a name")


def _named(view: View, at: int, cue: _Cue | None, score: float, reason: str) -> Iterator[Found]:
    """The name that begins at `at`, if one does (without a cue it does): three words at most."""
    first = _WORD.match(view.shown, at)
    if first is None or (cue and not (_begins(first[0], cue) or _is_whole(view, first, cue))):
        return
    if cue is not _Cue.ANY and _bare(first[0]) in _FIRMS and not _surnamed(view, first):
        return
    end, count, last = first.end(), 1, first
    while count < 3 and not re.search(r"['’.]s?$", last[0]):
        following = _next(view, last.end())
        if following is None:
            break
        if _bare(following[0]) in _PARTICLES:
            last = following
            continue
        if not _continues(following[0], cue if count == 1 else None):
            break
        last, end, count = following, following.end(), count + 1
    name = re.sub(r"(?:['’]s?|\.)$", "", view.shown[at:end])
    if _is_house(view, end) or {name, name.lower()} & view.allowed:
        return
    yield Found(type=PERSON, start=at, end=at + len(name), score=score, reason=reason)


def _surnamed(view: View, first: re.Match[str]) -> bool:
    following = _next(view, first.end())
    return following is not None and _bare(following[0]) in word_list("family")


def _is_whole(view: View, first: re.Match[str], cue: _Cue) -> bool:
    """Will Young, May Chen: everyday words made names by a surname, or a capital after a cue."""
    bare = _bare(first[0])
    if bare not in word_list("given") or cue is _Cue.KNOWN:
        return False
    following = _next(view, first.end())
    surname = following is not None and _bare(following[0]) in word_list("family")
    if _is_capital(first[0]):
        alone = view.shown[first.end() : first.end() + 1] in (",", ".", "!", "")
        return (surname and following is not None and _is_capital(following[0])) or (
            cue is _Cue.ANY and alone
        )
    return surname and cue is _Cue.ANY


def _begins(word: str, cue: _Cue) -> bool:
    bare = _bare(word)
    if bare in word_list("everyday") or len(bare) < 2:
        return False
    if cue is not _Cue.ANY and _DEMONYM.fullmatch(bare) and bare not in word_list("given"):
        return False
    if cue is _Cue.ANY or (_is_capital(word) and cue is _Cue.CAPITALISED):
        return True
    names = word_list("given") | word_list("family")
    return bare in names and bare not in word_list("words")


def _continues(word: str, cue: _Cue | None) -> bool:
    bare = _bare(word)
    if _is_capital(word):
        return bare not in word_list("everyday") or bare in word_list("family")
    if bare in word_list("everyday"):
        return False
    return cue is _Cue.ANY or bare in word_list("given") | word_list("family")


def _is_house(view: View, end: int) -> bool:
    """A company, a school or a street goes by what began like a name."""
    following = view.text[end : end + 30].split(QUESTION_END)[0]
    if not following.startswith(" "):
        return False
    plain = word_list("everyday") - _HOUSES
    named = takewhile(lambda word: word not in plain, following.split())
    return any(_bare(word) in _HOUSES for word in islice(named, 2))


def _next(view: View, end: int) -> re.Match[str] | None:
    gap = _MORE.match(view.shown, end)
    return _WORD.match(view.shown, gap.end()) if gap else None


def _before(view: View, start: int) -> str:
    return (view.text[max(0, start - 12) : start].split() or [""])[-1]


def _is_capital(word: str) -> bool:
    return word[:1] != word[:1].lower()


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$", "", word.lower().strip(".,!?"))
