"""Quantities told from identifiers: amounts, durations, dates, times, percentages, decimals."""

from __future__ import annotations

import re

_LONG = re.compile(
    r" ?(?:元|块|万|亿|人民币|美元|港币|欧元|人次|人|分(?!机)|积分|吨|公里|兆|%|个(?!人|零"
    r"|[一二三四五六七八九])"
    r"|dollars?|usd|yuan|rmb|euros?|pounds?|people|per ?cent|points?(?!\w)|miles|units|customers"
    r"|users)"
)
_SHORT = re.compile(
    r" ?(?:年|月|日|号(?!码|楼|院)|点|时|分(?!机)|秒|天|周|次|位|台|件|张|页|折|米|平|千|度|岁|遍"
    r"|倍|毛|角|斤|家|种|项|条"
    r"|小时|个|:\d|/\d|st(?!\w)|nd(?!\w)|rd(?!\w)|th(?!\w)|o'?clock|[ap]\.?m(?!\w)"
    r"|(?:(?:or|to) \w+ )?(?:(?:working|business|more) )?"
    r"(?:times|minutes?|mins?|hours?|days?|weeks?|months?|years?|seconds?|kids?|percent|point"
    r"|cents?|gb|mb)(?!\w))"
)
_WORD_ONE = re.compile(r"[共下些样定直起般会旦方律句切边段路批]")
# More than four places are no amount: recognisers write dictated digits as `0.012645`.
_DECIMAL = re.compile(r"[.．点]\d{1,4}(?!\d)|分之")
_AFTER = re.compile(
    r"(?:[$¥￥€£]|rmb|usd|人民币|分之|第|\d[:/]|百分之.{1,3}点"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (?:\d{1,2}(?:st|nd|rd|th)?,? )?"
    r"|(?<![a-z])(?:page|line|chapter|version|v|level|step|top) ?) ?$"
)


def is_measure(text: str, start: int, end: int, digits: int) -> bool:
    """True when the digits at `text[start:end]` are a quantity.

    Args:
        text: Folded text (`View.text`).
        start: Offset of the number.
        end: Offset after it.
        digits: How many digits it has: short ones are taken for dates and counts more easily.
    """
    if _LONG.match(text, end) or _DECIMAL.match(text, end):
        return True
    before = text[max(0, start - 24) : start]
    if _AFTER.search(before) or (digits <= 4 and re.search(r"\d[.]$", before)):
        return True
    if text[start:end] == "一" and _WORD_ONE.match(text, end):
        return True
    return digits <= 4 and _SHORT.match(text, end) is not None
