"""Manifest columns without personal data: they become tags, which lists and exports show."""

from __future__ import annotations

import re
from collections.abc import Mapping

from qa.privacy import found as kinds
from qa.privacy.detect import detect
from qa.privacy.redaction import PLACEHOLDER

_FROM_NAME = (
    (kinds.PHONE, r"phone|mobile|msisdn|cell|caller(?:_?id)?|ani|手机|电话|来电号码|主叫"),
    (kinds.EMAIL, r"e?mail|邮箱|邮件"),
    (kinds.ID_CARD, r"id_?card|identity|national_?id|身份证|证件号"),
    (kinds.BANK_CARD, r"card_?(?:no|number)|pan|银行卡|卡号"),
    (kinds.PERSON, r"(?:customer|client|caller|contact|full|first|last|sur)_?name|姓名|客户名"),
    (kinds.ADDRESS, r"address|地址|住址"),
    (kinds.ACCOUNT, r"account_?(?:no|number|id)|账号|帐号|户号"),
    (kinds.BIRTH_DATE, r"birth|dob|生日|出生"),
    (kinds.US_SSN, r"ssn|social_?security"),
    (kinds.PASSPORT, r"passport|护照"),
    (kinds.PLATE, r"plate|车牌"),
)
_NAMES = re.compile(
    "|".join(f"(?P<{kind}>(?<![a-z])(?:{words})(?![a-z]))" for kind, words in _FROM_NAME)
)
_FILE_NUMBER = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|[\w.+-]+@[\w-]+\.\w+")


def redact_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags with personal values replaced by their type, by the column's name and by the value."""
    return {name: _value(name, str(value)) for name, value in tags.items()}


def _value(name: str, value: str) -> str:
    if not value.strip() or PLACEHOLDER.fullmatch(value):
        return value
    by_name = _NAMES.search(name.strip().lower().replace("-", "_").replace(" ", "_"))
    if by_name:
        return f"[{by_name.lastgroup}_1]"
    shown, numbers = value, 0
    for one in reversed(detect(value)):
        if one.type != kinds.NUMBER:
            numbers += 1
            shown = f"{shown[: one.start]}[{one.type}_{numbers}]{shown[one.end :]}"
    return shown


def tells_customer(text: str) -> bool:
    """Whether an id guessed from a file name holds a customer's mobile number or e-mail."""
    return _FILE_NUMBER.search(text) is not None
