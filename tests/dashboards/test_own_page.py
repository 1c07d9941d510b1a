"""An agent's own page, the library of clips and the board, as their people see them."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards.texts import translate
from qa.access import SYSTEM, Person, UserRole
from qa.coaching.plans import Plan
from qa.reports.improvements import Improvement
from qa.store import connect
from qa.store.tables import clips
from tests.people_store import build_people_store

AGENT = Person(user_id="a", roles=frozenset({UserRole.AGENT}), agent_id="A1000")
TEAMS = frozenset({"甲组", "乙组", "丙组", "丁组"})
COACH = Person(user_id="c", roles=frozenset({UserRole.COACH}), teams=TEAMS)
LEAD = Person(user_id="q", roles=frozenset({UserRole.QA_LEAD}))
OPENED = date(2026, 8, 20)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('own') / 'store.db'}"
    with connect(url, upgrade=True, now=lambda: datetime(2026, 8, 20, 4, tzinfo=UTC)) as store:
        build_people_store(store, people=4, months=2, per_month=20)
        store.people.refresh(SYSTEM, timezone="Asia/Shanghai")
        plan = Plan(
            agent_id="A1000", criterion_id="S3.3", baseline=0.5, baseline_n=20, goal=0.2,
            goal_on=date(2026, 9, 20), behaviour="直接操作", will="每通复述一次",
        )  # fmt: skip
        store.coaching.open(COACH, plan, today=OPENED)
        line = Improvement(measure="miss:S3.3", finding="不复述", due_on=OPENED, opened_on=OPENED)
        store.improvements.open(LEAD, line, today=OPENED)
        row = {
            "call_id": "c00000000", "agent_id": "A1000", "criterion_id": "S3.3", "start_ms": 0,
            "end_ms": 20_000, "why": "讲得清楚", "quote": '[["agent", "对吗"]]', "language": "zh",
            "proposed_by": "c", "proposed_at": store.database.now(),
        }  # fmt: skip
        with store.database.writing() as connection:
            connection.execute(sa.insert(clips), row)
    return url


@pytest.fixture
def shown(url, monkeypatch):
    def open_page(name, person):
        st.cache_data.clear()
        st.cache_resource.clear()
        monkeypatch.setenv("QA_STORE", url)
        monkeypatch.setattr("dashboards.sign_in.require_person", lambda: person)
        monkeypatch.setattr("dashboards.sign_in.draw_person", lambda _: None)
        app = AppTest.from_string(
            f"from dashboards import navigation; navigation.run('{name}')", default_timeout=120
        )
        app.query_params["lang"] = "zh-CN"
        app.run()
        assert not app.exception, app.exception
        return app

    return open_page


def pressed(app, key):
    label = translate(key, "zh-CN")
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception, app.exception


def test_an_agent_answers_a_plan_and_shares_a_moment(shown, url):
    app = shown("own", AGENT)
    words = " ".join(part.value for part in app.markdown)
    assert "每通复述一次" in words
    assert translate("coaching.look", "zh-CN", weeks=12) in words
    app.text_input[0].set_value("系统太慢")
    pressed(app, "own.disagree")
    pressed(app, "own.share")
    with connect(url, read_only=True) as store:
        plan = store.coaching.all()[0]
        assert (plan.agrees, plan.reply) == (False, "系统太慢")
        assert [clip.consented for clip in store.clips.all()] == [True]


def test_the_library_says_what_is_good_and_who_agreed(shown):
    app = shown("clips", COACH)
    assert any("讲得清楚" in part.value for part in app.markdown)
    assert translate("clips.remove", "zh-CN") in [button.label for button in app.button]


def test_the_board_stands_on_the_page_of_the_report(shown):
    app = shown("reports", LEAD)
    cells = [str(cell) for table in app.dataframe for cell in table.value.to_numpy().ravel()]
    assert any("不复述" in cell for cell in cells)
