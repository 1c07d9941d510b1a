"""Score stored calls with a draft before it counts: who changes, by how much, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from qa.analysis import Analysis
from qa.errors import ScorecardError
from qa.evaluation import Bilingual, CriterionResult, Evaluation
from qa.runtime import collecting_seldom
from scoring.criteria.view import Encoder, PhraseMatcher
from scoring.engine import digest_of, score
from scoring.loader import load_scorecard
from scoring.matching import default_matcher
from scoring.reuse import Lent, Unchanged, lend, unchanged
from scoring.scorecard import Scorecard

#: How the old result of a call is found: by scoring again, or from what is stored.
Before = Callable[[Analysis], Evaluation | None]
_EXAMPLES = 3
_SAME = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """One call on which a criterion changed its outcome."""

    call_id: str
    agent_id: str
    before: str
    after: str
    reason: Bilingual
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionChange:
    """What the draft changes on one criterion.

    Attributes:
        flips: `met→missed` and the like, with counts.
        mean_before: Mean share over calls on which it was judged before; likewise `mean_after`.
    """

    criterion_id: str
    name: Bilingual
    calls: int
    changed: int
    mean_before: float | None
    mean_after: float | None
    flips: Mapping[str, int]
    examples: tuple[Flip, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChange:
    """What the draft changes for one agent: mean scores over calls scored both times."""

    agent_id: str
    calls: int
    mean_before: float
    mean_after: float

    @property
    def difference(self) -> float:
        """Points won or lost on average."""
        return round(self.mean_after - self.mean_before, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """Everything the draft would change.

    Attributes:
        calls: Calls replayed; `without_before` of them had no old result.
        bands: `B→A` and the like, with counts; `-` stands for no score.
        states: `scored→needs_person` and the like, for calls that changed.
        findings: Auto-fail code → (suspected before, suspected after).
        agents: Largest change first.
        criteria: In the order of the draft; criteria the old scorecard had alone come last.
    """

    draft_digest: str
    calls: int
    without_before: int
    changed: int
    mean_before: float | None
    mean_after: float | None
    bands: Mapping[str, int]
    states: Mapping[str, int]
    findings: Mapping[str, tuple[int, int]]
    agents: tuple[AgentChange, ...]
    criteria: tuple[CriterionChange, ...]


def replay(
    analyses: Iterable[Analysis],
    old: Before | Scorecard,
    draft: Scorecard,
    *,
    matcher: PhraseMatcher | None = None,
    encoder: Encoder | None = None,
    active: Scorecard | None = None,
    examples: int = _EXAMPLES,
) -> ReplayReport:
    """Score every call with the draft and compare with the old result.

    Args:
        analyses: Stored calls, one at a time; nothing is kept of them but counts.
        old: The old scorecard, or a function that gives a call's old evaluation (or None).
        draft: The scorecard to try.
        matcher: Phrase matcher; the default lexicons when None.
        encoder: Sentence encoder, if the scorecards use one.
        active: The scorecard the old results were made with, when `old` gives stored ones and
            it is not a packaged one. What the draft leaves as it is then need not be judged
            again, which is several times faster. Stored results must come from these analyses.
        examples: Flips to keep per criterion and kind of change.
    """
    matcher = matcher or default_matcher()
    before = _rescoring(old, matcher, encoder) if isinstance(old, Scorecard) else old
    lender = _Lender(draft, old if isinstance(old, Scorecard) else active, matcher, encoder)
    sums = _Sums(examples=examples)
    with collecting_seldom():
        for analysis in analyses:
            known = before(analysis)
            lent = lender.lend(known)
            after = score(analysis, draft, matcher=matcher, encoder=encoder, lent=lent)
            sums.add(known, after, analysis.call.agent_id)
    return sums.report(digest_of(draft, matcher, encoder))


class _Lender:
    """Finds what old evaluations may lend to the draft, by the digest they carry."""

    def __init__(
        self,
        draft: Scorecard,
        active: Scorecard | None,
        matcher: PhraseMatcher,
        encoder: Encoder | None,
    ) -> None:
        self._draft, self._active = draft, active
        self._matcher, self._encoder = matcher, encoder
        self._same: dict[str, Unchanged | None] = {}

    def lend(self, known: Evaluation | None) -> Lent | None:
        """What this evaluation lends; None when its scorecard is not at hand."""
        if known is None:
            return None
        if known.digest not in self._same:
            self._same[known.digest] = self._compare(known)
        same = self._same[known.digest]
        return lend(known, same) if same is not None else None

    def _compare(self, known: Evaluation) -> Unchanged | None:
        for card in (self._active, _packaged(known.scorecard_id)):
            if card and digest_of(card, self._matcher, self._encoder) == known.digest:
                return unchanged(card, self._draft)
        return None


def _packaged(name: str) -> Scorecard | None:
    try:
        return load_scorecard(name)
    except ScorecardError:
        return None


def _rescoring(card: Scorecard, matcher: PhraseMatcher | None, encoder: Encoder | None) -> Before:
    def again(analysis: Analysis) -> Evaluation | None:
        return score(analysis, card, matcher=matcher, encoder=encoder)

    return again


@dataclass(slots=True)
class _Mean:
    count: int = 0
    total: float = 0.0

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value

    @property
    def value(self) -> float | None:
        return round(self.total / self.count, 2) if self.count else None


@dataclass(slots=True)
class _Line:
    name: Bilingual
    calls: int = 0
    changed: int = 0
    before: _Mean = field(default_factory=_Mean)
    after: _Mean = field(default_factory=_Mean)
    flips: Counter[str] = field(default_factory=Counter)
    examples: list[Flip] = field(default_factory=list)


class _Sums:
    """Counts only: memory does not grow with the number of calls."""

    def __init__(self, *, examples: int) -> None:
        self.keep = examples
        self.calls = self.without = self.changed = 0
        self.before, self.after = _Mean(), _Mean()
        self.bands: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.codes: dict[str, list[int]] = {}
        self.agents: dict[str, tuple[_Mean, _Mean]] = {}
        self.lines: dict[str, _Line] = {}

    def add(self, old: Evaluation | None, new: Evaluation, agent_id: str) -> None:
        self.calls += 1
        self._count_findings(old, new)
        if old is None:
            self.without += 1
            return
        moved = self._count_score(old, new, agent_id)
        moved |= self._count_criteria(old, new, agent_id)
        self.changed += moved

    def _count_findings(self, old: Evaluation | None, new: Evaluation) -> None:
        for index, evaluation in enumerate((old, new)):
            for finding in evaluation.findings if evaluation else ():
                if finding.state == "suspected":
                    self.codes.setdefault(finding.code, [0, 0])[index] += 1

    def _count_score(self, old: Evaluation, new: Evaluation, agent_id: str) -> bool:
        if old.state != new.state:
            self.states[f"{old.state.value}→{new.state.value}"] += 1
        if old.band != new.band:
            self.bands[f"{old.band or '-'}→{new.band or '-'}"] += 1
        one, two = old.quality_percent, new.quality_percent
        if one is not None and two is not None:
            pair = self.agents.setdefault(agent_id, (_Mean(), _Mean()))
            for mean, value in (
                (self.before, one),
                (pair[0], one),
                (self.after, two),
                (pair[1], two),
            ):
                mean.add(value)
            return abs(one - two) > _SAME or old.state != new.state
        return one is not two or old.state != new.state

    def _count_criteria(self, old: Evaluation, new: Evaluation, agent_id: str) -> bool:
        known = {result.criterion_id: result for result in old.results}
        moved = False
        for result in new.results:
            moved |= self._compare(known.pop(result.criterion_id, None), result, new, agent_id)
        for result in known.values():
            self._compare(result, None, new, agent_id)
            moved = True
        return moved

    def _compare(
        self,
        old: CriterionResult | None,
        new: CriterionResult | None,
        evaluation: Evaluation,
        agent_id: str,
    ) -> bool:
        result = new or old
        assert result is not None
        line = self.lines.setdefault(result.criterion_id, _Line(name=result.name))
        line.calls += 1
        for side, mean in ((old, line.before), (new, line.after)):
            if side is not None and side.verdict.outcome in ("met", "partial", "missed"):
                mean.add(side.verdict.share)
        one = old.verdict.outcome.value if old else "absent"
        two = new.verdict.outcome.value if new else "absent"
        share_moved = bool(old and new and abs(old.verdict.share - new.verdict.share) > _SAME)
        if one == two and not share_moved:
            return False
        line.changed += 1
        if one != two:
            kind = f"{one}→{two}"
            if line.flips[kind] < self.keep:
                line.examples.append(_flip(evaluation.call_id, agent_id, one, two, result))
            line.flips[kind] += 1
        return True

    def report(self, digest: str) -> ReplayReport:
        agents = [
            AgentChange(
                agent_id=name,
                calls=one.count,
                mean_before=one.value or 0.0,
                mean_after=two.value or 0.0,
            )
            for name, (one, two) in self.agents.items()
        ]
        return ReplayReport(
            draft_digest=digest,
            calls=self.calls,
            without_before=self.without,
            changed=self.changed,
            mean_before=self.before.value,
            mean_after=self.after.value,
            bands=dict(sorted(self.bands.items())),
            states=dict(sorted(self.states.items())),
            findings={code: (a, b) for code, (a, b) in sorted(self.codes.items())},
            agents=tuple(sorted(agents, key=lambda a: (-abs(a.difference), a.agent_id))),
            criteria=tuple(self._criterion(name, line) for name, line in self.lines.items()),
        )

    def _criterion(self, name: str, line: _Line) -> CriterionChange:
        return CriterionChange(
            criterion_id=name,
            name=line.name,
            calls=line.calls,
            changed=line.changed,
            mean_before=line.before.value,
            mean_after=line.after.value,
            flips=dict(sorted(line.flips.items())),
            examples=tuple(line.examples),
        )


def _flip(call_id: str, agent_id: str, one: str, two: str, result: CriterionResult) -> Flip:
    quote = next((e.quote for e in result.verdict.evidence if e.quote), "")
    return Flip(
        call_id=call_id,
        agent_id=agent_id,
        before=one,
        after=two,
        reason=result.verdict.reason,
        quote=quote,
    )
