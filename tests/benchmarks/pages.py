"""How long every page takes over a full store, for every role that opens it.

    python tests/benchmarks/pages.py [STORE_URL] [CALLS] [PAGE …]

Fills an empty store (`full_store.py`; SQLite in a temporary folder, or any PostgreSQL URL), then runs
each page's script as each role with nothing cached, and again with each choice of a filter changed.
Prints milliseconds by the clock and of the processor (least of three, as the machine may be busy;
with PostgreSQL the server's own are not in the latter), and how many queries there were. A call's own
page is left out: the generated transcripts have no words.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
import streamlit as st
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).parents[2]))

import full_store

from dashboards import navigation, sign_in
from qa.access import Person, UserRole, may
from qa.store import connect

RUNS = 3
TEAMS = frozenset({"t001", "t002", "t003"})
_HEAD = (
    "| page | as | first paint ms | of it processor | queries | filter ms | processor | queries |"
)


def person(role):
    """Somebody of the role, as an account of the full store."""
    agent = "a0001" if role is UserRole.AGENT else ""
    name = {UserRole.MONITOR: full_store.MONITOR, UserRole.QA_LEAD: full_store.LEAD}.get(role, role)
    return Person(user_id=agent or name, roles=frozenset({role}), teams=TEAMS, agent_id=agent)


class Watch:
    """Wall seconds, processor seconds and statements of each run of a page's script.

    Taken inside the script's own thread: AppTest's waiting for it costs a processor as well.
    """

    def __init__(self):
        self.runs, self._statements = [], 0
        self._run, navigation.run = navigation.run, self.draw
        sa.event.listen(sa.Engine, "before_cursor_execute", self._seen)

    def _seen(self, *_):
        self._statements += 1

    def draw(self, name):
        before, wall, cpu = self._statements, time.perf_counter(), time.thread_time()
        try:
            self._run(name)
        finally:
            took = time.perf_counter() - wall, time.thread_time() - cpu
            self.runs.append((*took, self._statements - before))

    def least(self, runs):
        """Column by column over the newest runs."""
        return tuple(min(column) for column in zip(*self.runs[-runs:], strict=True))


WATCH = Watch()


def open_page(name):
    """The app on a page; not run yet."""
    app = AppTest.from_string(
        f"from dashboards import navigation; navigation.run({name!r})", default_timeout=600
    )
    app.query_params |= {"lang": "zh-CN", "id": full_store.key_of(1), "agent": "a0001"}
    return app


def first_paint(name):
    """The least of some runs with nothing cached; and the app."""
    for _ in range(RUNS):
        st.cache_data.clear()
        app = open_page(name).run()
        assert not app.exception, (name, app.exception)
    return WATCH.least(RUNS), app


def filters(name, app):
    """The slowest of the page's select boxes when another value is chosen; None without any."""
    slowest = []
    for at, box in enumerate(app.main.selectbox):
        others = [value for value in box.options if value != box.options[box.index or 0]][:RUNS]
        for value in others:
            app.main.selectbox[at].select(value).run()
            assert not app.exception, (name, box.label, app.exception)
        if others:
            slowest.append(WATCH.least(len(others)))
            app = open_page(name).run()
    return max(slowest, default=None)


def cells(figures):
    if figures is None:
        return "– | – | –"
    wall, cpu, count = figures
    return f"{1000 * wall:.0f} | {1000 * cpu:.0f} | {count}"


def measure(names):
    """Print the table, and the 95th percentile of its rows."""
    paints, changes = [], []
    sign_in.draw_person = lambda _: None
    print(_HEAD + "\n|---|---|--:|--:|--:|--:|--:|--:|")
    for entry in navigation.PAGES:
        for role in UserRole:
            looks = person(role)
            left_out = entry.name not in names if names else entry.name == "call"
            if left_out or not may(looks, entry.action):
                continue
            sign_in.require_person = lambda looks=looks: looks
            paint, app = first_paint(entry.name)
            change = filters(entry.name, app)
            paints.append(paint)
            changes += [change] if change else []
            print(f"| {entry.name} | {role} | {cells(paint)} | {cells(change)} |", flush=True)
    for title, found in (("first paint", paints), ("filter", changes)):
        for at, kind in enumerate(("clock", "processor")):
            row = sorted(figures[at] for figures in found)
            print(f"95 % of {title}, {kind}: {1000 * row[int(0.95 * (len(row) - 1))]:.0f} ms")


def main():
    """Fill where there is nothing yet, and measure."""
    logging.disable(logging.CRITICAL)
    arguments = sys.argv[1:]
    url = arguments[0] if arguments else f"sqlite:///{tempfile.mkdtemp()}/store.db"
    with connect(url, upgrade=True) as opened:
        if not opened.calls.count():
            begun = time.perf_counter()
            full_store.fill(opened, int(arguments[1]) if len(arguments) > 1 else 100_000)
            print(f"filled in {time.perf_counter() - begun:.0f} s: {url}", flush=True)
    os.environ["QA_STORE"] = url
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    measure(arguments[2:])


if __name__ == "__main__":
    main()
