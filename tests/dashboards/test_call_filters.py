"""What the filters of a list ask for, and that a view brings them back."""

import shutil
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards.call_filters import DEFAULTS, filter_of
from qa.store import CallFilter, connect

SHANGHAI = ZoneInfo("Asia/Shanghai")
CASES = {
    "nothing": ({}, CallFilter()),
    "text": ({"text": " 退款 "}, CallFilter(text="退款")),
    "score": ({"score": (0, 70)}, CallFilter(max_score=70)),
    "length": ({"minutes": (5, 60)}, CallFilter(min_duration_ms=300_000)),
    "short": ({"minutes": (0, 2)}, CallFilter(max_duration_ms=120_000)),
    "missed": ({"missed": ["S4.2"], "alerts": ["churn"]},
               CallFilter(missed=("S4.2",), alerts=("churn",))),
    "days": ({"dates": (date(2026, 11, 2), date(2026, 11, 2))},
             CallFilter(since=datetime(2026, 11, 1, 16, tzinfo=UTC),
                        until=datetime(2026, 11, 2, 16, tzinfo=UTC))),
    "half a range": ({"dates": (date(2026, 11, 2),)},
                     CallFilter(since=datetime(2026, 11, 1, 16, tzinfo=UTC))),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_fields_become_a_filter(name):
    fields, wanted = CASES[name]
    assert filter_of(DEFAULTS | fields, SHANGHAI) == wanted


@pytest.fixture
def url(demo_url, tmp_path, monkeypatch):
    shutil.copy(demo_url.removeprefix("sqlite:///"), tmp_path / "store.db")
    st.cache_data.clear()
    st.cache_resource.clear()
    found = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("QA_STORE", found)
    return found


def press(app, label):
    return next(b for b in app.button if b.label == label).click().run()


def test_a_view_brings_its_filters_back(url):
    app = AppTest.from_string("from dashboards import navigation; navigation.run('calls')")
    app.query_params |= {"lang": "en", "as": "demo-monitor"}
    app.run(timeout=60)
    whole = len(app.dataframe[0].value)
    app.text_input(key="calls_text").set_value("退款").run()
    app.multiselect(key="calls_languages").set_value(["zh"]).run()
    few = app.dataframe[0].value["call_id"].tolist()
    assert 0 < len(few) < whole
    next(i for i in app.text_input if i.label == "Keep these filters as").set_value("Refunds")
    press(app, "Keep")
    with connect(url, read_only=True) as store, store.database.reading():
        from qa.access import Person

        kept = store.saved_views.of(Person(user_id="demo-monitor"), "calls")
    assert kept == {"Refunds": {"text": "退款", "languages": ["zh"]}}
    press(app, "Show all")
    assert len(app.dataframe[0].value) == whole
    press(app, "Refunds")
    assert not app.exception
    assert app.dataframe[0].value["call_id"].tolist() == few
