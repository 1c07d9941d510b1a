"""Canaries in what was said: run everything, then read every byte written outside the raw class."""

from __future__ import annotations

import json

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from flows import stages
from flows.report import night_markdown, problem_rows
from flows.site import open_site, site_ref
from qa.errors import QaError
from qa.ingest import ingest_many
from qa.sources import SourceItem, list_source
from qa.store import connect
from qa.store.voiceprints import Voiceprint
from tests.canaries import CALL, WORDS, canary_night, leaks, qa
from tests.demo_store import SAMPLES

VOICE = (0.731245, 0.682119)


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """`qa run` over a call whose recogniser hears canaries, and every command that shows it."""
    folder, home = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("written")
    environment = canary_night(folder, home, tmp_path_factory.mktemp("given"))
    with connect(f"sqlite:///{home / 'store.db'}") as store:
        store.voiceprints.save(
            Voiceprint(
                agent_id="A1",
                embedding=VOICE,
                model="m",
                consent="form 7",
                call_count=3,
                speech_ms=30_000,
                made_by="root",
            )
        )
    return folder, home, environment


@pytest.mark.flow
def test_nothing_written_or_printed_holds_a_canary(night):
    _, home, environment = night
    for arguments in (
        ("calls", "--json"),
        ("show", CALL, "--json"),
        ("show", CALL),
        ("explain", CALL, "S2.3", "--language", "zh"),
        ("scorecard", "replay", "service-standard", "--json"),
        ("calls", "--text", "欧阳锦程", "--json"),
        ("retention", "plan", "--json"),
        ("voiceprints", "list", "--json"),
        ("audit", "export", "--csv"),
        ("backup", home / "site.tar"),
    ):
        qa(*arguments, home=home, check=arguments[0] != "explain", **environment)
    (searched,) = home.glob("printed-6-*")
    assert json.loads(searched.read_text(encoding="utf-8")) == []
    shown = json.loads((home / "printed-2-show.txt").read_text(encoding="utf-8"))
    assert "[电话1]" in json.dumps(shown, ensure_ascii=False)
    listed = next(home.glob("printed-*-voiceprints.txt")).read_text(encoding="utf-8")
    assert "A1" in listed
    assert str(VOICE[0]) not in listed
    assert leaks(home) == []


@pytest.mark.flow
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("page", ["calls", "call", "agents", "night"])
def test_no_page_shows_a_canary(night, monkeypatch, page, language):
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setenv("QA_STORE", f"sqlite:///{night[1] / 'store.db'}")
    monkeypatch.setenv("QA_SETTINGS", str(SAMPLES / "qa.toml"))
    app = AppTest.from_string(f"from dashboards import navigation; navigation.run({page!r})")
    app.query_params["lang"], app.query_params["id"] = language, CALL
    app.run(timeout=120)
    assert not app.exception
    drawn = repr(app._tree)
    assert [word for word in WORDS if word in drawn] == []


@pytest.mark.flow
def test_the_raw_class_still_has_what_was_said(night, monkeypatch):
    _, home, environment = night
    said = qa("privacy", "raw", CALL, "--reason", "test of leaks", home=home, **environment)
    (home / max(path.name for path in home.glob("printed-*-privacy.txt"))).unlink()
    assert "欧阳锦程" in said.stdout
    assert "七三九" not in said.stdout
    monkeypatch.delenv("QA_RAW_KEY", raising=False)
    with connect(f"sqlite:///{home / 'store.db'}", read_only=True) as store:
        assert store.audit.find()[0].action == "raw_access"


def test_an_error_that_quotes_a_transcript_is_stored_without_it(tmp_path, monkeypatch, caplog):
    site = open_site(site_ref(store=f"sqlite:///{tmp_path / 'store.db'}"))
    items = [one for one in list_source(str(SAMPLES / "calls")) if isinstance(one, SourceItem)]
    (taken,) = ingest_many([one for one in items if one.details.call_id == CALL], site.store)

    def fail(_work):
        raise ValueError(f"cannot parse {WORDS}")

    monkeypatch.setattr(stages, "_action", lambda _stage: fail)
    with caplog.at_level("DEBUG"), pytest.raises(QaError) as raised:
        stages.run_stage(site, taken.call.id, stages.Stage.TRANSCRIBE)
    problems = site.store.problems.open()
    assert problems
    told = [str(raised.value), caplog.text, repr(problem_rows(problems))]
    assert [word for word in WORDS if any(word in text for text in told)] == []
    site.store.database.close()
    assert leaks(tmp_path) == []


def test_the_nights_report_has_no_text_of_calls():
    from flows.night import Counts

    report = night_markdown("calls", Counts(), [])
    assert [word for word in WORDS if word in report] == []
