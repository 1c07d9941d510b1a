"""`sequence` and `flow`: things that must happen, in order, with options and branches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from qa.evaluation import Bilingual
from scoring.criteria.base import Part, RuleBase, Scope, Share, Text
from scoring.criteria.findings import Finding, Spot, all_candidates, cannot, first_spots, say
from scoring.criteria.view import CallView

if TYPE_CHECKING:
    from scoring.criteria.union import Rule


class Sequence(RuleBase):
    """Every rule hits, each after the one before. With `partial`, credit is the share reached."""

    kind: Literal["sequence"]
    steps: Annotated[tuple[Rule, ...], Field(min_length=2)]
    within_turns: Annotated[int, Field(ge=1)] | None = None
    """Most turns from one step to the next."""
    partial: bool = False

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Follow the steps greedily: each takes its earliest hit after the previous one."""
        scope = self.scoped(scope)
        found = [step.check(view, scope) for step in self.steps]
        if any(finding.unknown for finding in found):
            first = next(finding for finding in found if finding.unknown)
            return first._replace(rule="sequence", children=tuple(found))
        chain = self._chain([sorted(f.spots, key=lambda s: s.begins) for f in found])
        reached = len(chain)
        share = reached / len(found) if self.partial else float(reached == len(found))
        return Finding(
            share=share,
            reason=say(
                f"按顺序做到 {reached}/{len(found)} 步", f"{reached} of {len(found)} steps in order"
            ),
            rule="sequence",
            spots=tuple(chain),
            candidates=first_spots(all_candidates(found)),
            confidence=min(f.confidence for f in found),
            measured={"steps": float(reached), "of": float(len(found))},
            children=tuple(found),
        )

    def _chain(self, hits: list[list[Spot]]) -> list[Spot]:
        best: list[Spot] = []
        for start in hits[0][:20]:
            chain = [start]
            for spots in hits[1:]:
                following = next((s for s in spots if self._follows(chain[-1], s)), None)
                if following is None:
                    break
                chain.append(following)
            if len(chain) > len(best):
                best = chain
        return best

    def _follows(self, one: Spot, two: Spot) -> bool:
        if two.begins < one.ends:
            return False
        return self.within_turns is None or two.begins[0] - one.begins[0] <= self.within_turns


class FlowStep(Part):
    """One step of a procedure.

    `optional` steps never cost anything; a step with `when` is only required in that branch;
    `must_come_after` names steps that have to be done first.
    """

    id: Annotated[str, Field(min_length=1)]
    name: Text
    rule: Rule
    optional: bool = False
    when: Rule | None = None
    must_come_after: tuple[str, ...] = ()


class Flow(RuleBase):
    """A procedure: credit is the share of required steps done, less `out_of_order` per wrong order.

    `out_of_order` is in steps (0.5 means half a step).
    """

    kind: Literal["flow"]
    steps: Annotated[tuple[FlowStep, ...], Field(min_length=2)]
    out_of_order: Annotated[float, Field(ge=0)] = 0.5
    fail_at_most: Annotated[int, Field(ge=0)] | None = None
    """With this many steps or fewer the credit is 0 (a critical failure)."""
    floor: Share = 0.0
    done_at: Share = 0.75
    """A step with this share or more is done (a promise that lacks only one part is one)."""

    @model_validator(mode="after")
    def _known_ids(self) -> Flow:
        ids = [step.id for step in self.steps]
        if len(set(ids)) != len(ids):
            raise ValueError("step ids must differ")
        for step in self.steps:
            for other in step.must_come_after:
                if other not in ids or other == step.id:
                    raise ValueError(f"must_come_after: no other step {other!r}")
        return self

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Check the steps of the branches that apply."""
        scope = self.scoped(scope)
        taken = [s for s in self.steps if s.when is None or s.when.check(view, scope).holds]
        done = [_Done(step=s, finding=s.rule.check(view, scope)) for s in taken]
        required = [d for d in done if not d.step.optional and not d.finding.unknown]
        if not required:
            return cannot("没有可评估的步骤", "no step could be evaluated", rule="flow")
        hit = [d for d in required if d.share(self.done_at) >= 0.5]
        wrong = _out_of_order(done)
        points = sum(d.share(self.done_at) for d in required) - self.out_of_order * len(wrong)
        share = min(1.0, max(self.floor, points / len(required)))
        if self.fail_at_most is not None and len(hit) <= self.fail_at_most:
            share = 0.0
        return Finding(
            share=share,
            reason=_reason(required, hit, wrong),
            rule="flow",
            spots=first_spots((s for d in hit for s in d.finding.spots[:2]), 50),
            candidates=first_spots(all_candidates(d.finding for d in done)),
            confidence=min(d.finding.confidence for d in required),
            measured={
                "steps": float(len(hit)),
                "of": float(len(required)),
                "out_of_order": float(len(wrong)),
            },
            children=tuple(d.finding for d in done),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    step: FlowStep
    finding: Finding

    def share(self, done_at: float) -> float:
        """Credit of the step."""
        found = self.finding.share or 0.0
        return 1.0 if found >= done_at else found

    @property
    def first(self) -> tuple[int, int] | None:
        """Where the step was first done."""
        return min((s.begins for s in self.finding.spots), default=None)


def _out_of_order(done: list[_Done]) -> list[tuple[FlowStep, FlowStep]]:
    """Pairs (step, the step it should have followed) that were done the wrong way round."""
    by_id = {d.step.id: d for d in done}
    wrong = []
    for item in done:
        for name in item.step.must_come_after:
            before = by_id.get(name)
            if before is None or not item.finding.share or not before.finding.share:
                continue
            if item.first is not None and before.first is not None and item.first < before.first:
                wrong.append((item.step, before.step))
    return wrong


def _reason(
    required: list[_Done], hit: list[_Done], wrong: list[tuple[FlowStep, FlowStep]]
) -> Bilingual:
    lacking = [d.step.name for d in required if not d.finding.share]
    zh = f"{len(required)} 步中做到 {len(hit)} 步"
    en = f"{len(hit)} of {len(required)} steps"
    if lacking:
        zh += f"，缺：{'、'.join(t.zh for t in lacking)}"
        en += f"; missing: {', '.join(t.en for t in lacking)}"
    for step, before in wrong:
        zh += f"；“{step.name.zh}”早于“{before.name.zh}”"
        en += f"; {step.name.en} came before {before.name.en}"
    return say(zh, en)
