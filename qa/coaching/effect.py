"""Did coaching help? The agent's change against that of peers (dossier §5.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pandas as pd

from qa.people.effects import Difference, difference_in_differences

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


def effect_of(outcomes: pd.DataFrame, agent_id: str, opened: date) -> Effect:
    """Before and after a plan was opened; the opening day itself is left out.

    Args:
        outcomes: One criterion's rows of the agent and of uncoached peers: agent_id, day, call_id,
            outcome, share.
        agent_id: Who was coached.
        opened: When.
    """
    judged = outcomes[outcomes["outcome"].isin(("met", "partial", "missed"))]
    judged = judged.sort_values(["day", "call_id"])
    day = pd.to_datetime(judged["day"]).dt.date
    own = judged["agent_id"] == agent_id
    earlier, later = day < opened, day > opened
    before = judged.loc[own & earlier, "share"].tail(CALLS).astype("float64")
    after = judged.loc[own & later, "share"].head(CALLS).astype("float64")
    peers = [judged.loc[~own & side, "share"].astype("float64") for side in (earlier, later)]
    found = difference_in_differences(before, after, peers[0], peers[1])
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
