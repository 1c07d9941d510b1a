"""What calls say, through the store: whatever is thrown at it, analysed twice, in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from flows.insight import find_insight, recount_contacts, save_insight, settle_insight
from flows.judging import known_facts
from flows.site import open_site, site_ref
from flows.stages import Stage, stage_digest
from qa.calls import Role
from qa.settings import SentimentSettings
from qa.store import connect
from qa.transcript import Transcript
from scoring.analyse import Analysers, analyse_transcript
from scoring.sentiment import create_sentiment
from scoring.sentiment_identity import sentiment_identity
from tests.builders import NOON, make_call, make_recording, make_transcript, make_turn

TALK = (
    (Role.AGENT, "您好，请问有什么可以帮您"),
    (Role.CUSTOMER, "我的退款还没到账，太差劲了，我要投诉"),
    (Role.AGENT, "非常抱歉，我今天下午六点前给您回电"),
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Scorecards and lexicons take seconds to load: once for all tests."""
    opened = open_site(site_ref(store=f"sqlite:///{tmp_path_factory.mktemp('site') / 'store.db'}"))
    yield opened
    opened.store.close()


@pytest.fixture
def site(loaded, sqlite_url):
    """A site with an empty store and no encoder."""
    with connect(sqlite_url, upgrade=True) as store:
        yield replace(loaded, store=store, encoder=None)


def enter(site, content, lines=TALK, **changes):
    """A call with a transcript, analysed and saved as the stage does."""
    call = make_call(content, **changes)
    if site.store.recordings.add(make_recording(content)):
        site.store.calls.add(call)
    turns = tuple(make_turn(at, role, text) for at, (role, text) in enumerate(lines))
    transcript = replace(make_transcript(call.id, TALK), turns=turns)
    site.store.transcripts.save(transcript, "d")
    return again(site, call, transcript)


def again(site, call, transcript: Transcript):
    model, stamp = create_sentiment(SentimentSettings(engine="lexicon"))
    analysers = Analysers(matcher=site.matcher, sentiment=model, stamps=(stamp,))
    facts = known_facts(call, transcript, site)
    analysis = analyse_transcript(call, transcript, analysers, facts=facts)
    site.store.analyses.save(analysis, "d")
    save_insight(site, analysis, find_insight(site, analysis))
    return call, transcript


def test_analysing_again_changes_nothing(site):
    call, transcript = enter(site, "a")
    before = (
        site.store.insight.load(call.id),
        site.store.risks.all(),
        site.store.commitments.all(),
    )
    assert [item.alert.priority for item in before[1]] == ["P2"]
    assert [item.commitment.action for item in before[2]] == ["call_back"]
    again(site, call, transcript)
    settle_insight(site)
    assert before == (
        site.store.insight.load(call.id), site.store.risks.all(), site.store.commitments.all()
    )  # fmt: skip


def test_the_third_contact_is_urgent_whatever_order_calls_come_in(site):
    for content, days in (("c", 2), ("b", 1), ("a", 0)):
        enter(site, content, customer_ref="k9", started_at=NOON + timedelta(days=days))
    priorities = lambda: {i.alert.call_id: i.alert.priority for i in site.store.risks.all()}  # noqa: E731
    assert set(priorities().values()) == {"P2"}
    assert recount_contacts(site) == 2
    assert priorities() == {"call-a": "P2", "call-b": "P2", "call-c": "P1"}
    assert recount_contacts(site) == 0
    assert site.store.insight.load("call-c").contacts == 3


def test_an_import_that_says_solved_is_believed(site):
    angry = (*TALK, *((Role.CUSTOMER, "太差劲了，我很生气，气死我了"),) * 6)
    call, _ = enter(site, "a", angry, tags={"resolved": "是"})
    other, _ = enter(site, "b", angry)
    codes = {
        one.id: {
            reason.code
            for item in site.store.risks.of_call(one.id)
            for reason in item.alert.reasons
        }
        for one in (call, other)
    }
    assert "sad_end" in codes[other.id]
    assert "sad_end" not in codes[call.id]


@pytest.mark.parametrize(
    "said",
    [
        "", " ", "嗯", "ok", "好" * 5000, "I am fine. " * 500, "😡😡😡", "Спасибо большое", "ありがとう",
        "\x00\ufffd\u200b", "100%_'\";--", "1234567890", "سلام", "$x^2$ [a](b) <b>",
    ],
)  # fmt: skip
def test_whatever_is_said_gives_a_defined_result(site, said):
    lines = ((Role.AGENT, "您好"), (Role.CUSTOMER, said), (Role.AGENT, said))
    call, _ = enter(site, "a", lines)
    summary = site.store.insight.load(call.id)
    assert summary.reason
    assert summary.low is None or summary.low.text == said
    assert site.store.risks.all() == []


def test_a_call_without_a_turn_or_a_time_is_void_not_an_error(site):
    call, _ = enter(site, "a", ((Role.SYSTEM, "您的通话可能被录音"),), started_at=None)
    assert site.store.insight.load(call.id).call_type == "void"


def test_what_auto_sentiment_comes_to_is_part_of_the_digest(site, monkeypatch):
    auto, lexicon = SentimentSettings(engine="auto"), SentimentSettings(engine="lexicon")
    nothing = auto.model_copy(update={"encoder": "no-such-pack"})
    assert sentiment_identity(nothing) == sentiment_identity(lexicon)
    before = stage_digest(site, Stage.ANALYSE)
    monkeypatch.setattr("flows.stages.sentiment_identity", lambda _: "head 9")
    assert stage_digest(site, Stage.ANALYSE) != before


def test_the_sites_taxonomy_is_part_of_the_digest(site):
    before = stage_digest(site, Stage.ANALYSE)
    assert stage_digest(replace(site, reasons_digest="own"), Stage.ANALYSE) != before
