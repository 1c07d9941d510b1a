"""Texts without what was found: typed placeholders, the same one for the same value in a call."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from qa.characters import has_han
from qa.privacy import found as kinds
from qa.privacy.detect import detect
from qa.privacy.digits import digit_groups
from qa.privacy.found import Found
from qa.privacy.view import fold

LABELS_ZH = {
    kinds.PHONE: "电话",
    kinds.ID_CARD: "身份证",
    kinds.BANK_CARD: "银行卡",
    kinds.CVV: "安全码",
    kinds.PASSCODE: "密码",
    kinds.EMAIL: "邮箱",
    kinds.PLATE: "车牌",
    kinds.ORDER: "单号",
    kinds.ACCOUNT: "账号",
    kinds.BIRTH_DATE: "出生日期",
    kinds.ADDRESS: "地址",
    kinds.PERSON: "姓名",
    kinds.PASSPORT: "护照",
    kinds.US_SSN: "社会安全号",
    kinds.ZIP: "邮编",
    kinds.IBAN: "国际账号",
    kinds.DRIVER_LICENSE: "驾照",
    kinds.IP_ADDRESS: "网络地址",
    kinds.NUMBER: "号码",
    kinds.LAST_DIGITS: "尾号",
}

#: A placeholder in a text; `kind` is its type or its Chinese name.
PLACEHOLDER = re.compile(
    rf"\[(?:(?P<kind>{'|'.join(kinds.TYPES)})_|(?P<name>{'|'.join(LABELS_ZH.values())}))"
    r"(?P<number>\d{1,4})\]"
)
_KINDS_ZH = {name: kind for kind, name in LABELS_ZH.items()}


class Numbering:
    """Gives each distinct value of a call its number, so that readers can follow who is who.

    Values are compared by their digits (`一三八…` = `138…`) or their folded text. The object
    holds the values while a call is redacted and must not be stored.

    Args:
        language: `zh…` writes `[电话1]`; anything else writes `[PHONE_1]`.
    """

    def __init__(self, language: str = "") -> None:
        self._chinese = language.lower().startswith("zh")
        self._numbers: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._taken: defaultdict[str, int] = defaultdict(int)

    def reserve(self, text: str) -> None:
        """Leave out the numbers of placeholders that stand in `text` already."""
        for match in PLACEHOLDER.finditer(text):
            kind = match["kind"] or _KINDS_ZH[match["name"]]
            self._taken[kind] = max(self._taken[kind], int(match["number"]))

    def placeholder(self, kind: str, value: str, *, language: str = "") -> str:
        """The placeholder of a value, the same number whenever it comes again.

        Args:
            kind: One of `found.TYPES`.
            value: What it stands for.
            language: `zh` or `en` to write it in; the call's when empty.
        """
        numbers = self._numbers[kind]
        number = numbers.setdefault(_key(value), self._taken[kind] + len(numbers) + 1)
        chinese = language.startswith("zh") if language else self._chinese
        return f"[{LABELS_ZH[kind]}{number}]" if chinese else f"[{kind}_{number}]"


def _key(value: str) -> str:
    folded = fold(value)
    digits = "".join(group.digits for group in digit_groups(folded))
    return digits if len(digits) > 3 else "".join(folded.split())


def redact_note(text: str) -> str:
    """What somebody typed (a survey's comment, a case's note) without personal data."""
    numbering = Numbering("zh" if has_han(text) else "en")
    numbering.reserve(text)
    return redact(text, detect(PLACEHOLDER.sub(_mask, text)), numbering)


def _mask(match: re.Match[str]) -> str:
    return "█" * len(match[0])


def redact(text: str, found: Sequence[Found], numbering: Numbering, *, language: str = "") -> str:
    """`text` with each span replaced by its placeholder.

    Args:
        text: What `found` refers to.
        found: Disjoint spans, as `detect` and `detect_turns` return them.
        numbering: One per call.
        language: Language of the placeholders; the call's when empty.
    """
    parts: list[str] = []
    position = 0
    for one in sorted(found, key=lambda span: span.start):
        parts.append(text[position : one.start])
        parts.append(numbering.placeholder(one.type, text[one.start : one.end], language=language))
        position = one.end
    return "".join(parts) + text[position:]
