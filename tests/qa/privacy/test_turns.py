"""Numbers read in groups over several turns, and answers named by their question."""

from __future__ import annotations

import pytest

from qa.calls import Role
from qa.privacy import detect_turns
from qa.transcript import Turn

A, C = Role.AGENT, Role.CUSTOMER


def turns_of(*lines):
    return [
        Turn(
            index=at,
            role=role,
            speaker=role.value,
            start_ms=at * 1000,
            end_ms=at * 1000 + 900,
            text=text,
        )
        for at, (role, text) in enumerate(lines)
    ]


CASES = [
    (
        "a mobile in three groups",
        [
            (A, "请问您的手机号？"),
            (C, "幺三八"),
            (A, "嗯"),
            (C, "零零幺三"),
            (A, "好的"),
            (C, "八零零零"),
        ],
        [(1, "PHONE", "幺三八"), (3, "PHONE", "零零幺三"), (5, "PHONE", "八零零零")],
    ),
    (
        "a card read back group by group",
        [
            (C, "卡号是四一一一"),
            (A, "四一一一"),
            (C, "一一一一"),
            (A, "一一一一"),
            (C, "一一一一 一一一一"),
            (A, "好的收到"),
        ],
        [
            (0, "BANK_CARD", "四一一一"),
            (1, "NUMBER", "四一一一"),
            (2, "BANK_CARD", "一一一一"),
            (3, "NUMBER", "一一一一"),
            (4, "BANK_CARD", "一一一一 一一一一"),
        ],
    ),
    (
        "a phone over mm-hmm",
        [
            (A, "What's your phone number?"),
            (C, "it's four one five"),
            (A, "mm-hmm"),
            (C, "five five five two six seven one"),
        ],
        [(1, "PHONE", "four one five"), (3, "PHONE", "five five five two six seven one")],
    ),
    (
        "a code by its question",
        [(A, "验证码是多少？"), (C, "三八四九")],
        [(1, "PASSCODE", "三八四九")],
    ),
    (
        "a code, confirmed first",
        [(A, "请问验证码是多少？"), (C, "好的"), (A, "嗯"), (C, "三八四九")],
        [(3, "PASSCODE", "三八四九")],
    ),
    (
        "a birthday by its question",
        [(A, "What's your date of birth?"), (C, "July 4th, 1985")],
        [(1, "BIRTH_DATE", "July 4th, 1985")],
    ),
    ("a name by its question", [(A, "请问您贵姓？"), (C, "王")], [(1, "PERSON", "王")]),
    (
        "a name in English",
        [(A, "May I have your full name?"), (C, "Sure, Wanda Okoye")],
        [(1, "PERSON", "Wanda Okoye")],
    ),
    (
        "another question ends it",
        [(A, "验证码是多少？"), (C, "没收到"), (A, "您等了多久？"), (C, "大概三四分钟")],
        [],
    ),
    (
        "amounts of two turns are two amounts",
        [(C, "我充了三百"), (A, "好的"), (C, "又充了五百二十")],
        [],
    ),
    (
        "an interruption inside a number",
        [(C, "我的手机是一三八零零"), (A, "不好意思您慢点说"), (C, "一三八零零零")],
        [(0, "PHONE", "一三八零零"), (2, "PHONE", "一三八零零零")],
    ),
]


@pytest.mark.parametrize(
    ("lines", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_across_turns(lines, expected):
    turns = turns_of(*lines)
    found = detect_turns(turns)
    assert [
        (at, one.type, turns[at].text[one.start : one.end])
        for at, each in enumerate(found)
        for one in each
    ] == expected


def test_no_turns_no_findings():
    assert detect_turns([]) == []
    assert detect_turns(turns_of((C, ""))) == [[]]
