"""What a call says, put into the store: after the night's analysis and after a correction."""

from __future__ import annotations

from collections.abc import Sequence

from qa.analysis import Analysis
from qa.insight.summaries import CallSummary
from qa.settings import Settings
from qa.store import Store
from scoring.categories import Category
from scoring.encoder import Encoder
from scoring.insight import CallInsight, insight_of
from scoring.voice import lowest_quote, product_mentions

_TOLD = {
    **dict.fromkeys(("yes", "true", "1", "是", "已解决"), True),
    **dict.fromkeys(("no", "false", "0", "否", "未解决"), False),
}


def find_insight(
    store: Store,
    analysis: Analysis,
    settings: Settings,
    *,
    encoder: Encoder | None = None,
    reasons: Sequence[Category] | None = None,
) -> CallInsight:
    """Everything found in a call, with its repeat contacts counted from the store.

    Args:
        store: Knows the call, and what else its customer called for.
        analysis: The call; its `facts` settle type and reason where they are known already.
        settings: Of the site.
        encoder: For type and reason by meaning.
        reasons: The site's taxonomy; None stands for the shipped one.
    """
    call = analysis.call
    reason = analysis.facts.get("reason", "")
    happened = store.calls.row(call.id).happened_at
    return insight_of(
        analysis,
        encoder=encoder,
        reasons=reasons,
        contacts=store.insight.contacts(call.id, call.customer_ref, reason, happened),
        resolved=_TOLD.get(call.tags.get("resolved", "").strip().lower()),
        timezone=settings.timezone,
    )


def save_insight(store: Store, analysis: Analysis, found: CallInsight, settings: Settings) -> None:
    """Save what was found; saving it again changes nothing, and what people did about it stays."""
    summary = _summary_of(analysis, found, settings)
    store.insight.save(summary, alerts=found.alerts, commitments=found.commitments)


def _summary_of(analysis: Analysis, found: CallInsight, settings: Settings) -> CallSummary:
    score, low = lowest_quote(analysis)
    products = product_mentions([analysis], settings.insight.products)
    return CallSummary(
        call_id=found.call_id,
        call_type=found.call_type,
        reason=found.reason,
        contacts=found.contacts,
        judged_turns=found.course.turns,
        start=found.course.start,
        end=found.course.end,
        lowest=found.course.lowest,
        low_score=score,
        low=low,
        suggestions=found.suggestions,
        needs=found.needs,
        products=tuple(sorted(products)),
    )
