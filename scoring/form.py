"""A scorecard's arithmetic as the value that reviews compute with."""

from __future__ import annotations

from qa.review.form import FormRules
from scoring.scorecard import Scorecard


def form_rules(card: Scorecard) -> FormRules:
    """Mode, limits, bands, bonuses and auto-fail scopes of a scorecard."""
    rules = card.scoring
    return FormRules(
        mode=rules.mode,
        initial=rules.initial,
        floor=rules.floor,
        ceiling=rules.ceiling,
        minimum_coverage=rules.minimum_coverage,
        minimum_weight=rules.minimum_weight,
        critical_confidence=rules.critical_confidence,
        bands=tuple((band.id, band.at_least) for band in card.bands),
        bonus=frozenset(item.id for _, item in card.criteria() if item.bonus),
        fault_finding=frozenset(item.id for _, item in card.criteria() if item.deducts),
        auto_fails={fail.code: fail.scope for fail in card.auto_fails},
    )
