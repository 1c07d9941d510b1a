"""The coach's page on a store with patterns, and a plan opened from it."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards.texts import LANGUAGES, translate
from qa.access import SYSTEM, Action, Person, UserRole, may
from qa.coaching.patterns import Need, Pattern
from qa.people.intervals import wilson
from qa.settings import load_settings
from qa.store import connect
from tests.people_store import build_people_store


@pytest.fixture(scope="module")
def people_url(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('coaching') / 'store.db'}"
    with connect(url, upgrade=True) as store:
        build_people_store(store, people=12, months=2, per_month=20)
        store.people.refresh(SYSTEM, timezone="Asia/Shanghai")
    return url


@pytest.mark.parametrize("language", LANGUAGES)
def test_agents_stand_with_evidence_and_a_plan_is_opened(language, people_url, monkeypatch):
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setenv("QA_STORE", people_url)
    coach = Person(user_id="c", roles=frozenset({UserRole.COACH}),
                   teams=frozenset({"甲组", "乙组", "丙组", "丁组"}))  # fmt: skip
    monkeypatch.setattr("dashboards.sign_in.require_person", lambda: coach)
    monkeypatch.setattr("dashboards.sign_in.draw_person", lambda _: None)
    assert may(coach, Action.COACH)
    assert load_settings()
    app = AppTest.from_string(
        "from dashboards import navigation; navigation.run('coaching')", default_timeout=120
    )
    app.query_params["lang"] = language
    app.run()
    assert not app.exception, app.exception
    work = translate("coaching.correct", language)
    lines = [part.value for part in app.markdown if part.value.startswith(work)]
    assert lines, [part.value for part in (*app.markdown, *app.info, *app.success)]
    assert any("S3" in line for line in lines), lines
    by_label = {box.label: box for box in reversed(app.text_input)}
    by_label[translate("coaching.behaviour", language)].set_value("直接操作")
    by_label[translate("coaching.will", language)].set_value("每通复述一次")
    save = translate("coaching.save", language)
    next(button for button in app.button if button.label == save).click()
    app.run()
    assert not app.exception, app.exception
    assert translate("coaching.saved", language) in [part.value for part in app.success]
    with connect(people_url, read_only=True) as store:
        assert store.coaching.all()[0].will == "每通复述一次"


def test_the_clip_is_heard_on_the_page_and_leads_to_its_call(demo_url, monkeypatch):
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setenv("QA_STORE", demo_url)
    coach = Person(user_id="c", roles=frozenset({UserRole.COACH}),
                   teams=frozenset({"retail-travel"}))  # fmt: skip
    monkeypatch.setattr("dashboards.sign_in.require_person", lambda: coach)
    monkeypatch.setattr("dashboards.sign_in.draw_person", lambda _: None)
    impolite = Pattern(
        agent_id="A1156", team="retail-travel", criterion_id="S7.1", misses=8, rate=wilson(8, 20),
        probability=0.97, team_rate=0.1, ahead=0.0, call_ids=("zh-03-complaint-handled-badly",),
    )  # fmt: skip
    line = Need(agent_id="A1156", team="retail-travel", correct=impolite, praise=None)
    monkeypatch.setattr("dashboards.views.coaching._lines", lambda *_: [line])
    app = AppTest.from_string(
        "from dashboards import navigation; navigation.run('coaching')", default_timeout=120
    )
    app.query_params["lang"] = "zh-CN"
    app.run()
    listen = translate("coaching.listen", "zh-CN")
    next(button for button in app.button if button.label == listen).click()
    app.run()
    assert not app.exception, app.exception
    assert any("投诉也没用" in part.value or "规定" in part.value for part in app.markdown)
    heard = [part.proto.body for part in app.get("html")]
    assert any("<audio" in body for body in heard), heard
