"""`question`: questions asked, counted, in one turn or in the window."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from scoring.criteria.base import RuleBase, Scope, Side
from scoring.criteria.findings import Finding, Spot, cannot, counted, first_spots, say
from scoring.criteria.view import CallView

_ZH = re.compile(
    r"[^，。！？；,.!?;]*(?:吗|呢|么|什么|怎么|哪|几(?:个|点|天|号|次|时)|多少|谁|为何|为什么|是不是|有没有|"
    r"能不能|可不可以|是否|请问|多久|还是[^，。]{1,8}呢?)[^，。！？；,.!?;]*[？?。，！,.!；;]?|[^，。！？；,.!?;]+[？?]"
)
#: 呢/吗-less uses that are not questions: "没什么", "不怎么", "怎么都行", "那么".
_ZH_NOT = re.compile(
    r"没什么|不怎么|怎么都|什么都|谁都|哪里哪里|那么|这么|多么|无论|不管|有什么问题随时"
)
#: Every Chinese question has one of these; looking for them first is several times faster.
_ZH_SIGN = re.compile("[吗呢么哪几多谁为是有能可请还?？]")
_EN_ASKED = (
    r"(?:(?<=[.!?,;])|^)\s*(?:what|when|where|which|who|why|how|could|can|would|will|may|do|"
    r"does|did|is|are|was|were|have|has|had)\s+(?:you|your|i|it|the|this|that|there|we|they|many|much|"
    r"long|old|about|is|are|was|were|do|does|did|happened|time|kind|plan|would)\b[^.?!,;]*"
)
_EN = re.compile(rf"[^.?!]*\?|{_EN_ASKED}", re.IGNORECASE)
_EN_UNMARKED = re.compile(_EN_ASKED, re.IGNORECASE)
_EN_NOT = re.compile(
    r"^\s*(?:what i|when you|if |where you|how you|which is|who is calling)", re.IGNORECASE
)


def question_spans(text: str, language: str) -> list[tuple[int, int]]:
    """Stretches of a turn that are questions."""
    if language == "zh":
        if not _ZH_SIGN.search(text):
            return []
        found = [m.span() for m in _ZH.finditer(text) if not _ZH_NOT.search(m.group())]
    else:
        pattern = _EN if "?" in text else _EN_UNMARKED
        found = [m.span() for m in pattern.finditer(text) if not _EN_NOT.search(m.group())]
    return [(start, end) for start, end in found if end - start > 1]


def questions_of(view: CallView, pos: int) -> list[tuple[int, int]]:
    """Questions of one turn, found once per call."""
    key = ("questions", pos)
    if key not in view.memo:
        view.memo[key] = question_spans(view.turns[pos].text, view.language_of(pos))
    return view.memo[key]


def _spots_by_turn(view: CallView, side: Side) -> dict[int, list[Spot]]:
    """All questions of a side as spots, placed once per call."""
    key = ("question spots", side)
    if key not in view.memo:
        view.memo[key] = {
            pos: [view.place(pos, start, end, rule="question") for start, end in spans]
            for pos in view.positions(Scope(side=side))
            if (spans := questions_of(view, pos))
        }
    found: dict[int, list[Spot]] = view.memo[key]
    return found


class Question(RuleBase):
    """Questions of a side: `at_least` of them in the window, or `in_one_turn`."""

    kind: Literal["question"]
    at_least: Annotated[int, Field(ge=1)] = 1
    not_banks: tuple[str, ...] = ()
    """Turns in which one of these banks hits do not count (identity checks, closing questions)."""
    in_one_turn: bool = False
    """Count inside single turns: each turn with `at_least` questions is one hit."""

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Find the questions."""
        scope = self.scoped(scope)
        if not view.has_side(scope.side):
            return cannot(
                "没有可辨认的该方讲话", "nobody of this side is known to speak", rule="question"
            )
        barred = {
            s.pos for bank in self.not_banks for s in view.spots(bank, Scope(side=scope.side))
        }
        everything = _spots_by_turn(view, scope.side)
        by_turn = {pos: spots for pos, spots in everything.items() if pos not in barred}
        if self.in_one_turn:
            crowded = [found[0] for found in by_turn.values() if len(found) >= self.at_least]
            spots = view.within(crowded, scope)
            met = bool(spots)
        else:
            spots = view.within([s for found in by_turn.values() for s in found], scope)
            met = len(spots) >= self.at_least
        return Finding(
            share=1.0 if met else 0.0,
            reason=say(
                f"提问 {len(spots)} 次(阈值 {self.at_least} 次)",
                f"{counted(len(spots), 'question')} (threshold {self.at_least})",
            ),
            rule="question",
            spots=first_spots(spots, 50),
            confidence=max((s.confidence for s in spots), default=0.0) or view.heard(scope),
            measured={"questions": float(len(spots)), "threshold": float(self.at_least)},
        )
