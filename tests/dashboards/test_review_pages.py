"""The pages of the review process on a store of real evaluations and plausible reviews."""

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards import frame
from dashboards.review_data import form_of
from dashboards.texts import LANGUAGES, translate
from dashboards.views.disputes import draft_of, outcome_table
from qa.review.disputes import DisputeState
from qa.review.values import Cause, DecisionKind
from qa.store import connect
from tests.demo_reviews import write_reviews
from tests.demo_store import build_store

PAGES = ("sampling", "disputes", "calibration", "agreement")


@pytest.fixture(scope="module")
def reviewed_url(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('reviewed') / 'store.db'}"
    with build_store(url) as store:
        write_reviews(store)
    return url


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_data.clear()
    st.cache_resource.clear()


def page(name, monkeypatch, url, *, language="en", who="demo-qa-lead"):
    monkeypatch.setenv("QA_STORE", url)
    script = f"from dashboards import navigation; navigation.run({name!r})"
    app = AppTest.from_string(script, default_timeout=60)
    app.query_params["lang"] = language
    app.query_params["as"] = who
    app.run()
    assert not app.exception, app.exception
    return app


def shown(app):
    parts = [*app.title, *app.subheader, *app.markdown, *app.caption, *app.info, *app.warning]
    return "\n".join(str(part.value) for part in [*parts, *app.error, *app.success])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_runs_and_leaves_nothing_untranslated(name, language, monkeypatch, reviewed_url):
    app = page(name, monkeypatch, reviewed_url, language=language)
    assert app.title[0].value == translate(f"{name}.title", language)
    assert "Traceback" not in shown(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_call_list_shows_what_the_page_of_each_call_shows(language, monkeypatch, reviewed_url):
    rows = page("calls", monkeypatch, reviewed_url, language=language).dataframe[0].value
    marks = {True: set(), False: set()}
    with connect(reviewed_url, read_only=True) as store:
        for row in rows.to_dict("records"):
            evaluation = store.evaluations.load(row["call_id"])
            form = form_of(evaluation.scorecard_id)
            counts = store.reviews.effective(row["call_id"], form=form)
            score = None if pd.isna(row["quality_percent"]) else row["quality_percent"]
            assert (score, row["band"]) == (counts.final_percent, counts.final_band)
            marks[bool(counts.decided)].add(row["scored_by"])
    assert marks[False] == {translate("calls.by_machine", language)}
    assert len(marks[True]) > 1
    assert all(mark.startswith({"zh-CN": "人工", "en": "person"}[language]) for mark in marks[True])


@pytest.mark.parametrize("name", PAGES)
def test_every_page_runs_before_anybody_has_reviewed(name, monkeypatch, demo_url):
    assert shown(page(name, monkeypatch, demo_url))


@pytest.mark.parametrize(
    ("name", "who"),
    [("sampling", "demo-monitor"), ("agreement", "demo-coach"), ("calibration", "A1023")],
)
def test_pages_are_closed_to_who_has_no_right(name, who, monkeypatch, reviewed_url):
    app = page(name, monkeypatch, reviewed_url, who=who)
    assert translate("access.not_for_you", "en") in shown(app)


def test_little_data_is_said_and_not_shown_as_a_figure(monkeypatch, reviewed_url):
    app = page("agreement", monkeypatch, reviewed_url)
    table = app.dataframe[0].value
    assert (table["n"] <= 20).all()
    assert (table["verdict"] == translate("agreement.not_enough", "en")).any()


def test_a_rater_sees_nothing_of_the_others_before_handing_in(monkeypatch, reviewed_url):
    lead = page("calibration", monkeypatch, reviewed_url)
    assert translate("calibration.blind", "en") in shown(lead)
    monitor = page("calibration", monkeypatch, reviewed_url, who="demo-monitor")
    assert translate("calibration.blind", "en") not in shown(monitor)


def test_a_lead_draws_a_sample_from_the_page(monkeypatch, reviewed_url):
    app = page("sampling", monkeypatch, reviewed_url)
    button = next(b for b in app.button if b.label == translate("sampling.draw", "en"))
    with connect(reviewed_url) as store:
        before = len(store.samples.all())
    button.click().run()
    with connect(reviewed_url) as store:
        newest = store.samples.all()
    assert len(newest) == before + 1
    assert newest[0].made_by == "demo-qa-lead"


def test_the_queue_shows_the_case_and_wants_an_answer(monkeypatch, reviewed_url):
    with connect(reviewed_url) as store:
        first = store.disputes.pending()[0]
    app = page("disputes", monkeypatch, reviewed_url)
    assert frame.plain(first.subject) in shown(app)
    press = next(b for b in app.button if b.label == translate("disputes.decide", "en"))
    press.click().run()
    assert translate("disputes.no_choice", "en") in shown(app)
    with connect(reviewed_url) as store:
        assert store.disputes.get(first.id).state == DisputeState.OPEN


def test_choices_of_the_form_become_decisions():
    assert draft_of("S1.1", "upheld", None) is None
    assert draft_of("AF-3", "reject", Cause.RULE_TOO_WIDE).kind == DecisionKind.REJECT
    assert draft_of("S1.1", "met", Cause.JUDGEMENT).outcome.value == "met"
    assert draft_of("S1.1", "not_applicable", Cause.NA_MISSED).outcome is None


def test_outcomes_are_counted_per_criterion_and_per_rule_version(reviewed_url):
    with connect(reviewed_url) as store:
        found = [d for n in store.disputes.newest(99) for d in store.disputes.of_call(n.call_id)]
    table = outcome_table(found, "version")
    assert table["opened"].sum() == len(found)
    overturned = sum(item.state == DisputeState.OVERTURNED for item in found)
    assert table["overturned"].sum() == overturned == 1
