"""`entity`: numbers, dates, money and other things named in speech, also in redacted form."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from qa.calls import Role
from scoring.criteria.base import RuleBase, Scope, Side
from scoring.criteria.findings import Finding, Spot, cannot, first_spots, quote_of, say
from scoring.criteria.searching import Spans, search_text, spans_by_turn
from scoring.criteria.view import CallView

_ZH_DIGIT = "0-9〇零一二三四五六七八九幺两"
_EN_DIGIT = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|\d)"

_AMOUNT_EN = "an?|one|two|three|four|five|six|seven|eight|ten|twelve|twenty.four|forty.eight"
_TIME_ZH = (
    rf"[{_ZH_DIGIT}十百半]{{1,8}}个?(?:分钟|小时|钟头|天|日|号|周|星期|月|点|工作日)"
    r"|今天|明天|后天|(?:下|本|这)(?:周|个?月|星期)|(?:周|星期|礼拜)[一二三四五六日天]"
    r"|上午|下午|晚上|中午|月底|年底"
)
_TIME_EN = (
    rf"\b(?:\d{{1,4}}|{_AMOUNT_EN})(?:\s(?:to|or)\s\w{{1,12}})?\s(?:business\s|working\s)?"
    r"(?:minutes?|hours?|days?|weeks?|months?)\b"
    r"|\b(?:today|tonight|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day|noon|midnight|"
    r"this (?:morning|afternoon|evening)|next (?:week|month)|"
    r"end of (?:the )?(?:day|week|month))\b"
    r"|\b\w{1,12}\s?(?:[ap]\.?m\b|o'clock)"
)
_REFERENCE_EN = (
    r"\b(?:reference|ticket|case|order|confirmation|incident)(?: number| id)?(?: is|:)?\s{1,3}"
    rf"(?:[a-z]{{0,3}}\d\w{{0,20}}|{_EN_DIGIT}\b)"
)
_REFERENCE_ZH = (
    r"(?:工单|单号|编号|流水号|受理号|案件号)[^，。]{0,6}?"
    rf"[a-z{_ZH_DIGIT}][a-z{_ZH_DIGIT}]{{1,30}}"
)

#: Placeholders (`qa.privacy.redaction`) that stand for eight digits or more.
_HIDDEN_NUMBERS = (
    "(?:phone|id_card|bank_card|account|passport|us_ssn|iban|driver_license|number)_"
    "|电话|身份证|银行卡|账号|护照|社会安全号|国际账号|驾照|号码"
)

#: Entity → expressions. Spoken digits count one by one; `1.5` and `一百二十` are amounts, not runs.
PATTERNS: dict[str, tuple[str, ...]] = {
    "long_number": (
        rf"(?:[{_ZH_DIGIT}][\s,，\-]?){{8,40}}",
        rf"\b{_EN_DIGIT}(?:[\s,\-][\s,]?{_EN_DIGIT}){{7,40}}\b",
        r"[\[<【](?:身份证|银行卡|卡号|账号|id|card|account|credit)[^\]>】]{0,20}[\]>】]",
        rf"\[(?:{_HIDDEN_NUMBERS})\d{{1,4}}\]",
    ),
    "phone": (
        rf"(?:1|幺|一)(?:[{_ZH_DIGIT}][\s\-]?){{10}}(?![{_ZH_DIGIT}])",
        r"\(?\d{3}\)?[\s\-]\d{3}[\s\-]\d{4}\b",
        r"[\[<【](?:手机|电话|phone)[^\]>】]{0,20}[\]>】]",
    ),
    "number": (rf"\d[\d,.]{{0,20}}|[{_ZH_DIGIT}十百千万]{{2,20}}",),
    "money": (
        rf"[{_ZH_DIGIT}十百千万点.]{{1,20}}\s?(?:元|块|美元|毛)",
        r"[$£€]\s?\d[\d,.]{0,20}|\b[\w-]{1,20} (?:dollars?|pounds?|euros?|cents)\b",
    ),
    "time": (_TIME_ZH, _TIME_EN),
    "reference": (_REFERENCE_ZH, _REFERENCE_EN, r"\[(?:order_|单号)\d{1,4}\]"),
}


def entity_spans(kind: str, text: str) -> Spans:
    """Stretches of a text that name an entity of a kind."""
    return sorted({span for pattern in PATTERNS[kind] for span in search_text(pattern, text)})


def entities_of(view: CallView, kind: str, pos: int) -> Spans:
    """Entities of one turn."""
    return _entities(view, kind, view.turns[pos].role).get(pos, [])


def _entities(view: CallView, kind: str, role: Role) -> dict[int, Spans]:
    """Entities of a role's turns by position, found once per call."""
    key = ("entity", kind, role)
    if key not in view.memo:
        found: dict[int, set[tuple[int, int]]] = {}
        for pattern in PATTERNS[kind]:
            for pos, spans in spans_by_turn(pattern, view, role).items():
                found.setdefault(pos, set()).update(spans)
        view.memo[key] = {pos: sorted(spans) for pos, spans in found.items()}
    known: dict[int, Spans] = view.memo[key]
    return known


def _entity_spots(view: CallView, kind: str, side: Side) -> list[Spot]:
    """All entities of a kind a side names, placed once per call."""
    key = ("entity spots", kind, side)
    if key not in view.memo:
        view.memo[key] = [
            view.place(pos, start, end, rule=f"entity {kind}")
            for role in side.roles
            for pos, spans in sorted(_entities(view, kind, role).items())
            for start, end in spans
        ]
    found: list[Spot] = view.memo[key]
    return found


class Entity(RuleBase):
    """Entities a side names; a `long_number` has 8 or more digits."""

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
        spots = [spot for kind in self.of for spot in _entity_spots(view, kind, scope.side)]
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
