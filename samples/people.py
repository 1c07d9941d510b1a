"""Invent the people data that goes with the sample calls: attendance, CSAT, CRM, ratings, training.

    python -m samples.people

Columns as in the domain dossier §4.1. Seeded: the same scripts give the same files. Each agent has
a hidden level (how reliable, how liked), so that the five indicators tell people apart a little.
"""

from __future__ import annotations

import csv
import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
SEED = 20260914
FIRST_DAY, LAST_DAY = date(2026, 9, 14), date(2026, 10, 9)
SHIFT_MIN = 480
RATING_ITEMS = ("teamwork", "knowledge_sharing", "reliability", "initiative")
# agent → how often on time, how well liked by colleagues (1–5), test level
LEVELS = {
    "A1023": (0.99, 4.6, 94), "A1047": (0.88, 3.4, 71), "A1102": (0.96, 3.9, 78),
    "A1156": (0.93, 3.6, 69), "B2011": (0.99, 4.7, 96), "B2034": (0.91, 3.5, 74),
    "B2058": (0.97, 4.4, 90), "B2077": (0.89, 2.9, 66),
}  # fmt: skip
HOLIDAYS = {date(2026, 10, 1), date(2026, 10, 2)}
Rows = list[dict[str, Any]]


def truths() -> list[dict[str, Any]]:
    """The truth of every sample call, with its metadata from the manifest."""
    with (HERE / "calls" / "manifest.csv").open(encoding="utf-8", newline="") as file:
        listed = {row["call_id"]: row for row in csv.DictReader(file)}
    return [
        json.loads(path.read_text(encoding="utf-8")) | {"listed": listed[path.stem]}
        for path in sorted((HERE / "truth").glob("*.json"))
    ]


def attendance(rng: np.random.Generator) -> Rows:
    """One row per agent and working day; the two holidays are not scheduled."""
    rows: Rows = []
    days = [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]
    for agent, (reliable, _, _) in LEVELS.items():
        for day in days:
            if day.weekday() >= 5 or day in HOLIDAYS:
                continue
            absent = "" if rng.random() < 0.985 else ("approved", "unapproved")[reliable < 0.92]
            late = 0 if rng.random() < reliable else int(rng.integers(3, 26))
            worked = 0 if absent else SHIFT_MIN - late
            adherence = 0.0 if absent else min(100.0, 100 * reliable - rng.gamma(1.5, 1.4))
            rows.append(
                {
                    "agent_id": agent,
                    "date": day.isoformat(),
                    "scheduled_min": SHIFT_MIN,
                    "worked_min": worked,
                    "late_min": 0 if absent else late,
                    "absent_type": absent,
                    "adherence_pct": round(adherence, 1),
                }
            )
    return rows


def csat(calls: list[dict[str, Any]]) -> Rows:
    """Answers to the survey: those calls that ended with one, scored by how the call went."""
    rows: Rows = []
    for call in calls:
        if call["call_type"] == "void":
            continue
        missed = sum(outcome == "missed" for outcome in call["expected"].values())
        score = 5 if missed == 0 else 4 if missed <= 2 else 2 if missed <= 7 else 1
        comment = {
            ("zh", 5): "讲得很清楚", ("zh", 1): "态度太差", ("en", 5): "very helpful",
            ("en", 1): "rude and no help",
        }.get((call["language"], score), "")  # fmt: skip
        rows.append({"call_id": call["call_id"], "score": score, "comment": comment})
    return rows


def crm(calls: list[dict[str, Any]]) -> Rows:
    """What the case system knows of each call."""
    rows: Rows = []
    for call in calls:
        if call["call_type"] == "void":
            continue
        expected = call["expected"]
        well = expected.get("S8.1") == "met" or expected.get("S8.4") == "met"
        promised = expected.get("S8.3") == "met"
        rows.append(
            {
                "call_id": call["call_id"],
                "topic": call["listed"]["queue"],
                "resolved": "yes" if well else "no",
                "reopened_at": "",
                "complaint_upheld": "yes" if expected.get("S9") == "missed" else "no",
                "commitment_kept": "yes" if promised else "",
            }
        )
    return rows


def handled(calls: list[dict[str, Any]]) -> Rows:
    """The switch's own record of each call (dossier `calls.csv`)."""
    rows: Rows = []
    for call in calls:
        listed = call["listed"]
        music = sum(e["end_ms"] - e["start_ms"] for e in call["events"] if e["kind"] == "music")
        rows.append(
            {
                "call_id": call["call_id"],
                "agent_id": listed["agent_id"],
                "customer_key": listed["customer"],
                "start_utc": listed["started_at"],
                "direction": listed["direction"],
                "queue": listed["queue"],
                "talk_s": (call["duration_ms"] - music) // 1000,
                "hold_s": music // 1000,
                "acw_s": 30 + len(call["turns"]) * 2,
                "ended_by": call["ended_by"],
                "transferred": "yes" if call["expected"].get("S10.2") == "met" else "no",
                "ivr_notice": "yes" if any(e["kind"] == "ivr" for e in call["events"]) else "no",
            }
        )
    return rows


def training(rng: np.random.Generator) -> Rows:
    """One course and its test per agent and fortnight."""
    return [
        {
            "agent_id": agent,
            "date": day.isoformat(),
            "hours": float(rng.choice([1.0, 1.5, 2.0])),
            "test_score": int(np.clip(level + rng.normal(0, 3), 40, 100)),
        }
        for agent, (_, _, level) in LEVELS.items()
        for day in (date(2026, 9, 18), date(2026, 10, 7))
    ]


def ratings(rng: np.random.Generator) -> Rows:
    """360° ratings: self, three peers, the lead; raters are not named."""
    rows: Rows = []
    for agent, (_, liked, _) in LEVELS.items():
        for role in ("self", "peer", "peer", "peer", "lead"):
            kind = 0.4 if role == "self" else 0.0
            rows += [
                {
                    "ratee": agent,
                    "rater_role": role,
                    "item": item,
                    "score": int(np.clip(round(liked + kind + rng.normal(0, 0.5)), 1, 5)),
                    "period": "2026-09",
                }
                for item in RATING_ITEMS
            ]
    return rows


def write(rows: Rows, name: str) -> None:
    """Write one CSV below `samples/kpi`."""
    path = HERE / "kpi" / f"{name}.csv"
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> int:
    """Write every file."""
    calls = truths()
    rng = np.random.default_rng(SEED)
    write(attendance(rng), "attendance")
    write(training(rng), "training")
    write(ratings(rng), "ratings")
    write(csat(calls), "csat")
    write(crm(calls), "crm")
    write(handled(calls), "calls")
    return 0


if __name__ == "__main__":
    sys.exit(main())
