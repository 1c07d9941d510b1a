"""Single values as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.calls import ChannelLayout, Direction
from qa.errors import SettingsError
from qa.sources import customer_key, customer_ref
from qa.sources.fields import direction, identifier, language, layout, moment, zone

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 20, tzinfo=UTC)
LOCAL = datetime(2024, 3, 19, 14, 30, 55, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-19 14:30:55",
        "2024-03-19T14:30:55",
        "2024-03-19T14:30:55+08:00",
        "2024-03-19T06:30:55Z",
        "2024-03-19T14-30-55",
        "2024-03-19_14-30-55",
        "2024/03/19 14:30:55",
        "2024/3/19 14:30:55",
        "2024.03.19 14:30:55",
        "2024年03月19日 14:30:55",
        "2024年3月19日14时30分55秒",
        "20240319143055",
        "20240319-143055",
        "20240319_143055",
        "1710829855",
        "1710829855000",
        "  2024-03-19 14:30:55  ",
    ],
)
def test_times_of_many_shapes_are_one_moment(text):
    assert moment(text, SHANGHAI, now=NOW) == LOCAL


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("yesterday", "not a date"),
        ("2024-13-01", "not a date"),
        ("19/03/2024 14:30", "not a date"),  # day or month first: nobody can know
        ("1970-01-01 00:00:00", "before 1990"),
        ("2026-03-25 00:00:00", "future"),
    ],
)
def test_times_that_are_none(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        moment(text, SHANGHAI, now=NOW)


def test_no_time_is_no_time():
    assert moment("  ", SHANGHAI, now=NOW) is None


@given(st.datetimes(NOW.replace(year=1991, tzinfo=None), NOW.replace(tzinfo=None)))
def test_any_time_in_utc_survives(when):
    assert moment(when.isoformat() + "+00:00", SHANGHAI, now=NOW) == when.replace(tzinfo=UTC)


def test_time_zones():
    assert zone("Asia/Shanghai").utcoffset(NOW.replace(tzinfo=None)) == timedelta(hours=8)
    for name in ("Mars/Olympus", "", "../etc/passwd"):
        with pytest.raises(SettingsError, match="time zone"):
            zone(name)


@pytest.mark.parametrize(
    ("reader", "text", "expected"),
    [
        (direction, "Inbound", Direction.INBOUND),
        (direction, "呼入", Direction.INBOUND),
        (direction, " OUT ", Direction.OUTBOUND),
        (direction, "内部", Direction.INTERNAL),
        (direction, "", Direction.UNKNOWN),
        (layout, "Mono", ChannelLayout.MONO),
        (layout, "2", ChannelLayout.STEREO),
        (layout, "Agent Left", ChannelLayout.AGENT_LEFT),
        (layout, "右坐席", ChannelLayout.AGENT_RIGHT),
        (language, "zh-CN", "zh"),
        (language, "普通话", "zh"),
        (language, "en_US", "en"),
        (language, "English", "en"),
        (language, "ja", "ja"),
        (language, "auto", ""),
        (identifier, " 1001 ", "1001"),
        (identifier, "李雷", "李雷"),
    ],
)
def test_words(reader, text, expected):
    assert reader(text) == expected


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (direction, "sideways"),
        (layout, "quadro"),
        (language, "klingon"),
        (language, "中"),
        (identifier, "../../etc"),
        (identifier, "a\\b"),
        (identifier, ".."),
        (identifier, "a\nb"),
        (identifier, "x" * 201),
    ],
)
def test_words_that_mean_nothing(reader, text):
    with pytest.raises(ValueError):
        reader(text)


KEY = b"k" * 32


@pytest.mark.parametrize(
    "text", ["13800138000", "+86 138 0013 8000", "0086-138-0013-8000", " 138-0013-8000 "]
)
def test_one_number_is_one_customer(text):
    assert customer_ref(text, KEY) == customer_ref("13800138000", KEY)


def test_customers_are_told_apart_and_cannot_be_read():
    refs = {customer_ref(text, KEY) for text in ("13800138000", "13800138001", "C-77", "张三")}
    assert len(refs) == 4
    assert all(len(ref) == 32 and "138" not in ref[:0] for ref in refs)
    assert customer_ref("13800138000", b"x" * 32) not in refs
    assert customer_ref("", KEY) == customer_ref("13800138000", b"") == ""


def test_the_key_is_made_once_for_its_owner(tmp_path):
    key = customer_key(tmp_path / "home")
    assert customer_key(tmp_path / "home") == key
    assert len(key) == 32
    assert (tmp_path / "home" / "customer.key").stat().st_mode & 0o077 == 0
    assert list((tmp_path / "home").iterdir()) == [tmp_path / "home" / "customer.key"]


@pytest.mark.parametrize("text", ["", "zz", "ab" * 5])
def test_a_damaged_key_is_never_replaced(tmp_path, text):
    (tmp_path / "customer.key").write_text(text)
    with pytest.raises(SettingsError, match="backup"):
        customer_key(tmp_path)
    assert (tmp_path / "customer.key").read_text() == text


def test_a_key_that_cannot_be_kept():
    from pathlib import Path

    with pytest.raises(SettingsError, match="cannot be kept"):
        customer_key(Path("/proc/home"))
