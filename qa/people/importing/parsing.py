"""Cells into values, as people write them in two languages. A `ValueError` says what is wrong."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta

from qa.people.periods import days_of
from qa.privacy.redaction import redact_note

#: Excel counts days from here (its 1900 has a 29 February that never was).
_EXCEL_ZERO = date(1899, 12, 30)
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT = re.compile(r"(20\d\d)(\d\d)(\d\d)")
_TRUE = {"yes", "y", "true", "1", "是", "有", "对", "已", "√", "kept", "已兑现", "已解决", "成立"}
_FALSE = {
    "no",
    "n",
    "false",
    "0",
    "否",
    "无",
    "错",
    "未",
    "×",
    "broken",
    "未兑现",
    "未解决",
    "不成立",
}
_NONE = {"", "-", "–", "—", "n/a", "na", "null", "none", "无数据", "/"}
_LEAVE = {
    "approved": {"approved", "leave", "批准", "已批准", "请假", "事假", "病假", "年假", "调休",
                 "婚假", "产假", "丧假", "公假", "sick", "annual"},
    "unapproved": {"unapproved", "absent", "awol", "旷工", "缺勤", "未批准", "无故缺勤"},
}  # fmt: skip
_ROLES = {
    "self": {"self", "自评", "本人", "自己"},
    "peer": {"peer", "同事", "互评", "同级", "同事互评"},
    "lead": {"lead", "leader", "supervisor", "manager", "上级", "主管", "班长", "组长", "领导"},
    "other": {"other", "其他", "其它", "下级", "客户"},
}


def plain(value: object) -> str:
    """A cell as text: full-width forms folded, spaces trimmed; None is empty."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value)).strip()
    return "" if text.casefold() in _NONE else text


def text(value: object) -> str:
    """Any text."""
    return plain(value)


def prose(value: object) -> str:
    """What a person typed; personal data becomes its type before it is kept (`[电话1]`)."""
    return redact_note(plain(value))


def identifier(value: object) -> str:
    """An agent's or call's id; a spreadsheet's `1001.0` is 1001."""
    found = plain(value)
    return found[:-2] if re.fullmatch(r"\d+\.0", found) else found


def day(value: object) -> date | None:
    """A date: ISO, 2026/9/14, 2026年9月14日, 20260914, or a spreadsheet's own."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, (int, float)) and 30_000 < value < 80_000:
        return _EXCEL_ZERO + timedelta(days=int(value))
    found = plain(value)
    if not found:
        return None
    match = _DAY.match(found) or _COMPACT.fullmatch(found)
    if match is None:
        raise ValueError(f"{found!r} is no date; write it as YYYY-MM-DD")
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError as error:
        raise ValueError(f"{found!r} is no day of the calendar") from error


def moment(value: object) -> datetime | None:
    """A moment; without a zone it is UTC, without a time it is midnight."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    found = plain(value)
    if not found:
        return None
    try:
        parsed = datetime.fromisoformat(found.replace("/", "-"))
    except ValueError:
        only = day(value)
        assert only is not None
        parsed = datetime.combine(only, time())
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def number(value: object) -> float | None:
    """A number: `1,234.5`, `97.7%`, `８`; empty is None."""
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is no number")  # noqa: TRY004  (all faults of cells are one)
    if isinstance(value, (int, float)):
        return float(value)
    found = plain(value).replace(",", "").removesuffix("%").strip()
    if not found:
        return None
    try:
        parsed = float(found)
    except ValueError as error:
        raise ValueError(f"{plain(value)!r} is no number") from error
    if parsed != parsed or parsed in (float("inf"), float("-inf")):  # noqa: PLR0124  (NaN)
        raise ValueError(f"{plain(value)!r} is no number")
    return parsed


def percent(value: object) -> float | None:
    """A percentage 0–100; a spreadsheet's 0.977 with a percent format comes as a fraction."""
    found = number(value)
    if found is None:
        return None
    if isinstance(value, float) and 0 < found <= 1:
        found *= 100
    if not 0 <= found <= 100:
        raise ValueError(f"{found:g} is not between 0 and 100")
    return found


def amount(value: object) -> float:
    """A number of minutes, seconds or hours: not negative, empty is 0."""
    found = number(value) or 0.0
    if found < 0:
        raise ValueError(f"{found:g} is negative")
    return found


def stars(value: object) -> float | None:
    """A rating from 1 to 5."""
    found = number(value)
    if found is not None and not 1 <= found <= 5:
        raise ValueError(f"{found:g} is not between 1 and 5")
    return found


def flag(value: object) -> bool | None:
    """Yes or no in both languages; empty is None."""
    if isinstance(value, bool):
        return value
    found = plain(value).casefold()
    if not found or found in _NONE:
        return None
    if found in _TRUE:
        return True
    if found in _FALSE:
        return False
    raise ValueError(f"{found!r} is neither yes nor no (是/否)")


def leave(value: object) -> str:
    """`approved`, `unapproved`, or `""` when present."""
    return _one_of(value, _LEAVE, "approved (批准) or unapproved (旷工)", default="")


def rater_role(value: object) -> str:
    """`self`, `peer`, `lead` or `other`."""
    return _one_of(value, _ROLES, "self, peer, lead or other (自评、同事、主管、其他)")


def period(value: object) -> str:
    """A period: 2026-09, 2026年9月, 2026-Q3, 2026."""
    if isinstance(value, (date, datetime)):
        return f"{value.year:04d}-{value.month:02d}"
    found = re.sub(r"\s*[年/.]\s*", "-", plain(value)).rstrip("月-").upper()
    if not found:
        return ""
    try:
        days_of(found)
    except ValueError as error:
        raise ValueError(f"{plain(value)!r} is no period; write 2026-09 or 2026-Q3") from error
    match = re.fullmatch(r"(\d{4})-(\d)", found)
    return f"{match[1]}-0{match[2]}" if match else found


def _one_of(
    value: object, known: dict[str, set[str]], wanted: str, *, default: str | None = None
) -> str:
    found = plain(value).casefold()
    if not found and default is not None:
        return default
    for name, words in known.items():
        if found in words:
            return name
    raise ValueError(f"{plain(value)!r} is none of {wanted}")
