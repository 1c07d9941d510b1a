"""A centre's whole year in a store: calls, people, reviews, risks. Made for `pages.py`.

100,000 calls of 10 turns and 25 verdicts (`bench_store.py`), 2,000 agents in 100 teams with sums of
twelve months (`bench_people.py`), and around them what people and the night leave behind.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import bench_people
import bench_store
import sqlalchemy as sa

from qa import codec
from qa.coaching.plans import Plan
from qa.insight.summaries import CallSummary
from qa.reports.improvements import Improvement
from qa.review.sampling import Plan as SamplePlan
from qa.review.sampling import PlanKind
from qa.store import CallFilter
from qa.store.tables import metadata
from tests.builders import make_evaluation

AGENTS, TEAMS, REVIEWED, RISKS, PROMISES = 2_000, 100, 4_000, 2_000, 10_000
#: Agents whose evaluations can be opened: those that a page shows first.
OPENED_AGENTS = 20
MONITOR, LEAD = "demo-monitor", "demo-qa-lead"
_CHUNK = 10_000


def key_of(number):
    """Id of the call with this number."""
    return sha256(str(number).encode()).hexdigest()[:16]


def fill(store, calls):
    """Everything, once; the newest call is of yesterday."""
    apart = timedelta(days=360) / calls
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=361)
    bench_store.fill(store, calls, agents=AGENTS, teams=TEAMS, start=start, apart=apart)
    first = date(start.year, start.month, 1)
    bench_people.fill_sums(store, bench_store.CRITERION_IDS, first, datetime.now(UTC).date())
    chance = random.Random(11)
    for part in (_people, _facts, _reviews, _insight, _plans):
        for name, rows in part(chance, calls, start, apart).items():
            _insert(store, name, rows)
    _after_explicit_ids(store)


def _insert(store, name, rows):
    for at in range(0, len(rows), _CHUNK):
        with store.database.writing() as connection:
            connection.execute(sa.insert(metadata.tables[name]), rows[at : at + _CHUNK])


def _after_explicit_ids(store):
    with store.database.writing() as connection:
        connection.execute(sa.text("ANALYZE"))
        if store.database.is_sqlite:
            return
        for table in metadata.tables.values():
            if "id" in table.c and isinstance(table.c.id.type, sa.Integer):
                connection.execute(sa.text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'),"
                    f" (SELECT coalesce(max(id), 0) + 1 FROM {table.name}))"
                ))  # fmt: skip


def _people(chance, calls, start, apart):
    del chance, calls, apart
    agents = [
        {"agent_id": f"a{n:04d}", "valid_from": start.date(), "name": f"坐席{n:04d}",
         "team": f"t{n % TEAMS:03d}", "hired_on": start.date()}
        for n in range(AGENTS)
    ]  # fmt: skip
    account = {"password_hash": "", "teams": "[]", "is_active": True, "must_change": False,
               "failures": 0, "created_at": start}  # fmt: skip
    accounts = [
        {"user_id": row["agent_id"], "name": row["name"], "agent_id": row["agent_id"],
         "roles": '["agent"]', **account}
        for row in agents
    ]  # fmt: skip
    accounts += [
        {"user_id": f"monitor-{n}", "name": f"质检{n}", "agent_id": "", "roles": '["monitor"]',
         **account}
        for n in range(20)
    ]  # fmt: skip
    return {"agents": agents, "accounts": accounts}


def _facts(chance, calls, start, apart):
    rows = []
    for n in range(calls):
        when = start + n * apart
        local = when + timedelta(hours=8)
        low = chance.uniform(-0.8, 0.2)
        rows.append(
            {"call_id": key_of(n), "evaluation_id": n + 1, "decision_id": 0,
             "agent_id": f"a{n % AGENTS:04d}", "team": f"t{n % TEAMS:03d}", "queue": f"q{n % 5}",
             "call_type": "complaint" if n % 7 == 0 else "inquiry", "topic": f"q{n % 5}",
             "language": "zh", "customer_ref": f"u{chance.randrange(60_000)}",
             "happened_at": when, "day": local.date(), "month": f"{local:%Y-%m}",
             "hour": local.hour, "quality": chance.gauss(84, 8), "fair_quality": 84.0,
             "coverage": 0.94, "non_critical": chance.uniform(0.7, 1),
             "customer_critical": "pass", "business_critical": "pass",
             "compliance_critical": "suspected" if n % 50 == 0 else "pass", "confirmed": "",
             "abusive": False, "handle_s": chance.gammavariate(6, 50),
             "talk_share": chance.betavariate(12, 12), "hold_share": chance.betavariate(1, 20),
             "dead_air_share": chance.betavariate(2, 30), "latency_s": 0.6, "mood_low": low,
             "mood_end": min(1.0, low + 0.6), "word_confidence": chance.betavariate(40, 6)}
        )  # fmt: skip
    return {"call_facts": rows}


def _reviews(chance, calls, start, apart):
    """Every so many calls one is drawn, reviewed and released; the newest wait."""
    names = ("samples", "sample_picks", "assignments", "evaluation_bodies", "reviews", "decisions")
    more = ("decided_scores", "releases", "acknowledgements", "disputes")
    rows = {name: [] for name in (*names, *more)}
    step = calls // REVIEWED
    for week in range(50):
        made = {"id": week + 1, "name": f"W{week}", "kind": "random", "seed": str(week)}
        rows["samples"].append(
            made | {"plan": codec.to_json(SamplePlan(kind=PlanKind.RANDOM, seed=str(week))),
                    "filter": codec.to_json(CallFilter()), "population": calls // 50,
                    "made_by": LEAD, "made_at": start + timedelta(weeks=week)}
        )  # fmt: skip
    body = json.loads(codec.to_json(make_evaluation()))
    for n in range(calls):
        if n % step == 0:
            _review(rows, chance, (n, n // step), start + n * apart, done=n < calls * 0.97)
        if n % step == 0 or n % AGENTS < OPENED_AGENTS:
            rows["evaluation_bodies"].append({"evaluation_id": n + 1, "body": _body(body, n)})
    return rows


def _body(template, number):
    """An evaluation that says so much for each criterion."""
    one = template["results"][0]
    outcomes = ("met", "missed", "partial", "not_applicable")
    results = [
        one | {"criterion_id": key, "section_id": key.split(".")[0], "weight": 4.0,
               "verdict": one["verdict"] | {"outcome": outcomes[(number + at) % 4],
                                            "evidence": _EVIDENCE}}
        for at, key in enumerate(bench_store.CRITERION_IDS)
    ]  # fmt: skip
    return json.dumps(template | {"call_id": key_of(number), "results": results, "digest": "d"})


_EVIDENCE = [
    {
        "turn_index": 1,
        "rule": "G1",
        "match": "exact",
        "similarity": 1.0,
        "start_ms": 9000,
        "end_ms": 12000,
        "quote": "我再确认一下",
    }
]


def _review(rows, chance, which, when, *, done):
    call, at = which
    key, who = {"call_id": key_of(call)}, f"monitor-{at % 20}" if done else MONITOR
    number, later = at + 1, when + timedelta(days=2)
    rows["sample_picks"].append(
        key | {"sample_id": at % 50 + 1, "reason": "random", "inclusion": 0.04, "position": at}
    )
    rows["assignments"].append(
        key | {"id": number, "reviewer": who, "purpose": "first", "reasons": "random",
               "sample_id": at % 50 + 1, "state": "done" if done else "open",
               "assigned_by": LEAD, "assigned_at": when, "due_at": later,
               "closed_at": later if done else None}
    )  # fmt: skip
    if not done:
        return
    about = key | {"evaluation_id": call + 1}
    rows["reviews"].append(
        about | {"id": number, "assignment_id": number, "reviewer": who, "purpose": "first",
                 "state": "submitted", "opened_at": later, "submitted_at": later,
                 "active_ms": chance.randrange(40_000, 200_000), "quality_percent": 84.0,
                 "final_percent": 84.0, "band": "B"}
    )  # fmt: skip
    rows["decided_scores"].append(
        about | {"decision_id": number * len(bench_store.CRITERION_IDS), "percent": 84.0, "band": "B",
                 "state": "scored"}
    )  # fmt: skip
    judged = about | {"scorecard_id": "service-standard", "scorecard_version": "1", "digest": "d"}
    for criterion in bench_store.CRITERION_IDS:
        over = chance.random() < 0.1
        rows["decisions"].append(
            judged | {"review_id": number, "subject": criterion, "version": 1,
                      "kind": "change" if over else "accept",
                      "outcome": "met" if over else None, "share": 1.0 if over else None,
                      "machine_outcome": chance.choice(bench_store.OUTCOMES),
                      "machine_share": 0.0, "machine_confidence": 0.9, "overrides": over,
                      "cause": "recognition_error" if over else None, "made_by": who, "made_at": later}
        )  # fmt: skip
    window = {"made_by": LEAD, "made_at": later, "visible_at": later}
    rows["releases"].append(
        about | window | {"id": number, "rounds": 2, "dispute_until": later + timedelta(days=7)}
    )
    rows["acknowledgements"].append(
        key | {"release_id": number, "made_by": f"a{call % AGENTS:04d}", "made_at": later}
    )
    if at % 10 == 0:
        is_open = at > REVIEWED * 0.9
        rows["disputes"].append(
            judged | {"release_id": number, "subject": "S1.1", "round": 1, "reviewer": who,
                      "state": "open" if is_open else "upheld", "outcome_before": "missed",
                      "outcome_after": None if is_open else "missed", "wished": "met",
                      "comment": "请再听一遍", "opened_by": f"a{call % AGENTS:04d}",
                      "opened_at": later, "due_at": later + timedelta(days=5),
                      "closed_at": None if is_open else later + timedelta(days=1)}
        )  # fmt: skip
        rows["disputes"][-1].pop("digest")


def _insight(chance, calls, start, apart):
    reasons = ("bill", "plan", "fault", "refund", "other")
    rows = {"call_insights": [], "risks": [], "commitments": []}
    for n in range(calls):
        when, reason, kind = start + n * apart, chance.choice(reasons), "inquiry"
        key = {"call_id": key_of(n)}
        summary = CallSummary(call_id=key_of(n), call_type=kind, reason=reason, low_score=-0.1,
                              needs=("我想查一下这个月的账单",), products=("宽带",))  # fmt: skip
        rows["call_insights"].append(
            key | {"call_type": kind, "reason": reason, "contacts": 1, "low_score": -0.1,
                   "has_suggestion": False, "body": codec.to_json(summary), "updated_at": when}
        )  # fmt: skip
        if n % max(1, calls // RISKS) == 0:
            risk = {"kind": "complaint", "priority": "P2", "reasons": [], "points": 0,
                    "respond_within_minutes": 120, "note": None} | key  # fmt: skip
            state = "new" if n > calls * 0.95 else "resolved"
            rows["risks"].append(
                key | {"kind": "complaint", "priority": "P2", "body": json.dumps(risk),
                       "raised_at": when, "stands": True, "state": state}
            )  # fmt: skip
        if n % max(1, calls // PROMISES) == 0:
            due = when + timedelta(days=1)
            promise = {"id": f"{key_of(n)}:1:send", "by": "agent", "action": "send",
                       "turn_index": 1, "start_ms": 9000, "end_ms": 12000, "quote": "明天给您发",
                       "char_start": 0, "char_end": 5, "due_text": "明天", "earliest": None,
                       "due_at": due.isoformat(), "vague": ""} | key  # fmt: skip
            rows["commitments"].append(
                key | {"id": promise["id"], "by": "agent", "action": "send", "due_at": due,
                       "body": json.dumps(promise), "stands": True, "settled": n < calls * 0.95,
                       "broken": n % 5 == 0}
            )  # fmt: skip
    return rows


def _plans(chance, calls, start, apart):
    del calls, apart
    plans = [
        Plan(agent_id=f"a{n:04d}", criterion_id=chance.choice(bench_store.CRITERION_IDS[:6]),
             opened_by="demo-coach", opened_at=start + timedelta(days=300), baseline=0.4,
             baseline_n=30, goal=0.2, goal_on=start.date() + timedelta(days=350))
        for n in range(0, AGENTS, 10)
    ]  # fmt: skip
    board = [
        Improvement(measure=f"miss:{key}", finding="常被遗漏", owner="demo-manager",
                    due_on=start.date() + timedelta(days=365), opened_by="demo-manager",
                    opened_on=start.date() + timedelta(days=300))
        for key in bench_store.CRITERION_IDS[:20]
    ]  # fmt: skip
    return {
        "coaching_plans": [
            {"agent_id": plan.agent_id, "criterion_id": plan.criterion_id,
             "opened_by": plan.opened_by, "opened_at": plan.opened_at, "body": codec.to_json(plan)}
            for plan in plans
        ],
        "improvements": [
            {"team": one.team, "measure": one.measure, "owner": one.owner, "due_on": one.due_on,
             "body": codec.to_json(one)}
            for one in board
        ],
    }  # fmt: skip
