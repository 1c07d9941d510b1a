"""The pages of risks, reasons, voices and promises over real evaluations, and what they let do."""

from __future__ import annotations

import sqlite3

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards.insight_data import growth_table, pareto_table, weekly_reasons
from dashboards.texts import LANGUAGES, translate
from qa.audit import AuditAction
from qa.errors import StoreError
from qa.store import connect
from qa.store.audit import AuditTrail


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def own_url(demo_url, tmp_path):
    """A copy of the demo store that a test may change."""
    copy = tmp_path / "store.db"
    with sqlite3.connect(demo_url.removeprefix("sqlite:///")) as source:
        source.backup(sqlite3.connect(copy))
    return f"sqlite:///{copy}"


def page(name, language, monkeypatch, url, **query):
    monkeypatch.setenv("QA_STORE", url)
    script = f"from dashboards import navigation; navigation.run({name!r})"
    app = AppTest.from_string(script, default_timeout=60)
    for key, value in {"lang": language, **query}.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def shown(app):
    parts = [*app.title, *app.subheader, *app.markdown, *app.caption, *app.info, *app.warning]
    return "\n".join(str(part.value) for part in parts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", ["queue", "reasons", "new_topics", "voice"])
def test_every_part_of_topics_and_risks_runs(section, language, monkeypatch, demo_url):
    app = page("risks", language, monkeypatch, demo_url, section=section)
    assert translate("risks.title", language) in shown(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ledger_runs(language, monkeypatch, demo_url):
    app = page("commitments", language, monkeypatch, demo_url)
    assert len(app.dataframe[0].value) >= 5


def test_taking_a_risk_is_noted_with_the_persons_name(monkeypatch, own_url):
    app = page("risks", "en", monkeypatch, own_url)
    assert app.dataframe[0].value["priority"].tolist()[0] == "P1"
    take = next(button for button in app.button if button.label == "Take")
    take.click().run()
    assert not app.exception, app.exception
    with connect(own_url, read_only=True) as store:
        item = store.risks.queue()[0]
    assert item.state == "taken"
    assert item.changed_by


def test_an_agent_sees_neither_risks_nor_promises(monkeypatch, demo_url):
    for name in ("risks", "commitments"):
        app = page(name, "en", monkeypatch, demo_url, **{"as": "A1023"})
        assert translate("access.not_for_you", "en") in shown(app)
        assert not app.dataframe


SECTION = """
from dashboards import frame
from dashboards.views import call_insight
from qa.access import SYSTEM
from qa.store import connect
from qa.store.audit import AuditTrail
frame.set_viewer(SYSTEM)
store = connect({url!r}, read_only=True)
call_insight.render(store.analyses.load({call!r}), store)
"""


@pytest.mark.parametrize(
    ("call", "language", "words"),
    [
        ("zh-03-complaint-handled-badly", "en", ("Lowest point", "发到网上")),
        ("zh-02-complaint-handled-well", "zh-CN", ("回电", "上门")),
    ],
)
def test_the_call_page_shows_mood_alerts_and_promises(call, language, words, monkeypatch, demo_url):
    app = AppTest.from_string(SECTION.format(url=demo_url, call=call), default_timeout=60)
    app.query_params["lang"] = language
    app.run()
    assert not app.exception, app.exception
    labels = "\n".join(button.label for button in app.button)
    assert [word for word in words if word not in labels] == []
    play = app.button[0]
    play.click().run()
    assert int(app.query_params["at"][0]) >= 0


def calls(*rows):
    return pd.DataFrame(
        [
            (str(at), reason, "fault", pd.Timestamp(day, tz="UTC"))
            for at, (reason, day) in enumerate(rows)
        ],
        columns=["call_id", "reason", "call_type", "happened_at"],
    )


def test_growth_is_the_last_week_against_the_weeks_before_and_shy_of_small_numbers():
    rows = (
        [("outage", "2026-03-03")] * 4 + [("outage", "2026-03-17")] * 12 + [("tea", "2026-03-03")]
    )
    weekly = weekly_reasons(calls(*rows), {"outage": "断网"}, timezone="Asia/Shanghai")
    assert weekly["week"].nunique() == 3  # the empty week between counts as none
    growth = growth_table(weekly).set_index("name")
    assert growth.loc["断网", "change"] == pytest.approx(12 / 2 - 1)
    assert pd.isna(growth.loc["tea", "change"])


def test_other_stands_last_in_the_pareto():
    table = pareto_table(
        calls(("other", "2026-03-03"), ("other", "2026-03-03"), ("x", "2026-03-03")), {}
    )
    assert table["reason"].tolist() == ["x", "other"]
    assert table["running"].tolist()[-1] == 1.0


def test_a_file_is_made_when_it_is_taken_and_that_is_an_event(own_url, monkeypatch):
    offered = []
    monkeypatch.setattr(st, "download_button", lambda label, make, **_: offered.append(make))
    page("commitments", "en", monkeypatch, own_url)
    (make,) = offered
    with connect(own_url) as store:
        assert not [one for one in store.audit.events() if one.action == AuditAction.EXPORT]
        content = make().decode("utf-8-sig")
        (event,) = [one for one in store.audit.events() if one.action == AuditAction.EXPORT]
    assert content.startswith("id,call_id,by")
    assert (event.user_id, event.subject_kind) == ("demo-qa-lead", "commitments")


def test_what_cannot_be_written_down_is_not_handed_out(own_url, monkeypatch):
    offered = []
    monkeypatch.setattr(st, "download_button", lambda label, make, **_: offered.append(make))
    page("commitments", "en", monkeypatch, own_url)

    def full(*_, **__):
        raise StoreError("disk full", "audit", "make room")

    monkeypatch.setattr(AuditTrail, "record", full)
    with pytest.raises(StoreError):
        offered[0]()
