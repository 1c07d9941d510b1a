"""Chinese postal addresses: by their parts, and by words that announce or ask for one.

Limits: a bare place name, and a street without number or cue, is not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.characters import HAN
from qa.privacy.found import ADDRESS, Found
from qa.privacy.view import QUESTION_END, View

_NO = "[0-9零〇一幺二两三四五六七八九十百a-z-]"
_DOOR = (
    rf"{_NO}{{1,8}} ?(?:号楼|号院|号|弄|栋|幢|座|单元|楼|层|室|房|组|队)"
    rf"(?:(?<=[楼栋幢座元层])[ ,，]?(?:[0-9]{{3,4}}|[零〇一幺二两三四五六七八九]{{3,4}})[室房]?"
    r"(?![0-9零〇一幺二两三四五六七八九十百千万年元块]))?"
)
_CROSSING = (
    rf"(?:[与和跟][{HAN}]{{1,8}}(?:路|街|道|巷))(?:交叉口|交汇处|路口|口)"
    rf"(?:[向往]?[东南西北]{{1,2}}(?:[0-9一二两三四五六七八九十百]{{1,5}}米)?)?"
)
_AREA = rf"(?:[{HAN}]{{2,7}}(?:自治区|省|市|自治州|州|盟|区|县|旗|镇|乡|街道))"
_STREET = (
    rf"[{HAN}0-9]{{1,10}}(?:路|大街|街|大道|道|巷|胡同|里弄|弄|小区|花园|花苑|家园|公寓"
    rf"|新村|村|社区|大厦|广场|苑|城|庄|园)"
)
_ZH_PARTS = re.compile(
    rf"(?:{_AREA}){{0,5}}{_STREET}(?:{_CROSSING})?(?:[ ,，]?[{HAN}]{{0,8}}?[ ,，]?{_DOOR}){{1,5}}"
    rf"|(?:{_AREA}){{2,5}}(?:{_STREET})?(?:[ ,，]?{_DOOR})*"
)
_LEAD_ZH = re.compile(
    r"^.*(?:地址是|地址为|地址|住址是|住址|老家在?|家住在?|家在|住在|我住|位于|寄到|送到|寄往|送货到|发到|搬到"
    r"|改成|改为|就是|是在|我在|是|在|到)"
)
_CUE_ZH = re.compile(
    r"(?:地址|住址|家住|住在|寄到|送到|收货地|户籍所在地)(?:是|为|在|改成|改为|[:：,，]|\s)*"
    rf"(?P<value>[{HAN}0-9a-z][^。？?！!\n;；{QUESTION_END}]{{4,50}})"
)


def recognise(view: View) -> Iterator[Found]:
    """Addresses by structure, then by what announces them."""
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
