"""Number plates of mainland China (GA 36-2018): province character, city letter, 5–6 places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.privacy.found import PLATE, Found
from qa.privacy.view import View

_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_FIGURES = "0-9零〇一幺二两三四五六七八九"
_PLATE = re.compile(
    rf"[{_PROVINCE}] ?[a-hj-z][ ·•.-]{{0,2}}"
    rf"(?P<places>(?:[a-hj-np-z{_FIGURES}] ?){{4,5}}[a-hj-np-z{_FIGURES}挂学警港澳])"
    r"(?![a-z0-9])"
)


def recognise(view: View) -> Iterator[Found]:
    """Plates with at least two figures, written or read out."""
    for match in _PLATE.finditer(view.text):
        figures = re.findall(r"[0-9零〇一幺二两三四五六七八九]", match["places"])
        if len(figures) < 2:
            continue
        known = re.search(r"车牌|牌照|车号", view.text[max(0, match.start() - 12) : match.start()])
        yield Found(
            type=PLATE,
            start=match.start(),
            end=match.end(),
            score=0.95 if known else 0.8,
            reason="plate shape" + (" after 车牌" if known else ""),
        )
