"""KPIs, appraisal and imports on a store with a few months of people's figures."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards.texts import LANGUAGES, translate
from dashboards.views.appraisal import gap_text
from qa.access import SYSTEM
from qa.people.intervals import Estimate
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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("gap", "shown"),
    [
        (None, "–"),
        (Estimate(value=-3.16, n=60, low=-5.4, high=-1.0), "-3.2 [-5.4 – -1.0]"),
        (Estimate(value=0.5, n=60, low=-0.5, high=1.5), "+0.5 [-0.5 – +1.5]"),
        (Estimate(value=3.0, n=29, low=2.0, high=4.0), ""),
        (Estimate(value=3.0, n=60, low=-4.0, high=10.0), ""),
        (Estimate(value=3.0, n=60, low=None, high=None), ""),
    ],
)
def test_a_gap_has_its_interval_or_is_not_known_well_enough(gap, shown, language):
    t = partial(translate, language=language)
    assert gap_text(gap, t) == (shown or {"zh-CN": "样本不足", "en": "Not enough data"}[language])


def test_imports_name_the_columns(open_page):
    app = open_page("imports")
    assert any("valid_from" in caption.value for caption in app.caption)


@pytest.mark.parametrize("view", ["results", "person", "fairness", "scheme", "close"])
def test_a_period_without_a_single_call_is_drawn_all_the_same(view, tmp_path, monkeypatch):
    st.cache_data.clear()
    st.cache_resource.clear()
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with connect(url, upgrade=True) as store:
        build_people_store(store, people=6, months=1, per_month=5)
        store.people.refresh(SYSTEM, timezone="Asia/Shanghai")
        store.appraisals.open(SYSTEM, "2026-11", date(2026, 11, 1), date(2026, 12, 1))
    monkeypatch.setenv("QA_STORE", url)
    app = AppTest.from_string(
        "from dashboards import navigation; navigation.run('appraisal')", default_timeout=120
    )
    app.query_params["lang"], app.query_params["as"] = "en", "demo-manager"
    app.session_state["appraisal_view"] = view
    app.run()
    assert not app.exception, app.exception
    assert not app.error


@pytest.mark.parametrize("name", ["kpis", "reports", "coaching", "agents", "clips"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_before_the_first_call(name, language, tmp_path, monkeypatch):
    st.cache_data.clear()
    st.cache_resource.clear()
    url = f"sqlite:///{tmp_path / 'store.db'}"
    connect(url, upgrade=True).close()
    monkeypatch.setenv("QA_STORE", url)
    who = "demo-coach" if name == "coaching" else "demo-manager"
    app = AppTest.from_string(
        f"from dashboards import navigation; navigation.run({name!r})", default_timeout=120
    )
    app.query_params["lang"], app.query_params["as"] = language, who
    app.run()
    assert not app.exception, app.exception
    assert not app.error
    assert app.info or app.caption
