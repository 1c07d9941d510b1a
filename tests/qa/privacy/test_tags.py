"""Manifest columns: hidden by their name or their value; plain facts stay."""

from __future__ import annotations

import pytest

from qa.ingest import ingest_many
from qa.privacy.tags import redact_tags, tells_customer
from qa.settings import load_settings
from qa.sources import SourceItem, list_source, source_options
from tests import sounds


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("customer_name", "whoever", "[PERSON_1]"),
        ("手机", "x", "[PHONE_1]"),
        ("Caller ID", "5550142", "[PHONE_1]"),
        ("note", "打 13800138000 找他", "打 [PHONE_1] 找他"),
        ("note", "mail li@example.com", "mail [EMAIL_1]"),
        ("verified", "yes", "yes"),
        ("profile", "collections", "collections"),
        ("ticket", "4711", "4711"),
        ("phone", "", ""),
        ("phone", "[PHONE_1]", "[PHONE_1]"),
        ("microphone", "headset", "headset"),
    ],
)
def test_tags(name, value, shown):
    assert redact_tags({name: value}) == {name: shown}


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("20260302_13800138000_A17", True),
        ("li@example.com-7", True),
        ("Auto0_GUID_000_AGENT_AgentPB_DT_2022-04-12T13-36-52", False),
        ("1710831055", False),
        ("20260302143055", False),
    ],
)
def test_ids_that_tell_the_customer(text, personal):
    assert tells_customer(text) == personal


def test_a_manifests_columns_are_stored_without_personal_data(store, tmp_path):
    sounds.save(tmp_path, "a.wav", sounds.wav(sounds.tone(440, 1)))
    (tmp_path / "manifest.csv").write_text(
        "file,call_id,customer_name,note\na.wav,c1,李明华,回电 13800138000\n", encoding="utf-8"
    )
    options = source_options(load_settings(run={"settle_seconds": 0}))
    items = [one for one in list_source(str(tmp_path), options) if isinstance(one, SourceItem)]
    list(ingest_many(items, store))
    assert store.calls.get("c1").tags == {
        "customer_name": "[PERSON_1]",
        "note": "回电 [PHONE_1]",
    }
    again = list(ingest_many(items, store))
    assert not again[0].updated
