"""How long a page of people's figures waits: 2,000 agents × 12 months, 40 measures.

    python tests/benchmarks/bench_people.py [STORE_URL]

Prints the median of three runs of what the KPI page asks for, and of opening the whole page with
nothing cached, in processor seconds. Only the roll-up is filled; rolling up itself is the night's
work.
"""

from __future__ import annotations

import logging
import os
import statistics
import sys
import tempfile
import time
from datetime import date

import numpy as np
import sqlalchemy as sa

from qa.access import SYSTEM, Person, UserRole
from qa.people.figures import from_sums
from qa.people.indicators import INDICATORS, MISS, indicator
from qa.people.periods import months_between
from qa.store import connect
from qa.store.tables import people_month_states, people_months, scorecard_criteria

AGENTS, TEAMS = 2_000, 100
FIRST, UNTIL = date(2025, 10, 1), date(2026, 10, 1)


def fill(store):
    keys = [f"S{n}" for n in range(40 - len(INDICATORS))]
    criteria = [
        {"digest": "d", "criterion_id": key, "section_id": "S", "name_zh": "", "name_en": "",
         "weight": 1.0, "critical_class": "non_critical"}
        for key in keys
    ]  # fmt: skip
    with store.database.writing() as connection:
        connection.execute(sa.insert(scorecard_criteria), criteria)
    fill_sums(store, keys, FIRST, UNTIL)


def fill_sums(store, criteria, first, until):
    """Sums of all indicators and of these criteria's misses, for 2,000 agents."""
    with store.database.writing() as connection:
        state = {"is_stale": False, "computed_at": store.database.now()}
        months = [{"month": month, **state} for month in months_between(first, until)]
        connection.execute(sa.insert(people_month_states), months)
    rng = np.random.default_rng(1)
    measures = [*INDICATORS, *(f"{MISS}{key}" for key in criteria)]
    for measure in measures:
        rows = []
        for month in months_between(first, until):
            n = rng.integers(20, 60, AGENTS)
            share = rng.beta(16, 4, AGENTS)
            rows += [
                {
                    "measure": measure,
                    "month": month,
                    "agent_id": f"a{at:04d}",
                    "team": f"t{at % TEAMS:03d}",
                    "n": int(n[at]),
                    "total": float(n[at] * share[at]),
                    "square": float(n[at] * share[at]),
                    "base": float(n[at]),
                }
                for at in range(AGENTS)
            ]
        with store.database.writing() as connection:
            connection.execute(sa.insert(people_months), rows)


def read(store, measure, by, teams=(), *, ranked=True):
    frames = store.people.frames
    sums = frames.months(SYSTEM, [measure], since=FIRST, until=UNTIL, teams=teams, by=by)
    return from_sums(sums, indicator(measure), ranked=ranked)


def misses(store):
    known = [name for name in store.people.measures() if name.startswith(MISS)]
    wanted = {"since": FIRST, "until": UNTIL, "teams": ("t007",), "by": ["measure"]}
    sums = store.people.frames.months(SYSTEM, known, **wanted)
    return from_sums(sums, indicator(f"{MISS}*"), ranked=False)


def measure(store):
    work = {
        "one indicator, 2,000 agents, 12 months": lambda: read(
            store, "pass_rate", ["agent_id"], ranked=False
        ),
        "… by team, compared pair by pair": lambda: read(store, "pass_rate", ["team"]),
        "… by month": lambda: read(store, "quality_mean", ["month"], ranked=False),
        "one team of 20, compared pair by pair": lambda: read(
            store, "pass_rate", ["agent_id"], ("t007",)
        ),
        "miss rates of all criteria, one team": lambda: misses(store),
        "which measures there are": store.people.measures,
    }
    for name, action in work.items():
        times = []
        for _ in range(3):
            begun = time.perf_counter()
            action()
            times.append(time.perf_counter() - begun)
        print(f"| {name} | {1000 * statistics.median(times):.0f} ms |")


def open_page():
    """Processor seconds of the whole page for a manager, all months, nothing cached."""
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    from dashboards import sign_in

    logging.disable(logging.CRITICAL)
    manager = Person(user_id="m", roles=frozenset({UserRole.MANAGER}))
    sign_in.require_person, sign_in.draw_person = lambda: manager, lambda _: None
    app = AppTest.from_string(
        "from dashboards import navigation; navigation.run('kpis')", default_timeout=600
    ).run()
    first = next(box for box in app.selectbox if f"{FIRST:%Y-%m}" in box.options)
    first.set_value(f"{FIRST:%Y-%m}")
    times = []
    for _ in range(3):
        st.cache_data.clear()
        begun = time.process_time()
        app.run()
        times.append(time.process_time() - begun)
    assert not app.exception
    print(
        f"| the whole page, nothing cached (processor) | {1000 * statistics.median(times):.0f} ms |"
    )


if __name__ == "__main__":
    url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{tempfile.mkdtemp()}/store.db"
    with connect(url, upgrade=True) as opened:
        if not opened.people.measures():
            fill(opened)
        measure(opened)
        os.environ["QA_STORE"] = url
        open_page()
