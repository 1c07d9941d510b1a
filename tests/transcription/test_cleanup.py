"""What nobody said goes, with a count; what somebody said stays."""

from __future__ import annotations

import pytest

from qa.transcript import Word
from transcription.cleanup import clean, plain_text
from transcription.protocols import HeardSegment, Span
from transcription.repeats import compression, is_loop


def heard(text, *, start=1_000, end=3_000, confidence=0.8, tokens=None, **options):
    """A segment whose words are its characters (zh) or words (en), evenly spread."""
    tokens = tokens or ([f" {word}" for word in text.split()] if text.isascii() else list(text))
    step = (end - start) / max(len(tokens), 1)
    words = tuple(
        Word(
            text=token,
            start_ms=round(start + i * step),
            end_ms=round(start + (i + 1) * step),
            confidence=confidence,
        )
        for i, token in enumerate(tokens)
    )
    return HeardSegment(text=text, start_ms=start, end_ms=end, words=words, **options)


EVERYWHERE = [Span(start_ms=0, end_ms=600_000)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("字幕由 Amara.org 社群提供", "boilerplate"),
        ("字幕by索兰娅", "boilerplate"),
        ("請不吝點贊訂閱轉發打賞支持明鏡與點點欄目", "boilerplate"),
        ("请不吝点赞 订阅 转发 打赏支持明镜与点点栏目", "boilerplate"),
        ("谢谢观看", "boilerplate"),
        ("感谢大家的收看", "boilerplate"),
        ("中文字幕志愿者 李宗盛", "boilerplate"),
        ("Thanks for watching!", "boilerplate"),
        ("Thank you so much for watching.", "boilerplate"),
        ("Subtitles by the Amara.org community", "boilerplate"),
        ("Please like and subscribe to my channel", "boilerplate"),
        ("See you in the next video.", "boilerplate"),
        ("（音乐播放中）", "caption"),
        ("[Music]", "caption"),
        ("(upbeat music)", "caption"),
        ("♪♪♪", "caption"),
        ("...", "caption"),
        ("*laughs*", "caption"),
    ],
)
def test_captions_and_credits_go(text, reason):
    cleaned = clean([heard(text)], speech=EVERYWHERE)
    assert cleaned.segments == ()
    assert reason in cleaned.dropped
    assert f"dropped_{reason}" in cleaned.flags


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "谢谢您的来电",
        "好的好的好的",
        "对对对对对",
        "没有没有没有",
        "感谢您的耐心等待",
        "我想订阅宽带套餐",
        "那个字幕一直不显示",
        "请您关注一下短信",
        "Thank you.",
        "Thank you for calling, have a great day.",
        "No no no no, that's fine.",
        "I'd like to subscribe to the newspaper",
        "Thanks for your help.",
        "bye bye",
        "1 1 1 1 2 2 2 2",
        "幺三八零零零零零零零零",
    ],
)
def test_what_people_say_stays(text):
    cleaned = clean([heard(text)], speech=EVERYWHERE)
    assert [segment.text for segment in cleaned.segments] == [text]
    assert cleaned.flags == ()


def test_text_that_the_recogniser_doubts_anybody_spoke_goes():
    fake = heard("I'm sorry, I'm sorry", no_speech=0.8, mean_logprob=-0.9)
    real = heard("I'm sorry about that", no_speech=0.03, mean_logprob=-0.9)
    sure = heard("Thank you", no_speech=0.6, mean_logprob=-0.2)
    cleaned = clean([fake, real, sure], speech=EVERYWHERE)
    assert cleaned.segments == (real, sure)
    assert cleaned.dropped == {"no_speech": 1}


def test_text_outside_speech_goes():
    inside = heard("hello there", start=1_000, end=2_000)
    outside = heard("hello again", start=10_000, end=12_000)
    cleaned = clean([inside, outside], speech=[Span(start_ms=900, end_ms=2_100)])
    assert cleaned.segments == (inside,)
    assert clean([inside, outside], speech=None).segments == (inside, outside)
    assert clean([inside], speech=[]).segments == ()


def test_loops_are_cut_to_what_was_said_once():
    looped = heard("我想查一下" + "我想查一下我的账单" * 8, end=30_000)
    cleaned = clean([looped], speech=EVERYWHERE)
    assert [segment.text for segment in cleaned.segments] == ["我想查一下我想查一下我的账单"]
    assert cleaned.dropped == {"repeat": 1}
    assert cleaned.segments[0].words[-1].text == "单"
    english = heard("I see. " + "you know what I mean, " * 7 + "right", end=20_000)
    kept = clean([english], speech=EVERYWHERE).segments[0].text
    assert kept.count("you know what I mean") == 1
    assert kept.startswith("I see.")


def test_a_long_uneven_loop_goes_whole():
    thue_morse = [n.bit_count() % 2 for n in range(32)]  # never three times the same
    text = "".join(["我们一起去,", "他们不要来,"][bit] for bit in thue_morse)
    assert is_loop(text)
    assert clean([heard(text, end=60_000)], speech=EVERYWHERE).segments == ()


def test_compression_tells_loops_from_sentences():
    assert compression("") == 0.0
    assert compression("您好，这里是星河宽带客服中心，请问有什么可以帮您？") < 1.5
    assert compression("谢谢" * 60) > 2.4


@pytest.mark.parametrize(
    ("text", "length_ms", "kept"),
    [
        ("请不要挂机我马上为您转接到人工服务台", 3_000, True),
        ("请不要挂机我马上为您转接到人工服务台", 900, False),
        ("谢谢您", 100, True),
        ("this is far more than anybody could ever say", 700, False),
        ("this is far more than anybody could ever say", 2_500, True),
    ],
)
def test_nobody_speaks_that_fast(text, length_ms, kept):
    segment = heard(text, start=1_000, end=1_000 + length_ms)
    speech = [Span(start_ms=1_000, end_ms=1_000 + length_ms)]
    cleaned = clean([segment], speech=speech)
    assert bool(cleaned.segments) is kept
    assert ("too_fast" in cleaned.dropped) is not kept


def test_words_nobody_believes_in_go():
    assert clean([heard("uh the of", confidence=0.05)], speech=EVERYWHERE).dropped == {"guess": 1}


def test_the_primed_list_read_out_is_a_leak_but_one_name_is_an_answer():
    names = ["星河宽带", "星河卡"]
    leak = clean([heard("星河宽带，星河卡")], speech=EVERYWHERE, hotwords=names)
    assert leak.dropped == {"prompt_leak": 1}
    assert clean([heard("星河宽带")], speech=EVERYWHERE, hotwords=names).segments


def test_a_caption_inside_speech_takes_only_itself():
    segment = heard("好的（音乐）请讲", tokens=["好", "的", "（", "音", "乐", "）", "请", "讲"])
    cleaned = clean([segment], speech=EVERYWHERE)
    assert cleaned.segments[0].text == "好的请讲"
    assert "".join(word.text for word in cleaned.segments[0].words) == "好的请讲"
    assert cleaned.dropped == {"caption": 1}


def test_nothing_heard_gives_nothing():
    assert clean([], speech=EVERYWHERE).segments == ()


def test_plain_text():
    assert plain_text("請不吝點贊，訂閱！") == "请不吝点赞订阅"
    assert plain_text("Thanks,  for watching!") == "thanks for watching"
    assert plain_text("帮您 check 一下") == "帮您check一下"
