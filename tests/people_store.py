"""A larger store of invented people and calls, in seconds: for pages, speed and simulations.

Only the tables that figures about people read are filled. Everything is drawn with a seed from
known truths, which come back with the store.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import sqlalchemy as sa

from qa.store import Agent, Store
from qa.store.tables import metadata

CRITERIA = (
    ("S1.1", "S1", "问候", "Salutation", 4.0, "non_critical"),
    ("S2.2", "S2", "身份核验", "Identity check", 10.0, "compliance_critical"),
    ("S3.1", "S3", "不抢话", "No interruption", 14.0, "non_critical"),
    ("S3.3", "S3", "复述确认", "Paraphrase and confirm", 12.0, "non_critical"),
    ("S5.1", "S5", "共情致歉", "Empathy on trigger", 15.0, "non_critical"),
    ("S8.1", "S8", "担责给方案", "Ownership and solution", 20.0, "customer_critical"),
    ("S8.3", "S8", "承诺", "Next step with time and owner", 15.0, "business_critical"),
    ("S12.1", "S12", "小结", "Summary", 10.0, "non_critical"),
)
SURNAMES, GIVEN = "李王张刘陈杨赵黄周吴徐孙", "敏静磊强婷洋艳勇军杰娟涛明超霞平"
QUEUES = ("售后", "账单", "投诉", "技术支持")


def build_people_store(
    store: Store,
    *,
    people: int = 60,
    months: int = 3,
    per_month: int = 40,
    seed: int = 7,
    last: date = date(2026, 10, 1),
) -> dict[str, dict[str, float]]:
    """Fill a store; returns the truth per agent: level of quality, miss rate of S3.3.

    Calls fall into the `months` months before `last`. Harder queues cost points; who works on them
    differs. Somebody moves team in the middle, somebody new joins, one has no calls at all.
    """
    rng = np.random.default_rng(seed)
    agents = [f"A{1000 + n}" for n in range(people)]
    teams = (
        ["甲组", "乙组", "丙组", "丁组"]
        if people <= 80
        else [f"{n + 1:02d}组" for n in range(people // 20)]
    )
    first = date(last.year, last.month, 1)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    truth = {
        agent: {
            "level": rng.normal(86, 4),
            "paraphrase": float(rng.beta(3, 9)),
            "hard": float(rng.beta(2, 4)),
        }
        for agent in agents
    }
    _roster(store, rng, agents, teams, first)
    _form(store)
    number = 0
    for at, agent in enumerate(agents[:-1]):  # the last one has no calls
        n = rng.poisson(per_month * months)
        rows = _calls(
            rng,
            agent,
            teams[at % len(teams)],
            truth[agent],
            n=n,
            number=number,
            first=first,
            last=last,
        )
        number += n
        with store.database.writing() as connection:
            for table, values in rows.items():
                for cut in range(0, len(values), 4000):
                    connection.execute(sa.insert(metadata.tables[table]), values[cut : cut + 4000])
    _imports(store, rng, agents, first, last)
    return truth


def _roster(store, rng, agents, teams, first):
    rows = []
    for at, agent in enumerate(agents):
        name = rng.choice(list(SURNAMES)) + rng.choice(list(GIVEN))
        hired = first - timedelta(days=int(rng.integers(40, 2500)))
        team = teams[at % len(teams)]
        moved = first + timedelta(days=45)
        if at == 1:  # moves team in the middle
            other = teams[(at + 1) % len(teams)]
            rows.append(
                Agent(
                    agent_id=agent,
                    valid_from=hired,
                    valid_to=moved,
                    name=name,
                    team=team,
                    hired_on=hired,
                )
            )
            rows.append(
                Agent(
                    agent_id=agent,
                    valid_from=moved,
                    valid_to=None,
                    name=name,
                    team=other,
                    hired_on=hired,
                )
            )
            continue
        if at == 2:  # new
            hired = first + timedelta(days=30)
        rows.append(
            Agent(
                agent_id=agent,
                valid_from=hired,
                valid_to=None,
                name=name,
                team=team,
                hired_on=hired,
            )
        )
    store.roster.save(rows)


def _form(store):
    rows = [
        {
            "digest": "d",
            "criterion_id": c,
            "section_id": s,
            "name_zh": zh,
            "name_en": en,
            "weight": w,
            "critical_class": k,
        }
        for c, s, zh, en, w, k in CRITERIA
    ]
    with store.database.writing() as connection:
        connection.execute(sa.insert(metadata.tables["scorecard_criteria"]), rows)


def _calls(rng, agent, team, truth, *, n, number, first, last):
    rows = {
        name: []
        for name in ("recordings", "calls", "evaluations", "criterion_results", "call_facts")
    }
    span = (last - first).days * 86_400
    moments = np.sort(rng.integers(0, span, n))
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    weights = np.array([c[4] for c in CRITERIA])
    for k in range(n):
        key = f"c{number + k:08d}"
        when = start + timedelta(seconds=int(moments[k]))
        local = when + timedelta(hours=8)
        local = local.replace(hour=8 + local.hour % 12)
        when = local - timedelta(hours=8)
        hard = rng.random() < truth["hard"]
        queue = "投诉" if hard else QUEUES[int(rng.integers(0, 2))]
        lost = np.clip(rng.normal((100 - truth["level"]) + 8 * hard, 9), 0, 100) / 100
        share = np.clip(1 - lost * rng.gamma(2, 0.5, len(weights)), 0, 1)
        share[3] = 0.0 if rng.random() < truth["paraphrase"] + 0.1 * hard else 1.0
        share = np.where(share > 0.85, 1.0, np.where(share < 0.3, 0.0, 0.5))
        quality = float(100 * (share * weights).sum() / weights.sum())
        states = ["suspected" if rng.random() < 0.02 + 0.03 * hard else "pass" for _ in range(3)]
        confirmed = rng.random() < 0.003
        seconds = float(rng.gamma(6, 50 + 25 * hard))
        rows["recordings"].append(
            {
                "id": key[:16],
                "sha256": key.rjust(64, "0"),
                "uri": f"/{key}",
                "size_bytes": 1,
                "received_at": when,
                "duration_ms": int(seconds * 1000),
            }
        )
        rows["calls"].append(
            {
                "id": key,
                "recording_id": key[:16],
                "started_at": when,
                "happened_at": when,
                "agent_id": agent,
                "team": team,
                "queue": queue,
                "direction": "inbound",
                "layout": "stereo",
                "language": "zh",
            }
        )
        rows["evaluations"].append(
            {
                "id": number + k + 1,
                "call_id": key,
                "is_current": True,
                "scorecard_id": "service-standard",
                "scorecard_version": "1",
                "digest": "d",
                "state": "scored",
                "band": "B",
                "quality_percent": quality,
                "if_confirmed_percent": quality,
                "coverage": 0.95,
                "applicable_weight": 100.0,
                "positive_share": 0.8,
                "finding_count": states.count("suspected"),
                "review_count": 0,
                "created_at": when,
            }
        )
        rows["criterion_results"] += [
            {
                "evaluation_id": number + k + 1,
                "criterion_id": c[0],
                "call_id": key,
                "is_current": True,
                "outcome": "met" if x == 1 else "missed" if x == 0 else "partial",
                "share": float(x),
                "weight": c[4],
                "applied_weight": c[4],
                "points": float(x * c[4]),
                "confidence": 0.9,
                "needs_review": False,
            }
            for c, x in zip(CRITERIA, share, strict=True)
        ]
        low = float(np.clip(rng.normal(-0.2 - 0.3 * hard, 0.25), -1, 1))
        rows["call_facts"].append(
            {
                "call_id": key,
                "evaluation_id": number + k + 1,
                "decision_id": 0,
                "agent_id": agent,
                "team": team,
                "queue": queue,
                "call_type": "complaint" if hard else "inquiry",
                "topic": queue,
                "language": "zh",
                "customer_ref": f"u{int(rng.integers(0, 4000))}",
                "happened_at": when,
                "day": local.date(),
                "month": f"{local.year}-{local.month:02d}",
                "hour": local.hour,
                "quality": quality,
                "fair_quality": quality,
                "coverage": float(np.clip(rng.normal(0.94, 0.03), 0.7, 1)),
                "non_critical": float(share[[0, 2, 3, 4, 7]].mean()),
                "customer_critical": states[0],
                "business_critical": states[1],
                "compliance_critical": "confirmed" if confirmed else states[2],
                "confirmed": "AF-4" if confirmed else "",
                "abusive": False,
                "handle_s": seconds,
                "talk_share": float(rng.beta(12, 12)),
                "hold_share": float(rng.beta(1, 20)),
                "dead_air_share": float(rng.beta(2, 30)),
                "latency_s": float(rng.gamma(4, 0.15)),
                "mood_low": low,
                "mood_end": float(np.clip(low + rng.gamma(2, 0.3), -1, 1)),
                "word_confidence": float(rng.beta(40, 6)),
                "decided_at": None,
            }
        )
    return rows


def _imports(store, rng, agents, first, last):
    days = [first + timedelta(days=n) for n in range((last - first).days)]
    shifts = [
        {
            "agent_id": agent,
            "day": day,
            "scheduled_min": 480.0,
            "worked_min": 480.0 - late,
            "late_min": float(late),
            "absent_type": "",
            "adherence_percent": float(np.clip(rng.normal(95, 2), 70, 100)),
        }
        for agent in agents
        for day in days
        if day.weekday() < 5
        for late in (int(rng.integers(1, 20)) if rng.random() < 0.05 else 0,)
    ]
    ratings = [
        {
            "agent_id": agent,
            "period": f"{month[:7]}",
            "rater_role": role,
            "rater": str(n),
            "item": "teamwork",
            "score": float(np.clip(round(rng.normal(4.1, 0.5)), 1, 5)),
        }
        for agent in agents
        for month in sorted({day.isoformat()[:7] for day in days})
        for role, n in (("peer", 1), ("peer", 2), ("peer", 3), ("lead", 1), ("self", 1))
    ]
    tests = [
        {
            "agent_id": agent,
            "day": first + timedelta(days=20),
            "course": "",
            "hours": 6.0,
            "test_score": float(np.clip(rng.normal(84, 8), 40, 100)),
        }
        for agent in agents
    ]
    with store.database.writing() as connection:
        for name, values in (("attendance", shifts), ("ratings", ratings), ("training", tests)):
            for cut in range(0, len(values), 4000):
                connection.execute(sa.insert(metadata.tables[name]), values[cut : cut + 4000])
        ids = list(connection.scalars(sa.select(metadata.tables["calls"].c.id)))
        answered = rng.random(len(ids)) < 0.4
        rows = [
            {
                "call_id": i,
                "score": float(rng.choice([1, 2, 3, 4, 5], p=[0.03, 0.04, 0.08, 0.35, 0.5])),
                "comment": "",
            }
            for i, yes in zip(ids, answered, strict=True)
            if yes
        ]
        for cut in range(0, len(rows), 4000):
            connection.execute(sa.insert(metadata.tables["csat"]), rows[cut : cut + 4000])
    months = {day.isoformat()[:7] for day in days}
    from qa.store.people_rollup import mark_stale

    mark_stale(store.database, months)
