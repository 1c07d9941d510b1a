"""How the store behaves when it is full: 100,000 calls, 1,000,000 turns, 2,500,000 results.

    python tests/benchmarks/bench_store.py [STORE_URL] [CALLS]

Prints the median of three runs of every query a page or a night makes: wall and, as the machine may
be busy with other things, CPU time of this process (all of it, with SQLite).
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa

from qa.store import CallFilter, StageKey, connect
from qa.store import tables as t

TURNS, CRITERIA = 10, 25
START = datetime(2026, 1, 1, tzinfo=UTC)
ZH = [
    "您好",
    "请问",
    "有什么",
    "可以",
    "帮您",
    "流量",
    "套餐",
    "退款",
    "投诉",
    "宽带",
    "故障",
    "工单",
    "明天",
    "处理",
    "谢谢",
    "再见",
    "账单",
    "费用",
    "取消",
    "办理",
]
OUTCOMES = ("met", "met", "met", "partial", "missed", "not_applicable")
CRITERION_IDS = [f"S{n // 3 + 1}.{n % 3 + 1}" for n in range(CRITERIA)]


def fill(store, calls, *, agents=200, teams=20, start=START, apart=timedelta(minutes=3)):
    """Calls one after the other, `apart`, by agents in turn."""
    chance = random.Random(7)
    insert = {name: sa.insert(table) for name, table in t.metadata.tables.items()}
    criteria = [
        {"digest": "d", "criterion_id": key, "section_id": key.split(".")[0],
         "name_zh": f"标准{key}", "name_en": f"Criterion {key}", "weight": 4.0,
         "critical_class": "non_critical"}
        for key in CRITERION_IDS
    ]  # fmt: skip
    with store.database.writing() as connection:
        connection.execute(insert["scorecard_criteria"], criteria)
    for first in range(0, calls, 2000):
        made = [
            (n, start + n * apart, f"a{n % agents:04d}", f"t{n % teams:03d}")
            for n in range(first, min(calls, first + 2000))
        ]
        with store.database.writing() as connection:
            for name, rows in _rows(chance, made).items():
                connection.execute(insert[name], rows)
    with store.database.writing() as connection:
        connection.execute(sa.text("ANALYZE"))


def _rows(chance, made):
    rows = {name: [] for name in ("recordings", "calls", "stage_runs", "transcripts", "turns",
                                  "transcript_texts", "evaluations", "criterion_results")}  # fmt: skip
    for n, when, agent, team in made:
        hashed = sha256(str(n).encode()).hexdigest()
        key = hashed[:16]
        call = {"call_id": key}
        rows["recordings"].append(
            {
                "id": key,
                "sha256": hashed,
                "uri": f"/calls/{n}.wav",
                "size_bytes": 1,
                "received_at": when,
                "duration_ms": 240_000,
            }
        )
        rows["calls"].append(
            {
                "id": key,
                "recording_id": key,
                "started_at": when,
                "happened_at": when,
                "agent_id": agent,
                "team": team,
                "queue": f"q{n % 5}",
                "direction": "inbound",
                "layout": "stereo",
                "language": "zh",
            }
        )
        rows["stage_runs"].append(
            {"sha256": hashed, "stage": "transcribe", "digest": "d", "state": "done", "attempts": 1}
        )
        rows["transcripts"].append(
            {
                "id": n + 1,
                **call,
                "digest": "d",
                "is_current": True,
                "language": "zh",
                "duration_ms": 240_000,
                "turn_count": TURNS,
                "created_at": when,
            }
        )
        said = ["".join(chance.choices(ZH, k=12)) for _ in range(TURNS)]
        rows["turns"] += [
            {
                "transcript_id": n + 1,
                "turn_index": i,
                **call,
                "role": "agent",
                "start_ms": i,
                "end_ms": i + 1,
                "text": text,
                "confidence": 0.9,
            }
            for i, text in enumerate(said)
        ]
        rows["transcript_texts"].append({"transcript_id": n + 1, "text": "\n".join(said)})
        rows["evaluations"].append(
            {
                "id": n + 1,
                **call,
                "is_current": True,
                "scorecard_id": "service-standard",
                "scorecard_version": "1",
                "digest": "d",
                "state": "scored",
                "band": "B",
                "quality_percent": chance.gauss(80, 8),
                "if_confirmed_percent": 70.0,
                "coverage": 0.9,
                "applicable_weight": 100.0,
                "positive_share": 0.8,
                "finding_count": n % 50 == 0,
                "review_count": n % 3,
                "created_at": when,
            }
        )
        rows["criterion_results"] += [
            {
                "evaluation_id": n + 1,
                "criterion_id": criterion,
                **call,
                "is_current": True,
                "outcome": chance.choice(OUTCOMES),
                "share": 0.5,
                "weight": 4.0,
                "applied_weight": 4.0,
                "points": 2.0,
                "confidence": 0.9,
                "needs_review": False,
            }
            for criterion in CRITERION_IDS
        ]
    return rows  # fmt: skip


def measure(store, calls):
    month = CallFilter(since=START, until=START + timedelta(days=30))
    frames = store.frames
    hashes = [sha256(str(n).encode()).hexdigest() for n in range(calls)]
    work = {
        "newest 100 calls": lambda: store.calls.find(limit=100),
        "page 50 of the list": lambda: store.calls.find(limit=100, offset=5000),
        "lowest 100 scores": lambda: store.calls.find(order="lowest", limit=100),
        "count of all": store.calls.count,
        "one agent": lambda: store.calls.find(CallFilter(agents=("a0007",))),
        "team + score below 70": lambda: store.calls.find(
            CallFilter(teams=("t003",), max_score=70)
        ),
        "one criterion missed": lambda: store.calls.find(CallFilter(missed=("S2.2",))),
        "count of one criterion missed": lambda: store.calls.count(CallFilter(missed=("S2.2",))),
        "above the list, all": frames.totals,
        "above the list, said 退款投诉": lambda: frames.totals(CallFilter(text="退款投诉")),
        "above the list, said by nobody": lambda: frames.totals(CallFilter(text="没有这句")),
        "50 of the list, all": lambda: frames.calls_frame(limit=50),
        "50 of the list, said 退款投诉": lambda: frames.calls_frame(
            CallFilter(text="退款投诉"), limit=50
        ),
        "50 of the list, said by nobody": lambda: frames.calls_frame(
            CallFilter(text="没有这句"), limit=50
        ),
        "50 of the list, team + score": lambda: frames.calls_frame(
            CallFilter(teams=("t003",), max_score=70), limit=50
        ),
        "50 of the list, missed": lambda: frames.calls_frame(
            CallFilter(missed=("S2.2",)), limit=50
        ),
        "choices of agents": lambda: store.calls.choices("agent_id"),
        "agents_frame, all": frames.agents_frame,
        "agents_frame, month": lambda: frames.agents_frame(month),
        "criteria_frame, all": frames.criteria_frame,
        "criteria_frame, month": lambda: frames.criteria_frame(month),
        "calls_frame, 5 columns, all": lambda: frames.calls_frame(
            columns=("call_id", "happened_at", "team", "quality_percent", "coverage")
        ),
        "calls_frame, all columns, month": lambda: frames.calls_frame(month),
        "which of all are done": lambda: store.stages.done("transcribe", "d", hashes),
        "pending of all": lambda: store.stages.pending("transcribe", "e", hashes),
        "claim + release": lambda: _claim(store, hashes[0]),
    }
    for name, action in work.items():
        wall, cpu = [], []
        for _ in range(3):
            begun, worked = time.perf_counter(), time.process_time()
            action()
            wall.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - worked)
        times = (statistics.median(each) * 1000 for each in (wall, cpu))
        print("{:36} {:9.1f} ms {:9.1f} ms CPU".format(name, *times))


def _claim(store, hashed):
    key = StageKey(sha256=hashed, stage="score", digest="d")
    assert store.stages.claim(key, "bench")
    store.stages.release(key, "bench")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    place = arguments[0] if arguments else f"sqlite:///{tempfile.mkdtemp()}/store.db"
    number = int(arguments[1]) if len(arguments) > 1 else 100_000
    with connect(place, upgrade=True) as opened:
        if not opened.calls.count():
            start = time.perf_counter()
            fill(opened, number)
            print(f"filled {number} calls in {time.perf_counter() - start:.0f} s: {opened.url}")
        measure(opened, number)
