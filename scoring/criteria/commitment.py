"""`commitment`: a next step that says who, what and when (S8.3, complaint step 6)."""

from __future__ import annotations

import re
from typing import Literal

from scoring.criteria.base import RuleBase, Scope
from scoring.criteria.entity import entities_of
from scoring.criteria.findings import Finding, Spot, cannot, first_spots, quote_of, say
from scoring.criteria.view import CallView

_WHO = {
    "zh": re.compile(
        r"我(?:们|这边)?|工程师|专员|同事|师傅|技术部|技术人员|您(?:会|将|就)(?:能|可以)?(?:收到|接到)|短信|客服(?:人员)?|经理|主管|部门|快递员|维修|系统(?:会|将)?"
    ),
    "en": re.compile(
        r"\b(?:i|we|i'll|we'll|engineer|technician|specialist|colleague|manager|supervisor|team|someone|"
        r"agent|department|courier|you'll (?:hear|get|receive)|system)\b",
        re.IGNORECASE,
    ),
}
_WHAT = {
    "zh": re.compile(
        r"回电|回复|答复|联系您|联系你|上门|反馈|通知|跟进|处理|到账|退款|寄出|发(?:给|到|送)|短信|维修|更换|解决|"
        r"核实|致电|打给|更新|提交|安排|转达"
    ),
    "en": re.compile(
        r"\b(?:call(?: you)?(?: back)?|ring|hear from|contact|email|text|send|update|"
        r"follow up|refund|"
        r"visit|come|be with you|arrive|process|resolve|fix|replace|ship|deliver|credit|post|reply|"
        r"get back|check|receive)\b",
        re.IGNORECASE,
    ),
}
#: A promise looks ahead; the same words in the past tense are a report.
_AHEAD = {
    "zh": re.compile(
        r"会|将|之内|以内|内|之前|前|最迟|最晚|给您|帮您|为您|预计|左右|随后|稍后|明天|后天"
    ),
    "en": re.compile(
        r"\b(?:will|'ll|going to|within|by|tomorrow|shortly|expect|"
        r"should (?:be|receive|get|hear)|takes?|"
        r"next|soon|later)\b|'ll\b",
        re.IGNORECASE,
    ),
}


class Commitment(RuleBase):
    """The best single promise of the side: ⅓ each for who, what and when.

    “尽快/soon” is no time. With `reference`, a ticket number in the call is needed for the credit
    of one more part (complaint step 6: time and reference).
    """

    kind: Literal["commitment"]
    bank: str = "R3"
    reference: bool = False

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Grade every turn that promises something and keep the best."""
        scope = self.scoped(scope)
        if not view.has_side(scope.side):
            return cannot(
                "没有可辨认的该方讲话", "nobody of this side is known to speak", rule="commitment"
            )
        banked = {
            spot.pos: spot for spot in view.spots(self.bank, scope) if spot.effect != "candidate"
        }
        best: tuple[int, int, tuple[bool, bool, bool]] | None = None
        for pos in view.positions(scope):
            if pos not in banked and not _looks_ahead(view, pos):
                continue
            parts = _parts(view, pos)
            promising = pos in banked or parts[1]
            if promising and (best is None or sum(parts) > best[0]):
                best = (sum(parts), pos, parts)
        return self._finding(view, scope, best, banked)

    def _finding(
        self,
        view: CallView,
        scope: Scope,
        best: tuple[int, int, tuple[bool, bool, bool]] | None,
        banked: dict[int, Spot],
    ) -> Finding:
        if best is None:
            return Finding(
                share=0.0,
                reason=say("没有说明下一步由谁、做什么、何时完成", "no next step is promised"),
                rule="commitment",
                confidence=view.heard(scope),
                measured={"parts": 0.0, "of": 3.0},
            )
        count, pos, (who, what, when) = best
        spot = banked.get(pos) or view.place(pos, 0, len(view.turns[pos].text), rule="commitment")
        of = 3
        spots = [spot]
        if self.reference:
            of = 4
            found = _reference(view, scope)
            count += found is not None
            spots += [found] if found else []
        lack_zh = "、".join(
            n for n, ok in (("谁", who), ("做什么", what), ("何时", when)) if not ok
        )
        lack_en = ", ".join(n for n, ok in (("who", who), ("what", what), ("when", when)) if not ok)
        quote = quote_of(spot, view.turns)
        return Finding(
            share=count / of,
            reason=say(
                f"承诺“{quote}”{'缺：' + lack_zh if lack_zh else '完整'}",
                f"promise “{quote}” {'lacks ' + lack_en if lack_en else 'is complete'}",
            ),
            rule="commitment",
            spots=first_spots(spots),
            confidence=spot.confidence,
            measured={"parts": float(count), "of": float(of)},
        )


def _parts(view: CallView, pos: int) -> tuple[bool, bool, bool]:
    text, language = view.turns[pos].text, view.language_of(pos)
    key = "zh" if language == "zh" else "en"
    return (
        _WHO[key].search(text) is not None,
        _WHAT[key].search(text) is not None,
        bool(entities_of(view, "time", pos)),
    )


def _looks_ahead(view: CallView, pos: int) -> bool:
    if not entities_of(view, "time", pos):
        return False
    key = "zh" if view.language_of(pos) == "zh" else "en"
    return _AHEAD[key].search(view.turns[pos].text) is not None


def _reference(view: CallView, scope: Scope) -> Spot | None:
    for pos in view.positions(scope):
        for start, end in entities_of(view, "reference", pos):
            return view.place(pos, start, end, rule="entity reference")
    return None
