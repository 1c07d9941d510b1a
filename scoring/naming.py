"""What the rules behind evidence are called: patterns and phrase banks, by their id."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from qa.evaluation import Bilingual
from scoring.criteria.pattern import RegexRule
from scoring.form import once_per_card
from scoring.matching.lexicon import load_lexicon
from scoring.matching.matcher import LEXICON_FOLDER, title_of
from scoring.scorecard import Scorecard, walk_rules


@once_per_card
def pattern_names(card: Scorecard) -> Mapping[str, Bilingual]:
    """Names of a scorecard's patterns by their English one, which is what evidence keeps."""
    found: dict[str, Bilingual] = {}
    for rule in walk_rules(card):
        if isinstance(rule, RegexRule):
            found.setdefault(rule.called.en, rule.called)
    return found


@cache
def bank_names() -> Mapping[str, Bilingual]:
    """Titles of the service standard's phrase banks, by id; a tenth of a second, once."""
    lexicon = load_lexicon(sorted(LEXICON_FOLDER.glob("*.yaml")))
    return {name: title_of(rules.bank) for name, rules in lexicon.rules.items()}
