"""File names of real recorders."""

from __future__ import annotations

import pytest

from qa.errors import SourceError
from qa.sources.filenames import HABITS, compile_pattern, read_name

NAMES = {
    "Auto0_GUID_000_AGENT_ChrisL_DT_2023-02-19T06-01-22_Mono": (
        "guid_agent_dt",
        {
            "call_id": "Auto0_GUID_000",
            "agent_id": "ChrisL",
            "started_at": "2023-02-19T06-01-22",
            "layout": "Mono",
        },
    ),
    "Auto2_GUID_002_CUST_998_AGENT_Bob_S_DT_2022-03-21T17-51-51": (
        "guid_agent_dt",
        {
            "call_id": "Auto2_GUID_002",
            "customer": "998",
            "agent_id": "Bob_S",
            "started_at": "2022-03-21T17-51-51",
        },
    ),
    "in-4001-13800138000-20240319-143055-1710829855.123": (
        "freepbx",
        {
            "direction": "in",
            "queue": "4001",
            "customer": "13800138000",
            "started_at": "20240319143055",
            "call_id": "1710829855.123",
        },
    ),
    "out-13800138000-8001-20240319-143055-1710829855.9": (
        "freepbx",
        {
            "direction": "out",
            "customer": "13800138000",
            "agent_id": "8001",
            "started_at": "20240319143055",
            "call_id": "1710829855.9",
        },
    ),
    "q-800-13800138000-20240319-143055-1710829855.1": (
        "freepbx_queue",
        {
            "queue": "800",
            "customer": "13800138000",
            "started_at": "20240319143055",
            "call_id": "1710829855.1",
        },
    ),
    "20240319-143055_13800138000_SALES_agent07-all": (
        "vicidial",
        {
            "customer": "13800138000",
            "queue": "SALES",
            "agent_id": "agent07",
            "started_at": "20240319143055",
        },
    ),
    "1023_20240319_143055": ("agent_time", {"agent_id": "1023", "started_at": "20240319143055"}),
    "工号1023_2024-03-19_14-30-55": (
        "agent_time",
        {"agent_id": "1023", "started_at": "20240319143055"},
    ),
    "20240319143055-agent07": (
        "time_agent",
        {"agent_id": "agent07", "started_at": "20240319143055"},
    ),
    "auto_repairs_40": ("", {}),
    "录音 (3)": ("", {}),
    "": ("", {}),
}


@pytest.mark.parametrize("stem", NAMES)
def test_habits(stem):
    assert read_name(stem, compile_pattern("")) == NAMES[stem]


def test_every_habit_has_a_case():
    assert {name for name, _ in NAMES.values()} - {""} == set(HABITS)


def test_a_pattern_of_ones_own():
    patterns = compile_pattern(r"(?P<agent_id>\w+?)-(?P<date>\d{8})-(?P<city>\w+)")
    assert read_name("zhang-20240319-北京", patterns) == (
        "given",
        {"agent_id": "zhang", "city": "北京", "started_at": "20240319000000"},
    )
    assert read_name("zhang-20240319-北京-2", patterns) == ("", {})


def test_a_habit_by_name():
    assert list(compile_pattern("vicidial")) == ["vicidial"]


@pytest.mark.parametrize(
    ("pattern", "complaint"), [("(", "not a regular"), (r"\d+", "no named groups")]
)
def test_patterns_that_cannot_work(pattern, complaint):
    with pytest.raises(SourceError, match=complaint) as raised:
        compile_pattern(pattern)
    assert raised.value.remedy
