"""Canaries in what was said: run everything, then read every byte written outside the raw class."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from flows import stages
from flows.report import night_markdown, problem_rows
from flows.site import open_site, site_ref
from qa import codec
from qa.calls import Role
from qa.crypto import new_key
from qa.errors import QaError
from qa.ingest import ingest_many
from qa.sources import SourceItem, list_source
from qa.store import connect
from qa.store.voiceprints import Voiceprint
from tests.demo_store import SAMPLES, truth_transcript

CALL = "zh-03-complaint-handled-badly"
#: What a customer says, and the parts of it that must be nowhere: none of them words that Prefect's
#: own texts hold (example.com is one).
CANARIES = {
    "我叫欧阳锦程，手机号是幺三九八七六五四三二幺。": ("欧阳锦程", "幺三九八七六五四三二幺"),
    "身份证号码是11010119900307109X。": ("11010119900307109X", "19900307"),
    "卡号是四零一二八八八八，八八八八一八八一。": ("四零一二八八八八", "八八八八一八八一"),
    "背面的三位安全码是七三九。": ("七三九",),
    "我的密码是八六三二一五。": ("八六三二一五",),
    "邮箱是canary.bird@zeisigpost.com。": ("canary.bird", "zeisigpost"),
    "我住在朝阳区望京街道阜通东大街6号院3单元1502室。": ("阜通东大街", "1502室"),
    "My name is Zebediah Quux, call me at 202 555 0142.": ("Zebediah", "Quux", "555 0142"),
}
VOICE = (0.731245, 0.682119)
WORDS = tuple(word for words in CANARIES.values() for word in words)


def planted():
    """The truth of a sample call, with the customer's lines replaced by canaries."""
    with connect("sqlite://", upgrade=True) as store:
        items = [one for one in list_source(str(SAMPLES / "calls")) if isinstance(one, SourceItem)]
        mine = [one for one in items if one.details.call_id == CALL]
        (taken,) = ingest_many(mine, store)
        heard = truth_transcript(taken.call)
    lines = iter(CANARIES)
    turns = [
        replace(turn, text=next(lines, turn.text), raw_text="")
        if turn.role is Role.CUSTOMER
        else turn
        for turn in heard.turns
    ]
    rest = "".join(lines)  # the agent repeats what no customer turn had room for
    agent = max(at for at, turn in enumerate(turns) if turn.role is Role.AGENT)
    turns[agent] = replace(turns[agent], text=rest + turns[agent].text)
    return replace(heard, turns=tuple(turns))


def qa(*arguments, home, check=True, **environment):
    """Run the command as a person does; everything that it prints is kept beside its data."""
    command = [sys.executable, "-m", "flows.cli", "--log-level", "DEBUG", *map(str, arguments)]
    environ = {**os.environ, "QA_HOME": str(home), "QA_RUN__SETTLE_SECONDS": "0", **environment}
    environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "240")
    done = subprocess.run(
        command, capture_output=True, text=True, env=environ, timeout=600, check=False
    )
    number = len(list(home.glob("printed-*")))
    (home / f"printed-{number}-{arguments[0]}.txt").write_text(done.stdout, encoding="utf-8")
    (home / f"log-{number}-{arguments[0]}.txt").write_text(done.stderr, encoding="utf-8")
    if check:
        assert done.returncode == 0, done.stderr[-3000:]
    return done


def forms(word):
    """A word as files hold it: text, JSON escapes, UTF-16."""
    escaped = json.dumps(word)[1:-1]
    return {word.encode(), escaped.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")}


def sounds():
    """Two loud stretches of the recording as its file holds them: only the raw class may."""
    content = (SAMPLES / "calls" / f"{CALL}.wav").read_bytes()
    every = {at: content[at : at + 512] for at in range(4_096, len(content) - 512, 512)}
    loud = [at for at, stretch in every.items() if len(set(stretch)) > 40]
    return {every[at]: "sound" for at in (loud[0], loud[len(loud) // 2])}


def leaks(folder):
    """Every (file, word) that holds a canary, in words or in sound."""
    wanted = {form: word for word in WORDS for form in forms(word)} | sounds()
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            found += [(str(path), word) for form, word in wanted.items() if form in content]
    return found


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """`qa run` over a call whose recogniser hears canaries, and every command that shows it."""
    folder, home = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("written")
    shutil.copy(SAMPLES / "calls" / f"{CALL}.wav", folder)
    (folder / "manifest.csv").write_text(
        f"file,call_id,layout,customer,customer_name\n{CALL}.wav,{CALL},agent_right,C-9,欧阳锦程\n",
        encoding="utf-8",
    )
    given = tmp_path_factory.mktemp("given") / "heard.json"
    given.write_text(codec.to_json(planted()), encoding="utf-8")
    environment = {
        "QA_ASR__ENGINE": "replay",
        "QA_ASR__MODEL": str(given),
        "QA_SENTIMENT__ENGINE": "lexicon",
        "QA_INSIGHT__ENCODER": "",
        "QA_RAW_KEY": new_key(),
    }
    qa("run", folder, "--json", home=home, **environment)
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
