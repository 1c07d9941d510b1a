"""Findings about a scorecard file: all at once, with line, severity and a suggestion."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import regex

from qa.errors import ScorecardError
from qa.evaluation import Evaluation, Outcome
from scoring.criteria.base import Part, RuleBase
from scoring.criteria.combine import All, Not
from scoring.criteria.deductions import Deductions
from scoring.criteria.ladder import Ladder
from scoring.criteria.means import PhraseMatcher
from scoring.criteria.phrase import Phrase
from scoring.criteria.searching import Patterns, runs_straight
from scoring.criteria.tally import Step
from scoring.examples import run_examples
from scoring.loader import check_scorecard
from scoring.loader_yaml import Document, Problem, read_yaml, show_path
from scoring.scorecard import Criterion, Scorecard, walk_rules

#: A criterion that came out the same on all of at least this many calls tells nobody anything.
ENOUGH_CALLS = 50
_PROBE = 30_000
_PROBE_LIMIT_S = 0.2
Where = tuple[str | int, ...]
Report = Callable[..., None]


def lint_scorecard(
    text: str,
    *,
    file: str = "scorecard.yaml",
    matcher: PhraseMatcher | None = None,
    stored: Iterable[Evaluation] = (),
    examples: bool = True,
) -> list[Problem]:
    """Everything worth saying about a scorecard, in the order of its lines.

    Args:
        text: The YAML text.
        file: Its name, for the findings.
        matcher: Knows the phrase banks; without it bank names and overlaps are not checked.
        stored: Evaluations of recent calls, to find criteria that never vary.
        examples: Whether to run the examples as well.
    """
    card, problems = check_scorecard(text, file=file)
    if card is None:
        return problems
    document = read_yaml(text, file=file)
    found = list(problems)

    def report(path: Where, severity: str, message: str, suggestion: str) -> None:
        found.append(
            Problem(
                file=file,
                line=document.line_of(path),
                field=show_path(path),
                message=message,
                suggestion=suggestion,
                severity=severity,
            )
        )

    _check_criteria(card, report)
    _check_card(card, report)
    if matcher is not None:
        _check_banks(card, matcher, report)
    _check_patterns(card, report)
    _check_stored(card, stored, report)
    if examples and not any(p.severity == "error" for p in found):
        found += _placed(run_examples(card, matcher=matcher, file=file), card, document)
    return sorted(found, key=lambda p: (p.line, p.severity, p.field, p.message))


def lint_file(path: str | Path, **options: Any) -> list[Problem]:
    """`lint_scorecard` of a file."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ScorecardError(f"cannot be read: {error}", str(path), "save it as UTF-8") from error
    return lint_scorecard(text, file=str(path), **options)


def _paths(card: Scorecard) -> Iterator[tuple[Where, Criterion]]:
    for s, section in enumerate(card.sections):
        for c, criterion in enumerate(section.criteria):
            yield ("sections", s, "criteria", c), criterion


def _check_criteria(card: Scorecard, report: Report) -> None:
    for path, item in _paths(card):
        if item.evidence is None:
            report(
                path, "warning", f"{item.id} has no evidence rule",
                "add `evidence: words`, `absence` or `measured`",
            )  # fmt: skip
        if item.weight == 0 and item.rule.kind != "manual":
            report(
                (*path, "weight"), "warning", f"{item.id} has weight 0 and never counts",
                "give it a weight, or make it `kind: manual`",
            )  # fmt: skip
        if item.applies_when is not None and item.not_applicable is None:
            report(
                path, "info", f"{item.id} does not say why it may not apply",
                "add `not_applicable: {zh: …, en: …}`",
            )  # fmt: skip
        if not (item.examples.must_hit and item.examples.must_not_hit) and _can_have_examples(item):
            report(
                path, "info", f"{item.id} lacks examples that must hit and must not hit",
                "add `examples:` with both",
            )  # fmt: skip
        _check_logic(item, path, report)


#: Kinds that rest on sound, which examples in text cannot show.
_BY_EAR = {"no_interruption", "rate", "loudness", "sentiment_outcome", "manual", "density", "each"}


def _can_have_examples(item: Criterion) -> bool:
    return item.rule.kind not in _BY_EAR


def _check_logic(item: Criterion, path: Where, report: Report) -> None:
    for rule in walk_rules(item):
        if isinstance(rule, Ladder):
            _check_ladder(rule, item, path, report)
        if isinstance(rule, All):
            _check_contradiction(rule, item, path, report)
        if isinstance(rule, Phrase):
            _check_phrase(rule, item, path, report)
        if isinstance(rule, Deductions) and item.evidence == "absence":
            report(
                (*path, "evidence"), "warning",
                f"{item.id} deducts for what is said, but its evidence is absence",
                "write `evidence: words`",
            )  # fmt: skip
        scale = getattr(rule, "scale", None)
        if isinstance(scale, tuple) and scale and isinstance(scale[0], Step):
            _check_scale(scale, item, path, report)


def _check_ladder(rule: Ladder, item: Criterion, path: Where, report: Report) -> None:
    seen: list[RuleBase] = []
    for number, rung in enumerate(rule.rungs, 1):
        if rung.when in seen:
            report(
                (*path, "rule"), "error",
                f"{item.id}: rung {number} can never be reached, an earlier rung asks the same",
                "remove it or change its condition",
            )  # fmt: skip
        seen.append(rung.when)
    shares = {rung.share for rung in rule.rungs} | {rule.otherwise}
    if len(shares) == 1:
        report(
            (*path, "rule"), "warning", f"{item.id}: every rung gives {rule.otherwise:g}",
            "give the rungs different shares",
        )  # fmt: skip


def _check_contradiction(rule: All, item: Criterion, path: Where, report: Report) -> None:
    denied = [inner.rule for inner in rule.rules if isinstance(inner, Not)]
    if any(inner in denied for inner in rule.rules):
        report(
            (*path, "rule"), "error", f"{item.id}: `all` asks for a rule and for its opposite",
            "one of the two has to go",
        )  # fmt: skip


def _check_phrase(rule: Phrase, item: Criterion, path: Where, report: Report) -> None:
    named = len(rule.banks) + len(rule.texts.zh) + len(rule.texts.en)
    if not named:
        report(
            (*path, "rule"), "error", f"{item.id}: a phrase rule names no bank and no text",
            "add `banks:` or `texts:`",
        )  # fmt: skip
    elif rule.match == "n_of" and rule.at_least > named:
        report(
            (*path, "rule"), "error",
            f"{item.id}: asks for {rule.at_least} of only {named} banks and texts",
            f"write at_least: {named} or less",
        )  # fmt: skip


def _check_scale(scale: tuple[Step, ...], item: Criterion, path: Where, report: Report) -> None:
    for one, two in pairwise(scale):
        hidden = (
            one.at_most is not None and two.at_most is not None and two.at_most <= one.at_most
        ) or (
            one.at_least is not None and two.at_least is not None and two.at_least >= one.at_least
        )
        if hidden:
            report(
                (*path, "rule"), "error", f"{item.id}: a step of the scale can never be reached",
                "order the steps from the strictest to the loosest",
            )  # fmt: skip


def _check_card(card: Scorecard, report: Report) -> None:
    used = {fail.criterion for fail in card.auto_fails}
    for s, section in enumerate(card.sections):
        if sum(item.weight for item in section.criteria) == 0:
            report(
                ("sections", s), "warning", f"section {section.id} has no weight",
                "give it weight or remove it",
            )  # fmt: skip
        for c, item in enumerate(section.criteria):
            if item.critical_class == "compliance_critical" and item.id not in used:
                report(
                    ("sections", s, "criteria", c), "info",
                    f"{item.id} is compliance-critical but no auto-fail refers to it",
                    "add an auto-fail, or leave it if a deduction is enough",
                )  # fmt: skip
    lowest = card.bands[-1]
    if lowest.at_least > card.scoring.floor:
        report(
            ("bands", len(card.bands) - 1), "warning",
            f"scores below {lowest.at_least:g} fall into band {lowest.id}",
            f"write at_least: {card.scoring.floor:g}",
        )  # fmt: skip
    _check_anchors(card, report)


def _check_anchors(card: Scorecard, report: Report) -> None:
    text = card.model_dump_json(by_alias=True)
    for name in card.anchors:
        uses = text.count(f'"{name}"') - 1  # one is the definition
        if uses < 1:
            report(("anchors", name), "info", f"anchor {name} is not used", "remove it")


def _check_banks(card: Scorecard, matcher: PhraseMatcher, report: Report) -> None:
    banks: Mapping[str, Any] = getattr(matcher, "banks", {})
    if not banks:
        return
    for path, item in _paths(card):
        for bank in sorted(_banks_of(item) - set(banks)):
            close = difflib.get_close_matches(bank, list(banks), n=1, cutoff=0.5)
            hint = f"did you mean {close[0]}?" if close else "see scoring/lexicons"
            report((*path, "rule"), "error", f"{item.id}: no phrase bank {bank!r}", hint)
    for one, two, phrase in _overlaps(card.banks() & set(banks), banks):
        report(
            ("id",), "warning", f"banks {one} and {two} both list “{phrase}”",
            "keep the phrase in one of them, or give the rules different windows",
        )  # fmt: skip


def _banks_of(item: Criterion) -> set[str]:
    return {bank for rule in walk_rules(item) for bank in getattr(rule, "banks", ())}


def _overlaps(names: Iterable[str], banks: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Phrases that two used banks of one side both list."""
    owners: dict[tuple[str, str], str] = {}
    found = []
    for name in sorted(names):
        side = str(getattr(banks[name], "side", ""))
        phrases: Mapping[str, tuple[str, ...]] = getattr(banks[name], "phrases", {})
        for phrase in sorted({p for listed in phrases.values() for p in listed}):
            other = owners.setdefault((side, phrase), name)
            if other != name:
                found.append((other, name, phrase))
    return found


def _check_patterns(card: Scorecard, report: Report) -> None:
    for path, item in _paths(card):
        for pattern in sorted(set(_patterns_of(item))):
            if not runs_straight(pattern) and _runs_away(pattern):
                report(
                    (*path, "rule"), "error", f"{item.id}: the pattern {pattern[:60]!r} runs away",
                    "avoid repetitions inside repetitions, e.g. (a+)+",
                )  # fmt: skip


def _patterns_of(part: Any) -> Iterator[str]:
    if isinstance(part, Patterns):
        yield from (text for text in (part.zh, part.en) if text)
    elif isinstance(part, Part):
        for name in type(part).model_fields:
            yield from _patterns_of(getattr(part, name))
    elif isinstance(part, tuple):
        for item in part:
            yield from _patterns_of(item)


def _runs_away(pattern: str) -> bool:
    """Whether the pattern exceeds its time on long runs of its own letters."""
    compiled = regex.compile(pattern, regex.IGNORECASE | regex.MULTILINE)
    letters = [char for char, _ in Counter(c for c in pattern if c.isalnum()).most_common(4)]
    try:
        for char in (*letters, "a", "的", " "):
            compiled.search(char * _PROBE + "\x00", timeout=_PROBE_LIMIT_S)
    except TimeoutError:
        return True
    return False


def _check_stored(card: Scorecard, stored: Iterable[Evaluation], report: Report) -> None:
    counts: dict[str, Counter[Outcome]] = {}
    for evaluation in stored:
        if evaluation.scorecard_id != card.id:
            continue  # another scorecard's criteria of the same name say nothing about these
        for result in evaluation.results:
            counts.setdefault(result.criterion_id, Counter())[result.verdict.outcome] += 1
    for path, item in _paths(card):
        seen = counts.get(item.id, Counter())
        total = sum(seen.values())
        if total < ENOUGH_CALLS or len(seen) != 1:
            continue
        outcome = next(iter(seen))
        words = {
            Outcome.MET: "always passed",
            Outcome.MISSED: "never passed",
            Outcome.NOT_APPLICABLE: "never applied",
            Outcome.NOT_EVALUABLE: "was never evaluable",
        }
        report(
            path, "warning",
            f"{item.id} {words.get(outcome, 'always came out partial')} in the last {total} calls",
            "check its rule and window, or give its weight to another criterion",
        )  # fmt: skip


def _placed(problems: list[Problem], card: Scorecard, document: Document) -> list[Problem]:
    """Example findings with the line of their criterion."""
    lines = {item.id: document.line_of((*path, "examples")) for path, item in _paths(card)}
    return [
        Problem(
            file=p.file,
            line=lines.get(p.field.split(".examples")[0], 0),
            field=p.field,
            message=p.message,
            suggestion=p.suggestion,
            severity=p.severity,
        )
        for p in problems
    ]
