"""Whose score a list shows: the machine's, or a person's with the machine's beside it."""

from __future__ import annotations

import pandas as pd

from dashboards import frame

#: Wide enough for the longest mark in both languages.
SCORED_BY_PX = 176


def scored_by(rows: pd.DataFrame, t: frame.Translate) -> list[str]:
    """A word per row; empty where the call has not been scored.

    Args:
        rows: Columns state, is_decided, machine_percent, as the call list has them.
        t: Interface texts.
    """
    parts = (rows[name] for name in ("state", "is_decided", "machine_percent"))
    return [
        mark(machine, t, is_decided=bool(decided)) if pd.notna(state) else ""
        for state, decided, machine in zip(*parts, strict=True)
    ]


def mark(machine_percent: float | None, t: frame.Translate, *, is_decided: bool) -> str:
    """`machine`, or `person · machine 82.0`."""
    if not is_decided:
        return t("calls.by_machine")
    unknown = machine_percent is None or pd.isna(machine_percent)
    return t("calls.by_person", score=t("calls.no_score") if unknown else f"{machine_percent:.1f}")
