"""Periods, decisions and adjustments as stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """An appraisal period, [first_day, until_day). State: open, frozen or exported."""

    id: int
    name: str
    first_day: date
    until_day: date
    scheme_id: int
    state: str
    opened_by: str
    opened_at: datetime
    frozen_by: str | None = None
    frozen_at: datetime | None = None
    freeze_note: str = ""
    sha256: str | None = None
    exported_by: str | None = None
    exported_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeDecision:
    """What a person decided on a proposal; the newest of an agent counts."""

    agent_id: str
    proposed: str
    grade: str
    note: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Points that an earlier period owes somebody, and for which calls."""

    from_period: int
    to_period: int
    agent_id: str
    points: float
    calls: tuple[str, ...]
