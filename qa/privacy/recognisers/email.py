"""E-mail addresses, written and spelled out (`li ming at example dot com`, `123艾特qq点com`)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.characters import has_han
from qa.privacy.found import EMAIL, Found
from qa.privacy.view import QUESTION_END, View
from qa.privacy.words import word_list

_WRITTEN = re.compile(
    r"(?<![a-z0-9._%+-])[a-z0-9](?:[a-z0-9._%+-]{0,62}[a-z0-9_])?@(?:[a-z0-9-]{1,40}\.){1,4}[a-z]{2,12}(?![a-z])"
)
_TOP = "com|net|org|cn|edu|gov|io|co|uk|me|info|de|fr|hk|tw|es|it|nl|eu|ca|au|jp|kr|sg|ch|biz"
_NUMBER = (
    "(?:oh|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    "|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)"
)
_WORDS_EN = re.compile(
    r"(?<![a-z0-9._-])(?P<local>[a-z0-9]{1,64}(?:(?: (?:dot|underscore|dash|hyphen|point) "
    rf"|[._-]| (?={_NUMBER}(?![a-z])))[a-z0-9]{{1,64}}){{0,8}}"
    r"|[a-z0-9](?: [a-z0-9]){1,20}) (?:at|@) ?(?P<host>[a-z0-9-]+(?: [a-z0-9-]+)?)"
    rf"(?:(?: dot | ?\. ?)(?:[a-z0-9-]+))?(?: dot | ?\. ?)(?:{_TOP})(?![a-z])"
)
#: After words for it, several words may stand before the *at*: `big dave 77 at gmail dot com`.
_CUED = re.compile(
    rf"e-?mail(?: address)?(?:['’]s| is| it is| it['’]s"
    rf"|:)?(?:[^{QUESTION_END}]{{0,30}}{QUESTION_END}"
    r"(?:\W|it['’]?s|it is|yes|sure|yeah|um|uh|my|that['’]?s)*)? ?"
    r"(?P<value>(?:[a-z0-9_.-]{1,20} ){1,6}(?:at|@) [a-z0-9-]+(?: [a-z0-9-]+)?"
    rf"(?: dot | ?\. ?)(?:{_TOP})(?: dot (?:uk|au|cn|hk|tw|jp|sg))?(?![a-z]))"
)
_PROVIDERS = "gmail|googlemail|yahoo|hotmail|outlook|icloud|aol|proton|foxmail|msn|qq|163|126|sina"
_UNMARKED = re.compile(
    r"(?<![a-z0-9@.])(?:(?:[a-z0-9._-]{2,40} (?=[0-9]))?[a-z0-9._-]{1,40}?(?: at)? ?)"
    rf"(?:{_PROVIDERS}) ?(?:dot |\.|点)?(?:com|cn|net|co)(?![a-z])"
)
_HOST_ZH = (
    r"(?:qq|q q|扣扣|[零〇一幺二两三四五六七八九]{3}|1 ?6 ?3|1 ?2 ?6|[一幺]六三|[一幺]二六|新浪"
    r"|搜狐|雅虎|谷歌"
    r"|[a-z0-9][a-z0-9 -]{0,20})"
)
_WORDS_ZH = re.compile(
    r"(?<![a-z0-9])[a-z0-9零〇一幺二两三四五六七八九](?: ?(?:[a-z0-9_.零〇一幺二两三四五六七八九-]"
    r"|点|下划线|中划线|横杠|横线|杠)){1,40}"
    r" ?(?:@|艾特|爱特|at|圈a|小老鼠) ?"
    rf"{_HOST_ZH} ?(?:点|\.|dot) ?(?:{_TOP}|康[母姆]?|靠[木姆]|空姆|C ?O ?M|西恩)"
    r"(?: ?(?:点|\.) ?cn)?(?![a-z])",
    re.IGNORECASE,
)


def recognise(view: View) -> Iterator[Found]:
    """Addresses with a domain; the spelled-out ones a little less sure."""
    for pattern, score, reason in (
        (_WRITTEN, 0.99, "e-mail syntax"),
        (_UNMARKED, 0.7, "well-known provider, signs not heard"),
        (_WORDS_EN, 0.8, "spelled out: at … dot"),
        (_CUED, 0.75, "spelled out after words for an e-mail"),
        (_WORDS_ZH, 0.8, "spelled out: 艾特 … 点"),
    ):
        for match in pattern.finditer(view.text):
            if pattern is _WORDS_ZH and not has_han(match[0]):
                continue
            if pattern is _UNMARKED and match[0].split()[0] in word_list("everyday"):
                continue
            start, end = match.span("value") if pattern is _CUED else match.span()
            yield Found(type=EMAIL, start=start, end=end, score=score, reason=reason)
