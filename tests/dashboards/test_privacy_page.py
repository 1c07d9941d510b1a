"""The page of who answers for personal data: accesses with reasons, what is due, holds, proof."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
import sqlalchemy as sa
import streamlit as st
from streamlit.testing.v1 import AppTest

from qa.access import Person, UserRole
from qa.crypto import new_key
from qa.retention import apply_plan, make_plan
from qa.settings import RetentionSettings
from qa.store import connect
from qa.store import tables as t
from qa.store.voiceprints import Voiceprint
from tests.demo_store import build_store

CALL, OTHER = "zh-03-complaint-handled-badly", "zh-01-inquiry-exemplary"
ADMIN = Person(user_id="root", roles=frozenset({UserRole.ADMIN}))
VOICE = Voiceprint(
    agent_id="A1023",
    embedding=(1.0,),
    model="m",
    consent="form 7",
    call_count=3,
    speech_ms=30_000,
    made_by="root",
)
LEAD = Person(user_id="lead", roles=frozenset({UserRole.QA_LEAD}))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A store in which raw text was read once and then deleted, and a voice is old."""
    file = tmp_path_factory.mktemp("protected") / "store.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QA_RAW_KEY", new_key())
        with build_store(f"sqlite:///{file}") as store:
            store.privacy.raw_transcript(CALL, LEAD, reason="dispute 17: which number")
            plan = make_plan(store, RetentionSettings(raw_text_days=1))
            apply_plan(store, plan, ADMIN, reason="the year is over")
            store.voiceprints.save(VOICE)
            with store.database.writing() as connection:
                long_ago = {"made_at": store.database.now() - timedelta(days=400)}
                connection.execute(sa.update(t.voiceprints), long_ago)
    return file


@pytest.fixture
def site(built, tmp_path, monkeypatch):
    """A copy of it for one test: its URL, and the store opened beside the page."""
    monkeypatch.setenv("QA_HOME", str(tmp_path))
    shutil.copy(built, tmp_path / "store.db")
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with connect(url) as store:
        yield url, store


def page(site, monkeypatch, role=UserRole.ADMIN, language="en"):
    monkeypatch.setenv("QA_STORE", site[0])
    who = Person(user_id=f"the-{role}", roles=frozenset({role}))
    monkeypatch.setattr("dashboards.sign_in.require_person", lambda: who)
    monkeypatch.setattr("dashboards.sign_in.draw_person", lambda _: None)
    st.cache_data.clear()
    st.cache_resource.clear()
    app = AppTest.from_string("from dashboards import navigation; navigation.run('privacy')")
    app.query_params["lang"] = language
    return app.run(timeout=60)


def drawn(app):
    return "\n".join(frame.value.to_csv() for frame in app.dataframe)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_accesses_stand_with_their_reasons_and_what_is_due_is_counted(site, monkeypatch, language):
    app = page(site, monkeypatch, language=language)
    assert not app.exception
    assert [one.value for one in app.metric] == ["1", "1", "0", "1"]
    shown = drawn(app)
    assert "dispute 17: which number" in shown
    assert CALL in shown
    assert "the year is over" in shown


def test_a_hold_is_placed_and_lifted_here_and_both_are_on_record(site, monkeypatch):
    app = page(site, monkeypatch)
    value, reason = app.text_input
    value.input(OTHER)
    reason.input("court case 5")
    app.button[0].click().run(timeout=60)
    assert not app.exception
    (held,) = site[1].erasure.holds()
    assert (held.call_id, held.reason, held.made_by) == (OTHER, "court case 5", "the-admin")
    app.checkbox[0].check()
    app.button[1].click().run(timeout=60)
    assert site[1].erasure.holds() == []
    done = [(one.action, one.subject_id) for one in site[1].audit.find(limit=2)]
    assert done == [("hold_lifted", str(held.id)), ("hold_placed", str(held.id))]


def test_a_hold_on_nothing_is_refused(site, monkeypatch):
    app = page(site, monkeypatch)
    app.text_input[0].input("no-such-call")
    app.text_input[1].input("court case 5")
    app.button[0].click().run(timeout=60)
    assert app.error
    assert site[1].erasure.holds() == []


@pytest.mark.parametrize("role", [UserRole.QA_LEAD, UserRole.OPERATOR, UserRole.AGENT])
def test_it_is_nobody_elses_page(site, monkeypatch, role):
    app = page(site, monkeypatch, role)
    assert not app.metric
    assert not app.dataframe
