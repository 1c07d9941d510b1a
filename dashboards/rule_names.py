"""What found a piece of evidence, in the reader's language: evidence keeps the id of its rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from dashboards import frame
from dashboards.texts import catalogue
from qa.errors import ScorecardError
from qa.evaluation import Bilingual, Evaluation
from qa.settings import load_settings

#: Where the words for measurements and kinds of rules stand; the first that has the id.
_GROUPS = ("evidence_rule", "rule_kind", "event", "rule_choice")
_CANDIDATE = "candidate "
NameRule = Callable[[str], str]


def namer(evaluation: Evaluation | None) -> NameRule:
    """`name(rule)` for the evidence of an evaluation."""
    return partial(rule_name, language=frame.interface_language(), known=_known(evaluation))


def rule_name(rule: str, *, language: str, known: Mapping[str, Bilingual]) -> str:
    """A rule's name: of a bank, a pattern, a measurement; a word of a list is shown as it is.

    Args:
        rule: As `Evidence.rule` holds it.
        language: Of the interface.
        known: Banks and patterns by the id that evidence keeps.
    """
    texts = catalogue(language)
    if rule.startswith(_CANDIDATE):
        inner = rule_name(rule.removeprefix(_CANDIDATE), language=language, known=known)
        return texts["evidence_rule.candidate"].format(rule=inner)
    if rule in known:
        return known[rule].in_language(language)
    if name := _text(rule, texts):
        return name
    words = [_text(word, texts) for word in rule.split()]  # `overlap major`, `entity money`
    return " · ".join(word for word in words if word) if words and all(words) else f"“{rule}”"


def _text(rule: str, texts: Mapping[str, str]) -> str | None:
    keys = (f"{group}.{rule}" for group in _GROUPS)
    return next((texts[key] for key in keys if key in texts), None)


def _known(evaluation: Evaluation | None) -> Mapping[str, Bilingual]:
    from scoring.loader import load_scorecard  # noqa: PLC0415  (scorecards load lexicons)
    from scoring.naming import bank_names, pattern_names  # noqa: PLC0415

    try:
        folder = load_settings().scoring.place
        card = load_scorecard(evaluation.scorecard_id, folder=folder) if evaluation else None
    except ScorecardError:  # a site's own, no longer at hand
        card = None
    return {**(pattern_names(card) if card else {}), **bank_names()}
