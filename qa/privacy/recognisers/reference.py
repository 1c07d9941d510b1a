"""Order, account, passport, licence and social-security numbers: codes that words announce."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa.privacy import found as kinds
from qa.privacy.digits import LONGEST, Group
from qa.privacy.found import Found
from qa.privacy.view import View
from qa.privacy.words import word_list

_LENGTHS = {
    kinds.ACCOUNT: range(4, 27),
    kinds.ORDER: range(5, 27),
    kinds.PASSPORT: range(7, 10),
    kinds.US_SSN: range(9, 10),
    kinds.DRIVER_LICENSE: range(6, 19),
    kinds.ZIP: range(5, 7),
}
_CODE = re.compile(
    r"(?<![a-z0-9@._-])(?=[a-z_-]{0,8}[0-9])[a-z0-9]{1,10}(?:[-_]?[a-z0-9]{2,12}){1,3}(?![a-z0-9@]"
    r"|[._-][a-z])"
)
_TOKEN = re.compile(r"(?<!['’])[a-z0-9]+")
_LONGEST_LETTERS, _LEAST_PLACES = 3, 5
_CODED = (kinds.ACCOUNT, kinds.ORDER, kinds.DRIVER_LICENSE)


def recognise(view: View) -> Iterator[Found]:
    """Digits, or codes of letters and digits, after words such as 订单号 or *account number*."""
    yield from _spelled(view)
    for window, cue in view.windows:
        lengths = _LENGTHS.get(cue)
        if lengths and window.whole and len(window.digits) in lengths:
            yield Found(
                type=cue,
                start=window.start,
                end=window.end,
                score=0.7 if window.tight else 0.6,
                reason=f"digits after words for {cue}",
            )
    for match in _CODE.finditer(view.text):
        figures = sum(char.isdigit() for char in match[0])
        if figures < 4 or not re.search(r"[a-z]", match[0]):
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
    if token[0].isdigit() or _spoken(view.groups, token):
        return True
    return len(token[0]) <= _LONGEST_LETTERS and token[0] not in word_list("everyday")


def _code(view: View, pieces: Sequence[re.Match[str]]) -> Iterator[Found]:
    if not 1 < len(pieces) <= LONGEST:
        return
    start, end = pieces[0].start(), pieces[-1].end()
    inside = [one for one in view.groups if start <= one.start < end]
    figures = sum(len(one.digits) for one in inside)
    letters = sum(len(one[0]) for one in pieces if one[0].isalpha() and not _spoken(inside, one))
    cue = view.cue(start, end)
    if cue in _CODED and figures > 1 and letters and figures + letters >= _LEAST_PLACES:
        yield Found(type=cue, start=start, end=end, score=0.6, reason=f"code read out after {cue}")


def _spoken(groups: Sequence[Group], piece: re.Match[str]) -> bool:
    return any(one.start <= piece.start() < one.end for one in groups)
