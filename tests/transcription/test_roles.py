"""Who is the agent: words, order, layout; and how sure."""

from __future__ import annotations

import json

import pytest

from qa.calls import ChannelLayout, Direction, Role
from qa.transcript import Turn
from transcription.roles import apply_roles, assign_roles, is_recorded_voice


def call(*lines):
    """Turns from `"label: text"` lines."""
    turns = []
    for index, line in enumerate(lines):
        speaker, _, text = line.partition(": ")
        turns.append(
            Turn(
                index=index,
                role=Role.UNKNOWN,
                start_ms=index * 4_000,
                end_ms=index * 4_000 + 3_000,
                text=text,
                speaker=speaker,
            )
        )
    return turns


ENGLISH = call(
    "S0: Thank you for calling Harbor Bank, this is Ana, how can I help you?",
    "S1: Hi, I'd like to check why my card was declined.",
    "S0: I'm sorry about that. Can I have your account number please?",
    "S1: Sure, it's one two three four.",
    "S0: One moment please, let me check that for you.",
    "S1: Okay.",
    "S0: Your card has expired. Is there anything else I can help you with?",
    "S1: No, that's all, thanks.",
)
CHINESE = call(
    "S0: 您好，星河客服，工号一零二三，请问有什么可以帮您？",
    "S1: 我想查一下我的话费，怎么这个月扣了这么多？",
    "S0: 好的，请您提供一下手机号码，我帮您查一下。",
    "S1: 幺三八零零零零零零零零。",
    "S0: 请您稍等。系统显示您订了一个视频套餐。",
    "S1: 我没有订过啊，你们怎么回事？",
    "S0: 非常抱歉，我马上为您取消。请问还有其他需要吗？",
    "S1: 没有了。",
)


def swapped(turns):
    other = {"S0": "S1", "S1": "S0"}
    return [
        Turn(
            index=t.index,
            role=t.role,
            start_ms=t.start_ms,
            end_ms=t.end_ms,
            text=t.text,
            speaker=other[t.speaker],
        )
        for t in turns
    ]


@pytest.mark.parametrize("turns", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_words_tell_the_sides_apart_whatever_the_labels(turns):
    straight, crossed = assign_roles(turns), assign_roles(swapped(turns))
    assert straight.roles == {"S0": Role.AGENT, "S1": Role.CUSTOMER}
    assert crossed.roles == {"S1": Role.AGENT, "S0": Role.CUSTOMER}
    assert straight.confidence == crossed.confidence >= 0.9
    assert any(reason.startswith("greeting") for reason in straight.reasons)


def test_a_misheard_chinese_opening_still_counts():
    heard = call(
        "S0: 您好，很高興為您服務，公號一零二三",
        "S1: 喂你好，我想問一下寬帶",
        "S0: 请问怎么称呼你",
        "S1: 我姓王",
    )
    assert assign_roles(heard).roles["S0"] == Role.AGENT


def test_without_words_that_tell_a_person_is_asked():
    quiet = call("S0: 嗯。", "S1: 对。", "S0: 是。", "S1: 好。")
    assert assign_roles(quiet).confidence < 0.75


def test_the_layout_is_evidence_not_proof():
    sides = [
        Turn(
            index=t.index,
            role=t.role,
            start_ms=t.start_ms,
            end_ms=t.end_ms,
            text=t.text,
            speaker={"S0": "left", "S1": "right"}[t.speaker],
        )
        for t in ENGLISH
    ]
    right = assign_roles(sides, layout=ChannelLayout.AGENT_LEFT)
    assert right.roles["left"] == Role.AGENT
    wrong = assign_roles(sides, layout=ChannelLayout.AGENT_RIGHT)
    assert wrong.roles["left"] == Role.AGENT
    assert wrong.confidence < right.confidence
    silent = call("left: uh huh", "right: yeah")
    assert assign_roles(silent, layout=ChannelLayout.AGENT_RIGHT).roles["right"] == Role.AGENT
    assert assign_roles(silent, layout=ChannelLayout.AGENT_RIGHT).confidence >= 0.75


@pytest.mark.parametrize(
    ("direction", "agent"),
    [(Direction.INBOUND, "S0"), (Direction.OUTBOUND, "S1"), (Direction.UNKNOWN, "S0")],
)
def test_who_picks_up(direction, agent):
    call_ = call("S0: Hello?", "S1: Hello.", "S0: Yes.", "S1: Right.")
    assert assign_roles(call_, direction=direction).roles[agent] == Role.AGENT


def test_an_outbound_agent_introduces_the_house():
    turns = call(
        "S0: Hello?",
        "S1: Hi, this is Mark calling from Harbor Bank.",
        "S0: Okay, what's this about?",
        "S1: We have an offer on your account. Can I verify your date of birth?",
        "S0: I'm not interested.",
        "S1: No problem, have a great day.",
    )
    assigned = assign_roles(turns, direction=Direction.OUTBOUND)
    assert assigned.roles == {"S0": Role.CUSTOMER, "S1": Role.AGENT}


def test_the_company_name_helps_the_side_that_says_it_early():
    turns = call("S0: 喂，你好。", "S1: 你好，星河。", "S0: 嗯。", "S1: 嗯。")
    plain = assign_roles(turns)
    named = assign_roles(turns, company_names=["星河"])
    assert named.roles["S1"] == Role.AGENT
    assert plain.roles != named.roles or named.confidence > plain.confidence


def test_a_menu_is_a_system_voice():
    turns = call(
        "S0: 欢迎致电星河，账单查询请按1，人工服务请按0。",
        *(f"{'S1' if t.speaker == 'S0' else 'S2'}: {t.text}" for t in CHINESE),
    )
    assigned = assign_roles(turns)
    assert assigned.roles == {"S0": Role.SYSTEM, "S1": Role.AGENT, "S2": Role.CUSTOMER}
    assert [turn.role for turn in apply_roles(turns, assigned)][:2] == [Role.SYSTEM, Role.AGENT]


def test_a_second_agent_after_a_transfer_is_an_agent():
    turns = call(
        *(f"{t.speaker}: {t.text}" for t in ENGLISH[:6]),
        "S0: I'll transfer you to my colleague.",
        "S2: Thank you for holding, this is Tom with card services, how can I help?",
        "S1: My card was declined.",
        "S2: Let me check your account. May I have your date of birth?",
        "S1: I told the other lady already.",
        "S2: I apologize. I'll send you a new card. Anything else I can do?",
        "S1: No, that's it.",
    )
    assert assign_roles(turns).roles == {
        "S0": Role.AGENT,
        "S1": Role.CUSTOMER,
        "S2": Role.AGENT,
    }


def test_a_bystander_does_not_become_the_customer():
    turns = call(*(f"{t.speaker}: {t.text}" for t in ENGLISH), "S2: I want it.")
    roles = assign_roles(turns).roles
    assert roles["S1"] == Role.CUSTOMER
    assert roles["S0"] == Role.AGENT


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("Thank you for calling Harbor Bank, how can I help you?", Role.AGENT),
        ("I'd like to cancel my order, I've been waiting for a week", Role.CUSTOMER),
    ],
)
def test_one_speaker_alone(line, role):
    assigned = assign_roles(call(f"S0: {line}"))
    assert assigned.roles == {"S0": role}
    assert "one_speaker" in assigned.reasons


def test_nobody():
    assert assign_roles([]).confidence == 0
    assert assign_roles(call("S0: ")).roles == {}


@pytest.mark.parametrize(
    ("text", "recorded"),
    [
        ("For sales, press one. For support, press two.", True),
        ("Please leave a message after the beep.", True),
        ("Your call is important to us. Please stay on the line.", True),
        ("您的来电对我们非常重要，座席正忙，请不要挂机。", True),
        ("您拨打的电话正在通话中，暂时无法接通", True),
        ("This call may be recorded. How can I help you?", False),
        ("欢迎致电星河，我是客服小李", False),
        ("I pressed one and nothing happened", False),
        ("Please press the power button for ten seconds.", False),
        ("Press one on the remote, then tell me what you see.", False),
        ("请您按1键确认一下。", False),
        ("请不要挂机，我正在为您转接。", False),
        ("您好，欢迎致电星河，本次通话会录音，请不要挂机，请问您贵姓", False),
        ("He's not available, I can leave a message for him.", False),
        ("Press one for English. Para español, oprima el dos.", True),
        ("This call may be recorded. Please stay on the line.", False),
        ("Your call may be recorded. Please stay on the line.", True),
        ("请您稍等", False),
    ],
)
def test_recorded_voices(text, recorded):
    assert is_recorded_voice(text) is recorded


def _dialogues(place):
    for name, key, role, text in (
        ("harper_valley_turns.jsonl", "sid", "speaker_role", "transcript"),
        ("crosswoz_turns.jsonl", "dialog_id", "role", "text"),
    ):
        found = {}
        for line in (place / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found.setdefault(row[key], []).append((row[role] == "agent", row[text]))
        yield name, list(found.values())
    calls = []
    for path in sorted((place / "synthetic_calls").glob("*.json")):
        said = json.loads(path.read_text(encoding="utf-8"))["Conversation"]["Messages"]
        calls.append([(m["EventType"] == "MessageFromBotOrAgent", m["Value"] or "") for m in said])
    yield "synthetic_calls", calls


@pytest.mark.evaldata
def test_right_on_95_percent_of_real_dialogues(evaldata):
    for name, dialogues in _dialogues(evaldata / "text"):
        right = total = 0
        for lines in dialogues:
            agents = sum(1 for agent, _ in lines if agent)
            if min(agents, len(lines) - agents) < 6:
                continue
            turns = call(*(f"{'A' if agent else 'B'}: {text}" for agent, text in lines))
            roles = assign_roles(turns).roles
            right += roles.get("A") == Role.AGENT and roles.get("B") == Role.CUSTOMER
            total += 1
        assert total == 0 or right / total >= 0.95, (name, right, total)
