"""A scorecard as the arithmetic sees it: its form, and the weights that a profile gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TypeVar

from qa.form import FormRules
from scoring.scorecard import Profile, Scorecard

Made = TypeVar("Made")
_MEMORY = 64


def once_per_card(make: Callable[[Scorecard], Made]) -> Callable[[Scorecard], Made]:
    """Remember what is made from a scorecard, per object: hashing one takes longer than a call."""
    known: dict[int, tuple[Scorecard, Made]] = {}

    @wraps(make)
    def remembered(card: Scorecard) -> Made:
        found = known.get(id(card))
        if found is None or found[0] is not card:
            if len(known) >= _MEMORY:
                known.clear()
            found = known[id(card)] = (card, make(card))
        return found[1]

    return remembered


@once_per_card
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


def profile_weights(card: Scorecard, profile: Profile | None) -> dict[str, float]:
    """Weight per criterion: multiplied by the profile, then scaled back to the card's total."""
    factors = profile.multiply if profile else {}
    weights = {
        item.id: item.weight
        * factors.get(section.id, 1.0)
        * _own_factor(factors, section.id, item.id)
        for section, item in card.criteria()
    }
    plain = {item.id for _, item in card.criteria() if not item.bonus}
    total = sum(weights[name] for name in plain)
    if profile is None or total == 0:
        return weights
    before = sum(item.weight for _, item in card.criteria() if not item.bonus)
    return {
        name: round(value * before / total, 6) if name in plain else value
        for name, value in weights.items()
    }


def _own_factor(factors: Mapping[str, float], section_id: str, criterion_id: str) -> float:
    """A criterion that shares its section's id (a section of one) is multiplied once."""
    return 1.0 if criterion_id == section_id else factors.get(criterion_id, 1.0)
