"""What people type: personal data in it is hidden before it is stored, whatever the form."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from qa import retention
from qa.access import Person, UserRole
from qa.coaching.plans import Plan
from qa.reports.improvements import Improvement
from qa.store import Agent, connect
from qa.store.columns import Note
from qa.store.copying import copy_store, digests
from qa.store.tables import metadata
from tests.builders import add_call

TODAY = date(2026, 9, 1)
ADMIN = Person(user_id="root", roles=frozenset({UserRole.ADMIN}))
COACH = Person(user_id="c", roles=frozenset({UserRole.COACH}), teams=frozenset({"甲组"}))
LEADER = Person(user_id="t", roles=frozenset({UserRole.TEAM_LEADER}), teams=frozenset({"甲组"}))
SECRET = "13987654321"
TYPED = f"S2.3：客户的手机号是{SECRET}，3:15 处没有核对"
SHOWN = "S2.3：客户的手机号是[电话1]，3:15 处没有核对"

#: Text columns named like typed words whose writers hide personal data themselves.
ELSEWHERE = {
    "audit_events.reason": "sealed by the hash chain: hidden in `AuditTrail.record`",
    "csat.comment": "hidden when the file is read",
}


def test_every_column_of_typed_words_hides_personal_data():
    names = {"comment", "note", "freeze_note", "answer", "why", "reason", "reply"}
    typed = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in names
        and isinstance(column.type, sa.Text)
        and not isinstance(column.type, Note)
    }
    assert typed == set(ELSEWHERE)


def everything(store):
    with store.database.reading() as connection:
        rows = [connection.execute(sa.select(table)).all() for table in metadata.sorted_tables]
    return repr(rows)


def coach(store):
    first = date(2026, 1, 1)
    store.roster.save([Agent(agent_id="A1", name="王芳", team="甲组", valid_from=first)])
    plan = Plan(
        agent_id="A1", criterion_id="S3.3", baseline=0.4, baseline_n=20, goal=0.2,
        goal_on=TODAY + timedelta(days=30), situation=TYPED, behaviour=TYPED, impact=TYPED,
        reality=TYPED, options=TYPED, will=TYPED,
    )  # fmt: skip
    opened = store.coaching.open(COACH, plan, today=TODAY)
    store.coaching.close(COACH, opened.id, reason=TYPED, today=TODAY)


def improve(store):
    line = Improvement(
        measure="miss:S3.3", team="甲组", finding=TYPED, action=TYPED, owner="c",
        due_on=TODAY + timedelta(days=7), opened_on=TODAY,
    )  # fmt: skip
    line = store.improvements.open(LEADER, line, today=TODAY)
    store.improvements.close(LEADER, line.id, conclusion=TYPED)


def hold(store):
    add_call(store)
    retention.place_hold(store, ADMIN, call_id="call-a", reason=TYPED)


def urge(store):
    add_call(store)
    store.operations.urge(["call-a"], asked_by="root", reason=TYPED)


def audit(store):
    store.audit.record("root", "raw_access", reason=TYPED)
    assert store.audit.verify() == []


@pytest.mark.parametrize("write", [coach, improve, hold, urge, audit])
def test_what_is_typed_is_stored_without_personal_data(store, write):
    write(store)
    held = everything(store)
    assert SECRET not in held
    assert "[电话1]" in held


def test_codes_times_and_scores_stay(store):
    audit(store)
    assert store.audit.find()[0].reason == SHOWN


def test_a_copy_changes_nothing_not_even_what_was_typed_in_older_versions(tmp_path):
    with (
        connect(f"sqlite:///{tmp_path / 'old.db'}", upgrade=True) as old,
        connect(f"sqlite:///{tmp_path / 'new.db'}", upgrade=True) as new,
    ):
        urge(old)
        with old.database.writing() as connection:
            connection.execute(sa.text("UPDATE urgent_calls SET reason = :old"), {"old": TYPED})
        copy_store(old, new)
        assert digests(old) == digests(new)
        assert SECRET in everything(new)
