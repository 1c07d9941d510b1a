"""Every page runs on a store of real evaluations, in both languages, and on an empty site."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards.navigation import PAGES
from dashboards.texts import LANGUAGES, translate
from qa.access import Action, Person, may
from qa.settings import load_settings
from qa.store import CallFilter, connect


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_data.clear()
    st.cache_resource.clear()


def page(name, language, monkeypatch, url, **query):
    monkeypatch.setenv("QA_STORE", url)
    script = f"from dashboards import navigation; navigation.run({name!r})"
    app = AppTest.from_string(script, default_timeout=60)
    app.query_params["lang"] = language
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def shown(app):
    """All texts of a page."""
    parts = [*app.title, *app.header, *app.subheader, *app.markdown, *app.caption, *app.info]
    parts += [*app.warning, *app.error, *app.success]
    return "\n".join(str(part.value) for part in parts)


def who_may(action):
    """A person of the samples who has a right."""
    people = load_settings().access.demo_people
    allowed = [p for p in people if may(Person(user_id="", roles=frozenset(p.roles)), action)]
    return allowed[0].user_id


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.name)
def test_every_page_runs(entry, language, monkeypatch, demo_url):
    query = {"id": "zh-03-complaint-handled-badly", "as": who_may(entry.action)}
    app = page(entry.name, language, monkeypatch, demo_url, **query)
    assert shown(app)
    assert not app.error


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.name)
def test_every_page_stands_an_empty_site(entry, monkeypatch, tmp_path):
    with connect(f"sqlite:///{tmp_path / 'empty.db'}", upgrade=True) as store:
        url = store.url
    app = page(entry.name, "zh-CN", monkeypatch, url, **{"as": who_may(entry.action)})
    assert shown(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_site_says_what_to_do(language, monkeypatch, tmp_path):
    app = page("calls", language, monkeypatch, f"sqlite:///{tmp_path / 'none.db'}")
    assert translate("app.no_store", language) in shown(app)


def test_the_list_counts_calls_and_shows_them(monkeypatch, demo_url):
    app = page("calls", "en", monkeypatch, demo_url)
    with connect(demo_url, read_only=True) as store:
        total = store.calls.count(CallFilter())
    assert app.metric[0].value == str(total)
    assert len(app.dataframe[0].value) == total


def test_searching_finds_chinese_inside_a_turn(monkeypatch, demo_url):
    app = page("calls", "zh-CN", monkeypatch, demo_url)
    app.text_input[0].set_value("洗衣机").run()
    assert app.dataframe[0].value["call_id"].tolist() == ["zh-03-complaint-handled-badly"]


def test_a_search_without_result_says_so(monkeypatch, demo_url):
    app = page("calls", "en", monkeypatch, demo_url)
    app.text_input[0].set_value("zeppelin").run()
    assert translate("calls.none", "en") in shown(app)


def test_the_call_page_names_suspicions_and_keeps_them_suspicions(monkeypatch, demo_url):
    who = who_may(Action.APPRAISE)  # a manager reads; a reviewer has them in the scorecard
    query = {"id": "zh-03-complaint-handled-badly", "as": who}
    app = page("call", "en", monkeypatch, demo_url, **query)
    text = shown(app)
    assert "AF-8" in text
    assert "suspected" in text
    assert translate("call.blind_spot", "en") in text


def test_an_unknown_call_is_an_answer_not_an_error(monkeypatch, demo_url):
    app = page("call", "en", monkeypatch, demo_url, id="no-<b>such</b>")
    assert "There is no call" in app.error[0].value
    assert "<b>" not in app.error[0].value
