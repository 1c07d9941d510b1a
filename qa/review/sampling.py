"""Sampling plans: which calls people listen to, with the probability of each pick.

Every draw is seeded and does not depend on the order of rows: a call's place in the lottery is a
hash of seed and call id (permanent random numbers, Ohlsson 1995). The probability of inclusion of
every pick is known, so that figures estimated from a mixed sample stay unbiased
(`qa.review.estimate`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from qa.errors import ReviewError
from qa.review.allocation import allocate
from qa.review.values import PickReason


class PlanKind(StrEnum):
    """How calls are picked."""

    RANDOM = "random"
    STRATIFIED = "stratified"
    TARGETED = "targeted"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A call that may be picked.

    Attributes:
        tenure: Band of the agent's time in the job (`0-90d`, `90d+` …), `""` when unknown.
        score: Machine score, for spreading a stratified sample; None without one.
        risk: 0–1: how bad a call may be (suspected violations, sentiment, low score).
        uncertainty: 0–1: how unsure the machine is.
        suspect: A suspected auto-fail: always picked by plans that look for risk.
    """

    call_id: str
    agent_id: str = ""
    queue: str = ""
    tenure: str = ""
    direction: str = ""
    score: float | None = None
    risk: float = 0.0
    uncertainty: float = 0.0
    suspect: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to pick. Only the fields of its kind matter.

    Attributes:
        seed: Any text; the same seed on the same calls always gives the same sample.
        per_agent: `RANDOM`, and the random part of `MIXED`: calls per agent.
        size: `STRATIFIED` and `TARGETED`: calls in all; targeted part of `MIXED`.
        by: Fields of `Candidate` that make a stratum.
        floor: At least so many per stratum (fewer where it is smaller).
        spread: Allocate by the spread of machine scores inside strata (Neyman) instead of by size.
        risk_weight: 0–1: how much of the targeting follows risk, the rest follows uncertainty.
        base: Chance left to an ordinary call, relative to the riskiest; above 0, so that every
            call can be picked and estimates stay possible.
        take_suspects: Pick every suspected auto-fail.
    """

    kind: PlanKind
    seed: str
    per_agent: int = 3
    size: int = 50
    by: tuple[str, ...] = ("queue", "tenure", "direction")
    floor: int = 1
    spread: bool = False
    risk_weight: float = 0.6
    base: float = 0.05
    take_suspects: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A picked call. `inclusion`: probability 0–1 with which this plan picks it."""

    call_id: str
    reason: PickReason
    inclusion: float
    stratum: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What a plan picked.

    Attributes:
        population: Calls that could have been picked.
        sizes: Stratum (agent, for a quota) → (picked, population).
    """

    plan: Plan
    picks: tuple[Pick, ...]
    population: int
    sizes: Mapping[str, tuple[int, int]]


def draw(candidates: Sequence[Candidate], plan: Plan) -> Draw:
    """Pick calls.

    Raises:
        ReviewError: The plan cannot be followed (nothing to pick from, a size below one,
            probabilities that would be zero, an unknown field), or a call comes twice.
    """
    _check(plan)
    pool = sorted(candidates, key=lambda item: item.call_id)
    if len({item.call_id for item in pool}) != len(pool):
        raise ReviewError("a call comes twice", "sample", "list every call once")
    if not pool:
        raise ReviewError("no call fits the filter", "sample", "widen it")
    picks = _DRAWS[plan.kind](pool, plan)
    sizes = _sizes(pool, picks, plan)
    return Draw(plan=plan, picks=tuple(picks), population=len(pool), sizes=sizes)


def replacement(
    candidates: Sequence[Candidate], drawn: Draw, call_id: str, *, gone: frozenset[str]
) -> Pick | None:
    """The next call of the same stratum in the order of the lottery, or None when it is empty.

    It takes over the probability of the call it replaces: a skip is treated as missing at random
    within its stratum, which is why skips need a reason and are counted.

    Args:
        candidates: The population of the draw.
        drawn: What was picked.
        call_id: The call to replace.
        gone: Calls that may not be used (skipped before, already picked elsewhere).
    """
    skipped = next((pick for pick in drawn.picks if pick.call_id == call_id), None)
    if skipped is None:
        raise ReviewError(f"{call_id} is not in this sample", "sample", "reload the list")
    used = {pick.call_id for pick in drawn.picks} | gone
    plan = drawn.plan
    left = [
        item
        for item in candidates
        if item.call_id not in used and _stratum(item, plan, skipped.reason) == skipped.stratum
    ]
    if not left:
        return None
    chosen = min(left, key=lambda item: place(plan.seed, item.call_id))
    return Pick(
        call_id=chosen.call_id,
        reason=PickReason.REPLACEMENT,
        inclusion=skipped.inclusion,
        stratum=skipped.stratum,
    )


def place(seed: str, call_id: str) -> float:
    """A call's place in the lottery: uniform on [0, 1), fixed by seed and call."""
    head = sha256(f"{seed}\x1f{call_id}".encode()).digest()[:7]
    return int.from_bytes(head, "big") / (1 << 56)


def stratum_of(candidate: Candidate, by: Sequence[str]) -> str:
    """Stratum as `queue · tenure · direction`, with `?` for what is not known."""
    return " · ".join(str(getattr(candidate, name) or "?") for name in by)


def _stratum(item: Candidate, plan: Plan, reason: PickReason) -> str:
    if plan.kind == PlanKind.STRATIFIED:
        return stratum_of(item, plan.by)
    return item.agent_id if reason in (PickReason.RANDOM, PickReason.REPLACEMENT) else ""


def _quota(pool: Sequence[Candidate], plan: Plan) -> list[Pick]:
    picks = []
    for agent, own in _grouped(pool, ("agent_id",)).items():
        chosen = _smallest(own, plan.per_agent, plan.seed)
        picks += [
            Pick(
                call_id=item.call_id,
                reason=PickReason.RANDOM,
                inclusion=len(chosen) / len(own),
                stratum=agent,
            )
            for item in chosen
        ]
    return picks


def _stratified(pool: Sequence[Candidate], plan: Plan) -> list[Pick]:
    strata = _strata(pool, plan)
    wanted = allocate(
        {name: len(own) for name, own in strata.items()},
        min(plan.size, len(pool)),
        floor=plan.floor,
        spreads={name: _spread(own) for name, own in strata.items()} if plan.spread else None,
    )
    picks = []
    for name, own in strata.items():
        chosen = _smallest(own, wanted[name], plan.seed)
        picks += [
            Pick(
                call_id=item.call_id,
                reason=PickReason.STRATIFIED,
                inclusion=len(chosen) / len(own),
                stratum=name,
            )
            for item in chosen
        ]
    return picks


def _targeted(pool: Sequence[Candidate], plan: Plan) -> list[Pick]:
    chances = inclusion_chances(pool, plan)
    return [
        Pick(call_id=item.call_id, reason=_why(item, plan), inclusion=chances[item.call_id])
        for item in _systematic(pool, chances, plan.seed)
    ]


def _mixed(pool: Sequence[Candidate], plan: Plan) -> list[Pick]:
    """Two independent draws. A call is in when either picks it: 1 − (1 − p)(1 − q)."""
    sizes = {agent: len(own) for agent, own in _grouped(pool, ("agent_id",)).items()}
    chances = inclusion_chances(pool, plan)
    agents = {item.call_id: item.agent_id for item in pool}

    def either(call_id: str) -> float:
        quota = min(plan.per_agent, sizes[agents[call_id]]) / sizes[agents[call_id]]
        return 1 - (1 - quota) * (1 - chances[call_id])

    targeted = Plan(
        kind=PlanKind.TARGETED,
        seed=f"{plan.seed}/targeted",
        size=plan.size,
        risk_weight=plan.risk_weight,
        base=plan.base,
        take_suspects=plan.take_suspects,
    )
    # the random part first: a call that both draws pick stays in the unbiased slice
    found = {pick.call_id: pick for pick in (*_targeted(pool, targeted), *_quota(pool, plan))}
    return [
        Pick(
            call_id=pick.call_id,
            reason=pick.reason,
            inclusion=either(pick.call_id),
            stratum=pick.stratum,
        )
        for pick in found.values()
    ]


_DRAWS = {
    PlanKind.RANDOM: _quota,
    PlanKind.STRATIFIED: _stratified,
    PlanKind.TARGETED: _targeted,
    PlanKind.MIXED: _mixed,
}


def inclusion_chances(pool: Sequence[Candidate], plan: Plan) -> dict[str, float]:
    """Call → probability of a targeted pick: proportional to its size, at most 1.

    Those whose share would exceed 1 are taken for certain and the rest is shared out again.
    """
    certain = {item.call_id for item in pool if item.suspect and plan.take_suspects}
    left = {item.call_id: _weight(item, plan) for item in pool if item.call_id not in certain}
    places = min(max(0, plan.size - len(certain)), len(left))
    while places:
        total = sum(left.values())
        over = [name for name, weight in left.items() if places * weight >= total]
        if not over:
            break
        certain.update(over)
        for name in over:
            del left[name]
        places -= len(over)
    total = sum(left.values())
    chances = {name: places * weight / total for name, weight in left.items()} if left else {}
    return chances | dict.fromkeys(certain, 1.0)


def _weight(item: Candidate, plan: Plan) -> float:
    share = plan.risk_weight
    return plan.base + (1 - plan.base) * (share * item.risk + (1 - share) * item.uncertainty)


def _systematic(
    pool: Sequence[Candidate], chances: Mapping[str, float], seed: str
) -> list[Candidate]:
    """Systematic sampling with unequal probabilities over a random order (Madow 1949).

    First-order inclusion probabilities are exactly `chances`, and the size is fixed.
    """
    order = sorted(pool, key=lambda item: place(seed, item.call_id))
    start = place(seed, "\x1fstart")
    chosen, reached = [], 0.0
    for item in order:
        before, chance = reached, chances[item.call_id]
        if chance >= 1.0:
            chosen.append(item)
            continue
        reached += chance
        if _ticks(reached, start) > _ticks(before, start):
            chosen.append(item)
    return chosen


def _ticks(reached: float, start: float) -> int:
    """How many of the marks start, start + 1, start + 2 … lie below `reached`."""
    # sums of probabilities carry rounding; a mark missed by 1e-9 would lose a whole place
    return int(reached - start + 1 + 1e-9) if reached >= start - 1e-9 else 0


def _why(item: Candidate, plan: Plan) -> PickReason:
    if item.suspect:
        return PickReason.AUTO_FAIL
    risk, doubt = plan.risk_weight * item.risk, (1 - plan.risk_weight) * item.uncertainty
    return PickReason.RISK if risk >= doubt else PickReason.LOW_CONFIDENCE


def _smallest(own: Sequence[Candidate], size: int, seed: str) -> list[Candidate]:
    return sorted(own, key=lambda item: place(seed, item.call_id))[:size]


def _grouped(pool: Sequence[Candidate], by: Sequence[str]) -> dict[str, list[Candidate]]:
    groups: defaultdict[str, list[Candidate]] = defaultdict(list)
    for item in pool:
        name = getattr(item, by[0]) if len(by) == 1 else stratum_of(item, by)
        groups[str(name)].append(item)
    return dict(sorted(groups.items()))


def _strata(pool: Sequence[Candidate], plan: Plan) -> dict[str, list[Candidate]]:
    groups: defaultdict[str, list[Candidate]] = defaultdict(list)
    for item in pool:
        groups[stratum_of(item, plan.by)].append(item)
    return dict(sorted(groups.items()))


def _spread(own: Sequence[Candidate]) -> float | None:
    """Standard deviation of machine scores; None where too few are known."""
    known = [item.score for item in own if item.score is not None]
    if len(known) < 3:
        return None
    mean = sum(known) / len(known)
    return float((sum((value - mean) ** 2 for value in known) / (len(known) - 1)) ** 0.5)


def _sizes(
    pool: Sequence[Candidate], picks: Sequence[Pick], plan: Plan
) -> dict[str, tuple[int, int]]:
    by = plan.by if plan.kind == PlanKind.STRATIFIED else ("agent_id",)
    picked = {pick.call_id for pick in picks}
    groups = _strata(pool, plan) if plan.kind == PlanKind.STRATIFIED else _grouped(pool, by)
    return {
        name: (sum(item.call_id in picked for item in own), len(own))
        for name, own in groups.items()
    }


def _check(plan: Plan) -> None:
    wrong = [
        (plan.kind in (PlanKind.RANDOM, PlanKind.MIXED) and plan.per_agent < 1, "per_agent", "1"),
        (plan.kind != PlanKind.RANDOM and plan.size < 1, "size", "1"),
        (plan.floor < 0, "floor", "0"),
        (not 0 <= plan.risk_weight <= 1, "risk_weight", "0 and at most 1"),
        (not 0 < plan.base <= 1, "base", "more than 0 and at most 1"),
    ]
    for is_wrong, name, least in wrong:
        if is_wrong:
            raise ReviewError(f"{name} is out of range", "sampling plan", f"at least {least}")
    known = {"queue", "tenure", "direction", "agent_id"}
    if plan.kind == PlanKind.STRATIFIED and (not plan.by or set(plan.by) - known):
        raise ReviewError("unknown stratum", "sampling plan", f"use {', '.join(sorted(known))}")
