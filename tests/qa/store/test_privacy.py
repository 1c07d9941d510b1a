"""The raw class: nothing personal outside it, sealed inside it, read with right and reason only."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from qa import codec
from qa.access import Person, UserRole
from qa.calls import Role
from qa.crypto import new_key
from qa.errors import AccessDeniedError, NotFoundError, SettingsError, StoreError
from qa.settings import PrivacySettings
from qa.store import Agent, CallFilter
from qa.store import tables as t
from tests.builders import add_call, make_evaluation, make_finding, make_transcript

LINES = (
    (Role.AGENT, "请报一下手机号。"),
    (Role.CUSTOMER, "13800138000，卡的安全码是369。"),
    (Role.AGENT, "13800138000，好的。"),
)
LEAD = Person(user_id="lead", roles=frozenset({UserRole.QA_LEAD}))
MONITOR = Person(user_id="monitor", roles=frozenset({UserRole.MONITOR}))
REASON = "dispute 17: what was the number"


class Witness:
    def __init__(self):
        self.events = []

    def append(self, person, action, subject, **details):
        self.events.append((person.user_id, action, subject, details))


@pytest.fixture
def sealed(open_store, monkeypatch):
    monkeypatch.setenv("QA_RAW_KEY", new_key())
    store = open_store()
    add_call(store)
    store.privacy.witness = Witness()
    store.transcripts.save(make_transcript("call-a", LINES), "d1")
    return store


def everything(store, *tables):
    with store.database.reading() as connection:
        return repr([connection.execute(sa.select(table)).all() for table in tables])


def test_what_is_stored_and_found_is_redacted(sealed):
    shown = [turn.text for turn in sealed.transcripts.load("call-a").turns]
    assert shown[1].startswith("[电话1]")
    assert "13800138000" not in everything(sealed, *t.metadata.sorted_tables)
    assert sealed.calls.count(CallFilter(text="13800138000")) == 0
    assert sealed.calls.count(CallFilter(text="手机号")) == 1


def test_raw_text_is_read_with_right_and_reason_and_written_down(sealed):
    raw = sealed.privacy.raw_transcript("call-a", LEAD, reason=REASON)
    assert raw.turns[2].text == "13800138000，好的。"
    assert "369" not in raw.turns[1].text
    assert sealed.privacy.witness.events == [
        ("lead", "raw_access", "call-a", {"reason": REASON, "what": "raw_text"})
    ]


@pytest.mark.parametrize(
    ("person", "call_id", "reason", "error"),
    [
        (MONITOR, "call-a", REASON, AccessDeniedError),
        (Person(user_id="x"), "call-a", REASON, AccessDeniedError),
        (LEAD, "call-z", REASON, AccessDeniedError),
        (LEAD, "call-a", "  ", SettingsError),
    ],
)
def test_refusals_leave_no_access(sealed, person, call_id, reason, error):
    with pytest.raises(error):
        sealed.privacy.raw_transcript(call_id, person, reason=reason)
    assert sealed.privacy.witness.events == []


def test_without_a_witness_nothing_is_read(sealed):
    sealed.privacy.witness = None
    with pytest.raises(StoreError, match="written down"):
        sealed.privacy.raw_transcript("call-a", LEAD, reason=REASON)


@pytest.mark.parametrize(
    ("keep", "key", "kept"),
    [("sealed", True, 1), ("sealed", False, 0), ("always", False, 1), ("never", True, 0)],
)
def test_raw_text_is_kept_as_the_policy_says(open_store, monkeypatch, keep, key, kept):
    if key:
        monkeypatch.setenv("QA_RAW_KEY", new_key())
    store = open_store(privacy=PrivacySettings(keep_raw=keep))
    add_call(store)
    store.transcripts.save(make_transcript("call-a", LINES), "d1")
    with store.database.reading() as connection:
        count = connection.scalar(sa.select(sa.func.count()).select_from(t.raw_transcripts))
    assert count == kept


def test_what_is_not_kept_says_so(open_store):
    store = open_store()
    add_call(store)
    store.privacy.witness = Witness()
    store.transcripts.save(make_transcript("call-a", LINES), "d1")
    with pytest.raises(NotFoundError, match="not kept"):
        store.privacy.raw_transcript("call-a", LEAD, reason=REASON)


def test_keys_rotate_without_touching_the_text(sealed, open_store, monkeypatch):
    old, new = os.environ["QA_RAW_KEY"], new_key()
    monkeypatch.setenv("QA_RAW_KEY", f"{new},{old}")
    assert open_store().privacy.rewrap() == 1
    monkeypatch.setenv("QA_RAW_KEY", new)
    later = open_store()
    later.privacy.witness = Witness()
    raw = later.privacy.raw_transcript("call-a", LEAD, reason=REASON)
    assert raw.turns[2].text == "13800138000，好的。"
    monkeypatch.setenv("QA_RAW_KEY", old)
    lost = open_store()
    lost.privacy.witness = Witness()
    with pytest.raises(StoreError, match="not here"):
        lost.privacy.raw_transcript("call-a", LEAD, reason=REASON)


def test_sound_to_silence_stands_with_the_transcript(sealed):
    spans = sealed.privacy.sound("call-a")
    assert {span.speaker for span in spans} == {"left", "right"}
    assert sealed.privacy.counts("call-a") == {"PHONE": 2, "CVV": 1}
    assert sealed.privacy.sound("call-z") is None


def test_a_persons_correction_keeps_sound_silent_and_raw_text_readable(sealed):
    shown = sealed.transcripts.load("call-a")
    turn = replace(shown.turns[1], text="不对，我重说一遍。", words=())
    turns = (shown.turns[0], turn, shown.turns[2])
    before = sealed.privacy.sound("call-a")
    sealed.transcripts.save(replace(shown, turns=turns), "d1+person")
    assert sealed.privacy.sound("call-a") == before
    raw = sealed.privacy.raw_transcript("call-a", LEAD, reason=REASON)
    assert raw.turns[1].text.startswith("13800138000")


def test_the_stores_own_trail_is_the_witness(open_store, monkeypatch):
    monkeypatch.setenv("QA_RAW_KEY", new_key())
    store = open_store()
    add_call(store)
    store.transcripts.save(make_transcript("call-a", LINES), "d1")
    store.privacy.raw_transcript("call-a", LEAD, reason=REASON)
    event = store.audit.find()[0]
    assert (event.user_id, event.action, event.subject_id) == ("lead", "raw_access", "call-a")
    assert event.reason == REASON


def test_a_deleted_transcript_takes_its_raw_text_along(sealed):
    with sealed.database.writing() as connection:
        connection.execute(sa.delete(t.transcripts))
    assert everything(sealed, t.raw_transcripts, t.redactions) == "[[], []]"


def test_the_rosters_names_stay_readable(open_store):
    store = open_store()
    add_call(store)
    store.roster.save([Agent(agent_id="1001", name="王小丽", valid_from=date(2026, 1, 1))])
    lines = ((Role.AGENT, "您好。"), (Role.CUSTOMER, "您叫王小丽，我叫李明华。"))
    store.transcripts.save(make_transcript("call-a", lines), "d1")
    assert store.transcripts.load("call-a").turns[1].text == "您叫王小丽，我叫[姓名1]。"


def test_a_wrong_type_in_the_policy_is_named(open_store):
    with pytest.raises(SettingsError, match="CVC"):
        open_store(privacy=PrivacySettings(never_keep=["CVC"]))


def test_what_was_stored_before_redaction_is_redacted_with_its_quotes(open_store):
    open_ = open_store(privacy=PrivacySettings(redact=False))
    add_call(open_)
    open_.transcripts.save(make_transcript("call-a", LINES), "d1")
    evaluation = make_evaluation("call-a", findings=(make_finding(),))
    text = codec.to_json(evaluation).replace("您好", "13800138000")
    open_.evaluations.save(codec.from_json(type(evaluation), text))
    assert "13800138000" in everything(open_, *t.metadata.sorted_tables)
    store = open_store()
    assert store.privacy.sound("call-a") is None
    assert list(store.backlog.redact()) == ["call-a"]
    assert "13800138000" not in everything(store, *t.metadata.sorted_tables)
    assert "[电话1]" in codec.to_json(store.evaluations.load("call-a"))
    assert store.privacy.sound("call-a")
    assert store.backlog.waiting() == []
