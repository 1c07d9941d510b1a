"""Retention: what is due and what is held, deleting through every table and file, certificates."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from qa import codec
from qa.access import Person, UserRole
from qa.calls import Role
from qa.crypto import new_key
from qa.errors import AccessDeniedError, SettingsError
from qa.ingest import NotIngested, ingest_many
from qa.retention import (
    NoConsentError,
    apply_plan,
    make_plan,
    plan_again,
    plan_to_forget,
    refused,
    require_consent,
)
from qa.settings import RetentionSettings
from qa.sources import SourceItem, list_source
from qa.sources.customers import customer_ref
from qa.store import connect
from qa.store import tables as t
from qa.store.voiceprints import Voiceprint
from tests.builders import (
    NOON,
    make_analysis,
    make_call,
    make_evaluation,
    make_recording,
    make_transcript,
)

ADMIN = Person(user_id="root", roles=frozenset({UserRole.ADMIN}))
REF = customer_ref("13800138000", b"k" * 32)
REASON = "request 2026-17 of the customer"
CANARY = "蓝色大象在跳舞"
LINES = ((Role.AGENT, "您好。"), (Role.CUSTOMER, CANARY))


def fill(store, tmp_path):
    """Call a: of the customer, with everything. Call b: somebody else's."""
    for name, ref, age in (("a", REF, 400), ("b", "", 1)):
        path = tmp_path / f"{name}.wav"
        path.write_bytes(name.encode())
        _enter(store, name, path, ref, age)
    return store


def _enter(store, name, path, ref, age):
    store.recordings.add(make_recording(name, uri=str(path)))
    call = make_call(name, customer_ref=ref, started_at=NOON - timedelta(days=age))
    store.calls.add(call)
    transcript = make_transcript(call.id, LINES)
    store.transcripts.save(transcript, "d1")
    store.analyses.save(make_analysis(call, store.transcripts.load(call.id)), "a1")
    store.evaluations.save(make_evaluation(call.id))


@pytest.fixture
def full(open_store, tmp_path, monkeypatch):
    monkeypatch.setenv("QA_RAW_KEY", new_key())
    return fill(open_store(now=lambda: NOON), tmp_path)


def rows_of(store, call_id):
    with store.database.reading() as connection:
        return {
            table.name: connection.scalar(
                sa.select(sa.func.count()).select_from(table).where(table.c.call_id == call_id)
            )
            for table in t.metadata.sorted_tables
            if "call_id" in table.c
        }


def test_nothing_is_due_where_nothing_is_limited(full):
    plan = make_plan(full, RetentionSettings(raw_text_days=0))
    assert plan.due == ()


@pytest.mark.parametrize("name", ["raw_audio", "raw_text", "redacted", "evaluations"])
def test_each_class_falls_due_by_the_age_of_the_call(full, name):
    settings = RetentionSettings(**{"raw_text_days": 0, f"{name}_days": 30})
    plan = make_plan(full, settings)
    assert [(one.call_id, one.what) for one in plan.due] == [("call-a", name)]
    assert plan.counts()[name] == 1


def test_a_plan_deletes_nothing(full):
    before = rows_of(full, "call-a")
    make_plan(full, RetentionSettings(raw_text_days=30, redacted_days=30))
    assert rows_of(full, "call-a") == before


def test_raw_text_goes_and_the_redacted_stays(full):
    plan = make_plan(full, RetentionSettings(raw_text_days=30))
    apply_plan(full, plan, ADMIN, reason=REASON)
    rows = rows_of(full, "call-a")
    assert rows["raw_transcripts"] == 0
    assert rows["turns"] == 2
    assert rows["evaluations"] == 1
    assert make_plan(full, RetentionSettings(raw_text_days=30)).due == ()


def test_sound_goes_as_a_file_and_is_not_planned_again(full, tmp_path):
    settings = RetentionSettings(raw_audio_days=30, raw_text_days=0)
    made = apply_plan(full, make_plan(full, settings), ADMIN, reason=REASON, folder=str(tmp_path))
    assert not (tmp_path / "a.wav").exists()
    assert (tmp_path / "b.wav").exists()
    assert made.items[0]["files"] == 1
    assert make_plan(full, settings).due == ()


def test_files_outside_the_folder_are_named_not_deleted(full, tmp_path):
    inside = tmp_path / "recordings"
    inside.mkdir()
    settings = RetentionSettings(raw_audio_days=30, raw_text_days=0)
    made = apply_plan(full, make_plan(full, settings), ADMIN, reason=REASON, folder=str(inside))
    assert (tmp_path / "a.wav").exists()
    assert made.not_deleted[0]["why"].startswith("outside")


def test_forgetting_a_customer_reaches_every_table_and_file(full, tmp_path):
    plan = plan_to_forget(full, REF)
    made = apply_plan(full, plan, ADMIN, reason=REASON, kind="forget", folder=str(tmp_path))
    assert {name: n for name, n in rows_of(full, "call-a").items() if n} == {}
    assert rows_of(full, "call-b")["turns"] == 2
    assert not (tmp_path / "a.wav").exists()
    assert made.items[0]["rows"] > 3


def test_no_byte_of_a_forgotten_call_stays_in_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("QA_RAW_KEY", new_key())
    with connect(f"sqlite:///{tmp_path / 'store.db'}", upgrade=True, now=lambda: NOON) as store:
        fill(store, tmp_path)
        apply_plan(store, plan_to_forget(store, REF), ADMIN, reason=REASON, kind="forget")
        store.transcripts.save(make_transcript("call-b", ((Role.AGENT, "您好。"),)), "d1")
        store.erasure.compact()
        here = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))
    assert CANARY.encode() not in here


def test_what_is_forgotten_does_not_come_back_by_listing(full, tmp_path):
    items = [one for one in list_source(str(tmp_path)) if isinstance(one, SourceItem)]
    first = [one for one in ingest_many(items, full) if not isinstance(one, NotIngested)]
    assert len(first) >= 1
    ref = full.calls.get(first[0].call.id)
    forgotten = first[0].recording.sha256
    with full.database.writing() as connection:
        mine = t.calls.c.id == ref.id
        connection.execute(sa.update(t.calls).where(mine), {"customer_ref": REF})
    apply_plan(full, plan_to_forget(full, REF), ADMIN, reason=REASON, kind="forget")
    again = [one for one in ingest_many(items, full) if isinstance(one, NotIngested)]
    assert any("deleted for good" in one.error.message for one in again)
    assert full.erasure.is_erased(forgotten)


@pytest.mark.parametrize("by", ["call", "customer"])
def test_a_hold_keeps_a_call_until_it_is_lifted(full, by):
    named = {"call_id": "call-a"} if by == "call" else {"customer_ref": REF}
    early = plan_to_forget(full, REF)
    hold = full.erasure.hold(ADMIN, reason="court case 5", **named)
    assert plan_to_forget(full, REF).due == ()
    assert plan_to_forget(full, REF).counts()["held"] == 1
    apply_plan(full, early, ADMIN, reason=REASON)  # made before the hold, applied after
    assert rows_of(full, "call-a")["turns"] == 2
    full.erasure.lift(ADMIN, hold)
    assert len(plan_to_forget(full, REF).due) == 1
    assert full.erasure.holds() == []
    assert len(full.erasure.holds(in_force=False)) == 1


def test_a_certificate_says_what_went_and_not_what_it_said(full):
    made = apply_plan(full, plan_to_forget(full, REF), ADMIN, reason=REASON, kind="forget")
    kept = full.erasure.certificates()[0]
    assert kept["digest"] == made.digest
    assert codec.digest({k: v for k, v in kept.items() if k != "digest"}) == made.digest
    assert CANARY not in json.dumps(kept, ensure_ascii=False)
    assert REF not in json.dumps(kept)
    event = full.audit.find()[0]
    assert (event.action, event.subject_id, event.reason) == ("retention", made.digest, REASON)


def test_a_restored_backup_is_deleted_again_from_its_certificate(full, tmp_path):
    made = apply_plan(full, plan_to_forget(full, REF), ADMIN, reason=REASON, kind="forget")
    _enter(full, "a", tmp_path / "a.wav", REF, 400)
    plan = plan_again(full, codec.to_plain(made))
    apply_plan(full, plan, ADMIN, reason=REASON, kind="forget")
    assert rows_of(full, "call-a")["turns"] == 0


@pytest.mark.parametrize(
    ("person", "reason", "error"),
    [
        (Person(user_id="x", roles=frozenset({UserRole.QA_LEAD})), REASON, AccessDeniedError),
        (ADMIN, " ", SettingsError),
    ],
)
def test_deleting_needs_a_right_and_a_reason(full, person, reason, error):
    with pytest.raises(error):
        apply_plan(full, plan_to_forget(full, REF), person, reason=reason)
    assert rows_of(full, "call-a")["turns"] == 2


def test_no_customer_is_not_every_customer(full):
    with pytest.raises(SettingsError):
        plan_to_forget(full, "")


@pytest.mark.parametrize(
    ("tags", "flag"),
    [
        ({"consent": "no"}, "consent"),
        ({"Recording_Consent": "FALSE"}, "Recording_Consent"),
        ({"recording_notice": "no"}, ""),
        ({"录音同意": "否"}, "录音同意"),
        ({"consent": "yes"}, ""),
        ({"consent": ""}, ""),
        ({"note": "no"}, ""),
    ],
)
def test_a_refusal_is_read_from_the_sources_flags(tags, flag):
    assert refused(tags) == flag


def test_a_refused_call_is_not_processed_and_falls_due_at_once(full):
    full.calls.update(make_call("b", tags={"consent": "no"}))
    assert [one.call_id for one in make_plan(full, RetentionSettings(raw_text_days=0)).due] == [
        "call-b"
    ]
    with pytest.raises(NoConsentError):
        require_consent("call-b", {"consent": "no"})


def enrol(store, agent_id="1001"):
    store.voiceprints.save(
        Voiceprint(
            agent_id=agent_id,
            embedding=(0.6, 0.8),
            model="m",
            consent="form of 2026-03-01, HR folder",
            call_count=3,
            speech_ms=30_000,
            made_by="root",
        )
    )


def test_a_voice_goes_when_its_consent_is_old_and_again_after_a_restore(full, tmp_path):
    enrol(full)
    settings = RetentionSettings(raw_text_days=0, voiceprints_days=30)
    assert make_plan(full, settings).due == ()
    with full.database.writing() as connection:
        old = {"made_at": NOON - timedelta(days=31)}
        connection.execute(sa.update(t.voiceprints), old)
    plan = make_plan(full, settings)
    assert plan.counts()["voiceprint"] == 1
    made = apply_plan(full, plan, ADMIN, reason=REASON)
    assert full.voiceprints.all() == []
    assert made.items[0]["agent_id"] == "1001"
    assert "embedding" not in json.dumps(codec.to_plain(made))
    enrol(full)
    apply_plan(full, plan_again(full, codec.to_plain(made)), ADMIN, reason=REASON)
    assert full.voiceprints.all() == []


def test_forgetting_a_customer_leaves_the_agents_voice(full, tmp_path):
    enrol(full)
    apply_plan(full, plan_to_forget(full, REF), ADMIN, reason=REASON, folder=str(tmp_path))
    assert [one.agent_id for one in full.voiceprints.all()] == ["1001"]
