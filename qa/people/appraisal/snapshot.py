"""A frozen period as one canonical text: what was proposed, from which calls, by which scheme."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from qa import codec
from qa.people.appraisal.fairness import Fairness
from qa.people.appraisal.measuring import quality
from qa.people.appraisal.scheme import Measure, Scheme
from qa.people.appraisal.scoring import AgentResult
from qa.people.figures import figures
from qa.people.indicators import INDICATORS

#: What a later verdict can change, and must therefore be remembered per call.
LEDGER = (
    "call_id", "agent_id", "team", "evaluation_id", "decision_id", "queue", "call_type", "hour",
    "fair_quality", "customer_critical", "business_critical", "compliance_critical", "confirmed",
)  # fmt: skip
_FROM_CALLS = ("fair_quality", "cc_accuracy", "rc_accuracy", "bc_accuracy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A period worked out: what a preview shows and a freeze keeps.

    Attributes:
        ledger: Calls that counted, with the columns of `LEDGER`.
    """

    results: tuple[AgentResult, ...]
    fairness: Fairness
    ledger: pd.DataFrame
    scheme: Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class LateChange:
    """What verdicts overturned after freezing are worth to one agent.

    Attributes:
        points: Points of the whole, to be added in a later period.
        calls: Calls whose verdicts changed.
    """

    agent_id: str
    points: float
    calls: tuple[str, ...]


def freeze(proposal: Proposal, about: Mapping[str, Any]) -> tuple[str, str]:
    """Canonical JSON (sorted keys, no spaces) and its SHA-256.

    Args:
        proposal: What is frozen.
        about: The period: name, days, who, when.
    """
    ledger = proposal.ledger[list(LEDGER)].sort_values("call_id")
    plain = {
        "about": dict(about),
        "scheme": codec.to_plain(proposal.scheme),
        "results": [codec.to_plain(result) for result in proposal.results],
        "fairness": codec.to_plain(proposal.fairness),
        "ledger": {
            name: [None if pd.isna(value) else value for value in ledger[name].tolist()]
            for name in LEDGER
        },
    }
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text, digest(text)


def digest(text: str) -> str:
    """SHA-256 of a snapshot."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def thaw(text: str) -> tuple[Proposal, dict[str, Any]]:
    """A snapshot read back, and what it says about its period."""
    plain = json.loads(text)
    return (
        Proposal(
            results=tuple(codec.from_plain(AgentResult, item) for item in plain["results"]),
            fairness=codec.from_plain(Fairness, plain["fairness"]),
            ledger=pd.DataFrame(plain["ledger"], columns=list(LEDGER)),
            scheme=codec.from_plain(Scheme, plain["scheme"]),
        ),
        plain["about"],
    )


def late_changes(frozen: Proposal, now: pd.DataFrame) -> list[LateChange]:
    """What changed verdicts are worth, agent by agent.

    Both sides are computed in the same way from the frozen calls, before and after, so that the
    difference is the verdicts' and nothing else's.

    Args:
        frozen: The snapshot.
        now: Facts of the frozen calls that people decided after freezing (columns of `LEDGER`).
    """
    before = frozen.ledger.set_index("call_id")
    later = now.set_index("call_id").reindex(columns=before.columns)
    later = later[later.index.isin(before.index)]
    watched = ["fair_quality", "customer_critical", "business_critical", "compliance_critical"]
    same = (
        later[watched]
        .astype(object)
        .fillna("")
        .eq(before.loc[later.index, watched].astype(object).fillna(""))
    ).all(axis=1)
    changed = later[~same]
    if changed.empty:
        return []
    after = before.astype(object)
    after.loc[changed.index] = changed.astype(object)
    old, new = (_call_points(part.reset_index(), frozen.scheme) for part in (before, after))
    found = []
    for agent, part in changed.groupby("agent_id"):
        result = next((item for item in frozen.results if item.agent_id == agent), None)
        if result is None or result.score is None:
            continue
        gain = sum(
            item.weight * (new[agent, item.id] - old[agent, item.id]) / 100
            for item in result.measures
            if item.weight and (agent, item.id) in old and (agent, item.id) in new
        )
        found.append(
            LateChange(agent_id=str(agent), points=round(gain, 4), calls=tuple(sorted(part.index)))
        )
    return [item for item in found if abs(item.points) >= 0.005]


def _call_points(ledger: pd.DataFrame, scheme: Scheme) -> dict[tuple[str, str], float]:
    """(agent, measure) → points, of the measures that verdicts decide."""
    knots: dict[str, Measure] = {m.id: m for part in scheme.parts for m in part.measures}
    typed = ledger.assign(fair_quality=pd.to_numeric(ledger["fair_quality"]))
    found: dict[tuple[str, str], float] = {}
    for name in _FROM_CALLS:
        if name not in knots:
            continue
        rows = quality(typed) if name == "fair_quality" else figures(typed, INDICATORS[name])
        for agent, value in zip(rows["agent_id"], rows["value"], strict=True):
            found[str(agent), name] = float(knots[name].points(float(value)))
    return found
