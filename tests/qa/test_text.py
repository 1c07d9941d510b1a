"""Normalising for matching: what a text becomes, and the way back to what is shown."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qa.text import count_units, drop_breaks, has_han, kept_positions, normalise, to_simplified

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)  # lone surrogates included
SPEECH = st.text(
    st.sampled_from("您好一二三十百千万两幺〇百分之点个天嗯啊，。？“”12.5,-'a mIonehundrdp%👍é \n"),
    max_size=40,
)


@pytest.mark.parametrize(
    ("shown", "matched"),
    [
        ("您好，感謝您的來電！", "您好,感谢您的来电."),
        ("ＡＢＣ　１２３", "abc 123"),
        ("工号一零二三为您服务", "工号1023为您服务"),
        ("工号一千零二十三", "工号1023"),
        ("工号１０２３", "工号1023"),
        ("手机尾号幺三八", "手机尾号138"),
        ("二十四小时内", "24小时内"),
        ("等两分钟", "等2分钟"),
        ("百分之百", "100%"),
        ("百分之九十九点五", "99.5%"),
        ("请等1下", "请等一下"),
        ("三五天，千万别急", "三五天,千万别急"),
        ("一五一十地说", "一五一十地说"),
        ("十分感谢", "十分感谢"),
        ("嗯，您说", "您说"),
        ("呃，这个啊，好的呀", "这个,好的"),
        ("嗯", "嗯"),
        ("您 好", "您好"),
        ("帮您 check 一下", "帮您check一下"),
        ("您说的“办不了”是哪一步", '您说的"办不了"是哪一步'),
        ("I'm sorry, it won't work", "i am sorry, it will not work"),
        ("dont worry, youre fine", "do not worry, you are fine"),
        ("that's one hundred and five dollars", "that is 105 dollars"),
        ("agent one zero two three", "agent 1023"),
        ("twenty-four hours", "24 hours"),
        ("a hundred per cent", "100%"),
        ("one moment please", "one moment please"),
        ("call me at five p.m. Mr. Lee", "call me at 5 pm mr lee"),
        ("um, uh, okay", "ok"),
        ("a one-star review", "a one star review"),
        ("Café déjà vu", "cafe deja vu"),
        ("1,000.50元", "1000.50元"),
        ("好的👍🏽谢谢😀", "好的谢谢"),
        ("a\x00b\u200bc", "a bc"),
        ("……", ""),
        ("", ""),
    ],
)
def test_a_text_becomes_comparable(shown, matched):
    assert normalise(shown).text == matched


@pytest.mark.parametrize(
    ("shown", "matched", "source"),
    [
        ("工号一零二三。", "1023", "一零二三"),
        ("您好，Ｇ４網絡", "g4网络", "Ｇ４網絡"),
        ("👍好的", "好的", "好的"),
        ("I can't do it", "can not", "can't"),
        ("ab é ok", "e", "é"),
        ("请 您　稍等", "请您稍等", "请 您　稍等"),
    ],
)
def test_a_find_points_back_to_what_is_shown(shown, matched, source):
    result = normalise(shown)
    start = result.text.index(matched)
    begin, end = result.span(start, start + len(matched))
    assert shown[begin:end] == source


@given(ANY_TEXT | SPEECH)
@example("\ud800您好")
@example("ﷺ㎏½")
@example("İstanbul ß")
def test_every_character_has_a_source_inside_the_text(shown):
    result = normalise(shown)
    assert len(result.text) == len(result.starts) == len(result.ends)
    for start, end in zip(result.starts, result.ends, strict=True):
        assert 0 <= start < end <= len(shown)
    assert list(result.starts) == sorted(result.starts)
    assert list(result.ends) == sorted(result.ends)


@given(ANY_TEXT | SPEECH)
def test_breaks_are_single_and_never_lead(shown):
    text = normalise(shown).text
    assert not any(pair in text for pair in (",,", "..", "??", "  ", ",.", "? ?"))
    assert not text.startswith((",", ".", "?", " "))


@given(SPEECH)
def test_without_breaks_agrees_with_the_whole(shown):
    whole = normalise(shown)
    bare = whole.without_breaks()
    assert bare.text == drop_breaks(whole.text)
    assert [whole.text[place] for place in kept_positions(whole.text)] == list(bare.text)
    assert len(bare.text) == len(bare.starts) == len(bare.ends)


@given(ANY_TEXT)
def test_simplifying_keeps_every_position(shown):
    assert len(to_simplified(shown)) == len(shown)


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("客戶服務", "客户服务"),
        ("麵條和面子", "面条和面子"),
        ("您接著說，我聽著", "您接着说，我听着"),
        ("著名的原著很顯著，著急", "著名的原著很显著，着急"),
        ("裏面、裡面、臺灣、后面", "里面、里面、台湾、后面"),
        ("ok\ud800頭髮", "ok\ud800头发"),
        ("", ""),
    ],
)
def test_traditional_becomes_simplified(traditional, simplified):
    assert to_simplified(traditional) == simplified


def test_an_empty_span_stays_empty():
    assert normalise("").span(0, 0) == (0, 0)
    assert normalise("您好").span(1, 1) == (1, 1)
    assert normalise("您好").span(2, 2) == (2, 2)


@pytest.mark.parametrize(
    ("text", "language", "units"),
    [
        ("您好，工号1023。", "zh", 8),
        ("帮您check一下", "zh", 5),
        ("I'm here, it's $10.50 - wi-fi's on", "en", 6),
        ("您好 hello", "en", 3),
        ("😀！？", "zh", 0),
        ("", "en", 0),
    ],
)
def test_speech_units_are_counted_as_the_norms_count_them(text, language, units):
    assert count_units(text, language) == units


def test_han_is_recognised_anywhere():
    assert has_han("abc好")
    assert not has_han("abc, 123")
