"""Conversations in one line for tests: `call(agent("您好"), customer("你好"), language="zh")`."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from qa.analysis import Analysis, CallEvent, EventKind, Gap, Overlap, OverlapKind, TurnSentiment
from qa.calls import Call, Direction, Role
from qa.evaluation import Bilingual
from qa.transcript import RoleAssignment, Transcript, Turn, Word
from scoring.criteria.base import Scope, Side
from scoring.criteria.findings import Finding
from scoring.criteria.means import Means
from scoring.criteria.union import Rule
from scoring.criteria.view import CallView
from scoring.features import stats_from_turns
from scoring.loader_yaml import read_yaml

_PAUSE_MS = 500
_RULES: TypeAdapter[Any] = TypeAdapter(Rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One turn to be: who says what, from when (s), for how long (s), how clearly."""

    role: Role
    text: str
    at: float | None = None
    lasts: float | None = None
    confidence: float = 1.0
    language: str = ""


def agent(text: str, **how: Any) -> Said:
    """The agent says something."""
    return Said(role=Role.AGENT, text=text, **how)


def customer(text: str, **how: Any) -> Said:
    """The customer says something."""
    return Said(role=Role.CUSTOMER, text=text, **how)


def system(text: str, **how: Any) -> Said:
    """A recorded voice says something."""
    return Said(role=Role.SYSTEM, text=text, **how)


def unknown(text: str, **how: Any) -> Said:
    """Somebody says something."""
    return Said(role=Role.UNKNOWN, text=text, **how)


def turns_of(said: Sequence[Said], *, language: str = "zh") -> tuple[Turn, ...]:
    """Turns one after the other, half a second apart, unless times are given."""
    turns, clock = [], 0
    for index, one in enumerate(said):
        start = clock if one.at is None else round(one.at * 1000)
        rate = 250 if (one.language or language) == "zh" else 80
        length = 300 + rate * len(one.text) if one.lasts is None else round(one.lasts * 1000)
        turns.append(
            Turn(
                index=index,
                role=one.role,
                start_ms=start,
                end_ms=start + length,
                text=one.text,
                speaker=one.role.value,
                language=one.language,
                confidence=one.confidence,
            )
        )
        clock = max(clock, start + length + _PAUSE_MS)
    return tuple(turns)


def transcript(*said: Said, language: str = "zh", **fields: Any) -> Transcript:
    """A transcript; further fields of `Transcript` by keyword."""
    turns = turns_of(said, language=language)
    defaults: dict[str, Any] = {
        "call_id": "c1",
        "language": language,
        "duration_ms": max((t.end_ms for t in turns), default=0),
        "turns": turns,
    }
    return Transcript(**{**defaults, **fields})


def call(
    *said: Said,
    language: str = "zh",
    timed: bool = True,
    stereo: bool = False,
    role_confidence: float = 1.0,
    direction: Direction = Direction.INBOUND,
    events: Sequence[CallEvent] = (),
    overlaps: Sequence[Overlap] | None = None,
    gaps: Sequence[Gap] | None = None,
    stats: Mapping[str, Any] | None = None,
    sentiment: Sequence[float] | None = None,
    facts: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    queue: str = "",
    **fields: Any,
) -> Analysis:
    """A whole analysis from what was said.

    `sentiment` gives one score per customer turn; `stats` overrides measured statistics.
    """
    text = transcript(
        *said,
        language=language,
        timed=timed,
        true_overlap=stereo,
        roles=RoleAssignment(confidence=role_confidence),
    )
    measured = stats_from_turns(text, events=events)
    if measured is not None:
        changes = dict(stats or {})
        if overlaps is not None or (stereo and measured.overlaps is None):
            changes.setdefault("overlaps", tuple(overlaps or ()))
        if gaps is not None:
            changes.setdefault("gaps", tuple(gaps))
        measured = replace(measured, **changes)
    return Analysis(
        call=Call(
            id="c1",
            recording_id="r1",
            started_at=datetime(2026, 1, 5, 10, tzinfo=UTC),
            language=language,
            direction=direction,
            queue=queue,
            tags=dict(tags or {}),
        ),
        transcript=text,
        stats=measured,
        events=tuple(events),
        sentiment=_sentiment(text, sentiment),
        facts=dict(facts or {}),
        **fields,
    )


def _sentiment(
    text: Transcript, scores: Sequence[float] | None
) -> tuple[TurnSentiment, ...] | None:
    if scores is None:
        return None
    turns = text.turns_of(Role.CUSTOMER)
    return tuple(
        TurnSentiment(turn_index=turn.index, label=_label(score), score=score)
        for turn, score in zip(turns, scores, strict=False)
    )


def _label(score: float) -> str:
    return "negative" if score < -0.2 else "positive" if score > 0.2 else "neutral"


def event(start: float, end: float, kind: EventKind = EventKind.HOLD) -> CallEvent:
    """An event from one second to another."""
    return CallEvent(kind=kind, start_ms=round(start * 1000), end_ms=round(end * 1000))


def gap(start: float, end: float, *, owner: Role = Role.AGENT, after: int | None = None) -> Gap:
    """Silence from one second to another."""
    return Gap(
        start_ms=round(start * 1000), end_ms=round(end * 1000), owner=owner, after_turn=after
    )


def overlap(
    start: float,
    end: float,
    *,
    by: Role = Role.AGENT,
    turn: int = 1,
    over: int = 0,
    kind: OverlapKind = OverlapKind.MAJOR,
) -> Overlap:
    """Two voices at once from one second to another."""
    return Overlap(
        start_ms=round(start * 1000),
        end_ms=round(end * 1000),
        by=by,
        turn_index=turn,
        over_turn_index=over,
        kind=kind,
    )


def words(
    text: str, *, start_ms: int = 0, each_ms: int = 250, confidence: float = 1.0
) -> tuple[Word, ...]:
    """One word per character (zh) or per space-separated word (en), evenly spaced."""
    pieces = text.split() if text.isascii() else list(text)
    return tuple(
        Word(
            text=piece,
            start_ms=start_ms + each_ms * i,
            end_ms=start_ms + each_ms * (i + 1),
            confidence=confidence,
        )
        for i, piece in enumerate(pieces)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeHit:
    """A hit of the fake matcher."""

    bank: str
    match: str
    similarity: float
    start: int
    end: int
    effect: str
    pattern: str
    confidence: float


class FakeMatcher:
    """Finds listed phrases literally: rules are tested without the lexicon.

    `banks` maps a bank to phrases; a phrase may be `(text, match, confidence)`. Banks that start
    with F deduct when exact or regex, else they are candidates.
    """

    digest = "fake"

    def __init__(self, banks: Mapping[str, Sequence[Any]] | None = None) -> None:
        self.banks = banks or {}

    def hits(
        self, text: str, *, language: str, side: Role | None, banks: Collection[str] | None
    ) -> tuple[FakeHit, ...]:
        found = []
        for bank, phrases in self.banks.items():
            if banks is not None and bank not in banks:
                continue
            for phrase in phrases:
                wanted, match, sure = (
                    phrase if isinstance(phrase, tuple) else (phrase, "exact", 0.95)
                )
                places = re.finditer(re.escape(wanted), text, re.IGNORECASE)
                found += [self._hit(bank, wanted, match, sure, p.start()) for p in places]
        return tuple(found)

    def _hit(self, bank: str, wanted: str, match: str, sure: float, start: int) -> FakeHit:
        effect = "award"
        if bank.startswith("F"):
            effect = "deduct" if match in ("exact", "regex") else "candidate"
        return FakeHit(
            bank=bank,
            match=match,
            similarity=1.0 if match == "exact" else 0.85,
            start=start,
            end=start + len(wanted),
            effect=effect,
            pattern=wanted,
            confidence=sure,
        )

    def title(self, bank: str) -> Bilingual | None:
        return None

    def nearest(self, text: str, *, language: str, bank: str) -> tuple[float, str]:
        phrases = self.banks.get(bank, ())
        first = phrases[0] if phrases else ""
        return (0.5, first[0] if isinstance(first, tuple) else first)


_ZH = {
    "open": ["您好，这里是{b}客服中心，工号{n}为您服务，请问有什么可以帮您？",
             "您好，{b}为您服务，我是客服{s}，请问需要什么帮助？", "喂，您好，请讲。"],
    "need": ["我想查一下我上个月的话费，怎么多了{m}块钱。", "我家宽带从{d}就断网了，一直连不上。",
             "我买的{p}到现在还没有收到，都过去{m}天了。", "我要投诉，你们{d}扣了我{m}块钱也不说一声。",
             "我想把套餐换成{m}块钱的那个，可以吗？", "我的{p}坏了，用不了，怎么办？"],
    "ask": ["请问您的手机号码后四位是多少？", "请问具体是从什么时候开始的？", "您用的是哪一款{p}呢？",
            "请问您登记的姓名是？", "您当时是在哪里办理的呢？", "请问订单号是多少？"],
    "info": ["是{n}。", "大概是{d}下午吧，具体我也记不太清楚了。", "用的是{p}，买了有{m}个月了。",
             "我姓{s}，名字就是登记的那个。", "在你们营业厅办的，当时那个人说没问题。"],
    "work": ["好的，请您稍等，我帮您查一下。", "我这边看到您{d}有一笔{m}元的消费记录。",
             "这个情况是这样的，因为系统在{d}做了调整，所以账单会晚{m}天出来。",
             "我为您登记了，工单号是{n}，工程师会在{d}上午联系您。",
             "非常抱歉给您带来不便，我马上为您核实处理。", "您反映的是{p}的问题，对吗？"],
    "react": ["好的。", "嗯。", "对。", "是的，就是这样。", "哦，那要多久呢？", "我刚才已经说过了。",
              "行吧，那你快点。", "为什么会这样呢，之前都没有说过要收这个钱。"],
    "close": ["请问还有其他需要吗？", "请对我的服务做出评价。", "感谢您的来电，祝您生活愉快，再见。"],
    "bye": ["没有了，谢谢。", "好的，再见。", "行。"],
}  # fmt: skip
_EN = {
    "open": ["Thank you for calling {b}, my name is {s}, how can I help you today?",
             "Good morning, {b} customer care, {s} speaking."],
    "need": ["Hi, I was charged {m} dollars twice on my last bill and I don't know why.",
             "My {p} stopped working on {d} and I can't get it to turn on again.",
             "I'd like to change my plan to the {m} dollar one if that is possible.",
             "This is the third time I'm calling about my {p}, it's still not fixed."],
    "ask": ["Could I have the last four digits of your phone number?", "When did this start happening?",
            "Which {p} are you using?", "May I have your full name please?"],
    "info": ["It's {n}.", "I think it was {d} in the afternoon, I'm not really sure.",
             "The {p}, I bought it about {m} months ago.", "Yes it's {s}, like on the account."],
    "work": ["Bear with me a moment while I pull up your account.",
             "I can see a payment of {m} dollars on {d} here.",
             "I'm sorry about the trouble, I'll raise a ticket for this, the reference is {n}.",
             "So what happened is that the system was updated on {d}, and the bill was {m} days late.",
             "Let me make sure I understand, the {p} is what you are calling about?"],
    "react": ["Okay.", "Right.", "Yes, exactly.", "How long will that take?", "I already told you that.",
              "Nobody told me about that before, why is this so difficult?"],
    "close": ["Is there anything else I can help you with?", "Thank you for calling, goodbye."],
    "bye": ["No, that's all, thanks.", "Bye.", "Okay, thank you."],
}  # fmt: skip


def generated_call(seed: int, *, minutes: float = 5.0, language: str = "zh") -> Analysis:
    """A made-up service call of about so many minutes; the same seed gives the same call."""
    dice = random.Random(seed)
    said = list(_conversation(dice, language, minutes))
    scores = [dice.uniform(-0.8, 0.8) for one in said if one.role == Role.CUSTOMER]
    analysis = call(*said, language=language, stereo=True, sentiment=scores)
    identity = f"g{seed}"
    return replace(
        analysis,
        call=replace(analysis.call, id=identity, agent_id=f"agent-{seed % 20}"),
        transcript=replace(analysis.transcript, call_id=identity),
    )


def _conversation(dice: random.Random, language: str, minutes: float) -> Iterator[Said]:
    lines = _ZH if language == "zh" else _EN
    rate = 250 if language == "zh" else 80
    budget = minutes * 60_000

    def line(kind: str) -> str:
        return dice.choice(lines[kind]).format(**_slots(dice, language))

    yield agent(line("open"))
    yield customer(line("need"))
    used = 12_000.0
    while used < budget - 10_000:
        kinds = dice.choice(
            [("ask", "info"), ("work", "react"), ("work", "info"), ("ask", "react")]
        )
        for kind, speak in zip(kinds, (agent, customer), strict=True):
            text = line(kind) if dice.random() < 0.7 else line(kind) + line(kind)
            used += 800 + rate * len(text)
            yield speak(text)
    for text in lines["close"]:
        yield agent(text)
        yield customer(line("bye"))


def _slots(dice: random.Random, language: str) -> dict[str, str]:
    zh = language == "zh"
    return {
        "b": dice.choice(
            ["星河宽带", "海港银行", "蓝天航空"] if zh else ["Harbor Bank", "Blue Sky Air"]
        ),
        "n": str(dice.randint(1000, 9999)),
        "m": str(dice.randint(2, 300)),
        "s": dice.choice(list("王李张刘陈") if zh else ["Mark", "Ana", "Jennifer", "Tom"]),
        "d": dice.choice(
            ["昨天", "上周三", "前天", "月初"] if zh else ["Monday", "Friday", "the tenth"]
        ),
        "p": dice.choice(
            ["路由器", "手机", "热水器", "光猫", "空调"] if zh else ["router", "phone"]
        ),
    }


def rule(text: str) -> Any:
    """A rule from flow-style YAML, e.g. `{kind: phrase, banks: [G1]}`."""
    plain = read_yaml(text, file="rule")
    assert not plain.problems, plain.problems
    return _RULES.validate_json(json.dumps(plain.data, ensure_ascii=False), strict=True)


def find(
    text: str,
    analysis: Analysis,
    *,
    banks: Mapping[str, Sequence[Any]] | None = None,
    side: str = "agent",
    anchors: Mapping[str, str] | None = None,
    encoder: Any = None,
    options: Mapping[str, str] | None = None,
) -> Finding:
    """What a rule finds in a call, with literal phrase banks."""
    checked = rule(text)
    names = {name: rule(anchor) for name, anchor in (anchors or {}).items()}
    means = Means(
        matcher=FakeMatcher(banks),
        encoder=encoder,
        anchors=names,
        banks=frozenset(banks or ()),
        options=dict(options or {}),
    )
    return checked.check(CallView(analysis, means), Scope(side=Side(side)))
