"""Order, account, passport, licence and social-security numbers: codes that words announce."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa.privacy import found as kinds
from qa.privacy.cues import CUES
from qa.privacy.digits import LONGEST, Group
from qa.privacy.found import Found
from qa.privacy.view import QUESTION_END, View
from qa.privacy.words import word_list

_LENGTHS = {
    kinds.ACCOUNT: range(4, 27),
    kinds.ORDER: range(5, 27),
    kinds.PASSPORT: range(7, 10),
    kinds.US_SSN: range(9, 10),
    kinds.DRIVER_LICENSE: range(6, 19),
    kinds.ZIP: range(5, 7),
}
#: The end of a social security number is what agents verify people by.
_GOODS = re.compile(r"order(?:ed|ing)? (?:an?|the|my|two|three|this|that|some|one) [^.,!?]{0,30}$")
_IN_YEAR = re.compile(r"(?<![a-z])(?:in|since|until|before|after|from|of|by|year) $")
_SSN_TAIL = re.compile(r"last (?:four|4)|end(?:s|ing)? in")
_CODE = re.compile(
    r"(?<![a-z0-9@._-])(?=[a-z_-]{0,8}[0-9])[a-z0-9]{1,10}(?:[-_]?[a-z0-9]{2,12}){1,3}(?![a-z0-9@]"
    r"|[._-][a-z])"
)
#: Also a letter with its word, `b as in boy`.
_TOKEN = re.compile(
    r"(?<!['’])(?:(?<![a-z0-9])(?P<letter>[a-z]),? "
    r"(?:as in|for|like) (?P=letter)[a-z]{2,9}(?![a-z])"
    r"|[a-z0-9]+)"
)
_LONGEST_LETTERS, _LONGEST_PIECE, _LEAST_PLACES = 3, 6, 5
_CODED = (kinds.ACCOUNT, kinds.ORDER, kinds.DRIVER_LICENSE, kinds.PLATE)
_SPELLED_KINDS = (*_CODED, kinds.PASSPORT)
_SHORT_CODE = re.compile(
    r"(?<![a-z0-9@._-])(?=[a-z_-]*[0-9])(?=[0-9_-]*[a-z])[a-z0-9_-]{5,20}"
    r"(?![a-z0-9@._-])"
)
_RIGHT_BEFORE = re.compile(
    rf"(?:^|[{QUESTION_END}])(?:\W*(?:number|no|id|code|reference|ref|locator|is|it['’]?s|was|as"
    r"|yes|sure|that['’]?s|号|是|为))*[\W]*$"
)


def recognise(view: View) -> Iterator[Found]:
    """Digits, or codes of letters and digits, after words such as 订单号 or *account number*."""
    yield from _spelled(view)
    for window, cue in view.windows:
        lengths = _LENGTHS.get(cue)
        year = re.fullmatch(r"(?:19|20)\d\d", window.digits) and not window.spoken
        if cue == kinds.US_SSN and len(window.digits) == 4 and window.whole:
            if _SSN_TAIL.search(view.text[: window.start]):
                yield Found(
                    type=kinds.LAST_DIGITS,
                    start=window.start,
                    end=window.end,
                    score=0.65,
                    reason="last places of the number",
                )
        elif year and _IN_YEAR.search(view.text[: window.start]):
            continue
        elif lengths and window.whole and len(window.digits) in lengths:
            yield Found(
                type=cue,
                start=window.start,
                end=window.end,
                score=0.7 if window.tight else 0.6,
                reason=f"digits after words for {cue}",
            )
    yield from _short_codes(view)
    for match in _CODE.finditer(view.text):
        figures = sum(char.isdigit() for char in match[0])
        if figures < 4 or not re.search(r"[a-z]", match[0]) or _is_goods(view, match.start()):
            continue
        cue = view.cue(match.start(), match.end())
        if cue in _CODED:
            yield Found(
                type=cue,
                start=match.start(),
                end=match.end(),
                score=0.7,
                reason=f"code after words for {cue}",
            )


def _is_goods(view: View, start: int) -> bool:
    """*Order a WH1000*, *order the XR2208*: a thing that is bought, not a number of an order."""
    return _GOODS.search(view.text[max(0, start - 40) : start]) is not None


def _short_codes(view: View) -> Iterator[Found]:
    """A code with few figures, right behind the words for it (*booking reference K7PL2Q*)."""
    for match in _SHORT_CODE.finditer(view.text):
        cue = view.cue(match.start(), match.end())
        if cue not in _SPELLED_KINDS or _is_goods(view, match.start()):
            continue
        before = view.text[max(0, match.start() - 48) : match.start()]
        words = list(CUES[cue].finditer(before))
        if words and _RIGHT_BEFORE.search(before[words[-1].end() :]):
            yield Found(
                type=cue,
                start=match.start(),
                end=match.end(),
                score=0.65,
                reason=f"code right after words for {cue}",
            )


def _letters(piece: re.Match[str]) -> int:
    if piece["letter"]:
        return 1
    return sum(map(str.isalpha, piece[0]))


def _spelled(view: View) -> Iterator[Found]:
    """Codes read out in pieces, `gf 7485` or *c six r t four nine*, after words for one."""
    pieces: list[re.Match[str]] = []
    for token in (*_TOKEN.finditer(view.text), None):
        follows = token and (not pieces or token.start() - pieces[-1].end() <= 2)
        if token and follows and _is_piece(view, token):
            pieces.append(token)
            continue
        yield from _code(view, pieces)
        pieces = [token] if token and _is_piece(view, token) else []


def _is_piece(view: View, token: re.Match[str]) -> bool:
    if token[0].isdigit() or token["letter"] or _spoken(view.groups, token):
        return True
    if any(map(str.isdigit, token[0])):
        return len(token[0]) <= _LONGEST_PIECE
    return len(token[0]) <= _LONGEST_LETTERS and token[0] not in word_list("everyday")


def _code(view: View, pieces: Sequence[re.Match[str]]) -> Iterator[Found]:
    while pieces and any(words.fullmatch(pieces[0][0]) for words in CUES.values()):
        pieces = pieces[1:]  # QQ, vin: the word for the code, not a part of it
    if not 1 < len(pieces) <= LONGEST:
        return
    start, end = pieces[0].start(), pieces[-1].end()
    inside = [one for one in view.groups if start <= one.start < end]
    figures = sum(len(one.digits) for one in inside)
    letters = sum(_letters(one) for one in pieces if not _spoken(inside, one))
    cue = view.cue(start, end)
    if _is_goods(view, start):
        return
    if cue in _SPELLED_KINDS and figures > 1 and letters and figures + letters >= _LEAST_PLACES:
        yield Found(type=cue, start=start, end=end, score=0.6, reason=f"code read out after {cue}")


def _spoken(groups: Sequence[Group], piece: re.Match[str]) -> bool:
    return any(one.start <= piece.start() < one.end for one in groups)
