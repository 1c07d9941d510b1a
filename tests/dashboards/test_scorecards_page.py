"""The scorecard editor through its page: start, change, check, save, activate."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards.texts import LANGUAGES, translate
from scoring.drafts import list_drafts, read_draft
from scoring.loader import list_scorecards, load_scorecard
from tests.demo_store import SAMPLES


@pytest.fixture
def site(tmp_path, monkeypatch, demo_url):
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setenv("QA_STORE", demo_url)
    monkeypatch.setenv("QA_SETTINGS", str(SAMPLES / "qa.toml"))
    monkeypatch.setenv("QA_SCORING__FOLDER", str(tmp_path))
    return tmp_path


def page(language="en", **query):
    app = AppTest.from_string(
        "from dashboards import navigation; navigation.run('scorecards')", default_timeout=120
    )
    app.query_params["lang"] = language
    for key, value in query.items():
        app.query_params[key] = value
    return checked(app.run())


def checked(app):
    assert not app.exception, app.exception
    return app


def button(app, label):
    return next(item for item in app.button if item.label == label)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_standard_can_be_read_by_everybody(site, language):
    app = page(language)
    lines = list(load_scorecard("service-standard").criteria())
    assert len(app.dataframe[0].value) == len(lines)
    assert translate("editor.intro", language) in [item.value for item in app.caption]


def test_a_draft_is_changed_saved_and_read_again(site):
    app = page()
    checked(button(app, "New draft from this").click().run())
    assert list_drafts(site) == ["service-standard@1.1"]
    weight = next(item for item in app.number_input if item.label == "Weight")
    checked(weight.set_value(3.0).run())
    assert any("problems" in item.value for item in app.markdown)  # weights sum to 101
    assert button(app, "Save draft").disabled
    checked(weight.set_value(2.0).run())
    name = next(item for item in app.text_input if item.label == "Name · English")
    checked(name.set_value("Greeting").run())
    checked(button(app, "Save draft").click().run())
    assert "Greeting" in read_draft(site, "service-standard@1.1").text


def test_a_draft_becomes_active_and_stays(site):
    app = page()
    checked(button(app, "New draft from this").click().run())
    checked(button(app, "Check and activate").click().run())
    assert list_drafts(site) == []
    assert load_scorecard(list_scorecards(site)["service-standard@1.1"]).version == "1.1"


def test_the_bench_judges_with_the_unsaved_draft(site):
    app = page()
    checked(button(app, "New draft from this").click().run())
    lines = app.text_area(key="bench.text")
    checked(lines.set_value("A: Yeah, what is it\nC: My bill\nA: Number\nC: One two").run())
    assert any("S1.1" in item.value and "Missed" in item.value for item in app.markdown)


def test_lines_without_a_speaker_are_explained(site):
    app = page()
    checked(app.text_area(key="bench.text").set_value("hello there").run())
    assert any("A:" in item.value for item in app.error)
