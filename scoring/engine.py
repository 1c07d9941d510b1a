"""Score one analysis with one scorecard: pure, deterministic, without audio, models or clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from qa.analysis import Analysis
from qa.arithmetic import (
    Totals,
    after_fails,
    critical_states,
    points_of,
    section_percent,
    totals,
)
from qa.calls import Role
from qa.evaluation import (
    Bilingual,
    CriterionClass,
    CriterionResult,
    CriticalFinding,
    CriticalState,
    Evaluation,
    EvaluationState,
    Outcome,
    SectionResult,
    Verdict,
)
from qa.transcript import EngineStamp
from scoring.criteria.base import Scope, bilingual
from scoring.criteria.findings import say
from scoring.criteria.view import CallView, Encoder, Means, PhraseMatcher
from scoring.critical import suspect
from scoring.form import form_rules, once_per_card, profile_weights
from scoring.judge import judge
from scoring.listening import listening_level
from scoring.loader import choose_scorecard, list_scorecards, load_scorecard
from scoring.reuse import Lent
from scoring.scorecard import Criterion, Profile, Scorecard

#: Raised when the meaning of a scorecard changes without its text changing.
ENGINE_VERSION = "3"
_NOTHING: Mapping[str, str] = MappingProxyType({})


def score(
    analysis: Analysis,
    scorecard: Scorecard,
    *,
    matcher: PhraseMatcher | None = None,
    encoder: Encoder | None = None,
    profile: str = "",
    lent: Lent | None = None,
) -> Evaluation:
    """Evaluate a call.

    Args:
        analysis: Everything known about the call.
        scorecard: The form; see `load_scorecard`.
        matcher: Phrase matcher; the default lexicons when None.
        encoder: Sentence encoder for `semantic` rules; those are not evaluable without one.
        profile: Id of a profile; by default the first whose condition holds.
        lent: What an earlier evaluation of this analysis lends (see `scoring.reuse`); the result
            is the same, only sooner.

    Returns:
        The evaluation. The same arguments always give the same value, byte for byte.
    """
    matcher = matcher or _default_matcher()
    lent = lent or Lent()
    view, labels = prepare(analysis, scorecard, matcher=matcher, encoder=encoder, known=lent.labels)
    chosen = choose_profile(scorecard, view, profile)
    weights = profile_weights(scorecard, chosen)
    stop = _stop(analysis, scorecard, labels)
    if stop is not None:
        results = _unscored(scorecard, weights, *stop)
        findings: tuple[CriticalFinding, ...] = ()
    else:
        results = _results(scorecard, weights, view, lent)
        findings = suspect(scorecard, view, known=lent.findings)
        labels |= _listening(results, view, lent)
    if chosen is not None:
        labels = {**labels, "profile": chosen.id}
    return _evaluation(
        view, scorecard, results=results, findings=findings, labels=labels, stop=stop
    )


def prepare(
    analysis: Analysis,
    scorecard: Scorecard,
    *,
    matcher: PhraseMatcher | None = None,
    encoder: Encoder | None = None,
    explain: bool = False,
    known: Mapping[str, str] = _NOTHING,
) -> tuple[CallView, dict[str, str]]:
    """The call as rules see it, with derived labels filled in (those `known` are taken over)."""
    means = Means(
        matcher=matcher or _default_matcher(),
        encoder=encoder,
        anchors=scorecard.anchors,
        banks=_banks(scorecard),
        options=scorecard.options,
        minimum_confidence=scorecard.scoring.minimum_confidence,
        explain=explain,
    )
    view = CallView(analysis, means)
    labels: dict[str, str] = {}
    for derived in scorecard.labels:
        given = analysis.facts.get(derived.name, known.get(derived.name))
        if given is None:
            chosen = (c.value for c in derived.choices if c.when.check(view, Scope()).holds)
            given = next(chosen, derived.otherwise)
        labels[derived.name] = given
        view.facts[derived.name] = given
    return view, labels


def choose_profile(scorecard: Scorecard, view: CallView, name: str = "") -> Profile | None:
    """The named profile, else the first whose condition holds."""
    for profile in scorecard.profiles:
        if name:
            if profile.id == name:
                return profile
        elif profile.when is not None and profile.when.check(view, Scope()).holds:
            return profile
    return None


@lru_cache(maxsize=1)
def _default_matcher() -> PhraseMatcher:
    from scoring.matching import default_matcher  # noqa: PLC0415 - reads lexicons, only when needed

    return default_matcher()


_DIGESTS: dict[tuple[int, str], tuple[Scorecard, str]] = {}
_MEMORY = 64


@once_per_card
def _banks(scorecard: Scorecard) -> frozenset[str]:
    """Banks of a scorecard (walking the rules takes longer than a call)."""
    return scorecard.banks()


def digest_of(scorecard: Scorecard, matcher: PhraseMatcher, encoder: Encoder | None = None) -> str:
    """Digest of scorecard, lexicons, encoder and engine, remembered per object."""
    meaning = getattr(encoder, "digest", type(encoder).__qualname__) if encoder else ""
    key = (id(scorecard), f"{matcher.digest}/{meaning}")
    known = _DIGESTS.get(key)
    if known is None or known[0] is not scorecard:
        if len(_DIGESTS) >= _MEMORY:
            _DIGESTS.clear()
        if not scorecard.uses_meaning():
            meaning = ""
        value = scorecard.digest(f"{matcher.digest}/{meaning}/{ENGINE_VERSION}")
        known = _DIGESTS[key] = (scorecard, value)
    return known[1]


_Stop = tuple[EvaluationState, Bilingual]


def _stop(analysis: Analysis, card: Scorecard, labels: Mapping[str, str]) -> _Stop | None:
    """Why this call is not scored at all, or None."""
    turns = analysis.transcript.turns
    if not any(turn.text.strip() for turn in turns):
        return EvaluationState.NOT_SCORABLE, say(
            "没有可评分的对话", "there is no conversation to score"
        )
    quality = analysis.quality
    if quality is not None and quality.grade == "D":
        why = ", ".join(quality.reasons) or "D"
        return (
            EvaluationState.NOT_SCORABLE,
            say(f"录音质量不可评分：{why}", f"the recording cannot be scored: {why}"),
        )
    call_type = labels.get("call_type", analysis.facts.get("call_type", ""))
    if call_type in card.void_types:
        return EvaluationState.VOID, say("无效通话，不评分", "void call, not scored")
    if not any(turn.role in (Role.AGENT, Role.CUSTOMER) for turn in turns):
        return (
            EvaluationState.NEEDS_PERSON,
            say(
                "无法区分客服与客户，需要人工",
                "agent and customer are not told apart; a person is needed",
            ),
        )
    return None


def _unscored(
    card: Scorecard, weights: Mapping[str, float], state: EvaluationState, reason: Bilingual
) -> tuple[CriterionResult, ...]:
    void = state == EvaluationState.VOID
    outcome = Outcome.NOT_APPLICABLE if void else Outcome.NOT_EVALUABLE
    verdict = Verdict(outcome=outcome, share=0.0, confidence=0.0, reason=reason)
    return tuple(
        _result(card, section.id, item, weights[item.id], verdict)
        for section, item in card.criteria()
    )


def _results(
    card: Scorecard, weights: Mapping[str, float], view: CallView, lent: Lent
) -> tuple[CriterionResult, ...]:
    return tuple(
        _result(
            card,
            section.id,
            item,
            weights[item.id],
            lent.verdicts.get(item.id) or judge(item, view)[0],
            critical_class=_class_of(item, view),
        )
        for section, item in card.criteria()
    )


def _class_of(item: Criterion, view: CallView) -> CriterionClass:
    for other in item.class_when:
        if other.when.check(view, Scope()).holds:
            return other.critical_class
    return item.critical_class


def _listening(
    results: tuple[CriterionResult, ...], view: CallView, lent: Lent
) -> Mapping[str, str]:
    if "listening_level" in lent.labels:
        return {"listening_level": lent.labels["listening_level"]}
    return listening_level(results, view)


def _result(
    card: Scorecard,
    section_id: str,
    criterion: Criterion,
    weight: float,
    verdict: Verdict,
    *,
    critical_class: CriterionClass | None = None,
) -> CriterionResult:
    scored = verdict.outcome in (Outcome.MET, Outcome.PARTIAL, Outcome.MISSED)
    return CriterionResult(
        criterion_id=criterion.id,
        section_id=section_id,
        name=bilingual(criterion.name),
        weight=weight,
        applied_weight=weight if scored and not criterion.bonus else 0.0,
        points=points_of(
            form_rules(card),
            verdict.outcome,
            weight=weight,
            share=verdict.share,
            bonus=criterion.bonus,
        ),
        critical_class=critical_class or criterion.critical_class,
        verdict=verdict,
    )


def _evaluation(
    view: CallView,
    card: Scorecard,
    *,
    results: tuple[CriterionResult, ...],
    findings: tuple[CriticalFinding, ...],
    labels: Mapping[str, str],
    stop: _Stop | None,
) -> Evaluation:
    form = form_rules(card)
    sums = totals(results, form)
    state, reasons = (stop[0], (stop[1],)) if stop else _state(card, sums, findings, results)
    percent = sums.percent if state == EvaluationState.SCORED else None
    suspected = [f for f in findings if f.state == CriticalState.SUSPECTED]
    digest = digest_of(card, view.means.matcher, view.means.encoder)
    stamp = EngineStamp(name="scoring", version=ENGINE_VERSION, settings_digest=digest)
    return Evaluation(
        call_id=view.analysis.call.id,
        scorecard_id=card.id,
        scorecard_version=card.version,
        digest=digest,
        state=state,
        quality_percent=percent,
        if_confirmed_percent=after_fails(percent, results, suspected, form),
        band=form.band(percent),
        coverage=sums.coverage,
        applicable_weight=sums.applicable,
        positive_share=sums.positive_share,
        critical=critical_states(results, findings, form),
        results=results,
        sections=_sections(card, results),
        findings=findings,
        reasons=reasons,
        labels=dict(labels),
        stamps=(*view.analysis.stamps, stamp),
    )


def _sections(card: Scorecard, results: Sequence[CriterionResult]) -> tuple[SectionResult, ...]:
    return tuple(
        SectionResult(
            section_id=section.id,
            name=bilingual(section.name),
            weight=round(sum(r.weight for r in results if r.section_id == section.id), 4),
            percent=section_percent(results, section.id),
        )
        for section in card.sections
    )


def _state(
    card: Scorecard,
    sums: Totals,
    findings: tuple[CriticalFinding, ...],
    results: tuple[CriterionResult, ...],
) -> tuple[EvaluationState, tuple[Bilingual, ...]]:
    """Whether there is a score, and what a person should know about it."""
    reasons: list[Bilingual] = []
    rules = card.scoring
    if sums.coverage < rules.minimum_coverage:
        reasons.append(
            say(
                f"可评估比例 {sums.coverage:.0%} 低于 {rules.minimum_coverage:.0%}，需要人工",
                f"coverage {sums.coverage:.0%} is below {rules.minimum_coverage:.0%}; "
                "a person is needed",
            )
        )
    if sums.applicable < rules.minimum_weight:
        reasons.append(
            say(
                f"适用权重 {sums.applicable:g} 低于 {rules.minimum_weight:g}，需要人工",
                f"applicable weight {sums.applicable:g} is below {rules.minimum_weight:g}; "
                "a person is needed",
            )
        )
    state = EvaluationState.NEEDS_PERSON if reasons else EvaluationState.SCORED
    suspected = sum(f.state == CriticalState.SUSPECTED for f in findings)
    if suspected:
        reasons.append(
            say(
                f"{suspected} 项疑似致命错误，需人工确认",
                f"{suspected} suspected critical error(s), to be confirmed by a person",
            )
        )
    waiting = sum(r.verdict.review for r in results)
    if waiting:
        reasons.append(say(f"{waiting} 项待人工核听", f"{waiting} criteria to be listened to"))
    return state, tuple(reasons)


__all__ = [
    "ENGINE_VERSION",
    "choose_profile",
    "choose_scorecard",
    "digest_of",
    "list_scorecards",
    "load_scorecard",
    "prepare",
    "score",
]
