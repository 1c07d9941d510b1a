"""The frame language: what a frame matches, its anchors, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import ScorecardError
from scoring.matching.anchors import anchors, spoken_weight
from scoring.matching.compiling import Script, compile_frame
from scoring.matching.frames import parse_frame

SETS = {"help": "帮|帮助|协助", "now": "马上|立刻"}


def compiled(source, language="zh", *, strict=False, slots=None):
    node = parse_frame(source, language=language, sets=SETS)
    script = Script(spell=str, han="[一-龥]", strict=strict, slots=slots or {})
    return compile_frame(node, language=language, script=script)


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("请问 贵姓", "请问贵姓", "请问贵姓"),
        ("请问 [你] 贵姓", "请问你贵姓", "请问你贵姓"),
        ("请问 [你|您] 贵姓", "请问,贵姓", "请问,贵姓"),
        ("(查|看) 一下", "我看一下", "看一下"),
        ("有什么 ~4 {help}", "有什么可以协助", "有什么可以协助"),
        ("有什么 ~2 {help}", "有什么我们可以协助", None),
        ("工号 {num} 为你", "工号1023为你服务", "工号1023为你"),
        ("我叫 {name} $", "我叫李明", "我叫李明"),
        ("^ 不行 $", "不行,没办法", "不行"),
        ("^ 不行 $", "这样行不行", None),
        ("^^ 好的 $", "嗯,好的", None),
        ("滚 $$", "滚.", "滚"),
        ("滚 $$", "滚,再说", None),
        ("不知道 !>你", "我不知道你是谁", None),
        ("!<不能 保证", "不能保证", None),
        ("!<不能 保证", "我保证", "保证"),
        ("检查 ~ 灯", "检查.灯", "检查.灯"),
    ],
)
def test_chinese_frames(source, text, found):
    match = compiled(source).search(text)
    assert (match and match[0].rstrip(",.")) == found


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("how (can|may) I help", "how can i help you", "how can i help"),
        ("I'm calling from", "i am calling from", "i am calling from"),
        ("can ~2 help", "can i really help", "can i really help"),
        ("can ~1 help", "can i really help", None),
        ("help", "helping", None),
        ("process+ it", "we processed it", "processed it"),
        ("arrange+ it", "arranging it", "arranging it"),
        ("reply+ now", "replied now", "replied now"),
        ("sorry what", "sorry, what", "sorry, what"),
        ("^ maybe $", "well, maybe.", "maybe"),
        ("^ maybe $", "maybe we can", None),
        ("not possible !>to", "not possible to miss", None),
        ("!<never guarantee", "never guarantee", None),
        ("my name is {name}", "my name is jennifer lee", "my name is jennifer lee"),
        ("within {num} hours", "within 24 hours", "within 24 hours"),
    ],
)
def test_english_frames(source, text, found):
    match = compiled(source, "en").search(text)
    assert (match and match[0].strip(" ,.")) == found


def test_forbidden_frames_do_not_read_across_sentences():
    assert compiled("解决 不了", strict=False).search("解决.不了")
    assert not compiled("解决 不了", strict=True).search("解决.不了")
    assert compiled("解决 不了", strict=True).search("解决,不了")


def test_company_names_of_the_site_fill_the_company_slot():
    plain = compiled("这里是 {company} 热线", slots={})
    named = compiled("这里是 {company} 热线", slots={"company": ("星",)})
    assert not plain.fullmatch("这里是星热线")
    assert named.fullmatch("这里是星热线")


@pytest.mark.parametrize(
    ("source", "language", "strings", "before"),
    [
        ("工号 ~ 贵姓", "zh", {"工号"}, 0),
        ("~3 {num} (查|看)一下", "zh", {"查一下", "看一下"}, 15),
        ("[好] (帮|给) 你 ~9 查", "zh", {"查"}, 12),
        ("~2 (帮|给) 你 查", "zh", {"帮你查", "给你查"}, 2),
        ("how (can|may) I help", "en", {"how can i help", "how may i help"}, 0),
        ("(I|we) ~2 apologise", "en", {"apologise"}, 3),
        ("process+ the refund", "en", {"the refund"}, 1),
        ("[好] ~3", "zh", set(), 0),
    ],
)
def test_anchors_are_strings_every_match_contains(source, language, strings, before):
    found = anchors(parse_frame(source, language=language, sets=SETS), language=language)
    assert found.strings == strings
    assert found.before == before


@pytest.mark.parametrize(
    ("source", "weight"),
    [("工号 {num}", 4.0), ("(查|核实) 你", 0.8), ("[真的] 非常抱歉", 4.0), ("~5", 0.0)],
)
def test_only_frames_with_enough_sound_may_match_by_sound(source, weight):
    assert spoken_weight(parse_frame(source, language="zh", sets={})) == pytest.approx(weight)


@pytest.mark.parametrize(
    "source", ["(a", "a)", "[a", "a]", "{nope}", "{a", "a}", "，", "好?", "{loop}", "！"]
)
def test_a_broken_frame_is_refused_with_its_place(source):
    with pytest.raises(ScorecardError) as error:
        parse_frame(source, language="zh", sets={"loop": "{loop}"}, place="x.yaml:3")
    assert "x.yaml:3" in str(error.value)


@given(st.text("(a|b)[]~{}^$!<>好 9+", max_size=12), st.sampled_from(["zh", "en"]))
def test_any_text_is_a_frame_or_an_error(source, language):
    try:
        node = parse_frame(source, language=language, sets={})
    except ScorecardError:
        return
    script = Script(spell=str, han="[一-龥]", strict=True, slots={})
    compile_frame(node, language=language, script=script).search("好ab 好")
    anchors(node, language=language)
