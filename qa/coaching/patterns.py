"""The gate between a bad call and a pattern: one miss is no reason to coach anybody."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import pandas as pd

from qa.evaluation import JUDGED
from qa.people.effects import exceeds
from qa.people.intervals import Estimate, wilson

#: Dossier §5.1: credit under 0.6 on at least 30 % of the last 20 applicable calls, n at least 8.
CREDIT, SHARE, LAST, MINIMUM_N = 0.6, 0.30, 20, 8
#: Rate that is still tolerated, and how sure it must be that it is exceeded (or not).
TARGET, SURE = 0.20, 0.80
#: At least so many misses: a repetition, whatever the rate.
REPEATED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A behaviour of an agent over their last calls.

    Attributes:
        misses: Calls with credit under `CREDIT`, of `rate.n`.
        rate: Their share with its Wilson interval, 0–1.
        probability: Posterior chance that the true rate is over `TARGET`.
        team_rate: Of everybody in the frame, for comparison.
        ahead: Posterior chance that the true rate is under `team_rate`.
        call_ids: Calls to listen to, newest first: misses, or for praise the ones done well.
    """

    agent_id: str
    team: str
    criterion_id: str
    misses: int
    rate: Estimate
    probability: float
    team_rate: float
    ahead: float
    call_ids: tuple[str, ...]

    @property
    def needs_coaching(self) -> bool:
        """Whether it happens often, repeatedly, and surely."""
        often = self.rate.n >= MINIMUM_N and self.rate.value >= SHARE and self.misses >= REPEATED
        return often and self.probability >= SURE

    @property
    def deserves_praise(self) -> bool:
        """Whether it surely goes better than with others, or surely as it should."""
        return self.rate.n >= MINIMUM_N and (self.is_ahead or self.is_mastered)

    @property
    def is_ahead(self) -> bool:
        """Whether it mostly goes well, and surely better than with others."""
        return self.rate.value < 0.5 and self.ahead >= SURE

    @property
    def is_mastered(self) -> bool:
        """Whether it is surely missed less often than is tolerated."""
        return 1 - self.probability >= SURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One line of the morning page: what to correct, what to praise; either may be missing."""

    agent_id: str
    team: str
    correct: Pattern | None
    praise: Pattern | None


def patterns(outcomes: pd.DataFrame) -> list[Pattern]:
    """Every agent and criterion over their last `LAST` applicable calls.

    Args:
        outcomes: As `PeopleFrames.outcomes`: agent_id, team, day, call_id, criterion_id, outcome,
            share.
    """
    judged = outcomes[outcomes["outcome"].isin(JUDGED)]
    judged = judged.sort_values(["day", "call_id"], ascending=False)
    judged = judged.assign(missed=judged["share"].astype("float64") < CREDIT)
    common = judged.groupby("criterion_id")["missed"].mean()
    keys = ["agent_id", "criterion_id"]
    recent = judged.groupby(keys).head(LAST)
    counts = recent.groupby(keys)["missed"].agg(["sum", "size"])
    heard = {outcome: _calls(part, keys) for outcome, part in recent.groupby("missed")}
    teams = recent.groupby(keys)["team"].first()
    found = []
    for key, misses, n in counts.astype(int).itertuples(name=None):
        agent, criterion = key
        rate = wilson(misses, n)
        assert rate is not None  # a group has rows
        usual = float(common[criterion])
        found.append(
            Pattern(
                agent_id=str(agent),
                team=str(teams[key]),
                criterion_id=str(criterion),
                misses=misses,
                rate=rate,
                probability=exceeds(misses, n, TARGET),
                team_rate=usual,
                ahead=1 - exceeds(misses, n, usual),
                call_ids=heard.get(misses >= REPEATED, {}).get(key, ()),
            )
        )
    return found


def _calls(part: pd.DataFrame, keys: list[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Agent and criterion → the newest three of these calls."""
    newest = part.groupby(keys).head(3).groupby(keys)["call_id"]
    return {key: tuple(str(one) for one in ids) for key, ids in newest}


def needs(found: list[Pattern]) -> list[Need]:
    """One line per agent with something to say, the surest pattern first.

    The praise is the behaviour that others miss most of those surely done better than by them;
    without one, that which the agent surely does as it should. Every feedback holds something good
    where anything surely is (dossier §5.1).
    """
    lines = []
    by_agent = groupby(sorted(found, key=attrgetter("agent_id")), key=attrgetter("agent_id"))
    for agent, group in by_agent:
        own = list(group)
        bad = [one for one in own if one.needs_coaching]
        good = [one for one in own if one.deserves_praise]
        if not bad and not good:
            continue
        correct = max(bad, key=lambda one: (one.probability, one.rate.value), default=None)
        praise = max(
            good, key=lambda one: (one.is_ahead, one.team_rate - one.rate.value), default=None
        )
        team = own[0].team
        lines.append(Need(agent_id=agent, team=team, correct=correct, praise=praise))
    return sorted(lines, key=lambda one: (-_weight(one), one.agent_id))


def _weight(line: Need) -> float:
    return line.correct.probability * line.correct.rate.value if line.correct else 0.0
