"""KPIs, appraisal and imports on a store with a few months of people's figures."""

from __future__ import annotations

from datetime import date

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards.texts import LANGUAGES, translate
from qa.access import SYSTEM
from qa.settings import load_settings
from qa.store import connect
from tests.people_store import build_people_store


@pytest.fixture(scope="module")
def people_url(tmp_path_factory):
    """A store of 12 people over two months, with an open appraisal period."""
    url = f"sqlite:///{tmp_path_factory.mktemp('people') / 'store.db'}"
    with connect(url, upgrade=True) as store:
        build_people_store(store, people=12, months=2, per_month=20)
        store.people.refresh(SYSTEM, timezone="Asia/Shanghai")
        store.appraisals.open(SYSTEM, "2026-09", date(2026, 9, 1), date(2026, 10, 1))
    return url


@pytest.fixture
def open_page(people_url, monkeypatch):
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setenv("QA_STORE", people_url)

    def run(name, language="en", **state):
        script = f"from dashboards import navigation; navigation.run({name!r})"
        app = AppTest.from_string(script, default_timeout=120)
        people = load_settings().access.demo_people
        manager = next(p for p in people if "manager" in {str(r) for r in p.roles})
        app.query_params["lang"], app.query_params["as"] = language, manager.user_id
        for key, value in state.items():
            app.session_state[key] = value
        app.run()
        assert not app.exception, app.exception
        assert not app.error
        return app

    return run


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", ["compare", "time", "mix", "criteria"])
def test_kpis_in_every_view(open_page, view, language):
    app = open_page("kpis", language, kpis_view=view)
    formula = {"zh-CN": "平均值", "en": "mean of the quality scores"}[language]
    assert any(formula in caption.value for caption in app.caption)


def test_every_number_of_the_comparison_says_what_it_is(open_page):
    app = open_page("kpis")
    assert app.metric[0].help
    assert "Wilson" in translate("kpis.interval_help", "en")


@pytest.mark.parametrize("view", ["results", "person", "fairness", "scheme", "close"])
def test_appraisal_in_every_view(open_page, view):
    app = open_page("appraisal", "zh-CN", appraisal_view=view)
    assert "由人决定" in app.info[0].value
    assert int(app.metric[0].value) == 12


def test_imports_name_the_columns(open_page):
    app = open_page("imports")
    assert any("valid_from" in caption.value for caption in app.caption)
