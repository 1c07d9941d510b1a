from datetime import datetime

import pytest

from scoring.due_times import due_times

#: A Wednesday, 14:20.
NOW = datetime(2026, 11, 18, 14, 20)  # noqa: DTZ001 - naive times are allowed


def only(text, language):
    found = due_times(text, now=NOW, language=language)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今天下午六点前给您回电", "2026-11-18 18:00"),
        ("我会在24小时内给您回复", "2026-11-19 14:20"),
        ("两个小时内会有专员联系您", "2026-11-18 16:20"),
        ("半小时内给您答复", "2026-11-18 14:50"),
        ("三十分钟之内处理好", "2026-11-18 14:50"),
        ("最迟周五之前答复您", "2026-11-20 23:59"),
        ("下周一上午给您电话", "2026-11-23 12:00"),
        ("明天中午前反馈", "2026-11-19 14:00"),
        ("明天早上八点半上门", "2026-11-19 08:30"),
        ("四十八小时内一定给您一个答复", "2026-11-20 14:20"),
        ("三个工作日内到账", "2026-11-23 23:59"),
        ("后天之前寄到", "2026-11-20 23:59"),
        ("二十五号之前处理完", "2026-11-25 23:59"),
        ("十二月三号上门", "2026-12-03 23:59"),
        ("月底前退给您", "2026-11-30 23:59"),
        ("今晚八点回电", "2026-11-18 20:00"),
        ("五点前给您回电话", "2026-11-18 17:00"),
        ("一周内完成", "2026-11-25 14:20"),
        ("下午18:30之前", "2026-11-18 18:30"),
    ],
)
def test_zh(text, expected):
    assert f"{only(text, 'zh').latest:%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'll call you back by five pm today", "2026-11-18 17:00"),
        ("you'll hear from us within 24 hours", "2026-11-19 14:20"),
        ("we'll update you by Friday at the latest", "2026-11-20 23:59"),
        ("someone will contact you within two hours", "2026-11-18 16:20"),
        ("I'll check on it again tomorrow morning", "2026-11-19 12:00"),
        ("the refund takes three to five business days", "2026-11-25 23:59"),
        ("by the end of the day", "2026-11-18 23:59"),
        ("next Monday at 10:30 am", "2026-11-23 10:30"),
        ("in half an hour or within an hour", "2026-11-18 15:20"),
        ("by five", "2026-11-18 17:00"),
    ],
)
def test_en(text, expected):
    assert f"{only(text, 'en').latest:%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize(
    ("text", "language", "earliest", "latest"),
    [
        ("工程师会在明天上午九点到十一点上门", "zh", "19 09:00", "19 11:00"),
        ("三到五个工作日到账", "zh", "23 23:59", "25 23:59"),
        (
            "an engineer will be with you tomorrow between nine and eleven",
            "en",
            "19 09:00",
            "19 11:00",
        ),
        ("tomorrow between two and four", "en", "19 14:00", "19 16:00"),
    ],
)
def test_ranges(text, language, earliest, latest):
    found = only(text, language)
    assert f"{found.earliest:%d %H:%M}" == earliest
    assert f"{found.latest:%d %H:%M}" == latest


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("尽快给您回复", "zh"),
        ("您已经用了三年了", "zh"),
        ("一点都不慢", "zh"),
        ("等我一下，有点慢", "zh"),
        ("您的号码是一三八零零", "zh"),
        ("I'll do it soon", "en"),
        ("that is two dollars", "en"),
        ("I have been waiting two days", "en"),
        ("demain à cinq heures", "fr"),
        ("", "zh"),
    ],
)
def test_no_time_is_made_up(text, language):
    assert due_times(text, now=NOW, language=language) == ()


def test_the_words_are_exact():
    text = "好的，我今天下午六点前给您回电。"
    found = only(text, "zh")
    assert text[found.start : found.end] == found.text == "今天下午六点"


def test_a_later_clock_time_keeps_the_day_named_before():
    found = due_times("明天四点前上门，六点前我给您回电", now=NOW, language="zh")
    assert [f"{item.latest:%d %H:%M}" for item in found] == ["19 16:00", "19 18:00"]
    assert [item.text for item in found] == ["明天四点", "六点"]
