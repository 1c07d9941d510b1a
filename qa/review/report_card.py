"""The report card of the machine: per criterion, how far to trust it. For people and for CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa.evaluation import Bilingual
from qa.people.intervals import Estimate
from qa.review.agreement import WIDE_KAPPA, Agreement, is_firm
from qa.review.autonomy import Level, Move, standing
from qa.review.values import Cause
from qa.spreadsheets import safe_cell


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLine:
    """One criterion of the report card.

    Attributes:
        humans: Raw agreement of two people on the same calls: the ceiling for a machine.
        causes: Why it was overruled, most frequent first.
        move: What the ladder says.
    """

    scorecard_id: str
    criterion_id: str
    name: Bilingual
    level: Level
    agreement: Agreement
    humans: Estimate | None
    overrides: int
    causes: Mapping[Cause, int]
    disputes_decided: int
    disputes_overturned: int
    move: Move


NOT_ENOUGH = Bilingual(zh="样本不足", en="not enough data")
_FIGURES = ("raw", "kappa", "weighted_kappa", "pabak", "precision", "recall")


def to_csv(lines: Sequence[CardLine], *, language: str) -> str:
    """The card as CSV with a header, UTF-8 with BOM so that spreadsheets read Chinese.

    Cells that a spreadsheet would take for a formula are made plain text.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    columns = ["scorecard", "criterion", "name", "level", "suggested", "n", "abstained", "verdict"]
    for name in _FIGURES:
        columns += [name, f"{name}_low", f"{name}_high", f"{name}_n"]
    columns += ["na_both", "na_missed", "na_wrong", "human_agreement", "overrides", "causes"]
    columns += ["disputes_decided", "disputes_overturned", "next_level", "reason"]
    writer.writerow(columns)
    for line in lines:
        writer.writerow([safe_cell(cell) for cell in _row(line, language)])
    return "\ufeff" + out.getvalue()


def _row(line: CardLine, language: str) -> list[object]:
    found = line.agreement
    row: list[object] = [
        line.scorecard_id,
        line.criterion_id,
        line.name.in_language(language),
        line.level.value,
        standing(line.level) is not None,
        found.n,
        found.abstained,
        "" if found.is_enough else NOT_ENOUGH.in_language(language),
    ]
    for name in _FIGURES:
        row += _cells(getattr(found, name))
    row += [found.na_both, found.na_missed, found.na_wrong]
    row.append("" if line.humans is None else _round(line.humans.value))
    row += [line.overrides, " ".join(f"{cause.value}={n}" for cause, n in line.causes.items())]
    row += [line.disputes_decided, line.disputes_overturned]
    row += [line.move.to.value, line.move.reason.in_language(language)]
    return row


def _cells(estimate: Estimate | None) -> list[object]:
    if estimate is None:
        return ["", "", "", 0]
    return [_round(estimate.value), _round(estimate.low), _round(estimate.high), estimate.n]


def _round(value: float | None) -> object:
    return "" if value is None else round(value, 4)


def firm_kappa(estimate: Estimate | None) -> bool:
    """Whether a kappa is known well enough to show as a figure."""
    return is_firm(estimate, wide=WIDE_KAPPA)
