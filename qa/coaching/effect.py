"""Did coaching help? The agent's change against that of peers (dossier §5.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pandas as pd

from qa.evaluation import JUDGED
from qa.people.effects import Difference, difference_in_differences
from qa.people.intervals import Estimate, mean_interval

#: Calls looked at before and after; under `MINIMUM_N` on either side nothing is said.
CALLS, MINIMUM_N = 20, 8


class Help(StrEnum):
    """What may be said."""

    HELPED = "helped"
    HARMED = "harmed"
    NO_EVIDENCE = "no_evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Change in credit on the criterion, 0–1, beyond the peers' change, with a 90 % interval."""

    before: float | None
    after: float | None
    n: tuple[int, int]
    difference: Difference | None
    help: Help


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the plans of one coach came to.

    Attributes:
        helped, harmed, unknown: Plans by what may be said about them.
        gain: Mean gain in credit over the plans that can be measured, 0–1, 90 % interval.
    """

    coach: str
    helped: int
    harmed: int
    unknown: int
    gain: Estimate | None


def effect_of(
    outcomes: pd.DataFrame, agent_id: str, opened: date, *, until: date | None = None
) -> Effect:
    """Before and after a plan was opened; the opening day itself is left out.

    Args:
        outcomes: One criterion's rows of the agent and of uncoached peers: agent_id, day, call_id,
            outcome, share.
        agent_id: Who was coached.
        opened: When.
        until: Look at the last calls up to this day; at the first ones afterwards when None.
    """
    judged = outcomes[outcomes["outcome"].isin(JUDGED)].sort_values(["day", "call_id"])
    day = pd.to_datetime(judged["day"]).dt.date
    own = judged["agent_id"] == agent_id
    earlier, later = day < opened, day > opened
    if until is not None:
        later &= day <= until
    credit = judged["share"].astype("float64")
    before, after = credit[own & earlier].tail(CALLS), credit[own & later]
    after = after.head(CALLS) if until is None else after.tail(CALLS)
    found = difference_in_differences(before, after, credit[~own & earlier], credit[~own & later])
    enough = min(len(before), len(after)) >= MINIMUM_N
    said = Help.NO_EVIDENCE
    if enough and found is not None and found.excludes_zero:
        said = Help.HELPED if found.value > 0 else Help.HARMED
    return Effect(
        before=float(before.mean()) if len(before) else None,
        after=float(after.mean()) if len(after) else None,
        n=(len(before), len(after)),
        difference=found if enough else None,
        help=said,
    )


def overview(found: Sequence[tuple[str, Effect]]) -> list[Overview]:
    """One line per coach, by name: an order by effect would be a ranking of few plans.

    Args:
        found: (coach, effect) of every plan.
    """
    lines = []
    for coach in sorted({name for name, _ in found}):
        own = [effect for name, effect in found if name == coach]
        said = [effect.help for effect in own]
        known = [effect.difference.value for effect in own if effect.difference]
        lines.append(
            Overview(
                coach=coach,
                helped=said.count(Help.HELPED),
                harmed=said.count(Help.HARMED),
                unknown=said.count(Help.NO_EVIDENCE),
                gain=mean_interval(known, level=0.90),
            )
        )
    return lines
