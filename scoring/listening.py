"""The five levels of listening (聆听的5个层次), for coaching only (dossier §2.5)."""

from __future__ import annotations

from collections.abc import Sequence

from qa.evaluation import JUDGED, CriterionResult
from scoring.criteria.base import Scope, Side
from scoring.criteria.keyterms import key_terms
from scoring.criteria.question import questions_of
from scoring.criteria.view import CallView
from scoring.criteria.windows import Window

#: Share of stated needs an attentive listener takes up (dossier §2.5).
_COVERED = 0.7
#: Early on "I already told you" is about earlier calls, not about this agent's listening (own).
_AFTER_OPENING = Scope(side=Side.CUSTOMER, window=Window(percent=(30, 100)))


def listening_level(results: Sequence[CriterionResult], view: CallView) -> dict[str, str]:
    """`{"listening_level": "1"…"5"}`, or nothing where listening could not be judged."""
    share = {r.criterion_id: r.verdict.share for r in results if r.verdict.outcome in JUDGED}
    if "S3.5" not in share and "S3.3" not in share:
        return {}
    return {"listening_level": str(_level(share, view))}


def _level(share: dict[str, float], view: CallView) -> int:
    repeated = len(view.spots("K3", _AFTER_OPENING))
    if share.get("S3.5") == 0 or repeated >= 2:
        return 1
    confirmed = share.get("S3.3", 1.0)
    asked = share.get("S4.1", 1.0)
    if repeated >= 1 and confirmed == 0 and asked == 0:
        return 2
    covered = _needs_covered(view)
    attentive = confirmed >= 0.5 and share.get("S3.1", 1.0) >= 0.66 and covered >= _COVERED
    if not attentive:
        return 3
    empathic = share.get("S5.1", 1.0) >= 0.8 and bool(view.spots("E1", Scope(side=Side.AGENT)))
    return 5 if empathic else 4


def _needs_covered(view: CallView) -> float:
    """Share of the needs (first statement, later questions) the agent takes up soon after."""
    asked = taken = 0
    for pos, turn in enumerate(view.turns):
        terms = key_terms(turn.text) if turn.role == "customer" else frozenset()
        if len(terms) < 2 or (asked and not questions_of(view, pos)):
            continue
        asked += 1
        replies = [t.text for t in view.turns[pos + 1 : pos + 7] if t.role == "agent"]
        taken += any(terms & key_terms(reply) for reply in replies)
    return taken / asked if asked else 1.0
