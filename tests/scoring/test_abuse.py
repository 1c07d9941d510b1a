"""Abusive customers, told from unhappy ones."""

import pytest

from qa.calls import Role
from qa.transcript import Transcript, Turn
from scoring.abuse import is_abusive


def call(*lines):
    """Turns of the customer; a leading `A:` makes it the agent's."""
    turns = [
        Turn(
            index=at,
            speaker="x",
            role=Role.AGENT if text.startswith("A:") else Role.CUSTOMER,
            start_ms=at * 1000,
            end_ms=at * 1000 + 900,
            text=text.removeprefix("A:"),
        )
        for at, text in enumerate(lines)
    ]
    return Transcript(call_id="c", language="zh", duration_ms=60_000, turns=tuple(turns))


@pytest.mark.parametrize(
    "lines",
    [
        ("你们就是骗子，你个废物", "滚蛋，叫你们领导来"),
        ("操你妈的", "我说了你是不是脑残"),
        ("信不信我找人打你",),
        ("你给我小心点，我弄死你",),
        ("You're a fucking idiot", "Oh shut the fuck up"),
        ("I'll kill you if this isn't fixed",),
        ("You stupid, stupid man", "you are such a moron"),
    ],
)
def test_threats_and_repeated_insults_are_abuse(lines):
    assert is_abusive(call(*lines))


@pytest.mark.parametrize(
    "lines",
    [
        ("你们这网络太垃圾了", "我都快气死了", "这破东西他妈的又坏了"),
        ("你个废物", "对不起，我刚才太急了"),  # once
        ("上一个客服骂我傻逼", "他还骂我脑残"),  # reported
        ("A:你是不是脑残", "A:滚蛋"),  # the agent's, another matter
        ("别打死我也不信啊", "这事烦死你们了吧"),
        ("This is fucking ridiculous", "the router is a piece of crap", "I'm so damn angry"),
        ("I feel like an idiot, sorry", "your colleague called me a moron and a bitch"),
        ("If you could kill the old contract", "I will beat the deadline"),
        ("小猪佩奇的套餐多少钱", "你猪年的积分"),
    ],
)
def test_anger_is_not_abuse(lines):
    assert not is_abusive(call(*lines))
