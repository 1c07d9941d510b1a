"""Order, account, passport, licence and social-security numbers: codes that words announce."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.privacy import found as kinds
from qa.privacy.found import Found
from qa.privacy.view import View

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
_CODED = (kinds.ACCOUNT, kinds.ORDER, kinds.DRIVER_LICENSE)


def recognise(view: View) -> Iterator[Found]:
    """Digits, or codes of letters and digits, after words such as 订单号 or *account number*."""
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
