"""`entity`: numbers, dates, money and other things named in speech, also in redacted form."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from scoring.criteria.base import RuleBase, Scope
from scoring.criteria.findings import Finding, Spot, cannot, first_spots, quote_of, say
from scoring.criteria.view import CallView

_ZH_DIGIT = "0-9〇零一二三四五六七八九幺两"
_EN_DIGIT = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|\d)"

#: Entity → expressions. Spoken digits count one by one; `1.5` and `一百二十` are amounts, not runs.
PATTERNS: dict[str, tuple[re.Pattern[str], ...]] = {
    "long_number": (
        re.compile(rf"(?:[{_ZH_DIGIT}][\s,，\-]?){{8,}}"),
        re.compile(rf"\b{_EN_DIGIT}(?:[\s,\-]+{_EN_DIGIT}){{7,}}\b", re.IGNORECASE),
        re.compile(
            r"[\[<【](?:身份证|银行卡|卡号|账号|ID|CARD|ACCOUNT|CREDIT)[^\]>】]*[\]>】]",
            re.IGNORECASE,
        ),
    ),
    "phone": (
        re.compile(rf"(?:1|幺|一)(?:[{_ZH_DIGIT}][\s\-]?){{10}}(?![{_ZH_DIGIT}])"),
        re.compile(r"\(?\d{3}\)?[\s\-]\d{3}[\s\-]\d{4}\b"),
        re.compile(r"[\[<【](?:手机|电话|PHONE)[^\]>】]*[\]>】]", re.IGNORECASE),
    ),
    "number": (re.compile(rf"\d[\d,.]*|[{_ZH_DIGIT}十百千万]{{2,}}"),),
    "money": (
        re.compile(rf"[{_ZH_DIGIT}十百千万点.]+\s*(?:元|块|美元|毛)"),
        re.compile(
            r"[$£€]\s?\d[\d,.]*|\b[\w-]+ (?:dollars?|pounds?|euros?|cents)\b", re.IGNORECASE
        ),
    ),
    "time": (
        re.compile(
            rf"[{_ZH_DIGIT}十百半]+个?(?:分钟|小时|钟头|天|日|号|周|星期|月|点|工作日)|今天|明天|后天|"
            r"(?:下|本|这)(?:周|个?月|星期)|(?:周|星期|礼拜)[一二三四五六日天]|上午|下午|晚上|中午|月底|年底"
        ),
        re.compile(
            r"\b(?:\d+|an?|one|two|three|four|five|six|seven|eight|ten|twelve|twenty.four|forty.eight)"
            r"(?:\s+(?:to|or)\s+\w+)?\s+(?:business\s+|working\s+)?(?:minutes?|hours?|days?|weeks?|months?)\b"
            r"|\b(?:today|tonight|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day|noon|midnight|"
            r"this (?:morning|afternoon|evening)|next (?:week|month)|end of (?:the )?(?:day|week|month))\b"
            r"|\b\w+\s?(?:[ap]\.?m\b|o'clock)",
            re.IGNORECASE,
        ),
    ),
    "reference": (
        re.compile(
            rf"(?:工单|单号|编号|流水号|受理号|案件号)[^，。]{{0,6}}?[A-Za-z{_ZH_DIGIT}][A-Za-z{_ZH_DIGIT}]+"
        ),
        re.compile(
            r"\b(?:reference|ticket|case|order|confirmation|incident)(?: number| id)?(?: is|:)?\s+"
            rf"(?:[A-Z]{{0,3}}\d\w*|{_EN_DIGIT}\b)",
            re.IGNORECASE,
        ),
    ),
}


def entity_spans(kind: str, text: str) -> list[tuple[int, int]]:
    """Stretches of a text that name an entity of a kind."""
    spans = {match.span() for pattern in PATTERNS[kind] for match in pattern.finditer(text)}
    return sorted(spans)


def entities_of(view: CallView, kind: str, pos: int) -> list[tuple[int, int]]:
    """Entities of one turn, found once per call."""
    key = ("entity", kind)
    if key not in view.memo:
        view.memo[key] = {
            p: spans
            for p, turn in enumerate(view.turns)
            if (spans := entity_spans(kind, turn.text))
        }
    found: dict[int, list[tuple[int, int]]] = view.memo[key]
    return found.get(pos, [])


class Entity(RuleBase):
    """Entities a side names: long_number (8 or more digits), phone, number, money, time, reference."""

    kind: Literal["entity"]
    of: tuple[Literal["long_number", "phone", "number", "money", "time", "reference"], ...]
    at_least: Annotated[int, Field(ge=1)] = 1

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Find the entities."""
        scope = self.scoped(scope)
        name = "/".join(self.of)
        if not view.has_side(scope.side):
            return cannot(
                "没有可辨认的该方讲话", "nobody of this side is known to speak", rule=name
            )
        spots: list[Spot] = []
        for pos in view.positions(Scope(side=scope.side)):
            for kind in self.of:
                for start, end in entities_of(view, kind, pos):
                    spots.append(view.place(pos, start, end, rule=f"entity {kind}"))
        spots = view.within(spots, scope)
        if spots:
            quote = quote_of(spots[0], view.turns)
            reason = say(f"提到“{quote}”", f"“{quote}” is named")
        else:
            reason = say(f"没有提到 {name}", f"no {name} is named")
        return Finding(
            share=1.0 if len(spots) >= self.at_least else 0.0,
            reason=reason,
            rule=f"entity {name}",
            spots=first_spots(spots, 50),
            confidence=max((s.confidence for s in spots), default=0.0) or view.heard(scope),
            measured={"hits": float(len(spots)), "needed": float(self.at_least)},
        )
