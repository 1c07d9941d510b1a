"""The report card of the machine, put together from the store's counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from qa.people.intervals import Estimate, wilson
from qa.review.agreement import OUTCOMES, agreement
from qa.review.autonomy import START, Evidence, LevelChange, next_move
from qa.review.report_card import CardLine
from qa.store.review_figures import Counts, Period

if TYPE_CHECKING:
    from qa.review.values import Cause
    from qa.store.store import Store


def report_card(
    store: Store, period: Period, *, trust: Mapping[str, Evidence] | None = None
) -> list[CardLine]:
    """One line per criterion on which anything was decided, in the order of their ids.

    `trust` is `evidence_now`, where the caller has it: it does not depend on the period.
    """
    figures = store.review_figures
    counts, causes = figures.confusion_and_causes(period)
    humans, disputes = figures.human_pairs(period), figures.disputes_of(period)
    names, levels = figures.names(period.scorecard_id), store.autonomy.levels(period.scorecard_id)
    if trust is None:
        of_all = _summed(counts, causes, disputes) if is_whole(period) else None
        trust = evidence_now(store, period.scorecard_id, levels, of_all=of_all)
    lines = []
    for criterion_id, cells in counts.items():
        known = levels.get(criterion_id)
        level = known.level if known else START
        decided, overturned = disputes.get(criterion_id, (0, 0))
        found = causes.get(criterion_id, {})
        lines.append(
            CardLine(
                scorecard_id=period.scorecard_id,
                criterion_id=criterion_id,
                name=names[criterion_id],
                level=level,
                agreement=agreement(cells),
                humans=_same(humans.get(criterion_id, {})),
                overrides=sum(found.values()),
                causes=found,
                disputes_decided=decided,
                disputes_overturned=overturned,
                move=next_move(level, trust.get(criterion_id, _NOTHING)),
            )
        )
    return sorted(lines, key=lambda line: _order(line.criterion_id))


def is_whole(period: Period) -> bool:
    """Whether a period is all time and all decisions: then the card itself tells what to trust."""
    return period == Period(scorecard_id=period.scorecard_id)


def evidence_now(
    store: Store,
    scorecard_id: str,
    levels: dict[str, LevelChange] | None = None,
    *,
    of_all: dict[str, Evidence] | None = None,
) -> dict[str, Evidence]:
    """Criterion → what is known since its level last changed: what the ladder goes by.

    `of_all` is what is known of all time, where the caller has just read it.
    """
    changes = store.autonomy.levels(scorecard_id) if levels is None else levels
    found = _evidence(store, Period(scorecard_id=scorecard_id)) if of_all is None else dict(of_all)
    for when in {change.made_at for change in changes.values()}:
        newer = _evidence(store, Period(scorecard_id=scorecard_id, since=when))
        for name, change in changes.items():
            if change.made_at == when:
                found[name] = newer.get(name, _NOTHING)
    return found


def _evidence(store: Store, period: Period) -> dict[str, Evidence]:
    figures = store.review_figures
    counts, causes = figures.confusion_and_causes(period)
    return _summed(counts, causes, figures.disputes_of(period))


def _summed(
    counts: Mapping[str, Counts],
    causes: Mapping[str, Mapping[Cause, int]],
    disputes: Mapping[str, tuple[int, int]],
) -> dict[str, Evidence]:
    return {
        name: replace(
            _NOTHING,
            agreement=agreement(cells),
            overrides=sum(causes.get(name, {}).values()),
            disputes_decided=disputes.get(name, (0, 0))[0],
            disputes_overturned=disputes.get(name, (0, 0))[1],
        )
        for name, cells in counts.items()
    }


def _same(cells: Counts) -> Estimate | None:
    kept = {pair: n for pair, n in cells.items() if pair[0] in OUTCOMES and pair[1] in OUTCOMES}
    return wilson(sum(n for (a, b), n in kept.items() if a == b), sum(kept.values()))


def _order(criterion_id: str) -> tuple[tuple[int, int, str], ...]:
    """S2 before S10."""
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part)
        for part in criterion_id.replace("S", "S.", 1).split(".")
    )


_NOTHING = Evidence(agreement=agreement({}), overrides=0)
