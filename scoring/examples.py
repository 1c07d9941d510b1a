"""The examples a criterion carries: what must hit and what must not; run before activation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from qa.analysis import Analysis
from qa.calls import Direction
from qa.errors import ScorecardError
from qa.evaluation import Outcome, Verdict
from scoring.criteria.view import CallView, Encoder, PhraseMatcher
from scoring.engine import prepare
from scoring.imports import analysis_from_plain, with_facts
from scoring.judge import judge
from scoring.loader_yaml import Problem
from scoring.scorecard import Criterion, Example, Scorecard

_LINE = re.compile(r"^\s*([ACSU])(?:@(\d+(?:\.\d+)?))?\s*[:：]\s*(.*)$", re.DOTALL)
_ROLES = {"A": "agent", "C": "customer", "S": "system", "U": "unknown"}
_PAUSE_MS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleResult:
    """One example as it came out."""

    criterion_id: str
    number: int
    must_hit: bool
    passed: bool
    expected: str
    verdict: Verdict


def conversation(
    say: tuple[str, ...] | list[str],
    *,
    language: str = "zh",
    direction: Direction = Direction.INBOUND,
    facts: dict[str, str] | None = None,
    call_id: str = "example",
) -> Analysis:
    """An analysis from lines such as `A: 您好` or `C@12.5: hello` (a turn that starts at 12.5 s).

    Turns without a time follow each other after half a second, at an ordinary rate of speech.
    """
    turns: list[dict[str, Any]] = []
    clock = 0
    for number, line in enumerate(say, 1):
        found = _LINE.match(line)
        if found is None:
            raise ScorecardError(f"line {number} {line!r}", "example", "start with A:, C: or S:")
        role, at, text = found.groups()
        start = round(float(at) * 1000) if at else clock
        length = _speaking_ms(text, language)
        turns.append(
            {"role": _ROLES[role], "text": text, "start_ms": start, "end_ms": start + length}
        )
        clock = start + length + _PAUSE_MS
    plain = {"call_id": call_id, "language": language, "direction": direction.value, "turns": turns}
    return with_facts(analysis_from_plain(plain), **(facts or {}))


def run_examples(
    scorecard: Scorecard,
    *,
    matcher: PhraseMatcher | None = None,
    encoder: Encoder | None = None,
    file: str = "scorecard",
) -> list[Problem]:
    """Every example whose outcome is not what it says; empty when all are as they should be."""
    return [
        _as_problem(result, file)
        for result in example_results(scorecard, matcher=matcher, encoder=encoder)
        if not result.passed
    ]


def example_results(
    scorecard: Scorecard,
    *,
    matcher: PhraseMatcher | None = None,
    encoder: Encoder | None = None,
) -> list[ExampleResult]:
    """The outcome of every example of every criterion."""
    found = []
    for _, criterion in scorecard.criteria():
        groups = ((True, criterion.examples.must_hit), (False, criterion.examples.must_not_hit))
        for must_hit, examples in groups:
            for number, example in enumerate(examples, 1):
                view = _view(example, scorecard, matcher, encoder)
                found.append(_result(criterion, example, number, view, must_hit=must_hit))
    return found


def _view(
    example: Example,
    scorecard: Scorecard,
    matcher: PhraseMatcher | None,
    encoder: Encoder | None,
) -> CallView:
    analysis = conversation(
        example.say,
        language=example.language,
        direction=example.direction,
        facts=dict(example.facts),
    )
    return prepare(analysis, scorecard, matcher=matcher, encoder=encoder)[0]


def _result(
    criterion: Criterion, example: Example, number: int, view: CallView, *, must_hit: bool
) -> ExampleResult:
    verdict = judge(criterion, view)[0]
    expected: str = example.expect or ("hit" if must_hit else "no hit")
    passed = _is_hit(criterion, verdict) == must_hit
    if example.expect is not None:
        passed = verdict.outcome.value == example.expect
    return ExampleResult(
        criterion_id=criterion.id,
        number=number,
        must_hit=must_hit,
        passed=passed,
        expected=expected,
        verdict=verdict,
    )


def _is_hit(criterion: Criterion, verdict: Verdict) -> bool:
    """Merits hit when they earn credit; faults hit when they cost some."""
    if criterion.deducts:
        return verdict.outcome in (Outcome.PARTIAL, Outcome.MISSED)
    return verdict.outcome in (Outcome.MET, Outcome.PARTIAL)


def _as_problem(result: ExampleResult, file: str) -> Problem:
    kind = "must_hit" if result.must_hit else "must_not_hit"
    return Problem(
        file=file,
        line=0,
        field=f"{result.criterion_id}.examples.{kind}[{result.number - 1}]",
        message=(
            f"expected {result.expected}, got {result.verdict.outcome.value} "
            f"{result.verdict.share:g}: {result.verdict.reason.en}"
        ),
        suggestion="correct the rule or the example",
    )


def _speaking_ms(text: str, language: str) -> int:
    """Length of a turn at an ordinary rate: 4 characters or 2.5 words a second."""
    if language == "zh":
        return 300 + 250 * len(re.findall(r"[\u3400-\u9fff0-9]|[A-Za-z]+", text))
    return 300 + 400 * len(text.split())
