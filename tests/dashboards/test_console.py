"""The reviewer's side of the call page: what is decided, corrected, released, and what is refused."""

import shutil
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards import review_console_actions, review_console_rescore
from dashboards.callview import CallView, chip, player_data
from dashboards.review_console import console_data, load_console, trust_data
from dashboards.review_console_actions import Desk, draft_of, fresh, perform
from dashboards.review_console_rescore import Means, correct, swap_roles
from dashboards.texts import LANGUAGES, translate
from qa import codec
from qa.access import Person, UserRole
from qa.errors import AccessDeniedError, NotFoundError, ReviewError
from qa.review.agreement import agreement
from qa.review.autonomy import Evidence, Level
from qa.review.corrections import TurnEdit
from qa.review.values import ReviewState
from qa.settings import SentimentSettings, load_settings
from qa.store import connect
from scoring.analyse import Analysers
from scoring.matching import load_matcher
from scoring.sentiment import create_sentiment

CALL = "zh-03-complaint-handled-badly"
MONITOR = Person(user_id="demo-monitor", name="Priya", roles=frozenset({UserRole.MONITOR}))
OTHER = Person(user_id="monitor-2", roles=frozenset({UserRole.MONITOR}))
LEAD = Person(user_id="demo-qa-lead", roles=frozenset({UserRole.QA_LEAD}))


def english(key, **values):
    return translate(key, "en", **values)


@cache
def words_only():
    model, stamp = create_sentiment(SentimentSettings(engine="lexicon"))
    matcher = load_matcher(company_names=tuple(load_settings().roles.company_names))
    return Means(
        analysers=Analysers(matcher=matcher, sentiment=model, stamps=(stamp,)),
        encoder=None,
        folder="",
    )


@pytest.fixture(autouse=True)
def light(monkeypatch):
    """Score again as the samples were scored: no model is loaded."""
    monkeypatch.setattr(review_console_rescore, "means", words_only)
    monkeypatch.setattr(review_console_actions.review_data, "name_of", lambda who, _: who)
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def url(demo_url, tmp_path):
    """A store of one's own to write into."""
    shutil.copy(demo_url.removeprefix("sqlite:///"), tmp_path / "store.db")
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def store(url):
    with connect(url) as opened:
        yield opened


@pytest.fixture
def desk(store):
    return Desk(store=store, person=MONITOR, call_id=CALL, t=english)


def decide(desk, subject, kind, **more):
    return perform({"do": "decide", "subject": subject, "kind": kind, **more}, desk)


def settle_findings(desk):
    for finding in desk.store.evaluations.load(CALL).findings:
        assert not decide(desk, finding.code, "reject", cause="rule_too_wide").text


def console_of(desk, **shown):
    evaluation = desk.store.evaluations.load(CALL)
    return load_console(desk.store, desk.person, desk.store.calls.get(CALL), evaluation, **shown)


def test_every_event_is_dealt_with_once_and_in_order():
    seen = {}
    first = [{"player": "p", "n": 1, "do": "a"}, {"player": "p", "n": 2, "do": "b"}]
    assert [event["do"] for event in fresh(first, seen)] == ["a", "b"]
    again = [*first, {"player": "p", "n": 3, "do": "c"}, {"player": "q", "n": 1, "do": "d"}]
    assert [event["do"] for event in fresh(again, seen)] == ["c", "d"]
    assert seen == {"p": 3, "q": 1}


@pytest.mark.parametrize("garbage", [None, "x", 3, [1, "y", None], [{"n": "1"}], [{"player": "p"}]])
def test_a_queue_that_makes_no_sense_is_left_alone(garbage):
    assert fresh(garbage, {}) == []


@pytest.mark.parametrize(
    "event",
    [{}, {"subject": "S1.1", "kind": "x"}, {"subject": "S1.1", "kind": "change", "outcome": "?"}],
)
def test_a_decision_that_cannot_be_read_is_refused(event):
    with pytest.raises(ReviewError):
        draft_of(event)


def test_an_override_wants_a_cause_and_leaves_the_machine_verdict_alone(desk):
    before = desk.store.evaluations.load(CALL)
    refused = decide(desk, "S1.2", "change", outcome="met")
    assert refused.tone == "bad"
    done = decide(desk, "S1.2", "change", outcome="met", cause="recognition_error")
    assert not done.text
    assert desk.store.evaluations.load(CALL) == before
    shown = console_data(console_of(desk), "en", english, chip=chip)
    assert shown["subjects"]["S1.2"]["outcome"] == "met"
    assert shown["subjects"]["S1.2"]["isDecided"]
    assert shown["subjects"]["S1.2"]["version"] == 1
    assert shown["isChanged"]
    assert shown["after"] != shown["machine"]


def test_two_people_on_one_criterion_are_both_kept_and_told(desk):
    other = Desk(store=desk.store, person=OTHER, call_id=CALL, t=english)
    decide(desk, "S1.2", "accept", seen=0)
    told = decide(other, "S1.2", "change", outcome="met", cause="judgement", seen=0)
    assert told.tone == "warn"
    assert "demo-monitor" in told.text
    shown = console_data(console_of(desk), "en", english, chip=chip)["subjects"]["S1.2"]
    assert shown["isConflict"]
    assert len(shown["said"]) == 2
    assert [item["counts"] for item in shown["said"]] == [False, True]


def test_submitting_waits_for_every_suspected_auto_fail(desk):
    decide(desk, "S1.1", "accept")
    assert perform({"do": "submit", "activeMs": 80_000}, desk).tone == "bad"
    settle_findings(desk)
    rest = perform({"do": "accept_rest"}, desk)
    assert rest.tone == "good"
    assert "1:20" in perform({"do": "submit", "activeMs": 80_000}, desk).text
    review = desk.store.reviews.of_call(CALL)[-1]
    assert review.state == ReviewState.SUBMITTED
    assert review.active_ms == 80_000
    assert not console_data(console_of(desk), "en", english, chip=chip)["canReview"]
    assert decide(desk, "S1.1", "accept").tone == "bad"
    assert not perform({"do": "again"}, desk).text
    assert console_data(console_of(desk), "en", english, chip=chip)["canReview"]


def test_a_corrected_turn_is_scored_again_with_the_difference(store):
    before = store.evaluations.load(CALL)
    first = next(turn for turn in store.transcripts.load(CALL).turns if turn.role == "agent")
    text = "您好，这里是途悦旅行，工号1156，请问有什么可以帮您？"
    diff = correct(store, MONITOR, CALL, TurnEdit(turn_index=first.index, text=text))
    assert {"S1.1", "S1.3"} <= {row.criterion_id for row in diff.criteria}
    assert diff.points > 0
    assert store.evaluations.load(CALL).quality_percent == diff.quality_after
    assert len(store.evaluations.ids_of(CALL)) == 2
    assert store.corrections.machine_transcript(CALL).turns[first.index].text == first.text
    assert before.quality_percent == diff.quality_before


def test_swapping_twice_gives_the_score_back(store):
    one = swap_roles(store, MONITOR, CALL)
    assert not one.is_empty
    two = swap_roles(store, MONITOR, CALL)
    assert two.quality_after == one.quality_before
    events = [event.action for event in store.audit.find()]
    assert events.count("roles_swapped") == 2


def test_risks_and_mood_follow_the_corrected_speakers_and_words(store):
    def complaints():
        return [item.alert for item in store.risks.of_call(CALL) if item.alert.kind == "complaint"]

    before, told = store.insight.load(CALL), complaints()
    assert told
    swap_roles(store, MONITOR, CALL)
    swapped = store.insight.load(CALL)
    assert (swapped.low, swapped.judged_turns) != (before.low, before.judged_turns)
    assert complaints() != told  # what the agent says is no customer's complaint
    swap_roles(store, MONITOR, CALL)
    assert store.insight.load(CALL) == before
    assert complaints() == told


@pytest.mark.parametrize("role", [UserRole.AGENT, UserRole.COACH, UserRole.ADMIN])
def test_who_may_not_review_changes_nothing(store, role):
    agent = store.calls.get(CALL).agent_id
    person = Person(user_id="x", roles=frozenset({role}), agent_id=agent)
    with pytest.raises(AccessDeniedError):
        swap_roles(store, person, CALL)
    desk = Desk(store=store, person=person, call_id=CALL, t=english)
    assert decide(desk, "S1.1", "accept").tone == "bad"
    assert store.reviews.decisions(CALL) == []


def test_nobody_reviews_the_own_call(store):
    agent = store.calls.get(CALL).agent_id
    own = Person(user_id=agent, roles=frozenset({UserRole.MONITOR}), agent_id=agent)
    desk = Desk(store=store, person=own, call_id=CALL, t=english)
    assert not console_of(desk).can_review
    assert decide(desk, "S1.1", "accept").tone == "bad"


def test_a_call_that_is_gone_is_said(desk):
    gone = Desk(store=desk.store, person=MONITOR, call_id="gone", t=english)
    assert decide(gone, "S1.1", "accept").tone == "bad"
    assert perform({"do": "edit", "turn": 0, "text": "x"}, gone).tone == "bad"
    with pytest.raises((NotFoundError, ReviewError)):
        swap_roles(desk.store, MONITOR, "gone")


def page(monkeypatch, url, name="call", *, language="en", who="demo-monitor", **query):
    monkeypatch.setenv("QA_STORE", url)
    script = f"from dashboards import navigation; navigation.run({name!r})"
    app = AppTest.from_string(script, default_timeout=60)
    for key, value in {"lang": language, "as": who, **query}.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def texts(app):
    parts = [*app.title, *app.subheader, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(str(part.value) for part in parts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_call_page_runs_in_every_language(monkeypatch, url, language):
    app = page(monkeypatch, url, language=language, id=CALL)
    assert "Traceback" not in texts(app)


def test_a_missing_recording_leaves_the_text(monkeypatch, url):
    monkeypatch.setattr("dashboards.data.playback", lambda *_: None)
    app = page(monkeypatch, url, id=CALL)
    assert english("call.no_audio") in texts(app)


def test_an_agent_acknowledges_a_call_once_it_is_released(monkeypatch, url, store):
    mine = next(c for c in store.calls.find() if c.agent_id == "A1023").call_id
    app = page(monkeypatch, url, who="A1023", id=mine)
    assert english("call.not_found", call_id=mine.replace("-", "\\-")) in texts(app)
    store.disputes.release(LEAD, [mine])
    app = page(monkeypatch, url, who="A1023", id=mine)
    app.button(key="acknowledge").click().run()
    assert store.disputes.acknowledgement_of(mine).made_by == "A1023"


def test_a_lead_releases_and_a_dispute_without_reason_is_refused(monkeypatch, url, store):
    app = page(monkeypatch, url, who="demo-qa-lead", id=CALL)
    app.button(key="release_now").click().run()
    assert store.disputes.release_of(CALL).is_visible(datetime.now(UTC) + timedelta(seconds=1))
    app = page(monkeypatch, url, who="demo-monitor", id=CALL)
    send = next(b for b in app.button if b.label == english("disputes.open"))
    send.click().run()
    assert app.error
    assert store.disputes.of_call(CALL) == []


def drawn(store, who):
    """What the player is given for a person."""
    call, evaluation = store.calls.get(CALL), store.evaluations.load(CALL)
    console = load_console(store, who, call, evaluation)
    view = CallView(
        analysis=store.analyses.load(CALL),
        evaluation=console.effective.evaluation,
        review=console_data(console, "en", english, chip=chip),
        trust=trust_data(console, "en"),
    )
    rows = [c for s in player_data(view, "en", english)["sections"] for c in s["criteria"]]
    return {row["id"]: row for row in rows}


def set_level(store, criterion_id, level):
    earned = Evidence(agreement=agreement({("missed", "missed"): 200}), overrides=0)
    scorecard = store.evaluations.load(CALL).scorecard_id
    store.autonomy.set(LEAD, scorecard, criterion_id, level, evidence=earned, reason="test")


def test_what_is_not_auto_is_labelled_for_everybody_until_a_person_has_said_it(store, desk):
    coach = Person(user_id="coach", roles=frozenset({UserRole.COACH}), teams=frozenset({"telecom"}))
    assert {row["trust"] for row in drawn(store, coach).values()} == {"suggested"}
    set_level(store, "S1.1", Level.AUDIT)
    set_level(store, "S1.1", Level.AUTO)
    decide(desk, "S1.2", "change", outcome="met", cause="recognition_error")
    for who in (coach, MONITOR):
        rows = drawn(store, who)
        assert rows["S1.1"]["trust"] == ""
        assert (rows["S1.2"]["trust"], rows["S1.2"]["outcome"]) == ("", "met")


def test_where_the_machine_is_off_it_says_nothing_anywhere(store, desk):
    before = next(r for r in store.evaluations.load(CALL).results if r.verdict.outcome == "missed")
    name = before.criterion_id
    set_level(store, name, Level.OFF)
    row = drawn(store, MONITOR)[name]
    assert (row["outcome"], row["evidence"], row["measured"]) == ("not_evaluable", [], [])
    assert row["trust"] == "machine off"
    told = codec.to_json(store.evaluations.load(CALL))
    assert before.verdict.reason.en not in told
    decide(desk, name, "accept")  # accepts what is shown, not what is hidden
    assert store.reviews.decisions(CALL)[-1].machine_outcome == "not_evaluable"
    set_level(store, name, Level.ASSIST)
    assert store.evaluations.load(CALL).results  # nothing was lost
    assert drawn(store, MONITOR)[name]["outcome"] == "missed"


def test_events_of_another_call_do_not_reach_this_one(monkeypatch):
    from dashboards import review_console_page

    state = {}
    monkeypatch.setattr(review_console_page, "st", SimpleNamespace(session_state=state))
    one = review_console_page._memory("one")
    one["seen"]["p"] = 3
    assert review_console_page._memory("one")["seen"] == {"p": 3}
    assert review_console_page._memory("two")["seen"] == {}
