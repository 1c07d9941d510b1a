"""One walk over role × page × action: who opens what, who may do what, who sees nothing yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards.navigation import PAGES
from qa.access import RIGHTS, Action, Person, UserRole
from qa.errors import AccessDeniedError, QaError
from qa.evaluation import Outcome
from qa.review.agreement import agreement
from qa.review.autonomy import Evidence, Level
from qa.review.sampling import Plan, PlanKind
from qa.store import CallFilter
from tests.demo_store import build_store

CALLS = {"calls", "call", "disputes", "scorecards"}
REVIEW = CALLS | {"worklist", "risks", "commitments", "calibration", "agreement"}
#: Written out by hand: a change of the rights table must be wanted here as well.
OPENS = {
    UserRole.ADMIN: {"night", "users", "privacy", "audit"},
    UserRole.OPERATOR: {"night"},
    UserRole.QA_LEAD: REVIEW | {"sampling", "agents", "clips", "kpis", "reports", "night"},
    UserRole.MONITOR: REVIEW,
    UserRole.COACH: CALLS | {"risks", "calibration", "agents", "clips", "coaching", "kpis"},
    UserRole.TEAM_LEADER: CALLS
    | {"risks", "commitments", "agents", "clips", "coaching", "kpis", "reports"},
    UserRole.MANAGER: CALLS
    | {"risks", "commitments", "agreement", "agents", "clips", "kpis", "reports"}
    | {"appraisal", "imports", "night"},
    UserRole.AGENT: CALLS | {"agents", "clips", "own"},
}
NO_EVIDENCE = Evidence(agreement=agreement({}), overrides=0)
AGENT, TEAM = "A1023", "telecom"


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """A store of its own, with nothing released."""
    url = f"sqlite:///{tmp_path_factory.mktemp('rights') / 'store.db'}"
    with build_store(url) as store:
        yield url, store


def person(role):
    own = {"agent_id": AGENT} if role is UserRole.AGENT else {}
    return Person(user_id=f"the-{role}", roles=frozenset({role}), teams=frozenset({TEAM}), **own)


def contents(app):
    """Everything that goes to the browser, tables included."""

    def walk(block):
        for child in block.children.values():
            if hasattr(child, "children"):
                yield from walk(child)
            else:
                yield str(getattr(child, "proto", ""))

    return "\n".join(walk(app.main))


@pytest.fixture
def looking(walked, monkeypatch):
    """`looking(role)` makes everything that is drawn drawn for a person of that role."""
    monkeypatch.setenv("QA_STORE", walked[0])
    monkeypatch.setattr("dashboards.sign_in.draw_person", lambda _: None)
    st.cache_data.clear()
    return lambda role: monkeypatch.setattr(
        "dashboards.sign_in.require_person", lambda: person(role)
    )


def every_page():
    from contextlib import suppress

    from dashboards import frame, navigation, sign_in
    from qa.errors import QaError

    frame.set_viewer(sign_in.require_person())
    for entry in navigation.PAGES:
        with suppress(QaError):
            navigation.guarded(entry)()


@pytest.mark.parametrize("role", UserRole)
def test_every_role_opens_its_pages_and_no_others(role, looking, monkeypatch):
    looking(role)
    opened = set()

    def page(name):
        return SimpleNamespace(render=lambda: opened.add(name.removeprefix("dashboards.views.")))

    def stop():
        raise QaError("stopped")

    monkeypatch.setattr("dashboards.navigation.import_module", page)
    monkeypatch.setattr("streamlit.stop", stop)
    app = AppTest.from_function(every_page, default_timeout=90).run()
    assert not app.exception
    assert opened == OPENS[role]
    refusals = [note.value for note in app.warning]
    assert len(refusals) == len(PAGES) - len(opened)


@pytest.mark.parametrize("name", sorted(OPENS[UserRole.AGENT]))
def test_no_page_tells_an_agent_of_a_call_before_its_release(name, looking, walked):
    looking(UserRole.AGENT)
    calls = walked[1].calls
    unreleased = [row.call_id for row in calls.find() if row.agent_id == AGENT]
    asked = unreleased[0]
    app = AppTest.from_string(f"from dashboards import navigation; navigation.run({name!r})")
    app.query_params |= {"lang": "en", "id": asked, "agent": AGENT}
    app.run(timeout=90)
    assert not app.exception
    sent = contents(app).replace("\\", "")
    assert {call_id for call_id in unreleased if call_id in sent} <= {asked}
    assert (asked in sent) is (name == "call")  # "no call …" repeats what was asked for
    assert "cq" not in sent, "no player"


def test_an_unreleased_call_is_answered_like_one_that_never_was(walked):
    _, store = walked
    mine = next(row.call_id for row in store.calls.find() if row.agent_id == AGENT)
    answers = []
    for call_id in (mine, "no-such-call"):
        with pytest.raises(QaError) as caught:
            store.seen_by(person(UserRole.AGENT)).calls.get(call_id)
        answers.append(str(caught.value).replace(call_id, "ID"))
    assert answers[0] == answers[1]


def attempts(store, call_id):
    """Action → somebody's try at it, through the repository that a page would use."""
    reviews, disputes, meetings = store.reviews, store.disputes, store.calibrations
    due = datetime.now(UTC) + timedelta(days=3)
    plan = Plan(kind=PlanKind.RANDOM, seed="1")
    return {
        Action.REVIEW: lambda who: reviews.open(who, call_id),
        Action.SAMPLE: lambda who: store.samples.preview(who, plan, CallFilter()),
        Action.ASSIGN: lambda who: store.assignments.add(who, []),
        Action.RELEASE: lambda who: disputes.release(who, [call_id]),
        Action.DISPUTE: lambda who: disputes.open(
            who, call_id, "S1.1", comment="listen", wished=Outcome.MET
        ),
        Action.DECIDE_DISPUTE: disputes.expire,
        Action.ACKNOWLEDGE: lambda who: disputes.acknowledge(who, call_id),
        Action.CALIBRATE: lambda who: meetings.submit(who, 1, call_id, {}),
        Action.RUN_CALIBRATION: lambda who: meetings.create(
            who, "x", call_ids=[call_id], raters=["a", "b"], due_at=due
        ),
        Action.ACTIVATE_SCORECARD: lambda who: store.autonomy.set(
            who, "service-standard", "S1.1", Level.ASSIST, evidence=NO_EVIDENCE, reason="x"
        ),
    }


@pytest.mark.parametrize("role", UserRole)
def test_every_role_may_do_its_actions_and_no_others(role, walked):
    _, store = walked
    call_id = next(row.call_id for row in store.calls.find() if row.agent_id == AGENT)
    for action, attempt in attempts(store, call_id).items():
        refused = False
        try:
            attempt(person(role))
        except AccessDeniedError as error:
            refused = "may not judge" not in str(error)
        except QaError:
            pass  # allowed to try: what is tried here is not all possible
        assert refused is (action not in RIGHTS[role]), (role, action)
