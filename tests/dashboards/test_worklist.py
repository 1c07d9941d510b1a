"""The work list: what is there, why, by when; what it says when there is nothing."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards.texts import LANGUAGES, translate
from dashboards.views.worklist import list_data
from qa.access import Person, UserRole
from qa.review.values import PickReason
from qa.review.work import AssignmentState, NewAssignment
from qa.store import connect

LEAD = Person(user_id="lead", roles=frozenset({UserRole.QA_LEAD}))
CALLS = ("zh-03-complaint-handled-badly", "en-02-complaint-handled-well")


@pytest.fixture
def url(demo_url, tmp_path):
    import shutil

    shutil.copy(demo_url.removeprefix("sqlite:///"), tmp_path / "store.db")
    st.cache_data.clear()
    st.cache_resource.clear()
    return f"sqlite:///{tmp_path / 'store.db'}"


def give(url):
    now = datetime.now(UTC)
    reasons = ((PickReason.AUTO_FAIL, PickReason.RISK), (PickReason.RANDOM,))
    new = [
        NewAssignment(
            call_id=call_id, reviewer="demo-monitor", reasons=why, due_at=now + timedelta(days=days)
        )
        for call_id, why, days in zip(CALLS, reasons, (-1, 2), strict=True)
    ]
    with connect(url) as store:
        return store.assignments.add(LEAD, new)


def page(monkeypatch, url, language="en"):
    monkeypatch.setenv("QA_STORE", url)
    app = AppTest.from_string(
        "from dashboards import navigation; navigation.run('worklist')", default_timeout=60
    )
    app.query_params["lang"] = language
    app.query_params["as"] = "demo-monitor"
    app.run()
    assert not app.exception, app.exception
    return app


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_list_says_what_to_do(monkeypatch, url, language):
    app = page(monkeypatch, url, language)
    assert app.info[0].value == translate("worklist.nothing", language)
    assert translate("worklist.what_to_do", language) in [item.value for item in app.caption]


def test_overdue_calls_are_counted(monkeypatch, url):
    give(url)
    app = page(monkeypatch, url)
    values = {item.label: item.value for item in app.metric}
    assert values[translate("worklist.open", "en")] == "2"
    assert values[translate("worklist.late", "en")] == "1"


def test_filters_narrow_and_say_when_nothing_fits(monkeypatch, url):
    give(url)
    app = page(monkeypatch, url)
    app.text_input(key="worklist_text").set_value("no such words anywhere").run()
    assert app.info[0].value == translate("worklist.none_fits", "en")
    app.text_input(key="worklist_text").set_value("退款").run()
    assert not app.info


def test_putting_a_call_aside_keeps_the_reason(monkeypatch, url):
    given = give(url)
    app = page(monkeypatch, url)
    press = next(b for b in app.button if b.label == translate("worklist.aside", "en"))
    press.click().run()
    with connect(url) as store:
        found = store.assignments.get(given[0].id)
    assert found.state == AssignmentState.SKIPPED
    assert found.note == "no_audio"


def test_rows_carry_reasons_due_date_and_lateness(url):
    given = give(url)
    row = {"agent_name": "<b>X</b>", "agent_id": "A", "team": "t", "queue": "", "language": "zh"}
    row |= {"duration_ms": 61_000, "quality_percent": None, "review_count": 3}
    row |= {"state": "scored", "is_decided": False, "machine_percent": None}
    decided = row | {"quality_percent": 91.0, "is_decided": True, "machine_percent": 82.0}
    shown = list_data(
        given,
        dict(zip(CALLS, (row, decided), strict=True)),
        datetime.now(UTC),
        partial(translate, language="en"),
    )
    first, second = shown["rows"]
    assert (first["isLate"], second["isLate"]) == (True, False)
    assert first["why"] == ["suspected auto-fail", "risk"]
    assert first["where"] == "<b>X</b> · t · 中文"
    assert (first["length"], first["left"], first["score"]) == ("1:01", "3", "–")
    assert first["scoredBy"] == "machine"
    assert (second["score"], second["scoredBy"]) == ("91.0", "person · machine 82.0")
